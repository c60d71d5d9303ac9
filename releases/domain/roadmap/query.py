"""Parser and writer for the query parameters of the roadmap.

The page, its image, feeds, calendars and exports share them. Parameters with their default value
are left out of a URL. A page ignores bad values and lists them; files and data reject them
(`releases.web.parameters`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from typing import Self, TypeVar
from urllib.parse import urlencode

from releases.domain.history.changes import ChangeKind
from releases.domain.lifecycle.milestones import ENDS, PartialDate, Precision, parse_milestone
from releases.domain.lifecycle.status import Lifecycle, Status, ends_soon, is_lts, status_on
from releases.domain.names import NAME
from releases.domain.roadmap.events import EventKind
from releases.domain.roadmap.timeline import Window, default_window

EARLIEST, LATEST = date(1950, 1, 1), date(2199, 12, 31)
MAX_WINDOW_YEARS = 100
MAX_TEXT = 100
MAX_VALUES = 50

SOON = "soon"
MAX_PAGE = 100_000
_PAGE = re.compile("[0-9]{1,9}")  # bounded: Python refuses to convert very long numbers

ENDED_CYCLE_DAYS = 365
"""Days for which an ended cycle stays in a view, so that an end does not vanish when it comes."""

DEFAULT_YEARS = 7
"""The length of `default_window` in years."""

NAMES = (
    *("product", "pin", "status", "lts", "category", "tag", "q", "group", "sort"),
    *("from", "to", "on", "known_on", "ends", "all", "page", "view"),
)
"""The parameters of the roadmap; all others are ignored."""

EVENT_NAMES = (*NAMES, "kind")
"""The parameters of the calendar and the feeds of the roadmap."""

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class QueryProblem:
    """An ignored value: the name of its parameter, and a sentence for the user."""

    name: str
    message: str

    @property
    def refusal(self) -> str:
        """The message for a request that is rejected because of the value."""
        return self.message.replace("” is ignored: ", "” cannot be read: ", 1)


class Group(StrEnum):
    """The grouping of the rows of the roadmap."""

    PRODUCT = "product"
    STATUS = "status"
    NONE = "none"


class Sort(StrEnum):
    """The order of the rows; a minus reverses it. The default is the order of the product."""

    DEFAULT = ""
    EOL = "eol"
    EOL_DOWN = "-eol"
    RELEASE = "release"
    RELEASE_DOWN = "-release"


class View(StrEnum):
    """The form of the page; feeds, data and images have none."""

    PAGE = ""
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Pin:
    """A cycle that is always at the top of the roadmap, whatever the filters: `django:5.2`."""

    product: str
    cycle: str

    def __str__(self) -> str:
        return f"{self.product}:{self.cycle}"


@dataclass(frozen=True, slots=True)
class RoadmapQuery:
    """A view of the roadmap.

    Attributes:
        today: The real date in UTC.
        on: The date of the view in UTC.
        kinds: The kinds of changes that `/changes/` and its feeds show; unused by the roadmap.
        event_kinds: The kinds of events that an agenda, its calendar and its feeds have.
        start: The first day of the window, the first of a month; None for the default window.
        last: The last day of the window, the last of a month; None for the default window.
        known_on: A day up to today; the catalogue is shown as it was at the end of that day. None:
            as it is now.
        problems: The values that were ignored.
    """

    today: date
    on: date
    q: str = ""
    products: tuple[str, ...] = ()
    kinds: tuple[ChangeKind, ...] = ()
    event_kinds: tuple[EventKind, ...] = ()
    pins: tuple[Pin, ...] = ()
    category: str = ""
    tag: str = ""
    statuses: tuple[Status, ...] = ()
    lts: bool = False
    ends_soon: bool = False
    group: Group = Group.PRODUCT
    sort: Sort = Sort.DEFAULT
    start: date | None = None
    last: date | None = None
    known_on: date | None = None
    expanded: tuple[str, ...] = ()
    page: int = 1
    view: View = View.PAGE
    problems: tuple[QueryProblem, ...] = field(default=(), compare=False)

    @classmethod
    def parse(
        cls, params: Mapping[str, Sequence[str]], today: date, *, events: bool = False
    ) -> Self:
        """Parse the parameters of a URL, given as each name with all its values.

        Never raises: a bad value is ignored and listed in `problems`; unknown names are ignored.

        Args:
            params: The values by name.
            today: The real date in UTC.
            events: `kind` has kinds of events, not of changes.
        """
        problems: list[QueryProblem] = []
        values = _Reader(params, problems)
        query = cls(
            today=today,
            on=values.one("on", _day, today),
            q=values.one("q", _text, ""),
            products=values.many("product", _name),
            kinds=() if events else values.many("kind", _kind),
            event_kinds=values.many("kind", _event_kind) if events else (),
            pins=values.many("pin", _pin),
            category=values.one("category", _name, ""),
            tag=values.one("tag", _name, ""),
            statuses=values.many("status", _status),
            lts=values.one("lts", _one, False),
            ends_soon=values.one("ends", _soon, False),
            group=values.one("group", _group, Group.PRODUCT),
            sort=values.one("sort", _sort, Sort.DEFAULT),
            start=values.one("from", _month_start, None),
            last=values.one("to", _month_end, None),
            known_on=values.one("known_on", partial(_past_day, today), None),
            expanded=values.many("all", _name),
            page=values.one("page", _page, 1),
            view=values.one("view", _view, View.PAGE),
        )
        message = query._window_problem()
        if message:
            problems.append(QueryProblem("from", message))
            query = replace(query, start=None, last=None)
        return replace(query, problems=tuple(problems))

    @property
    def window(self) -> Window:
        """The window to draw; an end that is not requested comes from the default window."""
        default = default_window(self.on)
        start = self.start or default.start
        end = self.last + timedelta(days=1) if self.last else default.end
        if start >= end:  # one end was given and lies beyond the other's default
            span = timedelta(days=default.days)
            return Window(start, start + span) if self.start else Window(end - span, end)
        return Window(start, end)

    def shifted(self, *, later: bool) -> tuple[date | None, date | None]:
        """Return `start` and `last` of the window shifted by half of its length.

        They stay as they are if the result would be outside `EARLIEST` to `LATEST`.
        """
        window = self.window
        months = max(1, window.months // 2) * (1 if later else -1)
        start, last = _add_months(window.start, months), _add_months(window.end, months)
        if start < EARLIEST or last > LATEST:
            return self.start, self.last
        return start, last - timedelta(days=1)

    def preset(self, years: int) -> tuple[date | None, date | None]:
        """Return `start` and `last` of a window of `years` around `on`; None for the default."""
        if years == DEFAULT_YEARS:
            return None, None
        back = 12 * years // 3
        start = _add_months(self.on.replace(day=1), -back)
        return start, _add_months(start, 12 * years) - timedelta(days=1)

    def months_of(self, first: date, last: date) -> tuple[date, date]:
        """Return `start` and `last` of the whole months that contain two days.

        The result is limited to the dates and the length that a query accepts.
        """
        last = min(max(last, EARLIEST), date(LATEST.year, 11, 1))
        start = max(min(first, last), EARLIEST, date(last.year - MAX_WINDOW_YEARS + 1, 1, 1))
        return start.replace(day=1), _add_months(last.replace(day=1), 1) - timedelta(days=1)

    def months_later(self, months: int) -> date:
        """Return the same day of a later month, or the last one if the month is shorter."""
        first = _add_months(self.today.replace(day=1), months)
        return first.replace(day=min(self.today.day, monthrange(first.year, first.month)[1]))

    @property
    def what_if(self) -> bool:
        """True if the view is as of another day than today."""
        return self.on != self.today

    @property
    def narrowed(self) -> bool:
        """True if a filter is set; window, date, page and expansion are no filters."""
        names = ("q", "products", "category", "tag", "statuses", "lts", "ends_soon")
        return any(getattr(self, name) for name in names)

    @property
    def filters_cycles(self) -> bool:
        """True if the filter selects single cycles, so that none of them may be collapsed."""
        return bool(self.statuses or self.lts or self.ends_soon)

    def matches(self, life: Lifecycle) -> bool:
        """Return True if the view includes a cycle with these dates.

        `selectors.roadmap.events.cycles_in_view` is the same rule in SQL.
        """
        status = status_on(life, self.on)
        if not self.filters_cycles:
            since = self.on - timedelta(days=ENDED_CYCLE_DAYS)
            ends = (getattr(life, name) for name in ENDS)
            return status is not Status.END_OF_LIFE or any(
                isinstance(end, PartialDate) and end.date >= since for end in ends
            )
        return (
            (not self.statuses or status in self.statuses)
            and (not self.lts or is_lts(life, date.max))
            and (not self.ends_soon or ends_soon(life, self.on))
        )

    def params(self, **changes: object) -> list[tuple[str, str]]:
        """Return the parameters of this view in fixed order, without defaults.

        `changes` are fields to replace first; unless they include `page`, they lead to page 1.
        """
        query = replace(self, **({"page": 1} | changes)) if changes else self  # type: ignore[arg-type]
        return list(query._pairs())

    def url(self, **changes: object) -> str:
        """Return `params` as a query string with the `?`; only `?` if all values are defaults."""
        return "?" + urlencode(self.params(**changes))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        texts: dict[str, Iterable[str]] = {
            "product": self.products,
            "kind": [kind.value for kind in (*self.kinds, *self.event_kinds)],
            "pin": map(str, self.pins),
            "status": [status.value for status in self.statuses],
            "lts": ["1"] if self.lts else [],
            "category": [self.category],
            "tag": [self.tag],
            "q": [self.q],
            "group": [] if self.group is Group.PRODUCT else [self.group.value],
            "sort": [self.sort.value],
            "from": [f"{self.start:%Y-%m}"] if self.start else [],
            "to": [f"{self.last:%Y-%m}"] if self.last else [],
            "on": [self.on.isoformat()] if self.what_if else [],
            "known_on": [self.known_on.isoformat()] if self.known_on else [],
            "ends": [SOON] if self.ends_soon else [],
            "all": self.expanded,
            "page": [str(self.page)] if self.page > 1 else [],
            "view": [self.view.value],
        }
        for name, values in texts.items():
            yield from ((name, text) for text in values if text)

    def _window_problem(self) -> str:
        if self.start and self.last and self.start > self.last:
            return "The window must end after it starts."
        if self.window.months > MAX_WINDOW_YEARS * 12:
            return f"A window holds at most {MAX_WINDOW_YEARS} years."
        return ""


class _Reader:
    """A reader of values by name that records problems."""

    def __init__(self, params: Mapping[str, Sequence[str]], problems: list[QueryProblem]) -> None:
        self.params = params
        self.problems = problems

    def one(self, name: str, read: Callable[[str], T], default: T) -> T:
        """Return the last value of `name`, or the default if it is missing, empty or bad."""
        text = self._texts(name)[-1:]
        return self._read(name, text[0], read, default) if text else default

    def many(self, name: str, read: Callable[[str], T | None]) -> tuple[T, ...]:
        """Return all valid values of `name` in order, without duplicates."""
        texts = self._texts(name)
        if len(texts) > MAX_VALUES:
            self._note(name, f"at most {MAX_VALUES} values are read")
        found = (self._read(name, text, read, None) for text in texts[:MAX_VALUES])
        return tuple(dict.fromkeys(value for value in found if value is not None))

    def _texts(self, name: str) -> list[str]:
        return [text.strip() for text in self.params.get(name, ()) if text.strip()]

    def _read(self, name: str, text: str, read: Callable[[str], T], default: T) -> T:
        try:
            return read(text)
        except ValueError as error:
            shown = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
            self._note(name, f"“{shown}” is ignored: {error}")
            return default

    def _note(self, name: str, message: str) -> None:
        self.problems.append(QueryProblem(name, message))


def _add_months(first: date, months: int) -> date:
    """Return the first of the month that is `months` later, at most a year beyond the limits."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(min(max(year, EARLIEST.year - 1), LATEST.year + 1), month + 1, 1)


def _pin(text: str) -> Pin:
    product, colon, cycle = text.partition(":")
    if len(text) > 2 * MAX_TEXT or not colon or not NAME.fullmatch(product) or not cycle.strip():
        raise ValueError("expected a product and a cycle, such as django:5.2.")
    return Pin(product.lower(), cycle.strip())


def _group(text: str) -> Group:
    return _member(Group, text)


def _kind(text: str) -> ChangeKind:
    return _member(ChangeKind, text)


def _event_kind(text: str) -> EventKind:
    return _member(EventKind, text)


def _sort(text: str) -> Sort:
    return _member(Sort, text)


def _view(text: str) -> View:
    return _member(View, text)


def _name(text: str) -> str:
    name = text.lower()
    if len(name) > MAX_TEXT or not NAME.fullmatch(name):
        raise ValueError("expected a name such as django.")
    return name


def _text(text: str) -> str:
    if len(text) > MAX_TEXT or "\x00" in text:
        raise ValueError(f"expected a text of at most {MAX_TEXT} characters.")
    return text


def _status(text: str) -> Status:
    return _member(Status, text)


def _member(kind: type[E], text: str) -> E:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"expected one of {', '.join(filter(None, kind))}.") from None


def _one(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("expected 1.")
    return text == "1"


def _soon(text: str) -> bool:
    if text != SOON:
        raise ValueError(f"expected {SOON}.")
    return True


def _page(text: str) -> int:
    if not (_PAGE.fullmatch(text) and 0 < int(text) <= MAX_PAGE):
        raise ValueError(f"expected a page from 1 to {MAX_PAGE}.")
    return int(text)


def _day(text: str) -> date:
    value = _partial(text)
    if value is None or value.imprecise:
        raise ValueError("expected a day such as 2028-01-31.")
    return value.date


def _past_day(today: date, text: str) -> date | None:
    day = _day(text)
    if day > today:
        raise ValueError("expected a day that is not to come.")
    return day


def _month(text: str) -> PartialDate:
    value = _partial(text)
    if value is None or value.precision is not Precision.MONTH:
        raise ValueError("expected a month such as 2028-01.")
    return value


def _month_start(text: str) -> date | None:
    return _month(text).first_day


def _month_end(text: str) -> date | None:
    return _month(text).date


def _partial(text: str) -> PartialDate | None:
    try:
        value = parse_milestone(text)
    except ValueError:
        return None
    if not isinstance(value, PartialDate):
        return None
    if not EARLIEST <= value.date <= LATEST:
        raise ValueError(f"expected a date from {EARLIEST.year} to {LATEST.year}.")
    return value
