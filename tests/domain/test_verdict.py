"""Verdicts: the recommended action for a version on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.latest import Published
from releases.domain.lifecycle.resolver import Resolver
from releases.domain.lifecycle.versions import ReleaseKind
from releases.domain.upgrade.verdict import Answer, Verdict, assess, is_pre_release
from releases.formats.product_files.parser import decode, read_product
from releases.formats.product_files.records import CycleRecord, ProductRecord
from releases.services.imports.import_products import BUNDLED
from tests.conftest import ON, SHARED

TODAY = ON.isoformat()

TABLE = [
    # 5.2 LTS: 2 Apr 2025, active until 3 Dec 2025, security until 30 Apr 2028
    ("django", "5.2", "2025-04-01", Answer.PLANNED, ""),
    ("django", "5.2", "2025-04-02", Answer.UP_TO_DATE, ""),
    ("django", "5.2", "2025-04-03", Answer.UP_TO_DATE, ""),
    ("django", "5.2.1", "2025-06-03", Answer.UP_TO_DATE, ""),
    ("django", "5.2.1", "2025-06-04", Answer.PATCH, "5.2.2"),
    ("django", "5.2.8", "2025-12-02", Answer.PATCH, "5.2.9"),
    ("django", "5.2.9", "2025-12-03", Answer.NEWER, ""),
    ("django", "5.2.9", "2025-12-04", Answer.SECURITY_ONLY, ""),
    ("django", "5.2.1", TODAY, Answer.SECURITY_ONLY, "5.2.19"),
    ("django", "5.2.19", TODAY, Answer.SECURITY_ONLY, ""),
    ("django", "5.2.19", "2027-12-31", Answer.SECURITY_ONLY, ""),
    ("django", "5.2.19", "2028-01-01", Answer.ENDS_SOON, ""),
    ("django", "5.2.19", "2028-04-30", Answer.ENDS_SOON, ""),
    ("django", "5.2.19", "2028-05-01", Answer.UNSUPPORTED, ""),
    # 4.2 LTS: its last day is that of its last patch, 7 Apr 2026
    ("django", "4.2.29", "2026-04-06", Answer.ENDS_SOON, ""),
    ("django", "4.2.7", "2026-04-07", Answer.ENDS_SOON, "4.2.30"),
    ("django", "4.2.7", "2026-04-08", Answer.UNSUPPORTED, "4.2.30"),
    # 6.0: active until 4 Aug 2026, security until 30 Apr 2027; 6.1 follows on 5 Aug 2026
    ("django", "6.0.7", "2026-08-03", Answer.UP_TO_DATE, ""),
    ("django", "6.0.8", "2026-08-04", Answer.UP_TO_DATE, ""),
    ("django", "6.0.8", "2026-08-05", Answer.SECURITY_ONLY, ""),
    ("django", "6.0.10", "2027-04-30", Answer.ENDS_SOON, ""),
    ("django", "6.0.10", "2027-05-01", Answer.UNSUPPORTED, ""),
    ("django", "6.1", "2026-08-04", Answer.PLANNED, ""),
    ("django", "6.1", "2026-08-05", Answer.UP_TO_DATE, ""),
    ("django", "6.1.2", TODAY, Answer.PATCH, "6.1.3"),
    ("django", "6.1.3", TODAY, Answer.UP_TO_DATE, ""),
    # 6.2 LTS comes in April 2027, which is certain on the last day of it
    ("django", "6.2", "2027-04-29", Answer.PLANNED, ""),
    ("django", "6.2", "2027-04-30", Answer.UP_TO_DATE, ""),
    ("django", "6.1.3", "2027-04-30", Answer.NEWER, ""),
    ("django", "6.1.3", "2027-05-01", Answer.SECURITY_ONLY, ""),
    ("django", "1.11.29", TODAY, Answer.UNSUPPORTED, ""),
    # Python
    ("python", "2.7.18", "2020-01-01", Answer.ENDS_SOON, ""),
    ("python", "2.7.18", "2020-01-02", Answer.UNSUPPORTED, ""),
    ("python", "3.10.21", "2026-10-30", Answer.ENDS_SOON, ""),
    ("python", "3.10.21", "2026-10-31", Answer.ENDS_SOON, ""),
    ("python", "3.10.21", "2026-11-01", Answer.UNSUPPORTED, ""),
    ("python", "3.12.0rc1", TODAY, Answer.SECURITY_ONLY, "3.12.14"),
    ("python", "3.13.15", "2026-09-30", Answer.NEWER, ""),
    ("python", "3.13.15", "2026-10-01", Answer.NEWER, ""),
    ("python", "3.13.15", "2026-10-02", Answer.SECURITY_ONLY, ""),
    ("python", "3.14.0", "2025-10-06", Answer.PLANNED, ""),
    ("python", "3.14.0", "2025-10-07", Answer.UP_TO_DATE, ""),
    ("python", "3.14.0", TODAY, Answer.PATCH, "3.14.7"),
    ("python", "3.14.7", "2026-10-30", Answer.UP_TO_DATE, ""),
    ("python", "3.14.7", TODAY, Answer.NEWER, ""),
    # PostgreSQL, which has one kind of support
    ("postgresql", "13.23", "2025-11-13", Answer.ENDS_SOON, ""),
    ("postgresql", "13.23", "2025-11-14", Answer.UNSUPPORTED, ""),
    ("postgresql", "14.24", "2026-11-11", Answer.ENDS_SOON, ""),
    ("postgresql", "14.24", "2026-11-12", Answer.ENDS_SOON, ""),
    ("postgresql", "14.24", "2026-11-13", Answer.UNSUPPORTED, ""),
    ("postgresql", "15.3", TODAY, Answer.PATCH, "15.19"),
    ("postgresql", "17.11", TODAY, Answer.NEWER, ""),
    ("postgresql", "18", "2025-09-24", Answer.PLANNED, ""),
    ("postgresql", "18.1", TODAY, Answer.PATCH, "18.6"),
    ("postgresql", "18.6", TODAY, Answer.UP_TO_DATE, ""),
    # Ubuntu, which has extended support after the ordinary one
    ("ubuntu", "16.04.7", "2026-04-02", Answer.EXTENDED_ONLY, ""),
    ("ubuntu", "16.04.7", "2026-04-03", Answer.UNSUPPORTED, ""),
    ("ubuntu", "20.04.6", "2025-05-31", Answer.ENDS_SOON, ""),
    ("ubuntu", "20.04.6", "2025-06-01", Answer.EXTENDED_ONLY, ""),
    ("ubuntu", "22.04.5", TODAY, Answer.SECURITY_ONLY, ""),
    ("ubuntu", "22.04.3", "2027-04-01", Answer.ENDS_SOON, "22.04.5"),
    ("ubuntu", "22.04.3", "2027-04-02", Answer.EXTENDED_ONLY, "22.04.5"),
    ("ubuntu", "24.04.4", TODAY, Answer.NEWER, ""),
    ("ubuntu", "25.10", "2026-07-01", Answer.ENDS_SOON, ""),
    ("ubuntu", "25.10", "2026-07-02", Answer.UNSUPPORTED, ""),
    ("ubuntu", "26.04", "2026-04-22", Answer.PLANNED, ""),
    ("ubuntu", "26.04", "2026-04-23", Answer.UP_TO_DATE, ""),
]


@cache
def product(name: str) -> ProductRecord:
    return read_product(decode((BUNDLED / f"{name}.md").read_bytes()), name)


@cache
def resolver(name: str) -> Resolver[CycleRecord]:
    record = product(name)
    releases = [(each.version, cycle) for cycle in record.cycles for each in cycle.releases]
    return Resolver(record.cycles, [record.name, record.label], releases=releases)


def assess_text(
    text: str, cycles: Sequence[CycleRecord], on: date, releases: Sequence[Published] = ()
) -> Verdict[CycleRecord]:
    return assess(Resolver(cycles).resolve(text, on), cycles, on, releases)


def published(cycle: CycleRecord | None) -> list[Published]:
    return [
        Published(each.version, each.kind, each.date.date if each.date else None)
        for each in (cycle.releases if cycle else ())
    ]


def verdict(name: str, text: str, on: date = ON, *, installed: bool = True) -> Verdict[CycleRecord]:
    found = resolver(name).resolve(text, on)
    cycles, releases = product(name).cycles, published(found.cycle)
    return assess(found, cycles, on, releases, installed=installed)


def names(found: Verdict[CycleRecord]) -> tuple[str, str]:
    """Return the names of the newest and of the long-term upgrade target."""
    return found.newer.name if found.newer else "", found.lts.name if found.lts else ""


@pytest.mark.parametrize(("name", "version", "day", "answer", "patch"), TABLE)
def test_verdict_and_patch_around_each_milestone(
    name: str, version: str, day: str, answer: Answer, patch: str
) -> None:
    """Rows are the day before a milestone, the day itself, and the day after."""
    found = verdict(name, version, date.fromisoformat(day))
    assert (found.answer, found.patch) == (answer, patch)


# ---- notations of versions


@pytest.mark.parametrize(
    ("text", "cycle", "behind", "maybe"),
    [
        ("5.2.1", "5.2", True, False),
        ("5.2.0", "5.2", True, False),
        ("v5.2.1", "5.2", True, False),
        ("Django==5.2.1", "5.2", True, False),
        ("5.2rc1", "5.2", True, False),
        ("5.2", "5.2", False, True),
        ("v5.2", "5.2", False, True),
        ("5.2.x", "5.2", False, True),
        ("5.2.19", "5.2", False, False),
        ("5.2.19.0", "5.2", False, False),
    ],
)
def test_version_in_any_notation(text: str, cycle: str, behind: bool, maybe: bool) -> None:
    """A cycle name alone means any of its releases, perhaps an old one."""
    found = verdict("django", text)
    assert found.cycle
    assert found.cycle.name == cycle
    assert (found.behind, found.maybe_behind) == (behind, maybe)


@pytest.mark.parametrize("text", ["jammy", "Jammy Jellyfish", "22.04", "Ubuntu 22.04 LTS"])
def test_codename_resolves_to_its_cycle(text: str) -> None:
    found = verdict("ubuntu", text)
    assert found.cycle
    assert found.cycle.name == "22.04"
    assert found.maybe_behind


def test_version_newer_than_the_latest_known_release() -> None:
    assert verdict("django", "5.2.99").ahead
    assert not verdict("django", "5.2.19").ahead


def test_listed_release_newer_than_the_latest_of_its_cycle() -> None:
    """Planned releases do not count."""
    cycles = [
        replace(cycle, latest="5.2.17", latest_date=date(2026, 9, 1))
        for cycle in product("django").cycles
        if cycle.name == "5.2"
    ]
    assert assess_text("5.2.1", cycles, ON, published(cycles[0])).patch == "5.2.19"
    assert assess_text("5.2.1", cycles, date(2026, 9, 1), published(cycles[0])).patch == "5.2.17"
    assert assess_text("5.2.1", cycles, ON).patch == "5.2.17"


def test_distribution_build_is_the_upstream_release() -> None:
    found = verdict("postgresql", "18.6-1")
    assert not found.ahead
    assert found.answer is Answer.UP_TO_DATE


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("django", "5", ("5.2", "5.1", "5.0")),
        ("django", "1.99", ("1.11", "1.10", "1.9")),
        ("python", "3.16", ("3.15", "3.14", "3.13")),
        ("ubuntu", "22", ("22.10", "22.04")),
        ("ubuntu", "jamy jellyfish", ("22.04",)),
    ],
)
def test_suggestions_for_an_unknown_version(name: str, text: str, meant: tuple[str, ...]) -> None:
    """They are the nearest cycles of the same number, or else similar names."""
    found = verdict(name, text)
    assert found.answer is Answer.UNKNOWN
    assert found.meant == meant
    assert found.known == ()


@pytest.mark.parametrize(("text", "ahead"), [("7.0", True), ("xyzzy", False)])
def test_newest_released_cycles_are_the_fallback_suggestions(text: str, ahead: bool) -> None:
    """Planned cycles are left out, since nobody runs them."""
    found = verdict("django", text)
    assert found.meant == ()
    assert found.known == ("6.1", "6.0", "5.2")
    assert found.ahead is ahead


def test_product_without_cycles_has_no_suggestions() -> None:
    found: Verdict[CycleRecord] = assess_text("1.0", [], ON)
    assert (found.answer, found.meant, found.known, found.ahead) == (Answer.UNKNOWN, (), (), False)


# ---- other output


def test_missed_security_releases() -> None:
    """They are newer than the version and published by the day, newest first."""
    found = verdict("django", "5.2.1", date(2025, 9, 3))
    assert [each.version for each in found.missed] == ["5.2.6", "5.2.2"]
    assert verdict("django", "5.2.19").missed == ()
    assert verdict("django", "5.2").missed == ()


def test_security_release_without_a_date_counts() -> None:
    releases = [
        Published("5.2.20", ReleaseKind.SECURITY, None),
        Published("5.2.18", ReleaseKind.SECURITY, date(2026, 10, 6)),
        Published("5.2.19", ReleaseKind.PATCH, date(2026, 11, 3)),
    ]
    found = assess_text("5.2.17", product("django").cycles, ON, releases)
    assert [each.version for each in found.missed] == ["5.2.20", "5.2.18"]


@pytest.mark.parametrize(
    ("version", "targets"),
    [
        ("4.2.7", ("6.1", "5.2")),
        ("5.1", ("6.1", "5.2")),
        ("5.2", ("6.1", "")),
        ("6.0", ("6.1", "")),
        ("6.1", ("", "")),
        ("6.2", ("6.1", "")),
    ],
)
def test_upgrade_targets(version: str, targets: tuple[str, str]) -> None:
    """The targets are the newest cycle and the LTS.

    Only an unreleased version has an older target.
    """
    assert names(verdict("django", version)) == targets


def test_end_is_that_of_security_support() -> None:
    found = verdict("django", "6.1.3")
    assert found.end
    assert found.end.date == date(2027, 12, 31)
    assert found.days_left(ON) == 405
    assert verdict("django", "1.0").days_left(ON) is None


def test_device_has_no_patch_and_no_upgrade_target() -> None:
    found = verdict("django", "5.1.2", installed=False)
    assert found.answer is Answer.UNSUPPORTED
    assert (found.patch, names(found)) == ("", ("", ""))


@pytest.mark.parametrize(
    ("version", "is_one"),
    [("6.2a1", True), ("3.12.0rc1", True), ("6.2", False), ("6.2.1", False), ("5.2-beta", True)],
)
def test_pre_releases(version: str, is_one: bool) -> None:
    assert is_pre_release(version) is is_one


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("version", "answer", "newer"),
    [
        ("3.2.8", Answer.UP_TO_DATE, ""),
        ("3.2.7", Answer.PATCH, ""),
        ("3.1.13", Answer.ENDS_SOON, "3.2"),
        ("3.0.14", Answer.UNSUPPORTED, "3.2"),
        ("2.2.24", Answer.SECURITY_ONLY, "3.2"),
        ("2.1.15", Answer.UNSUPPORTED, "3.2"),
    ],
)
def test_near_end_of_active_support_alone_recommends_no_upgrade(
    version: str, answer: Answer, newer: str
) -> None:
    """In October 2021 the security support of Django 3.2 was not about to end."""
    file = SHARED / "references" / "django-2021.md"
    cycles = read_product(decode(file.read_bytes()), file.stem).cycles
    found = assess_text(version, cycles, date(2021, 10, 15))
    assert (found.answer, names(found)) == (answer, (newer, ""))


@given(st.text(max_size=120))
def test_any_text_has_a_verdict(text: str) -> None:
    found = verdict("django", text)
    assert (found.status(ON) is None) is (found.answer is Answer.UNKNOWN)
