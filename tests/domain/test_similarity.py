"""The trigram similarity of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.similarity import Comparison, similarity, trigrams


def test_trigrams_pad_each_word() -> None:
    """A word gets two spaces before it and one after it; case and punctuation are ignored."""
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
def test_similarity_is_that_of_pg_trgm(one: str, other: str, expected: float) -> None:
    """It is the number of shared trigrams divided by the number of all trigrams."""
    assert similarity(one, other) == pytest.approx(expected)


@given(st.text(max_size=30), st.text(max_size=30))
def test_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) == similarity(other, one) <= 1


TITLES = ("Django", "Py-thon 3.9", "a", "aaaa", "--", "Red Hat  Enterprise/Linux", "Ubuntu (LTS)")
TYPED = ("djnago", "python 3", "A", "linux red", "-", "ubuntu")


@pytest.mark.parametrize("typed", TYPED)
def test_comparison_equals_similarity(typed: str) -> None:
    """Words, punctuation and white space are compared."""
    found = {title: Comparison([typed]).similarity(title) for title in TITLES}
    assert found == {title: pytest.approx(similarity(title, typed)) for title in TITLES}


@pytest.mark.parametrize("typed", TYPED)
def test_name_with_a_common_trigram_is_not_left_out(typed: str) -> None:
    """The least similarity may be arbitrarily small."""
    found = {title for title in TITLES if Comparison([typed]).reaches(title, 0.01)}
    assert found == {title for title in TITLES if trigrams(title) & trigrams(typed)}


@given(
    st.lists(st.text(max_size=20), max_size=3),
    st.text(max_size=20),
    st.floats(min_value=0.01, max_value=1),
)
def test_comparison_finds_the_most_similar_text(texts: list[str], name: str, least: float) -> None:
    """Skipping candidates for speed does not change the result."""
    best = max((similarity(text, name) for text in texts), default=0)
    assert Comparison(texts).similarity(name) == best
    assert Comparison(texts).reaches(name, least) == (best >= least)
