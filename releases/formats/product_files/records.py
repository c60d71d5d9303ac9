"""A product as parsed from a file. The fields are named like those of the models."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.columns import Column, Display
from releases.domain.upgrade.rules import RULE_DEFAULTS
from releases.formats.errors import FormatProblem


@dataclass(frozen=True, slots=True)
class IdentifierRecord:
    """An identifier of a product or a cycle, such as a package URL or a CPE."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class CustomFieldRecord:
    """A field that a product adds to its cycles."""

    name: str
    display: Display = Display.API_ONLY
    label: str = ""
    description: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release of a cycle. `date` is None if it is unknown."""

    version: str
    kind: ReleaseKind
    date: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class CycleRecord:
    """A release cycle. `no_link` is True if the file says that it has no link (`link: null`)."""

    name: str
    lifecycle: Lifecycle
    codename: str = ""
    label: str = ""
    latest: str = ""
    latest_date: date | None = None
    link: str = ""
    no_link: bool = False
    stale_days: int | None = None
    custom: dict[str, str] = field(default_factory=dict)
    releases: tuple[ReleaseRecord, ...] = ()
    former_names: tuple[str, ...] = ()
    versions: str = ""
    identifiers: tuple[IdentifierRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product.

    `rule` has the values of its upgrade rule, `lines` the line of each field path, `warnings` the
    minor problems.
    """

    name: str
    label: str
    file_name: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    identifiers: tuple[IdentifierRecord, ...] = ()
    main_identifier: IdentifierRecord | None = None
    custom_fields: tuple[CustomFieldRecord, ...] = ()
    columns: dict[str, Column] = field(default_factory=dict)
    added_on: date | None = None
    checked_on: date | None = None
    icon: str = ""
    version_command: str = ""
    vendor: str = ""
    vendor_link: str = ""
    policy_link: str = ""
    policy_image: str = ""
    cycle_label: str = ""
    lts_label: str = ""
    changelog_template: str = ""
    stale_days: int | None = None
    featured: int | None = None
    patches_only_fix: bool = False
    extended_terms: ExtendedTerms = ExtendedTerms.NOT_RECORDED
    rule: dict[str, Any] = field(default_factory=lambda: dict(RULE_DEFAULTS))
    description: str = ""
    cycles: tuple[CycleRecord, ...] = ()
    lines: dict[str, int] = field(default_factory=dict, compare=False)
    warnings: tuple[FormatProblem, ...] = field(default=(), compare=False)
