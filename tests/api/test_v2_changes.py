"""A client that follows `/api/v2/changes` has the catalogue, and never sees a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product, ReleaseCycle, Tag
from tests.api.conftest import Ask
from tests.conftest import ON
from tests.factories import make_custom_field, make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db

DAY = f"on={ON}"
"""Values that depend only on the day, so that a new value is not a change."""
NOON = datetime(ON.year, ON.month, ON.day, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _still(time_machine: TimeMachineFixture) -> None:
    """The clock stands still until a test moves it."""
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def later(time_machine: TimeMachineFixture) -> Callable[..., None]:
    """Return a function that advances the clock by a minute or a given time."""

    def move(**delta: float) -> None:
        time_machine.shift(timedelta(**delta or {"minutes": 1}))

    return move


class Copy:
    """A client with a copy of the products by name."""

    def __init__(self, ask: Ask, limit: int = 25) -> None:
        self.ask, self.next = ask, f"/api/v2/changes?limit={limit}&{DAY}"
        self.products: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        """Read one page."""
        answer: dict[str, Any] = self.ask(self.next)
        self.next = (answer["next"] or self.next).removeprefix("http://testserver")
        for item in answer["items"]:
            if item["deleted"]:
                self.products.pop(item["product"], None)
            else:
                self.products[item["product"]] = item["value"]
        return answer

    def follow(self) -> list[dict[str, Any]]:
        """Update the copy, and return the items that were read."""
        answer = self.read()
        told = list(answer["items"])
        while answer["more"]:
            answer = self.read()
            told += answer["items"]
        return told


def all_products(ask: Ask) -> dict[str, Any]:
    names = Product.objects.public().values_list("name", flat=True)
    return {name: ask(f"/api/v2/products/{name}?{DAY}") for name in names}


def cycle(name: str) -> ReleaseCycle:
    return ReleaseCycle.objects.get(name=name)


# ---- the usual case


def test_first_read_has_all_products(ask: Ask) -> None:
    """Each equals the product at its own URL. The next read is empty."""
    make_cycle(make_product("django"), "5.2", eol="2028-04")
    make_product("python")
    copy = Copy(ask)
    copy.follow()
    assert set(copy.products) == {"django", "python"}
    assert copy.products == all_products(ask)
    answer = ask(copy.next)
    assert (answer["items"], answer["more"]) == ([], False)
    assert answer["until"] == answer["since"] == "2026-11-21T12:00:00.000000Z"


def test_empty_catalogue_has_no_items(ask: Ask) -> None:
    answer = ask("/api/v2/changes")
    assert (answer["items"], answer["until"], answer["next"]) == ([], None, None)
    later = ask("/api/v2/changes?since=2026-11-21")
    assert later["until"] == "2026-11-21T00:00:00.000000Z"


def test_moved_date_is_a_change(ask: Ask, later: Callable[..., None]) -> None:
    """The item has the current product and the changes of its cycles."""
    make_cycle(make_product("django"), "5.2", eol="2028-04")
    make_product("python")
    copy = Copy(ask)
    copy.follow()
    later()
    row = cycle("5.2")
    row.eol = parse_milestone("2028-05-31")
    row.save()
    (item,) = copy.follow()
    assert (item["product"], item["deleted"], item["deleted_cycles"]) == ("django", False, [])
    (change,) = item["changes"]
    assert change.pop("old")["date"] == "2028-04-30"
    assert change.pop("new")["date"] == "2028-05-31"
    assert change == {
        "at": "2026-11-21T12:01:00.000000Z",
        "cycle": "5.2",
        "kind": "moved",
        "milestone": "eol",
    }
    assert copy.products == all_products(ask)


@pytest.mark.parametrize(
    "write",
    [
        lambda _: make_release(cycle("5.2"), "5.2.1"),
        lambda product: make_cycle(product, "6.0"),
        lambda product: make_custom_field(product, "owner"),
        lambda product: product.identifiers.create(type="purl", value="pkg:pypi/django"),
        lambda product: product.tags.create(name="web"),
        lambda product: product.save(),
    ],
)
def test_every_related_row_changes_its_product(
    ask: Ask, later: Callable[..., None], write: Callable[[Product], Any]
) -> None:
    product = make_product("django")
    make_cycle(product, "5.2")
    copy = Copy(ask)
    copy.follow()
    later()
    write(product)
    assert [item["product"] for item in copy.follow()] == ["django"]
    assert copy.products == all_products(ask)


def test_renamed_or_deleted_category_or_tag_is_a_change(
    ask: Ask, later: Callable[..., None]
) -> None:
    product = make_product("django", category="framework", tags=["web", "python"])
    make_product("python", category="lang")
    copy = Copy(ask)
    copy.follow()
    for word in (product.category, product.tags.get(name="web")):
        later()
        assert word
        word.name = f"new-{word.name}"
        word.save()
        assert [item["product"] for item in copy.follow()] == ["django"]
        assert copy.products == all_products(ask)
    later()
    Tag.objects.filter(name="python").delete()
    assert [item["product"] for item in copy.follow()] == ["django"]
    assert copy.products["django"]["tags"] == ["new-web"]
    assert product.history.first().tags.count() == 1


def test_deleted_cycle_and_product_are_reported(ask: Ask, later: Callable[..., None]) -> None:
    product = make_product("django")
    make_cycle(product, "5.1")
    make_cycle(product, "5.2")
    copy = Copy(ask)
    copy.follow()
    later()
    cycle("5.1").delete()
    (item,) = copy.follow()
    assert item["deleted_cycles"] == ["5.1"]
    assert [each["name"] for each in item["value"]["cycles"]] == ["5.2"]
    later()
    product.delete()
    assert copy.follow() == [
        {
            "at": "2026-11-21T12:02:00.000000Z",
            "product": "django",
            "deleted": True,
            "deleted_cycles": [],
            "changes": [],
            "value": None,
        }
    ]
    assert copy.products == {}


def test_rename_deletes_the_old_name(ask: Ask, later: Callable[..., None]) -> None:
    """A cycle that moves changes both products."""
    product, other = make_product("django"), make_product("python")
    row = make_cycle(product, "5.2")
    copy = Copy(ask)
    copy.follow()
    later()
    product.name = "web"
    product.save()
    told = [(item["product"], item["deleted"]) for item in copy.follow()]
    assert told == [("django", True), ("web", False)]
    later()
    row.name, row.product = "3.14", other
    row.save()
    told = [(item["product"], item["deleted_cycles"]) for item in copy.follow()]
    assert told == [("web", ["5.2"]), ("python", [])]
    assert copy.products == all_products(ask)


def test_page_ends_between_two_times(ask: Ask, later: Callable[..., None]) -> None:
    """Simultaneous changes are on one page, and no change is repeated."""
    for minute in range(3):
        for number in range(2):
            make_product(f"p{minute}-{number}")
        later()
    copy = Copy(ask, limit=1)
    first = ask(copy.next)
    assert ([each["product"] for each in first["items"]], first["more"]) == (["p0-0", "p0-1"], True)
    assert [item["product"] for item in copy.follow()] == [
        f"p{minute}-{number}" for minute in range(3) for number in range(2)
    ]


# ---- drafts


def test_draft_is_reported_when_it_is_published(
    ask: Ask, later: Callable[..., None], time_machine: TimeMachineFixture
) -> None:
    """Earlier edits are never reported."""
    make_product("django")
    secret = make_product("secret", draft=True)
    copy = Copy(ask)
    copy.follow()
    later()
    row = make_cycle(secret, "1", eol="2030")
    later()
    row.save()
    assert copy.follow() == []
    later()
    secret.draft = False
    secret.save()
    (item,) = copy.follow()
    assert (item["product"], item["at"]) == ("secret", "2026-11-21T12:03:00.000000Z")
    later()
    make_cycle(secret, "2", draft=True, publish_on=ON + timedelta(days=1))
    assert copy.follow() == []
    time_machine.move_to(NOON + timedelta(days=1))
    (item,) = copy.follow()
    assert item["at"] == "2026-11-22T00:00:00.000000Z"
    assert copy.products == all_products(ask)


def test_row_turned_into_a_draft_is_reported_as_deleted(
    ask: Ask, later: Callable[..., None]
) -> None:
    product = make_product("django")
    row = make_cycle(product, "5.2")
    copy = Copy(ask)
    copy.follow()
    later()
    row.draft = True
    row.save()
    (item,) = copy.follow()
    assert item["deleted_cycles"] == ["5.2"]
    later()
    product.draft = True
    product.save()
    (item,) = copy.follow()
    assert (item["product"], item["deleted"]) == ("django", True)


def test_deleted_draft_is_never_reported(ask: Ask, later: Callable[..., None]) -> None:
    """This holds for products and cycles, and for any start of a client."""
    product = make_product("django")
    answers = [ask("/api/v2/changes"), ask("/api/v2/changes?since=2026-01-01")]
    later()
    secret = make_product("secret", draft=True)
    draft = make_cycle(product, "6.0", draft=True)
    make_release(draft, "6.0a1")
    later()
    secret.delete()
    draft.delete()
    assert [ask("/api/v2/changes"), ask("/api/v2/changes?since=2026-01-01")] == answers


# ---- any sequence of changes


def _random_step(chance: Random, number: int) -> bool:
    """Write something, and return True if it was hidden before and after."""
    products = list(Product.objects.order_by("pk"))
    cycles = list(ReleaseCycle.objects.select_related("product").order_by("pk"))
    visibility: dict[str, Any] = chance.choice(
        (
            {"draft": False, "publish_on": None},
            {"draft": True, "publish_on": None},
            {
                "draft": True,
                "publish_on": date(2026, 11, 21) + timedelta(days=chance.randint(0, 9)),
            },
        )
    )
    if not products or chance.random() < 0.15:
        make_product(f"p{number}", **visibility)
        return bool(visibility["draft"] and visibility["publish_on"] is None)
    row: Any = chance.choice([*products, *cycles])
    public = type(row).objects.public().filter(pk=row.pk)
    before = public.exists()
    match chance.choice(("edit", "rename", "show", "delete", "add", "release", "move")):
        case "rename":
            row.name = f"n{chance.randint(0, 9)}{number}"
            row.save()
        case "show":
            row.draft, row.publish_on = visibility["draft"], visibility["publish_on"]
            row.save()
        case "delete":
            row.delete()
            return not before
        case "add":
            owner = row if isinstance(row, Product) else row.product
            new = make_cycle(owner, f"c{number}", eol="2030", **visibility)
            return not ReleaseCycle.objects.public().filter(pk=new.pk).exists()
        case "release" if isinstance(row, ReleaseCycle):
            make_release(row, f"{row.name}.{number}")
        case "move" if isinstance(row, ReleaseCycle):
            row.product = chance.choice(products)
            row.name = f"m{number}"
            row.save()
        case _:
            row.label = f"L{number}"
            row.save()
    return not before and not public.exists()


@pytest.mark.parametrize("seed", range(3))
def test_every_copy_equals_the_catalogue(ask: Ask, later: Callable[..., None], seed: int) -> None:
    """Clients read after each step, read small pages, read now and then, or start at the end.

    Hidden rows are reported to none.
    """
    chance = Random(seed)
    close, slow, lazy = Copy(ask), Copy(ask, limit=1), Copy(ask, limit=1)
    for number in range(40):
        later(hours=chance.choice((0.1, 9)))
        close.follow()  # of drafts whose day has come
        hidden = _random_step(chance, number)
        told = close.follow()
        assert not (hidden and told)
        assert close.products == (truth := all_products(ask))
        slow.read()
        if chance.random() < 0.2:
            lazy.follow()
            assert lazy.products == truth
    slow.follow()
    assert slow.products == truth
    new = Copy(ask, limit=3)
    assert not any(item["deleted"] for item in ask(new.next)["items"])
    new.follow()
    assert new.products == all_products(ask)


# ---- parameters and query counts


@pytest.mark.parametrize(
    "since", ["2026-11-21", "2026-11-21T11:00:00Z", "2026-11-21T12:00:00.999999%2B00:30"]
)
def test_valid_since(ask: Ask, since: str) -> None:
    make_product("django")
    assert len(ask(f"/api/v2/changes?since={since}")["items"]) == 1


@pytest.mark.parametrize(
    "since", ["never", "2026", "2026-02-30", "2026-11-21T12:00:00", "2026-11-21T25:00:00Z", ""]
)
def test_invalid_since_is_rejected(client: Client, since: str) -> None:
    """A time without a time zone is ambiguous."""
    response = client.get("/api/v2/changes", {"since": since})
    assert response.status_code == 400
    assert "since" in response.text
    assert "expected a time such as 2026-11-21T12:30:00Z" in response.text


@pytest.mark.parametrize("count", [2, 20])
def test_query_count_is_constant(
    ask: Ask, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        product = make_product(f"p{number}", tags=["web"])
        make_cycle(product, "1", draft=bool(number % 2), eol="2030")
        make_cycle(product, "2")
    # last writes, removed cycles; days of publication (2), drafts (2); versions of drafted
    # products, of their cycles, releases, their identifiers and other rows; products with all that
    # belongs to them (8), their versions, their names, versions of cycles, histories of dates
    with django_assert_num_queries(25):
        ask("/api/v2/changes?since=2026-11-20")
