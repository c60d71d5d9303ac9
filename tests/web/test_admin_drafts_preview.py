"""What editors see of a draft before anybody else does."""

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


def preview_of(product: Product) -> str:
    return reverse("admin:releases_product_preview", args=[product.pk])


def form(client: Client, product: Product, name: str = "") -> str:
    """The page with the form of a product, or of one of its cycles."""
    row: Any = product.cycles.get(name=name) if name else product
    address = reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])
    return client.get(address).content.decode()


def test_the_page_as_it_would_be(admin_client: Client, django: Product) -> None:
    """It has the drafts, is marked as a preview, is found by no robot and kept in no cache."""
    response = admin_client.get(preview_of(django))
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


def test_a_product_that_is_a_draft(admin_client: Client) -> None:
    """It can be seen as of another day, too; on the site there is no such page."""
    product = make_product("secret", label="Secret", draft=True)
    make_cycle(product, "1", release="2026-01", eol="2026-12-31")
    assert "Nobody else sees Secret yet" in admin_client.get(preview_of(product)).content.decode()
    later = admin_client.get(f"{preview_of(product)}?on=2027-02-01").content.decode()
    assert "No release of Secret is supported any more" in later
    assert Client().get("/secret/").status_code == 404


def test_a_draft_that_is_published_by_now_is_none(admin_client: Client, django: Product) -> None:
    """Only what nobody else sees is named."""
    django.cycles.filter(name="6.2").update(publish_on=ON)
    assert "There is no draft on this page" in admin_client.get(preview_of(django)).content.decode()
    django.cycles.filter(name="6.2").update(publish_on=ON + timedelta(days=1))
    assert "Nobody else sees 6.2 yet" in admin_client.get(preview_of(django)).content.decode()


def test_who_sees_it(django: Product) -> None:
    """Staff who may see products; anonymous people are led to the login, others are refused."""
    address = preview_of(django)
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


def test_a_draft_leads_to_its_preview_and_not_to_the_site(
    admin_client: Client, django: Product
) -> None:
    """The form of a draft has a link to the preview, that of what is public one to its page."""
    html = form(admin_client, django, "6.2")
    assert f'href="{preview_of(django)}#cycle-6.2"' in html
    assert "View on site" not in html
    html = form(admin_client, django, "6.0")
    assert preview_of(django) not in html
    assert "View on site" in html
    html = form(admin_client, django)
    assert f'href="{preview_of(django)}"' in html
    assert "View on site" in html
    Product.objects.filter(pk=django.pk).update(draft=True)
    for name in ("", "6.0"):
        html = form(admin_client, django, name)
        assert f'href="{preview_of(django)}' in html
        assert "View on site" not in html


def test_without_drafts_there_is_no_link(admin_client: Client, django: Product) -> None:
    """There would be nothing else to see than on the site."""
    django.cycles.filter(name="6.2").delete()
    assert preview_of(django) not in form(admin_client, django)


def test_drafts_are_read_only_where_they_are_asked_for(
    django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The page's selector leaves them out unless it is told otherwise, at the same cost."""
    assert [each.name for each in selectors.product_page("django").cycles.all()] == ["6.0"]
    Product.objects.filter(pk=django.pk).update(draft=True)
    with pytest.raises(Product.DoesNotExist):
        selectors.product_page("django")
    with django_assert_num_queries(7):
        product = selectors.product_page("django", drafts=True)
    assert [cycle.name for cycle in product.cycles.all()] == ["6.2", "6.0"]
    with django_assert_num_queries(2):
        assert [cycle.name for cycle in selectors.all_cycles(django)] == ["6.2", "6.0"]
