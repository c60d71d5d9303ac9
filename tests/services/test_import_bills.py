"""Lifecycle dates of CycloneDX files as proposals to the editors."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from releases.domain.cyclonedx import PREFIX
from releases.domain.lifecycle.milestones import format_milestone
from releases.formats.stack.content import Content
from releases.models import Identifier, Product, ReleaseCycle
from releases.models.revision import Revision
from releases.presentation.stack.cyclonedx import enriched_bill
from releases.services.editing.accept import accept, digest_of, local_edits
from releases.services.editing.import_bills import BillOutcome, import_bills
from releases.services.editing.local_edits import edited_products
from releases.services.editing.proposals import discard_proposals
from releases.services.imports.store import product_to_update
from tests.conftest import ON
from tests.factories import make_cycle, make_product
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def acme(tmp_path: Path) -> Product:
    """A product of a file."""
    import_eol(tmp_path, date(2028, 1, 1))
    return Product.objects.get()


def import_eol(folder: Path, eol: date) -> None:
    """Import the file of the product with this end of its cycle 2.1."""
    cycles = (
        cycle("2.1", releaseDate=date(2025, 2, 1), eol=eol),
        cycle("2.0", releaseDate=date(2024, 2, 1), eol=date(2027, 1, 1)),
    )
    import_files(write(folder / "acme.md", *cycles, identifiers=[{"purl": "pkg:npm/acme"}]))


def component(version: str, name: str = "acme", **dates: str) -> dict[str, Any]:
    properties = [{"name": f"{PREFIX}{key}", "value": value} for key, value in dates.items()]
    purl = f"pkg:npm/{name}@{version}"
    return {"type": "library", "name": name, "purl": purl, "properties": properties}


def run(folder: Path, *components: Any, dry_run: bool = False, **keys: Any) -> BillOutcome:
    path = folder / "vendor.cdx.json"
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components, **keys}
    path.write_text(json.dumps(bill))
    (outcome,) = import_bills([path], on=ON, dry_run=dry_run)
    return outcome


def public() -> list[tuple[str, dict[str, str]]]:
    """Return the milestones of the public cycles."""
    return [
        (each.name, {name: format_milestone(getattr(each, name)) for name in ("release", "eol")})
        for each in ReleaseCycle.objects.public().order_by("name")
    ]


def keys_of(product: Product) -> list[str]:
    return [each.key for each in local_edits(product_to_update(product.name))]


def state() -> tuple[Any, ...]:
    """Return all that an import could write."""
    history: Any = ReleaseCycle.history
    imported = list(Product.objects.values_list("imported", flat=True))
    return imported, list(ReleaseCycle.objects.values()), history.count()


# ---- proposals


def test_date_that_differs_is_proposed(tmp_path: Path, acme: Product) -> None:
    """Nothing public changes, and no cached page becomes outdated."""
    before, revision = public(), Revision.objects.get()
    found = run(tmp_path, component("2.1.7", endOfSupport="2028-06-30"))
    assert found.proposed == ["Acme 2.1: end of security support 30 Jun 2028, here 1 Jan 2028"]
    assert (found.drafts, found.unused, found.problems) == ([], [], [])
    assert public() == before
    assert Revision.objects.get() == revision
    assert keys_of(acme) == ["proposal:eol of 2.1"]
    assert [each.product for each in edited_products(ON).products] == [acme]


def test_proposal_is_accepted(tmp_path: Path, acme: Product) -> None:
    run(tmp_path, component("2.1.7", endOfSupport="2028-06-30", endOfDevelopment="2026-01-01"))
    edits = local_edits(product_to_update("acme"))
    assert [each.name for each in edits] == ["eoas of 2.1", "eol of 2.1"]
    accept("acme", ["proposal:eol of 2.1"], seen=digest_of(edits), reason="they say so")
    assert dict(public())["2.1"]["eol"] == "2028-06-30"
    # The file still has the former date.
    assert keys_of(acme) == ["file:eol of 2.1", "proposal:eoas of 2.1"]
    discard_proposals("acme")
    assert keys_of(acme) == ["file:eol of 2.1"]
    acme.refresh_from_db()
    assert "cyclonedx" not in (acme.imported or {})


def test_proposals_survive_an_import_of_the_file(tmp_path: Path, acme: Product) -> None:
    run(tmp_path, component("2.1.7", endOfSupport="2028-06-30"))
    import_eol(tmp_path, date(2028, 2, 2))
    assert dict(public())["2.1"]["eol"] == "2028-02-02"
    assert keys_of(acme) == ["proposal:eol of 2.1"]


def test_later_file_replaces_proposals_of_the_same_dates(tmp_path: Path, acme: Product) -> None:
    run(tmp_path, component("2.1.7", endOfSupport="2028-06-30", endOfDevelopment="2026-01-01"))
    run(tmp_path, component("2.1.8", endOfSupport="2028-01-01"))
    assert keys_of(acme) == ["proposal:eoas of 2.1"]


def test_proposals_follow_a_renamed_cycle(tmp_path: Path, acme: Product) -> None:
    run(tmp_path, component("2.1.7", endOfSupport="2028-06-30"))
    row = ReleaseCycle.objects.get(name="2.1")
    row.name = "2.1-lts"
    row.save()
    row.aliases.create(product=acme, name="2.1")
    assert "proposal:eol of 2.1-lts" in keys_of(acme)


def test_end_of_support_is_that_of_extended_support(tmp_path: Path, acme: Product) -> None:
    both = {"endOfGuaranteedSupport": "2028-01-01", "endOfSupport": "2030-01-01"}
    found = run(tmp_path, component("2.1.7", **both))
    assert found.proposed == ["Acme 2.1: end of extended support 1 Jan 2030, here nothing"]
    ReleaseCycle.objects.filter(name="2.0").update(eoes_flag=True)
    found = run(tmp_path, component("2.0.7", endOfSupport="2029-01-01"))
    assert found.proposed == ["Acme 2.0: end of extended support 1 Jan 2029, here yes"]


@pytest.mark.parametrize(("version", "used"), [("2.1", True), ("2.1.0", True), ("2.1.3", False)])
def test_release_of_a_patch_is_not_that_of_its_cycle(
    tmp_path: Path, version: str, used: bool
) -> None:
    found = run(tmp_path, component(version, generalAvailability="2025-03-03"))
    assert bool(found.proposed) is used


@pytest.mark.parametrize(
    ("text", "eol"),
    [
        ("2028-06-30T23:59:59Z", "30 Jun 2028"),
        ("2028-06-30T00:00:00+14:00", "30 Jun 2028"),
        ("20280630", "30 Jun 2028"),
        ("2028-06", "Jun 2028"),
        ("2028", "2028"),
    ],
)
def test_dates_and_timestamps_are_read(tmp_path: Path, text: str, eol: str) -> None:
    found = run(tmp_path, component("2.1", endOfSupport=text))
    assert found.proposed == [f"Acme 2.1: end of security support {eol}, here 1 Jan 2028"]


def test_own_dates_propose_nothing(tmp_path: Path) -> None:
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6"}
    text = json.dumps(bill | {"components": [component("2.1.7"), component("2.0")]})
    path = tmp_path / "bom.json"
    path.write_text(enriched_bill(Content.decode(text), ON).text)
    (found,) = import_bills([path], on=ON)
    assert found == BillOutcome(str(path))


def test_subject_of_the_bill_is_read(tmp_path: Path) -> None:
    """A vendor states the dates of its own product there."""
    subject = component("2.1.7", endOfSupport="2028-06-30")
    assert run(tmp_path, metadata={"component": subject}).proposed


# ---- drafts


def test_unknown_cycle_becomes_a_draft(tmp_path: Path, acme: Product) -> None:
    before = public()
    new = component("2.2.1", generalAvailability="2026-09-09", endOfSupport="2029-01-01")
    assert run(tmp_path, new).drafts == ["Acme 2.2: end of security support 1 Jan 2029"]
    row = ReleaseCycle.objects.get(name="2.2")
    assert (row.draft, row.requested_on, format_milestone(row.eol)) == (True, ON, "2029-01-01")
    assert public() == before
    assert run(tmp_path, new) == BillOutcome(str(tmp_path / "vendor.cdx.json"))
    row.delete()
    (reason,) = run(tmp_path, new).unused
    assert "2.2 was deleted or renamed here" in reason
    assert not ReleaseCycle.objects.filter(name="2.2").exists()


def test_name_of_an_unknown_cycle_is_not_guessed(tmp_path: Path, acme: Product) -> None:
    make_cycle(acme, "1")
    (reason,) = run(tmp_path, component("2.2.1", endOfSupport="2029-01-01")).unused
    assert reason == "components[0]: acme 2.2.1: its release cycle is not known."


def test_draft_with_dates_out_of_order_is_refused(tmp_path: Path) -> None:
    before = state()
    new = component("2.2.0", generalAvailability="2030-09-09", endOfSupport="2029-01-01")
    (problem,) = run(tmp_path, component("2.1", endOfSupport="2028-06-30"), new).problems
    assert "components[1].properties: The end of security support (1 Jan 2029) is" in str(problem)
    assert state() == before


# ---- what is not used, and what is refused


def test_statements_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    other = make_product("other")
    for product in (other, make_product("another")):
        Identifier.objects.create(product=product, type="purl", value="pkg:npm/shared")
    found = run(
        tmp_path,
        component("1.0", "unknown", endOfSupport="2028-06-30"),
        component("1.0", "shared", endOfSupport="2028-06-30"),
        component("", endOfSupport="2028-06-30"),
        component("2.1", endOfLife="2028-06-30"),
        component("2.1", endOfSupport="2028-06-30") | {"purl": "pkg:deb/debian/acme@2.1"},
    )
    assert found.unused == [
        "components[3]: acme 2.1: no milestone corresponds to cdx:lifecycle:milestone:endOfLife.",
        "components[2]: acme: it has no exact version.",
        "components[4]: acme 2.1: a distribution packages it and supports it on other terms.",
        "components[0]: unknown 1.0: it is not in the catalogue.",
        "components[1]: shared 1.0: several products share its identifier.",
    ]


def test_statements_without_a_milestone_are_named(tmp_path: Path) -> None:
    found = run(tmp_path, component("2.1.7", endOfLife="2028-06-30"))
    assert found.unused == [
        "components[0]: acme 2.1.7: no milestone corresponds to cdx:lifecycle:milestone:endOfLife."
    ]
    assert (found.proposed, found.problems) == ([], [])


def test_conflicting_statements_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    before = state()
    found = run(
        tmp_path,
        component("2.0", endOfSupport="2027-06-30"),
        component("2.1.1", endOfSupport="2028-06-30"),
        component("2.1.2", endOfSupport="2028-06-29"),
    )
    assert list(map(str, found.problems)) == [
        "line 1: components[2]: cdx:lifecycle:milestone:endOfSupport of Acme 2.1 is 2028-06-29, but"
        " 2028-06-30 at components[1]."
    ]
    assert (found.proposed, state()) == ([], before)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ([("endOfSupport", "soon")], "“soon” is not an ISO 8601 date or timestamp"),
        ([("endOfSupport", "no")], "“no” is not an ISO 8601 date or timestamp"),
        ([("endOfSupport", "2028-02-30")], "“2028-02-30” is not a day of the calendar."),
        (
            [("endOfSupport", "2028-01-01"), ("endOfSupport", "2028-01-02")],
            "cdx:lifecycle:milestone:endOfSupport is 1 Jan 2028 and 2 Jan 2028.",
        ),
        ([], "No component has lifecycle dates"),
    ],
)
def test_values_that_cannot_be_read_are_refused(
    tmp_path: Path, properties: list[tuple[str, str]], message: str
) -> None:
    listed = [{"name": f"{PREFIX}{name}", "value": value} for name, value in properties]
    (problem,) = run(tmp_path, component("2.1") | {"properties": listed}).problems
    assert message in str(problem)


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    before = state()
    dates = [component(version, endOfSupport="2028-06-30") for version in ("2.1", "2.2.0")]
    found = run(tmp_path, *dates, dry_run=True)
    assert found.proposed
    assert found.drafts
    assert state() == before


# ---- the command, and the page


def test_command(tmp_path: Path) -> None:
    run(tmp_path, component("2.1", endOfSupport="2028-06-30"), dry_run=True)
    path, out = tmp_path / "vendor.cdx.json", StringIO()
    with pytest.raises(CommandError, match="Some files could not be imported"):
        call_command("import_cyclonedx", str(path), str(tmp_path / "no.json"), stdout=out)
    assert out.getvalue().splitlines() == [
        f"{path}: proposed: Acme 2.1: end of security support 30 Jun 2028, here 1 Jan 2028",
        f"{tmp_path}/no.json: not imported: It cannot be read: No such file or directory.",
        "1 proposed, 0 drafts, 0 unused.",
    ]


def test_page_of_local_edits_shows_and_discards_proposals(
    tmp_path: Path, acme: Product, admin_client: Client
) -> None:
    run(tmp_path, component("2.1", endOfSupport="2028-06-30"))
    address = f"/admin/releases/product/{acme.pk}/kept/"
    html = admin_client.get(address).text
    assert "vendor.cdx.json" in html
    assert 'name="discard"' in html
    assert "A CycloneDX file proposes these values." in html
    assert "edited here" not in html
    answer = admin_client.post(address, {"discard": "1"}, follow=True)
    assert "The proposals were discarded." in answer.text
    assert keys_of(acme) == []


def test_product_made_here_has_proposals(tmp_path: Path, admin_client: Client) -> None:
    product = make_product("own")
    Identifier.objects.create(product=product, type="purl", value="pkg:npm/own")
    make_cycle(product, "1", eol="2028")
    run(tmp_path, component("1.2", "own", endOfSupport="2028-06-30"))
    html = admin_client.get(f"/admin/releases/product/{product.pk}/change/").text
    assert "1 local edit</a>" in html
    assert [each.product for each in edited_products(ON).products] == [product]
