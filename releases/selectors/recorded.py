"""Public history records, and the rows as they were recorded on a day.

A record is public if its row was public when it was written, or was published later. `public_rows`
is the SQL twin of the rule in `domain.history.changes`. Only editors see who changed something, and
why.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, When
from django.db.models.functions import Cast, Greatest

from releases.domain.history.changes import first_moment
from releases.models import Product, Release, ReleaseCycle, visibility

Drafted = type[Product] | type[ReleaseCycle]
"""The tables whose rows may be drafts."""


def public_rows(model: Drafted) -> Any:
    """Return the history records of a table that were ever public, with `seen_at`: since when.

    No record is written when the publication day of a draft comes: the draft is public from the
    beginning of that day, unless another record was written before.
    """
    today = visibility.real_date()
    begins = Cast("publish_on", DateTimeField())
    rows = model.history.order_by()
    too_late = rows.filter(later(), id=OuterRef("id"), history_date__lte=OuterRef("begins"))
    return (
        rows.annotate(begins=begins)
        .filter(Q(draft=False) | (Q(publish_on__lte=today) & ~Exists(too_late)))
        .annotate(
            seen_at=Case(
                When(draft=False, then=F("history_date")),
                default=Greatest("history_date", "begins"),
                output_field=DateTimeField(),
            )
        )
    )


def as_of(model: Drafted | type[Release], day: date) -> Any:
    """Return the rows of a table at the end of a day.

    That is the last record of each row, unless it is a deletion.
    """
    rows = model.history.filter(history_date__lt=first_moment(day + timedelta(days=1))).order_by()
    newer = rows.filter(later(), id=OuterRef("id"))
    return rows.exclude(history_type="-").filter(~Exists(newer))


def later() -> Q:
    """Return the condition of records that are newer than the record of the outer query."""
    same = Q(history_date=OuterRef("history_date"), history_id__gt=OuterRef("history_id"))
    return Q(history_date__gt=OuterRef("history_date")) | same
