"""Typed readers of environment variables.

A wrong value raises `ImproperlyConfigured`, which names the variable and the expected values.
"""

from __future__ import annotations

import os
import re
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})
_DIGITS = 10
_MAX_SHOWN = 50
"""Maximum number of characters of a wrong value in a message."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_PORT = r"(?::(?:[1-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_ORIGIN = re.compile(rf"https?://{_HOST}{_PORT}")

_SMTP: Final[dict[str, dict[str, Any]]] = {
    "smtp": {"port": 25},
    "submission": {"port": 587, "use_tls": True},
    "smtps": {"port": 465, "use_ssl": True},
}
"""The options of the schemes: no encryption, STARTTLS, and TLS from the start (RFC 8314)."""
_SMTP_TIMEOUT = 10
_MAX_SMTP_TIMEOUT = 60


def text(name: str, default: str = "") -> str:
    """Return a variable without surrounding whitespace, or `default` if it is missing or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return a variable that is 1 or 0 (true, yes, on; false, no, off)."""
    value = os.environ.get(name, "").strip().lower()
    if name not in os.environ:
        return default
    if value in _YES or value in _NO:
        return value in _YES
    raise _wrong(name, value, "1 or 0")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    """Return a whole number from `least` to `most`, inclusive."""
    value = text(name)
    if not value:
        return default
    digits = value.isascii() and value.isdigit() and len(value) <= _DIGITS
    if not digits or not least <= int(value) <= most:
        raise _wrong(name, value, f"a whole number from {least} to {most}")
    return int(value)


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return a list of words that are separated by commas or whitespace."""
    return text(name).replace(",", " ").split() or list(default)


def choice(name: str, allowed: tuple[str, ...]) -> str:
    """Return one of the words `allowed`, ignoring case; the first one is the default."""
    value = text(name, allowed[0]).lower()
    if value not in allowed:
        raise _wrong(name, value, f"one of: {', '.join(allowed)}")
    return value


def slug(name: str, default: str) -> str:
    """Return a path segment: lower-case letters and digits, with - or _ between them."""
    value = text(name, default)
    if not _SLUG.fullmatch(value):
        raise _wrong(name, value, "small letters and digits, with - or _ between them")
    return value


def colour(name: str) -> str:
    """Return a colour such as `#1457a8` in lower case; empty if the variable is not set."""
    value = text(name).lower()
    if value and not _COLOUR.fullmatch(value):
        raise _wrong(name, value, "a colour such as #1457a8")
    return value


def origin(name: str, default: str = "") -> str:
    """Return the base URL of a site, such as `https://roadmap.example.org`."""
    value = text(name, default).lower().removesuffix("/")
    if value and not _ORIGIN.fullmatch(value):
        raise _wrong(name, value, "an address such as https://roadmap.example.org, without a path")
    return value


def hosts(name: str) -> list[str]:
    """Return names of hosts in lower case, with ports or without: `chat.internal:8065`."""
    found = [word.lower() for word in words(name)]
    for word in found:
        if not re.fullmatch(_HOST + _PORT, word):
            raise _wrong(name, word, "host names such as chat.internal or chat.internal:8065")
    return found


def sender(name: str, default_name: str, default: str = "") -> str:
    """Return an e-mail address with the name of its owner: `Roadmap <roadmap@example.org>`.

    Args:
        name: The variable: an address with or without a name.
        default_name: The owner's name if the variable has none.
        default: The address if the variable is not set.
    """
    value = text(name, default)
    if not value:
        return ""
    owner, address = parseaddr(value)
    try:
        validate_email(address)
        return str(Address(owner or " ".join(default_name.split()), addr_spec=address))
    except (ValidationError, ValueError):
        expected = "an e-mail address, with a name or without: Roadmap <roadmap@example.org>"
        raise _wrong(name, value, expected) from None


def smtp(name: str) -> dict[str, Any] | None:
    """Return the options of Django's SMTP backend from a URL, or None if it is not set.

    The schemes are those of `_SMTP`. `?timeout=` is the number of seconds for each step of a
    delivery. Errors do not quote the URL, as it contains a password.
    """
    value = text(name)
    if not value:
        return None
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:  # such as an unclosed bracket or a non-numeric port
        raise ImproperlyConfigured(f"{name} is not a valid URL.") from None
    if problem := _smtp_problem(url):
        raise ImproperlyConfigured(
            f"{name} {problem}; expected submission://user:password@host (STARTTLS),"
            " smtps://user:password@host (TLS) or smtp://host (not encrypted)."
        )
    options = dict(_SMTP[url.scheme], host=url.hostname, timeout=_smtp_timeout(name, url.query))
    if port:
        options["port"] = port
    if url.username:
        options |= {"username": unquote(url.username), "password": unquote(url.password or "")}
    return options


def _smtp_problem(url: SplitResult) -> str:
    if url.scheme not in _SMTP:
        return "has an unsupported scheme"
    if not re.fullmatch(rf"{_HOST}|[0-9a-f:.]+", url.hostname or ""):
        return "has no host, or one with unusual characters"
    if bool(url.username) != bool(url.password):
        return "has a user without a password, or a password without a user"
    if not unquote(f"{url.username}{url.password}").isascii():
        return "has a user or password with characters that are not ASCII"
    if url.path not in ("", "/") or url.fragment:
        return "has a path; characters such as / and # of a password are written as %2F and %23"
    return ""


def _smtp_timeout(name: str, query: str) -> int:
    """Return the timeout of a query, in seconds."""
    found = dict(parse_qsl(query, keep_blank_values=True))
    value = found.pop("timeout", str(_SMTP_TIMEOUT))
    whole = value.isascii() and value.isdigit() and len(value) <= _DIGITS
    if found or not whole or not 1 <= int(value) <= _MAX_SMTP_TIMEOUT:
        raise ImproperlyConfigured(
            f"{name} has invalid parameters; expected ?timeout= with a whole number of seconds"
            f" from 1 to {_MAX_SMTP_TIMEOUT}, or no parameters."
        )
    return int(value)


def workers() -> int:
    """Return the number of processes of the server."""
    return number("WEB_CONCURRENCY", 2, least=1, most=64)


def threads() -> int:
    """Return the number of threads of each process of the server."""
    return number("WEB_THREADS", 4, least=1, most=64)


def _wrong(name: str, value: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is “{value[:_MAX_SHOWN]}”; expected {expected}.")
