"""Ranges in the notations of package managers, and the cycles they mean."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from releases.domain.ranges import MAX_SPECIFIERS, MAX_TEXT, Range, cycle_in_range
from tests.lifecycles import NamedCycle, named_cycle

ON = date(2026, 11, 21)

DJANGO = [
    named_cycle("6.1", release="2027-08"),
    named_cycle("6.0", release="2025-12-03", eol="2027-04-30"),
    named_cycle("5.2", release="2025-04-02", eol="2028-04-30"),
    named_cycle("5.1", release="2024-08-07", eol="2025-12-03"),
    named_cycle("5.0", release="2023-12-04", eol="2025-04-02"),
    named_cycle("4.2", release="2023-04-03", eol="2026-04-07"),
]
NODE = [
    named_cycle("26", release="2027-04-01"),
    named_cycle("24", release="2025-05-06", eol="2028-04-30"),
    named_cycle("22", release="2024-04-24", eol="2027-04-30"),
    named_cycle("20", release="2023-04-18", eol="2026-04-30"),
    named_cycle("18", release="2022-04-19", eol="2025-04-30"),
]
UBUNTU = [
    named_cycle("24.04", release="2024-04-25", eol="2029-05-31"),
    named_cycle("22.04", release="2022-04-21", eol="2027-04-01"),
]
CYCLES = {"django": DJANGO, "node": NODE, "ubuntu": UBUNTU}


def meant(scheme: str, text: str, cycles: list[NamedCycle]) -> str | None:
    found = cycle_in_range(Range(scheme, text), cycles, ON)
    return found.name if found else None


@pytest.mark.parametrize(
    ("scheme", "text", "product", "cycle"),
    [
        ("pypi", ">=4.2,<4.3", "django", "4.2"),
        ("pypi", "==4.2.*", "django", "4.2"),
        ("pypi", "~=5.2.1", "django", "5.2"),
        ("pypi", "~=5.2", "django", "5.2"),
        ("pypi", "<5", "django", "4.2"),
        ("pypi", "<5.2,>5.1.9", "django", "5.1"),
        ("pypi", ">4.2.5,<4.2.7", "django", "4.2"),
        ("pypi", ">=5.2,!=5.2.1,<6", "django", "5.2"),
        ("poetry", "^5.2", "django", "5.2"),
        ("poetry", "~5.2", "django", "5.2"),
        ("gem", "~> 5.2", "django", "5.2"),
        ("gem", "~> 4.2.1", "django", "4.2"),
        ("gem", ">= 5.2, < 5.3", "django", "5.2"),
        ("terraform", "~> 4.2", "django", "4.2"),
        ("composer", "~5.2", "django", "5.2"),
        ("composer", "5.2.*", "django", "5.2"),
        ("composer", "^4.2 | ^4.3", "django", "4.2"),
        ("cargo", "5.2", "django", "5.2"),
        ("maven", "[5.2,5.3)", "django", "5.2"),
        ("maven", "(5.2.1,5.2.9]", "django", "5.2"),
        ("nuget", "5.2.*", "django", "5.2"),
        ("npm", "^18", "node", "18"),
        ("npm", "18", "node", "18"),
        ("npm", "18.x", "node", "18"),
        ("npm", "^18.2.0 || ^19", "node", "18"),
        ("npm", ">= 22 < 23", "node", "22"),
        ("npm", "22.0 - 22.9", "node", "22"),
        ("npm", "<=18", "node", "18"),
        ("npm", "~24.1.x", "node", "24"),
        ("npm", "^v24.0.0-rc.1", "node", "24"),
        ("npm", "~22.04", "ubuntu", "22.04"),
        ("generic", "22.04.*", "ubuntu", "22.04"),
    ],
)
def test_range_with_one_cycle_means_it(scheme: str, text: str, product: str, cycle: str) -> None:
    assert meant(scheme, text, CYCLES[product]) == cycle


@pytest.mark.parametrize(
    ("scheme", "text", "product", "cycle"),
    [
        ("npm", "^18 || ^20", "node", "20"),
        ("npm", ">=18 <22", "node", "20"),
        ("pypi", ">=4.2,<5.2", "django", "4.2"),
        ("gem", "< 5.2", "django", "4.2"),
    ],
)
def test_ended_cycles_mean_the_last_one_to_end(
    scheme: str, text: str, product: str, cycle: str
) -> None:
    assert meant(scheme, text, CYCLES[product]) == cycle


@pytest.mark.parametrize(
    ("scheme", "text", "product"),
    [
        ("npm", "^20 || ^22", "node"),
        ("npm", ">=18 <23", "node"),
        ("pypi", ">=4.2,<6", "django"),
        ("pypi", "~=5.0", "django"),
        ("npm", "<=24", "node"),
        ("npm", "^17 || ^19", "node"),
        ("pypi", "==7.*", "django"),
    ],
)
def test_range_with_several_cycles_or_none_means_nothing(
    scheme: str, text: str, product: str
) -> None:
    assert meant(scheme, text, CYCLES[product]) is None


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("pypi", ">=5.2"),
        ("pypi", "!=5.2"),
        ("npm", "*"),
        ("npm", "x"),
        ("npm", "^18 || >=20"),
        ("npm", "18||"),
        ("gem", ">= 0"),
        ("maven", "[5.2,)"),
        ("nuget", "*"),
    ],
)
def test_lower_bound_alone_says_nothing(scheme: str, text: str) -> None:
    """It does not even if every cycle has ended: the product may go on."""
    ended = [named_cycle("5.2", release="2001", eol="2002"), named_cycle("20", release="2002")]
    assert meant(scheme, text, ended) is None
    assert meant(scheme, text, ended[:1]) is None


@pytest.mark.parametrize(
    "text", ["", "latest", "lts/*", "workspace:^1", "^", "1 - ", "(5", "=>5", "5.2 ?", "é", "5.2 -"]
)
@pytest.mark.parametrize("scheme", ["npm", "pypi", "gem", "maven", "composer", "unknown"])
def test_text_that_is_no_range_means_nothing(scheme: str, text: str) -> None:
    assert meant(scheme, text, DJANGO) is None


def test_planned_cycle_does_not_make_a_range_uncertain() -> None:
    """Nobody runs it yet. It counts if the range has no other cycle."""
    assert meant("pypi", ">=6.0,<7", DJANGO) == "6.0"
    assert meant("npm", ">=24 <27", NODE) == "24"
    assert meant("pypi", "~=6.1.0", DJANGO) == "6.1"
    released = date(2027, 9, 1)
    assert cycle_in_range(Range("pypi", ">=6.0,<7"), DJANGO, released) is None


def test_version_belongs_to_the_cycle_with_the_longest_name() -> None:
    cycles = [
        named_cycle("11", release="2020", eol="2030"),
        named_cycle("11.4", release="2021", eol="2031"),
        named_cycle("noble", release="2020"),
        named_cycle("12-lts", release="2022", eol="2032"),
    ]
    assert meant("gem", "~> 11.4.0", cycles) == "11.4"
    assert meant("gem", "~> 11.5.0", cycles) == "11"
    assert meant("gem", "~> 11.0", cycles) is None
    assert meant("gem", "~> 12.0", cycles) == "12-lts"


def test_cycles_of_the_same_number_are_not_told_apart() -> None:
    cycles = [named_cycle("13.0", release="2020"), named_cycle("13.0-sp3", release="2021")]
    assert meant("gem", "~> 13.0.1", cycles) is None


@pytest.mark.parametrize(
    ("scheme", "text", "version"),
    [
        ("pypi", "==5.2.1", "5.2.1"),
        ("pypi", "== 5.2.1", "5.2.1"),
        ("pypi", "===5.2.1", "5.2.1"),
        ("pypi", ">=4,==5.2.1", "5.2.1"),
        ("pypi", "==1!5.2", "5.2"),
        ("pypi", "==5.2.*", ""),
        ("pypi", "~=5.2.1", ""),
        ("pypi", "==5.2.1,==5.2.2", ""),
        ("poetry", "5.2", "5.2"),
        ("poetry", "==5.2.1", "5.2.1"),
        ("npm", "18.2.0", "18.2.0"),
        ("npm", "=v18.2.0", "18.2.0"),
        ("npm", "18.2.0-rc.1", "18.2.0-rc.1"),
        ("npm", "18.2", ""),
        ("npm", "18.2.0 || 18.2.1", ""),
        ("gem", "6.1", "6.1"),
        ("gem", "= 6.1.4.1", "6.1.4.1"),
        ("composer", "5.4.1", "5.4.1"),
        ("composer", "5.4.*", ""),
        ("maven", "5.3.31.RELEASE", "5.3.31.RELEASE"),
        ("maven", "[1.5]", "1.5"),
        ("nuget", "8.0.1", "8.0.1"),
        ("cargo", "1.2.3", ""),
        ("cargo", "=1.2.3", "1.2.3"),
        ("golang", "v1.22.1", "1.22.1"),
        ("terraform", "= 1.5.7", "1.5.7"),
        ("generic", "3.9", "3.9"),
    ],
)
def test_exact_version(scheme: str, text: str, version: str) -> None:
    assert Range(scheme, text).exact == version


def test_long_range_means_nothing() -> None:
    assert meant("npm", "^18 " * (MAX_TEXT // 4), NODE) is None
    assert meant("npm", "18 " + " " * MAX_TEXT, NODE) == "18"
    assert meant("npm", " || ".join(["^18"] * (MAX_SPECIFIERS // 2 + 1)), NODE) is None


numbers = st.integers(0, 4)
versions = st.lists(numbers, min_size=1, max_size=3).map(lambda each: ".".join(map(str, each)))
ranges = st.lists(
    st.tuples(st.sampled_from([">=", "<=", "<", ">", "!=", "=="]), versions).map("".join),
    min_size=1,
    max_size=3,
).map(lambda each: ",".join([*each, "<9"]))
names = st.lists(
    st.lists(numbers, min_size=1, max_size=2).map(lambda each: ".".join(map(str, each))),
    min_size=1,
    max_size=6,
    unique=True,
)
GRID = [".".join(map(str, each)) for each in product(range(6), range(6), (*range(6), 99))]
GRID += [f"{each}.1" for each in GRID]


@example("<0.2.0,<9", ["0", "0.0"])
@example("<0.3.0,<9", ["0", "0.0", "0.2"])
@given(ranges, names)
def test_cycle_fits_if_any_of_its_versions_is_in_the_range(text: str, names: list[str]) -> None:
    """All versions of a grid are tried instead of those around the bounds."""

    def owner(version: str) -> str:
        begun = [name for name in names if f"{version}.".startswith(f"{name}.")]
        return max(begun, key=len, default="")

    fitting = {owner(each) for each in SpecifierSet(text).filter(GRID)} - {""}
    cycles = [named_cycle(name, release="2020", eol="2030") for name in names]
    expected = fitting.pop() if len(fitting) == 1 else None
    assert meant("pypi", text, cycles) == expected


SCHEMES = ["pypi", "poetry", "npm", "gem", "composer", "maven", "nuget", "cargo", "golang", "x"]


@given(
    st.sampled_from(SCHEMES),
    st.lists(
        st.sampled_from(["^", "~", "~>", ">=", "<", "=", "|", "||", " - ", ",", " ", "[", ")", "]"])
        | versions
        | st.sampled_from(["x", "*", "v", ".", "9" * 30, "-rc.1", "@stable", "!", "\x00", "é"]),
        max_size=12,
    ).map("".join),
)
def test_any_text_is_a_range_or_means_nothing(scheme: str, text: str) -> None:
    """The cycle, if any, is one of the product; an exact version has a digit or is one of PyPI."""
    wanted = Range(scheme, text)
    found = cycle_in_range(wanted, DJANGO, ON)
    assert found is None or found in DJANGO
    assert wanted.exact in text or "!" in text


@pytest.mark.parametrize(
    "text",
    [
        *("1." * 250, "v" * 500, " " * 500 + "x", ", " * 250, "1" * 500, "^" * 500, "x." * 250),
        *("[1," * 160, "(" * 500, "- " * 250, "1 - " * 120, "|" * 500, "1.x." * 125, "=" * 500),
    ],
    ids=lambda text: text[:6],
)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_pathological_text_takes_no_time(scheme: str, text: str) -> None:
    """A regression would make the test hang."""
    cycle_in_range(Range(scheme, text), DJANGO, ON)
