"""Template tags of the editor's desk, the lists on the index of the admin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.template import RequestContext

from releases.models import Source
from releases.presentation.desk import (
    change_lines,
    counts,
    end_lines,
    need_lines,
    paused_subscriptions,
)
from releases.selectors.desk import ENDING_DAYS, desk
from releases.selectors.subscriptions import count_paused
from releases.services.editing.local_edits import edited_products
from releases.web import clock

register = template.Library()


_LINE: Final = (
    *("Product", "ReleaseCycle", "UpgradeNote", "Upload", "Subscription", "ApiToken", "User"),
)
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
    for model in [each for app in context.get("available_apps") or () for each in app["models"]]:
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
    """Render the desk for users who may view products and cycles.

    Users who may change them see buttons, too.
    """
    user = context["request"].user
    if not all(_may_see(user, table) for table in ("product", "releasecycle")):
        return {}
    on = clock.today()
    lists, edited = desk(on), edited_products(on)
    needs = [
        (line, not line.permission or user.has_perm(line.permission))
        for line in need_lines(lists, edited, on)
    ]
    numbers = counts(lists, edited)
    if _may_see(user, "subscription") and (paused := count_paused()):
        numbers.append(paused_subscriptions(paused))
    return context.flatten() | {
        "counts": numbers,
        "needs": needs,
        "ends": end_lines(lists, on),
        "ending_days": ENDING_DAYS,
        "changes": change_lines(lists),
        "sources": [(Source(each.source).label, each) for each in lists.sources],
    }


def _may_see(user: Any, table: str) -> bool:
    return any(user.has_perm(f"releases.{action}_{table}") for action in ("view", "change"))
