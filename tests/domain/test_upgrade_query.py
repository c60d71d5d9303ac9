"""The query string of an upgrade plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.resolver import Resolver
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.roadmap.query import QueryProblem
from releases.domain.upgrade.query import UpgradeProduct, UpgradeQuery, parse
from releases.domain.upgrade.route import Every
from releases.domain.upgrade.rules import RuleKind, UpgradeRule
from tests.conftest import ON
from tests.lifecycles import make_lifecycle


@dataclass(frozen=True)
class Release:
    name: str
    lifecycle: Lifecycle
    codename: str = ""
    latest: str = ""
    latest_date: date | None = None


DJANGO: UpgradeProduct[Release] = UpgradeProduct(
    "django",
    "Django",
    Resolver(
        [
            Release("6.2", make_lifecycle(release="2027-04", lts="yes")),
            Release("6.1", make_lifecycle(release="2026-08-05", eol="2027-12-31")),
            Release("5.2", make_lifecycle(release="2025-04-02", eol="2028-04-30", lts="yes")),
            Release("2.2", make_lifecycle(release="2019-04-01", eol="2022-04-11", lts="yes")),
        ],
        ["django"],
    ),
)
PYTHON: UpgradeProduct[Release] = UpgradeProduct(
    "python",
    "Python",
    Resolver([Release("3.12", make_lifecycle()), Release("3.7", make_lifecycle(eol="yes"))]),
)


def parsed(
    product: UpgradeProduct[Release] = DJANGO,
    runtime: UpgradeProduct[Release] | None = PYTHON,
    **params: str,
) -> UpgradeQuery[Release]:
    """Return the parsed query. The parameter `from` is `from_`, since `from` is a keyword."""
    lists = {name.removesuffix("_"): [text] for name, text in params.items()}
    return parse(lists, ON, product, runtime)


def names(query: UpgradeQuery[Release]) -> tuple[str | None, ...]:
    found = (query.start, query.target, query.runtime)
    return tuple(each.name if each else None for each in found)


def test_complete_query() -> None:
    query = parsed(from_="2.2", to="5.2", python="3.7", every="lts", on="2027-01-01")
    assert names(query) == ("2.2", "5.2", "3.7")
    assert (query.every, query.on, query.what_if) == (Every.LTS, date(2027, 1, 1), True)
    assert query.problems == ()


def test_versions_in_any_notation() -> None:
    query = parsed(from_="Django==2.2.7", to="v5.2", python="3.7.4")
    assert names(query) == ("2.2", "5.2", "3.7")


@pytest.mark.parametrize(
    ("to", "target"), [("", "6.1"), ("latest", "6.1"), ("lts", "5.2"), ("LTS", "5.2")]
)
def test_latest_cycle_is_the_default_target(to: str, target: str) -> None:
    assert names(parsed(from_="2.2", to=to)) == ("2.2", target, None)


def test_planned_target_is_accepted() -> None:
    assert names(parsed(from_="5.2", to="6.2")) == ("5.2", "6.2", None)


def test_query_without_a_start_is_incomplete() -> None:
    query = parsed()
    assert query.start is None
    assert query.problems == ()


@pytest.mark.parametrize(
    ("params", "name", "message"),
    [
        (
            {"from": "9.9"},
            "from",
            "No release of Django that is known here is called “9.9”."
            " The newest supported ones are 6.1, 5.2.",
        ),
        (
            {"from": "5.0"},
            "from",
            "No release of Django that is known here is called “5.0”. Did you mean 5.2?",
        ),
        (
            {"from": "6.2"},
            "from",
            "Django 6.2 is planned for Apr 2027. Nobody runs it yet.",
        ),
        ({"from": "2.2", "to": "x"}, "to", "is called “x”."),
        (
            {"from": "5.2", "to": "2.2"},
            "to",
            "Downgrades are not planned here. The next LTS is 6.2, expected April 2027.",
        ),
        (
            {"from": "6.1", "to": "lts"},
            "to",
            "Downgrades are not planned here. The next LTS is 6.2, expected April 2027.",
        ),
        ({"from": "2.2", "python": "1.5"}, "python", "No release of Python"),
        (
            {"from": "2.2", "every": "x"},
            "every",
            "“x” is ignored: expected one of feature, lts.",
        ),
        ({"from": "2.2", "on": "x"}, "on", "“x” is ignored: expected a day"),
    ],
)
def test_invalid_values_are_reported_at_their_fields(
    params: dict[str, str], name: str, message: str
) -> None:
    lists = {key: [text] for key, text in params.items()}
    query = parse(lists, ON, DJANGO, PYTHON)
    assert [each.name for each in query.problems] == [name]
    assert message in query.problem(name)
    assert query.problem("else") == ""


def test_product_without_a_supported_release() -> None:
    ended = replace(DJANGO, resolver=Resolver(DJANGO.cycles[-1:]))
    for word, kind in (("latest", "release"), ("lts", "LTS release")):
        query = parsed(ended, from_="2.2", to=word)
        message = f"No {kind} of Django is supported: name the one to go to."
        assert query.problems == (QueryProblem("to", message),)


def test_runtime_version_is_ignored_without_a_runtime() -> None:
    query = parsed(runtime=None, from_="2.2", python="x")
    assert query.problems == ()
    assert "python" not in query.texts


POSTGRESQL: UpgradeProduct[Release] = UpgradeProduct(
    "postgresql",
    "PostgreSQL",
    Resolver([Release("18", make_lifecycle()), Release("11", make_lifecycle(eol="yes"))]),
    aliases=("postgres",),
)


def with_database(text: str) -> UpgradeQuery[Release]:
    return parse({"from": ["2.2"], "database": [text]}, ON, DJANGO, PYTHON, [POSTGRESQL])


@pytest.mark.parametrize("text", ["PostgreSQL 11", "postgresql 11.22", "POSTGRES 11", "postgres11"])
def test_database_has_a_name_and_a_version(text: str) -> None:
    query = with_database(text)
    assert query.problems == ()
    assert query.database
    assert (query.database_name, query.database.name) == ("postgresql", "11")
    assert query.url() == f"?{urlencode({'from': '2.2', 'database': text})}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("11", "Expected a version of PostgreSQL, such as PostgreSQL 18."),
        ("MySQL 5.7", "Expected a version of PostgreSQL, such as PostgreSQL 18."),
        ("PostgreSQL 12", "No release of PostgreSQL that is known here is called “12”."),
        ("PostgreSQL", "No release of PostgreSQL that is known here is called “”."),
    ],
)
def test_unreadable_database_is_a_problem(text: str, message: str) -> None:
    query = with_database(text)
    assert query.problem("database").startswith(message)
    assert query.database is None


def test_database_is_ignored_without_known_databases() -> None:
    query = parsed(from_="2.2", database="MySQL 5.7")
    assert query.problems == ()
    assert "database" not in query.texts


def test_target_counts_by_the_rule() -> None:
    rule = UpgradeRule(RuleKind.ANY, ladder=("!6.1",))
    assert names(parsed(replace(DJANGO, rule=rule), from_="2.2")) == ("2.2", "5.2", None)


def test_downgrade_without_a_known_lts() -> None:
    product = replace(DJANGO, resolver=Resolver([DJANGO.cycles[1], DJANGO.cycles[3]]))
    query = parsed(product, from_="6.1", to="2.2")
    assert query.problem("to") == "Downgrades are not planned here."


def test_url_of_a_query() -> None:
    query = parsed(from_="2.2", to="5.2", python="3.7")
    assert query.url() == "?from=2.2&to=5.2&python=3.7"
    assert query.url(to="", every="lts") == "?from=2.2&python=3.7&every=lts"


def test_long_texts_are_truncated() -> None:
    assert len(parsed(from_="x" * 10_000).problem("from")) < 300


NAMES = st.sampled_from(["from", "to", "every", "on", "python", "database"])


@given(st.dictionaries(NAMES, st.lists(st.text())))
def test_any_query_is_parsed_or_rejected(params: dict[str, list[str]]) -> None:
    query = parse(params, ON, DJANGO, PYTHON, [POSTGRESQL])
    assert query.problems or query.start or "from" not in query.texts
