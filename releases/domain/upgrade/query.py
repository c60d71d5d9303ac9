"""Parser and writer for the query parameters of an upgrade plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic
from urllib.parse import urlencode

from releases.domain.lifecycle.resolver import MAX_TEXT, Resolution, Resolver
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.lifecycle.versions import version_key
from releases.domain.roadmap.query import QueryProblem, RoadmapQuery
from releases.domain.upgrade.advice import advise, latest_lts
from releases.domain.upgrade.route import Every
from releases.domain.upgrade.verdict import AnyCycle, Cycle, assess
from releases.domain.upgrade.verdict_words import newest_supported, one_of, standing

LATEST: Final = "latest"
LATEST_LTS: Final = "lts"


@dataclass(frozen=True, slots=True)
class UpgradeProduct(Generic[AnyCycle]):
    """A product with its name, its label and the resolver of its versions.

    The resolver has its cycles in their order.
    """

    name: str
    label: str
    resolver: Resolver[Any]

    @property
    def cycles(self) -> Sequence[AnyCycle]:
        return self.resolver.cycles


@dataclass(frozen=True, slots=True)
class UpgradeQuery(Generic[AnyCycle]):
    """The parameters of an upgrade plan.

    `texts` are the original values. `start` and `target` are None if they are missing or bad;
    `runtime` is also None if none was given.
    """

    today: date
    on: date
    texts: Mapping[str, str]
    every: Every = Every.FEATURE
    start: AnyCycle | None = None
    target: AnyCycle | None = None
    runtime: AnyCycle | None = None
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
) -> UpgradeQuery[Cycle]:
    """Parse `from`, `to`, `every`, `on` and the version of the runtime.

    The parameter of the runtime has the runtime's name. Never raises: bad values are listed in
    `problems`. Without `from` there is no plan; without `to` the target is the latest cycle.
    """
    reader = _Reader(params, today, product, runtime)
    start, runs_on = reader.start(), reader.runtime_cycle()
    target = reader.target(start)
    return UpgradeQuery(
        today=today,
        on=reader.on,
        texts=reader.texts,
        every=reader.every(),
        start=start,
        target=target,
        runtime=runs_on,
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
    ) -> None:
        dated = RoadmapQuery.parse({"on": params.get("on", ())}, today)
        self.on = dated.on
        self.problems = list(dated.problems)
        self.product, self.runtime = product, runtime
        names = ["from", "to", "every", "on", *([runtime.name] if runtime else [])]
        self.texts = {name: text for name in names if (text := _last(params.get(name, ())))}

    def start(self) -> Cycle | None:
        return self._running("from", self.product)

    def runtime_cycle(self) -> Cycle | None:
        return self._running(self.runtime.name, self.runtime) if self.runtime else None

    def target(self, start: Cycle | None) -> Cycle | None:
        word = self.texts.get("to", LATEST).lower()
        if word == LATEST:
            target, kind = advise(self.product.cycles, self.on).newest, "release"
        elif word == LATEST_LTS:
            target, kind = latest_lts(self.product.cycles, self.on), "LTS release"
        else:
            return self._not_older(self._cycle("to", self.product), start)
        if target is None:
            message = f"No {kind} of {self.product.label} is supported: name the one to go to."
            self._note("to", message)
        return self._not_older(target, start)

    def every(self) -> Every:
        text = self.texts.get("every", Every.FEATURE).lower()
        if text in list(Every):
            return Every(text)
        self._note("every", f"“{text[:MAX_TEXT]}” is ignored: expected one of {', '.join(Every)}.")
        return Every.FEATURE

    def _not_older(self, target: Cycle | None, start: Cycle | None) -> Cycle | None:
        if target and start and version_key(target.name) < version_key(start.name):
            self._note(
                "to",
                f"{self.product.label} {target.name} is older than {start.name}, where you are:"
                " a plan goes upwards.",
            )
            return None
        return target

    def _running(self, name: str, product: UpgradeProduct[Cycle]) -> Cycle | None:
        """Return the present cycle of a parameter, which must be released."""
        cycle = self._cycle(name, product)
        if cycle and status_on(cycle.lifecycle, self.on) is Status.PLANNED:
            sentence = standing(f"{product.label} {cycle.name}", cycle.lifecycle, self.on)
            self._note(name, f"{sentence} Nobody runs it yet.")
            return None
        return cycle

    def _cycle(self, name: str, product: UpgradeProduct[Cycle]) -> Cycle | None:
        text = self.texts.get(name, "")
        if not text:
            return None
        found: Resolution[Cycle] = product.resolver.resolve(text, self.on)
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
