"""The views of subscriptions."""

from __future__ import annotations

import pytest

from releases.delivery.watch import canonical_view, cycles_followed
from tests.conftest import ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue() -> None:
    product = make_product(category="framework", aliases=["djangoproject"], tags=["web"])
    make_cycle(product, "5.2", eol="2028-04-30")


@pytest.mark.parametrize(
    ("address", "view"),
    [
        ("/django/", "/django/"),
        ("https://elsewhere.example/django/?on=2030-01-01#x", "/django/"),
        ("/djangoproject/", "/django/"),
        ("/upgrade/django/?from=5.2", "/django/"),
        ("/django/5.2/", "/?pin=django%3A5.2"),
        ("/djangoproject/5.2/", "/?pin=django%3A5.2"),
        ("/", "/"),
        ("/?lts=1&on=2030-01-01&from=2026-01&page=3&group=none&sort=eol", "/?lts=1"),
        ("/calendar/?kind=support&product=django", "/?product=django"),
        ("/changes/?product=django&kind=moved", "/?product=django"),
        ("/stack/?of=django:5.2.1&on=2030-01-01", "/stack/?of=django:5.2.1"),
        (
            "/stack/?of=django:5.2.1&of=a:1&accept_extended=all",
            "/stack/?of=a:1&of=django:5.2.1&accept_extended=all",
        ),
    ],
)
def test_canonical_view(address: str, view: str) -> None:
    assert canonical_view(address, ON) == view
    assert canonical_view(view, ON) == view


LONG = "/stack/?" + "&".join(f"of=product-{number}:1" for number in range(200))


@pytest.mark.parametrize(
    "address",
    ["", "django", "/gone/", "/django/9/", "/stack/", "/about/data/", "/x.ics", "/admin/", LONG],
)
def test_address_that_is_no_view(address: str) -> None:
    assert canonical_view(address, ON) is None


@pytest.mark.parametrize(
    ("view", "exists"),
    [
        ("/?tag=web", True),
        ("/?tag=web&lts=1", True),  # no cycle yet
        ("/?q=nothing", True),
        ("/?category=framework", True),
        ("/?product=gone&product=djangoproject", True),
        ("/?pin=gone:1&pin=django:5.2", True),
        ("/stack/?of=gone:1&of=django:5.2", True),
        ("/?tag=gone", False),
        ("/?tag=gone&product=django", False),
        ("/?category=gone", False),
        ("/?product=gone", False),
        ("/?pin=gone:1", False),
        ("/?pin=django:9", False),
        ("/stack/?of=gone:1", False),
    ],
)
def test_view_that_would_be_gone_at_once_is_refused(view: str, exists: bool) -> None:
    assert (canonical_view(view, ON) is not None) == exists
    assert (cycles_followed(view, ON) is not None) == exists


@pytest.mark.parametrize(
    "view", ["/django/", "/?pin=django%3A5.2", "/?tag=web", "/stack/?of=django:5.2.1", "/"]
)
def test_cycles_of_a_view(view: str) -> None:
    followed = cycles_followed(view, ON)
    assert [each.cycle.name for each in followed or ()] == ["5.2"]


def test_view_without_cycles_exists() -> None:
    assert cycles_followed("/?tag=web&lts=1", ON) == []
