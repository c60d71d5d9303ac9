"""The 60 real products: API v0 and v1 answer what the public API answers for them, key by key and
in its order, on the day for which that is known and, by its definitions, on any other."""

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
    """An answer of the public API, as if it had been asked here."""
    text = (CATALOGUE / "expected" / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text.replace(UPSTREAM, HERE))


@cache
def files() -> dict[str, Json]:
    """The front matter of each product by its name, as PyYAML alone reads it, in the order of the
    file names."""
    found = {}
    for path in sorted((CATALOGUE / "products").iterdir(), key=lambda path: path.name):
        front = path.read_text(encoding="utf-8").split("\n---\n", maxsplit=1)[0]
        data = yaml.safe_load(front)
        found[data["permalink"].removeprefix("/")] = data
    return found


def ask(path: str, **query: str | int | date) -> Json:
    """The answer at an address of the API."""
    given = {name: str(value) for name, value in query.items()}
    response = Client().get(f"/api/{path}", given)
    assert response.status_code == 200, (path, response.content)
    assert response["Content-Type"] == "application/json"
    return response.json()


def told(data: Json) -> str:
    """Data with the order of its keys; what a build of the public site adds is left out."""
    if isinstance(data, dict):
        data = {key: data[key] for key in data if key not in ("generated_at", "last_modified")}
    return json.dumps(data, indent=1)


def names(products: list[Json]) -> list[str]:
    return [product["name"] for product in products]


# ---- v1 ------------------------------------------------------------------------------------------


def test_all_products_in_full() -> None:
    """60 products with 1,322 cycles."""
    found = ask("v1/products/full", on=ON)
    assert told(found["result"]) == told(expected("api-v1-products-full"))
    assert [found["schema_version"], found["total"]] == ["1.2.1", 60]
    assert sum(len(product["releases"]) for product in found["result"]) == 1_322


def test_each_product() -> None:
    """As it is in the full list."""
    for product in expected("api-v1-products-full"):
        found = ask(f"v1/products/{product['name']}")
        assert list(found) == ["schema_version", "generated_at", "last_modified", "result"]
        assert told(found["result"]) == told(product)


def test_cycles() -> None:
    """The newest cycle of each product, the oldest, and all whose names are odd in an address."""
    odd = 0
    for product in expected("api-v1-products-full"):
        cycles = product["releases"]
        address = f"v1/products/{product['name']}/releases"
        assert told(ask(f"{address}/latest")["result"]) == told(cycles[0])
        strange = [each for each in cycles if any(sign in each["name"] for sign in ODD_NAMES)]
        odd += len(strange)
        for cycle in (cycles[-1], *strange):
            found = ask(f"{address}/{quote(cycle['name'])}")
            assert list(found) == ["schema_version", "generated_at", "result"]
            assert told(found["result"]) == told(cycle)
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
def test_lists(address: str, name: str) -> None:
    """What there is, in the order in which it first appears."""
    found = ask(address)
    assert told(found) == told(expected("api-v1-lists")[name])
    assert list(found)[:2] == ["schema_version", "generated_at"]


def test_identifiers() -> None:
    """All identifiers of a type with their products, in the order of files."""
    for kind, answer in expected("api-v1-lists")["identifiers"].items():
        assert told(ask(f"v1/identifiers/{kind}/")) == told(answer)


def test_products_of_categories_and_tags() -> None:
    """Summaries of the products, in the order of files."""
    full = {product["name"]: product for product in expected("api-v1-products-full")}
    every = ask("v1/products")
    assert names(every["result"]) == list(full)
    summaries = {}
    for summary in every["result"]:
        name = summary["name"]
        keys = ("name", "aliases", "label", "category", "tags")
        uri = {"uri": f"{HERE}/api/v1/products/{name}"}
        assert told(summary) == told({key: full[name][key] for key in keys} | uri)
        summaries[name] = summary
    for kind in ("categories", "tags"):
        for name, products in expected("api-v1-lists")[f"{kind}_products"].items():
            found = ask(f"v1/{kind}/{name}")
            assert told(found["result"]) == told([summaries[product] for product in products])
            assert found["total"] == len(products)


@settings(max_examples=12, deadline=None)
@given(on=st.dates(date(1995, 1, 1), date(2040, 1, 1)))
def test_cycles_on_any_day(on: date) -> None:
    """What has come and what has ended follows, on every day, from the values in the files by the
    definitions of the public API; what is not out yet is left out."""
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
    """With what is planned every cycle is told on every day, and nothing but what depends on the
    day differs from today. A latest release is told from its day on; without one, from today on."""
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
    """What the public API makes of the raw values of a cycle."""
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


def test_names_of_all_products() -> None:
    """From A to Z, by address and not by file."""
    assert ask("all.json") == sorted(expected("api-v0"))


def test_raw_cycles_of_each_product() -> None:
    """Raw values, with the keys of each file in its order."""
    for name, cycles in expected("api-v0").items():
        assert told(ask(f"{name}.json", on=ON)) == told(cycles)


def test_raw_cycles() -> None:
    """One cycle alone does not repeat its name."""
    for name, cycles in expected("api-v0").items():
        for cycle in (cycles[0], *(each for each in cycles if "+" in each["cycle"])):
            keys = {key: value for key, value in cycle.items() if key != "cycle"}
            assert told(ask(f"{name}/{quote(cycle['cycle'])}.json")) == told(keys)


@settings(max_examples=12, deadline=None)
@given(on=st.dates(date(1995, 1, 1), date(2040, 1, 1)), place=st.integers(0, 59))
def test_both_versions_tell_of_the_same_cycles(on: date, place: int) -> None:
    """On every day, in the same order and with the same dates."""
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
def test_answers_are_what_the_document_says(address: str, schema: Any) -> None:
    """Nothing is missing, and nothing is there that the document does not know."""
    found = ask(address)
    model = schema.model_validate(found)
    assert told(model.model_dump(mode="json", by_alias=True, exclude_unset=True)) == told(found)


def test_raw_answers_are_what_the_document_says() -> None:
    """All cycles of all products, alone and in their list."""
    for name in expected("api-v0"):
        for cycle in ask(f"{name}.json"):
            NamedRawCycle.model_validate(cycle)
            RawCycle.model_validate({key: cycle[key] for key in cycle if key != "cycle"})
