"""Parser and writer for the query parameters of an upgrade plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic
from urllib.parse import urlencode

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.resolver import MAX_TEXT, Resolution, Resolver
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.lifecycle.words import long_date
from releases.domain.roadmap.query import QueryProblem, RoadmapQuery
from releases.domain.upgrade.advice import advise, latest_lts
from releases.domain.upgrade.route import Every
from releases.domain.upgrade.rules import NO_RULE, UpgradeRule, earlier, planned
from releases.domain.upgrade.verdict import AnyCycle, Cycle, assess
from releases.domain.upgrade.verdict_words import newest_supported, one_of, standing

LATEST: Final = "latest"
LATEST_LTS: Final = "lts"
DATABASE: Final = "database"
"""The query parameter with the database."""
NAMES: Final = ("from", "to", "every", "on")
"""The other query parameters, but for that of the runtime, which has its name."""


@dataclass(frozen=True, slots=True)
class UpgradeProduct(Generic[AnyCycle]):
    """A product with its names, its upgrade rule and the resolver of its versions.

    The resolver has its cycles in their order. `aliases` are other names.
    """

    name: str
    label: str
    resolver: Resolver[Any]
    rule: UpgradeRule = NO_RULE
    aliases: tuple[str, ...] = ()

    @property
    def cycles(self) -> Sequence[AnyCycle]:
        return self.resolver.cycles


@dataclass(frozen=True, slots=True)
class UpgradeQuery(Generic[AnyCycle]):
    """The parameters of an upgrade plan.

    `texts` are the original values. `start` and `target` are None if they are missing or bad;
    `runtime` and `database` are also None if none was given. `found` is the resolved version of
    `start`, and `database_name` the product that `database` belongs to.
    """

    today: date
    on: date
    texts: Mapping[str, str]
    every: Every = Every.FEATURE
    start: AnyCycle | None = None
    target: AnyCycle | None = None
    runtime: AnyCycle | None = None
    database: AnyCycle | None = None
    database_name: str = ""
    found: Resolution[Any] | None = None
    problems: tuple[QueryProblem, ...] = field(default=(), compare=False)

    @property
    def what_if(self) -> bool:
        """True if the plan is as of another day than today."""
        return self.on != self.today

    def problem(self, name: str) -> str:
        """Return the problems of a parameter as text; empty if it has none."""
        return " ".join(each.message for each in self.problems if each.name == name)

    def url(self, **changes: str) -> str:
        """Return the query string of this plan, with some parameters changed."""
        texts = dict(self.texts) | changes
        return f"?{urlencode({name: text for name, text in texts.items() if text})}"


def parse(
    params: Mapping[str, Sequence[str]],
    today: date,
    product: UpgradeProduct[Cycle],
    runtime: UpgradeProduct[Cycle] | None = None,
    databases: Sequence[UpgradeProduct[Cycle]] = (),
) -> UpgradeQuery[Cycle]:
    """Parse `from`, `to`, `every`, `on`, `database` and the version of the runtime.

    The parameter of the runtime has the runtime's name; that of the database is such as
    `PostgreSQL 11`. Never raises: bad values are listed in `problems`. Without `from` there is no
    plan; without `to` the target is the latest cycle.
    """
    reader = _Reader(params, today, product, runtime, databases)
    start, runs_on = reader.start(), reader.runtime_cycle()
    target = reader.target(start)
    database_name, database = reader.database()
    return UpgradeQuery(
        today=today,
        on=reader.on,
        texts=reader.texts,
        every=reader.every(),
        start=start,
        target=target,
        runtime=runs_on,
        database=database,
        database_name=database_name,
        found=reader.found if start else None,
        problems=tuple(reader.problems),
    )


class _Reader(Generic[Cycle]):
    """A reader of the parameters that records problems."""

    def __init__(
        self,
        params: Mapping[str, Sequence[str]],
        today: date,
        product: UpgradeProduct[Cycle],
        runtime: UpgradeProduct[Cycle] | None,
        databases: Sequence[UpgradeProduct[Cycle]],
    ) -> None:
        dated = RoadmapQuery.parse({"on": params.get("on", ())}, today)
        self.on = dated.on
        self.problems = list(dated.problems)
        self.product, self.runtime, self.databases = product, runtime, databases
        self.found: Resolution[Cycle] | None = None
        names = [*NAMES, *([DATABASE] if databases else []), *([runtime.name] if runtime else [])]
        self.texts = {name: text for name in names if (text := _last(params.get(name, ())))}

    def start(self) -> Cycle | None:
        return self._running("from", self.product)

    def runtime_cycle(self) -> Cycle | None:
        return self._running(self.runtime.name, self.runtime) if self.runtime else None

    def database(self) -> tuple[str, Cycle | None]:
        """Return the name of the database product and its present cycle."""
        text = self.texts.get(DATABASE, "") if self.databases else ""
        for each in self.databases:
            for name in (each.label, each.name, *each.aliases):
                if text.lower().startswith(name.lower()):
                    version = text[len(name) :].strip()
                    return each.name, self._running(DATABASE, each, version)
        if text:
            names = one_of(tuple(each.label for each in self.databases))
            message = f"Expected a version of {names}, such as {self._example()}."
            self._note(DATABASE, message)
        return "", None

    def target(self, start: Cycle | None) -> Cycle | None:
        word = self.texts.get("to", LATEST).lower()
        cycles = self.product.rule.candidates(self.product.cycles, start)
        if word == LATEST:
            target, kind = advise(cycles, self.on).newest, "release"
        elif word == LATEST_LTS:
            target, kind = latest_lts(cycles, self.on), "LTS release"
        else:
            return self._ahead(self._cycle("to", self.product), start)
        if target is None:
            message = f"No {kind} of {self.product.label} is supported: name the one to go to."
            self._note("to", message)
        return self._ahead(target, start)

    def every(self) -> Every:
        text = self.texts.get("every", Every.FEATURE).lower()
        if text in list(Every):
            return Every(text)
        self._note("every", f"“{text[:MAX_TEXT]}” is ignored: expected one of {', '.join(Every)}.")
        return Every.FEATURE

    def _ahead(self, target: Cycle | None, start: Cycle | None) -> Cycle | None:
        """Return the target, or None and a problem if no upgrade leads to it."""
        if target is None or start is None or target is start:
            return target
        rule, label = self.product.rule, self.product.label
        if rule.rank(target.name) < rule.rank(start.name):
            message = f"Downgrades are not planned here. {self._next_lts(start)}".rstrip()
        elif rule.leaves_lane(start, target):
            message = f"{label} {target.name} is another edition than {start.name}."
        elif earlier(target, start):
            message = f"{label} {target.name} was released before {start.name}."
        else:
            return target
        self._note("to", message)
        return None

    def _next_lts(self, start: Cycle) -> str:
        """Return the sentence about the next LTS after a cycle; empty if none is known."""
        rule = self.product.rule
        newer = [
            cycle
            for cycle in rule.in_order(self.product.cycles)
            if cycle.lifecycle.lts
            and rule.rank(start.name) < rule.rank(cycle.name)
            and not status_on(cycle.lifecycle, self.on).ended
        ]
        if not newer:
            return ""
        release = newer[0].lifecycle.release
        expected = planned(newer[0], self.on) and isinstance(release, PartialDate)
        when = f", expected {long_date(release)}" if expected else ""  # type: ignore[arg-type]
        return f"The next LTS is {newer[0].name}{when}."

    def _example(self) -> str:
        database = self.databases[0]
        return f"{database.label} {database.cycles[0].name}" if database.cycles else database.label

    def _running(
        self, name: str, product: UpgradeProduct[Cycle], text: str | None = None
    ) -> Cycle | None:
        """Return the present cycle of a parameter, which must be released."""
        cycle = self._cycle(name, product, text)
        if cycle and status_on(cycle.lifecycle, self.on) is Status.PLANNED:
            sentence = standing(f"{product.label} {cycle.name}", cycle.lifecycle, self.on)
            self._note(name, f"{sentence} Nobody runs it yet.")
            return None
        return cycle

    def _cycle(
        self, name: str, product: UpgradeProduct[Cycle], text: str | None = None
    ) -> Cycle | None:
        text = self.texts.get(name, "") if text is None else text
        if not text and name != DATABASE:
            return None
        found: Resolution[Cycle] = product.resolver.resolve(text, self.on)
        if name == "from":
            self.found = found
        if found.cycle is None:
            self._note(name, self._not_known(found, product))
        return found.cycle

    def _not_known(self, found: Resolution[Cycle], product: UpgradeProduct[Cycle]) -> str:
        verdict = assess(found, product.cycles, self.on)
        text = found.text[:MAX_TEXT]
        message = f"No release of {product.label} that is known here is called “{text}”."
        if verdict.meant:
            return f"{message} Did you mean {one_of(verdict.meant)}?"
        return f"{message} {newest_supported(verdict.known)}" if verdict.known else message

    def _note(self, name: str, message: str) -> None:
        self.problems.append(QueryProblem(name, message))


def _last(texts: Sequence[str]) -> str:
    """Return the last text that is not empty, or an empty string."""
    return next((text.strip() for text in reversed(texts) if text.strip()), "")
