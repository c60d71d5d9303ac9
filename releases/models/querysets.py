"""The querysets of the catalogue: public rows, and cycles by their status on a date.

Every write, of one row or many, bumps the revision of the catalogue. Two signal receivers in
`releases.models.revision` cover the writes of Django that bypass these methods: many-to-many tables
and fixtures. Raw SQL does not bump the revision; any later save in the admin does.
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

LARGE_COLUMNS: Final = ("imported", "imported_rule", "file_text", "description")
"""The large columns of a product, which no list shows."""


class CatalogueQuerySet(models.QuerySet[M_co]):
    """A queryset of the catalogue."""

    def public(self) -> Self:
        """Keep the rows that anonymous visitors may see: no drafts, nor rows that belong to one."""
        return self.filter(self.model.public_on(visibility.real_date()))  # type: ignore[attr-defined]

    def without_large_columns(self) -> Self:
        """Defer the large columns of products."""
        return self.defer(*LARGE_COLUMNS)

    def with_product(self, path: str = "product") -> Self:
        """Select the product of each row, without its large columns; `path` may lead further."""
        return self.select_related(path).defer(*(f"product__{name}" for name in LARGE_COLUMNS))

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[M_co]:
        with bump_revision(self._write_db):
            return super().bulk_create(*args, **kwargs)

    def update(self, **values: Any) -> int:
        """Update rows in one change; `bulk_update` uses this, too."""
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
    """Conditions on cycles or their history rows, by the rules of `models.status`.

    `terms` is the expression for the terms of extended support; the history has its own.
    """

    def with_status(self, on: date, terms: rules.Terms = rules.TERMS) -> Self:
        """Annotate `status`, the value of `Status` on `on`."""
        return self.annotate(status=rules.status_on(on, terms))

    def with_next_end(self, on: date) -> Self:
        """Annotate `next_end`, the date on which the current phase ends; NULL without a date."""
        return self.annotate(next_end=rules.next_end(on))

    def in_status(
        self, statuses: Collection[Status], on: date, terms: rules.Terms = rules.TERMS
    ) -> Self:
        """Keep the cycles with one of these statuses on `on`, and annotate `status`."""
        return self.with_status(on, terms).filter(status__in=[each.value for each in statuses])

    def planned(self, on: date) -> Self:
        """Keep the cycles that are not released on `on`."""
        return self.filter(rules.planned(on))

    def released(self, on: date) -> Self:
        """Keep the cycles that are released on `on`, ended ones included."""
        return self.exclude(rules.planned(on))

    def active(self, on: date) -> Self:
        """Keep the cycles in active support on `on`."""
        return self.filter(rules.active(on))

    def security(self, on: date) -> Self:
        """Keep the cycles that get security fixes only on `on`."""
        return self.in_status([Status.SECURITY], on)

    def lts(self, on: date = date.max) -> Self:
        """Keep the cycles that are LTS on `on`; without a date, now or later."""
        return self.filter(rules.lts(on))

    def ends_soon(self, on: date, terms: rules.Terms = rules.TERMS) -> Self:
        """Keep the cycles that end soon after `on`, and annotate `next_end`."""
        return self.with_next_end(on).filter(rules.ends_soon(on, terms))

    def ends_by(self, last: date, on: date) -> Self:
        """Keep the cycles whose next end is from `on` to `last`, both inclusive.

        The result has the annotation `next_end`.
        """
        return self.with_next_end(on).filter(rules.ends_between(on, last))


class CatalogueManager(models.Manager[M_co]):
    """A manager of the catalogue.

    It is written out, because type checkers cannot see the methods of a generated manager.
    """

    def get_queryset(self) -> CatalogueQuerySet[M_co]:
        return CatalogueQuerySet(self.model, using=self._db)

    def all(self) -> CatalogueQuerySet[M_co]:
        return self.get_queryset()

    def public(self) -> CatalogueQuerySet[M_co]:
        return self.get_queryset().public()


class CatalogueModel(models.Model):
    """The abstract base of the tables of the catalogue.

    The `save` and `delete` of a row bypass its queryset, so they bump the revision here.
    """

    public_by: ClassVar[tuple[str, ...]] = ()
    """The lookup prefixes of the rows that must be public for a row to be public.

    `product__` is the product; an empty prefix is the row itself.
    """

    class Meta:
        abstract = True

    @classmethod
    def public_on(cls, today: date) -> models.Q:
        """Return the condition of the rows that are public on a real date."""
        return visibility.published(cls.public_by, today)

    def names_unpublished(self, today: date) -> bool:
        """Return True if the row refers to another row that is hidden, and is hidden with it."""
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
