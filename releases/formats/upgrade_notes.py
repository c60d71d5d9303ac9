"""Files of upgrade notes: YAML front matter with a list `notes`, named after their product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from releases.domain import limits, names
from releases.domain.upgrade.notes import Severity, bad_range
from releases.formats.errors import FormatError, Problem
from releases.formats.front_matter import Path, read_front_matter
from releases.formats.reader import Reader


@dataclass(frozen=True, slots=True)
class UpgradeNoteRecord:
    """A note as a file tells it. The names of the fields are those of the model."""

    key: str
    title: str
    text: str
    severity: Severity
    from_cycle: str
    to_cycle: str


def read_upgrade_notes(text: str) -> list[UpgradeNoteRecord]:
    """The notes of a file, in its order. Raises `FormatError` with everything that is wrong."""
    source = read_front_matter(text)
    problems: list[Problem] = []
    reader = Reader(source, problems)
    records = list(_records(reader))
    if problems:
        raise FormatError(problems)
    return records


def _records(reader: Reader) -> Iterator[UpgradeNoteRecord]:
    seen: set[str] = set()
    for path, item in reader.mappings(reader.source.data, ("notes",)):
        key = reader.name(reader.text(item, (*path, "key")), (*path, "key"))
        first, last = (_cycle(reader, item, (*path, end)) for end in ("from", "to"))
        title = reader.text(item, (*path, "title"), limits.LABEL).strip()
        severity = reader.text(item, (*path, "severity")) or Severity.NOTE
        if not key or key in seen:
            reader.note((*path, "key"), "A note needs a key of its own.")
        elif not title:
            reader.note((*path, "title"), "A note needs a title.")
        elif severity not in list(Severity):
            reader.note((*path, "severity"), f"Expected one of {', '.join(Severity)}.")
        elif problem := bad_range(first, last):
            reader.note((*path, "to"), problem)
        else:
            seen.add(key)
            text = reader.text(item, (*path, "text"), limits.TEXT).strip()
            yield UpgradeNoteRecord(key, title, text, Severity(severity), first, last)


def _cycle(reader: Reader, item: dict[str, object], path: Path) -> str:
    """The name of a cycle at one end of a note; empty where that is open."""
    value = reader.text(item, path)
    return reader.name(value, path, names.bad_cycle_name)
