"""Redirects of former names, aliases, and addresses that clients of the public site use."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.views.decorators.http import require_safe

from releases import selectors
from releases.models import Product, ReleaseCycle

_SLASHES: Final = re.compile("/{2,}")


class PermanentRedirect(HttpResponsePermanentRedirect):
    """A 301 to another path of this site, with the query of the request.

    The page cache does not store it, so it keeps the parameters that its view does not see, too.
    """

    def __init__(self, path: str, request: HttpRequest) -> None:
        super().__init__(path)
        self.path = self["Location"]
        self.add_query(request)

    def add_query(self, request: HttpRequest) -> None:
        """Take over the query of a request."""
        query = iri_to_uri(request.META.get("QUERY_STRING", ""))
        self["Location"] = f"{self.path}?{query}".removesuffix("?")


def moved_to(request: HttpRequest, path: str) -> PermanentRedirect:
    """Return a permanent redirect (301) to another path, with the query of the request.

    Args:
        request: The request.
        path: An absolute path as `reverse()` returns it, escaped and without a query.
    """
    response = PermanentRedirect(path, request)
    # Browsers cache a 301 without limit, but a new product or cycle may take the address.
    response["Cache-Control"] = "public, no-cache"
    return response


def new_path(view: str, product: str, *cycle: str) -> str | None:
    """Return the present path of a view for former names, in at most 4 queries.

    The result is None if the names are the present ones, or unknown.

    Args:
        view: The name of the view, without its namespace.
        product: The name of the product in the address.
        cycle: The name of the cycle in the address, if the view is of a cycle.
    """
    names = selectors.present_names(product, *cycle)
    return names and reverse(f"releases:{view}", args=[name for name in names if name])


def redirect_if_renamed(
    request: HttpRequest, view: str, product: str, *cycle: str
) -> PermanentRedirect | None:
    """Return the redirect to the `new_path` of a view, or None if it has none."""
    path = new_path(view, product, *cycle)
    return moved_to(request, path) if path else None


def redirect_to(name: str) -> Callable[..., HttpResponse]:
    """Return a view that redirects permanently to the view called `name`.

    It passes on the arguments and the query of its address.
    """

    @require_safe
    def view(request: HttpRequest, **kwargs: str) -> HttpResponse:
        return moved_to(request, reverse(name, kwargs=kwargs))

    return view


def with_single_slashes(path: str) -> str:
    r"""Return an absolute path, escaped, with each run of slashes replaced by one.

    A browser takes `//evil.example` and `/\evil.example` for another host; the result begins with
    one slash and holds no backslash.

    Args:
        path: An absolute path, not escaped.
    """
    return escape_uri_path(_SLASHES.sub("/", path))


def url_without_blank_parameters(request: HttpRequest) -> str:
    """Return the URL without its blank parameters, or "" if it has none.

    A form sends its blank fields, too; the address of a view has none.
    """
    params = request.GET.copy()
    for name, values in request.GET.lists():
        if filled := [value for value in values if value.strip()]:
            params.setlist(name, filled)
        else:
            del params[name]
    if params == request.GET:
        return ""
    return f"{request.path}?{params.urlencode()}" if params else request.path


def get_product_or_redirect(
    request: HttpRequest,
    name: str,
    view: str,
    *cycle: str,
    read: Callable[[str], Product] = selectors.product_page,
) -> Product | HttpResponse:
    """Return the product of an address, or the redirect if the name is an alias.

    Args:
        request: The request.
        name: The name of the product in the address.
        view: The name of the view, without its namespace.
        cycle: The name of the cycle in the address, if the view is of a cycle.
        read: The selector that reads the product.

    Raises:
        Http404: There is no such product.
    """
    try:
        return read(name)
    except Product.DoesNotExist:
        if redirect := redirect_if_renamed(request, view, name, *cycle):
            return redirect
    raise Http404(f"There is no product “{name}”.")


def get_cycle_or_redirect(
    request: HttpRequest, name: str, view: str, cycle_name: str
) -> tuple[Product, ReleaseCycle] | HttpResponse:
    """Return the product and the cycle of an address, or the redirect if one was renamed.

    The arguments are those of `get_product_or_redirect`.

    Raises:
        Http404: There is no such product or cycle.
    """
    product = get_product_or_redirect(request, name, view, cycle_name)
    if isinstance(product, HttpResponse):
        return product
    for cycle in product.cycles.all():
        if cycle.name == cycle_name:
            return product, cycle
    if redirect := redirect_if_renamed(request, view, name, cycle_name):
        return redirect
    raise Http404(f"{product.label} has no release cycle “{cycle_name}”.")
