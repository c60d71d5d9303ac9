"""Measure the daily pass of the reminders, in the database of `DATABASE_URL`.

.venv/bin/python -m scripts.bench_reminders [--profile]

The catalogue must be that of `scripts.synthetic`. Makes 10,000 subscriptions to 1,000 views, lets
cycles end in 7 days and moves dates, and measures passes of one process:

- the daily pass, in which a new day has begun for every subscriber, and dates have moved;
- a pass after the date of one cycle has moved;
- a pass without news.

The baseline is the search for each subscription alone, extrapolated from a sample of the views.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle as repeat
from typing import Final
from unittest.mock import patch
from urllib.parse import urlencode

import django
from django.db import connection

VIEWS, SUBSCRIPTIONS, SAMPLE = 1_000, 10_000, 20
ENDING, MOVED = 10, 40
"""Every tenth cycle ends in 7 days; the date of every 40th one moves."""
LIMITS: Final = {"the daily pass": 60.0, "after one moved date": 10.0, "without news": 3.0}
"""Maximum durations of passes, in seconds."""
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")


def main(*, profile: bool = False) -> None:
    """Print the duration of each pass beside its limit."""
    from releases.delivery.find import OVERLAP  # noqa: PLC0415 - after django.setup()
    from releases.delivery.passes import run_pass  # noqa: PLC0415
    from releases.models import Message, Notice, Subscription  # noqa: PLC0415

    subscribe()
    move_dates()
    if profile:
        with cProfile.Profile() as profiler:
            run_pass(datetime.now(UTC))
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(40)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(15)
        return
    baseline = alone()
    seconds = {"the daily pass": duration(run_pass)}
    notices, messages = Notice.objects.count(), Message.objects.count()
    Subscription.objects.update(changes_until=datetime.now(UTC) + OVERLAP)
    seconds["without news"] = duration(run_pass)
    move_dates(most=1)
    seconds["after one moved date"] = duration(run_pass)
    for name, limit in LIMITS.items():
        holds = "holds" if seconds[name] <= limit else "MISSED"
        ratio = f"{baseline / seconds[name]:.0f}"
        print(
            f"| {connection.vendor} | {name} | {seconds[name]:.2f} | <= {limit:g} {holds} |"
            f" {baseline:.0f} | {ratio} |",
            flush=True,
        )
    what = f"notices: {notices:,}; messages: {messages:,}"
    print(f"| {connection.vendor} | {what} | | | | |", flush=True)


def duration(run: Callable[[datetime], object]) -> float:
    """Return the duration of a function of the time, in seconds."""
    began = time.perf_counter()
    run(datetime.now(UTC))
    return time.perf_counter() - began


def alone() -> float:
    """Return the seconds that it would take to search for each subscription alone."""
    from releases.delivery import find  # noqa: PLC0415
    from releases.models import Subscription  # noqa: PLC0415

    every = Subscription.objects.order_by("pk")
    sample = list(every)[:: SUBSCRIPTIONS // SAMPLE]
    seconds = 0.0
    for each in sample:
        with (
            patch.object(find, "followers", lambda each=each: [each]),
            patch.object(find, "record", lambda *_: 0),
        ):
            seconds += duration(find.find_news)
    return seconds / len(sample) * SUBSCRIPTIONS


# ---- data ---------------------------------------------------------------------------------------


def subscribe() -> None:
    """Create the same number of subscriptions for each view."""
    from releases.models import Subscription, SubscriptionState  # noqa: PLC0415

    now = datetime.now(UTC)
    found = list(views())
    Subscription.objects.all().delete()
    Subscription.objects.bulk_create(
        Subscription(
            address=f"{number}@example.org",
            channel="email",
            view=found[number % len(found)],
            zone=ZONES[number % len(ZONES)],
            frequency=("immediate", "daily", "weekly")[number % 3],
            hour=now.hour,
            weekday=now.weekday(),
            state=SubscriptionState.ACTIVE,
            confirmed_at=now - timedelta(days=30),
            changes_until=now,
            days_until=now.date() - timedelta(days=2),
        )
        for number in range(SUBSCRIPTIONS)
    )


def views() -> Iterator[str]:
    """Yield the views: products, cycles, filtered roadmaps and stacks of five parts."""
    from releases.models import Category, ReleaseCycle, Tag  # noqa: PLC0415

    cycles = ReleaseCycle.objects.filter(product__name__startswith="product-").order_by("pk")
    names = list(
        cycles.order_by("product__name").values_list("product__name", flat=True).distinct()
    )
    pairs = list(cycles.values_list("product__name", "name"))[::7]
    filters = [
        *(f"/?category={each}" for each in Category.objects.values_list("name", flat=True)),
        *(f"/?tag={each}" for each in Tag.objects.values_list("name", flat=True)),
        "/?lts=1",
        "/",
    ][:100]
    yield from (f"/{name}/" for name in names)
    yield from filters
    parts = [f"{product}:{name}" for product, name in pairs]
    stacks = (VIEWS - len(names) - len(filters)) // 2
    for number in range(stacks):
        yield "/stack/?" + urlencode([("of", each) for each in parts[number * 3 :][:5]], safe=":")
    for product, name in pairs[: VIEWS - len(names) - len(filters) - stacks]:
        yield "/?" + urlencode({"pin": f"{product}:{name}"}, safe=":")


def move_dates(most: int = sys.maxsize) -> None:
    """Let cycles end in 7 days, and move dates with their history.

    Args:
        most: The maximum number of cycles.
    """
    from releases.domain.lifecycle.milestones import PartialDate  # noqa: PLC0415
    from releases.models import ReleaseCycle  # noqa: PLC0415

    # Other ends would have to move, too.
    cycles = ReleaseCycle.objects.filter(
        product__name__startswith="product-",
        release_date__lt=datetime.now(UTC),
        eoas_date=None,
        eoes_date=None,
    ).order_by("pk")
    if most > 1:
        ending = list(cycles.values_list("pk", flat=True))[::ENDING]
        day = datetime.now(UTC).date() + timedelta(days=7)
        ReleaseCycle.objects.filter(pk__in=ending).update(
            eol_date=day, eol_flag=None, eol_precision="day"
        )
    days = repeat(datetime.now(UTC).date() + timedelta(days=each) for each in (400, 500, 600))
    for row in list(cycles)[5::MOVED][:most]:
        row.eol = PartialDate(next(days) if most > 1 else next(days) + timedelta(days=most))
        row.save()


if __name__ == "__main__":
    django.setup()
    main(profile="--profile" in sys.argv)
