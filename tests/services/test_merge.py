"""The three-way merge: unedited values follow the source, local edits stay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.latest import newer
from releases.domain.lifecycle.milestones import MILESTONES, parse_milestone
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.services.imports.merge import (
    NO_CHOICES,
    Bases,
    LatestValue,
    Merged,
    MergePlan,
    merge,
    merge_cycle,
    merge_order,
    merge_product,
    positions,
)
from releases.services.imports.store import EMPTY_BASE
from releases.services.imports.values import SourceValues

Values = dict[str, Any]

FIELDS = ("label", "stale_days", "custom")
CUSTOM = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))
VALUES = st.fixed_dictionaries(
    {"label": st.sampled_from("xyz"), "stale_days": st.none() | st.integers(0, 2), "custom": CUSTOM}
)
TEXTS = st.sampled_from(("", "yes", "no", "2027-06-30", "2028-01-01", "2028-01", "2028", "2029-Q1"))
NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True)


def legal(values: Values) -> bool:
    """Return True if the database accepts the order of the milestones."""
    life = Lifecycle.of({name: parse_milestone(values[name]) for name in MILESTONES})
    return not order_errors(life)


LIVES = st.fixed_dictionaries(dict.fromkeys(MILESTONES, TEXTS)).filter(legal)


def after(here: Values, merged: Merged) -> Values:
    return here | merged.changes


@given(base=VALUES, incoming=VALUES)
def test_unedited_values_follow_the_source(base: Values, incoming: Values) -> None:
    """Without edits the result equals the incoming values."""
    merged = merge(base, base, incoming)
    assert after(base, merged) == incoming
    assert not merged.local_edits


@given(base=VALUES, here=VALUES, incoming=VALUES)
def test_edited_values_stay(base: Values, here: Values, incoming: Values) -> None:
    """A local edit is reported where the source differs."""
    merged = merge(base, here, incoming)
    result = after(here, merged)
    for name in ("label", "stale_days"):
        edited = here[name] != base[name]
        assert result[name] == (here[name] if edited else incoming[name])
        assert (name in merged.local_edits) == (edited and here[name] != incoming[name])


@given(base=VALUES, here=VALUES, incoming=VALUES)
def test_custom_fields_are_merged_one_by_one(base: Values, here: Values, incoming: Values) -> None:
    """An edit of one field does not stop the others from following the source."""
    merged = merge(base, here, incoming)
    result = after(here, merged)["custom"]
    for key in "abc":
        mine, theirs = here["custom"].get(key), incoming["custom"].get(key)
        edited = mine != base["custom"].get(key)
        assert result.get(key) == (mine if edited else theirs)
    assert ("custom" in merged.local_edits) == (result != incoming["custom"])


@given(base=VALUES, here=VALUES, incoming=VALUES)
def test_second_merge_changes_nothing(base: Values, here: Values, incoming: Values) -> None:
    """It reports the same local edits."""
    merged = merge(base, here, incoming)
    again = merge(incoming, after(here, merged), incoming)
    assert again == Merged({}, merged.local_edits)


@given(base=VALUES, incoming=VALUES)
def test_plan_contains_only_changed_values(base: Values, incoming: Values) -> None:
    changes = merge(base, base, incoming).changes
    assert set(changes) == {name for name in FIELDS if base[name] != incoming[name]}


@given(here=VALUES, incoming=VALUES)
def test_values_without_a_base_stay(here: Values, incoming: Values) -> None:
    """Without a previous import nothing is imported, and all differences are reported."""
    merged = merge(None, here, incoming)
    assert not merged.changes
    assert set(merged.local_edits) == {name for name in FIELDS if here[name] != incoming[name]}


def test_value_missing_in_the_base_follows_the_source() -> None:
    """A column that a newer version of this project added has not been edited."""
    assert merge({}, {"icon": ""}, {"icon": "acme"}) == Merged({"icon": "acme"})


def test_value_missing_in_the_source_stays() -> None:
    assert merge({"featured": 1}, {"featured": 2}, {}) == Merged()


@given(base=LIVES, here=LIVES, incoming=LIVES)
def test_merged_milestones_are_in_order(base: Values, here: Values, incoming: Values) -> None:
    """The database accepts every result."""
    assert legal(after(here, merge_cycle(base, here, incoming)))


@given(base=LIVES, here=LIVES, incoming=LIVES)
def test_milestones_are_merged_where_they_fit(base: Values, here: Values, incoming: Values) -> None:
    """Either all of them are merged, or all stay and the rejected changes are reported."""
    simple, merged = merge(base, here, incoming), merge_cycle(base, here, incoming)
    if legal(after(here, simple)):
        assert merged == simple
    else:
        assert not merged.changes
        assert set(merged.local_edits) == {*simple.local_edits, *simple.changes}


def test_milestone_conflict_does_not_block_other_values() -> None:
    """An end that was moved forward here blocks the dates of the source but not its texts."""
    base = dict.fromkeys(MILESTONES, "") | {
        "eoas": "2027-01-01",
        "eol": "2028-01-01",
        "latest": "1",
    }
    here = base | {"eol": "2027-03-01"}
    incoming = base | {"release": "2020-01-01", "eoas": "2027-06-30", "latest": "2"}
    merged = merge_cycle(base, here, incoming)
    assert merged.changes == {"latest": "2"}
    assert set(merged.local_edits) == {"release", "eoas", "eol"}


@given(base=NAMES, incoming=NAMES)
def test_unedited_order_follows_the_source(base: list[str], incoming: list[str]) -> None:
    order = merge_order(base, base, incoming)
    assert [name for name in order if name in incoming] == incoming


@given(base=NAMES, here=NAMES, incoming=NAMES)
def test_every_cycle_of_both_sides_has_one_position(
    base: list[str], here: list[str], incoming: list[str]
) -> None:
    assert sorted(merge_order(base, here, incoming)) == sorted({*here, *incoming})


@given(base=NAMES, here=NAMES, incoming=NAMES)
def test_edited_order_stays(base: list[str], here: list[str], incoming: list[str]) -> None:
    moved = [n for n in base if n in here] != [n for n in here if n in base]
    order = merge_order(base, here, incoming)
    if moved:
        assert [name for name in order if name in here] == here


@given(base=NAMES, here=NAMES, incoming=NAMES)
def test_second_merge_keeps_the_order(
    base: list[str], here: list[str], incoming: list[str]
) -> None:
    order = merge_order(base, here, incoming)
    assert merge_order(incoming, order, incoming) == order


@pytest.mark.parametrize(
    ("base", "here", "incoming", "expected"),
    [
        ("ba", "ba", "cba", "cba"),  # a new one on top
        ("ba", "ba", "bca", "bca"),  # in the middle
        ("cba", "cba", "ca", "cba"),  # one vanished
        ("ba", "xba", "cba", "cxba"),  # one was made here, on top
        ("ba", "bax", "bca", "bcax"),  # at the bottom
        ("ba", "ba", "ab", "ab"),  # turned round in the source
        ("ba", "ab", "cba", "acb"),  # turned round here
        ("", "", "ba", "ba"),
        ("ba", "", "ba", "ba"),
    ],
)
def test_new_cycle_precedes_its_next_neighbour(
    base: str, here: str, incoming: str, expected: str
) -> None:
    assert "".join(merge_order(base, here, incoming)) == expected


@given(order=NAMES, numbers=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-9, 9)))
def test_positions_increase_with_the_order(order: list[str], numbers: dict[str, int]) -> None:
    current = {name: number for name, number in numbers.items() if name in order}
    places = positions(order, current)
    assert set(places) == set(order)
    assert sorted(order, key=places.__getitem__) == order
    assert len(set(places.values())) == len(order)


@pytest.mark.parametrize("order", ["ba", "cba", "dcba", "bac", "cbad"])
def test_new_cycle_at_either_end_moves_no_other(order: str) -> None:
    """The usual import, a new cycle at the top, writes one row."""
    current = {"b": 4, "a": 7}
    places = positions(order, current)
    assert {name: places[name] for name in current} == current


def test_ordered_positions_stay_with_their_gaps() -> None:
    current = {"c": -3, "b": 0, "a": 12}
    assert positions("cba", current) == current


# ---- two kinds of sources

MAYBE = st.none() | VALUES


def merged_of(bases: Bases, here: Values, incoming: Values) -> Merged:
    return merge(bases.of(here), here, bases.mergeable(here, incoming))


@given(base=VALUES, here=VALUES, incoming=VALUES, yields=st.booleans())
def test_single_source_is_its_own_base(
    base: Values, here: Values, incoming: Values, yields: bool
) -> None:
    """No value is held back."""
    bases = Bases(base, None, yields)
    assert merged_of(bases, here, incoming) == merge(base, here, incoming)


@given(mine=MAYBE, other=MAYBE, here=VALUES, incoming=VALUES, yields=st.booleans())
def test_value_of_no_source_is_an_edit(
    mine: Values | None, other: Values | None, here: Values, incoming: Values, yields: bool
) -> None:
    """It stays for every source."""
    result = after(here, merged_of(Bases(mine, other, yields), here, incoming))
    for name in ("label", "stale_days"):
        if all(base is None or base[name] != here[name] for base in (mine, other)):
            assert result[name] == here[name]


@given(mine=VALUES, other=VALUES, incoming=VALUES)
def test_value_of_the_other_source_stays_until_this_source_changes(
    mine: Values, other: Values, incoming: Values
) -> None:
    """It is never reported as an edit. For a source that yields it always stays."""
    for yields in (False, True):
        merged = merged_of(Bases(mine, other, yields), other, incoming)
        result = after(other, merged)
        assert not merged.local_edits
        for name in ("label", "stale_days"):
            held = other[name] != mine[name] and (yields or incoming[name] == mine[name])
            assert result[name] == (other[name] if held else incoming[name])


def test_cycle_of_neither_source_has_no_base() -> None:
    assert Bases(None, None).of({"label": "x"}) is None


# ---- the latest release and its date as one value

PAIRS = st.builds(
    LatestValue,
    st.sampled_from(("", "1.0.1", "1.0.2", "1.0.10")),
    st.sampled_from(("", "2026-01-01", "2026-02-01", "2026-03-01")),
)


def values_with_latest(pair: LatestValue) -> Values:
    """Return the values of a cycle with this latest release."""
    return dict.fromkeys(MILESTONES, "") | {"latest": pair.version, "latest_date": pair.day}


def base(pair: LatestValue | None) -> Values:
    """Return the last values of a source, with no cycles for None."""
    return EMPTY_BASE | (
        {"cycles": {"1.0": values_with_latest(pair)}, "order": ["1.0"]} if pair else {}
    )


def merged_latest(
    mine: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    other: LatestValue | None = None,
    **options: Any,
) -> LatestValue:
    """Return the latest release that a merge produces."""
    plan = plan_of(mine, here, incoming, other, **options)
    values = values_with_latest(here) | plan.cycles["1.0"]
    return LatestValue(values["latest"], values["latest_date"])


def plan_of(
    mine: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    other: LatestValue | None = None,
    **options: Any,
) -> MergePlan:
    now, then = (SourceValues({}, {"1.0": values_with_latest(pair)}) for pair in (here, incoming))
    given: dict[str, Any] = {"yields": False, "choices": NO_CHOICES} | options
    return merge_product(now, then, base(mine), base(other), **given)


@given(
    mine=st.none() | PAIRS,
    other=st.none() | PAIRS,
    here=PAIRS,
    incoming=PAIRS,
    yields=st.booleans(),
    takes_back=st.booleans(),
)
def test_version_keeps_its_own_date(
    mine: LatestValue | None,
    other: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    yields: bool,
    takes_back: bool,
) -> None:
    """A merge takes version and date of the latest release from one side."""
    found = merged_latest(mine, here, incoming, other, yields=yields, takes_back=takes_back)
    assert found in (here, incoming)


@given(
    mine=st.none() | PAIRS,
    other=st.none() | PAIRS,
    here=PAIRS,
    incoming=PAIRS,
    yields=st.booleans(),
)
def test_newer_release_wins(
    mine: LatestValue | None,
    other: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    yields: bool,
) -> None:
    """A source without news does not win, and a source may withdraw its own release."""
    found = merged_latest(mine, here, incoming, other, yields=yields)
    if incoming != mine and newer(incoming.version, here.version):
        assert found == incoming
    if here != mine and newer(here.version, incoming.version):
        assert found == here


@given(mine=PAIRS, here=PAIRS)
def test_edited_release_stays_while_the_source_is_unchanged(
    mine: LatestValue, here: LatestValue
) -> None:
    """An editor can lower a wrong release, which is then reported as a local edit."""
    plan = plan_of(mine, here, mine)
    assert not plan.changes
    assert list(plan.local_edits) == (["latest of 1.0"] if here != mine else [])


@given(mine=PAIRS, incoming=PAIRS)
def test_only_the_source_of_a_release_can_withdraw_it(
    mine: LatestValue, incoming: LatestValue
) -> None:
    assert merged_latest(mine, mine, incoming) == incoming
    found = merged_latest(mine, mine, incoming, takes_back=False)
    assert not newer(mine.version, found.version)


@given(mine=PAIRS, here=PAIRS, incoming=PAIRS)
def test_accepted_release_brings_version_and_date(
    mine: LatestValue, here: LatestValue, incoming: LatestValue
) -> None:
    choices = {"latest of 1.0": True}
    assert merged_latest(mine, here, incoming, choices=choices) == incoming
