"""Adding a release to the cycle of its version, and updating the cycle's latest release.

The cycle and the kind follow from the version, except that the editor marks security releases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from releases.domain import limits
from releases.domain.lifecycle.latest import newer
from releases.domain.lifecycle.resolver import Resolver
from releases.domain.lifecycle.versions import ReleaseKind, kind_of, release_key
from releases.domain.upgrade.verdict_words import one_of
from releases.models import Product, Release, ReleaseCycle
from releases.models.history import set_change_reason
from releases.models.revision import bump_revision

_V = re.compile(r"[vV](?=[0-9])")
_VERSION = re.compile(r"[0-9A-Za-z][\w.+~:-]*", re.ASCII)


class RefusedReleaseError(ValueError):
    """A version that cannot be added. `str()` is the sentence to show."""


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
    security: bool = False,
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
        security: Make a patch a security release.

    Raises:
        RefusedReleaseError: The text is not a version, belongs to no cycle or to several, or is
            there already.
    """
    with transaction.atomic(), bump_revision():
        version = _version(text)
        home = _home(product, version, cycle, on)
        version = _written_like(home.latest, version)
        _refuse_known(home, version)
        kind = kind_of(version, home.name)
        if security and kind is ReleaseKind.PATCH:
            kind = ReleaseKind.SECURITY
        before = home.latest_on(on)
        release = Release(cycle=home, version=version, kind=kind.value, date=day)
        set_change_reason(release, f"{version} released").save()
        known = before.version if before else ""
        latest = day <= on and not kind.pre_release and newer(version, known)
        if latest and newer(version, home.latest):
            home.latest, home.latest_date = version, day
            set_change_reason(home, f"{version} is the latest release").save()
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


def _written_like(latest: str, version: str) -> str:
    """Return a version with a leading `v` if the latest release has one, else without."""
    bare = _V.sub("", version)
    return f"v{bare}" if _V.match(latest) and bare[0].isdigit() else bare


def _refuse_known(cycle: ReleaseCycle, version: str) -> None:
    key = release_key(version)
    for known in cycle.releases.values_list("version", flat=True):
        if release_key(known) == key:
            raise RefusedReleaseError(f"{cycle.name} has the release {known} already.")
