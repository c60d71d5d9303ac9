"""What stands on the editor's desk, as filters of the lists, and its buttons of one click."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from releases.admin.answers import back
from releases.models import Product, ReleaseCycle
from releases.models.history import because
from releases.models.revision import bump_revision
from releases.selectors.desk import (
    CHECK_DAYS,
    ENDING_DAYS,
    CycleNeed,
    ProductNeed,
    cycles_in_need,
    products_in_need,
)
from releases.web import clock


class CycleNeedFilter(admin.SimpleListFilter):
    """The lists of the desk that are of cycles."""

    title = "what needs a hand"
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            (CycleNeed.CONFIRMATION.value, "To be confirmed"),
            (CycleNeed.ENDING.value, f"Ends within {ENDING_DAYS} days"),
            (CycleNeed.UNKNOWN_END.value, "No end announced"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReleaseCycle]
    ) -> QuerySet[ReleaseCycle]:
        need = self.value()
        if need not in list(CycleNeed):
            return queryset
        return cycles_in_need(queryset, CycleNeed(need), clock.today())


class ProductNeedFilter(admin.SimpleListFilter):
    """The lists of the desk that are of products."""

    title = "what needs a hand"
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            (ProductNeed.CHECK.value, f"Not checked for {CHECK_DAYS} days"),
            (ProductNeed.COMPARISON.value, "Edited here, from a source"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        need = self.value()
        if need not in list(ProductNeed):
            return queryset
        return products_in_need(queryset, ProductNeed(need), clock.today())


class ConfirmCycle(admin.ModelAdmin):
    """Confirms the dates of a cycle as they are; its form is where they are changed instead."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.confirm_view))
        address = path("<int:key>/confirm/", view, name="releases_releasecycle_confirm")
        return [address, *super().get_urls()]

    def confirm_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        with transaction.atomic(), bump_revision():
            cycle = get_object_or_404(ReleaseCycle.objects.select_related("product"), pk=key)
            if cycle.unconfirmed:
                cycle.unconfirmed = False
                because(cycle, "dates confirmed").save(update_fields=["unconfirmed"])
        self.message_user(
            request, f"The dates of {cycle.product} {cycle} are confirmed.", messages.SUCCESS
        )
        return back(request)


class CheckProduct(admin.ModelAdmin):
    """Notes that somebody compared a product's dates with what its makers say."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.checked_view))
        address = path("<int:key>/checked/", view, name="releases_product_checked")
        return [address, *super().get_urls()]

    def checked_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        today = clock.today()
        with transaction.atomic(), bump_revision():
            product = get_object_or_404(Product, pk=key)
            if product.checked_on != today:
                product.checked_on = today
                because(product, "checked").save(update_fields=["checked_on"])
        self.message_user(request, f"{product} was checked today.", messages.SUCCESS)
        return back(request)
