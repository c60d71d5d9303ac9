"""How alike two texts are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.similarity import similarity, trigrams


def test_trigrams() -> None:
    """Each word with two spaces before and one behind; case and signs do not count."""
    assert trigrams("Go-2") == {"  g", " go", "go ", "  2", " 2 "}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("django", "Django", 1.0),
        ("djnago", "django", 3 / 11),
        ("word", "two words", 4 / 11),
        ("", "x", 0),
    ],
)
def test_similarity(one: str, other: str, expected: float) -> None:
    """The shared trigrams among all, as pg_trgm documents it."""
    assert similarity(one, other) == pytest.approx(expected)


@given(st.text(max_size=30), st.text(max_size=30))
def test_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) == similarity(other, one) <= 1
