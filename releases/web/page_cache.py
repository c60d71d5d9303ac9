"""An in-process cache of rendered pages.

A page is a function of the catalogue's revision, the date, its address in a normal form, and the
code. So is its ETag, which therefore needs no rendering. Each request reads the revision, and so
sees every write of any worker on any machine; nothing is ever purged.

`releases.web.cached_views.cached` marks the views whose pages are cached. The middleware stands
outside of all others but compression and stores whole responses, headers included. `serve_cached`
stands before Django: a valid page costs little more than reading the revision (30 us beside 110 us
through the middlewares, without the database).
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cachetools import LRUCache
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import http_date

from releases import selectors
from releases.domain.history.changes import first_moment
from releases.selectors import LastWrite
from releases.web import clock
from releases.web.database import DATABASE_ERRORS, outage
from releases.web.page_keys import PageKey, page_key
from releases.web.request_ids import ID_HEADER, take_id

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

RENDER_TIMEOUT: Final = 10.0
"""Seconds that a request waits for another one that renders the same page."""

MAX_WRITE_SECONDS: Final = 30
"""Maximum seconds from the beginning of a write to the catalogue to its end: more than a worker has
for a request, and than an import takes for a product."""

CONTENT_HEADERS: Final = frozenset({"content-type", "content-length", "content-encoding"})
"""Headers that depend on the encoding of a page."""

_GZIP = re.compile(r"\bgzip\b")
_STATUS_LINES = {200: "200 OK", 304: "304 Not Modified"}
_MAIN = b'<main id="main"'


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def response(self) -> HttpResponse:
        """The reply as a response of Django."""
        headers = dict(self.headers)
        if self.status == 304:
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(self.body, headers=headers)


@dataclass(frozen=True, slots=True)
class SiteState:
    """The state that all pages depend on: the last write to the catalogue, and the date (UTC)."""

    written: LastWrite
    day: date


@dataclass(frozen=True, slots=True)
class LastModified:
    """The time of the last change to pages, as an HTTP date.

    Attributes:
        date: The HTTP date.
        reliable_from: The time, in seconds since 1970, from which on no two states of the site have
            the same date.
        before: The HTTP date to send until then; empty for none.
    """

    date: str
    reliable_from: int
    before: str = ""


class CachedPage:
    """A rendered page in every encoding in which it is sent."""

    def __init__(self, response: HttpResponse, etag: str, state: SiteState) -> None:
        self.etag, self.state = etag, state
        self.unmodified_since: str = getattr(response, "unmodified_since", "")
        """The value of If-Modified-Since that this page answers with 304; empty for none."""
        self.expires_at: float = getattr(response, "expires_at", inf)
        self.content_type = response["Content-Type"]
        self.rendered_at = time.time()
        self.headers = {
            name: value for name, value in response.items() if name.lower() not in CONTENT_HEADERS
        }
        body = bytes(response.content)
        packed = gzip.compress(body, compresslevel=6, mtime=0)
        self.plain = self._reply(body)
        self.gzipped = self._reply(packed, {"Content-Encoding": "gzip"})
        self.unmodified = Reply(304, self.headers)

    @property
    def size(self) -> int:
        """Its approximate size in memory, in bytes."""
        return len(self.plain.body) + len(self.gzipped.body) + 4096

    def is_valid(self, state: SiteState) -> bool:
        """Return True if the view would give this page now, its date included."""
        return self.state == state and (self.expires_at == inf or time.time() < self.expires_at)

    def reply(self, environ: Mapping[str, Any]) -> Reply:
        """Return the reply to a request: 304, or the page in an accepted encoding."""
        if etag_matches(environ, self.etag) or self._date_matches(environ):
            return self.unmodified
        if _GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return self.gzipped
        return self.plain

    def _date_matches(self, environ: Mapping[str, Any]) -> bool:
        """Return True if the client has the page by its date.

        Only the same date counts: a later one may belong to a response from before a write was
        committed.
        """
        return (
            bool(self.unmodified_since)
            and "HTTP_IF_NONE_MATCH" not in environ
            and environ.get("HTTP_IF_MODIFIED_SINCE") == self.unmodified_since
        )

    def _reply(self, body: bytes, encoding: Mapping[str, str] | None = None) -> Reply:
        content = {"Content-Type": self.content_type, "Content-Length": str(len(body))}
        return Reply(200, content | dict(encoding or {}) | self.headers, body)


class PageStore:
    """The cached pages of a worker.

    The least recently used ones are dropped to stay within PAGE_CACHE_MB.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Drop all pages."""
        max_size = settings.PAGE_CACHE_MB << 20
        self.pages: LRUCache[PageKey, CachedPage] = LRUCache(max_size, lambda page: page.size)

    def get(self, key: PageKey) -> CachedPage | None:
        """Return the page of a key, valid or not."""
        with self.lock:
            return self.pages.get(key)

    def add(self, key: PageKey, page: CachedPage) -> None:
        """Store a page, unless it is larger than the whole cache."""
        with self.lock:
            if page.size <= self.pages.maxsize:
                self.pages[key] = page


pages: Final = PageStore()


class PageCacheMiddleware:
    """Stores pages, and answers from memory where it can; see the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.PAGE_CACHE_MB:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.build = build_digest()
        self.started = int(time.time())
        self.render_locks = [threading.Lock() for _ in range(64)]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = page_key(request.META)
        if key is None:
            return self.get_response(request)
        try:
            state = current_state()
        except DATABASE_ERRORS:
            outage.record()
            page = pages.get(key)
            return stale_response(page) if page else self.get_response(request)
        if page := valid_page(key, state):
            return page.reply(request.META).response
        etag = self.etag(key, state)
        if etag_matches(request.META, etag):
            return self.not_modified(request, etag)
        request.last_modified = self.last_modified(state)  # type: ignore[attr-defined]
        return self.render(request, key, etag, state)

    def etag(self, key: PageKey, state: SiteState) -> str:
        """Return the ETag of a page. It is weak, as all encodings have the same."""
        source = f"{self.build} {state.written.revision} {state.day} {key}"
        return f'W/"{hashlib.sha256(source.encode()).hexdigest()[:32]}"'

    def last_modified(self, state: SiteState) -> LastModified:
        """Return when pages last changed.

        They change with a write, with the day (UTC), and with the start of the server, whose code
        may be another.
        """
        floor = max(self.started, int(first_moment(state.day).timestamp()))
        if state.written.at > floor:  # each write has a time of its own
            return LastModified(http_date(state.written.at), state.written.at)
        # A write gets its time when it begins: one from before the day or the start may still be
        # committed, and the date of the pages would not change. Until then they have that of the
        # write.
        before = http_date(state.written.at) if 0 < state.written.at < floor else ""
        return LastModified(http_date(floor), floor + MAX_WRITE_SECONDS, before)

    def not_modified(self, request: HttpRequest, etag: str) -> HttpResponse:
        """Return 304 for a page that this worker has not rendered.

        The headers are those of the middlewares, without those that only the view can tell.
        """
        request.not_modified = True  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code == 304:
            for name in ("Content-Security-Policy", "X-Frame-Options"):
                del response[name]
            add_cache_headers(response, etag)
        return response

    def render(
        self, request: HttpRequest, key: PageKey, etag: str, state: SiteState
    ) -> HttpResponseBase:
        """Return the response of the view.

        Of concurrent requests for a page one renders it; the others wait and take it from memory.
        """
        with self.render_lock(key) as is_first:
            if page := valid_page(key, state):
                return page.reply(request.META).response
            if is_first:
                return store(self.get_response(request), request, key, etag, state)
        # The first response could not be stored, perhaps an error: each request gets its own.
        return store(self.get_response(request), request, key, etag, state)

    @contextmanager
    def render_lock(self, key: PageKey) -> Iterator[bool]:
        """Hold the lock of a page. Yields True if no other request held it."""
        lock = self.render_locks[hash(key) % len(self.render_locks)]
        is_first = lock.acquire(blocking=False)
        held = is_first or lock.acquire(timeout=RENDER_TIMEOUT)
        try:
            yield is_first
        finally:
            if held:
                lock.release()


def serve_cached(application: WSGIApplication) -> WSGIApplication:
    """Return a WSGI application that answers from the cache where it can.

    For all other requests it calls `application`, with the same result.
    """

    def wrapped(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        reply = _cached_reply(environ)
        if reply is None:
            return application(environ, start_response)
        headers = [*reply.headers.items(), (ID_HEADER, take_id(environ))]
        start_response(_STATUS_LINES[reply.status], headers)
        return (reply.body,)

    return wrapped


def _cached_reply(environ: Mapping[str, Any]) -> Reply | None:
    """Return the reply to a request from the cache, or None if it has no valid page."""
    key = page_key(environ)
    if key is None or pages.get(key) is None:
        return None
    connection.close_if_unusable_or_obsolete()  # as Django does for each request
    try:
        page = valid_page(key, current_state())
    except DATABASE_ERRORS:
        return None
    return page.reply(environ) if page else None


def valid_page(key: PageKey, state: SiteState) -> CachedPage | None:
    """Return the cached page of a key if it is valid."""
    page = pages.get(key)
    return page if page and page.is_valid(state) else None


def store(
    response: HttpResponse, request: HttpRequest, key: PageKey, etag: str, state: SiteState
) -> HttpResponse:
    """Store a response if it is a page; return what is sent."""
    if response.status_code != 200 or response.streaming or response.cookies:
        return response
    add_cache_headers(response, etag)
    page = CachedPage(response, etag, state)
    pages.add(key, page)
    fresh = page.reply(request.META).response
    fresh["Cache-Status"] = "roadmap; fwd=miss; stored"
    return fresh


def add_last_modified(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give a response the date of the last change to pages, for conditional requests.

    Without the page cache it gets none.
    """
    modified: LastModified | None = getattr(request, "last_modified", None)
    if not modified or response.status_code != 200:
        return
    if reliable := time.time() >= modified.reliable_from:
        response.unmodified_since = modified.date  # type: ignore[attr-defined]
    else:
        response.expires_at = modified.reliable_from  # type: ignore[attr-defined]
    if date := modified.date if reliable else modified.before:
        response.headers["Last-Modified"] = date


def current_state() -> SiteState:
    """Return the state of the site, in 1 query. Raises one of `DATABASE_ERRORS`."""
    return SiteState(last_write(), clock.today())


def last_write() -> LastWrite:
    """Return the last write to the catalogue, over a new connection if the open one is dead.

    Raises one of `DATABASE_ERRORS`.
    """
    outage.check()
    was_open = connection.connection is not None
    # This read checks the health of the connection: Django's own check would be a second query.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return selectors.last_write()
    except DATABASE_ERRORS:
        connection.close()
        if not was_open:
            raise
    return selectors.last_write()


def stale_response(page: CachedPage) -> HttpResponse:
    """Return a page that may be out of date, marked as such for people and for programs."""
    moment = time.strftime("%d %b %Y, %H:%M", time.gmtime(page.rendered_at))
    note = format_html(
        '<p class="notice" role="status">The database cannot be reached just now. This page is'
        " as it was on {} UTC.</p>",
        moment,
    ).encode()
    body = page.plain.body
    if page.content_type.startswith("text/html"):
        before, main, after = body.partition(_MAIN)
        tag, _, content = after.partition(b">")
        body = before + main + tag + b">" + note + content
    response = HttpResponse(body, headers={"Content-Type": page.content_type, **page.headers})
    del response["ETag"], response["Last-Modified"]
    response["Cache-Control"] = "no-store"
    response["Cache-Status"] = "roadmap; hit; detail=database-away"
    response["Warning"] = '110 - "Response is Stale"'
    response["Age"] = str(int(time.time() - page.rendered_at))
    return response


def add_cache_headers(response: HttpResponse, etag: str) -> None:
    """Let caches store a page, and make them ask each time whether it is valid."""
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    response["Cache-Status"] = "roadmap; hit"
    patch_vary_headers(response, ["Accept-Encoding"])


def etag_matches(environ: Mapping[str, Any], etag: str) -> bool:
    """Return True if the client has the page of an ETag."""
    return etag[2:] in environ.get("HTTP_IF_NONE_MATCH", "")


def build_digest() -> str:
    """Return a digest of what pages depend on outside of the database.

    That is the code, the templates, the static files, and the settings that pages show: after a
    deployment no browser keeps a page that names style sheets which are gone.
    """
    digest = hashlib.sha256()
    base = Path(settings.BASE_DIR)
    files = [base / "requirements.txt"]
    for folder in ("config", "releases", "templates", "static"):
        files += sorted((base / folder).rglob("*"))
    for path in files:
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    brand = ("SITE_NAME", "SITE_STRAP_LINE", "SITE_ACCENT", "SITE_ACCENT_DARK", "SITE_LOGO")
    reminders = ("REMINDERS", "REMINDERS_BY_EMAIL", "SITE_URL", "MAIL_FOLDER", "WEBHOOK_HOSTS")
    names = (*brand, *reminders, "ADMIN_HIDDEN", "DEBUG", "STATIC_URL")
    digest.update(repr([getattr(settings, name) for name in names]).encode())
    return digest.hexdigest()
