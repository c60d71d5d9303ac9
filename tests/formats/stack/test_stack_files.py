"""Stack files of real tools (pip, uv, Poetry, npm, cyclonedx-bom).

Their kind is detected from the content, and every component is found.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from releases.formats.stack import Component, Stack, read_stack

FOLDER = Path(__file__).parents[2] / "stacks"
PIP = "requirements/pip/pip-freeze.txt"
UV_EXPORT = "requirements/uv-export/requirements.txt"
PYPROJECT = "pyproject/project/pyproject.toml"
"""Files of real tools, in which only the folders were renamed.

Their tools are pip 23.2 (`pip freeze`), uv 0.13 (`uv lock`, `uv export` in its forms,
`uv python pin`), Poetry 2.5 (`poetry lock`), npm 11 (`npm install --package-lock-only
--lockfile-version 1` to 3, `npm sbom`) and cyclonedx-bom 7.5 (`cyclonedx-py environment`,
`cyclonedx-py poetry`).
"""


def read(name: str) -> Stack:
    return read_stack((FOLDER / name).read_bytes(), name)


def names(stack: Stack) -> list[str]:
    return [str(component) for component in stack.components]


def test_components_have_the_line_of_the_file() -> None:
    django = Component("Django", "4.2.7", "pkg:pypi/django", (4,))
    assert django in read(PIP).components
    assert Component("django", "4.2.7", "pkg:pypi/django", (13,)) in read(UV_EXPORT).components
    assert Component("Django", "4.2.7", "pkg:pypi/django", (7,)) in read(PYPROJECT).components


def test_parts_of_the_project_are_excluded() -> None:
    """They are no published releases. Files that do not mark them give them no version."""
    for name in (
        *("uv-lock/project/uv.lock", "poetry-lock/project/poetry.lock", UV_EXPORT),
        *("pylock/project/pylock.toml", "package-lock/v3/package-lock.json"),
    ):
        assert not {"cart", "@shop/cart", "shop"} & {each.name for each in read(name).components}


def test_ranges_pin_no_version() -> None:
    assert names(read(PYPROJECT)) == [
        "python",
        "Django 4.2.7",
        "psycopg",
        "redis",
        "cart",
        "markdown-it-py",
        "pytest",
        "types-pyyaml 6.0.12.20240917",
    ]
    assert names(read("pyproject/poetry/pyproject.toml")) == [
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
    stack = read(f"package-lock/v{version}/package-lock.json")
    by_purl = {(each.purl, each.version) for each in stack.components}
    assert ("pkg:npm/%40types/estree", "1.0.5") in by_purl
    assert ("pkg:npm/react", "16.14.0") in by_purl
    assert {("pkg:npm/bootstrap", "5.3.3"), ("pkg:npm/bootstrap", "4.6.2")} <= by_purl


def test_npm_lock_file_and_bill_agree() -> None:
    """Only the bill contains the part of the project."""
    locked = {
        (each.purl, each.version) for each in read("package-lock/v3/package-lock.json").components
    }
    billed = {(each.purl, each.version) for each in read("cyclonedx/npm/bom.json").components}
    assert billed ^ locked == {("pkg:npm/%40shop/cart", "1.0.0")}


def test_python_version() -> None:
    assert read("python-version/uv/.python-version").components == [
        Component("python", "3.11", "pkg:generic/python", (1,), moving=True)
    ]
