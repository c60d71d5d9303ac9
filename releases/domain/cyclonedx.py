"""Conversion between milestones and lifecycle properties of CycloneDX components.

Source: the `cdx:lifecycle` namespace of the CycloneDX property taxonomy,
https://github.com/CycloneDX/cyclonedx-property-taxonomy. Its terms differ:

- `endOfSupport` is the end of any support. It is `eoes` if extended support of any kind lasts
  longer than `eol`; then `eol` is `endOfGuaranteedSupport`.
- `endOfLife` is the day on which the manufacturer stops selling a product. It is never written.
- `endOfMarketing` is the closest to `discontinued`, the end of sale of devices, as production may
  end earlier.

A property is a full date. Dates with the precision month, quarter or year are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, parse_milestone
from releases.domain.lifecycle.status import Lifecycle

PREFIX: Final = "cdx:lifecycle:milestone:"
GENERAL_AVAILABILITY: Final = f"{PREFIX}generalAvailability"
END_OF_DEVELOPMENT: Final = f"{PREFIX}endOfDevelopment"
END_OF_GUARANTEED_SUPPORT: Final = f"{PREFIX}endOfGuaranteedSupport"
END_OF_SUPPORT: Final = f"{PREFIX}endOfSupport"
END_OF_MARKETING: Final = f"{PREFIX}endOfMarketing"
NAMES: Final = (
    GENERAL_AVAILABILITY,
    END_OF_DEVELOPMENT,
    END_OF_GUARANTEED_SUPPORT,
    END_OF_SUPPORT,
    END_OF_MARKETING,
)
"""The properties that correspond to a milestone."""

_SUPPORT: Final = frozenset({END_OF_GUARANTEED_SUPPORT, END_OF_SUPPORT})
_EXPECTED: Final = "an ISO 8601 date or timestamp, such as 2028-04-30"


def milestones_of(life: Lifecycle) -> dict[str, PartialDate]:
    """Return the milestones with a date by the names of their properties, in chronological order.

    Imprecise dates are included.
    """
    found: dict[str, MilestoneValue] = {
        GENERAL_AVAILABILITY: life.release,
        END_OF_DEVELOPMENT: life.eoas,
        **_ends_of_support(life),
        END_OF_MARKETING: life.discontinued,
    }
    return {name: value for name, value in found.items() if isinstance(value, PartialDate)}


def properties_of(life: Lifecycle) -> dict[str, str]:
    """Return the properties of a component: ISO 8601 dates by name, without imprecise ones."""
    found = milestones_of(life).items()
    return {name: value.date.isoformat() for name, value in found if not value.imprecise}


def replaced_by(properties: Mapping[str, str]) -> Collection[str]:
    """Return the names of the properties that these replace in a component.

    The two ends of support belong together, so writing one of them replaces both.
    """
    return {*properties, *_SUPPORT} if _SUPPORT & properties.keys() else properties.keys()


def read_properties(properties: Iterable[tuple[str, str]]) -> dict[str, PartialDate]:
    """Return the dates of the lifecycle properties in `NAMES`. Others are ignored.

    The date of a timestamp is not converted to another time zone.

    Raises:
        ValueError: A value is not a date, or a property has two. The message is a sentence.
    """
    found: dict[str, PartialDate] = {}
    for name, value in properties:
        if name not in NAMES:
            continue
        day = _read_date(value)
        if found.setdefault(name, day) != day:
            raise ValueError(f"{name} is {found[name]} and {day}.")
    return found


def milestones_from(
    properties: Mapping[str, PartialDate], *, extended: bool
) -> dict[str, PartialDate]:
    """Return the milestones of a cycle for some properties, by name.

    Args:
        properties: The dates by the names of properties.
        extended: True if the cycle has an end of extended support. It is `endOfSupport` then,
            even if the properties do not state `endOfGuaranteedSupport`.
    """
    extended = extended or END_OF_GUARANTEED_SUPPORT in properties
    names = {
        GENERAL_AVAILABILITY: "release",
        END_OF_DEVELOPMENT: "eoas",
        END_OF_GUARANTEED_SUPPORT: "eol",
        END_OF_SUPPORT: "eoes" if extended else "eol",
        END_OF_MARKETING: "discontinued",
    }
    return {names[name]: day for name, day in properties.items()}


def _read_date(text: str) -> PartialDate:
    try:
        return PartialDate(datetime.fromisoformat(text.strip()).date())
    except ValueError:
        value = parse_milestone(text, _EXPECTED)
    if not isinstance(value, PartialDate):
        raise ValueError(f"“{text[:40]}” is not {_EXPECTED}.")
    return value


def _ends_of_support(life: Lifecycle) -> dict[str, MilestoneValue]:
    eol, eoes = life.eol, life.eoes
    if eol is False:  # Support has no announced end, whatever is recorded for extended support.
        return {}
    if isinstance(eol, PartialDate) and isinstance(eoes, PartialDate) and eoes.date <= eol.date:
        eoes = None  # It does not last longer than ordinary support.
    if eoes is None:
        return {END_OF_SUPPORT: eol}
    return {END_OF_GUARANTEED_SUPPORT: eol, END_OF_SUPPORT: eoes}
