"""The keys of product files: today's, the older ones, and those that only this project writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.roadmap.columns import SUPPORT_COLUMNS
from releases.formats.labels import CycleLike

MILESTONE_KEYS: Final = {name: spec.file_key for name, spec in MILESTONES.items()}
"""The key of each milestone in a product file."""

COLUMN_KEYS: Final = {name: f"{MILESTONE_KEYS.get(name, name)}Column" for name in SUPPORT_COLUMNS}
"""The key of each column in a product file."""

OLDER_PRODUCT_KEYS: Final = {
    **{
        COLUMN_KEYS[name]: column.older_key
        for name, column in SUPPORT_COLUMNS.items()
        if column.older_key
    },
    "versionCommand": "command",
    "releasePolicyLink": "link",
    "releasePolicyImage": "releaseImage",
}
"""The older names of keys of a product, by today's name."""

OLDER_MILESTONE_KEYS: Final = {
    spec.older_file_key: spec.file_key for spec in MILESTONES.values() if spec.older_file_key
}
"""Today's keys of milestones, by the older name. The older booleans mean "still supported"."""

OWN_CYCLE_KEYS: Final = frozenset(
    {"precision", "releases", "formerNames", "versionRange", "identifiers"}
)
"""Keys of a cycle that only this project writes."""


class CycleValues(CycleLike, Protocol):
    """A cycle with everything that has a key in a product file."""

    @property
    def stale_days(self) -> int | None: ...


def cycle_values(cycle: CycleValues, fields: Iterable[str] = ()) -> dict[str, Any]:
    """Return the values of a cycle by their keys, in the order that most files have.

    Dates are `PartialDate` and `date`. An empty value is None or an empty string. `fields` are the
    names of custom fields in their order; none can take the place of another key.
    """
    values = {
        "releaseCycle": cycle.name,
        "releaseLabel": cycle.label,
        "codename": cycle.codename,
        **{key: getattr(cycle.lifecycle, name) for name, key in MILESTONE_KEYS.items()},
    }
    for name in (*fields, *cycle.custom):
        values.setdefault(name, cycle.custom.get(name))
    return values | {
        "latest": cycle.latest,
        "latestReleaseDate": cycle.latest_date,
        "link": cycle.link,
        "staleReleaseThresholdDays": cycle.stale_days,
    }


def still(end: Any) -> Any:
    """Convert the end of support to its older key: a date stays, a boolean is negated.

    None (no end) becomes True (still supported).
    """
    return not end if end is None or isinstance(end, bool) else end
