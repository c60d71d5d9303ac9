"""Answers of API v1 are parsed; every problem has a field path."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.domain.lifecycle.milestones import PartialDate
from releases.formats.api_v1 import (
    LatestAnswer,
    ProductAnswer,
    products_of,
    read_product_answer,
)
from releases.formats.errors import FormatError
from tests.api_v1_server import make_api_cycle, make_api_product
from tests.conftest import CATALOGUE

PATH = ("result", 0)


def read(data: Any) -> ProductAnswer:
    return read_product_answer(data, PATH)


def problems(data: Any) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


def problem_of(**keys: Any) -> str:
    """Return the only problem of a product with these keys."""
    [problem] = problems(make_api_product(**keys))
    return problem


def problem_of_cycle(**keys: Any) -> str:
    [problem] = problems(make_api_product(make_api_cycle(**keys)))
    return problem


# ---- the answer as a whole


def test_products_of_a_list_have_their_path() -> None:
    answer = {"schema_version": "1.2.1", "result": [{"name": "a"}, {"name": "b"}]}
    assert products_of(answer) == [(("result", 0), {"name": "a"}), (("result", 1), {"name": "b"})]


def test_one_product() -> None:
    assert products_of({"schema_version": "1.0", "result": {"name": "a"}}) == [
        (("result",), {"name": "a"})
    ]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([], "This is no answer of API v1: it has no schema_version."),
        ({"result": []}, "This is no answer of API v1: it has no schema_version."),
        (
            {"schema_version": "2.0.0", "result": [{}]},
            "schema_version: Expected a version 1.x of the schema, found the text “2.0.0”.",
        ),
        (
            {"schema_version": 1, "result": [{}]},
            "schema_version: Expected a version 1.x of the schema, found the number 1.",
        ),
        ({"schema_version": "1.2.1"}, "result: Expected a list of products, found nothing."),
        ({"schema_version": "1.2.1", "result": []}, "result: The answer has no products."),
    ],
)
def test_other_json_is_refused(answer: Any, problem: str) -> None:
    with pytest.raises(FormatError) as caught:
        products_of(answer)
    assert str(caught.value) == problem


# ---- a product


def test_product_is_read() -> None:
    answer = read(
        make_api_product(
            category="os",
            tags=["linux", "os"],
            aliases=["acmeos"],
            versionCommand="acme -v",
            identifiers=[{"type": "purl", "id": "pkg:generic/acme"}],
            labels={"eoas": None, "discontinued": None, "eol": "Fixes", "eoes": None},
            links={
                "icon": "https://cdn.jsdelivr.net/npm/simple-icons/icons/acme.svg",
                "html": "https://acme.test/acme",
                "releasePolicy": "https://acme.test/policy",
            },
        )
    )
    assert (answer.name, answer.label, answer.category) == ("acme", "Acme", "os")
    assert (answer.tags, answer.aliases) == (("linux", "os"), ("acmeos",))
    assert [(each.type, each.value) for each in answer.identifiers] == [
        ("purl", "pkg:generic/acme")
    ]
    assert (answer.version_command, answer.icon) == ("acme -v", "acme")
    assert answer.policy_link == "https://acme.test/policy"
    assert answer.columns == {"eoas": None, "discontinued": None, "eol": "Fixes", "eoes": None}


def test_unknown_icon_is_none() -> None:
    assert read(make_api_product(links={"icon": "https://acme.test/icon.svg"})).icon is None
    assert read(make_api_product(links={"icon": None})).icon == ""


def test_cycle_is_read() -> None:
    """A milestone is a date if the answer has one, and otherwise a boolean."""
    [cycle] = read(
        make_api_product(
            make_api_cycle(
                "5.2",
                codename="Noble",
                label="5.2 (LTS)",
                isLts=True,
                isEoas=True,
                eoasFrom=None,
                isEol=False,
                eolFrom="2028-04-30",
                isEoes=None,
                eoesFrom=None,
                latest={"name": "5.2.1", "date": "2026-01-02", "link": "https://acme.test/"},
                custom={"python": "3.12", "pep": None},
            )
        )
    ).cycles
    assert (cycle.name, cycle.title, cycle.lts_word, cycle.codename) == (
        "5.2",
        "5.2",
        "LTS",
        "Noble",
    )
    assert cycle.milestones == {
        "release": PartialDate(date(2025, 1, 1)),
        "lts": True,
        "eoas": True,
        "eol": PartialDate(date(2028, 4, 30)),
        "eoes": None,
    }
    assert cycle.latest == LatestAnswer("5.2.1", date(2026, 1, 2), "https://acme.test/")
    assert cycle.custom == {"python": "3.12", "pep": ""}


def test_latest_release_with_an_empty_name_is_unknown() -> None:
    """The public API has one for panos."""
    told = make_api_cycle(latest={"name": "", "date": None, "link": None})
    assert read(make_api_product(told)).cycles[0].latest is None


@pytest.mark.parametrize(
    ("keys", "title", "word"),
    [
        ({"label": "24.04 'N' (LTS)", "isLts": True}, "24.04 'N'", "LTS"),
        ({"label": "24 (Upcoming LTS)", "ltsFrom": "2027-01-01"}, "24", "LTS"),
        ({"label": "24 (x) (Long Term)", "isLts": True}, "24 (x)", "Long Term"),
        ({"label": "24 (LTS (paid))", "isLts": True}, "24", "LTS (paid)"),
        ({"label": "24 (LTS)", "isLts": False}, "24 (LTS)", ""),
        ({"label": "24", "isLts": True}, "24", ""),
    ],
)
def test_lts_suffix_is_removed_from_the_title(keys: dict[str, Any], title: str, word: str) -> None:
    """It is removed if the cycle has, or will have, long-term support."""
    [cycle] = read(make_api_product(make_api_cycle("24", **keys))).cycles
    assert (cycle.title, cycle.lts_word) == (title, word)


@pytest.mark.catalogue
def test_all_answers_of_the_public_api_are_parsed() -> None:
    answer = json.loads((CATALOGUE / "expected" / "api-v1-products-full.json").read_text())
    products = [read(product) for product in answer]
    assert (len(products), sum(len(product.cycles) for product in products)) == (60, 1322)


# ---- invalid input


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"name": None}, "result[0].name: Expected a name, found nothing."),
        ({"name": "admin"}, "result[0].name: “admin” is the address of a page of this site."),
        ({"label": " "}, "result[0].label: The product has no label."),
        ({"tags": "os"}, "result[0].tags: Expected a list, found the text “os”."),
        ({"tags": [3]}, "result[0].tags[0]: Expected a name, found the number 3."),
        ({"labels": []}, "result[0].labels: Expected keys and values, found a list."),
        (
            {"links": {"releasePolicy": "javascript:x"}},
            "result[0].links.releasePolicy: “javascript:x” is not a web address (https://...).",
        ),
        (
            {"versionCommand": "x" * 6_000},
            "result[0].versionCommand: The text has 6,000 characters; at most 5,000 fit.",
        ),
        (
            {"identifiers": ["x"]},
            "result[0].identifiers[0]: Expected keys and values, found the text “x”.",
        ),
        ({"releases": 1}, "result[0].releases: Expected a list, found the number 1."),
    ],
)
def test_problem_of_a_product_has_its_path(keys: dict[str, Any], problem: str) -> None:
    assert problem_of(**keys) == problem


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"name": "a/b"}, "name: A cycle's name stands in addresses and cannot hold /"),
        ({"codename": "a\0"}, "codename: The text has control characters."),
        (
            {"eolFrom": "2028-02-30"},
            "eolFrom: Expected a date such as 2028-04-30, found the text “2028-02-30”.",
        ),
        (
            {"releaseDate": 20280101},
            "releaseDate: Expected a date such as 2028-04-30, found the number 20280101.",
        ),
        ({"isEol": "no"}, "isEol: Expected true, false or null, found the text “no”."),
        (
            {"latest": {"name": "1", "link": "ftp://x"}},
            "latest.link: “ftp://x” is not a web address (https://...).",
        ),
        ({"custom": {"a b": "x"}}, "custom: “a b” is not a name of letters, digits and _."),
        (
            {"custom": {"a": {}}},
            "custom.a: Expected a text, found keys and values; put it in quotes.",
        ),
    ],
)
def test_problem_of_a_cycle_has_its_path(keys: dict[str, Any], problem: str) -> None:
    assert problem_of_cycle(**keys) == f"result[0].releases[0].{problem}"


def test_duplicate_cycle_is_refused() -> None:
    [problem] = problems(make_api_product(make_api_cycle("1"), make_api_cycle("1")))
    assert problem == "result[0].releases[1].name: The cycle “1” is there twice."


def test_all_problems_are_reported() -> None:
    assert len(problems(make_api_product(make_api_cycle(isEol=1), name=2, label=3))) == 4


PLACES = [
    ("name",),
    ("label",),
    ("tags",),
    ("identifiers",),
    ("labels",),
    ("links",),
    ("releases",),
    *[("releases", 0, key) for key in make_api_cycle()],
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_any_json_is_parsed_or_rejected(place: tuple[Any, ...], value: Any) -> None:
    data: Any = deepcopy(make_api_product(make_api_cycle()))
    part = data
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    try:
        read(data)
    except FormatError as error:
        assert all(problem.path.startswith("result[0]") for problem in error.problems)  # noqa: PT017
