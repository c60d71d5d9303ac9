"""Synthetic catalogues: importable files, and rows multiplied in the database."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from releases import selectors
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, Release, ReleaseCycle, Revision
from releases.services.imports.import_run import Result
from scripts.synthetic import main, multiply, write_catalogue
from tests.conftest import ON
from tests.factories import make_custom_field, make_cycle, make_product, make_release
from tests.product_files import import_files


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def shown() -> list[tuple[str, str]]:
    found = selectors.roadmap(RoadmapQuery.parse({}, ON))
    return [(product.name, cycle.name) for product, cycle in found.cycles]


def test_catalogue_is_deterministic(tmp_path: Path) -> None:
    """It has the requested number of products."""
    write_catalogue(tmp_path / "one", 12, 200)
    write_catalogue(tmp_path / "other", 12, 200)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    assert len(contents(tmp_path / "one")) == 12


@pytest.mark.django_db
def test_catalogue_can_be_imported(tmp_path: Path) -> None:
    """All cycles are imported without a warning, and there are ends of every kind."""
    write_catalogue(tmp_path, 60, 1080)
    outcomes = import_files(tmp_path)
    assert Counter(outcome.result for outcome in outcomes) == {Result.CREATED: 60}
    assert not any(outcome.warnings for outcome in outcomes)
    assert ReleaseCycle.objects.count() == 1080
    for name, value in (
        ("eol_flag", True),
        ("eol_flag", False),
        ("eol_date__isnull", False),
        ("eoas_date__isnull", False),
        ("eoas_date__isnull", True),
        ("eoes_date__isnull", False),
        ("release_date__gt", ON),
    ):
        assert ReleaseCycle.objects.filter(**{name: value}).exists(), (name, value)


@pytest.mark.parametrize(("products", "cycles"), [(10, 9), (1, 181)])
def test_invalid_sizes_are_rejected(tmp_path: Path, products: int, cycles: int) -> None:
    with pytest.raises(ValueError, match="1 to 180"):
        write_catalogue(tmp_path, products, cycles)


@pytest.mark.django_db(transaction=True)
def test_multiply_copies_products_with_all_rows() -> None:
    """The history is included. The first page stays the same, and cached pages are discarded."""
    product = make_product(aliases=["dj"], tags=["web"], category="framework", featured=1)
    make_custom_field(product, "python")
    product.identifiers.create(type="purl", value="pkg:pypi/django")
    make_release(make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30"), "5.2.1")
    before, revision = shown(), Revision.objects.get().token
    multiply(3)
    assert shown()[:1] == before
    assert Revision.objects.get().token != revision
    copy = Product.objects.get(name="django-2")
    assert (copy.label, copy.featured, str(copy.category)) == ("Z2 Django", None, "framework")
    assert [str(each) for each in (*copy.aliases.all(), *copy.tags.all())] == ["dj-2", "web"]
    assert [str(each) for each in copy.custom_fields.all()] == ["python"]
    assert [str(each) for each in copy.identifiers.all()] == ["purl: pkg:pypi/django"]
    (cycle,) = copy.cycles.all()
    assert (cycle.name, str(cycle.eol)) == ("5.2", "30 Apr 2028")
    assert [str(each) for each in cycle.releases.all()] == ["5.2.1"]
    assert [len(each.history.all()) for each in (copy, cycle)] == [2, 1]
    assert Product.objects.count() == ReleaseCycle.objects.count() == Release.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_rows_can_be_added_after_multiply() -> None:
    """New primary keys follow those of the copies."""
    make_cycle(make_product())
    multiply(10)
    make_cycle(make_product("python"))
    assert (Product.objects.count(), ReleaseCycle.objects.count()) == (11, 11)


@pytest.mark.parametrize("arguments", [[], ["write"], ["multiply", "0"], ["multiply", "ten"]])
def test_invalid_arguments_print_the_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="multiply TIMES"):
        main(arguments)
