"""The preview of a draft for editors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.models import Product
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django")
    make_cycle(product, "6.2", release="2027-04", draft=True)
    make_cycle(product, "6.0", release="2025-12-03", eol="2027-04-30")
    return product


def preview_url(product: Product) -> str:
    return reverse("admin:releases_product_preview", args=[product.pk])


def form(client: Client, product: Product, name: str = "") -> str:
    """Return the page with the form of a product, or of one of its cycles."""
    row: Any = product.cycles.get(name=name) if name else product
    address = reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])
    return client.get(address).content.decode()


def test_preview_shows_drafts(admin_client: Client, django: Product) -> None:
    """It is marked as a preview, excluded from search engines and never cached."""
    response = admin_client.get(preview_url(django))
    html = response.content.decode()
    assert "Preview, for editors only" in html
    assert "Nobody else sees 6.2 yet" in html
    assert 'id="cycle-6.2"' in html
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert "ETag" not in response
    public = Client().get("/django/").content.decode()
    assert 'id="cycle-6.0"' in public
    assert "6.2" not in public
    assert "Preview" not in public


def test_draft_product_has_a_preview(admin_client: Client) -> None:
    """It can be previewed as of another date; the public page does not exist."""
    product = make_product("secret", label="Secret", draft=True)
    make_cycle(product, "1", release="2026-01", eol="2026-12-31")
    assert "Nobody else sees Secret yet" in admin_client.get(preview_url(product)).content.decode()
    later = admin_client.get(f"{preview_url(product)}?on=2027-02-01").content.decode()
    assert "No release of Secret is supported any more" in later
    assert Client().get("/secret/").status_code == 404


def test_published_draft_is_not_listed_as_a_draft(admin_client: Client, django: Product) -> None:
    """The preview names only the cycles that are not public yet."""
    django.cycles.filter(name="6.2").update(publish_on=ON)
    assert (
        "There is no draft on this page" in admin_client.get(preview_url(django)).content.decode()
    )
    django.cycles.filter(name="6.2").update(publish_on=ON + timedelta(days=1))
    assert "Nobody else sees 6.2 yet" in admin_client.get(preview_url(django)).content.decode()


def test_preview_requires_view_permission(django: Product) -> None:
    """Anonymous users are redirected to the login page; staff without the permission get 403."""
    address = preview_url(django)
    anonymous = Client().get(address)
    assert anonymous.status_code == 302
    assert "/login/" in anonymous["Location"]
    user = get_user_model()._default_manager.create_user("ann", password="x", is_staff=True)
    client = Client()
    client.force_login(user)
    assert client.get(address).status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename="view_product"))
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405
    assert client.get(reverse("admin:releases_product_preview", args=[0])).status_code == 404


def test_form_of_a_draft_links_to_its_preview(admin_client: Client, django: Product) -> None:
    """The form of a public row links to its public page instead."""
    html = form(admin_client, django, "6.2")
    assert f'href="{preview_url(django)}#cycle-6.2"' in html
    assert "View on site" not in html
    html = form(admin_client, django, "6.0")
    assert preview_url(django) not in html
    assert "View on site" in html
    html = form(admin_client, django)
    assert f'href="{preview_url(django)}"' in html
    assert "View on site" in html
    Product.objects.filter(pk=django.pk).update(draft=True)
    for name in ("", "6.0"):
        html = form(admin_client, django, name)
        assert f'href="{preview_url(django)}' in html
        assert "View on site" not in html


def test_form_without_drafts_has_no_preview_link(admin_client: Client, django: Product) -> None:
    django.cycles.filter(name="6.2").delete()
    assert preview_url(django) not in form(admin_client, django)


def test_drafts_are_selected_only_on_request(
    django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The selector leaves drafts out by default; including them costs no extra query."""
    assert [each.name for each in selectors.product_page("django").cycles.all()] == ["6.0"]
    Product.objects.filter(pk=django.pk).update(draft=True)
    with pytest.raises(Product.DoesNotExist):
        selectors.product_page("django")
    with django_assert_num_queries(7):
        product = selectors.product_page("django", drafts=True)
    assert [cycle.name for cycle in product.cycles.all()] == ["6.2", "6.0"]
    with django_assert_num_queries(2):
        assert [cycle.name for cycle in selectors.all_cycles(django)] == ["6.2", "6.0"]
