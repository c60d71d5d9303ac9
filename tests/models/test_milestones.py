"""Milestones in tables: three columns for one value, and constraints on them."""

from __future__ import annotations

from datetime import date
from itertools import product as pairs_of

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from releases.domain.lifecycle.milestones import MILESTONES, ORDERED_PAIRS, parse_milestone
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.models import ReleaseCycle
from releases.models.milestones import Milestone
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db

END = date(2028, 4, 30)
VALUES = ("", "yes", "no", "2028-04-30", "2028-04", "2028-Q2", "2028")
# Around the ends of a month, a quarter and a year, known to each precision.
DATES = (
    *("2027-12-31", "2028-01-01", "2028-01-31", "2028-02-01", "2028-03-31", "2028-04-01"),
    *("2027-12", "2028-01", "2028-02", "2028-03", "2028-04"),
    *("2027-Q4", "2028-Q1", "2028-Q2"),
    *("2027", "2028", "2029"),
)


@pytest.fixture
def cycle() -> ReleaseCycle:
    return make_cycle(make_product(), "5.2")


def store(cycle: ReleaseCycle, **columns: object) -> None:
    """Write columns with no check but those of the database."""
    with transaction.atomic():
        ReleaseCycle.objects.filter(pk=cycle.pk).update(**columns)


def in_order(cycle: ReleaseCycle) -> bool:
    """Return True if the database accepts the milestones of an unsaved cycle."""
    names = [f"{name}_{part}" for name in MILESTONES for part in ("date", "flag", "precision")]
    try:
        store(cycle, **{name: getattr(cycle, name) for name in names})
    except IntegrityError:
        return False
    return True


def complaints(cycle: ReleaseCycle) -> dict[str, list[str]]:
    """Return the messages of `clean` by milestone."""
    try:
        cycle.clean()
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


@pytest.mark.parametrize("name", MILESTONES)
@pytest.mark.parametrize("text", VALUES)
def test_value_survives_a_round_trip_through_the_table(
    cycle: ReleaseCycle, name: str, text: str
) -> None:
    setattr(cycle, name, parse_milestone(text))
    cycle.save()
    stored = ReleaseCycle.objects.get()
    assert getattr(stored, name) == parse_milestone(text)
    assert getattr(stored.lifecycle, name) == parse_milestone(text)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("2028-04-30", (END, None, "day")),
        ("2028-04", (END, None, "month")),
        ("2028-Q2", (date(2028, 6, 30), None, "quarter")),
        ("2028", (date(2028, 12, 31), None, "year")),
        ("yes", (None, True, "")),
        ("no", (None, False, "")),
        ("", (None, None, "")),
    ],
)
def test_value_is_stored_in_its_columns(text: str, columns: tuple[object, ...]) -> None:
    """An imprecise date is stored as the last day of its period, a fact as a flag."""
    cycle = ReleaseCycle()
    cycle.eol = parse_milestone(text)
    assert (cycle.eol_date, cycle.eol_flag, cycle.eol_precision) == columns


def test_new_value_clears_the_old_columns() -> None:
    """A fact in place of a date leaves no date."""
    cycle = ReleaseCycle(eol_date=END, eol_precision="month")
    cycle.eol = True
    assert (cycle.eol_date, cycle.eol_flag, cycle.eol_precision) == (None, True, "")


def test_class_attribute_has_the_column_names() -> None:
    """On the class, the attribute is the descriptor itself."""
    assert isinstance(ReleaseCycle.eol, Milestone)
    assert ReleaseCycle.eol.date == "eol_date"


@pytest.mark.parametrize("name", MILESTONES)
@pytest.mark.parametrize(
    ("day", "flag", "precision"),
    [
        (END, True, "day"),
        (END, False, "day"),
        (END, None, ""),
        (END, None, "week"),
        (None, None, "day"),
        (None, True, "year"),
    ],
)
def test_database_rejects_contradictory_columns(
    cycle: ReleaseCycle, name: str, day: date | None, flag: bool | None, precision: str
) -> None:
    """These are a date with a flag, a date without a precision, and a precision without a date."""
    columns = {f"{name}_date": day, f"{name}_flag": flag, f"{name}_precision": precision}
    with pytest.raises(IntegrityError, match=f"cycle_{name}_one_value"):
        store(cycle, **columns)


@pytest.mark.parametrize(("earlier", "later"), ORDERED_PAIRS)
def test_database_rejects_the_wrong_order(cycle: ReleaseCycle, earlier: str, later: str) -> None:
    """Each ordered pair has its own constraint."""
    setattr(cycle, earlier, parse_milestone("2028-02-01"))
    setattr(cycle, later, parse_milestone("2028-01-31"))
    with (
        pytest.raises(IntegrityError, match=f"cycle_{earlier}_before_{later}"),
        transaction.atomic(),
    ):
        cycle.save()


@pytest.mark.parametrize(("earlier", "later"), ORDERED_PAIRS)
def test_clean_reports_the_error_at_the_later_milestone(earlier: str, later: str) -> None:
    """The messages are those of the domain."""
    cycle = ReleaseCycle()
    setattr(cycle, earlier, parse_milestone("2028-02-01"))
    setattr(cycle, later, parse_milestone("2028-01"))
    words = f"The {MILESTONES[later].noun} (Jan 2028) is before the {MILESTONES[earlier].noun} (1"
    errors = complaints(cycle)
    assert errors == {later: [str(error) for error in order_errors(cycle.lifecycle)]}
    assert errors[later][0].startswith(words)


def test_clean_reports_both_errors_of_one_milestone() -> None:
    cycle = ReleaseCycle()
    cycle.release, cycle.eoas = parse_milestone("2028"), parse_milestone("2029")
    cycle.eol = parse_milestone("2027")
    assert len(complaints(cycle)["eol"]) == 2


@pytest.mark.parametrize(("earlier", "later"), ORDERED_PAIRS)
def test_equal_dates_are_in_order(cycle: ReleaseCycle, earlier: str, later: str) -> None:
    setattr(cycle, earlier, parse_milestone("2028-01-31"))
    setattr(cycle, later, parse_milestone("2028-01-31"))
    assert not complaints(cycle)
    assert in_order(cycle)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2028-01-31", "2028-01"),
        ("2028-01", "2028-01-01"),
        ("2028", "2028-01-01"),
        ("2028-Q1", "2028-02"),
        ("2028", "2028-Q1"),
    ],
)
def test_periods_that_can_overlap_are_in_order(
    cycle: ReleaseCycle, earlier: str, later: str
) -> None:
    cycle.eoas, cycle.eol = parse_milestone(earlier), parse_milestone(later)
    assert not complaints(cycle)
    assert in_order(cycle)


@pytest.mark.parametrize("name", ["lts", "discontinued"])
def test_lts_and_discontinuation_have_no_order(cycle: ReleaseCycle, name: str) -> None:
    """They may come before, between and after the others."""
    cycle.release, cycle.eol = parse_milestone("2028-02-01"), parse_milestone("2029-01-01")
    for text in ("2027", "2028-06", "2030-01-01"):
        setattr(cycle, name, parse_milestone(text))
        assert not complaints(cycle)
        assert in_order(cycle)


@pytest.mark.parametrize(("earlier", "later"), ORDERED_PAIRS)
def test_database_and_clean_agree(cycle: ReleaseCycle, earlier: str, later: str) -> None:
    """They reject the same dates of every precision."""
    differences = []
    for first, second in pairs_of(DATES, DATES):
        setattr(cycle, earlier, parse_milestone(first))
        setattr(cycle, later, parse_milestone(second))
        if in_order(cycle) == bool(complaints(cycle)):
            differences.append((first, second))
    assert not differences


def test_facts_have_no_order(cycle: ReleaseCycle) -> None:
    """A milestone without a date contradicts no date."""
    for value in ("yes", "no"):
        for name in MILESTONES:
            setattr(cycle, name, parse_milestone(value))
            cycle.eol = parse_milestone("2028-01-01")
            assert not complaints(cycle)
            assert in_order(cycle)


def test_validation_queries_only_uniqueness(
    cycle: ReleaseCycle, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """A form with many rows takes one query per row instead of one per constraint."""
    with django_assert_num_queries(1):  # is there a cycle of this name?
        cycle.validate_constraints()


def test_lifecycle_has_every_milestone() -> None:
    cycle = ReleaseCycle()
    for name in MILESTONES:
        setattr(cycle, name, True)
    assert cycle.lifecycle == Lifecycle.of(dict.fromkeys(MILESTONES, True))
