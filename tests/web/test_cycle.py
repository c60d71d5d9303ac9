"""The page of a release cycle."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.models import Product
from tests.factories import make_custom_field, make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    product = make_product(aliases=["dj"], show_eoas=True, eoas_label="Bug fixes")
    make_custom_field(product, "python", label="Python", description="Which Pythons it runs on.")
    make_cycle(product, "6.2", release="2027-04", lts="yes")
    make_cycle(product, "6.0", release="2025-12-03", eoas="2026-08-04", eol="2027-04-30")
    make_cycle(
        product,
        "5.2",
        release="2025-04-02",
        eoas="2025-12-03",
        eol="2028-04-30",
        lts="yes",
        custom={"python": "3.10 - 3.14"},
        latest="5.2.19",
    )
    make_cycle(product, "5.1", release="2024-08-07", eol="2025-12-03")
    make_cycle(product, "4.2", release="2023-04-03", eol="2026-04-07", lts="yes")
    return product


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_status_milestones_and_custom_fields_are_shown(client: Client, django: Product) -> None:
    """Labels are those of the product."""
    html = text_of(client, "/django/5.2/")
    assert "Security fixes only, 526 days left, until 30 Apr 2028." in html
    assert "Active support until (Bug fixes)" in html
    assert "3.10 - 3.14" in html
    assert "Which Pythons it runs on." in html


def test_milestones_are_sorted_by_date(client: Client) -> None:
    product = make_product("node", show_eoas=True)
    make_cycle(product, "26", release="2026-05-05", lts="2026-10-28", eoas="2027-10-27", eol="no")
    html = text_of(client, "/node/26/")
    labels = (
        "Released",
        "Long-term support from",
        "Active support until",
        "Security support until",
    )
    places = [html.index(f"<dt>{label}</dt>") for label in labels]
    assert places == sorted(places)
    assert "no end announced" in html


def test_neighbours_are_linked(client: Client, django: Product) -> None:
    """The adjacent cycles, and the previous and next LTS."""
    html = text_of(client, "/django/5.2/").split('class="neighbours"')[1]
    for words, name in (
        ("Newer", "6.0"),
        ("Next LTS", "6.2"),
        ("Older", "5.1"),
        ("LTS before", "4.2"),
    ):
        assert f'{words}: <a href="/django/{name}/">Django {name}</a>' in html


def test_planned_cycle_shows_its_schedule(client: Client, django: Product) -> None:
    """Its pre-releases are listed and marked as upcoming."""
    cycle = django.cycles.get(name="6.2")
    make_release(cycle, "6.2a1", kind="alpha", date="2027-01-13")
    make_release(cycle, "6.2rc1", kind="rc", date="2027-03-31", precision="month")
    html = text_of(client, "/django/6.2/")
    assert "Planned for Apr 2027." in html
    assert ">Schedule</h2>" in html
    assert html.index("6.2rc1") < html.index("6.2a1")
    assert "alpha, feature freeze" in html
    assert "Mar 2027" in html
    assert html.count("to-come") == 2


def test_releases_are_sorted_newest_first(client: Client, django: Product) -> None:
    cycle = django.cycles.get(name="5.2")
    for version, kind in (("5.2.9", "patch"), ("5.2.10", "security"), ("5.2", "final")):
        make_release(cycle, version, kind=kind, date="2025-05-07")
    html = text_of(client, "/django/5.2/").split('id="releases"')[1]
    places = [html.index(f"<b>{version}</b>") for version in ("5.2.10", "5.2.9", "5.2")]
    assert places == sorted(places)


def test_alias_redirects_to_the_cycle(client: Client, django: Product) -> None:
    response = client.get("/dj/5.2/")
    assert (response.status_code, response["Location"]) == (301, "/django/5.2/")


@pytest.mark.parametrize("name", ["a+", "a_b", "8.0-lts", "2024 H1", "ü"])
def test_any_cycle_name_works_in_urls(client: Client, name: str) -> None:
    cycle = make_cycle(make_product(), name)
    assert client.get(cycle.get_absolute_url()).status_code == 200


def test_unknown_cycle_is_404_with_suggestions(client: Client, django: Product) -> None:
    response = client.get("/django/5.3/")
    assert response.status_code == 404
    assert b'href="/django/">Django' in response.content


def test_query_budget(
    client: Client, django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # product, tags, aliases, custom fields, identifiers, cycles, releases of the cycle
    with django_assert_num_queries(7):
        client.get("/django/5.2/")


def test_undated_milestones_have_the_words_of_the_support_table(client: Client) -> None:
    product = make_product("phone", show_discontinued=True)
    make_cycle(product, "se", release="2016-03-31", discontinued="yes", eol="2022-09-12")
    words = "yes, date not known"
    assert words in text_of(client, "/phone/")
    assert words in text_of(client, "/phone/se/")
