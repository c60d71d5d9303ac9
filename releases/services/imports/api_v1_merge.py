"""An answer of API v1 as values of the catalogue.

An answer shows a product: links and labels without their templates, dates without precision. So
shown is compared with shown: a value of here, or of the last import, that would be shown as the
answer has it stands for it. Only what is really different comes in as the answer writes it, and
what the answer does not speak of does not come in at all.
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
"""Whether a value would be shown as the answer has it."""

_LTS: Final = "LTS"


@dataclass(frozen=True, slots=True)
class Known:
    """The known values of a product or cycle before an answer comes: those in the tables, and
    those of the last imports of this and of the `other` kind of source; None where there are
    none."""

    here: Values | None
    mine: Values | None = None
    other: Values | None = None

    @property
    def said(self) -> list[Values]:
        return [each for each in (self.mine, self.other) if each is not None]

    def value(self, name: str, default: Any = "", *, of_source: bool = False) -> Any:
        """Return the value in the tables, else the last one of a source; with `of_source` in the
        other order."""
        here = [self.here] if self.here is not None else []
        known = [*self.said, *here] if of_source else [*here, *self.said]
        return next((each[name] for each in known if name in each), default)


@dataclass(slots=True)
class _AnswerValues:
    """Values of an answer, one by one. What `known` has in another form that shows the same was
    edited in its form alone, and is not spoken of."""

    known: Known
    values: Values = field(default_factory=dict)

    def put(self, name: str, literal: Any, shows: Shows | None = None) -> None:
        shows = shows or (lambda given: bool(given == literal))
        said = [each[name] for each in self.known.said if name in each and shows(each[name])]
        here = (self.known.here or {}).get(name)
        if self.known.here is not None and shows(here):
            if here in said or not said:
                self.values[name] = here
        else:
            self.values[name] = said[0] if said else literal

    def put_latest(self, latest: LatestAnswer) -> None:
        """Puts the version and the day of the latest release: both, or none where the two were
        edited to what the answer has."""
        told = {"latest": latest.name, "latest_date": day_text(latest.date)}
        said = any(told.items() <= each.items() for each in self.known.said)
        of_latest = any("latest" in each for each in self.known.said)
        if said or not of_latest or not told.items() <= (self.known.here or {}).items():
            self.values |= told


def values_of_answer(
    answer: ProductAnswer, product: Product | None, mine: Values, other: Values
) -> tuple[SourceValues, list[FormatProblem]]:
    """The values of an answer, and warnings of what could not be taken from it.

    `product` is the one that is here, if there is one, `mine` and `other` are the bases of its
    merge. Raises `FormatError` for a new cycle whose dates are out of order.
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
        if of_cycle.here is None and not of_cycle.said:
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
    # Every category is among the tags of an answer, whether the product has it as a tag or not.
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
    """A label that shows as `text`, which is no HTML."""
    escaped = escape(text, quote=False)
    return escaped if len(escaped) <= limits.LABEL else text


def _put_custom_fields(found: _AnswerValues, names: tuple[str, ...]) -> None:
    """An answer has the names of own columns alone. None is taken away."""
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
    """The product with the templates of its source, and with those of here."""
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
    """True if a source that never told the latest release begins with an older one than a file
    brought. A source that told one may also take it back."""
    told = "latest" in (known.mine or {})
    return not told and newer(known.value("latest"), latest.name)


def _shown(name: str, value: MilestoneValue) -> MilestoneValue:
    """Return the part of a milestone that the API tells: of a release only a date, of LTS
    whether there is any."""
    if isinstance(value, PartialDate):
        return PartialDate(value.date)
    if name == "release":
        return None
    return value or None if name == "lts" else value


def _milestone_shows(name: str, shown: MilestoneValue) -> Shows:
    return lambda text: _shown(name, parse_milestone(text)) == shown


def _put_custom(found: _AnswerValues, told: Mapping[str, str]) -> None:
    """The own columns that are told; what is known of others stays."""
    before = found.known.value("custom", {})
    rest = {name: value for name, value in before.items() if name not in told}
    found.put(
        "custom",
        rest | {name: value for name, value in told.items() if value},
        lambda given: all(given.get(name, "") == value for name, value in told.items()),
    )


def _record(answer: CycleAnswer, known: Known) -> CycleRecord:
    """The cycle as its source has it, as far as templates can show of it."""
    told = {
        name: value if isinstance(value, PartialDate) else _shown(name, value)
        for name, value in answer.milestones.items()
    }
    life = {name: parse_milestone(known.value(name)) for name in MILESTONES} | told
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
    """The label of the cycle: none of its own, if the product's says the same."""

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
    """The link of the latest release: none of the cycle's own, if the product's leads there."""

    def shows(own: str) -> bool:
        return any(latest_link(view, replace(cycle, link=own)) == link for view in views)

    literal = next(filter(shows, ("", link)), None)
    if link and literal is None:
        return [
            FormatProblem(0, f"{path}.latest.link", "It cannot be a link here: it is filled in.")
        ]
    none = literal is None  # the product's would lead somewhere
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
