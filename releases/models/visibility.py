"""What anonymous people may see: what is no draft, and drafts from the day on which they are to be
published. The real date decides, never `on`: nobody looks into the future by an address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.core.exceptions import ImproperlyConfigured
from django.db.models import CheckConstraint, Q


def _unset() -> date:
    raise ImproperlyConfigured("Visibility has no clock yet: it is set when the site is ready.")


real_date: Callable[[], date] = _unset
"""The site's one clock, which stands above the tables and is handed down to them by `apps.py`."""


def published(prefixes: Iterable[str], today: date) -> Q:
    """What is public on a real date: everything that the prefixes of lookups lead to (`product__`,
    or nothing for the row itself) has to be."""
    condition = Q()
    for prefix in prefixes:
        due = Q(**{f"{prefix}publish_on__lte": today})
        condition &= Q(**{f"{prefix}draft": False}) | due
    return condition


def draft_constraint(name: str) -> CheckConstraint:
    """Of the tables that have drafts."""
    return CheckConstraint(
        condition=Q(draft=True) | Q(publish_on__isnull=True),
        name=name,
        violation_error_message="Only a draft is published on a day.",
    )
