"""The roadmap as it was recorded on a day: what is on it, what is not told, what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Alias, Category, Product, ReleaseCycle, Tag
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

WRITTEN = datetime(2026, 1, 10, 8, 30, tzinfo=UTC)
DAY = "known_on=2026-02-01"
"""Behind what the fixture writes, before what the tests do."""


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", featured=1, category="framework", tags=["web"])
    make_cycle(product, "6.2", release="2027-04", eol="2030-04", lts="yes")
    make_cycle(product, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    since(WRITTEN)
    return product


def since(moment: datetime) -> None:
    """All that was written was written then."""
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=moment)


def later(row: Any, day: int = 1, **values: Any) -> None:
    """Saves a row as somebody did in March."""
    for name, value in values.items():
        setattr(row, name, value)
    row._history_date = datetime(2026, 3, day, 12, tzinfo=UTC)
    row.save()


def deleted(row: Any, day: int = 2) -> None:
    row._history_date = datetime(2026, 3, day, 12, tzinfo=UTC)
    row.delete()


def page(client: Client, query: str) -> str:
    response = client.get(f"/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def data(client: Client, query: str) -> dict[str, list[tuple[str, str | None]]]:
    """The names of the cycles on the page by product, with the ends of their support."""
    found = json.loads(client.get(f"/roadmap.json?{query}").content)
    return {
        each["name"]: [
            (cycle["cycle"], (cycle["security_until"] or {}).get("date"))
            for cycle in each["cycles"]
        ]
        for each in found["products"]
    }


RECORDED = [("6.2", "2030-04-30"), ("6.1", "2027-12-31"), ("5.2", "2028-04-30")]


def edit(product: Product) -> None:
    later(product.cycles.get(name="5.2"), eol=parse_milestone("2029-04"))


def rename(product: Product) -> None:
    later(product.cycles.get(name="5.2"), name="5.2 LTS")


def delete(product: Product) -> None:
    deleted(product.cycles.get(name="5.2"))


def add(product: Product) -> None:
    cycle = ReleaseCycle(product=product, name="6.3")
    later(cycle, release=parse_milestone("2027-12"), eol=parse_milestone("2029"))


def rename_product(product: Product) -> None:
    later(product, name="django-web", label="Django Web")


def delete_product(product: Product) -> None:
    deleted(product)


@pytest.mark.parametrize(
    "change",
    [edit, rename, delete, add, rename_product, delete_product],
    ids=lambda each: each.__name__,
)
def test_what_was_done_later_is_not_there(
    client: Client, django: Product, change: Callable[[Product], None]
) -> None:
    """Whatever it was: the view of a day before it stays what it was; the present one does not."""
    assert data(client, "") == {"django": RECORDED}
    change(django)
    assert data(client, DAY) == {"django": RECORDED}
    assert data(client, "known_on=2026-02-28") == {"django": RECORDED}
    assert data(client, "") != {"django": RECORDED}


def test_the_whole_day_counts(client: Client, django: Product) -> None:
    """Up to its end in UTC."""
    edit(django)
    assert data(client, "known_on=2026-03-01")["django"][2] == ("5.2", "2029-04-30")
    assert data(client, "known_on=2026-11-21") == data(client, "")


def test_the_last_of_a_moment_counts(client: Client, django: Product) -> None:
    """Two edits may bear the same time."""
    cycle = django.cycles.get(name="5.2")
    later(cycle, eol=parse_milestone("2029-04"))
    later(cycle, eol=parse_milestone("2029-05"))
    assert data(client, "known_on=2026-03-01")["django"][2] == ("5.2", "2029-05-31")


def test_what_came_back(client: Client, django: Product) -> None:
    """What was deleted and restored is there before and after, and not in between."""
    cycle = django.cycles.get(name="5.2")
    pk = cycle.pk
    deleted(cycle, 2)
    later(ReleaseCycle(pk=pk, product=django, name="5.2", position=2), 9)
    names = [
        [name for name, _ in data(client, f"known_on=2026-03-0{day}")["django"]]
        for day in (1, 2, 9)
    ]
    assert ["5.2" in each for each in names] == [True, False, True]


def test_the_page_says_so(client: Client, django: Product) -> None:
    """With the way back, which keeps the rest of the view; `on` is another matter."""
    html = page(client, f"status=active&{DAY}")
    assert "As it was recorded on <b>1 Feb 2026</b>" in html
    assert '<a href="?status=active">Back to today</a>' in html
    assert "Support as of <b>" not in html
    html = page(client, f"on=2028-01-01&{DAY}")
    assert "Support as of <b>1 Jan 2028</b>" in html
    assert '<a href="?known_on=2026-02-01">Back to today</a>' in html
    assert '<a href="?on=2028-01-01">Back to today</a>' in html


def test_status_is_of_on(client: Client, django: Product) -> None:
    """What was known then, seen from another day: from today, if none is asked for."""
    later(django.cycles.get(name="5.2"), eol=parse_milestone("2027-01"))
    found = "status=security&on=2028-01-01"
    assert data(client, found) == {}
    assert [name for name, _ in data(client, f"{found}&{DAY}")["django"]] == ["5.2"]
    assert [name for name, _ in data(client, f"status=security&{DAY}")["django"]] == ["5.2"]


def test_the_form_and_the_links_keep_it(client: Client, django: Product) -> None:
    html = page(client, f"{DAY}&pin=django:5.2")
    form = html.split('<form class="filters"')[1].split("</form>")[0]
    assert 'name="known_on" type="date" value="2026-02-01"' in form
    for link in ("?pin=django%3A5.2&amp;status=active", "?pin=django%3A5.2&amp;from="):
        (rest,) = {each.split('"')[0][-20:] for each in html.split(link)[1:]} or {""}
        assert rest.endswith("known_on=2026-02-01") or "known_on" in rest


def test_today_has_no_trace_of_it(client: Client, django: Product) -> None:
    """The present page is the same, whatever is in the history."""
    before = client.get("/").content
    later(django.cycles.get(name="5.2"), eol=parse_milestone("2029-04"))
    later(django.cycles.get(name="5.2"), eol=parse_milestone("2028-04-30"))
    assert client.get("/").content == before
    assert b"known_on" not in before
    assert b"recorded" not in before


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-11-22", "expected a day that is not to come"),
        ("2026-02-30", "expected a day such as"),
        ("yesterday", "expected a day such as"),
    ],
)
def test_bad_days_are_named(client: Client, django: Product, value: str, message: str) -> None:
    edit(django)
    html = page(client, f"known_on={value}")
    assert message in html
    assert "As it was recorded" not in html
    response = client.get(f"/roadmap.json?known_on={value}")
    assert response.status_code == 400
    assert message in response.json()["problems"][0]["message"]


def test_before_the_first_record(client: Client, django: Product) -> None:
    """Nothing is there, and the page says from when on something is."""
    html = page(client, "known_on=2026-01-09")
    assert "There are records from 10 Jan 2026 on." in html
    assert "No release matches." in html
    assert data(client, "known_on=2026-01-09") == {}
    assert "There are records" not in page(client, f"{DAY}&q=nothing")


def test_without_any_record(client: Client) -> None:
    assert "There are records" not in page(client, DAY)


# ---- what is not told


def test_what_was_a_draft_then_is_not_there(client: Client, django: Product) -> None:
    later(django.cycles.get(name="6.1"), draft=False)
    ReleaseCycle.history.filter(name="6.1", history_date=WRITTEN).update(draft=True)
    assert [name for name, _ in data(client, DAY)["django"]] == ["6.2", "5.2"]
    assert len(data(client, "known_on=2026-03-01")["django"]) == 3


def test_what_is_a_draft_today_is_not_there(client: Client, django: Product) -> None:
    """Whatever it was then: what was withdrawn stays so."""
    later(django.cycles.get(name="6.1"), draft=True)
    assert [name for name, _ in data(client, DAY)["django"]] == ["6.2", "5.2"]
    later(django, draft=True)
    assert data(client, DAY) == {}
    assert "Django" not in page(client, f"{DAY}&group=status&pin=django:5.2")


def test_a_draft_that_was_published_by_its_day(client: Client, django: Product) -> None:
    """It is there from that day on."""
    ReleaseCycle.history.filter(name="6.1").update(draft=True, publish_on=date(2026, 2, 5))
    ReleaseCycle.objects.filter(name="6.1").update(draft=True, publish_on=date(2026, 2, 5))
    assert len(data(client, "known_on=2026-02-04")["django"]) == 2
    assert len(data(client, "known_on=2026-02-05")["django"]) == 3


def test_what_was_deleted_as_a_draft_is_not_there(client: Client, django: Product) -> None:
    for name in ("6.1", "6.2"):
        later(django.cycles.get(name=name), draft=True)
    cycle = django.cycles.get(name="6.2")
    later(cycle, 1, publish_on=date(2026, 3, 1))
    for name in ("6.1", "6.2"):
        deleted(django.cycles.get(name=name))
    assert [name for name, _ in data(client, DAY)["django"]] == ["6.2", "5.2"]


def test_of_a_product_that_was_a_draft_no_cycle_is_there(client: Client, django: Product) -> None:
    Product.history.update(draft=True)
    later(django)
    assert data(client, DAY) == {}
    assert data(client, f"{DAY}&group=none") == {}
    assert "0 active" in page(client, DAY)


# ---- what there is to see of a product


def test_products_are_as_they_were(client: Client, django: Product) -> None:
    """Label, category, tags and their order on the page; and so the filters find them."""
    make_product("python", label="Python")
    Product.history.filter(name="python").update(history_date=WRITTEN)
    later(
        django,
        label="The Web Framework",
        featured=None,
        category=Category.objects.create(name="lang"),
    )
    django.tags.set([Tag.objects.create(name="python")])
    html = page(client, DAY)
    assert html.index(">Django</a>") < html.index(">Python</a>")
    assert "The Web Framework" not in html
    for query in ("category=framework", "tag=web", "q=djan", "q=5.2"):
        assert list(data(client, f"{query}&{DAY}")) == ["django"], query
    for query in ("category=lang", "tag=python"):
        assert "is ignored: there is no such" in page(client, f"{query}&{DAY}")
    assert list(data(client, "category=lang")) == ["django"]


def test_a_name_of_later_finds_nothing(client: Client, django: Product) -> None:
    """Names are those of the day; an alias of today leads to what it was called."""
    rename_product(django)
    Alias.objects.create(product=django, name="dj")
    assert list(data(client, f"product=django&{DAY}")) == ["django"]
    assert list(data(client, f"product=dj&{DAY}")) == ["django"]
    assert "there is no such product here" in page(client, f"product=django-web&{DAY}")
    assert list(data(client, "product=django-web")) == ["django-web"]


def test_links_lead_to_where_things_are_today(client: Client, django: Product) -> None:
    """What has no page any more has no link."""
    later(django, name="web")
    later(django.cycles.get(name="6.1"), name="6.1x")
    deleted(django.cycles.get(name="5.2"))
    for query in (DAY, f"{DAY}&group=status", f"{DAY}&pin=django:5.2&pin=django:6.1"):
        html = page(client, query)
        assert '<a href="/web/6.1x/">6.1</a>' in html
        assert '<a href="/web/6.2/">6.2</a>' in html
        assert '<th scope="row" class="release">5.2' in html or "Django 5.2" in html
        assert "/5.2/" not in html
        assert "/django/" not in html
    assert '<a href="/web/">Django</a>' in page(client, DAY)


def test_what_is_gone_with_its_product(client: Client, django: Product) -> None:
    """Its rows, groups and pins are there, its category too if that is gone; only no links."""
    delete_product(django)
    Category.objects.all().delete()
    for query in ("", "&group=none", "&group=status&sort=-eol", "&pin=django:5.2"):
        html = page(client, DAY + query)
        assert "5.2" in html
        assert "Django 6.2 LTS, Apr 2027" in html
        assert 'href="/django' not in html
    svg = client.get(f"/roadmap.svg?{DAY}&group=none").content.decode()
    assert "Django 5.2" in svg
    assert "as it was recorded on 1 Feb 2026" in svg


def test_cycles_stand_in_their_order(client: Client, django: Product) -> None:
    """That of today, which is not recorded; what is gone stands where it was."""
    ReleaseCycle.objects.filter(name="5.2").update(position=-5)
    assert [name for name, _ in data(client, DAY)["django"]] == ["5.2", "6.2", "6.1"]
    deleted(django.cycles.get(name="6.1"))
    assert [name for name, _ in data(client, DAY)["django"]] == ["5.2", "6.2", "6.1"]


# ---- its other forms


def test_data_and_table(client: Client, django: Product) -> None:
    edit(django)
    found = json.loads(client.get(f"/roadmap.json?{DAY}").content)
    assert (found["on"], found["known_on"]) == ("2026-11-21", "2026-02-01")
    assert "known_on" not in json.loads(client.get("/roadmap.json").content)
    assert "django,5.2,5.2 (LTS),security" in client.get(f"/roadmap.csv?{DAY}").content.decode()
    assert "2028-04-30" in client.get(f"/roadmap.csv?{DAY}").content.decode()
    assert "2029-04" in client.get("/roadmap.csv").content.decode()


def test_subscriptions_are_of_today(client: Client, django: Product) -> None:
    """A calendar or feed of a day that is over is of no use: the page offers those of now."""
    edit(django)
    html = page(client, DAY)
    for form in ("svg", "json", "csv"):
        assert f'href="/roadmap.{form}?known_on=2026-02-01"' in html
    for form in ("ics", "atom", "rss"):
        assert f'href="/roadmap.{form}"' in html
        assert (
            client.get(f"/roadmap.{form}?{DAY}").content == client.get(f"/roadmap.{form}").content
        )


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize(
    ("query", "present", "more"),
    [
        ("", 8, 2),
        ("group=status&sort=-eol", 7, 2),
        ("pin=p1:1&product=p2&lts=1&status=active&ends=soon&q=p&category=os&tag=x", 9, 2),
        ("q=nothing-is-called-so", 6, 1),
    ],
)
def test_query_budget(
    count: int,
    query: str,
    present: int,
    more: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Two more than the present page, however many products there are: the products of single
    cycles, and what is found today (or since when there are records)."""
    for number in range(count):
        product = make_product(f"p{number}", category="os", tags=["x"])
        make_cycle(product, "1", release="2025-01-01", eol="2027-01-01", lts="yes")
        make_cycle(product, "2", release="2027-01-01")
    since(WRITTEN)
    asked = {name: [value] for name, value in parse_qsl(query)}
    with django_assert_num_queries(present):
        read(asked)
    with django_assert_num_queries(present + more):
        read(asked | {"known_on": ["2026-02-01"]})


def read(asked: dict[str, list[str]]) -> None:
    """A view with what the page needs of it."""
    found = selectors.roadmap(RoadmapQuery.parse(asked, ON))
    for product, cycle in found.cycles:
        assert str(product.category) == "os"
        assert found.page_of(product, cycle) == (product.name, cycle.name)
