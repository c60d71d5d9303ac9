"""Adding a release to the cycle of its version, and updating the cycle's latest release.

The cycle and the kind follow from the version, except that the editor marks security releases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from releases.domain import limits
from releases.domain.lifecycle.latest import fits_every_release, newer
from releases.domain.lifecycle.milestones import PartialDate
from releases.domain.lifecycle.resolver import Resolver
from releases.domain.lifecycle.status import order_errors, start_reached
from releases.domain.lifecycle.versions import ReleaseKind, kind_of, release_key
from releases.domain.upgrade.verdict_words import one_of
from releases.models import Product, Release, ReleaseCycle
from releases.models.history import set_change_reason
from releases.models.revision import bump_revision

_V = re.compile(r"[vV](?=[0-9])")
_VERSION = re.compile(r"[0-9A-Za-z][\w.+~:-]*", re.ASCII)


class RefusedReleaseError(ValueError):
    """A version that cannot be added. `str()` is the sentence to show."""


class PlannedCycleError(RefusedReleaseError):
    """A final release of a cycle that is still planned on its day, `day`."""

    def __init__(self, message: str, day: PartialDate) -> None:
        super().__init__(message)
        self.day = day


class KnownReleaseError(RefusedReleaseError):
    """The cycle has the release already."""

    def __init__(self, release: Release) -> None:
        super().__init__(f"{release.cycle.name} has the release {release} already.")
        self.release = release


@dataclass(frozen=True, slots=True)
class NewRelease:
    """An added release. `latest` is True if it is the latest of its cycle now."""

    release: Release
    latest: bool


def add_release(
    product: Product,
    text: str,
    day: date,
    *,
    on: date,
    cycle: ReleaseCycle | None = None,
    kind: ReleaseKind | None = None,
    notes: str = "",
    starts_cycle: bool = False,
) -> NewRelease:
    """Add a release in one transaction.

    It becomes the latest release of its cycle if it is out as of `on` and newer than the latest
    release of that day, by the rule of `latest_on`. A future release becomes it on its day.

    Args:
        product: The product.
        text: The version as it was typed, such as `5.2.20` or `v5.2.20`. Its kind follows from
            it.
        day: The day of the release.
        on: Today.
        cycle: The cycle that the version has to belong to; None to find it by the version.
        kind: The kind; None if it follows from the version. Only a patch may be called something
            else, a security release.
        notes: The URL of its notes, kept if it becomes the latest release; empty if it has none.
        starts_cycle: If the cycle is planned on `day`, make `day` its release date.

    Raises:
        KnownReleaseError: The cycle has the release already.
        PlannedCycleError: The cycle is planned on `day`, and `starts_cycle` is not set.
        RefusedReleaseError: The text is not a version, belongs to no cycle or to several, is of
            another kind, or is no pre-release and `day` is before the release of its cycle.
        ValidationError: The notes have no web address.
    """
    with transaction.atomic(), bump_revision():
        version = _version(text)
        home = _home(product, version, cycle, on)
        version = _written_like(home.latest, version)
        _refuse_known(home, version)
        kind = _kind(version, home.name, kind)
        starts = not kind.pre_release and _is_planned(home, version, day, on)
        if starts:
            _start(home, day, confirmed=starts_cycle)
        before = home.latest_on(on)
        release = Release(cycle=home, version=version, kind=kind.value, date=day)
        set_change_reason(release, f"{version} released").save()
        known = before.version if before else ""
        latest = day <= on and not kind.pre_release and newer(version, known)
        if latest and newer(version, home.latest):
            home.latest, home.latest_date = version, day
            _set_notes(home, notes)
            set_change_reason(home, f"{version} is the latest release").save()
        elif starts:
            set_change_reason(home, f"{version} released").save()
        return NewRelease(release, latest)


def _version(text: str) -> str:
    version = text.strip()
    if len(version) > limits.NAME or not _VERSION.fullmatch(version):
        shown = version[: limits.NAME]
        raise RefusedReleaseError(f"“{shown}” is not a version such as 5.2.20 or 6.0rc1.")
    return version


def _home(product: Product, version: str, cycle: ReleaseCycle | None, on: date) -> ReleaseCycle:
    """Return the cycle of a version, read again, as others may have added a release meanwhile."""
    found = Resolver(list(product.cycles.all())).resolve(version, on)
    if found.cycle and not found.line:
        names: tuple[str, ...] = (found.cycle.name,)
    else:
        names = tuple(each.name for each in found.candidates if found.one_release)
    if not names:
        raise RefusedReleaseError(f"{version} belongs to no release cycle of {product}.")
    if cycle is None and len(names) > 1:
        raise RefusedReleaseError(f"{version} may belong to {one_of(names)}: choose the cycle.")
    if cycle is not None and cycle.name not in names:
        raise RefusedReleaseError(f"{version} belongs to {one_of(names)}, not to {cycle.name}.")
    return product.cycles.get(name=cycle.name if cycle else names[0])


def _is_planned(cycle: ReleaseCycle, version: str, day: date, on: date) -> bool:
    """Return True if a cycle is not released yet on the day of its release `version`.

    Raises:
        RefusedReleaseError: The cycle was released after that day.
    """
    release = cycle.release
    if start_reached(release, day):
        return False
    if not start_reached(release, on):
        return True
    if not isinstance(release, PartialDate) or release.first_day <= day:
        return False
    raise RefusedReleaseError(
        f"{version} cannot be out on {PartialDate(day)}, before its cycle: the release of"
        f" {cycle.name} is {release}. Correct the day, or the release date of the cycle."
    )


def _start(cycle: ReleaseCycle, day: date, *, confirmed: bool) -> None:
    """Make a day the release date of a planned cycle, without saving it."""
    planned, start = cycle.release, PartialDate(day)
    if not confirmed:
        until = f"for {planned}" if isinstance(planned, PartialDate) else "without a date"
        raise PlannedCycleError(f"{cycle.name} is planned {until}.", start)
    cycle.release = start
    if errors := order_errors(cycle.milestones):
        raise RefusedReleaseError(" ".join(map(str, errors)))


def _written_like(latest: str, version: str) -> str:
    """Return a version with a leading `v` if the latest release has one, else without."""
    bare = _V.sub("", version)
    return f"v{bare}" if _V.match(latest) and bare[0].isdigit() else bare


def _refuse_known(cycle: ReleaseCycle, version: str) -> None:
    key = release_key(version)
    for known in cycle.releases.all():
        if release_key(known.version) == key:
            known.cycle = cycle
            raise KnownReleaseError(known)


def _kind(version: str, cycle: str, given: ReleaseKind | None) -> ReleaseKind:
    kind = kind_of(version, cycle)
    if given in (None, kind):
        return kind
    if (kind, given) == (ReleaseKind.PATCH, ReleaseKind.SECURITY):
        return ReleaseKind.SECURITY
    raise RefusedReleaseError(f"The kind of {version} is {kind} by its version, not {given}.")


def _set_notes(cycle: ReleaseCycle, notes: str) -> None:
    """Set the link to the notes of a new latest release. A link of the former one is dropped."""
    if notes:
        cycle.link, cycle.no_link = notes, False
    elif cycle.link and not fits_every_release(cycle.link):
        cycle.link, cycle.no_link = "", True
    cycle.clean_fields(exclude=[each.name for each in cycle._meta.fields if each.name != "link"])
