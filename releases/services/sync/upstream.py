"""HTTP client for API v1 of another installation or endoflife.date.

Treats every response as untrusted: its size, its pace and its redirects.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import httpx

MAX_ADDRESS: Final = 500
"""Maximum length of a base address, in characters."""

_RETRIABLE: Final = frozenset({429, 500, 502, 503, 504})
"""Statuses after which a request is retried."""
_NOT_FOUND: Final = frozenset({404, 410})
"""Statuses of an address without a resource."""
_CHUNK: Final = 65_536
_GZIP: Final = 31  # zlib's `wbits` for data with a gzip header


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a request: times in seconds, sizes in bytes.

    `total` is for an address with all its attempts and redirects; `wait` is the longest time that a
    response may ask to wait.
    """

    connect: float = 10
    read: float = 30
    total: float = 180
    tries: int = 4
    backoff: float = 1
    wait: float = 60
    redirects: int = 3
    size: int = 32_000_000


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """A response: JSON data, or None if nothing has changed since the `etag` that was sent."""

    data: Any
    etag: str


class UpstreamError(Exception):
    """An unusable response. The message begins with the address.

    `not_found` is True if the server reported that there is no resource.
    """

    def __init__(self, message: str, *, not_found: bool = False) -> None:
        super().__init__(message)
        self.not_found = not_found


class _RetriableError(Exception):
    """A failure after which a request is retried.

    `wait` is the number of seconds that the response asks to wait, or None.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class _FinalError(Exception):
    """A failure after which a request is not retried. `not_found` is as in `UpstreamError`."""

    def __init__(self, reason: str, *, not_found: bool = False) -> None:
        super().__init__(reason)
        self.not_found = not_found


def check_address(address: str) -> str:
    """Return the base address of an API without a trailing slash. Raises `UpstreamError`."""
    try:
        url = httpx.URL(address[: MAX_ADDRESS + 1])
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or len(address) > MAX_ADDRESS:
        raise UpstreamError(f"{address[:200]}: Expected a web address or a folder.")
    if url.userinfo:
        host = url.copy_with(username=None, password=None)
        raise UpstreamError(f"{host}: Keep the password out of the address (.netrc has a place).")
    if url.query or url.fragment:
        raise UpstreamError(f"{address[:200]}: Expected an address without ? and #.")
    return str(url).rstrip("/")


def fetch(address: str, etag: str = "", limits: Limits = DEFAULT_LIMITS) -> UpstreamResponse:
    """Return the JSON at an address.

    Temporary failures are retried, a little later each time. Redirects are followed only within the
    same scheme and host.

    Raises:
        UpstreamError: There is no usable response.
    """
    not_found = False
    try:
        return asyncio.run(_fetch(address, etag, limits))
    except TimeoutError:
        reason = f"No whole answer within {limits.total:g} seconds."
    except (_FinalError, _RetriableError) as error:
        reason, not_found = str(error), getattr(error, "not_found", False)
    raise UpstreamError(f"{address}: {reason}", not_found=not_found)


async def _fetch(address: str, etag: str, limits: Limits) -> UpstreamResponse:
    timeout = httpx.Timeout(limits.read, connect=limits.connect)
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": "release-roadmap",
    }
    if etag:
        headers["If-None-Match"] = etag
    async with (
        asyncio.timeout(limits.total),
        httpx.AsyncClient(timeout=timeout, headers=headers) as client,
    ):
        for number in range(1, limits.tries):
            try:
                return await _ask(client, address, limits)
            except _RetriableError as error:
                wait = limits.backoff * 2 ** (number - 1) if error.wait is None else error.wait
                if wait > limits.wait:
                    raise
                await asyncio.sleep(wait)
        return await _ask(client, address, limits)


async def _ask(client: httpx.AsyncClient, address: str, limits: Limits) -> UpstreamResponse:
    """Make one attempt, with its redirects."""
    url = httpx.URL(address)
    for _ in range(limits.redirects + 1):
        try:
            async with client.stream("GET", url) as response:
                if response.has_redirect_location:
                    url = _next(url, response)
                    continue
                return await _read(response, limits)
        except httpx.TimeoutException as error:
            kind = "connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
            raise _RetriableError(f"No {kind} within the time allowed.") from None
        except (httpx.TransportError, zlib.error) as error:
            raise _RetriableError(f"The answer broke off or never came: {error}.") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise _FinalError(f"The answer cannot be read: {error}.") from None
    raise _FinalError(f"More than {limits.redirects} redirects.")


def _next(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Return the URL of a redirect within the same scheme, host and port.

    Other redirects are errors, so that none leads from outside to an internal network.
    """
    location = response.headers.get("Location", "")
    target = url.join(location)
    if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
        raise _FinalError(
            f"It redirects to {str(target)[:200]}, another place, which is not followed."
            " Give that address if you trust it."
        )
    return target


async def _read(response: httpx.Response, limits: Limits) -> UpstreamResponse:
    status = response.status_code
    etag = response.headers.get("ETag", "")
    if status == 304:
        return UpstreamResponse(None, etag)
    if status in _RETRIABLE:
        raise _RetriableError(f"It answers {status}.", _retry_after(response))
    if status != 200:
        raise _FinalError(f"It answers {status}.", not_found=status in _NOT_FOUND)
    body = bytearray()
    async for chunk in _decoded(response):
        body += chunk
        if len(body) > limits.size:
            raise _FinalError(f"The answer has more than {limits.size:,} bytes.")
    try:
        return UpstreamResponse(json.loads(body), etag)
    except (ValueError, RecursionError):
        kind = response.headers.get("Content-Type", "nothing that it names")[:60]
        raise _FinalError(f"The answer is not JSON that can be read ({kind}).") from None


async def _decoded(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the body in small pieces, however well it is compressed."""
    coding = response.headers.get("Content-Encoding", "identity").lower()
    if coding == "identity":
        async for chunk in response.aiter_raw(_CHUNK):
            yield chunk
        return
    if coding != "gzip":
        raise _FinalError(f"The answer is packed as {coding[:60]}, which nobody asked for.")
    unpacker = zlib.decompressobj(_GZIP)
    async for packed in response.aiter_raw(_CHUNK):
        rest = packed
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, _CHUNK)
            rest = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise _RetriableError("The answer broke off.")


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that a response asks to wait. A date in `Retry-After` is ignored."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
