"""Targets of the Makefile that collect tests by a marker."""

import re

import pytest

from scripts.production import ROOT


@pytest.mark.parametrize("marker", ["browser", "clients", "deploy"])
def test_target_names_the_folders_of_all_tests_with_its_marker(marker: str) -> None:
    """Collecting all other tests would take half a minute."""
    command = re.search(rf"-m {marker} (tests/.*) \$\(ARGS\)", (ROOT / "Makefile").read_text())
    assert command
    marked = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "tests").rglob("*.py")
        if f"pytest.mark.{marker}" in file.read_text() and file.name != "test_makefile.py"
    }
    folders = re.findall(r"(?<!=)tests/\S+", command[1])
    assert {name for name in marked if not name.startswith(tuple(folders))} == set()
    assert marked
