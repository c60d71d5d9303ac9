"""Other installations from which the catalogue is synced."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from releases.domain import limits


class Upstream(models.Model):
    """An API that a sync imports. No page shows it, so writing a row does not bump the revision."""

    address = models.CharField(max_length=limits.URL, unique=True)
    etag = models.CharField(
        max_length=limits.LABEL,
        blank=True,
        help_text="Of the answer that was taken in last: the same one need not come again.",
    )

    objects: ClassVar[models.Manager[Upstream]] = models.Manager()

    def __str__(self) -> str:
        return self.address
