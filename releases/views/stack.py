"""Views of the stack check: a form with its result, and a page for a stack in the URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from releases.domain.policy import Policy
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.stack import ACCEPT, read_accepted, read_rule
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import LIMITS
from releases.formats.stack.baseline import read_baseline
from releases.formats.stack.kinds import KINDS
from releases.formats.stack.policy import read_exceptions
from releases.presentation.stack.formats import CYCLONEDX, FORMATS, report_file
from releases.presentation.stack.page import STACK_PARAMETERS, stack_page
from releases.presentation.stack.report import (
    StackFile,
    StackOptions,
    StackReport,
    report_on,
    stack_file,
)
from releases.web import clock
from releases.web.cached_views import cached
from releases.web.parameters import stack_query

FIELDS: Final = ("name", "fail_on", ACCEPT, "strict", "format")
"""Fields of the form that keep their values if it is refused, beside the pasted text."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """`/check/`: the form, or the result for pasted or uploaded files, which are not stored.

    The result redirects to the URL of the stack if that has all of the file.
    """
    days = request.POST.getlist("on") if "on" in request.POST else request.GET.getlist("on")
    query = RoadmapQuery.parse({"on": days}, clock.today())
    # Browsers send each line break as CRLF, but the size limit counts it as one byte.
    pasted = request.POST.get("pasted", "").replace("\r\n", "\n")
    context: dict[str, Any] = {
        "query": query,
        "limits": LIMITS,
        "problems": query.problems,
        "kinds": KINDS,
        "formats": FORMATS,
        "cyclonedx": CYCLONEDX,
        # The first format is that of the field; a button that was pressed adds its own.
        "typed": {name: next(iter(request.POST.getlist(name)), "") for name in FIELDS},
    }
    if request.method != "POST":
        return render(request, "releases/check.html", context)
    try:
        report = report_on(_files(request, pasted), _options(request, query))
        form = request.POST.get("format", "")
        if form in FORMATS:
            return _download(report, form)
    except FormatError as error:
        context |= {"file_problems": error.problems, "pasted": pasted[: LIMITS.file_bytes]}
        return render(request, "releases/check.html", context)
    context = stack_page(report, request.build_absolute_uri)
    if context.get("complete") and not query.problems:
        return HttpResponseRedirect(context["address"], status=303)
    return render(request, "releases/stack.html", context | {"problems": query.problems})


@cached(*STACK_PARAMETERS)
@require_safe
def stack(request: HttpRequest) -> HttpResponse:
    """Render a stack in the URL, such as `/stack/?of=django:5.2.1&of=python:3.12`.

    Redirects to the canonical URL of the stack. If parameters cannot be read, the page lists them
    instead.
    """
    requested = stack_query(request)
    if not requested.parts and not requested.problems:
        return redirect("releases:check")
    if not requested.problems and QueryDict(requested.url.removeprefix("?")) != request.GET:
        return HttpResponseRedirect(request.path + requested.url)
    return render(
        request,
        "releases/stack.html",
        stack_page(requested.report, request.build_absolute_uri) | {"problems": requested.problems},
    )


def _files(request: HttpRequest, pasted: str) -> list[StackFile]:
    """Return the pasted or uploaded files.

    Raises:
        FormatError: There is no file, both a text and a file, or one that cannot be read.
    """
    uploads = request.FILES.getlist("file")
    if uploads and pasted.strip():
        raise FormatError([FormatProblem(0, "", "Paste text or choose a file, but not both.")])
    name = request.POST.get("name", "")
    if pasted.strip():
        return [replace(stack_file(pasted, name), name="")]
    if not uploads:
        raise FormatError([FormatProblem(0, "", "Nothing to check: paste text or choose a file.")])
    files = []
    for upload in uploads:
        with _in(upload.name if len(uploads) > 1 else ""):
            file = stack_file(upload.read(LIMITS.file_bytes + 1), name or upload.name or "")
            files.append(replace(file, name=upload.name or ""))
    return files


def _options(request: HttpRequest, query: RoadmapQuery) -> StackOptions:
    """Return the options of the form. Raises `FormatError`."""
    accepted, invalid = read_accepted(request.POST.get(ACCEPT, "").replace(",", " ").split())
    try:
        rules = tuple(map(read_rule, request.POST.get("fail_on", "").replace(",", " ").split()))
    except ValueError as error:
        raise FormatError([FormatProblem(0, "Rules", str(error))]) from None
    if invalid:
        raise FormatError([FormatProblem(0, "Extended support", invalid[0].message)])
    with _in("The earlier report"):
        earlier = request.FILES.get("baseline")
        baseline = read_baseline(earlier.read()) if earlier else None
    policy = Policy(rules, tuple(accepted))
    with _in("The exceptions"):
        for upload in request.FILES.getlist("exceptions"):
            policy += read_exceptions(upload.read(), upload.name or "")
    return StackOptions(query, policy, "strict" in request.POST, baseline)


@contextmanager
def _in(name: str | None) -> Iterator[None]:
    """Put the name of a file or field in front of the problems of a `FormatError`."""
    try:
        yield
    except FormatError as error:
        raise FormatError(
            [
                replace(each, path=": ".join(filter(None, (name, each.path))))
                for each in error.problems
            ]
        ) from None


def _download(report: StackReport, form: str) -> HttpResponse:
    """Return a report as a file. Raises `FormatError`, as `report_file` does."""
    file = report_file(report, form)
    response = HttpResponse(file.text, content_type=f"{file.media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response
