"""Changes of many rows at once: a page that lists what becomes of each, then the change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from releases.admin.forms import MilestoneField
from releases.admin.labels import label_of
from releases.admin.reasons import ReasonField
from releases.admin.sides import NOTHING
from releases.domain.history.shifts import MOST_MONTHS, ended_on, shifted
from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, parse_milestone
from releases.domain.lifecycle.status import MILESTONES
from releases.models import Tag
from releases.presentation.rows import milestone_text
from releases.services.editing.bulk import (
    MAX_ROWS,
    BulkEffect,
    BulkPlan,
    PlanChangedError,
    change_cycles,
    change_tags,
)
from releases.web import clock

Said = dict[str, Any]
"""The cleaned values of a form."""


class BulkForm(forms.Form):
    reason = ReasonField()


class EndForm(BulkForm):
    day = MilestoneField(label="Security support ended on")
    field_order = ("day", "reason")

    def clean_day(self) -> PartialDate:
        day: MilestoneValue = self.cleaned_data["day"]
        if not isinstance(day, PartialDate):
            raise ValidationError("Expected a date: 2028-04-30, 2028-04, 2028-Q2 or 2028.")
        return day


class ShiftForm(BulkForm):
    months = forms.IntegerField(
        label="Months later",
        min_value=-MOST_MONTHS,
        max_value=MOST_MONTHS,
        help_text="Less than 0: so many months earlier. Only dates to come are moved.",
    )
    field_order = ("months", "reason")


class TagsForm(BulkForm):
    tags = forms.ModelMultipleChoiceField(Tag.objects.all())
    field_order = ("tags", "reason")


@dataclass(frozen=True, slots=True)
class Bulk:
    """One of the changes.

    `service` makes of what the form says the service that makes or plans the change of some keys.
    `first` are the values with which the form begins, if there are any; `reason` is the one where
    nobody gives another.
    """

    title: str
    form: type[BulkForm]
    service: Callable[[Said], Callable[..., BulkPlan[Any]]]
    reason: str
    first: Callable[[], dict[str, str]] = dict


BULKS = {
    "end_on_a_date": Bulk(
        "Ended on a date",
        EndForm,
        lambda said: partial(change_cycles, edit=partial(ended_on, day=said["day"])),
        "ended",
        lambda: {"day": clock.today().isoformat()},
    ),
    "shift_plans": Bulk(
        "Shift planned dates",
        ShiftForm,
        lambda said: partial(
            change_cycles, edit=partial(shifted, months=said["months"], on=clock.today())
        ),
        "planned dates shifted",
        lambda: {"months": "1"},
    ),
    "add_tags": Bulk(
        "Add tags", TagsForm, lambda said: partial(change_tags, add=said["tags"]), "tags added"
    ),
    "remove_tags": Bulk(
        "Remove tags",
        TagsForm,
        lambda said: partial(change_tags, remove=said["tags"]),
        "tags removed",
    ),
}
"""By the names of their actions."""


class BulkChanges(admin.ModelAdmin):
    """Actions that are confirmed on a page of their own, for who may change the rows."""

    bulk_template: ClassVar = "admin/releases/bulk.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        asked = request.POST.get("action") in BULKS
        if asked and not self.has_change_permission(request):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def bulk_view(
        self, name: str, request: HttpRequest, rows: QuerySet[Any]
    ) -> HttpResponse | None:
        """The page of a change; None, and so back to the list, when it is made or cannot be."""
        keys = list(rows.order_by().values_list("pk", flat=True)[: MAX_ROWS + 1])
        if len(keys) > MAX_ROWS:
            message = f"At most {MAX_ROWS} rows can be changed at once. Narrow the list first."
            self.message_user(request, message, messages.ERROR)
            return None
        bulk, plan = BULKS[name], None
        form = bulk.form(request.POST if "seen" in request.POST else bulk.first() or None)
        if form.is_valid():
            seen = request.POST.get("seen") if "apply" in request.POST else None
            reason = form.cleaned_data["reason"] or bulk.reason
            try:
                plan = bulk.service(form.cleaned_data)(keys, reason=reason, seen=seen)
            except PlanChangedError as error:
                plan = error.plan
                message = "This is what would change now; it is not what was shown before."
                self.message_user(request, message, messages.WARNING)
            else:
                if seen is not None:
                    self._bulk_done(request, plan)
                    return None
        return self._bulk_page(request, name, form, plan)

    def _bulk_done(self, request: HttpRequest, plan: BulkPlan[Any]) -> None:
        count = len(plan.changing)
        words = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        self.message_user(request, f"{count} {words} changed.", messages.SUCCESS)

    def _bulk_page(
        self, request: HttpRequest, name: str, form: BulkForm, plan: BulkPlan[Any] | None
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": BULKS[name].title,
            "opts": self.opts,
            "form": form,
            "plan": plan,
            "effects": [(each, list(_lines(each))) for each in plan.effects] if plan else [],
            "hidden": [
                ("action", name),
                ("select_across", request.POST.get("select_across", "0")),
                *((ACTION_CHECKBOX_NAME, k) for k in request.POST.getlist(ACTION_CHECKBOX_NAME)),
                ("seen", plan.digest if plan else ""),
            ],
        }
        return TemplateResponse(request, self.bulk_template, context)


def _lines(effect: BulkEffect[Any]) -> Iterator[tuple[str, str, str]]:
    """What changes of a row, from what to what, in the words of the forms."""
    for change in effect.changes:
        dated = change.what in MILESTONES
        before, after = (
            milestone_text(parse_milestone(text)) if dated else text or NOTHING
            for text in (change.before, change.after)
        )
        yield label_of(type(effect.row), change.what), before, after


class BulkCycles(BulkChanges):
    actions: tuple[str, ...] = ("end_on_a_date", "shift_plans")

    @admin.action(description="Ended on a date …", permissions=["change"])
    def end_on_a_date(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self.bulk_view("end_on_a_date", request, rows)

    @admin.action(description="Shift planned dates …", permissions=["change"])
    def shift_plans(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self.bulk_view("shift_plans", request, rows)


class BulkProducts(BulkChanges):
    actions: tuple[str, ...] = ("add_tags", "remove_tags")

    @admin.action(description="Add tags …", permissions=["change"])
    def add_tags(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self.bulk_view("add_tags", request, rows)

    @admin.action(description="Remove tags …", permissions=["change"])
    def remove_tags(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self.bulk_view("remove_tags", request, rows)
