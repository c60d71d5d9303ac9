"""Local edits of a product: values that differ from its source, and accepting the source's."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.admin.editing.publishing import may_publish
from releases.admin.fields import ReasonForm
from releases.admin.imports.side_by_side import line_of
from releases.admin.pages import AdminPage, admin_url, render_page
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
from releases.services.editing.proposals import discard_proposals, proposals_file
from releases.services.imports.values import WHOLE

MAX_VALUES: Final = 500
"""Maximum number of values on a page; more are listed once some of these are accepted."""

PERMISSIONS: Final = (
    *(f"releases.change_{table}" for table in ("product", "releasecycle", "release")),
    "releases.add_releasecycle",
    "releases.add_release",
)
"""The permissions to accept values, which can write a product, its cycles and their releases."""


def local_edits_link(product: Product) -> SafeString | str:
    """Return the number of local edits of a product, as a link to their page."""
    if product._state.adding or (product.source == Source.HERE and not proposals_file(product)):
        return "–"
    count = len(_local_edits(product.pk)[1])
    words = f"{count} local edit{'' if count == 1 else 's'}"
    address = admin_url(product, "local_edits", product.pk)
    return format_html('<a href="{}">{}</a>', address, words) if count else "None"


def _local_edits_page(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Show the local edits of a product, and accept the values of the source that are ticked."""
    product, edits = _local_edits(key)
    if not model_admin.has_view_permission(request, product):
        raise PermissionDenied
    may_accept = request.user.has_perms(PERMISSIONS)
    if "discard" in request.POST:
        if not may_accept:
            raise PermissionDenied
        discard_proposals(product.name)
        messages.success(request, "The proposals were discarded.")
        return redirect("admin:releases_product_local_edits", key)
    form = ReasonForm(request.POST or None)
    ticked = request.POST.getlist("take")
    if request.method == "POST":
        if not may_accept:
            raise PermissionDenied
        if form.is_valid() and _accept(request, product, ticked, form.cleaned_data["reason"]):
            return redirect("admin:releases_product_local_edits", key)
        product, edits = _local_edits(key)
    return render_page(
        request,
        model_admin,
        "local_edits",
        f"Local edits of {product}",
        product=product,
        form=form,
        lines=[
            (each, _source(product, each), line_of(each.name, each.sides), each.key in ticked)
            for each in edits[:MAX_VALUES]
        ],
        more=max(0, len(edits) - MAX_VALUES),
        digest=digest_of(edits),
        edited=any(each.kind is not Kind.PROPOSAL for each in edits),
        proposed=any(each.kind is Kind.PROPOSAL for each in edits),
        may_accept=may_accept,
    )


LOCAL_EDITS: Final = AdminPage("<int:key>/kept/", "local_edits", _local_edits_page)


def _accept(request: HttpRequest, product: Product, ticked: list[str], reason: str) -> bool:
    """Return True if values of the source were accepted; else add a message that says why not."""
    if not ticked:
        messages.error(request, "Tick the values to accept.")
        return False
    try:
        count = accept(
            product.name,
            ticked,
            seen=request.POST.get("seen", ""),
            reason=reason or "accepted from the source",
            drafts=not may_publish(request, ReleaseCycle),
        )
    except LocalEditsChangedError:
        message = "The product has changed: this is what differs now. Nothing was written."
        messages.warning(request, message)
        return False
    except FormatError as error:
        for problem in error.problems:
            messages.error(request, str(problem))
        return False
    words = "value was" if count == 1 else "values were"
    messages.success(request, f"{count} {words} accepted.")
    return True


def _local_edits(key: int) -> tuple[Product, list[LocalEdit]]:
    """Return a product and its local edits, in 7 queries. Raises `Http404`."""
    products = Product.objects.select_related("category").prefetch_related(*WHOLE)
    product = get_object_or_404(products.defer("file_text"), pk=key)
    return product, local_edits(product)


def _source(product: Product, value: LocalEdit) -> str:
    """Return the name of the source that has the other value."""
    if value.kind is Kind.PROPOSAL:
        return proposals_file(product)
    if value.kind is Kind.SYNC:
        return str(Source.UPSTREAM.label)
    return str((Source.BUNDLED if product.source == Source.BUNDLED else Source.FILE).label)
