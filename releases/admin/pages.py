"""Pages and buttons of the admin that Django does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A view that a model admin has besides those of Django.

    `route` continues the address of the model's list; the URL is named `admin:releases_MODEL_NAME`.
    `view` is called with the request, the arguments of the route and `model_admin`. Users without
    access to the admin are sent to the login; the view checks all other permissions.
    """

    route: str
    name: str
    view: Callable[..., HttpResponse]

    def url(self, model_admin: ModelAdmin) -> URLPattern:
        """Return the URL pattern of this page in an admin."""
        opts = model_admin.opts
        view = model_admin.admin_site.admin_view(partial(self.view, model_admin=model_admin))
        return path(self.route, view, name=f"{opts.app_label}_{opts.model_name}_{self.name}")


def admin_url(model: Any, page: str, *args: Any) -> str:
    """Return the address of a page of the admin of a model or row, as `change` or `history`."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def render_page(
    request: HttpRequest, model_admin: ModelAdmin, template: str, title: str, **context: Any
) -> TemplateResponse:
    """Return a page of `templates/admin/releases/` with the context of every admin page."""
    shared = model_admin.admin_site.each_context(request)
    shared |= {"title": title, "opts": model_admin.opts}
    return TemplateResponse(request, f"admin/releases/{template}.html", shared | context)


def redirect_to_next(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to the page in the form field `next`.

    Redirects to the index if it is not a page of this site.
    """
    address = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(address if own else "admin:index")
