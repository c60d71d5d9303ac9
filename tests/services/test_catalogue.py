"""The 60 real products survive an import, and match the public API as of 21 Nov 2026."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate
from releases.domain.lifecycle.status import end_reached, is_lts, is_maintained
from releases.domain.roadmap.columns import SUPPORT_COLUMNS
from releases.formats.labels import cycle_label, latest_link
from releases.formats.liquid import plain_text
from releases.models import Product, ReleaseCycle
from releases.services.imports.import_run import Result
from tests.conftest import CATALOGUE, ON, SHARED
from tests.product_files import import_files

pytestmark = pytest.mark.catalogue

Json = dict[str, Any]

ENDS = {"eoas": "Eoas", "discontinued": "Discontinued", "eol": "Eol", "eoes": "Eoes"}
"""Milestones in the order of the API, with the suffixes of their keys."""


@cache
def expected() -> list[Json]:
    answer = CATALOGUE / "expected" / "api-v1-products-full.json"
    products: list[Json] = json.loads(answer.read_text())
    return products


def products() -> dict[str, Product]:
    rows = Product.objects.select_related("category").prefetch_related(
        "tags", "aliases", "identifiers", "custom_fields", "cycles"
    )
    return {product.name: product for product in rows}


def day(value: MilestoneValue) -> str | None:
    return value.date.isoformat() if isinstance(value, PartialDate) else None


def in_api(product: Product, cycle: ReleaseCycle) -> Json:
    """Return a cycle as version 1 of the API writes it."""
    life = cycle.lifecycle
    answer = {
        "name": cycle.name,
        "codename": cycle.codename or None,
        "label": cycle_label(product, cycle, ON),
        "releaseDate": day(life.release),
        "isLts": is_lts(life, ON),
        "ltsFrom": day(life.lts),
    }
    for name, word in ENDS.items():
        value = getattr(life, name)
        if product.columns[name].shown:
            answer[f"is{word}"] = None if value is None else end_reached(value, ON)
            answer[f"{name}From"] = day(value)
    fields = [field.name for field in product.custom_fields.all()]
    return answer | {
        "isMaintained": is_maintained(life, ON),
        "latest": latest(product, cycle),
        "custom": {name: cycle.custom.get(name) for name in fields} if fields else None,
    }


def latest(product: Product, cycle: ReleaseCycle) -> Json | None:
    if not (product.columns["latest"].shown and cycle.latest):
        return None
    return {
        "name": cycle.latest,
        "date": cycle.latest_date.isoformat() if cycle.latest_date else None,
        "link": latest_link(product, cycle) or None,
    }


def labels_in_api(product: Product) -> Json:
    shown = {name: product.columns[name] for name in ENDS}
    return {
        name: (plain_text(column.label) or SUPPORT_COLUMNS[name].label) if column.shown else None
        for name, column in shown.items()
    }


def differences(ours: Iterable[Json], theirs: Iterable[Json]) -> list[str]:
    """Return the keys at which the two answers differ."""
    return [
        f"{mine.get('name')} {key}: {mine.get(key)!r} is not {other.get(key)!r}"
        for mine, other in zip(ours, theirs, strict=True)
        for key in {*mine, *other}
        if mine.get(key, "no such key") != other.get(key, "no such key")
    ]


@pytest.mark.usefixtures("catalogue")
def test_all_products_are_imported() -> None:
    """The folder has 60 products with 1,322 cycles."""
    assert set(products()) == {product["name"] for product in expected()}
    assert Product.objects.count() == 60
    assert ReleaseCycle.objects.count() == 1322


@pytest.mark.usefixtures("catalogue")
def test_text_of_every_file_is_stored_unchanged() -> None:
    files = {path.stem: path.read_bytes() for path in (CATALOGUE / "products").glob("*.md")}
    kept = Product.objects.values_list("file_name", "file_text")
    assert {name: text.encode() for name, text in kept} == files


@pytest.mark.usefixtures("catalogue")
def test_domain_matches_the_public_api_for_every_cycle() -> None:
    """The comparison covers status, dates, labels, links, latest releases and custom fields."""
    rows = products()
    for product in expected():
        row = rows[product["name"]]
        ours = [in_api(row, cycle) for cycle in row.cycles.all()]
        # The database does not distinguish an empty codename from a missing one.
        theirs = [each | {"codename": each["codename"] or None} for each in product["releases"]]
        assert not differences(ours, theirs), row


@pytest.mark.usefixtures("catalogue")
def test_products_match_the_public_api() -> None:
    """The comparison covers names, titles, identifiers and column labels."""
    rows = products()
    for product in expected():
        row = rows[product["name"]]
        identifiers = [{"type": each.type, "id": each.value} for each in row.identifiers.all()]
        assert row.label == product["label"]
        assert [str(alias) for alias in row.aliases.all()] == product["aliases"]
        assert str(row.category) == product["category"]
        # Upstream counts the category among the tags.
        assert {*map(str, row.tags.all()), str(row.category)} == {*product["tags"]}
        assert row.version_command == (product["versionCommand"] or "").strip()
        assert identifiers == product["identifiers"]
        assert labels_in_api(row) == product["labels"]
        assert row.policy_link == (product["links"]["releasePolicy"] or "")


@pytest.mark.usefixtures("catalogue")
def test_second_import_changes_nothing() -> None:
    """All 60 files are reported as unchanged."""
    outcomes = import_files(CATALOGUE / "products")
    assert {outcome.result for outcome in outcomes} == {Result.UNCHANGED}
    assert not any(outcome.warnings for outcome in outcomes)


@pytest.mark.usefixtures("catalogue")
def test_every_imported_row_passes_validation() -> None:
    """An editor can save any of them in a form."""
    for product in products().values():
        product.full_clean(validate_unique=False)
        for cycle in product.cycles.all():
            cycle.full_clean(validate_unique=False, validate_constraints=False)


@pytest.mark.django_db
def test_file_of_2021_is_imported(tmp_path: Path) -> None:
    """It has the older keys, no release dates, and a Markdown body."""
    text = (SHARED / "references" / "django-2021.md").read_bytes()
    path = tmp_path / "django.md"
    path.write_bytes(text)
    outcome = import_files(path)[0]
    assert (outcome.result, outcome.problems) == (Result.CREATED, [])
    product = Product.objects.get()
    assert product.file_text.encode() == text
    assert product.version_command.startswith("python -c")
    assert product.policy_link == "https://www.djangoproject.com/download/#supported-versions"
    assert product.policy_image.endswith("release-roadmap.3c7ece4f31b3.png")
    assert (product.show_release, product.show_eoas) == (False, True)
    assert product.description.startswith("> [Django]")
    assert [cycle.name for cycle in product.cycles.all()] == [
        *("3.2", "3.1", "3.0", "2.2", "2.1", "2.0", "1.11")
    ]
    cycle = product.cycles.get(name="3.2")
    assert (cycle.release, cycle.lts, cycle.latest) == (None, True, "3.2.8")
    assert (cycle.eoas, cycle.eol) == (
        PartialDate(date(2021, 12, 1)),
        PartialDate(date(2024, 4, 1)),
    )
