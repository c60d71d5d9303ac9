"""Makes an upgrade plan: the search by the rules of the domain, and the words of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from itertools import pairwise

from releases import selectors
from releases.domain.lifecycle.versions import ReleaseKind, first_release
from releases.domain.lifecycle.words import listed
from releases.domain.upgrade import tasks
from releases.domain.upgrade.compatibility import Compatibility, read_column, text_of
from releases.domain.upgrade.install import Command, install_command
from releases.domain.upgrade.notes import applies_to_runtime, applies_to_step
from releases.domain.upgrade.planner import (
    NOTHING,
    Beside,
    Plan,
    State,
    Step,
    Upgrades,
    obstacle_sentence,
    plan,
)
from releases.domain.upgrade.query import DATABASE, UpgradeQuery
from releases.domain.upgrade.route import Every, ladder, skipped, with_fewer_stops
from releases.domain.upgrade.rule_words import rule_sentences
from releases.domain.upgrade.rules import RuleKind, UpgradeRule, planned
from releases.domain.upgrade.tasks import Task
from releases.domain.upgrade.time_plan import time_plan
from releases.formats.labels import latest_link
from releases.models import Product, ReleaseCycle
from releases.presentation.upgrade.plan import Note, PlanStep, UpgradePlan


def make_plan(
    product: Product, around: selectors.Surroundings, query: UpgradeQuery[ReleaseCycle]
) -> UpgradePlan | None:
    """Return the plan for a query, or None if there is none to make.

    That is so if parameters are missing or cannot be read, or if nobody upgrades the product.

    Args:
        product: The product, as `selectors.product_to_upgrade` reads it.
        around: What it works with.
        query: The query.
    """
    used = [around.runtime.product.name] if around.runtime else []
    if query.start is None or query.target is None or any(map(query.problem, [*used, DATABASE])):
        return None
    if product.upgrade_rule.kind is RuleKind.NOT_APPLICABLE:
        return None
    return _Planner(product, around, query, query.start, query.target).make()


class _Planner:
    """Builds one plan."""

    def __init__(
        self,
        product: Product,
        around: selectors.Surroundings,
        query: UpgradeQuery[ReleaseCycle],
        start: ReleaseCycle,
        target: ReleaseCycle,
    ) -> None:
        self.product, self.query, self.on = product, query, query.on
        self.start, self.target = start, target
        rule = product.upgrade_rule
        self.rule = with_fewer_stops(rule) if query.every is Every.LTS else rule
        self.cycles = {each.name: each for each in product.cycles.all()}
        self.around = around
        self.columns = {
            each.product.name: self._column(each)
            for each in (*filter(None, [around.runtime]), *around.databases)
        }
        self.runtime = self._used(around.runtime)
        chosen = (each for each in around.databases if each.product.name == query.database_name)
        self.database = self._used(next(chosen, None)) if query.database else None
        self.beside = {
            Upgrades.RUNTIME: self.runtime,
            Upgrades.DATABASE: self.database,
        }
        self.purls = product.purls
        category = product.category.name if product.category else ""
        self.kind = tasks.kind_of(self.purls, self.runtime.name if self.runtime else "", category)
        self.seen: set[str] = set()

    def make(self) -> UpgradePlan:
        found = self._search()
        python = found.start.runtime
        self.notes = [
            Note(row)
            for row in self.product.upgrade_notes.all()
            if applies_to_runtime(row.runtime, python)
        ]
        stops = [self.cycles[name] for name in found.stops]
        assert self.query.found is not None
        verdict = selectors.verdict_on(
            self.product, list(self.cycles.values()), self.query.found, self.on
        )
        patch = verdict.latest if verdict.behind else ""
        return UpgradePlan(
            product=self.product,
            runtime=self.runtime,
            database=self.database,
            query=self.query,
            rule=self.product.upgrade_rule,
            start=self.start,
            target=self.target,
            begins=found.start,
            ends=found.end,
            steps=list(self._steps(found, patch)),
            obstacle=self._obstacle(found),
            first_tasks=self._first_tasks(patch),
            routine=[*map(Task, self.rule.preconditions), *tasks.at_every_step(self.kind)],
            remarks=list(self._remarks(found)),
            rule_words=rule_sentences(self._rule_of_way(), fewer=self.query.every is Every.LTS),
            notes=self._general_notes(),
            gains=time_plan(stops, self.on),
            missed=len(verdict.missed),
        )

    def _general_notes(self) -> list[Note]:
        """Return the notes on all upgrades from cycle to cycle; a patch has none."""
        if self.start == self.target:
            return []
        return [note for note in self.notes if not (note.row.from_cycle or note.row.to_cycle)]

    def _rule_of_way(self) -> UpgradeRule:
        """Return the rule with the stops between the start and the target only."""
        rule = self.product.upgrade_rule
        first, last = rule.rank(self.start.name), rule.rank(self.target.name)
        stops = (each for each in rule.stops if first <= rule.rank(each.cycle) < last)
        return replace(rule, stops=tuple(stops))

    def _used(self, beside: selectors.Beside | None) -> Product | None:
        """Return a product that the plan regards: its versions are recorded for some cycle."""
        return beside.product if beside and self.columns[beside.product.name] else None

    def _search(self) -> Plan:
        cycles = list(self.cycles.values())
        stops = ladder(self.rule, cycles, self.on, self.start, self.target)
        runtime = self._beside(self.runtime, self.query.runtime, port_on=self.rule.port_on)
        database = self._beside(self.database, self.query.database, stays=True)
        return plan(stops, runtime, database)

    def _beside(
        self,
        product: Product | None,
        present: ReleaseCycle | None,
        *,
        port_on: str = "",
        stays: bool = False,
    ) -> Beside:
        if product is None:
            return NOTHING
        rule = product.upgrade_rule
        steps = ladder(rule if rule.known else _ANY, list(product.cycles.all()), self.on, present)
        start = present.name if present else ""
        return Beside(steps, self.columns[product.name], start, port_on, stays)

    def _column(self, beside: selectors.Beside) -> Mapping[str, Compatibility]:
        """Return the versions of a runtime or database for each cycle that has readable ones.

        Those of a planned cycle are not final: newer ones may be added.
        """
        newest_first = list(reversed(self.rule.in_order(list(self.cycles.values()))))
        column = read_column(
            [(each.name, text_of(beside.columns, each.custom)) for each in newest_first]
        )
        coming = {each.name for each in newest_first if planned(each, self.on)}
        return {
            name: text.open_ended() if name in coming else text for name, text in column.items()
        }

    def _obstacle(self, found: Plan) -> str:
        if found.obstacle is None:
            return ""
        beside = self.beside.get(found.obstacle.part)
        return obstacle_sentence(found.obstacle, self.product.label, beside.label if beside else "")

    def _remarks(self, found: Plan) -> Iterator[str]:
        """Yield what the plan assumes of the present state."""
        if self.runtime and not self.query.runtime and not found.obstacle:
            yield (
                f"You did not say on which {self.runtime.label} it runs: the plan begins with"
                f" {found.start.runtime}."
            )
        for part, name in (
            (self.runtime, found.start.runtime),
            (self.database, found.start.database),
        ):
            says = self.columns[part.name].get(self.start.name) if part else None
            if part and says and name and not says.allows(name) and not found.obstacle:
                yield (
                    f"{part.label} {name} is newer than what {self.product.label} {self.start.name}"
                    f" is recorded to run on ({says.text}): that they work together is assumed."
                )

    def _steps(self, found: Plan, patch: str) -> Iterator[PlanStep]:
        first = 1
        if patch:
            first = 2
            yield self._patch_step(patch, found.start)
        states = [found.start, *(step.state for step in found.steps)]
        for number, (step, (old, new)) in enumerate(
            zip(found.steps, pairwise(states), strict=True), start=first
        ):
            yield self._step(number, step, old, new)

    def _patch_step(self, patch: str, state: State) -> PlanStep:
        cycle = self.start.as_of(self.on)
        name, link = f"{self.product.label} {patch}", latest_link(self.product, cycle)
        return PlanStep(
            number=1,
            upgrades=Upgrades.PATCH,
            product=self.product,
            before=self.query.found.version if self.query.found else "",
            after=patch,
            cycle=cycle,
            on=self.on,
            beside=self._beside_words(Upgrades.PATCH, state),
            requirements=[],
            skips=(),
            tasks=tasks.of_product(name, name, link, self._command(cycle)),
            notes=[],
            reminders=[],
            notes_link=link,
        )

    def _step(self, number: int, step: Step, old: State, new: State) -> PlanStep:
        notes, reminders = self._notes_at(step.upgrades, old, new)
        part = self.beside.get(step.upgrades)
        product = part or self.product
        before, after = _names(step.upgrades, old, new)
        cycle = next(each for each in product.cycles.all() if each.name == after).as_of(self.on)
        skips = self._skips(old.cycle, new.cycle) if part is None else ()
        link = self._notes_link(product, cycle)
        return PlanStep(
            number=number,
            upgrades=step.upgrades,
            product=product,
            before=before,
            after=after,
            cycle=cycle,
            on=self.on,
            beside=self._beside_words(step.upgrades, new),
            requirements=list(self._requirements(step.upgrades, old, new)),
            skips=skips,
            tasks=self._tasks(step.upgrades, product, cycle, link),
            notes=notes,
            reminders=reminders,
            notes_link=link,
        )

    def _skips(self, before: str, after: str) -> tuple[str, ...]:
        way = skipped(
            self.rule, list(self.cycles.values()), self.cycles[before], self.cycles[after], self.on
        )
        return tuple(each.name for each in way)

    def _beside_words(self, upgrades: Upgrades, state: State) -> str:
        if upgrades in (Upgrades.RUNTIME, Upgrades.DATABASE):
            return f"on {self.product.label} {state.cycle}"
        return f"on {self.runtime.label} {state.runtime}" if self.runtime and state.runtime else ""

    def _notes_at(
        self, upgrades: Upgrades, old: State, new: State
    ) -> tuple[list[Note], list[Note]]:
        """Return the notes to show with a step, and the notes of earlier steps that concern it.

        With a step of the runtime these are notes for certain versions of it only.
        """
        here = [
            note
            for note in self.notes
            if (note.row.from_cycle or note.row.to_cycle)
            and (note.row.runtime or upgrades is Upgrades.PRODUCT)
            and applies_to_step(note.row.from_cycle, note.row.to_cycle, old.cycle, new.cycle)
        ]
        first = [note for note in here if note.row.key not in self.seen]
        self.seen |= {note.row.key for note in first}
        return first, [note for note in here if note not in first]

    def _requirements(self, upgrades: Upgrades, old: State, new: State) -> Iterator[str]:
        if upgrades is Upgrades.PRODUCT and (version := self.rule.leave_at(old.cycle)):
            yield f"Leave {self.product.label} {old.cycle} from {version} or a later release of it."
        column = self.columns[self.runtime.name] if self.runtime else {}
        for part, before, after in (
            (self.runtime, old.runtime, new.runtime),
            (self.database, old.database, new.database),
        ):
            if part and upgrades is Upgrades.PRODUCT and before != after:
                yield f"Change {part.label} {before} to {after} in the same step: none runs both."
        if self.runtime and new.cycle in column:
            release = column[new.cycle].needs(new.runtime)
            if release:
                yield (
                    f"{self.runtime.label} {new.runtime} needs {self.product.label} {release} or"
                    " later."
                )
        if upgrades is Upgrades.PRODUCT and (words := self._database_words(old, new)):
            yield f"{self.product.label} {new.cycle} needs {words} or later."

    def _database_words(self, old: State, new: State) -> str:
        """Return the databases that a cycle needs newer versions of than the cycle before."""
        used = (
            [self.database] if self.database else [each.product for each in self.around.databases]
        )
        found = []
        for product in used:
            column = self.columns[product.name]
            now, then = column.get(new.cycle), column.get(old.cycle)
            if now and now.least and now.least != (then.least if then else ""):
                found.append(f"{product.label} {now.least}")
        return listed(found)

    def _tasks(
        self, upgrades: Upgrades, product: Product, cycle: ReleaseCycle, link: str
    ) -> list[Task]:
        name = f"{product.label} {cycle.name}"
        version = f"{product.label} {cycle.latest}" if cycle.latest else ""
        rule = product.upgrade_rule
        if upgrades is Upgrades.DATABASE:
            return tasks.of_database(self.kind, name, rule.tool, rule.guide)
        if upgrades is Upgrades.RUNTIME:
            return tasks.of_runtime(self.kind, name, version, link)
        if rule.kind is RuleKind.PARALLEL:
            return tasks.side_by_side(name, link, rule.tool)
        return tasks.of_product(name, version, link, self._command(cycle))

    def _notes_link(self, product: Product, cycle: ReleaseCycle) -> str:
        """Return the address of the notes of the first release of a cycle.

        The notes of patches do not list the changes of the cycle.
        """
        final = [
            each.version
            for each in cycle.published
            if each.kind is ReleaseKind.FINAL and each.version
        ]
        names = {
            each.version
            for other in product.cycles.all()
            for each in other.published
            if each.version == other.name
        }
        first = copy(cycle)
        guessed = first_release(cycle.name, cycle.latest, bare=bool(names))
        first.latest = final[0] if final else guessed
        return latest_link(product, first)

    def _first_tasks(self, patch: str) -> list[Task]:
        name = f"{self.product.label} {self.start.name}"
        start = self.start.as_of(self.on)
        latest = "" if patch else start.latest
        return tasks.before_all(self.kind, name, latest, self._command(start))

    def _command(self, cycle: ReleaseCycle) -> Command | None:
        if not self.kind.has_packages:
            return None
        return install_command(self.purls, cycle.latest, self.product.label)


_ANY = UpgradeRule(RuleKind.ANY)
"""The rule of a runtime or database without a recorded one: any newer version."""


def _names(upgrades: Upgrades, old: State, new: State) -> tuple[str, str]:
    """Return the names of the cycles before and after a step."""
    match upgrades:
        case Upgrades.RUNTIME:
            return old.runtime, new.runtime
        case Upgrades.DATABASE:
            return old.database, new.database
    return old.cycle, new.cycle
