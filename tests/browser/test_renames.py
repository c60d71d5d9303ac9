"""Renaming in the admin: every old URL redirects to the new one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from releases.models import Product, ReleaseCycle
from tests.browser.steps import log_in, save_and_continue
from tests.product_urls import product_urls, query_for


def save(page: Page) -> None:
    page.wait_for_load_state("networkidle")  # so that a pending preview request is not aborted
    save_and_continue(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.wait_for_load_state("networkidle")


def change_form(row: Product | ReleaseCycle) -> str:
    return f"/admin/releases/{row._meta.model_name}/{row.pk}/change/"


def final_path(page: Page, address: str) -> str:
    """Follow redirects, which must be permanent and keep the query, and return the final path."""
    query = query_for(address, "3.12")
    target = f"{address}{query}"
    for _ in range(4):
        answer = page.request.get(target, max_redirects=0)
        if answer.status != 301:
            assert answer.status == 200, (target, answer.text())
            return urlsplit(target).path
        target = answer.headers["location"]
        assert f"?{urlsplit(target).query}" == query
    raise AssertionError(f"{address} leads in circles.")


@pytest.mark.usefixtures("bundled")
def test_every_old_url_redirects_to_the_new_one(page: Page) -> None:
    python = Product.objects.get(name="python")
    cycle = python.cycles.get(name="3.13")
    log_in(page, address=change_form(cycle))
    expect(page.get_by_text("the old addresses stay").first).to_be_visible()
    page.locator("#id_name").fill("3.13-final")
    save(page)
    note = page.locator(".messagelist").get_by_text("The old address /python/3.13/ stays")
    expect(note).to_contain_text("it leads to /python/3.13-final/ now")

    page.goto(change_form(python))
    page.locator("#id_name").fill("cpython")
    save(page)
    expect(page.locator(".messagelist")).to_contain_text("The old address /python/ stays")

    old = list(product_urls("python", "3.13"))
    assert len(old) > 20
    for address in old:
        path = final_path(page, address)
        assert "cpython" in path, address
        assert ("3.13-final" in path) == ("3.13" in address), address
    page.goto("/python/3.13/")
    expect(page).to_have_url(re.compile("/cpython/3.13-final/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("3.13-final")


@pytest.mark.usefixtures("bundled")
def test_old_url_can_be_removed(page: Page) -> None:
    """The message after renaming links to the form field."""
    django = Product.objects.get(name="django")
    log_in(page, address=change_form(django))
    page.locator("#id_name").fill("django-web")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_role("link", name="remove “django”").click()
    row = page.locator("#aliases-group tr.has_original")
    expect(row).to_have_count(1)
    expect(row).to_be_visible()
    row.locator("summary").click()
    row.get_by_label("Delete when saving").check()
    save(page)
    expect(row).to_have_count(0)
    assert page.request.get("/django/").status == 404
    assert page.request.get("/django-web/").status == 200
