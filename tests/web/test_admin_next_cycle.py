"""The form for the next cycle, prefilled from the previous ones."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.models import Product
from releases.services.editing.roles import VIEWER
from tests.factories import make_cycle, make_product
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db

ADD = "/admin/releases/releasecycle/add/"


@pytest.fixture
def python() -> Product:
    product = make_product("python")
    for minor in (14, 13, 12):
        year = 2011 + minor
        make_cycle(
            product, f"3.{minor}", release=f"{year}-10-07", eoas=f"{year + 2}-10", eol=f"{year + 5}"
        )
    return product


def query_data(product: Product, after: str = "") -> dict[str, str]:
    return {"product": str(product.pk), "after": after}


def initial_values(client: Client, product: Product, after: str = "") -> dict[str, object]:
    form = client.get(ADD, query_data(product, after)).context["adminform"].form
    names = ("name", "release", "lts", "eoas", "eol", "unconfirmed", "position")
    return {name: form[name].value() for name in names}


def test_form_is_prefilled(admin_client: Client, python: Product) -> None:
    """Dates follow the intervals of earlier cycles; the cycle is unconfirmed and at the top."""
    assert initial_values(admin_client, python) == {
        "name": "3.15",
        "release": "2026-10",
        "lts": "",
        "eoas": "2028-10",
        "eol": "2031-12",
        "unconfirmed": True,
        "position": None,
    }
    html = admin_client.get(ADD, query_data(python, "3.13")).content.decode()
    assert "after 3.14: a release every 12 months, and support as of 3.14, 3.13, 3.12." in html


def test_next_cycle_is_placed_above_its_predecessor(admin_client: Client, python: Product) -> None:
    """Cycles above the predecessor stay at the top; equal positions are ordered by age."""
    make_cycle(python, "2030", release="2030-01", position=-1)
    form = initial_values(admin_client, python, "3.14")
    assert (form["name"], form["position"]) == ("3.15", -1)
    make_cycle(python, "3.15", position=-1)
    names = [cycle.name for cycle in python.cycles.all()]
    assert names == ["2030", "3.15", "3.14", "3.13", "3.12"]


def test_prefilled_form_is_saved(admin_client: Client, python: Product) -> None:
    """Changes to the proposed values are kept, and the rest is saved as proposed."""
    values = {name: value or "" for name, value in initial_values(admin_client, python).items()}
    data = values | {"product": python.pk, "name": "4.0", "unconfirmed": "on"}
    data |= {"releases-TOTAL_FORMS": 0, "releases-INITIAL_FORMS": 0}
    for prefix in ("aliases", "identifiers"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    assert admin_client.post(ADD, data).status_code == 302
    cycle = python.cycles.get(name="4.0")
    assert (str(cycle.release), cycle.unconfirmed) == ("Oct 2026", True)


@pytest.mark.parametrize(
    "query", [{"product": "0", "after": ""}, {"product": "0", "after": "5.2"}, {"after": ""}]
)
def test_form_is_empty_without_a_previous_cycle(
    admin_client: Client, query: dict[str, str]
) -> None:
    """A message explains that the product has no cycles, or not the one given."""
    query = query | ({"product": str(make_product().pk)} if "product" in query else {})
    answer = admin_client.get(ADD, query)
    assert not answer.context["adminform"].form["name"].value()
    told = "There is no release cycle to go on from." in answer.content.decode()
    assert told == ("product" in query)


def test_forms_and_changelist_link_to_the_next_cycle(admin_client: Client, python: Product) -> None:
    """The forms of a product and its cycles, and the product's list of cycles, have the link."""
    make_cycle(python, "3.1 beta&more", release="2026")
    address = f"{ADD}?product={python.pk}&after="
    for page, after in (
        (f"product/{python.pk}/change/", ""),
        (f"releasecycle/{python.cycles.get(name='3.14').pk}/change/", "3.14"),
        (f"releasecycle/{python.cycles.get(name='3.1 beta&more').pk}/change/", "3.1%20beta%26more"),
        (f"releasecycle/?product__id__exact={python.pk}", ""),
    ):
        html = unescape(admin_client.get(f"/admin/releases/{page}").content.decode())
        assert f'href="{address}{after}"' in html
    assert "after=" not in admin_client.get("/admin/releases/releasecycle/").content.decode()


def test_prefilled_form_query_count(
    admin_client: Client, python: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, user, whether the product exists, its cycles and its title.

    The first two are also those of an empty form.
    """
    admin_client.get(ADD)
    with django_assert_num_queries(5):
        admin_client.get(ADD, query_data(python))


def test_viewer_cannot_add_a_cycle(python: Product) -> None:
    """There is no link, and the form answers with 403."""
    client = log_in(VIEWER)
    page = reverse("admin:releases_product_change", args=[python.pk])
    html = client.get(page).content.decode()
    assert "Next cycle" not in html
    assert "New release" not in html
    assert client.get(ADD, query_data(python)).status_code == 403
