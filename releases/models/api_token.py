"""Tokens with which programs write through the API."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from releases.domain import limits
from releases.models.product import Product

KEY_LENGTH = 12
"""The number of characters of the public part of a token."""
DIGEST_LENGTH = 64
"""The number of characters of a SHA-256 digest in hexadecimal."""


class TokenState(StrEnum):
    """The state of a token on a day."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ApiToken(models.Model):
    """A token of a user, for one purpose.

    The secret is stored as a digest only. A token may do what its owner may do, with the products
    that it is limited to. Tokens are no part of the catalogue: changing one makes no page outdated.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", editable=False
    )
    purpose = models.CharField(
        max_length=limits.LABEL,
        help_text="The program that uses it: “release pipeline of Django”. The history names it.",
    )
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)
    digest = models.CharField(max_length=DIGEST_LENGTH, editable=False)
    products: models.ManyToManyField[Product, Any] = models.ManyToManyField(
        Product,
        blank=True,
        related_name="+",
        help_text="The products that it may change. Empty: all, new ones included.",
    )
    all_products = models.BooleanField(
        default=False,
        editable=False,
        help_text="The token is not limited to products.",
    )
    expires_on = models.DateField(help_text="The last day (UTC) on which it works.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[models.Manager[ApiToken]] = models.Manager()

    class Meta:
        verbose_name = "API token"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.purpose

    def state(self, today: date) -> TokenState:
        """Return the state on a day, in UTC."""
        if self.revoked_at:
            return TokenState.REVOKED
        return TokenState.ACTIVE if today <= self.expires_on else TokenState.EXPIRED

    def allows(self, product: str) -> bool:
        """Return True if the token may change the product of this name, in at most 1 query."""
        return self.all_products or self.products.filter(name=product).exists()
