"""The admin with a large catalogue: 500 products and 8,500 cycles, 437 of them in one product."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Final

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
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
BYTES_OF_A_FORM: Final = 90_000
"""One option for each of the 8,500 cycles would take 300,000 bytes."""


@pytest.fixture(autouse=True)
def known_content_types(db: None) -> None:
    """Read all content types, which a process reads once."""
    ContentType.objects.get_for_models(*apps.get_models())


@pytest.fixture(scope="module")
def manager(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """A superuser's client, with the large catalogue in the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_large_catalogue()
        client = Client()
        client.force_login(get_user_model()._default_manager.create_superuser("manager"))
        yield client
        transaction.set_rollback(True)


def make_large_catalogue() -> None:
    """Create rows in every table as an import leaves them, with their first history records."""
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
    """Yield cycles 45 days apart with two years of support each; two of them are planned."""
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


def largest_product() -> Product:
    return Product.objects.get(name="product-000")


def changelist(model: str) -> str:
    return reverse(f"admin:releases_{model}_changelist")


def change(row: Product | ReleaseCycle | UpgradeNote) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def page(client: Client, address: str, most: int) -> str:
    """Return a page of at most `most` bytes."""
    response = client.get(address)
    assert response.status_code == 200, address
    assert len(response.content) <= most, (address, len(response.content))
    return response.content.decode()


def test_catalogue_is_large(manager: Client) -> None:
    assert (Product.objects.count(), ReleaseCycle.objects.count()) == (PRODUCTS, CYCLES)
    assert largest_product().cycles.count() == LARGEST


@pytest.mark.django_db
@pytest.mark.parametrize("cycles", [40, 90])
def test_product_form_query_count_is_bounded(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, cycles: int
) -> None:
    """40 inline cycles cost the same as a link to a list of 90."""
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
def test_changelists_take_at_most_twelve_queries(
    manager: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    model: str,
    search: str,
) -> None:
    """Session, user, count, rows, and the choices of the filters."""
    with django_assert_max_num_queries(QUERIES_OF_A_LIST):
        page(manager, changelist(model) + search, BYTES_OF_A_LIST)


@pytest.mark.parametrize("model", ["product", "releasecycle", "upgradenote"])
def test_changelist_filters_take_no_more_queries(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries, model: str
) -> None:
    """Follow the choices of each filter in turn."""
    links = filter_links(manager, model)
    assert len(links) > 5
    for link in links:
        with django_assert_max_num_queries(QUERIES_OF_A_LIST, info=link):
            page(manager, changelist(model) + link, BYTES_OF_A_LIST)


def filter_links(client: Client, model: str) -> list[str]:
    """Return the first choices of each filter; the rest of a long filter behave alike."""
    found = client.get(changelist(model)).context["cl"]
    choices = chain.from_iterable(list(each.choices(found))[:8] for each in found.filter_specs)
    return [choice["query_string"] for choice in choices]


def test_product_form_links_to_a_large_number_of_cycles(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """437 inline forms would take megabytes; the changelist shows a hundred per page."""
    product = largest_product()
    with django_assert_max_num_queries(15):
        html = page(manager, change(product), BYTES_OF_A_FORM)
    assert "cycles-TOTAL_FORMS" not in html
    link = f"{changelist('releasecycle')}?product__id__exact={product.pk}"
    assert f'href="{link}"' in html
    with django_assert_max_num_queries(QUERIES_OF_A_LIST):
        found = manager.get(link).context["cl"]
    assert (found.result_count, len(found.result_list)) == (LARGEST, 100)


def test_product_with_many_cycles_can_be_saved(manager: Client) -> None:
    """The form does not contain its cycles and leaves them unchanged."""
    product = largest_product()
    form = manager.get(change(product)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in data.items() if value not in (None, False)}
    for prefix in ("custom_fields", "aliases", "identifiers"):
        sent |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    with transaction.atomic():
        response = manager.post(change(product), sent | {"label": "The largest"})
        assert response.status_code == 302, response.context["errors"]
        assert (largest_product().label, largest_product().cycles.count()) == (
            "The largest",
            LARGEST,
        )
        transaction.set_rollback(True)


def test_forms_do_not_list_all_rows(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Cycles and notes select their product by autocomplete."""
    cycle, note = largest_product().cycles.all()[200], UpgradeNote.objects.all()[0]
    for row, queries in ((cycle, 11), (note, 10)):  # the form of a cycle also has former names
        page(manager, change(row), BYTES_OF_A_FORM)  # warm the cache of content types
        with django_assert_max_num_queries(queries):
            html = page(manager, change(row), BYTES_OF_A_FORM)
        assert html.count("<option") < 40


@pytest.mark.parametrize(
    ("name", "queries", "most"),
    [
        ("product_history", 21, 100_000),  # 12 changes, with a limited number of rows each
        ("releasecycle_history", 14, 20_000),
        ("product_delete", 18, 80_000),  # one for each table with rows of the product
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
    """A product's history covers its 437 cycles, and its deletion page lists them."""
    product = largest_product()
    rows = {"releasecycle_history": product.cycles.all()[200], "product_deleted": None}
    row = rows.get(name, product)
    address = reverse(f"admin:releases_{name}", args=[row.pk] if row else [])
    with django_assert_max_num_queries(queries):
        page(manager, address, most)


def test_admin_index_is_bounded(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Each need has five lines."""
    with django_assert_max_num_queries(17):
        html = page(manager, reverse("admin:index"), 40_000)
    assert html.count(">Confirm date ") == 5


def test_the_preview_is_bounded(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """A preview request for a cycle of the largest product."""
    cycle = largest_product().cycles.all()[200]
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
