"""The page cache serves a page only as long as it is valid."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import TimeMachineFixture

import releases
from releases.domain.roadmap.query import NAMES, RoadmapQuery
from releases.models import Product, ReleaseCycle
from releases.selectors import LastWrite
from releases.web import database
from releases.web.cached_views import cached
from releases.web.page_cache import (
    PageCacheMiddleware,
    SiteState,
    build_digest,
    pages,
    serve_cached,
)
from releases.web.page_keys import MAX_ADDRESSES, normalized_query
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

KEY = ("https", "testserver", "/", "")
STATE = SiteState(LastWrite("revision", 0), ON)
HIT, MISS = "roadmap; hit", "roadmap; fwd=miss; stored"


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> Iterator[None]:
    """A roadmap with one product, and an enabled cache as in production."""
    settings.PAGE_CACHE_MB = 1
    pages.clear()
    make_cycle(make_product("django", label="Django"), "5.2", release="2025-04-02", eol="2028-04")
    yield
    database.outage.until = 0.0


@pytest.fixture
def visitor() -> Client:
    return Client()


def another_worker() -> Client:
    """Return a client of a worker with an empty cache."""
    pages.clear()
    return Client()


def status(answer: Any) -> str:
    return str(answer.headers["Cache-Status"])


def test_page_is_rendered_once(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = visitor.get("/")
    with django_assert_num_queries(1):  # the revision
        second = visitor.get("/")
    assert (status(first), status(second)) == (MISS, HIT)
    assert first.content == second.content
    changed = {"cache-status", "server-timing", "x-request-id"}
    assert {k: v for k, v in first.items() if k.lower() not in changed} == {
        k: v for k, v in second.items() if k.lower() not in changed
    }
    assert "Content-Security-Policy" in second.headers


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/django/", "/django/5.2/", "/products/", "/calendar/", "/search/?q=o"),
        *("/django.svg", "/roadmap.csv", "/robots.txt", "/sitemap.xml"),
    ],
)
def test_all_kinds_of_pages_are_cached(visitor: Client, path: str) -> None:
    assert [status(visitor.get(path)) for _ in range(2)] == [MISS, HIT]


def test_edit_is_visible_in_the_next_request(visitor: Client) -> None:
    assert "Django" in visitor.get("/").text
    Product.objects.update(label="Renamed")
    answer = visitor.get("/")
    assert "Renamed" in answer.text
    assert status(answer) == MISS


def test_new_day_invalidates_the_page(visitor: Client, time_machine: TimeMachineFixture) -> None:
    before = visitor.get("/")
    time_machine.move_to(ON + timedelta(days=1))
    after = visitor.get("/")
    assert status(after) == MISS
    assert before["ETag"] != after["ETag"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/?status=active&lts=1", "/?lts=1&status=active"),
        ("/", "/?utm_source=a-letter&fbclid=1"),
        ("/", "/?"),
        ("/django/?on=2028-01-01", "/django/?x=1&on=2028-01-01"),
        ("/products/", "/products/?status=active"),
    ],
)
def test_equivalent_urls_share_a_page(visitor: Client, one: str, other: str) -> None:
    visitor.get(one)
    assert status(visitor.get(other)) == HIT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/", "/?on=2028-01-01"),
        ("/", "/?nothing-known=1&q=zzz"),
        ("/?product=django&product=python", "/?product=python&product=django"),
        ("/roadmap.csv", "/roadmap.json"),
    ],
)
def test_different_urls_do_not_share_a_page(visitor: Client, one: str, other: str) -> None:
    first, second = visitor.get(one), visitor.get(other)
    assert status(second) == MISS
    assert first["ETag"] != second["ETag"]


def test_view_sees_only_its_declared_parameters(rf: RequestFactory) -> None:
    @cached("on")
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.GET.urlencode())

    answer = view(rf.get("/?on=2028-01-01&q=x&on=2029-01-01"))
    assert answer.getvalue() == b"on=2028-01-01&on=2029-01-01"


def test_view_sees_nothing_outside_of_the_cache_key(rf: RequestFactory) -> None:
    """Headers, cookies, method and parameter encoding of the client are hidden."""

    @cached("q")
    def view(request: HttpRequest) -> HttpResponse:
        seen = {name: str(value) for name, value in request.META.items() if name.isupper()}
        return HttpResponse(json.dumps([request.method, request.GET, request.COOKIES, seen]))

    clean = rf.get("/?q=%C3%A9")
    odd = rf.head(
        "/?x=1&q=%C3%A9",
        headers={"accept": "text/plain", "x-forwarded-host": "evil.example", "cookie": "a=b"},
        CONTENT_TYPE="text/plain; charset=utf-16",
        REMOTE_USER="evil",
    )
    odd.user = "intruder"  # type: ignore[assignment]
    assert view(odd).getvalue() == view(clean).getvalue()
    assert "\\u00e9" in view(clean).getvalue().decode()


def test_request_with_a_script_name_is_not_cached(visitor: Client) -> None:
    evil = visitor.get("/products/", SCRIPT_NAME="//evil.example")
    assert "Cache-Status" not in evil.headers
    page = visitor.get("/products/")
    assert status(page) == MISS
    assert "evil" not in page.text


def test_roadmap_declares_all_parameters_that_it_reads() -> None:
    """`kind` is declared only by the views of changes."""
    asked: list[str] = []

    class Asked(dict[str, list[str]]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.append(name)
            return default

    RoadmapQuery.parse(Asked(), ON)
    assert sorted(asked) == sorted([*NAMES, "kind"])


def test_hosts_and_schemes_do_not_share_pages(visitor: Client) -> None:
    visitor.get("/")
    assert status(visitor.get("/", headers={"host": "localhost"})) == MISS
    assert status(visitor.get("/", secure=True)) == MISS


# ---- conditional requests


def test_matching_etag_is_304(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    etag = visitor.get("/")["ETag"]
    with django_assert_num_queries(1):
        answer = visitor.get("/", headers={"if-none-match": f'"other", {etag}'})
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer["ETag"] == etag
    assert answer["Cache-Control"] == "public, no-cache"
    assert "Content-Type" not in answer.headers
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("path", ["/", "/django/", "/roadmap.svg", "/django.svg", "/products/"])
def test_matching_etag_is_304_without_rendering(
    visitor: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    etag = visitor.get(path)["ETag"]
    with django_assert_num_queries(1):
        answer = another_worker().get(path, headers={"if-none-match": etag})
    assert answer.status_code == 304
    assert answer["ETag"] == etag
    # The browser keeps the policy of its page, which may differ from that of the site.
    assert "Content-Security-Policy" not in answer.headers
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_edit_changes_the_etag(visitor: Client) -> None:
    etag = visitor.get("/")["ETag"]
    Product.objects.update(label="Renamed")
    answer = visitor.get("/", headers={"if-none-match": etag})
    assert answer.status_code == 200
    assert "Renamed" in answer.text


def test_etag_depends_on_the_code(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stale page could refer to style sheets that no longer exist."""
    etag = visitor.get("/")["ETag"]
    monkeypatch.setattr("releases.web.page_cache.build_digest", lambda: "another")
    assert another_worker().get("/", headers={"if-none-match": etag}).status_code == 200


# ---- encodings and methods


def test_compressed_and_plain_responses(visitor: Client) -> None:
    plain = visitor.get("/")
    packed = visitor.get("/", headers={"accept-encoding": "br, gzip"})
    assert status(packed) == HIT
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content)
    assert gzip.decompress(packed.content) == plain.content
    assert plain["Vary"] == packed["Vary"] == "Accept-Encoding"


def test_head_uses_the_cached_page(visitor: Client) -> None:
    visitor.get("/")
    answer = visitor.head("/")
    assert status(answer) == HIT
    assert answer["Content-Length"] == visitor.get("/")["Content-Length"]


# ---- in front of Django


def run_wsgi(application: Any, **environ: Any) -> tuple[str, dict[str, str], bytes]:
    """Return status line, headers and body of a WSGI application's response."""
    started: list[Any] = []
    request = RequestFactory().get("/django/", **environ)
    body = b"".join(application(request.environ, lambda *each: started.extend(each)))
    headers = {
        name: value for name, value in started[1] if name not in ("Cache-Status", "Server-Timing")
    }
    return started[0], headers, body


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
        {"HTTP_IF_NONE_MATCH": "the page's"},
        {"QUERY_STRING": "utm_source=a-letter"},
        {"REQUEST_METHOD": "HEAD"},
        {"REQUEST_METHOD": "POST"},
        {"HTTP_HOST": "evil.example"},
        {"PATH_INFO": "/nothing/"},
        {"PATH_INFO": "/dj\xc3\xa4ngo/"},
        {"wsgi.url_scheme": "https"},
    ],
)
@pytest.mark.django_db(transaction=True)
def test_serve_cached_responds_like_django(environ: dict[str, str]) -> None:
    django = WSGIHandler()
    etag = run_wsgi(django)[1]["ETag"]
    environ = {name: etag if value == "the page's" else value for name, value in environ.items()}
    environ["HTTP_X_REQUEST_ID"] = "same"
    assert run_wsgi(serve_cached(django), **environ) == run_wsgi(django, **environ)


@pytest.mark.django_db(transaction=True)
def test_serve_cached_takes_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    run_wsgi(WSGIHandler())

    def never(*arguments: object) -> Any:
        raise AssertionError

    with django_assert_num_queries(1):
        assert run_wsgi(serve_cached(never))[0] == "200 OK"
    Product.objects.update(label="Renamed")
    with pytest.raises(AssertionError):
        run_wsgi(serve_cached(never))


# ---- what is not cached


@pytest.mark.parametrize("path", ["/nothing/", "/?q=", "/admin/login/", "/django"])
def test_errors_redirects_and_admin_are_not_cached(visitor: Client, path: str) -> None:
    for _ in range(2):
        answer = visitor.get(path)
        assert "Cache-Status" not in answer.headers
        assert "ETag" not in answer.headers


def test_posts_are_not_served_from_the_cache(visitor: Client) -> None:
    visitor.get("/")
    assert visitor.post("/").status_code == 405


def test_disallowed_hosts_are_rejected_despite_the_cache(visitor: Client) -> None:
    visitor.get("/")
    assert visitor.get("/", headers={"host": "evil.example"}).status_code == 400


# ---- limits


def test_memory_is_bounded(rf: RequestFactory) -> None:
    middleware = PageCacheMiddleware(lambda request: HttpResponse(b"x" * 10_000))
    for number in range(500):
        middleware.render(rf.get("/"), (*KEY[:3], f"q={number}"), "etag", STATE)
    assert 50 < len(pages.pages) < 100
    assert sum(page.size for page in pages.pages.values()) <= 1 << 20


def test_page_larger_than_the_cache_is_served(rf: RequestFactory) -> None:
    middleware = PageCacheMiddleware(lambda request: HttpResponse(b"x" * (2 << 20)))
    assert len(middleware.render(rf.get("/"), KEY, "etag", STATE).content) == 2 << 20  # type: ignore[attr-defined]
    assert not pages.pages


def test_number_of_normalized_queries_is_bounded() -> None:
    for number in range(MAX_ADDRESSES + 10):
        normalized_query("/", f"q={number}")
    assert normalized_query.cache_info().currsize == MAX_ADDRESSES


@pytest.mark.parametrize("query", ["&".join(["q=1"] * 5000), "%ff%fe=%00", "=&&==", "q=%zz"])
def test_malformed_query_is_no_error(visitor: Client, query: str) -> None:
    assert visitor.get("/", query_string=query).status_code in (200, 302, 400)


# ---- concurrency


class SlowView:
    """A slow view that counts its calls."""

    def __init__(self, status: int) -> None:
        self.status, self.calls, self.guard = status, 0, threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with self.guard:
            self.calls += 1
        time.sleep(0.05)
        return HttpResponse("page", status=self.status)


def request_concurrently(site: SlowView, times: int) -> list[bytes]:
    middleware = PageCacheMiddleware(site)
    bodies: list[bytes] = []

    def ask() -> None:
        answer = middleware.render(RequestFactory().get("/"), KEY, "etag", STATE)
        bodies.append(answer.content)  # type: ignore[attr-defined]

    threads = [threading.Thread(target=ask) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return bodies


def test_concurrent_requests_render_once() -> None:
    site = SlowView(200)
    assert request_concurrently(site, 50) == [b"page"] * 50
    assert site.calls == 1


def test_errors_are_not_shared() -> None:
    site = SlowView(500)
    assert request_concurrently(site, 5) == [b"page"] * 5
    assert site.calls == 5


# ---- without the database (tests/deploy stops a real one)


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def fail(*args: object, **kwargs: object) -> str:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr("releases.selectors.last_write", fail)
    monkeypatch.setattr("releases.selectors.product_page", fail)
    return monkeypatch


@pytest.mark.django_db(transaction=True)
def test_cached_page_is_served_with_a_warning(
    visitor: Client, request: pytest.FixtureRequest
) -> None:
    visitor.get("/")
    request.getfixturevalue("no_database")
    answer = visitor.get("/")
    assert answer.status_code == 200
    assert status(answer) == "roadmap; hit; detail=database-away"
    assert answer["Warning"].startswith("110 ")
    assert answer["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "The database cannot be reached just now" in answer.text
    assert "5.2" in answer.text


@pytest.mark.django_db(transaction=True)
def test_other_pages_are_503(no_database: pytest.MonkeyPatch) -> None:
    visitor = Client(raise_request_exception=False)
    answer = visitor.get("/django/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "The database does not respond" in answer.text
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.django_db(transaction=True)
def test_database_is_used_again_after_the_outage(
    visitor: Client, no_database: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    Client(raise_request_exception=False).get("/")
    no_database.undo()
    assert database.outage
    database.outage.until = 0.0
    ReleaseCycle.objects.update(latest="5.2.8")
    assert visitor.get("/django/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("host", ["testserver", "10.0.0.7:8000"])
def test_health_checks(visitor: Client, host: str, no_database: pytest.MonkeyPatch) -> None:
    assert visitor.get("/healthz", headers={"host": host}).content == b"ok\n"
    no_database.undo()
    answer = visitor.get("/readyz", headers={"host": host})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_the_database(
    visitor: Client, no_database: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/readyz").status_code == 503


def settings_of_pages() -> list[str]:
    """Return the names of the settings that code reads which writes pages, feeds and answers."""
    folder = Path(releases.__file__).parent
    paths = [folder / "web/context_processors.py", folder / "web/refusals.py"]
    for layer in ("views", "api", "feeds", "presentation", "templatetags"):
        paths += (folder / layer).rglob("*.py")
    code = "".join(path.read_text() for path in paths)
    return sorted(set(re.findall(r"settings\.([A-Z_]+)", code)))


@pytest.mark.parametrize("name", settings_of_pages())
def test_pages_of_another_setting_are_other_pages(settings: Settings, name: str) -> None:
    before = build_digest()
    setattr(settings, name, f"another {getattr(settings, name)}")
    assert build_digest() != before
