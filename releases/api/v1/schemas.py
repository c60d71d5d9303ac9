"""Schemas of the responses of API v1. Source: the OpenAPI document of endoflife.date's API v1."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Uri(Schema):
    """An object with its URI."""

    name: str
    uri: str


class Identifier(Schema):
    """The name of a product in another system."""

    type: str = Field(description="purl, cpe, repology, ...")
    id: str


class ProductLink(Schema):
    """The name and URI of a product."""

    name: str
    uri: str


class IdentifiedProduct(Schema):
    """An identifier with a product that has it. Several products may share an identifier."""

    identifier: str
    product: ProductLink


class ProductBase(Schema):
    """Common fields of products."""

    name: str
    aliases: list[str]
    label: str
    category: str | None
    tags: list[str] = Field(description="From A to Z, with the category among them.")


class ProductSummary(ProductBase):
    """A product in a list."""

    uri: str


class Labels(Schema):
    """The product's labels of its milestones; null: it does not show the milestone."""

    eoas: str | None
    discontinued: str | None
    eol: str | None
    eoes: str | None


class Links(Schema):
    """URLs of a product."""

    model_config = ConfigDict(alias_generator=to_camel)

    icon: str | None
    html: str = Field(description="Its page here.")
    release_policy: str | None


class Latest(Schema):
    """The latest release of a cycle."""

    name: str
    date: date | None
    link: str | None = Field(description="Its notes.")


class Cycle(Schema):
    """A release cycle.

    An end is reached on the day after it; an end without a known date has no date. The two keys of
    a milestone that the product does not show are missing.
    """

    model_config = ConfigDict(alias_generator=to_camel)

    name: str
    codename: str | None
    label: str
    release_date: date | None
    is_lts: bool
    lts_from: date | None
    is_eoas: bool | None = Field(None, description="Active support is over.")
    eoas_from: date | None = None
    is_eol: bool | None = Field(description="Support is over; null: that does not apply.")
    eol_from: date | None
    is_discontinued: bool | None = None
    discontinued_from: date | None = None
    is_eoes: bool | None = Field(
        None, description="Extended support is over; null: there is none for this cycle."
    )
    eoes_from: date | None = None
    is_maintained: bool = Field(description="Some end is known that is not reached.")
    latest: Latest | None = Field(description="null: not known, or not shown.")
    custom: dict[str, str | None] | None = Field(
        description="The product's own columns; null: it has none."
    )


class ProductDetails(ProductBase):
    """A product with its release cycles, in its own order."""

    model_config = ConfigDict(alias_generator=to_camel)

    version_command: str | None = Field(description="Tells which version one has.")
    identifiers: list[Identifier]
    labels: Labels
    links: Links
    releases: list[Cycle]


class Answer(Schema):
    """Common fields of responses."""

    schema_version: str = Field(description="The version of endoflife.date's API that this is.")
    generated_at: datetime = Field(
        description="The first moment of the day on which it was made: an answer stays the same"
        " for the day, unless the catalogue changes."
    )


class ListAnswer(Answer, Generic[T]):
    """A list."""

    total: int
    result: list[T]


class ProductAnswer(Answer):
    """A product with its release cycles."""

    last_modified: datetime = Field(description="When the product or one of its cycles changed.")
    result: ProductDetails


class CycleAnswer(Answer):
    """A release cycle."""

    result: Cycle
