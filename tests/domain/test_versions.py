"""The order of version names, and the kind of a release."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.versions import (
    ReleaseKind,
    kind_of,
    release_key,
    version_key,
    version_tokens,
)
from tests.domain.strategies import few

numbers = st.lists(st.integers(0, 99), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
suffixes = st.sampled_from(
    ["", "a1", "b2", "rc1", ".dev3", "-alpha", "-beta.2", "-lts", "-ce", "+35", "_1", " SP2", "v"]
)
prefixes = st.sampled_from(["", "v", "r", "release-", "galaxy-tab-a", "rc", "C"])
names = st.builds("{}{}{}".format, prefixes, numbers, suffixes) | st.text(max_size=12)


@pytest.mark.parametrize(
    "ordered",
    [
        "2.9 2.10 2028",
        "1.0 1.0.1 1.1 1.9 1.10 1.11 2.0 10.0",
        "5 5.1 5.1.1 6",
        "9.9.9 10 22.04 22.10 24.04",
        "6.2.dev1 6.2a1 6.2a2 6.2b1 6.2rc1 6.2rc10 6.2 6.2.1",
        "6.2-dev 6.2-pre 6.2-alpha 6.2-alpha.2 6.2-beta 6.2-beta.2 6.2-rc.1 6.2",
        "3.12.0a7 3.12.0b4 3.12.0rc3 3.12.0 3.12.1",
        "8.0-beta1 8.0 8.0-lts 8.0.1 8.1",
        "v1 v1.1 v2 v10",
        "1.9 v1.10 1.11",
        "r9 r81 r100",
        "17+9 17+35 18+1",
        "7.9 7.9-ce 7.9.103-ce 8.0",
        "14_1 14_2 14_10",
        "galaxy-tab-a galaxy-tab-a7 galaxy-tab-a8 galaxy-tab-s",
        "10-1507 10-1511 11-21H2 11-22H2",
        "1 1a 2",
    ],
)
def test_names_are_sorted_as_people_expect(ordered: str) -> None:
    expected = ordered.split()
    backwards = expected[::-1]
    assert sorted(backwards, key=version_key) == expected


@pytest.mark.parametrize(
    ("name", "same"),
    [("v5.2", "5.2"), ("V5.2", "5.2"), ("5-2", "5.2"), (" 5.2 ", "5.2"), ("05.02", "5.2")],
)
def test_separators_do_not_count(name: str, same: str) -> None:
    """A leading `v`, separators, capitals and leading zeros are ignored."""
    assert version_tokens(name) == version_tokens(same)


@pytest.mark.parametrize(
    "name", ["galaxy-tab-a", "xperia-c", "prefix-1", "alphabet-1", "archive", "b", "12c"]
)
def test_word_is_no_pre_release(name: str) -> None:
    """Words that merely begin like a pre-release, and a final letter, are words."""
    parts = name.split("-")
    words = [token for token in version_tokens(name) if token[2]]
    assert [word[2] for word in words] == [part.lstrip("12") for part in parts if part != "1"]


def test_dotless_i_is_a_letter() -> None:
    """A case-insensitive search takes a dotless i for an i, but it forms a word of its own."""
    assert version_key("1.0-prevıew") > version_key("1.0") > version_key("1.0-preview")


def test_huge_number_is_a_word() -> None:
    """Python limits the digits of a conversion to an integer."""
    assert version_key("9" * 10_000) != version_key("9" * 10_001)


@given(names, names)
def test_order_is_antisymmetric(one: str, other: str) -> None:
    """A name equals only itself."""
    first, second = version_key(one), version_key(other)
    assert (first < second) + (first > second) + (one == other) == 1


@given(names, names, names)
def test_order_is_transitive(one: str, two: str, three: str) -> None:
    a, b, c = sorted([one, two, three], key=version_key)
    assert version_key(a) <= version_key(b) <= version_key(c)
    assert version_key(a) <= version_key(c)


@few
@given(st.lists(names, max_size=6), st.data())
def test_sorting_does_not_depend_on_the_initial_order(some: list[str], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(some))
    assert sorted(mixed, key=version_key) == sorted(some, key=version_key)


@few
@given(st.lists(st.tuples(*[st.integers(0, 99)] * 3), max_size=8))
def test_numeric_names_are_sorted_by_number(parts: list[tuple[int, int, int]]) -> None:
    dotted = [".".join(map(str, part)) for part in sorted(set(parts))]
    assert all(version_key(one) < version_key(other) for one, other in pairwise(dotted))


@few
@given(numbers, st.sampled_from(["a", "b", "rc", "dev"]), st.integers(0, 99))
def test_pre_release_comes_before_its_release(name: str, kind: str, number: int) -> None:
    """It comes after the previous version."""
    pre = f"{name}{'.dev' if kind == 'dev' else kind}{number}"
    assert version_key(pre) < version_key(name) < version_key(f"{name}.1")


# ---- the cycle of a version ----------------------------------------------------------------------


def test_pre_releases() -> None:
    """Alpha, beta and rc come before the release of the cycle; final, patch, security do not."""
    assert [kind.value for kind in ReleaseKind if kind.pre_release] == ["alpha", "beta", "rc"]


@pytest.mark.parametrize(
    "ordered",
    ["5.2a1 5.2rc1 5.2 5.2.1 5.2.10", "5.2.0a1 5.2.0 5.2.0.1 5.2.1rc1 5.2.1", "0 0.1 1 10"],
)
def test_pre_release_precedes_its_release_with_any_trailing_zeros(ordered: str) -> None:
    keys = [release_key(name) for name in ordered.split()]
    assert all(one < other for one, other in pairwise(keys))


@pytest.mark.parametrize(
    ("one", "other"), [("5.2", "5.2.0"), ("5", "5.0.0"), ("5.2rc1", "5.2.0rc1"), ("v5.2", "5.2")]
)
def test_trailing_zeros_are_ignored(one: str, other: str) -> None:
    assert release_key(one) == release_key(other)


@pytest.mark.parametrize(
    ("version", "cycle", "kind"),
    [
        ("5.2", "5.2", "final"),
        ("v5.2.0", "5.2", "final"),
        ("18.0", "18", "final"),
        ("5.2.1", "5.2", "patch"),
        ("5.2 SP2", "5.2", "patch"),
        ("8.0.1", "8.0-lts", "patch"),
        ("5.2.dev1", "5.2", "alpha"),
        ("10.0-preview.4", "10", "alpha"),
        ("5.2a1", "5.2", "alpha"),
        ("5.2-beta.2", "5.2", "beta"),
        ("5.2rc1", "5.2", "rc"),
    ],
)
def test_kind_of_a_release(version: str, cycle: str, kind: str) -> None:
    """The version and its cycle determine the kind, except for security releases."""
    assert kind_of(version, cycle) == kind
