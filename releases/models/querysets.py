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
