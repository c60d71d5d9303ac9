"""Labels of cycles and links to release notes, rendered from the templates of the product.

They work on records of files and on rows of the database, through the protocols below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, format_milestone
from releases.domain.lifecycle.status import Lifecycle, is_lts
from releases.formats.liquid import plain_text, render
from releases.formats.web_address import valid_address

LtsRule = Callable[[Lifecycle, date], bool]
"""A function that returns True if a lifecycle has long-term support on a date."""


class CycleLike(Protocol):
    """A cycle with the values that its label and link use."""

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
    def lifecycle(self) -> Lifecycle: ...


class ProductLike(Protocol):
    """A product with the templates of its cycles."""

    @property
    def cycle_label(self) -> str: ...
    @property
    def lts_label(self) -> str: ...
    @property
    def changelog_template(self) -> str: ...


def cycle_title(product: ProductLike, cycle: CycleLike) -> str:
    """Return the cycle's label without the word for long-term support: `24.04 'Noble Numbat'`."""
    template = cycle.label or product.cycle_label
    if not template:
        return cycle.name
    text = render(template, placeholders(cycle), release_keys(cycle)).text
    return plain_text(text).strip() or cycle.name


def lts_words(product: ProductLike, cycle: CycleLike, on: date, rule: LtsRule = is_lts) -> str:
    """Return `LTS` (or the product's word), `Upcoming LTS` before its date, or an empty string."""
    life = cycle.lifecycle
    word = plain_text(product.lts_label) or "LTS"
    if rule(life, on):
        return word
    return f"Upcoming {word}" if isinstance(life.lts, PartialDate) else ""


def cycle_label(product: ProductLike, cycle: CycleLike, on: date, rule: LtsRule = is_lts) -> str:
    """Return the label of the public API: `5.2 (LTS)`."""
    title, words = cycle_title(product, cycle), lts_words(product, cycle, on, rule)
    return f"{title} ({words})" if words else title


def latest_link(product: ProductLike, cycle: CycleLike) -> str:
    """Return the address of the latest release's notes, or an empty string.

    The cycle's own link takes precedence over the product's template. Only a text with placeholders
    is rendered; if rendering reports a problem, there is no address.
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
    """Return the placeholders of a cycle by name, for `liquid.render`."""
    release = cycle.lifecycle.release
    return {
        "__RELEASE_CYCLE__": cycle.name,
        "__CODENAME__": cycle.codename,
        "__RELEASE_DATE__": release.date.isoformat() if isinstance(release, PartialDate) else "",
        "__LATEST__": cycle.latest,
        "__LATEST_RELEASE_DATE__": cycle.latest_date.isoformat() if cycle.latest_date else "",
    }


def release_keys(cycle: CycleLike) -> dict[str, Any]:
    """Return Liquid's variable `r` for a cycle: the keys of the file that have a value."""
    keys: dict[str, Any] = {"releaseCycle": cycle.name, "codename": cycle.codename or None}
    keys |= {"latest": cycle.latest or None} | dict(cycle.custom)
    life = cycle.lifecycle
    for name, spec in MILESTONES.items():
        value = getattr(life, name)
        keys[spec.file_key] = value if isinstance(value, bool) else format_milestone(value) or None
    return {key: value for key, value in keys.items() if value is not None}
