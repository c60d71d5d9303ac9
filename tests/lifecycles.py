"""Builders for lifecycles from the text format of the admin form; no database, no Django."""

from __future__ import annotations

from dataclasses import dataclass, replace

from releases.domain.lifecycle.extended_support import (
    NOT_RECORDED,
    ExtendedSupport,
    ExtendedTerms,
)
from releases.domain.lifecycle.milestones import MilestoneValue, parse_milestone
from releases.domain.lifecycle.status import Lifecycle


def value(text: str) -> MilestoneValue:
    return parse_milestone(text)


def make_lifecycle(extended: ExtendedSupport = NOT_RECORDED, /, **milestones: str) -> Lifecycle:
    """Return a lifecycle: `make_lifecycle(release="2025-04-02", eol="2028-04")`."""
    found = Lifecycle.of({name: parse_milestone(text) for name, text in milestones.items()})
    return replace(found, extended=extended)


FREE = ExtendedSupport(ExtendedTerms.FREE, "LTS")
COMMERCIAL = ExtendedSupport(ExtendedTerms.CONTRACT, "Commercial Support")


@dataclass(frozen=True)
class NamedCycle:
    """An object with a name and a lifecycle."""

    name: str
    lifecycle: Lifecycle


def named_cycle(name: str, **milestones: str) -> NamedCycle:
    return NamedCycle(name, make_lifecycle(**milestones))
