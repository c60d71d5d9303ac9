"""The field that leads from a product to the form of one of its cycles."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from releases.admin.pages import AdminPage, admin_url
from releases.domain.limits import NAME
from releases.models import Product, ReleaseCycle
from releases.selectors.resolver import resolver_of
from releases.web import clock


@require_safe
def _find_cycle(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Redirect to the form of the cycle that a name, a codename or a version names."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    product = get_object_or_404(Product.objects.all().without_large_columns(), pk=key)
    text = request.GET.get("cycle", "").strip()[:NAME]
    cycles = list(product.cycles.all())
    named = (each for each in cycles if text.lower() in (each.name.lower(), each.codename.lower()))
    cycle = next(named, None) if text else None
    cycle = cycle or resolver_of(product, cycles).resolve(text, clock.today()).cycle
    if cycle is None:
        messages.warning(request, f"{product} has no release cycle “{text}”.")
        return redirect(admin_url(Product, "change", key))
    return redirect(admin_url(ReleaseCycle, "change", cycle.pk))


FIND_CYCLE = AdminPage("<int:key>/find-cycle/", "find_cycle", _find_cycle)
