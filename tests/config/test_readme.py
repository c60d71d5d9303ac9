"""What README.md and SECURITY.md list is what there is."""

from __future__ import annotations

import re

from tests.config.processes import ROOT


def listed(path: str, pattern: str) -> set[str]:
    """What stands in the first cells of the tables of a file."""
    rows = re.findall(r"^\| (.+?) \|", (ROOT / path).read_text(), re.MULTILINE)
    return {word for row in rows for word in re.findall(pattern, row)}


def test_every_variable_is_in_the_readme() -> None:
    """All that the configuration reads, and nothing else; a platform's own stand below."""
    code = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r'\b(?:text|flag|number|words|choice|slug)\(\s*["\'](\w+)', code))
    assert listed("README.md", r"`([A-Z_]{4,})`") == read - {"DYNO", "HEROKU_SLUG_COMMIT"}


def test_every_check_is_in_the_policy() -> None:
    code = (ROOT / "releases/web/checks.py").read_text()
    assert listed("SECURITY.md", r"releases\.\w+") == set(re.findall(r'id="(.+?)"', code))
