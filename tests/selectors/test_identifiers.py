"""Identifiers of cycles name the product and the cycle in stacks and look-ups."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from releases.formats.stack.component import Component
from releases.models import Product, ReleaseCycle
from releases.selectors.stack import check_components
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

DEBIAN = "cpe:2.3:o:debian:debian_linux"


@pytest.fixture(autouse=True)
def postgresql() -> Product:
    """PostgreSQL, whose packages in Debian have the version in their names; Debian, by CPE."""
    product = make_product("postgresql", label="PostgreSQL")
    for name in ("17", "16"):
        row = make_cycle(product, name, eol="2030")
        row.identifiers.create(type="purl", value=f"pkg:deb/debian/postgresql-{name}")
        row.identifiers.create(type="purl", value="pkg:deb/debian/libpq5")
    debian = make_product("debian", label="Debian", category="os")
    for name, codename in (("13", "trixie"), ("12", "bookworm")):
        row = make_cycle(debian, name, codename=codename, eol="2030")
        row.identifiers.create(type="cpe", value=f"{DEBIAN}:{name}")
    return product


def component(purl: str = "", version: str = "", *cpes: str) -> Component:
    return Component("x", version, purl, cpes=cpes)


def parts(*components: Component) -> list[str]:
    return [str(each.part) for each in check_components(components, ON).items]


def cycles(client: Client, query: str) -> list[tuple[str, Any]]:
    (item,) = client.get(f"/api/v2/identify?{query}").json()["items"]
    return [
        (each["product"]["name"], each["cycle"] and each["cycle"]["name"])
        for each in item["matches"]
    ]


def test_component_belongs_to_the_cycle_of_its_identifier() -> None:
    """The address has its version if that leads to the same cycle, else the name of the cycle."""
    assert parts(component("pkg:deb/debian/postgresql-16", "16.4-1")) == ["postgresql:16.4-1"]
    assert parts(component("pkg:deb/debian/postgresql-16", "248")) == ["postgresql:16"]
    assert parts(component("pkg:deb/debian/postgresql-17")) == ["postgresql:17"]


def test_version_decides_between_cycles_that_share_an_identifier() -> None:
    assert parts(component("pkg:deb/debian/libpq5", "17.2")) == ["postgresql:17.2"]
    assert parts(component("pkg:deb/debian/libpq5", "9.6")) == []


def test_exact_cpe_is_that_of_a_cycle() -> None:
    assert parts(component("", "12", f"{DEBIAN}:12:*:*:*:*:*:*:*")) == ["debian:12.0"]
    assert check_components([component("", "11", f"{DEBIAN}:11")], ON).unknown


def test_exact_purl_is_that_of_a_cycle() -> None:
    row = ReleaseCycle.objects.get(name="16")
    row.identifiers.create(type="purl", value="pkg:generic/acme-base@2024.1")
    assert parts(component("pkg:generic/acme-base", "2024.1")) == ["postgresql:16"]


def test_identifier_of_a_cycle_wins_over_that_of_its_product(postgresql: Product) -> None:
    other = make_product("other")
    other.identifiers.create(type="purl", value="pkg:deb/debian/postgresql-16")
    assert parts(component("pkg:deb/debian/postgresql-16", "16.4")) == ["postgresql:16.4"]


def test_drafts_are_not_found(client: Client) -> None:
    ReleaseCycle.objects.filter(name="16").update(draft=True)
    assert parts(component("pkg:deb/debian/postgresql-16", "16.4")) == []
    assert cycles(client, "purl=pkg:deb/debian/postgresql-16@16.4") == []


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("purl=pkg:deb/debian/postgresql-16@16.4-1", [("postgresql", "16")]),
        ("purl=pkg:deb/debian/postgresql-16", [("postgresql", "16")]),
        ("purl=pkg:deb/debian/libpq5@17.2", [("postgresql", "17")]),
        ("purl=pkg:deb/debian/libpq5@9.6", [("postgresql", None)]),
        ("purl=pkg:deb/debian/libpq5", [("postgresql", None)]),
        (f"cpe={DEBIAN}:12:*:*:*:*:*:*:*", [("debian", "12")]),
        (f"cpe={DEBIAN}:11", []),
    ],
)
def test_look_up_names_the_cycle(client: Client, query: str, matches: list[Any]) -> None:
    assert cycles(client, query) == matches
