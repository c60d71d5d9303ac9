"""The tables of README.md and SECURITY.md are complete."""

from __future__ import annotations

import re

from tests.config.processes import ROOT


def listed(path: str, pattern: str) -> set[str]:
    """Return the texts of the first cells of a file's tables."""
    rows = re.findall(r"^\| (.+?) \|", (ROOT / path).read_text(), re.MULTILINE)
    return {word for row in rows for word in re.findall(pattern, row)}


def test_every_variable_is_in_the_readme() -> None:
    """The table has all variables of the configuration and no other.

    Variables of the platform are listed below it.
    """
    code = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    readers = "text|flag|number|words|choice|slug|colour|origin|hosts|sender|smtp"
    read = set(re.findall(rf'\b(?:{readers})\(\s*["\'](\w+)', code))
    assert listed("README.md", r"`([A-Z_]{4,})`") == read - {"DYNO", "HEROKU_SLUG_COMMIT"}


def test_every_check_is_in_the_policy() -> None:
    code = (ROOT / "releases/web/checks.py").read_text()
    assert listed("SECURITY.md", r"releases\.\w+") == set(re.findall(r'id="(.+?)"', code))
