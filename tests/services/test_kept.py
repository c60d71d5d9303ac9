"""What differs from the source: found only where somebody edited something."""

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
    """A product of a file."""
    (tmp_path / "django.md").write_text(FILE)
    import_files(tmp_path)
    return Product.objects.get()


def kept() -> dict[str, list[str]]:
    return {each.product.name: sorted(each.names) for each in edited_products(ON).products}


def test_what_was_only_imported_is_not_even_compared(
    django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """An import is no edit; neither differs what was made here."""
    make_cycle(make_product("payroll"))
    with django_assert_num_queries(1):
        assert kept() == {}


def test_an_edit_differs_until_it_is_undone(
    django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Values of the product, of its cycles, and cycles that were deleted, are named."""
    django.label = "django"
    django.save()
    django.tags.clear()
    cycle = django.cycles.get(name="5.2")
    cycle.eol = parse_milestone("2029")
    cycle.save()
    django.cycles.get(name="5.1").delete()
    with django_assert_num_queries(8):
        found = kept()
    assert found == {"django": ["deletion of 5.1", "eol of 5.2", "label", "tags"]}
    cycle.eol = parse_milestone("2028-04-30")
    cycle.save()
    assert kept() == {"django": ["deletion of 5.1", "label", "tags"]}


def test_only_so_many_are_compared(django: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says whether these are all."""
    django.label = "django"
    django.save()
    assert edited_products(ON).whole
    monkeypatch.setattr("releases.services.editing.local_edits.MAX_COMPARED", 0)
    assert not edited_products(ON).whole
