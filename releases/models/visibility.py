"""Visibility of rows for anonymous visitors: drafts are hidden until their day of publication.

The real date decides, never `on`, so no URL shows the future. A draft becomes public on its day
without a write, because cached pages depend on the date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import reduce
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import BooleanField, CheckConstraint, DateField, Model, Q

ONLY_A_DRAFT: Final = "Only a draft is published on a day."


def _unset() -> date:
    raise ImproperlyConfigured("Visibility has no clock yet: it is set when the site is ready.")


real_date: Callable[[], date] = _unset
"""The clock of the site, which `apps.py` sets, as models may not import it."""


def published(prefixes: Iterable[str], today: date) -> Q:
    """Return the condition of the rows that are public on a real date.

    All rows that the lookup `prefixes` lead to must be public: `product__`, or an empty prefix for
    the row itself.
    """
    condition = Q()
    for prefix in prefixes:
        due = Q(**{f"{prefix}publish_on__lte": today})
        condition &= Q(**{f"{prefix}draft": False}) | due
    return condition


def is_published(row: Model, today: date) -> bool:
    """Return True if a row, saved or not, is public on `today`.

    Needs no queries if its owners are loaded; up to 3 for an upgrade note.
    """
    prefixes: tuple[str, ...] = row.public_by  # type: ignore[attr-defined]
    owners: list[Any] = [reduce(getattr, prefix.split("__")[:-1], row) for prefix in prefixes]
    return not (
        any(each.draft and (each.publish_on is None or each.publish_on > today) for each in owners)
        or row.names_unpublished(today)  # type: ignore[attr-defined]
    )


def check_day(row: Any) -> None:
    """Check the constraint of drafts, with the error at its field.

    Raises:
        ValidationError: The row has `publish_on` but is no draft.
    """
    if row.publish_on and not row.draft:
        raise ValidationError({"publish_on": ONLY_A_DRAFT})


def draft_field(belongings: str) -> BooleanField[bool, bool]:
    """Return the column `draft`; `belongings` is what is hidden with the row.

    For example `, with its releases,`.
    """
    return BooleanField(default=False, help_text=f"Seen here only{belongings} until published.")


def publish_on_field() -> DateField[Any, Any]:
    """Return the column `publish_on`."""
    return DateField(
        null=True, blank=True, help_text="The day (UTC) from which everybody sees the draft."
    )


def requested_on_field() -> DateField[Any, Any]:
    """Return the column `requested_on`, which is empty unless an editor waits for publication."""
    return DateField(
        "publication requested on",
        null=True,
        blank=True,
        editable=False,
        help_text="The day (UTC) on which an editor asked to publish the draft.",
    )


def draft_constraint(name: str) -> CheckConstraint:
    """Return the constraint of tables with drafts: only a draft has `publish_on`."""
    return CheckConstraint(
        condition=Q(draft=True) | Q(publish_on__isnull=True),
        name=name,
        violation_error_message=ONLY_A_DRAFT,
    )
