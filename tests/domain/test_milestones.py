"""Milestone values: dates of four precisions, their text forms, and rejected texts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.milestones import (
    MilestoneValue,
    PartialDate,
    Precision,
    first_day,
    format_milestone,
    last_day,
    month_name,
    parse_milestone,
)
from tests.domain.strategies import any_milestones, days, few

DAY, MONTH, QUARTER, YEAR = Precision

PERIODS = [
    pytest.param(date(2028, 4, 17), DAY, date(2028, 4, 17), date(2028, 4, 17), id="day"),
    pytest.param(date(2028, 4, 17), MONTH, date(2028, 4, 1), date(2028, 4, 30), id="month"),
    pytest.param(date(2028, 2, 1), MONTH, date(2028, 2, 1), date(2028, 2, 29), id="leap-year"),
    pytest.param(date(2027, 2, 28), MONTH, date(2027, 2, 1), date(2027, 2, 28), id="no-leap-year"),
    pytest.param(date(2028, 12, 31), MONTH, date(2028, 12, 1), date(2028, 12, 31), id="december"),
    pytest.param(date(2028, 2, 29), QUARTER, date(2028, 1, 1), date(2028, 3, 31), id="Q1"),
    pytest.param(date(2028, 4, 1), QUARTER, date(2028, 4, 1), date(2028, 6, 30), id="Q2"),
    pytest.param(date(2028, 9, 30), QUARTER, date(2028, 7, 1), date(2028, 9, 30), id="Q3"),
    pytest.param(date(2028, 11, 5), QUARTER, date(2028, 10, 1), date(2028, 12, 31), id="Q4"),
    pytest.param(date(2028, 7, 4), YEAR, date(2028, 1, 1), date(2028, 12, 31), id="year"),
    pytest.param(date(9999, 12, 1), YEAR, date(9999, 1, 1), date(9999, 12, 31), id="last-year"),
]

TEXTS: list[tuple[str, MilestoneValue]] = [
    ("", None),
    ("yes", True),
    ("no", False),
    ("2028-04-30", PartialDate(date(2028, 4, 30))),
    ("2028-02-29", PartialDate(date(2028, 2, 29))),
    ("0987-01-01", PartialDate(date(987, 1, 1))),
    ("2028-04", PartialDate(date(2028, 4, 1), MONTH)),
    ("2028-Q1", PartialDate(date(2028, 1, 1), QUARTER)),
    ("2028-Q4", PartialDate(date(2028, 12, 1), QUARTER)),
    ("2028", PartialDate(date(2028, 1, 1), YEAR)),
]


@pytest.mark.parametrize(("day", "precision", "first", "last"), PERIODS)
def test_period_of_a_date(day: date, precision: Precision, first: date, last: date) -> None:
    """Each precision has the first and the last day of the period that a day lies in."""
    assert (first_day(day, precision), last_day(day, precision)) == (first, last)


@pytest.mark.parametrize(("day", "precision", "first", "last"), PERIODS)
def test_date_is_stored_as_the_last_day_of_its_period(
    day: date, precision: Precision, first: date, last: date
) -> None:
    """Any day of the period gives the same value."""
    value = PartialDate(day, precision)
    assert (value.first_day, value.date) == (first, last)


@pytest.mark.parametrize("precision", Precision)
def test_only_a_day_is_precise(precision: Precision) -> None:
    """All precisions but the day are imprecise."""
    assert PartialDate(date(2028, 4, 30), precision).imprecise is (precision is not DAY)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2028-04-03", "3 Apr 2028"),
        ("2028-04", "Apr 2028"),
        ("2028-Q1", "Q1 2028"),
        ("2028-Q2", "Q2 2028"),
        ("2028-Q3", "Q3 2028"),
        ("2028-Q4", "Q4 2028"),
        ("2028", "2028"),
    ],
)
def test_date_is_shown_with_its_precision(text: str, shown: str) -> None:
    assert str(parse_milestone(text)) == shown


def test_months_have_english_names() -> None:
    """The twelve months have their three letters, whatever the locale is."""
    names = " ".join(month_name(date(2028, month, 1)) for month in range(1, 13))
    assert names == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


@pytest.mark.parametrize(("text", "value"), TEXTS)
def test_text_is_read(text: str, value: MilestoneValue) -> None:
    """Each form that the admin's field names is read."""
    assert parse_milestone(text) == value


@pytest.mark.parametrize(("text", "value"), TEXTS)
def test_value_is_written(text: str, value: MilestoneValue) -> None:
    """Each value is written in the one form that is read back as the same value."""
    assert format_milestone(value) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("   ", ""),
        (" 2028-04-30\n", "2028-04-30"),
        ("2028-4-3", "2028-04-03"),
        ("2028-4", "2028-04"),
        ("2028-q2", "2028-Q2"),
        ("YES", "yes"),
        ("True", "yes"),
        ("y", "yes"),
        ("No", "no"),
        ("false", "no"),
        ("N", "no"),
    ],
)
def test_text_variants_are_accepted(text: str, same: str) -> None:
    """White space, capitals, missing zeros and synonyms of yes and no are accepted."""
    assert format_milestone(parse_milestone(text)) == same


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "28-04-30",
        "30.4.2028",
        "2028/04/30",
        "2028-04-30T00:00",
        "2028-04-30 12:00",
        "2028-",
        "2028-Q5",
        "2028-Q0",
        "2028Q1",
        "20280430",
        "-2028",
        "2028-004",
        "maybe",
        "1",
        "None",
    ],
)
def test_other_text_is_rejected(text: str) -> None:
    """The error lists the accepted forms."""
    expected = f"“{text}” is not a date such as 2028-04-30, 2028-04, 2028-Q2 or 2028, yes, no"
    with pytest.raises(ValueError, match=expected):
        parse_milestone(text)


@pytest.mark.parametrize(
    "text", ["2027-02-29", "2028-04-31", "2028-13", "2028-00", "2028-01-00", "0000", "0000-Q1"]
)
def test_nonexistent_day_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=f"^“{text}” is not a day of the calendar.$"):
        parse_milestone(text)


def test_error_quotes_only_the_first_40_characters() -> None:
    with pytest.raises(ValueError, match=f"^“{'x' * 40}” is not a date"):
        parse_milestone("x" * 5_000)


@given(any_milestones)
def test_every_value_survives_a_round_trip_through_text(value: MilestoneValue) -> None:
    assert parse_milestone(format_milestone(value)) == value


@given(st.text(alphabet="0123456789-qQ. yesnotrufal\n٣²", max_size=12))
def test_any_text_is_parsed_or_rejected(text: str) -> None:
    """A parsed value can be written."""
    try:
        value = parse_milestone(text)
    except ValueError:
        return
    assert parse_milestone(format_milestone(value)) == value


@few
@given(days, st.sampled_from(Precision), st.data())
def test_all_days_of_a_period_make_the_same_value(
    day: date, precision: Precision, data: st.DataObject
) -> None:
    """Two days of one month, quarter or year are the same imprecise date."""
    value = PartialDate(day, precision)
    other = data.draw(st.dates(value.first_day, value.date))
    assert PartialDate(other, precision) == value
    assert value.first_day <= day <= value.date


@few
@given(days, st.sampled_from([MONTH, QUARTER, YEAR]))
def test_periods_follow_each_other(day: date, precision: Precision) -> None:
    """The day after a period is the first day of the next one."""
    after = last_day(day, precision) + timedelta(days=1)
    assert first_day(after, precision) == after
