"""Lifecycles from the texts that the admin's form takes; needs no database, no Django."""

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


def life(extended: ExtendedSupport = NOT_RECORDED, /, **milestones: str) -> Lifecycle:
    """`life(release="2025-04-02", eol="2028-04")`."""
    found = Lifecycle.of({name: parse_milestone(text) for name, text in milestones.items()})
    return replace(found, extended=extended)


FREE = ExtendedSupport(ExtendedTerms.FREE, "LTS")
COMMERCIAL = ExtendedSupport(ExtendedTerms.CONTRACT, "Commercial Support")


@dataclass(frozen=True)
class Named:
    """Something with a life and a name."""

    name: str
    lifecycle: Lifecycle


def named(name: str, **milestones: str) -> Named:
    return Named(name, life(**milestones))
