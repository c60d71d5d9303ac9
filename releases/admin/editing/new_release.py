"""A new release in one field: its version determines its cycle and its kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from releases.admin.fields import DayField
from releases.admin.pages import AdminPage, redirect_to_next, render_page
from releases.domain import limits
from releases.domain.lifecycle.versions import ReleaseKind
from releases.models import Product, ReleaseCycle
from releases.services.editing.add_release import (
    PlannedCycleError,
    RefusedReleaseError,
    add_release,
)
from releases.web import clock

PERMISSIONS = ("releases.add_release", "releases.change_releasecycle")


class NewReleaseForm(forms.Form):
    """The fields of a new release. `cycle` is sent from the pages of one cycle."""

    version = forms.CharField(
        max_length=limits.NAME,
        help_text="Such as 5.2.20, or 6.0rc1. Its kind and its cycle follow from it.",
    )
    day = DayField(label="Released on", required=False, help_text="Empty: today (UTC).")
    security = forms.BooleanField(label="It fixes a security problem", required=False)
    starts_cycle = forms.BooleanField(
        label="Set the release date of its cycle to the same day", required=False
    )
    cycle = forms.ModelChoiceField(
        ReleaseCycle.objects.none(), required=False, widget=forms.HiddenInput
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cycles: Any = self.fields["cycle"]
        cycles.queryset = product.cycles.all()
        if "starts_cycle" not in self.data:
            del self.fields["starts_cycle"]

    def ask_about_cycle(self) -> None:
        """Show the box about the release of the cycle, as there is a question."""
        self.fields["starts_cycle"] = self.base_fields["starts_cycle"]


def _new_release(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Add the release that a form on the pages of a product or of its cycles describes."""
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied
    product = get_object_or_404(Product.objects.defer("imported", "file_text"), pk=key)
    form = NewReleaseForm(request.POST or None, product=product)
    if form.is_valid() and _add(request, product, form):
        return redirect_to_next(request)
    title = f"New release of {product}"
    return render_page(request, model_admin, "new_release", title, product=product, form=form)


NEW_RELEASE = AdminPage("<int:key>/new-release/", "new_release", _new_release)


def _add(request: HttpRequest, product: Product, form: NewReleaseForm) -> bool:
    """Return True if the release was added; else add an error to the form."""
    values, today = form.cleaned_data, clock.today()
    try:
        added = add_release(
            product,
            values["version"],
            values["day"] or today,
            on=today,
            cycle=values["cycle"],
            kind=ReleaseKind.SECURITY if values["security"] else None,
            starts_cycle=values.get("starts_cycle", False),
        )
    except PlannedCycleError as error:
        form.add_error("version", f"{error} Tick the box to release it on {error.day}, too.")
        form.ask_about_cycle()
        return False
    except RefusedReleaseError as error:
        form.add_error("version", str(error))
        return False
    release = added.release
    message = f"{release} ({release.kind}) was added to {product} {release.cycle}."
    if added.latest:
        message += " It is the latest one now."
    messages.success(request, message)
    return True
