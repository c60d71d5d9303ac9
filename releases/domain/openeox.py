"""OpenEoX Core 1.0: conversion between lifecycles and statements.

Source: OASIS Committee Specification Draft 01 of 13 July 2026. Its tests are 7.1.1 to 7.2.2.

| OpenEoX | this site |
|---|---|
| `general_availability` | `release`, if it is known to the day |
| `end_of_security_support` | the end of ordinary support: `eol`, else `Lifecycle.support_end` |
| `end_of_life` | the later of that and `eoes`, whatever its terms: the end of any support |
| `end_of_sales` | `discontinued` |

Starts are the first second of a day and ends the last one, both in UTC. An end with the precision
month, quarter or year is the last day of its period, as on pages. An end without a date never gets
one: a cycle that ended on an unknown day has no statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final, Literal

from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate
from releases.domain.lifecycle.status import Lifecycle

CORE_SCHEMA: Final = "https://docs.oasis-open.org/openeox/v1.0/schema/core.json"
SHELL_SCHEMA: Final = "https://docs.oasis-open.org/openeox/tbd/schema/shell.json"
PRODUCT_SCHEMA: Final = "https://docs.oasis-open.org/openeox/tbd/schema/product_software.json"
TBA: Final = "tba"
"""The value of an end that is still to be announced."""

Stamp = datetime | Literal["tba"]
"""A timezone-aware time, or `TBA`."""

STAMPS: Final = (
    "general_availability",
    "end_of_sales",
    "end_of_security_support",
    "end_of_life",
)
"""The keys of a statement with a `Stamp`."""
STATED: Final = ("release", "eol", "eoes", "discontinued")
"""The milestones that a statement can express."""

EXPECTED_TIME: Final = "a date and time with its zone, such as 2028-04-30T23:59:59Z"

_CPE_PARTS: Final = 11
"""The number of attributes of a CPE name of version 2.3."""
_NOT_ESCAPED_COLON: Final = re.compile(r"(?<!\\):")
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_LAST_SECOND: Final = time(23, 59, 59)


class NotExpressibleError(ValueError):
    """Raised for a lifecycle that no statement can express. The message is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """An OpenEoX Core statement. An optional stamp is None if the statement has no such key."""

    end_of_life: Stamp
    end_of_security_support: Stamp
    last_updated: datetime
    end_of_sales: Stamp | None = None
    general_availability: Stamp | None = None

    @property
    def stamps(self) -> dict[str, Stamp]:
        """The stamps by key, without those that are missing."""
        every: dict[str, Stamp | None] = {key: getattr(self, key) for key in STAMPS}
        return {key: stamp for key, stamp in every.items() if stamp is not None}

    @property
    def data(self) -> dict[str, str]:
        """The JSON object, with its keys sorted."""
        stamps = self.stamps | {"last_updated": self.last_updated}
        return {"$schema": CORE_SCHEMA} | {key: stamp_text(stamps[key]) for key in sorted(stamps)}


def core_from(data: Mapping[str, str]) -> Core:
    """Return the statement of a JSON object that has the required keys.

    Raises:
        ValueError: A value is not a stamp; see `read_stamp`.
    """
    stamps: dict[str, Any] = {key: read_stamp(data[key]) for key in STAMPS if key in data}
    return Core(last_updated=read_time(data["last_updated"]), **stamps)


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A failed test of the specification; `message` is a sentence about `key`."""

    number: str
    key: str
    message: str


def reason_without_core(life: Lifecycle) -> str:
    """Return why no statement can express a lifecycle, as a sentence, or an empty text."""
    end = life.support_end
    if end is None:
        return "No end of support is recorded."
    if end is True:
        return "Its support ended on an unknown day."
    if life.eoes is True and end is not False:
        return "Its extended support ended on an unknown day."
    return ""


def core_of(life: Lifecycle, last_updated: datetime) -> Core:
    """Return the statement about a lifecycle.

    Raises:
        NotExpressibleError: There is none; see `reason_without_core`.
    """
    if reason := reason_without_core(life):
        raise NotExpressibleError(reason)
    security = _end(life.support_end)
    end = security if security == TBA or life.eoes is None else _last(security, _end(life.eoes))
    sales = _end(life.discontinued) if _has_end_of_sales(life, end) else None
    start = _start(life.release, end)
    if start == TBA and (security != TBA or sales not in (None, TBA)):
        start = None  # 7.2.2: not beside a date
    dated = [stamp for stamp in (security, sales, end) if isinstance(stamp, datetime)]
    if isinstance(start, datetime) and any(stamp < start for stamp in dated):
        start = None  # 7.1.3, and the specification on a cycle that ends before its release
    return Core(
        end_of_life=end,
        end_of_security_support=security,
        last_updated=last_updated,
        end_of_sales=sales,
        general_availability=start,
    )


def left_out(life: Lifecycle) -> dict[str, str]:
    """Return what the statement about a lifecycle cannot express, as sentences by milestone.

    A statement about the lifecycle must exist.
    """
    core = core_of(life, datetime.min.replace(tzinfo=UTC))
    found = {
        name: _no_key(life, name)
        for name, key in {
            "release": "general_availability",
            "discontinued": "end_of_sales",
        }.items()
        if getattr(life, name) is not None and key not in core.stamps
    }
    for name in ("eoas", "lts"):
        value = getattr(life, name)
        if value not in (None, False) and (name == "lts" or value is not life.support_end):
            found[name] = f"OpenEoX has no key for the {MILESTONES[name].noun}."
    for name in ("eoas", "eol", "eoes", "discontinued"):
        value = getattr(life, name)
        if name not in found and isinstance(value, PartialDate) and value.imprecise:
            found[name] = (
                f"The {MILESTONES[name].noun} is {value}; the statement has the last day of this"
                f" period, {PartialDate(value.date)}."
            )
    return {name: found[name] for name in MILESTONES if name in found}


def milestones_of(core: Core) -> dict[str, MilestoneValue]:
    """Return the milestones of a statement by name.

    A stamp becomes its date, without conversion to another time zone. `TBA` becomes False: not
    announced. The result always has `eol` and `eoes`; the latter is None if no support lasts longer
    than security support. If only `end_of_life` has a date, all support ends on that day.
    A release that is `TBA` although an end has a date is ignored.
    """
    security = _day(core.end_of_security_support)
    end = _day(core.end_of_life)
    if isinstance(end, PartialDate) and security is False:
        security = end  # the quick fix of 7.2.1
    found: dict[str, MilestoneValue] = {"eol": security, "eoes": None}
    if isinstance(security, PartialDate):
        later = end is False or (isinstance(end, PartialDate) and end.date > security.date)
        found["eoes"] = end if later else None
    start = core.general_availability
    if start == TBA and any(isinstance(stamp, datetime) for stamp in core.stamps.values()):
        start = None  # 7.2.2: a cycle without an announced release has no end
    optional = {"release": start, "discontinued": core.end_of_sales}
    stated = {name: _day(stamp) for name, stamp in optional.items() if stamp is not None}
    return {name: (found | stated)[name] for name in STATED if name in found | stated}


def failed_tests(core: Core) -> list[FailedTest]:
    """Return the mandatory tests that a statement fails: 7.1.1 and 7.1.3. `read_time` is 7.1.2."""
    dated = {key: stamp for key, stamp in core.stamps.items() if isinstance(stamp, datetime)}
    found = []
    for key, stamp in dated.items():
        if (end := dated.get("end_of_life")) and stamp > end:
            message = f"It is later than end_of_life ({stamp_text(end)})."
            found.append(FailedTest("7.1.1", key, message))
        if (start := dated.get("general_availability")) and stamp < start:
            message = f"It is earlier than general_availability ({stamp_text(start)})."
            found.append(FailedTest("7.1.3", key, message))
    return found


def failed_recommendations(core: Core) -> list[FailedTest]:
    """Return the recommended tests that a statement fails: 7.2.1 and 7.2.2."""
    stamps = core.stamps
    announced = [key for key, stamp in stamps.items() if stamp == TBA]
    dated = [key for key, stamp in stamps.items() if stamp != TBA]
    found = [
        FailedTest("7.2.1", key, "It is “tba”, although end_of_life has a date.")
        for key in announced
        if "end_of_life" in dated
    ]
    if "general_availability" in announced and dated:
        message = f"It is “tba”, although {dated[0]} has a date."
        found.append(FailedTest("7.2.2", "general_availability", message))
    return found


def read_time(text: str) -> datetime:
    """Parse a time in RFC 3339 by the rules of the specification.

    They require capital T and Z and a time zone, and exclude leap seconds.

    Raises:
        ValueError: The text has another format. The message is a sentence.
    """
    if _DATE_TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"Expected {EXPECTED_TIME}, found the text “{text[:40]}”.")


def read_stamp(text: str) -> Stamp:
    """Parse a stamp: a time as in `read_time`, or `TBA`.

    Raises:
        ValueError: The text is neither. The message is a sentence.
    """
    if text == TBA:
        return TBA
    try:
        return read_time(text)
    except ValueError:
        message = f"Expected {EXPECTED_TIME}, or “tba”, found the text “{text[:40]}”."
        raise ValueError(message) from None


def stamp_text(stamp: Stamp) -> str:
    """Return a stamp in the form of statements."""
    return stamp.isoformat().replace("+00:00", "Z") if isinstance(stamp, datetime) else stamp


def last_change(core: Core, changed_at: datetime, stated: Core | None) -> datetime:
    """Return `last_updated` of the statement about a cycle.

    It is the time of the last change here. If the cycle still has the dates of the last imported
    statement, it is the time in that statement, so that a copy is never newer than its original.

    Args:
        core: The statement about the cycle.
        changed_at: The time of the last change in the history here.
        stated: The statement that was imported after this change, or None.
    """
    if stated and milestones_of(stated).items() <= milestones_of(core).items():
        return stated.last_updated
    return changed_at


def identification_helper(identifiers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the `product_identification_helper` of CSAF for the best of some identifiers.

    It is the first package URL, else the first CPE name. There is only one, as several would
    have to name the same thing, and packages of distributions are not the software itself.

    Args:
        identifiers: Pairs of type and value, the best first.

    Returns:
        The object; empty if there is neither a package URL nor a CPE name.
    """
    found = list(identifiers)
    for kind, value in found:
        if kind == "purl" and value.startswith("pkg:"):
            return {"purls": [value]}
    for kind, value in found:
        if kind == "cpe" and value.startswith("cpe:"):
            return {"cpe": whole_cpe(value)}
    return {}


def whole_cpe(name: str) -> str:
    """Return a CPE name of version 2.3 with all its attributes; missing ones are `*` (any)."""
    start = "cpe:2.3:"
    if not name.startswith(start):
        return name
    parts = _NOT_ESCAPED_COLON.split(name.removeprefix(start))
    return start + ":".join([*parts, *"*" * (_CPE_PARTS - len(parts))])


def short_cpe(name: str) -> str:
    """Return a CPE name without the attributes at its end that are `*` (any)."""
    return re.sub(r"(:\*)+$", "", name)


def shell_statement(
    core: Core, *, vendor: str, product: str, version: str, helper: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a statement of the draft Shell form about a version of a software product."""
    return {
        "core": core.data,
        "product": {
            "$schema": PRODUCT_SCHEMA,
            "product_name": product,
            "product_version": version,
            "vendor_name": vendor,
        },
        "product_identification_helper": dict(helper),
    }


def _start(value: MilestoneValue, end: Stamp) -> Stamp | None:
    if isinstance(value, PartialDate) and not value.imprecise:
        return datetime.combine(value.date, time.min, UTC)
    return TBA if value is False and end == TBA else None


def _end(value: MilestoneValue) -> Stamp:
    if isinstance(value, PartialDate):
        return datetime.combine(value.date, _LAST_SECOND, UTC)
    return TBA


def _last(*stamps: Stamp) -> Stamp:
    dated = [stamp for stamp in stamps if isinstance(stamp, datetime)]
    return max(dated) if len(dated) == len(stamps) else TBA


def _has_end_of_sales(life: Lifecycle, end: Stamp) -> bool:
    """Return True if a statement can have `end_of_sales`.

    By 7.1.1 it must not be later than `end_of_life`, and sale without support does not extend that.
    """
    sales = life.discontinued
    if isinstance(sales, PartialDate):
        return end == TBA or _last(end, _end(sales)) == end
    return sales is False and end == TBA  # 7.2.1: no “tba” beside a dated end


def _no_key(life: Lifecycle, name: str) -> str:
    value, noun = getattr(life, name), MILESTONES[name].noun
    if value is False:
        return f"The {noun} is not announced, which a statement with dates cannot express."
    if value is True:
        return f"The day of the {noun} is unknown."
    if name == "discontinued":
        return f"The {noun} ({value}) is later than the end of support."
    if value.imprecise:
        return f"The {noun} is {value}, but general_availability needs a day."
    return f"The {noun} ({value}) is later than an end."


def _day(stamp: Stamp) -> MilestoneValue:
    return PartialDate(stamp.date()) if isinstance(stamp, datetime) else False
