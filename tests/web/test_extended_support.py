"""Extended support that is not free does not count as support in any output."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.status import Status, end_reached
from releases.models import Product, ReleaseCycle
from releases.services.imports.import_products import BUNDLED, import_products
from tests.conftest import ON
from tests.factories import make_cycle, make_product

NOT_SUPPORTED = {Status.EXTENDED.value, Status.END_OF_LIFE.value}
LAST_DAY = "30 Apr 2025"


def make_nodejs(terms: str = "contract", *, eoes: str = "no") -> Product:
    """Create Node.js with a supported cycle and one that has commercial support only."""
    product = make_product(
        "nodejs",
        label="Node.js",
        aliases=["node"],
        show_eoes=True,
        eoes_label="Commercial Support",
        extended_terms=terms,
    )
    make_cycle(product, "24", release="2025-05-06", eol="2028-04-30", latest="24.1.0")
    make_cycle(product, "18", release="2022-04-19", eol="2025-04-30", eoes=eoes, latest="18.20.8")
    return product


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return plain_text(answer.content.decode())


def plain_text(page: str) -> str:
    """Return the visible text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page)).split())


def data(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.json()


def check(client: Client, body: str, query: str = "") -> Any:
    answer = client.post(f"/api/v2/check?fail_on=eol{query}", body, content_type="text/plain")
    assert answer.status_code == 200
    return answer.json()


# ---- one cycle, every output ---------------------------------------------------------------------


@pytest.mark.django_db
def test_cycle_page_states_first_that_support_has_ended(client: Client) -> None:
    """It then names the extended support as the product does, followed by the advice."""
    make_nodejs()
    assert (
        "Security support ended on 30 Apr 2025. Commercial support continues; no end announced."
        " Upgrade, unless you have commercial support."
    ) in text(client, "/nodejs/18/")


@pytest.mark.django_db
@pytest.mark.parametrize("terms", ["", "paid", "contract"])
def test_product_page_has_a_separate_group_for_extended_support(client: Client, terms: str) -> None:
    make_nodejs(terms)
    page = client.get("/nodejs/").content.decode()
    word = "Paid" if terms == "paid" else "Extended"
    supported, extended = page.split(f">{word} support only</th>")
    assert 'href="/nodejs/18/"' in extended
    assert 'href="/nodejs/18/"' not in supported
    assert "no longer supported" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("terms", "mentioned"), [("paid", True), ("contract", False), ("", False), ("free", False)]
)
def test_paid_is_mentioned_only_if_recorded(client: Client, terms: str, mentioned: bool) -> None:
    make_nodejs(terms)
    pages = [text(client, path) for path in ("/nodejs/", "/nodejs/18/", "/nodejs/?version=18")]
    assert all(("paid" in page.lower()) is mentioned for page in pages)


@pytest.mark.django_db
def test_free_extended_support_counts_as_support(client: Client) -> None:
    product = make_product(
        "debian", label="Debian", eoes_label="Debian <abbr>LTS</abbr>", extended_terms="free"
    )
    make_cycle(product, "12", release="2023-06-10", eol="2026-07-11", eoes="2028-06-30")
    page = client.get("/debian/").content.decode()
    assert 'id="cycle-12"' in page
    assert "support only</th>" not in page
    assert "LTS until 30 Jun 2028, in 19 months" in plain_text(page)
    assert data(client, "/badges/debian/12.json")["message"] == "LTS until 30 Jun 2028"
    assert "LTS until 30 Jun 2028" in text(client, "/debian/?version=12")
    assert data(client, "/api/v2/products/debian")["cycles"][0]["status"] == "extended-free"
    assert data(client, "/api/v2/products")["items"][0]["supported"] == 1
    assert check(client, "FROM debian:12")["ok"]


@pytest.mark.django_db
def test_extended_status_excludes_free_extended_support(client: Client) -> None:
    make_nodejs()
    found = data(client, "/api/v2/cycles?status=extended")
    assert [each["name"] for each in found["items"]] == ["18"]
    assert "Node.js 18" in text(client, "/?status=extended&group=status")
    assert "18.20.8" not in text(client, "/?status=extended-free&group=status")
    assert "18.20.8" not in text(client, "/?group=status")


@pytest.mark.django_db
def test_end_of_extended_support_is_not_listed_as_ending_soon(client: Client) -> None:
    product = make_product("ubuntu", label="Ubuntu")
    make_cycle(product, "20.04", release="2020-04-23", eol="2025-05-31", eoes="2026-12-31")
    assert "0 ending soon" in text(client, "/")
    assert data(client, "/api/v2/cycles?ends=soon")["items"] == []
    assert "Ubuntu 20.04 Extended support ends" in text(client, "/calendar/")
    assert "2026-12-31" not in client.get("/ubuntu.atom").content.decode()
    Product.objects.update(extended_terms="free")
    assert "1 ending soon" in text(client, "/")
    assert "Ubuntu 20.04 Extended support ends" in text(client, "/calendar/")


@pytest.mark.django_db
def test_calendar_page_lists_the_end_of_security_support(client: Client) -> None:
    make_nodejs()
    ended = text(client, "/calendar/?list=ended&on=2025-06-01")
    assert (
        "Node.js 18 Security support ended Extended support goes on, no end announced Extended only"
        in ended
    )


@pytest.mark.django_db
def test_recorded_roadmap_uses_the_recorded_terms(client: Client) -> None:
    """Today's terms do not apply to a recorded date."""
    product = make_product("debian", label="Debian", extended_terms="free", show_eoes=True)
    make_cycle(product, "12", release="2023-06-10", eol="2026-07-11", eoes="2028-06-30")
    product.history.update(history_date="2026-11-10T00:00Z", extended_terms="")
    ReleaseCycle.history.update(history_date="2026-11-10T00:00Z")
    assert "Debian 12" in text(client, "/?group=status&status=extended&known_on=2026-11-11")
    assert "Debian 12" in text(client, "/?group=status&status=extended-free")


# ---- the stack check -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_stack_check_fails_and_names_the_date(client: Client) -> None:
    make_nodejs()
    (item,) = check(client, "FROM node:18")["items"]
    assert item["breaks"] == ["eol"]
    assert (item["answer"], item["status"], item["until"]) == (
        "extended-only",
        "extended",
        "2025-04-30",
    )
    assert LAST_DAY in " ".join(item["reasons"])


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ["nodejs", "node", "all"])
def test_accepted_extended_support_counts_as_support(client: Client, accepted: str) -> None:
    """It is accepted by product name, by alias, or for all products; the status does not change."""
    make_nodejs()
    found = check(client, "FROM node:18", f"&accept_extended={accepted}")
    (item,) = found["items"]
    assert found["ok"]
    assert (item["answer"], item["status"], item["accepted"]) == ("extended", "extended", True)
    assert found["permalink"].endswith(f"/stack/?of=nodejs:18&accept_extended={accepted}")


@pytest.mark.django_db
def test_unknown_accepted_product_is_reported(client: Client) -> None:
    make_nodejs()
    found = check(client, "FROM node:18", "&accept_extended=nodjs")
    assert not found["ok"]
    assert found["problems"][0]["path"] == "accept_extended"
    query = urlencode([("of", "nodejs:18"), ("accept_extended", "nodjs")])
    assert "there is no product “nodjs” here." in text(client, f"/stack/?{query}")


@pytest.mark.django_db
def test_page_badge_and_feed_of_a_stack_agree_with_the_check(client: Client) -> None:
    product = make_nodejs(eoes="2026-12-31")
    address, accepting = "?of=nodejs:18", "?of=nodejs:18&accept_extended=nodejs"
    page = client.get(f"/stack/{address}").content.decode()
    assert "Upgrade to 24, unless you have commercial support." in page
    assert f"/stack/{accepting.replace('&', '&amp;')}" in page
    assert data(client, f"/badges/stack.json{address}")["message"] == "extended support only"
    ending = "Node.js 18: end of extended support on 31 Dec 2026"
    assert ending not in client.get(f"/stack.atom{address}").content.decode()
    page = text(client, f"/stack/{accepting}")
    assert "Left 40 days" in page
    assert "Upgrade to 24 by 31 Dec 2026." in page
    assert "Extended support counts for nodejs" in page
    assert data(client, f"/badges/stack.json{accepting}")["message"] == "ending soon"
    feed = client.get(f"/stack.atom{accepting}").content.decode()
    assert ending in feed
    for name in ("ics", "svg", "rss"):
        assert client.get(f"/stack.{name}{accepting}").status_code == 200
    assert product.extended_support.name == "commercial support"


@pytest.mark.django_db
def test_stack_url_is_canonicalized(client: Client) -> None:
    make_nodejs()
    answer = client.get("/stack/?accept_extended=Node&accept_extended=Node&of=nodejs:18")
    assert answer.status_code == 302
    assert answer["Location"] == "/stack/?of=nodejs:18&accept_extended=node"


# ---- the catalogues ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_bundled_catalogue_records_the_terms(client: Client) -> None:
    """Node 18 fails with its date, and Debian 12 passes, as their sources state."""
    names = ("debian", "nodejs", "ubuntu", "bootstrap")
    list(import_products([BUNDLED / f"{name}.md" for name in names], on=ON))
    terms = dict(Product.objects.values_list("name", "extended_terms"))
    assert terms == {
        "debian": "free",
        "nodejs": "contract",
        "ubuntu": "contract",
        "bootstrap": "paid",
    }
    found = check(client, "FROM node:18\nFROM debian:12\nFROM ubuntu:20.04")
    broken = {each["product"]: each for each in found["items"] if each["breaks"]}
    assert broken.keys() == {"nodejs", "ubuntu"}
    assert LAST_DAY in " ".join(broken["nodejs"]["reasons"])
    assert "Expanded Security Maintenance" in " ".join(broken["ubuntu"]["reasons"])


@pytest.mark.catalogue
@pytest.mark.usefixtures("catalogue")
def test_no_output_calls_a_cycle_supported_after_its_eol(client: Client) -> None:
    """Checks every cycle of the catalogue whose `eol` has passed; its files record no terms."""
    over = [
        cycle
        for cycle in ReleaseCycle.objects.select_related("product").order_by("pk")
        if end_reached(cycle.eol, ON) and not cycle.lifecycle.extended.free
    ]
    extended = [each for each in over if each.eoes is not None and not end_reached(each.eoes, ON)]
    assert len(over) > 500
    assert len(extended) > 20
    names = {(each.product.name, each.name) for each in over}
    for product in sorted({each.product.name for each in extended}):
        found = data(client, f"/api/v2/products/{product}")
        for each in found["cycles"]:
            if (product, each["name"]) in names:
                assert each["status"] in NOT_SUPPORTED
                assert not each["ends_soon"]
        supported = sum(
            each["status"] not in {*NOT_SUPPORTED, "planned"} for each in found["cycles"]
        )
        (listed,) = data(client, f"/api/v2/products?product={product}")["items"]
        assert listed["supported"] == supported
        page = client.get(f"/{product}/").content.decode()
        rows = re.split('class="part"|id="ended"', page.partition('id="releases"')[2])[0]
        cards = page.partition('class="facts3"')[2].partition('id="which"')[0]
        for name in [name for owner, name in names if owner == product]:
            link = f'href="/{product}/{name}/"'
            assert link not in rows
            assert link not in cards
    for cycle in extended:
        product, name = cycle.product.name, cycle.name
        page = text(client, f"/{product}/{name}/")
        assert "Security support " in page
        status = page.partition("Subscribe")[0]
        assert not re.search(
            "supported until|supported,|Active|Security fixes only|ends in", status
        )
        assert not re.search(r"Supported;|(Supported|fixes) until [\w ]+, (in|this|today)", page)
        message = data(client, f"/badges/{product}/{name}.json")["message"]
        assert message.startswith("security support ")
        query = urlencode({"fail_on": "eol"})
        body = json.dumps({"of": [f"{product}:{name}"]})
        answer = client.post(f"/api/v2/check?{query}", body, content_type="application/json")
        (item,) = answer.json()["items"]
        assert item["cycle"] != name or item["breaks"] == ["eol"]
        verdict = data(client, f"/api/v2/products/{product}/verdict?{urlencode({'version': name})}")
        assert verdict["cycle"] != name or verdict["answer"] == "extended-only"
    for product in sorted({each.product.name for each in extended}):
        rows = data(client, f"/roadmap.json?product={product}&all={product}")
        for each in rows["products"][0]["cycles"]:
            if (product, each["name"]) in names:
                assert each["status"] in NOT_SUPPORTED


@pytest.mark.django_db
def test_form_choices_are_the_terms() -> None:
    field = Product._meta.get_field("extended_terms")
    assert [value for value, _ in field.choices or ()] == [each.value for each in ExtendedTerms]
