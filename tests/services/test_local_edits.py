"""Local edits: values that differ from the source, compared only for edited products."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product
from releases.services.editing.local_edits import edited_products
from tests.conftest import ON
from tests.factories import make_cycle, make_product
from tests.product_files import import_files

pytestmark = pytest.mark.django_db

FILE = """---
title: Django
permalink: /django
category: framework
tags: python
releases:
  - releaseCycle: "5.2"
    releaseDate: 2025-04-02
    eol: 2028-04-30
  - releaseCycle: "5.1"
    releaseDate: 2024-08-07
    eol: 2025-12-03
---
"""


@pytest.fixture
def django(tmp_path: Path) -> Product:
    """A product that was imported from a file."""
    (tmp_path / "django.md").write_text(FILE)
    import_files(tmp_path)
    return Product.objects.get()


def edits_by_product() -> dict[str, list[str]]:
    return {each.product.name: sorted(each.names) for each in edited_products(ON).products}


def test_products_without_edits_are_not_compared(
    django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Products that were imported or created here have no local edits."""
    make_cycle(make_product("payroll"))
    with django_assert_num_queries(1):
        assert edits_by_product() == {}


def test_edit_is_listed_until_it_is_reverted(
    django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Values of the product, values of its cycles and deleted cycles are listed."""
    django.label = "django"
    django.save()
    django.tags.clear()
    cycle = django.cycles.get(name="5.2")
    cycle.eol = parse_milestone("2029")
    cycle.save()
    django.cycles.get(name="5.1").delete()
    with django_assert_num_queries(9):
        found = edits_by_product()
    assert found == {"django": ["deletion of 5.1", "eol of 5.2", "label", "tags"]}
    cycle.eol = parse_milestone("2028-04-30")
    cycle.save()
    assert edits_by_product() == {"django": ["deletion of 5.1", "label", "tags"]}


def test_number_of_compared_products_is_limited(
    django: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result records if it is complete."""
    django.label = "django"
    django.save()
    assert edited_products(ON).whole
    monkeypatch.setattr("releases.services.editing.local_edits.MAX_COMPARED", 0)
    assert not edited_products(ON).whole
