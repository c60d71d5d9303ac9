"""Adds a release to the cycle that its version belongs to, and updates the cycle's latest release.

The version tells the cycle and the kind, but not that it fixes a security problem: that is said
separately.
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
from releases.models.history import because
from releases.models.revision import bump_revision

_V = re.compile(r"[vV](?=[0-9])")
_VERSION = re.compile(r"[0-9A-Za-z][\w.+~:-]*", re.ASCII)


class RefusedReleaseError(ValueError):
    """A version that cannot be added; `str()` is the sentence."""


@dataclass(frozen=True, slots=True)
class NewRelease:
    """An added release, and whether it is the latest of its cycle now."""

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
    """Adds the version that somebody typed, such as `5.2.20` or `v5.2.20`, released on `day`.

    `cycle` is the one that it has to belong to; without it the version tells. Its kind follows
    from the version; `security` makes a patch a security release. It becomes the latest release of
    the cycle if it is out on `on` and the newest release of then, by the rule of `latest_on`. One
    that is to come becomes it on its day. One transaction.
    Raises `RefusedReleaseError` for what is no version, belongs to no cycle, or is there already.
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
        because(release, f"{version} released").save()
        known = before.version if before else ""
        latest = day <= on and not kind.pre_release and newer(version, known)
        if latest and newer(version, home.latest):
            home.latest, home.latest_date = version, day
            because(home, f"{version} is the latest release").save()
        return NewRelease(release, latest)


def _version(text: str) -> str:
    version = text.strip()
    if len(version) > limits.NAME or not _VERSION.fullmatch(version):
        shown = version[: limits.NAME]
        raise RefusedReleaseError(f"“{shown}” is not a version such as 5.2.20 or 6.0rc1.")
    return version


def _home(product: Product, version: str, cycle: ReleaseCycle | None, on: date) -> ReleaseCycle:
    """Return the cycle of a version, read anew, as another editor may have added a release
    meanwhile."""
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
    """A `v` in front stands there for all releases of a cycle or for none."""
    bare = _V.sub("", version)
    return f"v{bare}" if _V.match(latest) and bare[0].isdigit() else bare


def _refuse_known(cycle: ReleaseCycle, version: str) -> None:
    key = release_key(version)
    for known in cycle.releases.values_list("version", flat=True):
        if release_key(known) == key:
            raise RefusedReleaseError(f"{cycle.name} has the release {known} already.")
