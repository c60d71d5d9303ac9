"""Upgrade plans: the page, and the same plan as a checklist, as data and as a calendar."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.roadmap.query import MAX_TEXT, QueryProblem
from releases.domain.upgrade.query import UpgradeProduct, parse
from releases.models import Product, ReleaseCycle
from releases.presentation.upgrade.page import Question, plan_url, upgrade_page, upgrades_page
from releases.presentation.upgrade.plan import RunsOn, UpgradePlan, make_plan
from releases.presentation.upgrade.plan_files import checklist, plan_calendar, plan_data
from releases.web import clock
from releases.web.cached_views import cached
from releases.web.page_keys import ALL_PARAMETERS
from releases.web.parameters import UnreadableError, refuse
from releases.web.redirects import get_product_or_redirect, url_without_blank_parameters
from releases.web.responses import data_view, json_response


@cached("product", "from", "to")
@require_safe
def upgrades(request: HttpRequest) -> HttpResponse:
    """`/upgrade/`: a form that leads to the plan of a product."""
    texts = {
        name: request.GET.get(name, "").strip()[:MAX_TEXT] for name in ("product", "from", "to")
    }
    product = selectors.product_called(texts["product"]) if texts["product"] else None
    if product and selectors.is_installed(product):
        return HttpResponseRedirect(plan_url(product, texts))
    context = upgrades_page(texts, product, clock.today())
    return render(request, "releases/upgrades.html", context)


@cached(ALL_PARAMETERS)
@require_safe
def upgrade(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>/`: the form and the plan."""
    if address := url_without_blank_parameters(request):
        return HttpResponseRedirect(address)
    question = _question(request, name, "upgrade")
    if isinstance(question, HttpResponse):
        return question
    context = upgrade_page(question, request.build_absolute_uri)
    return render(request, "releases/upgrade.html", context)


@cached(ALL_PARAMETERS)
@require_safe
@data_view
def upgrade_md(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>.md`: the plan as a checklist in Markdown."""
    question = _question(request, name, "upgrade_md")
    if isinstance(question, HttpResponse):
        return question
    plan = _plan(question)
    text = checklist(plan, request.build_absolute_uri(question.path))
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@cached(ALL_PARAMETERS)
@require_safe
@data_view
def upgrade_json(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>.json`: the plan as data."""
    question = _question(request, name, "upgrade_json")
    if isinstance(question, HttpResponse):
        return question
    return json_response(plan_data(_plan(question)))


@cached(ALL_PARAMETERS)
@require_safe
@data_view
def upgrade_ics(request: HttpRequest, name: str) -> HttpResponse:
    """`/upgrade/<product>.ics`: the dates of the plan as a calendar."""
    question = _question(request, name, "upgrade_ics")
    if isinstance(question, HttpResponse):
        return question
    plan = _plan(question)
    calendar = plan_calendar(plan, request.build_absolute_uri(question.path))
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")


def _question(request: HttpRequest, name: str, view: str) -> Question | HttpResponse:
    """Return the question that a request asks, or the redirect if the name is an alias.

    Raises:
        Http404: There is no such product, or it is not installed, as a standard is not.
    """
    product = get_product_or_redirect(request, name, view, read=selectors.product_to_upgrade)
    if isinstance(product, HttpResponse):
        return product
    if not selectors.is_installed(product):
        raise Http404(f"Nobody upgrades {product.label}.")
    found = selectors.runtime_of(product)
    runs_on = RunsOn(*found) if found else None
    query = parse(
        dict(request.GET.lists()),
        clock.today(),
        _upgrade_product(product),
        _upgrade_product(runs_on.product) if runs_on else None,
    )
    return Question(product, runs_on, query, make_plan(product, runs_on, query))


def _upgrade_product(product: Product) -> UpgradeProduct[ReleaseCycle]:
    return UpgradeProduct(product.name, product.label, selectors.resolver_of(product))


def _plan(question: Question) -> UpgradePlan:
    """Return the plan for a file.

    Raises:
        UnreadableError: Parameters cannot be read, or `from` is missing.
    """
    refuse(question.query.problems)
    if question.plan is None:
        missing = QueryProblem("from", f"Say which {question.product.label} you run: ?from=...")
        raise UnreadableError([missing])
    return question.plan
