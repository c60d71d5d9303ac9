"""No parameter in an admin URL causes a server error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from tests.web.test_roles import fill_route, pages, rows  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

HOSTILE = ("abc", "9" * 20, "-1", "\x00²")
READ = (
    *("o", "p", "q", "all", "e", "_to_field", "_popup", "_changelist_filters", "next", "after"),
    *("on", "page", "need", "action", "app_label", "model_name", "field_name", "term"),
)
"""The query parameters that admin views read, apart from fields and filters."""


@pytest.fixture
def superuser_client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model()._default_manager.create_superuser("boss"))
    return client


def parameters(address: str) -> list[str]:
    """Return the parameters that a page reads from its form fields or filters."""
    found = re.match(r"/admin/\w+/(\w+)/(add/)?$", address)
    by_name = {model._meta.model_name: each for model, each in admin.site._registry.items()}
    model_admin = by_name.get(found[1]) if found else None
    if not found or not model_admin:
        return []
    if found[2]:
        return [each.name for each in model_admin.model._meta.get_fields()]
    return [name for each in model_admin.list_filter for name in _of_filter(each)]


def _of_filter(each: Any) -> Iterable[str]:
    field = each[0] if isinstance(each, tuple) else each
    if not isinstance(field, str):
        return [field.parameter_name]
    return [f"{field}{lookup}" for lookup in ("", "__id__exact", "__isnull")]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:12])
def test_hostile_parameter_is_no_server_error(
    rows: dict[str, Any],  # noqa: F811
    superuser_client: Client,
    value: str,
) -> None:
    """Parameters are sent together, and one by one to changelists, which redirect if unknown."""
    failed = []
    for name, route in pages():
        if name == "logout":
            continue
        address = fill_route(name, route, rows)
        own = parameters(address)
        alone = own if name.endswith("changelist") else []
        for asked in ({*READ, *own}, *({each} for each in alone)):
            answer = superuser_client.get(address, dict.fromkeys(asked, value))
            if answer.status_code >= 500:
                failed.append((name, asked if len(asked) == 1 else "all"))
    assert failed == []


@pytest.mark.parametrize("product", ["abc", "9" * 20, "0"])
def test_add_form_of_an_unknown_product_leaves_it_empty(
    superuser_client: Client, product: str
) -> None:
    page = superuser_client.get(
        "/admin/releases/releasecycle/add/", {"product": product, "after": ""}
    )
    assert page.status_code == 200
    assert "“Product” stays empty" in page.text


def test_changelist_names_the_unreadable_parameter(superuser_client: Client) -> None:
    """PostgreSQL finds no row for a number that is out of range; SQLite cannot compare it."""
    page = superuser_client.get("/admin/releases/releasecycle/", {"product__category": "9" * 20})
    if connection.vendor == "sqlite":
        assert page.status_code == 400
        assert "Check product__category." in page.text
    else:
        assert page.status_code == 200
        assert "0 release cycles" in page.text
