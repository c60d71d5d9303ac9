"""The way from one release to another: `/upgrade/<product>/`, and the same plan as a checklist, as
data and as a calendar."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from releases import clock, selectors
from releases.domain.advice import advise, latest_lts
from releases.domain.lifecycle import Status, status_on
from releases.domain.query import Problem
from releases.domain.route import Every, in_order
from releases.domain.upgrade_query import LATEST, LATEST_LTS, UpgradeQuery, parse
from releases.domain.upgrade_query import Product as Asked
from releases.models import Product, ReleaseCycle
from releases.page_cache import EVERY, cached
from releases.views.addresses import without_empty
from releases.views.exports import data_view
from releases.views.plan import RunsOn, UpgradePlan, make_plan
from releases.views.plan_files import checklist, plan_calendar, plan_data
from releases.views.product import breadcrumbs, find_product
from releases.views.roadmap import Option
from releases.views.unreadable import UnreadableError, refuse

EVERY_WORDS = {Every.FEATURE: "every release", Every.LTS: "LTS to LTS"}


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, with all that the answer needs; `plan` is None where there is no answer."""

    product: Product
    runs_on: RunsOn | None
    query: UpgradeQuery[ReleaseCycle]
    plan: UpgradePlan | None


@cached(EVERY)
@require_safe
def upgrade(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>/`: the form, and the plan that it asks for."""
    if address := without_empty(request):
        return HttpResponseRedirect(address)
    asked = _ask(request, name, "upgrade")
    if isinstance(asked, HttpResponse):
        return asked
    product, query = asked.product, asked.query
    runtime = asked.runs_on.product if asked.runs_on else None
    known = {"from", "to", "every", "on", *([runtime.name] if runtime else [])}
    context = {
        "product": product,
        "runtime": runtime,
        "query": query,
        "plan": asked.plan,
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
        "structured": breadcrumbs(request, ["Upgrade", product.label]),
    }
    return render(request, "releases/upgrade.html", context)


@cached(EVERY)
@require_safe
@data_view
def upgrade_md(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>.md`: the plan as a checklist in Markdown."""
    asked = _ask(request, name, "upgrade_md")
    if isinstance(asked, HttpResponse):
        return asked
    plan = _plan(asked)
    text = checklist(plan, request.build_absolute_uri(_page(asked)))
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@cached(EVERY)
@require_safe
@data_view
def upgrade_json(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>.json`: the plan as data."""
    asked = _ask(request, name, "upgrade_json")
    if isinstance(asked, HttpResponse):
        return asked
    return JsonResponse(plan_data(_plan(asked)), json_dumps_params={"ensure_ascii": False})


@cached(EVERY)
@require_safe
@data_view
def upgrade_ics(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>.ics`: the days of the plan's time plan as a calendar."""
    asked = _ask(request, name, "upgrade_ics")
    if isinstance(asked, HttpResponse):
        return asked
    plan = _plan(asked)
    calendar = plan_calendar(plan, request.build_absolute_uri(_page(asked)))
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")


def _ask(request: HttpRequest, name: str, view: str) -> Question | HttpResponse:
    """What an address asks; for an alias the redirect to its product. Raises `Http404`."""
    product = find_product(request, name, view, read=selectors.product_to_upgrade)
    if isinstance(product, HttpResponse):
        return product
    if not selectors.is_installed(product):
        raise Http404(f"Nobody upgrades {product.label}.")
    found = selectors.runtime_of(product)
    runs_on = RunsOn(*found) if found else None
    query = parse(
        dict(request.GET.lists()),
        clock.today(),
        _asked(product),
        _asked(runs_on.product) if runs_on else None,
    )
    return Question(product, runs_on, query, make_plan(product, runs_on, query))


def _asked(product: Product) -> Asked[ReleaseCycle]:
    return Asked(product.name, product.label, selectors.resolver_of(product))


def _page(asked: Question) -> str:
    return reverse("releases:upgrade", args=[asked.product.name]) + asked.query.url()


def _plan(asked: Question) -> UpgradePlan:
    """The plan for a file. Raises `UnreadableError`."""
    refuse(asked.query.problems)
    if asked.plan is None:
        missing = Problem("from", f"Say which {asked.product.label} you run: ?from=...")
        raise UnreadableError([missing])
    return asked.plan


def _running(product: Product, query: UpgradeQuery[ReleaseCycle]) -> list[ReleaseCycle]:
    """What may run now, the newest first: the cycles that are out."""
    cycles = reversed(in_order(list(product.cycles.all())))
    return [each for each in cycles if status_on(each.life, query.on) is not Status.PLANNED]


def _targets(product: Product, query: UpgradeQuery[ReleaseCycle]) -> list[Option]:
    """Where one may want to go: the latest, the latest LTS, and each cycle, the newest first."""
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
    return f"{cycle.name}{words.get(status_on(cycle.life, query.on), '')}"
