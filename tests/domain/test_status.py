"""The status of a cycle: each row of the table in docs/architecture.md, and properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given

from releases.domain.lifecycle.extended_support import ExtendedSupport, ExtendedTerms
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    ORDERED_PAIRS,
    MilestoneValue,
    PartialDate,
    format_milestone,
    parse_milestone,
)
from releases.domain.lifecycle.status import (
    Lifecycle,
    OrderError,
    Period,
    Phase,
    Status,
    end_reached,
    ends_soon,
    is_lts,
    is_lts_in_public_api,
    is_maintained,
    next_end,
    order_errors,
    periods,
    start_reached,
    status_on,
    support_ended_on,
)
from tests.domain.strategies import days, exact_lives, few, lives
from tests.lifecycles import FREE, make_lifecycle

PLANNED, ACTIVE, SECURITY, FREE_EXTENDED, EXTENDED, END_OF_LIFE = Status
Texts = dict[str, str]

RELEASE, EOAS, EOL, EOES = "2025-04-02", "2026-12-31", "2028-04-30", "2030-06-15"
DATED = {"release": RELEASE, "eoas": EOAS, "eol": EOL, "eoes": EOES}


def life_of(*names: str, **milestones: str) -> Texts:
    """Return the named milestones of `DATED` and the given ones."""
    return {name: DATED[name] for name in names} | milestones


def around(day: str) -> list[date]:
    """Return the day before, the day itself and the day after."""
    return [date.fromisoformat(day) + timedelta(days=shift) for shift in (-1, 0, 1)]


def drawn(life: Lifecycle) -> list[str]:
    """Return the periods as texts, with `since ever` and `for ever` for open ends."""
    return [_drawn(period) for period in periods(life)]


def _drawn(period: Period) -> str:
    start = period.start.isoformat() if period.start else "since ever"
    end = (period.end - timedelta(days=1)).isoformat() if period.end else "for ever"
    return f"{period.phase} {start} - {end}"


# ---- reached -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("2028-04-30", [False, True, True]),
        ("2028-04", [False, True, True]),  # imprecise: when it certainly is
        ("yes", [True, True, True]),
        ("no", [False, False, False]),
        ("", [True, True, True]),  # as if long ago
    ],
)
def test_start_is_reached_on_its_day(text: str, reached: list[bool]) -> None:
    """An imprecise start is reached on the last day of its period."""
    value = parse_milestone(text)
    assert [start_reached(value, day) for day in around("2028-04-30")] == reached


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("2028-04-30", [False, False, True]),
        ("2028-04", [False, False, True]),
        ("yes", [True, True, True]),
        ("no", [False, False, False]),
        ("", [False, False, False]),
    ],
)
def test_end_is_reached_after_its_day(text: str, reached: list[bool]) -> None:
    """The last day still counts."""
    value = parse_milestone(text)
    assert [end_reached(value, day) for day in around("2028-04-30")] == reached


# ---- status: each row of the table, around each of its boundaries --------------------------------

BOUNDARIES = [
    # release not reached: planned; eoas not reached: active
    (life_of("release", "eoas", "eol", "eoes"), RELEASE, [PLANNED, ACTIVE, ACTIVE]),
    (life_of("release"), RELEASE, [PLANNED, ACTIVE, ACTIVE]),
    (life_of("release", "eol"), RELEASE, [PLANNED, ACTIVE, ACTIVE]),
    (life_of("release", "eol", eoas="yes"), RELEASE, [PLANNED, SECURITY, SECURITY]),
    (life_of("release", eol="yes"), RELEASE, [PLANNED, END_OF_LIFE, END_OF_LIFE]),
    # no eoas: active until eol
    (life_of("release", "eol"), EOL, [ACTIVE, ACTIVE, END_OF_LIFE]),
    # eoas not reached: active; reached, eol not: security
    (life_of("release", "eoas", "eol"), EOAS, [ACTIVE, ACTIVE, SECURITY]),
    (life_of("release", "eoas", "eol"), EOL, [SECURITY, SECURITY, END_OF_LIFE]),
    # eoas True, dated eol: security until eol
    (life_of("release", "eol", eoas="yes"), EOL, [SECURITY, SECURITY, END_OF_LIFE]),
    # eoas False, dated eol: active until eol
    (life_of("release", "eol", eoas="no"), EOL, [ACTIVE, ACTIVE, END_OF_LIFE]),
    # eol reached, eoes present and not reached: extended
    (life_of("release", "eol", "eoes"), EOL, [ACTIVE, ACTIVE, EXTENDED]),
    (life_of("release", "eoas", "eol", "eoes"), EOL, [SECURITY, SECURITY, EXTENDED]),
    (life_of("release", "eol", "eoes"), EOES, [EXTENDED, EXTENDED, END_OF_LIFE]),
    (life_of("release", "eoes", eol="yes"), EOES, [EXTENDED, EXTENDED, END_OF_LIFE]),
    # eol reached, eoes False: extended, its end not announced
    (life_of("release", "eol", eoes="no"), EOL, [ACTIVE, ACTIVE, EXTENDED]),
    # eol reached, eoes True: everything is
    (life_of("release", "eol", eoes="yes"), EOL, [ACTIVE, ACTIVE, END_OF_LIFE]),
    # eol False: active or security by eoas, its end not announced
    (life_of("release", "eoas", eol="no"), EOAS, [ACTIVE, ACTIVE, SECURITY]),
    (life_of("release", "eoas", "eoes", eol="no"), EOES, [SECURITY, SECURITY, SECURITY]),
    # no release date: as if released long ago
    (life_of("eoas", "eol"), EOAS, [ACTIVE, ACTIVE, SECURITY]),
    (life_of("eoas", "eol"), EOL, [SECURITY, SECURITY, END_OF_LIFE]),
    # no eol either: the first end that is given ends the support
    (life_of("release", "eoas"), EOAS, [ACTIVE, ACTIVE, END_OF_LIFE]),
    (life_of("release", "eoas", "eoes"), EOAS, [ACTIVE, ACTIVE, EXTENDED]),
    (life_of("release", "eoes"), EOES, [ACTIVE, ACTIVE, END_OF_LIFE]),
    # imprecise: a start is reached on the last day of its period, an end after it
    ({"release": "2025-Q2", "eol": EOL}, "2025-06-30", [PLANNED, ACTIVE, ACTIVE]),
    ({"release": RELEASE, "eol": "2028-04"}, "2028-04-30", [ACTIVE, ACTIVE, END_OF_LIFE]),
    ({"release": RELEASE, "eol": "2028"}, "2028-12-31", [ACTIVE, ACTIVE, END_OF_LIFE]),
]


@pytest.mark.parametrize(("milestones", "boundary", "statuses"), BOUNDARIES)
def test_status_around_a_boundary(milestones: Texts, boundary: str, statuses: list[Status]) -> None:
    """The status flips on the day of a start and on the day after an end."""
    life = make_lifecycle(**milestones)
    assert [status_on(life, day) for day in around(boundary)] == statuses


@pytest.mark.parametrize(("milestones", "boundary", "statuses"), BOUNDARIES)
@pytest.mark.parametrize("terms", ExtendedTerms)
def test_only_free_extended_support_counts(
    milestones: Texts, boundary: str, statuses: list[Status], terms: ExtendedTerms
) -> None:
    """Paid, contract and unrecorded terms behave alike."""
    life = make_lifecycle(ExtendedSupport(terms), **milestones)
    extended = FREE_EXTENDED if terms is ExtendedTerms.FREE else EXTENDED
    expected = [extended if status is EXTENDED else status for status in statuses]
    assert [status_on(life, day) for day in around(boundary)] == expected


@given(lives, days)
def test_support_is_over_when_its_end_is_reached(life: Lifecycle, on: date) -> None:
    """`supported_until` is the end that matches `Status.supported`.

    Customers with extended support are supported unless the life has ended.
    """
    status = status_on(life, on)
    if status is not Status.PLANNED:
        assert status.ended == (not status.supported) == end_reached(life.supported_until, on)
        assert status_on(life.with_extended(), on).supported == (status is not END_OF_LIFE)


@given(lives, days)
def test_day_on_which_support_ended_is_past(life: Lifecycle, on: date) -> None:
    ended = support_ended_on(life, on)
    assert ended is None or ended.date < on
    if not status_on(life, on).ended:
        assert ended is None


def test_extended_support_that_is_not_free_does_not_end_soon() -> None:
    milestones = {"eol": "2026-01-01", "eoes": "2026-12-31"}
    on = date(2026, 12, 30)
    assert not ends_soon(make_lifecycle(**milestones), on)
    assert ends_soon(make_lifecycle(ExtendedSupport(ExtendedTerms.FREE), **milestones), on)


@pytest.mark.parametrize(
    ("milestones", "status"),
    [
        ({}, ACTIVE),
        ({"release": "yes"}, ACTIVE),
        ({"release": "no"}, PLANNED),
        ({"release": "no", "eol": "2020-01-01"}, PLANNED),
        ({"release": RELEASE, "eol": "no"}, ACTIVE),
        ({"release": RELEASE, "eoas": "no", "eol": "no"}, ACTIVE),
        ({"release": RELEASE, "eoas": "yes", "eol": "no"}, SECURITY),
        ({"release": RELEASE, "eol": "yes"}, END_OF_LIFE),
        ({"release": RELEASE, "eoas": "2020-01-01", "eol": "yes"}, END_OF_LIFE),
        ({"release": RELEASE, "eol": "yes", "eoes": "no"}, EXTENDED),
        ({"release": RELEASE, "eol": "yes", "eoes": "yes"}, END_OF_LIFE),
        ({"release": RELEASE, "eoas": "yes"}, END_OF_LIFE),
        ({"release": RELEASE, "eoas": "no"}, ACTIVE),
    ],
)
@pytest.mark.parametrize("on", [date(2025, 4, 2), date(2026, 11, 21), date(2099, 1, 1)])
def test_status_without_dates_is_the_same_on_every_day(
    milestones: Texts, status: Status, on: date
) -> None:
    assert status_on(make_lifecycle(**milestones), on) is status


@few
@given(lives, days)
def test_status_ignores_lts_and_discontinuation(life: Lifecycle, on: date) -> None:
    """It follows from release, eoas, eol and eoes."""
    without = replace(life, lts=None, discontinued=None)
    assert status_on(life, on) is status_on(without, on)


def test_status_supported() -> None:
    """Active, security and free extended count as supported; other extended support does not."""
    supported = [ACTIVE, SECURITY, FREE_EXTENDED]
    assert [status for status in Status if status.supported] == supported
    assert [status for status in Status if status.ended] == [EXTENDED, END_OF_LIFE]


# ---- the next end, and whether it is near --------------------------------------------------------


@pytest.mark.parametrize(
    ("milestones", "on", "end"),
    [
        (DATED, "2025-04-01", ""),  # planned
        (DATED, RELEASE, EOAS),
        (DATED, EOAS, EOAS),
        (DATED, "2027-01-01", EOL),
        (DATED, "2028-05-01", EOES),
        (DATED, "2030-06-16", ""),  # end of life
        (life_of("release", "eol"), "2026-11-21", EOL),
        (life_of("release", "eol", eoas="no"), "2026-11-21", EOL),
        (life_of("release", "eol", eoas="yes"), "2026-11-21", EOL),
        (life_of("release", "eoas"), "2026-11-21", EOAS),
        (life_of("release", eol="no"), "2026-11-21", "no"),
        (life_of("release", "eol", eoes="no"), "2028-05-01", "no"),
        (life_of("release", eol="yes"), "2026-11-21", ""),
        (life_of("release"), "2026-11-21", ""),
        # Imprecise ends may overlap: active support never outlasts the end of all support.
        (life_of("release", eoas="2028", eol="2028-04"), "2028-04-01", "2028-04"),
    ],
)
def test_next_end(milestones: Texts, on: str, end: str) -> None:
    """The next end is that of the current phase, or `no` if none is announced."""
    found = next_end(make_lifecycle(**milestones), date.fromisoformat(on))
    assert format_milestone(found) == end


LONG_AGO = "2020-01-01"
NEAR = [
    # 120 days, where the life is long; 2028-01-01 is 120 days before 2028-04-30
    ({"release": LONG_AGO, "eol": EOL}, "2028-01-01", [False, True, True]),
    ({"release": LONG_AGO, "eol": "2028-04"}, "2028-01-01", [False, True, True]),
    # its last day still counts
    ({"release": LONG_AGO, "eol": EOL}, EOL, [True, True, False]),
    # without a release date: 120 days
    ({"eol": EOL}, "2028-01-01", [False, True, True]),
    ({"release": "yes", "eol": EOL}, "2028-01-01", [False, True, True]),
    # a life of 360 days: a third of it is 120 days; of 357 days: 119
    ({"release": "2027-05-06", "eol": EOL}, "2028-01-01", [False, True, True]),
    ({"release": "2027-05-09", "eol": EOL}, "2028-01-02", [False, True, True]),
    # a life of 90 days: the last 30 of them; of 100 days: the last 33
    ({"release": "2028-01-31", "eol": EOL}, "2028-03-31", [False, True, True]),
    ({"release": "2028-01-21", "eol": EOL}, "2028-03-28", [False, True, True]),
    # the next end counts, whichever it is, and the third of the time from the release to it
    ({"release": LONG_AGO, "eoas": EOAS, "eol": "2035-01-01"}, "2026-09-02", [False, True, True]),
    ({"release": LONG_AGO, "eoas": EOAS, "eol": "2035-01-01"}, EOAS, [True, True, False]),
    ({"release": LONG_AGO, "eoas": EOAS, "eol": EOL}, "2028-01-01", [False, True, True]),
    ({"release": LONG_AGO, "eol": EOL, "eoes": "2029-12-31"}, "2029-09-02", [False, True, True]),
    ({"release": LONG_AGO, "eol": EOL, "eoes": "2028-08-01"}, EOL, [True, True, True]),
    (
        {"release": "2028-01-31", "eoas": EOL, "eol": "2035-01-01"},
        "2028-03-31",
        [False, True, True],
    ),
    # an imprecise end of active support that reaches beyond the end of all support
    ({"release": LONG_AGO, "eoas": "2028", "eol": "2028-04"}, "2028-01-01", [False, True, True]),
]


@pytest.mark.parametrize(("milestones", "boundary", "soon"), NEAR)
def test_ends_soon_around_a_boundary(milestones: Texts, boundary: str, soon: list[bool]) -> None:
    """An end is near from 120 days before it, or in the last third of the time to it."""
    life = make_lifecycle(FREE, **milestones)
    assert [ends_soon(life, day) for day in around(boundary)] == soon


@pytest.mark.parametrize(
    "milestones",
    [
        {},
        {"release": "2027-01-01", "eol": "2027-02-01"},  # planned
        {"release": RELEASE, "eol": "2026-11-20"},  # over
        {"release": RELEASE, "eol": "no"},
        {"release": RELEASE, "eol": "yes"},
        {"release": RELEASE, "eol": "2026-11-20", "eoes": "no"},
        {"release": RELEASE, "eol": "no", "eoes": "2026-12-01"},
        {"release": RELEASE, "eol": EOL, "discontinued": "2026-12-01"},
    ],
)
def test_nothing_ends_soon_without_a_near_end(milestones: Texts) -> None:
    """Planned and ended cycles, and those without a dated end, do not end soon."""
    assert not ends_soon(make_lifecycle(**milestones), date(2026, 11, 21))


@few
@given(lives, days)
def test_only_supported_cycles_end_soon(life: Lifecycle, on: date) -> None:
    """Their next end is in the future."""
    if not ends_soon(life, on):
        return
    end = next_end(life, on)
    assert status_on(life, on).supported
    assert isinstance(end, PartialDate)
    assert 0 <= (end.date - on).days <= 120


# ---- values of the public API --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("milestones", "maintained"),
    [
        ({}, [False, False, False]),  # no end is present, so none of them is to come
        ({"release": "2030-01-01"}, [False, False, False]),
        ({"eol": EOL}, [True, True, False]),
        ({"eoas": EOL}, [True, True, False]),
        ({"eoes": EOL}, [True, True, False]),
        ({"discontinued": EOL}, [True, True, False]),
        ({"eol": "2020-01-01", "discontinued": EOL}, [True, True, False]),
        ({"release": "2035-01-01", "eol": EOL}, [True, True, False]),  # planned, and maintained
        ({"eol": "no"}, [True, True, True]),
        ({"eol": "yes"}, [False, False, False]),
        ({"eol": "yes", "eoas": "no"}, [True, True, True]),
        ({"eol": "yes", "discontinued": "no"}, [True, True, True]),
        ({"lts": EOL}, [False, False, False]),
    ],
)
def test_is_maintained(milestones: Texts, maintained: list[bool]) -> None:
    """In the public API a cycle is maintained while any of its ends is present and not reached."""
    life = make_lifecycle(**milestones)
    assert [is_maintained(life, day) for day in around(EOL)] == maintained


@pytest.mark.parametrize(
    ("text", "lts"),
    [
        (EOL, [False, False, True]),
        ("2028-04", [False, False, True]),
        ("yes", [True, True, True]),
        ("no", [False, False, False]),
        ("", [False, False, False]),
    ],
)
def test_is_lts_in_public_api(text: str, lts: list[bool]) -> None:
    """There LTS begins on the day after its date, unlike every other start."""
    life = make_lifecycle(lts=text)
    assert [is_lts_in_public_api(life, day) for day in around(EOL)] == lts


@pytest.mark.parametrize("text", [EOL, "2028-04"])
def test_lts_begins_on_its_day(text: str) -> None:
    assert [is_lts(make_lifecycle(lts=text), day) for day in around(EOL)] == [False, True, True]


@pytest.mark.parametrize(("text", "lts"), [("yes", True), ("no", False), ("", False)])
def test_lts_without_a_date(text: str, lts: bool) -> None:
    assert [is_lts(make_lifecycle(lts=text), day) for day in around(EOL)] == [lts] * 3


# ---- periods -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("milestones", "expected"),
    [
        # all dates, and no eoas
        (
            DATED,
            [
                "active 2025-04-02 - 2026-12-31",
                "security 2027-01-01 - 2028-04-30",
                "extended 2028-05-01 - 2030-06-15",
            ],
        ),
        (life_of("release", "eol"), ["active 2025-04-02 - 2028-04-30"]),
        # eoas without a date
        (life_of("release", "eol", eoas="yes"), ["security 2025-04-02 - 2028-04-30"]),
        (life_of("release", "eol", eoas="no"), ["active 2025-04-02 - 2028-04-30"]),
        # eol without a date
        (life_of("release", eol="no"), ["active 2025-04-02 - for ever"]),
        (life_of("release", eol="no", eoas="no"), ["active 2025-04-02 - for ever"]),
        (life_of("release", eol="no", eoas="yes"), ["security 2025-04-02 - for ever"]),
        (
            life_of("release", "eoas", eol="no"),
            ["active 2025-04-02 - 2026-12-31", "security 2027-01-01 - for ever"],
        ),
        (life_of("release", eol="yes"), []),
        (life_of("release", eol="yes", eoas="yes"), []),
        (life_of("release", "eoes", eol="yes"), []),
        (life_of("release", "eoas", eol="yes"), ["active 2025-04-02 - 2026-12-31"]),
        # eoes without a date
        (
            life_of("release", "eol", eoes="no"),
            ["active 2025-04-02 - 2028-04-30", "extended 2028-05-01 - for ever"],
        ),
        (life_of("release", "eol", eoes="yes"), ["active 2025-04-02 - 2028-04-30"]),
        # no eol
        (life_of("release"), ["active 2025-04-02 - for ever"]),
        (life_of("release", "eoas"), ["active 2025-04-02 - 2026-12-31"]),
        (life_of("release", eoas="yes"), []),
        (life_of("release", eoas="no"), ["active 2025-04-02 - for ever"]),
        (life_of("release", "eoes"), ["active 2025-04-02 - 2030-06-15"]),
        (
            life_of("release", "eoas", "eoes"),
            ["active 2025-04-02 - 2026-12-31", "extended 2027-01-01 - 2030-06-15"],
        ),
        # no release date, or no release
        (life_of("eol"), ["active since ever - 2028-04-30"]),
        (life_of("eol", release="yes"), ["active since ever - 2028-04-30"]),
        (
            life_of("eoas", "eol"),
            ["active since ever - 2026-12-31", "security 2027-01-01 - 2028-04-30"],
        ),
        ({}, ["active since ever - for ever"]),
        (life_of("eoas", "eol", release="no"), []),
        # equal dates: empty periods are left out; a life of one day is kept
        (life_of("release", "eol", eoas=EOL), ["active 2025-04-02 - 2028-04-30"]),
        (life_of("release", "eol", eoes=EOL), ["active 2025-04-02 - 2028-04-30"]),
        ({"release": EOL, "eol": EOL}, ["active 2028-04-30 - 2028-04-30"]),
        # imprecise: a start is drawn from its first day, an end to its last
        (
            {"release": "2025-Q2", "eoas": "2026-12", "eol": "2028"},
            ["active 2025-04-01 - 2026-12-31", "security 2027-01-01 - 2028-12-31"],
        ),
        # imprecise ones that overlap: no phase outlasts the end of the next
        (life_of("release", eoas="2028", eol="2028-04"), ["active 2025-04-02 - 2028-04-30"]),
        (life_of("release", eol="2028", eoes="2028-04"), ["active 2025-04-02 - 2028-12-31"]),
        # "never", as some write it: the last day of the calendar cannot be passed
        (life_of("release", eol="9999-12-31"), ["active 2025-04-02 - 9999-12-30"]),
        (life_of("release", eol="9999", eoes="9999"), ["active 2025-04-02 - 9999-12-30"]),
    ],
)
def test_periods(milestones: Texts, expected: list[str]) -> None:
    """Each phase has its first and last day. Phases without dates have no period."""
    assert drawn(make_lifecycle(**milestones)) == expected


def test_periods_keep_the_precision_of_boundaries() -> None:
    """An imprecise boundary belongs to the phase that ends and to the one that begins there."""
    active, security, extended = periods(
        make_lifecycle(release="2025-04", eoas="2026", eol="2028-04-30", eoes="2030-Q2")
    )
    assert (active.imprecise_start, active.imprecise_end) == (True, True)
    assert (security.imprecise_start, security.imprecise_end) == (True, False)
    assert (extended.imprecise_start, extended.imprecise_end) == (False, True)


def test_support_capped_by_a_precise_end_is_precise() -> None:
    """Active support that ends with all support has the precision of that end."""
    (active,) = periods(make_lifecycle(release=RELEASE, eoas="2028", eol="2028-04-30"))
    assert active == Period(Phase.ACTIVE, date(2025, 4, 2), date(2028, 5, 1))


@given(lives)
def test_periods_are_in_order_without_gaps(life: Lifecycle) -> None:
    """Periods are not empty and do not overlap.

    Each begins at the end of the one before, and every phase occurs at most once, in order.
    """
    found = periods(life)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(not (one.start and one.end) or one.start < one.end for one in found)
    order = [list(Phase).index(period.phase) for period in found]
    assert order == sorted(set(order))


@few
@given(lives)
def test_periods_begin_with_the_release(life: Lifecycle) -> None:
    """A cycle that is known to be unreleased has no period."""
    found = periods(life)
    assert not (found and life.release is False)
    if found and isinstance(life.release, PartialDate):
        assert found[0].start == life.release.first_day


@given(exact_lives, days)
def test_status_agrees_with_the_period_of_the_day(life: Lifecycle, on: date) -> None:
    """The status is the phase of the period that contains the day.

    The cycle is planned before the first period and at its end of life after the last.
    """
    assert status_on(life, on).value == _status_drawn(life, on)


@given(exact_lives, days)
def test_next_end_is_the_end_of_the_period(life: Lifecycle, on: date) -> None:
    """It is the last day of the period that contains the day, if there is one."""
    ends = [period.end for period in periods(life) if _holds(period, on)]
    end = next_end(life, on)
    after = end.date + timedelta(days=1) if isinstance(end, PartialDate) else None
    assert after == (ends[0] if ends else None)


def _status_drawn(life: Lifecycle, on: date) -> str:
    if life.release is False or (isinstance(life.release, PartialDate) and on < life.release.date):
        return "planned"
    inside = [period.phase.value for period in periods(life) if _holds(period, on)]
    return inside[0] if inside else "eol"


def _holds(period: Period, on: date) -> bool:
    return (period.start or date.min) <= on < (period.end or date.max)


# ---- order ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", ORDERED_PAIRS)
def test_dates_in_the_wrong_order_are_reported(pair: tuple[str, str]) -> None:
    """One day is enough."""
    earlier, later = pair
    errors = order_errors(make_lifecycle(**{earlier: "2028-04-30", later: "2028-04-29"}))
    assert [(error.earlier, error.later) for error in errors] == [pair]
    assert str(errors[0]) == (
        f"The {MILESTONES[later].noun} (29 Apr 2028) is before the "
        f"{MILESTONES[earlier].noun} (30 Apr 2028)."
    )


@pytest.mark.parametrize("pair", ORDERED_PAIRS)
@pytest.mark.parametrize("later", ["2028-04-30", "2028-05-01", "yes", "no", ""])
def test_equal_dates_and_facts_are_in_order(pair: tuple[str, str], later: str) -> None:
    life = make_lifecycle(**{pair[0]: "2028-04-30", pair[1]: later})
    assert order_errors(life) == []


def test_ordered_pairs_of_milestones() -> None:
    """The order of release and eoes does not follow from the other pairs."""
    assert set(ORDERED_PAIRS) == {
        ("release", "eoas"),
        ("release", "eol"),
        ("eoas", "eol"),
        ("eol", "eoes"),
        ("eoas", "eoes"),
    }


@pytest.mark.parametrize("free", ["lts", "discontinued"])
@pytest.mark.parametrize("day", ["1990-01-01", "2099-01-01"])
def test_lts_and_discontinuation_have_no_order(free: str, day: str) -> None:
    assert order_errors(make_lifecycle(**DATED, **{free: day})) == []


@pytest.mark.parametrize(
    ("eoas", "eol", "in_order"),
    [
        # periods that can overlap
        ("2028", "2028-04", True),
        ("2028-04", "2028", True),
        ("2028-04", "2028-04", True),
        ("2028-Q2", "2028-04", True),
        ("2028-Q2", "2028-06", True),
        ("2028", "2028-01-01", True),
        ("2028-12-31", "2028", True),
        ("2028-04-30", "2028-04", True),
        ("2028-04", "2028-04-01", True),
        # the right order
        ("2028-03", "2028-04", True),
        ("2027", "2028-Q1", True),
        # periods that cannot overlap
        ("2028-05", "2028-04", False),
        ("2028-Q2", "2028-03", False),
        ("2028-Q2", "2028-Q1", False),
        ("2028", "2027", False),
        ("2028", "2027-12-31", False),
        ("2028-05-01", "2028-04", False),
        ("2029-01-01", "2028", False),
    ],
)
def test_order_of_imprecise_dates(eoas: str, eol: str, in_order: bool) -> None:
    """They are only in the wrong order if their periods cannot overlap."""
    assert (not order_errors(make_lifecycle(eoas=eoas, eol=eol))) is in_order


def test_every_pair_in_the_wrong_order_is_reported() -> None:
    errors = order_errors(make_lifecycle(release="2028", eoas="2027", eol="2026", eoes="2025"))
    assert [(error.earlier, error.later) for error in errors] == list(ORDERED_PAIRS)


def test_order_error_keeps_its_dates() -> None:
    """Its sentence shows both dates with their precision."""
    (error,) = order_errors(make_lifecycle(release="2028-Q3", eol="2027"))
    assert error == OrderError("release", "eol", error.earlier_value, error.later_value)
    assert str(error) == "The end of security support (2027) is before the release (Q3 2028)."


# ---- the end of ordinary support -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("milestones", "end"),
    [
        (DATED, EOL),
        (life_of("eoas", "eoes", eol="no"), "no"),
        (life_of("eoas", "eoes", eol="yes"), "yes"),
        (life_of("eoas", "eoes"), EOAS),
        (life_of("eoes", eoas="no"), "no"),
        (life_of("eoes"), EOES),
        ({"discontinued": EOL, "lts": EOL}, ""),
    ],
)
def test_support_end(milestones: Texts, end: str) -> None:
    """Support ends with eol, or else with the first given end."""
    value: MilestoneValue = make_lifecycle(**milestones).support_end
    assert format_milestone(value) == end
