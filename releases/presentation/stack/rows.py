"""A row of a stack: a release cycle with its versions, its support, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate
from releases.domain.lifecycle.status import Status, end_reached, ends_soon, status_on
from releases.domain.lifecycle.words import count, listed
from releases.domain.policy import Waiver, broken_rules
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.stack import Place, Rule, last_day
from releases.domain.upgrade.verdict import OVER, Answer
from releases.domain.upgrade.verdict_words import headlines, instruction, reasons
from releases.models import ReleaseCycle
from releases.presentation.rows import BADGES, Badge, MilestoneCell, badge_of, end_cell
from releases.presentation.upgrade.verdict import upgrade_links, verdict_url
from releases.selectors import StackItem

UNKNOWN: Final = Badge("unknown", "?", "Not known")
MAX_LISTED: Final = 3
"""Maximum number of versions or places that a row lists; the others are counted."""


@dataclass(frozen=True, slots=True)
class StackRow:
    """A release cycle of a stack.

    `cycle` is None if the version is unknown. `waiver` is the exception for the row.
    """

    item: StackItem
    query: RoadmapQuery
    waiver: Waiver | None = None

    @property
    def on(self) -> date:
        return self.query.on

    @property
    def name(self) -> str:
        """The product with its versions: `Django 5.2.1 and 5.2.2`."""
        return f"{self.item.product.label} {shortened(self.item.versions or [self.item.version])}"

    @property
    def places(self) -> str:
        """The places that name it: `app/Dockerfile:1 and requirements.txt:3`."""
        return shortened(filter(None, map(str, self.item.places)))

    @property
    def cycle(self) -> ReleaseCycle | None:
        return self.item.verdict.cycle

    @property
    def badge(self) -> Badge:
        """The status. It does not say that support ends soon, as a column has the time left."""
        if self.cycle:
            return replace(badge_of(self.cycle.lifecycle, self.on), soon="")
        return UNKNOWN if self.status is None else Badge(self.status, *BADGES[self.status])

    @property
    def ends_soon(self) -> bool:
        return bool(self.cycle and ends_soon(self.cycle.lifecycle, self.on))

    @property
    def status(self) -> Status | None:
        return self.item.verdict.status(self.on)

    @property
    def last_day(self) -> PartialDate | None:
        return last_day(self.item.verdict, self.on)

    @property
    def until(self) -> MilestoneCell:
        """The last day of its support, in the past or in the future."""
        if self.last_day:
            return MilestoneCell(str(self.last_day), self.last_day, self.on)
        if not self.cycle:
            return MilestoneCell("")
        lifecycle = self.cycle.lifecycle
        accepted = self.item.verdict.accepted and status_on(lifecycle, self.on) is Status.EXTENDED
        return end_cell(lifecycle.eoes if accepted else lifecycle.supported_until, self.on)

    @property
    def ordinary_end(self) -> MilestoneValue:
        """The last day of ordinary support, past or future; None if the cycle is not known."""
        return self.cycle.lifecycle.support_end if self.cycle else None

    @property
    def ordinary(self) -> MilestoneCell:
        """The last day of ordinary support as a cell."""
        return end_cell(self.ordinary_end, self.on)

    @property
    def ordinary_over(self) -> bool:
        """True if ordinary support has ended."""
        end = self.ordinary_end
        return end is not None and end_reached(end, self.on)

    @property
    def ordinary_words(self) -> str:
        """The end of ordinary support: `ended 7 Apr 2026`, `until 30 Apr 2028`."""
        end = self.ordinary_end
        if not isinstance(end, PartialDate):
            return self.ordinary.text
        return f"{'ended' if end_reached(end, self.on) else 'until'} {end}"

    @property
    def days_left(self) -> int | None:
        """Days of support left; None if support has ended, or its end is not known to the day."""
        end = self.last_day
        exact = end and not end.imprecise and end.date >= self.on
        return (end.date - self.on).days if end and exact else None

    @property
    def left(self) -> str:
        """The days of support left: `123 days`; empty if they are not known."""
        return "" if self.days_left is None else count(self.days_left, "day")

    @property
    def latest(self) -> str:
        return self.item.verdict.latest

    @property
    def instruction(self) -> str:
        """What to do, as one sentence."""
        return instruction(self.item.verdict, self.on)

    @property
    def headlines(self) -> tuple[str, ...]:
        """Short sentences on what to do."""
        return headlines(self.item.verdict, self.on)

    @property
    def reasons(self) -> list[str]:
        return reasons(self.item.verdict, self.item.product.label, self.on)

    @property
    def over(self) -> bool:
        return self.item.verdict.answer in OVER

    @property
    def known(self) -> bool:
        """True if the status of the version is known."""
        return self.status is not None

    @property
    def terms(self) -> ExtendedTerms | None:
        """The terms of extended support; None if the cycle is not known."""
        return self.cycle.lifecycle.extended.terms if self.cycle else None

    @property
    def extended_only(self) -> bool:
        """True if it has only extended support, which is neither free nor accepted."""
        return self.item.verdict.answer is Answer.EXTENDED_ONLY

    @property
    def address(self) -> str:
        """The path and query of the page with the whole verdict."""
        return verdict_url(self.item.product, self.item.version, self._day)

    @property
    def plan(self) -> str:
        """The path and query of its upgrade plan; empty if there is no cycle to upgrade to."""
        ways = upgrade_links(self.item.product, self.item.verdict, self._day)
        return ways[0][1] if ways else ""

    @property
    def facts(self) -> dict[str, Any]:
        """The row as data for JSON; unknown values are None."""
        verdict, end = self.item.verdict, self.last_day
        return {
            "product": self.item.product.name,
            "label": self.item.product.label,
            "version": self.item.version,
            "cycle": self.cycle.name if self.cycle else None,
            "status": self.status,
            "accepted": verdict.accepted,
            "answer": verdict.answer,
            "headlines": list(self.headlines),
            "reasons": self.reasons,
            "until": end.date if end else None,
            "precision": end.precision if end else None,
            "days_left": self.days_left,
            "latest": self.latest or None,
            "data_as_of": verdict.data.as_of,
            "data_is_old": verdict.data.old,
        }

    @property
    def exception(self) -> str:
        """The exception for the row as a sentence with its end and reason; empty without one."""
        return self.waiver.sentence(self.on) if self.waiver else ""

    @property
    def origin(self) -> dict[str, Any]:
        """The versions of the row, with their places, as data for JSON."""
        end = self.ordinary_end
        return {
            "versions": list(self.item.versions),
            "places": [place_data(place) for place in self.item.places],
            "ordinary_until": end.date if isinstance(end, PartialDate) else None,
            "instruction": self.instruction,
        }

    def broken(self, rules: Iterable[Rule]) -> list[Rule]:
        """Return the rules that the row breaks in spite of its exception."""
        return broken_rules(rules, self.item.verdict, self.on, self.waiver)

    @property
    def _day(self) -> dict[str, str]:
        return {"on": self.on.isoformat()} if self.query.what_if else {}


def place_data(place: Place) -> dict[str, Any]:
    """Return a place as data for JSON; unknown values are None."""
    return {"file": place.file or None, "line": place.line or None, "part": place.part or None}


def shortened(words: Iterable[str]) -> str:
    """Return words as a list that is cut after `MAX_LISTED`: `1, 2, 3 and 4 more`."""
    every = list(words)
    if len(every) > MAX_LISTED + 1:
        return f"{', '.join(every[:MAX_LISTED])} and {len(every) - MAX_LISTED} more"
    return listed(every) if every else ""
