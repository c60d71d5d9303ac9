"""Files of stacks as the real tools write them (pip, uv, Poetry, npm, cyclonedx-bom): they are told
apart by what is in them, and everything in them is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from releases.formats.stack import Component, Stack, read_stack

FOLDER = Path(__file__).with_name("stack_files")
"""Made by pip 23.2 (`pip freeze`), uv 0.13 (`uv lock`, `uv export` in its forms, `uv python pin`),
Poetry 2.5 (`poetry lock`), npm 11 (`npm install --package-lock-only --lockfile-version 1` to 3,
`npm sbom`) and cyclonedx-bom 7.5 (`cyclonedx-py environment`, `cyclonedx-py poetry`); only the
folders in them were renamed."""


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
"""As what each file is read, and how many components it has."""


def read(name: str) -> Stack:
    return read_stack((FOLDER / name).read_bytes())


def names(stack: Stack) -> list[str]:
    return [str(component) for component in stack.components]


@pytest.mark.parametrize("name", EXPECTED)
def test_each_is_known_and_read(name: str) -> None:
    """Without a problem; each component with a name, and of those with an index its purl."""
    stack = read(name)
    assert (stack.kind, len(stack.components)) == EXPECTED[name]
    assert stack.problems == []
    assert all(each.purl or each.name in ("cart", "till") for each in stack.components)


def test_no_file_is_left_out() -> None:
    """Every file of the folder is in the table above."""
    assert EXPECTED.keys() == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize(
    "name",
    [
        *("pip-freeze.txt", "uv-export.txt", "pyproject.toml", "pyproject-poetry.toml"),
        *("uv.lock", "poetry.lock", "pylock.toml"),
        *("environment.cdx.json", "poetry.cdx.json", "uv.cdx.json"),
    ],
)
def test_django_is_found_in_each(name: str) -> None:
    found = [each for each in read(name).components if each.purl == "pkg:pypi/django"]
    assert [each.version for each in found] == ["4.2.7"]


def test_lines_are_those_of_the_file() -> None:
    django = Component("Django", "4.2.7", "pkg:pypi/django", 4)
    assert django in read("pip-freeze.txt").components
    assert Component("django", "4.2.7", "pkg:pypi/django", 13) in read("uv-export.txt").components
    assert Component("Django", "4.2.7", "pkg:pypi/django", 7) in read("pyproject.toml").components


def test_parts_of_the_project_are_left_out() -> None:
    """They are nobody's release; where a file does not tell them apart, they have no version."""
    for name in ("uv.lock", "poetry.lock", "pylock.toml", "uv-export.txt", "package-lock-v3.json"):
        assert not {"cart", "@shop/cart", "shop"} & {each.name for each in read(name).components}


def test_ranges_pin_no_version() -> None:
    """`~=3.2.1` pins the cycle; of `>=5` nobody knows what it is today."""
    assert names(read("pyproject.toml")) == [
        "python",
        "Django 4.2.7",
        "psycopg 3.2",
        "redis",
        "cart",
        "markdown-it-py 3.0",
        "pytest",
        "types-pyyaml 6.0.12.20240917",
    ]
    assert names(read("pyproject-poetry.toml")) == [
        "python",
        "Django 4.2.7",
        "psycopg 3.2",
        "redis",
        "pytest",
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_packages_of_npm(version: int) -> None:
    """With their scopes; one that is installed under another name has its own; both releases of
    one that is there twice."""
    stack = read(f"package-lock-v{version}.json")
    by_purl = {(each.purl, each.version) for each in stack.components}
    assert ("pkg:npm/%40types/estree", "1.0.5") in by_purl
    assert ("pkg:npm/react", "16.14.0") in by_purl
    assert {("pkg:npm/bootstrap", "5.3.3"), ("pkg:npm/bootstrap", "4.6.2")} <= by_purl


def test_both_bills_of_npm_tell_the_same() -> None:
    """The lock file and the bill of materials, but for the part of the project that a bill has."""
    locked = {(each.purl, each.version) for each in read("package-lock-v3.json").components}
    billed = {(each.purl, each.version) for each in read("npm.cdx.json").components}
    assert billed ^ locked == {("pkg:npm/%40shop/cart", "1.0.0")}


def test_a_version_of_python() -> None:
    assert read("python-version").components == [
        Component("python", "3.11", "pkg:generic/python", 1, moving=True)
    ]
