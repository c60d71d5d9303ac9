"""Upgrade plans, as the page, the checklist, the data and the calendar show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from releases import selectors
from releases.domain.lifecycle.data_age import DataAge
from releases.domain.lifecycle.order import in_order
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.lifecycle.words import count
from releases.domain.upgrade import tasks
from releases.domain.upgrade.compatibility import Compatibility, read_column, text_of
from releases.domain.upgrade.install import Command, install_command
from releases.domain.upgrade.notes import applies_to_step
from releases.domain.upgrade.planner import (
    Obstacle,
    Plan,
    Runtime,
    State,
    Step,
    Upgrades,
    obstacle_sentence,
    plan,
)
from releases.domain.upgrade.query import UpgradeQuery
from releases.domain.upgrade.route import Stop, route
from releases.domain.upgrade.tasks import Kind, Task
from releases.domain.upgrade.time_plan import SupportGain, is_over, time_plan
from releases.domain.upgrade.verdict_words import full_name, standing
from releases.formats.labels import latest_link, lts_words
from releases.formats.markdown.html import description_html
from releases.models import Product, ReleaseCycle, UpgradeNote
from releases.presentation.rows import Badge, MilestoneCell, badge_of, end_cell, start_cell


@dataclass(frozen=True, slots=True)
class RunsOn:
    """The runtime of a product, such as Python for Django.

    `columns` are the names of the custom fields that hold its compatible versions.
    """

    product: Product
    columns: tuple[str, ...]


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
    """One upgrade of the product or of its runtime.

    Attributes:
        number: The number of the step, from 1.
        upgrades: Whether the product or its runtime is upgraded.
        product: The product that is upgraded.
        before: The name of the cycle before the step.
        cycle: The cycle after the step.
        on: The date of the plan.
        beside: The other product, which stays as it is (`on Python 3.10`).
        needs: A sentence on the release that the other product requires; empty if there is none.
        skips: The names of skipped cycles.
        tasks: The tasks of the step.
        notes: The upgrade notes that are shown with the step.
        reminders: Notes of earlier steps that concern this one, too.
    """

    number: int
    upgrades: Upgrades
    product: Product
    before: str
    cycle: ReleaseCycle
    on: date
    beside: str
    needs: str
    skips: tuple[str, ...]
    tasks: list[Task]
    notes: list[Note]
    reminders: list[Note]

    @property
    def title(self) -> str:
        return f"{self.product.label} {self.before} to {self.cycle.name}"

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

    @property
    def latest_link(self) -> str:
        return latest_link(self.product, self.cycle)


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

    If there is no way to the target, `steps` is empty, and `obstacle` is a sentence that says why.
    """

    product: Product
    runtime: Product | None
    query: UpgradeQuery[ReleaseCycle]
    start: ReleaseCycle
    target: ReleaseCycle
    begins: State
    ends: State
    steps: list[PlanStep]
    obstacle: str
    first_tasks: list[Task]
    notes: list[Note]
    gains: list[Gain]

    @property
    def name(self) -> str:
        return f"{self.product.label} {self.start.name} to {self.target.name}"

    @property
    def summary(self) -> str:
        """A sentence with the number of steps, and the cycles before and after them."""
        if self.obstacle:
            return self.obstacle
        if not self.steps:
            return f"{self.state(self.begins)}: there is nothing to upgrade."
        own = sum(step.upgrades is Upgrades.PRODUCT for step in self.steps)
        others = len(self.steps) - own
        words = f"{count(own, 'step')} of {self.product.label}"
        if others and self.runtime:
            words += f" and {others} of {self.runtime.label}"
        return f"{words}, from {self.state(self.begins)} to {self.state(self.ends)}."

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
        on_what = f" on {self.runtime.label} {state.runtime}" if self.runtime else ""
        return f"{words}{on_what}"

    def last_cycles(self) -> Iterator[tuple[Product, ReleaseCycle]]:
        """Yield each upgraded product with its cycle at the end of the plan."""
        last = {step.upgrades: (step.product, step.cycle) for step in self.steps}
        yield from last.values()


def make_plan(
    product: Product, runs_on: RunsOn | None, query: UpgradeQuery[ReleaseCycle]
) -> UpgradePlan | None:
    """Return the plan for a query, or None if parameters are missing or cannot be read.

    Args:
        product: The product, as `selectors.product_to_upgrade` reads it.
        runs_on: Its runtime, if it has one.
        query: The query.
    """
    runtime = runs_on.product.name if runs_on else ""
    if query.start is None or query.target is None or query.problem(runtime):
        return None
    return _Planner(product, runs_on, query, query.start, query.target).make()


class _Planner:
    """Builds one plan."""

    def __init__(
        self,
        product: Product,
        runs_on: RunsOn | None,
        query: UpgradeQuery[ReleaseCycle],
        start: ReleaseCycle,
        target: ReleaseCycle,
    ) -> None:
        self.product, self.query, self.on = product, query, query.on
        self.start, self.target = start, target
        self.cycles = {each.name: each for each in product.cycles.all()}
        self.column = _column(list(self.cycles.values()), runs_on)
        self.runtime = runs_on.product if runs_on and self.column else None
        self.runtimes = {each.name: each for each in _released(self.runtime, self.on)}
        self.purls = product.purls
        self.kind = tasks.kind_of(self.purls, self.runtime.name if self.runtime else "")
        self.notes = [Note(row) for row in product.upgrade_notes.all()]
        self.seen: set[str] = set()

    def make(self) -> UpgradePlan:
        stops = route(
            list(self.cycles.values()), self.start, self.target, self.on, self.query.every
        )
        found = self._search(stops)
        begins = found.reached if isinstance(found, Obstacle) else found.start
        steps = () if isinstance(found, Obstacle) else found.steps
        way = [stop.cycle for stop in stops]
        return UpgradePlan(
            product=self.product,
            runtime=self.runtime,
            query=self.query,
            start=self.start,
            target=self.target,
            begins=begins,
            ends=steps[-1].state if steps else begins,
            steps=list(self._steps(begins, steps, {stop.cycle.name: stop for stop in stops})),
            obstacle=self._obstacle(found),
            first_tasks=self._first_tasks(),
            notes=[note for note in self.notes if not (note.row.from_cycle or note.row.to_cycle)],
            gains=[self._gain(bought) for bought in time_plan(way, self.on)],
        )

    def _search(self, stops: Sequence[Stop[ReleaseCycle]]) -> Plan | Obstacle:
        runtimes = [
            Runtime(name, status_on(cycle.lifecycle, self.on).supported)
            for name, cycle in self.runtimes.items()
        ]
        present = self.query.runtime.name if self.runtime and self.query.runtime else ""
        return plan([stop.cycle.name for stop in stops], runtimes, self.column, present)

    def _obstacle(self, found: Plan | Obstacle) -> str:
        if isinstance(found, Obstacle) and self.runtime:
            return obstacle_sentence(found, self.product.label, self.runtime.label)
        return ""

    def _steps(
        self, begins: State, steps: Sequence[Step], stops: Mapping[str, Stop[ReleaseCycle]]
    ) -> Iterator[PlanStep]:
        states = [begins, *(step.state for step in steps)]
        for number, (step, (old, new)) in enumerate(
            zip(steps, pairwise(states), strict=True), start=1
        ):
            notes, reminders = self._notes_at(old, new)
            skips: tuple[ReleaseCycle, ...] = ()
            if step.upgrades is Upgrades.RUNTIME and self.runtime:
                product, cycle = self.runtime, self.runtimes[new.runtime].as_of(self.on)
                before, beside = old.runtime, f"on {self.product.label} {new.cycle}"
            else:
                product, cycle = self.product, self.cycles[new.cycle].as_of(self.on)
                before, skips = old.cycle, stops[new.cycle].skips
                beside = f"on {self.runtime.label} {new.runtime}" if self.runtime else ""
            yield PlanStep(
                number=number,
                upgrades=step.upgrades,
                product=product,
                before=before,
                cycle=cycle,
                on=self.on,
                beside=beside,
                needs=self._needs(new),
                skips=tuple(each.name for each in skips),
                tasks=self._tasks(step.upgrades, product, cycle),
                notes=notes,
                reminders=reminders,
            )

    def _notes_at(self, old: State, new: State) -> tuple[list[Note], list[Note]]:
        """Return the notes to show with a step, and the notes of earlier steps that concern it."""
        here = [
            note
            for note in self.notes
            if (note.row.from_cycle or note.row.to_cycle)
            and applies_to_step(note.row.from_cycle, note.row.to_cycle, old.cycle, new.cycle)
        ]
        first = [note for note in here if note.row.key not in self.seen]
        self.seen |= {note.row.key for note in first}
        return first, [note for note in here if note not in first]

    def _needs(self, state: State) -> str:
        says = self.column.get(state.cycle)
        release = says.needs(state.runtime) if says and self.runtime else ""
        if not release or not self.runtime:
            return ""
        return (
            f"{self.runtime.label} {state.runtime} needs {self.product.label} {release} or later."
        )

    def _tasks(self, upgrades: Upgrades, product: Product, cycle: ReleaseCycle) -> list[Task]:
        name, link = f"{product.label} {cycle.name}", self._notes_link(product, cycle)
        version = f"{product.label} {cycle.latest}" if cycle.latest else ""
        if upgrades is Upgrades.RUNTIME:
            return tasks.of_runtime(self.kind, name, version, link)
        return tasks.of_product(self.kind, name, version, link, self._command(cycle))

    def _notes_link(self, product: Product, cycle: ReleaseCycle) -> str:
        """Return the URL of the release notes.

        For Django these are the notes of the first release of the cycle, because the notes of
        patch releases do not list the changes of the cycle.
        """
        if self.kind is Kind.DJANGO and product is self.product and cycle.latest:
            cycle = copy(cycle)
            cycle.latest = cycle.name
        return latest_link(product, cycle)

    def _first_tasks(self) -> list[Task]:
        name = f"{self.product.label} {self.start.name}"
        start = self.start.as_of(self.on)
        return tasks.before_all(self.kind, name, start.latest, self._command(start))

    def _command(self, cycle: ReleaseCycle) -> Command | None:
        return install_command(self.purls, cycle.latest, self.product.label)

    def _gain(self, bought: SupportGain[ReleaseCycle]) -> Gain:
        return Gain(
            bought,
            f"{self.product.label} {bought.cycle.name}",
            end_cell(bought.end, self.on),
            _gain_words(bought.months, over=is_over(self.start.lifecycle, self.on)),
        )


def _gain_words(months: int | None, *, over: bool) -> str:
    if months is None:
        return "not known"
    if over:
        return f"{count(months, 'month')} from now"
    return f"{count(months, 'month')} more" if months else "nothing"


def _column(cycles: Sequence[ReleaseCycle], runs_on: RunsOn | None) -> Mapping[str, Compatibility]:
    """Return the compatible versions of the runtime for each cycle whose column can be read."""
    if runs_on is None:
        return {}
    newest_first = reversed(in_order(cycles))
    return read_column(
        [(each.name, text_of(runs_on.columns, each.custom)) for each in newest_first]
    )


def _released(product: Product | None, on: date) -> list[ReleaseCycle]:
    """Return the released cycles of a runtime, oldest first."""
    cycles = in_order(list(product.cycles.all())) if product else []
    return [each for each in cycles if status_on(each.lifecycle, on) is not Status.PLANNED]
