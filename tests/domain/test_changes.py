"""Public history: visible periods of a row, and dates that moved in public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from releases.domain.history.changes import (
    Change,
    ChangeKind,
    LifecycleChange,
    Move,
    PublicState,
    Version,
    Visibility,
    announcement,
    first_moment,
    last_public_change,
    lifecycle_changes,
    moves,
    public_changes,
    public_history,
)
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, Precision
from releases.domain.lifecycle.status import Lifecycle
from tests.domain.strategies import partial_dates
from tests.lifecycles import make_lifecycle

START = date(2026, 1, 1)
TODAY = date(2026, 1, 31)
LAST = Visibility(datetime(2026, 12, 31, tzinfo=UTC))


def at(day: int, hour: int = 12) -> datetime:
    """Return a time in January."""
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def version(day: int, eol: str, *, deleted: bool = False) -> Version:
    return Version(at(day), lifecycle=make_lifecycle(eol=eol), deleted=deleted)


def draft(day: int, eol: str, publish_on: int | None = None) -> Version:
    due = publish_on and date(2026, 1, publish_on)
    return Version(at(day), True, due or None, lifecycle=make_lifecycle(eol=eol))


def public_moves(
    *versions: Version, product: Sequence[Visibility] = ()
) -> list[tuple[datetime, str]]:
    """Return the times of public moves of the end of security support, with its new values."""
    shown = public_history(versions, product, TODAY)
    return [(move.at, str(move.new)) for move in moves(public_changes(shown)["eol"])]


# ---- the usual case


def test_public_date_is_moved() -> None:
    assert public_moves(version(1, "2028-04"), version(2, "2028-05-31")) == [(at(2), "31 May 2028")]


def test_first_public_date_is_no_move() -> None:
    """Moves before the publication do not count."""
    assert public_moves(draft(1, "2028"), draft(2, "2029"), version(3, "2030")) == []


def test_move_inside_a_draft_is_not_public() -> None:
    """The step between the public dates before and after the draft counts, at its publication."""
    versions = (version(1, "2028"), draft(2, "2029"), draft(3, "2030"), version(4, "2031"))
    assert public_moves(*versions) == [(at(4), "2031")]
    assert public_moves(*versions[:-1]) == []
    assert public_moves(*versions[:-1], version(4, "2028")) == []


def test_draft_is_published_at_midnight() -> None:
    """No row of history records the publication."""
    versions = [version(1, "2028"), draft(2, "2029", publish_on=31)]
    assert public_moves(*versions) == [(at(31, 0), "2029")]
    assert public_history(versions, (), date(2026, 1, 30))[-1].until == at(2)


def test_draft_is_changed_before_its_publication() -> None:
    versions = (version(1, "2028"), draft(2, "2029", publish_on=20), version(3, "2030"))
    assert public_moves(*versions) == [(at(3), "2030")]


def test_published_draft_is_edited() -> None:
    versions = (draft(2, "2029", publish_on=5), draft(8, "2030", publish_on=5))
    assert public_moves(*versions) == [(at(8), "2030")]


def test_row_is_deleted_and_restored() -> None:
    versions = (version(1, "2028"), version(2, "2028", deleted=True), version(3, "2029"))
    assert public_moves(*versions) == [(at(3), "2029")]
    assert [each.until for each in public_history(versions, (), TODAY)] == [at(2), None]


def test_move_in_a_draft_product_is_public_when_the_product_is_published() -> None:
    product = [Visibility(at(1)), Visibility(at(5), draft=True), Visibility(at(9))]
    versions = (version(1, "2028"), version(6, "2029"), version(7, "2030"))
    assert public_moves(*versions, product=product) == [(at(9), "2030")]
    product[-1] = Visibility(at(6, 0), draft=True, publish_on=date(2026, 1, 20))
    assert public_moves(*versions, product=product) == [(at(20, 0), "2030")]


def test_product_had_its_first_known_state_before_its_history() -> None:
    """A cycle of a draft product is not public, whatever its own time is."""
    assert public_moves(version(1, "2028"), version(2, "2029"), product=[Visibility(at(9))]) != []
    hidden = [Visibility(at(9), draft=True), Visibility(at(10))]
    assert public_moves(version(1, "2028"), version(2, "2029"), product=hidden) == []


def test_unrelated_edit_is_no_move() -> None:
    (shown,) = public_history([version(1, "2028"), version(2, "2028")], (), TODAY)
    assert shown == PublicState(at(1), None, make_lifecycle(eol="2028"))


def changes(*values: tuple[int, str]) -> list[Change]:
    """Return the changes of a milestone, on days of January."""
    return [Change(at(day), _partial(text)) for day, text in values]


def _partial(text: str) -> PartialDate | None:
    found = make_lifecycle(eol=text).eol
    return found if isinstance(found, PartialDate) else None


def test_only_changed_dates_are_moves() -> None:
    """A date that appears, is removed and returns, or becomes more precise, has not moved."""
    found = moves(
        changes(
            (1, ""),
            (2, "2028-04"),
            (3, "2028-04-30"),
            (4, "2028-05-31"),
            (5, ""),
            (6, "2028-05-31"),
            (7, "no"),
            (8, "2028-04-30"),
        )
    )
    assert [(move.at.day, str(move.old), str(move.new)) for move in found] == [
        (4, "30 Apr 2028", "31 May 2028"),
        (8, "31 May 2028", "30 Apr 2028"),
    ]


@given(st.lists(st.none() | partial_dates))
def test_number_of_moves_never_falls(values: list[PartialDate | None]) -> None:
    """It rises whenever the date changes."""
    every = [Change(datetime(2026, 1, 1, tzinfo=UTC), value) for value in values]
    found = moves(every)
    assert moves(every[:-1]) == found[: len(moves(every[:-1]))]
    dates = [value.date for value in values if value]
    assert len(found) == sum(old != new for old, new in pairwise(dates))


def test_move_has_the_previous_date() -> None:
    old, new = PartialDate(date(2028, 4, 1), Precision.MONTH), PartialDate(date(2028, 6, 1))
    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert moves([Change(at, old), Change(at, new)]) == [Move(at, old, new)]


# ---- changes that are reported


def reported(
    *versions: Version, product: Sequence[Visibility] = (Visibility(at(1, 0)),)
) -> list[tuple[datetime, str, str]]:
    """Return the time, kind and new value of each change."""
    found = lifecycle_changes(versions, product, TODAY)
    return [(each.at, each.kind.value, str(each.new)) for each in found]


def test_first_end_is_announced_and_its_removal_is_a_withdrawal() -> None:
    """ "No end announced" equals an empty end. A date that returns is announced again."""
    versions = (version(1, "no"), version(2, "2029-01-01"), version(3, ""), version(4, "2029"))
    assert reported(*versions) == [
        (at(2), "announced", "1 Jan 2029"),
        (at(3), "withdrawn", "None"),
        (at(4), "announced", "2029"),
    ]
    (_, change, _) = lifecycle_changes(versions, (), TODAY)
    assert change == LifecycleChange(
        at(3), ChangeKind.WITHDRAWN, "eol", PartialDate(date(2029, 1, 1)), None
    )


def test_end_without_a_date_is_announced() -> None:
    """It is withdrawn like a date. Its date, once known, is no change."""
    versions = (version(1, "no"), version(2, "yes"), version(3, "2026-01-01"), version(4, "yes"))
    assert reported(*versions, version(5, "")) == [
        (at(2), "announced", "True"),
        (at(5), "withdrawn", "None"),
    ]


def test_more_precise_date_is_no_change() -> None:
    versions = (version(1, "2029-04"), version(2, "2029-04-30"), version(3, "2029-05"))
    assert reported(*versions) == [(at(3), "moved", "May 2029")]


def created(each: Version) -> Version:
    return replace(each, created=True)


ADDED = (at(2), "added", "None")


def test_later_cycle_of_a_product_is_added() -> None:
    """Its first dates are not announced separately."""
    assert reported(created(version(2, "2029"))) == [ADDED]
    changed = (created(version(2, "no")), version(3, "2029"))
    assert reported(*changed) == [ADDED, (at(3), "announced", "2029")]


def test_cycle_created_with_its_product_is_not_added() -> None:
    """The same goes for a cycle or product whose creation is not in the history."""
    cycle = created(version(2, "2029"))
    assert reported(cycle, product=[Visibility(at(2))]) == []
    assert reported(cycle, product=[]) == []
    assert reported(version(2, "2029")) == []


def test_published_draft_is_added_when_it_is_published() -> None:
    """A draft published together with its product is not added."""
    cycle = created(draft(2, "2028"))
    assert reported(cycle) == []
    assert reported(cycle, version(4, "2029")) == [(at(4), "added", "None")]
    assert reported(created(draft(2, "2028", publish_on=9))) == [(at(9, 0), "added", "None")]
    product = [Visibility(at(1), draft=True), Visibility(at(4))]
    assert reported(cycle, version(3, "2029"), product=product) == []
    assert reported(cycle, version(5, "2029"), product=product) == [(at(5), "added", "None")]


def test_restored_cycle_is_not_added_again() -> None:
    versions = (created(version(2, "2028")), version(3, "2028", deleted=True))
    assert reported(*versions, created(version(4, "2029"))) == [ADDED, (at(4), "moved", "2029")]


# ---- any writes

_days = st.integers(0, 29)
_moments = st.tuples(_days, st.integers(0, 23)).map(
    lambda each: first_moment(START + timedelta(days=each[0])) + timedelta(hours=each[1])
)
_due = st.none() | _days.map(lambda day: START + timedelta(days=day))
_lives = st.builds(Lifecycle, eol=st.none() | partial_dates)


def _in_order(each: list[Version]) -> list[Version]:
    return sorted(each, key=lambda version: version.at)


versions_of = st.lists(
    st.builds(Version, _moments, st.just(False), st.none(), st.booleans(), lifecycle=_lives)
    | st.builds(Version, _moments, st.just(True), _due, st.just(False), lifecycle=_lives),
    max_size=6,
).map(_in_order)


def visible_version(
    versions: Sequence[Visibility], moment: datetime, today: date
) -> Visibility | None:
    """Return the version that is public at a time by the rule of `public()`, or None."""
    last = next((each for each in reversed(versions) if each.at <= moment), None)
    if last is None or last.deleted:
        return None
    due = last.publish_on is not None and last.publish_on <= min(today, moment.date())
    return last if not last.draft or due else None


@given(versions_of, versions_of, _moments, _days)
def test_history_equals_the_public_state_at_any_time(
    versions: list[Version], of_product: list[Version], moment: datetime, day: int
) -> None:
    today = START + timedelta(days=day)
    found = [
        each.lifecycle
        for each in public_history(versions, of_product, today)
        if each.at <= moment and (each.until is None or moment < each.until)
    ]
    version = visible_version(versions, moment, today)
    # The first known state of a product extends to the past.
    ever = [replace(each, at=datetime.min.replace(tzinfo=UTC)) for each in of_product[:1]]
    product = visible_version([*ever, *of_product[1:]], moment, today) if of_product else LAST
    expected = [version.lifecycle] if isinstance(version, Version) and product else []
    assert found == expected


@given(versions_of, versions_of)
def test_spans_are_ordered(versions: list[Version], of_product: list[Version]) -> None:
    """None is empty, none overlap, and adjacent ones differ."""
    shown = public_history(versions, of_product, TODAY)
    for before, after in pairwise(shown):
        assert before.until is not None
        assert before.at < before.until <= after.at
        assert before.until < after.at or before.lifecycle != after.lifecycle


@given(versions_of, versions_of)
def test_moves_connect_public_dates(versions: list[Version], of_product: list[Version]) -> None:
    """Both dates were public, at different times."""
    shown = public_history(versions, of_product, TODAY)
    for change in lifecycle_changes(versions, of_product, TODAY):
        assert any(change.at == each.at for each in shown)
    for name, every in public_changes(shown).items():
        assert name in MILESTONES
        for move in moves(every):
            assert move.old.date != move.new.date
            assert any(
                getattr(each.lifecycle, name) == move.old for each in shown if each.at < move.at
            )
            assert any(
                getattr(each.lifecycle, name) == move.new for each in shown if each.at == move.at
            )


# ---- the times of an announcement


def written_daily(*days: str | None) -> list[Change]:
    """Return changes to these dates, one on each day from 1 January."""
    return [
        Change(at(number), PartialDate(date.fromisoformat(day)) if day else None)
        for number, day in enumerate(days, 1)
    ]


def times(*days: str | None) -> tuple[datetime, datetime]:
    written = written_daily(*days)
    day = written[-1].day
    assert day is not None
    found = announcement(day, written, first_moment)
    return found.published, found.updated


def test_announcement_without_a_move_has_the_time_of_its_event() -> None:
    due = first_moment(date(2025, 5, 1))
    assert times("2025-05-01") == (due, due)
    found = announcement(PartialDate(date(2025, 5, 1)), [], first_moment)
    assert (found.published, found.updated, found.move) == (due, due, None)


def test_move_updates_an_announcement() -> None:
    """A move back, or a move after a removal, updates it too."""
    first = first_moment(date(2025, 5, 1))
    assert times("2025-05-01", "2025-06-01") == (first, at(2))
    assert times("2025-05-01", "2025-06-01", "2025-05-01") == (first, at(3))
    assert times("2025-05-01", None, "2025-06-01") == (first, at(3))
    assert times("2025-05-01", None, "2025-05-01") == (first, first)


def test_move_before_the_announcement_is_ignored() -> None:
    due = first_moment(date(2026, 1, 20))
    assert times("2026-01-10", "2026-01-20") == (due, due)


@given(st.lists(partial_dates, min_size=1, max_size=6), partial_dates, st.integers(0, 4000))
def test_publication_time_is_stable(days: list[PartialDate], later: PartialDate, gap: int) -> None:
    """Later moves do not change it, and no update precedes the publication."""
    written = [Change(at(number), day) for number, day in enumerate(days, 1)]
    moved = Change(written[-1].at + timedelta(days=gap, hours=1), later)
    before = announcement(days[-1], written, first_moment)
    after = announcement(later, [*written, moved], first_moment)
    assert before.published <= before.updated
    assert after.published <= after.updated
    if before.updated < moved.at:
        assert after.published == before.published


# ---- the last public change of a product


PUBLIC = [Visibility(at(1))]


def test_every_write_to_a_public_product_is_a_change() -> None:
    assert last_public_change(PUBLIC, [], [], TODAY) == at(1)
    assert last_public_change(PUBLIC, [], [at(3)], TODAY) == at(3)
    cycles = [([version(2, "2028")], [at(4)])]
    assert last_public_change(PUBLIC, cycles, [], TODAY) == at(4)
    gone = [*cycles[0][0], version(5, "2028", deleted=True)]
    assert last_public_change(PUBLIC, [(gone, [])], [], TODAY) == at(5)


def test_write_to_a_draft_is_no_change() -> None:
    """The same goes for its deletion. Its publication is a change, on its day."""
    drafts = [draft(2, "2028"), draft(3, "2029"), version(5, "2029", deleted=True)]
    assert last_public_change(PUBLIC, [(drafts, [at(4)])], [], TODAY) == at(1)
    due = [draft(2, "2028", publish_on=10)]
    assert last_public_change(PUBLIC, [(due, [at(4)])], [], TODAY) == first_moment(
        date(2026, 1, 10)
    )
    assert last_public_change(PUBLIC, [(due, [])], [], date(2026, 1, 9)) == at(1)


def test_draft_product_hides_its_rows() -> None:
    """A product that is never published has no change."""
    hidden = [Visibility(at(1), draft=True)]
    cycles = [([version(2, "2028")], [at(4)])]
    assert last_public_change(hidden, cycles, [at(3)], TODAY) is None
    assert last_public_change([*hidden, Visibility(at(6))], cycles, [at(3)], TODAY) == at(6)
    again = [*PUBLIC, Visibility(at(3), draft=True)]
    assert last_public_change(again, cycles, [at(5)], TODAY) == at(3)
