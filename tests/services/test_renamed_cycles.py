"""A cycle that was renamed here is still the one of its source, which calls it as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from releases.domain.milestones import format_milestone
from releases.models import CycleAlias, Product, ReleaseCycle
from releases.models.history import one_change
from releases.models.revision import moved
from releases.services.intake import Outcome, Result
from releases.services.renames import Place, keep_cycle_name
from releases.services.sync_products import sync_products
from releases.services.take_over import kept_values
from tests.api_answers import Catalogue, Json, Server, cycle_answer, product_answer, serving
from tests.conftest import ON
from tests.product_files import cycle, run, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on")]

END = date(2028, 4, 30)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return tmp_path / "acme.md"


def rename(old: str, new: str) -> None:
    """Rename a cycle as the admin does."""
    with one_change(), moved():
        row = ReleaseCycle.objects.get(name=old)
        row.name = new
        row.save()
        keep_cycle_name(row, Place(row.product_id, old))


def lives() -> dict[str, tuple[str, bool]]:
    rows = ReleaseCycle.objects.order_by("position")
    return {row.name: (format_milestone(row.eol), row.missing_in_source) for row in rows}


def test_renamed_cycle_follows_its_file(acme: Path) -> None:
    run(write(acme, cycle("2.0"), cycle("1.x")))
    rename("1.x", "1")
    outcome = run(write(acme, cycle("2.0"), cycle("1.x", eol=END)))[0]
    assert (outcome.changes, outcome.kept) == (["eol of 1"], ["name of 1"])
    assert lives() == {"2.0": ("", False), "1": ("2028-04-30", False)}
    assert kept_values(Product.objects.get()) == []
    again = run(write(acme, cycle("2.0"), cycle("1.x", eol=END), title="A"))[0]
    assert again.changes == ["label"]


def test_edit_of_a_renamed_cycle_stays(acme: Path) -> None:
    run(write(acme, cycle("1.x", eol=END)))
    rename("1.x", "1")
    ReleaseCycle.objects.update(codename="Ours")
    outcome = run(write(acme, cycle("1.x", eol=END, codename="Theirs")))[0]
    assert outcome.kept == ["codename of 1", "name of 1"]
    assert [each.name for each in kept_values(Product.objects.get())] == ["codename of 1"]


def test_renamed_cycle_that_the_source_loses_is_flagged(acme: Path) -> None:
    run(write(acme, cycle("2.0"), cycle("1.x")))
    rename("1.x", "1")
    outcome = run(write(acme, cycle("2.0")))[0]
    assert outcome.changes == ["1 gone from the source"]
    assert run(write(acme, cycle("2.0"), cycle("1.x")))[0].changes == ["1 back in the source"]


def test_name_in_use_goes_before_a_former_one(acme: Path) -> None:
    """The source has cycles of both names: they are two."""
    run(write(acme, cycle("1.x")))
    rename("1.x", "1")
    run(write(acme, cycle("1.x"), cycle("1", eol=END)))
    assert lives()["1"] == ("2028-04-30", False)


def test_cycle_whose_former_name_was_removed_counts_as_deleted(acme: Path) -> None:
    run(write(acme, cycle("1.x")))
    rename("1.x", "1")
    CycleAlias.objects.all().delete()
    assert run(write(acme, cycle("1.x", eol=END)))[0].kept == ["deletion of 1.x"]


# ---- another installation


@pytest.fixture
def there() -> Catalogue:
    return Catalogue()


@pytest.fixture
def server(there: Catalogue) -> Iterator[Server]:
    with serving(there) as server:
        yield server


@pytest.fixture
def sync(there: Catalogue, server: Server) -> Callable[..., list[Outcome]]:
    def run_it(*products: Json) -> list[Outcome]:
        there.products = list(products)
        return list(sync_products(server.address, on=ON).outcomes)

    return run_it


def test_renamed_cycle_follows_a_sync(sync: Callable[..., list[Outcome]]) -> None:
    sync(product_answer(cycle_answer("1.x")))
    rename("1.x", "1")
    (outcome,) = sync(product_answer(cycle_answer("1.x", isEol=False, eolFrom="2028-04-30")))
    assert (outcome.result, outcome.changes) == (Result.UPDATED, ["eol of 1"])
    assert outcome.kept == ["name of 1"]
    assert lives() == {"1": ("2028-04-30", False)}
