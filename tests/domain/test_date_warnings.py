"""What looks odd about a cycle beside the others of its product."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.date_warnings import doubts_about
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
"""With an LTS release among them; without those there is no support between two others."""

PLAIN = [cycle for cycle in DJANGO if not cycle.lifecycle.lts]


def doubts(others: list[NamedCycle], new: bool = False, **milestones: str) -> list[str]:
    """About Django 6.1, of which `milestones` are given."""
    return doubts_about(named_cycle("6.1", **milestones), others, ON, new=new)


def test_a_cycle_like_the_others_raises_no_doubt() -> None:
    """What follows the pattern is left alone, and so is each of the others."""
    assert doubts(DJANGO, release="2026-08-05", eoas="2027-04", eol="2027-12") == []
    for cycle in DJANGO:
        others = [each for each in DJANGO if each is not cycle]
        assert doubts_about(cycle, others, ON) == []


@pytest.mark.parametrize(
    ("eol", "expected"),
    [
        ("2027-04-30", "Shorter support than the last 5 cycles: 8 months, they had 15 to 16."),
        ("2028-12-31", "Longer support than the last 5 cycles: 28 months, they had 15 to 16."),
    ],
)
def test_support_of_another_length(eol: str, expected: str) -> None:
    """What is a third shorter or half as long again is said, with the numbers."""
    assert doubts(DJANGO, release="2026-08-05", eoas="2027-04-30", eol=eol) == [expected]


def test_an_lts_cycle_that_is_supported_shorter_than_others() -> None:
    """Whoever forgot the years of an LTS cycle is told."""
    found = doubts(DJANGO, release="2026-08-05", eoas="2027-01", eol="2027-08-31", lts="yes")
    assert found == [
        "An LTS cycle with shorter support than the last 5 cycles that are none:"
        " 12 months, they had 15 to 16."
    ]


def test_time_without_support() -> None:
    """A gap beside the cycle before or the next one is said with its days, if there were none;
    what another cycle bridges is none."""
    late = doubts(PLAIN, release="2027-08-05", eoas="2028-04", eol="2028-12")
    assert late == ["No overlap with 6.0: for 96 days between them there is no support."]
    assert doubts(DJANGO, release="2027-08-05", eoas="2028-04", eol="2028-12") == []
    next_one = named_cycle("6.2", release="2027-04", eoas="2027-12", eol="2028-08")
    found = doubts([*PLAIN[:-1], next_one], release="2025-10-05", eoas="2026-09", eol="2026-12-31")
    assert found == ["No overlap with 6.2: for 90 days between them there is no support."]


def test_a_cycle_out_of_order() -> None:
    """A release before that of an older cycle, where all others come in the order of versions."""
    found = doubts(DJANGO, release="2025-08-05", eoas="2026-04", eol="2026-12")
    assert found == ["Released before 6.0, which is older (3 Dec 2025)."]
    newer = [*DJANGO, named_cycle("6.2", release="2026-04", eoas="2026-12", eol="2027-08")]
    found = doubts(newer, release="2026-08-05", eoas="2027-04", eol="2027-12")
    assert found == ["Released after 6.2, which is newer (Apr 2026)."]
    newer += [named_cycle("6.3", release="2020-01", eoas="2020-02", eol="2020-03")]
    assert doubts(newer, release="2026-08-05", eoas="2027-04", eol="2027-12") == []


def test_an_end_that_is_missing() -> None:
    """Where the others have an end it was forgotten, unless it says that there is none yet."""
    assert doubts(DJANGO, release="2026-08-05", eol="2027-12") == [
        "No end of active support is given; the last 5 cycles have one."
    ]
    assert doubts(DJANGO, release="2026-08-05", eoas="2027-04", eol="no") == []
    assert len(doubts(DJANGO)) == 2
    assert doubts(DJANGO[:2], release="2026-08-05") == []


def test_a_year_that_nobody_means() -> None:
    """A slip of the finger is named with how far away it is; 9999 stands for never."""
    found = doubts([], release="2026-08-05", eoas="9999-12-31", eol="2208-04-30")
    assert found == ["The end of security support is 30 Apr 2208, in 181 years and 5 months."]
    assert doubts([], release="0206-08") != []


def test_a_new_cycle_that_is_over() -> None:
    """Of the newest cycle it is said when it is added; an old one is history that is filled in."""
    past = named_cycle("6.1", release="2026-01", eoas="2026-03", eol="2026-10-31")
    found = "Its support ends on a day that has passed, 21 days ago."
    assert found in doubts_about(past, DJANGO, ON, new=True)
    assert found not in doubts_about(past, DJANGO, ON)
    newer = [*DJANGO, named_cycle("6.2", release="2026-06", eoas="2026-12", eol="2027-08")]
    assert found not in doubts_about(past, newer, ON, new=True)
    assert doubts([], new=True, eol="yes") == ["Its support ends on a day that has passed."]


names = st.text("0123456789.ab-", max_size=6)
some = st.lists(st.builds(NamedCycle, names, lives), max_size=12, unique_by=lambda each: each.name)


@given(st.builds(NamedCycle, names, lives), some, st.booleans(), st.randoms(use_true_random=False))
def test_doubts_follow_from_the_cycles_alone(
    cycle: NamedCycle, others: list[NamedCycle], new: bool, random: Random
) -> None:
    """Whatever the milestones are it never fails, and the order of the others does not matter."""
    found = doubts_about(cycle, others, ON, new=new)
    shuffled = random.sample(others, len(others))
    assert found == doubts_about(cycle, shuffled, ON, new=new)
    assert all(doubt.endswith(".") for doubt in found)
    assert len(found) == len(set(found))


@few
@given(st.builds(Lifecycle, release=any_milestones, eol=any_milestones))
def test_no_date_of_the_calendar_is_too_much(life: Lifecycle) -> None:
    """The first and the last day of the calendar included."""
    doubts_about(
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
def test_a_pattern_raises_no_doubt(
    start: date, step: int, support: int, active: int | None, count: int, at: int
) -> None:
    """No cycle of a product with one pace and one length of support is doubted."""

    def cycle(number: int) -> NamedCycle:
        release = start + timedelta(days=step * number)
        eoas = PartialDate(release + timedelta(days=active)) if active else None
        eol = PartialDate(release + timedelta(days=support))
        return NamedCycle(
            f"{number}.0", Lifecycle(release=PartialDate(release), eoas=eoas, eol=eol)
        )

    cycles = [cycle(number) for number in range(count)]
    this = cycles.pop(at % count)
    assert doubts_about(this, cycles, start) == []


@pytest.mark.catalogue
def test_the_real_products_are_seldom_doubted() -> None:
    """Nobody heeds a warning that is always there: less than one in twenty of real cycles has one,
    and of those at the top of their products, which are edited, less than one in fifty."""
    doubted, newest = [], []
    for path in sorted((CATALOGUE / "products").iterdir()):
        cycles = list(read_product(path.read_text(), path.name).cycles)
        for place, cycle in enumerate(cycles):
            others = [*cycles[:place], *cycles[place + 1 :]]
            found = bool(doubts_about(cycle, others, ON))
            doubted.append(found)
            newest += [found] if place < 3 else []
    assert len(doubted) > 1000
    assert sum(doubted) < len(doubted) / 20
    assert sum(newest) < len(newest) / 50
