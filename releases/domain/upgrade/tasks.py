"""The checklists of an upgrade: before it, at every step, and at one step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from releases.domain.upgrade.install import Command, is_package

CHECK: Final = "python -Wall manage.py check"
TEST: Final = "python -Wall manage.py test"
PYTEST: Final = "PYTHONWARNINGS=always python -m pytest"
_DEPRECATIONS: Final = "https://docs.djangoproject.com/en/stable/internals/deprecation/"
_DJANGO_UPGRADE: Final = "https://django-upgrade.readthedocs.io/"


class Kind(StrEnum):
    """The kind of a product, which selects its tasks."""

    DJANGO = "django"
    PYTHON = "python"
    LIBRARY = "library"
    RUNTIME = "runtime"
    DATABASE = "database"
    SYSTEM = "system"
    SERVER = "server"
    DESKTOP = "desktop"

    @property
    def in_project(self) -> bool:
        """True if it belongs to a software project, which has tests and version control."""
        return self in (Kind.DJANGO, Kind.PYTHON, Kind.LIBRARY)

    @property
    def has_packages(self) -> bool:
        """True if a package manager or an image upgrades it with one command."""
        return self.in_project or self is Kind.RUNTIME


_CATEGORIES: Final = {
    "lang": Kind.RUNTIME,
    "database": Kind.DATABASE,
    "os": Kind.SYSTEM,
    "server-app": Kind.SERVER,
    "service": Kind.SERVER,
    "app": Kind.DESKTOP,
}
"""The kinds by category; a product of another one is a framework or a library."""


@dataclass(frozen=True, slots=True)
class Task:
    """An item of a checklist: a sentence, its command and a link to read more."""

    text: str
    command: str = ""
    link: str = ""


def kind_of(purls: Iterable[str], runtime: str, category: str = "") -> Kind:
    """Return the kind of a product from its package URLs, its runtime and its category."""
    purls = list(purls)
    if is_package(purls, "pypi", "django"):
        return Kind.DJANGO
    kind = _CATEGORIES.get(category, Kind.LIBRARY)
    if kind is Kind.LIBRARY and (runtime == "python" or is_package(purls, "pypi")):
        return Kind.PYTHON
    return kind


def before_all(kind: Kind, name: str, patch: str, command: Command | None) -> list[Task]:
    """Return the tasks before the first step.

    Args:
        kind: The kind of the product.
        name: The present cycle.
        patch: Its latest release; empty if it is not known or a step of its own.
        command: The command that installs `patch`.
    """
    tasks = [Task(text) for text in _BEFORE[kind]]
    if patch:
        text = f"Run the latest patch of {name}, which is {patch}."
        tasks.append(Task(text, command.text if command else ""))
    return tasks


def at_every_step(kind: Kind) -> list[Task]:
    """Return the routine of every step, in its order."""
    return list(_ROUTINES[kind])


def of_product(name: str, version: str, link: str, command: Command | None) -> list[Task]:
    """Return what one step of the product has beside the routine.

    Args:
        name: The name of the new cycle: Django 5.2.
        version: The release to install; empty if none is known.
        link: The release notes of the cycle; empty if they are not known.
        command: The command that installs it.
    """
    return [
        Task(f"Read the release notes of {name}.", link=link),
        Task(f"Install {version or name}.", command.text if command else ""),
    ]


def side_by_side(name: str, link: str, tool: str) -> list[Task]:
    """Return the tasks of a product that is installed anew; `tool` is the maker's way."""
    way = f" The maker's way: {tool}." if tool else ""
    return [
        Task(f"Read the release notes of {name}.", link=link),
        Task(f"Install {name} side by side with the old one, and migrate.{way}"),
    ]


def of_runtime(kind: Kind, name: str, version: str, link: str) -> list[Task]:
    """Return what one step of the runtime has beside the routine; `name` is Python 3.12."""
    tasks = [Task(f"Read what is new in {name}.", link=link)]
    if kind in (Kind.DJANGO, Kind.PYTHON):
        venv = "python -m venv .venv && .venv/bin/python -m pip install -r requirements.txt"
        text = f"Install {version or name}, and the packages in a new virtual environment."
        return [*tasks, Task(text, venv)]
    return [*tasks, Task(f"Install {version or name}.")]


def of_database(kind: Kind, name: str, tool: str, guide: str) -> list[Task]:
    """Return the tasks to upgrade the database; `name` is such as PostgreSQL 17."""
    ways = [Task(f"Upgrade to {name} by the maker's guide{f', with {tool}' if tool else ''}.")]
    if kind is Kind.DJANGO:
        ways = [
            Task("A small database can move as a file, into a new, migrated database.", _DUMP),
            Task(
                f"A large one is upgraded by its own tool{f': {tool}' if tool else ''}.", "", guide
            ),
        ]
    return [
        Task("Make a backup of the database, and restore it once."),
        Task(f"Install {name}.", link=guide),
        *ways,
    ]


_DUMP: Final = "python manage.py dumpdata > data.json  # then: python manage.py loaddata data.json"
_BACKUP: Final = "There is a backup, and you have restored it once."
_COPY: Final = "You have tried the upgrade on a copy."
_PROJECT: Final = (
    "Everything is under version control, on a branch of its own.",
    _BACKUP,
    "Tests cover what must not break, and pass.",
)
_PYTHON: Final = (
    *_PROJECT,
    "The old and the new environment can run side by side, in containers or virtual environments.",
)

_BEFORE: Final = {
    Kind.DJANGO: _PYTHON,
    Kind.PYTHON: _PYTHON,
    Kind.LIBRARY: _PROJECT,
    Kind.RUNTIME: ("The software that runs on it has tests, and they pass.",),
    Kind.DATABASE: (_BACKUP, _COPY, "Clients, drivers and extensions work with the target."),
    Kind.SYSTEM: (
        _BACKUP,
        "All updates of the present release are installed, and the machine was restarted.",
        "Software from other sources is available for the target, or is removed first.",
    ),
    Kind.SERVER: (_BACKUP, _COPY, "Plugins and clients work with the target."),
    Kind.DESKTOP: ("Your files and settings have a backup.", "Extensions work with the target."),
}

_FIX: Final = Task(
    "Fix failures and deprecation warnings. The next release may drop what is deprecated."
)
_PACKAGES: Final = Task("Update packages that do not work with it yet.")
_DEPLOY: Final = Task("Deploy, and watch it for a while.")
_WATCH: Final = Task("Watch it for a while before the next step.")

_ROUTINES: Final = {
    Kind.DJANGO: (
        Task("Read the release notes, and what the deprecation timeline ends.", "", _DEPRECATIONS),
        _PACKAGES,
        Task("django-upgrade rewrites much of the code that is deprecated.", "", _DJANGO_UPGRADE),
        Task("Let Django check the project, with all warnings on.", CHECK),
        Task("Run the tests, with all warnings on.", TEST),
        Task("With pytest, warnings are turned on in the environment.", PYTEST),
        _FIX,
        Task("Apply the migrations.", "python manage.py migrate"),
        Task("Clear the cache: objects that an older release stored may not fit."),
        _DEPLOY,
    ),
    Kind.PYTHON: (
        _PACKAGES,
        Task("Run the tests, with all warnings on.", "python -Wall -m unittest"),
        _FIX,
        _DEPLOY,
    ),
    Kind.LIBRARY: (
        _PACKAGES,
        Task("Run the tests, and look for warnings of what is deprecated."),
        _FIX,
        _DEPLOY,
    ),
    Kind.RUNTIME: (
        Task("Install the packages of your software anew, and update those that do not work yet."),
        Task("Run the tests, and look for warnings of what is deprecated."),
        _FIX,
        _DEPLOY,
    ),
    Kind.DATABASE: (
        Task("Read the release notes of every release on the way."),
        Task("Check that applications work with it: their queries, drivers and extensions."),
        Task("Make a new backup after the step."),
        _WATCH,
    ),
    Kind.SYSTEM: (
        Task("Read the release notes, known issues included."),
        Task("Restart, and check that services run and logs have no new errors."),
        _WATCH,
    ),
    Kind.SERVER: (
        Task("Read the release notes of every release on the way."),
        Task("Check plugins, integrations and logs."),
        Task("Make a new backup after the step."),
        _WATCH,
    ),
    Kind.DESKTOP: (
        Task("Read what is new."),
        Task("Open your files, and check that extensions work."),
    ),
}
