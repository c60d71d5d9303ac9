"""The writer of product files: round trips, changes, and YAML that all readers agree on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.domain.lifecycle.extended_support import NOT_RECORDED, ExtendedTerms
from releases.domain.lifecycle.milestones import PartialDate, Precision
from releases.domain.lifecycle.status import order_errors
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Column, Display
from releases.formats.product_files.front_matter import read_front_matter
from releases.formats.product_files.keys import OLDER_MILESTONE_KEYS, OLDER_PRODUCT_KEYS
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import (
    CustomFieldRecord,
    CycleRecord,
    IdentifierRecord,
    ProductRecord,
    ReleaseRecord,
)
from releases.formats.product_files.writer import write_product
from tests.conftest import CATALOGUE, SHARED
from tests.domain.strategies import days, lives, partial_dates

# Texts that YAML 1.2 reads as another type unless they are quoted.
CORE_SCHEMA = re.compile(
    r"null|Null|NULL|~||true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
ODD = st.sampled_from(
    [
        *[
            "5.10",
            "22:04",
            "2028-01-01",
            "yes",
            "NO",
            "on",
            "y",
            "null",
            "~",
            "0x1F",
            "0o17",
            "1e5",
        ],
        *[
            "1_000",
            "- a",
            "# x",
            "a: b",
            "a #b",
            "'",
            '"',
            "---",
            "...",
            "a\n---\nb",
            "!!int",
            "&a",
        ],
        *["*a", "%x", "@x", "`x", "|", ">", "=", "<<", "a\n  b\n c", "a\tb", "\\n", "é", "\ufeffa"],
        *["a\x85b", "a\u2028b", "a\n\nb", "a \nb", "x" * 300, "a\n# b", ":", "?", "[x]", "🦊"],
    ]
)
ANY = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=8
)
TEXTS = (ODD | ANY).map(str.strip)
SOME = TEXTS.filter(bool)
NO_TEMPLATES = TEXTS.map(lambda text: text.replace("{", ""))
NAMES = st.from_regex("[a-z][a-z0-9._+-]{0,9}x", fullmatch=True)
CYCLE_NAMES = st.sampled_from(
    ["5.10", "22:04", "2028", "1e5", "yes", "2028-01-01", "+", "a b", "4"]
)
LINKS = st.sampled_from(["", "https://acme.test/a?b=c#d", "https://acme.test/__LATEST__: x"])
NUMBERS = st.none() | st.integers(0, 999_999)
FIELD_NAMES = st.sampled_from(["python", "_1", "Yes", "releasenotes"])


def unique(items: st.SearchStrategy[Any], key: str, most: int = 2) -> st.SearchStrategy[Any]:
    """Generate tuples of records with different names."""
    drawn = st.lists(items, max_size=most, unique_by=lambda each: getattr(each, key))
    return drawn.map(tuple)


RELEASES = st.builds(
    ReleaseRecord,
    version=SOME.filter(lambda text: len(text) <= 100),
    kind=st.sampled_from(ReleaseKind),
    date=st.none() | partial_dates,
)
IDENTIFIERS = st.builds(IdentifierRecord, SOME.filter(lambda text: len(text) <= 100), SOME)
CYCLES = st.builds(
    CycleRecord,
    name=CYCLE_NAMES,
    # The terms of extended support belong to the product.
    lifecycle=lives.filter(lambda life: not order_errors(life)).map(
        lambda life: replace(life, extended=NOT_RECORDED)
    ),
    codename=TEXTS.filter(lambda text: len(text) <= 200),
    label=NO_TEMPLATES,
    latest=TEXTS.filter(lambda text: len(text) <= 200),
    latest_date=st.none() | days,
    link=LINKS,
    stale_days=NUMBERS,
    custom=st.dictionaries(FIELD_NAMES, SOME, max_size=2),
    versions=st.sampled_from(["", "vers:generic/*", "vers:pypi/>=1|!=1.5|<2"]),
    identifiers=st.lists(IDENTIFIERS, max_size=2, unique=True).map(tuple),
    releases=unique(RELEASES, "version").map(
        lambda each: tuple(sorted(each, key=lambda release: release.version))
    ),
)
CUSTOM_FIELDS = st.builds(
    CustomFieldRecord,
    name=FIELD_NAMES,
    display=st.sampled_from(Display),
    label=TEXTS.filter(lambda text: len(text) <= 200),
    description=TEXTS,
    link=st.sampled_from(["", "https://acme.test/"]),
)
COLUMNS = st.builds(Column, st.just(True), TEXTS.filter(lambda text: len(text) <= 200))

some = settings(max_examples=30, deadline=None)
"""A drawn product is large."""


def fitting(product: ProductRecord) -> ProductRecord:
    """Return the product with values only for its own custom fields, and some cycles without
    link."""
    declared = {field.name for field in product.custom_fields}
    cycles = [
        replace(
            cycle,
            custom={name: value for name, value in cycle.custom.items() if name in declared},
            no_link=not cycle.link and bool(cycle.stale_days),
        )
        for cycle in product.cycles
    ]
    # The main identifier is one of the others.
    main = product.identifiers[-1] if product.identifiers and product.patches_only_fix else None
    return replace(product, cycles=tuple(cycles), main_identifier=main)


PRODUCTS = st.builds(
    ProductRecord,
    name=st.just("acme"),
    file_name=st.just("acme"),
    label=SOME.filter(lambda text: len(text) <= 200),
    category=st.sampled_from(["", "os"]),
    tags=st.sets(NAMES, max_size=2).map(lambda names: tuple(sorted(names))),
    aliases=st.lists(NAMES, max_size=2, unique=True).map(tuple),
    identifiers=st.lists(IDENTIFIERS, max_size=2, unique=True).map(tuple),
    custom_fields=unique(CUSTOM_FIELDS, "name"),
    columns=st.fixed_dictionaries(
        {name: st.just(Column(False)) | COLUMNS for name in SUPPORT_COLUMNS}
    ),
    added_on=st.none() | days,
    extended_terms=st.sampled_from(ExtendedTerms),
    checked_on=st.none() | days,
    icon=TEXTS.filter(lambda text: len(text) <= 100),
    version_command=TEXTS,
    policy_link=st.sampled_from(["", "https://acme.test/policy"]),
    policy_image=st.sampled_from(["", "https://acme.test/policy.png"]),
    cycle_label=NO_TEMPLATES,
    lts_label=TEXTS.filter(lambda text: len(text) <= 200),
    changelog_template=LINKS,
    stale_days=NUMBERS,
    featured=NUMBERS,
    patches_only_fix=st.booleans(),
    vendor=TEXTS.filter(lambda text: len(text) <= 200),
    vendor_link=st.sampled_from(["", "https://acme.test/"]),
    description=TEXTS,
    cycles=unique(CYCLES, "name"),
).map(fitting)


def read(text: str, file_name: str = "acme") -> ProductRecord:
    """Parse a text, with its description as the database stores it and unordered values sorted."""
    product = read_product(text, file_name)
    cycles = [
        replace(cycle, releases=tuple(sorted(cycle.releases, key=lambda each: each.version)))
        for cycle in product.cycles
    ]
    return replace(
        product,
        description=product.description.strip(),
        tags=tuple(sorted(product.tags)),
        cycles=tuple(cycles),
    )


def data(text: str) -> Any:
    """Return the data of a front matter with the types of its values and the order of its keys."""

    def typed(value: Any) -> Any:
        match value:
            case dict():
                return [(key, typed(each)) for key, each in value.items()]
            case list():
                return [typed(each) for each in value]
        return type(value), value

    return typed(read_front_matter(text).data)


def older(text: str) -> str:
    """Return a product file with older names of its keys where they have the same meaning."""
    for today, old in OLDER_PRODUCT_KEYS.items():
        text = re.sub(rf"^{today}:", f"{old}:", text, flags=re.MULTILINE)
    for old, today in OLDER_MILESTONE_KEYS.items():
        text = re.sub(rf"^    {today}: (?=\d)", f"    {old}: ", text, flags=re.MULTILINE)
    return text


# ---- round trips


@some
@given(product=PRODUCTS)
def test_written_product_reads_the_same(product: ProductRecord) -> None:
    assert read(write_product(product)) == product


@some
@given(product=PRODUCTS, before=PRODUCTS)
def test_changed_file_reads_as_the_new_product(
    product: ProductRecord, before: ProductRecord
) -> None:
    """The previous file may have any values, with current or older keys."""
    text = write_product(before)
    assert read(write_product(product, text)) == product
    assert read(write_product(product, older(text))) == product


@some
@given(product=PRODUCTS, before=PRODUCTS)
def test_writing_again_changes_nothing(product: ProductRecord, before: ProductRecord) -> None:
    for text in (write_product(product), write_product(product, write_product(before))):
        assert write_product(read_product(text, "acme"), text) == text


@some
@given(product=PRODUCTS)
def test_readers_of_yaml_1_1_and_1_2_agree(product: ProductRecord) -> None:
    """Text is quoted if YAML 1.2 would read another type. YAML 1.1 is read by this project."""
    front_matter = write_product(product).partition("---\n")[2].partition("\n---\n")[0]
    for token in yaml.scan(front_matter):
        if isinstance(token, yaml.ScalarToken) and token.plain:
            as_1_1 = yaml.safe_load(token.value)
            assert not isinstance(as_1_1, str) or not CORE_SCHEMA.fullmatch(token.value)


@pytest.mark.catalogue
@pytest.mark.parametrize(
    "path", sorted((CATALOGUE / "products").glob("*.md")), ids=lambda p: p.stem
)
def test_real_file_survives_a_round_trip(path: Path) -> None:
    """The data keeps the order of its keys, and the body is identical to the byte."""
    text = decode(path.read_bytes())
    written = write_product(read_product(text, path.stem), text)
    assert data(written) == data(text)
    assert read_front_matter(written).body == read_front_matter(text).body


@pytest.mark.catalogue
def test_older_keys_are_kept() -> None:
    text = decode((SHARED / "references" / "django-2021.md").read_bytes())
    written = write_product(read_product(text, "django"), text)
    assert data(written) == data(text)
    assert "support: 2021-12-01" in written


# ---- changed values

GIVEN = """\
---
title: Acme # as they write it
layout: post
permalink: /acme
command: acme --version
activeSupportColumn: true
releases:
- releaseCycle: '5.10'
  out: of order
  support: true
  eol: 2028-04-15
  precision: {eol: month}
  releases:
  - {version: '5.10.1', kind: patch, seen: here}
- releaseCycle: '5.9'
  eol: true
  link: null
auto: {methods: [{git: x}]}
---

Text \r
"""


def changed(**values: Any) -> list[str]:
    """Return the lines that are new in `GIVEN` after a change of the product."""
    product = read_product(GIVEN, "acme")
    before = write_product(product, GIVEN).splitlines()
    after = write_product(replace(product, **values), GIVEN).splitlines()
    return [line.strip() for line in after if line not in before]


def changed_cycle(**values: Any) -> list[str]:
    cycles = read_product(GIVEN, "acme").cycles
    return changed(cycles=(replace(cycles[0], **values), *cycles[1:]))


def test_changed_key_keeps_its_name_and_place() -> None:
    """This includes older names of keys."""
    product = replace(read_product(GIVEN, "acme"), version_command="acme -v")
    written = write_product(product, GIVEN)
    assert list(read_front_matter(written).data) == list(read_front_matter(GIVEN).data)
    assert changed(version_command="acme -v") == ["command: acme -v"]


def test_new_key_follows_the_one_that_usually_precedes_it() -> None:
    product = replace(read_product(GIVEN, "acme"), category="os", featured=3)
    assert list(read_front_matter(write_product(product, GIVEN)).data)[:5] == [
        "title",
        "category",
        "layout",
        "permalink",
        "featured",
    ]


def test_emptied_key_is_removed() -> None:
    """Keys without a field stay."""
    product = replace(read_product(GIVEN, "acme"), version_command="")
    keys = read_front_matter(write_product(product, GIVEN)).data
    assert "command" not in keys
    assert keys["layout"] == "post"
    assert keys["auto"] == {"methods": [{"git": "x"}]}


def test_older_end_is_changed_under_its_older_key() -> None:
    """`support: true` means that active support continues."""
    life = read_product(GIVEN, "acme").cycles[0].lifecycle
    assert changed_cycle(lifecycle=replace(life, eoas=True)) == ["support: false"]
    assert changed_cycle(lifecycle=replace(life, eoas=PartialDate(date(2027, 1, 1)))) == [
        "support: 2027-01-01"
    ]


def test_exact_date_loses_its_precision() -> None:
    """The date of the file was the last day of a month; the new one is exact."""
    life = read_product(GIVEN, "acme").cycles[0].lifecycle
    exact = replace(life, eol=PartialDate(date(2028, 4, 30)))
    product = read_product(GIVEN, "acme")
    cycles = (replace(product.cycles[0], lifecycle=exact), product.cycles[1])
    keys = read_front_matter(write_product(replace(product, cycles=cycles), GIVEN)).data
    assert keys["releases"][0]["eol"] == date(2028, 4, 30)
    assert "precision" not in keys["releases"][0]


def test_approximate_date_gets_a_precision() -> None:
    life = read_product(GIVEN, "acme").cycles[1].lifecycle
    product = read_product(GIVEN, "acme")
    vague = replace(life, eol=PartialDate(date(2028, 1, 1), Precision.YEAR))
    cycles = (product.cycles[0], replace(product.cycles[1], lifecycle=vague))
    cycle = read_front_matter(write_product(replace(product, cycles=cycles), GIVEN)).data[
        "releases"
    ][1]
    assert (cycle["eol"], cycle["precision"]) == (date(2028, 12, 31), {"eol": "year"})


def test_releases_are_changed_one_by_one() -> None:
    """An entry keeps the keys without a field."""
    first = ReleaseRecord("5.10.1", ReleaseKind.SECURITY)
    new = ReleaseRecord("5.10.2", ReleaseKind.PATCH, PartialDate(date(2026, 1, 1)))
    product = read_product(GIVEN, "acme")
    cycles = (replace(product.cycles[0], releases=(first, new)), product.cycles[1])
    written = read_front_matter(write_product(replace(product, cycles=cycles), GIVEN)).data
    assert written["releases"][0]["releases"] == [
        {"version": "5.10.1", "kind": "security", "seen": "here"},
        {"version": "5.10.2", "date": date(2026, 1, 1), "kind": "patch"},
    ]


def test_cycles_follow_the_order_of_the_product() -> None:
    """Each keeps its own keys, and a deleted one is removed."""
    product = read_product(GIVEN, "acme")
    written = write_product(replace(product, cycles=product.cycles[::-1]), GIVEN)
    assert [each["releaseCycle"] for each in read_front_matter(written).data["releases"]] == [
        "5.9",
        "5.10",
    ]
    assert "out: of order" in written
    assert "out: of order" not in write_product(replace(product, cycles=()), GIVEN)


def test_changed_text_replaces_the_body() -> None:
    """Without a change the body is identical to the byte."""
    product = read_product(GIVEN, "acme")
    assert write_product(replace(product, description="Text"), GIVEN).endswith("---\n\nText \r\n")
    assert write_product(replace(product, description="New"), GIVEN).endswith("---\n\nNew\n")


def test_custom_fields_are_changed_one_by_one() -> None:
    """An entry keeps the keys without a field."""
    given = GIVEN.replace("releases:", "customFields:\n- {name: a, seen: 1}\nreleases:", 1)
    product = read_product(given, "acme")
    fields = (CustomFieldRecord("b"), replace(product.custom_fields[0], label="A"))
    written = write_product(replace(product, custom_fields=fields), given)
    assert read_front_matter(written).data["customFields"] == [
        {"name": "b", "display": "api-only"},
        {"name": "a", "label": "A", "seen": 1},
    ]


def test_file_that_does_not_parse_is_replaced() -> None:
    product = read_product(GIVEN, "acme")
    assert read(write_product(product, "no front matter")) == read(GIVEN)
