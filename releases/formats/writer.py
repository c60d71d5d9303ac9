"""Product files, written: the way back of `releases.formats.product_file`.

A product that was read from a file is written into the data of that file: a key whose value still
says the same stays as it is there, under the name and in the place that it has, and so does what
no field holds. Comments and the layout of the YAML are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import yaml

from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.roadmap.columns import SHOWN_BY_DEFAULT, Column
from releases.formats.errors import FormatError
from releases.formats.front_matter import FrontMatter, read_front_matter
from releases.formats.labels import MILESTONE_KEYS
from releases.formats.product_file import COLUMN_KEYS, OLD_KEYS, read_product
from releases.formats.raw import OLDER_KEYS, OWN_KEYS, raw_cycles
from releases.formats.records import (
    CustomFieldRecord,
    CycleRecord,
    ProductRecord,
    ReleaseRecord,
)

Keys = dict[str, Any]
"""The keys of a product, cycle or other part of a file, with values of the domain. What a file
need not say is not among them."""

_ABSENT: Final = object()
_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})

# What is a word of its own in one of the YAMLs: those of 1.1 are more than those of 1.2.
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# What begins otherwise may be a number, a time or a sign to one of them. The breaks are of 1.1.
_PLAIN: Final = re.compile(r"(?:[^\W\d_]|/)[^\x85\u2028\u2029]*")
_LINES: Final = re.compile(r"[^\x85\u2028\u2029]*\n[^\x85\u2028\u2029]*")


def write_product(product: ProductRecord, given: str = "") -> str:
    """The text of the product file of a record; `read_product` reads the same record from it.

    `given` is the text of the file that it was imported from, if there is one: what did not
    change since stays as it says, the text below the front matter to the byte.
    """
    source, before = _given(given, product.file_name)
    data = _product(product, source.data, before)
    body = source.body
    if _plain(body) != _plain(product.description):
        body = f"\n{_plain(product.description)}\n" if product.description.strip() else ""
    front_matter = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31)
    return f"---\n{front_matter}---\n{body}"


def _given(text: str, file_name: str) -> tuple[FrontMatter, ProductRecord]:
    """The data of a file and what it says; nothing for a text that is none (any more)."""
    try:
        return read_front_matter(text), read_product(text, file_name)
    except FormatError:
        return FrontMatter({}, {}, ""), ProductRecord("", "")


def _product(now: ProductRecord, given: Mapping[str, Any], before: ProductRecord) -> Keys:
    older = {old: today for today, old in OLD_KEYS.items() if today not in given}
    data = _patched(given, _product_keys(before), _product_keys(now), older)
    if "customFields" in data and now.custom_fields != before.custom_fields:
        data["customFields"] = _custom_fields(now, given, before)
    given_cycles = raw_cycles(given)
    cycles_before = {cycle.name: cycle for cycle in before.cycles}
    nothing = CycleRecord("", Lifecycle())
    here = {cycle.name for cycle in now.cycles}
    data["releases"] = [
        _cycle(cycle, given_cycles.get(name, {}), cycles_before.get(name, nothing))
        for cycle in now.cycles
        for name in [_name_in_file(cycle, given_cycles, here)]
    ]
    return data


def _name_in_file(cycle: CycleRecord, given: Collection[str], here: Collection[str]) -> str:
    """Return the name that a file has for a cycle: its own, or a former one that is in the file and
    that no cycle has any more."""
    former = (name for name in reversed(cycle.former_names) if name in given and name not in here)
    return cycle.name if cycle.name in given else next(former, cycle.name)


def _custom_fields(
    now: ProductRecord, given: Mapping[str, Any], before: ProductRecord
) -> list[Keys]:
    entries = {each["name"]: each for each in given.get("customFields") or ()}
    known = {field.name: _custom_field_keys(field) for field in before.custom_fields}
    return [
        _patched(entries.get(field.name, {}), known.get(field.name, {}), _custom_field_keys(field))
        for field in now.custom_fields
    ]


def _cycle(now: CycleRecord, given: Mapping[str, Any], before: CycleRecord) -> Keys:
    older = {old: today for old, today in OLDER_KEYS.items() if today not in given}
    data = _patched(given, _cycle_keys(before), _cycle_keys(now), older)
    for key, value, was in (
        ("precision", _precisions(now, given, before), given.get("precision")),
        ("releases", _releases(now, given, before), given.get("releases")),
        ("formerNames", list(now.former_names), given.get("formerNames")),
    ):
        if value and value != was:
            data[key] = value
        elif not value and was:
            del data[key]
    return data


def _precisions(now: CycleRecord, given: Mapping[str, Any], before: CycleRecord) -> Keys:
    """How exactly dates are known: what the file says where the milestone did not change."""
    found = dict(given.get("precision") or {})
    for name, key in MILESTONE_KEYS.items():
        value = getattr(now.life, name)
        if value != getattr(before.life, name):
            found.pop(key, None)
            if isinstance(value, PartialDate) and value.imprecise:
                found[key] = value.precision.value
    return found


def _releases(now: CycleRecord, given: Mapping[str, Any], before: CycleRecord) -> list[Keys]:
    """The entries of releases, in the order of the file; what is new comes last."""
    entries = {each["version"]: each for each in given.get("releases") or ()}
    was = {release.version: release for release in before.releases}
    here = {release.version: release for release in now.releases}
    order = [version for version in entries if version in here]
    order += [version for version in here if version not in entries]
    return [
        entries[version]
        if here[version] == was.get(version)
        else _release_keys(here[version]) | _unknown(entries.get(version, {}))
        for version in order
    ]


def _unknown(entry: Mapping[str, Any]) -> Keys:
    known = ("version", "date", "precision", "kind")
    return {key: value for key, value in entry.items() if key not in known}


def _patched(
    given: Mapping[str, Any], before: Keys, now: Keys, older: Mapping[str, str] | None = None
) -> Keys:
    """The data of a file with what changed from `before` to `now`.

    `older` has today's name of the keys that the file has under an older one. A new key stands
    behind the one that usually precedes it.
    """
    older = older or {}
    names: list[str] = []  # today's, of the keys in `data`
    data: list[tuple[str, Any]] = []
    for key, value in given.items():
        name = older.get(key, key)
        new = now.get(name, _ABSENT)
        if new == before.get(name, _ABSENT):
            data.append((key, value))
        elif new is not _ABSENT:
            data.append((key, _still(new) if key in OLDER_KEYS else _written(name, new)))
        else:
            continue
        names.append(name)
    told = {older.get(key, key) for key in given}
    preceding: list[str] = []
    for name, value in now.items():
        if name not in told and value != before.get(name, _ABSENT):
            at = max((names.index(each) + 1 for each in preceding if each in names), default=0)
            names.insert(at, name)
            data.insert(at, (name, _written(name, value)))
        preceding.append(name)
    return dict(data)


def _product_keys(product: ProductRecord) -> Keys:
    columns = {key: _column(name, product.columns.get(name)) for name, key in COLUMN_KEYS.items()}
    return _said(
        {
            "title": product.label,
            "addedAt": product.added_on,
            "category": product.category,
            "tags": sorted(product.tags),
            "iconSlug": product.icon,
            "permalink": product.name,
            "alternate_urls": list(product.aliases),
            "featured": product.featured,
            "checkedOn": product.checked_on,
            "versionCommand": product.version_command,
            "releasePolicyLink": product.policy_link,
            "releasePolicyImage": product.policy_image,
            "changelogTemplate": product.changelog_template,
            "releaseLabel": product.cycle_label,
            "LTSLabel": product.lts_label,
            **columns,
            "patchesOnlyFix": product.patches_only_fix,
            "extendedTerms": product.extended_terms.value,
            "staleReleaseThresholdDays": product.stale_days,
            "customFields": [_custom_field_keys(field) for field in product.custom_fields],
            "identifiers": [(each.type, each.value) for each in product.identifiers],
        }
    )


def _column(name: str, column: Column | None) -> str | bool | None:
    """A column as a file says it; nothing where it is as usual."""
    usual = Column(name in SHOWN_BY_DEFAULT)
    if column is None or column == usual:
        return None
    return (_plain(column.label) or True) if column.shown else False


def _custom_field_keys(field: CustomFieldRecord) -> Keys:
    return _said(
        {
            "name": field.name,
            "display": field.display.value,
            "label": field.label,
            "description": field.description,
            "link": field.link,
        }
    )


def _cycle_keys(cycle: CycleRecord) -> Keys:
    keys = {
        "releaseCycle": cycle.name,
        "codename": cycle.codename,
        "releaseLabel": cycle.label,
        **{key: getattr(cycle.life, name) for name, key in MILESTONE_KEYS.items()},
        "latest": cycle.latest,
        "latestReleaseDate": cycle.latest_date,
        "link": cycle.link,
        "staleReleaseThresholdDays": cycle.stale_days,
    }
    custom = {name: value for name, value in cycle.custom.items() if name not in keys}
    own = {name: value for name, value in custom.items() if name not in OWN_KEYS | {*OLDER_KEYS}}
    said = _said(keys | own)
    return said | {"link": None} if cycle.no_link else said


def _release_keys(release: ReleaseRecord) -> Keys:
    day = release.date
    return _said(
        {
            "version": release.version,
            "date": day and day.date,
            "precision": day.precision.value if day and day.imprecise else "",
            "kind": release.kind.value,
        }
    )


def _said(keys: Keys) -> Keys:
    plain = {key: _plain(value) for key, value in keys.items()}
    return {key: value for key, value in plain.items() if value not in _NOTHING}


def _plain(value: Any) -> Any:
    """A text as the tables keep it."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _written(key: str, value: Any) -> Any:
    """A value as the data of a file has it."""
    if isinstance(value, PartialDate):
        return value.date
    return _WRITTEN[key](value) if key in _WRITTEN else value


def _still(end: Any) -> Any:
    """An end in the older words: whether there is support, or the day until which."""
    return not end if isinstance(end, bool) else _written("", end)


_WRITTEN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "tags": " ".join,
    "permalink": "/{}".format,
    "alternate_urls": lambda names: [f"/{name}" for name in names],
    "identifiers": lambda pairs: [{kind: value} for kind, value in pairs],
}


class _Dumper(yaml.SafeDumper):
    """Writes YAML that readers of 1.1 and of 1.2 understand alike."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Entries of a list stand deeper than its key."""
        super().increase_indent(flow, False)

    def text(self, value: str) -> yaml.ScalarNode:
        style = '"'
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            style = ""
        if _LINES.fullmatch(value):
            style = "|"
        return self.represent_scalar("tag:yaml.org,2002:str", value, style or None)


_Dumper.add_representer(str, _Dumper.text)
