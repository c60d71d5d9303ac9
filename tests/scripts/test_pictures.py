"""The pictures of README.md and docs/editing.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.pictures import MAX_BYTES, PICTURES, THEMES, main
from scripts.production import ROOT

PNG = b"\x89PNG\r\n\x1a\n"


def test_guide_shows_each_picture_with_alternative_text() -> None:
    guide = (ROOT / "docs" / "editing.md").read_text()
    shown = re.findall(r"!\[(.+)\]\((.+)\.png\)", guide)
    assert sorted(name for _, name in shown) == sorted(PICTURES)
    assert all(len(words) > 20 for words, _ in shown)


@pytest.mark.parametrize("name", [*THEMES, *PICTURES])
def test_pictures_are_small(name: str) -> None:
    content = (ROOT / "docs" / f"{name}.png").read_bytes()
    assert content.startswith(PNG)
    assert len(content) < MAX_BYTES


def test_invalid_arguments_print_the_usage() -> None:
    with pytest.raises(SystemExit, match="FOLDER"):
        main(["one", "two"])


@pytest.mark.browser
def test_pictures_can_be_taken_again(tmp_path: Path) -> None:
    """All of them are written to a chosen folder."""
    command = [sys.executable, "-m", "scripts.pictures", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert sorted(each.stem for each in tmp_path.iterdir()) == sorted([*THEMES, *PICTURES])
    assert all(each.read_bytes().startswith(PNG) for each in tmp_path.iterdir())
