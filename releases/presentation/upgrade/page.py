"""The page of an upgrade plan: the form and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from releases import selectors
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Lifecycle, Status, status_on, support_ended_on
from releases.domain.lifecycle.words import in_or_on
from releases.domain.upgrade.advice import advise, latest_lts
from releases.domain.upgrade.query import DATABASE, LATEST, LATEST_LTS, NAMES, UpgradeQuery
from releases.domain.upgrade.route import Every
from releases.domain.upgrade.rules import RuleKind
from releases.domain.upgrade.verdict_words import standing
from releases.formats.labels import lts_words
from releases.models import Product, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl
from releases.presentation.breadcrumbs import breadcrumbs
from releases.presentation.options import Option
from releases.presentation.upgrade.plan import UpgradePlan
from releases.selectors import Surroundings

EVERY_WORDS = {Every.FEATURE: "as advised", Every.LTS: "fewer stops"}

POPULAR = 8
"""Number of products that the page of all plans links to."""
MEANT = 3
"""Number of similar products that it suggests for an unknown one."""


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


def upgrades_page(texts: Mapping[str, str], product: Product | None, on: date) -> dict[str, Any]:
    """Return the template context of the form that leads to the plan of any product.

    Args:
        texts: The parameters `product`, `from` and `to`.
        product: The product of that name, if there is one; nobody upgrades it.
        on: The date of the page.
    """
    text, meant = texts["product"], []
    offered = selectors.products_to_upgrade(selectors.MAX_CHOICES + 1)
    if product:
        problem = f"Nobody upgrades {product.label}."
    elif text:
        problem = f"There is no product “{text}” here."
        meant = [hit.product for hit in selectors.search(text, on).hits][:MEANT]
    else:
        problem = "Say which product you run." if texts["from"] else ""
    return {
        "texts": texts,
        "problem": problem,
        "meant": [(each.label, plan_url(each, texts)) for each in meant],
        "offered": offered if len(offered) <= selectors.MAX_CHOICES else [],
        "popular": [(each.label, plan_url(each, {})) for each in offered[:POPULAR]],
        "lts": LATEST_LTS,
    }


def plan_url(product: Product, texts: Mapping[str, str]) -> str:
    """Return the path and query of the plan of a product, from the parameters `from` and `to`."""
    query = urlencode({name: texts[name] for name in ("from", "to") if texts.get(name)})
    return f"{reverse('releases:upgrade', args=[product.name])}{'?' if query else ''}{query}"


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
        "title": f"Upgrade {question.plan.name if question.plan else product.label}",
        **(_plan_context(question.plan) if question.plan else {}),
        "path": question.path,
        "today": reverse("releases:upgrade", args=[product.name]) + query.url(on=""),
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


def _plan_context(plan: UpgradePlan) -> dict[str, Any]:
    """Return what the page says of a plan: its lead, and the kind of support of the target."""
    label, target = plan.product.label, plan.target
    sentences = [plan.summary, _support(f"{label} {plan.start.name}", plan.start.lifecycle, plan)]
    if plan.steps and target != plan.start:
        sentences.append(_support(f"{label} {target.name}", target.lifecycle, plan))
    return {
        "lead": " ".join(sentences if not plan.obstacle else sentences[1:2]),
        "target_lts": lts_words(plan.product, target, plan.query.on) if target.lts else "",
    }


def _support(name: str, lifecycle: Lifecycle, plan: UpgradePlan) -> str:
    """Return until when a cycle is supported, or when it lost support, as a sentence."""
    status, end = status_on(lifecycle, plan.query.on), lifecycle.supported_until
    ended = support_ended_on(lifecycle, plan.query.on)
    if status is Status.END_OF_LIFE and ended:
        return f"{name} lost support {in_or_on(ended)}."
    if status.supported and isinstance(end, PartialDate):
        return f"{name} is supported until {end}."
    return standing(name, lifecycle, plan.query.on)


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
    options = [(LATEST, f"newest ({newest.name})" if newest else "newest")]
    if lts:
        options.append((LATEST_LTS, f"latest LTS ({lts.name})"))
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
