"""What the answers of API v1 hold, as its document tells it. Source: v1 of endoflife.date's API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Uri(Schema):
    """Something that can be asked for."""

    name: str
    uri: str


class Identifier(Schema):
    """What another system calls a product."""

    type: str = Field(description="purl, cpe, repology, ...")
    id: str


class ProductLink(Schema):
    """A product by its name."""

    name: str
    uri: str


class IdentifiedProduct(Schema):
    """An identifier, and the product that has it. More than one product may."""

    identifier: str
    product: ProductLink


class ProductBase(Schema):
    """What a product is."""

    name: str
    aliases: list[str]
    label: str
    category: str | None
    tags: list[str] = Field(description="From A to Z, with the category among them.")


class ProductSummary(ProductBase):
    """A product in a list."""

    uri: str


class Labels(Schema):
    """What the product calls the ends of its phases; null: it does not show them."""

    eoas: str | None
    discontinued: str | None
    eol: str | None
    eoes: str | None


class Links(Schema):
    """Addresses of a product."""

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
    """A release cycle. An end is reached on the day after it; what ends without a known date has
    no date. Where a product does not show a milestone, its two keys are missing."""

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
    """What all answers have."""

    schema_version: str = Field(description="The version of endoflife.date's API that this is.")
    generated_at: datetime = Field(
        description="The first moment of the day on which it was made: an answer stays the same"
        " for the day, unless the catalogue changes."
    )


class ListAnswer(Answer, Generic[T]):
    total: int
    result: list[T]


class ProductAnswer(Answer):
    last_modified: datetime = Field(description="When the product or one of its cycles changed.")
    result: ProductDetails


class CycleAnswer(Answer):
    result: Cycle
