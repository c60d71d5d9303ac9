"""Labels of cycles and links to release notes equal those of the public API of endoflife.date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from releases.domain.lifecycle.status import end_reached, is_lts_in_public_api, is_maintained
from releases.formats.labels import (
    cycle_label,
    cycle_title,
    latest_link,
    lts_words,
    placeholders,
    release_keys,
)
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import CycleRecord, ProductRecord
from releases.formats.web_address import valid_address
from tests.conftest import CATALOGUE, ON
from tests.lifecycles import make_lifecycle

ACME = ProductRecord(name="acme", label="Acme")
CYCLE = CycleRecord(
    name="5.2",
    lifecycle=make_lifecycle(release="2025-04-02", lts="2025-10-01", eol="2028-04", eoes="no"),
    codename="Noble",
    latest="5.2.19",
    latest_date=date(2026, 11, 3),
    custom={"java": "17"},
)


def lts_cycle(lts: str) -> CycleRecord:
    return replace(CYCLE, lifecycle=make_lifecycle(lts=lts))


# ---- labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_product", "of_cycle", "title"),
    [
        ("", "", "5.2"),
        ("Acme __RELEASE_CYCLE__", "", "Acme 5.2"),
        ("Acme __RELEASE_CYCLE__", "__CODENAME__!", "Noble!"),
        ("__RELEASE_CYCLE__{% if r.java %} ({{ r.java }}){% endif %}", "", "5.2 (17)"),
        ("<b>__RELEASE_CYCLE__</b> &amp; more", "", "5.2 & more"),
        (" __RELEASE_CYCLE__ ", "", "5.2"),
        ("{{ r.nothing }}", "", "5.2"),
        ("{{ 'x' | leftpad }}", "", "5.2"),
        ("<b></b>", "", "5.2"),
    ],
)
def test_cycle_title(of_product: str, of_cycle: str, title: str) -> None:
    """The cycle's own template takes precedence. An empty result is replaced by the name."""
    product = replace(ACME, cycle_label=of_product)
    assert cycle_title(product, replace(CYCLE, label=of_cycle)) == title


@pytest.mark.parametrize(
    ("lts", "words"),
    [
        ("", ["", "", ""]),
        ("no", ["", "", ""]),
        ("yes", ["LTS", "LTS", "LTS"]),
        ("2026-11-21", ["Upcoming LTS", "LTS", "LTS"]),
    ],
)
def test_lts_words(lts: str, words: list[str]) -> None:
    """Long-term support begins on its first day."""
    days = [ON + timedelta(days=shift) for shift in (-1, 0, 1)]
    assert [lts_words(ACME, lts_cycle(lts), day) for day in days] == words


@pytest.mark.parametrize(
    ("label", "word"),
    [("", "LTS"), ("CE", "CE"), ("<abbr title='Long Term'>LT</abbr>", "LT"), ("<b></b>", "LTS")],
)
def test_lts_label_replaces_the_word(label: str, word: str) -> None:
    """The product's word is used without its markup."""
    product = replace(ACME, lts_label=label)
    assert lts_words(product, lts_cycle("yes"), ON) == word
    assert lts_words(product, lts_cycle("2027-01-01"), ON) == f"Upcoming {word}"


@pytest.mark.parametrize(
    ("lts", "label"),
    [("", "5.2"), ("yes", "5.2 (LTS)"), ("2027-01-01", "5.2 (Upcoming LTS)")],
)
def test_cycle_label(lts: str, label: str) -> None:
    """The label of the public API has the word for long-term support in parentheses."""
    assert cycle_label(ACME, lts_cycle(lts), ON) == label


def test_public_api_starts_lts_on_the_day_after() -> None:
    """In this project LTS begins on its first day."""
    cycle = lts_cycle("2026-11-21")
    assert cycle_label(ACME, cycle, ON) == "5.2 (LTS)"
    assert cycle_label(ACME, cycle, ON, is_lts_in_public_api) == "5.2 (Upcoming LTS)"


# ---- links -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("", ""),
        ("https://acme.test/", "https://acme.test/"),
        ("https://acme.test/__LATEST__", "https://acme.test/5.2.19"),
        ("https://acme.test/{{'__LATEST__'|replace:'.','-'}}", "https://acme.test/5-2-19"),
        ("  https://acme.test/__LATEST__\n", "https://acme.test/5.2.19"),
        ("{% if r.codename %}https://acme.test/__CODENAME__{% endif %}", "https://acme.test/Noble"),
        # only a text with a placeholder is rendered
        ("https://acme.test/{{5}}", "https://acme.test/{{5}}"),
        # the result has to be a web address
        ("{{ 'javascript:alert(1)//__LATEST__' }}", ""),
        ("__CODENAME__", ""),
        ("https://acme.test/{{ '__LATEST__' | replace: '.', ' ' }}", ""),
        ("https://acme.test/'><script>__LATEST__", ""),
    ],
)
def test_latest_link(template: str, link: str) -> None:
    """The template of the product gives the URL of the latest release's notes."""
    assert latest_link(replace(ACME, changelog_template=template), CYCLE) == link


def test_link_of_the_cycle_beats_the_template() -> None:
    """`link: null` means that there is none."""
    product = replace(ACME, changelog_template="https://acme.test/")
    assert latest_link(product, replace(CYCLE, link="https://x.test/__LATEST__")) == (
        "https://x.test/5.2.19"
    )
    assert latest_link(product, replace(CYCLE, no_link=True)) == ""


def test_no_link_without_a_latest_release() -> None:
    product = replace(ACME, changelog_template="https://acme.test/")
    assert latest_link(product, replace(CYCLE, latest="")) == ""


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("https://acme.test", True),
        ("http://acme.test/a?b=c&d#e", True),
        ("HTTPS://acme.test/ü'()", True),
        ("", False),
        ("https://", False),
        ("https:acme.test", False),
        ("ftp://acme.test", False),
        ("//acme.test", False),
        ("javascript:alert('https://acme.test')", False),
        ("data:text/html,x", False),
        (" https://acme.test", False),
        ("https://acme.test/a b", False),
        ("https://acme.test/\n", False),
        ('https://acme.test/"onclick="x', False),
        ("https://acme.test/<script>", False),
        ("https://acme.test/\\..\\x", False),
        (f"https://acme.test/{'x' * 1_000}", False),
    ],
)
def test_valid_address(text: str, valid: bool) -> None:
    """Only complete web addresses are valid."""
    assert valid_address(text) is valid


# ---- values for templates ------------------------------------------------------------------------


def test_placeholders_of_a_cycle() -> None:
    assert placeholders(CYCLE) == {
        "__RELEASE_CYCLE__": "5.2",
        "__CODENAME__": "Noble",
        "__RELEASE_DATE__": "2025-04-02",
        "__LATEST__": "5.2.19",
        "__LATEST_RELEASE_DATE__": "2026-11-03",
    }


@pytest.mark.parametrize("release", ["", "yes", "no"])
def test_placeholders_without_a_value_are_empty(release: str) -> None:
    cycle = CycleRecord(name="1", lifecycle=make_lifecycle(release=release))
    assert set(placeholders(cycle).values()) == {"1", ""}


def test_keys_of_a_cycle() -> None:
    """Liquid sees the keys of the file that have a value: dates as text, and custom fields."""
    assert release_keys(CYCLE) == {
        "releaseCycle": "5.2",
        "codename": "Noble",
        "latest": "5.2.19",
        "releaseDate": "2025-04-02",
        "lts": "2025-10-01",
        "eol": "2028-04",
        "eoes": False,
        "java": "17",
    }


# ---- all cycles of the shared catalogue --------------------------------------------------------


@cache
def catalogue() -> dict[str, ProductRecord]:
    """Return the sixty products by name."""
    files = sorted((CATALOGUE / "products").glob("*.md"))
    products = [read_product(decode(file.read_bytes()), file.stem) for file in files]
    return {product.name: product for product in products}


def pairs() -> Iterator[tuple[ProductRecord, CycleRecord, dict[str, Any]]]:
    """Yield every cycle with its answer of the public API."""
    path = CATALOGUE / "expected" / "api-v1-products-full.json"
    for expected in json.loads(path.read_text(encoding="utf-8")):
        product = catalogue()[expected["name"]]
        for cycle, told in zip(product.cycles, expected["releases"], strict=True):
            yield product, cycle, told


@pytest.mark.catalogue
def test_names_and_labels_of_all_cycles() -> None:
    """Names and labels of all 1,322 cycles are those of the public API, in its order."""
    found = [(c.name, cycle_label(product, c, ON)) for product, c, _ in pairs()]
    assert found == [(told["name"], told["label"]) for _, _, told in pairs()]
    assert len(found) == 1_322


@pytest.mark.catalogue
def test_latest_releases_and_links_of_all_cycles() -> None:
    """Latest releases, their dates and links are those of the public API, which omits them for a
    hidden column."""
    for product, cycle, told in pairs():
        found = None
        if product.columns["latest"].shown and cycle.latest:
            day = cycle.latest_date.isoformat() if cycle.latest_date else None
            link = latest_link(product, cycle) or None
            found = {"name": cycle.latest, "date": day, "link": link}
        assert (product.name, cycle.name, found) == (product.name, cycle.name, told["latest"])


@pytest.mark.catalogue
def test_milestones_of_all_cycles() -> None:
    """Reached ends and maintained cycles are those of the public API."""
    for product, cycle, told in pairs():
        life, name = cycle.lifecycle, (product.name, cycle.name)
        found = [is_lts_in_public_api(life, ON), is_maintained(life, ON), end_reached(life.eol, ON)]
        assert (name, found) == (name, [told["isLts"], told["isMaintained"], told["isEol"]])


@pytest.mark.catalogue
def test_ends_of_all_cycles() -> None:
    """The other ends are those of the public API, where it has them."""
    for product, cycle, told in pairs():
        for key, end in (("isEoas", cycle.lifecycle.eoas), ("isEoes", cycle.lifecycle.eoes)):
            if told.get(key) is not None:
                assert (product.name, cycle.name, key, end_reached(end, ON)) == (
                    product.name,
                    cycle.name,
                    key,
                    told[key],
                )
