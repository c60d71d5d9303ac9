"""Concurrent edits in the admin: the second editor sees what the first one changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import format_milestone
from releases.models import Alias, Product, Release, ReleaseCycle, Revision, Tag
from releases.models.history import set_change_reason
from tests.concurrency import run_concurrently
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release
from tests.web.admin_forms import FormData, delete, deletion_form, open_form, rendered_form

pytestmark = pytest.mark.django_db


def editor(name: str) -> Client:
    client = Client()
    client.force_login(get_user_model()._default_manager.create_superuser(name))
    return client


@pytest.fixture
def ann() -> Client:
    return editor("ann")


@pytest.fixture
def bob() -> Client:
    return editor("bob")


@pytest.fixture
def product() -> Product:
    """Django with two cycles, a custom field and an alias, all of them with a history."""
    product = make_product(tags=["web"])
    make_custom_field(product, "python")
    product.aliases.create(name="dj")
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04", custom={"python": "3.12"})
    make_cycle(product, "5.1", release="2024-08-07", eol="2025-12-03", discontinued="2026")
    return product


@pytest.fixture
def cycle(product: Product) -> ReleaseCycle:
    return product.cycles.get(name="5.2")


def address(row: Any, view: str = "change") -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_{view}", args=[row.pk])


def save(client: Client, row: Any, sent: FormData, **changes: Any) -> Any:
    """Submit a form with some fields changed; `__` in a keyword stands for `-`."""
    values = {name.replace("__", "-"): value for name, value in changes.items()}
    return client.post(address(row), sent | values)


def edit(client: Client, row: Any, **changes: Any) -> None:
    """Open a form, change some fields, and save it."""
    assert save(client, row, open_form(client, address(row)), **changes).status_code == 302


def error_text(answer: Any) -> str:
    """Return all errors of a page as one text."""
    assert answer.status_code == 200
    every = answer.context["errors"]  # lists for inline rows, strings for formsets
    return " ".join(each if isinstance(each, str) else " ".join(each) for each in every)


def eol(cycle: ReleaseCycle) -> str:
    cycle.refresh_from_db()
    return format_milestone(cycle.eol)


# ---- one row


def test_second_editor_sees_what_the_first_changed(
    ann: Client, bob: Client, cycle: ReleaseCycle
) -> None:
    """A field that both changed is listed with all values, user and time; nothing is written."""
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, eol="2029-04", codename="Ann's", no_link="on")
    written, revision = cycle.history.count(), Revision.objects.get().token
    answer = save(bob, cycle, sent, eol="2030", no_link="on")
    text = error_text(answer)
    year = cycle.history.first().history_date.year
    assert "Not saved: ann changed the release cycle “5.2” while you had it open." in text
    assert "Security support until: from “2028-04” to “2029-04”, by ann," in text
    assert f" {year}, " in text
    # What only ann changed, and what both changed in the same way, is no conflict.
    assert "Codename" not in text
    assert "No link" not in text
    form = answer.context["adminform"].form
    (clash,) = form.clashes.values()
    assert (clash.opened, clash.theirs, clash.mine) == ("2028-04", "2029-04", "2030")
    assert (clash.by, clash.field) == ("ann", "id_eol")
    html = " ".join(answer.text.split())
    assert "Not saved: ann changed this release cycle while you were editing" in html
    assert '<p class="clashed">ann: 2029-04' in html
    assert eol(cycle) == "2029-04"
    assert cycle.history.count() == written
    assert Revision.objects.get().token == revision


def test_saving_again_overwrites(ann: Client, bob: Client, cycle: ReleaseCycle) -> None:
    """The form keeps the submitted values and shows the current ones in all other fields."""
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, eol="2029-04", codename="Ann's", no_link="on", latest="5.2.9")
    again = rendered_form(save(bob, cycle, sent, eol="2030", latest="5.2.8"))
    assert again["eol"] == ["2030"]
    assert again["codename"] == ["Ann's"]
    assert again["no_link"] == ["on"]
    assert save(bob, cycle, again).status_code == 302
    assert eol(cycle) == "2030"
    assert (cycle.codename, cycle.no_link, cycle.latest) == ("Ann's", True, "5.2.8")
    assert cycle.custom == {"python": "3.12"}


def test_the_value_of_the_other_editor_can_be_chosen(
    ann: Client, bob: Client, cycle: ReleaseCycle
) -> None:
    """The choice works without scripts; the other fields are saved as they were typed."""
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, eol="2029-04", no_link="on")
    again = rendered_form(save(bob, cycle, sent, eol="2030", codename="Bob's"))
    assert again["keep-eol"] == ["mine"]
    assert save(bob, cycle, again | {"keep-eol": ["theirs"]}).status_code == 302
    assert eol(cycle) == "2029-04"
    assert (cycle.codename, cycle.no_link) == ("Bob's", True)


def test_third_edit_in_between_is_reported(ann: Client, bob: Client, cycle: ReleaseCycle) -> None:
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, eol="2029-04")
    again = rendered_form(save(bob, cycle, sent, eol="2030"))
    edit(ann, cycle, eol="2029-05")
    text = error_text(save(bob, cycle, again))
    assert "from “2029-04” to “2029-05”" in text


def test_several_edits_are_reported_as_one(ann: Client, bob: Client, cycle: ReleaseCycle) -> None:
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, eol="2029-04", codename="x")
    edit(editor("eve"), cycle, eol="2031", codename="")
    text = error_text(save(bob, cycle, sent, eol="2030"))
    assert "Not saved: eve changed" in text
    assert "from “2028-04” to “2031”, by eve" in text
    assert "Codename" not in text


def test_same_change_is_no_conflict(ann: Client, bob: Client, cycle: ReleaseCycle) -> None:
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, eol="2029-04")
    assert save(bob, cycle, sent, eol="2029-04").status_code == 302


def test_saving_an_unchanged_form_keeps_the_other_edit(
    ann: Client, bob: Client, cycle: ReleaseCycle
) -> None:
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, eol="2029-04")
    assert save(bob, cycle, sent).status_code == 302
    assert eol(cycle) == "2029-04"


def test_import_is_reported_as_an_editor(bob: Client, cycle: ReleaseCycle) -> None:
    sent = open_form(bob, address(cycle))
    cycle.codename = "imported"
    set_change_reason(cycle, "import of django.md").save()
    assert "by import of django.md" in error_text(save(bob, cycle, sent, eol="2030"))


@pytest.mark.parametrize("seen", ["", "0", "999999999", "x", "9" * 40])
def test_form_without_a_valid_revision_is_rejected(
    ann: Client, bob: Client, cycle: ReleaseCycle, seen: str
) -> None:
    """It is rejected once; the returned page contains the current revision."""
    sent = open_form(bob, address(cycle)) | {"seen": [seen]}
    edit(ann, cycle, eol="2029-04")
    answer = save(bob, cycle, sent, eol="2030")
    assert "the changes are unknown" in error_text(answer)
    assert save(bob, cycle, rendered_form(answer)).status_code == 302
    assert eol(cycle) == "2030"


def test_validation_errors_and_conflicts_are_reported_together(
    ann: Client, bob: Client, cycle: ReleaseCycle
) -> None:
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, codename="Ann's")
    text = error_text(save(bob, cycle, sent, eol="sometime"))
    assert "“sometime” is not a date" in text
    assert "Codename: from nothing to “Ann's”" in text


def test_conflict_in_a_product(ann: Client, bob: Client, product: Product) -> None:
    """Tags and category are compared by name, and long texts are shortened to the difference."""
    linux = Tag.objects.create(name="linux")
    product.description = "x" * 500
    product.save()
    sent = open_form(bob, address(product))
    tags = [str(tag.pk) for tag in (*product.tags.all(), linux)]
    edit(ann, product, tags=tags, description="x" * 490 + "y" * 10, featured="3")
    answer = save(bob, product, sent, featured="1", tags=[], description="x" * 490 + "z")
    text = error_text(answer)
    assert "Tags: from “web” to “linux, web”, by ann" in text
    assert "Featured: from nothing to “3”" in text
    assert "xyyyyyyyyyy”" in text
    assert len(text) < 1000
    again = rendered_form(answer)
    assert "tags" not in again
    chosen = {"keep-tags": ["theirs"], "keep-description": ["theirs"]}
    assert save(bob, product, again | chosen).status_code == 302
    product.refresh_from_db()
    assert product.featured == 1
    assert product.tags.count() == 2
    assert product.description.endswith("y")


def test_untouched_fields_of_a_product_keep_the_other_edit(
    ann: Client, bob: Client, product: Product
) -> None:
    """Tags and long texts, too."""
    linux = Tag.objects.create(name="linux")
    sent = open_form(bob, address(product))
    tags = [str(tag.pk) for tag in (*product.tags.all(), linux)]
    edit(ann, product, tags=tags, description="Ann's", featured="3")
    again = rendered_form(save(bob, product, sent, featured="1"))
    assert sorted(again["tags"]) == sorted(tags)
    assert save(bob, product, again).status_code == 302
    product.refresh_from_db()
    assert (product.featured, product.tags.count(), product.description) == (1, 2, "Ann's")


def test_conflict_in_an_upgrade_note(ann: Client, bob: Client, product: Product) -> None:
    note = make_note(product)
    sent = open_form(bob, address(note))
    edit(ann, note, severity="warning")
    assert "Severity: from “note” to “warning”" in error_text(save(bob, note, sent, title="Bob's"))


def test_line_endings_are_no_change(bob: Client, product: Product) -> None:
    """Browsers submit CRLF, while files contain LF."""
    product.description = "one\ntwo"
    product.save()
    before = product.history.count()
    sent = open_form(bob, address(product)) | {"description": ["one\r\ntwo"]}
    assert save(bob, product, sent).status_code == 302
    assert product.history.count() == before
    assert save(bob, product, sent, description="one\r\nthree").status_code == 302
    product.refresh_from_db()
    assert product.description == "one\nthree"


# ---- inline rows


def test_two_rows_with_one_name_are_named(bob: Client, product: Product) -> None:
    """The error is at the name of the second row."""
    sent = open_form(bob, address(product)) | {
        "cycles-2-name": ["2025.08"],
        "cycles-3-name": ["2025.08"],
        "cycles-TOTAL_FORMS": ["4"],
        "identifiers-0-value": ["cpe:/a:x:y"],
        "identifiers-1-value": ["cpe:/a:x:y"],
        "identifiers-0-type": ["cpe"],
        "identifiers-1-type": ["cpe"],
        "identifiers-TOTAL_FORMS": ["2"],
    }
    answer = bob.post(address(product), sent)
    text = error_text(answer)
    assert "There are two cycles called 2025.08." in text
    assert "There are two identifiers called cpe cpe:/a:x:y." in text
    assert 'id="id_cycles-3-name_error"' in answer.text
    assert "duplicate" not in text


def test_conflict_in_an_inline_row(
    ann: Client, bob: Client, product: Product, cycle: ReleaseCycle
) -> None:
    """Fields that both changed are reported; the other rows keep their submitted values."""
    sent = open_form(bob, address(product))
    own = {"own_columns__python": "3.13"}
    edit(ann, cycle, eol="2029-04", codename="Ann's", discontinued="2031", **own)
    mine = {"cycles__0__eol": "2030", "cycles__0__own_columns__python": "3.14"}
    answer = save(bob, product, sent, **mine, cycles__1__latest="5.1.9")
    text = error_text(answer)
    assert "ann changed the release cycle “5.2”" in text
    assert "Security support until: from “2028-04” to “2029-04”" in text
    assert "Codename" not in text
    assert "Own columns: from “python: 3.12” to “python: 3.13”" in text
    assert eol(cycle) == "2029-04"
    again = rendered_form(answer)
    assert again["cycles-1-latest"] == ["5.1.9"]
    assert save(bob, product, again).status_code == 302
    assert eol(cycle) == "2030"
    assert (cycle.codename, cycle.custom) == ("Ann's", {"python": "3.14"})
    assert format_milestone(cycle.discontinued) == "2031"
    assert product.cycles.get(name="5.1").latest == "5.1.9"


def test_untouched_inline_rows_keep_the_other_edit(
    ann: Client, bob: Client, product: Product, cycle: ReleaseCycle
) -> None:
    """Editors of different rows do not conflict."""
    alias = Alias.objects.get()
    sent = open_form(bob, address(product))
    edit(ann, product, label="Ann's Django", aliases__0__name="djan")
    edit(ann, cycle, eol="2029-04")
    assert save(bob, product, sent, cycles__1__latest="5.1.9").status_code == 302
    product.refresh_from_db()
    alias.refresh_from_db()
    assert (product.label, alias.name, eol(cycle)) == ("Ann's Django", "djan", "2029-04")
    assert product.cycles.get(name="5.1").latest == "5.1.9"


def test_inline_form_keeps_fields_that_it_does_not_show(bob: Client, product: Product) -> None:
    """Custom values and milestones without a column in the inline form are kept."""
    edit(bob, product, cycles__0__latest="5.2.9", cycles__1__latest="5.1.9")
    newest, older = product.cycles.all()
    assert (newest.latest, newest.custom) == ("5.2.9", {"python": "3.12"})
    assert (older.latest, format_milestone(older.discontinued)) == ("5.1.9", "2026")


def test_conflict_in_a_release_of_a_cycle(ann: Client, bob: Client, cycle: ReleaseCycle) -> None:
    release = make_release(cycle, "5.2.1")
    sent = open_form(bob, address(cycle))
    edit(ann, cycle, releases__0__kind="security")
    answer = save(bob, cycle, sent, releases__0__version="5.2.2")
    assert "Kind: from “patch” to “security”" in error_text(answer)
    assert save(bob, cycle, rendered_form(answer)).status_code == 302
    release.refresh_from_db()
    assert (release.kind, release.version) == ("security", "5.2.2")


# ---- deletions


def test_deleted_inline_row_is_restored_by_saving_again(
    ann: Client, bob: Client, product: Product, cycle: ReleaseCycle
) -> None:
    """Its submitted values are shown in a new row."""
    sent = open_form(bob, address(product))
    delete(ann, address(cycle, "delete"))
    answer = save(bob, product, sent, cycles__0__eol="2030", cycles__1__latest="5.1.9")
    text = error_text(answer)
    assert "this release cycle was deleted by ann" in text
    assert "saving again adds it as a new one" in text
    assert [each.name for each in product.cycles.all()] == ["5.1"]
    assert save(bob, product, rendered_form(answer)).status_code == 302
    values = {each.name: (format_milestone(each.eol), each.latest) for each in product.cycles.all()}
    assert values == {"5.2": ("2030", ""), "5.1": ("2025-12-03", "5.1.9")}


def test_deleted_inline_row_that_was_not_edited_stays_deleted(
    ann: Client, bob: Client, product: Product, cycle: ReleaseCycle
) -> None:
    sent = open_form(bob, address(product))
    delete(ann, address(cycle, "delete"))
    assert save(bob, product, sent, cycles__1__latest="5.1.9").status_code == 302
    assert [(each.name, each.latest) for each in product.cycles.all()] == [("5.1", "5.1.9")]


def test_both_editors_may_delete_the_same_row(
    ann: Client, bob: Client, product: Product, cycle: ReleaseCycle
) -> None:
    sent = open_form(bob, address(product))
    delete(ann, address(cycle, "delete"))
    assert save(bob, product, sent, cycles__0__DELETE="on").status_code == 302
    assert [each.name for each in product.cycles.all()] == ["5.1"]


def test_changed_row_is_not_deleted_unseen(
    ann: Client, bob: Client, product: Product, cycle: ReleaseCycle
) -> None:
    sent = open_form(bob, address(product))
    edit(ann, cycle, eol="2029-04")
    answer = save(bob, product, sent, cycles__0__DELETE="on")
    text = error_text(answer)
    assert "from “2028-04” to “2029-04”" in text
    assert "Deleting it again deletes that, too" in text
    assert eol(cycle) == "2029-04"
    again = rendered_form(answer)
    assert again["cycles-0-DELETE"] == ["on"]
    assert save(bob, product, again).status_code == 302
    assert [each.name for each in product.cycles.all()] == ["5.1"]


@pytest.mark.parametrize("what", ["cycle", "product"])
def test_deletion_after_a_change_asks_again(
    ann: Client, bob: Client, product: Product, cycle: ReleaseCycle, what: str
) -> None:
    """For a product, a change of any row that would be deleted with it counts."""
    row = cycle if what == "cycle" else product
    question = deletion_form(bob.get(address(row, "delete")))
    edit(ann, cycle, eol="2029-04")
    answer = bob.post(address(row, "delete"), question, follow=True)
    assert f"Nothing was deleted: ann changed this {row._meta.verbose_name}" in answer.text
    assert f'href="{address(row, "history")}"' in answer.text
    assert eol(cycle) == "2029-04"
    assert bob.post(address(row, "delete"), deletion_form(answer)).status_code == 302
    assert not type(row)._default_manager.filter(pk=row.pk).exists()


def test_deletion_without_the_confirmation_page_is_rejected(
    ann: Client, cycle: ReleaseCycle
) -> None:
    ann.post(address(cycle, "delete"), {"post": "yes"})
    assert eol(cycle) == "2028-04"


def test_saving_a_deleted_cycle_offers_to_add_it_again(
    ann: Client, bob: Client, cycle: ReleaseCycle
) -> None:
    """The form becomes an add form that keeps its releases."""
    make_release(cycle, "5.2.1")
    sent = open_form(bob, address(cycle))
    delete(ann, address(cycle, "delete"))
    answer = save(bob, cycle, sent, eol="2030")
    assert "this release cycle was deleted by ann" in error_text(answer)
    assert not ReleaseCycle.objects.filter(name="5.2").exists()
    add = reverse("admin:releases_releasecycle_add")
    assert f'action="{add}"' in answer.text
    assert bob.post(add, rendered_form(answer)).status_code == 302
    new = ReleaseCycle.objects.get(name="5.2")
    assert eol(new) == "2030"
    assert new.custom == {"python": "3.12"}
    assert Release.objects.get().cycle == new


@pytest.mark.parametrize("cycles", [2, 61])
def test_saving_a_deleted_product_offers_to_add_it_again(
    ann: Client, bob: Client, product: Product, cycles: int
) -> None:
    """The form keeps all of its inline rows."""
    for number in range(2, cycles):
        make_cycle(product, f"1.{number}")
    sent = open_form(bob, address(product))
    delete(ann, address(product, "delete"))
    answer = save(bob, product, sent, label="Bob's Django")
    assert "this product was deleted by ann" in error_text(answer)
    assert not Product.objects.exists()
    assert bob.post(reverse("admin:releases_product_add"), rendered_form(answer)).status_code == 302
    new = Product.objects.get()
    assert new.label == "Bob's Django"
    assert [each.name for each in new.aliases.all()] == ["dj"]
    assert new.cycles.count() == (2 if cycles == 2 else 0)


def test_unknown_row_is_not_found(bob: Client, product: Product) -> None:
    sent = open_form(bob, address(product))
    for key in ("999999", "9" * 40, "x"):
        answer = bob.post(f"/admin/releases/product/{key}/change/", sent, follow=True)
        assert "Perhaps it was deleted?" in answer.text


def test_inline_ids_of_another_product_are_ignored(
    bob: Client, product: Product, cycle: ReleaseCycle
) -> None:
    other = make_cycle(make_product("python"), "3.14")
    sent = open_form(bob, address(product))
    save(bob, product, sent, cycles__0__id=str(other.pk), cycles__0__eol="2030")
    other.refresh_from_db()
    assert other.eol is None
    assert eol(cycle) == "2028-04"


# ---- query counts


@pytest.mark.parametrize("cycles", [2, 50])
def test_conflict_query_count_is_constant(
    ann: Client,
    bob: Client,
    product: Product,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    cycles: int,
) -> None:
    """One query for all changed inline rows, two for the product, and the data to compare.

    These come in addition to the queries of an invalid form.
    """
    for number in range(2, cycles):
        make_cycle(product, f"1.{number}", release="2020")
    sent = open_form(bob, address(product)) | {"label": [""]}
    lines = {f"cycles__{number}__latest": "1" for number in range(cycles)}
    with CaptureQueriesContext(connection) as mistaken:
        save(bob, product, sent, **lines)
    usual = len(mistaken)
    edit(ann, product, featured="3", **lines)
    with django_assert_max_num_queries(usual + 8):
        text = error_text(save(bob, product, sent, featured="2", **dict.fromkeys(lines, "2")))
    assert text.count("Latest release: from nothing to “1”") == cycles
    assert "Featured: from nothing to “3”" in text


# ---- at the same time


@pytest.mark.django_db(transaction=True)
def test_concurrent_saves_one_succeeds_and_one_is_rejected(
    shared_database: str, ann: Client, bob: Client, cycle: ReleaseCycle
) -> None:
    ann.raise_request_exception = bob.raise_request_exception = False
    forms = {client: open_form(client, address(cycle)) for client in (ann, bob)}
    answers = run_concurrently(
        *(
            lambda client=client, sent=sent, eol=eol: save(client, cycle, sent, eol=eol)
            for (client, sent), eol in zip(forms.items(), ("2029-04", "2030-04"), strict=True)
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 302]
    refused = next(each for each in answers if each.status_code == 200)
    assert "Security support until: from “2028-04” to “20" in error_text(refused)
    assert cycle.history.count() == 2


@pytest.mark.django_db(transaction=True)
def test_concurrent_deletion_and_edit(
    shared_database: str, ann: Client, bob: Client, cycle: ReleaseCycle
) -> None:
    """Whichever comes second is rejected with a message."""
    ann.raise_request_exception = bob.raise_request_exception = False
    sent = open_form(bob, address(cycle))
    question = deletion_form(ann.get(address(cycle, "delete")))
    deleted, saved = run_concurrently(
        lambda: ann.post(address(cycle, "delete"), question),
        lambda: save(bob, cycle, sent, eol="2030"),
    )
    assert deleted.status_code == 302
    if saved.status_code == 302:
        assert eol(cycle) == "2030"
        assert "Nothing was deleted" in ann.get(deleted["Location"]).text
    else:
        assert "was deleted by ann" in error_text(saved)
        assert not ReleaseCycle.objects.filter(pk=cycle.pk).exists()
