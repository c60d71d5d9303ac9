"""Schemas of the responses of API v2. They use the words of pages and tables."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, WithJsonSchema, create_model

from releases.domain.history.changes import ChangeKind
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import MILESTONES, Precision
from releases.domain.lifecycle.status import Phase, Status
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.upgrade.verdict import Answer

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A time in UTC to the microsecond, which Django's JSON encoder would round."""

MILESTONE_NAMES: Final = " or ".join(", ".join(MILESTONES).rsplit(", ", 1))
PAGE = "The page for people."
URL = "The address in this API."


class Address(BaseModel):
    """An address of this version."""

    name: str = Field(description="products, cycles, ...")
    method: str = Field(description="GET or POST.")
    url: str = Field(description="Its address; {product} stands for a name (RFC 6570).")
    summary: str


class AddressList(BaseModel):
    """The addresses of this version."""

    document: str = Field(description="Its OpenAPI document.")
    page: str = Field(description=PAGE)
    items: list[Address]


class Milestone(BaseModel):
    """A milestone: either a date with its precision, or a flag if only the fact is known.

    null in its place means that the milestone does not apply.
    """

    date: dt.date | None = Field(
        description="The date; where it is known less exactly, the last day of its period."
    )
    precision: Precision | None = Field(description="How exactly the date is known.")
    flag: bool | None = Field(
        description="Where there is no date: true, it has happened; false, it is not announced."
    )
    reached: bool = Field(
        description="True if it has come to pass on the day that was asked about. A start is"
        " reached on its day, an end on the day after it."
    )


_milestone_fields: Any = {
    name: (Milestone | None, Field(description=spec.description))
    for name, spec in MILESTONES.items()
}


class Milestones(create_model("_Milestones", **_milestone_fields)):  # type: ignore[misc]
    """The milestones of a cycle; null: it does not apply."""


class Period(BaseModel):
    """A period of a cycle with its phase of support. Both days are inclusive."""

    phase: Phase
    first_day: dt.date | None = Field(description="Its first day; null: as if since ever.")
    last_day: dt.date | None = Field(description="Its last day; null: no end announced.")
    imprecise_start: bool = Field(description="The first day is the first that it may be.")
    imprecise_end: bool = Field(description="The last day is the last that it may be.")


class Latest(BaseModel):
    """The latest release of a cycle."""

    version: str
    date: dt.date | None


class Cycle(BaseModel):
    """A release cycle: a line of a product that is supported as one. Planned ones are included."""

    product: str = Field(description="The name of its product.")
    name: str
    label: str = Field(description="What people call it; often its name.")
    codename: str | None
    status: Status = Field(
        description="Where it stands on the day that was asked about. extended-free: ordinary"
        " support has ended, extended support continues for everybody; extended: the extended"
        " support that continues is not known to be free, so the cycle does not count as supported."
    )
    ends_soon: bool = Field(
        description="True if its next end is at most 120 days away, or a third of its life if that"
        " is shorter."
    )
    next_end: Milestone | None = Field(
        description="The end of the phase that it is in; null where none is running or none was"
        " ever given."
    )
    lts: bool = Field(description="True if it has long-term support on the day.")
    maintained: bool = Field(description="What v1 calls isMaintained.")
    unconfirmed: bool = Field(
        description="True if its dates are a projection that a person has not confirmed yet."
    )
    milestones: Milestones
    phases: list[Period] = Field(
        description="Its phases in order of time, without gaps. What has an end that nobody dated"
        " is left out."
    )
    latest: Latest | None
    custom: dict[str, str] = Field(description="The values of the product's own columns.")
    url: str = Field(description=URL)
    page: str = Field(description=PAGE)


class Identifier(BaseModel):
    """The name of a product, or of one of its cycles, in another system."""

    type: str = Field(description="purl, cpe, repology, ...")
    value: str


class OpenEox(BaseModel):
    """The OpenEoX Core statement about a release cycle."""

    url: str | None = Field(description="Its URL; null if there is no statement.")
    reason: str | None = Field(description="The reason why there is no statement.")
    left_out: dict[str, str] = Field(
        description="What the statement cannot express, by milestone, except for precision."
    )


class IdentifiedCycle(Cycle):
    """A release cycle with its identification in standards."""

    identifiers: list[Identifier] = Field(
        description="Identifiers of this cycle only; the product has its own."
    )
    versions: str | None = Field(
        description="Its version range (vers): vers:pypi/>=5.2|<5.3. It is recorded, or derived"
        " from the name if that consists of numbers and dots and the latest release begins with"
        " it. Pre-releases of the upper bound are in it. null if not known."
    )
    openeox: OpenEox


class CycleInFull(IdentifiedCycle):
    """A release cycle by itself."""

    latest_link: str | None = Field(description="Where the notes of its latest release are.")
    releases: str = Field(description="The address of the list of its releases.")
    state: str = Field(
        description="Its name and milestones as a digest. Send it, quoted, as If-Match to change"
        " them."
    )


class ProductName(BaseModel):
    """A product by its names."""

    name: str
    label: str = Field(description="What people call it.")
    url: str = Field(description=URL)
    page: str = Field(description=PAGE)


class Product(ProductName):
    """A product in a list."""

    category: str | None
    tags: list[str]
    aliases: list[str]
    cycles: int = Field(description="How many release cycles it has.")
    supported: int = Field(description="How many of them are supported on the day.")


class CustomField(BaseModel):
    """A column of a product's own."""

    name: str = Field(description="The key of its values in custom.")
    label: str
    description: str | None
    link: str | None


class ProductInFull(ProductName):
    """A product with its release cycles."""

    on: dt.date
    category: str | None
    tags: list[str]
    aliases: list[str]
    identifiers: list[Identifier]
    main_identifier: Identifier | None = Field(
        description="The identifier that was chosen as the main one, else the first purl."
    )
    custom_fields: list[CustomField]
    version_command: str | None = Field(description="How people find out which version they run.")
    vendor: str | None = Field(description="The name of its vendor; null if not recorded.")
    vendor_link: str | None = Field(description="A page about the vendor.")
    policy: str | None = Field(description="The makers' own words on support.")
    extended_terms: (
        Literal[ExtendedTerms.FREE, ExtendedTerms.PAID, ExtendedTerms.CONTRACT] | None
    ) = Field(
        description="The terms of its extended support: free (for everybody), paid, contract (by"
        " contract or subscription); null: not recorded. Only free extended support counts as"
        " support."
    )
    patches_only_fix: bool = Field(
        description="True if its policy says that a patch release changes nothing else."
    )
    checked_on: dt.date | None = Field(
        description="When a person, or a sync that asked the source, last checked its dates."
    )
    data_as_of: dt.date | None = Field(
        description="The day up to which its data is known: of the last check, else of its newest"
        " release; null: nothing tells."
    )
    cycles: list[IdentifiedCycle] = Field(
        description="In the product's own order, usually newest first."
    )


class Release(BaseModel):
    """A version inside a cycle."""

    version: str
    kind: ReleaseKind
    date: dt.date | None
    precision: Precision | None
    published: bool | None = Field(
        description="True if it is out on the day that was asked about; null: its date is unknown."
    )


class DatedMilestone(BaseModel):
    """A milestone with a date."""

    date: dt.date = Field(
        description="The date; where it is known less exactly, the last day of its period."
    )
    precision: Precision
    milestone: str = Field(description=f"{MILESTONE_NAMES}.")
    reached: bool = Field(description="True if it has come to pass on the day.")
    product: str
    cycle: str
    label: str = Field(description="Product and cycle, as people call them.")
    status: Status = Field(description="Where the cycle stands on the day.")
    url: str = Field(description="The cycle in this API.")
    page: str = Field(description=PAGE)


class Match(BaseModel):
    """A product that has an identifier."""

    product: ProductName
    cycle: Cycle | None = Field(description="The cycle of the version, where that is known.")


class Identified(BaseModel):
    """An identifier and whose it is. It may be that of several products, or of none."""

    type: str
    value: str
    version: str | None = Field(description="The version that was looked for.")
    matches: list[Match]


class IdentifiedList(BaseModel):
    """Identifiers in the order in which they were asked for, purl, cpe, repology."""

    on: dt.date
    items: list[Identified]


class Paged(BaseModel):
    """A part of a list."""

    on: dt.date = Field(description="The day that was asked about.")
    count: int = Field(description="How many items there are in all.")
    limit: int = Field(description="The maximum number of items in this part.")
    offset: int = Field(description="The first of them, counted from 0.")
    next: str | None = Field(description="The address of the next part.")
    previous: str | None = Field(description="The address of the part before this one.")


class ProductList(Paged):
    """Products in the order of the roadmap."""

    items: list[Product]


class CycleList(Paged):
    """Cycles product by product, in the order of the roadmap."""

    items: list[Cycle]


class ReleaseList(Paged):
    """Releases of a cycle, in the order of its product file."""

    items: list[Release]


class MilestoneList(Paged):
    """Milestones in order of date."""

    items: list[DatedMilestone]


class CycleChange(BaseModel):
    """A change of a cycle: it is new, or a milestone of it was announced, moved or withdrawn."""

    at: Moment = Field(description="When everybody could see it first.")
    cycle: str = Field(description="The name that it has now.")
    kind: ChangeKind
    milestone: str | None = Field(description=f"{MILESTONE_NAMES}; null for a new cycle.")
    old: Milestone | None = Field(description="The milestone before; null: there was none.")
    new: Milestone | None = Field(description="The milestone after; null: there is none.")


class ProductChange(BaseModel):
    """A changed product as it is now. It replaces the product of its name in a copy."""

    at: Moment = Field(description="When it changed last.")
    product: str = Field(description="Its name.")
    deleted: bool = Field(
        description="True if there is no product of this name any more: drop it, with its cycles."
    )
    deleted_cycles: list[str] = Field(
        description="Cycles that it no longer has: deleted, renamed or moved since."
    )
    changes: list[CycleChange] = Field(
        description="What happened to the dates of its cycles since, the oldest first."
    )
    value: ProductInFull | None = Field(description="The whole product; null where it is deleted.")


class ChangeList(BaseModel):
    """The products that changed, each once, in order of time."""

    on: dt.date = Field(description="The day that was asked about.")
    since: Moment | None
    until: Moment | None = Field(
        description="The time of the copy with this answer: the next since. null: there is a"
        " further part, or nothing ever changed."
    )
    more: bool = Field(description="True if there is a further part: ask for next at once.")
    next: str | None = Field(
        description="The address of the further part, or of what changes later. null: nothing ever"
        " changed."
    )
    items: list[ProductChange]


class Judged(BaseModel):
    """A version of a product, and what to do with it."""

    product: str = Field(description="The name of its product.")
    label: str = Field(description="What people call the product.")
    version: str
    cycle: str | None = Field(description="The cycle of the version; null: it is not known.")
    status: Status | None = Field(description="Where that stands on the day.")
    answer: Answer = Field(description="What to do, in a word.")
    headlines: list[str] = Field(description="What to do, in a few words.")
    reasons: list[str] = Field(description="Why, in sentences.")
    until: dt.date | None = Field(description="The last day of its support, past or to come.")
    precision: Precision | None = Field(description="How exactly that is known.")
    days_left: int | None = Field(description="null where it is over, or not known to the day.")
    latest: str | None = Field(description="The latest release of the cycle.")
    data_as_of: dt.date | None = Field(
        description="The day up to which the data of the product is known; null: nothing tells."
    )
    data_is_old: bool = Field(description="True if newer releases may be missing for its age.")
    page: str = Field(description="The whole verdict, for people.")
    plan: str | None = Field(description="The plan of its upgrade, for people.")


class Verdict(Judged):
    """Should I upgrade?"""

    on: dt.date = Field(description="The day that was asked about.")
    patch: str | None = Field(description="The release to change to within the cycle.")
    command: str | None = Field(description="What to type for that.")
    missed: list[str] = Field(description="Security releases since the version, if known.")
    should_upgrade: bool | None = Field(
        description="True if an upgrade to another cycle is due; a supported version needs none."
        " null: it is not installed software, not released or not known."
    )
    newer: str | None = Field(description="The cycle to upgrade to.")
    lts: str | None = Field(description="The cycle for the long term, if that is another.")
    meant: list[str] = Field(description="The cycles that were perhaps meant, of what is unknown.")
    badge: str = Field(description="A badge that says it.")


class Place(BaseModel):
    """A line of a file that names a component."""

    file: str | None = Field(description="The file; null: its name is not known.")
    line: int | None = Field(description="The line, from 1; null: it is not known.")
    part: str | None = Field(description="The name of the part of a stack.yaml; null: it has none.")


class StackException(BaseModel):
    """A part that may break the rules until a day."""

    product: str
    version: str | None = Field(description="null: all versions.")
    until: dt.date = Field(description="Its last day.")
    reason: str
    where: str | None = Field(
        description="The part of a stack.yaml or the files that it is for; null: all."
    )
    file: str | None
    line: int | None


class AppliedException(StackException):
    """The exception for a part of a stack."""

    ended: bool = Field(description="True if its last day is over; then the rules count again.")


class StackPart(Judged):
    """A release cycle of a product in a stack, judged by the version with the most to do."""

    versions: list[str] = Field(description="All versions of the cycle in the stack.")
    places: list[Place] = Field(description="The lines of files that name it.")
    ordinary_until: dt.date | None = Field(
        description="The last day of ordinary support, past or to come; null: it is not known."
    )
    instruction: str = Field(description="What to do, in one sentence.")
    accepted: bool = Field(
        description="True if accept_extended names its product: its extended support counts, even"
        " where it is not free."
    )
    breaks: list[str] = Field(description="The rules of fail_on that forbid it.")
    exception: AppliedException | None = Field(
        description="The exception that lets it break the rules until a day."
    )


class NamedComponent(BaseModel):
    """A component of a file that has no verdict."""

    name: str
    version: str | None
    line: int | None = Field(description="Where it stands in the file, if that tells.")
    places: list[Place] = Field(description="The lines of files that name it.")
    product: str | None = Field(description="Its product, if that is in the catalogue.")


class Unread(BaseModel):
    """A part of the file that could not be read."""

    file: str | None = Field(description="The file; null: its name is not known.")
    line: int | None
    path: str | None = Field(description="The field, in a file without lines that tell.")
    message: str


class StackCounts(BaseModel):
    """The numbers of components by their outcome."""

    judged: int = Field(description="Release cycles with a verdict.")
    not_recorded: int = Field(description="Components or versions that are not in the catalogue.")
    not_pinned: int = Field(description="Components whose version is not known.")


class StackFile(BaseModel):
    """A file of the request."""

    name: str | None
    kind: str | None


class CheckedStack(BaseModel):
    """A stack with a verdict on each part."""

    on: dt.date
    kind: str | None = Field(
        description="As what the file was read; null for parts and for several files."
    )
    files: list[StackFile] = Field(description="The files of the request.")
    summary: str = Field(description="The counts in words.")
    counts: StackCounts
    ok: bool = Field(description="True if no part breaks a rule.")
    items: list[StackPart] = Field(description="The most urgent first.")
    unversioned: list[NamedComponent] = Field(description="Nobody knows in which version.")
    unknown: list[NamedComponent] = Field(description="Not in the catalogue.")
    known: int = Field(description="How many were in the baseline, and are not in items.")
    unused_exceptions: list[StackException] = Field(description="Exceptions of no part.")
    left_out: int = Field(description="How many parts were too many.")
    problems: list[Unread] = Field(description="What could not be read.")
    permalink: str | None = Field(
        description="The page of exactly this stack; null where its address would be too long."
    )
    badge: str | None = Field(description="Its badge.")
    calendar: str | None = Field(description="Its calendar.")
    feed: str | None = Field(description="Its feed.")


class ReportedRelease(BaseModel):
    """A release that was reported, as it is recorded."""

    product: str
    cycle: str = Field(description="The cycle that its version belongs to.")
    version: str
    kind: ReleaseKind
    date: dt.date | None
    latest: bool = Field(description="True if it is the latest release of its cycle today.")
    notes: str | None = Field(description="The address of its notes; null if it is not kept.")
    page: str = Field(description=PAGE)


class WrittenCycle(BaseModel):
    """A cycle that was added or changed."""

    product: str
    name: str
    draft: bool = Field(description="True if it is not public yet.")
    milestones: Milestones
    state: str = Field(description="Its state now, for the next If-Match.")
    page: str = Field(description=PAGE)


class ImportReport(BaseModel):
    """The result of importing a product file."""

    product: str
    result: str = Field(description="created, updated or unchanged.")
    changes: list[str] = Field(description="The fields that changed.")
    kept: list[str] = Field(
        description="Fields that keep the values that were edited here, unlike the file."
    )
    warnings: list[str]


class Deleted(BaseModel):
    """A row that was deleted, by its names."""

    product: str
    cycle: str | None = None
    version: str | None = None
