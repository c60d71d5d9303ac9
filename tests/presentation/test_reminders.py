"""The words of reminders."""

from __future__ import annotations

from datetime import date

import pytest

from releases.domain.lifecycle.milestones import PartialDate, Precision
from releases.domain.reminders.news import News, NewsKind
from releases.presentation.reminders import (
    MAX_SUBJECT,
    _subject,
    items_of,
    most_important,
    view_title,
)
from tests.factories import make_product
from tests.reminders import news


def day(text: str, precision: Precision = Precision.DAY) -> PartialDate:
    return PartialDate(date.fromisoformat(text), precision)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            news(NewsKind.END, milestone="eol", day=day("2026-12-21")),
            "End of security support in 30 days, 21 Dec 2026.",
        ),
        (
            news(NewsKind.END, milestone="eoas", day=day("2026-11-21")),
            "End of active support today, 21 Nov 2026.",
        ),
        (
            news(NewsKind.END, milestone="eol", day=day("2026-11-19")),
            "End of security support 2 days ago, 19 Nov 2026.",
        ),
        (
            news(NewsKind.END, milestone="eol", day=day("2026-12-31", Precision.QUARTER)),
            "End of security support this quarter, Q4 2026.",
        ),
        (
            news(NewsKind.CHANGE, milestone="eol", day=day("2028-04-30"), old=day("2028-04-01")),
            "End of security support moved to 30 Apr 2028; it was 1 Apr 2028.",
        ),
        (
            news(NewsKind.CHANGE, milestone="eol", flag=True),
            "End of security support announced, without a date.",
        ),
        (
            news(NewsKind.CHANGE, milestone="eol", old=day("2028-04-01")),
            "End of security support withdrawn; it was 1 Apr 2028.",
        ),
        (news(NewsKind.CYCLE), "New release cycle."),
        (
            news(NewsKind.RELEASE, version="5.2.9", release_kind="security", day=day("2026-11-20")),
            "Security release 5.2.9 of 20 Nov 2026 is out.",
        ),
        (
            news(NewsKind.RELEASE, version="6.2rc1", release_kind="rc"),
            "Release candidate 6.2rc1 is out.",
        ),
        (news(NewsKind.RELEASE, version="5.2.9"), "Release 5.2.9 is out."),
    ],
)
def test_sentences(on: date, told: News, sentence: str) -> None:
    """Nothing is said that is not known: no distance to a day within an imprecise period."""
    [item] = items_of([told], on)
    assert item.text == sentence
    assert _subject([item], "the roadmap") == f"Django 5.2: {sentence[:-1]}"


def test_nearest_ends_are_first_and_others_are_by_kind(on: date) -> None:
    told = [
        news(NewsKind.RELEASE, version="5.2.9"),
        news(NewsKind.CYCLE, cycle="6.2", title="Django 6.2"),
        news(NewsKind.END, milestone="eol", day=day("2027-04-01")),
        news(NewsKind.END, milestone="eoas", day=day("2026-12-01")),
    ]
    assert [each.text.split(".")[0] for each in items_of(told, on)] == [
        "End of active support in 10 days, 1 Dec 2026",
        "End of security support in 4 months, 1 Apr 2027",
        "New release cycle",
        "Release 5",
    ]


def test_security_releases_are_left_out_last(on: date) -> None:
    told = [
        *(news(NewsKind.CYCLE, cycle=f"{n}", title=f"Django {n}") for n in range(3)),
        news(NewsKind.RELEASE, version="5.2.8", release_kind="patch"),
        news(NewsKind.RELEASE, version="5.2.9", release_kind="security"),
    ]
    items = items_of(told, on)
    assert most_important(items, 3) == [items[0], items[1], items[4]]
    assert most_important(items, 1) == [items[4]]
    assert most_important(items, 9) == items


def test_subject_is_short_and_counts_the_others(on: date) -> None:
    told = [news(NewsKind.CYCLE, cycle=f"{n}", title=f"{'Django ' * 40}{n}") for n in range(3)]
    subject = _subject(items_of(told, on), "the roadmap")
    assert subject.endswith(" …, and 2 more")
    assert len(subject) <= MAX_SUBJECT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("view", "title"),
    [
        ("/ubuntu/", "Ubuntu"),
        ("/python/", "python"),
        ("/?product=ubuntu&product=python", "Ubuntu, python"),
        ("/?lts=1&product=ubuntu", "this view of the roadmap"),
    ],
)
def test_title_of_a_view_has_the_labels_of_public_products(view: str, title: str) -> None:
    make_product("ubuntu")
    make_product("python", draft=True)
    assert view_title(view) == title
