"""Input that the admin refuses, or asks about, because it contradicts what is recorded."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from releases.models import Product, Release, ReleaseCycle, UpgradeNote
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER
from tests.factories import make_cycle, make_note, make_product, make_release
from tests.web.admin_forms import deletion_form, open_form
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db


def add_url(model: Any) -> str:
    return reverse(f"admin:releases_{model._meta.model_name}_add")


def change_url(row: Any) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def save(client: Client, address: str, **values: str) -> str:
    """Send a form with some other values, and return the text of the page that follows."""
    sent = open_form(client, address) | {name: [value] for name, value in values.items()}
    return unescape(client.post(address, sent, follow=True).content.decode())


# ---- releases and their cycle


@pytest.fixture
def planned() -> ReleaseCycle:
    """A cycle that is planned for December; today is 21 November 2026."""
    return make_cycle(make_product(), "6.1", release="2026-12", eol="2028-04-30")


def add_release(cycle: ReleaseCycle, version: str, **sent: str) -> str:
    address = reverse("admin:releases_product_new_release", args=[cycle.product_id])
    answer = log_in(EDITOR).post(address, {"version": version} | sent, follow=True)
    return unescape(answer.content.decode())


def test_final_release_of_a_planned_cycle_is_asked_about(planned: ReleaseCycle) -> None:
    """The page has a box then, and writes nothing."""
    html = add_release(planned, "6.1")
    assert "6.1 is planned for Dec 2026. Tick the box to release it on 21 Nov 2026, too." in html
    assert "Set the release date of its cycle to the same day" in html
    assert not Release.objects.exists()


def test_ticked_box_releases_the_cycle(planned: ReleaseCycle) -> None:
    html = add_release(planned, "6.1", starts_cycle="on")
    assert "6.1 (final) was added to Django 6.1. It is the latest one now." in html
    planned.refresh_from_db()
    assert (str(planned.release), planned.latest) == ("21 Nov 2026", "6.1")


def test_box_is_shown_only_if_there_is_a_question(planned: ReleaseCycle) -> None:
    html = add_release(planned, "9.9")
    assert "belongs to no release cycle" in html
    assert "starts_cycle" not in html


def test_release_date_that_contradicts_other_dates_is_refused(planned: ReleaseCycle) -> None:
    planned.release = False
    planned.save()
    html = add_release(planned, "6.1", day="2028-06-01", starts_cycle="on")
    assert "The end of security support (30 Apr 2028) is before the release" in html
    assert not Release.objects.exists()


def test_pre_release_of_a_planned_cycle_is_no_question(planned: ReleaseCycle) -> None:
    assert "6.1rc1 (rc) was added" in add_release(planned, "6.1rc1")
    planned.refresh_from_db()
    assert str(planned.release) == "Dec 2026"


@pytest.mark.parametrize(
    ("release", "added"), [("2025-04-02", False), ("2025-04", True), ("2025-Q1", True)]
)
def test_release_before_its_cycle_is_refused(release: str, added: bool) -> None:
    """A day within the period of an imprecise release date is not before it."""
    cycle = make_cycle(make_product(), "5.2", release=release)
    html = add_release(cycle, "5.2.1", day="2025-04-01")
    assert Release.objects.exists() is added
    refusal = "5.2.1 cannot be out on 1 Apr 2025, before its cycle: the release of 5.2 is 2 Apr"
    assert (refusal in html) is not added


@pytest.mark.parametrize(
    ("kind", "day", "saved"),
    [("patch", "2025-04-01", False), ("rc", "2025-04-01", True), ("patch", "2025-04-02", True)],
)
def test_release_in_the_form_of_its_cycle_is_checked(kind: str, day: str, saved: bool) -> None:
    cycle = make_cycle(make_product(), release="2025-04-02")
    row = {"releases-TOTAL_FORMS": "1", "releases-0-version": "5.2.1"}
    row |= {"releases-0-kind": kind, "releases-0-date": day}
    html = save(log_in(EDITOR), change_url(cycle), **row)
    assert Release.objects.exists() is saved
    assert ("This is before the release of the cycle (2 Apr 2025)." in html) is not saved


def test_recorded_release_before_its_cycle_does_not_block_other_edits() -> None:
    cycle = make_cycle(make_product(), release="2025-04-02")
    make_release(cycle, "5.2.0", date="2025-04-01")
    save(log_in(EDITOR), change_url(cycle), codename="Fir")
    cycle.refresh_from_db()
    assert cycle.codename == "Fir"


# ---- labels


@pytest.mark.parametrize("text", ["{{ x", "{% if a %}b", "{{ '5' | nofilter }}"])
@pytest.mark.parametrize("field", ["cycle_label", "lts_label", "label"])
def test_label_that_cannot_be_rendered_is_refused(field: str, text: str) -> None:
    product = make_product()
    row = make_cycle(product) if field == "label" else product
    html = save(log_in(EDITOR), change_url(row), **{field: text})
    assert "The template has an error: " in html
    row.refresh_from_db()
    assert getattr(row, field) == ""


@pytest.mark.parametrize("text", ["__RELEASE_CYCLE__ {{ r.codename | upcase }}", "{ x }"])
def test_label_that_can_be_rendered_is_saved(text: str) -> None:
    product = make_product()
    save(log_in(EDITOR), change_url(product), cycle_label=text)
    product.refresh_from_db()
    assert product.cycle_label == text


# ---- upgrade notes


def add_note(**values: str) -> str:
    make_cycle(make_product(), "5.2", aliases=["5.2-lts"])
    sent = {"product": str(Product.objects.get().pk), "title": "Mind", "key": "mind"}
    return save(log_in(EDITOR), add_url(UpgradeNote), **(sent | values))


def test_note_between_unknown_cycles_is_refused() -> None:
    html = add_note(from_cycle="7.7", to_cycle="8.8")
    assert "Django has no release cycle 7.7." in html
    assert "Django has no release cycle 8.8." in html
    assert not UpgradeNote.objects.exists()


def test_note_with_one_unknown_cycle_is_saved_with_a_warning() -> None:
    """Older cycles are not always recorded."""
    assert "Django has no release cycle 4.2: check the name." in add_note(
        from_cycle="4.2", to_cycle="5.2"
    )
    assert UpgradeNote.objects.get().from_cycle == "4.2"


@pytest.mark.parametrize("ends", [{}, {"to_cycle": "5.2"}, {"from_cycle": "5.2-lts"}])
def test_note_between_known_cycles_is_saved(ends: dict[str, str]) -> None:
    assert "has no release cycle" not in add_note(**ends)
    assert UpgradeNote.objects.exists()


def test_note_of_cycles_that_are_gone_can_be_edited() -> None:
    note = make_note(make_product(), from_cycle="7.7", to_cycle="8.8")
    save(log_in(EDITOR), change_url(note), title="Changed")
    note.refresh_from_db()
    assert note.title == "Changed"


# ---- duplicates


def test_duplicate_cycles_are_named() -> None:
    product = make_product()
    make_cycle(product, "2025.08")
    rows = {"cycles-TOTAL_FORMS": "2", "cycles-1-name": "2025.08"}
    html = save(log_in(EDITOR), change_url(product), **rows)
    assert "There are two cycles called 2025.08." in html
    assert "duplicate" not in html
    assert product.cycles.count() == 1


def test_duplicate_identifiers_are_named() -> None:
    product = make_product()
    rows = {"identifiers-TOTAL_FORMS": "2"}
    for number in range(2):
        rows |= {f"identifiers-{number}-type": "purl", f"identifiers-{number}-value": "pkg:a/b"}
    html = save(log_in(EDITOR), change_url(product), **rows)
    assert "There are two identifiers called purl pkg:a/b." in html


# ---- users


@pytest.mark.parametrize(("staff", "group", "warned"), [("", 1, 1), ("on", 1, 0), ("", 0, 0)])
def test_group_without_staff_status_is_warned_about(
    admin_client: Client, staff: str, group: int, warned: int
) -> None:
    user = get_user_model()._default_manager.create_user("bob", password="long-pass-phrase")
    address = reverse("admin:auth_user_change", args=[user.pk])
    sent = open_form(admin_client, address)
    if group:
        sent["groups"] = [str(Group.objects.get(name=EDITOR).pk)]
    if staff:
        sent["is_staff"] = ["on"]
    html = admin_client.post(address, sent, follow=True).content.decode()
    text = "The user “bob” is in the group editor, but cannot log in to the admin"
    assert (text in html) is bool(warned)


# ---- deletion of a selection


def test_deletion_of_a_selection_is_asked_again_after_a_change() -> None:
    """A change of what belongs to a row counts, too; the second answer deletes it."""
    rows = [make_product("django"), make_product("python")]
    cycle = make_cycle(rows[1], "3.14")
    client, changelist = log_in(RELEASE_MANAGER), reverse("admin:releases_product_changelist")
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
    sent = deletion_form(client.post(changelist, chosen))
    save(log_in(EDITOR), change_url(cycle), codename="Pi")
    answer = client.post(changelist, sent)
    assert "Nothing was deleted: editor changed one of these products" in unescape(
        answer.content.decode()
    )
    assert Product.objects.count() == 2
    client.post(changelist, deletion_form(answer))
    assert not Product.objects.exists()


@pytest.mark.parametrize("make", [make_cycle, make_note])
def test_unchanged_selection_is_deleted_at_once(make: Any) -> None:
    row = make(make_product())
    client, changelist = (
        log_in(RELEASE_MANAGER),
        reverse(f"admin:releases_{row._meta.model_name}_changelist"),
    )
    chosen = {"action": "delete_selected", "_selected_action": [row.pk]}
    client.post(changelist, deletion_form(client.post(changelist, chosen)))
    assert not type(row).objects.exists()
