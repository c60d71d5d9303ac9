"""Forms that preview their own save: timeline rows, status, and warnings about dates.

A POST with `_preview`, sent by a button or by htmx during typing, is answered by the form itself.
It takes the path of saving, with the same permissions and refusals, up to the save, as no form is
valid in a preview. It takes no lock. The rows are drawn as on the public pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from releases import selectors
from releases.admin.editing.renames import rename_notes
from releases.domain.lifecycle.date_warnings import warnings_about
from releases.domain.lifecycle.words import status_sentence
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Band, window_of
from releases.models import Product, ReleaseCycle
from releases.presentation.cycle import neighbours
from releases.presentation.form_problems import (
    REQUIRED,
    FormProblem,
    form_problems,
    is_deleted,
)
from releases.presentation.product import timeline_of, window_for
from releases.presentation.rows import Axis, Badge, CycleRow, axis_of, badge_of, row_of, rows_of
from releases.web import clock

PREVIEW: Final = "_preview"
NEWER, OLDER = "Newer", "Older"
MAX_YEARS: Final = 3
ANSWER: Final = "admin/releases/_preview_answer.html"
MEDIA: Final = forms.Media(
    css={
        "all": ["timeline.css"],
    },
    js=["django_htmx/htmx-2.min.js", "admin/roadmap-preview.js"],
)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the timeline.

    `note` says how it relates to the cycle that is edited; `changed` is True if saving changes it.
    """

    row: CycleRow
    note: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class CycleSummary:
    """The status that a cycle would have, in words, under a title if there are several cycles."""

    title: str
    badge: Badge
    sentence: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview of a form. `missing` are the required fields that are empty."""

    lines: tuple[PreviewRow, ...] = ()
    axis: Axis | None = None
    summaries: tuple[CycleSummary, ...] = ()
    more: int = 0
    missing: tuple[FormProblem, ...] = ()
    problems: tuple[FormProblem, ...] = ()

    @property
    def around(self) -> list[PreviewRow]:
        """The rows of the cycles before and after the one that is edited."""
        return [line for line in self.lines if line.note in (NEWER, OLDER)]

    @property
    def years(self) -> list[Band]:
        """The bands of the axis that have a label: three at most, as the preview is narrow."""
        named = [band for band in self.axis.bands if band.label] if self.axis else []
        return named[:: -(-len(named) // MAX_YEARS) or 1]


class UnsavedForm:
    """A form that is never valid, so that a preview saves nothing."""

    def is_valid(self) -> bool:
        super().is_valid()  # type: ignore[misc]
        return False


class PreviewAdmin(admin.ModelAdmin):
    """An admin whose form shows what saving it would do."""

    @staticmethod
    def preview_of(form: Any, formsets: Sequence[Any], on: date) -> Preview:
        """Return the effect of saving a form without errors.

        For a form that was not submitted, return the present state.
        """
        raise NotImplementedError

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if PREVIEW in request.POST:
            # Previews are frequent and write nothing, so they need no transaction and no lock.
            inner: Any = self
            return inner._changeform_view(request, *args, **kwargs)
        return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        return type(form.__name__, (UnsavedForm, form), {}) if PREVIEW in request.POST else form

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
        errors = form_problems(form, formsets)
        if errors:
            missing = [each for each in errors if each.code == REQUIRED]
            problems = [each for each in errors if each.code != REQUIRED]
            return Preview(missing=tuple(missing), problems=tuple(problems))
        return self.preview_of(form, formsets, clock.today())


def preview_cycle(form: Any, formsets: Sequence[Any], on: date) -> Preview:
    """Return the preview of a cycle between its neighbors, and as it is saved now."""
    cycle: ReleaseCycle = form.instance
    if not cycle.product_id:
        return Preview()
    every = selectors.all_cycles(cycle.product)
    others = [each for each in every if each.pk != cycle.pk]
    around = dict(neighbours(_in_place(cycle, others), cycle))
    now = next((each for each in every if each.pk == cycle.pk), None)
    changed = now is None or now.lifecycle != cycle.lifecycle
    shown = [
        (around["Newer"], NEWER),
        (cycle, ""),
        (now if changed else None, "as saved"),
        (around["Older"], OLDER),
    ]
    window = window_of((each.lifecycle for each, _ in shown if each), on)
    summary = _summary(cycle, others, on, warn=form.is_bound)
    selectors.read_releases([cycle] if cycle.pk else [])
    return Preview(
        lines=tuple(
            PreviewRow(row_of(cycle.product, each, window, on), note, changed and each is cycle)
            for each, note in shown
            if each
        ),
        axis=axis_of(RoadmapQuery(today=on, on=on), window),
        summaries=(replace(summary, warnings=(*rename_notes(form), *summary.warnings)),),
    )


def preview_product(form: Any, formsets: Sequence[Any], on: date) -> Preview:
    """Return the timeline of the page of a product, with each cycle that would change."""
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
        lines=tuple(PreviewRow(row, changed=row.cycle.name in names) for row in [*sight, *beyond]),
        axis=axis_of(query, window),
        summaries=tuple(
            _summary(each, [other for other in cycles if other is not each], on, title=each.name)
            for each in changed
        ),
        more=total - len(sight) - sum(not row.ended for row in beyond),
    )


def _summary(
    cycle: ReleaseCycle,
    others: Sequence[ReleaseCycle],
    on: date,
    *,
    title: str = "",
    warn: bool = True,
) -> CycleSummary:
    new = cycle._state.adding
    warnings = warnings_about(cycle, others, on, new=new) if warn else []
    return CycleSummary(
        title, badge_of(cycle.lifecycle, on), status_sentence(cycle.lifecycle, on), tuple(warnings)
    )


def _in_place(cycle: ReleaseCycle, others: Iterable[ReleaseCycle]) -> list[ReleaseCycle]:
    """Return the cycles in their order: those without a position first, new ones last."""
    return sorted(
        [*others, cycle],
        key=lambda each: (
            (each.position is not None, each.position or 0),
            (each.pk is None, each.pk or 0),
        ),
    )


def _cycles_of(formset: Any) -> tuple[list[ReleaseCycle], list[ReleaseCycle]]:
    """Return the cycles that a product would have, in their order, and those that change."""
    kept = [each for each in formset.forms if not is_deleted(each)]
    changed = [each.instance for each in kept if formset.is_bound and each.has_changed()]
    old = [each.instance for each in kept if not each.instance._state.adding]
    # Each new cycle is placed above those before it.
    new = [cycle for cycle in reversed(changed) if cycle._state.adding]
    return [*new, *old], changed
