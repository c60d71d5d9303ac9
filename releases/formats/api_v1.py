"""Parser for responses of API v1, from endoflife.date or another installation.

A response has rendered links and labels instead of templates, dates without precision, and no key
for a column that the product does not show. The records contain only the values of the response.
Errors carry the path of the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from releases.domain import limits, names
from releases.domain.lifecycle.milestones import ENDS, MILESTONES, MilestoneValue, PartialDate
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.fields import Field, ProblemLog, kind_of
from releases.formats.product_files.front_matter import FrontMatter, Path, path_text
from releases.formats.product_files.records import IdentifierRecord

SCHEMA: Final = "1"
"""The supported major version of the schema."""
PRODUCTS: Final = 20_000

COLUMNS: Final = [name for name in ENDS if MILESTONES[name].api_v1_flag]
"""The ends that API v1 has; it names them like the columns of products."""

_ICON: Final = re.compile(r"https://cdn\.jsdelivr\.net/npm/simple-icons/icons/([a-z0-9_-]+)\.svg")
_LTS: Final = re.compile(r"(?P<title>.+) \((?P<word>[^()]+|[^()]*\([^()]*\)[^()]*)\)", re.DOTALL)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class LatestAnswer:
    """The latest release of a cycle. An empty link means that it has none."""

    name: str
    date: date | None
    link: str


@dataclass(frozen=True, slots=True)
class CycleAnswer:
    """A cycle.

    `title` is its label without the word for long-term support; `lts_word` is that word, or empty.
    `milestones` has only those in the answer. `latest` is None if it is unknown or not shown,
    `custom` if the product has no custom fields.
    """

    name: str
    title: str
    lts_word: str
    codename: str
    milestones: dict[str, MilestoneValue]
    latest: LatestAnswer | None
    custom: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class ProductAnswer:
    """A product.

    `columns` are the labels of its ends of support, None for a hidden one. `icon` is None for an
    icon that is not one of Simple Icons. `path` is the place of the product in the answer.
    """

    name: str
    label: str
    category: str
    tags: tuple[str, ...]
    aliases: tuple[str, ...]
    identifiers: tuple[IdentifierRecord, ...]
    version_command: str
    policy_link: str
    icon: str | None
    columns: dict[str, str | None]
    cycles: tuple[CycleAnswer, ...]
    path: Path

    @property
    def custom_fields(self) -> tuple[str, ...]:
        """The names of its custom fields."""
        return tuple(dict.fromkeys(name for each in self.cycles for name in each.custom or ()))


def products_of(answer: object) -> list[tuple[Path, object]]:
    """Return the unparsed products of an answer, each with its path.

    The answer lists products (`/products/full`) or is a single one (`/products/x`). Raises
    `FormatError` for anything else, and for an unknown version of the schema.
    """
    if not isinstance(answer, dict) or "schema_version" not in answer:
        raise _refused("", "This is no answer of API v1: it has no schema_version.")
    version = answer["schema_version"]
    if not isinstance(version, str) or version.partition(".")[0] != SCHEMA:
        message = f"Expected a version 1.x of the schema, found {kind_of(version)}."
        raise _refused("schema_version", message)
    result = answer.get("result")
    if isinstance(result, dict):
        return [(("result",), result)]
    if not isinstance(result, list):
        raise _refused("result", f"Expected a list of products, found {kind_of(result)}.")
    if not result:
        raise _refused("result", "The answer has no products.")
    if len(result) > PRODUCTS:
        raise _refused("result", f"{len(result):,} products; at most {PRODUCTS:,} are read.")
    return [(("result", index), product) for index, product in enumerate(result)]


def read_product_answer(data: object, path: Path) -> ProductAnswer:
    """Parse one product of an answer; `path` is its place in the answer.

    Raises `FormatError` with everything that is wrong, each with the path of its field.
    """
    if not isinstance(data, dict):
        raise _refused(path_text(path), f"Expected keys and values, found {kind_of(data)}.")
    log = ProblemLog(FrontMatter({}, {(): 0}, ""))  # JSON has no lines to name
    product = _product(Field(data, path, log))
    if log.problems:
        raise FormatError(log.problems)
    return product


def _refused(path: str, message: str) -> FormatError:
    return FormatError([FormatProblem(0, path, message)])


def _product(data: Field) -> ProductAnswer:
    links = _mapping(data["links"])
    icon = _ICON.fullmatch(links["icon"].text(limits.URL))
    return ProductAnswer(
        name=_required_name(data["name"], names.bad_product_name),
        label=_label(data["label"]),
        category=data["category"].name(),
        tags=tuple(_required_name(tag, names.bad_name) for tag in data["tags"].items()),
        aliases=tuple(
            _required_name(alias, names.bad_product_name) for alias in data["aliases"].items()
        ),
        identifiers=tuple(dict.fromkeys(_identifiers(data["identifiers"]))),
        version_command=data["versionCommand"].text(limits.TEXT),
        policy_link=links["releasePolicy"].address(),
        icon="" if links["icon"].value is None else icon and icon[1],
        columns=_columns(_mapping(data["labels"])),
        cycles=tuple(_cycles(data["releases"])),
        path=data.path,
    )


def _label(label: Field) -> str:
    found = label.text(limits.LABEL).strip()
    if not found:
        label.note("The product has no label.")
    return found


def _required_name(name: Field, problem_of: Callable[[str], str]) -> str:
    if not isinstance(name.value, str):
        name.note(f"Expected a name, found {kind_of(name.value)}.")
    elif problem := problem_of(name.value):
        name.note(problem)
    else:
        return name.value
    return ""


def _mapping(field: Field) -> Field:
    """Return a field with a mapping, empty where the value is none."""
    if isinstance(field.value, dict):
        return field
    if field.value is not None:
        field.note(f"Expected keys and values, found {kind_of(field.value)}.")
    return replace(field, value={})


def _identifiers(identifiers: Field) -> Iterator[IdentifierRecord]:
    for item in identifiers.mappings():
        kind, value = item["type"].text(limits.NAME), item["id"].text()
        if kind and value:
            yield IdentifierRecord(kind, value)


def _columns(labels: Field) -> dict[str, str | None]:
    return {
        name: labels[name].text(limits.LABEL).strip() or None
        for name in COLUMNS
        if name in labels.value
    }


def _cycles(cycles: Field) -> Iterator[CycleAnswer]:
    seen: set[str] = set()
    for item in cycles.mappings(limits.CYCLES):
        name = _required_name(item["name"], names.bad_cycle_name)
        if name in seen:
            item["name"].note(f"The cycle “{name}” is there twice.")
        seen.add(name)
        yield _cycle(name, item)


def _cycle(name: str, item: Field) -> CycleAnswer:
    milestones = dict(_milestones(item))
    label = item["label"].text(limits.LABEL).strip() or name
    found = _LTS.fullmatch(label) if milestones.get("lts") else None
    word = found["word"] if found else ""
    return CycleAnswer(
        name=name,
        title=found["title"] if found else label,
        lts_word=word if item["isLts"].value is True else word.removeprefix("Upcoming "),
        codename=item["codename"].text(limits.LABEL),
        milestones=milestones,
        latest=_latest(item["latest"]),
        custom=_custom(item["custom"]),
    )


def _milestones(item: Field) -> Iterator[tuple[str, MilestoneValue]]:
    release = _day(item["releaseDate"])
    yield "release", PartialDate(release) if release else None
    for name, spec in MILESTONES.items():
        reached, day = spec.api_v1_flag, spec.api_v1_date
        if reached and (reached in item.value or day in item.value):
            since, flag = _day(item[day]), _flag(item[reached])
            yield name, PartialDate(since) if since else flag


def _day(day: Field) -> date | None:
    if day.value is None:
        return None
    try:
        if isinstance(day.value, str) and _DAY.fullmatch(day.value):
            return date.fromisoformat(day.value)
    except ValueError:
        pass
    day.note(f"Expected a date such as 2028-04-30, found {kind_of(day.value)}.")
    return None


def _flag(flag: Field) -> bool | None:
    if flag.value is None or isinstance(flag.value, bool):
        return flag.value
    flag.note(f"Expected true, false or null, found {kind_of(flag.value)}.")
    return None


def _latest(field: Field) -> LatestAnswer | None:
    if field.value is None:
        return None
    latest = _mapping(field)
    name = latest["name"].text(limits.LABEL)
    if latest["name"].value == "":  # the public API has this if a file contains `latest: ""`
        return None
    if not name:
        latest["name"].note("The latest release has no name.")
    return LatestAnswer(name, _day(latest["date"]), latest["link"].address())


def _custom(field: Field) -> dict[str, str] | None:
    if field.value is None:
        return None
    found = {}
    for key in _mapping(field).value:
        if names.FIELD_NAME.fullmatch(key) and len(key) <= limits.NAME:
            found[key] = field[key].text()
        else:
            field.note(f"“{key[:40]}” is not a name of letters, digits and _.")
    return found
