"""Advice on which cycle to use."""

from releases.domain.upgrade.advice import Advice, advise
from tests.conftest import ON
from tests.lifecycles import COMMERCIAL, FREE, NamedCycle, make_lifecycle, named_cycle

PLANNED = named_cycle("6.2", release="2027-04", eol="2030-04", lts="yes")
FAR = named_cycle("2028", release="2028-01")
ACTIVE = named_cycle("6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
SECURITY = named_cycle("6.0", release="2025-12-03", eoas="2026-08-04", eol="2027-04-30")
LTS = named_cycle("5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
OLD_LTS = named_cycle("4.2", release="2023-04-03", eol="2026-04-07", lts="yes")


def names(advice: Advice[NamedCycle]) -> tuple[str | None, ...]:
    found = (advice.newest, advice.long_term, advice.planned)
    return tuple(each.name if each else None for each in found)


def test_newest_lts_and_next_cycle_are_advised() -> None:
    """The advice is the newest active cycle, the LTS that lasts longer, and the next one."""
    assert names(advise([FAR, PLANNED, ACTIVE, SECURITY, LTS, OLD_LTS], ON)) == (
        "6.1",
        "5.2",
        "6.2",
    )


def test_newest_cycle_that_is_an_lts_is_advised_once() -> None:
    newest = named_cycle("26.04", release="2026-04-23", eol="2031-04-30", lts="yes")
    assert names(advise([newest, LTS], ON)) == ("26.04", None, None)


def test_lts_that_ends_before_the_newest_is_not_advised() -> None:
    newest = named_cycle("7", release="2026-01-01", eol="no")
    assert names(advise([newest, LTS], ON)) == ("7", None, None)


def test_future_lts_is_not_advised() -> None:
    """A cycle that becomes an LTS later is not one on the day."""
    later = named_cycle("26", release="2025-01-01", eol="2030-01-01", lts="2027-01-01")
    assert names(advise([ACTIVE, later], ON)) == ("6.1", None, None)


def test_newest_cycle_with_security_fixes_is_the_fallback() -> None:
    """No cycle has active support."""
    extended = named_cycle("3", eol="2025-01-01", eoes="no")
    assert names(advise([extended, SECURITY], ON)) == ("6.0", None, None)


def test_extended_support_is_advised_only_where_it_is_free() -> None:
    milestones = {"eol": "2025-01-01", "eoes": "no"}
    extended, free = (
        NamedCycle("3", make_lifecycle(**milestones)),
        NamedCycle("3", make_lifecycle(FREE, **milestones)),
    )
    commercial = NamedCycle("3", make_lifecycle(COMMERCIAL, **milestones))
    assert names(advise([OLD_LTS, extended], ON)) == (None, None, None)
    assert names(advise([OLD_LTS, commercial], ON)) == (None, None, None)
    assert names(advise([OLD_LTS, free], ON)) == ("3", None, None)
    assert names(advise([free, SECURITY], ON)) == ("6.0", None, None)


def test_nothing_is_advised_without_supported_cycles() -> None:
    assert names(advise([OLD_LTS], ON)) == (None, None, None)
    assert names(advise([], ON)) == (None, None, None)
