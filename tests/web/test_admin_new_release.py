"""A new release in one field."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from releases.models import Product, Release
from releases.services.editing.roles import EDITOR, VIEWER
from tests.conftest import ON
from tests.factories import make_cycle, make_product
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    product = make_product()
    make_cycle(product, "6.0", latest="6.0.10")
    make_cycle(product, "5.2", latest="5.2.19")
    return product


def address_of(product: Product) -> str:
    return reverse("admin:releases_product_new_release", args=[product.pk])


def test_a_patch_release(django: Product) -> None:
    """The version is enough; the editor stays on the page, and is told what became of it."""
    page = reverse("admin:releases_releasecycle_changelist") + f"?product__id__exact={django.pk}"
    client = log_in(EDITOR)
    html = client.get(page).content.decode()
    assert f'action="{address_of(django)}"' in html
    answer = client.post(address_of(django), {"version": "v5.2.20", "next": page}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    html = answer.content.decode()
    assert "5.2.20 (patch) was added to Django 5.2. It is the latest one now." in html
    cycle = django.cycles.get(name="5.2")
    assert (cycle.latest, cycle.latest_date) == ("5.2.20", ON)
    assert cycle.history.first().history_user.username == EDITOR


def test_a_day_and_a_security_release(django: Product) -> None:
    """What cannot be told from the version can be said besides."""
    data = {"version": "5.2.20", "day": "2026-11-03", "security": "on"}
    log_in(EDITOR).post(address_of(django), data)
    release = Release.objects.get()
    assert (release.kind, release.date) == ("security", date(2026, 11, 3))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"version": "7.0.1"}, "7.0.1 belongs to no release cycle of Django."),
        ({"version": "6.0.11", "cycle": "5.2"}, "6.0.11 belongs to 6.0, not to 5.2."),
        ({"version": ""}, "This field is required."),
        ({"version": "5.2.20", "day": "soon"}, "Enter a valid date."),
    ],
)
def test_what_cannot_be_added_is_said_at_its_field(
    django: Product, sent: dict[str, str], sentence: str
) -> None:
    """On a page that keeps what was typed."""
    if "cycle" in sent:
        sent = sent | {"cycle": str(django.cycles.get(name=sent["cycle"]).pk)}
    answer = log_in(EDITOR).post(address_of(django), sent)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in html
    assert f'value="{sent["version"]}"' in html or not sent["version"]
    assert not Release.objects.exists()


def test_a_cycle_of_another_product(django: Product) -> None:
    """Is not believed, whoever sends it."""
    other = make_cycle(make_product("python"), "5.2")
    sent = {"version": "5.2.20", "cycle": str(other.pk)}
    assert log_in(EDITOR).post(address_of(django), sent).status_code == 200
    assert not Release.objects.exists()


def test_the_page_of_its_own(django: Product) -> None:
    """Asks for the same and for what is seldom needed."""
    html = log_in(EDITOR).get(address_of(django)).content.decode()
    assert "It fixes a security problem" in html
    assert "errornote" not in html


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_viewer_adds_none(django: Product, method: str) -> None:
    """403, and nothing is written."""
    send = getattr(log_in(VIEWER), method)
    assert send(address_of(django), {"version": "5.2.20"}).status_code == 403
    assert not Release.objects.exists()
    assert django.cycles.get(name="5.2").latest == "5.2.19"
