"""The HTTP client of the sync, tested against well-behaved and faulty local servers."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Thread

import pytest

from releases.services.sync.upstream import Limits, UpstreamError, check_address, fetch
from tests.api_v1_server import Handler, full_products_body, make_api_product, serve

HASTY = Limits(connect=0.5, read=0.3, total=2, tries=2, backoff=0.01, wait=0.1, size=100_000)
"""Limits for servers that are too slow."""

QUICK = replace(HASTY, connect=10, read=10, total=30)
"""Limits for all other servers, long enough for a busy machine."""
BODY = full_products_body(make_api_product())
DATA = json.loads(BODY)


def fetch_error(answer: Callable[[Handler], None], limits: Limits = QUICK) -> tuple[str, list[str]]:
    """Return the error message after the URL, and the paths that were requested."""
    with serve(answer) as server:
        address = f"{server.address}/products/full"
        began = time.monotonic()
        with pytest.raises(UpstreamError) as caught:
            fetch(address, limits=limits)
        assert time.monotonic() - began < limits.total + 10
        assert str(caught.value).startswith(f"{address}: ")
        return str(caught.value).removeprefix(f"{address}: "), server.paths


@contextmanager
def serve_bytes(*parts: bytes, pause: float = 0) -> Iterator[str]:
    """Yield the URL of a server that answers every request with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        connection.recv(65_536)
                        for part in parts:
                            connection.sendall(part)
                            time.sleep(pause)

        Thread(target=speak, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/products/full"
        listener.shutdown(socket.SHUT_RDWR)


# ---- success


def test_answer_has_data_and_etag() -> None:
    with serve(lambda request: request.send(BODY, ETag='"a"')) as server:
        answer = fetch(server.address)
    assert (answer.data, answer.etag) == (DATA, '"a"')
    assert server.requests[0].headers["Accept-Encoding"] == "gzip"


def test_compressed_answer_is_decoded() -> None:
    packed = gzip.compress(BODY)
    with serve(lambda request: request.send(packed, Content_Encoding="gzip")) as server:
        assert fetch(server.address).data == DATA


def test_unchanged_answer_has_no_data() -> None:
    with serve(lambda request: request.send(status=304)) as server:
        assert fetch(server.address, '"a"').data is None
    assert server.requests[0].headers["If-None-Match"] == '"a"'


def test_redirect_on_the_same_host_is_followed() -> None:
    """API v1 redirects the aliases of a product."""

    def answer(request: Handler) -> None:
        if request.path == "/new":
            request.send(BODY)
        else:
            request.send(status=301, Location="/new")

    with serve(answer) as server:
        assert fetch(server.address, limits=QUICK).data == DATA


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_temporary_failure_is_retried(status: int) -> None:
    def answer(request: Handler) -> None:
        first = len(request.server.requests) == 1
        request.send(b"", status) if first else request.send(BODY)

    with serve(answer) as server:
        assert fetch(server.address, limits=QUICK).data == DATA


def test_client_waits_for_retry_after() -> None:
    """`Retry-After` is in seconds."""

    def answer(request: Handler) -> None:
        if len(request.server.requests) == 1:
            request.send(status=429, Retry_After="1")
        else:
            request.send(BODY)

    began = time.monotonic()
    with serve(answer) as server:
        fetch(server.address, limits=replace(QUICK, total=5, wait=2))
    assert time.monotonic() - began >= 1


# ---- failure


def test_connection_failure_is_retried_then_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    with pytest.raises(UpstreamError, match=re.escape(address) + ": .* never came"):
        fetch(address, limits=QUICK)


def test_failing_server_is_asked_up_to_the_limit_of_tries() -> None:
    sentence, asked = fetch_error(lambda request: request.send(status=503))
    assert (sentence, len(asked)) == ("It answers 503.", 2)


def test_long_retry_after_is_not_waited_for() -> None:
    sentence, asked = fetch_error(lambda request: request.send(status=429, Retry_After="3600"))
    assert (sentence, len(asked)) == ("It answers 429.", 1)


def test_missing_api_is_not_retried() -> None:
    sentence, asked = fetch_error(lambda request: request.send(b"gone", 404))
    assert (sentence, len(asked)) == ("It answers 404.", 1)


def test_html_answer_is_rejected_with_its_content_type() -> None:
    page = b"<!doctype html><title>Log in</title>"
    sentence, _ = fetch_error(lambda request: request.send(page, Content_Type="text/html"))
    assert sentence == "The answer is not JSON that can be read (text/html)."


@pytest.mark.parametrize("body", [b"", b"\xff", BODY[:50], b"[" * 50_000, b"9" * 9_000])
def test_invalid_json_is_rejected(body: bytes) -> None:
    """Cases are empty, truncated and deeply nested bodies, and huge numbers."""
    sentence, _ = fetch_error(lambda request: request.send(body))
    assert sentence == "The answer is not JSON that can be read (nothing that it names)."


def test_truncated_body_is_rejected() -> None:
    """It is shorter than its Content-Length."""
    sentence, asked = fetch_error(
        lambda request: request.send(BODY[:50], Content_Length=str(len(BODY)))
    )
    assert sentence.startswith("The answer broke off")
    assert len(asked) == 2


def test_truncated_gzip_is_rejected() -> None:
    """Its Content-Length is correct."""
    packed = gzip.compress(BODY)[:60]
    sentence, _ = fetch_error(lambda request: request.send(packed, Content_Encoding="gzip"))
    assert sentence == "The answer broke off."


def test_corrupt_gzip_is_rejected() -> None:
    sentence, _ = fetch_error(lambda request: request.send(BODY, Content_Encoding="gzip"))
    assert sentence.startswith("The answer broke off")


def test_unrequested_encoding_is_rejected() -> None:
    """The client only limits the size of encodings that it requests."""
    sentence, _ = fetch_error(lambda request: request.send(BODY, Content_Encoding="br"))
    assert sentence == "The answer is packed as br, which nobody asked for."


def test_large_body_is_rejected() -> None:
    sentence, _ = fetch_error(lambda request: request.send(b" " * 200_000))
    assert sentence == "The answer has more than 100,000 bytes."


def test_decompression_stops_at_the_size_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    sentence, _ = fetch_error(lambda request: request.send(bomb, Content_Encoding="gzip"))
    assert sentence == "The answer has more than 100,000 bytes."


def test_endless_body_is_rejected() -> None:
    """It is sent at full speed."""
    with (
        serve_bytes(b"HTTP/1.1 200 OK\r\n\r\n[", *[b" " * 10_000] * 100) as address,
        pytest.raises(UpstreamError, match="more than 100,000 bytes"),
    ):
        fetch(address, limits=QUICK)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n[", b"HTTP/1.1 200 OK\r\nX: "])
def test_slow_endless_answer_is_rejected(head: bytes) -> None:
    """Body or headers arrive just fast enough to avoid the read timeout."""
    began = time.monotonic()
    with (
        serve_bytes(head, *[b" "] * 100, pause=0.1) as address,
        pytest.raises(UpstreamError, match="No whole answer within 1 seconds"),
    ):
        fetch(address, limits=replace(QUICK, total=1))
    assert time.monotonic() - began < 5  # the whole answer takes 10


def test_read_timeout_is_retried_once() -> None:
    with (
        serve_bytes(b"", pause=3) as address,
        pytest.raises(UpstreamError, match="No answer within the time allowed"),
    ):
        fetch(address, limits=HASTY)


def test_invalid_http_is_rejected() -> None:
    with (
        serve_bytes(b"220 mail.acme.test ESMTP\r\n") as address,
        pytest.raises(UpstreamError, match="broke off or never came"),
    ):
        fetch(address, limits=QUICK)


# ---- redirects


def test_redirect_loop_is_rejected() -> None:
    sentence, asked = fetch_error(lambda request: request.send(status=302, Location=request.path))
    assert (sentence, len(asked)) == ("More than 3 redirects.", 4)


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/",
        "http://localhost:{port}/",
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "//acme.test/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
    ],
)
def test_redirect_to_another_origin_is_not_followed(target: str) -> None:
    """The error names the target, which may be an internal address."""

    def answer(request: Handler) -> None:
        location = target.format(port=request.server.server_port)
        request.send(status=301, Location=location)

    sentence, asked = fetch_error(answer)
    assert "another place, which is not followed" in sentence
    assert len(asked) == 1


@pytest.mark.parametrize("target", ["http://[", "http://a\x00b/", "http://:x/"])
def test_redirect_to_an_invalid_url_is_rejected(target: str) -> None:
    sentence, _ = fetch_error(lambda request: request.send(status=301, Location=target))
    assert sentence


# ---- URLs


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://endoflife.date/api/v1/", "https://endoflife.date/api/v1"),
        ("http://10.0.0.7:8000/api/v1", "http://10.0.0.7:8000/api/v1"),
    ],
)
def test_base_url_is_accepted(address: str, base: str) -> None:
    """The host may be internal."""
    assert check_address(address) == base


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nowhere",
        "/no/folder",
        "ftp://acme.test",
        "http://",
        "https://a?b",
        "x" * 999,
    ],
)
def test_invalid_base_url_is_rejected(address: str) -> None:
    """The error names it."""
    with pytest.raises(UpstreamError, match="Expected "):
        check_address(address)


def test_url_with_a_password_is_rejected() -> None:
    """The error does not repeat the password."""
    with pytest.raises(UpstreamError) as caught:
        check_address("https://me:secret@acme.test/api/v1")
    assert "secret" not in str(caught.value)
    assert str(caught.value).startswith("https://acme.test/api/v1: ")
