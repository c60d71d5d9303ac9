"""Template tags of the forms of the admin: their sections, and the states of rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import template

from releases.models import ReleaseCycle
from releases.presentation.form_problems import (
    FieldClash,
    FormProblem,
    form_clashes,
    form_problems,
)
from releases.presentation.rows import Badge, badge_of
from releases.web import clock

register = template.Library()


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section of a form: a fieldset, or the rows of an inline formset.

    `number` is the place of the fieldset among all fieldsets, which is in its ids.
    """

    title: str
    anchor: str
    number: int = 0
    fieldset: Any = None
    formset: Any = None
    rows: int | None = None


@register.simple_tag
def form_sections(adminform: Any, inlines: list[Any]) -> list[FormSection]:
    """Return the sections of a form in their order.

    An inline with an attribute `after` comes behind the fieldset with that title, the others last.
    """
    rows = [(getattr(each.opts, "after", None), _rows_section(each)) for each in inlines]
    sections = []
    for number, fieldset in enumerate(adminform):
        title = str(fieldset.name or "")
        anchor = f"fieldset-0-{number}-heading"
        sections.append(FormSection(title, anchor, number, fieldset))
        sections += [section for after, section in rows if after == title]
    titles = {section.title for section in sections}
    return [*sections, *(section for after, section in rows if after not in titles)]


def _rows_section(inline: Any) -> FormSection:
    title = str(inline.opts.verbose_name_plural)
    count = inline.formset.initial_form_count()
    anchor = f"{inline.formset.prefix}-group"
    return FormSection(title[:1].upper() + title[1:], anchor, formset=inline, rows=count)


@register.simple_tag
def problems_of(adminform: Any, inlines: list[Any]) -> list[FormProblem]:
    """Return the errors of the forms of a page."""
    return form_problems(adminform.form, [each.formset for each in inlines])


@register.simple_tag
def clashes_of(adminform: Any, inlines: list[Any]) -> list[FieldClash]:
    """Return the conflicts with other editors of the forms of a page."""
    return form_clashes(adminform.form, [each.formset for each in inlines])


@register.filter
def cycle_badge(cycle: ReleaseCycle) -> Badge:
    """Return the status of a cycle today."""
    return badge_of(cycle.lifecycle, clock.today())


@register.filter
def ended(cycle: Any) -> bool:
    """Return True for a cycle whose support has ended; False for rows of other tables."""
    return isinstance(cycle, ReleaseCycle) and cycle_badge(cycle).status == "eol"


@register.simple_tag
def ended_count(inline: Any) -> int:
    """Return the number of rows that are folded because they ended; 0 if no other row is left."""
    rows = [form.instance for form in inline.formset.initial_forms]
    over = [row for row in rows if ended(row)]
    return len(over) if len(over) < len(rows) else 0


@register.simple_tag
def row_columns(inline: Any) -> int:
    """Return the number of visible columns of an inline formset, with that of its tools."""
    folded = getattr(inline.opts, "folded", ())
    names = {field["name"] for field in inline.fields() if not _is_hidden(field["widget"])}
    return len(names.difference(folded)) + 1 + bool(getattr(inline.opts, "shows_status", False))


def _is_hidden(widget: Any) -> bool:
    """Return True for a hidden widget. Fields that are only shown have a dict instead of one."""
    return bool(widget["is_hidden"] if isinstance(widget, dict) else widget.is_hidden)


@register.filter
def has_errors(form: Any, names: Collection[str]) -> bool:
    """Return True if one of these fields of a form has an error."""
    return any(name in form.errors for name in names or ())


@register.filter
def clash(field: Any) -> Any:
    """Return the conflict of a bound field, or None."""
    return getattr(field.form, "clashes", {}).get(field.name)
