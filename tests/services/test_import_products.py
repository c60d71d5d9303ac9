"""The importer: what comes in, what stays, what is refused, and at what cost."""

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
from releases.services.imports.values import UNSAID_OF_PRODUCT, product_values_here
from tests.conftest import ON
from tests.factories import make_cycle, make_product
from tests.product_files import cycle, import_files, product_text, write

pytestmark = pytest.mark.django_db

END, LATER = date(2028, 4, 30), date(2029, 4, 30)
WRITES = ("INSERT", "UPDATE", "DELETE")
HISTORIES = (Product.history, ReleaseCycle.history, Release.history, CustomField.history)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """The file of a product that the tests write and import."""
    return tmp_path / "acme.md"


def writes(*paths: Path, dry_run: bool = False) -> list[str]:
    """What an import writes, as SQL."""
    with CaptureQueriesContext(connection) as queries:
        import_files(*paths, dry_run=dry_run)
    return [query["sql"] for query in queries if query["sql"].startswith(WRITES)]


def history_rows() -> int:
    return sum(history.count() for history in HISTORIES)


def dump() -> list[object]:
    """All that the tables of the catalogue hold."""
    models = (Product, Category, Tag, Alias, Identifier, CustomField, ReleaseCycle, Release)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def names_in_order() -> list[str]:
    return [row.name for row in Product.objects.get(name="acme").cycles.all()]


def edit(name: str = "1.0", **values: object) -> None:
    """An editor's change of a cycle; milestones as texts."""
    row = ReleaseCycle.objects.get(name=name)
    for field, value in values.items():
        setattr(row, field, value)
    row.save()


def imported() -> dict[str, Any]:
    """The values of the last import of the one product."""
    return Product.objects.values_list("imported", flat=True).get() or {}


def eol(name: str = "1.0") -> str:
    return format_milestone(ReleaseCycle.objects.get(name=name).eol)


# ---- what comes in


def test_a_product_is_created(acme: Path) -> None:
    """Its cycles come in the order of the file; the outcome says so."""
    outcome = import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))[0]
    assert (outcome.product, outcome.result) == ("acme", Result.CREATED)
    assert (outcome.changes, outcome.local_edits, outcome.problems) == ([], [], [])
    assert names_in_order() == ["2.0", "1.0"]
    assert ReleaseCycle.objects.get(name="1.0").eol == PartialDate(END)


def test_everything_of_a_product_comes_in(acme: Path) -> None:
    """Each key of the front matter has its place."""
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


def test_everything_of_a_cycle_comes_in(acme: Path) -> None:
    """Each key of a cycle has its place, this project's own included."""
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


def test_custom_fields_come_in_the_order_of_the_file(acme: Path) -> None:
    """With all that the file says of them."""
    fields = [
        {"name": "b", "label": "B", "display": "after-latest-column"},
        {"name": "a", "label": "A", "description": "Runs on", "link": "https://acme.test/a"},
    ]
    import_files(write(acme, customFields=fields))
    assert list(CustomField.objects.values_list("name", "display", "description", "link")) == [
        ("b", "after-latest-column", "", ""),
        ("a", "api-only", "Runs on", "https://acme.test/a"),
    ]


def test_a_product_knows_where_it_comes_from(acme: Path) -> None:
    """The file, its text and the values of the import."""
    import_files(write(acme, cycle("1.0", eol=END)))
    product = Product.objects.get()
    assert (product.source, product.source_address) == (Source.FILE, str(acme))
    assert product.file_text == acme.read_text()
    assert imported()["cycles"]["1.0"]["eol"] == "2028-04-30"


def test_what_has_no_column_is_kept_with_the_text(acme: Path) -> None:
    """Unknown keys and comments are there for the export, line ends and all."""
    text = product_text(cycle("1.0"), auto={"methods": [{"git": "x"}]}, alternative_urls=["/x"])
    acme.write_bytes(f"{text}\nBody # not a comment\n".replace("\n", "\r\n").encode())
    import_files(acme)
    assert Product.objects.get().file_text.encode() == acme.read_bytes()


def test_the_history_says_why(acme: Path) -> None:
    """Rows of new and of changed products, cycles, releases and fields name the file."""
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


def test_categories_and_tags_are_shared(tmp_path: Path) -> None:
    """Two products of one category and tag have the same rows."""
    for name in ("one", "two"):
        write(tmp_path / f"{name}.md", permalink=f"/{name}", category="os", tags="linux")
    import_files(tmp_path)
    assert Category.objects.get().products.count() == 2
    assert Tag.objects.get().products.count() == 2


def test_a_file_without_a_permalink_is_called_by_its_name(tmp_path: Path) -> None:
    """Two such files with the same text are two products."""
    for name in ("one", "two"):
        write(tmp_path / f"{name}.md", permalink=None)
    assert [outcome.result for outcome in import_files(tmp_path)] == [Result.CREATED] * 2
    assert [product.name for product in Product.objects.all()] == ["one", "two"]


def test_folders_are_read_one_level_deep(tmp_path: Path) -> None:
    """Every `*.md` of a folder in the order of names, each file once; nothing else."""
    for name in ("b.md", "a.md", "c.txt", "d.md.bak"):
        write(tmp_path / name)
    (tmp_path / "folder.md").mkdir()
    found = product_files([tmp_path, tmp_path / "a.md", tmp_path / "c.txt"])
    assert [path.name for path in found] == ["a.md", "b.md", "c.txt"]


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Before anything is imported."""
    with pytest.raises(FileNotFoundError, match=r"There is no file or folder .*nowhere"):
        product_files([tmp_path, tmp_path / "nowhere"])


# ---- again


def test_a_second_run_writes_nothing(acme: Path) -> None:
    """Not a row, not in the history either."""
    import_files(write(acme, cycle("1.0", eol=END)))
    rows, before = history_rows(), dump()
    assert writes(acme) == []
    assert (history_rows(), dump()) == (rows, before)
    assert import_files(acme)[0].result == Result.UNCHANGED


def test_a_second_run_writes_nothing_after_an_edit(acme: Path) -> None:
    """What an editor changed does not make the importer write."""
    import_files(write(acme, cycle("1.0", eol=END)))
    edit(eol=True)
    assert writes(acme) == []
    assert eol() == "yes"


def test_a_changed_file_updates_just_what_changed(acme: Path) -> None:
    """One row gets a new date and a line of history; the others stay untouched."""
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


def test_a_changed_comment_changes_no_rows(acme: Path) -> None:
    """Only the text that is kept of the file is another."""
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
def test_a_changed_key_updates_its_field(
    acme: Path, before: dict[str, Any], after: dict[str, Any], change: str
) -> None:
    """The product is then as if it had been made of the new file, and the outcome names it."""
    acme.write_text(product_text(**before))
    import_files(acme)
    acme.write_text(product_text(**after))
    assert import_files(acme)[0].changes == [change]
    assert UNSAID_OF_PRODUCT | imported()["product"] == product_values_here(Product.objects.get())


def test_only_the_custom_field_that_changed_gets_history(acme: Path) -> None:
    """The others are as they were."""
    fields = [{"name": "a", "label": "A"}, {"name": "b", "label": "B"}]
    import_files(write(acme, customFields=fields))
    import_files(write(acme, customFields=[fields[0], {"name": "b", "label": "C"}]))
    assert [row.name for row in CustomField.history.filter(history_type="~")] == ["b"]


def test_releases_are_added_changed_and_removed(acme: Path) -> None:
    """Each version on its own."""
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
    """A cycle of a file with this latest release."""
    return cycle("1.0", latest=version, latestReleaseDate=day)


def test_an_import_after_a_new_release_pairs_no_version_with_the_day_of_another(acme: Path) -> None:
    """What an editor added stays until the source tells of a newer release, with its own day."""
    first, second, third = date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 20)
    import_files(write(acme, of_latest("1.0.3", first)))
    add_release(Product.objects.get(), "1.0.5", third, on=ON)
    assert latest() == ("1.0.5", third)
    outcome = import_files(write(acme, of_latest("1.0.4", second), body="New"))[0]
    assert (latest(), outcome.local_edits) == (("1.0.5", third), ["latest of 1.0"])
    outcome = import_files(write(acme, of_latest("1.0.6", third)))[0]
    assert (latest(), outcome.local_edits) == (("1.0.6", third), [])
    # From here on it is the source's own again, which may take it back.
    import_files(write(acme, of_latest("1.0.5", second)))
    assert latest() == ("1.0.5", second)


def test_a_release_that_was_added_here_first_takes_the_day_of_the_source(acme: Path) -> None:
    """Where its own day is not known."""
    import_files(write(acme, of_latest("1.0.3", date(2026, 10, 1))))
    ReleaseCycle.objects.update(latest="1.0.4", latest_date=None)
    import_files(write(acme, of_latest("1.0.4", ON)))
    assert latest() == ("1.0.4", ON)


def test_the_first_file_of_a_bundled_product_may_be_older(bundle: Path, acme: Path) -> None:
    """It does not take back what the bundled catalogue told; it may take back what it told."""
    import_files(write(bundle / "acme.md", of_latest("1.0.9", ON)))
    older = of_latest("1.0.7", date(2026, 8, 1))
    outcome = import_files(write(acme, older))[0]
    assert (latest(), outcome.local_edits) == (("1.0.9", ON), ["latest of 1.0"])
    import_files(write(acme, of_latest("1.0.10", ON)))
    import_files(write(acme, older))
    assert latest() == ("1.0.7", date(2026, 8, 1))


# ---- what was edited here


def test_an_edit_stays_and_is_reported(acme: Path) -> None:
    """The end that an editor moved stays, whatever the file says now; the rest follows it."""
    import_files(write(acme, cycle("1.0", eol=END, latest="1")))
    edit(eol=PartialDate(date(2030, 1, 1), Precision.YEAR))
    outcome = import_files(write(acme, cycle("1.0", eol=LATER, latest="2")))[0]
    assert (outcome.changes, outcome.local_edits) == (["latest of 1.0"], ["eol of 1.0"])
    assert eol() == "2030"
    assert imported()["cycles"]["1.0"]["eol"] == "2029-04-30"


def test_an_edit_stays_at_every_later_import(acme: Path) -> None:
    """It is not forgotten after the first one."""
    import_files(write(acme, cycle("1.0", eol=END)))
    edit(eol=False)
    for day in (LATER, date(2031, 1, 1), END):
        assert import_files(write(acme, cycle("1.0", eol=day)))[0].local_edits == ["eol of 1.0"]
    assert eol() == "no"


def test_an_edit_that_the_source_took_over_is_none_any_more(acme: Path) -> None:
    """Once both say the same, the source is followed again."""
    import_files(write(acme, cycle("1.0", eol=END)))
    edit(eol=PartialDate(LATER))
    assert import_files(write(acme, cycle("1.0", eol=LATER)))[0].local_edits == []
    assert import_files(write(acme, cycle("1.0", eol=True)))[0].changes == ["eol of 1.0"]


def test_an_edit_of_the_product_stays(acme: Path) -> None:
    """Its title, while the text follows the file."""
    import_files(write(acme, body="Old"))
    Product.objects.update(label="Our Acme")
    outcome = import_files(write(acme, title="ACME", body="New"))[0]
    assert (outcome.changes, outcome.local_edits) == (["description"], ["label"])
    assert str(Product.objects.get()) == "Our Acme"


@pytest.mark.parametrize("field", ["description", "version_command"])
def test_a_text_that_a_form_gave_back_was_not_edited(acme: Path, field: str) -> None:
    """Forms send other line ends and cut off space; that is no edit."""
    keys = {"description": "body", "version_command": "versionCommand"}
    import_files(write(acme, **{keys[field]: "one\ntwo\n"}))
    Product.objects.update(**{field: "one\r\ntwo"})
    assert import_files(write(acme, **{keys[field]: "three\n"}))[0].changes == [field]


def test_edits_of_tags_aliases_and_fields_stay(acme: Path) -> None:
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


def test_a_release_that_was_added_here_stays_beside_new_ones(acme: Path) -> None:
    """The versions of the source come in all the same."""
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


def test_one_own_column_was_edited(acme: Path) -> None:
    """The other own columns of the cycle follow the file."""
    fields = [{"name": "python"}, {"name": "pep"}]
    import_files(write(acme, cycle("1.0", python="3.12", pep="1"), customFields=fields))
    edit(custom={"python": "3.13", "pep": "1"})
    outcome = import_files(write(acme, cycle("1.0", python="3.11", pep="2"), customFields=fields))[
        0
    ]
    assert outcome.local_edits == ["custom of 1.0"]
    assert ReleaseCycle.objects.get().custom == {"python": "3.13", "pep": "2"}


def test_an_edit_that_would_stand_in_the_wrong_order_holds_the_dates(acme: Path) -> None:
    """A new date of the file that contradicts an edit is kept out; other values come in."""
    import_files(write(acme, cycle("1.0", eoas=date(2027, 1, 1), eol=LATER, latest="1")))
    edit(eol=PartialDate(date(2027, 6, 30)))
    outcome = import_files(
        write(acme, cycle("1.0", eoas=date(2027, 12, 1), eol=LATER, latest="2"))
    )[0]
    assert outcome.changes == ["latest of 1.0"]
    assert set(outcome.local_edits) == {"eoas of 1.0", "eol of 1.0"}


def test_what_the_file_does_not_know_stays(acme: Path) -> None:
    """A source that says nothing of `featured`, of terms and of releases takes nothing away."""
    releases = [{"version": "1.0", "kind": "final"}]
    import_files(write(acme, cycle("1.0", releases=releases), featured=1, extendedTerms="free"))
    outcome = import_files(write(acme, cycle("1.0")))[0]
    assert (outcome.changes, outcome.local_edits) == ([], [])
    assert Product.objects.get().featured == 1
    assert Product.objects.get().extended_terms == "free"
    assert Release.objects.count() == 1


def test_an_edit_of_what_the_file_did_not_know_stays(acme: Path) -> None:
    """When the file begins to tell of it, what was said here is an edit."""
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


def test_a_file_may_fall_silent_for_a_while(acme: Path) -> None:
    """What it said before was no edit when it speaks again."""
    for kind, featured in (("final", 1), (None, None), ("security", 2)):
        releases = [{"version": "1.0", "kind": kind}] if kind else []
        outcome = import_files(write(acme, cycle("1.0", releases=releases), featured=featured))[0]
        assert outcome.local_edits == []
    assert Product.objects.get().featured == 2
    assert Release.objects.get().kind == "security"


def test_a_later_check_here_stays(acme: Path) -> None:
    """The day on which the dates were last checked does not go back."""
    import_files(write(acme, checkedOn=date(2026, 8, 22)))
    Product.objects.update(checked_on=date(2026, 11, 20))
    import_files(write(acme, title="ACME", checkedOn=date(2026, 9, 1)))
    assert Product.objects.get().checked_on == date(2026, 11, 20)


def test_import_is_no_check(acme: Path) -> None:
    """Only a file can tell of one, and not of one that is to come."""
    import_files(write(acme), on=date(2026, 1, 1))
    import_files(write(acme, title="ACME"))
    import_files(write(acme, title="Acme", checkedOn=ON + timedelta(days=1)))
    assert Product.objects.get().checked_on is None
    import_files(write(acme, checkedOn=ON))
    import_files(write(acme, title="ACME"))
    assert Product.objects.get().checked_on == ON


def test_policy_of_patches(acme: Path) -> None:
    """A file that says nothing of it takes nothing away."""
    import_files(write(acme, patchesOnlyFix=True))
    assert Product.objects.get().patches_only_fix
    import_files(write(acme, title="ACME"))
    assert Product.objects.get().patches_only_fix


# ---- cycles that come and go


def test_a_deleted_cycle_stays_deleted(acme: Path) -> None:
    """Also when the file changes it, and when it was gone from the file for a while."""
    import_files(write(acme, cycle("2.0"), cycle("1.0")))
    ReleaseCycle.objects.get(name="1.0").delete()
    outcome = import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))[0]
    assert (outcome.changes, outcome.local_edits) == ([], ["deletion of 1.0"])
    import_files(write(acme, cycle("2.0", eol=END)))
    import_files(write(acme, cycle("2.0", eol=END), cycle("1.0", eol=LATER)))
    assert names_in_order() == ["2.0"]


def test_a_vanished_cycle_is_flagged_and_stays(acme: Path) -> None:
    """For as long as the file does not have it."""
    import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))
    assert import_files(write(acme, cycle("2.0")))[0].changes == ["1.0 gone from the source"]
    assert import_files(write(acme, cycle("2.0", eol=END)))[0].changes == ["eol of 2.0"]
    assert list(ReleaseCycle.objects.filter(missing_in_source=True)) == [
        ReleaseCycle.objects.get(name="1.0")
    ]


def test_a_cycle_that_comes_back_follows_the_file_again(acme: Path) -> None:
    """The flag goes, and new values come in as if it had never been away."""
    import_files(write(acme, cycle("2.0"), cycle("1.0", eol=END)))
    import_files(write(acme, cycle("2.0")))
    outcome = import_files(write(acme, cycle("2.0"), cycle("1.0", eol=LATER)))[0]
    assert (outcome.changes, outcome.local_edits) == (["eol of 1.0", "1.0 back in the source"], [])
    assert not ReleaseCycle.objects.filter(missing_in_source=True).exists()


def test_a_cycle_that_was_made_here_is_not_flagged(acme: Path) -> None:
    """The source never had it; it stays where it is, on top."""
    import_files(write(acme, cycle("1.0")))
    ReleaseCycle.objects.create(product=Product.objects.get(), name="9.0")
    assert import_files(write(acme, cycle("2.0"), cycle("1.0")))[0].changes == ["cycle 2.0"]
    assert names_in_order() == ["2.0", "9.0", "1.0"]
    assert not ReleaseCycle.objects.filter(missing_in_source=True).exists()


def test_a_cycle_that_was_made_here_is_not_taken_over(acme: Path) -> None:
    """When the source brings one of its name, what differs is kept and reported."""
    import_files(write(acme, cycle("1.0")))
    make_cycle(Product.objects.get(), "2.0", eol="2027-01-01", latest="2.0.1", position=-1)
    outcome = import_files(write(acme, cycle("2.0", eol=END, latest="2.0.1"), cycle("1.0")))[0]
    assert (outcome.changes, set(outcome.local_edits)) == ([], {"eol of 2.0", "release of 2.0"})
    assert eol("2.0") == "2027-01-01"


def test_a_new_cycle_goes_where_the_file_has_it(acme: Path) -> None:
    """On top, in the middle, at the end; a new one on top moves no row."""
    import_files(write(acme, cycle("3"), cycle("1")))
    positions = dict(ReleaseCycle.objects.values_list("name", "position"))
    import_files(write(acme, cycle("4"), cycle("3"), cycle("1")))
    assert dict(ReleaseCycle.objects.exclude(name="4").values_list("name", "position")) == positions
    import_files(write(acme, cycle("4"), cycle("3"), cycle("2"), cycle("1"), cycle("0")))
    assert names_in_order() == ["4", "3", "2", "1", "0"]


def test_the_order_of_the_file_is_followed(acme: Path) -> None:
    """Unless somebody moved a cycle here; both is said."""
    import_files(write(acme, cycle("2"), cycle("1")))
    assert import_files(write(acme, cycle("1"), cycle("2")))[0].changes == ["order of cycles"]
    edit("2", position=-9)
    outcome = import_files(write(acme, cycle("3"), cycle("1"), cycle("2")))[0]
    assert (outcome.changes, outcome.local_edits) == (["cycle 3"], ["order of cycles"])
    assert names_in_order() == ["2", "3", "1"]


# ---- products that are not to be touched


def test_a_deleted_product_stays_deleted(acme: Path) -> None:
    """It is reported, and no failure."""
    import_files(write(acme, cycle("1.0")))
    Product.objects.all().delete()
    for path in (acme, write(acme, cycle("1.0", eol=END))):
        outcome = import_files(path)[0]
        assert (outcome.result, outcome.note) == (Result.LEFT, "it was deleted here")
    assert not Product.objects.exists()


def test_a_product_that_was_only_tried_out_here_can_be_imported(acme: Path) -> None:
    """What was made here and deleted did not come from a source."""
    make_product("acme").delete()
    assert import_files(write(acme))[0].result == Result.CREATED


def test_a_product_made_here_is_not_touched(acme: Path) -> None:
    """By one of its name from outside; that is reported, and no failure."""
    make_cycle(make_product("acme", label="Ours"), "1.0")
    before = dump()
    outcome = import_files(write(acme, cycle("2.0"), title="Theirs"))[0]
    assert (outcome.result, outcome.note) == (
        Result.LEFT,
        "a product of this name was made here",
    )
    assert dump() == before


def test_a_product_made_here_is_not_touched_for_its_aliases(acme: Path) -> None:
    """Names that others have do not matter to what is not written."""
    make_product("acme")
    make_product("other")
    assert import_files(write(acme, alternate_urls=["/other"]))[0].result == Result.LEFT


def test_a_product_that_was_renamed_here_is_still_the_same(acme: Path) -> None:
    """Its new address is an edit: it is kept, the rest follows the file, nothing is doubled."""
    import_files(write(acme, cycle("1.0")))
    product = Product.objects.get()
    product.name = "acme-os"
    product.save()
    outcome = import_files(write(acme, cycle("1.0", eol=END), alternate_urls=["/acme-os"]))[0]
    assert (outcome.product, outcome.local_edits) == ("acme-os", ["address"])
    assert eol() == "2028-04-30"
    assert Product.objects.get().name == "acme-os"


def test_a_name_that_was_given_up_here_is_free(acme: Path) -> None:
    """A product made here that was renamed does not stand in the way."""
    product = make_product("acme")
    product.name = "our-acme"
    product.save()
    assert import_files(write(acme))[0].result == Result.CREATED


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the bundled catalogue."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    monkeypatch.setattr(importer, "BUNDLED", folder)
    return folder


def test_the_bundled_catalogue_follows_itself(bundle: Path) -> None:
    """Its products are marked as bundled, and updated with it."""
    import_files(write(bundle / "acme.md"))
    product = Product.objects.get()
    assert (product.source, product.source_address) == (Source.BUNDLED, "")
    assert import_files(write(bundle / "acme.md", title="ACME"))[0].changes == ["label"]


def test_the_bundled_catalogue_does_not_overwrite_another_source(bundle: Path, acme: Path) -> None:
    """A product that follows a file does so after the next deployment, too."""
    import_files(write(bundle / "acme.md"))
    import_files(write(acme, title="From the file"))
    assert Product.objects.get().source == Source.FILE
    outcome = import_files(write(bundle / "acme.md", title="From the bundle"))[0]
    assert outcome.result == Result.LEFT
    assert outcome.note == "it follows another source than the bundled catalogue"
    assert str(Product.objects.get()) == "From the file"


def test_a_name_that_is_taken_here_does_not_stop_a_deployment(bundle: Path) -> None:
    """The bundled product is left alone, with the reason; that is no failure."""
    make_product("ours", aliases=["acme"])
    outcome = import_files(write(bundle / "acme.md"))[0]
    assert (outcome.result, outcome.problems) == (Result.LEFT, [])
    assert outcome.note.endswith("permalink: “acme” is an alias of ours.")


# ---- bad files and names that are taken


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """It leaves its product as it was, and the problem has line and field."""
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


def test_a_problem_has_its_place(acme: Path) -> None:
    """Line and path of the field, for whoever has to mend it."""
    outcome = import_files(write(acme, cycle("1.0", eol=date(2020, 1, 1))))[0]
    assert outcome.result == Result.FAILED
    assert [str(problem) for problem in outcome.problems] == [
        "line 7: releases[0].eol: The end of security support (1 Jan 2020) is before the"
        " release (1 Jan 2025)."
    ]


def test_a_warning_does_not_stop_a_file(acme: Path) -> None:
    """What is odd in a template is reported, and the product comes in."""
    outcome = import_files(write(acme, cycle("1.0"), releaseLabel="{{ x | replace }}"))[0]
    assert (outcome.result, len(outcome.warnings)) == (Result.CREATED, 1)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """And none of the others."""
    outcome = next(importer.import_products([tmp_path], on=ON))
    assert outcome.result == Result.FAILED
    assert str(outcome.problems[0]).startswith("It cannot be read")


def test_what_the_database_refuses_is_reported(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product stays as it was, and the next file comes in, its new category with it."""
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


def test_two_files_cannot_be_one_product(tmp_path: Path) -> None:
    """The first wins, at the first import and at each later one."""
    first = write(tmp_path / "a.md", title="A")
    write(tmp_path / "b.md", title="B")
    for _ in range(2):
        assert problems_of(tmp_path) == [f"{first} is the product “acme” already."]
        assert str(Product.objects.get()) == "A"


def test_an_alias_of_one_cannot_be_another(tmp_path: Path) -> None:
    """Neither in the order of the files nor in the other one."""
    write(tmp_path / "a.md", permalink="/a", alternate_urls=["/x"])
    write(tmp_path / "x.md", permalink="/x")
    write(tmp_path / "y.md", permalink="/y", alternate_urls=["/a"])
    for _ in range(2):
        assert problems_of(tmp_path) == ["“x” is an alias of a.", "There is a product “a”."]


def test_an_alias_leads_to_one_product(tmp_path: Path) -> None:
    """The second one that claims it is refused, with the line."""
    write(tmp_path / "a.md", permalink="/a", alternate_urls=["/x"])
    write(tmp_path / "b.md", permalink="/b", alternate_urls=["/y", "/x"])
    problem = import_files(tmp_path)[1].problems[0]
    assert str(problem) == "line 6: alternate_urls[1]: “x” is an alias of a."


def test_an_alias_may_move_to_another_product(tmp_path: Path) -> None:
    """In one run, once the first has given it up."""
    first = write(tmp_path / "a.md", permalink="/a", alternate_urls=["/x"])
    import_files(first)
    write(first, permalink="/a")
    write(tmp_path / "b.md", permalink="/b", alternate_urls=["/x"])
    assert problems_of(tmp_path) == []
    assert Alias.objects.get().product.name == "b"


# ---- dry run


def test_a_dry_run_writes_nothing(acme: Path) -> None:
    """But says what would be done, for new and for known products."""
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


def test_a_dry_run_finds_names_that_files_share(tmp_path: Path) -> None:
    """As if the files before had been imported."""
    write(tmp_path / "a.md", permalink="/a", category="os")
    write(tmp_path / "b.md", permalink="/b", category="os", alternate_urls=["/a"])
    assert [outcome.result for outcome in import_files(tmp_path, dry_run=True)] == [
        Result.CREATED,
        Result.FAILED,
    ]


# ---- what it costs

# Of a run: products, aliases, past names, categories, tags.
OF_A_RUN = 5
# Of a new product: a savepoint and its release; the revision; product and its history; its tags
# before; aliases and identifiers to delete; fields before; cycles, releases and their histories.
OF_A_NEW_PRODUCT = 13
# Of a known one: a savepoint and its release; the revision; product, tags, aliases, identifiers,
# fields, cycles with former names and releases before; changed cycles, changed and new releases
# with their histories; provenance.
OF_A_CHANGED_PRODUCT = 18


def cost(path: Path) -> int:
    with CaptureQueriesContext(connection) as queries:
        import_files(path)
    return len(queries)


@pytest.mark.parametrize("count", [2, 20])
def test_a_product_costs_a_handful_of_queries(acme: Path, count: int) -> None:
    """However many cycles and releases it has (SQLite takes some 25 rows at a time)."""

    def cycles(eol: date, *versions: str) -> list[dict[str, object]]:
        releases = [{"version": version, "kind": "patch", "date": eol} for version in versions]
        return [cycle(str(n), eol=eol, releases=releases) for n in range(count)]

    assert cost(write(acme, *cycles(END, "a"))) <= OF_A_RUN + OF_A_NEW_PRODUCT
    assert cost(write(acme, *cycles(LATER, "a", "b"))) <= OF_A_RUN + OF_A_CHANGED_PRODUCT
    assert cost(acme) == OF_A_RUN


def test_a_product_that_vanished_from_the_bundle_is_flagged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the bundled catalogue no longer has stays, flagged, until it is there again."""
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


def test_migration_forgets_checks_that_were_imports() -> None:
    """A check that somebody made on another day stays."""
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
