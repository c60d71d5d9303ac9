"""Every list of milestones contains each kind of `MILESTONES`, once and in its order."""

from __future__ import annotations

import csv
import re
from dataclasses import fields
from datetime import date, timedelta

import feedparser
import pytest
from django.test import Client
from icalendar import Calendar

from releases.admin.cycles import ReleaseCycleAdmin
from releases.admin.forms import CycleForm
from releases.admin.labels import label_of
from releases.admin.products import ProductAdmin
from releases.api.v1.answers import ENDS
from releases.api.v2.answers import Milestones
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    MilestoneKind,
    PartialDate,
    format_milestone,
)
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.roadmap.columns import SUPPORT_COLUMNS
from releases.formats.product_files.parser import read_product
from releases.formats.tables import CATALOGUE_COLUMNS, ROADMAP_COLUMNS
from releases.models import Product, ReleaseCycle
from releases.models.cycle import CycleFacts
from releases.models.milestones import Milestone
from releases.services.export_products import product_texts
from tests.factories import make_cycle, make_product

NAMES = list(MILESTONES)
DAYS = {name: date(2024, 1, 1) + timedelta(days=place) for place, name in enumerate(NAMES)}
"""A day for each kind, in the order of the table, which no rule refuses."""


@pytest.fixture
def product(db: None) -> Product:
    """Return a product that shows all columns, with one cycle that has all milestones."""
    product = make_product(
        "acme", label="Acme", **{f"show_{name}": True for name in SUPPORT_COLUMNS}
    )
    make_cycle(product, "1.0", **{name: day.isoformat() for name, day in DAYS.items()})
    return product


def names_of(days: dict[str, str]) -> list[str]:
    """Return the keys of a mapping whose values are the days of all milestones."""
    assert list(days.values()) == [day.isoformat() for day in DAYS.values()]
    return list(days)


def texts(client: Client, path: str, tag: str) -> list[str]:
    """Return the texts of the elements of a page that contain nothing else."""
    found = re.findall(rf"<{tag}[^>]*>\s*([^<]+?)\s*</{tag}>", client.get(path).content.decode())
    return list(dict.fromkeys(found))


def test_lifecycle_has_a_field_for_each_kind() -> None:
    assert [field.name for field in fields(Lifecycle)] == [*NAMES, "extended"]


def test_cycle_has_an_attribute_and_columns_for_each_kind() -> None:
    found = [name for name, value in vars(CycleFacts).items() if isinstance(value, Milestone)]
    columns = [f"{name}_{part}" for name in NAMES for part in ("date", "flag", "precision")]
    assert found == NAMES
    for model in (ReleaseCycle, ReleaseCycle.history.model):
        names = [field.name for field in model._meta.get_fields()]
        assert [name for name in names if name in columns] == columns


def test_product_has_fields_for_each_column(product: Product) -> None:
    with_column = [name for name, spec in MILESTONES.items() if spec.column]
    assert list(product.columns) == [*with_column, "latest"]


def test_forms_have_a_field_for_each_kind() -> None:
    sections = {title: options["fields"] for title, options in ReleaseCycleAdmin.fieldsets}
    columns = dict(ProductAdmin.fieldsets)["Table columns"]["fields"]
    shown = {name: field for name, field in CycleForm.base_fields.items() if name in MILESTONES}
    assert list(sections["Milestones"]) == [*NAMES, "unconfirmed"]
    assert list(shown) == NAMES
    for name, spec in MILESTONES.items():
        assert (shown[name].label, shown[name].help_text) == (spec.form_label, spec.help_text)
        assert label_of(ReleaseCycle, name) == spec.form_label
        assert ((f"show_{name}", f"{name}_label") in columns) is bool(spec.column)


def test_product_file_has_a_key_for_each_kind(product: Product) -> None:
    (_, _, text) = next(product_texts([product]))
    for name, spec in MILESTONES.items():
        assert f"{spec.file_key}: {DAYS[name].isoformat()}" in text
        assert (f"{spec.file_key}Column: true" in text) is (
            spec.column is not None and not spec.column.shown
        )
    (cycle,) = read_product(text, "acme").cycles
    assert {name: getattr(cycle.lifecycle, name) for name in NAMES} == {
        name: PartialDate(day) for name, day in DAYS.items()
    }


def test_tables_have_a_column_for_each_kind(client: Client, product: Product) -> None:
    for columns in (ROADMAP_COLUMNS, CATALOGUE_COLUMNS):
        assert set(NAMES) <= set(columns)
        assert len(set(columns)) == len(columns)
    (row,) = csv.DictReader(client.get("/roadmap.csv?all=acme").content.decode().splitlines())
    assert [row[name] for name in NAMES if name != "lts"] == [
        DAYS[name].isoformat() for name in NAMES if name != "lts"
    ]


def test_data_has_a_key_for_each_kind(client: Client, product: Product) -> None:
    (found,) = client.get("/roadmap.json?all=acme").json()["products"][0]["cycles"]
    assert names_of({key: each["date"] for key, each in found["milestones"].items()}) == NAMES


def test_api_v2_has_a_field_a_filter_and_an_order_for_each_kind(
    client: Client, product: Product
) -> None:
    cycle = client.get("/api/v2/products/acme/cycles/1.0").json()
    dated = client.get("/api/v2/milestones?product=acme").json()["items"]
    assert names_of({key: each["date"] for key, each in cycle["milestones"].items()}) == NAMES
    assert names_of({each["milestone"]: each["date"] for each in dated}) == NAMES
    for name, spec in MILESTONES.items():
        assert Milestones.model_fields[name].description == spec.description
        only = client.get(f"/api/v2/milestones?milestone={name}").json()["items"]
        assert [each["milestone"] for each in only] == [name]
        assert client.get(f"/api/v2/cycles?sort=-{name}").status_code == 200
    assert client.get("/api/v2/cycles?sort=-end").status_code == 400


def test_api_v1_has_keys_for_each_kind_that_the_public_api_has(
    client: Client, product: Product
) -> None:
    details = client.get("/api/v1/products/acme").json()["result"]
    dates = {spec.api_v1_date: name for name, spec in MILESTONES.items() if spec.api_v1_date}
    flags = {spec.api_v1_flag for spec in MILESTONES.values() if spec.api_v1_flag}
    (cycle,) = details["releases"]
    found = {dates[key]: value for key, value in cycle.items() if key in dates}
    assert found == {name: DAYS[name].isoformat() for name in dates.values()}
    assert {key for key in cycle if key.startswith("is")} == flags | {"isMaintained"}
    assert {key for key in cycle if key.endswith("From")} == dates.keys() - {"releaseDate"}
    assert details["labels"] == {
        spec.name: spec.column.label for spec in ENDS if spec.column is not None
    }


def test_calendars_have_an_event_for_each_kind(client: Client, product: Product) -> None:
    public = Calendar.from_ical(client.get("/calendar/acme.ics").content).events
    every = Calendar.from_ical(client.get("/roadmap.ics?all=acme").content).events
    assert [str(event["SUMMARY"]) for event in public] == [
        f"Acme 1.0 {spec.file_key.upper()}" for spec in MILESTONES.values() if spec.public
    ]
    assert [str(event["SUMMARY"]) for event in every] == [
        f"Acme 1.0: {spec.noun}" for spec in MILESTONES.values()
    ]


def test_feed_has_an_entry_for_each_kind_with_a_title(client: Client, product: Product) -> None:
    titles = {each.title for each in feedparser.parse(client.get("/acme.atom").content).entries}
    assert titles == {
        f"Acme 1.0 (LTS) {title}"
        for title in (
            "upcoming end of life",
            *(spec.feed_title for spec in MILESTONES.values() if spec.feed_title),
        )
    } | {title for title in titles if title.endswith(" added")}


def test_pages_have_a_label_for_each_kind(client: Client, product: Product) -> None:
    page = client.get("/acme/1.0/").content.decode()
    items = page.partition('<ol class="miles"')[2].partition("</ol>")[0]
    assert re.findall(r'datetime="([^"]*)"', items) == [day.isoformat() for day in DAYS.values()]
    assert re.findall(r"<li[^>]*>\s*<span>([^<]*)</span>", items) == [
        "Released",
        "LTS from",
        "Bug fixes until",
        "Security fixes until",
        "Extended support until",
        *(spec.label for name, spec in MILESTONES.items() if spec.kind is MilestoneKind.OTHER_END),
    ]
    ended = texts(client, "/acme/", "th")
    running = texts(client, "/acme/?on=2023-01-01", "th")
    wide = texts(client, "/?all=acme", "th")
    specs = list(MILESTONES.values())
    columns = [spec.column for spec in specs if spec.column]
    headings = [each.ended_heading or each.label for each in columns]
    assert [each for each in ended if each in headings] == headings
    beside_bars = [each.heading or each.label for each in columns if each.label != "Released"]
    assert [each for each in running if each in beside_bars] == beside_bars
    fixed = [
        each.heading for each in columns if each.label in ("Active Support", "Security Support")
    ]
    assert [each for each in wide if each in beside_bars] == fixed


def test_texts_of_forms_are_read_back_for_each_kind(product: Product) -> None:
    form = CycleForm(instance=product.cycles.get())
    assert {name: form.initial[name] for name in NAMES} == {
        name: format_milestone(getattr(form.instance, name)) for name in NAMES
    }
