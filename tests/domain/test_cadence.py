"""The next cycle of a product, projected from its earlier cycles."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.cadence import Projection, next_cycle
from releases.domain.lifecycle.milestones import MILESTONES, format_milestone, parse_milestone
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.domain.names import bad_cycle_name
from releases.formats.product_files.parser import read_product
from releases.services.imports.import_products import BUNDLED
from tests.conftest import CATALOGUE
from tests.domain.strategies import lives


@dataclass(frozen=True)
class Cycle:
    name: str
    lifecycle: Lifecycle


def cycle(name: str, **milestones: str) -> Cycle:
    values = {key: parse_milestone(text) for key, text in milestones.items()}
    return Cycle(name, Lifecycle.of(values))


def proposed(projection: Projection | None) -> dict[str, str]:
    """Return the name and the known dates as texts."""
    assert projection
    texts = {key: format_milestone(getattr(projection.lifecycle, key)) for key in MILESTONES}
    return {"name": projection.name} | {key: text for key, text in texts.items() if text}


def named(*names: str) -> list[Cycle]:
    """Return cycles with these names, a year apart."""
    return [cycle(name, release=f"{2001 + at}-05-10") for at, name in enumerate(names)]


DJANGO = [
    cycle("3.0", release="2019-12-02", eoas="2020-08-03", eol="2021-04-06"),
    cycle("3.1", release="2020-08-04", eoas="2021-04-05", eol="2021-12-07"),
    cycle("3.2", release="2021-04-06", eoas="2021-12-07", eol="2024-04-01", lts="yes"),
    cycle("4.0", release="2021-12-07", eoas="2022-08-03", eol="2023-04-01"),
    cycle("4.1", release="2022-08-03", eoas="2023-04-01", eol="2023-12-01"),
    cycle("4.2", release="2023-04-03", eoas="2023-12-04", eol="2026-04-30", lts="yes"),
    cycle("5.0", release="2023-12-04", eoas="2024-08-07", eol="2025-04-02"),
    cycle("5.1", release="2024-08-07", eoas="2025-04-02", eol="2025-12-03"),
    cycle("5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes"),
    cycle("6.0", release="2025-12-03", eoas="2026-08-04", eol="2027-04-30"),
    cycle("6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31"),
]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("3.0 3.1 3.2 4.0 4.1 4.2 5.0 5.1 5.2", "6.0"),
        ("5.0 5.1 5.2 6.0 6.1", "6.2"),
        ("3.12 3.13 3.14", "3.15"),
        ("2.7 3.8 3.9", "3.10"),
        ("16 17 18", "19"),
        ("5.0 6.0 7.0", "8.0"),
        ("7.0 7.2 7.4 8.0 8.2", "8.4"),
        ("9.6 10 11", "12"),
        ("cos-117 cos-121 cos-125", "cos-129"),
        ("galaxy-a10 galaxy-a11", "galaxy-a12"),
        ("1.08 1.09", "1.10"),
        ("7.0-lts 8.0-lts 9.0-lts", "10.0-lts"),
        ("1", "2"),
        ("rolling", ""),
        ("9" * 100, ""),
    ],
)
def test_next_name_continues_the_count(names: str, expected: str) -> None:
    """The steps and line lengths of the product's earlier names apply."""
    projection = next_cycle(named(*names.split()))
    assert projection
    assert projection.name == expected


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        ("22.10=2022-10-20 23.04=2023-04-20 23.10=2023-10-12 24.04=2024-04-25", "24.10 2024-10"),
        ("23.04=2023-04-20 23.10=2023-10-12 24.04=2024-04-25 24.10=2024-10-10", "25.04 2025-04"),
        ("2025.12=2025-12-09 2026.2=2026-02-24", "2026.4 2026-04"),
        ("2028=2028-01 2029=2029-01 2030=2030-01", "2031 2031-01"),
        ("2019=2018-10 2022=2021-10 2025=2024-10", "2028 2027-10"),  # a year ahead: counted
    ],
)
def test_names_follow_the_calendar(releases: str, expected: str) -> None:
    pairs = (pair.split("=") for pair in releases.split())
    found = proposed(next_cycle([cycle(name, release=day) for name, day in pairs]))
    assert f"{found['name']} {found['release']}" == expected


def test_every_third_django_is_an_lts() -> None:
    """6.2 comes eight months after 6.1, with the support of earlier LTS cycles."""
    assert proposed(next_cycle(DJANGO)) == {
        "name": "6.2",
        "release": "2027-04",
        "lts": "yes",
        "eoas": "2027-12",
        "eol": "2030-04",
    }


def test_cycle_after_an_lts_is_no_lts() -> None:
    """It has the shorter support of its kind."""
    found = next_cycle(DJANGO[:9])
    assert proposed(found) == {
        "name": "6.0",
        "release": "2025-12",
        "eoas": "2026-08",
        "eol": "2027-04",
    }
    assert found
    assert (found.gap, found.after, found.like) == (8, "5.2", ("5.1", "5.0", "4.1", "4.0", "3.1"))


def test_existing_names_are_skipped() -> None:
    """The successor of 5.0 exists, so the proposal follows the newest cycle of its kind."""
    assert proposed(next_cycle(DJANGO, "5.0")) == proposed(next_cycle(DJANGO))
    assert proposed(next_cycle([*DJANGO, cycle("2028", release="2028-01")], "6.1"))["name"] == "6.2"


def test_newest_cycle_is_the_one_released_last() -> None:
    """The order of names does not matter: Django's year names follow 6.2."""
    years = [cycle(str(year), release=f"{year}-01") for year in (2028, 2029)]
    assert proposed(next_cycle([*years, *DJANGO]))["name"] == "2030"


def test_lts_start_and_extended_end_keep_their_distance() -> None:
    like = [
        cycle("1", release="2020-04", lts="2020-10", eol="2022-04", eoes="2025-04"),
        cycle("2", release="2022-04", lts="2022-10", eol="2024-04", eoes="2027-04"),
    ]
    assert proposed(next_cycle(like)) == {
        "name": "3",
        "release": "2024-04",
        "lts": "2024-10",
        "eol": "2026-04",
        "eoes": "2029-04",
    }


def test_unknown_dates_are_not_projected() -> None:
    """Without dates the next cycle is not released, and its milestones are not announced."""
    assert proposed(next_cycle([cycle("1", eol="no"), cycle("2", eol="2020")])) == {
        "name": "3",
        "release": "no",
        "eol": "no",
    }
    assert next_cycle([]) is None
    assert next_cycle(DJANGO, "7.7") is None


def test_projection_is_no_more_precise_than_the_product() -> None:
    """Years lead to years, regardless of the months of other milestones."""
    years = [cycle("1", release="2020", eol="2022-06"), cycle("2", release="2022", eol="2024-06")]
    assert proposed(next_cycle(years)) == {"name": "3", "release": "2024", "eol": "2026"}


def test_projection_stays_within_the_calendar() -> None:
    """An end in the year 9999 stands for "never"."""
    never = [cycle("1", release="2020", eol="9999-12-31"), cycle("2", release="2021", eol="9999")]
    assert proposed(next_cycle(never))["eol"] == "9999"


_names = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,2}", fullmatch=True) | st.text(
    "0123456789.v-abé² ", min_size=1, max_size=9
)
_cycles = st.lists(st.builds(Cycle, _names, lives), max_size=9, unique_by=lambda each: each.name)


@given(_cycles, st.data())
def test_proposal_is_always_valid(cycles: list[Cycle], data: st.DataObject) -> None:
    """Its name is new or empty, and its dates are in order.

    The order of the cycles does not matter.
    """
    after = data.draw(st.sampled_from(["", *(each.name for each in cycles)]))
    found = next_cycle(cycles, after)
    assert (found is None) == (not cycles)
    if found:
        assert found.name not in {each.name for each in cycles}
        assert not found.name or not bad_cycle_name(found.name)
        assert order_errors(found.lifecycle) == []
    assert next_cycle(data.draw(st.permutations(cycles)), after) == found


@pytest.mark.catalogue
def test_every_product_of_the_catalogue_has_a_next_cycle() -> None:
    """The test projects from every cycle of the 60 real products and the bundled ones."""
    for path in [*sorted((CATALOGUE / "products").glob("*.md")), *sorted(BUNDLED.glob("*.md"))]:
        cycles = read_product(path.read_text(), path.name).cycles
        for after in ("", *(each.name for each in cycles)):
            found = next_cycle(cycles, after)
            assert found, path
            assert found.name not in {each.name for each in cycles}
            assert order_errors(found.lifecycle) == [], path
