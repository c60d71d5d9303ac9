"""The three-way merge: what nobody edited follows the source, what was edited here stays."""

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
from releases.services.imports.store import NOTHING
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
    """Whether milestones stand in an order that the database takes."""
    life = Lifecycle.of({name: parse_milestone(values[name]) for name in MILESTONES})
    return not order_errors(life)


LIVES = st.fixed_dictionaries(dict.fromkeys(MILESTONES, TEXTS)).filter(legal)


def after(here: Values, merged: Merged) -> Values:
    return here | merged.changes


@given(base=VALUES, incoming=VALUES)
def test_what_nobody_edited_follows_the_source(base: Values, incoming: Values) -> None:
    """Nothing edited: the result is what comes in, and nothing is kept."""
    merged = merge(base, base, incoming)
    assert after(base, merged) == incoming
    assert not merged.local_edits


@given(base=VALUES, here=VALUES, incoming=VALUES)
def test_what_was_edited_stays(base: Values, here: Values, incoming: Values) -> None:
    """Each value is the one from here if it was edited, and reported where the source differs."""
    merged = merge(base, here, incoming)
    result = after(here, merged)
    for name in ("label", "stale_days"):
        edited = here[name] != base[name]
        assert result[name] == (here[name] if edited else incoming[name])
        assert (name in merged.local_edits) == (edited and here[name] != incoming[name])


@given(base=VALUES, here=VALUES, incoming=VALUES)
def test_own_columns_are_merged_one_by_one(base: Values, here: Values, incoming: Values) -> None:
    """An edit of one column does not stop the others from following the source."""
    merged = merge(base, here, incoming)
    result = after(here, merged)["custom"]
    for key in "abc":
        mine, theirs = here["custom"].get(key), incoming["custom"].get(key)
        edited = mine != base["custom"].get(key)
        assert result.get(key) == (mine if edited else theirs)
    assert ("custom" in merged.local_edits) == (result != incoming["custom"])


@given(base=VALUES, here=VALUES, incoming=VALUES)
def test_a_second_merge_changes_nothing(base: Values, here: Values, incoming: Values) -> None:
    """The source being the same, everything stays, and the same is kept."""
    merged = merge(base, here, incoming)
    again = merge(incoming, after(here, merged), incoming)
    assert again == Merged({}, merged.local_edits)


@given(base=VALUES, incoming=VALUES)
def test_only_what_changed_is_to_be_written(base: Values, incoming: Values) -> None:
    """Equal values are no changes."""
    changes = merge(base, base, incoming).changes
    assert set(changes) == {name for name in FIELDS if base[name] != incoming[name]}


@given(here=VALUES, incoming=VALUES)
def test_what_was_made_here_stays_as_it_is(here: Values, incoming: Values) -> None:
    """Without a last import nothing is taken over; the differences are reported."""
    merged = merge(None, here, incoming)
    assert not merged.changes
    assert set(merged.local_edits) == {name for name in FIELDS if here[name] != incoming[name]}


def test_a_value_that_the_last_import_did_not_know_follows_the_source() -> None:
    """A column that came with a newer version of this project was edited by nobody."""
    assert merge({}, {"icon": ""}, {"icon": "acme"}) == Merged({"icon": "acme"})


def test_what_the_source_does_not_say_stays() -> None:
    """Nothing is asked of a value that does not come in."""
    assert merge({"featured": 1}, {"featured": 2}, {}) == Merged()


@given(base=LIVES, here=LIVES, incoming=LIVES)
def test_milestones_come_out_in_order(base: Values, here: Values, incoming: Values) -> None:
    """Whatever was edited here, the database can store the result."""
    assert legal(after(here, merge_cycle(base, here, incoming)))


@given(base=LIVES, here=LIVES, incoming=LIVES)
def test_milestones_are_merged_where_they_fit(base: Values, here: Values, incoming: Values) -> None:
    """Either all of them are merged, or all stay and those that would have moved are reported."""
    simple, merged = merge(base, here, incoming), merge_cycle(base, here, incoming)
    if legal(after(here, simple)):
        assert merged == simple
    else:
        assert not merged.changes
        assert set(merged.local_edits) == {*simple.local_edits, *simple.changes}


def test_milestones_in_the_wrong_order_do_not_hold_up_the_rest() -> None:
    """An end that was brought forward here stops the other dates of the source, not its texts."""
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
def test_the_order_follows_the_source(base: list[str], incoming: list[str]) -> None:
    """Nobody having moved a cycle, those of the source stand as the source has them."""
    order = merge_order(base, base, incoming)
    assert [name for name in order if name in incoming] == incoming


@given(base=NAMES, here=NAMES, incoming=NAMES)
def test_no_name_is_lost_or_doubled(base: list[str], here: list[str], incoming: list[str]) -> None:
    """Every cycle of both sides has one place."""
    assert sorted(merge_order(base, here, incoming)) == sorted({*here, *incoming})


@given(base=NAMES, here=NAMES, incoming=NAMES)
def test_an_order_that_was_edited_stays(
    base: list[str], here: list[str], incoming: list[str]
) -> None:
    """The cycles from here stand in the order that they have here."""
    moved = [n for n in base if n in here] != [n for n in here if n in base]
    order = merge_order(base, here, incoming)
    if moved:
        assert [name for name in order if name in here] == here


@given(base=NAMES, here=NAMES, incoming=NAMES)
def test_a_second_merge_moves_nothing(
    base: list[str], here: list[str], incoming: list[str]
) -> None:
    """The source being the same, the order is."""
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
def test_where_a_new_cycle_goes(base: str, here: str, incoming: str, expected: str) -> None:
    """What only one side has stands before the neighbour that follows it there."""
    assert "".join(merge_order(base, here, incoming)) == expected


@given(order=NAMES, numbers=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-9, 9)))
def test_positions_say_the_order(order: list[str], numbers: dict[str, int]) -> None:
    """Every name gets a number, smaller than that of the next."""
    current = {name: number for name, number in numbers.items() if name in order}
    places = positions(order, current)
    assert set(places) == set(order)
    assert sorted(order, key=places.__getitem__) == order
    assert len(set(places.values())) == len(order)


@pytest.mark.parametrize("order", ["ba", "cba", "dcba", "bac", "cbad"])
def test_new_cycles_at_the_ends_move_nobody(order: str) -> None:
    """The usual import, a new cycle on top, writes one row."""
    current = {"b": 4, "a": 7}
    places = positions(order, current)
    assert {name: places[name] for name in current} == current


def test_a_second_numbering_moves_nobody() -> None:
    """What is in order stays, gaps and all."""
    current = {"c": -3, "b": 0, "a": 12}
    assert positions("cba", current) == current


# ---- two kinds of sources

MAYBE = st.none() | VALUES


def merged_of(bases: Bases, here: Values, incoming: Values) -> Merged:
    return merge(bases.of(here), here, bases.heard(here, incoming))


@given(base=VALUES, here=VALUES, incoming=VALUES, yields=st.booleans())
def test_one_source_alone_is_merged_as_ever(
    base: Values, here: Values, incoming: Values, yields: bool
) -> None:
    """Nothing is held back, and the base is what it said."""
    bases = Bases(base, None, yields)
    assert merged_of(bases, here, incoming) == merge(base, here, incoming)


@given(mine=MAYBE, other=MAYBE, here=VALUES, incoming=VALUES, yields=st.booleans())
def test_what_no_source_said_is_an_edit(
    mine: Values | None, other: Values | None, here: Values, incoming: Values, yields: bool
) -> None:
    """It stays, whichever source speaks."""
    result = after(here, merged_of(Bases(mine, other, yields), here, incoming))
    for name in ("label", "stale_days"):
        if all(base is None or base[name] != here[name] for base in (mine, other)):
            assert result[name] == here[name]


@given(mine=VALUES, other=VALUES, incoming=VALUES)
def test_what_the_other_source_brought_stays_until_this_one_moves(
    mine: Values, other: Values, incoming: Values
) -> None:
    """And is no edit, so never reported; for one that yields it stays even then."""
    for yields in (False, True):
        merged = merged_of(Bases(mine, other, yields), other, incoming)
        result = after(other, merged)
        assert not merged.local_edits
        for name in ("label", "stale_days"):
            held = other[name] != mine[name] and (yields or incoming[name] == mine[name])
            assert result[name] == (other[name] if held else incoming[name])


def test_what_neither_source_knows_was_made_here() -> None:
    """It has no base."""
    assert Bases(None, None).of({"label": "x"}) is None


# ---- the latest release and its day, as one value

PAIRS = st.builds(
    LatestValue,
    st.sampled_from(("", "1.0.1", "1.0.2", "1.0.10")),
    st.sampled_from(("", "2026-01-01", "2026-02-01", "2026-03-01")),
)


def said(pair: LatestValue) -> Values:
    """The values of a cycle with this latest release."""
    return dict.fromkeys(MILESTONES, "") | {"latest": pair.version, "latest_date": pair.day}


def base(pair: LatestValue | None) -> Values:
    """What a source told last; None for nothing."""
    return NOTHING | ({"cycles": {"1.0": said(pair)}, "order": ["1.0"]} if pair else {})


def merged_latest(
    mine: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    other: LatestValue | None = None,
    **options: Any,
) -> LatestValue:
    """The latest release that a merge leaves here."""
    plan = plan_of(mine, here, incoming, other, **options)
    values = said(here) | plan.cycles["1.0"]
    return LatestValue(values["latest"], values["latest_date"])


def plan_of(
    mine: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    other: LatestValue | None = None,
    **options: Any,
) -> MergePlan:
    now, then = (SourceValues({}, {"1.0": said(pair)}) for pair in (here, incoming))
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
def test_a_version_keeps_its_own_day(
    mine: LatestValue | None,
    other: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    yields: bool,
    takes_back: bool,
) -> None:
    """A merge takes the latest release of one side, with the day that it has there."""
    found = merged_latest(mine, here, incoming, other, yields=yields, takes_back=takes_back)
    assert found in (here, incoming)


@given(
    mine=st.none() | PAIRS,
    other=st.none() | PAIRS,
    here=PAIRS,
    incoming=PAIRS,
    yields=st.booleans(),
)
def test_the_newer_release_wins(
    mine: LatestValue | None,
    other: LatestValue | None,
    here: LatestValue,
    incoming: LatestValue,
    yields: bool,
) -> None:
    """Unless the source says nothing new, or takes back what it told of itself."""
    found = merged_latest(mine, here, incoming, other, yields=yields)
    if incoming != mine and newer(incoming.version, here.version):
        assert found == incoming
    if here != mine and newer(here.version, incoming.version):
        assert found == here


@given(mine=PAIRS, here=PAIRS)
def test_an_edited_release_stays_while_the_source_says_the_same(
    mine: LatestValue, here: LatestValue
) -> None:
    """One that is wrong at its source can be lowered here, and is named as kept."""
    plan = plan_of(mine, here, mine)
    assert not plan.changes
    assert list(plan.local_edits) == (["latest of 1.0"] if here != mine else [])


@given(mine=PAIRS, incoming=PAIRS)
def test_only_the_source_that_told_of_a_release_takes_it_back(
    mine: LatestValue, incoming: LatestValue
) -> None:
    assert merged_latest(mine, mine, incoming) == incoming
    found = merged_latest(mine, mine, incoming, takes_back=False)
    assert not newer(mine.version, found.version)


@given(mine=PAIRS, here=PAIRS, incoming=PAIRS)
def test_a_choice_takes_over_version_and_day(
    mine: LatestValue, here: LatestValue, incoming: LatestValue
) -> None:
    choices = {"latest of 1.0": True}
    assert merged_latest(mine, here, incoming, choices=choices) == incoming
