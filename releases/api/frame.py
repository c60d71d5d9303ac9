"""Mount the versions of the API, with and without a slash at the end of each address.

Reads are open: pages of any site may read every response, errors included. A response depends on
the catalogue, the date and the address, so it is cached like a page; the parameters of an operation
are those of its cache key. v2 refuses unknown parameters, outside of the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path, reverse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.operation import Operation, PathView
from ninja.renderers import JSONRenderer
from ninja.utils import replace_path_param_notation

from releases import selectors
from releases.api import errors, v0, v1, v2
from releases.api.errors import BadRequest, Moved, NotFound, alike
from releases.domain.names import bad_product_name
from releases.web.api_refusals import API_ROOT, Problem
from releases.web.cached_views import cached
from releases.web.page_cache import add_last_modified
from releases.web.page_keys import SAFE_METHODS
from releases.web.responses import for_other_sites

View = Callable[..., HttpResponseBase]

TAGS: Final = {
    "v2": "For new clients: planned cycles, precision of dates, status, phases, filters over many"
    " products, identifiers, milestones by date. Unknown parameters are refused, and errors are"
    " problem details (RFC 9457).",
    "v1": "The API v1 of endoflife.date, field for field. Its clients need only another base"
    " address.",
    "v0": "The older API of endoflife.date. /api/django redirects to /api/django.json (301).",
}
"""The versions with their descriptions, in the order of the documentation."""
PREFLIGHT: Final = {
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


class Renderer(JSONRenderer):
    """JSON in UTF-8, without whitespace."""

    json_dumps_params = {"ensure_ascii": False, "separators": (",", ":")}  # noqa: RUF012


class Api(NinjaAPI):
    """The API with all of its versions."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        return errors.answer(request, exc)

    def get_content_type(self) -> str:
        return "application/json"

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the version and the name of the view: `v1_products`. Its URL has the same name."""
        view = operation.view_func
        return f"{view.__module__.split('.')[2]}_{view.__name__}"


api = Api(
    title=f"API of {settings.SITE_NAME}",
    version="2",
    description="Which releases are supported, until when, and what comes next. Every address works"
    " with and without a slash at its end. Reading needs no key, and pages of any site may read"
    " (CORS). Writing needs an API token.",
    renderer=Renderer(),
    openapi_url=None,
)
api.add_router("v2", v2.router)
api.add_router("v1", v1.router)
api.add_router("", v0.router)  # last: its /<product>/<cycle>.json would hide the others


def path_views() -> Iterator[tuple[str, PathView]]:
    """Yield the routes of all operations, as Django has them, with their path views."""
    for router in api._get_bound_routers():
        for address, path_view in router.path_operations.items():
            parts = (API_ROOT, router.prefix.strip("/"), address.strip("/"))
            yield replace_path_param_notation("/".join(filter(None, parts))), path_view


def query_parameters(operation: Operation) -> frozenset[str]:
    """Return the query parameters of an operation; v2 refuses others, v0 and v1 ignore them."""
    return frozenset(_repeatable(operation))


def patterns() -> list[URLPattern]:
    """Return the URL patterns of the API, with and without a slash, and one for unknown paths."""
    found: list[URLPattern] = []
    for route, path_view in path_views():
        name = api.get_openapi_operation_id(path_view.operations[0])
        view = _view(path_view, strict=name.startswith("v2_"))
        found += [path(route, view, name=name), path(f"{route}/", view)]
    unsuffixed = answering(SAFE_METHODS, _without_suffix)
    return [
        *found,
        path(f"{API_ROOT}/<str:name>", unsuffixed),
        path(f"{API_ROOT}/<str:name>/", unsuffixed),
        re_path(rf"^{API_ROOT}(?:/[\s\S]*)?\Z", answering(SAFE_METHODS, _nowhere)),
    ]


def answering(methods: Sequence[str], view: View, closed: Collection[str] = ()) -> View:
    """Return a view that responds to `methods` and to preflight requests; to others with 405.

    Pages of any site may read its responses, except for those to `closed` methods. Errors of all
    kinds are JSON.
    """
    shared = [method for method in methods if method not in closed]

    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return _preflight(methods, shared)
        if request.method not in methods:
            return errors.not_allowed(request, [*methods, "OPTIONS"])
        try:
            return cast(HttpResponse, view(request, **kwargs))
        except Exception as error:  # programs read the response: an error must be no HTML page
            return errors.answer(request, error)

    public = for_other_sites(answer)

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return (answer if request.method in closed else public)(request, **kwargs)

    return answered


def _preflight(methods: Sequence[str], shared: Sequence[str]) -> HttpResponse:
    headers = {
        "Allow": f"{', '.join(methods)}, OPTIONS",
        "Access-Control-Allow-Methods": ", ".join(shared),
    }
    reply = HttpResponse(status=204, headers=PREFLIGHT | headers)
    del reply["Content-Type"]  # there is no content
    return reply


def _view(path_view: PathView, *, strict: bool) -> View:
    """Return the view of the operations of an address. GET is cached like a page.

    Args:
        path_view: The operations.
        strict: Respond as v2 does: an unknown parameter is a 400 instead of being ignored, and
            responses have the date of the last change.
    """
    operations = {method: each for each in path_view.operations for method in each.methods}
    if "GET" in operations:
        operations["HEAD"] = operations["GET"]
    repeatable_of = {method: _repeatable(each) for method, each in operations.items()}

    @cached(*repeatable_of.get("GET", ()), strict=strict)
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        method = request.method or ""
        _refuse_repeated(request, repeatable_of[method])
        return operations[method].run(request, **kwargs)

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        repeatable = repeatable_of[request.method or ""]
        if unknown := [name for name in request.GET if name not in repeatable]:
            raise errors.unknown_parameters(unknown, repeatable.keys())
        response = view(request, **kwargs)
        add_last_modified(request, response)
        return response

    closed = {method for method, each in operations.items() if each.auth_callbacks}
    return answering(tuple(operations), checked if strict else view, closed)


def _repeatable(operation: Operation) -> dict[str, bool]:
    """Return the query parameters of an operation; True for those that may be repeated."""
    return {
        name: name in model.__ninja_collection_fields__
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }


def _refuse_repeated(request: HttpRequest, repeatable: Mapping[str, bool]) -> None:
    """Raise `BadRequest` if a parameter of one value is repeated: any choice could be wrong."""
    problems = [
        Problem(name=name, message=f"it is given {len(values)} times, expected once.")
        for name, values in request.GET.lists()
        if len(values) > 1 and not repeatable.get(name, True)
    ]
    if problems:
        raise BadRequest(*problems)


def _without_suffix(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect `/api/python` to `/api/python.json`, as the public API does.

    Raises:
        Moved: There is a product of this name or alias.
        NotFound: There is none.
    """
    product = None if bad_product_name(name) else selectors.names_called([name]).get(name)
    if product is None:
        return _nowhere(request)
    raise Moved(reverse("releases:v0_product", args=[product]))


def _nowhere(request: HttpRequest) -> HttpResponse:
    """Raise `NotFound` with similar addresses."""
    addresses = [f"/{route.replace('<', '{').replace('>', '}')}" for route, _ in path_views()]
    raise NotFound("There is nothing at this address.", alike(request.path, addresses))
