"""Warnings about unusual dates of a cycle, compared with the other cycles of its product."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.date_warnings import warnings_about
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Lifecycle
from releases.formats.product_files.parser import read_product
from tests.conftest import CATALOGUE, ON
from tests.domain.strategies import any_milestones, few, lives
from tests.lifecycles import NamedCycle, named_cycle

DJANGO = [
    named_cycle("4.0", release="2021-12-07", eoas="2022-08-03", eol="2023-04-01"),
    named_cycle("4.1", release="2022-08-03", eoas="2023-04-01", eol="2023-12-01"),
    named_cycle("4.2", release="2023-04-03", eoas="2023-12-04", eol="2026-04-30", lts="yes"),
    named_cycle("5.0", release="2023-12-04", eoas="2024-08-07", eol="2025-04-02"),
    named_cycle("5.1", release="2024-08-07", eoas="2025-04-02", eol="2025-12-03"),
    named_cycle("5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes"),
    named_cycle("6.0", release="2025-12-03", eoas="2026-08-04", eol="2027-04-30"),
]
"""Cycles of Django with LTS cycles, without which there would be gaps in support."""

PLAIN = [cycle for cycle in DJANGO if not cycle.lifecycle.lts]


def warnings(others: list[NamedCycle], new: bool = False, **milestones: str) -> list[str]:
    """Return the warnings about Django 6.1 with these milestones."""
    return warnings_about(named_cycle("6.1", **milestones), others, ON, new=new)


def test_cycle_that_follows_the_pattern_has_no_warning() -> None:
    assert warnings(DJANGO, release="2026-08-05", eoas="2027-04", eol="2027-12") == []
    for cycle in DJANGO:
        others = [each for each in DJANGO if each is not cycle]
        assert warnings_about(cycle, others, ON) == []


@pytest.mark.parametrize(
    ("eol", "expected"),
    [
        ("2027-04-30", "Shorter support than the last 5 cycles: 8 months, they had 15 to 16."),
        ("2028-12-31", "Longer support than the last 5 cycles: 28 months, they had 15 to 16."),
    ],
)
def test_unusual_length_of_support_is_reported(eol: str, expected: str) -> None:
    """The limits are a third shorter and half as long again."""
    assert warnings(DJANGO, release="2026-08-05", eoas="2027-04-30", eol=eol) == [expected]


def test_lts_cycle_with_short_support_is_reported() -> None:
    found = warnings(DJANGO, release="2026-08-05", eoas="2027-01", eol="2027-08-31", lts="yes")
    assert found == [
        "An LTS cycle with shorter support than the last 5 cycles that are none:"
        " 12 months, they had 15 to 16."
    ]


def test_gap_in_support_is_reported() -> None:
    """The warning has the number of days.

    Gaps are only reported if earlier cycles had none, and cycles can bridge a gap.
    """
    late = warnings(PLAIN, release="2027-08-05", eoas="2028-04", eol="2028-12")
    assert late == ["No overlap with 6.0: for 96 days between them there is no support."]
    assert warnings(DJANGO, release="2027-08-05", eoas="2028-04", eol="2028-12") == []
    next_one = named_cycle("6.2", release="2027-04", eoas="2027-12", eol="2028-08")
    found = warnings(
        [*PLAIN[:-1], next_one], release="2025-10-05", eoas="2026-09", eol="2026-12-31"
    )
    assert found == ["No overlap with 6.2: for 90 days between them there is no support."]


def test_release_before_an_older_cycle_is_reported() -> None:
    """All other releases are in the order of versions."""
    found = warnings(DJANGO, release="2025-08-05", eoas="2026-04", eol="2026-12")
    assert found == ["Released before 6.0, which is older (3 Dec 2025)."]
    newer = [*DJANGO, named_cycle("6.2", release="2026-04", eoas="2026-12", eol="2027-08")]
    found = warnings(newer, release="2026-08-05", eoas="2027-04", eol="2027-12")
    assert found == ["Released after 6.2, which is newer (Apr 2026)."]
    newer += [named_cycle("6.3", release="2020-01", eoas="2020-02", eol="2020-03")]
    assert warnings(newer, release="2026-08-05", eoas="2027-04", eol="2027-12") == []


def test_missing_end_is_reported() -> None:
    """The other cycles have an end, and the cycle does not state that none is announced."""
    assert warnings(DJANGO, release="2026-08-05", eol="2027-12") == [
        "No end of active support is given; the last 5 cycles have one."
    ]
    assert warnings(DJANGO, release="2026-08-05", eoas="2027-04", eol="no") == []
    assert len(warnings(DJANGO)) == 2
    assert warnings(DJANGO[:2], release="2026-08-05") == []


def test_implausible_year_is_reported() -> None:
    """The warning has the distance in years. The year 9999 stands for "never"."""
    found = warnings([], release="2026-08-05", eoas="9999-12-31", eol="2208-04-30")
    assert found == ["The end of security support is 30 Apr 2208, in 181 years and 5 months."]
    assert warnings([], release="0206-08") != []


def test_new_cycle_that_has_ended_is_reported() -> None:
    """Only the newest cycle is checked when it is added, since old cycles fill in history."""
    past = named_cycle("6.1", release="2026-01", eoas="2026-03", eol="2026-10-31")
    found = "Its support ends on a day that has passed, 21 days ago."
    assert found in warnings_about(past, DJANGO, ON, new=True)
    assert found not in warnings_about(past, DJANGO, ON)
    newer = [*DJANGO, named_cycle("6.2", release="2026-06", eoas="2026-12", eol="2027-08")]
    assert found not in warnings_about(past, newer, ON, new=True)
    assert warnings([], new=True, eol="yes") == ["Its support ends on a day that has passed."]


names = st.text("0123456789.ab-", max_size=6)
some = st.lists(st.builds(NamedCycle, names, lives), max_size=12, unique_by=lambda each: each.name)


@given(st.builds(NamedCycle, names, lives), some, st.booleans(), st.randoms(use_true_random=False))
def test_warnings_do_not_depend_on_the_order_of_cycles(
    cycle: NamedCycle, others: list[NamedCycle], new: bool, random: Random
) -> None:
    """No combination of milestones fails."""
    found = warnings_about(cycle, others, ON, new=new)
    shuffled = random.sample(others, len(others))
    assert found == warnings_about(cycle, shuffled, ON, new=new)
    assert all(doubt.endswith(".") for doubt in found)
    assert len(found) == len(set(found))


@few
@given(st.builds(Lifecycle, release=any_milestones, eol=any_milestones))
def test_first_and_last_day_of_the_calendar_do_not_fail(life: Lifecycle) -> None:
    warnings_about(
        NamedCycle("1", life), [NamedCycle(str(number), life) for number in range(5)], ON, new=True
    )


@given(
    start=st.dates(date(2015, 1, 1), date(2026, 1, 1)),
    step=st.integers(30, 800),
    support=st.integers(30, 3000),
    active=st.one_of(st.none(), st.integers(1, 30)),
    count=st.integers(1, 10),
    at=st.integers(0, 9),
)
def test_regular_product_has_no_warning(
    start: date, step: int, support: int, active: int | None, count: int, at: int
) -> None:
    """All cycles have the same interval and length of support."""

    def cycle(number: int) -> NamedCycle:
        release = start + timedelta(days=step * number)
        eoas = PartialDate(release + timedelta(days=active)) if active else None
        eol = PartialDate(release + timedelta(days=support))
        return NamedCycle(
            f"{number}.0", Lifecycle(release=PartialDate(release), eoas=eoas, eol=eol)
        )

    cycles = [cycle(number) for number in range(count)]
    this = cycles.pop(at % count)
    assert warnings_about(this, cycles, start) == []


@pytest.mark.catalogue
def test_real_products_have_few_warnings() -> None:
    """Frequent warnings would be ignored.

    Less than 5% of all real cycles and less than 2% of the newest cycles may have one.
    """
    doubted, newest = [], []
    for path in sorted((CATALOGUE / "products").iterdir()):
        cycles = list(read_product(path.read_text(), path.name).cycles)
        for place, cycle in enumerate(cycles):
            others = [*cycles[:place], *cycles[place + 1 :]]
            found = bool(warnings_about(cycle, others, ON))
            doubted.append(found)
            newest += [found] if place < 3 else []
    assert len(doubted) > 1000
    assert sum(doubted) < len(doubted) / 20
    assert sum(newest) < len(newest) / 50
