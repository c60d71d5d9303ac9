"""Compatibility texts of catalogues, parsed to version ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.upgrade.compatibility import (
    by_runtime,
    read_column,
    read_compatibility,
    runtime_of,
    text_of,
)

PYTHONS = ["2.6", "2.7", "3.0", "3.1", *(f"3.{minor}" for minor in range(2, 15))]


def allowed(text: str, cycles: list[str]) -> list[str]:
    says = read_compatibility(text)
    assert says
    return [cycle for cycle in cycles if says.allows(cycle)]


@pytest.mark.parametrize(
    ("text", "cycles"),
    [
        ("3.8 - 3.12 (added in 4.2.8)", ["3.8", "3.9", "3.10", "3.11", "3.12"]),
        ("3.12 – 3.14", ["3.12", "3.13", "3.14"]),
        ("2.6 - 2.7, 3.2 - 3.3", ["2.6", "2.7", "3.2", "3.3"]),
        ("2.7, 3.4 to 3.5", ["2.7", "3.4", "3.5"]),
        ("3.13+", ["3.13", "3.14"]),
        (">= 3.13", ["3.13", "3.14"]),
        ("3.13 or later", ["3.13", "3.14"]),
        ("v3.14.x", ["3.14"]),
        ("<= 3.1", ["2.6", "2.7", "3.0", "3.1"]),
        ("up to 2.7, 3.14", ["2.6", "2.7", "3.14"]),
        ("2", ["2.6", "2.7"]),
        ("3.14.2", ["3.14"]),
        ("2.7 and 3.14", ["2.7", "3.14"]),
    ],
)
def test_texts(text: str, cycles: list[str]) -> None:
    assert allowed(text, PYTHONS) == cycles


def test_versions_of_one_number() -> None:
    assert allowed("18 - 26", ["17", "18", "22.04", "26", "27"]) == ["18", "22.04", "26"]
    assert allowed("v17+", ["16.8", "17", "18.2"]) == ["17", "18.2"]


@pytest.mark.parametrize("text", ["", "N/A", "see below", "3.8 - ", "3.8 3.9", "-", "3.8" * 500])
def test_unreadable_text_is_no_constraint(text: str) -> None:
    assert read_compatibility(text) is None


def test_last_version_may_need_a_patch() -> None:
    says = read_compatibility("3.8 - 3.12 (added in 4.2.8)")
    assert says
    assert says.needs("3.12") == "4.2.8"
    assert says.needs("3.11") == ""
    assert says.needs("3.13") == ""


def test_range_over_two_majors_starts_like_its_neighbour() -> None:
    """Django 1.11 ran on Python 2.7 and on 3.4 to 3.7, in either notation."""
    column = read_column(
        [("2.0", "3.4 - 3.7"), ("1.11", "2.7 - 3.7 (added in 1.11.17)"), ("1.10", "2.7, 3.3")]
    )
    assert [cycle for cycle in PYTHONS if column["1.11"].allows(cycle)] == [
        *("2.7", "3.4", "3.5", "3.6", "3.7")
    ]
    assert column["1.11"].needs("3.7") == "1.11.17"


def test_older_neighbour_is_the_fallback() -> None:
    column = read_column([("2", "7.4 - 8.2"), ("1", "7.4, 8.1")])
    assert not column["2"].allows("8.0")
    assert column["2"].allows("8.1")


def test_range_without_neighbours_has_all_of_the_second_major() -> None:
    column = read_column([("3", "7.3 - 8.1")])
    cycles = ["7.2", "7.3", "7.4", "8.0", "8.1", "8.2"]
    assert [cycle for cycle in cycles if column["3"].allows(cycle)] == ["7.3", "7.4", "8.0", "8.1"]


@pytest.mark.parametrize(
    ("column", "runtime"),
    [
        ("supportedPythonVersions", "python"),
        ("supportedPhpVersions", "php"),
        ("minJvmVersion", "java"),
        ("minRubyVersion", "ruby"),
        ("supportedNodeVersions", "nodejs"),
        ("owner", ""),
        ("supportedVersions", ""),
    ],
)
def test_columns(column: str, runtime: str) -> None:
    assert runtime_of(column) == runtime


def test_columns_of_one_runtime_belong_together() -> None:
    columns = ["owner", "minAngularVersion", "supportedVueVersions", "maxAngularVersion"]
    assert by_runtime(columns) == {
        "angular": ("minAngularVersion", "maxAngularVersion"),
        "vue": ("supportedVueVersions",),
    }


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"minXVersion": "v18", "maxXVersion": "v22.x"}, "v18 - v22.x"),
        ({"minXVersion": "18"}, "18+"),
        ({"minXVersion": "18+"}, "18+"),
        ({"minXVersion": "see below"}, "see below"),
        ({"maxXVersion": "22"}, "<= 22"),
        ({"maxXVersion": "N/A"}, "N/A"),
        ({"minXVersion": "18", "maxXVersion": "N/A"}, "18+"),
        ({"supportedXVersions": "18, 20", "minXVersion": "18"}, "18, 20"),
        ({}, ""),
    ],
)
def test_lowest_and_highest_version(values: dict[str, str], text: str) -> None:
    """A minimum version includes all later ones."""
    assert text_of(("minXVersion", "maxXVersion", "supportedXVersions"), values) == text


def test_java_1_8_is_java_8() -> None:
    text = text_of(("minJvmVersion",), {"minJvmVersion": "1.8"})
    assert allowed(text, ["7", "8", "11", "17"]) == ["8", "11", "17"]
    assert text_of(("minPhpVersion",), {"minPhpVersion": "1.8"}) == "1.8+"


@given(st.text())
def test_any_text_is_parsed_or_ignored(text: str) -> None:
    says = read_compatibility(text)
    assert says is None or says.ranges


@given(st.lists(st.sampled_from(PYTHONS), min_size=1, max_size=5, unique=True))
def test_list_allows_its_versions(names: list[str]) -> None:
    assert allowed(", ".join(names), PYTHONS) == [name for name in PYTHONS if name in names]
