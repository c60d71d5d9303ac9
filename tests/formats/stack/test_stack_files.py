"""Stack files of real tools (pip, uv, Poetry, npm, cyclonedx-bom).

Their kind is detected from the content, and every component is found.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from releases.formats.stack import Component, Stack, read_stack

FOLDER = Path(__file__).parents[1] / "stack_files"
"""Files of real tools, in which only the folders were renamed.

Their tools are pip 23.2 (`pip freeze`), uv 0.13 (`uv lock`, `uv export` in its forms,
`uv python pin`), Poetry 2.5 (`poetry lock`), npm 11 (`npm install --package-lock-only
--lockfile-version 1` to 3, `npm sbom`) and cyclonedx-bom 7.5 (`cyclonedx-py environment`,
`cyclonedx-py poetry`).
"""


EXPECTED = {
    "pip-freeze.txt": ("requirements.txt", 6),
    "uv-export.txt": ("requirements.txt", 10),
    "pyproject.toml": ("pyproject.toml", 8),
    "pyproject-poetry.toml": ("pyproject.toml", 5),
    "uv.lock": ("uv.lock", 17),
    "poetry.lock": ("poetry.lock", 15),
    "pylock.toml": ("pylock.toml", 8),
    "python-version": (".python-version", 1),
    "package-lock-v1.json": ("package-lock.json", 9),
    "package-lock-v2.json": ("package-lock.json", 13),
    "package-lock-v3.json": ("package-lock.json", 13),
    "environment.cdx.json": ("CycloneDX", 9),
    "poetry.cdx.json": ("CycloneDX", 13),
    "npm.cdx.json": ("CycloneDX", 14),
    "uv.cdx.json": ("CycloneDX", 9),
}
"""The detected kind and the number of components of each file."""


def read(name: str) -> Stack:
    return read_stack((FOLDER / name).read_bytes(), name)


def names(stack: Stack) -> list[str]:
    return [str(component) for component in stack.components]


@pytest.mark.parametrize("name", EXPECTED)
def test_file_is_detected_and_parsed(name: str) -> None:
    """There are no problems.

    Every component has a name, and a package URL if its kind of file has an index.
    """
    stack = read(name)
    assert (stack.kind, len(stack.components)) == EXPECTED[name]
    assert stack.problems == []
    assert all(each.purl or each.name in ("cart", "till") for each in stack.components)


def test_table_has_every_file_of_the_folder() -> None:
    assert EXPECTED.keys() == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize(
    "name",
    [
        *("pip-freeze.txt", "uv-export.txt", "pyproject.toml", "pyproject-poetry.toml"),
        *("uv.lock", "poetry.lock", "pylock.toml"),
        *("environment.cdx.json", "poetry.cdx.json", "uv.cdx.json"),
    ],
)
def test_django_is_found_in_every_file(name: str) -> None:
    found = [each for each in read(name).components if each.purl == "pkg:pypi/django"]
    assert [each.version for each in found] == ["4.2.7"]


def test_components_have_the_line_of_the_file() -> None:
    django = Component("Django", "4.2.7", "pkg:pypi/django", (4,))
    assert django in read("pip-freeze.txt").components
    assert (
        Component("django", "4.2.7", "pkg:pypi/django", (13,)) in read("uv-export.txt").components
    )
    assert (
        Component("Django", "4.2.7", "pkg:pypi/django", (7,)) in read("pyproject.toml").components
    )


def test_parts_of_the_project_are_excluded() -> None:
    """They are no published releases. Files that do not mark them give them no version."""
    for name in ("uv.lock", "poetry.lock", "pylock.toml", "uv-export.txt", "package-lock-v3.json"):
        assert not {"cart", "@shop/cart", "shop"} & {each.name for each in read(name).components}


def test_ranges_pin_no_version() -> None:
    assert names(read("pyproject.toml")) == [
        "python",
        "Django 4.2.7",
        "psycopg",
        "redis",
        "cart",
        "markdown-it-py",
        "pytest",
        "types-pyyaml 6.0.12.20240917",
    ]
    assert names(read("pyproject-poetry.toml")) == [
        "python",
        "Django 4.2.7",
        "psycopg",
        "redis",
        "pytest",
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_npm_packages(version: int) -> None:
    """Scopes are included, and aliased packages have their real name.

    Both releases of a package that is installed twice are listed.
    """
    stack = read(f"package-lock-v{version}.json")
    by_purl = {(each.purl, each.version) for each in stack.components}
    assert ("pkg:npm/%40types/estree", "1.0.5") in by_purl
    assert ("pkg:npm/react", "16.14.0") in by_purl
    assert {("pkg:npm/bootstrap", "5.3.3"), ("pkg:npm/bootstrap", "4.6.2")} <= by_purl


def test_npm_lock_file_and_bill_agree() -> None:
    """Only the bill contains the part of the project."""
    locked = {(each.purl, each.version) for each in read("package-lock-v3.json").components}
    billed = {(each.purl, each.version) for each in read("npm.cdx.json").components}
    assert billed ^ locked == {("pkg:npm/%40shop/cart", "1.0.0")}


def test_python_version() -> None:
    assert read("python-version").components == [
        Component("python", "3.11", "pkg:generic/python", (1,), moving=True)
    ]
