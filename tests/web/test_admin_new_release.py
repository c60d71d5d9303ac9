"""The form that adds a release from its version."""

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


def new_release_url(product: Product) -> str:
    return reverse("admin:releases_product_new_release", args=[product.pk])


def test_version_is_enough_for_a_patch_release(django: Product) -> None:
    """The editor returns to the same page and is shown the result."""
    page = reverse("admin:releases_releasecycle_changelist") + f"?product__id__exact={django.pk}"
    client = log_in(EDITOR)
    html = client.get(page).content.decode()
    assert f'action="{new_release_url(django)}"' in html
    answer = client.post(new_release_url(django), {"version": "v5.2.20", "next": page}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    html = answer.content.decode()
    assert "5.2.20 (patch) was added to Django 5.2. It is the latest one now." in html
    cycle = django.cycles.get(name="5.2")
    assert (cycle.latest, cycle.latest_date) == ("5.2.20", ON)
    assert cycle.history.first().history_user.username == EDITOR


def test_date_and_security_flag_are_optional(django: Product) -> None:
    data = {"version": "5.2.20", "day": "2026-11-03", "security": "on"}
    log_in(EDITOR).post(new_release_url(django), data)
    release = Release.objects.get()
    assert (release.kind, release.date) == ("security", date(2026, 11, 3))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"version": "7.0.1"}, "7.0.1 belongs to no release cycle of Django."),
        ({"version": "6.0.11", "cycle": "5.2"}, "6.0.11 belongs to 6.0, not to 5.2."),
        ({"version": ""}, "This field is required."),
        ({"version": "5.2.20", "day": "soon"}, "“soon” is not a day such as 2028-04-30"),
    ],
)
def test_errors_are_shown_at_their_fields(
    django: Product, sent: dict[str, str], sentence: str
) -> None:
    """The page keeps the submitted values."""
    if "cycle" in sent:
        sent = sent | {"cycle": str(django.cycles.get(name=sent["cycle"]).pk)}
    answer = log_in(EDITOR).post(new_release_url(django), sent)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in html
    assert f'value="{sent["version"]}"' in html or not sent["version"]
    assert not Release.objects.exists()


def test_cycle_of_another_product_is_rejected(django: Product) -> None:
    other = make_cycle(make_product("python"), "5.2")
    sent = {"version": "5.2.20", "cycle": str(other.pk)}
    assert log_in(EDITOR).post(new_release_url(django), sent).status_code == 200
    assert not Release.objects.exists()


def test_form_page_has_optional_fields(django: Product) -> None:
    """It asks for the version and for the options that are rarely needed."""
    html = log_in(EDITOR).get(new_release_url(django)).content.decode()
    assert "It fixes a security problem" in html
    assert "errornote" not in html


@pytest.mark.parametrize("method", ["get", "post"])
def test_viewer_cannot_add_a_release(django: Product, method: str) -> None:
    """The response is 403 and nothing is written."""
    send = getattr(log_in(VIEWER), method)
    assert send(new_release_url(django), {"version": "5.2.20"}).status_code == 403
    assert not Release.objects.exists()
    assert django.cycles.get(name="5.2").latest == "5.2.19"
