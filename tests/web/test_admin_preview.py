"""Admin forms preview the effect of saving, without writing anything."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.models import Product
from releases.models.revision import Revision
from tests.factories import make_cycle, make_product
from tests.web.admin_forms import FormData, open_form

pytestmark = pytest.mark.django_db

BUTTON = {"_preview": ["Preview"]}
WRITES = re.compile("^(INSERT|UPDATE|DELETE)|FOR UPDATE")
ADD_CYCLE = "/admin/releases/releasecycle/add/"
ADD_PRODUCT = "/admin/releases/product/add/"


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django")
    for name, release, eol in (
        ("6.1", "2026-08-05", "2027-12-31"),
        ("6.0", "2025-12-03", "2027-04-30"),
        ("5.1", "2024-08-07", "2025-12-03"),
        ("5.0", "2023-12-04", "2025-04-02"),
    ):
        make_cycle(product, name, release=release, eol=eol)
    return product


def form_of(product: Product, name: str = "") -> str:
    """Return the URL of the form of a product, or of one of its cycles."""
    row: Any = product.cycles.get(name=name) if name else product
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def post_preview(client: Client, address: str, sent: FormData, *, typed: bool = False) -> Any:
    """Return the response to the Preview button, or to htmx while the user types."""
    headers = {"HX-Request": "true"} if typed else {}
    response = client.post(address, sent | BUTTON, headers=headers)
    assert response.status_code == 200
    return response


def preview(client: Client, address: str, sent: FormData) -> Any:
    """Return the preview in the template context."""
    return post_preview(client, address, sent).context["preview"]


def counts() -> dict[str, int]:
    """Return the number of rows in each table."""
    return {model._meta.label: QuerySet(model).count() for model in apps.get_models()}


def staff_with(*rights: str) -> Client:
    """Return the client of a staff user with only these permissions."""
    user = get_user_model()._default_manager.create_user("ann", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


def test_cycle_preview_follows_the_form(admin_client: Client, django: Product) -> None:
    """The row is shown between its neighbours and next to its saved state."""
    address = form_of(django, "6.0")
    sent = open_form(admin_client, address) | {"eoas": ["2026-08-05"], "eol": ["2027-06-30"]}
    response = post_preview(admin_client, address, sent)
    html = response.content.decode()
    assert "Security fixes only, 7 months left, until 30 Jun 2027" in html
    found = response.context["preview"]
    assert [(line.row.title, line.note, line.changed) for line in found.lines] == [
        ("6.1", "Newer", False),
        ("6.0", "", True),
        ("6.0", "as saved", False),
        ("5.1", "Older", False),
    ]
    typed, saved = (found.lines[at].row.drawing.bars for at in (1, 2))
    assert [bar.phase for bar in typed] == ["active", "security"]
    assert typed[-1].end > saved[-1].end


def test_preview_writes_nothing(admin_client: Client, django: Product) -> None:
    """Neither the button nor htmx changes a row or the revision of the catalogue."""
    cycle, product = form_of(django, "6.0"), form_of(django)
    forms = {
        cycle: open_form(admin_client, cycle) | {"eol": ["2028"]},
        product: open_form(admin_client, product) | {"label": ["New"], "cycles-0-eol": ["2028"]},
        ADD_CYCLE: open_form(admin_client, ADD_CYCLE)
        | {"product": [str(django.pk)], "name": ["7.0"], "release": ["2027"]},
        ADD_PRODUCT: open_form(admin_client, ADD_PRODUCT) | {"label": ["Own"], "name": ["own"]},
    }
    before, revision = counts(), Revision.objects.get().token
    for address, sent in forms.items():
        for typed in (False, True):
            with CaptureQueriesContext(connection) as queries:
                response = post_preview(admin_client, address, sent, typed=typed)
            assert not response.context["preview"].problems
            # Neither writes nor row locks: this request is sent repeatedly while the user types.
            assert not [query["sql"] for query in queries if WRITES.search(query["sql"])]
    assert counts() == before
    assert Revision.objects.get().token == revision


def test_htmx_gets_a_fragment(admin_client: Client, django: Product) -> None:
    """The fragment is never cached."""
    address = form_of(django, "6.0")
    response = post_preview(admin_client, address, open_form(admin_client, address), typed=True)
    html = response.content.decode()
    assert "<html" not in html
    assert 'id="preview-words"' in html
    assert 'id="preview-rows"' in html
    assert "no-store" in response["Cache-Control"]
    assert "style=" not in html


def test_invalid_form_shows_errors_instead_of_rows(admin_client: Client, django: Product) -> None:
    """Each error names its field."""
    address = form_of(django, "6.0")
    sent = open_form(admin_client, address) | {"eol": ["2024-01"], "eoas": ["soon"]}
    response = post_preview(admin_client, address, sent)
    found = response.context["preview"]
    assert found.lines == ()
    assert {(each.field, each.label) for each in found.problems} == {
        ("id_eol", "Security support until"),
        ("id_eoas", "Active support until"),
    }
    html = response.content.decode()
    # At the field, in the summary above the form, and in the preview.
    assert html.count("“soon” is not a date") == 3


def test_missing_required_fields_are_no_errors_yet(admin_client: Client) -> None:
    """An empty form names the fields that are required for a preview."""
    found = preview(admin_client, ADD_CYCLE, open_form(admin_client, ADD_CYCLE))
    assert [each.label for each in found.missing] == ["Product", "Name"]
    assert found.problems == ()


def test_unchanged_form_shows_the_saved_state(admin_client: Client, django: Product) -> None:
    """It shows the rows of the public page and no date warnings."""
    found = admin_client.get(form_of(django, "5.0")).context["preview"]
    assert [line.row.title for line in found.lines] == ["5.1", "5.0"]
    assert [each.warnings for each in found.summaries] == [()]
    assert not any(line.changed for line in found.lines)
    found = admin_client.get(form_of(django)).context["preview"]
    assert [line.row.title for line in found.lines] == ["6.1", "6.0", "5.1"]
    assert found.summaries == ()
    assert not any(line.changed for line in found.lines)
    assert admin_client.get(ADD_CYCLE).context["preview"].lines == ()


def test_new_cycle_is_previewed_at_the_top(admin_client: Client, django: Product) -> None:
    """Warnings about its dates do not prevent saving."""
    sent = open_form(admin_client, ADD_CYCLE) | {
        "product": [str(django.pk)],
        "name": ["6.2"],
        "release": ["2027-04"],
        "eol": ["2027-08"],
    }
    found = preview(admin_client, ADD_CYCLE, sent)
    assert [(line.row.title, line.note) for line in found.lines] == [
        ("6.2", ""),
        ("6.1", "Older"),
    ]
    (summary,) = found.summaries
    assert summary.sentence == "Planned for Apr 2027"
    assert summary.warnings == (
        "Shorter support than the last 4 cycles: 4 months, they had 15 to 16.",
    )
    assert admin_client.post(ADD_CYCLE, sent).status_code == 302


def test_product_preview_shows_its_cycles(admin_client: Client, django: Product) -> None:
    """It is the timeline of the product page, with changed rows marked."""
    address = form_of(django)
    sent = open_form(admin_client, address) | {
        "cycle_label": ["Django __RELEASE_CYCLE__"],
        "cycles-TOTAL_FORMS": ["5"],
        "cycles-0-DELETE": ["on"],
        "cycles-1-eol": ["2026-11-01"],
        "cycles-4-name": ["6.2"],
        "cycles-4-release": ["2027-04"],
        "cycles-4-eol": ["2030-04"],
    }
    found = preview(admin_client, address, sent)
    assert [(line.row.title, line.row.badge.word, line.changed) for line in found.lines] == [
        ("Django 6.2", "Planned", True),
        ("Django 6.0", "End of life", True),
    ]
    assert [(each.title, each.sentence) for each in found.summaries] == [
        ("6.0", "End of life since 1 Nov 2026"),
        ("6.2", "Planned for Apr 2027"),
    ]
    assert "Longer support" in found.summaries[1].warnings[0]


def test_errors_in_inline_rows_name_their_cycle(admin_client: Client, django: Product) -> None:
    """Rows that are marked for deletion are not validated."""
    address = form_of(django)
    sent = open_form(admin_client, address) | {"cycles-1-eol": ["soon"], "cycles-2-eol": ["soon"]}
    found = preview(admin_client, address, sent | {"cycles-2-DELETE": ["on"]})
    assert [(each.label, each.field) for each in found.problems] == [
        ("Release cycle 6.0, Security support until", "id_cycles-1-eol")
    ]


def test_preview_of_a_product_with_many_cycles(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """437 cycles are drawn as on the page, without inline forms and within the query budget."""
    product = make_product()
    for number in range(437):
        make_cycle(product, f"{number}", release="2025", eol="2030" if number % 20 == 0 else "2025")
    address = form_of(product)
    sent = open_form(admin_client, address) | {"cycle_label": ["No. __RELEASE_CYCLE__"]}
    with django_assert_max_num_queries(20):
        found = preview(admin_client, address, sent)
    assert len(found.lines) == 12
    assert found.more == 22 + 1 - 12  # the supported cycles and the latest one that has ended
    assert found.lines[0].row.title == "No. 0"


@pytest.mark.parametrize("rights", [(), ("view_releasecycle",), ("view_product", "view_release")])
def test_preview_requires_change_permission(django: Product, rights: tuple[str, ...]) -> None:
    client = staff_with(*rights)
    assert client.post(form_of(django, "6.0"), BUTTON).status_code == 403
    assert client.post(ADD_CYCLE, BUTTON).status_code == 403
    assert Client().post(form_of(django, "6.0"), BUTTON).status_code == 302


def test_viewer_sees_rows_without_a_preview_button(django: Product) -> None:
    client = staff_with("view_releasecycle", "view_product")
    html = client.get(form_of(django, "6.0")).content.decode()
    assert 'class="bars' in html
    assert 'name="_preview"' not in html
    assert "data-hx-post" not in html
