"""The next cycle from the last one: the usual form, filled."""

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


def asked(product: Product, after: str = "") -> dict[str, str]:
    return {"product": str(product.pk), "after": after}


def filled(client: Client, product: Product, after: str = "") -> dict[str, object]:
    form = client.get(ADD, asked(product, after)).context["adminform"].form
    names = ("name", "release", "lts", "eoas", "eol", "unconfirmed", "position")
    return {name: form[name].value() for name in names}


def test_the_form_is_filled(admin_client: Client, python: Product) -> None:
    """From the pace and the support of the cycles before, to be confirmed, on top of all."""
    assert filled(admin_client, python) == {
        "name": "3.15",
        "release": "2026-10",
        "lts": "",
        "eoas": "2028-10",
        "eol": "2031-12",
        "unconfirmed": True,
        "position": None,
    }
    html = admin_client.get(ADD, asked(python, "3.13")).content.decode()
    assert "after 3.14: a release every 12 months, and support as of 3.14, 3.13, 3.12." in html


def test_it_stands_above_the_one_before(admin_client: Client, python: Product) -> None:
    """Not on top, where that is not the topmost one; rows of one position stand by their age."""
    make_cycle(python, "2030", release="2030-01", position=-1)
    form = filled(admin_client, python, "3.14")
    assert (form["name"], form["position"]) == ("3.15", -1)
    make_cycle(python, "3.15", position=-1)
    names = [cycle.name for cycle in python.cycles.all()]
    assert names == ["2030", "3.15", "3.14", "3.13", "3.12"]


def test_it_is_saved_like_any_other(admin_client: Client, python: Product) -> None:
    """What was typed over the proposal counts; the rest is as proposed."""
    values = {name: value or "" for name, value in filled(admin_client, python).items()}
    data = values | {"product": python.pk, "name": "4.0", "unconfirmed": "on"}
    data |= {"releases-TOTAL_FORMS": 0, "releases-INITIAL_FORMS": 0}
    data |= {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}
    assert admin_client.post(ADD, data).status_code == 302
    cycle = python.cycles.get(name="4.0")
    assert (str(cycle.release), cycle.unconfirmed) == ("Oct 2026", True)


@pytest.mark.parametrize(
    "query", [{"product": "0", "after": ""}, {"product": "0", "after": "5.2"}, {"after": ""}]
)
def test_nothing_to_go_on_from(admin_client: Client, query: dict[str, str]) -> None:
    """A product without cycles, or without this one, is told of; the form is empty then."""
    query = query | ({"product": str(make_product().pk)} if "product" in query else {})
    answer = admin_client.get(ADD, query)
    assert not answer.context["adminform"].form["name"].value()
    told = "There is no release cycle to go on from." in answer.content.decode()
    assert told == ("product" in query)


def test_buttons_lead_to_it(admin_client: Client, python: Product) -> None:
    """On the forms of the product and of its cycles, and on the list of the product's cycles."""
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


def test_query_budget(
    admin_client: Client, python: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, user, whether there is the product, its cycles, its title: an empty form has the
    first two."""
    admin_client.get(ADD)
    with django_assert_num_queries(5):
        admin_client.get(ADD, asked(python))


def test_a_viewer_adds_nothing(python: Product) -> None:
    """No button and no form."""
    client = log_in(VIEWER)
    page = reverse("admin:releases_product_change", args=[python.pk])
    html = client.get(page).content.decode()
    assert "Next cycle" not in html
    assert "New release" not in html
    assert client.get(ADD, asked(python)).status_code == 403
