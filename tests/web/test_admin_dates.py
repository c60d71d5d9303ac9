"""Dates in the forms of the admin: ISO 8601 everywhere, and what pages print is accepted."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from releases.models import Product, ReleaseCycle
from tests.factories import make_cycle, make_product
from tests.web.admin_forms import open_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle() -> ReleaseCycle:
    product = make_product("django", label="Django", checked_on=date(2026, 4, 3))
    return make_cycle(product, "6.0", release="2025-12-03", eol="2027-04", latest_date="2026-11-04")


def form(row: Product | ReleaseCycle) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def test_forms_show_iso_dates_only(admin_client: Client, cycle: ReleaseCycle) -> None:
    sent = open_form(admin_client, form(cycle.product)) | open_form(admin_client, form(cycle))
    dates = [text for texts in sent.values() for text in texts if re.search(r"\b20\d\d\b", text)]
    assert {"2026-04-03", "2025-12-03", "2027-04", "2026-11-04"} <= set(dates)
    assert not [text for text in dates if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text)]
    user = get_user_model()._default_manager.get(username="admin")
    sent = open_form(admin_client, reverse("admin:auth_user_change", args=[user.pk]))
    assert not [name for name in sent if name.startswith("date_joined")]


def test_what_pages_print_is_accepted(admin_client: Client, cycle: ReleaseCycle) -> None:
    sent = open_form(admin_client, form(cycle))
    sent |= {"eoas": ["Q3 2026"], "eol": ["30 Apr 2028"], "latest_date": ["5 Nov 2026"]}
    assert admin_client.post(form(cycle), sent).status_code == 302
    cycle = ReleaseCycle.objects.get()
    assert (str(cycle.eoas), str(cycle.eol)) == ("Q3 2026", "30 Apr 2028")
    assert cycle.latest_date == date(2026, 11, 5)


@pytest.mark.parametrize("field", ["eol", "latest_date", "publish_on"])
def test_ambiguous_dates_are_refused(admin_client: Client, cycle: ReleaseCycle, field: str) -> None:
    """The message shows both readings; nothing is written."""
    sent = open_form(admin_client, form(cycle)) | {field: ["03/04/2027"]}
    answer = admin_client.post(form(cycle), sent)
    assert answer.context["adminform"].form.errors[field] == [
        "“03/04/2027” may mean 3 Apr 2027 or 4 Mar 2027. Write 2027-04-03 or 2027-03-04."
    ]
    assert str(ReleaseCycle.objects.get().eol) == "Apr 2027"


@pytest.mark.parametrize("field", ["checked_on", "rule_checked_on"])
def test_a_check_in_the_future_is_refused(
    admin_client: Client, cycle: ReleaseCycle, field: str
) -> None:
    address = form(cycle.product)
    sent = open_form(admin_client, address) | {"rule_kind": ["any"], "rule_summary": ["At once."]}
    answer = admin_client.post(address, sent | {field: ["2026-11-22"]})
    assert answer.context["adminform"].form.errors[field] == [
        "22 Nov 2026 is in the future; today is 21 Nov 2026 (UTC)."
    ]
    assert admin_client.post(address, sent | {field: ["21 Nov 2026"]}).status_code == 302
    assert getattr(Product.objects.get(), field) == date(2026, 11, 21)
