"""Answers of API v1, read: what endoflife.date, or another installation, says of its products.

An answer has links and labels as they are shown, not the templates that they are made of; no
precision of dates, and no key at all for a column that a product does not show. A record has what
is said and nothing else. What is wrong is named by the path of its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from releases.domain import limits, names
from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate
from releases.formats.errors import FormatError, Problem
from releases.formats.front_matter import FrontMatter, Path, path_text
from releases.formats.reader import Reader, kind_of
from releases.formats.records import IdentifierRecord

SCHEMA: Final = "1"
"""The major version of the schema that is read."""
PRODUCTS: Final = 20_000

ENDS: Final = {
    "eoas": ("isEoas", "eoasFrom"),
    "eol": ("isEol", "eolFrom"),
    "discontinued": ("isDiscontinued", "discontinuedFrom"),
    "eoes": ("isEoes", "eoesFrom"),
}
"""The two keys of each end: whether it is reached, and its day."""

_ICON: Final = re.compile(r"https://cdn\.jsdelivr\.net/npm/simple-icons/icons/([a-z0-9_-]+)\.svg")
_LTS: Final = re.compile(r"(?P<title>.+) \((?P<word>[^()]+|[^()]*\([^()]*\)[^()]*)\)", re.DOTALL)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class LatestAnswer:
    """The latest release of a cycle; an empty link: it has none."""

    name: str
    date: date | None
    link: str


@dataclass(frozen=True, slots=True)
class CycleAnswer:
    """A cycle.

    `title` is its label less the word on long-term support, which is `lts_word` (empty: not told).
    `milestones` has those that are told. `latest` is None where it is not known or not shown,
    `custom` where the product has no own columns.
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
    """A product. `columns` are the labels of its ends, None for one that is not shown; `icon` is
    None where the answer's is none of the usual ones. `path` is where it stands in the answer."""

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
        """The names of its own columns."""
        return tuple(dict.fromkeys(name for each in self.cycles for name in each.custom or ()))


def products_of(answer: object) -> list[tuple[Path, object]]:
    """The products of an answer that lists them (`/products/full`) or is one (`/products/x`), each
    with its path, unread.

    Raises `FormatError` if it is something else, or of a schema that is not known.
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
    """Reads one product of an answer.

    Raises `FormatError` with everything that is wrong, each with the path of its field.
    """
    if not isinstance(data, dict):
        raise _refused(path_text(path), f"Expected keys and values, found {kind_of(data)}.")
    reader = _AnswerReader(path)
    product = reader.product(data)
    if reader.problems:
        raise FormatError(reader.problems)
    return product


def _refused(path: str, message: str) -> FormatError:
    return FormatError([Problem(0, path, message)])


class _AnswerReader(Reader):
    def __init__(self, path: Path) -> None:
        super().__init__(FrontMatter({}, {(): 0}, ""), [])  # JSON has no lines to name
        self.path = path

    def product(self, data: Mapping[str, Any]) -> ProductAnswer:
        path = self.path
        links = self._mapping(data, (*path, "links"))
        icon = _ICON.fullmatch(self.text(links, (*path, "links", "icon"), limits.URL))
        return ProductAnswer(
            name=self._needed(data, (*path, "name"), names.bad_product_name),
            label=self._title(data),
            category=self.name(self.text(data, (*path, "category")), (*path, "category")),
            tags=tuple(self._names(data, "tags")),
            aliases=tuple(self._names(data, "aliases")),
            identifiers=tuple(dict.fromkeys(self._identifiers(data))),
            version_command=self.text(data, (*path, "versionCommand"), limits.TEXT),
            policy_link=self.address(links, (*path, "links", "releasePolicy")),
            icon="" if links.get("icon") is None else icon and icon[1],
            columns=self._columns(self._mapping(data, (*path, "labels"))),
            cycles=tuple(self._cycles(data)),
            path=path,
        )

    def _title(self, data: Mapping[str, Any]) -> str:
        path = (*self.path, "label")
        label = self.text(data, path, limits.LABEL).strip()
        if not label:
            self.note(path, "The product has no label.")
        return label

    def _needed(self, data: Mapping[str, Any], path: Path, problem_of: Any) -> str:
        """A name that must be there; `problem_of` says what is wrong with one."""
        value = data.get(str(path[-1]))
        if not isinstance(value, str):
            self.note(path, f"Expected a name, found {kind_of(value)}.")
        elif problem := problem_of(value):
            self.note(path, problem)
        else:
            return value
        return ""

    def _mapping(self, data: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
        value = data.get(str(path[-1]))
        if value is None or isinstance(value, dict):
            return value or {}
        self.note(path, f"Expected keys and values, found {kind_of(value)}.")
        return {}

    def _names(self, data: Mapping[str, Any], key: str) -> Iterator[str]:
        check = names.bad_product_name if key == "aliases" else names.bad_name
        for path, item in self.items(data, (*self.path, key)):
            yield self._needed({str(path[-1]): item}, path, check)

    def _identifiers(self, data: Mapping[str, Any]) -> Iterator[IdentifierRecord]:
        for path, item in self.mappings(data, (*self.path, "identifiers")):
            kind = self.text(item, (*path, "type"), limits.NAME)
            value = self.text(item, (*path, "id"))
            if kind and value:
                yield IdentifierRecord(kind, value)

    def _columns(self, labels: Mapping[str, Any]) -> dict[str, str | None]:
        return {
            name: self.text(labels, (*self.path, "labels", name), limits.LABEL).strip() or None
            for name in ENDS
            if name in labels
        }

    def _cycles(self, data: Mapping[str, Any]) -> Iterator[CycleAnswer]:
        seen: set[str] = set()
        for path, item in self.mappings(data, (*self.path, "releases"), limits.CYCLES):
            name = self._needed(item, (*path, "name"), names.bad_cycle_name)
            if name in seen:
                self.note((*path, "name"), f"The cycle “{name}” is there twice.")
            seen.add(name)
            yield self._cycle(name, item, path)

    def _cycle(self, name: str, item: Mapping[str, Any], path: Path) -> CycleAnswer:
        milestones = dict(self._milestones(item, path))
        lts = milestones.get("lts")
        label = self.text(item, (*path, "label"), limits.LABEL).strip() or name
        found = _LTS.fullmatch(label) if lts else None
        word = found["word"] if found else ""
        return CycleAnswer(
            name=name,
            title=found["title"] if found else label,
            lts_word=word if item.get("isLts") is True else word.removeprefix("Upcoming "),
            codename=self.text(item, (*path, "codename"), limits.LABEL),
            milestones=milestones,
            latest=self._latest(item, (*path, "latest")),
            custom=self._custom(item, (*path, "custom")),
        )

    def _milestones(
        self, item: Mapping[str, Any], path: Path
    ) -> Iterator[tuple[str, MilestoneValue]]:
        release = self._day(item, (*path, "releaseDate"))
        yield "release", PartialDate(release) if release else None
        for name, (reached, day) in ({"lts": ("isLts", "ltsFrom")} | ENDS).items():
            if reached in item or day in item:
                since, flag = self._day(item, (*path, day)), self._flag(item, (*path, reached))
                yield name, PartialDate(since) if since else flag

    def _day(self, data: Mapping[str, Any], path: Path) -> date | None:
        value = data.get(str(path[-1]))
        if value is None:
            return None
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.note(path, f"Expected a date such as 2028-04-30, found {kind_of(value)}.")
        return None

    def _flag(self, data: Mapping[str, Any], path: Path) -> bool | None:
        value = data.get(str(path[-1]))
        if value is None or isinstance(value, bool):
            return value
        self.note(path, f"Expected true, false or null, found {kind_of(value)}.")
        return None

    def _latest(self, item: Mapping[str, Any], path: Path) -> LatestAnswer | None:
        if item.get("latest") is None:
            return None
        latest = self._mapping(item, path)
        name = self.text(latest, (*path, "name"), limits.LABEL)
        if latest.get("name") == "":  # as the public API has it where a file says `latest: ""`
            return None
        day = self._day(latest, (*path, "date"))
        link = self.address(latest, (*path, "link"))
        if not name:
            self.note((*path, "name"), "The latest release has no name.")
        return LatestAnswer(name, day, link)

    def _custom(self, item: Mapping[str, Any], path: Path) -> dict[str, str] | None:
        if item.get("custom") is None:
            return None
        found = {}
        for key in self._mapping(item, path):
            if names.FIELD_NAME.fullmatch(key) and len(key) <= limits.NAME:
                found[key] = self.text(item["custom"], (*path, key))
            else:
                self.note(path, f"“{key[:40]}” is not a name of letters, digits and _.")
        return found
