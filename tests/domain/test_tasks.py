"""The tasks of an upgrade."""

from __future__ import annotations

import pytest

from releases.domain.upgrade.install import Command
from releases.domain.upgrade.tasks import (
    CHECK,
    PYTEST,
    TEST,
    Kind,
    at_every_step,
    before_all,
    kind_of,
    of_database,
    of_product,
    of_runtime,
    side_by_side,
)

COMMAND = Command("pip", 'python -m pip install "Django==5.2.19"')
LINK = "https://example.org/notes"


@pytest.mark.parametrize(
    ("purls", "runtime", "category", "kind"),
    [
        (["pkg:pypi/django"], "python", "framework", Kind.DJANGO),
        (["pkg:pypi/apache-airflow"], "", "framework", Kind.PYTHON),
        ([], "python", "framework", Kind.PYTHON),
        (["pkg:npm/svelte"], "nodejs", "framework", Kind.LIBRARY),
        ([], "", "", Kind.LIBRARY),
        (["pkg:generic/python"], "", "lang", Kind.RUNTIME),
        (["pkg:docker/library/postgres"], "", "database", Kind.DATABASE),
        ([], "", "os", Kind.SYSTEM),
        (["pkg:pypi/sentry"], "python", "server-app", Kind.SERVER),
        ([], "", "service", Kind.SERVER),
        ([], "", "app", Kind.DESKTOP),
    ],
)
def test_kinds(purls: list[str], runtime: str, category: str, kind: Kind) -> None:
    assert kind_of(purls, runtime, category) is kind


def test_tasks_of_a_step_of_django() -> None:
    """What differs between steps are the notes and the command."""
    notes, install = of_product("Django 5.2", "Django 5.2.19", LINK, COMMAND)
    assert (notes.text, notes.link) == ("Read the release notes of Django 5.2.", LINK)
    assert (install.text, install.command) == ("Install Django 5.2.19.", COMMAND.text)


def test_routine_of_django_follows_its_guide() -> None:
    """The order is timeline, packages, checks, tests, deprecations, migrations, cache, deploy."""
    tasks = at_every_step(Kind.DJANGO)
    assert tasks[0].link.endswith("/internals/deprecation/")
    assert [task.command for task in tasks if task.command] == [
        CHECK,
        TEST,
        PYTEST,
        "python manage.py migrate",
    ]
    assert any("django-upgrade" in task.text for task in tasks)
    assert "Clear the cache" in tasks[-2].text
    assert tasks[-1].text.startswith("Deploy")


def test_tasks_of_a_step_of_the_runtime() -> None:
    tasks = of_runtime(Kind.DJANGO, "Python 3.12", "Python 3.12.14", "")
    assert tasks[1].text == (
        "Install Python 3.12.14, and the packages in a new virtual environment."
    )
    assert "venv" in tasks[1].command
    assert of_runtime(Kind.LIBRARY, "PHP 8.4", "", "")[1].text == "Install PHP 8.4."


def test_tasks_of_a_step_of_the_database() -> None:
    """Django has commands of its own for a small database."""
    tasks = of_database(Kind.DJANGO, "PostgreSQL 17", "pg_upgrade", LINK)
    assert "backup" in tasks[0].text
    assert "dumpdata" in tasks[2].command
    assert "loaddata" in tasks[2].command
    assert tasks[3].text.endswith("its own tool: pg_upgrade.")
    other = of_database(Kind.SERVER, "PostgreSQL 17", "", LINK)
    assert [task.command for task in other] == ["", "", ""]


def test_product_that_is_installed_anew() -> None:
    tasks = side_by_side("X 2", LINK, "new image")
    assert tasks[1].text == (
        "Install X 2 side by side with the old one, and migrate. The maker's way: new image."
    )
    assert side_by_side("X 2", LINK, "")[1].text.endswith("and migrate.")


@pytest.mark.parametrize("kind", Kind)
def test_only_django_uses_manage_py_and_only_projects_have_version_control(kind: Kind) -> None:
    tasks = [*before_all(kind, "X 1", "", None), *at_every_step(kind)]
    assert any("manage.py" in task.command for task in tasks) is (kind is Kind.DJANGO)
    assert any("version control" in task.text for task in tasks) is kind.in_project


def test_latest_patch_comes_before_the_first_step() -> None:
    tasks = before_all(Kind.DJANGO, "Django 1.11", "1.11.29", COMMAND)
    assert "version control" in tasks[0].text
    assert tasks[-1].text == "Run the latest patch of Django 1.11, which is 1.11.29."
    assert len(before_all(Kind.DJANGO, "Django 1.11", "", None)) == len(tasks) - 1
