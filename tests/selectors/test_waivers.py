"""The exceptions that apply to the parts of a stack."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from releases import selectors
from releases.domain.policy import Waiver
from releases.domain.stack import Part
from releases.selectors import AppliedWaivers
from tests.conftest import ON
from tests.stack_samples import make_catalogue

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PARTS = [Part("django", "4.2.7"), Part("django", "5.2.1"), Part("python", "3.10")]


def waiver(product: str, version: str = "", until: date = ON) -> Waiver:
    return Waiver(product, version, until, "A reason.")


def applied(*waivers: Waiver) -> AppliedWaivers:
    return selectors.applied_waivers(waivers, selectors.stack(PARTS, ON).items)


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    make_catalogue()


def test_exception_applies_to_the_parts_of_its_version() -> None:
    """By the name of the product or an alias."""
    django, alias = waiver("django", "4.2"), waiver("dj", "4.2.7")
    assert applied(django) == AppliedWaivers({PARTS[0]: django}, [], [])
    assert applied(alias) == AppliedWaivers({PARTS[0]: alias}, [], [])


def test_exception_of_no_part_is_unused() -> None:
    other, postgresql = waiver("django", "3.2"), waiver("postgresql")
    assert applied(other, postgresql) == AppliedWaivers({}, [other, postgresql], [])


def test_exception_of_an_unknown_product_is_named() -> None:
    wrong = waiver("djanga", "4.2")
    assert applied(wrong) == AppliedWaivers({}, [], [wrong])


def test_exact_exception_hides_a_general_one() -> None:
    every, exact = waiver("django"), waiver("dj", "4.2")
    found = applied(every, exact)
    assert found.by_part == {PARTS[0]: exact, PARTS[1]: every}
    assert not found.unused


def test_exception_of_one_version_does_not_cover_another_one_of_its_cycle() -> None:
    """If each version has one, that which ends first counts."""
    items = selectors.stack([Part("django", "4.2.7"), Part("django", "4.2.8")], ON).items
    one, other = waiver("django", "4.2.7", ON + DAY), waiver("django", "4.2.8")
    found = selectors.applied_waivers([one], items)
    assert (found.by_part, found.unused) == ({}, [])
    (item,) = items
    assert selectors.applied_waivers([one, other], items).by_part == {item.part: other}


def test_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    items = selectors.stack(PARTS, ON).items
    with django_assert_num_queries(2):
        selectors.applied_waivers([waiver("django", "4.2"), waiver("python")], items)
    with django_assert_num_queries(0):
        selectors.applied_waivers([], items)
