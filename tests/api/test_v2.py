"""API v2: answers, filters and query counts."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.api.v2.parameters import CycleSort
from releases.models import Identifier, Product, ReleaseCycle
from tests.api.conftest import Ask
from tests.factories import make_custom_field, make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue() -> None:
    """Two products with cycles of every status as of 21 Nov 2026."""
    django = make_product(
        "django", label="Django", featured=1, category="framework", tags=["web"], aliases=["dj"]
    )
    make_cycle(django, "6.2", release="2027-04", eoas="2027-Q4", eol="2030-04", lts="yes")
    make_cycle(django, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    lts = make_cycle(
        django,
        "5.2",
        release="2025-04-02",
        lts="2025-04-02",
        eoas="2025-12-03",
        eol="2028-04-30",
        latest="5.2.19",
        latest_date=date(2026, 11, 4),
        link="https://example.org/5.2.19",
        custom={"python": "3.10 - 3.14"},
    )
    make_cycle(django, "4.2", release="2023-04-03", eol="2026-04-07", eoes="2026-12-31")
    make_cycle(django, "1.0", release="2008-09-03", eol="yes")
    make_custom_field(django, "python", label="Python")
    make_release(lts, "5.2.19", kind="security", date=date(2026, 11, 4))
    make_release(lts, "5.2.20", date=date(2026, 12, 31), precision="month")
    make_release(lts, "5.2.21")
    python = make_product("python", label="CPython", category="lang", tags=["web"])
    make_cycle(python, "3.14", release="2025-10-07", eol="2030-10-31")
    make_cycle(python, "3.10", release="2021-10-04", eol="2026-12-31")
    for product, type_, value in (
        (django, "purl", "pkg:pypi/django"),
        (django, "cpe", "cpe:2.3:a:djangoproject:django"),
        (python, "repology", "python"),
        (python, "purl", "pkg:docker/library/both"),
        (django, "purl", "pkg:docker/library/both"),
    ):
        Identifier.objects.create(product=product, type=type_, value=value)


def found(ask: Ask, **query: Any) -> list[str]:
    """Return the found cycles as texts such as `django 5.2`."""
    answer = ask("/api/v2/cycles?" + urlencode(query, doseq=True))
    assert answer["count"] == len(answer["items"])
    return [f"{each['product']} {each['name']}" for each in answer["items"]]


def test_cycle_has_status_milestones_and_phases(ask: Ask) -> None:
    answer = ask("/api/v2/products/django/cycles/5.2")
    assert (answer["status"], answer["lts"], answer["maintained"]) == ("security", True, True)
    assert answer["next_end"] == {
        "date": "2028-04-30",
        "precision": "day",
        "flag": None,
        "reached": False,
    }
    assert answer["milestones"]["eoas"]["reached"] is True
    assert answer["milestones"]["eoes"] is None
    assert answer["latest"] == {"version": "5.2.19", "date": "2026-11-04"}
    assert answer["latest_link"] == "https://example.org/5.2.19"
    assert answer["custom"] == {"python": "3.10 - 3.14"}
    assert answer["url"] == "http://testserver/api/v2/products/django/cycles/5.2"
    assert answer["page"] == "http://testserver/django/5.2/"


def test_cycle_says_what_openeox_leaves_out(ask: Ask) -> None:
    product = make_product("acme")
    make_cycle(product, "2", release="2026-01-01", eoas="2027-01-01", eol="2028-01-01")
    make_cycle(product, "1", eol="yes")
    assert ask("/api/v2/products/acme/cycles/2")["openeox"] == {
        "url": "http://testserver/acme/2.openeox.json",
        "reason": None,
        "left_out": {"eoas": "OpenEoX has no key for the end of active support."},
    }
    assert ask("/api/v2/products/acme")["cycles"][1]["openeox"] == {
        "url": None,
        "reason": "Its support ended on an unknown day.",
        "left_out": {},
    }


def test_projected_date_is_marked(ask: Ask) -> None:
    """Announced dates are not."""
    ReleaseCycle.objects.filter(name="6.2").update(unconfirmed=True)
    told = {each["name"]: each["unconfirmed"] for each in ask("/api/v2/cycles")["items"]}
    assert (told["6.2"], told["5.2"]) == (True, False)


def test_phases_have_inclusive_first_and_last_days(ask: Ask) -> None:
    """Imprecise days are marked."""
    phases = ask("/api/v2/products/django/cycles/6.2")["phases"]
    assert phases == [
        {
            "phase": "active",
            "first_day": "2027-04-01",
            "last_day": "2027-12-31",
            "imprecise_start": True,
            "imprecise_end": True,
        },
        {
            "phase": "security",
            "first_day": "2028-01-01",
            "last_day": "2030-04-30",
            "imprecise_start": True,
            "imprecise_end": True,
        },
    ]


def test_imprecise_date_is_the_last_day_of_its_period(ask: Ask) -> None:
    milestones = ask("/api/v2/products/django/cycles/6.2")["milestones"]
    assert (milestones["eoas"]["date"], milestones["eoas"]["precision"]) == (
        "2027-12-31",
        "quarter",
    )
    assert milestones["lts"] == {"date": None, "precision": None, "flag": True, "reached": True}


def test_as_of_another_day(ask: Ask) -> None:
    statuses = [
        ask(f"/api/v2/products/django/cycles/6.2?on={day}")["status"]
        for day in ("2027-04-29", "2027-04-30", "2028-01-01", "2030-05-01")
    ]
    assert statuses == ["planned", "active", "security", "eol"]


def test_product_has_its_cycles_in_order(ask: Ask) -> None:
    """Planned cycles are included."""
    answer = ask("/api/v2/products/django")
    assert [each["name"] for each in answer["cycles"]] == ["6.2", "6.1", "5.2", "4.2", "1.0"]
    assert (answer["category"], answer["tags"], answer["aliases"]) == ("framework", ["web"], ["dj"])
    assert answer["custom_fields"][0]["label"] == "Python"
    assert {"type": "purl", "value": "pkg:pypi/django"} in answer["identifiers"]


@pytest.mark.parametrize(
    "path", ["products/{}", "products/{}/cycles/5.2", "products/{}/cycles/5.2/releases"]
)
def test_alias_is_redirected_permanently(client: Client, path: str) -> None:
    """The parameters are kept."""
    response = client.get(f"/api/v2/{path.format('dj')}?on=2027-01-01")
    assert response.status_code == 301
    assert response["Location"] == f"/api/v2/{path.format('django')}?on=2027-01-01"


def test_unknown_cycle_suggests_similar_names(client: Client) -> None:
    response = client.get("/api/v2/products/django/cycles/5.2.1")
    assert response.status_code == 404
    assert response.json()["suggestions"][0] == "5.2"


def test_releases_of_a_cycle_are_published_or_not(ask: Ask) -> None:
    """Without a date this is unknown."""
    releases = ask("/api/v2/products/django/cycles/5.2/releases")["items"]
    assert [(each["version"], each["precision"], each["published"]) for each in releases] == [
        ("5.2.19", "day", True),
        ("5.2.20", "month", False),
        ("5.2.21", None, None),
    ]


def test_products(ask: Ask) -> None:
    answer = ask("/api/v2/products")
    assert [(each["name"], each["cycles"], each["supported"]) for each in answer["items"]] == [
        ("django", 5, 2),
        ("python", 2, 2),
    ]
    assert [each["name"] for each in ask("/api/v2/products?category=lang")["items"]] == ["python"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "planned"}, ["django 6.2"]),
        ({"status": ["security", "extended"]}, ["django 5.2", "django 4.2"]),
        (
            {"product": ["python", "dj"], "status": "active"},
            ["django 6.1", "python 3.14", "python 3.10"],
        ),
        ({"category": "lang"}, ["python 3.14", "python 3.10"]),
        ({"tag": "web", "status": "eol"}, ["django 1.0"]),
        ({"ends": "soon"}, ["python 3.10"]),
        ({"ends_before": "2026-12-31"}, []),
        ({"ends_before": "2027-01-01"}, ["django 4.2", "python 3.10"]),
        ({"lts": "1"}, ["django 6.2", "django 5.2"]),
        ({"lts": "0", "product": "django"}, ["django 6.1", "django 4.2", "django 1.0"]),
        ({"maintained": "0"}, ["django 1.0"]),
        ({"maintained": "1", "category": "lang", "on": "2027-01-01"}, ["python 3.14"]),
        (
            {"status": "planned", "on": "2025-04-01", "product": "django"},
            ["django 6.2", "django 6.1", "django 5.2"],
        ),
    ],
)
def test_filters_can_be_combined(ask: Ask, query: dict[str, Any], expected: list[str]) -> None:
    """The order is that of the roadmap."""
    assert found(ask, **query) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("release", ["django 1.0", "python 3.10", "django 4.2"]),
        ("-release", ["django 6.2", "django 6.1", "python 3.14"]),
        ("eol", ["django 4.2", "python 3.10", "django 6.1"]),
        ("-eol", ["python 3.14", "django 6.2", "django 5.2"]),
        ("lts", ["django 5.2", "django 6.2", "django 6.1"]),
        ("-lts", ["django 5.2", "django 6.2", "django 6.1"]),
        ("-eoes", ["django 4.2", "django 6.2", "django 6.1"]),
        ("next_end", ["django 4.2", "python 3.10", "django 6.1"]),
        ("-next_end", ["python 3.14", "django 5.2", "django 6.1"]),
    ],
)
def test_cycles_are_sorted(ask: Ask, sort: str, expected: list[str]) -> None:
    """Cycles without the date come last in both directions, in the order of the roadmap.

    Paginated lists have the same order.
    """
    assert found(ask, sort=sort)[:3] == expected
    assert sorted(found(ask, sort=sort)) == sorted(found(ask))
    part = ask(f"/api/v2/cycles?sort={sort}&limit=2&offset=1")
    assert [f"{each['product']} {each['name']}" for each in part["items"]] == expected[1:]
    assert f"sort={sort}" in part["next"]


@pytest.mark.parametrize("sort", [*get_args(CycleSort)])
def test_cycles_are_sorted_by_the_dates_of_the_answer(ask: Ask, sort: str) -> None:
    name = sort.removeprefix("-")
    items = ask(f"/api/v2/cycles?sort={sort}")["items"]
    ends = [each["next_end"] if name == "next_end" else each["milestones"][name] for each in items]
    dates = [end["date"] for end in ends if end and end["date"]]
    assert dates == sorted(dates, reverse=sort.startswith("-"))
    assert all(end and end["date"] for end in ends[: len(dates)])


@pytest.mark.parametrize(
    ("path", "key", "ascending"),
    [
        ("products?sort={}name", "name", ["django", "python"]),
        ("products?sort={}label", "name", ["python", "django"]),
        (
            "milestones?sort={}date&milestone=eoes&milestone=lts",
            "date",
            ["2025-04-02", "2026-12-31"],
        ),
    ],
)
def test_other_lists_are_sorted(ask: Ask, path: str, key: str, ascending: list[str]) -> None:
    for sign, expected in (("", ascending), ("-", ascending[::-1])):
        items = ask(f"/api/v2/{path.format(sign)}")["items"]
        assert [each[key] for each in items] == expected


@pytest.mark.parametrize(
    ("sort", "versions"),
    [("date", ["5.2.19", "5.2.20", "5.2.21"]), ("-date", ["5.2.20", "5.2.19", "5.2.21"])],
)
def test_releases_without_a_date_come_last(ask: Ask, sort: str, versions: list[str]) -> None:
    items = ask(f"/api/v2/products/django/cycles/5.2/releases?sort={sort}")["items"]
    assert [each["version"] for each in items] == versions


@pytest.mark.parametrize("path", ["cycles?sort=name", "products?sort=eol", "milestones?sort="])
def test_unknown_order_is_rejected(client: Client, path: str) -> None:
    response = client.get(f"/api/v2/{path}")
    assert response.status_code == 400
    assert response.json()["problems"][0]["name"] == "sort"


@pytest.mark.parametrize("query", ["product=dj&product=djnago", "category=framwork", "tag=webb"])
def test_filter_with_an_unknown_name_is_not_found(client: Client, query: str) -> None:
    """The error suggests similar names, since an empty list could be misread as an answer."""
    response = client.get(f"/api/v2/cycles?{query}")
    assert response.status_code == 404
    assert response.json()["suggestions"]


def test_milestones_are_sorted_by_date(ask: Ask) -> None:
    """The bounds of the period are inclusive."""
    items = ask("/api/v2/milestones?from=2026-12-31&to=2027-04-30")["items"]
    assert [(each["date"], each["label"], each["milestone"]) for each in items] == [
        ("2026-12-31", "Django 4.2", "eoes"),
        ("2026-12-31", "CPython 3.10", "eol"),
        ("2027-04-30", "Django 6.2", "release"),
        ("2027-04-30", "Django 6.1", "eoas"),
    ]
    assert [each["precision"] for each in items] == ["day", "day", "month", "day"]


def test_milestones_of_a_kind(ask: Ask) -> None:
    answer = ask("/api/v2/milestones?milestone=lts&product=django")
    assert [(each["cycle"], each["reached"]) for each in answer["items"]] == [("5.2", True)]


@pytest.mark.parametrize(
    ("query", "version", "matches"),
    [
        ("purl=pkg:pypi/Django@5.2.1", "5.2.1", [("django", "5.2")]),
        ("purl=pkg:pypi/django", None, [("django", None)]),
        ("purl=pkg:pypi/django@9.9", "9.9", [("django", None)]),
        ("purl=pkg:docker/library/both@6.1", "6.1", [("django", "6.1"), ("python", None)]),
        ("cpe=cpe:/a:djangoproject:django:4.2.7", "4.2.7", [("django", "4.2")]),
        ("repology=python&version=3.10.2", "3.10.2", [("python", "3.10")]),
        ("purl=pkg:pypi/nope@1", "1", []),
        ("purl=%00", None, []),
    ],
)
def test_identifier_has_its_products_and_cycles(
    ask: Ask, query: str, version: str | None, matches: list[Any]
) -> None:
    """It may belong to several products, or to none."""
    (item,) = ask(f"/api/v2/identify?{query}")["items"]
    assert item["version"] == version
    assert [
        (each["product"]["name"], each["cycle"] and each["cycle"]["name"])
        for each in item["matches"]
    ] == matches


def test_identify_answers_in_the_order_of_the_request(ask: Ask) -> None:
    """Each answer has the status."""
    items = ask("/api/v2/identify?purl=pkg:pypi/django@4.2&purl=pkg:pypi/django@5.2.1")["items"]
    assert [each["matches"][0]["cycle"]["status"] for each in items] == ["extended", "security"]


def test_pagination_links_visit_each_item_once(ask: Ask) -> None:
    """The links lead there and back."""
    seen, address, last = [], "/api/v2/cycles?limit=3&product=django&product=python", ""
    while address:
        part = ask(address)
        assert part["count"] == 7
        seen += [(each["product"], each["name"]) for each in part["items"]]
        address, last = part["next"], address
    assert len(seen) == len(set(seen)) == 7
    back = ask(ask(last)["previous"])
    assert (back["offset"], len(back["items"])) == (3, 3)


def test_page_beyond_the_end(ask: Ask) -> None:
    part = ask("/api/v2/cycles?offset=100000")
    assert (part["items"], part["next"], part["count"]) == ([], None, 7)


@pytest.mark.parametrize("count", [0, 30])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # products with categories, tags, aliases, counts of cycles, total count
        ("/api/v2/products", 5),
        # product with category, tags, aliases, custom fields, identifiers, cycles with releases
        # and identifiers
        ("/api/v2/products/django", 8),
        # cycle with product, its identifiers, those of the product, its cycles, its releases
        ("/api/v2/products/django/cycles/5.2", 5),
        # cycle with product, releases, their count
        ("/api/v2/products/django/cycles/5.2/releases", 3),
        # the same
        ("/api/v2/products?sort=-label", 5),
        # cycles with products, their releases, total count
        ("/api/v2/cycles?limit=500&ends_before=2027-06-01&sort=next_end", 3),
        # also names of products, categories, tags
        ("/api/v2/cycles?product=django&category=framework&tag=web", 6),
        # milestones, their cycles with products, total count
        ("/api/v2/milestones?limit=500", 3),
        # products of identifiers, cycles of identifiers, their cycles, their releases and former
        # names
        ("/api/v2/identify?purl=pkg:pypi/django@5.2&repology=python&version=3.10", 5),
        # no identifier is given
        ("/api/v2/identify", 0),
        ("/api/v2", 0),
    ],
)
def test_query_counts_do_not_depend_on_the_number_of_products(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
    count: int,
) -> None:
    for number in range(count):
        make_cycle(
            make_product(f"p{number}", tags=["web"], aliases=[f"q{number}"]), "1", eol="2027-01"
        )
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


def test_product_without_category_and_cycles(ask: Ask) -> None:
    Product.objects.all().delete()
    make_product("bare")
    assert ask("/api/v2/products/bare")["cycles"] == []
    assert ask("/api/v2/cycles")["items"] == []
    assert ask("/api/v2/products")["items"][0]["category"] is None
