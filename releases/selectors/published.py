"""The recorded releases of cycles, which `ReleaseCycle.as_of` reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Prefetch, prefetch_related_objects

from releases.models import Release, ReleaseCycle

# The default order of releases would join the tables of cycles and products. Without `to_attr`
# each cycle would get a queryset, which costs more than the releases.
RELEASES: Final = Prefetch("releases", Release.objects.order_by("id"), to_attr="read_releases")
"""A prefetch for cycles, in 1 query. The releases of a public cycle are public."""


def read_releases(cycles: Iterable[ReleaseCycle]) -> None:
    """Prefetch the releases of cycles, in 1 query; in none without cycles."""
    prefetch_related_objects(list(cycles), RELEASES)
