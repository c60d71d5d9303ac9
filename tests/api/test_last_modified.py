"""API v2 sends `Last-Modified`, and a 304 by date never hides a change."""

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
    """Return a function that sets the clock, which then stands still."""

    def move(moment: datetime) -> None:
        time_machine.move_to(moment, tick=False)

    return move


@pytest.fixture
def client(settings: Settings, at: At) -> Iterator[Client]:
    """A client of a server that was started days ago and caches pages.

    The last write was an hour before noon.
    """
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
    """Return a client of a server that starts now, with an empty cache."""
    pages.clear()
    client = Client()
    client.get("/robots.txt")
    return client


def since(client: Client, date: str, **headers: str) -> Any:
    return client.get(PATH, headers={"if-modified-since": date} | headers)


def test_date_is_that_of_the_last_write(client: Client) -> None:
    """First and cached answers have it, and lists, too."""
    expected = http_date((NOON - timedelta(hours=1)).timestamp())
    for path in (PATH, PATH, "/api/v2/cycles", "/api/v2"):
        assert client.get(path)["Last-Modified"] == expected


def test_304_for_the_date_of_an_earlier_answer(client: Client) -> None:
    """It comes from the cache, and from a worker that has not rendered the page yet."""
    told = client.get(PATH)["Last-Modified"]
    answer = since(client, told)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == client.get(PATH)["ETag"]
    pages.clear()
    assert since(client, told).status_code == 304


@pytest.mark.parametrize("moment", [NOON, NOON - timedelta(hours=2)])
def test_200_for_any_other_date(client: Client, moment: datetime) -> None:
    """A later date may precede the commit of a write."""
    client.get(PATH)
    for date in (http_date(moment.timestamp()), "x", ""):
        assert since(client, date).status_code == 200


def test_etag_wins_over_date(client: Client) -> None:
    told = client.get(PATH)["Last-Modified"]
    assert since(client, told, **{"if-none-match": 'W/"other"'}).status_code == 200


def test_write_changes_the_answer(client: Client, at: At) -> None:
    """A second write within the same second does, too."""
    dates = [client.get(PATH)["Last-Modified"]]
    for label in ("A", "B"):
        Product.objects.update(label=label)
        answer = since(client, dates[-1])
        assert answer.json()["label"] == label
        at(NOON + timedelta(seconds=len(dates)))
        dates.append(client.get(PATH)["Last-Modified"])
    assert dates[1:] == [http_date(NOON.timestamp() + number) for number in range(2)]


def test_date_is_never_in_the_future(client: Client, at: At) -> None:
    """The last of many writes within a second get future times."""
    for label in "ABC":
        Product.objects.update(label=label)
    assert not client.get(PATH).has_header("Last-Modified")
    at(NOON + timedelta(seconds=2))
    assert client.get(PATH)["Last-Modified"] == http_date(NOON.timestamp() + 2)


def test_new_day_is_a_change(client: Client, at: At) -> None:
    """Statuses depend on the day."""
    before = client.get(PATH)["Last-Modified"]
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    at(midnight + timedelta(seconds=MAX_WRITE_SECONDS))
    answer = since(client, before)
    assert (answer.status_code, answer["Last-Modified"]) == (200, http_date(midnight.timestamp()))
    assert since(client, answer["Last-Modified"]).status_code == 304


def test_server_start_is_a_change(client: Client, at: At) -> None:
    """New code may answer differently."""
    before = client.get(PATH)["Last-Modified"]
    other = started()
    at(NOON + timedelta(seconds=MAX_WRITE_SECONDS))
    assert since(other, before)["Last-Modified"] == http_date(NOON.timestamp())


def test_write_across_midnight_prevents_a_304(client: Client, at: At) -> None:
    """A write has the time of its begin.

    No 304 by date is sent until it must have ended, and pages cached before get the new date then.
    """
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
def test_pages_and_older_versions_have_no_last_modified(client: Client, path: str) -> None:
    assert client.get(path)["ETag"]
    assert not client.get(path).has_header("Last-Modified")


def test_errors_and_checks_have_no_last_modified(client: Client) -> None:
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
def test_date_belongs_to_one_state(written: list[int], lasting: int, asked: list[int]) -> None:
    """A 304 by date is only sent while no write was committed and no day began since.

    Writes may take up to the limit.
    """
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
