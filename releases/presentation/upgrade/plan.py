"""Upgrade plans, as the page, the checklist, the data and the calendar show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from releases import selectors
from releases.domain.lifecycle.data_age import DataAge
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.words import count, listed
from releases.domain.upgrade.planner import (
    State,
    Upgrades,
)
from releases.domain.upgrade.query import UpgradeQuery
from releases.domain.upgrade.rules import UpgradeRule
from releases.domain.upgrade.tasks import Task
from releases.domain.upgrade.time_plan import SupportGain, is_over
from releases.domain.upgrade.verdict_words import full_name, standing
from releases.formats.labels import lts_words
from releases.formats.markdown.html import description_html
from releases.models import Product, ReleaseCycle, UpgradeNote
from releases.presentation.rows import Badge, MilestoneCell, badge_of, end_cell, start_cell


@dataclass(frozen=True, slots=True)
class Note:
    """An upgrade note, as a plan shows it."""

    row: UpgradeNote

    @property
    def html(self) -> str:
        return description_html(self.row.text, heading_level=5, ids=False)

    @property
    def anchor(self) -> str:
        return f"note-{self.row.key}"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One upgrade of the product, of its runtime or of its database.

    Attributes:
        number: The number of the step, from 1.
        upgrades: The part that is upgraded.
        product: The product that is upgraded.
        before: The name of the cycle before the step; for a patch, that of the release.
        after: The name of the cycle or release after the step.
        cycle: The cycle after the step.
        on: The date of the plan.
        beside: The other product, which stays as it is (`on Python 3.10`).
        requirements: What differs at this step, as sentences: the runtime and the databases that it
            needs, and the least release to leave the last stop from.
        skips: The names of skipped cycles.
        tasks: The tasks of the step, beside the routine of every step.
        notes: The upgrade notes that are shown with the step.
        reminders: Notes of earlier steps that concern this one, too.
        notes_link: The address of the release notes of the cycle; empty if it is not known.
    """

    number: int
    upgrades: Upgrades
    product: Product
    before: str
    after: str
    cycle: ReleaseCycle
    on: date
    beside: str
    requirements: list[str]
    skips: tuple[str, ...]
    tasks: list[Task]
    notes: list[Note]
    reminders: list[Note]
    notes_link: str

    @property
    def title(self) -> str:
        return f"{self.product.label} {self.before} → {self.after}"

    @property
    def needs(self) -> str:
        """The requirements as one text."""
        return " ".join(self.requirements)

    @property
    def lts(self) -> str:
        return lts_words(self.product, self.cycle, self.on) if self.cycle.lts else ""

    @property
    def badge(self) -> Badge:
        return badge_of(self.cycle.lifecycle, self.on)

    @property
    def released(self) -> MilestoneCell:
        return start_cell(self.cycle.release, self.on)

    @property
    def until(self) -> MilestoneCell:
        return end_cell(self.cycle.lifecycle.supported_until, self.on)

    @property
    def until_words(self) -> str:
        """The words before `until`; empty if that is no date."""
        if not self.until.day:
            return ""
        return "support ended" if is_over(self.cycle.lifecycle, self.on) else "supported until"


@dataclass(frozen=True, slots=True)
class Gain:
    """A line of the time plan: a stop, its end of support, and the additional months in words."""

    bought: SupportGain[ReleaseCycle]
    name: str
    until: MilestoneCell
    words: str


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """An upgrade plan.

    If there is no way to the target, `obstacle` is a sentence that says why, and `steps` lead as
    far as the way goes. `routine` are the tasks of every step, `remarks` sentences on what the plan
    assumes, and `rule_words` sentences on the upgrade rule.
    """

    product: Product
    runtime: Product | None
    database: Product | None
    query: UpgradeQuery[ReleaseCycle]
    rule: UpgradeRule
    start: ReleaseCycle
    target: ReleaseCycle
    begins: State
    ends: State
    steps: list[PlanStep]
    obstacle: str
    first_tasks: list[Task]
    routine: list[Task]
    remarks: list[str]
    rule_words: list[str]
    notes: list[Note]
    gains: list[Gain]
    missed: int

    @property
    def name(self) -> str:
        return f"{self.product.label} {self.start.name} → {self.target.name}"

    @property
    def summary(self) -> str:
        """A sentence with the number of steps, and the cycles before and after them."""
        if self.obstacle:
            return self.obstacle
        if not self.steps:
            return f"{self.state(self.begins)}: there is nothing to upgrade."
        patch = self._patch_words
        numbers = [
            (number, each.label)
            for kind, each in self._parts
            if (number := sum(step.upgrades is kind for step in self.steps))
        ]
        parts = [
            f"{number if index else count(number, 'step')} of {label}"
            for index, (number, label) in enumerate(numbers)
        ]
        if not parts:
            return f"{patch}."
        route = f"{listed(parts)}, from {self.state(self.begins)} to {self.state(self.ends)}."
        return f"{patch} first. {route}" if patch else route

    @property
    def rule_links(self) -> list[tuple[str, str]]:
        """The maker's guide and the source of the rule, each with its words."""
        day = self.rule.checked_on
        checked = f", checked {PartialDate(day)}" if day else ""
        links = (("Upgrade guide", self.rule.guide), (f"Source{checked}", self.rule.source))
        return [(words, address) for words, address in links if address]

    @property
    def _patch_words(self) -> str:
        if not self.steps or self.steps[0].upgrades is not Upgrades.PATCH:
            return ""
        missed = f": {count(self.missed, 'security release')}" if self.missed else ""
        return f"Install {self.steps[0].after}{missed}"

    @property
    def _parts(self) -> Iterator[tuple[Upgrades, Product]]:
        yield Upgrades.PRODUCT, self.product
        if self.runtime:
            yield Upgrades.RUNTIME, self.runtime
        if self.database:
            yield Upgrades.DATABASE, self.database

    @property
    def data(self) -> DataAge:
        """The age of the data about the product."""
        return selectors.data_age(self.product, self.query.on)

    @property
    def standing(self) -> str:
        """A sentence on the support status of the present cycle."""
        on = self.query.on
        return standing(full_name(self.product.label, self.start, on), self.start.lifecycle, on)

    @property
    def first_supported(self) -> str:
        """The name of the first supported stop; empty if there is none, or no other stop before."""
        stops = [step.cycle for step in self.steps if step.upgrades is Upgrades.PRODUCT]
        good = [stop for stop in stops if not is_over(stop.lifecycle, self.query.on)]
        return good[0].name if good and good[0] is not stops[0] else ""

    def state(self, state: State) -> str:
        """Return the cycles of a state as text: `Django 5.2 on Python 3.11`."""
        words = f"{self.product.label} {state.cycle}"
        on_what = (
            f" on {self.runtime.label} {state.runtime}" if state.runtime and self.runtime else ""
        )
        data = f" with {self.database.label} {state.database}" if self.database else ""
        return f"{words}{on_what}{data}"

    def last_cycles(self) -> Iterator[tuple[Product, ReleaseCycle]]:
        """Yield each upgraded product with its cycle at the end of the plan."""
        last = {step.upgrades: (step.product, step.cycle) for step in self.steps}
        yield from last.values()
