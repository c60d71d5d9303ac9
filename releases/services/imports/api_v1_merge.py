"""The conversion of a response of API v1 to values of the catalogue.

A response has rendered values: links and labels without their templates, dates without precision.
So rendered values are compared: a local value, or one of the last import, that would be rendered as
in the response is kept. Only real differences are imported as the response has them, and values
that it lacks are not imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

from releases.domain import limits
from releases.domain.lifecycle.latest import newer
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneValue,
    PartialDate,
    format_milestone,
    parse_milestone,
)
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Display
from releases.formats.api_v1 import CycleAnswer, LatestAnswer, ProductAnswer
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.labels import cycle_title, latest_link
from releases.formats.liquid import plain_text
from releases.formats.product_files.front_matter import path_text
from releases.formats.product_files.records import CycleRecord, ProductRecord
from releases.models import Product
from releases.services.imports.values import (
    CUSTOM_FIELD_FIELDS,
    SourceValues,
    Values,
    cycle_values_here,
    day_text,
    present_names,
    product_values_here,
)

Shows = Callable[[Any], bool]
"""Returns True if a value would be rendered as in the response."""

_LTS: Final = "LTS"


@dataclass(frozen=True, slots=True)
class Known:
    """The known values of a product or cycle; None if there are none.

    Attributes:
        here: The values in the tables.
        mine: The values of the last import of this kind of source.
        other: The values of the last import of the other kind of source.
    """

    here: Values | None
    mine: Values | None = None
    other: Values | None = None

    @property
    def source_values(self) -> list[Values]:
        return [each for each in (self.mine, self.other) if each is not None]

    def value(self, name: str, default: Any = "", *, of_source: bool = False) -> Any:
        """Return the value in the tables, or else the last one of a source.

        With `of_source` the values of sources take precedence.
        """
        here = [self.here] if self.here is not None else []
        known = [*self.source_values, *here] if of_source else [*here, *self.source_values]
        return next((each[name] for each in known if name in each), default)


@dataclass(slots=True)
class _AnswerValues:
    """The values of a response, collected one by one.

    A value is left out if only its form was edited here and it is rendered the same.
    """

    known: Known
    values: Values = field(default_factory=dict)

    def put(self, name: str, literal: Any, shows: Shows | None = None) -> None:
        shows = shows or (lambda given: bool(given == literal))
        in_sources = [
            each[name] for each in self.known.source_values if name in each and shows(each[name])
        ]
        here = (self.known.here or {}).get(name)
        if self.known.here is not None and shows(here):
            if here in in_sources or not in_sources:
                self.values[name] = here
        else:
            self.values[name] = in_sources[0] if in_sources else literal

    def put_latest(self, latest: LatestAnswer) -> None:
        """Add the version and the day of the latest release.

        Both are left out if both were edited here to the values of the response.
        """
        incoming = {"latest": latest.name, "latest_date": day_text(latest.date)}
        in_sources = any(incoming.items() <= each.items() for each in self.known.source_values)
        of_latest = any("latest" in each for each in self.known.source_values)
        if in_sources or not of_latest or not incoming.items() <= (self.known.here or {}).items():
            self.values |= incoming


def values_of_answer(
    answer: ProductAnswer, product: Product | None, mine: Values, other: Values
) -> tuple[SourceValues, list[FormatProblem]]:
    """Return the values of a response, and warnings for values that cannot be imported.

    Args:
        answer: The response.
        product: The product in the tables, or None.
        mine: The base of the merge, of this kind of source.
        other: The base of the other kind of source.

    Raises:
        FormatError: The dates of a new cycle are out of order.
    """
    here = product_values_here(product) if product else None
    known = Known(here, mine["product"], other["product"])
    rows = product.cycles.all() if product else ()
    names = present_names(product, [each.name for each in answer.cycles]) if product else {}
    cycles_here = {each.name: cycle_values_here(each) for each in rows}
    views = _views(known)
    problems: list[FormatProblem] = []
    warnings: list[FormatProblem] = []
    cycles = {}
    for index, cycle in enumerate(answer.cycles):
        name = cycle.name
        bases = mine["cycles"].get(name), other["cycles"].get(name)
        of_cycle = Known(cycles_here.get(names.get(name, name)), *bases)
        path = path_text((*answer.path, "releases", index))
        cycles[name] = _cycle_values(cycle, of_cycle, views, path, warnings)
        if of_cycle.here is None and not of_cycle.source_values:
            problems += _order_problems(cycles[name], path)
    if problems:
        raise FormatError(problems)
    return SourceValues(_product_values(answer, known), cycles), warnings


# ---- products


def _product_values(answer: ProductAnswer, known: Known) -> Values:
    found = _AnswerValues(known)
    found.put("label", answer.label)
    found.put("category", answer.category)
    found.put("aliases", list(answer.aliases))
    found.put("identifiers", [[each.type, each.value] for each in answer.identifiers])
    found.put("version_command", answer.version_command.replace("\r\n", "\n").strip())
    found.put("policy_link", answer.policy_link)
    if answer.icon is not None:
        found.put("icon", answer.icon)
    shown = set(answer.tags)
    # A response lists the category among the tags, even if the product lacks that tag.
    found.put(
        "tags",
        sorted(shown - {answer.category}),
        lambda tags: {*tags, answer.category} - {""} == shown,
    )
    for name, label in answer.columns.items():
        _put_column(found, name, label)
    words = {each.lts_word for each in answer.cycles} - {""}
    if len(words) == 1:
        word = words.pop()
        literal = "" if word == _LTS else _label(word)
        found.put("lts_label", literal, lambda label: (plain_text(label) or _LTS) == word)
    _put_custom_fields(found, answer.custom_fields)
    return found.values


def _put_column(found: _AnswerValues, name: str, label: str | None) -> None:
    found.put(f"show_{name}", label is not None)
    if label is not None:
        usual = SUPPORT_COLUMNS[name].label
        literal = "" if label == usual else _label(label)
        found.put(f"{name}_label", literal, lambda given: (plain_text(given) or usual) == label)


def _label(text: str) -> str:
    """Return a label that is rendered as the plain text `text`."""
    escaped = escape(text, quote=False)
    return escaped if len(escaped) <= limits.LABEL else text


def _put_custom_fields(found: _AnswerValues, names: tuple[str, ...]) -> None:
    """Add the custom columns of a response, which has only their names. None is removed."""
    here: list[Values] = found.known.value("custom_fields", [])
    have = {each["name"] for each in here}
    new = [
        dict.fromkeys(CUSTOM_FIELD_FIELDS, "") | {"name": name, "display": Display.API_ONLY.value}
        for name in names
        if name not in have
    ]
    wanted = set(names)
    found.put(
        "custom_fields", [*here, *new], lambda given: wanted <= {each["name"] for each in given}
    )


def _views(known: Known) -> tuple[ProductRecord, ...]:
    """Return the product with the templates of its source, and with the local ones."""
    templates = ("cycle_label", "changelog_template")
    return tuple(
        ProductRecord("", "", **{each: known.value(each, of_source=first) for each in templates})
        for first in (True, False)
    )


# ---- cycles


def _cycle_values(
    answer: CycleAnswer,
    known: Known,
    views: tuple[ProductRecord, ...],
    path: str,
    warnings: list[FormatProblem],
) -> Values:
    found = _AnswerValues(known)
    found.put("codename", answer.codename)
    for name, value in answer.milestones.items():
        shown = _shown(name, value)
        found.put(name, format_milestone(shown), _milestone_shows(name, shown))
    if answer.custom is not None:
        _put_custom(found, answer.custom)
    cycle = _record(answer, known)
    warnings += _put_title(found, answer.title, cycle, views, path)
    if answer.latest and not _behind(answer.latest, known):
        found.put_latest(answer.latest)
        warnings += _put_link(found, answer.latest.link, cycle, views, path)
    return found.values


def _behind(latest: LatestAnswer, known: Known) -> bool:
    """Return True if a response has an older latest release than a file, and never had one before.

    A source that stated the latest release before may also go back to an older one.
    """
    stated_before = "latest" in (known.mine or {})
    return not stated_before and newer(known.value("latest"), latest.name)


def _shown(name: str, value: MilestoneValue) -> MilestoneValue:
    """Return the part of a milestone that the API has.

    That is only the date of a release, and of LTS only whether there is any.
    """
    if isinstance(value, PartialDate):
        return PartialDate(value.date)
    if name == "release":
        return None
    return value or None if name == "lts" else value


def _milestone_shows(name: str, shown: MilestoneValue) -> Shows:
    return lambda text: _shown(name, parse_milestone(text)) == shown


def _put_custom(found: _AnswerValues, incoming: Mapping[str, str]) -> None:
    """Add the values of custom columns in the response; other columns keep their values."""
    before = found.known.value("custom", {})
    rest = {name: value for name, value in before.items() if name not in incoming}
    found.put(
        "custom",
        rest | {name: value for name, value in incoming.items() if value},
        lambda given: all(given.get(name, "") == value for name, value in incoming.items()),
    )


def _record(answer: CycleAnswer, known: Known) -> CycleRecord:
    """Return the cycle as in its source, as far as templates can use it."""
    incoming = {
        name: value if isinstance(value, PartialDate) else _shown(name, value)
        for name, value in answer.milestones.items()
    }
    life = {name: parse_milestone(known.value(name)) for name in MILESTONES} | incoming
    custom = known.value("custom", {}) | (answer.custom or {})
    return CycleRecord(
        name=answer.name,
        lifecycle=Lifecycle.of(life),
        codename=answer.codename,
        latest=answer.latest.name if answer.latest else known.value("latest"),
        latest_date=answer.latest.date if answer.latest else None,
        custom={name: value for name, value in custom.items() if value},
    )


def _put_title(
    found: _AnswerValues,
    title: str,
    cycle: CycleRecord,
    views: tuple[ProductRecord, ...],
    path: str,
) -> list[FormatProblem]:
    """Add the label of the cycle; an empty one if the template of the product renders the same."""

    def shows(label: str) -> bool:
        return any(cycle_title(view, replace(cycle, label=label)) == title for view in views)

    literal = next(filter(shows, ("", escape(title, quote=False))), None)
    if literal is None or len(literal) > limits.LINE:
        return [
            FormatProblem(0, f"{path}.label", "It cannot be a label here: it would be filled in.")
        ]
    found.put("label", literal, shows)
    return []


def _put_link(
    found: _AnswerValues, link: str, cycle: CycleRecord, views: tuple[ProductRecord, ...], path: str
) -> list[FormatProblem]:
    """Add the link of the latest release; an empty one if the template renders the same."""

    def shows(own: str) -> bool:
        return any(latest_link(view, replace(cycle, link=own)) == link for view in views)

    literal = next(filter(shows, ("", link)), None)
    if link and literal is None:
        return [
            FormatProblem(0, f"{path}.latest.link", "It cannot be a link here: it is filled in.")
        ]
    none = literal is None  # the product's template would render a link
    found.put("no_link", none, lambda given: given == none or (given and not link))
    if literal is not None:
        found.put("link", literal, shows)
    return []


def _order_problems(values: Values, path: str) -> list[FormatProblem]:
    life = Lifecycle.of({name: parse_milestone(values.get(name, "")) for name in MILESTONES})
    return [
        FormatProblem(0, f"{path}.{MILESTONES[each.later].api_v1_date}", str(each))
        for each in order_errors(life)
    ]
