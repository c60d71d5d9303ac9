"""The changes of the catalogue: dates that were announced, moved or withdrawn, and new cycles.

Authors and reasons of changes are in the history, which only editors see.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from releases.presentation.changes import CSV_COLUMNS, changes_data, changes_page, changes_table
from releases.web.cached_views import cached
from releases.web.parameters import lenient_query, strict_query
from releases.web.redirects import url_without_blank_parameters
from releases.web.responses import csv_response, data_view, json_response

PARAMETERS = ("product", "kind", "page")


@cached(*PARAMETERS)
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """`/changes/`: a page of changes, newest first."""
    if url := url_without_blank_parameters(request):
        return HttpResponseRedirect(url)
    context = changes_page(lenient_query(request), request.build_absolute_uri)
    return render(request, "releases/changes.html", context)


@cached(*PARAMETERS)
@require_safe
@data_view
def changes_json(request: HttpRequest) -> HttpResponse:
    """`/changes.json`: the same page as JSON, with an object for each change."""
    return json_response(changes_data(strict_query(request)))


@cached(*PARAMETERS)
@require_safe
@data_view
def changes_csv(request: HttpRequest) -> HttpResponse:
    """`/changes.csv`: the same page as CSV, with a row for each change."""
    return csv_response("changes.csv", CSV_COLUMNS, changes_table(strict_query(request)))
