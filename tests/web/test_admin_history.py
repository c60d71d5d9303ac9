"""Object history in the admin: display, reverting a change, restoring a moment, undeleting."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import format_milestone, parse_milestone
from releases.models import Product, Release, ReleaseCycle
from releases.models.history import one_change
from releases.selectors.history.records import Subject, moments
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release
from tests.product_files import cycle, import_files, write
from tests.web.admin_forms import delete, deletion_form, open_form

pytestmark = pytest.mark.django_db

HISTORY_QUERIES = (
    "session",
    "user",
    "the row",
    "how many changes",
    "the changes of the page",
    "products with the rows before",
    "custom fields",
    "aliases",
    "identifiers",
    "cycles",
    "former names of cycles",
    "identifiers of cycles",
    "releases",
    "notes",
    "tags",
    "names of categories",
    "names of tags",
    "names of products",
    "deleted cycles",
    "deleted releases",
    "deleted notes",
)


def address(row: Any, page: str = "history", *more: str) -> str:
    name = f"admin:releases_{row._meta.model_name}_{page}"
    return reverse(name, args=[row.pk, *more])


def moment(row: Any, index: int = 0) -> str:
    at: datetime = moments(Subject(type(row), row.pk))[index]
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def log_in(client: Client, role: str) -> Client:
    user = get_user_model()._default_manager.create_user("ann", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def lines(response: Any) -> list[str]:
    """Return the field changes on the page as sentences."""
    return [
        f"{line.title}: {field.label}: {field.before} -> {field.after}"
        for change in response.context["changes"]
        for line in change["lines"]
        if not line.fate
        for field in line.fields
    ]


def fates(response: Any) -> list[str]:
    """Return the titles of rows that were added or deleted, and which of the two happened."""
    return [
        f"{line.title}: {line.fate}"
        for change in response.context["changes"]
        for line in change["lines"]
        if line.fate
    ]


def confirm(client: Client, url: str, **data: str) -> Any:
    """Open a confirmation page and submit it."""
    page = client.get(url)
    return client.post(url, {"seen": page.context["seen"]} | data)


@pytest.fixture
def row() -> ReleaseCycle:
    product = make_product(category="framework", tags=["web"])
    return make_cycle(product, "5.2", release="2025-04-02", eol="2028-04")


# ---- the page


def test_change_is_described_with_form_labels(admin_client: Client, row: ReleaseCycle) -> None:
    """It shows user, time, reason, and each field with its old and new value."""
    data: Any = open_form(admin_client, address(row, "change"))
    data |= {"eol": "2029-04-30", "reason": "The policy page says so."}
    assert admin_client.post(address(row, "change"), data).status_code == 302
    page = admin_client.get(address(row))
    assert lines(page) == ["Release cycle 5.2: Security support until: Apr 2028 -> 30 Apr 2029"]
    newest = page.context["changes"][0]
    assert (newest["user"], newest["reason"]) == ("admin", "The policy page says so.")
    html = text_of(page)
    assert "<del>Apr 2028</del>" in html
    assert "<ins>30 Apr 2029</ins>" in html


def test_product_history_includes_related_rows(admin_client: Client) -> None:
    """Rows that were saved together form one change, and related objects are shown by name."""
    product = make_product(category="framework", tags=["web"])
    with one_change("a lot"):
        python = make_product("python")
        product.tags.set(python.tags.model.objects.create(name=name) for name in ("api", "orm"))
        product.category, product.show_eoas, product.eoas_label = None, True, "Fixes"
        product.save()
        make_custom_field(product, "owner")
        new = make_cycle(product, "6.0", custom={"owner": "Ann"})
        make_release(new, "6.0.1", date=date(2026, 1, 1))
        make_note(product, title="Mind the gap")
    page = admin_client.get(address(product))
    newest = page.context["changes"][0]
    assert newest["reason"] == "a lot"
    assert lines(page)[:4] == [
        "Product Django: Category: framework -> nothing",
        "Product Django: Show “Active Support”: no -> yes",
        "Product Django: Label of “Active Support”: nothing -> Fixes",
        "Product Django: Tags: web -> api, orm",
    ]
    assert fates(page)[:4] == [
        "Custom field owner: added",
        "Release cycle 6.0: added",
        "Release 6.0.1: added",
        "Upgrade note Mind the gap: added",
    ]


def test_custom_values_are_listed_separately(admin_client: Client, row: ReleaseCycle) -> None:
    row.custom = {"owner": "Ann"}
    row.save()
    row.custom = {"owner": "Bob", "team": "web"}
    row.save()
    assert lines(admin_client.get(address(row))) == [
        "Release cycle 5.2: Own column owner: Ann -> Bob",
        "Release cycle 5.2: Own column team: nothing -> web",
        "Release cycle 5.2: Own column owner: nothing -> Ann",
    ]


def test_one_save_of_a_form_is_one_change(admin_client: Client, row: ReleaseCycle) -> None:
    """The change includes the inline rows, all with the same reason."""
    product = row.product
    data: Any = open_form(admin_client, address(product, "change"))
    data |= {"label": "DJ", "cycles-0-eol": "2029"}
    data |= {"tags": [], "reason": "tidy"}
    assert admin_client.post(address(product, "change"), data).status_code == 302
    newest = admin_client.get(address(product)).context["changes"][0]
    assert [line.title for line in newest["lines"]] == ["Product DJ", "Release cycle 5.2"]
    assert set(row.history.values_list("history_change_reason", flat=True)[:1]) == {"tidy"}


def test_too_long_reason_is_rejected(admin_client: Client, row: ReleaseCycle) -> None:
    """This holds for edits and for deletions."""
    data: Any = open_form(admin_client, address(row, "change"))
    data |= {"reason": "x" * 201, "eol": "2029"}
    page = admin_client.post(address(row, "change"), data)
    assert "at most 200 characters" in text_of(page)
    url = address(row, "delete")
    page = admin_client.get(delete(admin_client, url, reason="x" * 201)["Location"])
    assert "Nothing was deleted. Reason: Ensure this value has at most 200" in text_of(page)
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2028-04"


def test_deletion_asks_for_a_reason(admin_client: Client, row: ReleaseCycle) -> None:
    """Both the deletion page and the bulk action ask, and every deleted row records the reason."""
    make_release(row, "5.2.1")
    page = admin_client.get(address(row, "delete"))
    assert 'name="reason"' in text_of(page)
    delete(admin_client, address(row, "delete"), reason="a mistake")
    for history in (ReleaseCycle.history, Release.history):
        assert history.first().history_change_reason == "a mistake"
    url = reverse("admin:releases_product_changelist")
    chosen = {"action": "delete_selected", "_selected_action": str(row.product_id)}
    page = admin_client.post(url, chosen)
    assert 'name="reason"' in text_of(page)
    admin_client.post(url, deletion_form(page) | {"reason": "not ours"})
    assert Product.history.first().history_change_reason == "not ours"


def test_simple_history_form_is_removed(admin_client: Client, row: ReleaseCycle) -> None:
    """The form of django-simple-history could save an old version without these checks."""
    version = row.history.get().history_id
    assert admin_client.get(f"{address(row)}{version}/").status_code in (302, 404)


@pytest.mark.parametrize("bad", ["x", "2026-11-21T00:00:00.000000", "9" * 40])
def test_unknown_moment_is_404(admin_client: Client, row: ReleaseCycle, bad: str) -> None:
    for page in ("revert", "back"):
        assert admin_client.get(address(row, page, bad)).status_code == 404


@pytest.mark.parametrize("bad", ["x", "0", "9" * 30])
def test_history_of_a_row_that_never_existed_is_404(admin_client: Client, bad: str) -> None:
    url = reverse("admin:releases_product_history", args=[bad])
    assert admin_client.get(url).status_code == 404


@pytest.mark.parametrize("count", [3, 60])
def test_history_query_count_is_constant(
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    product = make_product(category="framework", tags=["web"])
    for number in range(count):
        new = make_cycle(product, f"{number}")
        make_release(new, "a").delete()
        new.eol = parse_milestone("2029")
        new.save()
    with django_assert_max_num_queries(len(HISTORY_QUERIES)):
        page = admin_client.get(address(product))
    assert page.context["page_obj"].has_next() == (count > 10)


# ---- reverting


def test_change_is_reverted(admin_client: Client, row: ReleaseCycle) -> None:
    """The page shows the effect first; the history records that it was a revert."""
    row.eol = parse_milestone("2029-04-30")
    row.save()
    url = address(row, "revert", moment(row))
    page = admin_client.get(url)
    assert [field.label for field in page.context["effects"][0].fields] == [
        "Security support until"
    ]
    assert confirm(admin_client, url, reason="a typo").status_code == 302
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2028-04"
    reason = row.history.first().history_change_reason
    assert reason.startswith("revert of ")
    assert reason.endswith(": a typo")
    assert row.history.first().history_user.username == "admin"


def test_later_changes_are_not_reverted(admin_client: Client, row: ReleaseCycle) -> None:
    row.eol = parse_milestone("2029")
    row.save()
    url = address(row, "revert", moment(row))
    row.eol = parse_milestone("2030")
    row.save()
    page = admin_client.get(url)
    assert page.context["effects"] == []
    assert page.context["kept"] == [
        "Release cycle 5.2, Security support until: was changed again since, from 2029 to 2030."
    ]
    assert "Do this" not in text_of(page)


def test_edit_after_preview_requires_a_new_confirmation(
    admin_client: Client, row: ReleaseCycle
) -> None:
    """The page is shown again with the new effect, and nothing is written."""
    first = moment(row)
    row.eol = parse_milestone("2029")
    row.save()
    url = address(row, "back", first)
    seen = admin_client.get(url).context["seen"]
    row.eol = parse_milestone("2030")
    row.save()
    page = admin_client.post(url, {"seen": seen})
    assert "Something was changed meanwhile" in text_of(page)
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2030"
    assert confirm(admin_client, url).status_code == 302
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2028-04"


def test_failed_revert_names_row_and_field(admin_client: Client, row: ReleaseCycle) -> None:
    gone = Product(pk=row.product_id)
    row.product.delete()
    make_product("django")
    page = confirm(admin_client, address(gone, "revert", moment(gone)))
    assert "Product Django, Address: Product with this Address already exists." in text_of(page)


def test_deleted_cycle_can_be_restored(admin_client: Client, row: ReleaseCycle) -> None:
    """The history pages of its product and of the cycle itself offer it."""
    product, key = row.product, row.pk
    make_release(row, "5.2.1")
    row.delete()
    (offer,) = admin_client.get(address(product)).context["gone"]
    assert offer["title"] == "release cycle 5.2"
    assert "It was deleted." in text_of(admin_client.get(address(ReleaseCycle(pk=key))))
    assert confirm(admin_client, offer["address"]).status_code == 302
    assert ReleaseCycle.objects.get().pk == key
    assert Release.objects.get().version == "5.2.1"
    assert admin_client.get(address(product)).context["gone"] == []


def test_deleted_products_are_listed(admin_client: Client, row: ReleaseCycle) -> None:
    url = reverse("admin:releases_product_deleted")
    assert "No product is deleted." in text_of(admin_client.get(url))
    delete(admin_client, address(row.product, "delete"), reason="a mistake")
    html = text_of(admin_client.get(url))
    assert "a mistake" in html
    link = html.split("Restore<span")[0].rsplit('href="', 1)[1].split('"')[0]
    assert confirm(admin_client, link).status_code == 302
    assert Product.objects.get().cycles.get() == row
    assert "No product is deleted." in text_of(admin_client.get(url))
    changes = reverse("admin:releases_product_changelist")
    assert url in text_of(admin_client.get(changes))


def test_product_cannot_be_restored_to_the_moment_of_its_deletion(
    admin_client: Client, row: ReleaseCycle
) -> None:
    product, key = row.product, row.product_id
    product.delete()
    gone = Product(pk=key)
    at = moment(gone)
    confirm(admin_client, address(gone, "revert", at))
    assert admin_client.get(address(gone, "back", at)).status_code == 404


# ---- permissions


def test_viewer_sees_history_but_cannot_revert(client: Client, row: ReleaseCycle) -> None:
    row.eol = parse_milestone("2029")
    row.save()
    log_in(client, VIEWER)
    html = text_of(client.get(address(row)))
    assert "Security support until" in html
    assert "Revert" not in html
    assert "Go back" not in html
    for page in ("revert", "back"):
        for send in (client.get, client.post):
            assert send(address(row, page, moment(row))).status_code == 403
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2029"
    assert client.get(reverse("admin:releases_product_deleted")).status_code == 200


def test_editor_cannot_delete_or_publish_by_reverting(client: Client, row: ReleaseCycle) -> None:
    """The page names the missing permission."""
    product = row.product
    before = moment(product)
    make_cycle(product, "6.0")
    log_in(client, EDITOR)
    url = address(product, "back", before)
    page = client.get(url)
    assert page.context["lacking"] == ["delete releasecycle"]
    assert client.post(url, {"seen": page.context["seen"]}).status_code == 403
    assert product.cycles.count() == 2
    row.draft = True
    row.save()
    url = address(row, "revert", moment(row))
    assert client.post(url, {"seen": client.get(url).context["seen"]}).status_code == 403
    row.refresh_from_db()
    assert row.draft


def test_editor_can_revert_a_date(client: Client, row: ReleaseCycle) -> None:
    row.eol = parse_milestone("2029")
    row.save()
    log_in(client, EDITOR)
    assert confirm(client, address(row, "revert", moment(row))).status_code == 302
    row.refresh_from_db()
    assert format_milestone(row.eol) == "2028-04"


def test_release_manager_can_restore_a_deleted_cycle(client: Client, row: ReleaseCycle) -> None:
    key, product = row.pk, row.product
    row.delete()
    log_in(client, RELEASE_MANAGER)
    (offer,) = client.get(address(product)).context["gone"]
    assert confirm(client, offer["address"]).status_code == 302
    assert ReleaseCycle.objects.filter(pk=key).exists()


def test_anonymous_users_are_asked_to_log_in(client: Client, row: ReleaseCycle) -> None:
    for page in (address(row), address(row, "revert", moment(row))):
        assert client.post(page).status_code == 302
        assert "/login/" in client.post(page)["Location"]


def test_import_is_one_change_with_its_reason(admin_client: Client, tmp_path: Any) -> None:
    import_files(write(tmp_path / "acme.md", cycle("1"), cycle("2"), tags="a"))
    (change,) = admin_client.get(address(Product.objects.get())).context["changes"]
    assert (change["reason"], change["user"]) == ("import of acme.md", "")
    assert [f"{line.title} {line.fate}" for line in change["lines"]] == [
        "Product Acme added",
        "Release cycle 1 added",
        "Release cycle 2 added",
    ]


def test_message_after_a_deletion_leads_to_the_restore(
    admin_client: Client, row: ReleaseCycle
) -> None:
    answer = delete(admin_client, address(row, "delete"))
    html = text_of(admin_client.get(answer["Location"]))
    link = html.partition("To undo the deletion: <a href=")[2].split('"')[1]
    page = admin_client.get(link)
    assert "Restore" in text_of(page)
    seen = page.context["seen"]
    admin_client.post(link, {"seen": seen, "reason": ""})
    assert ReleaseCycle.objects.filter(pk=row.pk).exists()
