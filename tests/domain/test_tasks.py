"""The tasks of an upgrade step."""

from __future__ import annotations

import pytest

from releases.domain.upgrade.install import Command
from releases.domain.upgrade.tasks import (
    CHECK,
    TEST,
    Kind,
    before_all,
    kind_of,
    of_product,
    of_runtime,
)

COMMAND = Command("pip", 'python -m pip install "Django==5.2.19"')


@pytest.mark.parametrize(
    ("purls", "runtime", "kind"),
    [
        (["pkg:pypi/django"], "python", Kind.DJANGO),
        (["pkg:pypi/apache-airflow"], "", Kind.PYTHON),
        ([], "python", Kind.PYTHON),
        (["pkg:generic/python"], "", Kind.PYTHON),
        (["pkg:npm/svelte"], "nodejs", Kind.OTHER),
        ([], "", Kind.OTHER),
    ],
)
def test_kinds(purls: list[str], runtime: str, kind: Kind) -> None:
    assert kind_of(purls, runtime) is kind


def test_tasks_of_a_step_of_django() -> None:
    """The order is notes, pin, packages, check, tests, deprecations, deploy."""
    link = "https://example.org/notes"
    tasks = of_product(Kind.DJANGO, "Django 5.2", "Django 5.2.19", link, COMMAND)
    assert (tasks[0].text, tasks[0].link) == ("Read the release notes of Django 5.2.", link)
    assert (tasks[1].text, tasks[1].command) == (
        "Pin Django 5.2.19 and install it.",
        COMMAND.text,
    )
    assert [task.command for task in tasks[2:]] == ["", CHECK, TEST, "", ""]
    assert "deprecated" in tasks[5].text
    assert tasks[-1].text.startswith("Deploy")


def test_tasks_of_a_step_of_the_runtime() -> None:
    tasks = of_runtime(Kind.DJANGO, "Python 3.12", "Python 3.12.14", "")
    assert "Install Python 3.12.14, make a new virtual environment" in tasks[1].text
    assert [task.command for task in tasks if task.command] == [CHECK, TEST]


@pytest.mark.parametrize("kind", [Kind.PYTHON, Kind.OTHER])
def test_only_django_uses_manage_py(kind: Kind) -> None:
    tasks = [
        *before_all(kind, "X 1", "", None),
        *of_product(kind, "X 2", "", "", None),
        *of_runtime(kind, "Y 2", "", ""),
    ]
    assert not any("manage.py" in task.command for task in tasks)
    assert any("Pin X 2" in task.text for task in tasks)


def test_latest_patch_comes_before_the_first_step() -> None:
    tasks = before_all(Kind.DJANGO, "Django 1.11", "1.11.29", COMMAND)
    assert "version control" in tasks[0].text
    assert "backup" in tasks[1].text
    assert "Tests" in tasks[2].text
    assert tasks[3].text == "You run the latest patch of Django 1.11, which is 1.11.29."
    assert len(before_all(Kind.DJANGO, "Django 1.11", "", None)) == len(tasks) - 1
