"""Due times and facts of reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.changes import ChangeKind
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.reminders.schedule import Frequency, Schedule
from releases.domain.reminders.wishes import Releases, Wishes

ZONES = ("UTC", "Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu")


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_immediate_notices_are_due_at_once() -> None:
    noticed = at("2026-11-21T12:00", "Pacific/Auckland")
    assert Schedule().due_at(noticed) == noticed


@pytest.mark.parametrize(
    ("noticed", "due"),
    [
        ("2026-11-21T07:59", "2026-11-21T08:00"),
        ("2026-11-21T08:00", "2026-11-21T08:00"),
        ("2026-11-21T08:01", "2026-11-22T08:00"),
    ],
)
@pytest.mark.parametrize("zone", ZONES)
def test_daily_digest_is_due_at_the_hour_of_the_subscriber(
    noticed: str, due: str, zone: str
) -> None:
    schedule = Schedule(Frequency.DAILY, hour=8, zone=zone)
    assert schedule.due_at(at(noticed, zone)) == at(due, zone)


def test_weekly_digest_is_due_on_its_day() -> None:
    schedule = Schedule(Frequency.WEEKLY, hour=8, weekday=0, zone="Europe/Berlin")
    monday = at("2026-11-23T08:00", "Europe/Berlin")
    assert schedule.due_at(at("2026-11-21T12:00")) == monday
    assert schedule.due_at(monday + timedelta(minutes=1)) == monday + timedelta(days=7)


def test_digest_in_the_hour_that_clocks_skip_or_repeat() -> None:
    """It is due once."""
    spring = Schedule(Frequency.DAILY, hour=2, zone="Europe/Berlin")
    assert spring.due_at(at("2027-03-28T00:00")) == at("2027-03-28T01:00")
    autumn = Schedule(Frequency.DAILY, hour=2, zone="Europe/Berlin")
    first = autumn.due_at(at("2027-10-30T23:00"))
    assert first == at("2027-10-31T00:00")
    assert autumn.due_at(first + timedelta(minutes=1)) == at("2027-11-01T01:00")


@given(
    noticed=st.integers(0, 7_000).map(lambda days: at("2020-01-01") + timedelta(days=days))
    | st.integers(0, 10**7).map(lambda minutes: at("2020-01-01") + timedelta(minutes=minutes)),
    frequency=st.sampled_from([Frequency.DAILY, Frequency.WEEKLY]),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    zone=st.sampled_from(ZONES),
)
def test_digests_come_soon_and_not_before_their_notices(
    noticed: datetime, frequency: Frequency, hour: int, weekday: int, zone: str
) -> None:
    due = Schedule(frequency, hour, weekday, zone).due_at(noticed)
    longest = timedelta(days=1 if frequency is Frequency.DAILY else 7, hours=1)
    assert noticed <= due <= noticed + longest
    if frequency is Frequency.WEEKLY:
        assert due.astimezone(ZoneInfo(zone)).weekday() == weekday


def test_ends_of_a_day() -> None:
    wishes = Wishes(days=[30, 0, 7, 7])
    assert list(wishes.ends_on(date(2026, 11, 21))) == [
        (0, date(2026, 11, 21)),
        (7, date(2026, 11, 28)),
        (30, date(2026, 12, 21)),
    ]


def test_chosen_changes_and_releases() -> None:
    wishes = Wishes(dates=False, cycles=True, releases=Releases.SECURITY)
    assert wishes.has_change(ChangeKind.ADDED)
    assert not wishes.has_change(ChangeKind.MOVED)
    assert wishes.has_release(ReleaseKind.SECURITY)
    assert not wishes.has_release(ReleaseKind.PATCH)
    assert not Wishes(releases=Releases.NONE).has_release(ReleaseKind.SECURITY)
    assert Wishes(releases=Releases.ALL).has_release(ReleaseKind.RC)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
schedules = st.builds(
    Schedule,
    st.sampled_from(Frequency),
    st.integers(0, 23),
    st.integers(0, 6),
    st.sampled_from(ZONES),
)


@given(schedules, moments, st.integers(0, 40))
def test_notice_of_a_day_comes_on_that_day_at_the_latest(
    schedule: Schedule, noticed: datetime, ahead: int
) -> None:
    day = noticed.astimezone(ZoneInfo(schedule.zone)).date() + timedelta(days=ahead)
    due = schedule.due_for_day(day, noticed)
    assert due >= noticed
    assert due.astimezone(ZoneInfo(schedule.zone)).date() <= day


@given(schedules, moments)
def test_days_up_to_the_next_digest_are_searched_before_it(
    schedule: Schedule, now: datetime
) -> None:
    """Notices of later days need not be found yet."""
    after = schedule.last_day(now) + timedelta(days=1)
    assert schedule.due_for_day(after, now) > now
