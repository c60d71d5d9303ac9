"""The page of an upgrade plan: the form and the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from releases.domain.lifecycle.status import Status, status_on
from releases.domain.upgrade.advice import advise, latest_lts
from releases.domain.upgrade.query import DATABASE, LATEST, LATEST_LTS, NAMES, UpgradeQuery
from releases.domain.upgrade.route import Every
from releases.domain.upgrade.rules import RuleKind
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl
from releases.presentation.breadcrumbs import breadcrumbs
from releases.presentation.roadmap import Option
from releases.presentation.upgrade.plan import UpgradePlan
from releases.selectors import Surroundings

EVERY_WORDS = {Every.FEATURE: "every advised stop", Every.LTS: "fewer stops"}


@dataclass(frozen=True, slots=True)
class Question:
    """The question of a request: products, parameters and plan.

    `plan` is None if the parameters are missing or cannot be read, or if nobody upgrades it.
    """

    product: Product
    around: Surroundings
    query: UpgradeQuery[ReleaseCycle]
    plan: UpgradePlan | None

    @property
    def path(self) -> str:
        """The path and query of the page."""
        return reverse("releases:upgrade", args=[self.product.name]) + self.query.url()

    @property
    def not_upgraded(self) -> str:
        """A sentence on a product that nobody upgrades; empty for all others."""
        rule = self.product.upgrade_rule
        if rule.kind is not RuleKind.NOT_APPLICABLE:
            return ""
        return rule.summary or f"Nobody upgrades {self.product.label}."


def upgrade_page(question: Question, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of the page of an upgrade plan.

    Args:
        question: The question, with its plan.
        absolute: Makes a path an absolute URL.
    """
    product, query = question.product, question.query
    runtime = question.around.runtime.product if question.around.runtime else None
    known = {*NAMES, DATABASE, *([runtime.name] if runtime else [])}
    fewer = bool(product.upgrade_rule.fewer)
    return {
        "product": product,
        "runtime": runtime,
        "query": query,
        "plan": question.plan,
        "not_upgraded": question.not_upgraded,
        "texts": {each: query.texts.get(each, "") for each in (*NAMES, DATABASE)},
        "databases": [each.product.label for each in question.around.databases],
        "runtime_text": query.texts.get(runtime.name, "") if runtime else "",
        "problems": {each: query.problem(each) for each in known if query.problem(each)},
        "runtime_problem": query.problem(runtime.name) if runtime else "",
        "releases": _running(product, query),
        "runtime_releases": _running(runtime, query) if runtime else [],
        "targets": _targets(product, query),
        "everies": [
            Option(each.value, EVERY_WORDS[each], each is query.every)
            for each in Every
            if fewer or each is Every.FEATURE
        ],
        "files": {
            kind: reverse(f"releases:upgrade_{kind}", args=[product.name]) + query.url()
            for kind in ("md", "json", "ics")
        },
        "structured": breadcrumbs(
            reverse("releases:upgrade", args=[product.name]), ["Upgrade", product.label], absolute
        ),
    }


def _running(product: Product, query: UpgradeQuery[ReleaseCycle]) -> list[ReleaseCycle]:
    """Return the cycles that may be installed now: all released ones, newest first."""
    cycles = reversed(product.upgrade_rule.in_order(list(product.cycles.all())))
    return [each for each in cycles if status_on(each.lifecycle, query.on) is not Status.PLANNED]


def _targets(product: Product, query: UpgradeQuery[ReleaseCycle]) -> list[Option]:
    """Return the target options: the latest, the latest LTS, and all cycles, newest first."""
    cycles = list(product.cycles.all())
    chosen = query.texts.get("to", LATEST)
    rule = product.upgrade_rule
    counted = rule.candidates(cycles, query.start)
    newest, lts = advise(counted, query.on).newest, latest_lts(counted, query.on)
    options = [(LATEST, f"the latest ({newest.name})" if newest else "the latest")]
    if lts:
        options.append((LATEST_LTS, f"the latest LTS ({lts.name})"))
    options += [(each.name, _target_words(each, query)) for each in reversed(rule.in_order(cycles))]
    if query.target and chosen not in dict(options):
        chosen = query.target.name
    return [Option(value, word, value == chosen) for value, word in options]


def _target_words(cycle: ReleaseCycle, query: UpgradeQuery[ReleaseCycle]) -> str:
    words = {
        Status.PLANNED: " (planned)",
        Status.EXTENDED: " (extended support only)",
        Status.END_OF_LIFE: " (unsupported)",
    }
    return f"{cycle.name}{words.get(status_on(cycle.lifecycle, query.on), '')}"
