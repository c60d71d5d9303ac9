"""Imports of the bundled upgrade notes, merged with local edits.

Each note has the values of its own last import. A note that was edited or deleted here stays so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from releases.formats.product_files.upgrade_notes import read_upgrade_notes
from releases.models import Product, UpgradeNote
from releases.models.history import set_change_reason
from releases.services.imports.bundled import BundledOutcome, import_bundled
from releases.services.imports.merge import merge
from releases.services.imports.values import Values, note_values

BUNDLED_NOTES = Path(__file__).resolve().parents[2] / "data" / "upgrade_notes"
"""The folder of the bundled notes: a file for each product that has any, named after it."""
FROM_NOTES = "import of upgrade notes"
"""The history reason of imported notes."""


def import_upgrade_notes(
    folder: Path = BUNDLED_NOTES, *, dry_run: bool = False
) -> Iterator[BundledOutcome]:
    """Import the notes of all existing products, as `import_bundled` does."""
    return import_bundled(folder, _import_notes, dry_run=dry_run)


def _import_notes(product: Product, text: str, outcome: BundledOutcome) -> None:
    records = read_upgrade_notes(text)
    here = {note.key: note for note in product.upgrade_notes.select_for_update()}
    past = UpgradeNote.history.filter(product=product.pk, history_type="-")
    deleted = set(past.values_list("key", flat=True)) - set(here)
    for position, record in enumerate(records, start=1):
        values = note_values(record) | {"position": position}
        if record.key in deleted:
            outcome.local_edits.append(record.key)
        elif record.key in here:
            _merge_note(here[record.key], values, outcome)
        else:
            _save(UpgradeNote(product=product, imported=values, **values))
            outcome.changed.append(record.key)


def _merge_note(note: UpgradeNote, values: Values, outcome: BundledOutcome) -> None:
    mine = note_values(note) | {"position": note.position}
    merged = merge(note.imported and {"runtime": "", **note.imported}, mine, values)
    if merged.local_edits:
        outcome.local_edits.append(note.key)
    if merged.changes:
        for name, value in merged.changes.items():
            setattr(note, name, value)
        _save(note)
        outcome.changed.append(note.key)
    if note.imported is not None and note.imported != values:
        UpgradeNote.objects.filter(pk=note.pk).update(imported=values)


def _save(note: UpgradeNote) -> None:
    set_change_reason(note, FROM_NOTES).save()
