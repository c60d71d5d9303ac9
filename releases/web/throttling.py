"""Throttling of failed logins per username and client address, and of forms per client address.

django-axes counts logins, by the settings AXES_*.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any, Final

from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from releases.web.refusals import refusal

IPV6_PREFIX_LENGTH: Final = 64
"""Bits of an IPv6 address that identify a customer of a provider."""
_HOUR: Final = 3_600


def client_address(request: HttpRequest) -> str | None:
    """Return the address that a request comes from, or None if the server does not know it.

    The last proxy writes the last entry of X-Forwarded-For. Entries further left than the number of
    our own proxies (PROXY_COUNT) may be forged by the client, and are ignored.
    """
    chain = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    direct = _address(request.META.get("REMOTE_ADDR", ""))
    if 0 < settings.PROXY_COUNT <= len(chain):
        return _address(chain[-settings.PROXY_COUNT]) or direct
    return direct


def _address(text: str) -> str | None:
    """Return an address without its port; for IPv6 its network, as a client has many addresses."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, IPV6_PREFIX_LENGTH), strict=False).network_address)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any]
) -> HttpResponse:
    """Return 429 instead of `response`, the same for existing and unknown users."""
    seconds = _seconds_left(request, credentials.get("username"))
    minutes = math.ceil(seconds / 60)
    refused = refusal(
        429,
        "Too many failed logins",
        f"Try again in {minutes} minute{'' if minutes == 1 else 's'}. Until then even the correct"
        " password is rejected.",
    )
    refused["Retry-After"] = str(seconds)
    return refused


def _seconds_left(request: HttpRequest, username: str | None) -> int:
    """Return the seconds until the last counted attempt expires, at least 1."""
    found = AccessAttempt.objects.filter(
        username=username, ip_address=client_address(request)
    ).aggregate(last=Max("attempt_time"))
    last = found["last"] or timezone.now()
    return max(1, math.ceil((last + settings.AXES_COOLOFF_TIME - timezone.now()).total_seconds()))


def is_throttled(request: HttpRequest, form: str, most: int) -> bool:
    """Count a submission of a form; return True if the client exceeds the limit per hour.

    The count is kept in the memory of this worker process, by a digest of the client address.

    Args:
        request: The request.
        form: The name of the form.
        most: The maximum number in an hour.
    """
    address = client_address(request) or ""
    client = salted_hmac("releases.throttling", address, algorithm="sha256").hexdigest()
    key = f"throttle-{form}-{client}"
    cache.add(key, 0, timeout=_HOUR)
    try:
        return cache.incr(key) > most
    except ValueError:  # dropped in between
        return False
