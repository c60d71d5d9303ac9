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

ADDRESS: Final = 500
"""How long a base address may be, in characters."""

_PASSING: Final = frozenset({429, 500, 502, 503, 504})
"""Answers that another try may better."""
_GONE: Final = frozenset({404, 410})
"""Answers that say that there is nothing."""
_CHUNK: Final = 65_536
_GZIP: Final = 31  # zlib's number for "with the head of gzip"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a request: times in seconds, sizes in bytes.

    `total` holds for an address with all its tries and redirects; `wait` is the longest time that a
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


USUAL: Final = Limits()


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """A response: JSON data, or None where nothing changed since the `etag` that was sent."""

    data: Any
    etag: str


class UpstreamError(Exception):
    """An unusable response; the message begins with the address. `gone`: it says that there is
    nothing."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


class _PassingError(Exception):
    """A failure that another try may better, after `wait` seconds if the answer says so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class _FinalError(Exception):
    """A failure that stays one, as `UpstreamError` has it."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


def check_address(address: str) -> str:
    """The base address of an API without a slash at its end. Raises `UpstreamError`."""
    try:
        url = httpx.URL(address[: ADDRESS + 1])
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or len(address) > ADDRESS:
        raise UpstreamError(f"{address[:200]}: Expected a web address or a folder.")
    if url.userinfo:
        host = url.copy_with(username=None, password=None)
        raise UpstreamError(f"{host}: Keep the password out of the address (.netrc has a place).")
    if url.query or url.fragment:
        raise UpstreamError(f"{address[:200]}: Expected an address without ? and #.")
    return str(url).rstrip("/")


def fetch(address: str, etag: str = "", limits: Limits = USUAL) -> UpstreamResponse:
    """The JSON at an address.

    What fails in passing is tried again, a little later each time. Redirects are followed within
    the same scheme and host only. Raises `UpstreamError`.
    """
    gone = False
    try:
        return asyncio.run(_fetch(address, etag, limits))
    except TimeoutError:
        reason = f"No whole answer within {limits.total:g} seconds."
    except (_FinalError, _PassingError) as error:
        reason, gone = str(error), getattr(error, "gone", False)
    raise UpstreamError(f"{address}: {reason}", gone=gone)


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
            except _PassingError as error:
                wait = limits.backoff * 2 ** (number - 1) if error.wait is None else error.wait
                if wait > limits.wait:
                    raise
                await asyncio.sleep(wait)
        return await _ask(client, address, limits)


async def _ask(client: httpx.AsyncClient, address: str, limits: Limits) -> UpstreamResponse:
    """One try, with its redirects."""
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
            raise _PassingError(f"No {kind} within the time allowed.") from None
        except (httpx.TransportError, zlib.error) as error:
            raise _PassingError(f"The answer broke off or never came: {error}.") from None
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
    if status in _PASSING:
        raise _PassingError(f"It answers {status}.", _retry_after(response))
    if status != 200:
        raise _FinalError(f"It answers {status}.", gone=status in _GONE)
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
    """The body, a little at a time however well it is packed."""
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
        raise _PassingError("The answer broke off.")


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds that an answer asks to wait. A date, which may stand there too, is not read."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
