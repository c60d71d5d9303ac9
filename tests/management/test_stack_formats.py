"""The formats of a stack report for continuous integration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.management.test_check_stack_command import failure_of, output_of, write
from tests.stacks import make_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]


@pytest.fixture
def stack() -> None:
    make_catalogue()


def test_github_annotations_have_files_and_lines(tmp_path: Path) -> None:
    """Broken rules are errors; support that ends soon is a warning without a rule."""
    files = [
        write(tmp_path, "requests==1\nDjango==4.2.7\n", "requirements.txt"),
        write(tmp_path, "FROM python:3.10\nFROM python:3.10.2\n", "Dockerfile"),
    ]
    lines, _, code = failure_of(*files, fail_on=["eol"], format="github")
    assert code == 1
    assert lines == [
        f"::error file={files[0]},line=2,title=Support has ended%3A Django 4.2.7::"
        "Django 4.2.7: Ordinary support ended 7 Apr 2026. Upgrade to 6.1 now.",
        f"::warning file={files[1]},line=1,title=Support ends soon%3A Python 3.10 and 3.10.2::"
        "Python 3.10 and 3.10.2: Ordinary support until 31 Dec 2026. Upgrade to 3.14 by"
        f" 31 Dec 2026. Also in {files[1]}:2.",
        "2 judged, 1 not recorded, 0 not pinned, as of 2026-11-21.",
        "Not in the catalogue: requests 1.",
    ]


def test_github_annotations_are_escaped(tmp_path: Path) -> None:
    """Neither a file nor a component can begin another workflow command."""
    file = write(tmp_path, "a::b,100%==4\nDjango==4.2.7\n", "a,b:c%\n::error ::x.txt")
    lines = output_of(file, format="github")
    path = str(tmp_path) + "/a%2Cb%3Ac%25%0A%3A%3Aerror %3A%3Ax.txt"
    assert [line.split(",line")[0] for line in lines if line.startswith("::")] == [
        f"::warning file={path}"
    ] * 2


def test_strict_check_fails_for_unknown_and_unpinned_components(tmp_path: Path) -> None:
    file = write(tmp_path, "requests==1\npsycopg\nDjango>=4\n")
    lines, error, code = failure_of(file, strict=True, format="github")
    assert code == 1
    assert error == "--strict: not recorded: requests 1, psycopg. --strict: not pinned: Django."
    assert [line.partition(",title=")[2] for line in lines[:3]] == [
        "Not in the catalogue%3A requests 1::requests 1 is not in the catalogue.",
        "Not in the catalogue%3A psycopg::psycopg is not in the catalogue.",
        "Without a version%3A Django::The version of Django is not known."
        " Pin it, or give a lock file.",
    ]


@pytest.mark.parametrize(
    ("text", "code"), [("Django==77", 1), ("Django==5.2.1", 0), ("Django==4.2.1", 0)]
)
def test_strict_check_fails_for_a_version_that_is_not_recorded(
    tmp_path: Path, text: str, code: int
) -> None:
    """It adds no rule: software without support is known."""
    file = write(tmp_path, text)
    if code:
        assert failure_of(file, strict=True)[1:] == ("--strict: not recorded: Django 77.", 1)
    else:
        assert output_of(file, strict=True)
