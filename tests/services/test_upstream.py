"""Asking another installation: real servers on the loopback interface, good ones and bad ones. Each
fault is one sentence that names the address, within the time that was allowed."""

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
"""For servers that are too slow."""

QUICK = replace(HASTY, connect=10, read=10, total=30)
"""For all others, which a busy machine may hold up."""
BODY = full_products_body(make_api_product())
DATA = json.loads(BODY)


def refused(answer: Callable[[Handler], None], limits: Limits = QUICK) -> tuple[str, list[str]]:
    """What is said of a server that answers so, less the address; and what it was asked."""
    with serve(answer) as server:
        address = f"{server.address}/products/full"
        began = time.monotonic()
        with pytest.raises(UpstreamError) as caught:
            fetch(address, limits=limits)
        assert time.monotonic() - began < limits.total + 10
        assert str(caught.value).startswith(f"{address}: ")
        return str(caught.value).removeprefix(f"{address}: "), server.paths


@contextmanager
def speaking(*parts: bytes, pause: float = 0) -> Iterator[str]:
    """A server that writes bytes and no more, whatever it is asked, and its address."""
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


# ---- what goes well


def test_an_answer() -> None:
    """The data, with the mark by which the same answer need not come again."""
    with serve(lambda request: request.send(BODY, ETag='"a"')) as server:
        answer = fetch(server.address)
    assert (answer.data, answer.etag) == (DATA, '"a"')
    assert server.requests[0].headers["Accept-Encoding"] == "gzip"


def test_an_answer_that_is_packed() -> None:
    """As most servers send it."""
    packed = gzip.compress(BODY)
    with serve(lambda request: request.send(packed, Content_Encoding="gzip")) as server:
        assert fetch(server.address).data == DATA


def test_an_answer_that_did_not_change() -> None:
    """It has no data."""
    with serve(lambda request: request.send(status=304)) as server:
        assert fetch(server.address, '"a"').data is None
    assert server.requests[0].headers["If-None-Match"] == '"a"'


def test_a_redirect_on_the_same_host_is_followed() -> None:
    """An alias of a product has one."""

    def answer(request: Handler) -> None:
        if request.path == "/new":
            request.send(BODY)
        else:
            request.send(status=301, Location="/new")

    with serve(answer) as server:
        assert fetch(server.address, limits=QUICK).data == DATA


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_fails_in_passing_is_tried_again(status: int) -> None:
    """A busy server may be well a moment later."""

    def answer(request: Handler) -> None:
        first = len(request.server.requests) == 1
        request.send(b"", status) if first else request.send(BODY)

    with serve(answer) as server:
        assert fetch(server.address, limits=QUICK).data == DATA


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    """By `Retry-After`, in seconds."""

    def answer(request: Handler) -> None:
        if len(request.server.requests) == 1:
            request.send(status=429, Retry_After="1")
        else:
            request.send(BODY)

    began = time.monotonic()
    with serve(answer) as server:
        fetch(server.address, limits=replace(QUICK, total=5, wait=2))
    assert time.monotonic() - began >= 1


# ---- what does not


def test_a_server_that_is_not_there() -> None:
    """Asked again, and then named."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    with pytest.raises(UpstreamError, match=re.escape(address) + ": .* never came"):
        fetch(address, limits=QUICK)


def test_a_server_that_always_fails() -> None:
    """As often as there are tries."""
    sentence, asked = refused(lambda request: request.send(status=503))
    assert (sentence, len(asked)) == ("It answers 503.", 2)


def test_a_server_that_asks_for_too_much_patience() -> None:
    """It is not waited for."""
    sentence, asked = refused(lambda request: request.send(status=429, Retry_After="3600"))
    assert (sentence, len(asked)) == ("It answers 429.", 1)


def test_an_address_without_an_api() -> None:
    """Another try would be the same."""
    sentence, asked = refused(lambda request: request.send(b"gone", 404))
    assert (sentence, len(asked)) == ("It answers 404.", 1)


def test_html() -> None:
    """The kind that came is named."""
    page = b"<!doctype html><title>Log in</title>"
    sentence, _ = refused(lambda request: request.send(page, Content_Type="text/html"))
    assert sentence == "The answer is not JSON that can be read (text/html)."


@pytest.mark.parametrize("body", [b"", b"\xff", BODY[:50], b"[" * 50_000, b"9" * 9_000])
def test_a_body_that_is_no_json(body: bytes) -> None:
    """Nothing, no text, half of it, too deep, a number without end."""
    sentence, _ = refused(lambda request: request.send(body))
    assert sentence == "The answer is not JSON that can be read (nothing that it names)."


def test_half_a_body() -> None:
    """Fewer bytes than it promised."""
    sentence, asked = refused(
        lambda request: request.send(BODY[:50], Content_Length=str(len(BODY)))
    )
    assert sentence.startswith("The answer broke off")
    assert len(asked) == 2


def test_half_a_packed_body() -> None:
    """All the bytes that it promised, but not all that they hold."""
    packed = gzip.compress(BODY)[:60]
    sentence, _ = refused(lambda request: request.send(packed, Content_Encoding="gzip"))
    assert sentence == "The answer broke off."


def test_a_body_that_is_packed_badly() -> None:
    sentence, _ = refused(lambda request: request.send(BODY, Content_Encoding="gzip"))
    assert sentence.startswith("The answer broke off")


def test_a_body_that_is_packed_as_nobody_asked() -> None:
    """Its unpacker would not know where to stop."""
    sentence, _ = refused(lambda request: request.send(BODY, Content_Encoding="br"))
    assert sentence == "The answer is packed as br, which nobody asked for."


def test_a_large_body() -> None:
    sentence, _ = refused(lambda request: request.send(b" " * 200_000))
    assert sentence == "The answer has more than 100,000 bytes."


def test_a_body_that_unpacks_to_very_much() -> None:
    """It is stopped at the limit, not unpacked first."""
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    sentence, _ = refused(lambda request: request.send(bomb, Content_Encoding="gzip"))
    assert sentence == "The answer has more than 100,000 bytes."


def test_a_stream_without_end() -> None:
    """At full speed."""
    with (
        speaking(b"HTTP/1.1 200 OK\r\n\r\n[", *[b" " * 10_000] * 100) as address,
        pytest.raises(UpstreamError, match="more than 100,000 bytes"),
    ):
        fetch(address, limits=QUICK)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n[", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_drip_without_end(head: bytes) -> None:
    """Of the body or of its head: never so slow that it would be given up for that."""
    began = time.monotonic()
    with (
        speaking(head, *[b" "] * 100, pause=0.1) as address,
        pytest.raises(UpstreamError, match="No whole answer within 1 seconds"),
    ):
        fetch(address, limits=replace(QUICK, total=1))
    assert time.monotonic() - began < 2


def test_silence() -> None:
    """Given up after the time of a read, twice."""
    with (
        speaking(b"", pause=3) as address,
        pytest.raises(UpstreamError, match="No answer within the time allowed"),
    ):
        fetch(address, limits=HASTY)


def test_what_is_no_http() -> None:
    with (
        speaking(b"220 mail.acme.test ESMTP\r\n") as address,
        pytest.raises(UpstreamError, match="broke off or never came"),
    ):
        fetch(address, limits=QUICK)


# ---- redirects


def test_a_loop_of_redirects() -> None:
    sentence, asked = refused(lambda request: request.send(status=302, Location=request.path))
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
def test_a_redirect_to_another_place_is_not_followed(target: str) -> None:
    """Another scheme, host or port, an internal address among them: it is named."""

    def answer(request: Handler) -> None:
        location = target.format(port=request.server.server_port)
        request.send(status=301, Location=location)

    sentence, asked = refused(answer)
    assert "another place, which is not followed" in sentence
    assert len(asked) == 1


@pytest.mark.parametrize("target", ["http://[", "http://a\x00b/", "http://:x/"])
def test_a_redirect_that_is_no_address(target: str) -> None:
    sentence, _ = refused(lambda request: request.send(status=301, Location=target))
    assert sentence


# ---- addresses


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://endoflife.date/api/v1/", "https://endoflife.date/api/v1"),
        ("http://10.0.0.7:8000/api/v1", "http://10.0.0.7:8000/api/v1"),
    ],
)
def test_a_base_address(address: str, base: str) -> None:
    """An organisation's own may be internal."""
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
def test_what_is_no_base_address(address: str) -> None:
    """It is named."""
    with pytest.raises(UpstreamError, match="Expected "):
        check_address(address)


def test_a_password_in_an_address_is_refused() -> None:
    """And not repeated."""
    with pytest.raises(UpstreamError) as caught:
        check_address("https://me:secret@acme.test/api/v1")
    assert "secret" not in str(caught.value)
    assert str(caught.value).startswith("https://acme.test/api/v1: ")
