"""Dates as people write them: ISO 8601, what pages print, and refusals of ambiguous numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.milestones import PartialDate, Precision, parse_milestone
from releases.domain.lifecycle.written_dates import read_day, read_milestone

DATES = st.builds(
    PartialDate, st.dates(min_value=date(1970, 1, 1)), st.sampled_from(list(Precision))
)


@given(DATES)
def test_what_pages_print_is_read(value: PartialDate) -> None:
    assert read_milestone(str(value)) == value
    assert read_milestone(f"  {str(value).upper()} ") == value


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("30 April 2028", "2028-04-30"),
        ("9 Sept. 2028", "2028-09-09"),
        ("may  2028", "2028-05"),
        ("2028-Q3", "2028-Q3"),
        ("2028", "2028"),
        ("yes", "yes"),
        ("", ""),
    ],
)
def test_other_forms_are_read(text: str, iso: str) -> None:
    assert read_milestone(text) == parse_milestone(iso)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "03/04/2026",
            "“03/04/2026” may mean 3 Apr 2026 or 4 Mar 2026. Write 2026-04-03 or 2026-03-04.",
        ),
        (
            "3.4.2026",
            "“3.4.2026” may mean 3 Apr 2026 or 4 Mar 2026. Write 2026-04-03 or 2026-03-04.",
        ),
        ("13/04/2026", "“13/04/2026” may mean 13 Apr 2026. Write 2026-04-13."),
        ("04-04-2026", "“04-04-2026” may mean 4 Apr 2026. Write 2026-04-04."),
        ("13/13/2026", "“13/13/2026” is not a day of the calendar."),
        ("31 Feb 2026", "“2026-02-31” is not a day of the calendar."),
    ],
)
def test_ambiguous_and_impossible_days_are_refused(text: str, message: str) -> None:
    for read in (read_milestone, read_day):
        with pytest.raises(ValueError, match=r"Write|calendar") as error:
            read(text)
        assert str(error.value) == message


def test_only_a_day_is_read_where_a_day_is_expected() -> None:
    assert read_day("30 Apr 2028") == read_day("2028-04-30") == date(2028, 4, 30)
    for text in ("2028-04", "Q3 2028", "yes", "soon", "03/04/26"):
        with pytest.raises(ValueError, match=f"“{text}” is not a day such as 2028-04-30"):
            read_day(text)
