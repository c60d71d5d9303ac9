"""The pages about the site: its data, its statuses, accessibility, privacy."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from releases.domain.lifecycle.data_age import OLD_AFTER_DAYS
from releases.domain.lifecycle.status import SOON_DAYS, Status
from releases.models import Source
from releases.presentation.about import RULES, SOURCES
from releases.presentation.rows import BADGES
from tests.factories import make_product
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db

PATHS = ("/about/data/", "/about/statuses/", "/about/accessibility/", "/about/privacy/")


def text_of(client: Client, path: str) -> str:
    """Return the text of a page, without markup and with single spaces."""
    return words_of(client.get(path).content.decode())


@pytest.mark.parametrize("path", PATHS)
def test_every_page_links_to_the_page(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200
    assert f'<a href="{path}">' in client.get("/changes/").content.decode()


def test_about_leads_to_the_data(client: Client) -> None:
    assert client.get("/about/", follow=True).redirect_chain == [("/about/data/", 302)]


def test_products_are_counted_by_source(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        make_product(f"file{number}", source=Source.FILE)
    make_product("synced", source=Source.UPSTREAM, checked_on=date(2026, 11, 2))
    make_product("older", source=Source.UPSTREAM, checked_on=date(2026, 10, 1))
    make_product("hidden", source=Source.HERE, draft=True)
    text = text_of(client, "/about/data/")
    assert "This site has 5 products. 2 of them have a recorded check, the last on 2 Nov" in text
    files, synced = (f"{SOURCES[each]} Products" for each in (Source.FILE, Source.UPSTREAM))
    assert f"{files} 3 With a check 0 Last check not recorded" in text
    assert f"{synced} 2 With a check 2 Last check 2 Nov 2026" in text
    assert text.index(files) < text.index(synced)
    assert SOURCES[Source.HERE] not in text
    assert f"more than {OLD_AFTER_DAYS} days ago" in text


@pytest.mark.parametrize("source", [Source.BUNDLED, Source.FILE])
def test_origin_of_the_bundled_catalogue_is_named_if_it_is_used(
    client: Client, source: Source
) -> None:
    make_product(source=source)
    assert ("endoflife.date and by" in text_of(client, "/about/data/")) is (
        source is Source.BUNDLED
    )


def test_unchecked_data_is_not_called_checked(client: Client) -> None:
    assert "This site has no products yet." in text_of(client, "/about/data/")
    make_product()
    text = text_of(client, "/about/data/")
    assert "This site has 1 product. No check of the data is recorded." in text


def test_hidden_admin_is_not_linked(client: Client, settings: Settings) -> None:
    assert "/admin/" in client.get("/about/data/").content.decode()
    settings.ADMIN_HIDDEN = True
    assert "/admin/" not in client.get("/about/data/").content.decode()


def test_every_source_has_words() -> None:
    assert set(SOURCES) == set(Source)


def test_every_status_has_its_pill_bar_and_rule(client: Client) -> None:
    assert set(RULES) == set(Status)
    html = client.get("/about/statuses/").content.decode()
    for status, rule in RULES.items():
        (row,) = re.findall(
            rf'<tr>\s*<th scope="row"><span class="pill {status}">.*?</tr>', html, re.S
        )
        assert BADGES[status][1] in row
        assert 'class="swatch' in row
        assert rule in unescape(row)
    assert f"in {SOON_DAYS} days or less" in html


def test_bars_of_the_statuses_differ(client: Client) -> None:
    """Only free and other extended support have the same bar, because it is the same support."""
    html = client.get("/about/statuses/").content.decode()
    bars = re.findall(r'<td>\s*<svg (class="swatch.*?)</svg>', html, re.S)
    assert len(bars) == len(Status)
    assert len(set(bars)) == len(Status) - 1
