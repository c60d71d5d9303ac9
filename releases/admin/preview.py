"""Forms that preview their own save: timeline rows, status, and warnings about dates.

A POST with `_preview`, sent by a button or by htmx during typing, is answered by the form itself.
It takes the path of saving, with the same permissions and refusals, up to the save, as no form is
valid in a preview. It takes no lock. The rows are drawn as on the public pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from releases import selectors
from releases.admin.renames import notes_on_rename
from releases.domain.lifecycle.date_warnings import doubts_about
from releases.domain.lifecycle.words import status_sentence
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import window_of
from releases.models import Product, ReleaseCycle
from releases.presentation.cycle import beside
from releases.presentation.product import timeline_of, window_for
from releases.presentation.rows import Axis, Badge, CycleRow, axis_of, badge_of, row_of, rows_of
from releases.web import clock

PREVIEW: Final = "_preview"
ANSWER: Final = "admin/releases/_preview_answer.html"
MEDIA: Final = forms.Media(
    css={"all": ["timeline.css", "admin/roadmap-preview.css"]},
    js=["django_htmx/htmx-2.min.js", "admin/roadmap-preview.js"],
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: its name for people, its id on the page (empty for a whole form),
    and the sentence."""

    label: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the timeline, with what it is beside the cycle that is edited, and whether saving
    would change it."""

    row: CycleRow
    note: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Where a cycle would stand, in words; `title` where there are several."""

    title: str
    badge: Badge
    sentence: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a form shows; `missing` are the labels of fields that have to be filled in first."""

    lines: tuple[Line, ...] = ()
    axis: Axis | None = None
    said: tuple[Said, ...] = ()
    more: int = 0
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Unsaved:
    """A form in a preview: whatever it says of its errors, nothing is saved."""

    def is_valid(self) -> bool:
        super().is_valid()  # type: ignore[misc]
        return False


class FormPreview(admin.ModelAdmin):
    """An admin whose form shows what saving it would do."""

    def preview_of(self, form: Any, formsets: Sequence[Any], on: date) -> Preview:
        """What a form that has no mistakes would do; or, as long as nothing was sent, what is."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if PREVIEW in request.POST:
            # Without the transaction and the lock of what is going to write: this comes often.
            inner: Any = self
            return inner._changeform_view(request, object_id, form_url, extra_context)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (Unsaved, form), {}) if PREVIEW in request.POST else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        context |= {"preview": self._preview(form, formsets), "media": context["media"] + MEDIA}
        if PREVIEW in request.POST and "HX-Request" in request.headers:
            return TemplateResponse(request, ANSWER, context)
        return super().render_change_form(request, context, *args, **kwargs)

    def _preview(self, form: BaseForm, formsets: Sequence[Any]) -> Preview:
        missing, problems = [], []
        for label, field, error in _errors(form, formsets):
            if error.code == "required":
                missing.append(label)
            else:
                problems += [Problem(label, field, text) for text in error.messages]
        if missing or problems:
            return Preview(missing=tuple(missing), problems=tuple(problems))
        return self.preview_of(form, formsets, clock.today())


class CyclePreview(FormPreview):
    """Shows the cycle between its neighbours, and as it is saved now."""

    def preview_of(self, form: Any, formsets: Sequence[Any], on: date) -> Preview:
        cycle: ReleaseCycle = form.instance
        if not cycle.product_id:
            return Preview()
        every = selectors.all_cycles(cycle.product)
        others = [each for each in every if each.pk != cycle.pk]
        around = dict(beside(_in_place(cycle, others), cycle))
        now = next((each for each in every if each.pk == cycle.pk), None)
        changed = now is None or now.lifecycle != cycle.lifecycle
        shown = [
            (around["Newer"], "the newer one"),
            (cycle, ""),
            (now if changed else None, "as it is saved"),
            (around["Older"], "the older one"),
        ]
        window = window_of((each.lifecycle for each, _ in shown if each), on)
        said = _said(cycle, others, on, doubted=form.is_bound)
        selectors.read_releases([cycle] if cycle.pk else [])
        return Preview(
            lines=tuple(
                Line(row_of(cycle.product, each, window, on), note, changed and each is cycle)
                for each, note in shown
                if each
            ),
            axis=axis_of(RoadmapQuery(today=on, on=on), window),
            said=(replace(said, doubts=(*notes_on_rename(form), *said.doubts)),),
        )


class ProductPreview(FormPreview):
    """Shows the timeline of the product's page, and each cycle that would change."""

    def preview_of(self, form: Any, formsets: Sequence[Any], on: date) -> Preview:
        product: Product = form.instance
        formset = next((each for each in formsets if each.model is ReleaseCycle), None)
        few = formset is not None
        cycles, changed = _cycles_of(formset) if few else (selectors.all_cycles(product), [])
        selectors.read_releases(each for each in cycles if each.pk)
        names = {each.name for each in changed}
        query = RoadmapQuery(today=on, on=on)
        window = window_for(query, cycles)
        rows = rows_of(product, cycles, window, on)
        sight, total = timeline_of(rows, query)
        beyond = [row for row in rows if row.cycle.name in names and row not in sight]
        return Preview(
            lines=tuple(Line(row, changed=row.cycle.name in names) for row in [*sight, *beyond]),
            axis=axis_of(query, window),
            said=tuple(
                _said(each, [other for other in cycles if other is not each], on, title=each.name)
                for each in changed
            ),
            more=total - len(sight) - sum(not row.ended for row in beyond),
        )


def _said(
    cycle: ReleaseCycle,
    others: Sequence[ReleaseCycle],
    on: date,
    *,
    title: str = "",
    doubted: bool = True,
) -> Said:
    new = cycle._state.adding
    doubts = doubts_about(cycle, others, on, new=new) if doubted else []
    return Said(
        title, badge_of(cycle.lifecycle, on), status_sentence(cycle.lifecycle, on), tuple(doubts)
    )


def _in_place(cycle: ReleaseCycle, others: Iterable[ReleaseCycle]) -> list[ReleaseCycle]:
    """The cycles in the order in which they would stand: one without a position on top."""

    def place(each: ReleaseCycle) -> tuple[bool, int, bool, int]:
        position: int | None = each.position
        return position is not None, position or 0, each.pk is None, each.pk or 0

    return sorted([*others, cycle], key=place)


def _cycles_of(formset: Any) -> tuple[list[ReleaseCycle], list[ReleaseCycle]]:
    """The cycles that a product would have, in their order, and those of them that change."""
    kept = [each for each in formset.forms if not _deleted(each)]
    changed = [each.instance for each in kept if formset.is_bound and each.has_changed()]
    old = [each.instance for each in kept if not each.instance._state.adding]
    # Each new one is put on top of those before it.
    new = [cycle for cycle in reversed(changed) if cycle._state.adding]
    return [*new, *old], changed


def _deleted(form: Any) -> bool:
    return bool(getattr(form, "cleaned_data", {}).get("DELETE"))


def _errors(
    form: BaseForm, formsets: Iterable[BaseFormSet[Any]]
) -> Iterator[tuple[str, str, ValidationError]]:
    """What is wrong with a form and with those inside it: label and id of the field, the error."""
    yield from _errors_of(form)
    for formset in formsets:
        kind = formset.model._meta.verbose_name  # type: ignore[attr-defined]
        for error in formset.non_form_errors().as_data() if formset.is_bound else ():
            yield kind.capitalize(), "", error
        for number, each in enumerate(formset.forms, start=1):
            if not _deleted(each):
                name = str(each.instance) or str(number)
                yield from _errors_of(each, f"{kind.capitalize()} {name}")


def _errors_of(form: BaseForm, title: str = "") -> Iterator[tuple[str, str, ValidationError]]:
    # Lines that somebody may only look at have a plain dict of errors, an empty one.
    for name, errors in form.errors.as_data().items() if form.errors else ():
        field = form[name] if name in form.fields else None
        label = ", ".join(filter(None, (title, str(field.label) if field else "")))
        for error in errors:
            yield label, field.auto_id if field else "", error
