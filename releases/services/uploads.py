"""Uploaded product files, OpenEoX documents and CycloneDX files: a preview, and the import.

A preview is the import itself, rolled back. The import makes the preview again while it locks out
all other writers and writes only if the digests agree, so it does what was shown. Uploads are
stored in a table, as workers share only the database. The products follow their uploaded files from
then on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack.content import Content
from releases.formats.uploads import is_bill
from releases.models import Product, Source, Upload
from releases.models.revision import bump_revision
from releases.services.editing.import_bills import BillOutcome, import_bill
from releases.services.imports.import_products import import_texts
from releases.services.imports.import_run import Outcome, Result
from releases.services.imports.merge import NO_CHOICES, Choices
from releases.services.imports.openeox import StatementImport

MAX_FILES: Final = 100
"""Maximum number of files with changes in one preview."""
MAX_LOCAL_EDITS: Final = 500
"""Number of local edits after which a preview takes no further file."""
MAX_UNUSED: Final = 50
"""Maximum number of statements of a CycloneDX file that are listed as not used."""
RETENTION: Final = timedelta(days=1)

_IMPORTED: Final = (Result.CREATED, Result.UPDATED)


@dataclass(frozen=True, slots=True)
class Preview:
    """The effects of importing the first files of an upload.

    Attributes:
        outcomes: The outcomes of files that are not unchanged.
        unchanged: The number of unchanged files.
        later: The number of files for a later preview.
        moving: The products that follow the bundled catalogue now, and would follow a file.
    """

    outcomes: tuple[Outcome, ...]
    unchanged: int
    later: int
    moving: frozenset[str]

    @property
    def importable(self) -> list[Outcome]:
        """The outcomes that would change the catalogue."""
        return [outcome for outcome in self.outcomes if outcome.result in _IMPORTED]

    @property
    def digest(self) -> str:
        """A digest that is equal for equal previews only."""
        content = (self.outcomes, self.unchanged, self.later)
        return sha256(repr(content).encode()).hexdigest()


class PreviewChangedError(Exception):
    """The preview differs from the one that was shown. Nothing was written."""


def store_upload(user: Any, texts: Mapping[str, str]) -> Upload:
    """Store an upload for a preview, and delete uploads that are older than a day."""
    with transaction.atomic():
        Upload.objects.filter(uploaded_at__lt=timezone.now() - RETENTION).delete()
        return Upload.objects.create(user=user, files=dict(texts))


def preview(files: Mapping[str, str], *, on: date) -> Preview:
    """Return the effects of importing the first of these files; nothing is written.

    Unchanged files only have their digests computed.
    """
    with transaction.atomic(), bump_revision():
        bundled = Product.objects.filter(source=Source.BUNDLED).values_list("name", flat=True)
        moving = frozenset(bundled)
        outcomes: list[Outcome] = []
        unchanged = kept = 0
        for outcome in _import_all(_in_order(files), on=on):
            if outcome.result is Result.UNCHANGED:
                unchanged += 1
                continue
            outcomes.append(outcome)
            kept += len(outcome.effect.local_edits)
            if len(outcomes) >= MAX_FILES or kept > MAX_LOCAL_EDITS:
                break
        transaction.set_rollback(True)
    later = len(files) - len(outcomes) - unchanged
    updated = (
        outcome
        for outcome in outcomes
        if outcome.result is Result.UPDATED and _is_product_file(outcome.place)
    )
    products = {outcome.former_name or outcome.product for outcome in updated}
    return Preview(tuple(outcomes), unchanged, later, moving & products)


def import_upload(
    upload: Upload,
    wanted: Collection[str],
    accepted: Mapping[str, Collection[str]],
    *,
    seen: str,
    on: date,
    drafts: bool = False,
) -> list[Outcome]:
    """Import the `wanted` files of a preview and remove all files of the preview from the upload.

    The upload is deleted if no files are left.

    Args:
        upload: The upload.
        wanted: Names of the files to import.
        accepted: Names of the local edits to replace by the values of the file, by file name.
        seen: The digest of the preview that the user confirmed.
        on: Today.
        drafts: Create new products and cycles as drafts.

    Raises:
        PreviewChangedError: The preview has another digest now; nothing is written.
        FormatError: Values cannot be accepted; nothing is written.
    """
    with transaction.atomic(), bump_revision():
        files: dict[str, str] = upload.files
        shown = preview(files, on=on)
        if shown.digest != seen:
            raise PreviewChangedError
        chosen = [outcome for outcome in shown.importable if outcome.place in wanted]
        choices = {
            each.place: {
                name: name in accepted.get(each.place, ()) for name in each.effect.local_edits
            }
            for each in chosen
        }
        texts = {each.place: files[each.place] for each in chosen}
        outcomes = list(_import_all(texts, on=on, choices=choices, drafts=drafts))
        if problems := [
            _problem_of(each, problem) for each in outcomes for problem in each.problems
        ]:
            raise FormatError(problems)
        _forget(upload, shown)
    return outcomes


def skip(upload: Upload, *, on: date) -> None:
    """Remove the files of the current preview from an upload without importing them."""
    with transaction.atomic():
        _forget(upload, preview(upload.files, on=on))


def _forget(upload: Upload, shown: Preview) -> None:
    seen = len(upload.files) - shown.later
    upload.files = dict(islice(_in_order(upload.files).items(), seen, None))
    if upload.files:
        upload.save(update_fields=["files"])
    else:
        upload.delete()


def _import_all(
    files: Mapping[str, str],
    *,
    on: date,
    choices: Mapping[str, Choices] | None = None,
    drafts: bool = False,
) -> Iterator[Outcome]:
    """Import product files, OpenEoX documents, then CycloneDX files.

    Each of the former two is about one product.
    """
    products = {name: text for name, text in files.items() if _is_product_file(name)}
    yield from import_texts(products, on=on, choices=choices, drafts=drafts)
    statements = StatementImport(drafts=drafts)
    for name, text in _in_order(files).items():
        if is_bill(name, text):
            yield _outcome_of(import_bill(Content(text, name), name, on=on))
        elif name not in products:
            of_file = (choices or {}).get(name, NO_CHOICES)
            yield from statements.import_text(text, name, name, of_file)


def _outcome_of(bill: BillOutcome) -> Outcome:
    """Return the outcome of a CycloneDX file, whose dates become proposals."""
    proposals = [*bill.proposed, *(f"{draft}, as a draft" for draft in bill.drafts)]
    unused = bill.unused[:MAX_UNUSED]
    if more := len(bill.unused) - len(unused):
        unused.append(f"And {more} more.")
    result = Result.FAILED if bill.problems else Result.UPDATED if proposals else Result.LEFT
    return Outcome(
        bill.place,
        product=bill.place,
        result=result,
        problems=bill.problems,
        warnings=[FormatProblem(0, "", text) for text in unused],
        proposals=proposals,
        note="" if proposals else " ".join(["no date differs from those here.", *unused]),
    )


def _is_product_file(name: str) -> bool:
    return name.lower().endswith(".md")


def _in_order(files: Mapping[str, str]) -> dict[str, str]:
    """Return files in the order of their import, as the database does not keep it."""
    kinds = {name: (not _is_product_file(name), is_bill(name, files[name])) for name in files}
    return dict(sorted(files.items(), key=lambda each: (kinds[each[0]], each[0])))


def _problem_of(outcome: Outcome, problem: FormatProblem) -> FormatProblem:
    return FormatProblem(
        problem.line, ": ".join(filter(None, (outcome.place, problem.path))), problem.message
    )
