"""Milestones in tables: three columns each, a descriptor, and their constraints.

`<name>_date` is the last day of the period, `<name>_precision` is the precision of the date, and
`<name>_flag` is set if only the fact is known. NULL in date and flag means that the milestone does
not apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import TruncMonth, TruncQuarter, TruncYear

from releases.domain.lifecycle.milestones import (
    MILESTONES,
    ORDERED_PAIRS,
    MilestoneValue,
    PartialDate,
    Precision,
)
from releases.domain.lifecycle.words import lower_first

if TYPE_CHECKING:
    from releases.models.cycle import CycleFacts

PRECISIONS = [(precision.value, precision.value) for precision in Precision]


def milestone_columns(
    name: str,
) -> tuple[models.DateField[Any, Any], models.BooleanField[Any, Any], models.CharField[Any, Any]]:
    """Return the columns `<name>_date`, `<name>_flag` and `<name>_precision` of a milestone."""
    words = lower_first(MILESTONES[name].label)
    return (
        models.DateField(f"{words}, date", null=True, blank=True),
        models.BooleanField(f"{words}, known without a date", null=True, blank=True),
        models.CharField(
            f"{words}, known to the", max_length=7, choices=PRECISIONS, blank=True, default=""
        ),
    )


class Milestone:
    """A descriptor of the three columns of a milestone: `cycle.eol = PartialDate(...)`."""

    def __init__(self, name: str) -> None:
        self.date = f"{name}_date"
        self.flag = f"{name}_flag"
        self.precision = f"{name}_precision"

    @overload
    def __get__(self, row: None, owner: type) -> Milestone: ...
    @overload
    def __get__(self, row: CycleFacts, owner: type) -> MilestoneValue: ...
    def __get__(self, row: Any, owner: type) -> Milestone | MilestoneValue:
        if row is None:
            return self
        day = getattr(row, self.date)
        if day is None:
            flag: bool | None = getattr(row, self.flag)
            return flag
        precision = getattr(row, self.precision)
        return PartialDate(day, Precision(precision) if precision else Precision.DAY)

    def __set__(self, row: CycleFacts, value: MilestoneValue) -> None:
        columns: tuple[object, ...] = (None, value, "")
        if isinstance(value, PartialDate):
            columns = (value.date, None, value.precision.value)
        for column, part in zip((self.date, self.flag, self.precision), columns, strict=True):
            setattr(row, column, part)


def milestone_constraints() -> list[models.CheckConstraint]:
    """Return the CHECK constraints: valid column values, and ordered pairs in order.

    They use `Trunc*` functions, which SQLite has only in Django's connections, so a bare `sqlite3`
    shell cannot write to the table.
    """
    checks = []
    for name in MILESTONES:
        checks.append(
            models.CheckConstraint(
                name=f"cycle_{name}_one_value",
                condition=(
                    Q(**{f"{name}_date__isnull": True, f"{name}_precision": ""})
                    | Q(
                        **{
                            f"{name}_date__isnull": False,
                            f"{name}_flag__isnull": True,
                            f"{name}_precision__in": [p.value for p in Precision],
                        }
                    )
                ),
                violation_error_message=(
                    f"The {MILESTONES[name].noun} is a date with a precision, or yes or no."
                ),
            )
        )
    for earlier, later in ORDERED_PAIRS:
        checks.append(
            models.CheckConstraint(
                name=f"cycle_{earlier}_before_{later}",
                condition=in_order(earlier, later),
                violation_error_message=(
                    f"The {MILESTONES[later].noun} is before the {MILESTONES[earlier].noun}."
                ),
            )
        )
    return checks


def in_order(earlier: str, later: str) -> Q:
    """Return the condition that two milestones are in order, as `order_errors` defines it.

    The period of the earlier one must not begin after the last day of the later one.
    """
    first, last = f"{earlier}_date", f"{later}_date"
    ordered = Q(**{f"{first}__isnull": True}) | Q(**{f"{last}__isnull": True})
    ordered |= Q(**{f"{first}__lte": F(last)})
    for precision, first_day in (
        (Precision.MONTH, TruncMonth(first)),
        (Precision.QUARTER, TruncQuarter(first)),
        (Precision.YEAR, TruncYear(first)),
    ):
        ordered |= Q(**{f"{earlier}_precision": precision.value, f"{last}__gte": first_day})
    return ordered
