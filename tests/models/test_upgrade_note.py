"""The model of upgrade notes."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from releases.models import UpgradeNote
from releases.selectors import last_write
from tests.factories import make_note, make_product

pytestmark = pytest.mark.django_db


def complaints(note: UpgradeNote) -> dict[str, list[str]]:
    try:
        note.full_clean()
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


def test_only_key_and_title_are_required() -> None:
    note = UpgradeNote(product=make_product(), key="tests", title="Tests first")
    assert complaints(note) == {}
    assert (str(note), note.severity) == ("Tests first", "note")


def test_range_must_ascend() -> None:
    note = UpgradeNote(
        product=make_product(), key="x", title="x", from_cycle="1.10", to_cycle="1.9"
    )
    assert complaints(note) == {
        "to_cycle": ["The way of a note goes upwards: 1.9 is not newer than 1.10."]
    }


def test_key_is_unique_in_its_product() -> None:
    product = make_product()
    make_note(product, "x")
    make_note(make_product("python"), "x")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_note(product, "x")
    again = UpgradeNote(product=product, key="x", title="x")
    assert complaints(again) == {"__all__": ["The product has a note of this key already."]}


def test_change_is_recorded_and_bumps_the_revision() -> None:
    """Pages that show the note are rendered again."""
    note = make_note(make_product(), title="Old")
    before = last_write().revision
    note.title = "New"
    note.save()
    assert last_write().revision != before
    assert [row.title for row in note.history.all()] == ["New", "Old"]
