"""API tokens in the admin."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from releases.models import ApiToken
from releases.services.editing.roles import EDITOR, VIEWER
from releases.services.editing.tokens import find_token
from tests.conftest import ON
from tests.factories import make_product
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db

ADD = "/admin/releases/apitoken/add/"
LIST = "/admin/releases/apitoken/"


def text_of(page: str) -> str:
    """Return the token that a page shows."""
    found = re.search(r'value="(rr_[^"]+)"', page)
    assert found
    return found[1]


def create(client: Client, **values: object) -> str:
    sent = {"purpose": "pipeline", "expires_on": "2027-02-01"} | values
    page = client.post(ADD, sent)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    return text_of(page.text)


def test_token_is_shown_once() -> None:
    """No later page has it, nor its digest."""
    client = log_in(EDITOR)
    product = make_product("django")
    text = create(client, products=[product.pk])
    token = find_token(text)
    assert token is not None
    assert (token.owner.username, token.all_products) == (EDITOR, False)
    assert token.allows("django")
    for address in (LIST, reverse("admin:releases_apitoken_change", args=[token.pk]), "/admin/"):
        page = client.get(address).text
        assert "rr_" not in page
        assert token.digest not in page
    assert "pipeline" in client.get(LIST).text


def test_token_without_products_is_for_all() -> None:
    token = find_token(create(log_in(EDITOR)))
    assert token is not None
    assert token.all_products
    assert token.allows("anything")


def test_usual_last_day_is_in_90_days() -> None:
    assert f'value="{ON + timedelta(days=90)}"' in log_in(EDITOR).get(ADD).text


@pytest.mark.parametrize("day", ["2026-11-20", "2027-11-23", "", "soon"])
def test_last_day_is_at_most_a_year_away(day: str) -> None:
    page = log_in(EDITOR).post(ADD, {"purpose": "pipeline", "expires_on": day})
    assert "errorlist" in page.text
    assert not ApiToken.objects.exists()


def test_replacement_works_beside_the_first_token() -> None:
    """Both work until the first one is revoked; then only the second does."""
    client = log_in(EDITOR)
    first = find_token(create(client))
    assert first is not None
    page = client.post(reverse("admin:releases_apitoken_replace", args=[first.pk]))
    assert "no-store" in page["Cache-Control"]
    second = find_token(text_of(page.text))
    assert second is not None
    assert (second.purpose, second.all_products) == (first.purpose, True)
    assert second.expires_on == first.expires_on
    client.post(reverse("admin:releases_apitoken_revoke", args=[first.pk]))
    states = {token.pk: token.state(ON) for token in ApiToken.objects.all()}
    assert states == {first.pk: "revoked", second.pk: "active"}


def test_people_see_their_own_tokens() -> None:
    """A superuser sees all, can revoke all, and cannot create one for another person."""
    other = find_token(create(log_in(EDITOR, "ann"), purpose="of ann"))
    assert other is not None
    client = log_in(EDITOR, "ben")
    assert "of ann" not in client.get(LIST).text
    for action in ("replace", "revoke"):
        address = reverse(f"admin:releases_apitoken_{action}", args=[other.pk])
        assert client.post(address).status_code == 404
    root = Client()
    root.force_login(get_user_model()._default_manager.create_superuser("root"))
    assert "of ann" in root.get(LIST).text
    replace = reverse("admin:releases_apitoken_replace", args=[other.pk])
    assert root.post(replace).status_code == 403
    root.post(reverse("admin:releases_apitoken_revoke", args=[other.pk]))
    assert ApiToken.objects.get().revoked_at


def test_viewers_have_no_tokens() -> None:
    assert log_in(VIEWER).get(ADD).status_code == 403
