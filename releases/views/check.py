"""The stack check: the form, its answer, and the page of a stack that an address holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from releases import clock, selectors
from releases.domain.query import RoadmapQuery
from releases.domain.stack import MOST_LETTERS, MOST_PARTS, fits, query_of
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.stack import MOST_BYTES, MOST_COMPONENTS, Stack, read_stack
from releases.page_cache import cached
from releases.selectors import StackCheck
from releases.views.alternates import of_stack, webcal
from releases.views.rows import axis_of
from releases.views.snippets import stack_snippets
from releases.views.stacks import (
    STACK,
    StackRow,
    asked_stack,
    cycles_of,
    stack_window,
    status_counts,
    timeline_rows,
)

LIMITS: Final = {"megabytes": MOST_BYTES // 1_000_000, "components": f"{MOST_COMPONENTS:,}"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """`/check/`: the form, and its answer to what was pasted or uploaded, of which nothing is
    kept."""
    query = RoadmapQuery.parse({"on": request.GET.getlist("on")}, clock.today())
    context: dict[str, Any] = {"query": query, "limits": LIMITS, "problems": query.problems}
    if request.method != "POST":
        return render(request, "releases/check.html", context)
    # Browsers send two bytes for each end of a line, which are not what the limit is for.
    pasted = request.POST.get("pasted", "").replace("\r\n", "\n")
    try:
        stack = _read(request, pasted)
    except FormatError as error:
        context |= {"file_problems": error.problems, "pasted": pasted[:MOST_BYTES]}
        return render(request, "releases/check.html", context)
    found = selectors.check_components(stack.components, query.on)
    context = _context(request, found, query) | {"stack": stack}
    return render(request, "releases/stack.html", context)


@cached(*STACK)
@require_safe
def stack(request: HttpRequest) -> HttpResponse:
    """`/stack/?of=django:5.2.1&of=python:3.12`: the stack that the address holds, which has one
    form; others lead to it, but for those with parts that have to be named."""
    asked = asked_stack(request)
    if not asked.parts and not asked.problems:
        return redirect("releases:check")
    if not asked.problems and QueryDict(asked.url.removeprefix("?")) != request.GET:
        return HttpResponseRedirect(request.path + asked.url)
    return render(
        request,
        "releases/stack.html",
        _context(request, asked.check, asked.query, asked.accepted) | {"problems": asked.problems},
    )


def _read(request: HttpRequest, pasted: str) -> Stack:
    """What was sent. Raises `FormatError`."""
    upload = request.FILES.get("file")
    if upload and pasted.strip():
        raise FormatError([FormatProblem(0, "", "A text and a file were sent: send one of them.")])
    if upload is None and not pasted.strip():
        raise FormatError([FormatProblem(0, "", "Nothing was sent: paste a file, or choose one.")])
    return read_stack(upload.read(MOST_BYTES + 1) if upload else pasted)


def _context(
    request: HttpRequest, found: StackCheck, query: RoadmapQuery, accepted: Sequence[str] = ()
) -> dict[str, Any]:
    """What the page of a stack shows, whether it was sent or stands in the address. `accepted` are
    the products whose extended support counts."""
    on, items = query.on, found.items
    rows = [StackRow(item, query) for item in items]
    cycles = cycles_of(items)
    window = stack_window(cycles, on)
    parts, page = [item.part for item in items], reverse("releases:stack")
    day = on if query.what_if else None
    address = query_of(parts, day, accepted)
    permalink = request.build_absolute_uri(page + address)
    context = {
        "query": query,
        "rows": rows,
        "counts": status_counts(items, on),
        "check": found,
        "most_parts": MOST_PARTS,
        "most_letters": f"{MOST_LETTERS:,}",
        "timeline": timeline_rows(cycles, window, on),
        "axis": axis_of(query, window),
    }
    if not items or not fits(permalink):
        return context
    alternates = of_stack(address)
    return context | {
        "permalink": permalink,
        "today": page + query_of(parts, accepted=accepted),
        "accepted": accepted,
        "not_accepting": page + query_of(parts, day),
        "accepting": [
            (product, page + query_of(parts, day, [*accepted, product.name]))
            for product in dict.fromkeys(row.item.product for row in rows if row.extended_only)
        ],
        "alternates": alternates,
        "webcal": webcal(request, alternates),
        "badge": stack_snippets(request, address, permalink),
    }
