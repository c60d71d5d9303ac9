"""What a cycle is called and where its release notes are: templates of the product, filled in.

The same for a record of a file and for a row of the database: whatever has these attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, Protocol

from releases.domain.lifecycle.milestones import PartialDate, format_milestone
from releases.domain.lifecycle.status import Lifecycle, is_lts
from releases.formats.liquid import plain_text, render
from releases.formats.web_address import valid_address

MILESTONE_KEYS: Final = {
    "release": "releaseDate",
    "lts": "lts",
    "eoas": "eoas",
    "eol": "eol",
    "eoes": "eoes",
    "discontinued": "discontinued",
}
"""The key of each milestone in a product file."""

LtsRule = Callable[[Lifecycle, date], bool]
"""Tells whether a cycle has long-term support on a day."""


class CycleLike(Protocol):
    """A cycle with what its label and link are made of."""

    @property
    def name(self) -> str: ...
    @property
    def codename(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def latest(self) -> str: ...
    @property
    def latest_date(self) -> date | None: ...
    @property
    def link(self) -> str: ...
    @property
    def no_link(self) -> bool: ...
    @property
    def custom(self) -> Mapping[str, str]: ...
    @property
    def life(self) -> Lifecycle: ...


class ProductLike(Protocol):
    """A product with the templates of its cycles."""

    @property
    def cycle_label(self) -> str: ...
    @property
    def lts_label(self) -> str: ...
    @property
    def changelog_template(self) -> str: ...


def cycle_title(product: ProductLike, cycle: CycleLike) -> str:
    """The cycle's label without any word on long-term support: `24.04 'Noble Numbat'`."""
    template = cycle.label or product.cycle_label
    if not template:
        return cycle.name
    text = render(template, placeholders(cycle), release_keys(cycle)).text
    return plain_text(text).strip() or cycle.name


def lts_words(product: ProductLike, cycle: CycleLike, on: date, rule: LtsRule = is_lts) -> str:
    """`LTS` (or the product's word for it), `Upcoming LTS` before its day, or nothing."""
    life = cycle.life
    word = plain_text(product.lts_label) or "LTS"
    if rule(life, on):
        return word
    return f"Upcoming {word}" if isinstance(life.lts, PartialDate) else ""


def cycle_label(product: ProductLike, cycle: CycleLike, on: date, rule: LtsRule = is_lts) -> str:
    """The label of the public API: `5.2 (LTS)`."""
    title, words = cycle_title(product, cycle), lts_words(product, cycle, on, rule)
    return f"{title} ({words})" if words else title


def latest_link(product: ProductLike, cycle: CycleLike) -> str:
    """The address of the release notes of the latest release; empty where there is none.

    The cycle's own link beats the product's template; only a text with a placeholder is rendered,
    and what did not render without a problem is no address.
    """
    template = "" if cycle.no_link else cycle.link or product.changelog_template
    if not template or not cycle.latest:
        return ""
    if "__" not in template:
        return template if valid_address(template) else ""
    rendered = render(template, placeholders(cycle), release_keys(cycle))
    address = rendered.text.strip()
    return address if valid_address(address) and not rendered.problem else ""


def placeholders(cycle: CycleLike) -> dict[str, str]:
    """The placeholders of a cycle by name, for `liquid.render`."""
    release = cycle.life.release
    return {
        "__RELEASE_CYCLE__": cycle.name,
        "__CODENAME__": cycle.codename,
        "__RELEASE_DATE__": release.date.isoformat() if isinstance(release, PartialDate) else "",
        "__LATEST__": cycle.latest,
        "__LATEST_RELEASE_DATE__": cycle.latest_date.isoformat() if cycle.latest_date else "",
    }


def release_keys(cycle: CycleLike) -> dict[str, Any]:
    """What Liquid sees of a cycle as `r`: the keys of the file that have a value."""
    keys: dict[str, Any] = {"releaseCycle": cycle.name, "codename": cycle.codename or None}
    keys |= {"latest": cycle.latest or None} | dict(cycle.custom)
    life = cycle.life
    for name, key in MILESTONE_KEYS.items():
        value = getattr(life, name)
        keys[key] = value if isinstance(value, bool) else format_milestone(value) or None
    return {key: value for key, value in keys.items() if value is not None}
