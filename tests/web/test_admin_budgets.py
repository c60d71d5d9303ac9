"""The admin with a large catalogue: 500 products and 8,500 cycles, 437 of them of one product."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Final

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker
from simple_history.utils import bulk_create_with_history

from releases.models import Category, Product, Release, ReleaseCycle, Source, Tag, UpgradeNote
from tests.conftest import ON
from tests.factories import make_cycle, make_product

PRODUCTS: Final = 500
CYCLES: Final = 8_500
LARGEST: Final = 437

QUERIES_OF_A_LIST: Final = 12
BYTES_OF_A_LIST: Final = 150_000
BYTES_OF_A_FORM: Final = 80_000
"""One option for each of 8,500 cycles alone would weigh 300,000 bytes."""


@pytest.fixture(scope="module")
def manager(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """Somebody who may do everything, in the large catalogue."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill()
        client = Client()
        client.force_login(get_user_model()._default_manager.create_superuser("manager"))
        yield client
        transaction.set_rollback(True)


def fill() -> None:
    """Rows of each table as they are after an import, with their first records in the history."""
    categories = Category.objects.bulk_create(Category(name=f"kind-{n}") for n in range(9))
    tags = Tag.objects.bulk_create(Tag(name=f"tag-{n:02}") for n in range(40))
    products = bulk_create_with_history(
        [
            Product(
                name=f"product-{n:03}",
                label=f"Product {n:03}",
                category=categories[n % 9],
                source=Source.FILE if n % 2 else Source.HERE,
                draft=n % 50 == 1,
            )
            for n in range(PRODUCTS)
        ],
        Product,
    )
    Product.tags.through._default_manager.bulk_create(
        Product.tags.through(product=product, tag=tags[(n + step) % 40])
        for n, product in enumerate(products)
        for step in (0, 7, 11)
    )
    others, more = divmod(CYCLES - LARGEST, PRODUCTS - 1)
    sizes = [LARGEST, others + more, *([others] * (PRODUCTS - 2))]
    made = (make_cycles(product, size) for product, size in zip(products, sizes, strict=True))
    cycles = bulk_create_with_history(list(chain.from_iterable(made)), ReleaseCycle)
    bulk_create_with_history(
        [Release(cycle=cycle, version=f"{cycle.name}.1") for cycle in cycles[::4]], Release
    )
    bulk_create_with_history(
        [
            UpgradeNote(product=product, key=f"note-{n}", title=f"Note {n}", text="Read it.")
            for product in products
            for n in range(2)
        ],
        UpgradeNote,
    )


def make_cycles(product: Product, size: int) -> Iterator[ReleaseCycle]:
    """The cycles of a product, one each 45 days and supported for two years; two are planned."""
    for place in range(size):
        release = ON + timedelta(days=45 * (2 - place) - 1)
        yield ReleaseCycle(
            product=product,
            name=f"{size - place}.0",
            position=place,
            release_date=release,
            release_precision="day",
            eol_date=release + timedelta(days=730),
            eol_precision="day",
            lts_flag=place % 5 == 0,
            latest=f"{size - place}.0.1",
            unconfirmed=place < 3,
        )


def largest() -> Product:
    return Product.objects.get(name="product-000")


def changelist(model: str) -> str:
    return reverse(f"admin:releases_{model}_changelist")


def change(row: Product | ReleaseCycle | UpgradeNote) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def page(client: Client, address: str, most: int) -> str:
    """A page as text. It may weigh so many bytes."""
    response = client.get(address)
    assert response.status_code == 200, address
    assert len(response.content) <= most, (address, len(response.content))
    return response.content.decode()


def test_it_is_large(manager: Client) -> None:
    assert (Product.objects.count(), ReleaseCycle.objects.count()) == (PRODUCTS, CYCLES)
    assert largest().cycles.count() == LARGEST


@pytest.mark.django_db
@pytest.mark.parametrize("cycles", [40, 90])
def test_the_form_of_a_product_has_a_budget(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, cycles: int
) -> None:
    """A product's form costs the same with forty cycles in it as with ninety on a list."""
    product = make_product()
    for number in range(cycles):
        make_cycle(product, f"{number}", release="2025")
    with django_assert_max_num_queries(20):
        html = admin_client.get(reverse("admin:releases_product_change", args=[product.pk])).content
    assert (b"cycles-0-name" in html) == (cycles < 60)


SEARCHES: Final = (
    "",
    "?q=product",
    "?q=nothing-has-this-name",
    "?p=2",
    "?o=1",
    "?all=",
    "?_facets=True",
)


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("model", ["product", "releasecycle", "upgradenote", "category", "tag"])
def test_no_list_takes_more_than_twelve_queries(
    manager: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    model: str,
    search: str,
) -> None:
    """Session, user, the count, the rows, and what its filters offer."""
    with django_assert_max_num_queries(QUERIES_OF_A_LIST):
        page(manager, changelist(model) + search, BYTES_OF_A_LIST)


@pytest.mark.parametrize("model", ["product", "releasecycle", "upgradenote"])
def test_no_filter_takes_more(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries, model: str
) -> None:
    """Each choice of each filter that the list itself offers, one of a kind after the other."""
    links = filter_links(manager, model)
    assert len(links) > 5
    for link in links:
        with django_assert_max_num_queries(QUERIES_OF_A_LIST, info=link):
            page(manager, changelist(model) + link, BYTES_OF_A_LIST)


def filter_links(client: Client, model: str) -> list[str]:
    """The first choices of each filter of a list; the others of a long filter are alike."""
    found = client.get(changelist(model)).context["cl"]
    choices = chain.from_iterable(list(each.choices(found))[:8] for each in found.filter_specs)
    return [choice["query_string"] for choice in choices]


def test_the_form_of_a_product_links_to_its_many_cycles(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """437 forms would be a page of megabytes; the list has them a hundred at a time."""
    product = largest()
    with django_assert_max_num_queries(14):
        html = page(manager, change(product), BYTES_OF_A_FORM)
    assert "cycles-TOTAL_FORMS" not in html
    link = f"{changelist('releasecycle')}?product__id__exact={product.pk}"
    assert f'href="{link}"' in html
    with django_assert_max_num_queries(QUERIES_OF_A_LIST):
        found = manager.get(link).context["cl"]
    assert (found.result_count, len(found.result_list)) == (LARGEST, 100)


def test_a_product_of_many_cycles_can_be_saved(manager: Client) -> None:
    """Without its cycles in the form, and without a change of them."""
    product = largest()
    form = manager.get(change(product)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in data.items() if value not in (None, False)}
    for prefix in ("custom_fields", "aliases", "identifiers"):
        sent |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    with transaction.atomic():
        response = manager.post(change(product), sent | {"label": "The largest"})
        assert response.status_code == 302, response.context["errors"]
        assert (largest().label, largest().cycles.count()) == ("The largest", LARGEST)
        transaction.set_rollback(True)


def test_forms_offer_no_list_of_all_rows(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """A cycle and a note look their product up. Neither has an option for each of the others."""
    cycle, note = largest().cycles.all()[200], UpgradeNote.objects.all()[0]
    for row, queries in ((cycle, 11), (note, 10)):  # a cycle has former names
        page(manager, change(row), BYTES_OF_A_FORM)  # content types are read once in a process
        with django_assert_max_num_queries(queries):
            html = page(manager, change(row), BYTES_OF_A_FORM)
        assert html.count("<option") < 40


@pytest.mark.parametrize(
    ("name", "queries", "most"),
    [
        ("product_history", 20, 100_000),  # 12 changes; of each so many rows are told
        ("releasecycle_history", 13, 20_000),
        ("product_delete", 16, 80_000),
        ("product_deleted", 5, 20_000),
    ],
)
def test_other_pages_are_bounded(
    manager: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    name: str,
    queries: int,
    most: int,
) -> None:
    """The history of a product is that of its 437 cycles, too, and deleting it would take them."""
    product = largest()
    rows = {"releasecycle_history": product.cycles.all()[200], "product_deleted": None}
    row = rows.get(name, product)
    address = reverse(f"admin:releases_{name}", args=[row.pk] if row else [])
    with django_assert_max_num_queries(queries):
        page(manager, address, most)


def test_the_desk_is_bounded(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Ten lines of each of its lists."""
    with django_assert_max_num_queries(16):
        html = page(manager, reverse("admin:index"), 40_000)
    assert html.count('class="button">Confirm ') == 10


def test_the_preview_is_bounded(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """What is asked for while somebody types a cycle of the largest product."""
    cycle = largest().cycles.all()[200]
    form = manager.get(change(cycle)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in data.items() if value not in (None, False)}
    sent |= {"releases-TOTAL_FORMS": 0, "releases-INITIAL_FORMS": 0, "_preview": "1"}
    with django_assert_max_num_queries(16):
        response = manager.post(
            change(cycle), sent | {"eol": "2027-01"}, headers={"HX-Request": "true"}
        )
    assert response.status_code == 200
    assert len(response.content) <= BYTES_OF_A_FORM
