"""Imports of the bundled upgrade notes, merged with local edits.

Notes are about the software, whatever source its dates have, so they are not part of product files.
Each note has the values of its own last import. A note that was edited or deleted here stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.parser import decode
from releases.formats.product_files.upgrade_notes import UpgradeNoteRecord, read_upgrade_notes
from releases.models import Product, Source, UpgradeNote
from releases.models.history import one_change, set_change_reason
from releases.services.imports.merge import merge
from releases.services.imports.values import Values, note_values

BUNDLED_NOTES = Path(__file__).resolve().parents[2] / "data" / "upgrade_notes"
"""The folder of the bundled notes: a file for each product that has any, named after it."""
FROM_NOTES = "import of upgrade notes"
"""The history reason of imported notes."""


@dataclass
class NotesOutcome:
    """The outcome for the notes of one product.

    `changed` are keys of notes that were created or changed, `local_edits` keys of notes that
    differ from the file because they were edited or deleted here.
    """

    product: str
    changed: list[str] = field(default_factory=list)
    local_edits: list[str] = field(default_factory=list)
    problems: list[FormatProblem] = field(default_factory=list)


def import_upgrade_notes(
    folder: Path = BUNDLED_NOTES, *, dry_run: bool = False
) -> Iterator[NotesOutcome]:
    """Import the notes of all existing products except for those created here.

    Each product is one transaction.

    Args:
        folder: The folder of the files.
        dry_run: Do everything except for writing.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.md"))}
    products = Product.objects.filter(name__in=files).exclude(source=Source.HERE).only("name")
    for product in products.order_by("name"):
        outcome = NotesOutcome(product.name)
        try:
            records = read_upgrade_notes(decode(files[product.name].read_bytes()))
            with transaction.atomic(), one_change():
                _merge_notes(product, records, outcome)
                if dry_run:
                    transaction.set_rollback(True)
        except FormatError as error:
            outcome.problems = error.problems
        yield outcome


def _merge_notes(
    product: Product, records: Iterable[UpgradeNoteRecord], outcome: NotesOutcome
) -> None:
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


def _merge_note(note: UpgradeNote, values: Values, outcome: NotesOutcome) -> None:
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
