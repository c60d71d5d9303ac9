"""Pages that were rendered once, kept in the memory of each worker.

A page is a function of the catalogue's revision, the date, the address in its normal form, and
the code. So is its ETag, which therefore needs no rendering. Each request reads the revision, and
so sees every write, whichever worker of whichever machine made it; nothing is ever purged.

A view becomes a page by `cached`, which names the parameters that it reads. The middleware stands
outside of all others but compression, and keeps whole answers, their headers included.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from cachetools import LRUCache
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html

from releases import clock, selectors

View = Callable[..., HttpResponseBase]

AWAY = (OperationalError, InterfaceError)
"""What a database that cannot be reached raises."""

ASK_AGAIN = 1.0
"""Seconds for which a worker does not try to reach a database that was away: each attempt may
take as long as a connection is allowed to."""

PATIENCE = 10.0
"""Seconds that a request waits for another one that is rendering the same page."""

ADDRESSES = 512
"""So many addresses are remembered with their normal form."""

NEVER_KEPT: Final = frozenset({"set-cookie", "date", "server-timing", "x-request-id"})
_GZIP = re.compile(r"\bgzip\b")
_BODY_HEADERS = frozenset({"content-type", "content-length", "content-encoding"})
_MAIN = b'<main id="main"'


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that was rendered: `size` is what it takes in memory, about."""

    etag: str
    content_type: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    gzipped: bytes
    rendered_at: float

    @property
    def size(self) -> int:
        return len(self.body) + len(self.gzipped) + 4096


class Away:
    """Whether the database could not be reached a moment ago, for all threads of a worker."""

    def __init__(self) -> None:
        self.until = 0.0

    def __bool__(self) -> bool:
        return time.monotonic() < self.until

    def seen(self) -> None:
        """Who was told so has not asked, and adds nothing: under load it would never end."""
        if not self:
            self.until = time.monotonic() + ASK_AGAIN


away = Away()


def cached(*names: str) -> Callable[[View], View]:
    """Makes a view a page that is kept, which is a function of the catalogue, the date and the
    parameters `names` of its address alone. It sees no other ones."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if away:
                raise OperationalError("The database was away a moment ago.")
            if getattr(request, "not_modified", False):
                return HttpResponseNotModified()
            if not request.GET.keys() <= page_parameters:
                request.GET = _only(request.GET, page_parameters)  # type: ignore[assignment]
            return view(request, *args, **kwargs)

        page_parameters = frozenset(names)
        page.page_parameters = page_parameters  # type: ignore[attr-defined]
        return page

    return decorate


class PageCacheMiddleware:
    """Answers from memory where it can; see the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.PAGE_CACHE_MB:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.build = build()
        self.pages: LRUCache[str, Page] = LRUCache(settings.PAGE_CACHE_MB << 20, lambda p: p.size)
        self.guard = threading.Lock()
        self.rendering = [threading.Lock() for _ in range(64)]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        address = normal(request.path_info, request.META.get("QUERY_STRING", ""))
        if address is None:
            return self.get_response(request)
        key = f"{request.scheme}://{request.META.get('HTTP_HOST')}{address}"
        try:
            etag = self.etag(key, current_revision())
        except AWAY:
            return self.without_database(request, key)
        page = self.kept(key)
        if page and page.etag == etag:
            return answer(request, page)
        if asks_for(request, etag):
            return self.not_modified(request, etag)
        return self.render(request, key, etag)

    def etag(self, key: str, revision: str) -> str:
        """The tag of a page; weak, as it is the same for every encoding."""
        state = f"{self.build} {revision} {clock.today()} {key}"
        return f'W/"{hashlib.sha256(state.encode()).hexdigest()[:32]}"'

    def kept(self, key: str) -> Page | None:
        with self.guard:
            return self.pages.get(key)

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

    def render(self, request: HttpRequest, key: str, etag: str) -> HttpResponseBase:
        """The page as the view makes it. Of many who ask at once, one has it made; the others
        wait and take it from memory."""
        with self.one_at_a_time(key) as waited:
            page = self.kept(key)
            if page and page.etag == etag:
                return answer(request, page)
            if not waited:
                return self.keep(self.get_response(request), key, etag, request)
        # What the other one got is nothing to keep, an error perhaps: everybody gets their own.
        return self.keep(self.get_response(request), key, etag, request)

    @contextmanager
    def one_at_a_time(self, key: str) -> Iterator[bool]:
        """Yields whether somebody else was at it."""
        lock = self.rendering[hash(key) % len(self.rendering)]
        waited = not lock.acquire(blocking=False)
        held = not waited or lock.acquire(timeout=PATIENCE)
        try:
            yield waited
        finally:
            if held:
                lock.release()

    def keep(
        self, response: HttpResponse, key: str, etag: str, request: HttpRequest
    ) -> HttpResponse:
        if response.status_code != 200 or response.streaming or response.cookies:
            return response
        describe(response, etag)
        headers = [
            (name, value)
            for name, value in response.items()
            if name.lower() not in NEVER_KEPT | _BODY_HEADERS
        ]
        body = bytes(response.content)
        page = Page(
            etag=etag,
            content_type=response["Content-Type"],
            headers=tuple(headers),
            body=body,
            gzipped=gzip.compress(body, compresslevel=6, mtime=0),
            rendered_at=time.time(),
        )
        with self.guard:
            if page.size <= self.pages.maxsize:
                self.pages[key] = page
        fresh = answer(request, page)
        fresh["Cache-Status"] = "roadmap; fwd=miss; stored"
        return fresh

    def without_database(self, request: HttpRequest, key: str) -> HttpResponseBase:
        """The page as it was rendered last, marked as old; or what the site says without it."""
        away.seen()
        page = self.kept(key)
        return stale(request, page) if page else self.get_response(request)


def current_revision() -> str:
    """As the selector has it; over a new connection, if the one at hand turns out to be dead."""
    if away:
        raise OperationalError("The database was away a moment ago.")
    was_open = connection.connection is not None
    # This read is the check of the connection's health: Django's own would be a second one.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return selectors.revision()
    except AWAY:
        connection.close()
        if not was_open:
            raise
    return selectors.revision()


def answer(request: HttpRequest, page: Page) -> HttpResponse:
    """What a kept page is to this request: 304, or the page in an encoding that it takes."""
    if asks_for(request, page.etag):
        return _with_headers(HttpResponseNotModified(), page)
    compressed = _GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    body = page.gzipped if compressed else page.body
    response = HttpResponse(body, page.content_type)
    response["Content-Length"] = str(len(body))
    if compressed:
        response["Content-Encoding"] = "gzip"
    return _with_headers(response, page)


def stale(request: HttpRequest, page: Page) -> HttpResponse:
    """A page that may not hold any more. It says so to people and to programs."""
    moment = time.strftime("%d %b %Y, %H:%M", time.gmtime(page.rendered_at))
    note = format_html(
        '<p class="notice" role="status">The database cannot be reached just now. This page is'
        " as it was on {} UTC.</p>",
        moment,
    ).encode()
    body = page.body
    if page.content_type.startswith("text/html"):
        before, main, after = body.partition(_MAIN)
        tag, _, content = after.partition(b">")
        body = before + main + tag + b">" + note + content
    response = _with_headers(HttpResponse(body, page.content_type), page)
    del response["ETag"]
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


def asks_for(request: HttpRequest, etag: str) -> bool:
    """Whether the reader has the page of this tag."""
    return etag[2:] in request.META.get("HTTP_IF_NONE_MATCH", "")


@lru_cache(maxsize=ADDRESSES)
def normal(path: str, query: str) -> str | None:
    """An address in its normal form: the parameters that its view reads, in the order of their
    names. None for what is not kept."""
    try:
        names = getattr(resolve(path).func, "page_parameters", None)
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=1000)
    except (Resolver404, ValueError):
        return None
    if names is None:
        return None
    read = sorted((pair for pair in pairs if pair[0] in names), key=lambda pair: pair[0])
    return f"{path}?{urlencode(read)}"


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


def _only(parameters: QueryDict, names: frozenset[str]) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in parameters.keys() & names:
        kept.setlist(name, parameters.getlist(name))
    return kept


def _with_headers(response: HttpResponse, page: Page) -> HttpResponse:
    for name, value in page.headers:
        response[name] = value
    return response
