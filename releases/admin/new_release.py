"""A new release in one field: the version tells its cycle and its kind."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from releases.admin.answers import back
from releases.domain import limits
from releases.models import Product, ReleaseCycle
from releases.services.editing.add_release import RefusedReleaseError, add_release
from releases.web import clock

RIGHTS = ("releases.add_release", "releases.change_releasecycle")


class NewReleaseForm(forms.Form):
    """`cycle` is there where the form stands on the page of one."""

    version = forms.CharField(
        max_length=limits.NAME,
        help_text="Such as 5.2.20, or 6.0rc1. Its kind and its cycle follow from it.",
    )
    day = forms.DateField(
        label="Released on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: today (UTC).",
    )
    security = forms.BooleanField(label="It fixes a security problem", required=False)
    cycle = forms.ModelChoiceField(
        ReleaseCycle.objects.none(), required=False, widget=forms.HiddenInput
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cycles: Any = self.fields["cycle"]
        cycles.queryset = product.cycles.all()


class NewRelease(admin.ModelAdmin):
    """The address that the field on the pages of a product and of its cycles is sent to."""

    new_release_template: ClassVar = "admin/releases/new_release.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_release_view)
        address = path("<int:key>/new-release/", view, name="releases_product_new_release")
        return [address, *super().get_urls()]

    def new_release_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not request.user.has_perms(RIGHTS):
            raise PermissionDenied
        product = get_object_or_404(Product.objects.defer("imported", "file_text"), pk=key)
        form = NewReleaseForm(request.POST or None, product=product)
        if form.is_valid() and self._added(request, product, form):
            return back(request)
        context = self.admin_site.each_context(request) | {
            "title": f"New release of {product}",
            "opts": self.opts,
            "product": product,
            "form": form,
        }
        return TemplateResponse(request, self.new_release_template, context)

    def _added(self, request: HttpRequest, product: Product, form: NewReleaseForm) -> bool:
        """Whether it could be added; what is wrong with it is said at its field."""
        said, today = form.cleaned_data, clock.today()
        try:
            added = add_release(
                product,
                said["version"],
                said["day"] or today,
                on=today,
                cycle=said["cycle"],
                security=said["security"],
            )
        except RefusedReleaseError as error:
            form.add_error("version", str(error))
            return False
        release = added.release
        place = f"{product} {release.cycle}"
        words = f"{release} ({release.kind}) was added to {place}."
        if added.latest:
            words += " It is the latest one now."
        self.message_user(request, words, messages.SUCCESS)
        return True
