"""Pages that copy a product or a cycle, and that merge two products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify

from releases.admin.editing.publishing import report_draft
from releases.admin.fields import ReasonForm
from releases.admin.pages import AdminPage, admin_url, render_page
from releases.domain import limits
from releases.models import Product, ReleaseCycle
from releases.selectors.search import similar_products
from releases.services.editing.copies import copy_cycle, copy_product
from releases.services.editing.merge_products import (
    MergeChangedError,
    MergePlan,
    merge_products,
    plan_merge,
)


class CopyProductForm(forms.Form):
    """The form for the title and the address of the copy of a product."""

    label = forms.CharField(label="Title", max_length=limits.LABEL)
    name = forms.CharField(
        label="Address",
        max_length=limits.NAME,
        required=False,
        help_text="Such as django, found at /django/. Leave empty to make it from the title.",
    )
    cycles = forms.BooleanField(label="Copy its release cycles, too", required=False, initial=True)

    def clean_name(self) -> str:
        return self.cleaned_data["name"] or slugify(self.cleaned_data.get("label", ""))


class CopyCycleForm(forms.Form):
    """The form for the name of the copy of a cycle."""

    name = forms.CharField(max_length=limits.NAME, help_text="Such as 5.2.")


def _copy_product(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Copy a product, and show the form of the copy."""
    form = CopyProductForm(request.POST or None)
    product = _row(request, model_admin, key)
    return _copy(request, model_admin, product, form, lambda: copy_product(product, **_sent(form)))


def _copy_cycle(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Copy a cycle, and show the form of the copy."""
    form = CopyCycleForm(request.POST or None)
    cycle = _row(request, model_admin, key)
    return _copy(request, model_admin, cycle, form, lambda: copy_cycle(cycle, **_sent(form)))


def _sent(form: forms.Form) -> Any:
    return form.cleaned_data


def _row(request: HttpRequest, model_admin: ModelAdmin, key: int) -> Any:
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    rows: Any = model_admin.model._default_manager.all()
    if model_admin.model is ReleaseCycle:
        rows = rows.select_related("product")
    return get_object_or_404(rows, pk=key)


def _copy(
    request: HttpRequest, model_admin: ModelAdmin, row: Any, form: forms.Form, make: Any
) -> HttpResponse:
    """Return the page of a copy, or redirect to the form of the copy once it is made."""
    if form.is_valid():
        try:
            new = make()
        except ValidationError as error:
            for field, problems in error.message_dict.items():
                form.add_error(field if field in form.fields else None, problems)
        else:
            messages.success(request, f"{row} was copied.")
            report_draft(request, new)
            return redirect(admin_url(new, "change", new.pk))
    name = row if isinstance(row, Product) else f"{row.product} {row}"
    context = {"form": form, "row": row, "object": row}
    return render_page(request, model_admin, "copy", f"Copy {name}", **context)


class MergeForm(ReasonForm):
    """The form for the product that is merged into another one."""

    other = forms.CharField(
        label="Product to merge into it",
        max_length=limits.NAME,
        help_text="Its address or title, such as postgres.",
    )
    field_order = ("other", "reason")

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_other(self) -> Product:
        """Return the product. Raises `ValidationError` with similar names if there is none."""
        text = self.cleaned_data["other"].strip()
        others = Product.objects.exclude(pk=self.product.pk)
        for condition in ({"name": text}, {"label__iexact": text}):
            if len(found := list(others.filter(**condition)[:2])) == 1:
                return found[0]
        if text in (self.product.name, self.product.label):
            raise ValidationError("A product cannot be merged into itself.")
        keys = [match.key for match in similar_products(text).matches[:5]]
        names = ", ".join(others.filter(pk__in=keys).values_list("name", flat=True))
        hint = f" Similar: {names}." if names else ""
        raise ValidationError(f"There is no other product “{text}”.{hint}")


PERMISSIONS = (
    "releases.change_product",
    "releases.delete_product",
    "releases.publish_product",
    "releases.publish_releasecycle",
)


def _merge(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Merge another product into this one, after a page that shows what that does."""
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied
    product = get_object_or_404(Product, pk=key)
    form, plan = MergeForm(request.POST or None, product=product), None
    if form.is_valid():
        other, reason = form.cleaned_data["other"], form.cleaned_data["reason"]
        plan = plan_merge(product, other)
        if "apply" in request.POST and _apply(request, plan, reason):
            return redirect(admin_url(product, "change", key))
    title = f"Merge a product into {product}"
    context = {"form": form, "product": product, "plan": plan, "lines": _lines(plan)}
    return render_page(request, model_admin, "merge", title, **context)


def _lines(plan: MergePlan | None) -> Iterator[tuple[Any, Any, str]]:
    """Yield the rows of the other product with the names of their tables and their fates."""
    for rows, fate in (
        (plan.moved if plan else (), "Moves to {}"),
        (plan.left if plan else (), "Deleted: {} has its own"),
    ):
        for row in rows:
            yield row, row._meta.verbose_name, fate.format(plan.product if plan else "")


def _apply(request: HttpRequest, plan: MergePlan, reason: str) -> bool:
    """Return True if the products are merged; else say that the plan changed."""
    usual = f"{plan.other} merged into {plan.product}"
    why = f"{usual}: {reason}" if reason else usual
    try:
        merge_products(plan.product, plan.other, reason=why, seen=request.POST.get("seen", ""))
    except MergeChangedError:
        messages.warning(request, "Something changed meanwhile. This is what would happen now.")
        return False
    text = f"{usual}. To undo it, revert this change in the history of {plan.product}."
    messages.success(request, text)
    return True


COPY_PRODUCT = AdminPage("<int:key>/copy/", "copy", _copy_product)
COPY_CYCLE = AdminPage("<int:key>/copy/", "copy", _copy_cycle)
MERGE = AdminPage("<int:key>/merge/", "merge", _merge)
