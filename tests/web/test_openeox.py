"""OpenEoX documents of cycles, products and views."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from pytest_django import DjangoAssertNumQueries
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from releases import selectors
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.openeox import (
    CORE_SCHEMA,
    Core,
    core_from,
    failed_recommendations,
    failed_tests,
    stamp_text,
)
from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle
from releases.presentation.openeox import statement_of
from releases.selectors.product import products_in_full
from releases.services.imports.import_run import Result
from releases.services.imports.openeox import StatementImport
from tests.conftest import CATALOGUE
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

SCHEMAS = Path(__file__).parent.parent / "openeox"
TBD = "https://docs.oasis-open.org/openeox/tbd/schema/"
HELPER = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "cpe": {"type": "string", "pattern": r"^cpe:(2\.3:[aho*-](:[^:]+){10}$|/[aho])"},
        "purls": {"type": "array", "minItems": 1, "items": {"pattern": "^pkg:"}},
    },
    "additionalProperties": False,
}
"""The part of the schema of CSAF that documents of this site need."""


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text())


def registry() -> Registry[Any]:
    """Return the schemas; the names of types that the draft misspells are corrected."""
    product = schema("product_software.json")
    for key, prop in product["properties"].items():
        prop["$ref"] = f"#/$defs/{'schema' if key == '$schema' else key}_t"
    nothing: dict[str, Any] = {"not": {}}
    csaf = {
        "$defs": {"full_product_name_t": {"properties": {"product_identification_helper": HELPER}}}
    }
    found: Registry[Any] = Registry()
    for uri, contents in {
        f"{TBD}core.json": schema("eox-core.json"),
        f"{TBD}product_software.json": product,
        f"{TBD}product_hardware.json": nothing,
        f"{TBD}product_hardware_with_software.json": nothing,
        "https://docs.oasis-open.org/csaf/csaf/v2.1/csaf_json_schema.json": csaf,
    }.items():
        found = found.with_resource(uri, DRAFT202012.create_resource(contents))
    return found


CHECKER = Draft202012Validator.FORMAT_CHECKER
CORE = Draft202012Validator(schema("eox-core.json"), format_checker=CHECKER)
SHELL = Draft202012Validator(schema("eox-shell.json"), registry=registry(), format_checker=CHECKER)


def check(document: dict[str, Any]) -> None:
    """Check a document by the schemas and the tests of the specification."""
    if document["$schema"] == CORE_SCHEMA:
        CORE.validate(document)
        cores = [document]
    else:
        SHELL.validate(document)
        cores = [each["core"] for each in document["statements"]]
    for core in map(core_from, cores):
        assert failed_tests(core) == failed_recommendations(core) == []


@pytest.fixture
def django() -> Product:
    product = make_product(
        "django", label="Django", aliases=["dj"], vendor="Django Software Foundation"
    )
    Identifier.objects.create(product=product, type="repology", value="python:django")
    Identifier.objects.create(product=product, type="purl", value="pkg:pypi/django")
    Identifier.objects.create(product=product, type="purl", value="pkg:deb/debian/django")
    make_cycle(product, "6.0", release="2025-12-03", eol="2027-04")
    make_cycle(product, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30")
    make_cycle(product, "1.0", release="2008-09-03", eol="yes")
    return product


def test_a_test_of_the_validators(django: Product, client: Client) -> None:
    """They find what is wrong."""
    document = client.get("/django/5.2.openeox.json").json()
    assert list(CORE.iter_errors(document | {"end_of_life": "2028-04-30"}))
    assert list(CORE.iter_errors(document | {"vendor": "x"}))
    shell = client.get("/django.openeox.json").json()
    shell["statements"][0]["product"]["vendor_name"] = ""
    assert list(SHELL.iter_errors(shell))
    shell["statements"][0]["core"] = document | {"end_of_life": "soon"}
    assert list(SHELL.iter_errors(shell))


def test_statement_about_a_cycle(client: Client, django: Product) -> None:
    response = client.get("/django/5.2.openeox.json")
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'inline; filename="django@5.2.openeox.json"'
    assert response["Access-Control-Allow-Origin"] == "*"
    check(response.json())
    written = django.cycles.get(name="5.2").history.get()
    assert response.json() == {
        "$schema": "https://docs.oasis-open.org/openeox/v1.0/schema/core.json",
        "end_of_life": "2028-04-30T23:59:59Z",
        "end_of_security_support": "2028-04-30T23:59:59Z",
        "general_availability": "2025-04-02T00:00:00Z",
        "last_updated": stamp_text(written.history_date),
    }


def test_cycle_without_a_statement(client: Client, django: Product) -> None:
    """The answer says why."""
    response = client.get("/django/1.0.openeox.json")
    assert response.status_code == 404
    assert response.json() == {
        "product": "django",
        "cycle": "1.0",
        "reason": "Its support ended on an unknown day.",
    }


@pytest.mark.parametrize("path", ["/django/5.2.openeox.json", "/django.openeox.json"])
def test_earlier_records_are_those_of_a_view(client: Client, django: Product, path: str) -> None:
    """The present statements would be taken for those of that day."""
    response = client.get(f"{path}?known_on=2026-11-20")
    assert response.status_code == 400
    view = "/roadmap.openeox.json?product=django&known_on=2026-11-20"
    assert response.json() == {
        "problems": [{"name": "known_on", "message": f"Only views have earlier records: {view}"}]
    }
    assert client.get(f"{path}?on=2030-01-01").json() == client.get(path).json()


def test_projection_is_no_statement(client: Client, django: Product) -> None:
    """A reader would take it for the vendor's."""
    make_cycle(django, "7.0", release="2027-12", eol="2029-04", unconfirmed=True)
    response = client.get("/django/7.0.openeox.json")
    assert response.status_code == 404
    assert response.json()["reason"] == "Its dates are an unconfirmed projection."
    assert len(client.get("/django.openeox.json").json()["statements"]) == 2


def test_former_names_redirect(client: Client, django: Product) -> None:
    for path in ("/dj/5.2.openeox.json", "/dj.openeox.json"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (301, path.replace("dj", "django"))
    assert client.get("/django/9.openeox.json").status_code == 404
    assert client.get("/nope.openeox.json").status_code == 404


def test_document_of_a_product(client: Client, django: Product) -> None:
    """It has the cycles in the order of the page, each with the main identifier."""
    document = client.get("/django.openeox.json").json()
    check(document)
    first, second = document["statements"]
    assert first["product"] == {
        "$schema": "https://docs.oasis-open.org/openeox/tbd/schema/product_software.json",
        "product_name": "Django",
        "product_version": "6.0",
        "vendor_name": "Django Software Foundation",
    }
    assert first["product_identification_helper"] == {"purls": ["pkg:pypi/django"]}
    assert second["core"] == client.get("/django/5.2.openeox.json").json()


def test_identifier_of_a_cycle_comes_first(client: Client, django: Product) -> None:
    cycle = django.cycles.get(name="5.2")
    CycleIdentifier.objects.create(
        cycle=cycle, type="cpe", value="cpe:2.3:a:djangoproject:django:5.2"
    )
    document = client.get("/django.openeox.json").json()
    check(document)
    helpers = [each["product_identification_helper"] for each in document["statements"]]
    assert helpers == [
        {"purls": ["pkg:pypi/django"]},
        {"cpe": "cpe:2.3:a:djangoproject:django:5.2:*:*:*:*:*:*:*"},
    ]


@pytest.mark.parametrize(
    ("vendor", "identifier", "reason"),
    [
        ("", "pkg:pypi/django", "No vendor of the product is recorded."),
        ("DSF", "", "Neither a package URL (purl) nor a CPE name is recorded."),
    ],
)
def test_product_without_a_document(
    client: Client, vendor: str, identifier: str, reason: str
) -> None:
    """The answer lists the cycles with the reasons."""
    product = make_product("django", vendor=vendor)
    if identifier:
        Identifier.objects.create(product=product, type="purl", value=identifier)
    make_cycle(product, "5.2", eol="2028-04-30")
    response = client.get("/django.openeox.json")
    assert response.status_code == 404
    assert response.json() == {
        "left_out": [{"product": "django", "cycle": "5.2", "reason": reason}]
    }
    assert client.get("/django/5.2.openeox.json").status_code == 200


def test_document_of_a_view(client: Client, django: Product) -> None:
    """It takes the parameters of the other exports."""
    make_cycle(make_product("other"), "1", eol="2028-01-01")
    document = client.get("/roadmap.openeox.json?pin=django:5.2&all=django").json()
    check(document)
    versions = [each["product"]["product_version"] for each in document["statements"]]
    assert versions == ["5.2", "6.0"]
    assert client.get("/roadmap.openeox.json?product=other").status_code == 404
    assert client.get("/roadmap.openeox.json?on=soon").status_code == 400


@pytest.mark.parametrize("count", [2, 6])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        product = make_product(f"p{number}", vendor="V")
        make_cycle(product, "1", eol="2028-01-01")
        make_cycle(product, "2", eol="2029-01-01")
    # product with category, tags, aliases, custom fields, identifiers, cycles, releases; imported
    # statements, history
    with django_assert_num_queries(9):
        client.get("/p1/1.openeox.json")
    with django_assert_num_queries(10):  # and identifiers of cycles
        client.get("/p1.openeox.json")
    # 8 of the roadmap, and identifiers of products and cycles, imported statements, history
    with django_assert_num_queries(12):
        client.get("/roadmap.openeox.json")


# ---- real catalogues


REASONS = {
    "Its dates are an unconfirmed projection.",
    "No end of support is recorded.",
    "Its support ended on an unknown day.",
    "Its extended support ended on an unknown day.",
}


Place = tuple[str, str]


def documents() -> tuple[dict[Place, dict[str, str]], dict[Place, str]]:
    """Return the document of each cycle by its names, or the reason why there is none."""
    found, left_out = {}, {}
    for product in products_in_full():
        times = selectors.statement_times(product.cycles.all())
        for cycle in product.cycles.all():
            core = statement_of(product, cycle, times.get(cycle.pk))
            place = product.name, cycle.name
            if isinstance(core, Core):
                found[place] = core.data
            else:
                left_out[place] = core.reason
    return found, left_out


def shells(client: Client) -> dict[str, Any]:
    """Return the documents of all products that have one, by product."""
    found = {}
    for name in Product.objects.values_list("name", flat=True):
        response = client.get(f"/{name}.openeox.json")
        if response.status_code == 200:
            found[name] = response.json()
    return found


def day_on_page(cycle: ReleaseCycle, key: str) -> str:
    """Return the day that the page of a cycle counts to or from."""
    values = {
        "general_availability": cycle.release,
        "end_of_sales": cycle.discontinued,
        "end_of_security_support": cycle.lifecycle.support_end,
    }
    value = values[key]
    return value.date.isoformat() if isinstance(value, PartialDate) else "tba"


def check_catalogue(client: Client) -> None:
    """Check that each cycle has a valid document with the days of its page, or a reason."""
    found, left_out = documents()
    assert len(found) + len(left_out) == ReleaseCycle.objects.count()
    assert set(left_out.values()) <= REASONS
    cycles = {
        (each.product.name, each.name): each
        for each in ReleaseCycle.objects.select_related("product")
    }
    for place, document in found.items():
        check(document)
        for key in document.keys() - {"$schema", "last_updated", "end_of_life"}:
            assert document[key].partition("T")[0] == day_on_page(cycles[place], key), place
    for name, cycle in list(found)[::50]:
        response = client.get(reverse("releases:cycle_openeox", args=[name, cycle]))
        assert response.json() == found[name, cycle]
    for product in Product.objects.filter(vendor=""):
        product.vendor = f"Makers of {product.label}"
        product.save()
    every = shells(client)
    assert every
    for document in every.values():
        check(document)


def check_way_back(client: Client) -> None:
    """Export, import into an empty site, and export again: equal, also per cycle."""
    before = shells(client)
    cores, _ = documents()
    Product.objects.all().delete()
    Product.history.all().delete()
    for document in before.values():
        (outcome,) = StatementImport().import_text(json.dumps(document), "x.json", "x.json")
        assert outcome.result is Result.CREATED, outcome
        assert not outcome.warnings
    labels = {each["statements"][0]["product"]["product_name"]: each for each in before.values()}
    after = {
        each["statements"][0]["product"]["product_name"]: each for each in shells(client).values()
    }
    assert after == labels
    again, left_out = documents()
    assert not left_out
    assert all(cores.get(place, document) == document for place, document in again.items())


def test_bundled_catalogue(client: Client) -> None:
    call_command("import_products", stdout=StringIO())
    check_catalogue(client)
    check_way_back(client)


@pytest.mark.catalogue
def test_shared_catalogue(client: Client) -> None:
    """All cycles of the 60 products are valid, or listed with the reason."""
    call_command("import_products", str(CATALOGUE / "products"), stdout=StringIO())
    check_catalogue(client)
    check_way_back(client)
