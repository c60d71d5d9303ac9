"""Uploaded product files: a preview of their import, and the import.

A preview is the import itself, rolled back. The import makes the preview once more behind the lock
of all writers and writes only if the digests agree, so that it does what was shown. Uploads wait in
a table, as workers share nothing but the database. An uploaded product follows a file from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from releases.formats.errors import FormatError, FormatProblem
from releases.models import Product, Source, Upload
from releases.models.revision import bump_revision
from releases.services.imports.import_products import import_texts
from releases.services.imports.import_run import Outcome, Result

PART: Final = 100
"""So many files that change something are looked at together, the rest behind them."""
MAX_LOCAL_EDITS: Final = 500
"""With more values to decide about than these no further file is looked at."""
KEPT_FOR: Final = timedelta(days=1)

_TAKEN: Final = (Result.CREATED, Result.UPDATED)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of some files of an upload, the first ones.

    `outcomes` are those of files that are not unchanged, which are only counted; `later` counts
    files that nobody has looked at yet. `moving` are the products that follow the bundled catalogue
    now, and would follow a file.
    """

    outcomes: tuple[Outcome, ...]
    unchanged: int
    later: int
    moving: frozenset[str]

    @property
    def takeable(self) -> list[Outcome]:
        """Those that would change the catalogue."""
        return [outcome for outcome in self.outcomes if outcome.result in _TAKEN]

    @property
    def digest(self) -> str:
        """The same for previews that say the same, and only for those."""
        said = (self.outcomes, self.unchanged, self.later)
        return sha256(repr(said).encode()).hexdigest()


class PreviewChangedError(Exception):
    """The preview is not the one that was shown. Nothing was written."""


def keep_upload(user: Any, texts: Mapping[str, str]) -> Upload:
    """Keeps an upload until it is looked at. Those that nobody came back to for a day go."""
    with transaction.atomic():
        Upload.objects.filter(uploaded_at__lt=timezone.now() - KEPT_FOR).delete()
        return Upload.objects.create(user=user, files=dict(texts))


def preview(files: Mapping[str, str], *, on: date) -> Preview:
    """What would become of the first of these files; nothing is written.

    Files that change nothing cost nothing but the reading of their digests.
    """
    with transaction.atomic(), bump_revision():
        bundled = Product.objects.filter(source=Source.BUNDLED).values_list("name", flat=True)
        moving = frozenset(bundled)
        outcomes: list[Outcome] = []
        unchanged = kept = 0
        for outcome in import_texts(_in_order(files), on=on):
            if outcome.result is Result.UNCHANGED:
                unchanged += 1
                continue
            outcomes.append(outcome)
            kept += len(outcome.effect.local_edits)
            if len(outcomes) >= PART or kept > MAX_LOCAL_EDITS:
                break
        transaction.set_rollback(True)
    later = len(files) - len(outcomes) - unchanged
    updated = (outcome for outcome in outcomes if outcome.result is Result.UPDATED)
    products = {outcome.former_name or outcome.product for outcome in updated}
    return Preview(tuple(outcomes), unchanged, later, moving & products)


def import_upload(
    upload: Upload,
    wanted: Collection[str],
    taken: Mapping[str, Collection[str]],
    *,
    seen: str,
    on: date,
    drafts: bool = False,
) -> list[Outcome]:
    """Imports the `wanted` files of those that a preview has shown, and forgets all of them; the
    upload, too, where no others are left.

    Of values that are kept those that are `taken`, by file, are taken over. `seen` is the digest of
    the preview. Raises `PreviewChangedError` where that is not what would be written any more, and
    `FormatError` where values cannot be taken over. Then nothing is written.
    """
    with transaction.atomic(), bump_revision():
        files: dict[str, str] = upload.files
        shown = preview(files, on=on)
        if shown.digest != seen:
            raise PreviewChangedError
        chosen = [outcome for outcome in shown.takeable if outcome.place in wanted]
        choices = {
            each.place: {
                name: name in taken.get(each.place, ()) for name in each.effect.local_edits
            }
            for each in chosen
        }
        texts = {each.place: files[each.place] for each in chosen}
        outcomes = list(import_texts(texts, on=on, choices=choices, drafts=drafts))
        if problems := [
            _problem_of(each, problem) for each in outcomes for problem in each.problems
        ]:
            raise FormatError(problems)
        _forget(upload, shown)
    return outcomes


def skip(upload: Upload, *, on: date) -> None:
    """Forgets the files of an upload that a preview shows, and takes none of them in."""
    with transaction.atomic():
        _forget(upload, preview(upload.files, on=on))


def _forget(upload: Upload, shown: Preview) -> None:
    seen = len(upload.files) - shown.later
    upload.files = dict(islice(_in_order(upload.files).items(), seen, None))
    if upload.files:
        upload.save(update_fields=["files"])
    else:
        upload.delete()


def _in_order(files: Mapping[str, str]) -> dict[str, str]:
    """By name: the database forgets the order in which they came."""
    return dict(sorted(files.items()))


def _problem_of(outcome: Outcome, problem: FormatProblem) -> FormatProblem:
    return FormatProblem(
        problem.line, ": ".join(filter(None, (outcome.place, problem.path))), problem.message
    )
