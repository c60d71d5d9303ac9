"""Product files: the YAML front matter and Markdown body in which endoflife.date keeps a product.

Reads today's vocabulary, the older one (`support`, `activeSupportColumn`, `command`, ...) and
this project's own optional keys, which other readers of the format ignore: `featured`,
`checkedOn`, `patchesOnlyFix` and `extendedTerms`; on a cycle `precision`, `releases` and
`formerNames`. What has no field of its own stays in the text of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from releases.domain import limits, names
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, Precision
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.columns import COLUMN_LABELS, SHOWN_BY_DEFAULT, Column, Display
from releases.formats.errors import FormatError, Problem
from releases.formats.front_matter import FrontMatter, Path, path_text, read_front_matter
from releases.formats.labels import MILESTONE_KEYS, placeholders, release_keys
from releases.formats.liquid import render
from releases.formats.raw import OLDER_KEYS
from releases.formats.reader import CONTROL, Reader, kind_of
from releases.formats.records import (
    CustomFieldRecord,
    CycleRecord,
    IdentifierRecord,
    ProductRecord,
    ReleaseRecord,
)

OLD_KEYS: Final = {
    "eoasColumn": "activeSupportColumn",
    "eoesColumn": "extendedSupportColumn",
    "latestColumn": "releaseColumn",
    "versionCommand": "command",
    "releasePolicyLink": "link",
    "releasePolicyImage": "releaseImage",
}
"""Older names of keys of a product by today's."""

COLUMN_KEYS: Final = {
    "release": "releaseDateColumn",
    "eoas": "eoasColumn",
    "eol": "eolColumn",
    "eoes": "eoesColumn",
    "discontinued": "discontinuedColumn",
    "latest": "latestColumn",
}
"""The key of each column in a product file."""


def decode(raw: bytes) -> str:
    """The text of a product file. Raises `FormatError` if it is too large or no text."""
    if len(raw) > limits.FILE_BYTES:
        message = f"The file has {len(raw):,} bytes; at most {limits.FILE_BYTES:,} are read."
        raise FormatError([Problem(0, "", message)])
    if not raw.strip():
        raise FormatError([Problem(0, "", "The file is empty.")])
    if b"\0" in raw:
        raise FormatError([Problem(0, "", "The file is binary, not a text.")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FormatError([Problem(line, "", "The file is not UTF-8 text.")]) from None


def read_product(text: str, file_name: str = "") -> ProductRecord:
    """Reads the text of a product file; `file_name` is its name without `.md`.

    Raises `FormatError` with everything that is wrong, each with its line and field path.
    """
    reader = _ProductReader(read_front_matter(text), file_name)
    record = reader.read()
    if reader.problems:
        raise FormatError(sorted(reader.problems, key=lambda problem: problem.line))
    return record


class _ProductReader(Reader):
    def __init__(self, source: FrontMatter, file_name: str) -> None:
        super().__init__(source, [], OLD_KEYS)
        self.file_name = file_name
        self.warnings: list[Problem] = []
        self.data = _with_todays_names(source.data)

    def read(self) -> ProductRecord:
        data = self.data
        custom_fields = tuple(self._custom_fields())
        product = ProductRecord(
            name=self._name(),
            label=self._title(),
            file_name=self.file_name[: limits.NAME],
            category=self.name(self.text(data, ("category",)), ("category",)),
            tags=self._tags(),
            aliases=self._aliases(),
            identifiers=self._identifiers(),
            custom_fields=custom_fields,
            columns={name: self._column(name) for name in COLUMN_LABELS},
            added_on=self.day(data, ("addedAt",)),
            checked_on=self.day(data, ("checkedOn",)),
            icon=self.text(data, ("iconSlug",), limits.NAME),
            version_command=self.text(data, ("versionCommand",), limits.TEXT),
            policy_link=self.address(data, ("releasePolicyLink",)),
            policy_image=self.address(data, ("releasePolicyImage",)),
            cycle_label=self.text(data, ("releaseLabel",)),
            lts_label=self.text(data, ("LTSLabel",), limits.LABEL),
            changelog_template=self.template(data, ("changelogTemplate",)),
            stale_days=self.number(data, ("staleReleaseThresholdDays",)),
            featured=self.number(data, ("featured",)),
            patches_only_fix=self.flag(data, ("patchesOnlyFix",)),
            extended_terms=self._extended_terms(),
            description=self._description(),
            cycles=tuple(self._cycles({field.name for field in custom_fields})),
            lines={path_text(path): line for path, line in self.source.lines.items()},
        )
        self._check_templates(product)
        return replace(product, warnings=tuple(self.warnings))

    def _extended_terms(self) -> ExtendedTerms:
        path: Path = ("extendedTerms",)
        text = self.text(self.data, path)
        if text not in list(ExtendedTerms):
            self.note(path, f"Expected one of {', '.join(filter(None, ExtendedTerms))}.")
            return ExtendedTerms.NOT_RECORDED
        return ExtendedTerms(text)

    def _name(self) -> str:
        path: Path = ("permalink",)
        if self.data.get("permalink") in (None, "", "/") and not self.file_name:
            self.note(path, "The file does not say its product's address (permalink: /name).")
        given = self.text(self.data, path).removeprefix("/").lower()
        return self.name(given or self.file_name.lower(), path, names.bad_product_name)

    def _title(self) -> str:
        given = self.data.get("title")
        if given is None or (isinstance(given, str) and not given.strip()):
            self.note(("title",), "The product has no title.")
        return self.text(self.data, ("title",), limits.LABEL).strip()

    def _description(self) -> str:
        body, line = self.source.body.replace("\r\n", "\n"), self.source.body_line
        if len(body) > limits.BODY:
            message = (
                f"The text below the front matter has {len(body):,} characters; "
                f"at most {limits.BODY:,} fit."
            )
            self.problems.append(Problem(line, "", message))
        elif control := CONTROL.search(body):
            line += body.count("\n", 0, control.start())
            self.problems.append(Problem(line, "", "The text has control characters."))
        return body

    def _tags(self) -> tuple[str, ...]:
        path: Path = ("tags",)
        value = self.data.get("tags")
        if isinstance(value, list):
            words = [self.text({"tags": item}, path) for item in value]
        else:
            words = self.text(self.data, path).split()
        return _distinct(self.name(word, path) for word in words)

    def _aliases(self) -> tuple[str, ...]:
        return _distinct(
            self.name(_address_name(item), path, names.bad_product_name)
            if isinstance(item, str)
            else self.text({str(path[-1]): item}, path)
            for path, item in self.items(self.data, ("alternate_urls",))
        )

    def _identifiers(self) -> tuple[IdentifierRecord, ...]:
        found = []
        for path, item in self.mappings(self.data, ("identifiers",)):
            for key in item:
                value = self.text(item, (*path, key))
                kind = self.checked(key, path, limits.NAME)
                if value and kind:
                    found.append(IdentifierRecord(kind, value))
        return tuple(dict.fromkeys(found))

    def _custom_fields(self) -> Iterator[CustomFieldRecord]:
        seen: set[str] = set()
        for path, item in self.mappings(self.data, ("customFields",)):
            name = self.text(item, (*path, "name"), limits.NAME)
            display = self.text(item, (*path, "display")) or Display.API_ONLY
            if not names.FIELD_NAME.fullmatch(name):
                self.note((*path, "name"), "A custom field needs a name of letters and digits.")
            elif name in seen:
                self.note((*path, "name"), f"There are two custom fields “{name}”.")
            elif display not in list(Display):
                self.note((*path, "display"), f"Expected one of {', '.join(Display)}.")
            else:
                seen.add(name)
                yield CustomFieldRecord(
                    name=name,
                    display=Display(display),
                    label=self.text(item, (*path, "label"), limits.LABEL),
                    description=self.text(item, (*path, "description"), limits.TEXT),
                    link=self.address(item, (*path, "link")),
                )

    def _column(self, name: str) -> Column:
        key = COLUMN_KEYS[name]
        value = self.data.get(key)
        if value is None:
            return Column(name in SHOWN_BY_DEFAULT)
        if isinstance(value, bool):
            return Column(value)
        return Column(True, self.text(self.data, (key,), limits.LABEL))

    def _cycles(self, custom: set[str]) -> Iterator[CycleRecord]:
        seen: dict[str, int] = {}
        if self.data.get("releases") is None:
            self.note(("releases",), "The file has no list of releases.")
        for path, item in self.mappings(self.data, ("releases",), limits.CYCLES):
            name = self._cycle_name(item, path)
            if name in seen:
                self.note(
                    (*path, "releaseCycle"),
                    f"The cycle “{name}” is there twice (first in line {seen[name]}).",
                )
            elif name:
                seen[name] = self.source.line((*path, "releaseCycle"))
            yield self._cycle(name, item, path, custom)

    def _cycle_name(self, item: dict[str, Any], path: Path) -> str:
        value, place = item.get("releaseCycle"), (*path, "releaseCycle")
        if value is None:
            self.note(path, "The cycle has no name (releaseCycle).")
        elif not isinstance(value, str):
            self.note(
                place,
                f"A cycle's name must be a text: put it in quotes (YAML reads it as "
                f"{kind_of(value)}).",
            )
        elif problem := names.bad_cycle_name(value):
            self.note(place, problem)
        else:
            return value
        return ""

    def _cycle(self, name: str, item: dict[str, Any], path: Path, custom: set[str]) -> CycleRecord:
        life = self._life(item, path)
        return CycleRecord(
            name=name,
            life=life,
            codename=self.text(item, (*path, "codename"), limits.LABEL),
            label=self.text(item, (*path, "releaseLabel")),
            latest=self.text(item, (*path, "latest"), limits.LABEL),
            latest_date=self.day(item, (*path, "latestReleaseDate")),
            link=self.template(item, (*path, "link")),
            no_link="link" in item and item["link"] is None,
            stale_days=self.number(item, (*path, "staleReleaseThresholdDays")),
            custom={
                key: self._custom_value(item, (*path, key))
                for key in item
                if key in custom and item[key] is not None
            },
            releases=tuple(self._releases(item, (*path, "releases"))),
            former_names=_distinct(self._former_names(item, (*path, "formerNames"))),
        )

    def _life(self, item: dict[str, Any], path: Path) -> Lifecycle:
        precisions = self._precisions(item, path)
        values: dict[str, MilestoneValue] = {}
        keys = dict(MILESTONE_KEYS)
        for name, key in MILESTONE_KEYS.items():
            values[name] = self._milestone(item, (*path, key), precisions.get(key))
        for old, today in OLDER_KEYS.items():
            if old in item and today not in item:
                value = self._milestone(item, (*path, old), precisions.get(today))
                values[today] = not value if isinstance(value, bool) else value
                keys[today] = old
        life = Lifecycle.of(values)
        for error in order_errors(life):
            self.note((*path, keys[error.later]), str(error))
        return life

    def _milestone(
        self, item: dict[str, Any], path: Path, precision: Precision | None
    ) -> MilestoneValue:
        value = item.get(str(path[-1]))
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, date):
            return PartialDate(value, precision or Precision.DAY)
        hint = " (without quotes)" if isinstance(value, str) else ""
        self.note(
            path,
            f"Expected a date such as 2028-04-30{hint}, true or false, found {kind_of(value)}.",
        )
        return None

    def _precisions(self, item: dict[str, Any], path: Path) -> dict[str, Precision]:
        given = item.get("precision")
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.note((*path, "precision"), "Expected keys and values (eol: month).")
            return {}
        found = {}
        for key, value in given.items():
            place = (*path, "precision", key)
            if key not in MILESTONE_KEYS.values():
                self.note(place, f"Expected one of {', '.join(MILESTONE_KEYS.values())}.")
            elif value not in list(Precision):
                self.note(place, f"Expected one of {', '.join(Precision)}.")
            else:
                found[key] = Precision(value)
        return found

    def _custom_value(self, item: dict[str, Any], path: Path) -> str:
        value = item[str(path[-1])]
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float | date):
            return self.checked(str(value), path, limits.LINE)
        self.note(path, f"Expected a text, found {kind_of(value)}.")
        return ""

    def _former_names(self, item: dict[str, Any], path: Path) -> Iterator[str]:
        for place, value in self.items(item, path):
            if not isinstance(value, str):
                self.note(place, f"Expected the former name of a cycle, found {kind_of(value)}.")
            elif problem := names.bad_cycle_name(value):
                self.note(place, problem)
            else:
                yield value

    def _releases(self, item: dict[str, Any], path: Path) -> Iterator[ReleaseRecord]:
        seen: set[str] = set()
        for place, entry in self.mappings(item, path, limits.RELEASES):
            version = self.text(entry, (*place, "version"), limits.NAME)
            kind = self.text(entry, (*place, "kind"))
            day = self.day(entry, (*place, "date"))
            precision = entry.get("precision", Precision.DAY)
            if not version or version in seen:
                self.note((*place, "version"), "A release needs a version of its own.")
            elif kind not in list(ReleaseKind):
                self.note((*place, "kind"), f"Expected one of {', '.join(ReleaseKind)}.")
            elif precision not in list(Precision):
                self.note((*place, "precision"), f"Expected one of {', '.join(Precision)}.")
            else:
                seen.add(version)
                partial = PartialDate(day, Precision(precision)) if day else None
                yield ReleaseRecord(version, ReleaseKind(kind), partial)

    def _check_templates(self, product: ProductRecord) -> None:
        """Renders each template once: what can never work is an error, what is odd a warning."""
        places: dict[str, tuple[Path, CycleRecord]] = {}
        cycles = product.cycles
        for key, template in (
            ("changelogTemplate", product.changelog_template),
            ("releaseLabel", product.cycle_label),
        ):
            if template and cycles:
                places[template] = ((key,), cycles[0])
        for index, cycle in enumerate(cycles):
            for key, template in (("link", cycle.link), ("releaseLabel", cycle.label)):
                if "{" in template:
                    places.setdefault(template, (("releases", index, key), cycle))
        for template, (path, cycle) in places.items():
            result = render(template, placeholders(cycle), release_keys(cycle))
            if result.fatal:
                self.note(path, result.problem)
            elif result.problem:
                self.warnings.append(self.place(path, result.problem))


def _with_todays_names(data: Mapping[str, Any]) -> dict[str, Any]:
    renamed = dict(data)
    for today, old in OLD_KEYS.items():
        if old in data and today not in data:
            renamed[today] = data[old]
    return renamed


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def _address_name(text: str) -> str:
    return text.removeprefix("/").lower()
