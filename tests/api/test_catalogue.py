"""API v0 and v1 answer like the public API for the 60 real products.

On the day of the stored answers they are equal, with keys in the same order. For other days they
follow from its definitions.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.api.v0 import NamedRawCycle, RawCycle
from releases.api.v1.schemas import (
    CycleAnswer,
    IdentifiedProduct,
    ListAnswer,
    ProductAnswer,
    ProductDetails,
    ProductSummary,
    Uri,
)
from tests.conftest import CATALOGUE, ON

pytestmark = [
    pytest.mark.catalogue,
    pytest.mark.django_db,  # or no database is set up where these tests run alone
    pytest.mark.usefixtures("catalogue"),
]

Json = Any

UPSTREAM = "https://endoflife.date"
HERE = "http://testserver"
ENDS = {"Eoas": "eoas", "Eol": "eol", "Discontinued": "discontinued", "Eoes": "eoes"}
ODD_NAMES = ("+", "_", " ", "(")


@cache
def expected(name: str) -> Json:
    """Return a stored answer of the public API, with the URLs of this installation."""
    text = (CATALOGUE / "expected" / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text.replace(UPSTREAM, HERE))


@cache
def files() -> dict[str, Json]:
    """Return the front matter of each product by name, read with PyYAML alone, in file order."""
    found = {}
    for path in sorted((CATALOGUE / "products").iterdir(), key=lambda path: path.name):
        front = path.read_text(encoding="utf-8").split("\n---\n", maxsplit=1)[0]
        data = yaml.safe_load(front)
        found[data["permalink"].removeprefix("/")] = data
    return found


def ask(path: str, **query: str | int | date) -> Json:
    """Return the answer at a URL of the API."""
    given = {name: str(value) for name, value in query.items()}
    response = Client().get(f"/api/{path}", given)
    assert response.status_code == 200, (path, response.content)
    assert response["Content-Type"] == "application/json"
    return response.json()


def comparable(data: Json) -> str:
    """Return data with the order of its keys, less values added by a build of the public site."""
    if isinstance(data, dict):
        data = {key: data[key] for key in data if key not in ("generated_at", "last_modified")}
    return json.dumps(data, indent=1)


def names(products: list[Json]) -> list[str]:
    return [product["name"] for product in products]


# ---- v1 ------------------------------------------------------------------------------------------


def test_all_products_in_full() -> None:
    """There are 60 products with 1,322 cycles."""
    found = ask("v1/products/full", on=ON)
    assert comparable(found["result"]) == comparable(expected("api-v1-products-full"))
    assert [found["schema_version"], found["total"]] == ["1.2.1", 60]
    assert sum(len(product["releases"]) for product in found["result"]) == 1_322


def test_product_equals_its_entry_in_the_full_list() -> None:
    for product in expected("api-v1-products-full"):
        found = ask(f"v1/products/{product['name']}")
        assert list(found) == ["schema_version", "generated_at", "last_modified", "result"]
        assert comparable(found["result"]) == comparable(product)


def test_single_cycles() -> None:
    """Each product's newest and oldest cycle are requested, and names with unusual characters."""
    odd = 0
    for product in expected("api-v1-products-full"):
        cycles = product["releases"]
        address = f"v1/products/{product['name']}/releases"
        assert comparable(ask(f"{address}/latest")["result"]) == comparable(cycles[0])
        strange = [each for each in cycles if any(sign in each["name"] for sign in ODD_NAMES)]
        odd += len(strange)
        for cycle in (cycles[-1], *strange):
            found = ask(f"{address}/{quote(cycle['name'])}")
            assert list(found) == ["schema_version", "generated_at", "result"]
            assert comparable(found["result"]) == comparable(cycle)
    assert odd > 20


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("v1/", "index"),
        ("v1/categories", "categories"),
        ("v1/tags", "tags"),
        ("v1/identifiers", "identifiers_index"),
    ],
)
def test_lists_keep_the_order_of_first_appearance(address: str, name: str) -> None:
    found = ask(address)
    assert comparable(found) == comparable(expected("api-v1-lists")[name])
    assert list(found)[:2] == ["schema_version", "generated_at"]


def test_identifiers_of_each_type() -> None:
    """They have their products, in the order of files."""
    for kind, answer in expected("api-v1-lists")["identifiers"].items():
        assert comparable(ask(f"v1/identifiers/{kind}/")) == comparable(answer)


def test_products_of_categories_and_tags() -> None:
    """They are summaries in the order of files."""
    full = {product["name"]: product for product in expected("api-v1-products-full")}
    every = ask("v1/products")
    assert names(every["result"]) == list(full)
    summaries = {}
    for summary in every["result"]:
        name = summary["name"]
        keys = ("name", "aliases", "label", "category", "tags")
        uri = {"uri": f"{HERE}/api/v1/products/{name}"}
        assert comparable(summary) == comparable({key: full[name][key] for key in keys} | uri)
        summaries[name] = summary
    for kind in ("categories", "tags"):
        for name, products in expected("api-v1-lists")[f"{kind}_products"].items():
            found = ask(f"v1/{kind}/{name}")
            assert comparable(found["result"]) == comparable(
                [summaries[product] for product in products]
            )
            assert found["total"] == len(products)


@settings(max_examples=12, deadline=None)
@given(on=st.dates(date(1995, 1, 1), date(2040, 1, 1)))
def test_cycles_on_any_day(on: date) -> None:
    """Reached starts and ends follow from the files on every day.

    Cycles that are not yet released are left out.
    """
    found = ask("v1/products/full", on=on)["result"]
    assert names(found) == list(files())
    for product in found:
        file = files()[product["name"]]
        out = [each for each in file["releases"] if each["releaseDate"] <= on]
        assert product["releases"] == [
            cycle | facts_of(file, raw, on)
            for cycle, raw in zip(product["releases"], out, strict=True)
        ]


@settings(max_examples=12, deadline=None)
@given(on=st.dates(date(1995, 1, 1), date(2040, 1, 1)))
def test_all_cycles_on_any_day(on: date) -> None:
    """With planned cycles, answers differ from today's only where values depend on the day.

    A latest release is shown from its date on, or from today without one.
    """
    changing = ("label", "latest", "isLts", "isMaintained", *(f"is{end}" for end in ENDS))
    today = expected("api-v1-products-full")
    for product, then in zip(
        ask("v1/products/full", on=on, planned=1)["result"], today, strict=True
    ):
        for cycle, other in zip(product["releases"], then["releases"], strict=True):
            assert list(cycle) == list(other)
            assert all(cycle[key] == other[key] for key in cycle if key not in changing)
            latest = other["latest"]
            day = latest and (latest["date"] or str(ON))
            known = latest and (not latest["name"] or day <= str(on))
            assert cycle["latest"] == (latest if known else None)


def facts_of(file: Json, raw: Json, on: date) -> Json:
    """Return the values of the public API for the raw values of a cycle."""
    facts: Json = {"name": raw["releaseCycle"], "releaseDate": raw["releaseDate"].isoformat()}
    facts |= reached("isLts", "ltsFrom", raw.get("lts", False), on)
    for name, key in ENDS.items():
        if name == "Eol" or file.get(f"{key}Column", False):
            facts |= reached(f"is{name}", f"{key}From", raw.get(key), on)
    ends = [raw[key] for key in ENDS.values() if key in raw]
    facts["isMaintained"] = any(end >= on if isinstance(end, date) else not end for end in ends)
    return facts


def reached(flag: str, day: str, value: date | bool | None, on: date) -> Json:
    if isinstance(value, date):
        return {flag: on > value, day: value.isoformat()}
    return {flag: value, day: None}


# ---- v0 ------------------------------------------------------------------------------------------


def test_product_names_are_sorted_by_url_name() -> None:
    assert ask("all.json") == sorted(expected("api-v0"))


def test_raw_cycles_of_each_product() -> None:
    """They have the keys of the file in its order."""
    for name, cycles in expected("api-v0").items():
        assert comparable(ask(f"{name}.json", on=ON)) == comparable(cycles)


def test_raw_cycle_does_not_repeat_its_name() -> None:
    for name, cycles in expected("api-v0").items():
        for cycle in (cycles[0], *(each for each in cycles if "+" in each["cycle"])):
            keys = {key: value for key, value in cycle.items() if key != "cycle"}
            assert comparable(ask(f"{name}/{quote(cycle['cycle'])}.json")) == comparable(keys)


@settings(max_examples=12, deadline=None)
@given(on=st.dates(date(1995, 1, 1), date(2040, 1, 1)), place=st.integers(0, 59))
def test_v0_and_v1_have_the_same_cycles(on: date, place: int) -> None:
    """Order and dates are equal on every day."""
    name = list(files())[place]
    old = ask(f"{name}.json", on=on)
    new = ask(f"v1/products/{name}", on=on)["result"]["releases"]
    assert [each["cycle"] for each in old] == names(new)
    for one, other in zip(old, new, strict=True):
        assert one["releaseDate"] == other["releaseDate"]
        assert other["eolFrom"] in (one["eol"], None)
        assert one["lts"] in (other["ltsFrom"], other["isLts"])


# ---- schemas -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "schema"),
    [
        ("v1/", ListAnswer[Uri]),
        ("v1/products", ListAnswer[ProductSummary]),
        ("v1/products/full", ListAnswer[ProductDetails]),
        ("v1/products/ubuntu", ProductAnswer),
        ("v1/products/ubuntu/releases/latest", CycleAnswer),
        ("v1/products/iphone/releases/16", CycleAnswer),
        ("v1/tags/os", ListAnswer[ProductSummary]),
        ("v1/identifiers/purl", ListAnswer[IdentifiedProduct]),
    ],
)
def test_v1_answers_match_the_openapi_document(address: str, schema: Any) -> None:
    """No property is missing or undeclared."""
    found = ask(address)
    model = schema.model_validate(found)
    assert comparable(
        model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    ) == comparable(found)


def test_v0_answers_match_the_openapi_document() -> None:
    """The test reads all cycles of all products, alone and in lists."""
    for name in expected("api-v0"):
        for cycle in ask(f"{name}.json"):
            NamedRawCycle.model_validate(cycle)
            RawCycle.model_validate({key: cycle[key] for key in cycle if key != "cycle"})
