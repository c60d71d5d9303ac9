"""Answers of API v2 have the date of the last change, and 304 by it never hides a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.http import http_date
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from time_machine import TimeMachineFixture

from releases.models import Product, Revision
from releases.selectors import LastWrite
from releases.web.page_cache import MAX_WRITE_SECONDS, PageCacheMiddleware, SiteState, pages
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

PATH = "/api/v2/products/django"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STARTED = NOON - timedelta(days=3)
DAY = 86_400

At = Callable[[datetime], None]


@pytest.fixture
def at(time_machine: TimeMachineFixture) -> At:
    """Sets the clock, which then stands still."""

    def move(moment: datetime) -> None:
        time_machine.move_to(moment, tick=False)

    return move


@pytest.fixture
def client(settings: Settings, at: At) -> Iterator[Client]:
    """A client of a server that was started days ago and keeps pages; the last write was an hour
    before noon."""
    settings.PAGE_CACHE_MB = 1
    at(STARTED)
    client = started()
    at(NOON - timedelta(hours=1))
    make_cycle(make_product("django"), "5.2", release="2025-04-02", eol="2028-04-30")
    Revision.objects.update(changed=int((NOON - timedelta(hours=1)).timestamp()))
    at(NOON)
    yield client
    pages.clear()


def started() -> Client:
    """A client of a server that is started now, with nothing in its memory."""
    pages.clear()
    client = Client()
    client.get("/robots.txt")
    return client


def since(client: Client, date: str, **headers: str) -> Any:
    return client.get(PATH, headers={"if-modified-since": date} | headers)


def test_the_date_of_the_last_write(client: Client) -> None:
    """On the first answer and on the kept one; on a list, too."""
    expected = http_date((NOON - timedelta(hours=1)).timestamp())
    for path in (PATH, PATH, "/api/v2/cycles", "/api/v2"):
        assert client.get(path)["Last-Modified"] == expected


def test_304_by_the_date_that_was_told(client: Client) -> None:
    """From memory, and from a worker that has not rendered it yet."""
    told = client.get(PATH)["Last-Modified"]
    answer = since(client, told)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == client.get(PATH)["ETag"]
    pages.clear()
    assert since(client, told).status_code == 304


@pytest.mark.parametrize("moment", [NOON, NOON - timedelta(hours=2)])
def test_200_by_any_other_date(client: Client, moment: datetime) -> None:
    """Also by a later one, which may be from before a write was committed."""
    client.get(PATH)
    for date in (http_date(moment.timestamp()), "x", ""):
        assert since(client, date).status_code == 200


def test_a_tag_goes_before_a_date(client: Client) -> None:
    told = client.get(PATH)["Last-Modified"]
    assert since(client, told, **{"if-none-match": 'W/"other"'}).status_code == 200


def test_a_write_is_told(client: Client, at: At) -> None:
    """And so is a second one within the same second."""
    dates = [client.get(PATH)["Last-Modified"]]
    for label in ("A", "B"):
        Product.objects.update(label=label)
        answer = since(client, dates[-1])
        assert answer.json()["label"] == label
        at(NOON + timedelta(seconds=len(dates)))
        dates.append(client.get(PATH)["Last-Modified"])
    assert dates[1:] == [http_date(NOON.timestamp() + number) for number in range(2)]


def test_no_date_before_it_has_come(client: Client, at: At) -> None:
    """Of many writes within a second the last ones have times to come."""
    for label in "ABC":
        Product.objects.update(label=label)
    assert not client.get(PATH).has_header("Last-Modified")
    at(NOON + timedelta(seconds=2))
    assert client.get(PATH)["Last-Modified"] == http_date(NOON.timestamp() + 2)


def test_a_new_day_is_a_change(client: Client, at: At) -> None:
    """Statuses follow the day."""
    before = client.get(PATH)["Last-Modified"]
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    at(midnight + timedelta(seconds=MAX_WRITE_SECONDS))
    answer = since(client, before)
    assert (answer.status_code, answer["Last-Modified"]) == (200, http_date(midnight.timestamp()))
    assert since(client, answer["Last-Modified"]).status_code == 304


def test_a_start_is_a_change(client: Client, at: At) -> None:
    """Its code may answer otherwise."""
    before = client.get(PATH)["Last-Modified"]
    other = started()
    at(NOON + timedelta(seconds=MAX_WRITE_SECONDS))
    assert since(other, before)["Last-Modified"] == http_date(NOON.timestamp())


def test_a_write_across_midnight(client: Client, at: At) -> None:
    """It has the time of its begin, so there is no 304 by a date until it must have ended; the
    pages that were kept before have the new date then."""
    begin = datetime(2026, 11, 21, 23, 59, 58, tzinfo=UTC)
    at(begin)
    Product.objects.update(label="A")
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    for seconds in (0, MAX_WRITE_SECONDS - 1):
        at(midnight + timedelta(seconds=seconds))
        told = client.get(PATH)["Last-Modified"]
        assert told == http_date(begin.timestamp())
        assert since(client, told).status_code == 200
    at(midnight + timedelta(seconds=MAX_WRITE_SECONDS))
    assert client.get(PATH)["Last-Modified"] == http_date(midnight.timestamp())


@pytest.mark.parametrize("path", ["/", "/api/v1/products/django", "/api/django.json"])
def test_other_answers_have_none(client: Client, path: str) -> None:
    assert client.get(path)["ETag"]
    assert not client.get(path).has_header("Last-Modified")


def test_errors_and_checks_have_none(client: Client) -> None:
    for answer in (
        client.get("/api/v2/nope"),
        client.get(f"{PATH}?x=1"),
        client.post("/api/v2/check", b'{"of": ["django:5.2"]}', content_type="application/json"),
    ):
        assert not answer.has_header("Last-Modified")


NEAR = [number * DAY + seconds for number in range(3) for seconds in range(-40, 80, 3)]
MOMENTS = st.integers(0, 3 * DAY) | st.sampled_from([each for each in NEAR if each >= 0])
START = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())


@given(
    written=st.lists(MOMENTS, min_size=1, max_size=5, unique=True).map(sorted),
    lasting=st.integers(0, MAX_WRITE_SECONDS - 1),
    asked=st.tuples(MOMENTS, MOMENTS).map(sorted),
)
def test_a_date_is_told_of_one_state(written: list[int], lasting: int, asked: list[int]) -> None:
    """By a date that an answer told there is 304 only while no write was committed and no day began
    since, however long writes take up to the limit."""
    server = PageCacheMiddleware.__new__(PageCacheMiddleware)
    server.started = START
    told = []
    for moment in asked:
        now = START + moment
        committed = [each for each in written if each + lasting <= moment]
        state = SiteState(
            LastWrite(str(len(committed)), START + committed[-1] if committed else 0),
            (datetime.fromtimestamp(START, UTC) + timedelta(seconds=moment)).date(),
        )
        modified = server.last_modified(state)
        sound = now >= modified.reliable_from
        told.append((state, modified.date if sound else modified.before, sound))
    (before, given, _), (after, expected, sound) = told
    if sound and given == expected:
        assert before == after
