"""The bodies of writes to API v2. Unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic import create_model as make_model

from releases.api.parameters import Day, matching
from releases.domain import limits, names
from releases.domain.lifecycle.milestones import (
    EXPECTED,
    MILESTONES,
    MilestoneValue,
    parse_milestone,
)
from releases.domain.lifecycle.versions import ReleaseKind

_YEAR: Final = "(19[5-9][0-9]|2[01][0-9]{2})"
_MONTH: Final = "(0[1-9]|1[0-2])"
LINE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""The pattern of a text on one line."""
MILESTONE: Final = f"^({_YEAR}(-({_MONTH}(-(0[1-9]|[12][0-9]|3[01]))?|Q[1-4]))?|yes|no)$"
"""The pattern of a milestone: a day, a month, a quarter, a year, `yes` or `no`."""


def _milestone(value: Any) -> MilestoneValue:
    if not isinstance(value, str) or not value.strip():
        if value is None:
            return None
        raise ValueError(f"expected {EXPECTED.replace('or nothing', 'or null')}.")
    return parse_milestone(value)


Line = Annotated[
    str,
    BeforeValidator(matching(LINE, "a text on one line, without control characters")),
    WithJsonSchema({"type": "string", "pattern": LINE}),
]
"""A text on one line."""


def _cycle_name(text: str) -> str:
    if problem := names.bad_cycle_name(text):
        raise ValueError(problem)
    return text


Reason = Annotated[
    Line,
    Field(max_length=limits.REASON, description="Why; kept in the history."),
]
Milestone = Annotated[
    Any,
    BeforeValidator(_milestone),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": MILESTONE}, {"type": "null"}]}),
]
"""A milestone as text: `2028-04-30`, `2028-04`, `2028-Q2`, `2028`, `yes`, `no`, or null."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


_fields: Any = {
    name: (Milestone, Field(None, description=spec.description))
    for name, spec in MILESTONES.items()
}


class MilestoneValues(make_model("_MilestoneValues", __base__=_Body, **_fields)):  # type: ignore[misc]
    """Milestones to set. Those that are left out stay as they are; null removes one."""

    @property
    def given(self) -> dict[str, MilestoneValue]:
        """The milestones that the body has, by name."""
        return {name: getattr(self, name) for name in MILESTONES if name in self.model_fields_set}


class NewRelease(_Body):
    """A release that is out, or announced for a day."""

    version: str = Field(max_length=limits.NAME, description="Its version.", examples=["5.2.20"])
    date: Day | None = Field(None, description="The day of the release. Default: today, in UTC.")
    kind: ReleaseKind | None = Field(
        None,
        description="Its kind. It follows from the version, but a patch may be called a security"
        " release.",
    )
    notes: Line | None = Field(
        None,
        max_length=limits.URL,
        description="The address of its notes. It is kept if this is the latest release of its"
        " cycle.",
    )
    cycle: str | None = Field(
        None,
        max_length=limits.NAME,
        description="Its cycle. It follows from the version, unless several cycles fit.",
    )
    starts_cycle: bool = Field(
        False, description="Release the cycle on the same day if it is still planned."
    )


class NewCycle(_Body):
    """A release cycle."""

    name: Annotated[str, AfterValidator(_cycle_name)] = Field(
        max_length=limits.NAME, description="Its name.", examples=["6.2"]
    )
    codename: Line = Field("", max_length=limits.LABEL, description="Its codename.")
    milestones: MilestoneValues = Field(
        default_factory=MilestoneValues, description="Its milestones."
    )
    reason: Reason = ""


class MilestoneChange(_Body):
    """A change of the milestones of a cycle."""

    milestones: MilestoneValues
    reason: Reason = Field(min_length=1)
