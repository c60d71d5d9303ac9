"""The import of upgrade rules, which keeps local edits, and rules in product files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from releases.domain.upgrade.rules import RuleKind
from releases.models import Product, Source
from releases.services.export_products import product_record, product_texts, whole_products
from releases.services.imports.bundled import BundledOutcome
from releases.services.imports.import_products import import_texts
from releases.services.imports.upgrade_rules import import_upgrade_rules
from tests.conftest import ON
from tests.factories import make_product

pytestmark = pytest.mark.django_db

FILE = """---
kind: stops
summary: Two stops.
stops:
  - "1.5"
  - 2.5 at 2.5.9 if it is large
checkedOn: 2026-11-29
---
"""

PRODUCT = """---
title: Acme
category: server-app
upgradeRule:
  kind: lts
  others: next-supported
  maxStep: 2
  ladder:
    - "*.4"
releases:
  - {releaseCycle: "1.0"}
---
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, FILE)
    return tmp_path


@pytest.fixture
def django() -> Product:
    return make_product(source=Source.BUNDLED)


def write(folder: Path, text: str) -> None:
    (folder / "django.md").write_text(text, encoding="utf-8")


def run(folder: Path, *, dry_run: bool = False) -> BundledOutcome:
    (outcome,) = import_upgrade_rules(folder, dry_run=dry_run)
    return outcome


def test_rule_is_imported_once(django: Product, folder: Path) -> None:
    """The history records the reason."""
    outcome = run(folder)
    assert outcome.changed == ["rule_kind", "rule_summary", "rule_stops", "rule_checked_on"]
    django.refresh_from_db()
    rule = django.upgrade_rule
    assert (rule.kind, rule.summary, len(rule.stops)) == (RuleKind.STOPS, "Two stops.", 2)
    assert rule.checked_on == date(2026, 11, 29)
    assert django.history.first().history_change_reason == "import of upgrade rules"
    number = Product.history.count()
    outcome = run(folder)
    assert (outcome.changed, outcome.local_edits) == ([], [])
    assert Product.history.count() == number


def test_unedited_values_follow_the_file(django: Product, folder: Path) -> None:
    run(folder)
    write(folder, FILE.replace("Two stops.", "Some stops."))
    assert run(folder).changed == ["rule_summary"]
    assert Product.objects.get().rule_summary == "Some stops."


def test_local_edit_stays_and_is_reported_again(django: Product, folder: Path) -> None:
    run(folder)
    Product.objects.update(rule_summary="Ours.")
    write(folder, FILE.replace("Two stops.", "Some stops.").replace("2.5.9", "2.5.8"))
    for changed in (["rule_stops"], []):
        outcome = run(folder)
        assert (outcome.changed, outcome.local_edits) == (changed, ["rule_summary"])
    assert Product.objects.get().rule_summary == "Ours."


def test_rule_that_was_removed_here_stays_removed(django: Product, folder: Path) -> None:
    run(folder)
    Product.objects.update(rule_kind="")
    assert run(folder).local_edits == ["rule_kind"]
    assert Product.objects.get().rule_kind == ""


def test_rule_that_was_written_here_is_kept_whole(django: Product, folder: Path) -> None:
    Product.objects.update(rule_kind="any")
    outcome = run(folder)
    assert outcome.changed == []
    assert outcome.local_edits[0] == "rule_kind"
    assert Product.objects.get().rule_stops == ""


def test_product_created_here_gets_no_rule(folder: Path) -> None:
    make_product()
    assert list(import_upgrade_rules(folder)) == []


def test_dry_run_writes_nothing(django: Product, folder: Path) -> None:
    assert run(folder, dry_run=True).changed
    assert Product.objects.get().rule_kind == ""
    assert Product.objects.get().imported_rule is None


def test_unreadable_file_is_reported(django: Product, folder: Path) -> None:
    write(folder, "---\nkind: sideways\npaths: [2025]\nstop: x\n---\n")
    assert [str(problem) for problem in run(folder).problems] == [
        "line 4: stop: Expected one of kind, strength, basis, summary, fewer, others, ladder,"
        " order, lanes, stops, paths, preconditions, maxStep, portOn, tool, guide, source,"
        " checkedOn.",
        "line 2: kind: Expected one of any, each-major, each-cycle, lts, next-supported, stops,"
        " parallel, not-applicable, unknown.",
        "line 3: paths[0]: Expected a text, found the number 2025; put it in quotes.",
    ]
    assert Product.objects.get().rule_kind == ""


def test_deployment_imports_rules(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_products")
    assert "postgresql: upgrade rule imported: rule_kind" in capsys.readouterr().out
    assert Product.objects.get(name="postgresql").rule_kind == "any"
    call_command("import_products")
    assert "rule" not in capsys.readouterr().out


def test_product_file_has_a_rule_and_keeps_it(folder: Path) -> None:
    list(import_texts({"acme.md": PRODUCT}, on=ON))
    product = Product.objects.get()
    assert (product.rule_kind, product.rule_others, product.rule_max_step) == (
        "lts",
        "next-supported",
        2,
    )
    ((_, _, text),) = product_texts(whole_products())
    assert "upgradeRule:\n  kind: lts\n  others: next-supported\n" in text
    Product.objects.update(rule_summary="Edited.")
    (outcome,) = import_texts({"acme.md": text + "\nMore.\n"}, on=ON)
    assert "rule_summary" not in outcome.changes
    ((_, _, text),) = product_texts(whole_products())
    assert "  summary: Edited.\n" in text


def test_file_without_a_rule_states_nothing_about_it(folder: Path) -> None:
    list(import_texts({"acme.md": PRODUCT}, on=ON))
    without = PRODUCT.replace(PRODUCT[PRODUCT.index("upgradeRule") : PRODUCT.index("rel")], "")
    (outcome,) = import_texts({"acme.md": without}, on=ON)
    assert not outcome.problems
    assert Product.objects.get().rule_kind == "lts"


def test_exported_rule_is_the_imported_one(folder: Path) -> None:
    list(import_texts({"acme.md": PRODUCT}, on=ON))
    record = product_record(whole_products().get())
    assert {name: value for name, value in record.rule.items() if value not in ("", None)} == {
        "kind": "lts",
        "others": "next-supported",
        "ladder": "*.4",
        "max_step": 2,
    }


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("any", "upgradeRule: Expected keys and values (kind: any)."),
        ("{summary: x}", "upgradeRule.kind: A rule has a kind; it is “unknown” if the maker says"),
        ("{kind: any, others: any}", "upgradeRule.others: Cycles without LTS go to the next"),
        ("{kind: any, paths: [x]}", "upgradeRule.paths: “x”: expected a target and its sources:"),
        ("{kind: any, guide: x}", "upgradeRule.guide: “x” is not a web address (https://...)."),
        ("{kind: any, maxStep: 0}", "upgradeRule.maxStep: A step takes one stop at least."),
    ],
)
def test_bad_rule_is_refused_with_its_place(rule: str, message: str) -> None:
    text = f"---\ntitle: Acme\nupgradeRule: {rule}\nreleases: []\n---\n"
    (outcome,) = import_texts({"acme.md": text}, on=ON)
    assert message in str(outcome.problems[0])
