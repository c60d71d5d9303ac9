"""Files of upgrade notes."""

from __future__ import annotations

import pytest

from releases.domain.upgrade.notes import Severity
from releases.formats.errors import FormatError
from releases.formats.product_files.upgrade_notes import UpgradeNoteRecord, read_upgrade_notes


def file(*lines: str) -> str:
    return "\n".join(["---", "notes:", *lines, "---", ""])


def test_notes_keep_the_order_of_the_file() -> None:
    text = file(
        "  - key: python-3",
        '    from: "1.11"',
        '    to: "2.0"',
        "    title: Change to Python 3",
        "    severity: important",
        "    text: |",
        "      On **1.11**.",
        "  - key: tests",
        "    title: Tests first",
    )
    assert read_upgrade_notes(text) == [
        UpgradeNoteRecord(
            "python-3", "Change to Python 3", "On **1.11**.", Severity.IMPORTANT, "1.11", "2.0"
        ),
        UpgradeNoteRecord("tests", "Tests first", "", Severity.NOTE, "", ""),
    ]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["  - title: x"], "line 3: notes[0].key: A note needs a key of its own."),
        (["  - key: a", "    title: "], "line 4: notes[0].title: A note needs a title."),
        (
            ["  - {key: a, title: x}", "  - {key: a, title: y}"],
            "line 4: notes[1].key: A note needs a key of its own.",
        ),
        (
            ["  - {key: a, title: x, severity: loud}"],
            "line 3: notes[0].severity: Expected one of note, important, warning.",
        ),
        (
            ['  - {key: a, title: x, from: "2.0", to: "1.9"}'],
            "line 3: notes[0].to: The way of a note goes upwards: 1.9 is not newer than 2.0.",
        ),
        (
            ["  - {key: a, title: x, from: 2.0}"],
            "line 3: notes[0].from: Expected a text, found the number 2.0; put it in quotes.",
        ),
        (["  - {key: A B, title: x}"], "line 3: notes[0].key: “A B” is not a name"),
    ],
)
def test_problems_have_their_line(lines: list[str], problem: str) -> None:
    with pytest.raises(FormatError) as error:
        read_upgrade_notes(file(*lines))
    assert str(error.value.problems[0]).startswith(problem)
