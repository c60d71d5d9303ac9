"""The base of the admins of products, release cycles and upgrade notes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from releases.admin.editing.bulk import BULK_ACTIONS
from releases.admin.editing.conflict_forms import KEY
from releases.admin.editing.conflicts import ConflictAdmin
from releases.admin.fields import validate_template
from releases.admin.history.pages import HISTORY_PAGES, history_page, moment_key
from releases.admin.history.reasons import ReasonAdmin
from releases.admin.pages import AdminPage, admin_url
from releases.models import Product, ReleaseCycle
from releases.selectors.history.edits import last_record
from releases.selectors.search import similar_products


def focus_first_problem(forms: Iterable[Any]) -> None:
    """Give the first field with an error the focus when the page opens, without scripts, too."""
    wrong = (form.fields[name] for form in forms for name in form.fields if name in form.errors)
    if field := next(wrong, None):
        field.widget.attrs["autofocus"] = True


class CatalogueAdmin(ConflictAdmin, ReasonAdmin):
    """An admin of a table with history: edits are checked for conflicts, and can be reverted."""

    pages: ClassVar[tuple[AdminPage, ...]] = ()
    """Pages besides those of Django and of the history."""
    product_path = "product__"
    """The lookup of the product of a row, with `__`."""
    template_fields: ClassVar[tuple[str, ...]] = ()
    """The fields whose texts may be Liquid templates."""
    # Counts beside the choices of filters run a query on the whole table for each choice.
    show_facets = admin.ShowFacets.NEVER

    def get_urls(self) -> list[Any]:
        return [page.url(self) for page in (*self.pages, *HISTORY_PAGES)] + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Refuse bulk changes that the user may not make; Django would ignore them."""
        is_bulk = request.POST.get("action") in BULK_ACTIONS
        if is_bulk and not self.has_change_permission(request):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return history_page(request, object_id, model_admin=self)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows of products with similar names if nothing has the text itself."""
        rows, twice = super().get_search_results(request, queryset, search_term)
        if not search_term.strip() or rows.exists():
            return rows, twice
        found = similar_products(search_term)
        if not found.matches:
            return rows, twice
        keys = [match.key for match in found.matches]
        similar = queryset.filter(**{f"{self.product_path}in": keys})
        if found.version and self.model is ReleaseCycle:
            similar = similar.filter(name__istartswith=found.version)
        match = request.resolver_match
        if match and str(match.url_name).endswith("_changelist") and request.method == "GET":
            text = f"Nothing is called “{found.text}”. Similar names are shown."
            self.message_user(request, text, messages.INFO)
        return similar, False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Put the focus on the first field with an error."""
        formsets = [each.formset.forms for each in context["inline_admin_formsets"]]
        focus_first_problem(chain([context["adminform"].form], *formsets))
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.template_fields:
            field.validators.append(validate_template)
        return field

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Say where the deleted row can be restored."""
        response = super().response_delete(request, obj_display, obj_id)
        last = last_record(self.model, str(obj_id))
        if last and self.has_change_permission(request):
            address = admin_url(self.model, "revert", last.id, moment_key(last.history_date))
            text = 'To undo the deletion: <a href="{}">Restore</a>'
            self.message_user(request, format_html(text, address), messages.INFO)
        return response

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the initial values of a new row from the query string, without invalid ones."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        fields = self.get_form(request).base_fields
        for name in [name for name in initial if name in fields]:
            try:
                value = fields[name].clean(initial[name])
            except (ValidationError, OverflowError, DataError):
                del initial[name]
                text = f"“{fields[name].label}” stays empty: the address has no value for it."
                self.message_user(request, text, messages.WARNING)
            else:
                initial[name] = value if isinstance(value, Product) else initial[name]
        return initial


class ViewedAdmin(admin.ModelAdmin):
    """Base of admins whose rows can be viewed, but not changed."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a row. The page has no form, and no link to a history."""
        if request.method == "POST":
            raise PermissionDenied
        context = {"without_history": True, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Check the permission before looking for the row: Django redirects if there is none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)


class OfProductAdmin(CatalogueAdmin):
    """An admin of rows of a product: titles, breadcrumbs and messages name it."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        product = row.product if row else _product_of(context["adminform"].form)
        context["product"] = product
        if row:
            context["subtitle"] = title_with_product(row)
        if field := context["adminform"].form.fields.get("product"):
            field.widget.widget.known = product
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "product":
            kwargs["widget"] = ProductSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        return super().response_add(request, Titled(obj), *args)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return super().response_change(request, Titled(obj))


class ProductSelect(AutocompleteSelect):
    """The autocomplete of products. It reads no product that its form has, and no invalid key."""

    known: Product | None = None

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        if self.known is None or list(map(str, value)) != [str(self.known.pk)]:
            keys = [key for key in map(str, value) if KEY.fullmatch(key)]
            return super().optgroups(name, keys, attrs)
        option = self.create_option(name, self.known.pk, str(self.known), True, 0, attrs=attrs)
        return [(None, [option], 0)]


class Titled:
    """A row whose text names its product, as Django's messages are to show it."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    def __str__(self) -> str:
        return title_with_product(self.row)


def title_with_product(row: Any) -> str:
    """Return the title of a row after that of its product: `Django 5.2`, `Django: New forms`."""
    return f"{row.product}{' ' if isinstance(row, ReleaseCycle) else ': '}{row}"


def _product_of(form: Any) -> Product | None:
    """Return the product that the form of a new row has, or None."""
    product = form.initial.get("product")
    if not form.is_bound:
        return product if isinstance(product, Product) else None
    key = str(form["product"].value() or "")
    products = Product.objects.all().without_large_columns()
    return products.filter(pk=key).first() if KEY.fullmatch(key) else None
