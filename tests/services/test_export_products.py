"""The export: files that an import takes back, with what was edited here, and nothing overwritten
that is something else."""

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
"""A name each for all, their files, products with what belongs to them (8)."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "out" / "products"


def export(folder: Path, *only: str, form: Format = Format.YAML) -> list[Exported]:
    return list(export_products(folder, on=ON, only=only, form=form))


def keys(path: Path) -> dict[str, Any]:
    return read_front_matter(path.read_text()).data


def ordered(data: Any) -> Any:
    """Data with the order of its keys and the types of its values."""
    match data:
        case dict():
            return [(key, ordered(value)) for key, value in data.items()]
        case list():
            return [ordered(value) for value in data]
    return type(data), data


# ---- round trips


@pytest.mark.catalogue
def test_the_catalogue_comes_out_as_it_went_in(out: Path, tmp_path: Path) -> None:
    """All 60 files: the same data in the same order, the same text to the byte. A second import
    and export are identical to the byte."""
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


def test_a_second_export_changes_nothing(out: Path, tmp_path: Path) -> None:
    """And says so."""
    import_files(write(tmp_path / "acme.md", cycle("1.0")))
    export(out)
    assert [each.result for each in export(out)] == [Result.UNCHANGED]


def test_what_was_edited_is_in_it(out: Path, tmp_path: Path) -> None:
    """Every kind of thing that an editor can change."""
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


def test_a_product_that_was_made_here(out: Path) -> None:
    """Has the file of its name, and comes back as it was."""
    make_cycle(make_product("acme", category="os", tags=["x"]), "5.10", eol="2028-04")
    export(out)
    before = (out / "acme.md").read_bytes()
    Product.objects.all().delete()
    import_files(out)
    assert str(ReleaseCycle.objects.get(name="5.10").eol) == "Apr 2028"
    export(out)
    assert (out / "acme.md").read_bytes() == before


def test_the_day_of_an_import_is_no_check(out: Path, tmp_path: Path) -> None:
    """A check that somebody made, or that the file tells of, is exported."""
    import_files(write(tmp_path / "acme.md", cycle("1.0")))
    export(out)
    assert "checkedOn" not in keys(out / "acme.md")
    Product.objects.update(checked_on=date(2026, 12, 1))
    export(out)
    assert keys(out / "acme.md")["checkedOn"] == date(2026, 12, 1)


# ---- files


def test_a_file_is_called_as_it_came(out: Path, tmp_path: Path) -> None:
    """Not by the address of its product."""
    import_files(write(tmp_path / "anthropic-claude.md", permalink="/claude"))
    export(out)
    assert [path.name for path in out.iterdir()] == ["anthropic-claude.md"]


def test_two_products_never_share_a_file(out: Path) -> None:
    """The one that a name belongs to has it."""
    make_product("claude", file_name="gpt")
    make_product("gpt", label="Made here")
    assert {each.path.name for each in export(out)} == {"claude.md", "gpt.md"}
    assert keys(out / "gpt.md")["title"] == "Made here"


@pytest.mark.parametrize("name", ["../acme", "/tmp/acme", "../../x", "a/b"])
def test_no_file_is_written_elsewhere(out: Path, name: str) -> None:
    """Whatever a row says of its file."""
    make_product("acme", file_name=name)
    assert [each.path for each in export(out)] == [out / "acme.md"]


@pytest.mark.parametrize("text", ["my notes", "---\ntitle: Other\nreleases: []\n---\n"])
def test_another_file_is_not_overwritten(out: Path, text: str) -> None:
    """A text that is no product, or another product; the others are written."""
    make_product("acme")
    make_product("zed")
    out.mkdir(parents=True)
    (out / "acme.md").write_text(text.replace("title", "permalink: /other\ntitle"))
    before = (out / "acme.md").read_bytes()
    failed, written = export(out)
    assert failed.problem == "There is another file of this name; it was not overwritten."
    assert (failed.result, written.result) == (Result.FAILED, Result.WRITTEN)
    assert (out / "acme.md").read_bytes() == before


def test_an_older_file_of_the_product_is_replaced(out: Path) -> None:
    """As a whole, and nothing else is left in the folder."""
    make_product("acme", label="Old")
    export(out)
    Product.objects.update(label="New")
    assert [each.result for each in export(out)] == [Result.WRITTEN]
    assert keys(out / "acme.md")["title"] == "New"
    assert [path.name for path in out.iterdir()] == ["acme.md"]


def test_a_link_in_the_folder_is_not_followed(out: Path, tmp_path: Path) -> None:
    """It is replaced by the file; what it leads to stays."""
    make_product("acme", label="Old")
    export(out)
    (tmp_path / "elsewhere.md").write_bytes((out / "acme.md").read_bytes())
    (out / "acme.md").unlink()
    (out / "acme.md").symlink_to(tmp_path / "elsewhere.md")
    Product.objects.update(label="New")
    export(out)
    assert keys(tmp_path / "elsewhere.md")["title"] == "Old"
    assert not (out / "acme.md").is_symlink()


def test_a_file_that_cannot_be_written_is_said(out: Path) -> None:
    """And the others are written."""
    make_product("acme")
    make_product("zed")
    (out / "acme.md").mkdir(parents=True)
    failed, written = export(out)
    assert failed.problem == "It cannot be written: Is a directory."
    assert written.result is Result.WRITTEN


def test_a_text_that_no_import_would_take_is_said(out: Path) -> None:
    """An editor can write a template that no file may have; it is exported all the same."""
    make_cycle(make_product("acme", changelog_template="https://x/{{ a | nonsense }}"), "1")
    [exported] = export(out)
    assert exported.result is Result.WRITTEN
    assert "changelogTemplate" in str(exported.warnings[0])


def test_one_product(out: Path) -> None:
    """And no other."""
    make_product("acme")
    make_product("zed")
    assert [each.path.name for each in export(out, "zed")] == ["zed.md"]


def test_an_unknown_product_is_said(out: Path) -> None:
    """Before anything is written."""
    make_product("acme")
    with pytest.raises(LookupError, match="There is no product nix here"):
        export_products(out, on=ON, only=["acme", "nix"])
    assert not out.exists()


@pytest.mark.parametrize("count", [1, 5])
def test_it_costs_a_handful_of_queries(out: Path, count: int) -> None:
    """However many products there are."""
    for number in range(count):
        make_cycle(make_product(f"acme{number}", category="os", tags=["x"]), "1.0")
    with CaptureQueriesContext(connection) as queries:
        export(out)
    assert len(queries) <= QUERIES


# ---- other forms


def test_json_has_all_values(out: Path) -> None:
    """Milestones are texts as in a form; it is written once."""
    make_cycle(make_product("acme", category="os"), "1.0", eol="2028-Q2", lts="yes")
    [exported] = export(out, form=Format.JSON)
    assert exported.path == out / "catalogue.json"
    [product] = json.loads(exported.path.read_text())["products"]
    assert (product["name"], product["label"], product["category"]) == ("acme", "Acme", "os")
    [row] = product["cycles"]
    assert (row["name"], row["eol"], row["lts"], row["release"]) == ("1.0", "2028-Q2", "yes", "")
    assert [each.result for each in export(out, form=Format.JSON)] == [Result.UNCHANGED]


def test_csv_has_a_row_for_each_cycle(out: Path) -> None:
    """With the link of the notes as it is shown."""
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


def test_no_cell_is_a_formula(out: Path) -> None:
    """Whatever an editor or another site wrote."""
    make_cycle(make_product("acme", label="=1+1"), "1.0", codename="@x", latest="-1")
    [exported] = export(out, form=Format.CSV)
    with exported.path.open(newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["title"], row["codename"], row["latest"]) == ("'=1+1", "'@x", "'-1")


def test_a_table_of_an_earlier_version_is_overwritten(out: Path) -> None:
    """It has fewer columns."""
    make_cycle(make_product("acme"), "1.0")
    out.mkdir(parents=True)
    (out / "catalogue.csv").write_text("product,title,category,cycle,codename,release,lts\r\n")
    assert [each.result for each in export(out, form=Format.CSV)] == [Result.WRITTEN]


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
def test_another_file_of_the_form_is_not_overwritten(out: Path, form: Format) -> None:
    """Somebody else's data."""
    out.mkdir(parents=True)
    (out / f"catalogue.{form}").write_text("[]")
    assert [each.result for each in export(out, form=form)] == [Result.FAILED]
    assert (out / f"catalogue.{form}").read_text() == "[]"
