"""Parser for product files: YAML front matter and a Markdown body, the format of endoflife.date.

It accepts today's keys, the older ones (`support`, `activeSupportColumn`, `command`, ...) and this
project's own optional keys, which other readers of the format ignore: `featured`, `checkedOn`,
`patchesOnlyFix`, `extendedTerms`, `upgradeRule`, `vendor`, `vendorLink` and `mainIdentifier`; on a
cycle `precision`, `releases`, `formerNames`, `versionRange` and `identifiers`. Keys without a field
stay in the text of the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from releases.domain import limits, names
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, Precision
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.domain.lifecycle.vers import canonical_vers
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Column, Display
from releases.formats.errors import FormatError, FormatProblem
from releases.formats.labels import placeholders, release_keys
from releases.formats.liquid import render
from releases.formats.product_files.fields import CONTROL, Field, ProblemLog, kind_of
from releases.formats.product_files.front_matter import (
    Path,
    path_text,
    read_front_matter,
)
from releases.formats.product_files.keys import (
    COLUMN_KEYS,
    MILESTONE_KEYS,
    OLDER_MILESTONE_KEYS,
    OLDER_PRODUCT_KEYS,
)
from releases.formats.product_files.records import (
    CustomFieldRecord,
    CycleRecord,
    IdentifierRecord,
    ProductRecord,
    ReleaseRecord,
)
from releases.formats.product_files.upgrade_rules import read_rule_values

_NO_TERMS: Final = ExtendedTerms.NOT_RECORDED


def decode(raw: bytes) -> str:
    """Return the text of a product file. Raises `FormatError` if it is too large or not text."""
    if len(raw) > limits.FILE_BYTES:
        message = f"The file has {len(raw):,} bytes; at most {limits.FILE_BYTES:,} are read."
        raise FormatError([FormatProblem(0, "", message)])
    if not raw.strip():
        raise FormatError([FormatProblem(0, "", "The file is empty.")])
    if b"\0" in raw:
        raise FormatError([FormatProblem(0, "", "The file is binary, not a text.")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FormatError([FormatProblem(line, "", "The file is not UTF-8 text.")]) from None


def read_product(text: str, file_name: str = "") -> ProductRecord:
    """Parse the text of a product file.

    Args:
        text: The text, with front matter.
        file_name: The name of the file without `.md`; it names a product without `permalink`.

    Raises:
        FormatError: Lists everything that is wrong, each problem with its line and field path.
    """
    source = read_front_matter(text)
    data = {
        today: source.data[old] for today, old in OLDER_PRODUCT_KEYS.items() if old in source.data
    }
    log = ProblemLog(source, OLDER_PRODUCT_KEYS)
    product = _product(Field(data | source.data, (), log), file_name)
    warnings = tuple(_check_templates(product, log))
    if log.problems:
        raise FormatError(sorted(log.problems, key=lambda problem: problem.line))
    return replace(product, warnings=warnings)


def _product(data: Field, file_name: str) -> ProductRecord:
    custom_fields = tuple(_custom_fields(data["customFields"]))
    identifiers = tuple(dict.fromkeys(_identifiers(data["identifiers"])))
    return ProductRecord(
        name=_name(data["permalink"], file_name),
        label=_title(data["title"]),
        file_name=file_name[: limits.NAME],
        category=data["category"].name(),
        tags=_tags(data["tags"]),
        aliases=_distinct(map(_alias, data["alternate_urls"].items())),
        identifiers=identifiers,
        main_identifier=_main_identifier(data["mainIdentifier"], identifiers),
        custom_fields=custom_fields,
        columns={name: _column(name, data[key]) for name, key in COLUMN_KEYS.items()},
        added_on=data["addedAt"].day(),
        checked_on=data["checkedOn"].day(),
        icon=data["iconSlug"].text(limits.NAME),
        version_command=data["versionCommand"].text(limits.TEXT),
        vendor=data["vendor"].text(limits.LABEL).strip(),
        vendor_link=data["vendorLink"].address(),
        policy_link=data["releasePolicyLink"].address(),
        policy_image=data["releasePolicyImage"].address(),
        cycle_label=data["releaseLabel"].text(),
        lts_label=data["LTSLabel"].text(limits.LABEL),
        changelog_template=data["changelogTemplate"].template(),
        stale_days=data["staleReleaseThresholdDays"].number(),
        featured=data["featured"].number(),
        patches_only_fix=data["patchesOnlyFix"].flag(),
        extended_terms=data["extendedTerms"].choice(ExtendedTerms, _NO_TERMS) or _NO_TERMS,
        rule=read_rule_values(data["upgradeRule"]),
        description=_description(data.log),
        cycles=tuple(_cycles(data["releases"], {field.name for field in custom_fields})),
        lines={path_text(path): line for path, line in data.log.source.lines.items()},
    )


def _name(permalink: Field, file_name: str) -> str:
    if permalink.value in (None, "", "/") and not file_name:
        permalink.note("The file does not say its product's address (permalink: /name).")
    given = permalink.text().removeprefix("/") or file_name
    return permalink.checked_name(given.lower(), names.bad_product_name)


def _title(title: Field) -> str:
    if title.value is None or (isinstance(title.value, str) and not title.value.strip()):
        title.note("The product has no title.")
    return title.text(limits.LABEL).strip()


def _description(log: ProblemLog) -> str:
    body, line = log.source.body.replace("\r\n", "\n"), log.source.body_line
    if len(body) > limits.BODY:
        message = (
            f"The text below the front matter has {len(body):,} characters; "
            f"at most {limits.BODY:,} fit."
        )
        log.problems.append(FormatProblem(line, "", message))
    elif control := CONTROL.search(body):
        line += body.count("\n", 0, control.start())
        log.problems.append(FormatProblem(line, "", "The text has control characters."))
    return body


def _tags(tags: Field) -> tuple[str, ...]:
    if isinstance(tags.value, list):
        words = [replace(tags, value=item).text() for item in tags.value]
    else:
        words = tags.text().split()
    return _distinct(tags.checked_name(word, names.bad_name) for word in words)


def _alias(address: Field) -> str:
    name = address.text().removeprefix("/").lower()
    return address.checked_name(name, names.bad_product_name)


def _identifiers(identifiers: Field) -> Iterator[IdentifierRecord]:
    for item in identifiers.mappings():
        yield from _identifiers_of(item)


def _identifiers_of(item: Field) -> Iterator[IdentifierRecord]:
    for key in item.value:
        value = item[key].text()
        kind = item.checked(key, limits.NAME)
        if value and kind:
            yield IdentifierRecord(kind, value)


def _main_identifier(
    main: Field, identifiers: Collection[IdentifierRecord]
) -> IdentifierRecord | None:
    if main.value is None:
        return None
    found = list(_identifiers_of(main)) if isinstance(main.value, dict) else []
    if len(found) == 1 and found[0] in identifiers:
        return found[0]
    main.note("Expected one of the product's identifiers, such as purl: pkg:pypi/django.")
    return None


def _custom_fields(fields: Field) -> Iterator[CustomFieldRecord]:
    seen: set[str] = set()
    for item in fields.mappings():
        name = item["name"].text(limits.NAME)
        display = item["display"].choice(Display, Display.API_ONLY)
        if not names.FIELD_NAME.fullmatch(name):
            item["name"].note("A custom field needs a name of letters and digits.")
        elif name in seen:
            item["name"].note(f"There are two custom fields “{name}”.")
        elif display:
            seen.add(name)
            yield CustomFieldRecord(
                name=name,
                display=display,
                label=item["label"].text(limits.LABEL),
                description=item["description"].text(limits.TEXT),
                link=item["link"].address(),
            )


def _column(name: str, column: Field) -> Column:
    if column.value is None:
        return Column(SUPPORT_COLUMNS[name].shown)
    if isinstance(column.value, bool):
        return Column(column.value)
    return Column(True, column.text(limits.LABEL))


def _cycles(cycles: Field, custom: set[str]) -> Iterator[CycleRecord]:
    seen: dict[str, int] = {}
    if cycles.value is None:
        cycles.note("The file has no list of releases.")
    for item in cycles.mappings(limits.CYCLES):
        name = _cycle_name(item)
        place = item["releaseCycle"]
        if name in seen:
            place.note(f"The cycle “{name}” is there twice (first in line {seen[name]}).")
        elif name:
            seen[name] = place.line
        yield _cycle(name, item, custom)


def _cycle_name(cycle: Field) -> str:
    name = cycle["releaseCycle"]
    if name.value is None:
        cycle.note("The cycle has no name (releaseCycle).")
    elif not isinstance(name.value, str):
        kind = kind_of(name.value)
        name.note(f"A cycle's name must be a text: put it in quotes (YAML reads it as {kind}).")
    elif problem := names.bad_cycle_name(name.value):
        name.note(problem)
    else:
        return name.value
    return ""


def _cycle(name: str, item: Field, custom: set[str]) -> CycleRecord:
    return CycleRecord(
        name=name,
        lifecycle=_lifecycle(item),
        codename=item["codename"].text(limits.LABEL),
        label=item["releaseLabel"].text(),
        latest=item["latest"].text(limits.LABEL),
        latest_date=item["latestReleaseDate"].day(),
        link=item["link"].template(),
        no_link="link" in item.value and item.value["link"] is None,
        stale_days=item["staleReleaseThresholdDays"].number(),
        custom={
            key: _custom_value(item[key])
            for key, value in item.value.items()
            if key in custom and value is not None
        },
        releases=tuple(_releases(item["releases"])),
        former_names=_distinct(_former_names(item["formerNames"])),
        versions=_version_range(item["versionRange"]),
        identifiers=tuple(dict.fromkeys(_identifiers(item["identifiers"]))),
    )


def _version_range(versions: Field) -> str:
    text = versions.text()
    try:
        return canonical_vers(text) if text else ""
    except ValueError as error:
        versions.note(str(error))
        return ""


def _lifecycle(cycle: Field) -> Lifecycle:
    precisions = _precisions(cycle["precision"])
    values: dict[str, MilestoneValue] = {}
    keys = dict(MILESTONE_KEYS)
    for name, key in MILESTONE_KEYS.items():
        values[name] = _milestone(cycle[key], precisions.get(key))
    for old, today in OLDER_MILESTONE_KEYS.items():
        if old in cycle.value and today not in cycle.value:
            value = _milestone(cycle[old], precisions.get(today))
            values[today] = not value if isinstance(value, bool) else value
            keys[today] = old
    life = Lifecycle.of(values)
    for error in order_errors(life):
        cycle[keys[error.later]].note(str(error))
    return life


def _milestone(milestone: Field, precision: Precision | None) -> MilestoneValue:
    value = milestone.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, date):
        return PartialDate(value, precision or Precision.DAY)
    hint = " (without quotes)" if isinstance(value, str) else ""
    milestone.note(
        f"Expected a date such as 2028-04-30{hint}, true or false, found {kind_of(value)}."
    )
    return None


def _precisions(precisions: Field) -> dict[str, Precision]:
    if not isinstance(precisions.value, dict):
        if precisions.value is not None:
            precisions.note("Expected keys and values (eol: month).")
        return {}
    found = {}
    for key in precisions.value:
        if key not in MILESTONE_KEYS.values():
            precisions[key].note(f"Expected one of {', '.join(MILESTONE_KEYS.values())}.")
        elif precision := precisions[key].choice(Precision):
            found[key] = precision
    return found


def _custom_value(field: Field) -> str:
    value = field.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | date):
        return field.checked(str(value), limits.LINE)
    field.note(f"Expected a text, found {kind_of(value)}.")
    return ""


def _former_names(former_names: Field) -> Iterator[str]:
    for item in former_names.items():
        if not isinstance(item.value, str):
            item.note(f"Expected the former name of a cycle, found {kind_of(item.value)}.")
        elif problem := names.bad_cycle_name(item.value):
            item.note(problem)
        else:
            yield item.value


def _releases(releases: Field) -> Iterator[ReleaseRecord]:
    seen: set[str] = set()
    for item in releases.mappings(limits.RELEASES):
        version = item["version"].text(limits.NAME)
        kind = item["kind"].choice(ReleaseKind)
        day = item["date"].day()
        precision = item["precision"].choice(Precision, Precision.DAY)
        if not version or version in seen:
            item["version"].note("A release needs a version of its own.")
        elif kind and precision:
            seen.add(version)
            yield ReleaseRecord(version, kind, PartialDate(day, precision) if day else None)


def _check_templates(product: ProductRecord, log: ProblemLog) -> Iterator[FormatProblem]:
    """Render each template once. Yield warnings; what can never work goes to the log."""
    templates: dict[str, tuple[Path, CycleRecord]] = {}
    if product.cycles:
        first = product.cycles[0]
        templates[product.changelog_template] = (("changelogTemplate",), first)
        templates[product.cycle_label] = (("releaseLabel",), first)
    for index, cycle in enumerate(product.cycles):
        for key, template in (("link", cycle.link), ("releaseLabel", cycle.label)):
            if "{" in template:
                templates.setdefault(template, (("releases", index, key), cycle))
    for template, (path, cycle) in templates.items():
        result = render(template, placeholders(cycle), release_keys(cycle))
        if result.problem:
            problem = log.place(path, result.problem)
            if result.fatal:
                log.problems.append(problem)
            else:
                yield problem


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))
