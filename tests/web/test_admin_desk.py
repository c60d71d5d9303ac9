"""The admin index and its buttons."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.models import Product, ReleaseCycle, Revision
from releases.selectors.desk import NEED_LINES, last_edits
from releases.services.editing.roles import EDITOR, VIEWER
from tests.conftest import ON
from tests.factories import make_cycle, make_note, make_product, make_release
from tests.web.logins import log_in
from tests.web.texts import main_text

pytestmark = pytest.mark.django_db

INDEX = "/admin/"


def planned() -> ReleaseCycle:
    """Create an unconfirmed cycle whose release date has passed."""
    return make_cycle(make_product(), "6.2", release="2026-10", unconfirmed=True)


def test_index_lists_what_needs_attention() -> None:
    """It counts each need, and says why a row needs attention."""
    cycle = planned()
    make_cycle(cycle.product, "5.1", eol="2026-12-01")
    html = log_in(EDITOR).get(INDEX).content.decode()
    text = main_text(html)
    for words in (
        "1 to confirm",
        "0 drafts waiting",
        "0 differ from source",
        "1 ends in 90 days",
        "0 without an end",
        "1 to check",
        "To confirm Django 6.2 Released Oct 2026? The date was a projection. Confirm date",
        "To check Django Never checked Mark as checked",
        "Django 5.1 1 Dec in 10 days",
        "Made here 1 product, never checked",
        "Last changes",
    ):
        assert words in text, words
    assert reverse("admin:releases_releasecycle_change", args=[cycle.pk]) in html


def test_index_lists_drafts_that_wait() -> None:
    """Each draft has its preview and its day of publication; drafts whose day has come are gone."""
    product = make_product(checked_on=ON)
    make_cycle(product, "6.1", draft=True)
    make_cycle(product, "6.2", draft=True, publish_on=date(2027, 1, 15))
    make_cycle(product, "6.0", draft=True, publish_on=ON)
    make_product("secret", draft=True, checked_on=ON)
    html = log_in(EDITOR).get(INDEX).content.decode()
    text = main_text(html)
    assert "3 drafts waiting" in text
    assert "Draft Secret Only editors see it Preview" in text
    assert "Draft Django 6.1 Only editors see it Preview" in text
    assert "Draft Django 6.2 Will be published on 15 Jan 2027 Preview" in text
    assert "Django 6.0 Only" not in text
    assert reverse("admin:releases_product_preview", args=[product.pk]) + "#cycle-6.2" in html


def test_date_that_was_reached_is_named() -> None:
    """It is the release, or else the first end that has passed."""
    product = make_product()
    make_cycle(product, "1", release="yes", eol="2026-10", unconfirmed=True)
    text = main_text(log_in(EDITOR).get(INDEX).content.decode())
    assert "Security support until Oct 2026? The date was a projection." in text


def test_long_list_links_to_filtered_changelist() -> None:
    """The index shows five lines of it."""
    product = make_product(checked_on=ON)
    for number in range(12):
        make_cycle(product, str(number), release="2026-10", unconfirmed=True)
    client = log_in(VIEWER)
    html = client.get(INDEX).content.decode()
    assert "12 to confirm" in main_text(html)
    assert html.count(">To confirm<") == NEED_LINES
    address = reverse("admin:releases_releasecycle_changelist") + "?needs=confirmation"
    assert f'href="{address}"' in html
    assert client.get(address).context["cl"].result_count == 12


@pytest.mark.parametrize("needs", ["confirmation", "ending", "unknown", "draft", "nonsense"])
def test_cycle_changelist_has_needs_filter(
    django_assert_max_num_queries: DjangoAssertNumQueries, needs: str
) -> None:
    """It stays within the query budget of the changelist."""
    planned()
    client = log_in(VIEWER)
    with django_assert_max_num_queries(12):
        found = client.get(reverse("admin:releases_releasecycle_changelist") + f"?needs={needs}")
    assert found.context["cl"].result_count == (needs in ("confirmation", "nonsense"))


@pytest.mark.parametrize("needs", ["check", "comparison", "draft", "nonsense"])
def test_product_changelist_has_needs_filter(
    django_assert_max_num_queries: DjangoAssertNumQueries, needs: str
) -> None:
    planned()
    client = log_in(VIEWER)
    with django_assert_max_num_queries(12):
        found = client.get(reverse("admin:releases_product_changelist") + f"?needs={needs}")
    assert found.context["cl"].result_count == (needs not in ("comparison", "draft"))


def test_button_confirms_dates() -> None:
    """The history records user and reason, and the user returns to the previous page."""
    cycle = planned()
    client = log_in(EDITOR, "a editor")
    address = reverse("admin:releases_releasecycle_confirm", args=[cycle.pk])
    assert address in client.get(INDEX).content.decode()
    answer = client.post(address, {"next": "/admin/?there"}, follow=True)
    assert answer.redirect_chain == [("/admin/?there", 302)]
    assert "The dates of Django 6.2 are confirmed." in answer.content.decode()
    cycle.refresh_from_db()
    assert not cycle.unconfirmed
    newest = cycle.history.first()
    assert newest.history_change_reason == "dates confirmed"
    assert newest.history_user.username == "a editor"
    client.post(address)
    assert cycle.history.count() == 2


def test_button_records_a_check() -> None:
    """The check is dated today."""
    product = make_product(checked_on=date(2026, 1, 1))
    client = log_in(EDITOR)
    address = reverse("admin:releases_product_checked", args=[product.pk])
    assert address in client.get(INDEX).content.decode()
    client.post(address)
    product.refresh_from_db()
    assert product.checked_on == ON
    assert product.history.first().history_change_reason == "checked"
    revision, records = Revision.objects.get().token, product.history.count()
    client.post(address)
    assert product.history.count() == records
    assert Revision.objects.get().token == revision, "no page is outdated"


def test_button_does_not_redirect_to_another_site() -> None:
    address = reverse("admin:releases_product_checked", args=[make_product().pk])
    answer = log_in(EDITOR).post(address, {"next": "https://example.org/"})
    assert answer.headers["Location"] == INDEX


@pytest.mark.parametrize("name", ["releasecycle_confirm", "product_checked"])
def test_viewer_has_no_buttons(name: str) -> None:
    """Viewers see the lists; their requests to the buttons' URLs get 403 and change nothing."""
    cycle = planned()
    key = cycle.pk if name == "releasecycle_confirm" else cycle.product_id
    address = reverse(f"admin:releases_{name}", args=[key])
    client = log_in(VIEWER)
    html = client.get(INDEX).content.decode()
    assert "1 to confirm" in main_text(html)
    assert address not in html
    assert client.post(address).status_code == 403
    assert ReleaseCycle.objects.get().unconfirmed
    assert Product.objects.get().checked_on is None


def test_button_requires_post() -> None:
    """Links, crawlers and prefetching cannot confirm anything."""
    client = log_in(EDITOR)
    key = planned().pk
    address = reverse("admin:releases_releasecycle_confirm", args=[key])
    assert client.get(address).status_code == 405
    nothing = reverse("admin:releases_releasecycle_confirm", args=[key + 1])
    assert client.post(nothing).status_code == 404


def test_user_without_permissions_sees_no_lists() -> None:
    planned()
    assert "to confirm" not in log_in().get(INDEX).content.decode()


def test_change_of_many_rows_is_one_line_with_its_reason() -> None:
    """The line counts the other rows, and older changes stay visible."""
    product = make_product()
    cycles = [make_cycle(product, str(number), eol="2028") for number in range(15)]
    sent: dict[str, Any] = {"action": "end_on_a_date", "day": "2026-11-21", "active": "on"}
    sent |= {"_selected_action": [cycle.pk for cycle in cycles], "reason": "the vendor stopped"}
    client, changelist = log_in(EDITOR), reverse("admin:releases_releasecycle_changelist")
    plan = client.post(changelist, sent | {"seen": ""}).context["plan"]
    client.post(changelist, sent | {"seen": plan.digest, "apply": "1"})
    first, second = last_edits()[:2]
    assert (first.more, first.head.history_change_reason) == (14, "the vendor stopped")
    assert (second.more, second.head.history_type) == (0, "+")
    text = main_text(client.get(INDEX).content.decode())
    assert "and 14 more rows the vendor stopped" in text
    assert text.count("the vendor stopped") == 1


def test_last_edits_link_to_the_edited_rows() -> None:
    """A deleted row links to its history, and a release to its cycle."""
    product = make_product()
    cycle = make_cycle(product, "5.2")
    make_release(cycle, "5.2.1")
    make_note(product, title="Mind the gap")
    gone = make_cycle(product, "5.1")
    key = gone.pk
    gone.delete()
    html = log_in(VIEWER).get(INDEX).content.decode()
    for text, page, pk in (
        ("Django 5.2.1", "releasecycle_change", cycle.pk),
        ("Django: Mind the gap", "upgradenote_change", product.upgrade_notes.get().pk),
        ("Django 5.1", "releasecycle_history", key),
        ("Django", "product_change", product.pk),
    ):
        assert f'<a href="{reverse(f"admin:releases_{page}", args=[pk])}">{text}</a>' in html
    product.delete()
    assert "Deleted product 5.2" in log_in(EDITOR).get(INDEX).content.decode()


@pytest.mark.parametrize("count", [2, 40])
def test_index_query_count_is_constant(
    django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """Session, user, user and group permissions, differences from the source, and the lists."""
    client = log_in(EDITOR)
    for number in range(count):
        make_cycle(make_product(f"p{number}"), release="2026-10", unconfirmed=True)
    with django_assert_num_queries(4 + 1 + 12):
        assert client.get(INDEX).status_code == 200
