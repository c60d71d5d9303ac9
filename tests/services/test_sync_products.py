"""The sync: new values of another installation are imported, and local edits stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from releases.domain.lifecycle.milestones import PartialDate, Precision, format_milestone
from releases.models import (
    Alias,
    CustomField,
    Product,
    Release,
    ReleaseCycle,
    Revision,
    Source,
    Upstream,
)
from releases.services.imports import import_products as importer
from releases.services.imports.import_run import Outcome, Result
from releases.services.sync.sync_products import sync_products
from releases.services.sync.upstream import UpstreamError
from tests.api_v1_server import (
    Catalogue,
    Json,
    Server,
    full_products_body,
    make_api_cycle,
    make_api_product,
    serve,
)
from tests.conftest import CATALOGUE, ON
from tests.factories import make_product
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db

WRITES = ("INSERT", "UPDATE", "DELETE")
HISTORIES = (Product.history, ReleaseCycle.history, Release.history, CustomField.history)
# Queries of a run: the last answer, products, aliases, past names, categories, tags; those that
# follow, and which of them were not checked today.
OF_A_RUN = 8
END, LATER = "2028-04-30", "2029-04-30"


@pytest.fixture
def remote() -> Catalogue:
    """The catalogue of the other installation."""
    return Catalogue()


@pytest.fixture
def server(remote: Catalogue) -> Iterator[Server]:
    """A server for the catalogue of the other installation."""
    with serve(remote) as server:
        yield server


@pytest.fixture
def sync(remote: Catalogue, server: Server) -> Callable[..., list[Outcome]]:
    """Sync from the other installation, after replacing its products if any are given."""

    def run_it(*products: Json, on: date = ON, **options: Any) -> list[Outcome]:
        if products:
            remote.products = list(products)
        return list(sync_products(server.address, on=on, **options).outcomes)

    return run_it


Sync = Callable[..., list[Outcome]]


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return tmp_path / "acme.md"


def history_rows() -> int:
    return sum(history.count() for history in HISTORIES)


def edit(name: str = "1.0", **values: object) -> None:
    """Edit a cycle as an editor does."""
    row = ReleaseCycle.objects.get(name=name)
    for field, value in values.items():
        setattr(row, field, value)
    row.save()


def eol(name: str = "1.0") -> str:
    return format_milestone(ReleaseCycle.objects.get(name=name).eol)


def names_in_order() -> list[str]:
    return [row.name for row in Product.objects.get(name="acme").cycles.all()]


def reported(outcome: Outcome) -> tuple[list[str], list[str]]:
    """Return the changes and the local edits that an outcome reports."""
    return outcome.changes, outcome.local_edits


# ---- the real thing


@cache
def public() -> str:
    return (CATALOGUE / "expected" / "api-v1-products-full.json").read_text()


def public_products() -> list[Json]:
    """Return the 60 products as the public API answers them."""
    products: list[Json] = json.loads(public())
    return products


def shown(on: date = ON) -> dict[str, Json]:
    """Return the products as this installation answers them, by name."""
    answer = Client().get(f"/api/v1/products/full?on={on}").json()["result"]
    return {product["name"]: _comparable(product) for product in answer}


def _comparable(product: Json) -> Json:
    """Return a product without its URL here, and with None for an empty codename."""
    product["links"].pop("html")
    for each in product["releases"]:
        each["codename"] = each["codename"] or None
    return product


@pytest.mark.catalogue
def test_sync_into_an_empty_catalogue_imports_everything(sync: Sync) -> None:
    """The catalogue then gives the same answer, field by field."""
    outcomes = sync(*public_products())
    assert {each.result for each in outcomes} == {Result.CREATED}
    assert not any(each.warnings for each in outcomes)
    assert shown() == {each["name"]: _comparable(each) for each in public_products()}
    assert set(Product.objects.values_list("source", flat=True)) == {Source.UPSTREAM}


@pytest.mark.catalogue
def test_sync_of_the_imported_catalogue_changes_nothing(sync: Sync) -> None:
    """No template is rendered, no local edit is reported, and no history is written."""
    import_files(CATALOGUE / "products")
    rows = history_rows()
    cycles = list(ReleaseCycle.objects.order_by("pk").values())
    products = list(Product.objects.order_by("pk").values("name", "label", "changelog_template"))
    outcomes = sync(*public_products())
    assert {(each.result, *map(tuple, reported(each))) for each in outcomes} == {
        (Result.UPDATED, (), ())
    }
    assert list(ReleaseCycle.objects.order_by("pk").values()) == cycles
    assert list(Product.objects.order_by("pk").values(*products[0])) == products
    assert history_rows() == rows


@pytest.mark.catalogue
def test_second_sync_writes_nothing(sync: Sync) -> None:
    """It takes few queries, and cached pages stay valid."""
    sync(*public_products())
    token, rows = Revision.objects.get().token, history_rows()
    with CaptureQueriesContext(connection) as queries:
        outcomes = sync()
    assert {each.result for each in outcomes} == {Result.UNCHANGED}
    assert not [each for each in queries if each["sql"].startswith(WRITES)]
    assert len(queries) <= OF_A_RUN + 1
    assert (Revision.objects.get().token, history_rows()) == (token, rows)


@pytest.mark.catalogue
def test_interrupted_sync_is_completed_by_the_next(sync: Sync, server: Server) -> None:
    """Products that were imported stay."""
    server.answer.products = public_products()  # type: ignore[attr-defined]
    begun = sync_products(server.address, on=ON).outcomes
    for _ in range(25):
        next(begun)
    begun.close()  # type: ignore[attr-defined]
    assert Product.objects.count() == 25
    assert not Upstream.objects.exists()
    outcomes = sync()
    assert [each.result for each in outcomes] == [Result.UNCHANGED] * 25 + [Result.CREATED] * 35
    assert ReleaseCycle.objects.count() == 1322


# ---- imported values


def test_outcome_lists_new_and_changed_values(sync: Sync) -> None:
    """The history records the reason."""
    sync(make_api_product(make_api_cycle("1.0", eolFrom=END)))
    outcome = sync(
        make_api_product(
            make_api_cycle("2.0"),
            make_api_cycle("1.0", eolFrom=LATER, codename="Anvil"),
            label="ACME",
            category="os",
            tags=["linux", "os"],
        )
    )[0]
    assert (outcome.product, outcome.result) == ("acme", Result.UPDATED)
    assert set(outcome.changes) == {
        *["label", "category", "tags", "cycle 2.0", "eol of 1.0", "codename of 1.0"]
    }
    assert names_in_order() == ["2.0", "1.0"]
    assert eol() == LATER
    assert [str(tag) for tag in Product.objects.get().tags.all()] == ["linux"]
    row = ReleaseCycle.history.filter(history_type="~").get()
    assert row.history_change_reason.startswith("sync from http://127.0.0.1")


def test_product_records_its_source(sync: Sync, server: Server) -> None:
    """The date of its last check is today."""
    sync(make_api_product(make_api_cycle()))
    product = Product.objects.get()
    assert (product.source, product.source_address) == (Source.UPSTREAM, server.address)
    assert product.checked_on == ON


def test_sync_without_changes_counts_as_a_check(sync: Sync, remote: Catalogue) -> None:
    """The date is written once a day."""
    remote.etag = '"a"'
    sync(make_api_product(make_api_cycle()))
    for day in (date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 20)):
        sync(on=day)
        assert Product.objects.get().checked_on == date(2026, 11, 22)


def test_failed_product_does_not_count_as_checked(sync: Sync) -> None:
    """All other products do."""
    sync(make_api_product(name="a"), make_api_product(name="b"))
    sync(make_api_product(name="a", label=None), make_api_product(name="b"), on=date(2026, 11, 22))
    assert [each.checked_on for each in Product.objects.order_by("name")] == [
        ON,
        date(2026, 11, 22),
    ]


def test_texts_of_an_answer_are_not_rendered_as_templates(sync: Sync) -> None:
    """A title or link that looks like a template is stored literally, or skipped with a warning."""
    outcome = sync(
        make_api_product(
            make_api_cycle("1.0", label="1 <b>& 2"),
            make_api_cycle(
                "2.0", label="{{ 5 }}", latest={"name": "2", "date": None, "link": None}
            ),
        )
    )[0]
    assert [str(each) for each in outcome.warnings] == [
        "result[0].releases[1].label: It cannot be a label here: it would be filled in."
    ]
    answer = Client().get("/api/v1/products/acme").json()["result"]["releases"]
    assert [each["label"] for each in answer] == ["1 <b>& 2", "2.0"]


def test_custom_fields_are_matched_by_name(sync: Sync) -> None:
    """A known field keeps its label and position."""
    sync(make_api_product(make_api_cycle(custom={"python": "3.12"})))
    CustomField.objects.update(label="Runs on", display="after-release-column")
    outcome = sync(make_api_product(make_api_cycle(custom={"python": "3.13", "pep": None})))[0]
    assert reported(outcome) == (["custom of 1.0"], ["custom_fields"])
    assert ReleaseCycle.objects.get().custom == {"python": "3.13"}
    assert CustomField.objects.get().label == "Runs on"


def test_sync_of_one_product_leaves_the_others(sync: Sync, server: Server) -> None:
    """It is one request, and flags no other product as missing."""
    sync(make_api_product(name="a"), make_api_product(name="b"))
    outcomes = sync(make_api_product(name="b", label="B"), only=["b", "a"])
    assert [(each.product, each.result) for each in outcomes] == [
        ("b", Result.UPDATED),
        ("a", Result.FAILED),
    ]
    assert str(outcomes[1].problems[0]) == "It answers 404."
    assert server.paths[1:] == ["/api/v1/products/b", "/api/v1/products/a"]
    assert not Product.objects.filter(missing_in_source=True).exists()


def test_list_in_place_of_one_product_is_rejected(sync: Sync) -> None:
    body = full_products_body(make_api_product(name="a"), make_api_product(name="b"))
    with serve(lambda request: request.send(body)) as other:
        outcome = next(sync_products(other.address, on=ON, only=["a"]).outcomes)
    assert str(outcome.problems[0]) == "Expected one product, found 2."
    assert not Product.objects.exists()


def test_folder_is_imported_like_import_products(acme: Path) -> None:
    """A product that the folder lacks is reported."""
    write(acme, cycle("1.0"))
    write(acme.with_name("other.md"), permalink="/other")
    begun = sync_products(str(acme.parent), on=ON, only=["acme", "nix"])
    outcomes = list(begun.outcomes)
    assert begun.total == 2
    assert [(each.product, each.result) for each in outcomes] == [
        ("acme", Result.CREATED),
        ("nix", Result.FAILED),
    ]
    assert Product.objects.get().source == Source.FILE


def test_dry_run_writes_nothing(sync: Sync, remote: Catalogue) -> None:
    """The outcomes report the changes that a sync would make."""
    remote.etag = '"a"'
    sync(make_api_product(name="a"), make_api_product(name="b"))
    remote.etag = '"b"'
    rows = history_rows()
    with CaptureQueriesContext(connection) as queries:
        outcomes = sync(
            make_api_product(name="a", label="A"), make_api_product(name="c"), dry_run=True
        )
    assert [(each.product, each.result, each.changes) for each in outcomes] == [
        ("a", Result.UPDATED, ["label"]),
        ("c", Result.CREATED, []),
        ("b", Result.UPDATED, ["gone from the source"]),
    ]
    assert queries
    assert history_rows() == rows
    assert set(Product.objects.values_list("label", "missing_in_source")) == {("Acme", False)}
    assert Upstream.objects.get().etag == '"a"'


# ---- unchanged answers


def test_unchanged_answer_is_not_sent_again(sync: Sync, remote: Catalogue, server: Server) -> None:
    """The request carries the ETag of the last answer."""
    remote.etag = '"a"'
    sync(make_api_product(make_api_cycle()))
    assert sync_products(server.address, on=ON).total is None
    assert server.requests[1].headers["If-None-Match"] == '"a"'
    remote.etag = '"b"'
    assert sync_products(server.address, on=ON).total == 1


def test_answer_with_a_failure_is_requested_again(sync: Sync, remote: Catalogue) -> None:
    """Its ETag is not stored."""
    remote.etag = '"a"'
    outcomes = sync(make_api_product(name="a", label=3), make_api_product(name="b"))
    assert [each.result for each in outcomes] == [Result.FAILED, Result.CREATED]
    assert str(outcomes[0].problems[0]) == (
        "result[0].label: Expected a text, found the number 3; put it in quotes."
    )
    assert sync(make_api_product(name="a"), make_api_product(name="b"))[0].result is Result.CREATED


def test_interrupted_sync_discards_the_previous_etag(
    sync: Sync, remote: Catalogue, server: Server
) -> None:
    """If the source returns to the previous answer, it has to be sent again."""
    remote.etag, remote.products = '"a"', [make_api_product(name="a"), make_api_product(name="b")]
    sync()
    remote.etag, remote.products = (
        '"b"',
        [make_api_product(name="a", label="New"), *remote.products[1:]],
    )
    begun = sync_products(server.address, on=ON).outcomes
    assert next(begun).changes == ["label"]
    begun.close()  # type: ignore[attr-defined]
    remote.etag = '"a"'
    assert sync(make_api_product(name="a"), make_api_product(name="b"))[0].changes == ["label"]
    assert Upstream.objects.get().etag == '"a"'


# ---- local edits


def test_local_edit_stays_and_is_reported(sync: Sync) -> None:
    """Once the source has the same value, it is no edit."""
    sync(make_api_product(make_api_cycle(eolFrom=END)))
    edit(eol=PartialDate(date(2030, 1, 1)))
    assert reported(sync(make_api_product(make_api_cycle(eolFrom=LATER)))[0]) == (
        [],
        ["eol of 1.0"],
    )
    assert eol() == "2030-01-01"
    assert reported(sync(make_api_product(make_api_cycle(eolFrom="2030-01-01")))[0]) == ([], [])
    assert reported(sync(make_api_product(make_api_cycle(eolFrom=END)))[0]) == (["eol of 1.0"], [])


def test_local_edit_of_a_product_stays(sync: Sync) -> None:
    """All other values follow the source."""
    sync(make_api_product())
    Product.objects.update(label="Our Acme")
    outcome = sync(make_api_product(label="ACME", versionCommand="acme -v"))[0]
    assert reported(outcome) == (["version_command"], ["label"])


def test_cycle_deleted_here_stays_deleted(sync: Sync) -> None:
    """This holds if the source changes it, even to dates in the wrong order."""
    sync(make_api_product(make_api_cycle("2.0"), make_api_cycle("1.0")))
    ReleaseCycle.objects.get(name="1.0").delete()
    for end in (END, "2020-01-01"):
        outcome = sync(make_api_product(make_api_cycle("2.0"), make_api_cycle("1.0", eolFrom=end)))[
            0
        ]
        assert reported(outcome) == ([], ["deletion of 1.0"])
    assert names_in_order() == ["2.0"]


def test_product_created_or_deleted_here_is_skipped(sync: Sync) -> None:
    """The same goes for a name in use. It is reported, and does not count as a failure."""
    sync(make_api_product(name="gone"))
    Product.objects.all().delete()
    make_product("ours", aliases=["theirs"])
    outcomes = sync(
        make_api_product(name="ours", label="Theirs"),
        make_api_product(name="gone"),
        make_api_product(name="theirs"),
    )
    assert [(each.result, each.note) for each in outcomes] == [
        (Result.LEFT, "a product of this name was made here"),
        (Result.LEFT, "it was deleted here"),
        (Result.LEFT, "result[2].name: “theirs” is an alias of ours."),
    ]
    assert Product.objects.get().label == "Ours"


def test_product_renamed_here_still_follows_its_source(sync: Sync) -> None:
    """Its name stays, and it is not flagged as missing."""
    sync(make_api_product())
    product = Product.objects.get()
    product.name = "acme-os"
    product.save()
    outcome = sync(make_api_product(label="ACME"))[0]
    assert (outcome.product, *reported(outcome)) == ("acme-os", ["label"], ["address"])
    assert not Product.objects.get().missing_in_source


# ---- rows missing in the source


def test_cycle_missing_in_the_source_is_flagged_and_stays(sync: Sync) -> None:
    """The flag is removed when the cycle returns."""
    sync(make_api_product(make_api_cycle("2.0"), make_api_cycle("1.0")))
    assert sync(make_api_product(make_api_cycle("2.0")))[0].changes == ["1.0 gone from the source"]
    assert ReleaseCycle.objects.get(missing_in_source=True).name == "1.0"
    outcome = sync(make_api_product(make_api_cycle("2.0"), make_api_cycle("1.0")))[0]
    assert outcome.changes == ["1.0 back in the source"]


def test_planned_cycle_is_not_flagged(sync: Sync, acme: Path) -> None:
    """The API omits planned cycles. The cycle keeps its position."""
    planned = cycle("2.0", releaseDate=date(2027, 4, 30), precision={"releaseDate": "month"})
    import_files(write(acme, planned, cycle("1.0")))
    assert reported(sync(make_api_product(make_api_cycle("1.0")))[0]) == ([], [])
    sync(make_api_product(make_api_cycle("2.0", releaseDate="2026-11-01"), make_api_cycle("1.0")))
    edit("2.0", release=PartialDate(date(2027, 1, 1)))
    assert reported(sync(make_api_product(make_api_cycle("1.0", codename="x")))[0])[0] == [
        "codename of 1.0"
    ]
    assert names_in_order() == ["2.0", "1.0"]
    assert not ReleaseCycle.objects.filter(missing_in_source=True).exists()


def test_product_missing_in_the_source_is_flagged_and_stays(sync: Sync) -> None:
    """The flag is removed when it returns. A product that the source never had is not flagged."""
    make_product("ours")
    sync(make_api_product(name="a"), make_api_product(name="b"))
    for changes in ([("b", ["gone from the source"])], []):
        outcomes = sync(make_api_product(name="a"))
        assert [(each.product, each.changes) for each in outcomes[1:]] == changes
    assert Product.objects.get(missing_in_source=True).name == "b"
    outcomes = sync(make_api_product(name="a"), make_api_product(name="b"))
    assert outcomes[2].changes == ["back in the source"]


# ---- values that have equal output


@pytest.mark.parametrize("precision", list(Precision))
def test_equal_date_keeps_its_precision(sync: Sync, acme: Path, precision: str) -> None:
    """The API answers the last day of an imprecise date; only another date is a change."""
    day = {
        "day": "2028-04-11",
        "month": "2028-04-30",
        "quarter": "2028-06-30",
        "year": "2028-12-31",
    }
    import_files(
        write(acme, cycle("1.0", eol=date(2028, 4, 11), precision={"eol": str(precision)}))
    )
    text = eol()
    for latest in ("1.0.1", "1.0.2"):
        latest_answer = {"name": latest, "date": "2026-01-01", "link": None}
        answer = make_api_product(make_api_cycle(eolFrom=day[precision], latest=latest_answer))
        assert set(sync(answer)[0].changes) <= {"latest of 1.0", "latest_date of 1.0"}
        assert eol() == text
    assert sync(make_api_product(make_api_cycle(eolFrom=LATER)))[0].changes == ["eol of 1.0"]
    assert eol() == LATER


def test_local_edit_of_the_precision_stays(sync: Sync) -> None:
    """It is not reported while the dates are equal. A new date of the source is not imported."""
    sync(make_api_product(make_api_cycle(eolFrom=END)))
    edit(eol=PartialDate(date(2028, 4, 1), Precision.MONTH))
    assert reported(sync(make_api_product(make_api_cycle(eolFrom=END, codename="x")))[0]) == (
        ["codename of 1.0"],
        [],
    )
    assert eol() == "2028-04"
    assert reported(sync(make_api_product(make_api_cycle(eolFrom=LATER, codename="x")))[0]) == (
        [],
        ["eol of 1.0"],
    )
    assert eol() == "2028-04"


def test_template_stays_while_its_output_is_equal(sync: Sync, acme: Path) -> None:
    """A new release is rendered by the template, and any other text replaces it literally."""
    keys = {
        "releaseLabel": "Acme __RELEASE_CYCLE__ '__CODENAME__'",
        "changelogTemplate": "https://acme.test/__LATEST__",
        "LTSLabel": "<abbr title='Long'>LT</abbr>",
    }
    import_files(write(acme, cycle("1.0", codename="Anvil", latest="1.0.1", lts=True), **keys))

    def answer(latest: str, link: str, label: str = "Acme 1.0 'Anvil' (LT)") -> Json:
        of_latest = {"name": latest, "date": None, "link": link}
        return make_api_product(
            make_api_cycle(codename="Anvil", label=label, isLts=True, latest=of_latest)
        )

    assert reported(sync(answer("1.0.1", "https://acme.test/1.0.1"))[0]) == ([], [])
    assert reported(sync(answer("1.0.2", "https://acme.test/1.0.2"))[0]) == (["latest of 1.0"], [])
    row = ReleaseCycle.objects.get()
    assert (row.label, row.link) == ("", "")
    outcome = sync(answer("1.0.2", "https://acme.test/notes", "Acme One (LT)"))[0]
    assert set(outcome.changes) == {"label of 1.0", "link of 1.0"}
    row.refresh_from_db()
    assert (row.label, row.link) == ("Acme One", "https://acme.test/notes")
    assert reported(sync(answer("1.0.3", "https://acme.test/1.0.3"))[0])[1] == []
    row.refresh_from_db()
    assert (row.label, row.link) == ("", "")


def test_edited_template_stays(sync: Sync, acme: Path) -> None:
    """The answer of the source has not changed."""
    import_files(
        write(acme, cycle("1.0", latest="1"), changelogTemplate="https://acme.test/__LATEST__")
    )
    Product.objects.update(changelog_template="https://ours.test/__LATEST__")
    latest = {"name": "2", "date": None, "link": "https://acme.test/2"}
    assert reported(sync(make_api_product(make_api_cycle(latest=latest)))[0]) == (
        ["latest of 1.0"],
        [],
    )
    assert ReleaseCycle.objects.get().link == ""


def test_cycle_without_release_notes_overrides_the_template(sync: Sync, acme: Path) -> None:
    import_files(
        write(acme, cycle("1.0", latest="1"), changelogTemplate="https://acme.test/__LATEST__")
    )
    answer = make_api_cycle(latest={"name": "1", "date": None, "link": None})
    assert sync(make_api_product(answer))[0].changes == ["no_link of 1.0"]
    assert sync(make_api_product(answer | {"codename": "x"}))[0].changes == ["codename of 1.0"]


def test_values_missing_in_an_answer_stay(sync: Sync, acme: Path) -> None:
    """Texts, columns, releases and the milestones of hidden columns are kept."""
    releases = [{"version": "1.0", "kind": "final"}]
    keys = {"eoas": date(2027, 1, 1), "latest": "1.0.1", "releases": releases, "lts": False}
    import_files(
        write(acme, cycle("1.0", **keys), body="Text", featured=1, releaseDateColumn=False)
    )
    before = ReleaseCycle.objects.values().get()
    assert reported(sync(make_api_product(make_api_cycle("1.0")))[0]) == ([], [])
    assert ReleaseCycle.objects.values().get() == before
    product = Product.objects.get()
    assert (product.description, product.featured, product.show_release) == ("Text", 1, False)
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"eol": True}, {"isEol": True}),
        ({"eol": False}, {"isEol": False}),
        ({}, {"isEol": None}),
        ({"lts": False}, {"isLts": False}),
        ({"lts": date(2027, 1, 1)}, {"label": "1.0 (Upcoming LTS)", "ltsFrom": "2027-01-01"}),
        ({"eol": date(2020, 1, 1), "releaseDate": None}, {"isEol": True, "eolFrom": "2020-01-01"}),
    ],
)
def test_milestone_with_an_equal_answer_stays(
    sync: Sync, acme: Path, given: Json, answer: Json
) -> None:
    """Facts, unknown milestones and dates are compared."""
    import_files(write(acme, cycle("1.0", **given)))
    day = None if "releaseDate" in given else "2025-01-01"
    answer = {"isEol": None, "releaseDate": day} | answer
    assert reported(sync(make_api_product(make_api_cycle("1.0", **answer)))[0]) == ([], [])


def test_visible_columns_follow_the_source(sync: Sync) -> None:
    """Labels are included, and a default label is not stored."""
    labels = {"eoas": "Active Support", "discontinued": None, "eol": "Fixes", "eoes": None}
    sync(make_api_product(labels=labels))
    product = Product.objects.get()
    assert (product.show_eoas, product.eoas_label) == (True, "")
    assert (product.show_eol, product.eol_label, product.show_eoes) == (True, "Fixes", False)


def test_new_cycle_with_dates_in_the_wrong_order_is_rejected(sync: Sync) -> None:
    """The problem names the path of the later date, and the product stays unchanged."""
    sync(make_api_product(make_api_cycle("1.0")))
    bad = make_api_cycle("2.0", eolFrom="2020-01-01")
    outcome = sync(make_api_product(bad, make_api_cycle("1.0", codename="x")))[0]
    assert [str(each) for each in outcome.problems] == [
        "result[0].releases[0].eolFrom: The end of security support (1 Jan 2020) is before the"
        " release (1 Jan 2025)."
    ]
    assert ReleaseCycle.objects.get().codename == ""


# ---- syncs beside file imports


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that serves as the bundled catalogue."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    monkeypatch.setattr(importer, "BUNDLED", folder)
    return folder


def latest(name: str, day: str) -> Json:
    return {"name": name, "date": day, "link": None}


def test_deployment_does_not_revert_a_sync(sync: Sync, bundle: Path) -> None:
    """Values in the API follow the sync. All other values follow the bundled file."""
    write(bundle / "acme.md", cycle("1.0", latest="1.0.1", eol=date(2028, 1, 1)), body="Old")
    import_files(bundle)
    answer = make_api_cycle("1.0", isEol=False, latest=latest("1.0.9", END))
    sync(make_api_product(make_api_cycle("1.1"), answer))
    releases = [{"version": "1.0.2", "kind": "patch"}]
    newer = cycle("1.0", latest="1.0.2", eol=date(2028, 1, 1), releases=releases, eoas=True)
    for text in ("Old", "New"):
        write(bundle / "acme.md", cycle("1.1", latest="1.1.0"), newer, body=text)
        outcome = import_files(bundle)[0]
        assert outcome.local_edits == []
        row = ReleaseCycle.objects.get(name="1.0")
        assert (row.latest, row.eol, row.eoas) == ("1.0.9", False, True)
    product = Product.objects.get()
    assert (product.source, product.description) == (Source.BUNDLED, "New")
    assert Release.objects.get().version == "1.0.2"
    assert ReleaseCycle.objects.get(name="1.1").latest == "1.1.0"
    answer["latest"] = latest("1.0.10", END)
    assert sync(make_api_product(make_api_cycle("1.1"), answer))[0].changes == ["latest of 1.0"]


def test_deleted_cycle_of_a_sync_stays_deleted_after_a_deployment(sync: Sync, bundle: Path) -> None:
    write(bundle / "acme.md", cycle("1.0"))
    import_files(bundle)
    sync(make_api_product(make_api_cycle("2.0"), make_api_cycle("1.0")))
    ReleaseCycle.objects.get(name="2.0").delete()
    write(bundle / "acme.md", cycle("2.0"), cycle("1.0"))
    assert import_files(bundle)[0].local_edits == ["deletion of 2.0"]


def test_first_sync_does_not_lower_the_latest_release(sync: Sync, acme: Path) -> None:
    """A file may be newer than the source. The source can withdraw a release that it once had."""
    import_files(write(acme, cycle("1.0", latest="1.0.2", latestReleaseDate=date(2026, 3, 1))))
    sync(make_api_product(make_api_cycle(latest=latest("1.0.1", "2026-01-01"))))
    assert ReleaseCycle.objects.get().latest == "1.0.2"
    sync(make_api_product(make_api_cycle(latest=latest("1.0.3", "2026-04-01"))))
    assert ReleaseCycle.objects.get().latest == "1.0.3"
    sync(make_api_product(make_api_cycle(latest=latest("1.0.1", "2026-01-01"))))
    assert ReleaseCycle.objects.get().latest == "1.0.1"


def test_deployment_brings_a_newer_release_than_a_sync(sync: Sync, bundle: Path) -> None:
    """The bundled catalogue yields to a sync except for a newer latest release.

    A sync without changes does not revert that.
    """

    def deploy(version: str, day: date) -> tuple[str, date | None]:
        write(bundle / "acme.md", cycle("1.0", latest=version, latestReleaseDate=day))
        import_files(bundle)
        row = ReleaseCycle.objects.get()
        return row.latest, row.latest_date

    deploy("1.0.1", date(2026, 1, 1))
    told = make_api_product(make_api_cycle(latest=latest("1.0.3", "2026-03-01")))
    sync(told)
    assert deploy("1.0.2", date(2026, 2, 1)) == ("1.0.3", date(2026, 3, 1))
    assert deploy("1.0.4", date(2026, 4, 1)) == ("1.0.4", date(2026, 4, 1))
    sync(told)
    assert ReleaseCycle.objects.get().latest == "1.0.4"


def test_newest_change_of_file_and_sync_wins(sync: Sync, acme: Path) -> None:
    import_files(write(acme, cycle("1.0", eol=date(2028, 1, 1))))
    sync(make_api_product(make_api_cycle(eolFrom="2028-02-01")))
    assert import_files(write(acme, cycle("1.0", eol=date(2028, 3, 1))))[0].changes == [
        "eol of 1.0"
    ]
    answer = make_api_cycle(eolFrom="2028-02-01", codename="x")
    assert reported(sync(make_api_product(answer))[0]) == (["codename of 1.0"], [])
    assert eol() == "2028-03-01"
    assert reported(sync(make_api_product(answer | {"eolFrom": END}))[0]) == (["eol of 1.0"], [])
    assert eol() == END


def test_local_edit_stays_for_every_source(sync: Sync, acme: Path) -> None:
    import_files(write(acme, cycle("1.0", eol=date(2028, 1, 1))))
    sync(make_api_product(make_api_cycle(eolFrom="2028-02-01")))
    edit(eol=True)
    assert sync(make_api_product(make_api_cycle(eolFrom=END)))[0].local_edits == ["eol of 1.0"]
    assert import_files(write(acme, cycle("1.0", eol=date(2028, 3, 1))))[0].local_edits == [
        "eol of 1.0"
    ]
    assert eol() == "yes"


# ---- unusable sources


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{}", "This is no answer of API v1: it has no schema_version."),
        (
            full_products_body(make_api_product()).replace(b"1.2.1", b"2.0.0"),
            "schema_version: Expected a version 1.x of the schema, found the text “2.0.0”.",
        ),
        (full_products_body(), "result: The answer has no products."),
        (b"<html>", "The answer is not JSON that can be read (nothing that it names)."),
    ],
)
def test_unusable_answer_changes_nothing(sync: Sync, body: bytes, sentence: str) -> None:
    """The error is one sentence with the URL, and no product is flagged as missing."""
    sync(make_api_product(make_api_cycle()))
    before = list(Product.objects.values())
    with (
        serve(lambda request: request.send(body)) as other,
        pytest.raises(UpstreamError) as caught,
    ):
        sync_products(other.address, on=ON)
    assert str(caught.value) == f"{other.address}/products/full: {sentence}"
    assert list(Product.objects.values()) == before


def test_second_product_of_the_same_name_is_skipped(sync: Sync) -> None:
    outcomes = sync(make_api_product(), make_api_product(label="Other"))
    assert [each.result for each in outcomes] == [Result.CREATED, Result.LEFT]
    assert outcomes[1].note.endswith("is the product “acme” already.")


def test_second_product_with_an_alias_is_skipped(sync: Sync) -> None:
    """The problem names the path."""
    outcomes = sync(
        make_api_product(name="a", aliases=["x"]), make_api_product(name="b", aliases=["y", "x"])
    )
    assert outcomes[1].note == "result[1].aliases[1]: “x” is an alias of a."
    assert Alias.objects.get().product.name == "a"


@pytest.mark.catalogue
@pytest.mark.parametrize("number", range(6))
def test_invalid_product_never_blocks_the_others(sync: Sync, number: int) -> None:
    product = deepcopy(public_products()[number])
    for key in product["releases"][0]:
        bad = deepcopy(product)
        bad["releases"][0][key] = {"odd": ["\x00"]}
        outcomes = sync(bad, make_api_product(make_api_cycle(), name="good"))
        assert outcomes[1].result in (Result.CREATED, Result.UNCHANGED)
        assert outcomes[0].problems or key == "isMaintained"
