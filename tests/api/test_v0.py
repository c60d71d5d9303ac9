"""API v0 beyond the real products: planned cycles, edits, other files, errors and queries."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product
from releases.services.imports.import_products import BUNDLED
from tests.factories import make_custom_field, make_cycle, make_product
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db

Json = Any


def ask(client: Client, path: str, **query: str | int) -> Json:
    response = client.get(f"/api/{path}.json", query)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()


def error(client: Client, path: str, status: int) -> Json:
    response = client.get(f"/api/{path}")
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    return response.json()


def names(cycles: Json) -> list[str]:
    return [each["cycle"] for each in cycles]


# ---- planned cycles ------------------------------------------------------------------------------


def test_first_cycle_of_django_is_released(client: Client) -> None:
    """Clients do not expect the announced calendar versions of the bundled catalogue."""
    import_files(BUNDLED / "django.md")
    found = ask(client, "django")
    assert names(found)[:2] == ["6.1", "6.0"]
    assert error(client, "django/6.2.json", 404)["message"] == "There is no release cycle “6.2”."
    assert not any("precision" in each or "releases" in each for each in found)


def test_planned_cycles_are_included_on_request(client: Client) -> None:
    """An imprecise date is its last day."""
    import_files(BUNDLED / "django.md")
    found = ask(client, "django", planned=1)
    assert names(found)[0] == "2030"
    later = next(each for each in found if each["cycle"] == "6.2")
    assert (later["releaseDate"], later["eol"]) == ("2027-04-30", "2030-04-30")
    assert {"cycle": "6.2"} | ask(client, "django/6.2", planned=1) == later


def test_cycles_of_another_day(client: Client) -> None:
    """A cycle is included from the day of its release on."""
    product = make_product()
    make_cycle(product, "6.1", release="2026-08-05")
    make_cycle(product, "5.2", release="2025-04-02")
    for on, cycles in (("2025-04-01", []), ("2026-08-04", ["5.2"]), ("2026-08-05", ["6.1", "5.2"])):
        assert names(ask(client, "django", on=on)) == cycles


# ---- values of rows and files --------------------------------------------------------------------


def test_ends_have_their_v0_keys(client: Client, tmp_path: Path) -> None:
    """Active support is always included; extended support needs a column of the product."""
    newer = cycle("2", eoas=date(2027, 1, 1), eol=date(2028, 1, 1), eoes=False)
    older = cycle("1", eoas=True, eol=True)
    import_files(write(tmp_path / "acme.md", newer, older, eoesColumn=False))
    assert [list(each.items())[2:] for each in ask(client, "acme")] == [
        [
            ("eol", "2028-01-01"),
            ("lts", False),
            ("support", "2027-01-01"),
            ("extendedSupport", True),
        ],
        [("eol", True), ("lts", False), ("support", False), ("extendedSupport", False)],
    ]


def test_extended_support_without_a_column_keeps_the_key_of_the_file(
    client: Client, tmp_path: Path
) -> None:
    """An edit that shows the column renames the key."""
    import_files(write(tmp_path / "acme.md", cycle(eoes=date(2028, 1, 1), lts=None)))
    released = {"releaseDate": "2025-01-01"}
    assert ask(client, "acme/1.0") == released | {"eoes": "2028-01-01", "lts": False}
    Product.objects.update(show_eoes=True)
    assert ask(client, "acme/1.0") == released | {"extendedSupport": "2028-01-01", "lts": False}


def test_file_with_older_keys(client: Client, tmp_path: Path) -> None:
    """It has the keys of v0 already."""
    newer, older = cycle("2", support=True, extendedSupport=date(2028, 1, 1)), cycle("1")
    import_files(write(tmp_path / "acme.md", newer, older, extendedSupportColumn=True))
    assert [list(each.items())[2:] for each in ask(client, "acme")] == [
        [("support", True), ("extendedSupport", "2028-01-01"), ("lts", False)],
        [("lts", False), ("extendedSupport", False)],
    ]


def test_edited_value_keeps_the_place_of_its_key(client: Client, tmp_path: Path) -> None:
    """Values without a column stay."""
    import_files(write(tmp_path / "acme.md", cycle(eol=True, outOfOrder=True, codename="Old")))
    row = Product.objects.get().cycles.get()
    row.eol, row.codename, row.latest = parse_milestone("2028-04"), "", "1.0.1"
    row.save()
    assert list(ask(client, "acme/1.0").items()) == [
        ("releaseDate", "2025-01-01"),
        ("eol", "2028-04-30"),
        ("outOfOrder", True),
        ("latest", "1.0.1"),
        ("lts", False),
    ]


def test_cycle_added_here_has_its_keys_in_the_usual_order(client: Client, tmp_path: Path) -> None:
    import_files(write(tmp_path / "acme.md", cycle("1.0")))
    product = Product.objects.get()
    make_cycle(product, "a+b_c d", release="2026-01-01", eol="no", no_link=True, position=-1)
    assert names(ask(client, "acme")) == ["a+b_c d", "1.0"]
    assert list(ask(client, "acme/a%2Bb_c d").items()) == [
        ("releaseDate", "2026-01-01"),
        ("eol", False),
        ("link", None),
        ("lts", False),
    ]


def test_product_created_here(client: Client) -> None:
    """It has no file."""
    product = make_product("payroll", show_eoes=True)
    make_custom_field(product, "owner")
    make_cycle(product, "1", custom={"owner": "Ann"}, lts="yes")
    assert ask(client, "payroll") == [
        {"cycle": "1", "lts": True, "owner": "Ann", "extendedSupport": False}
    ]


def test_unreadable_stored_file_removes_no_value(client: Client) -> None:
    make_cycle(make_product(file_text="<html>"), eol="no")
    assert ask(client, "django/5.2") == {"eol": False, "lts": False}


def test_templates_stay_unrendered(client: Client, tmp_path: Path) -> None:
    """Labels and links are those of the file."""
    keys = {"releaseLabel": "<b>__RELEASE_CYCLE__</b>", "link": "https://acme.test/__LATEST__"}
    import_files(
        write(tmp_path / "acme.md", cycle(**keys), changelogTemplate="https://acme.test/{{5}}")
    )
    found = ask(client, "acme/1.0")
    assert {key: found[key] for key in keys} == keys


# ---- URLs and errors -----------------------------------------------------------------------------


def test_product_names_are_sorted(client: Client) -> None:
    assert ask(client, "all") == []
    for name in ("zope", "acme-2", "acme"):
        make_product(name)
    assert ask(client, "all") == ["acme", "acme-2", "zope"]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("dj.json", "django.json"),
        ("dj.json?planned=1", "django.json?planned=1"),
        ("dj/5.2.json", "django/5.2.json"),
        ("dj/a+b c.json/?on=2027-01-01", "django/a+b%20c.json/?on=2027-01-01"),
    ],
)
def test_alias_is_redirected_permanently(client: Client, path: str, target: str) -> None:
    """The query string is kept."""
    make_product(aliases=["dj"])
    response = client.get(f"/api/{path}")
    assert (response.status_code, response["Location"]) == (301, f"/api/{target}")


@pytest.mark.parametrize("path", ["all.json", "django.json", "django/5.2.json"])
def test_trailing_slash_is_optional(client: Client, path: str) -> None:
    """There is no redirect."""
    make_cycle(make_product())
    one, other = client.get(f"/api/{path}"), client.get(f"/api/{path}/")
    assert one.status_code == other.status_code == 200
    assert one.content == other.content


@pytest.mark.parametrize(
    ("path", "message", "suggestions"),
    [
        ("djnago.json", "There is no product “djnago”.", ["django"]),
        ("djnago/5.2.json", "There is no product “djnago”.", ["django"]),
        ("django/5.22.json", "There is no release cycle “5.22”.", ["5.2"]),
    ],
)
def test_unknown_name_is_not_found(
    client: Client, path: str, message: str, suggestions: list[str]
) -> None:
    """The error suggests similar names."""
    make_cycle(make_product())
    found = error(client, path, 404)
    assert (found["message"], found["suggestions"]) == (message, suggestions)


@pytest.mark.parametrize("path", ["django.json", "django/5.2.json"])
@pytest.mark.parametrize("query", ["on=tomorrow", "on=2026-02-30", "planned=perhaps"])
def test_invalid_parameters_are_reported(client: Client, path: str, query: str) -> None:
    """The status is 400."""
    make_cycle(make_product())
    found = error(client, f"{path}?{query}", 400)
    assert [each["name"] for each in found["problems"]] == [query.partition("=")[0]]


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # the names
        ("all", 1),
        # the product, its custom fields, its cycles and their releases
        ("acme-0", 4),
        ("acme-0/1", 4),
    ],
)
def test_query_count_does_not_depend_on_the_number_of_rows(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
    path: str,
    queries: int,
) -> None:
    for number in range(count):
        product = make_product(f"acme-{number}")
        for name in range(count):
            make_cycle(product, str(name + 1), release="2025-01-01", custom={"owner": "Ann"})
    with django_assert_num_queries(queries):
        ask(client, path)
