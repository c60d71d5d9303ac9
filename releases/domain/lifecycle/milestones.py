"""Milestone values: when something in the life of a cycle happens, and with which precision.

A value is a `PartialDate`, `True` or `False` when only the fact is known, or `None` when the
milestone does not apply. One text form (`parse_milestone`, `format_milestone`) serves the admin's
form field, the merge base of the importer and every message.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Final


class Precision(StrEnum):
    """The precision with which a date is known."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the day, month, quarter or year.

    `date` is always the last day of the period. An end includes the whole period, and a start
    counts as reached only when it certainly is.
    """

    date: dt.date
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        object.__setattr__(self, "date", last_day(self.date, self.precision))

    @property
    def first_day(self) -> dt.date:
        """The first day of the period; the date itself if it is known to the day."""
        return first_day(self.date, self.precision)

    @property
    def imprecise(self) -> bool:
        """True if the date is not known to the day."""
        return self.precision is not Precision.DAY

    def __str__(self) -> str:
        """Return the date for display: `30 Apr 2028`, `Apr 2028`, `Q2 2028` or `2028`."""
        day = self.date
        match self.precision:
            case Precision.DAY:
                return f"{day.day} {month_name(day)} {day.year}"
            case Precision.MONTH:
                return f"{month_name(day)} {day.year}"
            case Precision.QUARTER:
                return f"Q{(day.month + 2) // 3} {day.year}"
            case Precision.YEAR:
                return str(day.year)


MilestoneValue = PartialDate | bool | None


class MilestoneKind(Enum):
    """The effect of a milestone on a cycle."""

    START = "start"
    SUPPORT_END = "end of support"
    """It ends a phase of support; the status of a cycle follows from these."""
    OTHER_END = "other end"
    """It ends something else; the status does not depend on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportColumn:
    """The column of a milestone in the support tables of products.

    Attributes:
        label: Its usual label. Source: v1 of the API of endoflife.date.
        heading: The same beside the bars of a product's page; `label` if empty.
        ended_heading: The same in the table of ended cycles there; `label` if empty.
        help_text: Its help text in the form of a product.
        shown: True if products show it by default.
        older_key: The older name of its key in product files; empty if it has none.
    """

    label: str
    heading: str = ""
    ended_heading: str = ""
    help_text: str = ""
    shown: bool = False
    older_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneSpec:
    """A kind of milestone: its names, labels and keys everywhere.

    Attributes:
        name: The name of the attribute of cycles, of columns, and in API v2.
        kind: Its effect.
        noun: Its name in a sentence.
        label: Its label before a date.
        form_label: Its label in forms; `label` if empty.
        help_text: Its help text in forms.
        description: Its description in API v2.
        column: Its column in support tables; None if it has none.
        not_before: The milestones that may not be later. A cycle of which they are is refused.
        file_key: Its key in product files; `name` if empty.
        older_file_key: Its older key there, of which the booleans mean "still supported".
        api_v1_flag: Its key in API v1 that tells if it is reached; empty if there is none.
        api_v1_date: Its key there that has its date; empty if there is none.
        public: True if the calendars of products have it. Source: those of endoflife.date.
        feed_title: Its words in the titles of the feeds of products; empty if they leave it out.
            Source: those of endoflife.date.
        flag_words: The texts of a cell where the end has no date: reached, and not reached.
    """

    name: str
    kind: MilestoneKind
    noun: str
    label: str
    form_label: str = ""
    help_text: str
    description: str
    column: SupportColumn | None = None
    not_before: tuple[str, ...] = ()
    file_key: str = ""
    older_file_key: str = ""
    api_v1_flag: str = ""
    api_v1_date: str = ""
    public: bool = True
    feed_title: str = ""
    flag_words: tuple[str, str] = ("ended, date not known", "no end announced")

    def __post_init__(self) -> None:
        object.__setattr__(self, "form_label", self.form_label or self.label)
        object.__setattr__(self, "file_key", self.file_key or self.name)

    @property
    def is_start(self) -> bool:
        return self.kind is MilestoneKind.START


_SPECS: Final = (
    MilestoneSpec(
        name="release",
        kind=MilestoneKind.START,
        noun="release",
        label="Released",
        help_text="The first release for everybody. A day to come makes the cycle planned.",
        description="Its first release.",
        column=SupportColumn(label="Released", shown=True),
        file_key="releaseDate",
        api_v1_date="releaseDate",
        feed_title="released",
    ),
    MilestoneSpec(
        name="lts",
        kind=MilestoneKind.START,
        noun="start of long-term support",
        label="Long-term support from",
        form_label="LTS",
        help_text="Yes, no, or the day from which it is one.",
        description="The start of its long-term support.",
        api_v1_flag="isLts",
        api_v1_date="ltsFrom",
        public=False,
    ),
    MilestoneSpec(
        name="eoas",
        kind=MilestoneKind.SUPPORT_END,
        noun="end of active support",
        label="Active support until",
        help_text="The last day with bug fixes; after it there are security fixes only.",
        description="The end of active support.",
        column=SupportColumn(
            label="Active Support",
            heading="Bug fixes until",
            ended_heading="Bug fixes ended",
            help_text="The end of active support: from then on there are security fixes only.",
            older_key="activeSupportColumn",
        ),
        not_before=("release",),
        older_file_key="support",
        api_v1_flag="isEoas",
        api_v1_date="eoasFrom",
        feed_title="end of active support",
    ),
    MilestoneSpec(
        name="eol",
        kind=MilestoneKind.SUPPORT_END,
        noun="end of security support",
        label="Security support until",
        help_text="The last day of ordinary support. No: it is supported, and no end is announced.",
        description="The end of security support.",
        column=SupportColumn(
            label="Security Support",
            heading="Security fixes until",
            ended_heading="Support ended",
            help_text="The end of ordinary support.",
            shown=True,
        ),
        not_before=("release", "eoas"),
        api_v1_flag="isEol",
        api_v1_date="eolFrom",
        feed_title="end of life",
    ),
    MilestoneSpec(
        name="eoes",
        kind=MilestoneKind.SUPPORT_END,
        noun="end of extended support",
        label="Extended support until",
        help_text="The last day of extended support. The product says on which terms people get"
        " it.",
        description="The end of extended support; extended_terms of the product has its terms.",
        column=SupportColumn(
            label="Extended Support",
            heading="Extended support until",
            ended_heading="Extended support ended",
            help_text="The end of the support that continues after “Security Support”.",
            older_key="extendedSupportColumn",
        ),
        not_before=("eol", "eoas"),
        older_file_key="extendedSupport",
        api_v1_flag="isEoes",
        api_v1_date="eoesFrom",
        feed_title="end of extended support",
    ),
    MilestoneSpec(
        name="discontinued",
        kind=MilestoneKind.OTHER_END,
        noun="discontinuation",
        label="Discontinued",
        help_text="For devices: when it was sold no longer.",
        description="The end of its sale, for devices.",
        column=SupportColumn(label="Discontinued", help_text="For devices: the end of sale."),
        api_v1_flag="isDiscontinued",
        api_v1_date="discontinuedFrom",
        flag_words=("yes, date not known", "no"),
    ),
)

MILESTONES: Final[Mapping[str, MilestoneSpec]] = {spec.name: spec for spec in _SPECS}
"""The kinds of milestones by name, in the order in which pages and forms show them.

Everything that lists milestones loops over it. A new kind is added at the end.
"""

ENDS: Final = tuple(spec.name for spec in _SPECS if not spec.is_start)
"""The milestones that are ends."""

SUPPORT_ENDS: Final = tuple(spec.name for spec in _SPECS if spec.kind is MilestoneKind.SUPPORT_END)
"""The milestones that end a phase of support, in the order of the phases."""

ORDERED_PAIRS: Final = tuple((earlier, spec.name) for spec in _SPECS for earlier in spec.not_before)
"""Pairs of milestones: the first may not be later than the second."""

EXPECTED = "a date such as 2028-04-30, 2028-04, 2028-Q2 or 2028, yes, no, or nothing"
YES = frozenset({"yes", "true", "y"})
NO = frozenset({"no", "false", "n"})

_TEXT = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?|[qQ](?P<quarter>[1-4])))?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month_name(day: date) -> str:
    """Return the English abbreviation of the month, whatever the locale is."""
    return _MONTHS[day.month - 1]


def first_day(day: date, precision: Precision) -> date:
    """Return the first day of the month, quarter or year that contains `day`, or `day` itself."""
    match precision:
        case Precision.DAY:
            return day
        case Precision.MONTH:
            return day.replace(day=1)
        case Precision.QUARTER:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case Precision.YEAR:
            return date(day.year, 1, 1)


def last_day(day: date, precision: Precision) -> date:
    """Return the last day of the month, quarter or year that contains `day`, or `day` itself."""
    match precision:
        case Precision.DAY:
            return day
        case Precision.MONTH:
            month = day.month
        case Precision.QUARTER:
            month = (day.month - 1) // 3 * 3 + 3
        case Precision.YEAR:
            month = 12
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def parse_milestone(text: str, expected: str = EXPECTED) -> MilestoneValue:
    """Parse the text of a milestone.

    Accepts the forms that `EXPECTED` lists; case and surrounding space do not matter.

    Args:
        text: The text.
        expected: The words of the message for what was expected.

    Raises:
        ValueError: The text has another form or names a day that does not exist. The message is a
            sentence.
    """
    word = text.strip().lower()
    if not word:
        return None
    if word in YES:
        return True
    if word in NO:
        return False
    found = _TEXT.fullmatch(word)
    if found is None:
        raise ValueError(f"“{text.strip()[:40]}” is not {expected}.")
    year, quarter, month, day = (
        int(found[name]) if found[name] else None for name in ("year", "quarter", "month", "day")
    )
    try:
        if day is not None:
            return PartialDate(date(year or 0, month or 0, day))
        if month is not None:
            return PartialDate(date(year or 0, month, 1), Precision.MONTH)
        if quarter is not None:
            return PartialDate(date(year or 0, quarter * 3, 1), Precision.QUARTER)
        return PartialDate(date(year or 0, 1, 1), Precision.YEAR)
    except ValueError:
        raise ValueError(f"“{text.strip()}” is not a day of the calendar.") from None


def format_milestone(value: MilestoneValue) -> str:
    """Return the text that `parse_milestone` parses to the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    day = value.date
    match value.precision:
        case Precision.DAY:
            return day.isoformat()
        case Precision.MONTH:
            return f"{day.year:04}-{day.month:02}"
        case Precision.QUARTER:
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
        case Precision.YEAR:
            return f"{day.year:04}"
