"""Query parameters of API v2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from releases.api.parameters import WHOLE, AsOf, Day, Flag, Moment, Name, Names
from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.lifecycle.status import Status
from releases.domain.roadmap.query import MAX_TEXT, MAX_VALUES
from releases.domain.stack import RULE, Rule, read_accepted, read_rule
from releases.presentation.stack.formats import FORMATS
from releases.selectors.api.v2 import CycleFilter, Part, ProductFilter

MAX_ITEMS = 500
MAX_OFFSET = 100_000
MAX_CHANGED_PRODUCTS = 50

if TYPE_CHECKING:
    MilestoneName = str
    CycleSort = str
    ReportFormat = str
else:
    ReportFormat = Literal[tuple(FORMATS)]
    MilestoneName = Literal[tuple(MILESTONES)]
    CycleSort = Literal[
        tuple(sign + name for name in (*MILESTONES, "next_end") for sign in ("", "-"))
    ]
Limit = Annotated[int, Field(ge=1, le=MAX_ITEMS), WHOLE]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET), WHOLE]
Statuses = Annotated[list[Status], Field(max_length=MAX_VALUES)]
MilestoneNames = Annotated[list[MilestoneName], Field(max_length=MAX_VALUES)]
Identifiers = Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=MAX_VALUES)]


def _sort(example: str, usual: str) -> Any:
    """Return the parameter for the order of a list; `usual` is the order without it, in words."""
    return Field(
        None,
        description="The order of the items; a - in front reverses it. Items without a date come"
        f" last. Default: {usual}.",
        json_schema_extra={"example": example},
    )


def _rule(value: Any) -> Rule:
    return read_rule(value)


FailOn = Annotated[
    Rule, BeforeValidator(_rule), WithJsonSchema({"type": "string", "pattern": f"^({RULE})$"})
]


class CheckQuery(AsOf):
    """Parameters of the stack check."""

    fail_on: list[FailOn] = Field(
        [],
        max_length=MAX_VALUES,
        description="The rules that the stack must pass: eol forbids parts without ordinary or free"
        " extended support; ends-within=90d also forbids parts whose support ends within that many"
        " days. Repeat it.",
        json_schema_extra={"example": ["eol"]},
    )
    accept_extended: Names = Field(
        [],
        description="The products, by name or alias, whose extended support you have. It counts as"
        " support then. all means all products. Repeat it.",
        json_schema_extra={"example": ["nodejs"]},
    )

    strict: Flag = Field(
        False,
        description="1: ok is also false for components that are not recorded, or whose version is"
        " not known.",
    )
    name: Annotated[str, Field(max_length=500)] = Field(
        "",
        description="The name or path of the file in the body, which tells its kind. Without it the"
        " content decides.",
        json_schema_extra={"example": "requirements.txt"},
    )
    format: ReportFormat | None = Field(
        None,
        description="The format of the answer. Default: that of the header Accept, or json."
        " cyclonedx returns the only file, which is CycloneDX, with the dates of the release cycles"
        " of its components as properties `cdx:lifecycle:milestone:*`.",
        json_schema_extra={"example": "json"},
    )

    @property
    def accepted(self) -> list[str]:
        """The names of `accept_extended`, without duplicates, in a canonical order."""
        return read_accepted(self.accept_extended)[0]


class VerdictQuery(AsOf):
    """The version to give a verdict on."""

    version: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] = Field(
        ...,
        description="The version in use, in any form: 5.2.1, v5.2, Django==5.2.1.",
        json_schema_extra={"example": "5.2.1"},
    )


class Paged(AsOf):
    """The part of a list."""

    limit: Limit = Field(100, description="The maximum number of items.")
    offset: Offset = Field(0, description="The first item, counted from 0.")

    @property
    def part(self) -> Part:
        return Part(limit=self.limit, offset=self.offset)


class ReleaseQuery(Paged):
    """The part and order of the releases of a cycle."""

    sort: Literal["date", "-date"] | None = _sort("date", "the order of its product file")


class CatalogueQuery(Paged):
    """Filters for products."""

    product: Names = Field(
        [],
        description="Only these products, by name or alias. Repeat it for more than one.",
        json_schema_extra={"example": ["django", "python"]},
    )
    category: Name | None = Field(
        None,
        description="Only products of this category.",
        json_schema_extra={"example": "framework"},
    )
    tag: Name | None = Field(
        None,
        description="Only products with this tag.",
        json_schema_extra={"example": "python-runtime"},
    )

    @property
    def products(self) -> ProductFilter:
        return ProductFilter(names=self.product, category=self.category or "", tag=self.tag or "")


class ProductQuery(CatalogueQuery):
    """Filters and order of products."""

    sort: Literal["name", "-name", "label", "-label"] | None = _sort("name", "the roadmap's order")


class CycleQuery(CatalogueQuery):
    """Filters and order of release cycles."""

    sort: CycleSort | None = _sort("-release", "product by product as on the roadmap")
    status: Statuses = Field(
        [],
        description="Only cycles with one of these statuses on the day. Repeat it.",
        json_schema_extra={"example": ["active"]},
    )
    lts: Flag | None = Field(
        None, description="Only cycles with (1) or without (0) long-term support on the day."
    )
    maintained: Flag | None = Field(
        None,
        description="Only cycles that are (1) or are not (0) maintained, as isMaintained of v1: an"
        " end is recorded that has not passed.",
    )
    ends: Literal["soon"] | None = Field(
        None, description="Only cycles whose present phase ends soon: ends_soon is true."
    )
    ends_before: Day | None = Field(
        None,
        description="Only cycles whose present phase ends before this day.",
        json_schema_extra={"example": "2027-07-01"},
    )

    @property
    def cycles(self) -> CycleFilter:
        return CycleFilter(
            on=self.on,
            statuses=self.status,
            lts=self.lts,
            maintained=self.maintained,
            ends_soon=self.ends == "soon",
            ends_before=self.ends_before,
        )


class MilestoneQuery(CatalogueQuery):
    """Filters and order of milestones."""

    sort: Literal["date", "-date"] | None = _sort("-date", "date")
    milestone: MilestoneNames = Field(
        [],
        description="Only milestones of these kinds. Repeat it.",
        json_schema_extra={"example": ["eol"]},
    )
    first: Day | None = Field(
        None,
        alias="from",
        description="Only milestones on or after this day.",
        json_schema_extra={"example": "2026-11-21"},
    )
    last: Day | None = Field(
        None,
        alias="to",
        description="Only milestones on or before this day.",
        json_schema_extra={"example": "2027-06-30"},
    )


class ChangesQuery(AsOf):
    """The part of the changes."""

    since: Moment | None = Field(
        None,
        description="Only what changed after this time, that of the copy. Leave it out to begin a"
        " copy.",
        json_schema_extra={"example": "2026-11-21T12:30:00Z"},
    )
    after: Moment | None = Field(
        None, description="The start of a further part. Take it from next."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_CHANGED_PRODUCTS), WHOLE] = Field(
        25, description="The approximate number of products. Those of one moment are never divided."
    )


class IdentifierQuery(AsOf):
    """Identifiers to look up."""

    purl: Identifiers = Field(
        [],
        description="A package URL, with or without a version. Repeat it for more than one.",
        json_schema_extra={"example": ["pkg:pypi/django@5.2.1"]},
    )
    cpe: Identifiers = Field(
        [],
        description="A CPE name in either form, with or without a version. Repeat it.",
        json_schema_extra={"example": ["cpe:2.3:a:python:python:3.13.1"]},
    )
    repology: Identifiers = Field(
        [],
        description="The name of a project in Repology. Repeat it.",
        json_schema_extra={"example": ["postgresql"]},
    )
    version: Annotated[str, Field(max_length=100)] = Field(
        "",
        description="The version for identifiers without one.",
        json_schema_extra={"example": "17.2"},
    )

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The type and value of each identifier, without duplicates."""
        given = {"purl": self.purl, "cpe": self.cpe, "repology": self.repology}
        every = [(type_, value) for type_, values in given.items() for value in values]
        return list(dict.fromkeys(every))
