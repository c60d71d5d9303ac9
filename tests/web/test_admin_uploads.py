"""Uploads in the admin: the form, the preview of the import, and the permissions."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.domain.cyclonedx import PREFIX
from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.openeox import CORE_SCHEMA
from releases.models import Product, ReleaseCycle, Upload
from releases.services.editing.accept import local_edits
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER
from releases.services.imports.store import product_to_update
from tests.product_files import cycle, product_text
from tests.web.logins import log_in
from tests.web.texts import main_text

pytestmark = pytest.mark.django_db

ADD = "/admin/releases/upload/add/"
END, LATER = date(2027, 1, 1), date(2028, 1, 1)
TEXT = product_text(cycle("1.0", eol=END))


@pytest.fixture
def manager() -> Client:
    return log_in(RELEASE_MANAGER)


def upload(client: Client, *texts: str, name: str = "acme.md") -> str:
    """Upload files and return the URL of the preview."""
    files = [SimpleUploadedFile(name, text.encode()) for text in texts]
    answer = client.post(ADD, {"product_files": files})
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer["Location"])


def import_upload(client: Client, address: str, *taken: str, **data: Any) -> Any:
    """Import everything that is selected by default."""
    context = client.get(address).context
    form = {
        "seen": context["preview"].digest,
        "file": [entry.outcome.place for entry in context["entries"]],
        "take": taken,
        "take_in": "Import",
    }
    return client.post(address, form | data, follow=True)


def messages(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def page(answer: Any) -> str:
    text: str = answer.content.decode()
    return " ".join(text.split())


def edit(**milestones: str) -> None:
    row = ReleaseCycle.objects.get()
    for field, text in milestones.items():
        setattr(row, field, parse_milestone(text))
    row.save()


def test_upload_is_previewed_and_imported(manager: Client) -> None:
    """Nothing is written before the import is confirmed."""
    address = upload(manager, TEXT)
    shown = main_text(page(manager.get(address)))
    assert "acme Created" in shown
    assert "Security support until: 1 Jan 2027" in shown
    assert not Product.objects.exists()
    answer = import_upload(manager, address)
    assert messages(answer) == ["Imported: acme."]
    assert answer.request["PATH_INFO"] == "/admin/releases/product/"
    assert not Upload.objects.exists()
    history: Any = Product.history
    assert history.first().history_user.username == RELEASE_MANAGER


def test_changes_are_shown_with_form_labels(manager: Client) -> None:
    import_upload(manager, upload(manager, TEXT))
    changed = product_text(cycle("1.0", eol=LATER, codename="One"), eolColumn="Until", tags="a b")
    shown = main_text(page(manager.get(upload(manager, changed))))
    for words in (
        "Security support until Now 1 Jan 2027 Then 1 Jan 2028",
        "Codename Now – Then One",
        "Label of “Security Support” Now – Then Until",
        "Tags Now – Then a b",
    ):
        assert words in shown


def test_local_edits_are_shown_with_both_values(manager: Client) -> None:
    """A selected value replaces the local edit."""
    import_upload(manager, upload(manager, TEXT))
    edit(eol="2029-Q1")
    address = upload(manager, product_text(cycle("1.0", eol=LATER)))
    shown = page(manager.get(address))
    assert 'value="acme.md/eol of 1.0" aria-label="Accept Security support until of 1.0"' in shown
    assert "Here Q1 2029 File 1 Jan 2028" in main_text(shown)
    import_upload(manager, address, "acme.md/eol of 1.0")
    assert str(ReleaseCycle.objects.get().eol) == "1 Jan 2028"


def test_unselected_local_edit_stays(manager: Client) -> None:
    import_upload(manager, upload(manager, TEXT))
    edit(eol="2029-Q1")
    import_upload(manager, upload(manager, product_text(cycle("1.0", eol=LATER))))
    assert str(ReleaseCycle.objects.get().eol) == "Q1 2029"


def test_invalid_date_order_is_reported(manager: Client) -> None:
    """The selection is kept, and nothing is written."""
    import_upload(
        manager, upload(manager, product_text(cycle("1.0", eoas=date(2026, 1, 1), eol=END)))
    )
    edit(eoas="2025-03", eol="2025-06")
    address = upload(manager, product_text(cycle("1.0", eoas=END, eol=LATER)))
    answer = import_upload(manager, address, "acme.md/eoas of 1.0")
    assert "acme.md: eoas of 1.0: It cannot be accepted. The end of" in messages(answer)[0]
    assert 'aria-label="Accept Active support until of 1.0" checked' in page(answer)
    assert str(ReleaseCycle.objects.get().eoas) == "Mar 2025"


def test_changed_catalogue_requires_a_new_preview(manager: Client) -> None:
    """Nothing is written, because the effect would differ from the preview."""
    import_upload(manager, upload(manager, TEXT))
    address = upload(manager, product_text(cycle("1.0", eol=LATER)))
    seen = manager.get(address).context["preview"].digest
    edit(eol="2029-Q1")
    answer = import_upload(manager, address, seen=seen)
    assert "The catalogue has changed" in messages(answer)[0]
    assert "<div>Q1 2029</div>" in page(answer)
    assert str(ReleaseCycle.objects.get().eol) == "Q1 2029"
    import_upload(manager, address)
    assert not Upload.objects.exists()


def test_selection_is_required(manager: Client) -> None:
    address = upload(manager, TEXT)
    answer = import_upload(manager, address, file=[])
    assert messages(answer) == ["Tick at least one product, or discard the upload."]
    assert Upload.objects.exists()


def test_upload_can_be_discarded(manager: Client) -> None:
    address = upload(manager, TEXT)
    answer = manager.post(address, {"throw": "x"}, follow=True)
    assert messages(answer) == ["The upload was discarded."]
    assert not Upload.objects.exists()
    assert not Product.objects.exists()


def test_large_uploads_are_imported_in_parts(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part can be skipped, and the next one follows."""
    monkeypatch.setattr("releases.services.uploads.MAX_FILES", 1)
    raw = BytesIO()
    with ZipFile(raw, "w") as archive:
        for name in "abc":
            archive.writestr(f"x/{name}.md", product_text(permalink=f"/{name}"))
    file = SimpleUploadedFile("all.zip", raw.getvalue())
    address = manager.post(ADD, {"product_files": file})["Location"]
    assert "2 more files follow after these." in page(manager.get(address))
    answer = import_upload(manager, address)
    assert messages(answer) == ["Imported: a. 2 files are left."]
    assert "b Created" in main_text(page(answer))
    answer = manager.post(address, {"skip": "x"}, follow=True)
    assert "c Created" in main_text(page(answer))
    import_upload(manager, address)
    assert [product.name for product in Product.objects.all()] == ["a", "c"]


def test_products_can_be_imported_as_drafts(manager: Client) -> None:
    import_upload(manager, upload(manager, TEXT), drafts="on")
    assert Product.objects.get().draft


def test_user_without_publish_permission_imports_drafts() -> None:
    """The submitted data cannot override this."""
    user = get_user_model()._default_manager.create_user("uploader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="add_upload"))
    client = Client()
    client.force_login(user)
    address = upload(client, TEXT)
    assert 'aria-describedby="drafts-help" checked disabled' in page(client.get(address))
    client.post(
        address,
        {
            "seen": client.get(address).context["preview"].digest,
            "file": "acme.md",
            "take_in": "x",
        },
    )
    assert Product.objects.get().draft


@pytest.mark.parametrize("role", [VIEWER, EDITOR])
def test_upload_requires_permission(role: str, manager: Client) -> None:
    """Requests for an existing upload get 403 and change nothing."""
    address = upload(manager, TEXT)
    client = log_in(role)
    file = SimpleUploadedFile("acme.md", TEXT.encode())
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, {"product_files": file}).status_code == 403
    for data in ({"throw": "x"}, {"take_in": "x", "file": "acme.md"}, {"skip": "x"}):
        assert client.post(address, data).status_code == 403
    assert Upload.objects.count() == 1
    assert not Product.objects.exists()
    assert "Upload product files" not in page(client.get("/admin/releases/product/"))


def test_uploads_are_visible_to_their_user_only(manager: Client) -> None:
    """Other users with the same permission get 404."""
    address = upload(manager, TEXT)
    other = log_in(RELEASE_MANAGER, "other")
    assert other.get(address).status_code == 404
    assert other.post(address, {"throw": "x"}).status_code == 404
    assert Upload.objects.exists()
    listed = reverse("admin:releases_upload_changelist")
    assert address in page(manager.get(listed))
    assert address not in page(other.get(listed))


def test_anonymous_users_are_asked_to_log_in(client: Client) -> None:
    assert client.get(ADD)["Location"].startswith("/admin/login/")


def test_index_and_changelist_link_to_the_form(manager: Client) -> None:
    for path in ("/admin/", "/admin/releases/product/"):
        assert f'href="{ADD}"' in page(manager.get(path))


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.txt", TEXT, "a.txt: It is no product file"),
        ("a.md", "", "a.md: The file is empty."),
        ("a.zip", "no archive", "a.zip: It is no zip archive, or a broken one."),
        ("../../a.md", "\0", "a.md: The file is binary, not a text."),
    ],
)
def test_unreadable_upload_is_rejected(manager: Client, name: str, text: str, problem: str) -> None:
    """The error at the field names the file."""
    file = SimpleUploadedFile(name, text.encode())
    answer = manager.post(ADD, {"product_files": file})
    assert problem in answer.context["form"].errors["product_files"][0]
    assert not Upload.objects.exists()


def test_file_is_required(manager: Client) -> None:
    answer = manager.post(ADD, {})
    assert answer.context["form"].errors["product_files"] == ["This field is required."]


def test_number_of_listed_problems_is_limited(manager: Client) -> None:
    files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(80)]
    errors = manager.post(ADD, {"product_files": files}).context["form"].errors["product_files"]
    assert (len(errors), errors[-1]) == (51, "And 30 more.")


def test_too_large_request_is_rejected_with_413(manager: Client) -> None:
    """The `Content-Length` header decides."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    file = SimpleUploadedFile("acme.md", b"x" * (limit + 1))
    answer = manager.post(ADD, {"product_files": file})
    assert answer.status_code == 413
    assert "larger than 12 MB" in page(answer)


def test_file_names_are_escaped(manager: Client) -> None:
    address = upload(manager, "no product", name="<img src=x onerror=alert(1)>.md")
    shown = page(manager.get(address))
    assert "<img" not in shown
    assert "&lt;img src=x" in shown


def test_errors_name_field_and_line(manager: Client) -> None:
    """A product that was created here is not overwritten."""
    address = upload(manager, product_text(cycle("1.0", eol="soon")))
    assert "<li>line 7: releases[0].eol: " in page(manager.get(address))
    Product.objects.create(name="acme", label="Acme")
    shown = page(manager.get(upload(manager, TEXT)))
    assert "acme.md: a product of this name was made here" in shown
    assert 'name="take_in"' not in shown


def test_preview_query_count_is_bounded(
    manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """A new file costs a few queries; 12 of them load the session, the user and the permissions."""
    address = upload(manager, TEXT)
    with django_assert_max_num_queries(50):
        assert manager.get(address).status_code == 200


def statement(end: str, updated: str) -> str:
    return json.dumps(
        {
            "$schema": CORE_SCHEMA,
            "end_of_life": end,
            "end_of_security_support": end,
            "last_updated": updated,
        }
    )


def test_openeox_document_is_previewed_and_imported(manager: Client) -> None:
    """Beside a product file; a local edit stays unless it is ticked, an older one does nothing."""
    import_upload(manager, upload(manager, TEXT))
    name = "acme@1.0.openeox.json"
    first = statement("2028-01-01T23:59:59Z", "2026-11-01T00:00:00Z")
    address = upload(manager, first, name=name)
    shown = main_text(page(manager.get(address)))
    assert "Security support until Now 1 Jan 2027 Then 1 Jan 2028" in shown
    assert "bundled catalogue" not in shown
    assert messages(import_upload(manager, address)) == ["Imported: acme."]
    assert str(ReleaseCycle.objects.get().eol) == "1 Jan 2028"
    edit(eol="2029")
    newer = upload(manager, statement("2030-01-01T23:59:59Z", "2026-11-02T00:00:00Z"), name=name)
    assert "Here 2029 File 1 Jan 2030" in main_text(page(manager.get(newer)))
    import_upload(manager, newer, f"{name}/eol of 1.0")
    assert str(ReleaseCycle.objects.get().eol) == "1 Jan 2030"
    shown = main_text(page(manager.get(upload(manager, first, name=name))))
    assert "a statement that is not older was imported before" in shown


def test_openeox_document_with_a_problem_is_refused(manager: Client) -> None:
    bad = SimpleUploadedFile("acme@1.0.openeox.json", statement("soon", "tba").encode())
    answer = manager.post(ADD, {"product_files": [bad]})
    assert "acme@1.0.openeox.json: end_of_life: Expected a date and time" in page(answer)
    assert not Upload.objects.exists()


def bill(end: str, purl: str = "pkg:npm/acme@1.0.3") -> str:
    dates = [{"name": f"{PREFIX}endOfSupport", "value": end}]
    component = {"type": "library", "name": "x", "purl": purl, "properties": dates}
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]})


def test_cyclonedx_file_is_previewed_and_becomes_proposals(manager: Client) -> None:
    """As by the command. Nothing public changes."""
    text = product_text(cycle("1.0", eol=END), identifiers=[{"purl": "pkg:npm/acme"}])
    import_upload(manager, upload(manager, text))
    address = upload(manager, bill("2028-01-01"), name="vendor.cdx.json")
    shown = main_text(page(manager.get(address)))
    assert "vendor.cdx.json Proposals Its dates become proposals" in shown
    assert "Acme 1.0: end of security support 1 Jan 2028, here 1 Jan 2027" in shown
    assert "bundled catalogue" not in shown
    assert not proposals()
    assert messages(import_upload(manager, address)) == ["Imported: vendor.cdx.json."]
    assert proposals() == ["proposal:eol of 1.0"]
    assert str(ReleaseCycle.objects.get().eol) == "1 Jan 2027"


def proposals() -> list[str]:
    return [each.key for each in local_edits(product_to_update("acme"))]


def test_upload_of_all_formats(manager: Client) -> None:
    """A document and a CycloneDX file are about the product as the files before them leave it."""
    names = {
        "acme.md": product_text(cycle("1.0", eol=END), identifiers=[{"purl": "pkg:npm/acme"}]),
        "acme@1.0.openeox.json": statement("2029-01-01T23:59:59Z", "2026-11-01T00:00:00Z"),
        "a.json": bill("2028-01-01"),
    }
    files = [SimpleUploadedFile(name, text.encode()) for name, text in names.items()]
    address = str(manager.post(ADD, {"product_files": files})["Location"])
    assert "Acme 1.0: end of security support 1 Jan 2028, here 1 Jan 2029" in page(
        manager.get(address)
    )
    assert messages(import_upload(manager, address)) == ["Imported: acme, acme, a.json."]
    assert not Upload.objects.exists()


def test_cyclonedx_file_without_news_is_left_alone(manager: Client) -> None:
    import_upload(manager, upload(manager, TEXT))
    shown = page(manager.get(upload(manager, bill("2028-01-01", "pkg:npm/x@1"), name="a.json")))
    assert (
        "a.json: no date differs from those here. components[0]: x 1: it is not in the catalogue."
    ) in shown


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", bill("2028-01-01").replace("1.6", "1.2"), "a.json: It is CycloneDX “1.2”, but"),
        ("a.json", bill("2028-01-01")[:-1], "a.json: It is no JSON here."),
        ("a.xml", "<project/>", "a.xml: It is no CycloneDX: its root element is not bom."),
        ("a.xml", "", "a.xml: It is empty."),
    ],
)
def test_file_that_is_no_cyclonedx_is_refused(
    manager: Client, name: str, text: str, message: str
) -> None:
    file = SimpleUploadedFile(name, text.encode())
    assert message in page(manager.post(ADD, {"product_files": [file]}))
    assert not Upload.objects.exists()


def test_cyclonedx_file_with_a_date_that_cannot_be_read_fails(manager: Client) -> None:
    shown = page(manager.get(upload(manager, bill("soon"), name="a.json")))
    assert "Cannot be imported" in shown
    assert "ISO 8601 date or timestamp, such as 2028-04-30" in shown
