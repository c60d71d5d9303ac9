"""The importer: new values, local edits, rejected files, and query counts."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from releases.domain.lifecycle.milestones import (
    PartialDate,
    Precision,
    format_milestone,
    parse_milestone,
)
from releases.models import (
    Alias,
    Category,
    CustomField,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Source,
    Tag,
)
from releases.services.editing.add_release import add_release
from releases.services.imports import import_products as importer
from releases.services.imports.import_products import product_files
from releases.services.imports.import_run import Result
from releases.services.imports.values import OPTIONAL_PRODUCT_VALUES, product_values_here
from tests.conftest import ON
from tests.factories import make_cycle, make_product
from tests.product_files import cycle, import_files, product_text, write

pytestmark = pytest.mark.django_db

END, LATER = date(2028, 4, 30), date(2029, 4, 30)
WRITES = ("INSERT", "UPDATE", "DELETE")
HISTORIES = (Product.history, ReleaseCycle.history, Release.history, CustomField.history)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """A product file that the tests write and import."""
    return tmp_path / "acme.md"


def writes(*paths: Path, dry_run: bool = False) -> list[str]:
    """Return the SQL statements that write while an import runs."""
    with CaptureQueriesContext(connection) as queries:
        import_files(*paths, dry_run=dry_run)
    return [query["sql"] for query in queries if query["sql"].startswith(WRITES)]


def history_rows() -> int:
    return sum(history.count() for history in HISTORIES)


def dump() -> list[object]:
    """Return all rows of the catalogue's tables."""
    models = (Product, Category, Tag, Alias, Identifier, CustomField, ReleaseCycle, Release)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def names_in_order() -> list[str]:
    return [row.name for row in Product.objects.get(name="acme").cycles.all()]


def edit(name: str = "1.0", **values: object) -> None:
    """Edit a cycle as an editor does, with milestones as texts."""
    row = ReleaseCycle.objects.get(name=name)
    for field, value in values.items():
        setattr(row, field, value)
    row.save()


def imported() -> dict[str, Any]:
    """Return the values of the product's last import."""
    return Product.objects.values_list("imported", flat=True).get() or {}


def eol(name: str = "1.0") -> str:
    return format_milestone(ReleaseCycle.objects.get(name=name).eol)


# ---- imported values


def test_product_is_created(acme: Path) -> None:
    """Its cycles keep the order of the file, and the outcome is "created"."""
    outcome = import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))[0]
    assert (outcome.product, outcome.result) == ("acme", Result.CREATED)
    assert (outcome.changes, outcome.local_edits, outcome.problems) == ([], [], [])
    assert names_in_order() == ["2.0", "1.0"]
    assert ReleaseCycle.objects.get(name="1.0").eol == PartialDate(END)


def test_every_key_of_a_product_is_imported(acme: Path) -> None:
    keys = {
        "title": "Acme OS",
        "addedAt": date(2020, 2, 29),
        "category": "os",
        "tags": "unix linux",
        "iconSlug": "acme",
        "featured": 3,
        "versionCommand": "acme --version",
        "releasePolicyLink": "https://acme.test/policy",
        "releaseImage": "https://acme.test/policy.png",
        "changelogTemplate": "https://acme.test/__LATEST__",
        "releaseLabel": "Acme __RELEASE_CYCLE__",
        "LTSLabel": "Long",
        "eoasColumn": "Fixes",
        "latestColumn": False,
        "staleReleaseThresholdDays": 90,
        "alternate_urls": ["/acme-os", "/acmeos"],
        "identifiers": [{"purl": "pkg:generic/acme"}, {"repology": "acme"}],
        "checkedOn": date(2026, 11, 1),
        "extendedTerms": "paid",
    }
    import_files(write(acme, body="# Acme\n", **keys))
    product = Product.objects.get()
    assert (product.label, product.featured, product.stale_days) == ("Acme OS", 3, 90)
    assert product.extended_terms == "paid"
    assert (product.added_on, product.checked_on) == (date(2020, 2, 29), date(2026, 11, 1))
    assert str(product.category) == "os"
    assert [str(tag) for tag in product.tags.all()] == ["linux", "unix"]
    assert [str(alias) for alias in product.aliases.all()] == ["acme-os", "acmeos"]
    assert [str(each) for each in product.identifiers.all()] == [
        "purl: pkg:generic/acme",
        "repology: acme",
    ]
    assert (product.show_eoas, product.eoas_label, product.show_latest) == (True, "Fixes", False)
    assert (product.icon, product.file_name) == ("acme", "acme")
    assert (product.cycle_label, product.lts_label) == ("Acme __RELEASE_CYCLE__", "Long")
    assert product.changelog_template == "https://acme.test/__LATEST__"
    assert product.policy_link == "https://acme.test/policy"
    assert product.policy_image == "https://acme.test/policy.png"
    assert product.version_command == "acme --version"
    assert product.description == "# Acme"


def test_every_key_of_a_cycle_is_imported(acme: Path) -> None:
    """The keys of this project are included."""
    own = [{"name": "runtime", "label": "Runs on", "display": "after-release-column"}]
    keys = {
        "codename": "Anvil",
        "releaseLabel": "One",
        "lts": date(2026, 1, 1),
        "eoas": True,
        "eol": END,
        "eoes": False,
        "discontinued": date(2027, 1, 1),
        "precision": {"eol": "month"},
        "latest": "1.0.2",
        "latestReleaseDate": date(2026, 3, 4),
        "link": None,
        "staleReleaseThresholdDays": 30,
        "runtime": "3.12 - 3.14",
        "releases": [
            {"version": "1.0.2", "kind": "patch", "date": date(2026, 3, 4)},
            {"version": "1.1", "kind": "final", "date": date(2027, 4, 1), "precision": "month"},
        ],
    }
    import_files(write(acme, cycle("1.0", **keys), customFields=own))
    row = ReleaseCycle.objects.get()
    assert (row.codename, row.label) == ("Anvil", "One")
    assert (row.release, row.lts) == (
        parse_milestone("2025-01-01"),
        parse_milestone("2026-01-01"),
    )
    assert (row.eoas, row.eol, row.eoes) == (True, parse_milestone("2028-04"), False)
    assert row.discontinued == parse_milestone("2027-01-01")
    assert (row.latest, row.latest_date) == ("1.0.2", date(2026, 3, 4))
    assert (row.link, row.no_link, row.stale_days) == ("", True, 30)
    assert row.custom == {"runtime": "3.12 - 3.14"}
    assert [(each.version, each.kind, str(each.day)) for each in row.releases.all()] == [
        ("1.0.2", "patch", "4 Mar 2026"),
        ("1.1", "final", "Apr 2027"),
    ]


def test_custom_fields_keep_the_order_of_the_file(acme: Path) -> None:
    fields = [
        {"name": "b", "label": "B", "display": "after-latest-column"},
        {"name": "a", "label": "A", "description": "Runs on", "link": "https://acme.test/a"},
    ]
    import_files(write(acme, customFields=fields))
    assert list(CustomField.objects.values_list("name", "display", "description", "link")) == [
        ("b", "after-latest-column", "", ""),
        ("a", "api-only", "Runs on", "https://acme.test/a"),
    ]


def test_product_records_its_source(acme: Path) -> None:
    """The product stores the file name, its text and the imported values."""
    import_files(write(acme, cycle("1.0", eol=END)))
    product = Product.objects.get()
    assert (product.source, product.source_address) == (Source.FILE, str(acme))
    assert product.file_text == acme.read_text()
    assert imported()["cycles"]["1.0"]["eol"] == "2028-04-30"


def test_unknown_keys_and_comments_are_stored_for_the_export(acme: Path) -> None:
    """Line endings are stored unchanged."""
    text = product_text(cycle("1.0"), auto={"methods": [{"git": "x"}]}, alternative_urls=["/x"])
    acme.write_bytes(f"{text}\nBody # not a comment\n".replace("\n", "\r\n").encode())
    import_files(acme)
    assert Product.objects.get().file_text.encode() == acme.read_bytes()


def test_history_records_the_file_as_the_reason(acme: Path) -> None:
    """The reason is recorded for new and changed products, cycles, releases and fields."""
    fields = [{"name": "a", "label": "A"}]
    release = [{"version": "1.0", "kind": "final"}]
    import_files(write(acme, cycle("1.0", releases=release), customFields=fields))
    fields[0]["label"], release[0]["kind"] = "B", "patch"
    import_files(
        write(acme, cycle("1.0", eol=END, releases=release), customFields=fields, title="ACME")
    )
    for history in HISTORIES:
        rows = history.values_list("history_type", "history_change_reason")
        assert list(rows) == [("~", "import of acme.md"), ("+", "import of acme.md")]


def test_products_share_categories_and_tags(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / f"{name}.md", permalink=f"/{name}", category="os", tags="linux")
    import_files(tmp_path)
    assert Category.objects.get().products.count() == 2
    assert Tag.objects.get().products.count() == 2


def test_file_without_a_permalink_is_named_after_the_file(tmp_path: Path) -> None:
    """Two such files with the same text are two products."""
    for name in ("one", "two"):
        write(tmp_path / f"{name}.md", permalink=None)
    assert [outcome.result for outcome in import_files(tmp_path)] == [Result.CREATED] * 2
    assert [product.name for product in Product.objects.all()] == ["one", "two"]


def test_folders_are_read_one_level_deep(tmp_path: Path) -> None:
    """Every `*.md` file of a folder is read once, in the order of names."""
    for name in ("b.md", "a.md", "c.txt", "d.md.bak"):
        write(tmp_path / name)
    (tmp_path / "folder.md").mkdir()
    found = product_files([tmp_path, tmp_path / "a.md", tmp_path / "c.txt"])
    assert [path.name for path in found] == ["a.md", "b.md", "c.txt"]


def test_missing_path_stops_the_import_before_any_write(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no file or folder .*nowhere"):
        product_files([tmp_path, tmp_path / "nowhere"])


# ---- second runs


def test_second_import_writes_nothing(acme: Path) -> None:
    """No row changes and no history is written."""
    import_files(write(acme, cycle("1.0", eol=END)))
    rows, before = history_rows(), dump()
    assert writes(acme) == []
    assert (history_rows(), dump()) == (rows, before)
    assert import_files(acme)[0].result == Result.UNCHANGED


def test_second_import_after_a_local_edit_writes_nothing(acme: Path) -> None:
    import_files(write(acme, cycle("1.0", eol=END)))
    edit(eol=True)
    assert writes(acme) == []
    assert eol() == "yes"


def test_changed_file_updates_only_changed_rows(acme: Path) -> None:
    """One row gets a new date and a history record."""
    import_files(write(acme, cycle("2.0", eol=LATER), cycle("1.0", eol=END)))
    rows = history_rows()
    outcome = import_files(write(acme, cycle("2.0", eol=LATER), cycle("1.0", eol=LATER)))[0]
    assert (outcome.result, outcome.changes, outcome.local_edits) == (
        Result.UPDATED,
        ["eol of 1.0"],
        [],
    )
    assert eol() == "2029-04-30"
    assert history_rows() == rows + 1


def test_changed_comment_updates_only_the_stored_text(acme: Path) -> None:
    import_files(write(acme, cycle("1.0")))
    rows = history_rows()
    acme.write_text(acme.read_text().replace("---\n", "---\n# checked\n", 1))
    outcome = import_files(acme)[0]
    assert (outcome.result, outcome.changes) == (Result.UPDATED, [])
    assert Product.objects.get().file_text == acme.read_text()
    assert history_rows() == rows


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"title": "Acme"}, {"title": "ACME"}, "label"),
        ({}, {"category": "os"}, "category"),
        ({"category": "os"}, {}, "category"),
        ({"tags": "a b"}, {"tags": "b c"}, "tags"),
        ({"alternate_urls": ["/a", "/b"]}, {"alternate_urls": ["/b", "/c"]}, "aliases"),
        ({"identifiers": [{"cpe": "a"}]}, {"identifiers": [{"cpe": "b"}]}, "identifiers"),
        ({"eoasColumn": True}, {"eoasColumn": "Fixes"}, "eoas_label"),
        ({"eoasColumn": True}, {"eoasColumn": False}, "show_eoas"),
        ({"customFields": [{"name": "a"}]}, {"customFields": [{"name": "b"}]}, "custom_fields"),
        ({"addedAt": date(2020, 1, 1)}, {}, "added_on"),
        ({"featured": 1}, {"featured": 2}, "featured"),
        ({"body": "One"}, {"body": "Two"}, "description"),
    ],
)
def test_changed_key_updates_its_field(
    acme: Path, before: dict[str, Any], after: dict[str, Any], change: str
) -> None:
    """The product then equals one created from the new file, and the outcome lists the field."""
    acme.write_text(product_text(**before))
    import_files(acme)
    acme.write_text(product_text(**after))
    assert import_files(acme)[0].changes == [change]
    assert OPTIONAL_PRODUCT_VALUES | imported()["product"] == product_values_here(
        Product.objects.get()
    )


def test_only_the_changed_custom_field_gets_history(acme: Path) -> None:
    fields = [{"name": "a", "label": "A"}, {"name": "b", "label": "B"}]
    import_files(write(acme, customFields=fields))
    import_files(write(acme, customFields=[fields[0], {"name": "b", "label": "C"}]))
    assert [row.name for row in CustomField.history.filter(history_type="~")] == ["b"]


def test_releases_are_added_changed_and_removed(acme: Path) -> None:
    first = {"version": "1.0", "kind": "final", "date": date(2025, 1, 1)}
    planned = {"version": "1.1", "kind": "patch", "date": date(2026, 1, 31), "precision": "month"}
    wrong = {"version": "1.9", "kind": "patch"}
    import_files(write(acme, cycle("1.0", releases=[first, planned, wrong])))
    out = {"version": "1.1", "kind": "security", "date": date(2026, 1, 7)}
    outcome = import_files(
        write(acme, cycle("1.0", releases=[{"version": "1.2", "kind": "patch"}, out, first]))
    )
    assert outcome[0].changes == ["releases of 1.0"]
    assert {each.version: (each.kind, str(each.day)) for each in Release.objects.all()} == {
        "1.0": ("final", "1 Jan 2025"),
        "1.1": ("security", "7 Jan 2026"),
        "1.2": ("patch", "None"),
    }
    assert Release.history.get(history_type="-").history_change_reason == "import of acme.md"


# ---- the latest release


def latest() -> tuple[str, date | None]:
    row = ReleaseCycle.objects.get()
    return row.latest, row.latest_date


def of_latest(version: str, day: date) -> dict[str, Any]:
    """Return a cycle of a file with this latest release."""
    return cycle("1.0", latest=version, latestReleaseDate=day)


def test_import_never_pairs_a_version_with_the_date_of_another(acme: Path) -> None:
    """A release added here stays until the source has a newer one, which brings its own date."""
    first, second, third = date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 20)
    import_files(write(acme, of_latest("1.0.3", first)))
    add_release(Product.objects.get(), "1.0.5", third, on=ON)
    assert latest() == ("1.0.5", third)
    outcome = import_files(write(acme, of_latest("1.0.4", second), body="New"))[0]
    assert (latest(), outcome.local_edits) == (("1.0.5", third), ["latest of 1.0"])
    outcome = import_files(write(acme, of_latest("1.0.6", third)))[0]
    assert (latest(), outcome.local_edits) == (("1.0.6", third), [])
    # The release now belongs to the source again, which may withdraw it.
    import_files(write(acme, of_latest("1.0.5", second)))
    assert latest() == ("1.0.5", second)


def test_release_added_here_without_a_date_gets_the_date_of_the_source(acme: Path) -> None:
    import_files(write(acme, of_latest("1.0.3", date(2026, 10, 1))))
    ReleaseCycle.objects.update(latest="1.0.4", latest_date=None)
    import_files(write(acme, of_latest("1.0.4", ON)))
    assert latest() == ("1.0.4", ON)


def test_first_file_of_a_bundled_product_may_be_older(bundle: Path, acme: Path) -> None:
    """It does not revert values of the bundled catalogue; it may revert its own values."""
    import_files(write(bundle / "acme.md", of_latest("1.0.9", ON)))
    older = of_latest("1.0.7", date(2026, 8, 1))
    outcome = import_files(write(acme, older))[0]
    assert (latest(), outcome.local_edits) == (("1.0.9", ON), ["latest of 1.0"])
    import_files(write(acme, of_latest("1.0.10", ON)))
    import_files(write(acme, older))
    assert latest() == ("1.0.7", date(2026, 8, 1))


# ---- local edits


def test_local_edit_stays_and_is_reported(acme: Path) -> None:
    """All other values follow the file."""
    import_files(write(acme, cycle("1.0", eol=END, latest="1")))
    edit(eol=PartialDate(date(2030, 1, 1), Precision.YEAR))
    outcome = import_files(write(acme, cycle("1.0", eol=LATER, latest="2")))[0]
    assert (outcome.changes, outcome.local_edits) == (["latest of 1.0"], ["eol of 1.0"])
    assert eol() == "2030"
    assert imported()["cycles"]["1.0"]["eol"] == "2029-04-30"


def test_local_edit_stays_at_every_later_import(acme: Path) -> None:
    import_files(write(acme, cycle("1.0", eol=END)))
    edit(eol=False)
    for day in (LATER, date(2031, 1, 1), END):
        assert import_files(write(acme, cycle("1.0", eol=day)))[0].local_edits == ["eol of 1.0"]
    assert eol() == "no"


def test_edit_that_the_source_adopts_follows_the_source_again(acme: Path) -> None:
    """Once both sides are equal, later values of the source are imported."""
    import_files(write(acme, cycle("1.0", eol=END)))
    edit(eol=PartialDate(LATER))
    assert import_files(write(acme, cycle("1.0", eol=LATER)))[0].local_edits == []
    assert import_files(write(acme, cycle("1.0", eol=True)))[0].changes == ["eol of 1.0"]


def test_local_edit_of_the_product_stays(acme: Path) -> None:
    """Its title stays edited while the text follows the file."""
    import_files(write(acme, body="Old"))
    Product.objects.update(label="Our Acme")
    outcome = import_files(write(acme, title="ACME", body="New"))[0]
    assert (outcome.changes, outcome.local_edits) == (["description"], ["label"])
    assert str(Product.objects.get()) == "Our Acme"


@pytest.mark.parametrize("field", ["description", "version_command"])
def test_text_normalized_by_a_form_is_no_edit(acme: Path, field: str) -> None:
    """Forms send other line endings and strip white space."""
    keys = {"description": "body", "version_command": "versionCommand"}
    import_files(write(acme, **{keys[field]: "one\ntwo\n"}))
    Product.objects.update(**{field: "one\r\ntwo"})
    assert import_files(write(acme, **{keys[field]: "three\n"}))[0].changes == [field]


def test_local_edits_of_tags_aliases_and_fields_stay(acme: Path) -> None:
    """Each list stays as a whole."""
    keys: dict[str, Any] = {"tags": "a", "alternate_urls": ["/a"], "identifiers": [{"cpe": "a"}]}
    import_files(write(acme, **keys, customFields=[{"name": "a"}]))
    product = Product.objects.get()
    product.tags.clear()
    product.aliases.all().delete()
    product.identifiers.all().delete()
    product.custom_fields.all().delete()
    outcome = import_files(
        write(acme, tags="b", alternate_urls=["/b"], identifiers=[], customFields=[])
    )[0]
    assert set(outcome.local_edits) == {"tags", "aliases"}
    assert not product.aliases.exists()


def test_release_added_here_stays_beside_imported_ones(acme: Path) -> None:
    final = {"version": "1.0", "kind": "final"}
    import_files(write(acme, cycle("1.0", releases=[final])))
    ReleaseCycle.objects.get().releases.create(version="1.1a1", kind="alpha")
    outcome = import_files(
        write(acme, cycle("1.0", releases=[final, {"version": "1.0.1", "kind": "patch"}]))
    )
    assert (outcome[0].changes, outcome[0].local_edits) == (
        ["releases of 1.0"],
        ["releases of 1.0"],
    )
    assert {each.version for each in Release.objects.all()} == {"1.0", "1.0.1", "1.1a1"}


def test_edit_of_one_custom_field_keeps_only_that_field(acme: Path) -> None:
    """The other custom fields of the cycle follow the file."""
    fields = [{"name": "python"}, {"name": "pep"}]
    import_files(write(acme, cycle("1.0", python="3.12", pep="1"), customFields=fields))
    edit(custom={"python": "3.13", "pep": "1"})
    outcome = import_files(write(acme, cycle("1.0", python="3.11", pep="2"), customFields=fields))[
        0
    ]
    assert outcome.local_edits == ["custom of 1.0"]
    assert ReleaseCycle.objects.get().custom == {"python": "3.13", "pep": "2"}


def test_dates_that_contradict_a_local_edit_are_not_imported(acme: Path) -> None:
    """The other values of the file are imported."""
    import_files(write(acme, cycle("1.0", eoas=date(2027, 1, 1), eol=LATER, latest="1")))
    edit(eol=PartialDate(date(2027, 6, 30)))
    outcome = import_files(
        write(acme, cycle("1.0", eoas=date(2027, 12, 1), eol=LATER, latest="2"))
    )[0]
    assert outcome.changes == ["latest of 1.0"]
    assert set(outcome.local_edits) == {"eoas of 1.0", "eol of 1.0"}


def test_values_without_a_key_in_the_file_stay(acme: Path) -> None:
    """A file without `featured`, extended support terms and releases removes none of them."""
    releases = [{"version": "1.0", "kind": "final"}]
    import_files(write(acme, cycle("1.0", releases=releases), featured=1, extendedTerms="free"))
    outcome = import_files(write(acme, cycle("1.0")))[0]
    assert (outcome.changes, outcome.local_edits) == ([], [])
    assert Product.objects.get().featured == 1
    assert Product.objects.get().extended_terms == "free"
    assert Release.objects.count() == 1


def test_value_set_here_before_the_file_has_its_key_is_an_edit(acme: Path) -> None:
    import_files(write(acme, cycle("1.0")))
    Product.objects.update(featured=5, extended_terms="contract")
    ReleaseCycle.objects.get().releases.create(version="1.0", kind="security")
    releases = [{"version": "1.0", "kind": "final"}, {"version": "1.1", "kind": "patch"}]
    new = write(acme, cycle("1.0", releases=releases), featured=1, extendedTerms="free")
    outcome = import_files(new)[0]
    assert (outcome.changes, outcome.local_edits) == (
        ["releases of 1.0"],
        ["featured", "extended_terms", "releases of 1.0"],
    )
    assert list(Release.objects.values_list("kind", flat=True)) == ["security", "patch"]


def test_key_that_is_missing_for_a_while_creates_no_edit(acme: Path) -> None:
    """The value that the file had before is not an edit when the key returns."""
    for kind, featured in (("final", 1), (None, None), ("security", 2)):
        releases = [{"version": "1.0", "kind": kind}] if kind else []
        outcome = import_files(write(acme, cycle("1.0", releases=releases), featured=featured))[0]
        assert outcome.local_edits == []
    assert Product.objects.get().featured == 2
    assert Release.objects.get().kind == "security"


def test_later_check_here_stays(acme: Path) -> None:
    """The date of the last check never moves back."""
    import_files(write(acme, checkedOn=date(2026, 8, 22)))
    Product.objects.update(checked_on=date(2026, 11, 20))
    import_files(write(acme, title="ACME", checkedOn=date(2026, 9, 1)))
    assert Product.objects.get().checked_on == date(2026, 11, 20)


def test_import_does_not_count_as_a_check(acme: Path) -> None:
    """Only a date in the file counts as a check, unless it lies in the future."""
    import_files(write(acme), on=date(2026, 1, 1))
    import_files(write(acme, title="ACME"))
    import_files(write(acme, title="Acme", checkedOn=ON + timedelta(days=1)))
    assert Product.objects.get().checked_on is None
    import_files(write(acme, checkedOn=ON))
    import_files(write(acme, title="ACME"))
    assert Product.objects.get().checked_on == ON


def test_missing_patch_policy_removes_nothing(acme: Path) -> None:
    import_files(write(acme, patchesOnlyFix=True))
    assert Product.objects.get().patches_only_fix
    import_files(write(acme, title="ACME"))
    assert Product.objects.get().patches_only_fix


# ---- new, missing and deleted cycles


def test_cycle_deleted_here_stays_deleted(acme: Path) -> None:
    """A changed file, or one that lacked the cycle for a while, does not restore it."""
    import_files(write(acme, cycle("2.0"), cycle("1.0")))
    ReleaseCycle.objects.get(name="1.0").delete()
    outcome = import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))[0]
    assert (outcome.changes, outcome.local_edits) == ([], ["deletion of 1.0"])
    import_files(write(acme, cycle("2.0", eol=END)))
    import_files(write(acme, cycle("2.0", eol=END), cycle("1.0", eol=LATER)))
    assert names_in_order() == ["2.0"]


def test_cycle_missing_in_the_file_is_flagged_and_stays(acme: Path) -> None:
    import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))
    assert import_files(write(acme, cycle("2.0")))[0].changes == ["1.0 gone from the source"]
    assert import_files(write(acme, cycle("2.0", eol=END)))[0].changes == ["eol of 2.0"]
    assert list(ReleaseCycle.objects.filter(missing_in_source=True)) == [
        ReleaseCycle.objects.get(name="1.0")
    ]


def test_returning_cycle_follows_the_file_again(acme: Path) -> None:
    """The flag is removed, and new values are imported."""
    import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))
    import_files(write(acme, cycle("2.0")))
    outcome = import_files(write(acme, cycle("2.0"), cycle("1.0", eol=LATER)))[0]
    assert (outcome.changes, outcome.local_edits) == (["eol of 1.0", "1.0 back in the source"], [])
    assert not ReleaseCycle.objects.filter(missing_in_source=True).exists()


def test_cycle_created_here_is_not_flagged(acme: Path) -> None:
    """It stays at its position."""
    import_files(write(acme, cycle("1.0")))
    ReleaseCycle.objects.create(product=Product.objects.get(), name="9.0")
    assert import_files(write(acme, cycle("2.0"), cycle("1.0")))[0].changes == ["cycle 2.0"]
    assert names_in_order() == ["2.0", "9.0", "1.0"]
    assert not ReleaseCycle.objects.filter(missing_in_source=True).exists()


def test_cycle_created_here_keeps_its_values(acme: Path) -> None:
    """When the source adds a cycle of the same name, differences are reported as local edits."""
    import_files(write(acme, cycle("1.0")))
    make_cycle(Product.objects.get(), "2.0", eol="2027-01-01", latest="2.0.1", position=-1)
    outcome = import_files(write(acme, cycle("2.0", eol=END, latest="2.0.1"), cycle("1.0")))[0]
    assert (outcome.changes, set(outcome.local_edits)) == ([], {"eol of 2.0", "release of 2.0"})
    assert eol("2.0") == "2027-01-01"


def test_new_cycle_gets_its_position_in_the_file(acme: Path) -> None:
    """A new cycle at the top moves no other row."""
    import_files(write(acme, cycle("3"), cycle("1")))
    positions = dict(ReleaseCycle.objects.values_list("name", "position"))
    import_files(write(acme, cycle("4"), cycle("3"), cycle("1")))
    assert dict(ReleaseCycle.objects.exclude(name="4").values_list("name", "position")) == positions
    import_files(write(acme, cycle("4"), cycle("3"), cycle("2"), cycle("1"), cycle("0")))
    assert names_in_order() == ["4", "3", "2", "1", "0"]


def test_order_of_the_file_is_followed_until_it_is_edited_here(acme: Path) -> None:
    """The outcome reports both cases."""
    import_files(write(acme, cycle("2"), cycle("1")))
    assert import_files(write(acme, cycle("1"), cycle("2")))[0].changes == ["order of cycles"]
    edit("2", position=-9)
    outcome = import_files(write(acme, cycle("3"), cycle("1"), cycle("2")))[0]
    assert (outcome.changes, outcome.local_edits) == (["cycle 3"], ["order of cycles"])
    assert names_in_order() == ["2", "3", "1"]


# ---- products that an import skips


def test_product_deleted_here_stays_deleted(acme: Path) -> None:
    """It is reported, and does not count as a failure."""
    import_files(write(acme, cycle("1.0")))
    Product.objects.all().delete()
    for path in (acme, write(acme, cycle("1.0", eol=END))):
        outcome = import_files(path)[0]
        assert (outcome.result, outcome.note) == (Result.LEFT, "it was deleted here")
    assert not Product.objects.exists()


def test_product_created_and_deleted_here_can_be_imported(acme: Path) -> None:
    """It never came from a source."""
    make_product("acme").delete()
    assert import_files(write(acme))[0].result == Result.CREATED


def test_product_created_here_is_not_overwritten(acme: Path) -> None:
    """A file of the same name is reported, and does not count as a failure."""
    make_cycle(make_product("acme", label="Ours"), "1.0")
    before = dump()
    outcome = import_files(write(acme, cycle("2.0"), title="Theirs"))[0]
    assert (outcome.result, outcome.note) == (
        Result.LEFT,
        "a product of this name was made here",
    )
    assert dump() == before


def test_skipped_product_reports_no_name_conflicts(acme: Path) -> None:
    make_product("acme")
    make_product("other")
    assert import_files(write(acme, alternate_urls=["/other"]))[0].result == Result.LEFT


def test_product_renamed_here_still_follows_its_file(acme: Path) -> None:
    """Its new name counts as an edit, and no second product is created."""
    import_files(write(acme, cycle("1.0")))
    product = Product.objects.get()
    product.name = "acme-os"
    product.save()
    outcome = import_files(write(acme, cycle("1.0", eol=END), alternate_urls=["/acme-os"]))[0]
    assert (outcome.product, outcome.local_edits) == ("acme-os", ["address"])
    assert eol() == "2028-04-30"
    assert Product.objects.get().name == "acme-os"


def test_former_name_of_a_product_created_here_is_free(acme: Path) -> None:
    product = make_product("acme")
    product.name = "our-acme"
    product.save()
    assert import_files(write(acme))[0].result == Result.CREATED


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that serves as the bundled catalogue."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    monkeypatch.setattr(importer, "BUNDLED", folder)
    return folder


def test_bundled_product_is_updated_with_the_bundled_catalogue(bundle: Path) -> None:
    """Its products are marked as bundled."""
    import_files(write(bundle / "acme.md"))
    product = Product.objects.get()
    assert (product.source, product.source_address) == (Source.BUNDLED, "")
    assert import_files(write(bundle / "acme.md", title="ACME"))[0].changes == ["label"]


def test_bundled_catalogue_does_not_overwrite_another_source(bundle: Path, acme: Path) -> None:
    """A product that was imported from a file keeps following it after a deployment."""
    import_files(write(bundle / "acme.md"))
    import_files(write(acme, title="From the file"))
    assert Product.objects.get().source == Source.FILE
    outcome = import_files(write(bundle / "acme.md", title="From the bundle"))[0]
    assert outcome.result == Result.LEFT
    assert outcome.note == "it follows another source than the bundled catalogue"
    assert str(Product.objects.get()) == "From the file"


def test_name_conflict_does_not_stop_a_deployment(bundle: Path) -> None:
    """The bundled product is skipped with the reason, which is no failure."""
    make_product("ours", aliases=["acme"])
    outcome = import_files(write(bundle / "acme.md"))[0]
    assert (outcome.result, outcome.problems) == (Result.LEFT, [])
    assert outcome.note.endswith("permalink: “acme” is an alias of ours.")


# ---- invalid files and names in use


def test_invalid_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """Its product stays unchanged, and the problem names the line and field."""
    for name in ("a", "b", "c"):
        write(tmp_path / f"{name}.md", cycle("1.0"), permalink=f"/{name}")
    import_files(tmp_path)
    bad = Product.objects.filter(name="b").values().get()
    for name in ("a", "b", "c"):
        keys: dict[str, Any] = {"category": ["x"]} if name == "b" else {}
        write(tmp_path / f"{name}.md", cycle("1.0", eol=END), permalink=f"/{name}", **keys)
    results = [outcome.result for outcome in import_files(tmp_path)]
    assert results == [Result.UPDATED, Result.FAILED, Result.UPDATED]
    assert Product.objects.filter(name="b").values().get() == bad


def test_problem_has_line_and_field_path(acme: Path) -> None:
    outcome = import_files(write(acme, cycle("1.0", eol=date(2020, 1, 1))))[0]
    assert outcome.result == Result.FAILED
    assert [str(problem) for problem in outcome.problems] == [
        "line 7: releases[0].eol: The end of security support (1 Jan 2020) is before the"
        " release (1 Jan 2025)."
    ]


def test_file_with_a_warning_is_imported(acme: Path) -> None:
    """An odd template is reported as a warning."""
    outcome = import_files(write(acme, cycle("1.0"), releaseLabel="{{ x | replace }}"))[0]
    assert (outcome.result, len(outcome.warnings)) == (Result.CREATED, 1)


def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    """All other files are imported."""
    outcome = next(importer.import_products([tmp_path], on=ON))
    assert outcome.result == Result.FAILED
    assert str(outcome.problems[0]).startswith("It cannot be read")


def test_database_error_is_reported(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product stays unchanged. The next file is imported with its new category."""
    monkeypatch.setattr("releases.formats.product_files.parser.order_errors", lambda life: [])
    other = write(acme.with_name("other.md"), permalink="/other", category="os")
    write(acme, cycle("1.0", eol=date(2020, 1, 1)), category="os")
    outcomes = import_files(acme, other)
    assert [outcome.result for outcome in outcomes] == [Result.FAILED, Result.CREATED]
    assert "The database refused it" in str(outcomes[0].problems[0])
    assert [product.name for product in Product.objects.all()] == ["other"]
    assert str(Product.objects.get().category) == "os"


def problems_of(path: Path) -> list[str]:
    return [problem.message for outcome in import_files(path) for problem in outcome.problems]


def test_second_file_of_one_product_is_rejected(tmp_path: Path) -> None:
    """The first file wins at every import."""
    first = write(tmp_path / "a.md", title="A")
    write(tmp_path / "b.md", title="B")
    for _ in range(2):
        assert problems_of(tmp_path) == [f"{first} is the product “acme” already."]
        assert str(Product.objects.get()) == "A"


def test_alias_that_is_the_name_of_another_product_is_rejected(tmp_path: Path) -> None:
    """The order of the files does not matter."""
    write(tmp_path / "a.md", permalink="/a", alternate_urls=["/x"])
    write(tmp_path / "x.md", permalink="/x")
    write(tmp_path / "y.md", permalink="/y", alternate_urls=["/a"])
    for _ in range(2):
        assert problems_of(tmp_path) == ["“x” is an alias of a.", "There is a product “a”."]


def test_second_product_with_an_alias_is_rejected(tmp_path: Path) -> None:
    """The problem names the line."""
    write(tmp_path / "a.md", permalink="/a", alternate_urls=["/x"])
    write(tmp_path / "b.md", permalink="/b", alternate_urls=["/y", "/x"])
    problem = import_files(tmp_path)[1].problems[0]
    assert str(problem) == "line 6: alternate_urls[1]: “x” is an alias of a."


def test_alias_can_move_to_another_product_in_one_run(tmp_path: Path) -> None:
    """The first product must have dropped it before."""
    first = write(tmp_path / "a.md", permalink="/a", alternate_urls=["/x"])
    import_files(first)
    write(first, permalink="/a")
    write(tmp_path / "b.md", permalink="/b", alternate_urls=["/x"])
    assert problems_of(tmp_path) == []
    assert Alias.objects.get().product.name == "b"


# ---- dry run


def test_dry_run_writes_nothing(acme: Path) -> None:
    """It reports the outcomes of new and known products."""
    write(acme, cycle("1.0"), category="os", tags="x")
    empty = dump()
    assert import_files(acme, dry_run=True)[0].result == Result.CREATED
    assert (dump(), history_rows()) == (empty, 0)
    import_files(acme)
    before, rows = dump(), history_rows()
    outcome = import_files(
        write(acme, cycle("1.0", eol=END), category="db", tags="x"), dry_run=True
    )[0]
    assert (outcome.result, outcome.changes) == (Result.UPDATED, ["category", "eol of 1.0"])
    assert (dump(), history_rows()) == (before, rows)


def test_dry_run_finds_names_shared_by_files(tmp_path: Path) -> None:
    write(tmp_path / "a.md", permalink="/a", category="os")
    write(tmp_path / "b.md", permalink="/b", category="os", alternate_urls=["/a"])
    assert [outcome.result for outcome in import_files(tmp_path, dry_run=True)] == [
        Result.CREATED,
        Result.FAILED,
    ]


# ---- query counts

# Queries of a run: products, aliases, former names, categories, tags.
OF_A_RUN = 5
# Queries of a new product: a savepoint and its release; the revision; product and its history;
# its tags before; aliases and identifiers to delete; fields before; cycles, releases and their
# histories.
OF_A_NEW_PRODUCT = 13
# Queries of a known one: a savepoint and its release; the revision; product, tags, aliases,
# identifiers, fields, cycles with former names, identifiers and releases before; changed cycles,
# changed and new releases with their histories; provenance.
OF_A_CHANGED_PRODUCT = 19


def cost(path: Path) -> int:
    with CaptureQueriesContext(connection) as queries:
        import_files(path)
    return len(queries)


@pytest.mark.parametrize("count", [2, 20])
def test_query_count_does_not_depend_on_the_number_of_cycles(acme: Path, count: int) -> None:
    """SQLite accepts about 25 rows per statement."""

    def cycles(eol: date, *versions: str) -> list[dict[str, object]]:
        releases = [{"version": version, "kind": "patch", "date": eol} for version in versions]
        return [cycle(str(n), eol=eol, releases=releases) for n in range(count)]

    assert cost(write(acme, *cycles(END, "a"))) <= OF_A_RUN + OF_A_NEW_PRODUCT
    assert cost(write(acme, *cycles(LATER, "a", "b"))) <= OF_A_RUN + OF_A_CHANGED_PRODUCT
    assert cost(acme) == OF_A_RUN


def test_product_removed_from_the_bundled_catalogue_is_flagged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flag is removed when the product returns."""
    monkeypatch.setattr("releases.services.imports.import_products.BUNDLED", tmp_path)
    text = "---\ntitle: X\nreleases:\n  - {releaseCycle: '1', releaseDate: 2025-01-01}\n---\n"
    for name in ("stays", "goes"):
        (tmp_path / f"{name}.md").write_text(text)
    list(importer.import_products(product_files([tmp_path]), on=ON))
    (tmp_path / "goes.md").unlink()
    list(importer.import_products(product_files([tmp_path]), on=ON))
    missing = Product.objects.filter(missing_in_source=True)
    assert [product.name for product in missing] == ["goes"]
    (tmp_path / "goes.md").write_text(text)
    list(importer.import_products(product_files([tmp_path]), on=ON))
    assert not missing.all().exists()


def test_migration_removes_checks_that_were_imports() -> None:
    """A check on another day stays."""
    migration = import_module("releases.migrations.0014_imports_are_no_checks")
    noted = {"checked_on": ON.isoformat(), "product": {}}
    make_product("import", checked_on=ON, imported=noted)
    make_product("check", checked_on=ON - timedelta(days=1), imported=noted)
    make_product("here", checked_on=ON)
    migration.forget(apps, SimpleNamespace(connection=connection))
    found = dict(Product.objects.values_list("name", "checked_on"))
    assert found == {"import": None, "check": ON - timedelta(days=1), "here": ON}
    assert Product.objects.get(name="check").imported == {"product": {}}
    assert set(Product.history.values_list("name", "checked_on")) == set(found.items())
