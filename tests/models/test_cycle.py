"""Release cycles and their releases: names, positions, history."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from releases.domain.lifecycle.milestones import PartialDate, Precision, parse_milestone
from releases.models import CycleIdentifier, Product, Release, ReleaseCycle
from tests.factories import make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    return make_product("django")


def complaints(row: ReleaseCycle | Release) -> dict[str, list[str]]:
    """Return the messages of validation by field."""
    try:
        row.full_clean()
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


def names_in_order(product: Product) -> list[str]:
    return [cycle.name for cycle in product.cycles.all()]


def test_only_the_name_is_required(django: Product) -> None:
    """The position is optional, too."""
    assert not complaints(ReleaseCycle(product=django, name="5.2"))


def test_name_is_unique_in_its_product(django: Product) -> None:
    """Another product may have a cycle of this name."""
    make_cycle(django, "5.2")
    make_cycle(make_product("wagtail"), "5.2")
    errors = complaints(ReleaseCycle(product=django, name="5.2"))
    assert errors["__all__"] == ["The product has a cycle of this name already."]
    with pytest.raises(IntegrityError), transaction.atomic():
        make_cycle(django, "5.2")


@pytest.mark.parametrize("name", ["", " ", "5.2 ", "a/b", "a?b", "a#b", "<b>", ".", "x" * 101])
def test_name_that_breaks_a_url_is_rejected(django: Product, name: str) -> None:
    assert "name" in complaints(ReleaseCycle(product=django, name=name))


@pytest.mark.parametrize("name", ["5.2", "8.0-lts", "r81", "1.0+", "sp_1", "Noble Numbat", "22H2"])
def test_real_names_are_valid(django: Product, name: str) -> None:
    """Names contain plus signs, underscores, capitals and spaces."""
    assert not complaints(ReleaseCycle(product=django, name=name))


def test_link_is_a_web_url(django: Product) -> None:
    """It may be a Liquid expression but no script."""
    assert "link" in complaints(ReleaseCycle(product=django, name="1", link="javascript:alert(1)"))
    assert not complaints(ReleaseCycle(product=django, name="1", link="https://x.test/__LATEST__"))


def test_new_cycle_goes_to_the_top(django: Product) -> None:
    """Without a position it precedes all others of its product."""
    for name in ("5.2", "6.0", "6.1"):
        ReleaseCycle.objects.create(product=django, name=name)
    ReleaseCycle.objects.create(product=make_product("wagtail"), name="7.0", position=-100)
    assert names_in_order(django) == ["6.1", "6.0", "5.2"]
    assert [cycle.position for cycle in django.cycles.all()] == [-2, -1, 0]


def test_given_position_stays(django: Product) -> None:
    """This includes 0 and later saves."""
    make_cycle(django, "6.1", position=-5)
    cycle = make_cycle(django, "5.2", position=0)
    cycle.save()
    assert cycle.position == 0


def test_cycles_are_ordered_by_position(django: Product) -> None:
    """Equal positions are in the order of creation."""
    for name, position in (("c", 3), ("a", 1), ("b", 1)):
        make_cycle(django, name, position=position)
    assert names_in_order(django) == ["a", "b", "c"]


def test_cycle_has_a_url(django: Product) -> None:
    """It has a page, and its row on the page of the product has an id without spaces."""
    assert make_cycle(django, "5.2").get_absolute_url() == "/django/5.2/"
    assert ReleaseCycle(name="Noble Numbat").anchor == "cycle-Noble_Numbat"


def test_history_has_every_date(django: Product) -> None:
    """The last date is recorded by a deletion."""
    cycle = make_cycle(django, eol="2028-04-30")
    for text in ("2028-05", "no"):
        cycle.eol = parse_milestone(text)
        cycle.save()
    cycle.delete()
    rows = ReleaseCycle.history.values_list("history_type", "eol_date", "eol_precision", "eol_flag")
    assert list(rows) == [
        ("-", None, "", False),
        ("~", None, "", False),
        ("~", date(2028, 5, 31), "month", None),
        ("+", date(2028, 4, 30), "day", None),
    ]


def test_history_outlives_the_product(django: Product) -> None:
    """Deleting a product records the deletion of its cycles and releases."""
    make_release(make_cycle(django), "5.2.1")
    django.delete()
    assert ReleaseCycle.history.filter(history_type="-").count() == 1
    assert Release.history.filter(history_type="-").count() == 1


def test_version_is_unique_in_its_cycle(django: Product) -> None:
    """Both validation and the database check it."""
    cycle = make_cycle(django)
    make_release(cycle, "5.2.1")
    assert complaints(Release(cycle=cycle, version="5.2.1"))["__all__"] == [
        "The cycle has this release already."
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        make_release(cycle, "5.2.1")


def test_release_date_has_a_precision(django: Product) -> None:
    """It may be unknown."""
    cycle = make_cycle(django)
    planned = make_release(cycle, "6.2", date=date(2027, 4, 30), precision="month")
    assert planned.day == PartialDate(date(2027, 4, 1), Precision.MONTH)
    assert make_release(cycle, "5.2.1", date=date(2025, 5, 7)).day == PartialDate(date(2025, 5, 7))
    assert make_release(cycle, "5.2.2").day is None


def test_release_has_a_known_kind(django: Product) -> None:
    """The default is a patch."""
    release = Release(cycle=make_cycle(django), version="5.2.1")
    assert release.kind == "patch"
    assert "kind" in complaints(Release(cycle=release.cycle, version="5.2.2", kind="nightly"))


def test_range_of_versions_is_stored_in_its_canonical_form() -> None:
    cycle = make_cycle(make_product(), versions="VERS:PyPI/<6.0|>=5.2")
    cycle.full_clean()
    assert cycle.versions == "vers:pypi/>=5.2|<6.0"


def test_invalid_range_of_versions_is_rejected() -> None:
    cycle = make_cycle(make_product(), versions=">=5.2")
    with pytest.raises(ValidationError) as error:
        cycle.full_clean()
    assert error.value.message_dict == {
        "versions": ["Expected a version range such as vers:pypi/>=5.2|<5.3."]
    }


def test_cycle_has_each_identifier_once() -> None:
    cycle = make_cycle(make_product())
    cycle.identifiers.create(type="cpe", value="cpe:2.3:o:debian:debian_linux:12")
    again = CycleIdentifier(cycle=cycle, type="cpe", value="cpe:2.3:o:debian:debian_linux:12")
    with pytest.raises(ValidationError, match="The cycle has this identifier already"):
        again.full_clean()
    assert CycleIdentifier.history.count() == 1
