"""Milestones as lifecycle properties of CycloneDX."""

from __future__ import annotations

import pytest

from releases.domain.cyclonedx import (
    END_OF_GUARANTEED_SUPPORT,
    END_OF_SUPPORT,
    PREFIX,
    milestones_of,
    properties_of,
    replaced_by,
)
from releases.domain.lifecycle.extended_support import NOT_RECORDED
from tests.lifecycles import COMMERCIAL, FREE, make_lifecycle


def properties(**milestones: str) -> dict[str, str]:
    """Return the properties without their prefix; the terms of extended support do not matter."""
    found, *others = (
        properties_of(make_lifecycle(terms, **milestones))
        for terms in (NOT_RECORDED, FREE, COMMERCIAL)
    )
    assert others == [found, found]
    return {name.removeprefix(PREFIX): value for name, value in found.items()}


def test_dates_of_a_cycle() -> None:
    found = properties(release="2025-04-02", lts="2025-04-02", eoas="2025-12-03", eol="2028-04-30")
    assert found == {
        "generalAvailability": "2025-04-02",
        "endOfDevelopment": "2025-12-03",
        "endOfSupport": "2028-04-30",
    }


@pytest.mark.parametrize(
    ("eol", "eoes", "guaranteed", "end"),
    [
        ("2028-04-30", "", None, "2028-04-30"),
        ("2028-04-30", "2030-04-30", "2028-04-30", "2030-04-30"),
        ("2028-04-30", "2028-04-30", None, "2028-04-30"),
        ("2028-04-30", "2028", "2028-04-30", None),
        ("2028-04-30", "no", "2028-04-30", None),
        ("2028-04-30", "yes", "2028-04-30", None),
        ("2028-04", "2030-04-30", None, "2030-04-30"),
        ("yes", "2030-04-30", None, "2030-04-30"),
        ("", "2030-04-30", None, "2030-04-30"),
        ("no", "2030-04-30", None, None),
        ("2028-Q2", "", None, None),
        ("no", "", None, None),
        ("yes", "", None, None),
        ("", "", None, None),
    ],
)
def test_end_of_support_is_the_last_of_all_support(
    eol: str, eoes: str, guaranteed: str | None, end: str | None
) -> None:
    wanted = {"endOfGuaranteedSupport": guaranteed, "endOfSupport": end}
    found = properties(eol=eol, eoes=eoes)
    assert found == {name: value for name, value in wanted.items() if value}


def test_end_of_life_is_never_written() -> None:
    """In CycloneDX it is the end of sale."""
    life = make_lifecycle(eol="2020-01-01", eoes="2022-01-01", discontinued="2019-01-01")
    names = properties_of(life)
    assert f"{PREFIX}endOfLife" not in names
    assert names[f"{PREFIX}endOfMarketing"] == "2019-01-01"


def test_dates_that_are_not_exact_are_left_out() -> None:
    life = make_lifecycle(release="2025-04", eoas="2025-Q4", eol="2028", discontinued="2027-01-01")
    assert len(milestones_of(life)) - len(properties_of(life)) == 3


def test_both_ends_of_support_are_replaced_together() -> None:
    both = {END_OF_SUPPORT, END_OF_GUARANTEED_SUPPORT}
    assert set(replaced_by({END_OF_SUPPORT: "2028-04-30"})) == both
    assert set(replaced_by({f"{PREFIX}endOfDevelopment": "x"})) == {f"{PREFIX}endOfDevelopment"}
