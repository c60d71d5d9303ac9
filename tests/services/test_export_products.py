"""Exports can be imported again, contain local edits, and overwrite no unrelated file."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from releases.domain.lifecycle.milestones import PartialDate, Precision
from releases.formats.product_files.front_matter import read_front_matter
from releases.formats.product_files.parser import decode
from releases.formats.tables import CATALOGUE_COLUMNS
from releases.models import Product, ReleaseCycle
from releases.services.export_products import (
    Exported,
    Format,
    Result,
    export_products,
)
from tests.conftest import CATALOGUE, ON
from tests.factories import make_custom_field, make_cycle, make_product, make_release
from tests.product_files import cycle, import_files, write

pytestmark = pytest.mark.django_db

QUERIES = 11
"""Maximum queries of an export: names, file names, and products with their related rows."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The path of a folder that does not exist yet."""
    return tmp_path / "out" / "products"


def export(folder: Path, *only: str, form: Format = Format.YAML) -> list[Exported]:
    return list(export_products(folder, on=ON, only=only, form=form))


def keys(path: Path) -> dict[str, Any]:
    return read_front_matter(path.read_text()).data


def ordered(data: Any) -> Any:
    """Return data with the order of its keys and the types of its values."""
    match data:
        case dict():
            return [(key, ordered(value)) for key, value in data.items()]
        case list():
            return [ordered(value) for value in data]
    return type(data), data


# ---- round trips


@pytest.mark.catalogue
def test_export_of_the_catalogue_equals_the_imported_files(out: Path, tmp_path: Path) -> None:
    """All 60 files have the same data in the same order and the same text.

    A second import and export are identical to the byte.
    """
    source = CATALOGUE / "products"
    import_files(source)
    assert {each.result for each in export(out)} == {Result.WRITTEN}
    assert {path.name for path in out.iterdir()} == {path.name for path in source.iterdir()}
    for path in out.iterdir():
        given = read_front_matter(decode((source / path.name).read_bytes()))
        written = read_front_matter(decode(path.read_bytes()))
        assert ordered(written.data) == ordered(given.data)
        assert written.body.encode() == given.body.encode()
    Product.objects.all().delete()
    Product.history.all().delete()
    import_files(out, on=date(2027, 1, 1))
    again = tmp_path / "again"
    export(again)
    for path in out.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()


def test_second_export_changes_nothing(out: Path, tmp_path: Path) -> None:
    """The outcomes report every file as unchanged."""
    import_files(write(tmp_path / "acme.md", cycle("1.0")))
    export(out)
    assert [each.result for each in export(out)] == [Result.UNCHANGED]


def test_export_contains_local_edits(out: Path, tmp_path: Path) -> None:
    """Every kind of value that an editor can change is exported."""
    import_files(
        write(tmp_path / "acme.md", cycle("2.0"), cycle("1.0"), odd="kept", tags="b a", body="Old")
    )
    product = Product.objects.get()
    product.label, product.featured, product.description = "ACME", 3, "New"
    product.extended_terms = "contract"
    product.checked_on = date(2026, 11, 1)
    product.save()
    product.aliases.create(name="acme-os")
    make_custom_field(product, "runtime", label="Runs on")
    row = ReleaseCycle.objects.get(name="1.0")
    row.eol = PartialDate(date(2028, 6, 1), Precision.QUARTER)
    row.custom = {"runtime": "3.12"}
    row.save()
    make_release(row, "1.0.1", date=date(2026, 1, 2))
    ReleaseCycle.objects.get(name="2.0").delete()
    make_cycle(product, "3.0", release="2027", position=-1)
    export(out)
    assert keys(out / "acme.md") == {
        "title": "ACME",
        "permalink": "/acme",
        "alternate_urls": ["/acme-os"],
        "featured": 3,
        "checkedOn": date(2026, 11, 1),
        "extendedTerms": "contract",
        "odd": "kept",
        "tags": "b a",
        "customFields": [
            {"name": "runtime", "display": "after-release-column", "label": "Runs on"}
        ],
        "releases": [
            {
                "releaseCycle": "3.0",
                "releaseDate": date(2027, 12, 31),
                "precision": {"releaseDate": "year"},
            },
            {
                "releaseCycle": "1.0",
                "releaseDate": date(2025, 1, 1),
                "eol": date(2028, 6, 30),
                "runtime": "3.12",
                "precision": {"eol": "quarter"},
                "releases": [{"version": "1.0.1", "date": date(2026, 1, 2), "kind": "patch"}],
            },
        ],
    }
    assert (out / "acme.md").read_text().endswith("---\n\nNew\n")


def test_product_created_here_is_exported_under_its_name(out: Path) -> None:
    """The export can be imported again without a change."""
    make_cycle(make_product("acme", category="os", tags=["x"]), "5.10", eol="2028-04")
    export(out)
    before = (out / "acme.md").read_bytes()
    Product.objects.all().delete()
    import_files(out)
    assert str(ReleaseCycle.objects.get(name="5.10").eol) == "Apr 2028"
    export(out)
    assert (out / "acme.md").read_bytes() == before


def test_import_date_is_not_exported_as_a_check(out: Path, tmp_path: Path) -> None:
    """A check by an editor or from the file is exported."""
    import_files(write(tmp_path / "acme.md", cycle("1.0")))
    export(out)
    assert "checkedOn" not in keys(out / "acme.md")
    Product.objects.update(checked_on=date(2026, 12, 1))
    export(out)
    assert keys(out / "acme.md")["checkedOn"] == date(2026, 12, 1)


# ---- files


def test_export_keeps_the_name_of_the_imported_file(out: Path, tmp_path: Path) -> None:
    """The name of the file does not follow the name of the product."""
    import_files(write(tmp_path / "anthropic-claude.md", permalink="/claude"))
    export(out)
    assert [path.name for path in out.iterdir()] == ["anthropic-claude.md"]


def test_two_products_never_share_a_file(out: Path) -> None:
    """The product whose name matches gets the file."""
    make_product("claude", file_name="gpt")
    make_product("gpt", label="Made here")
    assert {each.path.name for each in export(out)} == {"claude.md", "gpt.md"}
    assert keys(out / "gpt.md")["title"] == "Made here"


@pytest.mark.parametrize("name", ["../acme", "/tmp/acme", "../../x", "a/b"])
def test_no_file_is_written_outside_the_folder(out: Path, name: str) -> None:
    make_product("acme", file_name=name)
    assert [each.path for each in export(out)] == [out / "acme.md"]


@pytest.mark.parametrize("text", ["my notes", "---\ntitle: Other\nreleases: []\n---\n"])
def test_unrelated_file_is_not_overwritten(out: Path, text: str) -> None:
    """A file that is no product, or another product, stays; all other files are written."""
    make_product("acme")
    make_product("zed")
    out.mkdir(parents=True)
    (out / "acme.md").write_text(text.replace("title", "permalink: /other\ntitle"))
    before = (out / "acme.md").read_bytes()
    failed, written = export(out)
    assert failed.problem == "There is another file of this name; it was not overwritten."
    assert (failed.result, written.result) == (Result.FAILED, Result.WRITTEN)
    assert (out / "acme.md").read_bytes() == before


def test_older_file_of_the_product_is_replaced(out: Path) -> None:
    """The folder contains no temporary files afterwards."""
    make_product("acme", label="Old")
    export(out)
    Product.objects.update(label="New")
    assert [each.result for each in export(out)] == [Result.WRITTEN]
    assert keys(out / "acme.md")["title"] == "New"
    assert [path.name for path in out.iterdir()] == ["acme.md"]


def test_symbolic_link_is_replaced_and_not_followed(out: Path, tmp_path: Path) -> None:
    """The target of the link stays unchanged."""
    make_product("acme", label="Old")
    export(out)
    (tmp_path / "elsewhere.md").write_bytes((out / "acme.md").read_bytes())
    (out / "acme.md").unlink()
    (out / "acme.md").symlink_to(tmp_path / "elsewhere.md")
    Product.objects.update(label="New")
    export(out)
    assert keys(tmp_path / "elsewhere.md")["title"] == "Old"
    assert not (out / "acme.md").is_symlink()


def test_file_that_cannot_be_written_is_reported(out: Path) -> None:
    """All other files are written."""
    make_product("acme")
    make_product("zed")
    (out / "acme.md").mkdir(parents=True)
    failed, written = export(out)
    assert failed.problem == "It cannot be written: Is a directory."
    assert written.result is Result.WRITTEN


def test_text_that_no_import_accepts_is_reported(out: Path) -> None:
    """An editor can save a template that no file may contain. It is exported all the same."""
    make_cycle(make_product("acme", changelog_template="https://x/{{ a | nonsense }}"), "1")
    [exported] = export(out)
    assert exported.result is Result.WRITTEN
    assert "changelogTemplate" in str(exported.warnings[0])


def test_named_product_is_exported_alone(out: Path) -> None:
    make_product("acme")
    make_product("zed")
    assert [each.path.name for each in export(out, "zed")] == ["zed.md"]


def test_unknown_product_stops_the_export_before_any_write(out: Path) -> None:
    make_product("acme")
    with pytest.raises(LookupError, match="There is no product nix here"):
        export_products(out, on=ON, only=["acme", "nix"])
    assert not out.exists()


@pytest.mark.parametrize("count", [1, 5])
def test_query_count_does_not_depend_on_the_number_of_products(out: Path, count: int) -> None:
    for number in range(count):
        make_cycle(make_product(f"acme{number}", category="os", tags=["x"]), "1.0")
    with CaptureQueriesContext(connection) as queries:
        export(out)
    assert len(queries) <= QUERIES


# ---- other forms


def test_json_has_all_values(out: Path) -> None:
    """Milestones are written as in a form, and a second export changes nothing."""
    make_cycle(make_product("acme", category="os"), "1.0", eol="2028-Q2", lts="yes")
    [exported] = export(out, form=Format.JSON)
    assert exported.path == out / "catalogue.json"
    [product] = json.loads(exported.path.read_text())["products"]
    assert (product["name"], product["label"], product["category"]) == ("acme", "Acme", "os")
    [row] = product["cycles"]
    assert (row["name"], row["eol"], row["lts"], row["release"]) == ("1.0", "2028-Q2", "yes", "")
    assert [each.result for each in export(out, form=Format.JSON)] == [Result.UNCHANGED]


def test_csv_has_one_row_per_cycle(out: Path) -> None:
    """The link of the release notes is rendered."""
    product = make_product("acme", changelog_template="https://acme.test/__LATEST__")
    make_cycle(product, "2.0", release="2026-01-02", eol="2028-04", latest="2.0.1")
    make_cycle(product, "1.0", eol="yes")
    [exported] = export(out, form=Format.CSV)
    with exported.path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == CATALOGUE_COLUMNS
    assert [(row["cycle"], row["release"], row["eol"]) for row in rows] == [
        ("2.0", "2026-01-02", "2028-04"),
        ("1.0", "", "yes"),
    ]
    assert rows[0]["latest_link"] == "https://acme.test/2.0.1"


def test_no_csv_cell_is_a_formula(out: Path) -> None:
    """Spreadsheets must not run text from an editor or another site."""
    make_cycle(make_product("acme", label="=1+1"), "1.0", codename="@x", latest="-1")
    [exported] = export(out, form=Format.CSV)
    with exported.path.open(newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["title"], row["codename"], row["latest"]) == ("'=1+1", "'@x", "'-1")


def test_csv_of_an_earlier_version_is_overwritten(out: Path) -> None:
    """An earlier version has fewer columns."""
    make_cycle(make_product("acme"), "1.0")
    out.mkdir(parents=True)
    (out / "catalogue.csv").write_text("product,title,category,cycle,codename,release,lts\r\n")
    assert [each.result for each in export(out, form=Format.CSV)] == [Result.WRITTEN]


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
def test_unrelated_csv_or_json_is_not_overwritten(out: Path, form: Format) -> None:
    out.mkdir(parents=True)
    (out / f"catalogue.{form}").write_text("[]")
    assert [each.result for each in export(out, form=form)] == [Result.FAILED]
    assert (out / f"catalogue.{form}").read_text() == "[]"
