"""Upgrade verdicts in API v2 and badges."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.models import Alias, Product
from tests.api.conftest import Ask
from tests.web.test_badges import data, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled")]

PATH = "/api/v2/products/django/verdict"
SITE = "http://testserver"


def test_verdict(ask: Ask) -> None:
    found: dict[str, Any] = ask(f"{PATH}?version=5.2.1")
    missed = found.pop("missed")
    assert len(missed) == 14
    assert found.pop("reasons")[0].startswith("Django 5.2 LTS gets security fixes")
    assert found == {
        "product": "django",
        "label": "Django",
        "version": "5.2.1",
        "on": "2026-11-21",
        "cycle": "5.2",
        "status": "security",
        "answer": "security-only",
        "headlines": ["Security fixes only", "Take the patch: 5.2.19"],
        "until": "2028-04-30",
        "precision": "day",
        "days_left": 526,
        "latest": "5.2.19",
        "data_as_of": "2026-11-21",
        "data_is_old": False,
        "patch": "5.2.19",
        "command": 'python -m pip install "Django==5.2.19"',
        "should_upgrade": False,
        "newer": "6.1",
        "lts": None,
        "meant": [],
        "page": f"{SITE}/django/?version=5.2.1",
        "plan": f"{SITE}/upgrade/django/?from=5.2&to=latest",
        "badge": f"{SITE}/badges/django.svg?version=5.2.1",
    }


def test_on_another_day(ask: Ask) -> None:
    found = ask(f"{PATH}?version=5.2.1&on=2028-05-01")
    assert (found["answer"], found["until"]) == ("unsupported", "2028-04-30")
    assert found["should_upgrade"] is True
    assert found["page"] == f"{SITE}/django/?version=5.2.1&on=2028-05-01"


def test_unknown_version(ask: Ask) -> None:
    found = ask(f"{PATH}?version=5")
    assert (found["answer"], found["cycle"], found["plan"]) == ("unknown", None, None)
    assert found["meant"] == ["5.2", "5.1", "5.0"]
    assert found["should_upgrade"] is None


@pytest.mark.parametrize("query", ["", "?version="])
def test_version_is_required(client: Client, query: str) -> None:
    response = client.get(PATH + query)
    assert response.status_code == 400
    assert response.json()["problems"][0]["name"] == "version"


def test_unknown_product_is_not_found(client: Client) -> None:
    response = client.get("/api/v2/products/djangoo/verdict?version=5.2")
    assert response.status_code == 404
    assert "django" in response.json()["suggestions"]


def test_alias_is_redirected(client: Client) -> None:
    Alias.objects.create(product=Product.objects.get(name="django"), name="dj")
    response = client.get("/api/v2/products/dj/verdict?version=5.2")
    assert (response.status_code, response["Location"]) == (301, f"{PATH}?version=5.2")


def test_query_count(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Read are product, tags, aliases, custom fields, identifiers, cycles and releases."""
    with django_assert_num_queries(8):
        client.get(f"{PATH}?version=5.2.1")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("6.1.3", "you are up to date"),
        ("5.2.1", "security fixes only, take the patch: 5.2.19"),
        ("4.2", "upgrade now"),
        ("6.2", "not released yet"),
    ],
)
def test_badge_as_image_and_data(client: Client, version: str, message: str) -> None:
    assert words(client, f"/badges/django.svg?version={version}") == [f"django {version}", message]
    found = data(client, f"/badges/django.json?version={version}")
    assert (found["label"], found["message"]) == (f"django {version}", message)


@pytest.mark.parametrize("query", ["?version=99", "?version=", ""])
def test_badge_of_an_unknown_version(client: Client, query: str) -> None:
    response = client.get(f"/badges/django.svg{query}")
    assert response.status_code == 404
    assert b"not found" in response.content


def test_badge_of_an_unknown_product(client: Client) -> None:
    assert client.get("/badges/nothing.json?version=1").json()["isError"]


def test_badge_of_an_alias(client: Client) -> None:
    Alias.objects.create(product=Product.objects.get(name="django"), name="dj")
    response = client.get("/badges/dj.svg?version=5.2")
    assert response["Location"] == "/badges/django.svg?version=5.2"


def test_page_shows_how_to_embed_the_badge(client: Client) -> None:
    html = client.get("/django/?version=5.2.1").content.decode()
    assert '<img src="/badges/django.svg?version=5.2.1" alt="django 5.2.1"' in html
    assert "badge-markdown" not in client.get("/django/").content.decode()
