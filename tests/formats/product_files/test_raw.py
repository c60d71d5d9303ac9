"""A cycle as its file has it: what nobody edited stays as it is written, what was edited shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.status import Lifecycle
from releases.formats.product_files.keys import still
from releases.formats.product_files.parser import read_product
from releases.formats.product_files.raw import raw_cycle, raw_cycles, raw_product
from tests.lives import life
from tests.product_files import cycle, product_text


@dataclass(frozen=True)
class Row:
    """A cycle of the tables."""

    name: str = "5.2"
    codename: str = ""
    label: str = ""
    latest: str = ""
    latest_date: date | None = None
    link: str = ""
    no_link: bool = False
    stale_days: int | None = None
    custom: dict[str, str] = field(default_factory=dict)
    life: Lifecycle = field(default_factory=Lifecycle)


FULL = Row(
    codename="Noble",
    label="__CODENAME__",
    latest="5.2.19",
    latest_date=date(2026, 11, 3),
    link="https://acme.test/__LATEST__",
    stale_days=90,
    custom={"java": "17"},
    life=life(
        release="2025-04-02",
        lts="2025-10-01",
        eoas="yes",
        eol="2028-04",
        eoes="no",
        discontinued="no",
    ),
)


def now(given: dict[str, Any], row: Row, *fields: str) -> list[tuple[str, Any]]:
    """The keys of a cycle with their values, in their order; its name aside."""
    found = raw_cycle({"releaseCycle": "5.2"} | given, row, fields)
    assert next(iter(found.items())) == ("releaseCycle", "5.2")
    return list(found.items())[1:]


def test_a_row_without_a_file() -> None:
    """All that it says, in the order in which files have it; what it does not say is left out."""
    assert list(raw_cycle({}, FULL, ["java", "pep"]).items()) == [
        ("releaseCycle", "5.2"),
        ("releaseLabel", "__CODENAME__"),
        ("codename", "Noble"),
        ("releaseDate", "2025-04-02"),
        ("lts", "2025-10-01"),
        ("eoas", True),
        ("eol", "2028-04-30"),
        ("eoes", False),
        ("discontinued", False),
        ("java", "17"),
        ("latest", "5.2.19"),
        ("latestReleaseDate", "2026-11-03"),
        ("link", "https://acme.test/__LATEST__"),
        ("staleReleaseThresholdDays", 90),
    ]
    assert raw_cycle({}, Row(), ()) == {"releaseCycle": "5.2"}


def test_the_order_of_the_file_is_kept() -> None:
    """What it does not have comes behind."""
    given = {"latest": "5.2.19", "eol": date(2028, 4, 30), "outOfOrder": True}
    row = Row(latest="5.2.19", codename="Noble", life=life(eol="2028-04-30", eoas="2027-01-01"))
    assert now(given, row) == [
        ("latest", "5.2.19"),
        ("eol", "2028-04-30"),
        ("outOfOrder", True),
        ("codename", "Noble"),
        ("eoas", "2027-01-01"),
    ]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (date(2028, 4, 30), "2028-04-30"),
        ([{"on": date(2028, 4, 30)}, None], [{"on": "2028-04-30"}, None]),
        (float("inf"), None),
        (float("nan"), None),
        (1.5, 1.5),
        (None, None),
        ("", ""),
    ],
)
def test_what_has_no_column_is_as_given(given: object, value: object) -> None:
    """As far as JSON can carry it."""
    assert now({"wisdom": given}, Row()) == [("wisdom", value)]


def test_keys_of_this_project_are_left_out() -> None:
    """Other readers of the format know nothing of them."""
    assert now({"precision": {"eol": "month"}, "releases": []}, Row()) == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("17", "17"),
        (" 17\n", "17"),
        ("a\r\nb", "a\nb"),
        (17, "17"),
        (True, "true"),
        (date(2028, 4, 30), "2028-04-30"),
        ("", ""),
        (None, ""),
    ],
)
def test_what_nobody_edited_stays_as_written(given: object, text: str) -> None:
    """The table keeps the text of a value; the file's own kind of it is told."""
    custom = {"java": text} if text else {}
    value = given.isoformat() if isinstance(given, date) else given
    assert now({"java": given}, Row(custom=custom), "java") == [("java", value)]


@pytest.mark.parametrize(
    ("given", "row", "told"),
    [
        ({"codename": "Old"}, Row(codename="New"), [("codename", "New")]),
        ({"codename": "Old"}, Row(), []),
        ({"codename": None}, Row(codename="New"), [("codename", "New")]),
        ({"eol": date(2028, 1, 1)}, Row(life=life(eol="no")), [("eol", False)]),
        ({"eol": True}, Row(life=life(eol="2028")), [("eol", "2028-12-31")]),
        ({"eol": True}, Row(), []),
        ({"staleReleaseThresholdDays": 1}, Row(stale_days=2), [("staleReleaseThresholdDays", 2)]),
        ({"java": 17}, Row(custom={"java": "21"}), [("java", "21")]),
        ({"java": 17}, Row(), []),
        # of a link, null says that there is none
        ({"link": None}, Row(no_link=True), [("link", None)]),
        ({"link": None}, Row(), []),
        ({"link": None}, Row(link="https://x.test"), [("link", "https://x.test")]),
        ({"link": "https://x.test"}, Row(no_link=True), [("link", None)]),
        ({}, Row(no_link=True), [("link", None)]),
    ],
)
def test_what_was_edited_shows(
    given: dict[str, Any], row: Row, told: list[tuple[str, Any]]
) -> None:
    """In the place of what the file has; what was emptied is gone."""
    assert now(given, row, "java") == told


@pytest.mark.parametrize(
    ("given", "row", "told"),
    [
        ({"support": date(2027, 1, 1)}, life(eoas="2027-01-01"), [("support", "2027-01-01")]),
        ({"support": True}, life(eoas="no"), [("support", True)]),
        ({"support": True}, life(eoas="yes"), [("support", False)]),
        ({"support": True}, life(), []),
        ({"extendedSupport": False}, life(eoes="yes"), [("extendedSupport", False)]),
        ({"support": True, "eoas": False}, life(eoas="no"), [("support", True), ("eoas", False)]),
    ],
)
def test_older_names_of_ends(
    given: dict[str, Any], row: Lifecycle, told: list[tuple[str, Any]]
) -> None:
    """A file that has them keeps them; their booleans mean the opposite."""
    assert now(given, Row(life=row)) == told


@pytest.mark.parametrize(
    ("end", "older"),
    [("2027-01-01", "2027-01-01"), (True, False), (False, True), (None, True)],
)
def test_still(end: Any, older: object) -> None:
    """An end that is reached is support that there is no longer."""
    assert still(end) == older


@pytest.mark.parametrize("text", ["", "no front matter", "---\n- 1\n---\n"])
def test_a_text_that_is_no_product_file(text: str) -> None:
    """Has nothing to tell."""
    assert raw_product(text) == {}


def test_cycles_by_name() -> None:
    """What is no cycle is none."""
    assert raw_cycles({"releases": [{"releaseCycle": "1"}, "2", None]}) == {
        "1": {"releaseCycle": "1"}
    }
    assert raw_cycles({"releases": "1"}) == raw_cycles({}) == {}


WORDS = st.text("abc .1", max_size=5)
VALUES = st.booleans() | st.dates(date(2000, 1, 1), date(2040, 1, 1))
KEYS = {
    "codename": WORDS,
    "latest": WORDS,
    "releaseLabel": WORDS,
    "java": WORDS | VALUES,
    "other": WORDS | VALUES,
    "lts": VALUES,
    "discontinued": VALUES,
    "eol": VALUES,
    "staleReleaseThresholdDays": st.integers(0, 999),
    "link": st.none() | st.just("https://acme.test/__LATEST__"),
}


@given(st.fixed_dictionaries({}, optional=KEYS), st.randoms())
def test_a_file_that_was_read_is_told_as_it_is(keys: dict[str, Any], random: Any) -> None:
    """Whatever keys a cycle has, in whatever order."""
    order = random.sample(list(keys), len(keys))
    given = cycle("1.0", releaseDate=date(1999, 1, 1)) | {key: keys[key] for key in order}
    text = product_text(given, customFields=[{"name": "java"}])
    (record,) = read_product(text).cycles
    stored = replace(
        record,
        codename=record.codename.strip(),
        latest=record.latest.strip(),
        label=record.label.strip(),
        custom={key: value.strip() for key, value in record.custom.items()},
    )
    written = raw_cycles(raw_product(text))["1.0"]
    plain = {key: v.isoformat() if isinstance(v, date) else v for key, v in given.items()}
    assert list(raw_cycle(written, stored, ["java"]).items()) == list(plain.items())
