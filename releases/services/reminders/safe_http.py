"""HTTP requests to URLs that strangers enter, which never reach a private network.

- The IP address of the connection itself is checked, so a name that later resolves to another
  address (DNS rebinding) gives no access.
- Redirects are not followed, proxies of the environment are ignored, and only the status and
  `Retry-After` of a response are read.
- The time limit applies to the whole request, however slowly a response arrives. Only the
  resolution of a name can take longer, as long as the resolver of the system tries.
- Errors contain nothing that the host sent, and are the same for a private address and for a name
  without an address.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

import httpcore
import httpx

from releases.domain import limits
from releases.services.reminders.errors import DeliveryError

TIMEOUT: Final = 20.0
"""Seconds for a request and the head of its response."""
CONNECT_TIMEOUT: Final = 6.0
"""Seconds to connect to one of the addresses of a host."""
MAX_ADDRESSES: Final = 3
"""Maximum number of addresses of a host to try."""
PORTS: Final = frozenset({80, 443, *range(8000, 9000)})
"""Ports of web servers. Other ports could be used to probe other services."""

_HOST: Final = re.compile(rb"[a-z0-9._:-]+")
_LOCAL_DOMAINS: Final = (".localhost", ".local", ".internal")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_UNICAST: Final = ip_network("2000::/3")
_6TO4: Final = ip_network("2002::/16")
_NAT64: Final = ip_network("64:ff9b::/96")
_FAILURES: Final = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class RefusedAddressError(DeliveryError):
    """Raised for a host without an address, or with one that is not public."""

    def __init__(self, host: str) -> None:
        super().__init__(f"No address of {host} on the public internet was found.")


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of a response, and its header `Retry-After`, which may be empty."""

    status: int
    retry_after: str


def post(
    url: str, body: bytes, headers: Mapping[str, str], internal: Collection[str] = ()
) -> Answer:
    """Send a POST request, and return the response, whatever its status.

    Args:
        url: The address.
        body: The body.
        headers: The headers.
        internal: Names of hosts that may have any address, as in `address_problem`.

    Raises:
        RefusedAddressError: The host has no address, or one that is not public.
        DeliveryError: The address is refused by `address_problem`, or the host cannot be reached,
            does not respond in time, or closes the connection.
    """
    if problem := address_problem(url, internal):
        raise DeliveryError(problem)
    parsed = httpx.URL(url)
    try:
        return asyncio.run(_post(parsed, body, headers, is_internal(url, internal)))
    except TimeoutError:
        raise DeliveryError(f"{parsed.host} did not respond within {TIMEOUT:g} seconds.") from None
    except _FAILURES as error:
        raise DeliveryError(_failure(parsed.host, error)) from None


def address_problem(url: str, internal: Collection[str] = ()) -> str:
    """Return the reason why a URL is not allowed for webhooks, or an empty text.

    Names are not resolved. A URL that is accepted here may lead to a private network; `post`
    checks that when it connects.

    Args:
        url: The address.
        internal: Hosts that may have any address and may use http: `mattermost.internal`. To
            allow a port that is not in `PORTS`: `mattermost.internal:3000`.
    """
    parsed = _parsed(url)
    port = _port(parsed)
    if port is None or not _HOST.fullmatch(parsed.raw_host):
        return "Enter a URL that begins with https://."
    if len(url) > limits.URL:
        return f"Enter a URL of at most {limits.URL:,} characters."
    if parsed.userinfo:
        return "Enter a URL without a user name and password."
    names = _Names(parsed, internal)
    if parsed.scheme == "http" and not names.host_is_internal:
        return "Enter a URL that begins with https://. With http, others could read the messages."
    if port not in PORTS and not names.port_is_named:
        return f"Port {port} is not allowed. Use port 443, 80, or one from 8000 to 8999."
    if not names.host_is_internal and _is_local(names.host):
        return f"{names.host} is not on the public internet."
    return ""


def is_internal(url: str, internal: Collection[str]) -> bool:
    """Return True if the host of a URL is a named internal one, as in `address_problem`."""
    return _Names(_parsed(url), internal).host_is_internal


def refuse_private(host: str, addresses: Iterable[str]) -> None:
    """Check the addresses of a host.

    Raises:
        RefusedAddressError: One of them is not public: private, loopback, link-local, reserved,
            multicast, or such an IPv4 address in IPv6.
    """
    for text in addresses:
        if not _is_public(ip_address(text.partition("%")[0])):
            raise RefusedAddressError(host)


class _Names:
    """The host and port of a URL, compared with the named internal hosts."""

    def __init__(self, url: httpx.URL, internal: Collection[str]) -> None:
        self.host = url.host.lower().rstrip(".")
        names = {name.lower().rstrip(".") for name in internal}
        self.port_is_named = f"{self.host}:{_port(url)}" in names
        self.host_is_internal = self.port_is_named or self.host in names


def _parsed(url: str) -> httpx.URL:
    """Parse a URL; return an empty one if that fails."""
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return httpx.URL("")


def _port(url: httpx.URL) -> int | None:
    return _DEFAULT_PORTS.get(url.scheme) if url.port is None else url.port


def _is_local(host: str) -> bool:
    """Return True for a name without a domain, and for an address that is not public.

    `socket.inet_aton` accepts the same forms as resolvers: `127.1`, `0x7f000001`, `2130706433`.
    """
    try:
        return not _is_public(ip_address(host))
    except ValueError:
        pass
    try:
        return not _is_public(IPv4Address(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return "." not in host or host.endswith(_LOCAL_DOMAINS)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            address = IPv4Address(int(address) & 0xFFFFFFFF)
        elif address.ipv4_mapped:
            address = address.ipv4_mapped
        elif address not in _UNICAST or address in _6TO4:
            return False
    return address.is_global and not address.is_multicast


async def _post(url: httpx.URL, body: bytes, headers: Mapping[str, str], internal: bool) -> Answer:
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    async with (
        asyncio.timeout(TIMEOUT),
        httpcore.AsyncConnectionPool(
            ssl_context=ssl_context(), network_backend=_Backend(internal)
        ) as pool,
        pool.stream("POST", target, headers=list(headers.items()), content=body) as response,
    ):
        found = httpx.Headers(response.headers)
        return Answer(response.status, found.get("Retry-After", ""))


@cache
def ssl_context() -> ssl.SSLContext:
    """Return a context that verifies certificates, with the authorities of `SSL_CERT_FILE`."""
    return httpx.create_ssl_context()


class _Backend(httpcore.AnyIOBackend):
    """Connects to public addresses only, unless the host is a named internal one."""

    def __init__(self, internal: bool) -> None:
        self.internal = internal

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _addresses(host, port)
        if not self.internal:
            refuse_private(host, addresses)
        *others, last = addresses[:MAX_ADDRESSES]
        for address in others:
            try:
                return await super().connect_tcp(address, port, CONNECT_TIMEOUT)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await super().connect_tcp(last, port, CONNECT_TIMEOUT)


async def _addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host, at least one. Raises `RefusedAddressError`."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise RefusedAddressError(host) from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _failure(host: str, error: BaseException) -> str:
    """Return a failure as a sentence, without anything that the host sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"The TLS connection to {host} failed: its certificate or protocol is not valid."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return f"{host} could not be reached."
    return f"{host} closed the connection, or its response is not HTTP."
