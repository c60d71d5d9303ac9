"""Two editors at once, in the admin: forms are checked against what was saved since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from releases.admin.editing.conflict_forms import (
    SEEN,
    ConflictForm,
    ConflictFormSet,
    gone,
    moment,
    with_plain_lines,
)
from releases.models.revision import Revision
from releases.selectors.history.edits import NEWEST, last_record, newest_edits
from releases.selectors.history.records import Subject, changes, moments


class ConflictInline(admin.TabularInline):
    """Rows of history in the form of what they belong to."""

    form = ConflictForm
    formset = ConflictFormSet
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(**{NEWEST: newest_edits(self.model)})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = [name for name in super().get_fields(request, obj) if name != SEEN]
        return [*fields, SEEN] if self.has_change_permission(request, obj) else fields


class ConflictAdmin(admin.ModelAdmin):
    """Saves one form after the other, each knowing what the one before has saved."""

    form = ConflictForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (title, options), *others = fieldsets
        return [(title, options | {"fields": (*options["fields"], SEEN)}), *others]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            # Before anything is read of the row: whoever is saving just now is waited for.
            Revision.wait()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _changeform_view(self, request: HttpRequest, *args: Any) -> HttpResponse:
        request.POST = with_plain_lines(request.POST)  # type: ignore[assignment]
        usual: Any = super()
        answer: HttpResponse = usual._changeform_view(request, *args)
        return answer

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", "")
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """What was not changed is not written: the history tells of changes only."""
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Asks again where something that goes with the row was changed since the page was opened
        that asked."""
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
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
        return format_html(
            "Nothing was deleted: {} changed this {}, or what belongs to it, at {}, since this page"
            ' was opened. Its <a href="{}">history</a> says what. Deleting it again deletes that,'
            " too.",
            change.user or change.reason or "somebody",
            self.opts.verbose_name,
            moment(last),
            reverse(name, args=(subject.pk,)),
        )

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Of a row that was deleted while its form was open the form of a new one is shown, with
        what was typed."""
        last = last_record(self.model, unquote(object_id))
        if request.method != "POST" or last is None or not self.has_add_permission(request):
            usual: Any = super()
            return usual._get_obj_does_not_exist_redirect(request, opts, object_id)
        for inline in self.get_inline_instances(request):
            formset: Any = inline.get_formset(request)
            request.POST = formset.all_anew(request.POST)
        request.refusal = gone(last, opts.verbose_name)  # type: ignore[attr-defined]
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
        return self.changeform_view(request, form_url=address)
