"""The commands that add a release and set a milestone."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from releases.models import Product, Release
from tests.factories import make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def django() -> Product:
    product = make_product("django")
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04", latest="5.2.9")
    return product


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_release_is_added() -> None:
    output = run("add_release", "django", "5.2.10", "--security", "--date", "2026-11-20")
    assert output == ("Added Django 5.2.10 (security) to 5.2. It is the latest release now.\n")
    assert Release.objects.get().date == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope", "1.0"), "There is no product “nope”."),
        (("django", "9.0"), "belongs to no release cycle"),
        (("django", "5.2.9", "--date", "soon"), "--date: “soon” is not a day"),
        (("django", "5.2.10", "--cycle", "6.0"), "has no release cycle “6.0”"),
        (("django", "5.2.10", "--notes", "x"), "--notes: A link begins with"),
        (("django", "5.2.1"), "has the release 5.2.1 already"),
    ],
)
def test_refused_releases(django: Product, arguments: tuple[str, ...], message: str) -> None:
    make_release(django.cycles.get(), "5.2.1")
    with pytest.raises(CommandError, match=message):
        run("add_release", *arguments)
    assert Release.objects.count() == 1


def test_milestone_is_set(django: Product) -> None:
    assert run("set_milestone", "django", "5.2", "eol", "2028-Q2", "--reason", "announced") == (
        "eol of Django 5.2 is 2028-Q2.\n"
    )
    cycle = django.cycles.get()
    assert cycle.history.first().history_change_reason == "announced"
    assert run("set_milestone", "django", "5.2", "eol", "", "--reason", "withdrawn") == (
        "eol of Django 5.2 is empty.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("5.2", "eol", "2020", "--reason", "x"), "before"),
        (("5.2", "eol", "soon", "--reason", "x"), "“soon” is not"),
        (("5.2", "eol", "2029", "--reason", " "), "--reason: expected 1 to 200"),
        (("9", "eol", "2029", "--reason", "x"), "has no release cycle “9”"),
        (("5.2", "end", "2029", "--reason", "x"), "invalid choice"),
    ],
)
def test_refused_milestones(django: Product, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("set_milestone", "django", *arguments)
    assert str(django.cycles.get().eol) == "Apr 2028"
