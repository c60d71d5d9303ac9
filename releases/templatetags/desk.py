"""Template tags of the editor's desk, the lists on the index of the admin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django import template
from django.template import RequestContext
from django.urls import reverse

from releases.models import Product, Release, ReleaseCycle
from releases.presentation.rows import milestone_text
from releases.selectors.desk import CHECK_DAYS, ENDING_DAYS, LINES, EditedChange, WaitingDraft, desk
from releases.services.editing.local_edits import edited_products
from releases.web import clock

register = template.Library()


@dataclass(frozen=True, slots=True)
class EditLine:
    """A change in the list of recent edits.

    `did` is "added", "changed" or "deleted". `more` is the number of rows that the change wrote
    besides the named one.
    """

    title: str
    address: str
    did: str
    who: str
    at: datetime
    why: str
    more: int


_LINE: Final = ("Product", "ReleaseCycle", "UpgradeNote", "Upload", "User")
"""The tables in the line of every page; the others are in the menu of the account."""


@dataclass(frozen=True, slots=True)
class TableLink:
    """A link to a table of the admin. `here` is the value of `aria-current`, or empty."""

    name: str
    address: str
    here: str


@dataclass(frozen=True, slots=True)
class TableLinks:
    """The tables that a user may see. `search` is the address of the list of products, or empty."""

    line: list[TableLink]
    more: list[TableLink]
    search: str


@register.simple_tag(takes_context=True)
def admin_tables(context: RequestContext) -> TableLinks:
    """Return links to the tables of the admin that the user may see."""
    path = context["request"].path
    line: dict[str, TableLink] = {}
    more = []
    for model in [each for app in context.get("available_apps", ()) for each in app["models"]]:
        address = model["admin_url"]
        if not address:
            continue
        here = "page" if path == address else "true" if path.startswith(address) else ""
        link = TableLink(str(model["name"]), address, here)
        if model["object_name"] in _LINE:
            line[model["object_name"]] = link
        else:
            more.append(link)
    products = line.get("Product")
    in_order = [line[name] for name in _LINE if name in line]
    return TableLinks(in_order, more, products.address if products else "")


@register.inclusion_tag("admin/releases/_desk.html", takes_context=True)
def editors_desk(context: RequestContext) -> dict[Any, Any]:
    """Render the lists for users who may view products and cycles.

    Users who may change them see buttons, too.
    """
    user = context["request"].user
    if not all(_may_see(user, table) for table in ("product", "releasecycle")):
        return {}
    on = clock.today()
    lists, edited = desk(on), edited_products(on)
    return context.flatten() | {
        "on": on,
        "desk": lists,
        "edits": [_edit(row) for row in lists.edits],
        "edited": edited,
        "edited_lines": edited.products[:LINES],
        "ending_days": ENDING_DAYS,
        "check_days": CHECK_DAYS,
    }


register.filter("milestone", milestone_text)


@register.filter
def draft_url(draft: WaitingDraft) -> str:
    """Return the address of the form of a draft."""
    return reverse(f"admin:releases_{draft.model}_change", args=[draft.key])


@register.filter
def days_from(day: date, on: date) -> str:
    """Return the distance of a day in words: "today", "in 12 days", "3 days ago"."""
    days = (day - on).days
    if days == 0:
        return "today"
    words = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {words}" if days > 0 else f"{words} ago"


def _may_see(user: Any, table: str) -> bool:
    return any(user.has_perm(f"releases.{action}_{table}") for action in ("view", "change"))


def _edit(change: EditedChange) -> EditLine:
    """Return a change as a row of the list."""
    row = change.head
    title, model, key = _edited_row(row)
    page = "history" if row.history_type == "-" else "change"
    return EditLine(
        title=title,
        address=reverse(f"admin:releases_{model}_{page}", args=[key]),
        did={"+": "added", "~": "changed", "-": "deleted"}[row.history_type],
        who=str(row.history_user or ""),
        at=row.history_date,
        why=row.history_change_reason or "",
        more=change.more,
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
