"""Imports of OpenEoX statements: matching, merging, refusals, and the way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from releases.domain.lifecycle.milestones import MILESTONES, format_milestone
from releases.domain.openeox import CORE_SCHEMA, PRODUCT_SCHEMA, SHELL_SCHEMA
from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle, Source
from releases.services.imports.import_run import Outcome, Result
from releases.services.imports.openeox import StatementImport
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

END = "2028-04-30T23:59:59Z"


def core(end: str = END, **values: str) -> dict[str, str]:
    return {
        "$schema": CORE_SCHEMA,
        "end_of_life": end,
        "end_of_security_support": end,
        "last_updated": "2026-11-01T00:00:00Z",
    } | values


def statement(
    version: str = "5.2", *, label: str = "Django", helper: Any = None, **values: str
) -> dict[str, Any]:
    return {
        "core": core(**values),
        "product": {
            "$schema": PRODUCT_SCHEMA,
            "vendor_name": "Django Software Foundation",
            "product_name": label,
            "product_version": version,
        },
        "product_identification_helper": helper or {"purls": ["pkg:pypi/django"]},
    }


def shell(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": SHELL_SCHEMA, "statements": list(statements)}


def run(document: Any, name: str = "acme.openeox.json", **options: Any) -> list[Outcome]:
    text = document if isinstance(document, str) else json.dumps(document)
    return list(StatementImport(**options).import_text(text, name, name))


def run_one(document: Any, name: str = "acme.openeox.json", **options: Any) -> Outcome:
    (outcome,) = run(document, name, **options)
    return outcome


def problem_of(document: Any, name: str = "acme.openeox.json") -> str:
    """Return the first problem, asserting that nothing was written."""
    before = everything()
    outcome = run_one(document, name)
    assert outcome.result is Result.FAILED
    assert everything() == before
    return str(outcome.problems[0])


def everything() -> list[Any]:
    return [
        *Product.objects.values_list("name", "label", "vendor"),
        *ReleaseCycle.objects.values_list("name", "eol_date", "eol_flag"),
        Product.history.count(),
        ReleaseCycle.history.count(),
    ]


def life(name: str = "5.2") -> dict[str, str]:
    """Return the milestones of a cycle as texts, without empty ones."""
    cycle = ReleaseCycle.objects.get(name=name)
    every = {each: format_milestone(getattr(cycle, each)) for each in MILESTONES}
    return {each: text for each, text in every.items() if text}


@pytest.fixture
def django() -> Product:
    """A product that was imported from a file."""
    product = make_product("django", label="Django", source=Source.FILE)
    Identifier.objects.create(product=product, type="purl", value="pkg:pypi/django")
    make_cycle(product, "6.0", release="2025-12-03", eol="2027-04")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04")
    of_cycles = {
        "6.0": {"release": "2025-12-03", "eol": "2027-04", "eoas": "", "eoes": ""},
        "5.2": {"release": "2025-04-02", "eol": "2028-04", "eoas": "2025-12-03", "eoes": ""},
    }
    product.imported = {"product": {}, "cycles": of_cycles, "order": ["6.0", "5.2"]}
    product.save()
    return product


def test_statement_of_the_core(django: Product) -> None:
    """The name of the file says which cycle it is about."""
    for name in ("x/django/5.2.openeox.json", "django@5.2.openeox.json"):
        updated = "2026-11-01T00:00:00Z" if "/" in name else "2026-11-02T00:00:00Z"
        end = "2028-06-30T23:59:59Z" if "/" in name else "2028-07-31T23:59:59Z"
        outcome = run_one(core(end, last_updated=updated), name)
        assert outcome.changes == ["eol of 5.2"]
        assert life()["eol"] == end[:10]
    last = ReleaseCycle.objects.get(name="5.2").history.first()
    assert last.history_change_reason == "OpenEoX: django@5.2.openeox.json"


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({}, {}),
        ({"end_of_life": "2030-01-01T00:00:00Z"}, {"eoes": "2030-01-01"}),
        ({"end_of_life": "tba"}, {"eoes": "no"}),
        ({"end_of_life": "tba", "end_of_security_support": "tba"}, {"eol": "no"}),
        ({"general_availability": "2025-04-05T00:00:00Z"}, {"release": "2025-04-05"}),
        ({"end_of_sales": "2027-01-31T00:00:00-11:00"}, {"discontinued": "2027-01-31"}),
    ],
)
def test_dates_of_a_statement(
    django: Product, values: dict[str, str], changed: dict[str, str]
) -> None:
    """A value with an equal statement is kept: Apr 2028 ends on 30 Apr 2028."""
    before = life()
    run_one(core() | values, "django@5.2.openeox.json")
    assert life() == before | changed


def test_older_statement_never_overwrites(django: Product) -> None:
    name = "django@5.2.openeox.json"
    run_one(core("2029-01-01T00:00:00Z", last_updated="2026-10-01T02:00:00+02:00"), name)
    outcome = run_one(core("2027-01-01T00:00:00Z", last_updated="2026-09-30T23:59:59Z"), name)
    assert outcome.result is Result.LEFT
    assert outcome.note == "a statement that is not older was imported before"
    assert "A newer statement about 5.2 was imported before (2026-10-01T02:00:00+02:00)." in str(
        outcome.warnings[0]
    )
    assert life()["eol"] == "2029-01-01"
    run_one(core("2027-01-01T00:00:00Z", last_updated="2026-10-01T00:00:01Z"), name)
    assert life()["eol"] == "2027-01-01"


def test_other_statement_of_the_same_time_never_overwrites(django: Product) -> None:
    """Neither is newer, so that the order of imports would decide."""
    run_one(shell(statement()))
    before = everything()
    changed = shell(statement(end="2029-01-01T00:00:00Z"))
    outcome = run_one(changed)
    assert outcome.result is Result.LEFT
    assert str(outcome.warnings[0]) == (
        "statements[0].core.last_updated: Another statement about 5.2 with the same time and other"
        " dates was imported before (2026-11-01T00:00:00Z)."
    )
    assert everything() == before
    news = statement("6.0", end="2027-05-01T00:00:00Z")
    assert run_one(shell(statement(), news)).changes == ["eol of 6.0"]


def test_same_statement_again_changes_nothing(django: Product) -> None:
    document = shell(statement(), statement("6.0", end="2027-05-01T00:00:00Z"))
    assert run_one(document).result is Result.UPDATED
    before = everything()
    assert run_one(document).result is Result.UNCHANGED
    assert everything() == before


def test_local_edit_stays_unless_it_is_accepted(django: Product) -> None:
    cycle = django.cycles.get(name="5.2")
    cycle.eol = ReleaseCycle.objects.get(name="6.0").eol
    cycle.save()
    document = json.dumps(core("2029-01-01T00:00:00Z"))
    name = "django@5.2.openeox.json"
    outcome = run_one(document, name, dry_run=True)
    assert outcome.local_edits == ["eol of 5.2"]
    (outcome,) = StatementImport().import_text(document, name, name, {"eol of 5.2": True})
    assert life()["eol"] == "2029-01-01"
    assert not outcome.local_edits


def test_date_of_a_statement_is_no_local_edit_of_the_next_one(django: Product) -> None:
    name = "django@5.2.openeox.json"
    for month in (5, 6):
        stated = core(f"2028-{month:02}-30T00:00:00Z", last_updated=f"2026-{month:02}-01T00:00:00Z")
        assert run_one(stated, name).local_edits == []
        assert life()["eol"] == f"2028-{month:02}-30"


def test_statements_match_by_identifier_before_title(django: Product) -> None:
    make_product("other", label="Other", source=Source.FILE)
    outcome = run_one(shell(statement(label="Other", end="2029-01-01T00:00:00Z")))
    assert (outcome.product, life()["eol"]) == ("django", "2029-01-01")
    helper = {"cpe": "cpe:2.3:a:nobody:nothing:*:*:*:*:*:*:*:*"}
    outcome = run_one(shell(statement("1", label="Other", helper=helper)))
    assert (outcome.product, outcome.changes) == ("other", ["cycle 1"])


def test_title_does_not_match_a_product_of_another_vendor(django: Product) -> None:
    django.vendor = "django software foundation"
    django.save()
    helper = {"purls": ["pkg:npm/django"]}
    assert run_one(shell(statement("7", helper=helper))).changes == ["cycle 7"]
    other = statement("8", helper=helper)
    other["product"]["vendor_name"] = "Nobody"
    assert problem_of(shell(other)) == (
        "statements[0].product.vendor_name: The product “django” here has this title, but its"
        " vendor is django software foundation. If it is the same, give it an identifier of the"
        " document."
    )


def test_statement_matches_a_cycle_by_its_identifier(django: Product) -> None:
    """The vendor may use another name for it."""
    CycleIdentifier.objects.create(
        cycle=django.cycles.get(name="5.2"), type="cpe", value="cpe:2.3:a:dp:django:5.2"
    )
    helper = {"cpe": "cpe:2.3:a:dp:django:5.2:*:*:*:*:*:*:*", "hashes": [], "x_generic_uris": []}
    assert run_one(shell(statement("5.2 LTS", helper=helper))).product == "django"
    assert django.cycles.count() == 2


def test_new_cycle_has_its_place_by_version(django: Product) -> None:
    outcome = run_one(shell(statement("6.1"), statement("4.2"), statement("6.0")))
    assert outcome.changes == ["eol of 6.0", "cycle 6.1", "cycle 4.2"]
    assert list(django.cycles.values_list("name", flat=True)) == ["6.1", "6.0", "5.2", "4.2"]


def test_new_product(client: Client) -> None:
    """It has vendor, title, identifier and cycles."""
    outcome = run_one(
        shell(
            statement("2", label="Acme Tool", helper={"purl": "pkg:npm/acme"}),
            statement(
                "1",
                label="Acme Tool",
                helper={"purls": ["pkg:npm/acme@1"]},
                end_of_life="2030-01-01T00:00:00Z",
            ),
        )
    )
    assert outcome.result is Result.CREATED
    product = Product.objects.get(name="acme-tool")
    assert (product.label, product.vendor) == ("Acme Tool", "Django Software Foundation")
    assert product.source == Source.FILE
    assert product.show_eoes
    assert [str(each) for each in product.identifiers.all()] == ["purl: pkg:npm/acme"]
    assert [str(each) for each in product.cycles.get(name="1").identifiers.all()] == [
        "purl: pkg:npm/acme@1"
    ]
    assert list(product.cycles.values_list("name", flat=True)) == ["2", "1"]
    assert client.get("/acme-tool/1/").status_code == 200


def test_several_products_in_one_document() -> None:
    """Each is a transaction of its own: a problem of one does not stop the others."""
    make_product("acme", label="ACME GmbH")
    nothing = {"cpe": "cpe:/a:x:nothing"}
    outcomes = run(
        shell(
            statement("1", label="Acme", helper=nothing),
            statement("1", label="Zeta", helper={"purl": "pkg:npm/zeta"}),
        )
    )
    assert [each.result for each in outcomes] == [Result.FAILED, Result.CREATED]
    assert "The existing product “acme” has another title" in str(outcomes[0].problems[0])
    assert not Product.objects.get(name="acme").cycles.exists()


def test_product_that_was_made_here_is_left_alone() -> None:
    """The same applies to product files."""
    make_cycle(make_product("django", label="Django"), "5.2")
    outcome = run_one(shell(statement()))
    assert (outcome.result, outcome.note) == (
        Result.LEFT,
        "a product of this name was made here",
    )


def test_deleted_cycle_stays_deleted(django: Product) -> None:
    run_one(shell(statement()))
    django.cycles.get(name="5.2").delete()
    newer = statement(last_updated="2026-11-02T00:00:00Z")
    assert run_one(shell(newer)).local_edits == ["deletion of 5.2"]


def test_renamed_cycle_is_found_by_its_former_name(django: Product) -> None:
    run_one(shell(statement()))
    cycle = django.cycles.get(name="5.2")
    cycle.name = "5.2-lts"
    cycle.save()
    cycle.aliases.create(product=django, name="5.2")
    older = statement(end="2027-01-01T00:00:00Z", last_updated="2026-10-01T00:00:00Z")
    assert run_one(shell(older)).warnings
    run_one(shell(statement(end="2029-01-01T00:00:00Z", last_updated="2026-11-02T00:00:00Z")))
    assert life("5.2-lts")["eol"] == "2029-01-01"


def test_import_of_a_file_keeps_the_last_statements(django: Product, tmp_path: Path) -> None:
    """For the file, a date from a statement is a local edit."""
    run_one(core("2029-01-01T00:00:00Z"), "django@5.2.openeox.json")
    file = tmp_path / "django.md"
    file.write_text(
        "---\ntitle: Django\npermalink: /django\nreleases:\n"
        "  - releaseCycle: '5.2'\n    releaseDate: 2025-04-02\n    eol: 2028-05-01\n---\n"
    )
    call_command("import_products", str(file), stdout=StringIO())
    assert life()["eol"] == "2029-01-01"
    older = core("2027-01-01T00:00:00Z", last_updated="2026-10-01T00:00:00Z")
    assert run_one(older, "django@5.2.openeox.json").warnings


def test_drafts(client: Client) -> None:
    run_one(shell(statement(label="Acme")), drafts=True)
    assert client.get("/acme/").status_code == 404
    assert Product.objects.get(name="acme").draft


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


def with_helper(helper: Any) -> dict[str, Any]:
    return shell(statement() | {"product_identification_helper": helper})


def with_product(**values: Any) -> dict[str, Any]:
    whole = statement()
    return shell(whole | {"product": whole["product"] | values})


CORE_NAME = "django@5.2.openeox.json"
REFUSALS = [
    ("{", "line 1: It is not JSON: Expecting property name enclosed in double quotes."),
    ("[" * 100_000, "It is nested too deeply."),
    (f'{{"a": {"9" * 5_000}}}', "A number has too many digits."),
    ('{"a": 1, "a": 2}', "The key “a” occurs twice in an object."),
    ('{"a": "\\u001b[31m"}', "A text contains control characters."),
    ('{"\\ud800": 1}', "A text contains control characters."),
    (json.dumps({f"k{n}": 1 for n in range(100_000)}), "$schema: Expected"),
    ("[]", "Expected keys and values."),
    ("{}", f"$schema: Expected {CORE_SCHEMA} or {SHELL_SCHEMA}, found nothing."),
    ({"$schema": "x"}, f"$schema: Expected {CORE_SCHEMA} or {SHELL_SCHEMA}, found the text “x”."),
    (without(core(), "end_of_life"), "end_of_life: This required key is missing."),
    (core("soon"), "end_of_security_support: Expected a date and time with its zone, such as"),
    (core() | {"end_of_life": 5}, "end_of_life: Expected a date and time as a text, found"),
    (core("2028-04-30T23:59:60Z"), "end_of_security_support: Expected a date and time"),
    (core(last_updated="tba"), "last_updated: Expected a date and time with its zone"),
    (
        core(last_updated="2026-11-23T00:00:00Z"),
        "last_updated: Expected the time of the last change, found a time in the future.",
    ),
    (core() | {"vendor": "x"}, "The key “vendor” is not in the schema: $schema,"),
    (
        core(general_availability="2029-01-01T00:00:00Z"),
        "general_availability: It is later than end_of_life (2028-04-30T23:59:59Z) (test 7.1.1",
    ),
    (shell(), "statements: Expected a list of statements, found an empty one."),
    ({"$schema": SHELL_SCHEMA, "statements": 5}, "statements: Expected a list of statements"),
    (shell({}), "statements[0].product: Expected keys and values, found nothing."),
    (shell(statement(), statement("2", end="x")), "statements[1].core.end_of_security_support: "),
    (with_product(product_version=""), "statements[0].product.product_version: Expected a text"),
    (with_product(vendor_name="x" * 300), "statements[0].product.vendor_name: The text has 300"),
    (with_product(product_version="a/b"), "statements[0].product.product_version: A cycle's name"),
    (
        with_product(**{"$schema": "x"}),
        "statements[0].product.$schema: Only software is supported.",
    ),
    (with_helper({}), "statements[0].product_identification_helper: Expected at least one way"),
    (
        with_helper({"purls": ["pypi/django"]}),
        "statements[0].product_identification_helper.purls[0]: Expected a package URL (pkg:…)",
    ),
    (with_helper({"cpe": 5}), "statements[0].product_identification_helper.cpe: Expected a text"),
    (
        shell(statement(), statement(end="2029-01-01T00:00:00Z")),
        "statements[1].core: Another statement about 5.2 has the same time but other dates.",
    ),
    (
        shell(statement("5.2.1")),
        "statements[0].product.product_version: 5.2.1 is a version of Django 5.2.",
    ),
    (
        shell(statement(label="長期", helper={"cpe": "cpe:/a:x:y"})),
        "statements[0].product.product_name: The address cannot be derived from “長期”",
    ),
]


@pytest.mark.parametrize(("document", "message"), REFUSALS, ids=lambda each: str(each)[:40])
def test_refusals(django: Product, document: Any, message: str) -> None:
    """The sentence names the JSON path and what was expected; nothing is written."""
    problem = problem_of(document, CORE_NAME)
    assert problem.startswith(message) or problem.partition(": ")[2].startswith(message)


@pytest.mark.parametrize("name", ["5.2.openeox.json", "django.json", "a b/c.openeox.json"])
def test_statement_of_the_core_needs_a_name(django: Product, name: str) -> None:
    assert "does not name its release cycle" in problem_of(core(), name)


def test_statement_of_the_core_creates_no_product() -> None:
    assert "There is no product “nope”" in problem_of(core(), "nope@1.openeox.json")


def test_identification_of_two_products(django: Product) -> None:
    other = make_product("other")
    Identifier.objects.create(product=other, type="purl", value="pkg:pypi/django")
    assert "Several products have these identifiers: django, other." in problem_of(
        shell(statement())
    )


def test_command(django: Product, tmp_path: Path) -> None:
    """It reads files and folders; a dry run writes nothing."""
    folder = tmp_path / "django"
    folder.mkdir()
    (folder / "5.2.openeox.json").write_text(json.dumps(core("2029-01-01T00:00:00Z")))
    (folder / "6.0.openeox.json").write_text(json.dumps(core("2029-02-01T00:00:00Z")))
    before, out = everything(), StringIO()
    call_command("import_openeox", str(tmp_path), "--dry-run", stdout=out)
    assert everything() == before
    assert "2 products: 0 created, 2 updated" in out.getvalue()
    call_command("import_openeox", str(tmp_path), stdout=StringIO())
    assert (life("5.2")["eol"], life("6.0")["eol"]) == ("2029-01-01", "2029-02-01")
    (folder / "7.openeox.json").write_text("{")
    out = StringIO()
    with pytest.raises(CommandError, match="could not be imported"):
        call_command("import_openeox", str(folder), stdout=out)
    assert "7.openeox.json: line 1: It is not JSON" in out.getvalue()
    with pytest.raises(CommandError, match="There is no file or folder nope"):
        call_command("import_openeox", "nope")


def test_a_copy_has_the_time_of_its_original(client: Client, django: Product) -> None:
    """Until the cycle is changed here."""
    run_one(core("2029-01-01T00:00:00Z"), "django@5.2.openeox.json")
    exported = client.get("/django/5.2.openeox.json").json()
    assert exported["last_updated"] == "2026-11-01T00:00:00Z"
    cycle = django.cycles.get(name="5.2")
    cycle.release = None
    cycle.save()
    changed = client.get("/django/5.2.openeox.json").json()["last_updated"]
    assert datetime.fromisoformat(changed) > datetime(2026, 11, 21, tzinfo=UTC)
