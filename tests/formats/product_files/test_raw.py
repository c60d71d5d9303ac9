"""Raw values of a cycle: unedited ones as in the file, edited ones from the database."""

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
from tests.lifecycles import make_lifecycle
from tests.product_files import cycle, product_text


@dataclass(frozen=True)
class Row:
    """A cycle like a row of the database."""

    name: str = "5.2"
    codename: str = ""
    label: str = ""
    latest: str = ""
    latest_date: date | None = None
    link: str = ""
    no_link: bool = False
    stale_days: int | None = None
    custom: dict[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)


FULL = Row(
    codename="Noble",
    label="__CODENAME__",
    latest="5.2.19",
    latest_date=date(2026, 11, 3),
    link="https://acme.test/__LATEST__",
    stale_days=90,
    custom={"java": "17"},
    lifecycle=make_lifecycle(
        release="2025-04-02",
        lts="2025-10-01",
        eoas="yes",
        eol="2028-04",
        eoes="no",
        discontinued="no",
    ),
)


def now(given: dict[str, Any], row: Row, *fields: str) -> list[tuple[str, Any]]:
    """Return the keys of a cycle with their values in order, without its name."""
    found = raw_cycle({"releaseCycle": "5.2"} | given, row, fields)
    assert next(iter(found.items())) == ("releaseCycle", "5.2")
    return list(found.items())[1:]


def test_row_without_a_file_has_its_values_in_the_usual_order() -> None:
    """Empty values are left out."""
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


def test_order_of_the_file_is_kept() -> None:
    """Keys that the file does not have come last."""
    given = {"latest": "5.2.19", "eol": date(2028, 4, 30), "outOfOrder": True}
    row = Row(
        latest="5.2.19",
        codename="Noble",
        lifecycle=make_lifecycle(eol="2028-04-30", eoas="2027-01-01"),
    )
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
def test_keys_without_a_column_are_unchanged(given: object, value: object) -> None:
    """Values are converted to what JSON supports."""
    assert now({"wisdom": given}, Row()) == [("wisdom", value)]


def test_keys_of_this_project_are_left_out() -> None:
    """Other readers of the format do not know them."""
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
def test_unedited_values_keep_the_type_of_the_file(given: object, text: str) -> None:
    """The database stores them as text."""
    custom = {"java": text} if text else {}
    value = given.isoformat() if isinstance(given, date) else given
    assert now({"java": given}, Row(custom=custom), "java") == [("java", value)]


@pytest.mark.parametrize(
    ("given", "row", "told"),
    [
        ({"codename": "Old"}, Row(codename="New"), [("codename", "New")]),
        ({"codename": "Old"}, Row(), []),
        ({"codename": None}, Row(codename="New"), [("codename", "New")]),
        ({"eol": date(2028, 1, 1)}, Row(lifecycle=make_lifecycle(eol="no")), [("eol", False)]),
        ({"eol": True}, Row(lifecycle=make_lifecycle(eol="2028")), [("eol", "2028-12-31")]),
        ({"eol": True}, Row(), []),
        ({"staleReleaseThresholdDays": 1}, Row(stale_days=2), [("staleReleaseThresholdDays", 2)]),
        ({"java": 17}, Row(custom={"java": "21"}), [("java", "21")]),
        ({"java": 17}, Row(), []),
        # a null link means that there is none
        ({"link": None}, Row(no_link=True), [("link", None)]),
        ({"link": None}, Row(), []),
        ({"link": None}, Row(link="https://x.test"), [("link", "https://x.test")]),
        ({"link": "https://x.test"}, Row(no_link=True), [("link", None)]),
        ({}, Row(no_link=True), [("link", None)]),
    ],
)
def test_edited_values_replace_those_of_the_file(
    given: dict[str, Any], row: Row, told: list[tuple[str, Any]]
) -> None:
    """They keep their place, and emptied ones are removed."""
    assert now(given, row, "java") == told


@pytest.mark.parametrize(
    ("given", "row", "told"),
    [
        (
            {"support": date(2027, 1, 1)},
            make_lifecycle(eoas="2027-01-01"),
            [("support", "2027-01-01")],
        ),
        ({"support": True}, make_lifecycle(eoas="no"), [("support", True)]),
        ({"support": True}, make_lifecycle(eoas="yes"), [("support", False)]),
        ({"support": True}, make_lifecycle(), []),
        ({"extendedSupport": False}, make_lifecycle(eoes="yes"), [("extendedSupport", False)]),
        (
            {"support": True, "eoas": False},
            make_lifecycle(eoas="no"),
            [("support", True), ("eoas", False)],
        ),
    ],
)
def test_older_keys_are_kept(
    given: dict[str, Any], row: Lifecycle, told: list[tuple[str, Any]]
) -> None:
    """Their booleans mean the opposite."""
    assert now(given, Row(lifecycle=row)) == told


@pytest.mark.parametrize(
    ("end", "older"),
    [("2027-01-01", "2027-01-01"), (True, False), (False, True), (None, True)],
)
def test_still_negates_booleans(end: Any, older: object) -> None:
    assert still(end) == older


@pytest.mark.parametrize("text", ["", "no front matter", "---\n- 1\n---\n"])
def test_text_that_is_no_product_file_has_no_data(text: str) -> None:
    assert raw_product(text) == {}


def test_cycles_are_found_by_name() -> None:
    """Entries that are no cycles are ignored."""
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
def test_raw_values_of_an_imported_file_equal_the_file(keys: dict[str, Any], random: Any) -> None:
    """A cycle may have any keys in any order."""
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
