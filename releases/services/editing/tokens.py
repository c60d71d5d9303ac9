"""API tokens: issue, look up, rotate and revoke.

A token is `rr_KEY_SECRET`. The key finds its row, and the digest of the secret is compared in
constant time. The secret has 256 random bits, so a fast digest is as safe as a slow one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from releases.models import ApiToken, Product
from releases.models.api_token import KEY_LENGTH

PREFIX: Final = "rr"
"""The beginning of each token, by which scanners for secrets find it."""
MAX_LIFETIME: Final = timedelta(days=366)
USE_INTERVAL: Final = timedelta(minutes=1)
"""The precision of the time of last use, so that not every request writes it."""
_SECRET_BYTES: Final = 32
_TOKEN: Final = re.compile(
    rf"{PREFIX}_([0-9a-f]{{{KEY_LENGTH}}})_([0-9a-f]{{{2 * _SECRET_BYTES}}})"
)
_NO_DIGEST: Final = hashlib.sha256(b"").hexdigest()


@transaction.atomic
def issue_token(
    owner: Any,
    purpose: str,
    expires_on: date,
    products: Collection[Product] = (),
    *,
    all_products: bool,
) -> tuple[ApiToken, str]:
    """Create a token, and return it with its text, which is not stored.

    Args:
        owner: The user whose permissions the token has.
        purpose: The program that uses it.
        expires_on: Its last day, inclusive.
        products: The products that it may change.
        all_products: True for a token that is not limited to products.
    """
    token = ApiToken(owner=owner, purpose=purpose, expires_on=expires_on, all_products=not products)
    text = give_secret(token)
    token.save()
    token.products.set(products)
    return token, text


def give_secret(token: ApiToken) -> str:
    """Give an unsaved token a new key and secret, and return its text."""
    token.key = token_hex(KEY_LENGTH // 2)
    secret = token_hex(_SECRET_BYTES)
    token.digest = _digest(secret)
    return f"{PREFIX}_{token.key}_{secret}"


@sensitive_variables()
def find_token(text: str) -> ApiToken | None:
    """Return the token with its owner, whatever its state, or None if there is none; in 1 query."""
    found = _TOKEN.fullmatch(text)
    key, secret = found.groups() if found else ("", "")
    token = ApiToken.objects.select_related("owner").filter(key=key).first()
    same = hmac.compare_digest(token.digest if token else _NO_DIGEST, _digest(secret))
    return token if same and found else None


def record_use(token: ApiToken, now: datetime) -> None:
    """Store the time of the last use of a token, to the minute."""
    if token.last_used_at is None or now - token.last_used_at >= USE_INTERVAL:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def revoke_token(token: ApiToken, now: datetime) -> None:
    """Make a token invalid from now on. A revoked one keeps its time."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
