"""The roadmap as recorded on a past date (`known_on`): contents, privacy and query counts."""

from __future__ import annotations

import json
import re
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
"""A date after the records of the fixture and before the edits of the tests."""


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django", featured=1, category="framework", tags=["web"])
    make_cycle(product, "6.2", release="2027-04", eol="2030-04", lts="yes")
    make_cycle(product, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    set_history_date(WRITTEN)
    return product


def set_history_date(moment: datetime) -> None:
    """Set the date of all history records."""
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=moment)


def save_in_march(row: Any, day: int = 1, **values: Any) -> None:
    """Save a row with a history date in March."""
    for name, value in values.items():
        setattr(row, name, value)
    row._history_date = datetime(2026, 3, day, 12, tzinfo=UTC)
    row.save()


def delete_in_march(row: Any, day: int = 2) -> None:
    row._history_date = datetime(2026, 3, day, 12, tzinfo=UTC)
    row.delete()


def page(client: Client, query: str) -> str:
    response = client.get(f"/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def data(client: Client, query: str) -> dict[str, list[tuple[str, str | None]]]:
    """Return the names and ends of support of the cycles on the page, by product."""
    found = json.loads(client.get(f"/roadmap.json?{query}").content)
    return {
        each["name"]: [
            (cycle["cycle"], (cycle["security_until"] or {}).get("date"))
            for cycle in each["cycles"]
        ]
        for each in found["products"]
    }


RECORDED = [("6.1", "2027-12-31"), ("5.2", "2028-04-30"), ("6.2", "2030-04-30")]


def edit(product: Product) -> None:
    save_in_march(product.cycles.get(name="5.2"), eol=parse_milestone("2029-04"))


def rename(product: Product) -> None:
    save_in_march(product.cycles.get(name="5.2"), name="5.2 LTS")


def delete(product: Product) -> None:
    delete_in_march(product.cycles.get(name="5.2"))


def add(product: Product) -> None:
    cycle = ReleaseCycle(product=product, name="6.3")
    save_in_march(cycle, release=parse_milestone("2027-12"), eol=parse_milestone("2029"))


def rename_product(product: Product) -> None:
    save_in_march(product, name="django-web", label="Django Web")


def delete_product(product: Product) -> None:
    delete_in_march(product)


@pytest.mark.parametrize(
    "change",
    [edit, rename, delete, add, rename_product, delete_product],
    ids=lambda each: each.__name__,
)
def test_later_changes_are_not_visible(
    client: Client, django: Product, change: Callable[[Product], None]
) -> None:
    """The recorded roadmap stays the same, while the current one changes."""
    assert data(client, "") == {"django": RECORDED}
    change(django)
    assert data(client, DAY) == {"django": RECORDED}
    assert data(client, "known_on=2026-02-28") == {"django": RECORDED}
    assert data(client, "") != {"django": RECORDED}


def test_recorded_date_includes_the_whole_day(client: Client, django: Product) -> None:
    """The day ends at midnight UTC."""
    edit(django)
    assert data(client, "known_on=2026-03-01")["django"][1] == ("5.2", "2029-04-30")
    assert data(client, "known_on=2026-11-21") == data(client, "")


def test_last_of_simultaneous_edits_counts(client: Client, django: Product) -> None:
    """Two edits may have the same time."""
    cycle = django.cycles.get(name="5.2")
    save_in_march(cycle, eol=parse_milestone("2029-04"))
    save_in_march(cycle, eol=parse_milestone("2029-05"))
    assert data(client, "known_on=2026-03-01")["django"][1] == ("5.2", "2029-05-31")


def test_restored_cycle_is_missing_in_between(client: Client, django: Product) -> None:
    """It is present before its deletion and after its restoration."""
    cycle = django.cycles.get(name="5.2")
    pk = cycle.pk
    delete_in_march(cycle, 2)
    save_in_march(ReleaseCycle(pk=pk, product=django, name="5.2", position=2), 9)
    names = [
        [name for name, _ in data(client, f"known_on=2026-03-0{day}")["django"]]
        for day in (1, 2, 9)
    ]
    assert ["5.2" in each for each in names] == [True, False, True]


def test_page_states_the_recorded_date(client: Client, django: Product) -> None:
    """The link back to today keeps the other parameters, `on` included."""
    html = page(client, f"status=active&{DAY}")
    assert "As it was recorded on <b>1 Feb 2026</b>" in html
    assert '<a href="?status=active">Back to today</a>' in html
    assert "Support as of <b>" not in html
    html = page(client, f"on=2028-01-01&{DAY}")
    assert "Showing support as of <b>1 Jan 2028</b>" in html
    assert '<a href="?known_on=2026-02-01">Back to today</a>' in html
    assert '<a href="?on=2028-01-01">Back to today</a>' in html


def test_status_is_relative_to_on(client: Client, django: Product) -> None:
    """Without `on`, the recorded data is shown with the status of today."""
    save_in_march(django.cycles.get(name="5.2"), eol=parse_milestone("2027-01"))
    found = "status=security&on=2028-01-01"
    assert data(client, found) == {}
    assert [name for name, _ in data(client, f"{found}&{DAY}")["django"]] == ["5.2"]
    assert [name for name, _ in data(client, f"status=security&{DAY}")["django"]] == ["5.2"]


def test_form_and_links_keep_the_recorded_date(client: Client, django: Product) -> None:
    html = page(client, f"{DAY}&pin=django:5.2")
    form = html.split('<form class="filters row"')[1].split("</form>")[0]
    assert re.search(r'name="known_on" type="date"\s+value="2026-02-01"', form)
    for link in ("?pin=django%3A5.2&amp;on=", "?pin=django%3A5.2&amp;from="):
        (rest,) = {each.split('"')[0][-20:] for each in html.split(link)[1:]} or {""}
        assert rest.endswith("known_on=2026-02-01") or "known_on" in rest


def test_current_page_does_not_depend_on_history(client: Client, django: Product) -> None:
    before = client.get("/").content
    save_in_march(django.cycles.get(name="5.2"), eol=parse_milestone("2029-04"))
    save_in_march(django.cycles.get(name="5.2"), eol=parse_milestone("2028-04-30"))
    assert client.get("/").content == before
    assert b"As it was recorded" not in before
    assert b"known_on=" not in before


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-11-22", "expected a day that is not to come"),
        ("2026-02-30", "expected a day such as"),
        ("yesterday", "expected a day such as"),
    ],
)
def test_invalid_dates_are_reported(
    client: Client, django: Product, value: str, message: str
) -> None:
    edit(django)
    html = page(client, f"known_on={value}")
    assert message in html
    assert "As it was recorded" not in html
    response = client.get(f"/roadmap.json?known_on={value}")
    assert response.status_code == 400
    assert message in response.json()["problems"][0]["message"]


def test_date_before_the_first_record(client: Client, django: Product) -> None:
    """The roadmap is empty, and the page says when the records begin."""
    html = page(client, "known_on=2026-01-09")
    assert "The records begin on 10 Jan 2026." in html
    assert "No release matches." in html
    assert data(client, "known_on=2026-01-09") == {}
    assert "There are records" not in page(client, f"{DAY}&q=nothing")


def test_date_without_any_records(client: Client) -> None:
    assert "There are records" not in page(client, DAY)


# ---- what stays hidden


def test_former_drafts_are_hidden(client: Client, django: Product) -> None:
    save_in_march(django.cycles.get(name="6.1"), draft=False)
    ReleaseCycle.history.filter(name="6.1", history_date=WRITTEN).update(draft=True)
    assert [name for name, _ in data(client, DAY)["django"]] == ["5.2", "6.2"]
    assert len(data(client, "known_on=2026-03-01")["django"]) == 3


def test_current_drafts_are_hidden(client: Client, django: Product) -> None:
    """Rows that were public on the recorded date are hidden as well."""
    save_in_march(django.cycles.get(name="6.1"), draft=True)
    assert [name for name, _ in data(client, DAY)["django"]] == ["5.2", "6.2"]
    save_in_march(django, draft=True)
    assert data(client, DAY) == {}
    assert "Django" not in page(client, f"{DAY}&group=status&pin=django:5.2")


def test_scheduled_draft_is_visible_from_its_day(client: Client, django: Product) -> None:
    ReleaseCycle.history.filter(name="6.1").update(draft=True, publish_on=date(2026, 2, 5))
    ReleaseCycle.objects.filter(name="6.1").update(draft=True, publish_on=date(2026, 2, 5))
    assert len(data(client, "known_on=2026-02-04")["django"]) == 2
    assert len(data(client, "known_on=2026-02-05")["django"]) == 3


def test_rows_deleted_as_drafts_are_hidden(client: Client, django: Product) -> None:
    for name in ("6.1", "6.2"):
        save_in_march(django.cycles.get(name=name), draft=True)
    cycle = django.cycles.get(name="6.2")
    save_in_march(cycle, 1, publish_on=date(2026, 3, 1))
    for name in ("6.1", "6.2"):
        delete_in_march(django.cycles.get(name=name))
    assert [name for name, _ in data(client, DAY)["django"]] == ["5.2", "6.2"]


def test_cycles_of_a_former_draft_product_are_hidden(client: Client, django: Product) -> None:
    Product.history.update(draft=True)
    save_in_march(django)
    assert data(client, DAY) == {}
    assert data(client, f"{DAY}&group=none") == {}
    assert "No release matches" in page(client, DAY)


# ---- products


def test_products_have_their_recorded_values(client: Client, django: Product) -> None:
    """Label, category, tags and order are as recorded, and filters use them."""
    make_product("python", label="Python")
    Product.history.filter(name="python").update(history_date=WRITTEN)
    save_in_march(
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
        assert "There is no" in page(client, f"{query}&{DAY}")
    assert list(data(client, "category=lang")) == ["django"]


def test_later_names_are_unknown(client: Client, django: Product) -> None:
    """Product names are the recorded ones; current aliases find recorded products."""
    rename_product(django)
    Alias.objects.create(product=django, name="dj")
    assert list(data(client, f"product=django&{DAY}")) == ["django"]
    assert list(data(client, f"product=dj&{DAY}")) == ["django"]
    assert "There is no product “django-web” here." in page(client, f"product=django-web&{DAY}")
    assert list(data(client, "product=django-web")) == ["django-web"]


def test_links_lead_to_current_pages(client: Client, django: Product) -> None:
    """Rows without a current page have no link."""
    save_in_march(django, name="web")
    save_in_march(django.cycles.get(name="6.1"), name="6.1x")
    delete_in_march(django.cycles.get(name="5.2"))
    for query in (DAY, f"{DAY}&group=status", f"{DAY}&pin=django:5.2&pin=django:6.1"):
        html = page(client, query)
        assert re.search('<a href="/web/6.1x/">(Django )?6.1</a>', html)
        assert re.search('<a href="/web/6.2/">(Django )?6.2</a>', html)
        assert re.search(r'<th scope="row" class="release">\s*(Django )?5.2', html)
        assert "/5.2/" not in html
        assert "/django/" not in html
    assert '<a href="/web/">Django</a>' in page(client, DAY)


def test_deleted_product_is_shown_without_links(client: Client, django: Product) -> None:
    """Its rows, groups and pins are shown, and so is its category even if it was deleted."""
    delete_product(django)
    Category.objects.all().delete()
    for query in ("", "&group=none", "&group=status&sort=-eol", "&pin=django:5.2"):
        html = page(client, DAY + query)
        assert "5.2" in html
        assert re.search(r"(Django|>)\s+6.2", html)
        assert 'href="/django' not in html
    svg = client.get(f"/roadmap.svg?{DAY}&group=none").content.decode()
    assert "Django 5.2" in svg
    assert "as it was recorded on 1 Feb 2026" in svg


def test_cycles_are_in_the_current_order(client: Client, django: Product) -> None:
    """Positions are not recorded; deleted cycles keep their last position."""
    ReleaseCycle.objects.filter(name="5.2").update(position=-5)
    assert [name for name, _ in data(client, DAY)["django"]] == ["5.2", "6.1", "6.2"]
    delete_in_march(django.cycles.get(name="6.1"))
    assert [name for name, _ in data(client, DAY)["django"]] == ["5.2", "6.1", "6.2"]


# ---- other formats


def test_json_and_csv(client: Client, django: Product) -> None:
    edit(django)
    found = json.loads(client.get(f"/roadmap.json?{DAY}").content)
    assert (found["on"], found["known_on"]) == ("2026-11-21", "2026-02-01")
    assert "known_on" not in json.loads(client.get("/roadmap.json").content)
    assert "django,5.2,5.2 (LTS),security" in client.get(f"/roadmap.csv?{DAY}").content.decode()
    assert "2028-04-30" in client.get(f"/roadmap.csv?{DAY}").content.decode()
    assert "2029-04" in client.get("/roadmap.csv").content.decode()


def test_subscriptions_are_of_today(client: Client, django: Product) -> None:
    """A calendar or feed of a past state is useless, so that the page links to the current ones."""
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
        ("pin=p1:1&product=p2&lts=1&status=active&ends=soon&q=p&category=os&tag=x", 11, 1),
        ("q=nothing-is-called-so", 4, 0),
    ],
)
def test_query_budget(
    count: int,
    query: str,
    present: int,
    more: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Two queries more than the current roadmap, independent of the number of products.

    They read the products of single cycles and the current pages, or the date of the first record.
    A text needs the revision in the current roadmap alone, as recorded names are never kept.
    """
    for number in range(count):
        product = make_product(f"p{number}", category="os", tags=["x"])
        make_cycle(product, "1", release="2025-01-01", eol="2027-01-01", lts="yes")
        make_cycle(product, "2", release="2027-01-01")
    set_history_date(WRITTEN)
    asked = {name: [value] for name, value in parse_qsl(query)}
    with django_assert_num_queries(present):
        read(asked)
    with django_assert_num_queries(present + more):
        read(asked | {"known_on": ["2026-02-01"]})


def read(asked: dict[str, list[str]]) -> None:
    """Run the queries of the page."""
    found = selectors.roadmap(RoadmapQuery.parse(asked, ON))
    for product, cycle in found.cycles:
        assert str(product.category) == "os"
        assert found.page_of(product, cycle) == (product.name, cycle.name)
