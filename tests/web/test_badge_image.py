"""The geometry of a badge: widths of its fields and positions of its texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.presentation.badge_image import PADDING, badge_image, text_width

DARK, LIGHT = ("#000", "#fff"), ("#fff", "#000")


@pytest.mark.parametrize(
    ("text", "pixels"),
    [("", 0), ("i", 4), ("W", 11), ("django 5.2", 59), ("長期", 22), ("e\u0301", 7), ("é", 7)],
)
def test_text_width(text: str, pixels: int) -> None:
    """There are narrow, wide, East Asian and combining characters."""
    assert text_width(text) == pixels


@given(st.text(), st.text())
def test_fields_are_adjacent(label: str, message: str) -> None:
    """There is no gap, and each field is as wide as its text plus padding."""
    image = badge_image(label, message, DARK, LIGHT)
    first, second = image.fields
    assert (first.x, second.x) == (0, first.width)
    assert image.width == first.width + second.width
    for field in image.fields:
        assert field.text_width == text_width(field.text)
        assert field.middle - field.text_width / 2 == field.x + PADDING


def test_colours_and_title_are_set() -> None:
    image = badge_image("django 5.2", "active", DARK, LIGHT)
    assert [(field.fill, field.ink) for field in image.fields] == [DARK, LIGHT]
    assert image.title == "django 5.2: active"
