"""docs/architecture.md names existing files and names, and stays short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.config.processes import ROOT

GUIDE = (ROOT / "docs/architecture.md").read_text()
MAX_LINES = 250
TEXTS = (".py", ".html", ".md", ".toml")
PLACEHOLDER = re.compile(r"SUBJECT|NAME_|_NAME|FORM$")
"""A placeholder, as in `views/SUBJECT.py`."""


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def is_path(text: str) -> bool:
    return re.fullmatch(r"[\w.-]+(/[\w.-]+)*(/|\.(py|md|html|svg|css|js|toml))", text) is not None


def located(path: str) -> Path | None:
    """Return the file or folder that a path of the guide leads to."""
    places = (ROOT / "releases" / path, ROOT / path)
    return next((place for place in places if place.exists()), None)


def steps() -> list[str]:
    """Return the entries of the lists, each on one line."""
    return [
        re.sub(r"\s+", " ", step)
        for step in re.findall(r"^(?:\d+\.|-) .*(?:\n {2,}.*)*", GUIDE, re.MULTILINE)
    ]


def test_guide_is_short() -> None:
    assert len(GUIDE.splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", sorted(filter(is_path, set(quoted(GUIDE)))))
def test_every_path_of_the_guide_exists(path: str) -> None:
    assert PLACEHOLDER.search(path) or located(path)


@pytest.mark.parametrize("step", [step for step in steps() if any(map(is_path, quoted(step)))])
def test_names_of_a_step_are_in_its_files(step: str) -> None:
    """A name in backticks occurs in one of the files that the same step names."""
    paths = [place for path in filter(is_path, quoted(step)) if (place := located(path))]
    if not paths:
        return  # only placeholders
    files = [file for path in paths for file in (path.rglob("*.*") if path.is_dir() else [path])]
    text = "".join(file.read_text() for file in files if file.suffix in TEXTS)
    words = [name.rpartition(".")[2] for name in quoted(step) if not is_path(name)]
    names = [word for word in words if re.fullmatch(r"\w+", word) and not PLACEHOLDER.search(word)]
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []
