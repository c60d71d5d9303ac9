"""Old URLs of products and cycles redirect permanently and keep their query string."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from releases import selectors
from releases.models import CycleAlias, Identifier, Product, ReleaseCycle
from tests.factories import make_cycle, make_product
from tests.product_urls import product_urls, query_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on")]

OLD = list(product_urls("oldproduct", "oldcycle"))
OF_CYCLES = [address for address in OLD if "oldcycle" in address]


@pytest.fixture
def product() -> Product:
    product = make_product("newproduct", aliases=["oldproduct"], vendor="ACME")
    Identifier.objects.create(product=product, type="purl", value="pkg:generic/newproduct")
    return product


@pytest.fixture
def cycle(product: Product) -> ReleaseCycle:
    make_cycle(product, "next", release="2026-02-01", eol="2029-02-01")
    return make_cycle(
        product, "newcycle", aliases=["oldcycle"], release="2025-04-02", eol="2028-04-30"
    )


def follow(client: Client, address: str) -> tuple[list[tuple[str, int]], Any]:
    """Return the redirects of a URL with their status codes, and the final response."""
    response = client.get(address, follow=True)
    hops: list[tuple[str, int]] = response.redirect_chain
    return hops, response


def test_url_configuration_covers_every_kind_of_url() -> None:
    """Pages, feeds, calendars, images, badges, plans and every version of the API."""
    for expected in (
        "/oldproduct/",
        "/oldproduct/oldcycle/",
        "/oldproduct.svg",
        "/oldproduct.atom",
        "/oldproduct.rss",
        "/calendar/oldproduct.ics",
        "/upgrade/oldproduct/",
        "/upgrade/oldproduct.md",
        "/badges/oldproduct.svg",
        "/badges/oldproduct/oldcycle.json",
        "/api/oldproduct.json",
        "/api/oldproduct/oldcycle.json",
        "/api/v1/products/oldproduct",
        "/api/v1/products/oldproduct/releases/oldcycle",
        "/api/v2/products/oldproduct/verdict",
        "/api/v2/products/oldproduct/cycles/oldcycle/releases",
    ):
        assert expected in OLD


@pytest.mark.parametrize("address", OLD)
def test_old_url_redirects_to_the_new_one(
    client: Client, cycle: ReleaseCycle, address: str
) -> None:
    hops, response = follow(client, address + query_for(address, "newcycle"))
    assert hops
    assert {status for _, status in hops} == {301}
    assert response.status_code == 200, response.content
    path, _, query = hops[-1][0].partition("?")
    assert "old" not in path
    assert "newproduct" in path
    assert ("newcycle" in path) == ("oldcycle" in address)
    assert f"?{query}" == query_for(address, "newcycle")


@pytest.mark.parametrize("address", list(product_urls("newproduct", "oldcycle")))
def test_former_cycle_name_of_a_current_product_redirects(
    client: Client, cycle: ReleaseCycle, address: str
) -> None:
    hops, response = follow(client, address + query_for(address, "newcycle"))
    assert response.status_code == 200, response.content
    assert "oldcycle" not in (hops[-1][0] if hops else "")


@pytest.mark.parametrize("address", OF_CYCLES)
def test_urls_of_a_moved_cycle_redirect_to_its_new_product(client: Client, address: str) -> None:
    old, new = make_product("oldproduct"), make_product("newproduct")
    cycle = make_cycle(new, "newcycle", release="2025-04-02", eol="2028-04-30")
    CycleAlias.objects.create(product=old, cycle=cycle, name="oldcycle")
    hops, response = follow(client, address + query_for(address, "newcycle"))
    assert response.status_code == 200, response.content
    assert "/newproduct/" in hops[-1][0]


def test_redirects_are_revalidated(client: Client, cycle: ReleaseCycle) -> None:
    """Another row may use the name later, so that browsers must not keep the redirect."""
    for address in ("/oldproduct/", "/newproduct/oldcycle/", "/api/v2/products/oldproduct"):
        assert client.get(address)["Cache-Control"] == "public, no-cache"
    make_cycle(cycle.product, "oldcycle", release="2026-01-01")
    assert client.get("/newproduct/oldcycle/").status_code == 200


def test_name_in_use_takes_precedence_over_an_alias(client: Client, cycle: ReleaseCycle) -> None:
    """This applies once it is public, not while it is a draft."""
    draft = make_cycle(cycle.product, "oldcycle", release="2026-01-01", draft=True)
    other = make_product("oldproduct", draft=True)
    assert client.get("/newproduct/oldcycle/")["Location"] == "/newproduct/newcycle/"
    assert client.get("/oldproduct/")["Location"] == "/newproduct/"
    assert selectors.names_called(["oldproduct"])["oldproduct"] == "newproduct"
    for row in (draft, other):
        row.draft = False
        row.save()
    assert client.get("/newproduct/oldcycle/").status_code == 200
    assert client.get("/oldproduct/").status_code == 200
    assert client.get("/badges/newproduct/oldcycle.json").status_code == 200
    assert client.get("/api/v1/products/newproduct/releases/oldcycle").status_code == 200
    assert selectors.names_called(["oldproduct"])["oldproduct"] == "oldproduct"
    changes = client.get("/changes/?product=oldproduct").context["query"]
    assert changes.products == ("oldproduct",)


@pytest.mark.parametrize("pin", ["newproduct:oldcycle", "oldproduct:oldcycle"])
def test_pin_by_former_name(client: Client, cycle: ReleaseCycle, pin: str) -> None:
    """The roadmap shows the cycle once, and its calendar contains it."""
    found = client.get("/", {"pin": [pin, "newproduct:newcycle"]}).context["found"]
    assert [each.name for each in found.pinned] == ["newcycle"]
    assert not found.problems
    assert b"newcycle" in client.get("/roadmap.ics", {"pin": pin}).content


def test_former_name_of_a_draft_is_404(client: Client, cycle: ReleaseCycle) -> None:
    cycle.draft = True
    cycle.save()
    for address in OF_CYCLES:
        _, response = follow(client, address)
        assert response.status_code == 404


def test_unknown_cycle_of_a_renamed_product_keeps_its_name(
    client: Client, cycle: ReleaseCycle
) -> None:
    """The badge `latest` is no cycle, but exists under every name of a product."""
    assert client.get("/badges/oldproduct/latest.svg")["Location"] == (
        "/badges/newproduct/latest.svg"
    )
    assert client.get("/newproduct/nope/").status_code == 404


@pytest.mark.parametrize("name", ["a%00b", "%2e%2e", "x" * 200])
def test_impossible_cycle_name_is_404(client: Client, cycle: ReleaseCycle, name: str) -> None:
    for address in product_urls("oldproduct", name):
        _, response = follow(client, address)
        assert name not in address or response.status_code == 404
