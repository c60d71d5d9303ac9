"""Admins and inlines whose forms are checked for edits by others (see `conflict_forms`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html

from releases.admin.editing.conflict_forms import (
    SEEN,
    ConflictForm,
    ConflictFormSet,
    deleted_text,
    with_unix_newlines,
)
from releases.admin.fields import FIELD_OVERRIDES
from releases.admin.labels import moment_text
from releases.admin.pages import admin_url
from releases.models.revision import Revision
from releases.selectors.history.edits import NEWEST, last_record, newest_edits
from releases.selectors.history.records import Subject, changes, last_change, moments


class ConflictInline(admin.TabularInline):
    """Inline forms of rows with history.

    Attributes:
        folded: The fields that are in a panel of their row, behind a button.
        after: The title of the fieldset that stands above the rows; None if they come last.
        description: A help text above the rows.
        shows_status: True if a row shows the status of its cycle.
        add_link: The parameter of the form of a new row that has the key of the parent; where it is
            given, people without scripts get a link, too.
    """

    form = ConflictForm
    formset = ConflictFormSet
    formfield_overrides = FIELD_OVERRIDES
    # A row to type in, without a click, and without scripts.
    extra = 1
    folded: tuple[str, ...] = ()
    after: str | None = None
    description = ""
    shows_status = False
    add_link = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(**{NEWEST: newest_edits(self.model)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = [name for name in super().get_fields(request, obj) if name != SEEN]
        return [*fields, SEEN] if self.has_change_permission(request, obj) else fields


@admin.action(permissions=["delete"], description="Delete selected %(verbose_name_plural)s")
def _delete_selected(
    model_admin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet
) -> HttpResponse | None:
    """Ask again if the selected rows changed since the page that asks for confirmation.

    Tables without a history are deleted as Django does.
    """
    if not isinstance(model_admin, ConflictAdmin):
        return delete_selected(model_admin, request, rows)
    with transaction.atomic():
        if request.method == "POST":
            Revision.wait()
        keys = list(rows.order_by().values_list("pk", flat=True))
        last, user = last_change(model_admin.model, keys)
        seen = last.isoformat() if last else ""
        if request.POST.get("post") and request.POST.get(SEEN, "") != seen:
            at = f"{moment_text(last)} UTC" if last else ""
            text = (
                f"Nothing was deleted: {user or 'an unknown user'} changed one of these"
                f" {model_admin.opts.verbose_name_plural}, or what belongs to it, at {at}, since"
                " this page was opened. Deleting them again deletes that, too."
            )
            messages.error(request, text)
            sent = request.POST.copy()
            del sent["post"]
            request.POST = sent  # type: ignore[assignment]
        response = delete_selected(model_admin, request, rows)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data[SEEN] = seen
    return response


admin.site.add_action(_delete_selected, "delete_selected")


class ConflictAdmin(admin.ModelAdmin):
    """An admin that checks each form for what others saved since it was opened."""

    form = ConflictForm
    formfield_overrides = FIELD_OVERRIDES

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (title, options), *others = fieldsets
        return [(title, options | {"fields": (*options["fields"], SEEN)}), *others]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        with transaction.atomic():
            Revision.wait()  # for other writers, before the row is read
            return super().changeform_view(request, *args, **kwargs)

    def _changeform_view(self, request: HttpRequest, *args: Any) -> HttpResponse:
        request.POST = with_unix_newlines(request.POST)  # type: ignore[assignment]
        usual: Any = super()
        return usual._changeform_view(request, *args)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.refusal = getattr(request, "refusal", "")
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write only rows that changed, so that the history has no empty changes."""
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Ask again if the row, or what belongs to it, was changed since the page was opened."""
        with transaction.atomic():
            if request.method == "POST":
                Revision.wait()
            subject = self._subject(object_id)
            last = moments(subject).first() if subject else None
            seen = last.isoformat() if last else ""
            known = request.method != "POST" or request.POST.get(SEEN, "") == seen
            if subject and last and not known and self.has_delete_permission(request):
                messages.error(request, self._changed_since(subject, last))
                return redirect(request.get_full_path())
            context = {SEEN: seen, **(extra_context or {})}
            return super().delete_view(request, object_id, context)

    def _subject(self, object_id: str) -> Subject | None:
        last = last_record(self.model, unquote(object_id))
        return Subject(self.model, last.id) if last else None

    def _changed_since(self, subject: Subject, last: datetime) -> str:
        change = changes(subject, [last])[0]
        return format_html(
            "Nothing was deleted: {} changed this {}, or what belongs to it, at {}, since this page"
            ' was opened. Its <a href="{}">history</a> says what. Deleting it again deletes that,'
            " too.",
            change.user or change.reason or "an unknown user",
            self.opts.verbose_name,
            f"{moment_text(last)} UTC",
            admin_url(self.model, "history", subject.pk),
        )

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Show the form of a new row with what was typed, if another editor deleted the row."""
        last = last_record(self.model, unquote(object_id))
        if request.method != "POST" or last is None or not self.has_add_permission(request):
            usual: Any = super()
            return usual._get_obj_does_not_exist_redirect(request, opts, object_id)
        for inline in self.get_inline_instances(request):
            formset: Any = inline.get_formset(request)
            request.POST = formset.all_anew(request.POST)
        request.refusal = deleted_text(last, opts.verbose_name)  # type: ignore[attr-defined]
        return self.changeform_view(request, None, admin_url(self.model, "add"))
