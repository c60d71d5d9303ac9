"""Merging two products, and undoing it by their history."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from releases.models import Alias, CycleAlias, CycleIdentifier, Identifier, Product, ReleaseCycle
from releases.selectors.history.records import Subject, changes, moments
from releases.services.editing.merge_products import (
    MergeChangedError,
    MergePlan,
    merge_products,
    plan_merge,
)
from releases.services.history.plan import plan_revert
from releases.services.history.write import carry_out
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def products() -> tuple[Product, Product]:
    """Two products that were the same all the time; 15 is recorded in both."""
    product = make_product("postgresql", label="PostgreSQL")
    make_cycle(product, "16")
    make_cycle(product, "15", codename="kept")
    other = make_product("postgres", label="Postgres")
    for owner, name in ((product, "pg"), (other, "psql")):
        Alias.objects.create(product=owner, name=name)
    make_cycle(other, "15", codename="given up")
    renamed = make_cycle(other, "14")
    make_release(renamed, "14.1")
    CycleAlias.objects.create(product=other, cycle=renamed, name="14-lts")
    make_cycle(other, "13")
    make_custom_field(other, "host")
    make_note(other, "vacuum")
    Identifier.objects.create(product=other, type="purl", value="pkg:deb/debian/postgresql")
    return product, other


def merge(product: Product, other: Product) -> MergePlan:
    return merge_products(product, other, reason="the same", seen=plan_merge(product, other).digest)


def state() -> dict[str, Any]:
    """Return what belongs to each product."""
    return {
        product.name: (
            [(each.name, each.codename, each.position) for each in product.cycles.all()],
            sorted(product.aliases.values_list("name", flat=True)),
            sorted(product.identifiers.values_list("value", flat=True)),
            sorted(product.custom_fields.values_list("name", flat=True)),
            sorted(product.upgrade_notes.values_list("key", flat=True)),
            sorted(product.cycle_aliases.values_list("name", "cycle__name")),
        )
        for product in Product.objects.all()
    }


def test_product_takes_over_what_belongs_to_the_other(products: tuple[Product, Product]) -> None:
    """What is recorded in both stays as the product has it."""
    merge(*products)
    cycles = [("16", "", 0), ("15", "kept", 1), ("14", "", 2), ("13", "", 3)]
    assert state() == {
        "postgresql": (
            cycles,
            ["pg", "postgres", "psql"],
            ["pkg:deb/debian/postgresql"],
            ["host"],
            ["vacuum"],
            [("14-lts", "14")],
        )
    }
    assert ReleaseCycle.objects.get(name="14").releases.get().version == "14.1"
    assert ReleaseCycle.objects.get(name="14").history.first().history_change_reason == "the same"


def test_old_addresses_lead_to_the_product(
    client: Client, products: tuple[Product, Product]
) -> None:
    merge(*products)
    for old, new in (
        ("/postgres/", "/postgresql/"),
        ("/psql/", "/postgresql/"),
        ("/postgres/15/", "/postgresql/15/"),
        ("/postgres/14-lts/", "/postgresql/14/"),
    ):
        assert client.get(old, follow=True).redirect_chain[-1] == (new, 301), old


def test_plan_names_what_moves_and_what_is_given_up(products: tuple[Product, Product]) -> None:
    plan = plan_merge(*products)
    assert [str(row) for row in plan.left] == ["15"]
    assert len(plan.moved) == 7
    assert Product.objects.count() == 2


def test_outdated_plan_is_refused(products: tuple[Product, Product]) -> None:
    seen = plan_merge(*products).digest
    make_cycle(products[1], "12")
    with pytest.raises(MergeChangedError):
        merge_products(*products, reason="the same", seen=seen)
    assert Product.objects.count() == 2


@pytest.mark.parametrize("place", [0, 1])
def test_merge_is_undone_from_the_history_of_either(
    products: tuple[Product, Product], place: int
) -> None:
    """The addresses that cycles had meanwhile stay, as after any move."""
    before = state()
    subject = Subject(Product, products[place].pk)
    merge(*products)
    change = changes(subject, [moments(subject)[0]])[0]
    assert change.reason == "the same"
    plan = plan_revert(subject, change)
    assert not plan.kept
    assert {"add_product", "change_releasecycle", "publish_releasecycle"} <= plan.rights
    carry_out(lambda: plan_revert(subject, change), plan.digest, "they are two")
    assert sorted(CycleAlias.objects.filter(product=products[0]).values_list("name")) == [
        ("13",),
        ("14",),
    ]
    CycleAlias.objects.filter(product=products[0]).delete()
    assert state() == before
    assert Product.objects.get(name="postgres").cycles.get(name="14").releases.count() == 1


def test_draft_that_nobody_saw_leaves_no_alias() -> None:
    product, other = make_product("django"), make_product("djnago", draft=True)
    merge(product, other)
    assert not Alias.objects.exists()
    assert not CycleAlias.objects.exists()


@pytest.mark.parametrize("chosen", [True, False])
def test_main_identifier_is_that_of_the_product_if_it_has_one(
    products: tuple[Product, Product], chosen: bool
) -> None:
    product, _ = products
    Identifier.objects.update(main=True)
    product.identifiers.create(type="repology", value="postgresql", main=chosen)
    merge(*products)
    main = Identifier.objects.get(main=True)
    assert main.type == ("repology" if chosen else "purl")


def test_identifiers_of_a_cycle_move_with_it(products: tuple[Product, Product]) -> None:
    moved = ReleaseCycle.objects.get(name="13")
    CycleIdentifier.objects.create(cycle=moved, type="purl", value="pkg:deb/debian/postgresql-13")
    merge(*products)
    assert CycleIdentifier.objects.get().cycle.product == products[0]
