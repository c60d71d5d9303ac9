"""Addresses of pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.views.decorators.http import require_safe

from releases import selectors
from releases.models import Product

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
        query = iri_to_uri(request.META.get("QUERY_STRING", ""))
        self["Location"] = f"{self.path}?{query}".removesuffix("?")


def moved_to(request: HttpRequest, path: str) -> PermanentRedirect:
    """Redirect for good (301) to another path of this site, with the query of the request.

    Args:
        request: The request that is answered.
        path: An absolute path as `reverse()` returns it, escaped and without a query.
    """
    response = PermanentRedirect(path, request)
    # Browsers keep a 301 without limit, but a new product or cycle may take the address.
    response["Cache-Control"] = "public, no-cache"
    return response


def new_path(view: str, product: str, *cycle: str) -> str | None:
    """Return the path that a view has now for a product, or for one of its cycles, that an old
    address names; None where the names are the present ones, or unknown. In 4 queries at most.

    Args:
        view: The name of the view, without its namespace.
        product: The product, as the address names it.
        cycle: The cycle, if the view is of one.
    """
    names = selectors.present_names(product, *cycle)
    return names and reverse(f"releases:{view}", args=[name for name in names if name])


def redirect_if_renamed(
    request: HttpRequest, view: str, product: str, *cycle: str
) -> PermanentRedirect | None:
    """Return the redirect to the `new_path` of a view, or None where there is none."""
    path = new_path(view, product, *cycle)
    return moved_to(request, path) if path else None


def redirect_to(name: str) -> Callable[..., HttpResponse]:
    """Return a view that redirects for good to the view called `name`, with the arguments of the
    address and the query."""

    @require_safe
    def view(request: HttpRequest, **kwargs: str) -> HttpResponse:
        return moved_to(request, reverse(name, kwargs=kwargs))

    return view


def with_single_slashes(path: str) -> str:
    """Return an unescaped absolute path with each run of slashes made one, escaped.

    A browser takes `//evil.example` and `/\\evil.example` for another host; the result begins with
    one slash and holds no backslash.
    """
    return escape_uri_path(_SLASHES.sub("/", path))


def url_without_blank_parameters(request: HttpRequest) -> str:
    """The address without its empty parameters; empty where there are none.

    A form sends its empty fields, too; the address of a view has none.
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
    """Return the product of an address, or the redirect for an alias of it.

    Args:
        request: The request that is answered.
        name: The name in the address.
        view: The name of the view that is asked for.
        cycle: The cycle in the address, if the view is of one.
        read: The selector of what is needed of the product.

    Raises:
        Http404: There is no such product.
    """
    try:
        return read(name)
    except Product.DoesNotExist:
        if redirect := redirect_if_renamed(request, view, name, *cycle):
            return redirect
    raise Http404(f"There is no product “{name}”.")
