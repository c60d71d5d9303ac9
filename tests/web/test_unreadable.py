"""Unreadable parameter values: pages ignore and report them, other formats answer 400."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from releases.domain.roadmap.query import NAMES
from releases.models import Identifier, Product
from releases.urls import urlpatterns
from releases.web.page_keys import ALL_PARAMETERS
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

UNREADABLE = dict.fromkeys(NAMES, "%00") | {
    "of": "x",
    "accept_extended": "a b",
    "kind": "x",
    "list": "x",
    "planned": "x",
}
"""An invalid value for each parameter."""
FREE = {"version"}
"""Parameters that accept any text."""
OF_PLANS = ("from", "to", "on", "every")
ARGUMENTS = {"name": "django", "cycle_name": "5.2", "section": "products", "token": "x"}
GIVEN = {"of": "django:5.2.1", "version": "5.2.1", "from": "5.2", "to": "6.0"}
"""Parameters that a URL requires in addition."""
FILE = re.compile(r"\.(json|csv|svg|png|ics|atom|rss|md)$")
OTHER_GRAMMAR = ("api/", "docs/", "sitemap", "robots")


@pytest.fixture(autouse=True)
def django() -> Product:
    product = make_product(category="framework", tags=["django"], vendor="DSF")
    Identifier.objects.create(product=product, type="purl", value="pkg:pypi/django")
    make_cycle(product, "6.0", release="2026-01-01", eol="2029-01-01")
    make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30", latest="5.2.1")
    return product


def views() -> list[tuple[str, list[str]]]:
    """Return the URL of each view that reads parameters, with the names of these."""
    found = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        names: Any = getattr(pattern.callback, "page_parameters", ())
        reads = (
            OF_PLANS if ALL_PARAMETERS in names else [each for each in names if each not in FREE]
        )
        if route.startswith(OTHER_GRAMMAR) or not reads:
            continue
        address = re.sub("<str:([a-z_]+)>", lambda part: ARGUMENTS[part[1]], route)
        address = re.sub("^(categories|tags)/django/", "tags/django/", address)
        found.append((f"/{address}", sorted(reads)))
    return found


CASES = [(address, name) for address, names in views() for name in names]
FILES = [(address, name) for address, name in CASES if FILE.search(address)]
PAGES = [(address, name) for address, name in CASES if not FILE.search(address)]


def url_with(address: str, name: str, value: str) -> str:
    first = address.strip("/").partition("/")[0]
    given = {
        key: text
        for key, text in GIVEN.items()
        if key != name
        and (key in ("from", "to")) == (first == "upgrade")
        and (key == "of") == ("stack" in address)
    }
    return f"{address}?{'&'.join(f'{key}={text}' for key, text in (given | {name: value}).items())}"


def invalid_value(address: str, name: str) -> str:
    return "x" if address.startswith("/upgrade/") else UNREADABLE[name]


def test_all_file_formats_are_covered() -> None:
    kinds = {address.rpartition(".")[2] for address, _ in FILES}
    assert kinds == {"json", "csv", "svg", "png", "ics", "atom", "rss", "md"}
    assert len(FILES) > 150
    assert len(PAGES) > 30


@pytest.mark.parametrize(("address", "name"), FILES)
def test_files_and_data_answer_400(client: Client, address: str, name: str) -> None:
    """The response names the parameter."""
    response = client.get(url_with(address, name, invalid_value(address, name)))
    assert response.status_code == 400
    body = response.content.decode()
    if address.endswith(".json"):
        assert name in {each["name"] for each in response.json()["problems"]}
    else:
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert f"{name}: " in body
    assert "is ignored" not in body
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", sorted({address for address, _ in FILES}))
def test_files_and_data_ignore_parameters_without_a_value(client: Client, address: str) -> None:
    """Parameters that the URL requires are given."""
    optional = [name for case, name in FILES if case == address and name not in {"of", "from"}]
    response = client.get(url_with(address, "", "") + "".join(f"&{name}=" for name in optional))
    assert response.status_code == 200


@pytest.mark.every_case
@pytest.mark.parametrize(("address", "name"), PAGES)
def test_pages_ignore_and_report_the_value(client: Client, address: str, name: str) -> None:
    response = client.get(url_with(address, name, invalid_value(address, name)))
    assert response.status_code == 200
    if address != "/search/":
        assert re.search(
            'id="problems"|class="problem"|aria-invalid="true"', response.content.decode()
        )


@pytest.mark.parametrize(
    "address", ["/check/", "/stack/?of=django:5.2.1", "/", "/django/", "/django/5.2/", "/calendar/"]
)
def test_pages_report_a_value_once(client: Client, address: str) -> None:
    response = client.get(address + ("&" if "?" in address else "?") + "on=x")
    assert response.content.decode().count("“x” is ignored: expected a day") == 1


def test_message_names_what_was_expected(client: Client) -> None:
    response = client.get("/upgrade/django.json?from=5.2&to=6.0&on=foo")
    (problem,) = response.json()["problems"]
    assert problem["name"] == "on"
    assert problem["message"] == "“foo” cannot be read: expected a day such as 2028-01-31."
