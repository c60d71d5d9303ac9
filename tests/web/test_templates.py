"""The layout of the template sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
SHAPE = re.compile("<(circle|ellipse|line|path|pattern|rect|use)[ >]")


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_lines_have_at_most_120_characters(name: str) -> None:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_lines_have_at_most_one_svg_element(name: str) -> None:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(SHAPE.findall(line)) > 1] == []
