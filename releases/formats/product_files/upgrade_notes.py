"""Parser for files of upgrade notes: YAML front matter with a list `notes`, one file a product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from releases.domain import limits, names
from releases.domain.upgrade.notes import Severity, bad_range
from releases.formats.errors import FormatError
from releases.formats.product_files.fields import Field, ProblemLog
from releases.formats.product_files.front_matter import read_front_matter


@dataclass(frozen=True, slots=True)
class UpgradeNoteRecord:
    """A note of a file. The fields are named like those of the model."""

    key: str
    title: str
    text: str
    severity: Severity
    from_cycle: str
    to_cycle: str
    runtime: str = ""


def read_upgrade_notes(text: str) -> list[UpgradeNoteRecord]:
    """Return the notes of a file in its order. Raises `FormatError` with all that is wrong."""
    source = read_front_matter(text)
    log = ProblemLog(source)
    records = list(_records(Field(source.data, (), log)["notes"]))
    if log.problems:
        raise FormatError(log.problems)
    return records


def _records(notes: Field) -> Iterator[UpgradeNoteRecord]:
    seen: set[str] = set()
    for item in notes.mappings():
        key = item["key"].name()
        first = item["from"].name(names.bad_cycle_name)
        last = item["to"].name(names.bad_cycle_name)
        title = item["title"].text(limits.LABEL).strip()
        severity = item["severity"].choice(Severity, Severity.NOTE)
        if not key or key in seen:
            item["key"].note("A note needs a key of its own.")
        elif not title:
            item["title"].note("A note needs a title.")
        elif problem := bad_range(first, last):
            item["to"].note(problem)
        elif severity:
            seen.add(key)
            text = item["text"].text(limits.TEXT).strip()
            runtime = item["runtime"].text(limits.NAME).strip()
            yield UpgradeNoteRecord(key, title, text, severity, first, last, runtime)
