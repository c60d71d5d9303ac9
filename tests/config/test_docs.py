"""README.md and docs/: links lead somewhere, and commands and URLs exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from tests.config.processes import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
HOOK = re.compile(r"^ *entry: .*$", re.MULTILINE)
"""The command of a hook of pre-commit, which adds the files."""
COMMAND = re.compile(r"manage\.py (\w+)([^|>#`\n\"]*)")
URL = re.compile(r"(?:`|^ {4}|\w:8000|GET )(/[^\s`?#]*)", re.MULTILINE)


def code(page: Path) -> str:
    """Return the indented and fenced code of a page."""
    text = page.read_text()
    return "\n".join(
        [*re.findall(r"^ {4}(.+)", text, re.M), *re.findall(r"```\w*\n(.*?)```", text, re.S)]
    )


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text()):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_index_lists_every_page() -> None:
    listed = re.findall(r"\]\((\w[\w-]*\.md)\)", (ROOT / "docs/README.md").read_text())
    assert sorted([*listed, "README.md"]) == sorted(p.name for p in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_have_valid_arguments(page: Path) -> None:
    """The test parses commands of the project in code blocks. Placeholders are in capitals."""
    text = HOOK.sub("", code(page))
    for name, arguments in COMMAND.findall(text):
        app = get_commands()[name]
        if app != "releases" or "[" in arguments:  # a synopsis
            continue
        command = load_command_class(app, name)
        command.create_parser("manage.py", name).parse_args(shlex.split(arguments))


@pytest.mark.parametrize("name", ["README.md", "docs/browsing.md", "docs/api.md"])
def test_urls_resolve(name: str) -> None:
    urls = set(URL.findall((ROOT / name).read_text()))
    assert urls
    for url in urls:
        resolve(url)
