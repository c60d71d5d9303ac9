"""Upgrade plans: the page, and the same plan as a checklist, as data and as a calendar."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.roadmap.query import QueryProblem
from releases.domain.upgrade.query import UpgradeProduct, parse
from releases.domain.upgrade.rules import RuleKind
from releases.models import Product, ReleaseCycle
from releases.presentation.upgrade.page import Question, upgrade_page
from releases.presentation.upgrade.plan import UpgradePlan
from releases.presentation.upgrade.plan_files import checklist, plan_calendar, plan_data
from releases.presentation.upgrade.planning import make_plan
from releases.web import clock
from releases.web.cached_views import cached
from releases.web.page_keys import ALL_PARAMETERS
from releases.web.parameters import UnreadableError, refuse
from releases.web.redirects import get_product_or_redirect, url_without_blank_parameters
from releases.web.responses import data_view, json_response


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
    stated = product.upgrade_rule.kind is RuleKind.NOT_APPLICABLE
    if not selectors.is_installed(product) and not stated:
        raise Http404(f"Nobody upgrades {product.label}.")
    around = selectors.surroundings_of(product)
    query = parse(
        dict(request.GET.lists()),
        clock.today(),
        _upgrade_product(product),
        _upgrade_product(around.runtime.product) if around.runtime else None,
        [
            _upgrade_product(
                each.product, tuple(alias.name for alias in each.product.aliases.all())
            )
            for each in around.databases
        ],
    )
    return Question(product, around, query, make_plan(product, around, query))


def _upgrade_product(
    product: Product, aliases: tuple[str, ...] = ()
) -> UpgradeProduct[ReleaseCycle]:
    return UpgradeProduct(
        product.name,
        product.label,
        selectors.resolver_of(product),
        product.upgrade_rule,
        aliases,
    )


def _plan(question: Question) -> UpgradePlan:
    """Return the plan for a file.

    Raises:
        UnreadableError: Parameters cannot be read, or `from` is missing.
    """
    refuse(question.query.problems)
    if question.plan is None:
        ask = f"Say which {question.product.label} you run: ?from=..."
        missing = QueryProblem("from", question.not_upgraded or ask)
        raise UnreadableError([missing])
    return question.plan
