"""Parameters that versions of the API share. A value that does not fit is a 400 with a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from ninja import Path
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from releases.domain import limits, names
from releases.domain.roadmap.query import EARLIEST, LATEST, MAX_VALUES
from releases.web import clock

DAY: Final = r"^(19[5-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
"""A day from EARLIEST to LATEST, as a pattern."""
NAME: Final = f"^{names.NAME.pattern.removesuffix('*')}{{0,{limits.NAME - 1}}}$"
MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))?"
)
FLAGS: Final = {"1": True, "0": False, "true": True, "false": False}


def matching(pattern: str, expected: str) -> Callable[[Any], str]:
    """Return a check that a text fits a pattern. `expected` completes “expected ...”."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"expected {expected}.")
        return value

    return check


def _flag(value: Any) -> bool:
    if value not in FLAGS:
        raise ValueError("expected 1 or 0.")
    return FLAGS[value]


def _calendar_day(value: Any) -> date:
    expected = f"a day such as 2028-01-31, from {EARLIEST.year} to {LATEST.year}"
    try:
        return date.fromisoformat(matching(DAY, expected)(value))
    except ValueError:
        raise ValueError(f"expected {expected}.") from None


def _moment(value: Any) -> datetime:
    """Return the time of a text of RFC 3339, or the beginning of a day (UTC)."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ValueError("expected a time such as 2026-11-21T12:30:00Z, or a day such as 2026-11-21.")


Day = Annotated[
    date,
    BeforeValidator(_calendar_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY}),
]
"""A day of the calendar."""

Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment with its time zone, or the beginning of a day in UTC."""

Name = Annotated[
    str,
    BeforeValidator(matching(NAME, "a name such as django")),
    WithJsonSchema({"type": "string", "pattern": NAME}),
]
"""The name of a product, category or tag."""

Names = Annotated[list[Name], Field(max_length=MAX_VALUES)]
"""Names of products; the parameter is repeated."""

Flag = Annotated[
    bool, BeforeValidator(_flag), WithJsonSchema({"type": "string", "enum": list(FLAGS)})
]
"""Yes or no."""

WHOLE: Final = BeforeValidator(matching(r"^[0-9]{1,9}$", "a whole number"))
"""Digits only, for an `Annotated[int, Field(ge=..., le=...), WHOLE]`."""

ProductName = Annotated[
    str, Path(description="The name of a product, or an alias.", example="django")
]
CycleName = Annotated[str, Path(description="The name of a release cycle.", example="5.2")]
CategoryName = Annotated[str, Path(description="The name of a category.", example="framework")]
TagName = Annotated[str, Path(description="The name of a tag.", example="python-runtime")]
IdentifierType = Annotated[
    str, Path(description="A type of identifiers: purl, cpe, repology, ...", example="purl")
]


class AsOf(BaseModel):
    """The date of a request: `query: Query[AsOf]`, then `query.on`."""

    on: Day = Field(
        default_factory=lambda: clock.today(),  # noqa: PLW0108 - looked up when it is called
        description="The day that the answer is about. Default: today, in UTC.",
        json_schema_extra={"example": "2026-11-21"},
    )


def example(query: str) -> dict[str, str]:
    """Return the `openapi_extra` of an operation with the query (`?...`) of its example.

    Parameters in its path have examples of their own.
    """
    return {"x-example": query}
