"""Adding a release by typing its version."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from releases.domain.lifecycle.versions import ReleaseKind
from releases.models import Product, Release, ReleaseCycle
from releases.services.editing.add_release import RefusedReleaseError, add_release
from tests.conftest import ON
from tests.factories import make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db

BEFORE = date(2026, 11, 3)


@pytest.fixture
def django() -> Product:
    product = make_product()
    make_cycle(product, "6.0", latest="6.0.10", latest_date=BEFORE)
    make_cycle(product, "5.2", latest="5.2.19", latest_date=BEFORE)
    return product


def latest(product: Product, name: str = "5.2") -> tuple[str, date | None]:
    cycle = product.cycles.get(name=name)
    return cycle.latest, cycle.latest_date


@pytest.mark.parametrize("text", ["5.2.20", " v5.2.20 ", "V5.2.20"])
def test_patch_becomes_the_latest_of_its_cycle(django: Product, text: str) -> None:
    """The version determines its cycle and kind, and the history records the reason."""
    added = add_release(django, text, ON, on=ON)
    assert added.latest
    release = Release.objects.get()
    assert (release.cycle.name, release.version, release.kind, release.date) == (
        *("5.2", "5.2.20", "patch"),
        ON,
    )
    assert latest(django) == ("5.2.20", ON)
    assert latest(django, "6.0") == ("6.0.10", BEFORE)
    cycle = django.cycles.get(name="5.2")
    assert cycle.history.first().history_change_reason == "5.2.20 is the latest release"
    assert release.history.get().history_change_reason == "5.2.20 released"


@pytest.mark.parametrize(
    ("text", "kind"), [("6.1a1", "alpha"), ("6.1b1", "beta"), ("6.1rc1", "rc"), ("6.1", "final")]
)
def test_kind_follows_from_the_version(django: Product, text: str, kind: str) -> None:
    """A pre-release is never the latest release; the first final release is."""
    make_cycle(django, "6.1", release="2026-12")
    added = add_release(django, text, ON, on=ON, starts_cycle=True)
    assert added.release.kind == kind
    assert latest(django, "6.1") == (("6.1", ON) if kind == "final" else ("", None))


def test_security_release_must_be_marked(django: Product) -> None:
    """Its version looks like that of any patch. A beta is never marked as a security release."""
    security = ReleaseKind.SECURITY
    assert add_release(django, "5.2.20", ON, on=ON, kind=security).release.kind == security
    with pytest.raises(RefusedReleaseError, match="is beta by its version, not security"):
        add_release(django, "6.0b1", ON, on=ON, kind=security)


@pytest.mark.parametrize("text", ["5.2.18", "5.2.19"])
def test_older_release_leaves_the_latest_unchanged(django: Product, text: str) -> None:
    assert not add_release(django, text, ON, on=ON).latest
    assert latest(django) == ("5.2.19", BEFORE)


def test_planned_release_leaves_the_latest_unchanged(django: Product) -> None:
    tomorrow = ON + timedelta(days=1)
    assert not add_release(django, "5.2.20", tomorrow, on=ON).latest
    assert latest(django) == ("5.2.19", BEFORE)


def test_version_gets_the_prefix_of_the_latest_release() -> None:
    """The version starts with a "v" if the latest release of the cycle does."""
    product = make_product("deno")
    make_cycle(product, "2.9", latest="v2.9.1")
    assert add_release(product, "2.9.2", ON, on=ON).release.version == "v2.9.2"
    assert latest(product, "2.9")[0] == "v2.9.2"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "“” is not a version such as 5.2.20 or 6.0rc1."),
        ("<b>5.2.1</b>", "“<b>5.2.1</b>” is not a version"),
        ("5.2." + "1" * 100, "is not a version"),
        ("soon", "soon belongs to no release cycle of Django."),
        ("7.0.1", "7.0.1 belongs to no release cycle of Django."),
        ("5.2.7", "5.2 has the release 5.2.7 already."),
        ("v5.2.7.0", "5.2 has the release 5.2.7 already."),
    ],
)
def test_invalid_release_is_rejected_with_the_reason(
    django: Product, text: str, sentence: str
) -> None:
    """Nothing is written."""
    make_release(django.cycles.get(name="5.2"), "5.2.7")
    with pytest.raises(RefusedReleaseError) as refused:
        add_release(django, text, ON, on=ON)
    assert sentence in str(refused.value)
    assert Release.objects.count() == 1
    assert latest(django) == ("5.2.19", BEFORE)


def test_release_of_another_cycle_is_rejected(django: Product) -> None:
    """The form of a cycle accepts only releases of that cycle."""
    cycle = ReleaseCycle.objects.get(name="5.2")
    with pytest.raises(RefusedReleaseError, match=r"6\.0\.11 belongs to 6\.0, not to 5\.2\."):
        add_release(django, "6.0.11", ON, on=ON, cycle=cycle)
    assert add_release(django, "5.2.20", ON, on=ON, cycle=cycle).latest
