"""The editors' desk in words: what needs attention, ends ahead, and last changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import ngettext

from releases.domain.lifecycle.milestones import MILESTONES, SUPPORT_ENDS, PartialDate
from releases.models import Product, Release, ReleaseCycle
from releases.presentation.rows import badge_of, milestone_text
from releases.selectors.desk import ENDING_DAYS, NEED_LINES, Desk, EditedChange, WaitingDraft
from releases.services.editing.local_edits import EditedProduct, EditedProducts

_NAMED: Final = 3
"""Number of edited values that are named in a line."""


@dataclass(frozen=True, slots=True)
class NeedLine:
    """A row that needs attention.

    Attributes:
        need: The need in two words.
        look: The class of its pill.
        title: The name of the row.
        address: Its form.
        note: The reason in a sentence.
        word: The label of the button that answers the need; empty without one.
        answer: The address of the button.
        permission: The permission that the button takes. With one it is sent by POST, else a link.
        policy: The address of a policy of the maker, or empty.
    """

    need: str
    look: str
    title: str
    address: str
    note: str
    word: str
    answer: str
    permission: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class EndLine:
    """An end of support ahead: the width of its bar in percent, and how far it is in words."""

    title: str
    address: str
    status: str
    width: str
    day: date
    distance: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of a row and of `more` others. `did` is "added", "changed" or "deleted"."""

    title: str
    address: str
    did: str
    more: int
    who: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class DeskCount:
    """A number on top of the desk, with the address of the rows that it counts."""

    number: str
    words: str
    address: str


def need_lines(desk: Desk, edited: EditedProducts, on: date) -> list[NeedLine]:
    """Return the first rows of each need, the most urgent need first."""
    return [
        *(_waiting(each, on) for each in desk.waiting.rows),
        *map(_draft, desk.drafts.rows),
        *(_differs(each) for each in edited.products[:NEED_LINES]),
        *(_unchecked(each) for each in desk.unchecked.rows),
        *(_unknown(each) for each in desk.unknown.rows),
    ]


def end_lines(desk: Desk, on: date) -> list[EndLine]:
    """Return the ends within `ENDING_DAYS`, the next one first."""
    return [_end(each, on) for each in desk.ending.rows]


def change_lines(desk: Desk) -> list[ChangeLine]:
    """Return the last changes, the newest first."""
    return [_change(each) for each in desk.edits]


def counts(desk: Desk, edited: EditedProducts) -> list[DeskCount]:
    """Return the numbers on top of the desk."""
    cycles = reverse("admin:releases_releasecycle_changelist")
    products = reverse("admin:releases_product_changelist")
    drafts, ending, edits = desk.drafts.total, desk.ending.total, len(edited.products)
    more = "" if edited.whole else "+"
    return [
        DeskCount(str(desk.waiting.total), "to confirm", f"{cycles}?needs=confirmation"),
        DeskCount(
            str(drafts),
            ngettext("draft waiting", "drafts waiting", drafts),
            f"{cycles}?needs=draft",
        ),
        DeskCount(
            f"{edits}{more}",
            ngettext("differs from source", "differ from source", edits),
            f"{products}?needs=comparison",
        ),
        DeskCount(
            str(ending),
            f"{ngettext('ends', 'end', ending)} in {ENDING_DAYS} days",
            f"{cycles}?needs=ending",
        ),
        DeskCount(str(desk.unknown.total), "without an end", f"{cycles}?needs=unknown"),
        DeskCount(str(desk.unchecked.total), "to check", f"{products}?needs=check"),
    ]


def paused_subscriptions(number: int) -> DeskCount:
    """Return the number of subscriptions that are paused after failures."""
    address = reverse("admin:releases_subscription_changelist")
    words = ngettext("subscription paused", "subscriptions paused", number)
    return DeskCount(str(number), words, f"{address}?state__exact=paused")


def distance(day: date, on: date) -> str:
    """Return the distance of a day in words: "tomorrow", "in 12 days", "3 days ago"."""
    days = (day - on).days
    if days in (0, 1):
        return ("today", "tomorrow")[days]
    words = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {words}" if days > 0 else f"{words} ago"


def _form(row: Model) -> str:
    return reverse(f"admin:releases_{row._meta.model_name}_change", args=[row.pk])


def _waiting(cycle: ReleaseCycle, on: date) -> NeedLine:
    return NeedLine(
        "To confirm",
        "planned",
        f"{cycle.product} {cycle}",
        _form(cycle),
        f"{_reached(cycle, on)}? The date was a projection.",
        "Confirm date",
        reverse("admin:releases_releasecycle_confirm", args=[cycle.pk]),
        "releases.change_releasecycle",
    )


def _reached(cycle: ReleaseCycle, on: date) -> str:
    """Return the first milestone of a cycle that was reached: "Released Oct 2026"."""
    released: date | None = getattr(cycle, "release_date", None)
    if released and released <= on:
        return f"Released {milestone_text(cycle.release)}"
    ends = (name for name in SUPPORT_ENDS if (day := getattr(cycle, f"{name}_date")) and day < on)
    name = next(ends, "")
    if not name:
        return "Reached"
    return f"{MILESTONES[name].form_label} {milestone_text(getattr(cycle, name))}"


def _draft(draft: WaitingDraft) -> NeedLine:
    return NeedLine(
        "Draft",
        "planned",
        draft.title,
        reverse(f"admin:releases_{draft.model}_change", args=[draft.key]),
        _draft_note(draft),
        "Preview",
        reverse("admin:releases_product_preview", args=[draft.product]) + _anchor(draft),
    )


def _draft_note(draft: WaitingDraft) -> str:
    if draft.requested_on:
        who = f" by {draft.requested_by}" if draft.requested_by else ""
        why = f": {draft.reason}" if draft.reason else ""
        return f"Publication requested{who} on {PartialDate(draft.requested_on)}{why}"
    if draft.publish_on:
        return f"Will be published on {PartialDate(draft.publish_on)}"
    return "Only editors see it"


def _anchor(draft: WaitingDraft) -> str:
    is_cycle = draft.model == ReleaseCycle._meta.model_name
    return f"#{ReleaseCycle(name=draft.name).anchor}" if is_cycle else ""


def _differs(each: EditedProduct) -> NeedLine:
    names = [_value_name(name) for name in each.names]
    note = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        note += f" and {len(names) - _NAMED} more"
    compare = reverse("admin:releases_product_local_edits", args=[each.product.pk])
    title, form = str(each.product), _form(each.product)
    return NeedLine("Differs", "security", title, form, capfirst(note), "Compare", compare)


def _value_name(name: str) -> str:
    """Return the name of an edited value in words: `eol of 5.2` is "5.2 security fixes"."""
    field, _, cycle = name.partition(" of ")
    model: type[Model] = ReleaseCycle if cycle else Product
    if field in MILESTONES:
        words = MILESTONES[field].form_label.removesuffix(" until")
    else:
        try:
            words = str(getattr(model._meta.get_field(field), "verbose_name", field))
        except FieldDoesNotExist:
            words = field.replace("_", " ")
    return f"{cycle} {words.lower()}".strip()


def _unchecked(product: Product) -> NeedLine:
    checked = product.checked_on
    return NeedLine(
        "To check",
        "eol",
        str(product),
        _form(product),
        f"Last checked {PartialDate(checked)}" if checked else "Never checked",
        "Mark as checked",
        reverse("admin:releases_product_checked", args=[product.pk]),
        "releases.change_product",
        product.policy_link,
    )


def _unknown(cycle: ReleaseCycle) -> NeedLine:
    since = f" since {cycle.release}" if isinstance(cycle.release, PartialDate) else ""
    form = _form(cycle)
    return NeedLine(
        "No end",
        "eol",
        f"{cycle.product} {cycle}",
        form,
        f"Supported{since}. Other releases have an end.",
        "Add a date",
        f"{form}#id_eol",
    )


def _end(cycle: Any, on: date) -> EndLine:
    day: date = cycle.next_end
    width = 100 * (day - on).days / ENDING_DAYS
    return EndLine(
        f"{cycle.product} {cycle}",
        _form(cycle),
        badge_of(cycle.lifecycle, on).status,
        f"{max(width, 1):.2f}%",
        day,
        distance(day, on),
    )


def _change(change: EditedChange) -> ChangeLine:
    row = change.head
    title, model, key = _edited_row(row)
    page = "history" if row.history_type == "-" else "change"
    return ChangeLine(
        title=title,
        address=reverse(f"admin:releases_{model}_{page}", args=[key]),
        did={"+": "added", "~": "changed", "-": "deleted"}[row.history_type],
        more=change.more,
        who=str(row.history_user or ""),
        at=row.history_date,
        why=row.history_change_reason or "",
    )


def _edited_row(row: Any) -> tuple[str, str, int]:
    """Return the name of an edited row, and the model and key of its page.

    A release is edited on the page of its cycle.
    """
    model = row.instance_type
    if model is Product:
        return row.label, "product", row.id
    if model is ReleaseCycle:
        return f"{row.product or 'Deleted product'} {row.name}", "releasecycle", row.id
    if model is Release:
        product = row.cycle.product if row.cycle else "Deleted cycle:"
        return f"{product} {row.version}", "releasecycle", row.cycle_id
    return f"{row.product or 'Deleted product'}: {row.title}", "upgradenote", row.id
