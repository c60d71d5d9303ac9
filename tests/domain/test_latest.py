"""The latest release of a cycle on a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.domain.lifecycle.latest import LatestRelease, Published, latest_on, newer
from releases.domain.lifecycle.versions import ReleaseKind, release_key

DAY = date(2026, 11, 21)
NEXT = DAY + timedelta(days=1)
BEFORE = DAY - timedelta(days=30)

VERSIONS = st.integers(0, 30).map(lambda patch: f"5.2.{patch}")
DAYS = st.integers(-60, 60).map(lambda days: DAY + timedelta(days=days))
RELEASES = st.lists(
    st.builds(Published, VERSIONS, st.sampled_from(ReleaseKind), st.none() | DAYS, st.booleans()),
    unique_by=lambda release: release.version,
    max_size=8,
)
TOLD = st.builds(LatestRelease, st.just("") | VERSIONS, st.none() | DAYS)


def patch(version: str, day: date | None, *, exact: bool = True) -> Published:
    return Published(version, ReleaseKind.PATCH, day, exact)


@given(told=TOLD, releases=RELEASES, on=DAYS)
def test_latest_is_the_highest_published_release(
    told: LatestRelease, releases: list[Published], on: date
) -> None:
    found = latest_on(told, releases, on, DAY)
    out = {each.version for each in releases if each.day and each.day <= on}
    out -= {each.version for each in releases if each.kind.pre_release}
    if told.version and told.date and told.date <= on:
        out.add(told.version)
    if found:
        assert found.version in out | {told.version}
        assert not any(newer(each, found.version) for each in out)
        assert found.date is None or found.date <= on
    else:
        assert not out


@given(told=TOLD, releases=RELEASES, on=DAYS, later=DAYS)
def test_latest_never_falls_over_time(
    told: LatestRelease, releases: list[Published], on: date, later: date
) -> None:
    first, last = sorted((on, later))
    found = latest_on(told, releases, first, DAY)
    if found:
        then = latest_on(told, releases, last, DAY)
        assert then
        assert release_key(then.version) >= release_key(found.version)


@given(told=TOLD, releases=RELEASES, on=DAYS, data=st.data())
def test_order_of_the_releases_does_not_matter(
    told: LatestRelease, releases: list[Published], on: date, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(releases))
    assert latest_on(told, releases, on, DAY) == latest_on(told, shuffled, on, DAY)


@given(told=TOLD, releases=RELEASES, on=DAYS)
def test_pre_releases_and_unpublished_releases_are_ignored(
    told: LatestRelease, releases: list[Published], on: date
) -> None:
    """They only supply the date of a latest release that the cycle has without one."""
    if told.version and not told.date:
        told = replace(told, date=DAY)
    out = [each for each in releases if each.day and each.day <= on and not each.kind.pre_release]
    assert latest_on(told, releases, on, DAY) == latest_on(told, out, on, DAY)


def test_older_file_does_not_hide_a_recorded_release() -> None:
    told = LatestRelease("5.2.17", date(2026, 9, 1))
    releases = [patch("5.2.17", date(2026, 9, 1)), patch("5.2.19", date(2026, 11, 3))]
    assert latest_on(told, releases, DAY) == LatestRelease("5.2.19", date(2026, 11, 3))
    assert latest_on(told, releases, date(2026, 11, 2)) == told


def test_announced_release_becomes_the_latest_on_its_day() -> None:
    told, coming = LatestRelease("6.1.3", BEFORE), patch("6.1.4", NEXT)
    assert latest_on(told, [coming], DAY) == told
    assert latest_on(told, [coming], NEXT) == LatestRelease("6.1.4", NEXT)


def test_future_latest_release_of_a_cycle_gives_the_one_before() -> None:
    """The result is empty if no earlier release is recorded."""
    told = LatestRelease("6.1.4", NEXT)
    assert latest_on(told, [patch("6.1.3", BEFORE)], DAY) == LatestRelease("6.1.3", BEFORE)
    assert latest_on(told, [], DAY) is None
    assert latest_on(told, [], NEXT) == told


def test_releases_are_compared_by_version() -> None:
    """A later release of an older line is not the latest one."""
    releases = [patch("5.2.10", BEFORE), patch("5.2.9", DAY)]
    assert latest_on(LatestRelease(""), releases, DAY) == LatestRelease("5.2.10", BEFORE)


@pytest.mark.parametrize("kind", [ReleaseKind.ALPHA, ReleaseKind.BETA, ReleaseKind.RC])
def test_pre_release_is_never_the_latest(kind: ReleaseKind) -> None:
    release = Published("6.2rc1", kind, BEFORE)
    assert latest_on(LatestRelease(""), [release], DAY) is None


def test_undated_release_counts_from_today() -> None:
    told = LatestRelease("5.2.19")
    assert latest_on(told, [], DAY, today=DAY) == told
    assert latest_on(told, [], NEXT, today=DAY) == told
    assert latest_on(told, [], BEFORE, today=DAY) is None


def test_undated_release_has_the_date_of_its_record() -> None:
    told, recorded = LatestRelease("5.2.0"), patch("5.2", BEFORE)
    assert latest_on(told, [recorded], BEFORE, today=DAY) == LatestRelease("5.2.0", BEFORE)
    assert latest_on(told, [patch("5.2", NEXT)], DAY, today=DAY) is None


def test_imprecise_release_date_is_omitted() -> None:
    """On the last day of its month the release is certainly out, but its day is unknown."""
    release = patch("5.2.19", DAY, exact=False)
    assert latest_on(LatestRelease(""), [release], DAY) == LatestRelease("5.2.19")
    assert latest_on(LatestRelease(""), [release], BEFORE) is None


def test_link_belongs_to_one_release() -> None:
    """A template is rendered for each release; a plain URL belongs to the release of the file."""
    releases = [patch("5.2.19", DAY)]
    address = LatestRelease("5.2.17", BEFORE, "https://acme.test/5.2.17")
    template = replace(address, link="https://acme.test/__LATEST__")
    assert latest_on(address, releases, DAY) == LatestRelease("5.2.19", DAY)
    assert latest_on(template, releases, DAY) == LatestRelease("5.2.19", DAY, template.link)
    assert latest_on(address, [], DAY) == address


def test_newer_compares_releases() -> None:
    assert newer("5.2.10", "5.2.9")
    assert newer("5.2", "")
    assert not newer("5.2.0", "5.2")
    assert not newer("", "")
