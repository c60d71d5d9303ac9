"""Differences between two versions of a row, and how to revert them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.differences import Difference, changed_part, differences, undo

facts = st.dictionaries(st.sampled_from("abc"), st.sampled_from([None, 1, 2]))


def test_missing_field_or_row_equals_none() -> None:
    assert differences({"a": None, "b": 1}, {"b": 1}) == ()
    assert differences(None, {"a": 1, "b": None}) == (Difference("a", None, 1),)
    assert differences({"a": 1}, None) == (Difference("a", 1, None),)


def test_revert_skips_fields_changed_later() -> None:
    """The result lists them with the written and the current value."""
    done = differences({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2, "c": 2})
    undoing = undo(done, {"a": 2, "b": 3, "c": 1})
    assert undoing.changes == (Difference("a", 2, 1),)
    assert undoing.kept == (Difference("b", 2, 3),)


@given(facts, facts)
def test_revert_of_the_last_change_restores_the_values_before(
    before: dict[str, object], after: dict[str, object]
) -> None:
    undoing = undo(differences(before, after), after)
    assert undoing.kept == ()
    then = after | {each.field: each.after for each in undoing.changes}
    assert differences(before, then) == ()


@given(facts, facts, facts)
def test_revert_keeps_every_field_changed_later(
    before: dict[str, object], after: dict[str, object], now: dict[str, object]
) -> None:
    for each in undo(differences(before, after), now).changes:
        assert now.get(each.field) == each.before == after.get(each.field)


def test_short_texts_are_shown_in_full() -> None:
    assert changed_part("one", "two") == ("one", "two")


def test_long_texts_are_reduced_to_their_difference() -> None:
    """Some context stays around it, and the length is limited."""
    before, after = changed_part("x" * 300 + "old" + "y" * 300, "x" * 300 + "new" + "y" * 300)
    assert before == f"…{'x' * 30}old{'y' * 30}…"
    assert after == f"…{'x' * 30}new{'y' * 30}…"
    assert changed_part("", "z" * 900)[1] == f"{'z' * 200}…"
    assert changed_part("z" * 900, "z" * 901) == (f"…{'z' * 30}", f"…{'z' * 31}")
