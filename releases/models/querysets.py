"""The querysets of the catalogue's tables: what is public, what is active or ends soon on a day.

Every write, of one row or of many, bumps the revision of the catalogue. Two signal receivers in
`releases.models.revision` cover what Django writes without these methods: many-to-many tables and
fixtures. SQL by hand does not bump the revision; any save in the admin does so afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, ClassVar, Final, Self, TypeVar

from django.db import models, router

from releases.domain.lifecycle.status import Status
from releases.models import status as rules
from releases.models import visibility
from releases.models.revision import bump_revision

M_co = TypeVar("M_co", bound=models.Model, covariant=True)

LARGE_COLUMNS: Final = ("imported", "file_text", "description")
"""The columns of a product that may be large and that no list shows."""


class CatalogueQuerySet(models.QuerySet[M_co]):
    """Rows of the catalogue."""

    def public(self) -> Self:
        """Rows that anonymous visitors may see: no drafts, nor what belongs to one."""
        return self.filter(self.model.public_on(visibility.real_date()))  # type: ignore[attr-defined]

    def without_large_columns(self) -> Self:
        """Products without the columns that no list shows."""
        return self.defer(*LARGE_COLUMNS)

    def with_product(self, path: str = "product") -> Self:
        """Rows read with their product, without its large columns; `path` may lead further."""
        return self.select_related(path).defer(*(f"product__{name}" for name in LARGE_COLUMNS))

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[M_co]:
        with bump_revision(self._write_db):
            return super().bulk_create(*args, **kwargs)

    def update(self, **values: Any) -> int:
        """Update rows in one change; `bulk_update` calls it, too."""
        with bump_revision(self._write_db):
            return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        with bump_revision(self._write_db):
            return super().delete()

    @property
    def _write_db(self) -> str:
        self._for_write = True  # as Django's own writes do, so that `db` is where they go
        return self.db


class CycleConditions(models.QuerySet[M_co]):
    """Conditions on cycles, or on the rows of their history, by the rules of `models.status`.

    `terms` is the expression of the terms of extended support, which the history looks up.
    """

    def with_status(self, on: date, terms: rules.Terms = rules.TERMS) -> Self:
        """Annotate `status`, the value of the `Status` on `on`."""
        return self.annotate(status=rules.status_on(on, terms))

    def with_next_end(self, on: date) -> Self:
        """Annotate `next_end`, the dated end of the phase that a cycle is in on `on`."""
        return self.annotate(next_end=rules.next_end(on))

    def in_status(
        self, statuses: Collection[Status], on: date, terms: rules.Terms = rules.TERMS
    ) -> Self:
        """Cycles that have one of some statuses on `on`, annotated with it."""
        return self.with_status(on, terms).filter(status__in=[each.value for each in statuses])

    def planned(self, on: date) -> Self:
        """Cycles that are not released on `on`."""
        return self.filter(rules.planned(on))

    def released(self, on: date) -> Self:
        """Cycles that are released on `on`, ended ones included."""
        return self.exclude(rules.planned(on))

    def active(self, on: date) -> Self:
        """Cycles in active support on `on`."""
        return self.filter(rules.active(on))

    def security(self, on: date) -> Self:
        """Cycles that get security fixes only on `on`."""
        return self.in_status([Status.SECURITY], on)

    def lts(self, on: date = date.max) -> Self:
        """Cycles that have long-term support on `on`; without a date, now or later."""
        return self.filter(rules.lts(on))

    def ends_soon(self, on: date, terms: rules.Terms = rules.TERMS) -> Self:
        """Cycles that end soon after `on`, annotated with `next_end`."""
        return self.with_next_end(on).filter(rules.ends_soon(on, terms))

    def ends_by(self, last: date, on: date) -> Self:
        """Cycles whose next end is between `on` and `last`, both included, annotated with it."""
        return self.with_next_end(on).filter(rules.ends_between(on, last))


class CatalogueManager(models.Manager[M_co]):
    """Written out, not made from the queryset: type checkers lose sight of a made one."""

    def get_queryset(self) -> CatalogueQuerySet[M_co]:
        return CatalogueQuerySet(self.model, using=self._db)

    def all(self) -> CatalogueQuerySet[M_co]:
        return self.get_queryset()

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
