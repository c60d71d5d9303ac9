"""Pages about the site: its data, the meaning of the statuses, and privacy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from releases import selectors
from releases.domain.lifecycle.data_age import OLD_AFTER_DAYS
from releases.domain.lifecycle.status import SOON_DAYS, Status
from releases.models import Source
from releases.presentation.drawing import (
    LegendEntry,
    continued_entry,
    ragged_entry,
    status_entry,
)
from releases.presentation.rows import BADGES, PAID_ONLY
from releases.services.reminders.outbox import KEPT
from releases.services.reminders.subscribe import UNCONFIRMED

SOURCES: Final = {
    Source.HERE: "Entered on this site",
    Source.BUNDLED: "Catalogue that comes with the software",
    Source.FILE: "Product files",
    Source.UPSTREAM: "Another installation or endoflife.date",
}
"""The sources of products in words."""

RULES: Final = {
    Status.ACTIVE: "The release gets bug fixes and security fixes.",
    Status.SECURITY: "Active support has ended. The release gets security fixes, but no others.",
    Status.FREE_EXTENDED: "Ordinary support has ended, and extended support that is free for"
    " everybody continues. The release counts as supported. Where the product has its own name for"
    " this support, the status has that name.",
    Status.EXTENDED: "Ordinary support has ended for everybody. Extended support continues, but it"
    " is paid, needs a contract, or its terms are not recorded. The release does not count as"
    f" supported. Where the support is recorded as paid, the status is “{PAID_ONLY}”.",
    Status.END_OF_LIFE: "All support that is recorded has ended.",
    Status.PLANNED: "The release is not out yet: its date is in the future or not known.",
}
"""The rules of `status_on` in words, in the order of the page."""


@dataclass(frozen=True, slots=True)
class StatusRule:
    """A status with its words, its bar and its rule in words."""

    status: Status
    words: tuple[str, ...]
    bar: LegendEntry
    rule: str


def data_page() -> dict[str, Any]:
    """Return the template context of the page about the data, in 1 query."""
    found = selectors.sources()
    return {
        "sources": [(SOURCES[each.source], each) for each in found],
        "products": sum(each.products for each in found),
        "checked": sum(each.checked for each in found),
        "checked_on": max((each.checked_on for each in found if each.checked_on), default=None),
        "bundled": any(each.source is Source.BUNDLED for each in found),
        "old_after_days": OLD_AFTER_DAYS,
    }


def statuses_page() -> dict[str, Any]:
    """Return the template context of the page about the statuses."""
    return {
        "rules": [_rule(status, rule) for status, rule in RULES.items()],
        "soon_days": SOON_DAYS,
        "ragged": ragged_entry(),
        "continued": continued_entry(),
    }


def privacy_page() -> dict[str, Any]:
    """Return the template context of the page about privacy."""
    return {
        "kept_days": KEPT.days,
        "unconfirmed_days": UNCONFIRMED.days,
    }


def _rule(status: Status, rule: str) -> StatusRule:
    word = BADGES[status][1]
    words = (word, PAID_ONLY) if status is Status.EXTENDED else (word,)
    return StatusRule(status, words, status_entry(status, word), rule)
