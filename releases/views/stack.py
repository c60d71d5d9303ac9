"""Views of the stack check: a form with its result, and a page for a stack in the URL."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from releases import selectors
from releases.domain.roadmap.query import RoadmapQuery
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import MAX_BYTES, MAX_COMPONENTS, Stack, read_stack
from releases.presentation.stack.page import STACK_PARAMETERS, stack_page
from releases.web import clock
from releases.web.cached_views import cached
from releases.web.parameters import stack_query

LIMITS: Final = {"megabytes": MAX_BYTES // 1_000_000, "components": f"{MAX_COMPONENTS:,}"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """`/check/`: the form, or the result for a pasted or uploaded file, which is not stored.

    The result redirects to the URL of the stack if that has all of the file.
    """
    query = RoadmapQuery.parse({"on": request.GET.getlist("on")}, clock.today())
    context: dict[str, Any] = {"query": query, "limits": LIMITS, "problems": query.problems}
    if request.method != "POST":
        return render(request, "releases/check.html", context)
    # Browsers send each line break as CRLF, but the size limit counts it as one byte.
    pasted = request.POST.get("pasted", "").replace("\r\n", "\n")
    try:
        stack = _read(request, pasted)
    except FormatError as error:
        context |= {"file_problems": error.problems, "pasted": pasted[:MAX_BYTES]}
        return render(request, "releases/check.html", context)
    found = selectors.check_components(stack.components, query.on)
    context = stack_page(found, query, request.build_absolute_uri)
    if context.get("complete") and not stack.problems and not query.problems:
        return HttpResponseRedirect(context["address"], status=303)
    context |= {"stack": stack, "problems": query.problems}
    return render(request, "releases/stack.html", context)


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
        stack_page(requested.check, requested.query, request.build_absolute_uri, requested.accepted)
        | {"problems": requested.problems},
    )


def _read(request: HttpRequest, pasted: str) -> Stack:
    """Return the stack of a pasted or uploaded file.

    Raises:
        FormatError: There is no file, there are two, or it cannot be read.
    """
    upload = request.FILES.get("file")
    if upload and pasted.strip():
        raise FormatError([FormatProblem(0, "", "Paste text or choose a file, but not both.")])
    if upload is None and not pasted.strip():
        raise FormatError([FormatProblem(0, "", "Nothing to check: paste text or choose a file.")])
    return read_stack(upload.read(MAX_BYTES + 1), upload.name) if upload else read_stack(pasted)
