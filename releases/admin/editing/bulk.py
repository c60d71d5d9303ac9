"""Actions that change many rows, after a page that lists the effect on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from releases.admin.fields import MilestoneField, ReasonForm
from releases.admin.labels import NOTHING, label_of
from releases.admin.pages import render_page
from releases.domain.history.shifts import MAX_MONTHS, ended_on, shifted, with_milestone
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneValue,
    PartialDate,
    parse_milestone,
)
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


class EndForm(ReasonForm):
    """The form for the day on which security support ended."""

    day = MilestoneField(label="Security support ended on")
    active = forms.BooleanField(
        label="End active support on the same day, where it would end later",
        required=False,
        initial=True,
    )
    field_order = ("day", "active", "reason")

    def clean_day(self) -> PartialDate:
        day: MilestoneValue = self.cleaned_data["day"]
        if not isinstance(day, PartialDate):
            raise ValidationError("Expected a date: 2028-04-30, 2028-04, 2028-Q2 or 2028.")
        return day


class ShiftForm(ReasonForm):
    """The form for the number of months by which planned dates are shifted."""

    months = forms.IntegerField(
        label="Months later",
        min_value=-MAX_MONTHS,
        max_value=MAX_MONTHS,
        help_text="Negative numbers move dates earlier. Only future dates move: a quarter by 3, 6"
        " or 9 months, a year by 12 or 24.",
    )
    field_order = ("months", "reason")


class MilestoneForm(ReasonForm):
    """The form for one milestone and its value in all selected cycles."""

    milestone = forms.ChoiceField(
        choices=[(name, spec.form_label) for name, spec in MILESTONES.items()]
    )
    value = MilestoneField(help_text="Leave empty if it does not apply, or is not known.")
    field_order = ("milestone", "value", "reason")


class TagsForm(ReasonForm):
    """The form for the tags that are added or removed."""

    tags = forms.ModelMultipleChoiceField(Tag.objects.all())
    field_order = ("tags", "reason")


@dataclass(frozen=True, slots=True)
class BulkAction:
    """An action that changes many rows, after a preview of its effects.

    Attributes:
        title: The title of its page.
        form: The form of its values.
        service: Returns, given the cleaned values of the form, the service that plans or makes
            the change.
        reason: The reason in the history if the user gives none.
        initial: Returns the initial values of the form.
    """

    title: str
    form: type[ReasonForm]
    service: Callable[[dict[str, Any]], Callable[..., BulkPlan[Any]]]
    reason: str
    initial: Callable[[], dict[str, str]] = dict


BULK_ACTIONS: Final = {
    "end_on_a_date": BulkAction(
        "Ended on a date",
        EndForm,
        lambda values: partial(
            change_cycles, edit=partial(ended_on, day=values["day"], active=values["active"])
        ),
        "ended",
        lambda: {"day": clock.today().isoformat(), "active": "on"},
    ),
    "shift_plans": BulkAction(
        "Shift planned dates",
        ShiftForm,
        lambda values: partial(
            change_cycles, edit=partial(shifted, months=values["months"], on=clock.today())
        ),
        "planned dates shifted",
        lambda: {"months": "1"},
    ),
    "set_milestone": BulkAction(
        "Set a milestone",
        MilestoneForm,
        lambda values: partial(
            change_cycles,
            edit=partial(with_milestone, name=values["milestone"], value=values["value"]),
        ),
        "milestone set",
    ),
    "add_tags": BulkAction(
        "Add tags", TagsForm, lambda values: partial(change_tags, add=values["tags"]), "tags added"
    ),
    "remove_tags": BulkAction(
        "Remove tags",
        TagsForm,
        lambda values: partial(change_tags, remove=values["tags"]),
        "tags removed",
    ),
}
"""The bulk actions by the names that the lists send."""


def _action(name: str) -> Callable[..., HttpResponse | None]:
    """Return a bulk action as `ModelAdmin.actions` takes it."""

    @admin.action(description=f"{BULK_ACTIONS[name].title} …", permissions=["change"])
    def action(model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet) -> Any:
        return _run(model_admin, request, rows, name)

    action.__name__ = name
    return action


CYCLE_ACTIONS: Final = (
    _action("end_on_a_date"),
    _action("shift_plans"),
    _action("set_milestone"),
)
PRODUCT_ACTIONS: Final = (_action("add_tags"), _action("remove_tags"))


def selected_keys(request: HttpRequest, rows: QuerySet) -> list[int] | None:
    """Return the keys of the selected rows, or None after a message if they are too many."""
    keys = list(rows.order_by().values_list("pk", flat=True)[: MAX_ROWS + 1])
    if len(keys) <= MAX_ROWS:
        return keys
    message = f"At most {MAX_ROWS} rows can be changed at once. Narrow the list first."
    messages.error(request, message)
    return None


def selection(request: HttpRequest, action: str) -> list[tuple[str, str]]:
    """Return the hidden fields with which a page sends an action on the selected rows again."""
    return [
        ("action", action),
        ("select_across", request.POST.get("select_across", "0")),
        *((ACTION_CHECKBOX_NAME, key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)),
    ]


def _run(
    model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet, name: str
) -> HttpResponse | None:
    """Return the page of an action, or None (back to the list) once it is done or impossible."""
    keys = selected_keys(request, rows)
    if keys is None:
        return None
    action, plan = BULK_ACTIONS[name], None
    form = action.form(request.POST if "seen" in request.POST else action.initial() or None)
    if form.is_valid():
        seen = request.POST.get("seen") if "apply" in request.POST else None
        reason = form.cleaned_data["reason"] or action.reason
        try:
            plan = action.service(form.cleaned_data)(keys, reason=reason, seen=seen)
        except PlanChangedError as error:
            plan = error.plan
            message = "This is what would change now; it is not what was shown before."
            messages.warning(request, message)
        else:
            if seen is not None:
                opts, count = model_admin.opts, len(plan.changing)
                words = opts.verbose_name if count == 1 else opts.verbose_name_plural
                messages.success(request, f"{count} {words} changed.")
                return None
    return render_page(
        request,
        model_admin,
        "bulk",
        action.title,
        form=form,
        plan=plan,
        effects=[(each, list(_changes(each))) for each in plan.effects] if plan else [],
        hidden=[*selection(request, name), ("seen", plan.digest if plan else "")],
    )


def _changes(effect: BulkEffect[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the label of each value of a row that changes, with its texts before and after."""
    for change in effect.changes:
        dated = change.what in MILESTONES
        before, after = (
            milestone_text(parse_milestone(text)) if dated else text or NOTHING
            for text in (change.before, change.after)
        )
        yield label_of(type(effect.row), change.what), before, after
