"""The one queryset class of the catalogue's tables: reads start from `public()`."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class CatalogueQuerySet(models.QuerySet[M_co]):
    """Rows of the catalogue."""

    def public(self) -> Self:
        """What anonymous people may see: everything, as long as nothing can be a draft."""
        return self.all()


class CatalogueManager(models.Manager[M_co]):
    """Written out, not made from the queryset: type checkers lose sight of a made one."""

    def get_queryset(self) -> CatalogueQuerySet[M_co]:
        return CatalogueQuerySet(self.model, using=self._db)

    def public(self) -> CatalogueQuerySet[M_co]:
        return self.get_queryset().public()
