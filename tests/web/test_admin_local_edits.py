"""The page that compares local edits with the source, and its permissions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product, ReleaseCycle
from releases.services.editing.roles import EDITOR, VIEWER
from tests.factories import make_product
from tests.product_files import cycle, import_files, write
from tests.web.logins import log_in
from tests.web.texts import main_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(tmp_path: Path) -> Product:
    """A product imported from a file, with a date changed and a cycle deleted by an editor."""
    import_files(write(tmp_path / "acme.md", cycle("2", eol=date(2028, 1, 1)), cycle("1")))
    row = ReleaseCycle.objects.get(name="2")
    row.eol = parse_milestone("2029-Q1")
    row.save()
    ReleaseCycle.objects.get(name="1").delete()
    return Product.objects.get()


def address(product: Product) -> str:
    return f"/admin/releases/product/{product.pk}/kept/"


def accept(client: Client, product: Product, *keys: str, **data: str) -> Any:
    seen = client.get(address(product)).context["digest"]
    return client.post(address(product), {"take": keys, "seen": seen} | data, follow=True)


def messages(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def page(answer: Any) -> str:
    text: str = answer.content.decode()
    return " ".join(text.split())


def test_both_values_are_shown(acme: Product, admin_client: Client) -> None:
    shown = main_text(page(admin_client.get(address(acme))))
    assert "Security support until Here Q1 2029 Source 1 Jan 2028 product file" in shown
    assert "Whole cycle" in shown


def test_product_form_links_to_the_comparison(acme: Product, admin_client: Client) -> None:
    form = f"/admin/releases/product/{acme.pk}/change/"
    shown = page(admin_client.get(form))
    assert f'<a href="{address(acme)}">2 local edits</a>' in shown
    here = make_product("here")
    assert "local edit" not in page(admin_client.get(f"/admin/releases/product/{here.pk}/change/"))


def test_one_value_is_accepted(acme: Product, admin_client: Client) -> None:
    """The given reason is recorded; the other local edit stays."""
    answer = accept(admin_client, acme, "file:eol of 2", reason="they are right")
    assert messages(answer) == ["1 value was accepted."]
    row = ReleaseCycle.objects.get()
    assert str(row.eol) == "1 Jan 2028"
    history: Any = ReleaseCycle.history
    assert history.first().history_change_reason == "they are right"
    accept(admin_client, acme, "file:deletion of 1")
    assert "There are no local edits: all values are those of the source." in page(
        admin_client.get(address(acme))
    )


def test_selection_is_required(acme: Product, admin_client: Client) -> None:
    assert messages(accept(admin_client, acme)) == ["Tick the values to accept."]


def test_unseen_changes_are_not_overwritten(acme: Product, admin_client: Client) -> None:
    answer = accept(admin_client, acme, "file:eol of 2", seen="old")
    assert "The product has changed" in messages(answer)[0]
    assert str(ReleaseCycle.objects.get().eol) == "Q1 2029"


def test_invalid_date_order_is_reported(tmp_path: Path, admin_client: Client) -> None:
    """The selection is kept."""
    import_files(
        write(tmp_path / "acme.md", cycle("2", eoas=date(2027, 1, 1), eol=date(2028, 1, 1)))
    )
    row = ReleaseCycle.objects.get()
    row.eoas, row.eol = parse_milestone("2025-06"), parse_milestone("2026")
    row.save()
    answer = accept(admin_client, Product.objects.get(), "file:eoas of 2")
    assert "eoas of 2: It cannot be accepted. The end of security" in messages(answer)[0]
    assert "checked" in page(answer)


def test_too_long_reason_is_rejected(acme: Product, admin_client: Client) -> None:
    answer = accept(admin_client, acme, "file:eol of 2", reason="x" * 300)
    assert "at most 200 characters" in page(answer)
    assert str(ReleaseCycle.objects.get().eol) == "Q1 2029"


def test_viewer_cannot_accept_values(acme: Product) -> None:
    """A viewer sees both values without checkboxes; an editor accepts values but cannot publish."""
    viewer, editor = log_in(VIEWER), log_in(EDITOR)
    shown = page(viewer.get(address(acme)))
    assert "Q1 2029" in shown
    assert 'name="take"' not in shown
    assert viewer.post(address(acme), {"take": "file:eol of 2"}).status_code == 403
    assert str(ReleaseCycle.objects.get().eol) == "Q1 2029"
    accept(editor, acme, "file:deletion of 1")
    assert ReleaseCycle.objects.get(name="1").draft


def test_comparison_requires_permission(
    acme: Product, client: Client, admin_client: Client
) -> None:
    assert client.get(address(acme))["Location"].startswith("/admin/login/")
    user = get_user_model()._default_manager.create_user("staff", is_staff=True)
    client.force_login(user)
    assert client.get(address(acme)).status_code == 403
    acme.delete()
    assert admin_client.get("/admin/releases/product/999999/kept/").status_code == 404


def test_comparison_query_count_is_bounded(
    acme: Product, admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Session and user, the product with its relations, cycles and releases."""
    with django_assert_max_num_queries(11):
        admin_client.get(address(acme))
