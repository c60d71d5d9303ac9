"""Visibility of rows for anonymous visitors: no drafts, unless their day of publication has come.

The real date decides, never `on`: no address shows the future. A draft becomes public on its day
without a write, as cached pages depend on the date.
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
"""The site's one clock, which stands above the tables and is handed down to them by `apps.py`."""


def published(prefixes: Iterable[str], today: date) -> Q:
    """Return the condition of rows that are public on a real date.

    All rows that `prefixes` of lookups lead to have to be public: `product__`, or an empty prefix
    for the row itself.
    """
    condition = Q()
    for prefix in prefixes:
        due = Q(**{f"{prefix}publish_on__lte": today})
        condition &= Q(**{f"{prefix}draft": False}) | due
    return condition


def is_published(row: Model, today: date) -> bool:
    """Return whether a row at hand, saved or not, is public. 0 queries if its owners are read; up
    to 3 more for an upgrade note."""
    prefixes: tuple[str, ...] = row.public_by  # type: ignore[attr-defined]
    owners: list[Any] = [reduce(getattr, prefix.split("__")[:-1], row) for prefix in prefixes]
    return not (
        any(each.draft and (each.publish_on is None or each.publish_on > today) for each in owners)
        or row.names_unpublished(today)  # type: ignore[attr-defined]
    )


def check_day(row: Any) -> None:
    """Says at its field what the constraint below says. Raises `ValidationError`."""
    if row.publish_on and not row.draft:
        raise ValidationError({"publish_on": ONLY_A_DRAFT})


def draft_field(belongings: str) -> BooleanField[bool, bool]:
    """The column `draft`. `belongings` is what is hidden with the row: `, with its releases,`."""
    return BooleanField(default=False, help_text=f"Seen here only{belongings} until published.")


def publish_on_field() -> DateField[Any, Any]:
    """The column `publish_on`."""
    return DateField(
        null=True, blank=True, help_text="The day (UTC) from which everybody sees the draft."
    )


def draft_constraint(name: str) -> CheckConstraint:
    """Return the constraint of tables that have drafts: only a draft has `publish_on`."""
    return CheckConstraint(
        condition=Q(draft=True) | Q(publish_on__isnull=True),
        name=name,
        violation_error_message=ONLY_A_DRAFT,
    )
