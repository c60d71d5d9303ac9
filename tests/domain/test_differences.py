"""What differs, and what undoing it means."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.differences import Difference, changed_part, differences, undo

facts = st.dictionaries(st.sampled_from("abc"), st.sampled_from([None, 1, 2]))


def test_what_is_not_there_says_nothing() -> None:
    """As None does, be it a field or a whole row."""
    assert differences({"a": None, "b": 1}, {"b": 1}) == ()
    assert differences(None, {"a": 1, "b": None}) == (Difference("a", None, 1),)
    assert differences({"a": 1}, None) == (Difference("a", 1, None),)


def test_undoing_leaves_what_was_changed_again() -> None:
    """It is named, from what was written to what is there."""
    done = differences({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2, "c": 2})
    undoing = undo(done, {"a": 2, "b": 3, "c": 1})
    assert undoing.changes == (Difference("a", 2, 1),)
    assert undoing.kept == (Difference("b", 2, 3),)


@given(facts, facts)
def test_undoing_the_last_change_gives_what_was_before(
    before: dict[str, object], after: dict[str, object]
) -> None:
    undoing = undo(differences(before, after), after)
    assert undoing.kept == ()
    then = after | {each.field: each.after for each in undoing.changes}
    assert differences(before, then) == ()


@given(facts, facts, facts)
def test_undoing_touches_nothing_that_was_changed_again(
    before: dict[str, object], after: dict[str, object], now: dict[str, object]
) -> None:
    for each in undo(differences(before, after), now).changes:
        assert now.get(each.field) == each.before == after.get(each.field)


def test_short_texts_are_told_whole() -> None:
    assert changed_part("one", "two") == ("one", "two")


def test_of_long_texts_the_part_that_differs() -> None:
    """With a little around it, and not without end."""
    before, after = changed_part("x" * 300 + "old" + "y" * 300, "x" * 300 + "new" + "y" * 300)
    assert before == f"…{'x' * 30}old{'y' * 30}…"
    assert after == f"…{'x' * 30}new{'y' * 30}…"
    assert changed_part("", "z" * 900)[1] == f"{'z' * 200}…"
    assert changed_part("z" * 900, "z" * 901) == (f"…{'z' * 30}", f"…{'z' * 31}")
