"""The search, its answers, and the suggestions of the page for unknown addresses."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from releases.models import Alias, Product
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def products() -> list[Product]:
    django = make_product("django", category="framework", tags=["python-runtime"])
    python = make_product("python", category="lang")
    node = make_product("nodejs", label="Node.js", aliases=["node"])
    postgresql = make_product("postgresql", label="PostgreSQL", aliases=["postgres", "pg"])
    ubuntu = make_product("ubuntu", category="os")
    zulu = make_product("azul-zulu", label="Azul Zulu", tags=["java-distribution"])
    liberica = make_product("liberica", label="Liberica", tags=["java-distribution"])
    make_product("3proxy", label="3proxy")
    make_cycle(django, "5.2", release="2025-04-02", eol="2028-04-30")
    make_cycle(django, "5.1", release="2024-08-07", eol="2025-12-03")
    make_cycle(python, "3.9", release="2020-10-05", eol="2025-10-31")
    make_cycle(python, "3.15", release="2026-10-01", eol="2031-10-31")
    make_cycle(node, "18", release="2022-04-19", eol="2025-04-30")
    make_cycle(postgresql, "14", release="2021-09-30", eol="2026-11-12")
    make_cycle(ubuntu, "24.04", codename="Noble Numbat", release="2024-04-25", eol="2027-01-31")
    make_cycle(zulu, "17", release="2021-09-28", eol="2029-09-30")
    make_cycle(liberica, "21", release="2023-09-19", eol="2031-09-30")
    return [django, python, node, postgresql, ubuntu, zulu, liberica]


def answer(client: Client, text: str) -> str:
    """Return the address to which a search redirects; empty if it lists hits instead."""
    response = client.get("/search/", {"q": text})
    assert response.status_code in (200, 302)
    return response.headers.get("Location", "")


def hits(client: Client, text: str) -> list[str]:
    """Return the addresses of the hits of a search."""
    return addresses(client.get("/search/", {"q": text}).content.decode())


def addresses(html: str) -> list[str]:
    """Return the addresses of the hits on a page."""
    rows = html.split('class="hit"')[1:]
    return [row.split('href="')[1].split('"')[0] for row in rows]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("django", "/django/"),
        ("is Django supported?", "/django/"),
        ("pg", "/postgresql/"),
        ("django 5.2", "/django/?version=5.2"),
        ("Django==5.2.7", "/django/?version=5.2.7"),
        ("is django 5.2 still supported?", "/django/?version=5.2"),
        ("when does node 18 end", "/nodejs/?version=18"),
        ("python 3.9 end of life", "/python/?version=3.9"),
        ("should I upgrade node.js v18.20", "/nodejs/?version=18.20"),
        ("PostgreSQL 14.2", "/postgresql/?version=14.2"),
        ("ubuntu noble", "/ubuntu/?version=noble"),
        ("noble numbat", "/ubuntu/?version=noble+numbat"),
        ("django 9.9", "/django/?version=9.9"),
        ("django 5.2, node 18", "/stack/?of=django:5.2&of=nodejs:18"),
        ("node 18 and ubuntu noble", "/stack/?of=nodejs:18&of=ubuntu:noble"),
        ("postgres 14.2\npy thon 3.9;", "/stack/?of=postgresql:14.2&of=python:3.9"),
    ],
)
def test_full_hit_redirects_to_its_answer(
    client: Client, products: list[Product], text: str, address: str
) -> None:
    """The page exists, and shows the version as it was typed."""
    assert answer(client, text) == address
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("djnago", ["/django/"]),
        ("djnago 5.2", ["/django/?version=5.2"]),
        ("is djnago 5.2 supported", ["/django/?version=5.2"]),
        ("postgers 14", ["/postgresql/?version=14"]),
        ("pyhton 3.15", ["/python/?version=3.15"]),
        ("ubutnu noble", ["/ubuntu/?version=noble"]),
        ("py3.9", ["/python/?version=3.9"]),
        ("postgre", ["/postgresql/"]),
        ("24.04", ["/ubuntu/?version=24.04"]),
        ("14", ["/postgresql/?version=14"]),
        ("java", ["/azul-zulu/", "/liberica/"]),
        ("java 21", ["/liberica/?version=21"]),
        ("lang", ["/python/"]),
        ("django 5.2, pyhton 3.9", ["/django/?version=5.2", "/python/?version=3.9"]),
        ("django, node 18", ["/django/", "/nodejs/?version=18"]),
        ("zzzzzz", []),
    ],
)
def test_other_hits_are_listed(
    client: Client, products: list[Product], text: str, expected: list[str]
) -> None:
    """A mistyped name does not redirect; the intended result comes first."""
    assert answer(client, text) == ""
    if text != "3.":
        assert hits(client, text) == expected


def test_similar_names_are_a_question(client: Client, products: list[Product]) -> None:
    html = client.get("/search/", {"q": "djnago 5.2"}).content.decode()
    assert "Did you mean" in html
    assert "Did you mean" not in client.get("/search/", {"q": "java"}).content.decode()


def test_hit_shows_status_end_and_category(client: Client, products: list[Product]) -> None:
    html = client.get("/search/", {"q": "djnago 5.2"}).content.decode()
    row = html.split('class="hit"')[1]
    for text in ("Django 5.2", "Active", "30 Apr 2028", "Framework"):
        assert text in row
    assert "1 release supported" in client.get("/search/", {"q": "djnago"}).content.decode()
    assert "No releases yet" in client.get("/search/", {"q": "3proxi"}).content.decode()


def test_part_of_a_stack_is_not_dropped(client: Client, products: list[Product]) -> None:
    """Each item has its hits, and a link leads to the stack of the versions that are clear."""
    html = client.get("/search/", {"q": "django 5.2, zzzzzz, node 18"}).content.decode()
    assert html.index("django 5.2</h2>") < html.index("zzzzzz</h2>") < html.index("node 18</h2>")
    assert 'href="/stack/?of=django:5.2&amp;of=nodejs:18"' in html


@pytest.mark.parametrize(
    "text", [", ".join(f"django {n}" for n in range(30)), "django" + " " * 600]
)
def test_long_text_is_cut_and_says_so(client: Client, products: list[Product], text: str) -> None:
    """It leads nowhere, as a part of it would be missing there."""
    response = client.get("/search/", {"q": f"{text}, node 18"})
    assert response.status_code == 200
    assert "Only the first 20 entries" in response.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "zzzzzz",
        "%",
        "'",
        "\x00",
        "\ud7ff\x7f",
        ",,,;\n",
        "=== 1",
        ":",
        "<b>",
        "is",
        "1" * 99,
    ]
    + [part * 10_000 for part in ("x", "5", "a ", "1,", "is ", "é", "-")],
)
def test_any_text_is_accepted(client: Client, products: list[Product], text: str) -> None:
    assert client.get(f"/search/?q={quote(text)}").status_code == 200
    assert client.get(f"/?q={quote(text[:100])}", follow=True).status_code == 200


def test_text_is_escaped(client: Client) -> None:
    html = client.get("/search/", {"q": "<script>alert(1)</script>, <b>"}).content.decode()
    assert "<script>alert" not in html
    assert "<b>" not in html


def test_search_sees_each_write(client: Client, products: list[Product]) -> None:
    """Names are kept in memory, for one revision of the catalogue."""
    assert hits(client, "rails") == []
    product = make_product("rubyonrails", aliases=["rails"])
    assert answer(client, "rails") == "/rubyonrails/"
    Alias.objects.get(name="rails").delete()
    assert answer(client, "rails") == ""
    product.label = "Rails"
    product.save()
    assert answer(client, "rails") == "/rubyonrails/"


def test_search_finds_a_draft_from_its_day_on(
    client: Client, products: list[Product], time_machine: TimeMachineFixture
) -> None:
    """Nothing is written on the day of its publication."""
    tomorrow = ON + timedelta(days=1)
    make_product("rails", tags=["gem"], draft=True, publish_on=tomorrow)
    assert (answer(client, "rails"), hits(client, "gem")) == ("", [])
    time_machine.move_to(tomorrow)
    assert (answer(client, "rails"), hits(client, "gem")) == ("/rails/", ["/rails/"])


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(
    ("text", "queries"),
    [
        # revision, names; products, aliases, cycles, their releases and former names
        ("djnago 5", 7),
        ("django 5", 7),
        ("django 5, djnago 5, java, postgres 14", 7),
        # none is found
        ("zzzzzz", 2),
        # cycles by the version
        ("24.04", 8),
        ("24.04, 5, 3.9", 8),
    ],
)
def test_query_budget(
    client: Client,
    products: list[Product],
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
    text: str,
    queries: int,
) -> None:
    """The number depends on the number of products as little as on that of the items."""
    for number in range(count):
        make_cycle(make_product(f"django-{number}", tags=["java"]), "5", release="2026-01-01")
    with django_assert_num_queries(queries):
        client.get("/search/", {"q": text})
    with django_assert_num_queries(queries - 1):  # the names are known
        client.get("/search/", {"q": f"{text} "})


# ---- unknown addresses


def test_404_suggests_similar_names(client: Client, products: list[Product]) -> None:
    """The suggestions stand above the search."""
    response = client.get("/djagno/")
    html = response.content.decode()
    assert response.status_code == 404
    assert addresses(html) == ["/django/"]
    assert html.index("Did you mean") < html.index('action="/search/"', html.index("<main"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/django/9.9/", "/django/"),
        ("/djnago/5.2/", "/django/?version=5.2"),
        ("/postgre/14/", "/postgresql/?version=14"),
    ],
)
def test_404_suggests_the_version(
    client: Client, products: list[Product], path: str, expected: str
) -> None:
    assert addresses(client.get(path).content.decode())[:1] == [expected]


@pytest.mark.every_case
@pytest.mark.parametrize(
    "path", ["/zzzzzz/", f"/{'x' * 4_000}/", "/%00/", "/,/", "/" + "zz/" * 300]
)
def test_404_without_suggestions(client: Client, products: list[Product], path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "Did you mean" not in response.content.decode()
