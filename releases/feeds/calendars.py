"""iCalendar files of products, views of the roadmap and stacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.lifecycle.milestones import MILESTONES
from releases.domain.lifecycle.status import Status, status_on
from releases.domain.roadmap.agenda import days_from
from releases.domain.roadmap.events import events_of
from releases.domain.roadmap.query import (
    ENDED_CYCLE_DAYS,
    EVENT_NAMES,
    MAX_TEXT,
    QueryProblem,
)
from releases.presentation.calendar_files import (
    CycleEvent,
    Titles,
    event_calendar,
    event_title,
    public_title,
)
from releases.presentation.stack.page import STACK_PARAMETERS, cycles_of
from releases.web.cached_views import cached
from releases.web.parameters import refuse, stack_query, strict_query
from releases.web.redirects import get_product_or_redirect
from releases.web.responses import data_view

PUBLIC_MILESTONES: Final = [name for name, spec in MILESTONES.items() if spec.public]
"""The milestones that are events in the calendars of endoflife.date."""


@cached("on", "planned")
@require_safe
@data_view
def product_ics(request: HttpRequest, name: str) -> HttpResponse:
    """`/calendar/<product>.ics`: the same events and titles as on endoflife.date.

    `?planned=1` adds the cycles that are not released yet. Raises `Http404`.
    """
    product = get_product_or_redirect(
        request, name, "product_ics", read=selectors.product_with_cycles
    )
    if isinstance(product, HttpResponse):
        return product
    on = strict_query(request).on
    cycles = list(product.cycles.all())
    planned = request.GET.get("planned", "") or "0"
    if planned not in ("0", "1"):
        refuse([QueryProblem("planned", f"“{planned[:MAX_TEXT]}” is ignored: expected 1.")])
    if planned == "0":
        cycles = [cycle for cycle in cycles if status_on(cycle.lifecycle, on) is not Status.PLANNED]
    events = events_of(cycles, PUBLIC_MILESTONES)
    title = f"{product.label}: releases and ends of support"
    return _response(request, events, on, title=title, titles=public_title)


@cached(*EVENT_NAMES)
@require_safe
@data_view
def roadmap_ics(request: HttpRequest) -> HttpResponse:
    """`/roadmap.ics`: the events of the cycles on all pages of a view.

    A view with `from` or `to` has the events in that window only. With `kind` it is the calendar of
    an agenda: it has the events of these kinds, from a year before its date on.
    """
    query = strict_query(request, events=True)
    if query.event_kinds:
        since = days_from(query.on, -ENDED_CYCLE_DAYS)
        events = selectors.events_in_view(query, since)
    else:
        events = events_of(selectors.cycles_in_view(query))
    if query.start or query.last:
        events = [event for event in events if event.day.date in query.window]
    return _response(request, events, query.on, title=settings.SITE_NAME, titles=event_title)


@cached(*STACK_PARAMETERS)
@require_safe
@data_view
def stack_ics(request: HttpRequest) -> HttpResponse:
    """`/stack.ics?of=...`: the events of the cycles of a stack."""
    requested = stack_query(request, strict=True)
    events = events_of(cycles_of(requested.check.items))
    title = f"{settings.SITE_NAME}: your stack"
    return _response(request, events, requested.query.on, title=title, titles=event_title)


def _response(
    request: HttpRequest, events: Sequence[CycleEvent], on: date, *, title: str, titles: Titles
) -> HttpResponse:
    absolute = request.build_absolute_uri
    calendar = event_calendar(events, on, title=title, titles=titles, absolute=absolute)
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
