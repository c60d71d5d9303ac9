"""The checklists of the steps of an upgrade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from releases.domain.upgrade.install import Command, is_package

CHECK = "python -Wall manage.py check"
TEST = "python -Wall manage.py test"


class Kind(StrEnum):
    """The kind of a product, which selects its checks: Django, a Python package, or other."""

    DJANGO = "django"
    PYTHON = "python"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Task:
    """An item of a checklist: a sentence, its command and a link to read more."""

    text: str
    command: str = ""
    link: str = ""


def kind_of(purls: Iterable[str], runtime: str) -> Kind:
    """Return the kind of a product from its package URLs and the name of its runtime."""
    purls = list(purls)
    if is_package(purls, "pypi", "django"):
        return Kind.DJANGO
    if runtime == "python" or is_package(purls, "pypi") or is_package(purls, "generic", "python"):
        return Kind.PYTHON
    return Kind.OTHER


def before_all(kind: Kind, name: str, patch: str, command: Command | None) -> list[Task]:
    """Return the tasks before the first step.

    `name` is the present cycle, `patch` its latest release.
    """
    first = [
        Task("Everything is under version control, on a branch of its own."),
        Task("There is a backup, and you have restored it once."),
        Task("Tests cover what must not break, and pass."),
    ]
    if patch:
        text = f"You run the latest patch of {name}, which is {patch}."
        first.append(Task(text, command.text if command else ""))
    return [*first, *_check(kind)]


def of_product(
    kind: Kind, name: str, version: str, link: str, command: Command | None
) -> list[Task]:
    """Return the tasks to upgrade the product.

    Args:
        kind: The kind of the product.
        name: The name of the new cycle: Django 5.2.
        version: The release to install; empty if none is known.
        link: The release notes of it; empty if they are not known.
        command: The command that installs it.
    """
    return [
        Task(f"Read the release notes of {name}.", link=link),
        Task(f"Pin {version or name} and install it.", command.text if command else ""),
        Task("Update packages that do not work with it yet."),
        *_check(kind),
        Task("Deploy, and watch it for a while."),
    ]


def of_runtime(kind: Kind, name: str, version: str, link: str) -> list[Task]:
    """Return the tasks to upgrade the runtime; `name` is such as Python 3.12.

    The other arguments are those of `of_product`.
    """
    text = f"Install {version or name}"
    if kind is not Kind.OTHER:
        text += ", make a new virtual environment with it, and install the requirements there"
    return [
        Task(f"Read what is new in {name}.", link=link),
        Task(f"{text}."),
        *_check(kind),
        Task("Deploy, and watch it for a while."),
    ]


def _check(kind: Kind) -> list[Task]:
    fix = Task(
        "Fix failures and deprecation warnings. The next release may drop what is deprecated."
    )
    match kind:
        case Kind.DJANGO:
            tasks = [
                Task("Let Django check the project, with all warnings on.", CHECK),
                Task("Run the tests, with all warnings on.", TEST),
            ]
        case Kind.PYTHON:
            tasks = [Task("Run the tests with all warnings on.", "python -Wall -m unittest")]
        case Kind.OTHER:
            tasks = [Task("Run the tests, and look for warnings of what is deprecated.")]
    return [*tasks, fix]
