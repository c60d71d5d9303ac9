"""The page of one release cycle: support, lifeline, milestones, latest patch and releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from releases import selectors
from releases.domain.lifecycle.extended_support import DEFAULT_NAME
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneSpec,
    MilestoneValue,
    PartialDate,
)
from releases.domain.lifecycle.status import (
    Lifecycle,
    Status,
    is_lts,
    milestone_reached,
    start_reached,
    status_on,
)
from releases.domain.lifecycle.versions import ReleaseKind, kind_of, release_key, version_key
from releases.domain.lifecycle.words import support_sentences, support_summary, unless
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import lifetime_window
from releases.domain.upgrade.advice import advise, latest_lts
from releases.domain.upgrade.install import Command, install_command
from releases.domain.upgrade.query import LATEST, LATEST_LTS
from releases.formats.labels import cycle_title
from releases.formats.liquid import plain_text
from releases.models import CustomField, Product, Release, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, cycle_alternates, webcal
from releases.presentation.breadcrumbs import breadcrumbs
from releases.presentation.openeox import cycle_context
from releases.presentation.release_marks import mark_legend, release_marks
from releases.presentation.rows import (
    Badge,
    CycleRow,
    MilestoneCell,
    axis_of,
    joined_title,
    milestone_cell,
    row_of,
)
from releases.presentation.snippets import snippets

KIND_WORDS: Final = {
    ReleaseKind.ALPHA: "Alpha",
    ReleaseKind.BETA: "Beta",
    ReleaseKind.RC: "Release candidate",
    ReleaseKind.FINAL: "First release",
    ReleaseKind.PATCH: "Patch release",
    ReleaseKind.SECURITY: "Security release",
}
MAX_VISIBLE_RELEASES: Final = 8
"""Maximum number of releases that are visible; earlier ones are folded."""
MIN_DAYS: Final = 60
"""Minimum distance in days that is named in months and years, with the days in brackets."""


@dataclass(frozen=True, slots=True)
class MilestoneItem:
    """A milestone of the cycle.

    Attributes:
        label: The words before its date.
        own: The product's own label of its column; empty if it has none.
        cell: Its date, or what is known instead.
        note: Its distance from the date of the page; empty without a date.
        to_come: True if it is not reached.
    """

    label: str
    own: str
    cell: MilestoneCell
    note: str
    to_come: bool


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release of the cycle as a row of the table."""

    version: str
    kind: str
    cell: MilestoneCell
    to_come: bool


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest release of the cycle.

    Attributes:
        title: The heading: `Latest patch: 5.2.19`.
        kind: Its kind in words; empty if only its version is known.
        cell: Its date; without text if it is not known.
        link: The URL of its release notes; empty if there is none.
        command: The command that installs it; None if no package is known.
    """

    title: str
    kind: str
    cell: MilestoneCell
    link: str
    command: Command | None


def cycle_page(
    product: Product, this: ReleaseCycle, query: RoadmapQuery, absolute: AbsoluteUrl
) -> dict[str, Any]:
    """Return the template context of the page of a release cycle.

    Args:
        product: The product, as `selectors.product_page` reads it.
        this: One of its cycles.
        query: The date and window of the page.
        absolute: Makes a path an absolute URL.
    """
    on, life = query.on, this.lifecycle
    days = [each.date for each in this.recorded if each.date]
    window = query.window if query.start or query.last else lifetime_window(life, days, on)
    row = row_of(product, this, window, on)
    marks = release_marks(this.recorded, window, on)
    milestones = _milestones(product, life, on)
    releases = [_release_line(each, on) for each in _newest_first(this)]
    alternates = cycle_alternates(product, this, query)
    context = {
        "product": product,
        "cycle": row.cycle,
        "query": query,
        "problems": query.problems,
        "row": row,
        "rows": [row],
        "title": row.full_title,
        "badge_of_page": _badge(row),
        "sentences": support_sentences(life, on),
        "summary": support_summary(life, on),
        "advice": _advice(product, this, on),
        "plan": _plan_url(product, this, query),
        "axis": axis_of(query, window),
        "marks": marks,
        "mark_legend": mark_legend(marks),
        "drawn": bool(marks) or any(each.cell.day for each in milestones),
        "milestones": milestones,
        "latest": _latest(row) if row.cycle.latest and product.show_latest else None,
        "releases": releases[:MAX_VISIBLE_RELEASES],
        "earlier": releases[MAX_VISIBLE_RELEASES:],
        "own": _own_columns(product, this),
        "beside": _beside(product, this),
        "structured": breadcrumbs(this.get_absolute_url(), [product.label, this.name], absolute),
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
        "badge": snippets(absolute, product, this),
        "data_age": selectors.data_age(product, on),
    }
    return context | _identification(product, this) | cycle_context(this)


def _badge(row: CycleRow) -> Badge:
    """Return the status of the page, in full words."""
    word = "Security fixes only" if row.badge.status == Status.SECURITY else row.badge.word
    return replace(row.badge, word=word)


def _advice(product: Product, cycle: ReleaseCycle, on: date) -> str:
    """Return advice if only extended support remains that is not free, and else ""."""
    extended_only = status_on(cycle.lifecycle, on) is Status.EXTENDED
    return unless(cycle.lifecycle) if extended_only and selectors.is_installed(product) else ""


def _plan_url(product: Product, this: ReleaseCycle, query: RoadmapQuery) -> str:
    """Return the URL of an upgrade plan; empty if nobody upgrades the product.

    The plan leads from the cycle to the newest one, or from LTS to the latest LTS. Where there is
    no newer cycle, and for a planned one, it leads to the cycle.
    """
    if not selectors.is_installed(product):
        return ""
    cycles = list(product.cycles.all())
    targets = {LATEST: advise(cycles, query.on).newest}
    if _lts(this):
        targets = {LATEST_LTS: latest_lts(cycles, query.on)} | targets
    planned = status_on(this.lifecycle, query.on) is Status.PLANNED
    key = version_key(this.name)
    newer = [word for word, each in targets.items() if each and version_key(each.name) > key]
    texts = {"from": this.name, "to": newer[0]} if newer and not planned else {"to": this.name}
    day = {"on": query.on.isoformat()} if query.what_if else {}
    return f"{reverse('releases:upgrade', args=[product.name])}?{urlencode(texts | day)}"


def neighbours(
    cycles: Sequence[ReleaseCycle], this: ReleaseCycle
) -> list[tuple[str, ReleaseCycle | None]]:
    """Return the cycles next to a cycle, and the next LTS cycles, with their labels.

    Args:
        cycles: All cycles of the product in its order, newest first.
        this: One of them.
    """
    place = cycles.index(this)
    newer, older = cycles[:place][::-1], cycles[place + 1 :]
    return [
        ("Older", next(iter(older), None)),
        ("Newer", next(iter(newer), None)),
        ("LTS before", next(filter(_lts, older), None)),
        ("Next LTS", next(filter(_lts, newer), None)),
    ]


def _beside(product: Product, this: ReleaseCycle) -> list[tuple[str, str, str]]:
    """Return the neighbours of a cycle, each once: label, title and path."""
    found: dict[str, tuple[str, str, str]] = {}
    for label, other in neighbours(list(product.cycles.all()), this):
        if other:
            title = joined_title(product.label, cycle_title(product, other))
            found.setdefault(other.name, (label, title, other.get_absolute_url()))
    return list(found.values())


def _lts(cycle: ReleaseCycle) -> bool:
    """Return whether a cycle is LTS, now or later."""
    return is_lts(cycle.milestones, date.max)


def _milestones(product: Product, life: Lifecycle, on: date) -> list[MilestoneItem]:
    """Return the milestones that apply, by date; those without a date come last."""
    found = {name: getattr(life, name) for name in MILESTONES}
    items = [
        _milestone(product, life, MILESTONES[name], on)
        for name, value in found.items()
        if value is not None and not (name == "lts" and isinstance(value, bool))
    ]
    return sorted(items, key=lambda item: item.cell.day.date if item.cell.day else date.max)


def _milestone(product: Product, life: Lifecycle, spec: MilestoneSpec, on: date) -> MilestoneItem:
    value = getattr(life, spec.name)
    cell = milestone_cell(spec, value, on)
    return MilestoneItem(
        label=_label(product, life, spec, on),
        own=_own_label(product, life, spec.name),
        cell=cell,
        note=_note(spec, cell, on),
        to_come=not milestone_reached(spec.name, value, on),
    )


def _label(product: Product, life: Lifecycle, spec: MilestoneSpec, on: date) -> str:
    value: MilestoneValue = getattr(life, spec.name)
    if spec.name == "release":
        return spec.label if start_reached(value, on) else "Expected"
    if spec.name == "lts":
        return f"{plain_text(product.lts_label) or 'LTS'} from"
    one_phase = spec.name == "eol" and life.eoas is None
    heading = spec.column.heading if spec.column else ""
    label = f"{life.extended.title} until" if spec.name == "eoes" else heading or spec.label
    if isinstance(value, PartialDate):
        return "Supported until" if one_phase else label
    return "Support" if one_phase else label.removesuffix(" until")


def _own_label(product: Product, life: Lifecycle, name: str) -> str:
    """Return the product's own label of a milestone, unless its words have it already."""
    column, usual = product.columns.get(name), MILESTONES[name].column
    if not (column and column.shown and usual):
        return ""
    label = plain_text(column.label)
    said = {
        "eol": life.eoas is None and label.lower().startswith("support"),
        "eoes": not life.extended.name.endswith(DEFAULT_NAME),
    }
    return "" if said.get(name) or label.lower() == usual.label.lower() else label


def _note(spec: MilestoneSpec, cell: MilestoneCell, on: date) -> str:
    """Return the distance of a milestone: `in 17 months (518 days)`, `ended 11 months ago`."""
    if cell.day is None or spec.is_start:
        return cell.near
    days = (cell.day.date - on).days
    if days >= MIN_DAYS and not cell.day.imprecise:
        return f"{cell.near} ({days} days)"
    return f"ended {cell.near}" if days < 0 and spec.name != "discontinued" else cell.near


def _latest(row: CycleRow) -> Latest:
    product, cycle = row.product, row.cycle
    version, day = cycle.latest, cycle.latest_date and PartialDate(cycle.latest_date)
    key = release_key(version)
    recorded = next((each for each in cycle.recorded if release_key(each.version) == key), None)
    kind = ReleaseKind(recorded.kind) if recorded else kind_of(version, cycle.name)
    noun = "release" if kind is ReleaseKind.FINAL else "patch"
    return Latest(
        title=f"Latest {noun}: {version}",
        kind=KIND_WORDS[kind] if recorded else "",
        cell=MilestoneCell(str(day), day, row.on) if day else MilestoneCell(""),
        link=row.latest_link,
        command=install_command(product.purls, version, product.label),
    )


def _release_line(release: Release, on: date) -> ReleaseLine:
    day = release.day
    return ReleaseLine(
        version=release.version,
        kind=KIND_WORDS[ReleaseKind(release.kind)],
        cell=MilestoneCell(str(day), day, on) if day else MilestoneCell("date not known"),
        to_come=day is not None and day.date > on,
    )


def _identification(product: Product, cycle: ReleaseCycle) -> dict[str, Any]:
    """Return the context of the vendor, the version range and the identifiers, in 1 query."""
    context = {
        "versions": cycle.vers,
        "identifiers": list(cycle.identifiers.all()),
        "main_identifier": product.main_identifier,
    }
    return context | {"identified": bool(product.vendor) or any(context.values())}


def _newest_first(cycle: ReleaseCycle) -> list[Release]:
    return sorted(cycle.recorded, key=lambda release: version_key(release.version), reverse=True)


def _own_columns(product: Product, cycle: ReleaseCycle) -> list[tuple[CustomField, str]]:
    return [
        (field, str(cycle.custom[field.name]))
        for field in product.custom_fields.all()
        if cycle.custom.get(field.name)
    ]
