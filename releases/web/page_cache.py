"""Pages that were rendered once, kept in the memory of each worker.

A page is a function of the catalogue's revision, the date, the address in its normal form, and
the code. So is its ETag, which therefore needs no rendering. Each request reads the revision, and
so sees every write, whichever worker of whichever machine made it; nothing is ever purged.

A view becomes a page by `cached`, which names the parameters that it reads and hides everything
else of the request: a page can depend on nothing that is missing from its key. The middleware
stands outside of all others but compression, and keeps whole answers, their headers included.
`front` stands before all of Django: a page that holds costs little more than the read of the
revision.
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
from functools import lru_cache, wraps
from io import BytesIO
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from cachetools import LRUCache
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed, TooManyFieldsSent
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
)
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import http_date

from releases import selectors
from releases.domain.history.changes import first_moment
from releases.selectors import LastWrite
from releases.web import clock
from releases.web.database import DATABASE_ERRORS, outage
from releases.web.redirects import PermanentRedirect
from releases.web.request_ids import ID_HEADER, take_id

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

View = Callable[..., HttpResponseBase]
Key = tuple[str, str | None, str, str]
"""What a page is kept under: scheme, Host (None: the request has none), path, and query string in
its normal form."""

PATIENCE = 10.0
"""Seconds that a request waits for another one that is rendering the same page."""

LONGEST_WRITE = 30
"""Maximum seconds from the beginning of a write to the catalogue to its end: more than a worker has
for a request, and than an import takes for a product."""

ADDRESSES = 512
"""So many addresses are remembered with their normal form."""

READ: Final = ("GET", "HEAD")
"""The methods that pages answer, both with the same page."""

EVERY: Final = "*"
"""Stands for every parameter, where a view's are called after things of the catalogue."""

SEEN: Final = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme", "wsgi.errors")
"""What the view of a page sees of a WSGI environ, besides the address and the header that names the
scheme. All of it is in the key or set by the server alone; a request with a SCRIPT_NAME has no
key."""

NOT_KEPT: Final = frozenset({"content-type", "content-length", "content-encoding"})
"""Headers that depend on the form in which a page is given."""

_GZIP = re.compile(r"\bgzip\b")
_LINES = {200: "200 OK", 304: "304 Not Modified"}
_MAIN = b'<main id="main"'


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class State:
    """What the pages of a worker depend on besides their addresses."""

    written: LastWrite
    day: date


@dataclass(frozen=True, slots=True)
class LastModified:
    """When pages last changed, as an HTTP date. From `sound_from` on (in seconds since 1970) no two
    states of the site tell the same one. `before` is told until then; empty: nothing is."""

    date: str
    sound_from: int
    before: str = ""


class Page:
    """An answer that was rendered, in all forms in which it is given."""

    def __init__(self, response: HttpResponse, etag: str, state: State) -> None:
        self.etag, self.state = etag, state
        self.unmodified_since: str = getattr(response, "unmodified_since", "")
        """The If-Modified-Since by which a reader has this page; empty: none tells."""
        self.dated_anew_at: float = getattr(response, "dated_anew_at", inf)
        self.content_type = response["Content-Type"]
        self.rendered_at = time.time()
        self.headers = [
            (name, value) for name, value in response.items() if name.lower() not in NOT_KEPT
        ]
        body = bytes(response.content)
        packed = gzip.compress(body, compresslevel=6, mtime=0)
        self.plain = self._whole(body)
        self.packed = self._whole(packed, ("Content-Encoding", "gzip"))
        self.unchanged = Reply(304, self.headers)

    @property
    def size(self) -> int:
        """What it takes in memory, about."""
        return len(self.plain.body) + len(self.packed.body) + 4096

    def holds(self, state: State) -> bool:
        """True if the page is what its view would answer, its date included."""
        return self.state == state and (
            self.dated_anew_at == inf or time.time() < self.dated_anew_at
        )

    def reply(self, environ: Mapping[str, Any]) -> Reply:
        """What the page is to a request: 304, or itself in an encoding that the reader takes."""
        if asks_for(environ, self.etag) or (self.unmodified_since and self._is_dated_by(environ)):
            return self.unchanged
        if _GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return self.packed
        return self.plain

    def _is_dated_by(self, environ: Mapping[str, Any]) -> bool:
        """True if the reader has the page by its date, which must be just the one it was given: a
        later one may be that of an answer before a write was committed."""
        return (
            "HTTP_IF_NONE_MATCH" not in environ
            and environ.get("HTTP_IF_MODIFIED_SINCE") == self.unmodified_since
        )

    def _whole(self, body: bytes, *more: tuple[str, str]) -> Reply:
        of_body = [("Content-Type", self.content_type), ("Content-Length", str(len(body))), *more]
        return Reply(200, [*of_body, *self.headers], body)


def cached(*names: str, strict: bool = False) -> Callable[[View], View]:
    """Makes a view a page that is kept, which is a function of the catalogue, the date and the
    parameters `names` of its address alone. To GET and HEAD it sees no other parameters, no other
    headers and no cookies; `EVERY` names all parameters.

    `strict`: a request with other parameters gets no kept page, as it is refused outside of it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            outage.check()
            if getattr(request, "not_modified", False):
                return HttpResponseNotModified()
            if request.method not in READ:
                return view(request, *args, **kwargs)
            response = view(_seen(request, page_parameters), *args, **kwargs)
            if isinstance(response, PermanentRedirect):
                response.add_query(request)
            return response

        page_parameters = frozenset(names)
        page.page_parameters = page_parameters  # type: ignore[attr-defined]
        page.strict_parameters = strict  # type: ignore[attr-defined]
        return page

    return decorate


def _seen(request: HttpRequest, names: frozenset[str]) -> HttpRequest:
    """The request as the view of a page sees it: a function of the key of the page.

    Raises `TooManyFieldsSent`, as Django does.
    """
    try:
        query = normal_query(request.META.get("QUERY_STRING", ""), names)
    except ValueError:
        raise TooManyFieldsSent("The address has too many parameters.") from None
    trusted = settings.SECURE_PROXY_SSL_HEADER
    environ = {
        name: request.META[name]
        for name in (*SEEN, *(trusted[:1] if trusted else ()))
        if name in request.META
    }
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": _in_wsgi(request.path_info),
        "SCRIPT_NAME": _in_wsgi(request.META.get("SCRIPT_NAME", "")),
        "QUERY_STRING": query,
        "wsgi.input": BytesIO(),
    }
    seen = WSGIRequest(environ)
    seen.resolver_match = request.resolver_match
    return seen


def _in_wsgi(text: str) -> str:
    """A text as a WSGI environ has it: its bytes in UTF-8, each one letter."""
    return text.encode().decode("latin-1")


class Pages:
    """The pages of a worker, as many as the memory that is set aside holds; those that nobody
    asked for longest go first."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.clear()

    def clear(self) -> None:
        most = settings.PAGE_CACHE_MB << 20
        self.kept: LRUCache[Key, Page] = LRUCache(most, lambda page: page.size)

    def get(self, key: Key) -> Page | None:
        with self.guard:
            return self.kept.get(key)

    def keep(self, key: Key, page: Page) -> None:
        with self.guard:
            if page.size <= self.kept.maxsize:
                self.kept[key] = page


pages = Pages()


class PageCacheMiddleware:
    """Keeps pages, and answers from memory where it can; see the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.PAGE_CACHE_MB:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.build = build()
        self.started = int(time.time())
        self.rendering = [threading.Lock() for _ in range(64)]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = key_of(request.META)
        if key is None:
            return self.get_response(request)
        try:
            state = current_state()
        except DATABASE_ERRORS:
            return self.without_database(request, key)
        page = pages.get(key)
        if page and page.holds(state):
            return answer(request, page)
        etag = self.etag(key, state)
        if asks_for(request.META, etag):
            return self.not_modified(request, etag)
        request.last_modified = self.last_modified(state)  # type: ignore[attr-defined]
        return self.render(request, key, etag, state)

    def etag(self, key: Key, state: State) -> str:
        """The tag of a page; weak, as it is the same for every encoding."""
        all_of_it = f"{self.build} {state.written.revision} {state.day} {key}"
        return f'W/"{hashlib.sha256(all_of_it.encode()).hexdigest()[:32]}"'

    def last_modified(self, state: State) -> LastModified:
        """Return when pages last changed: with the last write, with the day (UTC), or with the
        start of the server, whose code may be another."""
        floor = max(self.started, int(first_moment(state.day).timestamp()))
        if state.written.at > floor:  # each write has a time of its own
            return LastModified(http_date(state.written.at), state.written.at)
        # A write gets its time when it begins: one from before the day or the start may still be
        # committed, and the date of the pages would stay. Until then they have that of the write.
        before = http_date(state.written.at) if 0 < state.written.at < floor else ""
        return LastModified(http_date(floor), floor + LONGEST_WRITE, before)

    def not_modified(self, request: HttpRequest, etag: str) -> HttpResponse:
        """304 for a page that this worker has not rendered: as the view would be answered, but
        without what only the view knows, which the reader has."""
        request.not_modified = True  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code == 304:
            for name in ("Content-Security-Policy", "X-Frame-Options"):
                del response[name]
            describe(response, etag)
        return response

    def render(self, request: HttpRequest, key: Key, etag: str, state: State) -> HttpResponseBase:
        """The page as the view makes it. Of many who ask at once, one has it made; the others
        wait and take it from memory."""
        with self.one_at_a_time(key) as waited:
            page = pages.get(key)
            if page and page.holds(state):
                return answer(request, page)
            if not waited:
                return keep(self.get_response(request), request, key, etag, state)
        # What the other one got is nothing to keep, an error perhaps: everybody gets their own.
        return keep(self.get_response(request), request, key, etag, state)

    @contextmanager
    def one_at_a_time(self, key: Key) -> Iterator[bool]:
        """Yields whether somebody else was at it."""
        lock = self.rendering[hash(key) % len(self.rendering)]
        waited = not lock.acquire(blocking=False)
        held = not waited or lock.acquire(timeout=PATIENCE)
        try:
            yield waited
        finally:
            if held:
                lock.release()

    def without_database(self, request: HttpRequest, key: Key) -> HttpResponseBase:
        """The page as it was rendered last, marked as old; or what the site says without it."""
        outage.record()
        page = pages.get(key)
        return stale(page) if page else self.get_response(request)


def front(application: WSGIApplication) -> WSGIApplication:
    """`application`, in front of which pages are answered from memory before Django makes a
    request of it. What is not answered here takes its ordinary way, with the same result."""

    def in_front(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        reply = kept_reply(environ)
        if reply is None:
            return application(environ, start_response)
        start_response(_LINES[reply.status], [*reply.headers, (ID_HEADER, take_id(environ))])
        return (reply.body,)

    return in_front


def kept_reply(environ: Mapping[str, Any]) -> Reply | None:
    """The answer to a request from memory; None where that has none that holds."""
    key = key_of(environ)
    page = pages.get(key) if key else None
    if page is None:
        return None
    connection.close_if_unusable_or_obsolete()  # as Django does for each request
    try:
        holds = page.holds(current_state())
    except DATABASE_ERRORS:
        return None
    return page.reply(environ) if holds else None


def key_of(environ: Mapping[str, Any]) -> Key | None:
    """Under what the page is kept that is asked for; None if it is nothing to keep. That includes
    every request with a SCRIPT_NAME, which all links of a page would begin with."""
    path = environ.get("PATH_INFO") or "/"
    if environ["REQUEST_METHOD"] not in READ or environ.get("SCRIPT_NAME") or not path.isascii():
        return None
    query = normal(path, environ.get("QUERY_STRING", ""))
    return None if query is None else (_scheme(environ), environ.get("HTTP_HOST"), path, query)


def _scheme(environ: Mapping[str, Any]) -> str:
    """As `HttpRequest.scheme` has it."""
    trusted = settings.SECURE_PROXY_SSL_HEADER
    if trusted and (said := environ.get(trusted[0])) is not None:
        return "https" if said.partition(",")[0].strip() == trusted[1] else "http"
    return str(environ["wsgi.url_scheme"])


def keep(
    response: HttpResponse, request: HttpRequest, key: Key, etag: str, state: State
) -> HttpResponse:
    """Keeps an answer if it is a page, and says so on it."""
    if response.status_code != 200 or response.streaming or response.cookies:
        return response
    describe(response, etag)
    page = Page(response, etag, state)
    pages.keep(key, page)
    fresh = answer(request, page)
    fresh["Cache-Status"] = "roadmap; fwd=miss; stored"
    return fresh


def tell_last_modified(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give an answer the date of the last change to pages, by which it can be asked for again. Not
    where the middleware keeps no pages."""
    modified: LastModified | None = getattr(request, "last_modified", None)
    if not modified or response.status_code != 200:
        return
    if sound := time.time() >= modified.sound_from:
        response.unmodified_since = modified.date  # type: ignore[attr-defined]
    else:
        response.dated_anew_at = modified.sound_from  # type: ignore[attr-defined]
    if date := modified.date if sound else modified.before:
        response.headers["Last-Modified"] = date


def current_state() -> State:
    return State(last_write(), clock.today())


def last_write() -> LastWrite:
    """As the selector has it; over a new connection, if the one at hand turns out to be dead."""
    outage.check()
    was_open = connection.connection is not None
    # This read is the check of the connection's health: Django's own would be a second one.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return selectors.last_write()
    except DATABASE_ERRORS:
        connection.close()
        if not was_open:
            raise
    return selectors.last_write()


def answer(request: HttpRequest, page: Page) -> HttpResponse:
    """What a kept page is to this request."""
    reply = page.reply(request.META)
    response = HttpResponseNotModified() if reply.status == 304 else HttpResponse(reply.body)
    return _with_headers(response, reply.headers)


def stale(page: Page) -> HttpResponse:
    """A page that may not hold any more. It says so to people and to programs."""
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
    response = _with_headers(HttpResponse(body, page.content_type), page.headers)
    del response["ETag"], response["Last-Modified"]
    response["Cache-Control"] = "no-store"
    response["Cache-Status"] = "roadmap; hit; detail=database-away"
    response["Warning"] = '110 - "Response is Stale"'
    response["Age"] = str(int(time.time() - page.rendered_at))
    return response


def describe(response: HttpResponse, etag: str) -> None:
    """What caches have to know: they may keep the page, and ask each time whether it holds."""
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    response["Cache-Status"] = "roadmap; hit"
    patch_vary_headers(response, ["Accept-Encoding"])


def asks_for(environ: Mapping[str, Any], etag: str) -> bool:
    """Whether the reader has the page of this tag."""
    return etag[2:] in environ.get("HTTP_IF_NONE_MATCH", "")


@lru_cache(maxsize=ADDRESSES)
def normal(path: str, query: str) -> str | None:
    """The query string of an address in its normal form; None for what is not kept."""
    try:
        view = resolve(path).func
        names = getattr(view, "page_parameters", None)
        if names is None:
            return None
        strict: bool = view.strict_parameters  # type: ignore[attr-defined]
        return normal_query(query, names, strict=strict)
    except (Resolver404, ValueError):
        return None


def normal_query(query: str, names: frozenset[str], *, strict: bool = False) -> str:
    """A query string with the parameters `names` alone, in the order of their names.

    Always read as UTF-8: Django takes the encoding from the Content-Type that a client sends.
    Raises `ValueError` for too many parameters, and where `strict` for others than `names`.
    """
    pairs = parse_qsl(
        query.encode("latin-1").decode("utf-8", "replace"),  # the bytes that WSGI has as text
        keep_blank_values=True,
        max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
    )
    if strict and not names.issuperset(name for name, _ in pairs):
        raise ValueError("There are parameters that are not read.")
    read = [pair for pair in pairs if pair[0] in names or EVERY in names]
    return urlencode(sorted(read, key=lambda pair: pair[0]))


def build() -> str:
    """A digest of what makes pages but is not in the database: the code, the templates, the
    hashed names of static files, and the settings that are shown."""
    digest = hashlib.sha256()
    base = Path(settings.BASE_DIR)
    files = [base / "requirements.txt"]
    for folder in ("config", "releases", "templates", "static"):
        files += sorted((base / folder).rglob("*"))
    for path in files:
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    names = ("SITE_NAME", "SITE_STRAP_LINE", "ADMIN_HIDDEN", "DEBUG", "STATIC_URL")
    shown = [getattr(settings, name) for name in names]
    digest.update(repr(shown).encode())
    return digest.hexdigest()


def _with_headers(response: HttpResponse, headers: Iterable[tuple[str, str]]) -> HttpResponse:
    for name, value in headers:
        response[name] = value
    return response
