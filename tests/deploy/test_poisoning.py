"""Cache poisoning: no request header affects the response to another client of gunicorn."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

import psycopg2
import pytest

from tests.deploy.servers import HOST, Page, Server, Site

pytestmark = pytest.mark.deploy

PAGES = (
    *("/products/", "/", "/django/", "/search/?q=d%C3%A9no", "/robots.txt", "/django.atom"),
    *("/roadmap.ics", "/api/v1/products/django", "/api/openapi.json"),
)

# The request headers that gunicorn and Django read. They are found in the sources, so that those of
# new versions are tested as well:
# - keys of a WSGI environ: "HTTP_HOST" (django/http/request.py: get_host), "HTTP_X_FORWARDED_HOST",
#   "HTTP_X_FORWARDED_PORT", "HTTP_ACCEPT_ENCODING" (django/middleware/gzip.py), ...
# - arguments of request.headers.get: "Accept", HttpHeaders in django_htmx: "HX-Request", ...
# - names that gunicorn's parser compares (gunicorn/http/message.py and wsgi.py): "SCRIPT_NAME",
#   "TRANSFER-ENCODING", "EXPECT", ..., and those in its settings (gunicorn/config.py):
#   "X-FORWARDED-PROTOCOL", "X-FORWARDED-SSL", "SCRIPT_NAME,PATH_INFO".
# - environ keys of servers, tested as headers: "SCRIPT_URL", "REDIRECT_URL", "REMOTE_USER", ...
PACKAGES = ("django", "gunicorn", "whitenoise", "csp", "axes", "ninja", "django_htmx", "releases")
HEADER_PATTERNS = (
    re.compile(r"[\"']HTTP_([A-Z]\w+)[\"']"),
    re.compile(r"headers(?:\.get\(|\[)[\"']([A-Za-z-]+)[\"']"),
    re.compile(r"[\"'](HX-[A-Za-z-]+)[\"']"),
    re.compile(r"(?<!os\.)\b(?:environ|META)(?:\.get)?[\[(][\"']((?!HTTP_)[A-Z_]+)[\"']"),
    re.compile(r"name == [\"']([A-Z_-]+)[\"']"),
    re.compile(r"[\"'](X-[A-Z-]+)[\"']"),
    re.compile(r"get_(?:bytes|str)_from_wsgi\(\s*environ, [\"']([A-Z_]+)[\"']"),
)
# Headers without these forms, or read by other software in front of gunicorn.
OTHER_HEADERS = (
    *("PATH_INFO", "X-Script-Name", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL"),
    *("X-HTTP-Method-Override", "X-HTTP-Method", "Forwarded", "Accept-Language", "Accept-Charset"),
    *("wsgi.url_scheme", "Authorization", "Cache-Control", "Pragma", "X-Real-IP", "Upgrade"),
)
# These frame the request: a wrong value makes it a different or invalid request.
FRAMING = {"CONTENT-LENGTH", "TRANSFER-ENCODING", "CONNECTION", "TRAILER", "TE"}
VALUES = {
    "HOST": ["evil.example", "evil.herokuapp.com:8", f"{HOST}/x", ""],
    "CONTENT-TYPE": ["text/plain; charset=utf-16", "text/html; charset=latin-1"],
    "SCRIPT_NAME": ["/evil", "//evil.example", "/products"],
    "X-FORWARDED-PROTO": ["http", "https, http", "evil"],
    "ACCEPT-ENCODING": ["gzip", "br", "identity;q=0", "evil"],
    "X-HTTP-METHOD-OVERRIDE": ["POST", "HEAD"],
    "RANGE": ["bytes=0-9"],
    "EXPECT": ["100-continue"],
}
DEFAULT_VALUES = ["evil.example", "/evil"]


def headers_read() -> list[str]:
    """Return the names of the headers, as a client sends them."""
    names = set(OTHER_HEADERS)
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec
        assert spec.submodule_search_locations
        for folder in spec.submodule_search_locations:
            for path in Path(folder).rglob("*.py"):
                source = path.read_text()
                names |= {name for each in HEADER_PATTERNS for name in each.findall(source)}
    # gunicorn may pass names with underscores; names with hyphens are the usual form.
    names |= {name.replace("_", "-") for name in names}
    found = {name.upper() for name in names}
    assert {"SCRIPT_NAME", "HOST", "X-FORWARDED-HOST", "HX-REQUEST", "X-FORWARDED-SSL"} <= found
    return sorted(found - FRAMING)


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    """A single worker, so that each response comes from the cache that may be poisoned.

    The variable trusts all peers: should the configuration obey it, more headers would be read.
    """
    with site.serve(WEB_CONCURRENCY="1", FORWARDED_ALLOW_IPS="*") as server:
        yield server


@pytest.fixture(scope="module")
def invalidate_pages(site: Site) -> Iterator[Callable[[], None]]:
    """Return a function that changes the revision, which invalidates all cached pages."""
    connection = psycopg2.connect(site.settings["DATABASE_URL"])
    connection.autocommit = True
    statement = "UPDATE releases_revision SET token = md5(random()::text)"
    with closing(connection), connection.cursor() as cursor:
        yield lambda: cursor.execute(statement)


def stable_parts(page: Page) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return the parts of a response that are the same for every clean request."""
    own = {"date", "etag", "x-request-id", "cache-status"}
    headers = [each for each in page.headers.items() if each[0].lower() not in own]
    return page.status, headers, page.body


def send(server: Server, method: str, path: str, headers: list[tuple[str, str]]) -> None:
    """Send one request with exactly these headers and ignore the response."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    connection.getresponse().read()
    connection.close()


def test_no_header_changes_the_next_response(
    server: Server, invalidate_pages: Callable[[], None]
) -> None:
    clean = {path: stable_parts(server.ask(path)) for path in PAGES}
    usual = {"HOST": HOST, "X-FORWARDED-PROTO": "https"}
    poisoned, sent = [], 0
    for name in headers_read():
        for value in VALUES.get(name, DEFAULT_VALUES):
            invalidate_pages()
            headers = list((usual | {name: value}).items())
            pages = PAGES if name in VALUES else PAGES[:1]
            for path in pages:
                send(server, "GET", path, headers)
                if name == "SCRIPT_NAME":
                    send(server, "GET", f"{value}{path}", headers)
                sent += 1
            poisoned += [
                (name, value, path)
                for path in pages
                if stable_parts(server.ask(path)) != clean[path]
            ]
    assert poisoned == []
    assert sent > 200


def test_no_method_or_target_changes_the_next_response(
    server: Server, invalidate_pages: Callable[[], None]
) -> None:
    headers = [("Host", HOST), ("X-Forwarded-Proto", "https")]
    clean = {path: stable_parts(server.ask(path)) for path in PAGES}
    for path in PAGES:
        for method, target in (
            *(("HEAD", path), ("OPTIONS", path), ("POST", path), ("get", path)),
            *(("GET", f"http://evil.example{path}"), ("GET", f"//evil.example{path}")),
            *(("GET", f"{path}%3Fq=1"), ("GET", f"{path}#evil"), ("GET", f"/evil{path}")),
        ):
            invalidate_pages()
            send(server, method, target, headers)
            assert stable_parts(server.ask(path)) == clean[path], (method, target)


def test_http_1_1_without_host_is_rejected(server: Server) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    for path in ("/", "/healthz", "/api/v1/products"):
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("X-Forwarded-Proto", "https")
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 400
        connection.close()
    assert server.ask("/healthz").status == 200
