"""Drafts in the admin: permissions, forms, actions and filters."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from releases.models import Product, ReleaseCycle, Revision, UpgradeNote
from releases.selectors.desk import NEED_LINES, desk, waiting_drafts
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER
from tests.conftest import ON
from tests.factories import make_cycle, make_note, make_product
from tests.web.admin_forms import open_form
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return log_in(EDITOR)


@pytest.fixture
def manager() -> Client:
    return log_in(RELEASE_MANAGER)


ROWS_OF_A_PRODUCT = [(make_cycle, "release cycle"), (make_note, "upgrade note")]


def address(model: Any, row: Any = None) -> str:
    name = model._meta.model_name
    if row is None:
        return reverse(f"admin:releases_{name}_add")
    return reverse(f"admin:releases_{name}_change", args=[row.pk])


def changelist(model: Any) -> str:
    return reverse(f"admin:releases_{model._meta.model_name}_changelist")


def run_action(client: Client, action: str, *rows: Any, **fields: str) -> Any:
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]} | fields
    return client.post(changelist(type(rows[0])), data, follow=True)


# ---- editors


def test_editor_adds_drafts(editor: Client) -> None:
    """This covers product and inline cycles; submitted values of hidden fields are ignored."""
    sent = open_form(editor, address(Product))
    assert "draft" not in sent
    sent |= {
        "name": ["acme"],
        "label": ["Acme"],
        "draft": [""],
        "publish_on": ["2020-01-01"],
        "cycles-TOTAL_FORMS": ["1"],
        "cycles-0-name": ["1"],
    }
    assert editor.post(address(Product), sent).status_code == 302
    product = Product.objects.get()
    cycle = product.cycles.get()
    assert (product.draft, product.publish_on) == (True, None)
    assert (cycle.draft, cycle.publish_on) == (True, None)


def test_editor_adds_draft_cycles_to_a_public_product(editor: Client) -> None:
    """The forms of cycle and product and “Next cycle” all add drafts."""
    product = make_product()
    cycle = make_cycle(product, "5.2", release="2025-04")
    sent = open_form(editor, f"{address(ReleaseCycle)}?product={product.pk}&after=")
    assert editor.post(address(ReleaseCycle), sent | {"name": ["6.0"]}).status_code == 302
    sent = open_form(editor, address(Product, product))
    sent |= {"cycles-TOTAL_FORMS": ["3"], "cycles-2-name": ["6.1"]}
    assert editor.post(address(Product, product), sent).status_code == 302
    assert set(product.cycles.filter(draft=True).values_list("name", flat=True)) == {"6.0", "6.1"}
    cycle.refresh_from_db()
    assert not cycle.draft


def test_editor_adds_draft_note_to_a_public_product(editor: Client) -> None:
    sent = open_form(editor, address(UpgradeNote))
    assert "draft" not in sent
    sent |= {"product": [str(make_product().pk)], "title": ["Mind the gap"], "key": ["gap"]}
    assert editor.post(address(UpgradeNote), sent).status_code == 302
    assert UpgradeNote.objects.get().draft


@pytest.mark.parametrize("end", ["from_cycle", "to_cycle", "product"])
def test_editor_cannot_publish_a_note_by_changing_its_target(editor: Client, end: str) -> None:
    """A note that is hidden with its cycle or product becomes a draft when it is moved."""
    product = make_product()
    make_cycle(product, "5.2")
    make_cycle(product, "6.0", draft=True)
    hidden = product if end != "product" else make_product("secret", draft=True)
    note = make_note(hidden, **({} if end == "product" else {end: "6.0"}))
    sent = open_form(editor, address(UpgradeNote, note))
    sent |= {end: [str(product.pk) if end == "product" else "5.2"]}
    assert editor.post(address(UpgradeNote, note), sent).status_code == 302
    note.refresh_from_db()
    assert getattr(note, end) in (product, "5.2")
    assert note.draft


def test_editor_cannot_publish_by_a_form(editor: Client) -> None:
    product = make_product(draft=True)
    for row in (product, make_cycle(product, draft=True), make_note(product, draft=True)):
        sent = open_form(editor, address(type(row), row))
        assert "draft" not in sent
        answer = editor.post(address(type(row), row), sent | {"publish_on": ["2020-01-01"]})
        assert answer.status_code == 302
        row.refresh_from_db()
        assert (row.draft, row.publish_on) == (True, None)


def test_editor_cannot_publish_by_moving_a_cycle(editor: Client) -> None:
    """A cycle of a draft product is no draft itself, and would become public elsewhere."""
    cycle = make_cycle(make_product("secret", draft=True))
    public = make_product("django")
    sent = open_form(editor, address(ReleaseCycle, cycle)) | {"product": [str(public.pk)]}
    assert editor.post(address(ReleaseCycle, cycle), sent).status_code == 302
    cycle.refresh_from_db()
    assert cycle.product == public
    assert cycle.draft


def test_editor_edits_public_rows(editor: Client) -> None:
    cycle = make_cycle(make_product())
    sent = open_form(editor, address(ReleaseCycle, cycle)) | {"eol": ["2030"]}
    assert editor.post(address(ReleaseCycle, cycle), sent).status_code == 302
    assert ReleaseCycle.objects.public().filter(eol_date=date(2030, 12, 31)).exists()


@pytest.mark.parametrize("action", ["publish", "make_draft"])
def test_editor_cannot_use_publishing_actions(editor: Client, action: str) -> None:
    """The actions are not offered, and submitting one changes nothing."""
    product = make_product(draft=action == "publish")
    cycle = make_cycle(product, draft=action == "publish")
    note = make_note(product, draft=action == "publish")
    before = Revision.objects.get().token
    for row in (product, cycle, note):
        assert f'value="{action}"' not in editor.get(changelist(type(row))).text
        run_action(editor, action, row, apply="yes")
        row.refresh_from_db()
        assert row.draft == (action == "publish")
    assert Revision.objects.get().token == before


# ---- release managers


def test_release_manager_adds_public_rows(manager: Client) -> None:
    sent = open_form(manager, address(Product)) | {"name": ["acme"], "label": ["Acme"]}
    assert manager.post(address(Product), sent).status_code == 302
    assert Product.objects.public().exists()


def test_publishing_asks_for_confirmation(manager: Client) -> None:
    """Draft cycles and notes are included on request, and the history records the reason."""
    product = make_product(draft=True, tags=["web"])
    make_cycle(product, "5.2", draft=True)
    note = make_note(product, title="Mind the gap", draft=True)
    page = run_action(manager, "publish", product)
    assert "5.2, Mind the gap" in page.text
    assert not Product.objects.public().exists()
    page = run_action(manager, "publish", product, apply="yes", drafts="on", reason="ready")
    assert "1 product published, with 1 release cycle and 1 upgrade note." in page.text
    assert ReleaseCycle.objects.public().count() == UpgradeNote.objects.public().count() == 1
    assert note.history.first().history_change_reason == "ready"
    record = product.history.first()
    assert record.history_change_reason == "ready"
    assert record.history_user.username == RELEASE_MANAGER
    assert record.tags.count() == 1


def test_publishing_without_draft_cycles(manager: Client) -> None:
    product = make_product(draft=True)
    make_cycle(product, "5.2")
    make_cycle(product, "6.0", draft=True)
    run_action(manager, "publish", product, apply="yes")
    assert [each.name for each in ReleaseCycle.objects.public()] == ["5.2"]


@pytest.mark.parametrize(("make", "noun"), ROWS_OF_A_PRODUCT)
def test_rows_of_a_product_can_be_published_and_made_drafts(
    manager: Client, on: date, make: Any, noun: str
) -> None:
    row = make(make_product(), draft=True, publish_on=on + timedelta(days=9))
    assert f"1 {noun} published." in run_action(manager, "publish", row, apply="yes").text
    assert type(row).objects.public().exists()
    page = run_action(manager, "make_draft", row)
    assert f"Only editors will see these {noun}s" in " ".join(page.text.split())
    assert f"1 {noun} is now a draft." in run_action(manager, "make_draft", row, apply="yes").text
    row.refresh_from_db()
    assert (row.draft, row.publish_on) == (True, None)


def test_publication_date_requires_a_draft(manager: Client) -> None:
    """The error comes from the form, not from the database."""
    product = make_product()
    for row in (product, make_cycle(product), make_note(product)):
        sent = open_form(manager, address(type(row), row)) | {"publish_on": ["2027-03-03"]}
        answer = manager.post(address(type(row), row), sent)
        assert answer.status_code == 200
        assert answer.context["errors"] == [["Only a draft is published on a day."]]
        sent |= {"draft": ["on"]}
        assert manager.post(address(type(row), row), sent).status_code == 302
        row.refresh_from_db()
        assert row.publish_on == date(2027, 3, 3)


def test_publishing_a_cycle_publishes_notes_that_name_it(manager: Client) -> None:
    """Notes that are drafts themselves stay drafts."""
    product = make_product()
    cycle = make_cycle(product, "6.0", draft=True)
    make_note(product, "public", to_cycle="6.0")
    make_note(product, "draft", to_cycle="6.0", draft=True)
    page = manager.get(changelist(UpgradeNote)).text
    assert "Public; it names a cycle that is a draft" in page
    run_action(manager, "publish", cycle, apply="yes")
    assert [note.key for note in UpgradeNote.objects.public()] == ["public"]
    assert "it names" not in manager.get(changelist(UpgradeNote)).text


# ---- changelists and forms


@pytest.fixture
def rows_of_every_visibility(on: date) -> None:
    """A product and a cycle of each visibility."""
    tomorrow = on + timedelta(days=1)
    kinds: dict[str, dict[str, Any]] = {
        "public": {},
        "draft": {"draft": True},
        "coming": {"draft": True, "publish_on": tomorrow},
        "due": {"draft": True, "publish_on": on},
    }
    public = make_product("public")
    for name, values in kinds.items():
        make_cycle(public, f"{name}-cycle", **values)
        if values:
            make_cycle(make_product(name, **values), f"of-{name}")


@pytest.mark.usefixtures("rows_of_every_visibility")
@pytest.mark.parametrize(
    ("model", "kind", "expected"),
    [
        (Product, "public", {"public", "due"}),
        (Product, "draft", {"draft"}),
        (Product, "scheduled", {"coming"}),
        (Product, "nonsense", {"public", "draft", "coming", "due"}),
        (ReleaseCycle, "public", {"public-cycle", "due-cycle", "of-due"}),
        (ReleaseCycle, "draft", {"draft-cycle"}),
        (ReleaseCycle, "scheduled", {"coming-cycle"}),
        (ReleaseCycle, "product", {"of-draft", "of-coming"}),
    ],
)
def test_changelist_filters_by_visibility(
    editor: Client, model: Any, kind: str, expected: set[str]
) -> None:
    found = editor.get(f"{changelist(model)}?visibility={kind}").context["cl"].queryset
    assert {each.name for each in found} == expected


@pytest.mark.usefixtures("rows_of_every_visibility")
def test_changelist_shows_visibility() -> None:
    page = log_in(EDITOR).get(changelist(ReleaseCycle)).text
    for words in (
        "Public since 21 Nov 2026",
        "Draft until 22 Nov 2026",
        "Public; its product is a draft",
    ):
        assert words in page


def test_changelist_filters_unconfirmed_cycles(editor: Client) -> None:
    product = make_product()
    make_cycle(product, "6.2", unconfirmed=True)
    make_cycle(product, "5.2")
    found = editor.get(f"{changelist(ReleaseCycle)}?unconfirmed__exact=1").context["cl"].queryset
    assert [each.name for each in found] == ["6.2"]


def test_view_on_site_is_offered_for_public_rows_only(manager: Client) -> None:
    product = make_product()
    cycle = make_cycle(product)
    for draft in (False, True):
        Product.objects.update(draft=draft)
        for row in (product, cycle):
            page = manager.get(address(type(row), row)).text
            assert ("View on site" in page) != draft


# ---- requests for publication


def request_url(row: Any) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_request", args=[row.pk])


def test_new_draft_of_an_editor_is_called_one(editor: Client, manager: Client) -> None:
    """The message after adding a row, alone or in the form of its product, says what to do next."""
    product = make_product()
    sent = open_form(editor, f"{address(ReleaseCycle)}?product={product.pk}") | {"name": ["6.3"]}
    html = editor.post(address(ReleaseCycle), sent, follow=True).content.decode()
    assert "The release cycle “6.3” is a draft, which only editors see." in html
    assert f'<a href="{request_url(ReleaseCycle.objects.get())}">Request publication</a>' in html
    sent = open_form(editor, address(Product, product))
    sent |= {"cycles-TOTAL_FORMS": ["2"], "cycles-1-name": ["6.4"]}
    html = editor.post(address(Product, product), sent, follow=True).content.decode()
    assert "The release cycle “6.4” is a draft" in html
    sent = open_form(manager, f"{address(ReleaseCycle)}?product={product.pk}") | {"name": ["7.0"]}
    html = manager.post(address(ReleaseCycle), sent, follow=True).content.decode()
    assert "is a draft" not in html


@pytest.mark.parametrize("make", [make_product, make_cycle, make_note])
def test_editor_requests_publication_and_it_ends_with_it(
    editor: Client, manager: Client, make: Any
) -> None:
    """The start page shows who asked and why, until the row is published."""
    row = make(draft=True) if make is make_product else make(make_product(), draft=True)
    index = reverse("admin:index")
    assert "Only editors see it" in manager.get(index).content.decode()
    assert request_url(row) in editor.get(address(type(row), row)).content.decode()
    assert request_url(row) not in manager.get(address(type(row), row)).content.decode()
    answer = editor.post(request_url(row), {"reason": "announced today"}, follow=True)
    assert "Publication requested</a>" in answer.content.decode()
    record = row.history.first()
    assert (record.history_change_reason, record.requested_on) == ("announced today", ON)
    html = " ".join(manager.get(index).content.decode().split())
    assert "Publication requested by editor on 21 Nov 2026: announced today" in html
    run_action(manager, "publish", row, apply="1")
    assert "Publication requested by" not in manager.get(index).content.decode()
    row.refresh_from_db()
    assert (row.draft, row.requested_on) == (False, None)


def test_request_is_withdrawn_by_its_editor(editor: Client) -> None:
    row = make_product(draft=True)
    editor.post(request_url(row), {"reason": ""})
    assert "Withdraw the request" in editor.get(request_url(row)).content.decode()
    html = editor.post(request_url(row), {"withdraw": "1"}, follow=True).content.decode()
    assert "is withdrawn" in html
    assert Product.objects.get().requested_on is None
    assert row.history.count() == 3


@pytest.mark.parametrize("values", [{}, {"draft": True, "publish_on": date(2027, 1, 1)}])
def test_only_a_draft_without_a_day_is_requested(editor: Client, values: Any) -> None:
    row = make_product(**values)
    html = editor.post(request_url(row), {"reason": ""}, follow=True).content.decode()
    assert "needs no request" in html
    assert row.history.count() == 1


def test_request_ends_when_the_form_publishes_the_row(editor: Client, manager: Client) -> None:
    row = make_product(draft=True)
    editor.post(request_url(row), {"reason": ""})
    sent = open_form(manager, address(Product, row))
    del sent["draft"]
    assert manager.post(address(Product, row), sent).status_code == 302
    assert Product.objects.get().requested_on is None


def test_requested_drafts_come_first(editor: Client) -> None:
    """A draft with a day of publication comes last, as it waits for nobody."""
    make_product("c", draft=True, publish_on=date(2027, 1, 1))
    make_product("d", draft=True)
    row = make_cycle(make_product("b"), "2.0", draft=True)
    editor.post(request_url(row), {"reason": ""})
    assert [each.title for each in waiting_drafts(ON)] == ["B 2.0", "D", "C"]
    for number in range(12):
        make_product(f"p{number}", draft=True)
    drafts = desk(ON).drafts
    assert (len(drafts.rows), drafts.total) == (NEED_LINES, 15)
