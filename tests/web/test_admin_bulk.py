"""Bulk actions in the admin: the confirmation page and the changes that they write."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from releases.domain.lifecycle.milestones import format_milestone
from releases.models import Product, ReleaseCycle, Tag
from releases.services.editing.roles import EDITOR, VIEWER
from tests.factories import make_cycle, make_product
from tests.web.logins import log_in
from tests.web.texts import main_text

pytestmark = pytest.mark.django_db

CYCLES = "/admin/releases/releasecycle/"
PRODUCTS = "/admin/releases/product/"


def bulk_form(action: str, *rows: ReleaseCycle | Product, **more: Any) -> dict[str, Any]:
    """Return the form data that a changelist submits for an action on the selected rows."""
    return {"action": action, "_selected_action": [row.pk for row in rows]} | more


def seen(html: str) -> str:
    found = re.search(r'name="seen" value="(\w*)"', html)
    assert found
    return found[1]


def two_cycles() -> list[ReleaseCycle]:
    product = make_product()
    return [
        make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30"),
        make_cycle(product, "6.2", release="2027-04", eol="2030-04"),
    ]


def ends() -> list[str]:
    return [format_milestone(cycle.eol) for cycle in ReleaseCycle.objects.all()]


def test_bulk_change_is_previewed_before_it_is_written() -> None:
    """The page lists the effect on each row; another date shows another effect.

    Once confirmed, the change is written with its reason in the history.
    """
    cycles, client = two_cycles(), log_in(EDITOR)
    first = client.post(CYCLES, bulk_form("end_on_a_date", *cycles, index=0))
    html = unescape(first.content.decode())
    assert "Now 30 Apr 2028 Then 21 Nov 2026" in main_text(html)
    assert "Stays as it is. The end of security support (21 Nov 2026) is before the release" in html
    assert "1 of 2 will change" in main_text(html)
    other = {"day": "2026-10", "seen": seen(html)}
    html = client.post(CYCLES, bulk_form("end_on_a_date", *cycles, **other)).content.decode()
    assert "Then Oct 2026" in main_text(html)
    assert ends() == ["2028-04-30", "2030-04"]
    last = {"day": "2026-10", "seen": seen(html), "apply": "1", "reason": "they said so"}
    done = client.post(CYCLES, bulk_form("end_on_a_date", *cycles, **last), follow=True)
    assert done.redirect_chain == [(CYCLES, 302)]
    assert "1 release cycle changed." in done.content.decode()
    assert ends() == ["2026-10", "2030-04"]
    record = cycles[0].history.first()
    assert (record.history_change_reason, record.history_user.username) == ("they said so", EDITOR)


def test_unseen_effect_is_shown_before_it_is_written() -> None:
    """A different date that is applied at once is shown first."""
    cycles, client = two_cycles(), log_in(EDITOR)
    html = client.post(CYCLES, bulk_form("end_on_a_date", *cycles, index=0)).content.decode()
    last = {"day": "2026-10", "seen": seen(html), "apply": "1"}
    html = client.post(CYCLES, bulk_form("end_on_a_date", *cycles, **last)).content.decode()
    assert "it is not what was shown before" in html
    assert ends() == ["2028-04-30", "2030-04"]
    client.post(CYCLES, bulk_form("end_on_a_date", *cycles, **last | {"seen": seen(html)}))
    assert ends() == ["2026-10", "2030-04"]


@pytest.mark.parametrize(
    ("action", "sent", "sentence"),
    [
        ("end_on_a_date", {"day": "soon"}, "“soon” is not a date"),
        ("end_on_a_date", {"day": "yes"}, "Expected a date"),
        ("end_on_a_date", {"day": ""}, "Expected a date"),
        ("shift_plans", {"months": "121"}, "less than or equal to 120"),
        ("shift_plans", {"months": ""}, "This field is required."),
        ("set_milestone", {"milestone": "eol", "value": "soon"}, "“soon” is not a date"),
        ("set_milestone", {"milestone": "name", "value": "2027"}, "Select a valid choice."),
    ],
)
def test_invalid_input_is_reported(action: str, sent: dict[str, str], sentence: str) -> None:
    """No effect is shown then, and there is no button to apply it."""
    cycles, client = two_cycles(), log_in(EDITOR)
    data = bulk_form(action, *cycles, seen="", apply="1", **sent)
    html = unescape(client.post(CYCLES, data).content.decode())
    assert sentence in html
    assert 'name="apply"' not in html
    assert ends() == ["2028-04-30", "2030-04"]


def test_plans_are_shifted_by_one_month_by_default() -> None:
    """The action also works on all rows of a filtered changelist."""
    two_cycles()
    client = log_in(EDITOR)
    across = {"select_across": "1", "index": 0}
    rows = ReleaseCycle.objects.all()[:1]
    page = client.post(f"{CYCLES}?q=django", bulk_form("shift_plans", *rows, **across))
    html = page.content.decode()
    assert "2 of 2 will change" in main_text(html)
    last = across | {"months": "1", "seen": seen(html), "apply": "1"}
    del last["index"]
    client.post(f"{CYCLES}?q=django", bulk_form("shift_plans", *rows, **last))
    assert ends() == ["2028-05-31", "2030-05"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [("add_tags", "linux-distribution web"), ("remove_tags", "linux-distribution")],
)
def test_tags_are_added_and_removed(action: str, expected: str) -> None:
    """The page asks for the tags first, and then shows the effect on each product."""
    product = make_product(tags=["linux-distribution"])
    if action == "remove_tags":
        product.tags.add(Tag.objects.create(name="web"))
    web, _ = Tag.objects.get_or_create(name="web")
    client = log_in(EDITOR)
    html = client.post(PRODUCTS, bulk_form(action, product, index=0)).content.decode()
    assert "errornote" not in html
    assert 'name="apply"' not in html
    sent = {"tags": [web.pk], "seen": ""}
    html = client.post(PRODUCTS, bulk_form(action, product, **sent)).content.decode()
    assert f"Then {expected}" in main_text(html)
    client.post(PRODUCTS, bulk_form(action, product, **sent | {"seen": seen(html), "apply": "1"}))
    assert " ".join(sorted(tag.name for tag in product.tags.all())) == expected


def test_too_many_rows_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message asks for a narrower selection."""
    monkeypatch.setattr("releases.admin.editing.bulk.MAX_ROWS", 1)
    client = log_in(EDITOR)
    data = bulk_form("shift_plans", *two_cycles(), index=0)
    assert "At most 1 rows" in client.post(CYCLES, data, follow=True).content.decode()


def test_end_offers_to_end_active_support_on_the_same_day() -> None:
    """Without the box, a cycle whose active support ends later is left as it is."""
    cycle = make_cycle(make_product(), release="2025", eoas="2027-12-31", eol="2028-04-30")
    client = log_in(EDITOR)
    html = client.post(CYCLES, bulk_form("end_on_a_date", cycle, index=0)).content.decode()
    assert "Now 31 Dec 2027 Then 21 Nov 2026" in main_text(html)
    assert "Now 30 Apr 2028 Then 21 Nov 2026" in main_text(html)
    sent = {"day": "2026-11-21", "seen": seen(html)}
    html = client.post(CYCLES, bulk_form("end_on_a_date", cycle, **sent)).content.decode()
    assert "Stays as it is. The end of security support (21 Nov 2026) is before" in html
    sent |= {"active": "on", "apply": "1"}  # as it was shown first
    assert client.post(CYCLES, bulk_form("end_on_a_date", cycle, **sent)).status_code == 302
    cycle.refresh_from_db()
    assert [format_milestone(each) for each in (cycle.eoas, cycle.eol)] == ["2026-11-21"] * 2


def test_one_milestone_is_set_for_a_selection() -> None:
    """Nothing is shown as changed before the editor says which milestone."""
    cycles, client = two_cycles(), log_in(EDITOR)
    html = client.post(CYCLES, bulk_form("set_milestone", *cycles, index=0)).content.decode()
    assert "Nothing changes" not in html
    sent = {"milestone": "eoas", "value": "2027-Q4", "seen": "", "reason": "announced"}
    html = client.post(CYCLES, bulk_form("set_milestone", *cycles, **sent)).content.decode()
    assert "Now – Then Q4 2027" in main_text(html)
    last = sent | {"seen": seen(html), "apply": "1"}
    client.post(CYCLES, bulk_form("set_milestone", *cycles, **last))
    assert {format_milestone(each.eoas) for each in ReleaseCycle.objects.all()} == {"2027-Q4"}
    assert cycles[0].history.first().history_change_reason == "announced"


def test_dates_that_stay_are_named_beside_those_that_move() -> None:
    cycle = make_cycle(make_product(), release="2027-04", eol="2030")
    html = log_in(EDITOR).post(CYCLES, bulk_form("shift_plans", cycle, index=0)).content.decode()
    assert "Now Apr 2027 Then May 2027" in main_text(html)
    assert "The end of security support (2030) stays: it can move by whole years only." in html


@pytest.mark.parametrize(
    "action", ["end_on_a_date", "shift_plans", "set_milestone", "add_tags", "remove_tags"]
)
def test_viewer_cannot_use_bulk_actions(action: str) -> None:
    """The action is not offered, and a request for it is answered with 403."""
    cycles, client = two_cycles(), log_in(VIEWER)
    of_cycles = action in ("end_on_a_date", "shift_plans", "set_milestone")
    page = CYCLES if of_cycles else PRODUCTS
    row = cycles[0] if of_cycles else cycles[0].product
    sent = {"day": "2026-10", "months": 1, "seen": "", "apply": "1"}
    assert client.post(page, bulk_form(action, row, **sent)).status_code == 403
    assert ends() == ["2028-04-30", "2030-04"]
    assert action not in client.get(page).content.decode()


def test_bulk_page_requires_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model()._default_manager.create_superuser("root"))
    data = bulk_form("shift_plans", *two_cycles(), index=0)
    address = reverse("admin:releases_releasecycle_changelist")
    assert client.post(address, data).status_code == 403
