"""The layout of the template sources, and the properties of the style sheets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin as admin_package
from django.contrib.staticfiles import finders

from releases.admin.editing.preview import MEDIA

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


@pytest.mark.parametrize("name", TEMPLATES)
def test_static_files_of_a_template_exist(name: str) -> None:
    files = re.findall(r"{% static ['\"]([^'\"]+)['\"]", (FOLDER / name).read_text("utf-8"))
    assert [file for file in files if finders.find(file) is None] == []


def test_static_files_of_the_preview_exist() -> None:
    files = re.findall(r'"/static/([^"]+)"', str(MEDIA))
    assert len(files) >= 3
    assert [file for file in files if finders.find(file) is None] == []


def test_every_custom_property_is_defined() -> None:
    """A style sheet of the site uses the properties of the site, or of the admin."""
    admin = Path(admin_package.__file__).parent / "static" / "admin" / "css"
    used, defined = set(), set()
    for path in [*(settings.BASE_DIR / "static").rglob("*.css"), *admin.glob("*.css")]:
        css = path.read_text("utf-8")
        defined |= set(re.findall(r"(--[\w-]+)\s*:", css))
        if not path.is_relative_to(admin):
            used |= set(re.findall(r"var\((--[\w-]+)", css))
    assert used - defined == set()


COMPOSED = re.compile(r"(now|on)-(plate|text)|more-\d")
"""Classes that templates put together."""


def test_every_class_of_the_style_sheets_is_used() -> None:
    """It is in a template, or in the code or a script that writes markup."""
    root = settings.BASE_DIR
    places = [
        FOLDER.rglob("*.*"),
        (root / "releases").rglob("*.py"),
        (root / "static").glob("*.js"),
    ]
    text = "".join(path.read_text("utf-8") for place in places for path in place)
    words = set(re.findall(r"[\w-]+", text))
    unused = set()
    for path in (root / "static").glob("*.css"):
        css = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        selectors = re.sub(r"{[^{}]*}", "{}", css)
        found = set(re.findall(r"\.([a-z][\w-]*)", selectors)) - words
        unused |= {(path.name, name) for name in found if not COMPOSED.fullmatch(name)}
    assert unused == set()
