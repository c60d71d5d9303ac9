"""The page of an upgrade plan: the form and the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from releases.domain.lifecycle.order import in_order
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.upgrade.advice import advise, latest_lts
from releases.domain.upgrade.query import LATEST, LATEST_LTS, UpgradeQuery
from releases.domain.upgrade.route import Every
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl
from releases.presentation.breadcrumbs import breadcrumbs
from releases.presentation.roadmap import Option
from releases.presentation.upgrade.plan import RunsOn, UpgradePlan

EVERY_WORDS = {Every.FEATURE: "every release", Every.LTS: "LTS to LTS"}


@dataclass(frozen=True, slots=True)
class Question:
    """The question of a request: products, parameters and plan.

    `plan` is None if the parameters are missing or cannot be read.
    """

    product: Product
    runs_on: RunsOn | None
    query: UpgradeQuery[ReleaseCycle]
    plan: UpgradePlan | None

    @property
    def path(self) -> str:
        """The path and query of the page."""
        return reverse("releases:upgrade", args=[self.product.name]) + self.query.url()


def upgrade_page(question: Question, absolute: AbsoluteUrl) -> dict[str, Any]:
    """Return the template context of the page of an upgrade plan.

    Args:
        question: The question, with its plan.
        absolute: Makes a path an absolute URL.
    """
    product, query = question.product, question.query
    runtime = question.runs_on.product if question.runs_on else None
    known = {"from", "to", "every", "on", *([runtime.name] if runtime else [])}
    return {
        "product": product,
        "runtime": runtime,
        "query": query,
        "plan": question.plan,
        "texts": {each: query.texts.get(each, "") for each in ("from", "to", "every", "on")},
        "runtime_text": query.texts.get(runtime.name, "") if runtime else "",
        "problems": {each: query.problem(each) for each in known if query.problem(each)},
        "runtime_problem": query.problem(runtime.name) if runtime else "",
        "releases": _running(product, query),
        "runtime_releases": _running(runtime, query) if runtime else [],
        "targets": _targets(product, query),
        "everies": [Option(each.value, EVERY_WORDS[each], each is query.every) for each in Every],
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
    cycles = reversed(in_order(list(product.cycles.all())))
    return [each for each in cycles if status_on(each.lifecycle, query.on) is not Status.PLANNED]


def _targets(product: Product, query: UpgradeQuery[ReleaseCycle]) -> list[Option]:
    """Return the target options: the latest, the latest LTS, and all cycles, newest first."""
    cycles = list(product.cycles.all())
    chosen = query.texts.get("to", LATEST)
    newest, lts = advise(cycles, query.on).newest, latest_lts(cycles, query.on)
    options = [(LATEST, f"the latest ({newest.name})" if newest else "the latest")]
    if lts:
        options.append((LATEST_LTS, f"the latest LTS ({lts.name})"))
    options += [(each.name, _target_words(each, query)) for each in reversed(in_order(cycles))]
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
