"""HTTP requests to addresses that strangers enter, which never reach a private network.

The address that is connected to is checked, not the one of an earlier look-up, so a name that
resolves to another address the second time is no way in. Redirects are not followed.
"""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx

from releases.services.reminders.errors import DeliveryError

TIMEOUT: Final = 10.0
"""Seconds for a connection, and for each part of the answer."""
MAX_ANSWER: Final = 10_000
"""Maximum number of bytes that are read of an answer."""


class RefusedAddressError(DeliveryError):
    """The host is not on the public internet."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and the beginning of its body."""

    status: int
    text: str


def post(
    url: str, body: bytes, headers: Mapping[str, str], internal: Collection[str] = ()
) -> Answer:
    """Send a POST request, and return the answer, whatever its status.

    Args:
        url: The address, https or http.
        body: The body.
        headers: The headers.
        internal: Names of hosts that may have any address.

    Raises:
        RefusedAddressError: The host has an address that is not public.
        DeliveryError: The host cannot be reached, does not answer in time, or breaks off.
    """
    backend = _PublicBackend({name.lower() for name in internal})
    transport = httpx.HTTPTransport(retries=0)
    transport._pool = httpcore.ConnectionPool(  # httpx has no parameter for it
        ssl_context=httpx.create_ssl_context(), network_backend=backend
    )
    with httpx.Client(
        transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False
    ) as client:
        try:
            with client.stream("POST", url, content=body, headers=dict(headers)) as response:
                return Answer(response.status_code, _beginning(response))
        except httpx.TimeoutException:
            raise DeliveryError(f"{_host(url)} did not answer in {TIMEOUT:g} seconds.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryError(f"{_host(url)} could not be reached: {error}.") from None


def _beginning(response: httpx.Response) -> str:
    found = b""
    for part in response.iter_bytes():
        found += part
        if len(found) >= MAX_ANSWER:
            break
    return found[:MAX_ANSWER].decode("utf-8", "replace")


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:100]


class _PublicBackend(httpcore.SyncBackend):
    """Connects to public addresses only."""

    def __init__(self, internal: Collection[str]) -> None:
        self.internal = internal

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"its name cannot be resolved ({error})") from None
        addresses = [str(each[4][0]) for each in found]
        if host.lower() not in self.internal:
            refuse_private(host, addresses)
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)


def refuse_private(host: str, addresses: Iterable[str]) -> None:
    """Check the addresses of a host.

    Raises:
        RefusedAddressError: One of them is not public: private, loopback, link-local, reserved,
            multicast, or such an IPv4 address in IPv6.
    """
    for text in addresses:
        address = ip_address(text.partition("%")[0])
        inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        if not address.is_global or address.is_multicast or (inner and not inner.is_global):
            raise RefusedAddressError(f"{host} is not on the public internet.")
