"""What of a product differs from its source, side by side, and how the source's is taken over."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.admin.publishing import may_publish
from releases.admin.reasons import ReasonField
from releases.admin.sides import line_of
from releases.formats.errors import FormatError
from releases.models import Product, ReleaseCycle, Source
from releases.services.editing.accept import (
    Kind,
    LocalEdit,
    LocalEditsChangedError,
    accept,
    digest_of,
    local_edits,
)
from releases.services.imports.values import WHOLE

MOST_SHOWN = 500
"""So many values are shown at once: a form has an end."""


class TakeOverForm(forms.Form):
    reason = ReasonField()


class KeptValues(admin.ModelAdmin):
    """The page of the values that are kept, for who may see the product; who may change it may take
    them over."""

    kept_template: ClassVar = "admin/releases/kept.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.kept_view)
        return [path("<int:key>/kept/", view, name="releases_product_kept"), *super().get_urls()]

    @admin.display(description="differs from its source")
    def kept(self, product: Product) -> SafeString | str:
        """How many values of it are kept, as a link to them."""
        if product._state.adding or product.source == Source.HERE:
            return "–"
        count = len(_kept(product.pk)[1])
        words = f"{count} value{'' if count == 1 else 's'} kept against the source"
        address = reverse("admin:releases_product_kept", args=[product.pk])
        return format_html('<a href="{}">{}</a>', address, words) if count else "No value"

    def kept_view(self, request: HttpRequest, key: int) -> HttpResponse:
        product, kept = _kept(key)
        if not self.has_view_permission(request, product):
            raise PermissionDenied
        may_take = _may_take(request)
        form = TakeOverForm(request.POST or None)
        ticked = request.POST.getlist("take")
        if request.method == "POST":
            if not may_take:
                raise PermissionDenied
            if form.is_valid() and self._take_over(request, product, ticked, form):
                return redirect("admin:releases_product_kept", key)
            product, kept = _kept(key)
        context = self.admin_site.each_context(request) | {
            "title": f"{product}: what differs from its source",
            "opts": self.opts,
            "product": product,
            "form": form,
            "lines": [
                (each, _source(product, each), line_of(each.name, each.sides), each.key in ticked)
                for each in kept[:MOST_SHOWN]
            ],
            "more": max(0, len(kept) - MOST_SHOWN),
            "digest": digest_of(kept),
            "may_take": may_take,
        }
        return TemplateResponse(request, self.kept_template, context)

    def _take_over(
        self, request: HttpRequest, product: Product, ticked: list[str], form: forms.Form
    ) -> bool:
        """Whether anything was taken over."""
        if not ticked:
            self.message_user(request, "Tick what is to be taken over.", messages.ERROR)
            return False
        try:
            count = accept(
                product.name,
                ticked,
                seen=request.POST.get("seen", ""),
                reason=form.cleaned_data["reason"] or "taken over from the source",
                drafts=not may_publish(request, ReleaseCycle),
            )
        except LocalEditsChangedError:
            message = "The product has changed: this is what differs now. Nothing was written."
            self.message_user(request, message, messages.WARNING)
            return False
        except FormatError as error:
            for problem in error.problems:
                self.message_user(request, str(problem), messages.ERROR)
            return False
        words = "value was" if count == 1 else "values were"
        self.message_user(request, f"{count} {words} taken over.", messages.SUCCESS)
        return True


def _kept(key: int) -> tuple[Product, list[LocalEdit]]:
    """A product and what is kept of it, in 7 queries. Raises `Http404`."""
    products = Product.objects.select_related("category").prefetch_related(*WHOLE)
    product = get_object_or_404(products.defer("file_text"), pk=key)
    return product, local_edits(product)


def _may_take(request: HttpRequest) -> bool:
    """Values of a product are those of its cycles and releases, too."""
    tables = ("product", "releasecycle", "release")
    rights = [f"releases.change_{table}" for table in tables]
    return request.user.has_perms([*rights, "releases.add_releasecycle", "releases.add_release"])


def _source(product: Product, value: LocalEdit) -> str:
    """What said the value."""
    if value.kind is Kind.SYNC:
        return str(Source.UPSTREAM.label)
    return str((Source.BUNDLED if product.source == Source.BUNDLED else Source.FILE).label)
