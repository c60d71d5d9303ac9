"""The months of support that an upgrade gains."""

from __future__ import annotations

import pytest

from releases.domain.upgrade.time_plan import months_bought, time_plan
from tests.conftest import ON
from tests.lifecycles import make_lifecycle, named_cycle

OVER = named_cycle("4.2", eol="2026-04-07")
ENDED = named_cycle("5.0", eol="2025-04-02")
LTS = named_cycle("5.2", eoas="2025-12-03", eol="2028-04-30")
NEWEST = named_cycle("6.1", eoas="2027-04-30", eol="2027-12-31")
PLANNED = named_cycle("6.2", release="2027-04", eol="2030-04")
ENDLESS = named_cycle("7", eol="no")


def test_months_from_an_ended_cycle_count_from_today() -> None:
    """An ended target gains nothing; a planned one may."""
    plan = time_plan([OVER, ENDED, LTS, NEWEST, PLANNED, ENDLESS], ON)
    assert [(each.cycle.name, str(each.end), each.months) for each in plan] == [
        ("5.2", "30 Apr 2028", 17),
        ("6.1", "31 Dec 2027", 13),
        ("6.2", "Apr 2030", 41),
        ("7", "False", None),
    ]


def test_months_from_a_supported_cycle_count_from_its_end() -> None:
    """A target that ends no later gains none."""
    assert [each.months for each in time_plan([NEWEST, LTS, PLANNED], ON)] == [4, 28]
    assert [each.months for each in time_plan([LTS, NEWEST], ON)] == [0]


def test_current_cycle_gains_nothing() -> None:
    assert time_plan([LTS], ON) == []


@pytest.mark.parametrize(
    ("present", "target", "months"),
    [
        ({"eol": "2027-12-31"}, {"eol": "2028-04-30"}, 4),
        ({"eol": "2027-12-31"}, {"eol": "2028-04-29"}, 3),
        ({"eol": "2027-12-31"}, {"eol": "2027-12-31"}, 0),
        ({"eol": "no"}, {"eol": "2028-04-30"}, None),
        ({}, {"eol": "2028-04-30"}, None),
        ({"eol": "yes"}, {"eol": "2027-11-20"}, 12),
        ({"eol": "2026-01-01", "eoes": "2030-01-01"}, {"eol": "2027-11-20"}, 12),
        ({"eol": "2027-12-31"}, {"eol": "9999-12-31"}, None),
    ],
)
def test_only_whole_months_count(
    present: dict[str, str], target: dict[str, str], months: int | None
) -> None:
    """They lie between the first days without ordinary support."""
    assert months_bought(make_lifecycle(**present), make_lifecycle(**target), ON) == months
