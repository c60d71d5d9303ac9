"""The search for new notices, and the times at which they are due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from releases.delivery import find
from releases.delivery.find import find_news
from releases.delivery.watch import Followed, cycles_followed
from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.reminders.news import NewsKind
from releases.models import Alias, Channel, Notice, ReleaseCycle, Subscription, SubscriptionState
from releases.models.revision import bump_revision
from releases.services.reminders.notices import still_true
from tests.factories import make_cycle, make_product, make_release
from tests.reminders import NOW, make_subscription

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
TODAY = NOW.date()


def recorded(name: str = "5.2", product: str = "django", **values: str) -> ReleaseCycle:
    """Return a cycle that was recorded a day before the clock of the tests."""
    with time_machine.travel(NOW - timedelta(days=1)):
        return make_cycle(make_product(product), name, **{"release": "2025-04-02"} | values)


@pytest.fixture
def cycle() -> ReleaseCycle:
    """Django 5.2."""
    return recorded(eol="2028-04-30")


def told(subscription: Subscription) -> list[tuple[str, str]]:
    """Return the kind and the subject of each notice."""
    return [
        (each.news.kind, each.news.milestone or each.news.version or each.news.cycle)
        for each in subscription.notices.order_by("pk")
    ]


def move(cycle: ReleaseCycle, *, minutes: int = 1, **milestones: str) -> None:
    """Change dates of a cycle some minutes after `NOW`."""
    row = ReleaseCycle.objects.get(pk=cycle.pk)
    for name, day in milestones.items():
        setattr(row, name, parse_milestone(day))
    with time_machine.travel(NOW + timedelta(minutes=minutes)):
        row.save()


def test_moved_date_is_reported_once(cycle: ReleaseCycle) -> None:
    subscription = make_subscription()
    move(cycle, eol="2028-06-30")
    assert [find_news(LATER), find_news(LATER + timedelta(seconds=20))] == [1, 0]
    [notice] = subscription.notices.all()
    assert (str(notice.news.old), str(notice.news.day)) == ("30 Apr 2028", "30 Jun 2028")


def test_change_before_the_confirmation_is_not_reported(cycle: ReleaseCycle) -> None:
    make_subscription(confirmed_at=NOW + timedelta(minutes=2), changes_until=None)
    move(cycle, eol="2028-06-30")
    assert find_news(LATER) == 0


@pytest.mark.parametrize("wishes", [{"dates": False}, {"state": SubscriptionState.PENDING}])
def test_unwanted_change_is_not_reported(cycle: ReleaseCycle, wishes: dict[str, object]) -> None:
    """It is not chosen, or was before the confirmation."""
    make_subscription(**wishes)
    move(cycle, eol="2028-06-30")
    assert find_news(LATER) == 0


def test_new_cycle(cycle: ReleaseCycle) -> None:
    subscription = make_subscription()
    with time_machine.travel(NOW):
        make_cycle(cycle.product, "6.1", release="2027-08-01")
    find_news(LATER)
    assert told(subscription) == [(NewsKind.CYCLE, "6.1")]


def test_draft_is_reported_when_it_is_published(cycle: ReleaseCycle) -> None:
    """Nothing is written then; the day begins in UTC."""
    subscription = make_subscription()
    with time_machine.travel(NOW):
        draft = make_cycle(cycle.product, "6.1", draft=True, publish_on=date(2026, 11, 23))
        make_release(draft, "6.1a1", date=TODAY, kind="alpha")
    for hour in (12, 35):
        at = NOW.replace(hour=0) + timedelta(hours=hour)
        with time_machine.travel(at):
            assert find_news(at) == 0
    with time_machine.travel(at := NOW + timedelta(days=2)):
        assert find_news(at) == 1
    assert told(subscription) == [(NewsKind.CYCLE, "6.1")]


def test_draft_without_a_day_is_never_reported(cycle: ReleaseCycle) -> None:
    make_subscription(releases="all")
    with time_machine.travel(NOW):
        draft = make_cycle(cycle.product, "6.1", draft=True, release="2026-11-21")
        make_release(draft, "6.1a1", date=TODAY, kind="alpha")
    with time_machine.travel(at := NOW + timedelta(days=1)):
        assert find_news(at) == 0


@pytest.mark.parametrize(
    ("wished", "versions"), [("all", ["5.2.9", "5.2.10"]), ("security", ["5.2.10"]), ("none", [])]
)
def test_releases(cycle: ReleaseCycle, wished: str, versions: list[str]) -> None:
    subscription = make_subscription(releases=wished)
    with time_machine.travel(NOW):
        make_release(cycle, "5.2.1", date=date(2025, 5, 7), kind="security")
        make_release(cycle, "5.2.9", date=TODAY, kind="patch")
        make_release(cycle, "5.2.10", date=TODAY, kind="security")
        make_release(cycle, "5.2.11", date=TODAY + timedelta(days=30), kind="security")
    find_news(LATER)
    assert told(subscription) == [(NewsKind.RELEASE, version) for version in versions]


def test_planned_release_is_reported_on_its_day(cycle: ReleaseCycle) -> None:
    subscription = make_subscription()
    with time_machine.travel(NOW):
        make_release(cycle, "5.2.11", date=date(2026, 12, 1), kind="security")
    for day, count in ((date(2026, 11, 30), 0), (date(2026, 12, 1), 1), (date(2026, 12, 2), 1)):
        at = NOW.replace(year=day.year, month=day.month, day=day.day)
        with time_machine.travel(at):
            find_news(at)
        assert subscription.notices.count() == count


def test_latest_release_of_the_cycle(cycle: ReleaseCycle) -> None:
    """Its kind is not recorded, so it is reported only if all releases were chosen."""
    every, security = make_subscription(releases="all"), make_subscription(releases="security")
    with time_machine.travel(NOW):
        cycle.latest, cycle.latest_date = "5.2.20", TODAY
        cycle.save()
    find_news(LATER)
    assert (told(every), told(security)) == ([(NewsKind.RELEASE, "5.2.20")], [])


def test_new_product_has_no_notices() -> None:
    make_subscription(view="/", releases="all")
    with time_machine.travel(NOW), bump_revision():
        cycle = make_cycle(make_product("new"), "1", release="2026-11-20")
        make_release(cycle, "1.0.1", date=TODAY)
    assert find_news(LATER) == 0


@pytest.mark.parametrize("distance", [90, 30, 7, 0])
def test_end_is_announced_on_the_chosen_days(distance: int) -> None:
    end = TODAY + timedelta(days=distance)
    recorded(eol=end.isoformat())
    subscription = make_subscription(days_until=TODAY - timedelta(days=1))
    find_news(LATER)
    assert told(subscription) == [(NewsKind.END, "eol")]
    with time_machine.travel(at := LATER + timedelta(days=1)):
        find_news(at)
    assert subscription.notices.count() == 1


def test_search_makes_up_for_days_without_one() -> None:
    end = TODAY + timedelta(days=3)
    recorded(eol=end.isoformat())
    subscription = make_subscription(days_until=TODAY - timedelta(days=10))
    find_news(LATER)
    assert told(subscription) == [(NewsKind.END, "eol")]


@pytest.mark.parametrize(
    ("zone", "now", "local"),
    [
        ("Pacific/Kiritimati", "2026-11-21T10:00+00:00", "2026-11-22"),
        ("Pacific/Auckland", "2026-11-21T11:00+00:00", "2026-11-22"),
        ("America/Los_Angeles", "2026-11-22T07:59+00:00", "2026-11-21"),
        ("America/Los_Angeles", "2026-11-22T08:00+00:00", "2026-11-22"),
    ],
)
def test_days_are_those_of_the_subscriber(zone: str, now: str, local: str) -> None:
    end = date.fromisoformat(local) + timedelta(days=30)
    recorded(eol=end.isoformat())
    before = date.fromisoformat(local) - timedelta(days=1)
    subscription = make_subscription(zone=zone, hour=9, days_until=before)
    with time_machine.travel(at := datetime.fromisoformat(now)):
        find_news(at)
    [notice] = subscription.notices.all()
    assert notice.due_at >= at


def test_weekly_digest_has_the_ends_of_the_next_week() -> None:
    """If the Friday after a digest is 7 days before an end, the digest of Monday announces it."""
    friday = date(2026, 11, 27)
    recorded(eol="2026-12-04")
    subscription = make_subscription(frequency="weekly", weekday=0, hour=8)
    find_news(LATER)
    [notice] = subscription.notices.all()
    assert notice.due_at == NOW.replace(day=23, hour=8)
    assert friday + timedelta(days=7) == notice.news.day.date  # type: ignore[union-attr]


def test_accepted_extended_support_of_a_stack() -> None:
    recorded("16.04", "ubuntu", release="2016-04-21", eol="2021-04-30", eoes="2026-12-21")
    plain = make_subscription(view="/stack/?of=ubuntu:16.04")
    accepting = make_subscription(view="/stack/?of=ubuntu:16.04&accept_extended=all")
    Subscription.objects.update(days_until=TODAY - timedelta(days=1))
    find_news(LATER)
    assert told(accepting) == [(NewsKind.END, "eoes")]
    assert {kind for kind, _ in told(plain)} <= {NewsKind.END}


@pytest.mark.parametrize(
    "view",
    [
        *("/gone/", "/?product=gone", "/?tag=gone", "/?pin=gone:1", "/?pin=django:1"),
        "/stack/?of=gone:1",
    ],
)
def test_view_that_no_longer_exists_is_reported_once(cycle: ReleaseCycle, view: str) -> None:
    subscription = make_subscription(view=view, days_until=TODAY - timedelta(days=1))
    for days in (0, 1, 2):
        find_news(LATER + timedelta(days=days))
    assert told(subscription) == [(NewsKind.GONE, "")]


def test_renamed_product_is_followed(cycle: ReleaseCycle) -> None:
    cycle.product.aliases.create(name="old")
    subscription = make_subscription(view="/old/", days_until=TODAY - timedelta(days=1))
    move(cycle, eol="2028-06-30")
    find_news(LATER)
    assert told(subscription) == [(NewsKind.CHANGE, "eol")]


def test_notice_that_is_no_longer_true_is_dropped() -> None:
    end = TODAY + timedelta(days=30)
    cycle = recorded(eol=end.isoformat())
    make_subscription(days_until=TODAY - timedelta(days=1))
    find_news(LATER)
    assert len(still_true(Notice.objects.all())) == 1
    move(cycle, eol="2028-06-30")
    assert not still_true(Notice.objects.all())


@pytest.mark.parametrize(
    ("kind", "kept", "dropped"),
    [
        (NewsKind.END, {"days": [90, 30]}, {"days": [90, 7]}),
        (NewsKind.CHANGE, {"dates": True}, {"dates": False}),
        (NewsKind.CYCLE, {"cycles": True}, {"cycles": False}),
        (NewsKind.RELEASE, {"releases": "all"}, {"releases": "security"}),
    ],
)
def test_notice_that_is_no_longer_chosen_is_dropped(
    kind: NewsKind, kept: dict[str, object], dropped: dict[str, object]
) -> None:
    cycle = recorded(eoas="2026-12-10", eol=(TODAY + timedelta(days=30)).isoformat())
    made = make_subscription(releases="all", days_until=TODAY - timedelta(days=1))
    move(cycle, eoas="2026-12-15")
    with time_machine.travel(NOW):
        make_cycle(cycle.product, "6.1", release="2027-08-01")
        make_release(cycle, "5.2.9", date=TODAY, kind="patch")
    find_news(LATER)
    every = list(made.notices.all())
    assert {each.news.kind for each in every} == set(NewsKind) - {NewsKind.GONE}
    chosen = Subscription.objects.filter(pk=made.pk)
    chosen.update(**kept)
    assert still_true(every) == {each.pk for each in every}
    chosen.update(**dropped)
    assert still_true(every) == {each.pk for each in every if each.news.kind != kind}


def test_page_that_is_gone_is_reported_whatever_was_chosen() -> None:
    made = make_subscription(view="/gone/", days=[], dates=False, cycles=False, releases="none")
    find_news(LATER + timedelta(days=1))
    assert len(still_true(made.notices.all())) == 1


def test_paused_subscription_collects_notices(cycle: ReleaseCycle) -> None:
    subscription = make_subscription(state=SubscriptionState.PAUSED, channel=Channel.SLACK)
    move(cycle, eol="2028-06-30")
    find_news(LATER)
    assert told(subscription) == [(NewsKind.CHANGE, "eol")]


def test_each_view_is_computed_once(cycle: ReleaseCycle) -> None:
    make_subscription(days_until=TODAY - timedelta(days=1))
    with CaptureQueriesContext(connection) as one:
        find_news(LATER)
    for _ in range(20):
        make_subscription(days_until=TODAY - timedelta(days=1))
    with CaptureQueriesContext(connection) as many:
        find_news(LATER + timedelta(seconds=1))
    assert len(many) <= len(one) + 1


def test_view_with_an_error_does_not_stop_the_others(
    cycle: ReleaseCycle, caplog: pytest.LogCaptureFixture
) -> None:
    broken, subscription = make_subscription(view="/"), make_subscription()
    Subscription.objects.filter(pk=broken.pk).update(zone="Atlantis")
    move(cycle, eol="2028-06-30")
    assert find_news(LATER) == 1
    assert told(subscription) == [(NewsKind.CHANGE, "eol")]
    assert "The view / could not be searched." in caplog.text


def test_end_that_moves_to_a_day_that_was_searched(cycle: ReleaseCycle) -> None:
    subscription = make_subscription(dates=False)
    find_news(NOW)
    move(cycle, eol=(TODAY + timedelta(days=30)).isoformat())
    find_news(LATER)
    assert told(subscription) == [(NewsKind.END, "eol")]


@pytest.mark.parametrize(
    ("view", "computed"),
    [
        ("/django/", True),
        ("/jango/", True),  # its former name
        ("/?pin=jango:5.2", True),
        ("/stack/?of=django:5.2.1&of=python:3.14.1", True),
        ("/?lts=1", True),
        ("/python/", False),
        ("/?pin=python:3.14", False),
        ("/stack/?of=python:3.14.1", False),
    ],
)
def test_view_without_the_changed_product_is_not_computed(
    cycle: ReleaseCycle, view: str, computed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    Alias.objects.create(product=cycle.product, name="jango")
    recorded("3.14", "python")
    make_subscription(view=view, days_until=TODAY)
    asked = []

    def count(address: str, today: date) -> list[Followed] | None:
        asked.append(address)
        return cycles_followed(address, today)

    monkeypatch.setattr(find, "cycles_followed", count)
    move(cycle, eol="2028-06-30")
    find_news(LATER)
    assert bool(asked) == computed


def test_date_that_moved_back_before_the_message_is_not_reported(cycle: ReleaseCycle) -> None:
    """A subscriber who was told nothing between the two moves would be told of no change."""
    subscription = make_subscription()
    for minutes, eol in ((10, "2028-06-30"), (20, "2028-04-30")):
        move(cycle, minutes=minutes, eol=eol)
        find_news(NOW + timedelta(minutes=minutes + 1))
    assert subscription.notices.count() == 2
    assert not still_true(subscription.notices.all())
    assert len(still_true(subscription.notices.all()[:1])) == 1


LEAVING = [
    ("/?status=active", {"eol": "2028-04-30"}, {"eol": "2026-11-01"}),
    ("/?status=active&product=django", {"eol": "2028-04-30"}, {"eoas": "2026-11-01"}),
    ("/?ends=soon", {"eol": "2026-12-31"}, {"eol": "2028-04-30"}),
    ("/?lts=1", {"eol": "2028-04-30", "lts": "2025-04-02"}, {"lts": ""}),
    ("/?status=planned", {"release": "2027-01-01"}, {"release": "2026-11-20"}),
    ("/", {"eol": "2028-04-30"}, {"eol": "2025-10-31"}),
]
"""Views, and dates of a cycle before and after it leaves the view."""


@pytest.mark.parametrize(("view", "before", "after"), LEAVING)
def test_change_by_which_a_cycle_leaves_a_view_is_told_once(
    view: str, before: dict[str, str], after: dict[str, str]
) -> None:
    cycle = recorded(**before)
    subscription = make_subscription(view=view)
    [milestone] = after
    move(cycle, minutes=1, **after)
    find_news(LATER)
    assert told(subscription) == [(NewsKind.CHANGE, milestone)]
    move(cycle, minutes=10, release="2024-01-01")
    find_news(NOW + timedelta(minutes=11))
    assert len(told(subscription)) == 1


@pytest.mark.parametrize(("view", "after", "before"), LEAVING)
def test_change_by_which_a_cycle_enters_a_view_is_told(
    view: str, before: dict[str, str], after: dict[str, str]
) -> None:
    cycle = recorded(**{"lts": "", "eoas": ""} | before)
    subscription = make_subscription(view=view)
    [milestone] = before
    move(cycle, minutes=1, **{milestone: ""} | after)
    find_news(LATER)
    assert (NewsKind.CHANGE, milestone) in told(subscription)


@pytest.mark.parametrize("view", ["/?status=active", "/?status=active&q=python", "/?tag=x&lts=1"])
def test_change_of_a_cycle_that_was_never_in_the_view_is_not_told(view: str) -> None:
    make_product("python", tags=["x"])
    cycle = recorded(eoas="2026-01-01", eol="2028-04-30")
    make_subscription(view=view)
    move(cycle, eol="2026-11-01")
    assert find_news(LATER) == 0


def test_cycle_that_enters_and_leaves_a_view_between_two_passes() -> None:
    """The change by which it leaves is told, with the date before it."""
    cycle = recorded(eol="2028-04-30")
    subscription = make_subscription(view="/?ends=soon")
    move(cycle, minutes=1, eol="2026-12-31")
    move(cycle, minutes=2, eol="2029-04-30")
    find_news(LATER)
    [notice] = subscription.notices.all()
    assert (str(notice.news.old), str(notice.news.day)) == ("31 Dec 2026", "30 Apr 2029")
