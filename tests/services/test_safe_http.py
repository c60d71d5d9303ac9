"""Requests to URLs that strangers enter."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from releases.services.reminders import safe_http
from releases.services.reminders.errors import DeliveryError
from releases.services.reminders.safe_http import (
    Answer,
    RefusedAddressError,
    address_problem,
    post,
    refuse_private,
    ssl_context,
)
from tests.receivers import CERTIFICATE, Receiver, receive

HTTPS = "Enter a URL that begins with https://."
NO_HTTP = "Enter a URL that begins with https://. With http, others could read the messages."
PRIVATE = [
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.2", "0.0.0.0"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1"),
    *("::", "::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
    *("::ffff:10.0.0.1", "::10.0.0.1", "2002:a00:1::", "2002:808:808::", "2001:0:a00:1::"),
    *("64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::808:808"),
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as running:
        yield running


def look_up_as(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let each look-up of a name find the next address, and the last one from then on."""
    left = list(addresses)

    def look_up(host: str, port: int, *_: Any, **options: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def error_of(url: str, internal: list[str] | None = None) -> str:
    with pytest.raises(DeliveryError) as caught:
        post(url, b"{}", {}, internal or [])
    assert not caught.value.permanent
    return str(caught.value)


def test_named_internal_host_is_reached(receiver: Receiver) -> None:
    answer = post(receiver.url("/200?b=c"), b"{}", {"X-Own": "1"}, receiver.named)
    assert answer == Answer(200, "")
    (request,) = receiver.requests
    assert (request.path, request.body) == ("/200?b=c", b"{}")
    assert request.headers["Host"] == f"127.0.0.1:{receiver.server_port}"
    assert request.headers["X-Own"] == "1"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "localhost.", "127.1", "[::ffff:127.0.0.1]", "0"]
)
def test_loopback_is_not_reached(
    receiver: Receiver, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by the check of the address, nor by the connection."""
    monkeypatch.setattr(safe_http, "PORTS", {receiver.server_port})
    url = receiver.url(host=host, scheme="https")
    assert "is not on the public internet" in error_of(url)
    monkeypatch.setattr(safe_http, "_is_local", lambda host: False)
    with pytest.raises(RefusedAddressError):
        post(url, b"{}", {})
    assert receiver.requests == []


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    with pytest.raises(RefusedAddressError, match=r"^No address of example\.org on the public"):
        refuse_private("example.org", ["93.184.215.14", address])


@pytest.mark.parametrize("address", [each for each in PRIVATE if "%" not in each])
def test_private_addresses_are_refused_in_the_form(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert "is not on the public internet" in address_problem(f"https://{host}/")


def test_public_addresses() -> None:
    public = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::93.184.215.14"]
    refuse_private("example.org", public)


def test_address_is_checked_when_it_is_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that first has a public address and then a private one reaches nothing."""
    look_up_as(monkeypatch, "93.184.215.14", "127.0.0.1")
    monkeypatch.setattr(safe_http, "PORTS", {receiver.server_port})
    socket.getaddrinfo("rebinding.example", 443)
    url = receiver.url(host="rebinding.example", scheme="https")
    assert error_of(url) == "No address of rebinding.example on the public internet was found."
    assert receiver.requests == []


def test_address_that_was_checked_is_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked up once, and the connection leads to that address."""
    look_up_as(monkeypatch, "127.0.0.1", "192.0.2.1")
    url = receiver.url(host="chat.internal")
    assert post(url, b"{}", {}, ["chat.internal:" + str(receiver.server_port)]).status == 200


def test_next_address_is_tried(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, receiver.server_port))
        for address in ("127.0.0.2", "127.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert post(receiver.url(host="localhost"), b"{}", {}, receiver.named).status == 200


def test_private_address_looks_like_a_name_without_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Subscriptions must not reveal the names and services of an internal network."""
    look_up_as(monkeypatch, "10.0.0.1")
    private = error_of("https://wiki.corp.example/")

    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert error_of("https://wiki.corp.example/") == private


def test_proxy_of_the_environment_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(receiver.url(), b"{}", {}, receiver.named).status == 200


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    assert post(receiver.url("/redirect"), b"{}", {}, receiver.named).status == 302
    assert len(receiver.requests) == 1


def test_retry_after(receiver: Receiver) -> None:
    assert post(receiver.url("/503?wait=7"), b"{}", {}, receiver.named) == Answer(503, "7")


@pytest.mark.parametrize("path", ["/hangs", "/trickles", "/continues"])
def test_time_limit_is_that_of_the_whole_request(
    receiver: Receiver, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_http, "TIMEOUT", 0.5)
    began = time.monotonic()
    error = error_of(receiver.url(path), receiver.named)
    assert error == "127.0.0.1 did not respond within 0.5 seconds."
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("path", ["/breaks", "/speaks", "/endless"])
def test_answers_that_are_no_http(receiver: Receiver, path: str) -> None:
    """The error is shown to the subscriber, so it quotes nothing."""
    error = error_of(receiver.url(path), receiver.named)
    assert error == "127.0.0.1 closed the connection, or its response is not HTTP."


def test_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert error_of(f"http://127.0.0.1:{port}/", [f"127.0.0.1:{port}"]) == (
        "127.0.0.1 could not be reached."
    )


def test_unknown_certificate_is_refused() -> None:
    with receive(tls=True) as receiver:
        error = error_of(receiver.url(host="localhost", scheme="https"), receiver.named)
        assert error.startswith("The TLS connection to localhost failed: its certificate")
        assert receiver.requests == []


@pytest.mark.parametrize(("host", "accepted"), [("localhost", True), ("127.0.0.1", False)])
def test_certificate_must_have_the_name_of_the_host(
    monkeypatch: pytest.MonkeyPatch, host: str, accepted: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setattr(safe_http, "ssl_context", ssl_context.__wrapped__)
    with receive(tls=True) as receiver:
        url = receiver.url(host=host, scheme="https")
        if accepted:
            assert post(url, b"{}", {}, receiver.named).status == 200
        else:
            assert "certificate" in error_of(url, receiver.named)
        assert len(receiver.requests) == accepted


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://hooks.example.org/a?b=c", ""),
        ("https://hooks.example.org:8443/a", ""),
        ("https://93.184.215.14/", ""),
        ("https://münchen.example/", ""),
        ("http://hooks.example.org/", NO_HTTP),
        ("HTTP://hooks.example.org/", NO_HTTP),
        *((each, HTTPS) for each in ("", "nonsense", "ftp://example.org/", "https://", "http://[")),
        *((each, HTTPS) for each in ("javascript:alert(1)", "https://a b.org/", "https://a.org:x")),
        ("https://a:b@example.org/", "Enter a URL without a user name and password."),
        ("https://@example.org/", ""),
        ("https://example.org/" + "x" * 1000, "Enter a URL of at most 1,000 characters."),
        *(
            (
                f"https://example.org:{port}/",
                f"Port {port} is not allowed. Use port 443, 80, or one from 8000 to 8999.",
            )
            for port in (0, 22, 25, 5432, 6379, 9000, 65535)
        ),
        *(
            (f"https://{host}/", f"{host.rstrip('.')} is not on the public internet.")
            for host in ("localhost", "localhost.", "intranet", "a.localhost", "nas.local")
        ),
        *(
            (f"https://{host}/", f"{host} is not on the public internet.")
            for host in ("2130706433", "0x7f000001", "017700000001", "127.1", "0", "10.1")
        ),
        ("http://chat.internal/", ""),
        ("https://Chat.Internal.:8065/", ""),
        ("http://build.internal:3000/", ""),
        ("http://build.internal/", NO_HTTP),
        (
            "http://chat.internal:6379/",
            "Port 6379 is not allowed. Use port 443, 80, or one from 8000 to 8999.",
        ),
    ],
)
def test_addresses_of_webhooks(url: str, problem: str) -> None:
    internal = ["chat.internal", "build.internal:3000"]
    assert address_problem(url, internal) == problem
    if problem:
        assert error_of(url, internal) == problem  # a stored address is checked again
