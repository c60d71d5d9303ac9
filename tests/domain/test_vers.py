"""Version ranges (vers), recorded or derived from the names of cycles."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.vers import canonical_vers, parse_vers, ranges_by_rule, scheme_of
from releases.domain.lifecycle.versions import release_key


class Cycle(NamedTuple):
    name: str
    latest: str = ""


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("vers:pypi/>=5.2|<6.0", "vers:pypi/>=5.2|<6.0"),
        ("vers:pypi/<6.0|>=5.2", "vers:pypi/>=5.2|<6.0"),
        ("VERS:NPM/1.2.3|>=2.0.0|<5.0.0", "vers:npm/1.2.3|>=2.0.0|<5.0.0"),
        ("vers:gem/>=2.2.0|!=2.2.1|<2.3.0", "vers:gem/>=2.2.0|!=2.2.1|<2.3.0"),
        ("vers:pypi/0.0.1|2.0pre1|1.0", "vers:pypi/0.0.1|1.0|2.0pre1"),
        ("vers:deb/*", "vers:deb/*"),
        (" vers:generic/10 ", "vers:generic/10"),
        ("vers:generic/1%2A%25", "vers:generic/1%2A%25"),
        ("vers:deb/1%3A2.0+dfsg-1", "vers:deb/1:2.0+dfsg-1"),
        ("vers:generic/a%20b", "vers:generic/a%20b"),
    ],
)
def test_canonical_form_is_sorted_and_encoded(text: str, canonical: str) -> None:
    assert canonical_vers(text) == canonical
    assert canonical_vers(canonical) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5.2", "Expected a version range such as vers:pypi/>=5.2|<5.3."),
        ("vers:pypi", "Expected a version range such as vers:pypi/>=5.2|<5.3."),
        ("vers:pypi/", "Expected a version range such as vers:pypi/>=5.2|<5.3."),
        ("vers:py pi/1", "Expected a version range such as vers:pypi/>=5.2|<5.3."),
        ("vers:pypi/1\n2", "Expected a version range such as vers:pypi/>=5.2|<5.3."),
        ("vers:pypi/>=" + "1" * 500, "Expected a version range such as vers:pypi/>=5.2|<5.3."),
        ("vers:invalid/1", "The scheme “invalid” is reserved for invalid ranges."),
        ("vers:pypi/1|*", "“*” is no constraint. Expected a version after <, <=, >, >= or !=."),
        ("vers:pypi/1||2", "“” is no constraint. Expected a version after <, <=, >, >= or !=."),
        ("vers:pypi/=1", "“=1” is no constraint. Expected a version after <, <=, >, >= or !=."),
        ("vers:pypi/>=", "“>=” is no constraint. Expected a version after <, <=, >, >= or !=."),
        ("vers:pypi/>= 1", "A version range must not contain spaces."),
        ("vers:pypi/1%zz", "“1%zz” has characters that are not allowed in a version."),
        ("vers:pypi/1%0A", "“1%0A” has characters that are not allowed in a version."),
        ("vers:pypi/1ä", "“1ä” has characters that are not allowed in a version."),
        ("vers:pypi/1.0|!=1", "The version 1 is twice in the range."),
        ("vers:pypi/>1|>=2", "“>=2” is redundant, as the range has “>1”."),
        ("vers:pypi/>1|2", "“2” is redundant, as the range has “>1”."),
        ("vers:pypi/1|<2", "“1” is redundant, as the range has “<2”."),
        ("vers:pypi/<1|!=2|<3", "“<1” is redundant, as the range has “<3”."),
    ],
)
def test_invalid_range_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_vers(text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("vers:pypi/>=5.2|<6.0", ["5.2", "5.2.0", "5.2.19", "5.3"], ["5.1.9", "6.0", "6.0.1"]),
        ("vers:npm/1.2.3|>2|<=3", ["1.2.3", "2.1", "3", "3.0.0"], ["1.2.4", "2", "3.0.1", "1"]),
        ("vers:gem/>=2|!=2.1|<3", ["2", "2.2"], ["2.1", "3"]),
        ("vers:gem/!=2.1", ["2", "3"], ["2.1"]),
        ("vers:gem/<1|>2", ["0.9", "2.1"], ["1", "1.5", "2"]),
        ("vers:gem/*", ["0", "9.9"], []),
        ("vers:gem/>=8|<8.5|>=8.6|<9", ["8", "8.4.9", "8.6", "8.10"], ["8.5", "8.5.9", "9", "7"]),
    ],
)
def test_version_is_in_range(text: str, inside: list[str], outside: list[str]) -> None:
    wanted = parse_vers(text)
    assert [version for version in (*inside, *outside) if version in wanted] == inside


@pytest.mark.parametrize(
    ("purl", "scheme"),
    [
        ("pkg:pypi/django", "pypi"),
        ("pkg:npm/%40angular/core", "npm"),
        ("pkg:docker/library/postgres", "generic"),
        ("pkg:deb/debian/nginx", "generic"),
        ("pkg:github/rust-lang/rust", "generic"),
        ("no purl", "generic"),
    ],
)
def test_scheme_is_that_of_a_package_manager_with_the_makers_versions(
    purl: str, scheme: str
) -> None:
    assert scheme_of(purl) == scheme


@pytest.mark.parametrize(
    ("cycles", "scheme", "ranges"),
    [
        (
            [Cycle("6.0"), Cycle("5.2", "5.2.19"), Cycle("4.2", "4.2.27")],
            "pypi",
            {
                "6.0": "vers:pypi/>=6.0|<6.1",
                "5.2": "vers:pypi/>=5.2|<5.3",
                "4.2": "vers:pypi/>=4.2|<4.3",
            },
        ),
        ([Cycle("22", "22.1.0")], "npm", {"22": "vers:npm/>=22.0.0|<23.0.0"}),
        ([Cycle("22", "v22.1.0")], "generic", {"22": "vers:generic/>=22|<23"}),
        ([Cycle("24.09", "24.09.1")], "generic", {"24.09": "vers:generic/>=24.09|<24.10"}),
        (
            [Cycle("8", "8.9"), Cycle("8.5", "8.5.1"), Cycle("8.5.2", "8.5.2")],
            "gem",
            {
                "8": "vers:gem/>=8|<8.5|>=8.6|<9",
                "8.5": "vers:gem/>=8.5|<8.5.2|>=8.5.3|<8.6",
                "8.5.2": "vers:gem/>=8.5.2|<8.5.3",
            },
        ),
        (
            [Cycle("8", "8.9"), Cycle("8.0", "8.0.4"), Cycle("8.1", "8.1.2")],
            "npm",
            {
                "8": "vers:npm/>=8.2.0|<9.0.0",
                "8.0": "vers:npm/>=8.0.0|<8.1.0",
                "8.1": "vers:npm/>=8.1.0|<8.2.0",
            },
        ),
    ],
)
def test_range_is_derived_from_a_numeric_name(
    cycles: list[Cycle], scheme: str, ranges: dict[str, str]
) -> None:
    assert ranges_by_rule(cycles, scheme) == ranges


@pytest.mark.parametrize(
    "cycles",
    [
        [Cycle("noble", "24.04.1"), Cycle("24.04-lts", "24.04.1")],
        [Cycle("10.0_u7", "10.0.7"), Cycle("2024-10", "2024-10-01")],
        [Cycle("2019", "10.0.17763"), Cycle("2022", "10.0.20348"), Cycle("2025")],
        [Cycle("15"), Cycle("16")],
        [Cycle("galaxy-tab-a", "5")],
        [Cycle("5.2.", "5.2.1"), Cycle("5..2", "5.2.1"), Cycle("٣", "٣.1")],
        [Cycle("8.5", "8.5.1"), Cycle("8.05", "8.05.1")],
        [Cycle("1", "10.2")],
        [],
    ],
)
def test_no_range_is_derived_from_other_names(cycles: list[Cycle]) -> None:
    """Nothing is guessed: the latest release has to begin with the name."""
    assert ranges_by_rule(cycles, "generic") == {}


def test_name_with_four_numbers_is_no_semantic_version() -> None:
    assert ranges_by_rule([Cycle("1.2.3.4", "1.2.3.4")], "npm") == {}
    assert ranges_by_rule([Cycle("2024.04", "2024.04.1")], "npm") == {}
    assert ranges_by_rule([Cycle("1.2.3.4", "1.2.3.4.5")], "gem") == {
        "1.2.3.4": "vers:gem/>=1.2.3.4|<1.2.3.5"
    }


NAMES = st.lists(
    st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda each: ".".join(map(str, each))),
    unique=True,
    min_size=1,
)


@given(names=NAMES, version=st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_version_is_in_the_range_of_the_longest_name_it_begins_with(
    names: list[str], version: list[int]
) -> None:
    ranges = ranges_by_rule([Cycle(name, f"{name}.1") for name in names], "gem")
    for each in ranges.values():
        assert canonical_vers(each) == each
    padded = [*version, 0, 0, 0]
    owner = max(
        (name for name in names if padded[: name.count(".") + 1] == [*map(int, name.split("."))]),
        key=len,
        default=None,
    )
    text = ".".join(map(str, version))
    assert release_key(text)
    assert [name for name, each in ranges.items() if text in parse_vers(each)] == (
        [owner] if owner else []
    )
