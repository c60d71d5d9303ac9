"""The rules of status and `ends_soon` as SQL; the same rules as `domain.lifecycle.status`.

They let the database filter and count lists. A test compares both for every cycle of the catalogue
around every boundary day. Conditions are written so that a query planner can estimate how many rows
they match.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    DateField,
    Expression,
    F,
    Func,
    IntegerField,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, LessThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.status import SOON_DAYS, Status

Terms = F | Subquery
"""The terms of extended support, as an expression in a query of cycles."""

TERMS: Final = F("product__extended_terms")
"""The current terms of the product."""

_EPOCH = date(1970, 1, 1)


def status_on(on: date, terms: Terms = TERMS) -> Expression:
    """Return the status of a cycle on `on`, as a value of `Status`."""
    ended = Case(
        When(_runs("eoes", on) & _free(terms), then=Value(Status.FREE_EXTENDED.value)),
        When(_runs("eoes", on), then=Value(Status.EXTENDED.value)),
        default=Value(Status.END_OF_LIFE.value),
    )
    return Case(
        When(planned(on), then=Value(Status.PLANNED.value)),
        When(_support_ended(on), then=ended),
        When(_ended("eoas", on), then=Value(Status.SECURITY.value)),
        default=Value(Status.ACTIVE.value),
        output_field=CharField(),
    )


def active(on: date) -> Q:
    """Return the condition of the cycles in active support on `on`.

    A query planner can estimate its rows, which it cannot for a CASE expression.
    """
    return ~(planned(on) | _support_ended(on) | _ended("eoas", on))


def supported(on: date, terms: Terms = TERMS) -> Q:
    """Return the condition of the supported cycles on `on`, by the rule of `Status.supported`."""
    return ~planned(on) & (~_support_ended(on) | (_free(terms) & _runs("eoes", on)))


def next_end(on: date) -> Expression:
    """Return the date on which the current phase of a cycle ends; NULL if there is none."""
    active = Case(
        # Imprecise ends may overlap: active support never outlasts all support.
        When(eol_date__lt=F("eoas_date"), then=F("eol_date")),
        When(_absent("eol") & _absent("eoas"), then=F("eoes_date")),
        default=Coalesce("eoas_date", "eol_date"),
    )
    return Case(
        When(planned(on), then=None),
        When(_support_ended(on), then=Case(When(_runs("eoes", on), then=F("eoes_date")))),
        # Without `eol` its end would be that of all support.
        When(_ended("eoas", on), then=F("eol_date")),
        default=active,
        output_field=DateField(),
    )


def ends_soon(on: date, terms: Terms = TERMS) -> Q:
    """Return the condition of the cycles that end soon, by the rule of `ends_soon`.

    Requires the annotation `next_end=next_end(on)`.
    """
    near = ends_between(on, on + timedelta(days=SOON_DAYS))
    # (end - on) * 3 <= end - release, with the constants on the right.
    third = LessThanOrEqual(
        _DayNumber("next_end") * 2 + _DayNumber("release_date"), 3 * (on - _EPOCH).days
    )
    return near & (Q(release_date__isnull=True) | Q(third)) & for_everybody(on, terms)


def for_everybody(on: date, terms: Terms = TERMS) -> Q:
    """Return the condition of the cycles that are not in extended support with restricted terms.

    Planned and ended cycles fulfil it, too.
    """
    return ~_support_ended(on) | _free(terms)


def supported_until(terms: Terms = TERMS) -> Expression:
    """Return the date of `Lifecycle.supported_until`; NULL if it has no date."""
    free, without_eol = _free(terms), _absent("eol")
    return Case(
        When(free & (Q(eol_flag=False) | (without_eol & Q(eoas_flag=False))), then=None),
        # Imprecise ends may overlap.
        When(free & Q(eol_date__gt=F("eoes_date")), then=F("eol_date")),
        When(free & without_eol & Q(eoas_date__gt=F("eoes_date")), then=F("eoas_date")),
        When(free & Q(eoes_date__isnull=False), then=F("eoes_date")),
        When(free & Q(eoes_flag=False), then=None),
        When(~without_eol, then=F("eol_date")),
        When(~_absent("eoas"), then=F("eoas_date")),
        default=F("eoes_date"),
        output_field=DateField(),
    )


def maintained(on: date) -> Q:
    """Return the condition of `is_maintained`, the rule of API v1."""
    ends = ("eoas", "eol", "discontinued", "eoes")
    return reduce(or_, (_runs(name, on) for name in ends))


def lts(on: date) -> Q:
    """Return the condition of the cycles that are LTS on `on`, by the rule of `is_lts`.

    As LTS does not end, those that are LTS on `date.max` are LTS now or later.
    """
    return Q(lts_flag=True) | Q(lts_date__isnull=False, lts_date__lte=on)


def ends_between(first: date, last: date) -> Q:
    """Return the condition of the cycles whose next end is from `first` to `last`, both inclusive.

    Requires the annotation `next_end`. The first part of the condition is implied by the second one
    and lets the database use the indexes of the ends.
    """
    days = (first, last)
    some = Q(eoas_date__range=days) | Q(eol_date__range=days) | Q(eoes_date__range=days)
    return some & Q(next_end__range=days)


def planned(on: date) -> Q:
    """Return the condition of the cycles that are not released on `on`."""
    # IS NOT NULL is redundant, but PostgreSQL expects NOT of a column that is
    # mostly NULL to hold for most rows, and would rather read them all than use an index.
    return Q(release_date__gt=on) | Q(release_flag=False, release_flag__isnull=False)


class _DayNumber(Func):
    """The number of days from 1 Jan 1970 to a date, since databases differ in date arithmetic."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "CAST(julianday(%(expressions)s) - julianday('1970-01-01') AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "(%(expressions)s - DATE '1970-01-01')"
        return self.as_sql(compiler, connection, template=template, **context)


def _support_ended(on: date) -> Q:
    return (
        _ended("eol", on)
        | (_absent("eol") & _ended("eoas", on))
        | (_absent("eol") & _absent("eoas") & _ended("eoes", on))
    )


def _free(terms: Terms) -> Q:
    return Q(Exact(terms, Value(ExtendedTerms.FREE.value)))


def _ended(name: str, on: date) -> Q:
    return Q(**{f"{name}_date__lt": on}) | Q(**{f"{name}_flag": True})


def _runs(name: str, on: date) -> Q:
    return Q(**{f"{name}_date__gte": on}) | Q(**{f"{name}_flag": False})


def _absent(name: str) -> Q:
    return Q(**{f"{name}_date__isnull": True, f"{name}_flag__isnull": True})
