"""The one queryset class of the catalogue's tables: reads start from `public()`, and every write,
of one row or of many, moves the revision of the catalogue.

Two signal receivers in `releases.models.revision` cover what Django writes without these methods:
many-to-many tables and fixtures. SQL by hand does not move the revision; any save in the admin does
so afterwards.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, router

from releases.models import visibility
from releases.models.revision import bump_revision

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class CatalogueQuerySet(models.QuerySet[M_co]):
    """Rows of the catalogue."""

    def public(self) -> Self:
        """What anonymous people may see: what is no draft, nor belongs to one."""
        return self.filter(self.model.public_on(visibility.real_date()))  # type: ignore[attr-defined]

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[M_co]:
        with bump_revision(self._write_db):
            return super().bulk_create(*args, **kwargs)

    def update(self, **values: Any) -> int:
        """Of `bulk_update`, too."""
        with bump_revision(self._write_db):
            return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        with bump_revision(self._write_db):
            return super().delete()

    @property
    def _write_db(self) -> str:
        self._for_write = True  # as Django's own writes do, so that `db` is where they go
        return self.db


class CatalogueManager(models.Manager[M_co]):
    """Written out, not made from the queryset: type checkers lose sight of a made one."""

    def get_queryset(self) -> CatalogueQuerySet[M_co]:
        return CatalogueQuerySet(self.model, using=self._db)

    def public(self) -> CatalogueQuerySet[M_co]:
        return self.get_queryset().public()


class CatalogueModel(models.Model):
    """A table of the catalogue. A row's own `save` and `delete` do not go through a queryset."""

    public_by: ClassVar[tuple[str, ...]] = ()
    """The prefixes of lookups to what has to be public, for a row to be: `product__`; nothing
    for itself."""

    class Meta:
        abstract = True

    @classmethod
    def public_on(cls, today: date) -> models.Q:
        """Return the condition of the rows that are public on a real date."""
        return visibility.published(cls.public_by, today)

    def names_unpublished(self, today: date) -> bool:
        """Return whether the row names another one that is hidden, and is hidden with it."""
        return False

    def save_base(
        self, raw: bool = False, force_insert: Any = False, *args: Any, **kwargs: Any
    ) -> None:
        with bump_revision(kwargs.get("using") or router.db_for_write(type(self), instance=self)):
            super().save_base(raw, force_insert, *args, **kwargs)

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        using = using or router.db_for_write(type(self), instance=self)
        with bump_revision(using):
            return super().delete(using=using, keep_parents=keep_parents)
