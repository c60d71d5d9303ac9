"""Drafts are invisible: every public response is the same as without them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from itertools import product as every_pair
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from pytest_django import Settings
from time_machine import TimeMachineFixture

from releases import urls
from releases.domain.lifecycle.milestones import PartialDate
from releases.models import Product, ReleaseCycle, Tag
from releases.presentation import card
from releases.web.page_cache import pages
from releases.web.page_keys import ALL_PARAMETERS
from tests.conftest import ON
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release

pytestmark = pytest.mark.django_db

PUBLIC = {
    "name": "django",
    "cycle_name": "5.2",
    "category": "framework",
    "tag": "web",
    "type": "purl",
    "section": "products",
    "version": "5.2.1",
    "token": "no-token",
}
SAME = {"product": "name", "cycle": "cycle_name", "release": "cycle_name"}
"""URL parameters and their equivalents in `PUBLIC`."""

# Each URL uses the parameters that it knows.
QUERIES = (
    "",
    "on=2040-01-01&version=5.2.1&from=4.2&purl=pkg:pypi/django@5.2",
    "group=status&status=planned&status=active&from=5.2&to=latest&limit=1&page=2",
    "product=django&pin=django:5.2&all=django&lts=1&q=django&category=framework&tag=web",
    "of=django:5.2.1&of=django:4.2&on=2040-01-01",
    "known_on=2026-11-21&sort=-release&planned=1&ends_soon=1&names=release&since=2026-01-01",
)
ASKED_FOR = (
    "q={0}&version={0}-1&from={0}-1&purl=pkg:pypi/{0}",
    "product={0}&pin=django:{0}-1&pin={0}:{0}-1&from=5.2&to={0}-1&cpe={0}&q=django%20{0}-1",
    "category={0}-kind&tag={0}-tag&all={0}&repology={0}&product={0}-alias&on=2040-01-01",
    "of={0}:1&of={0}-alias:1&of=django:{0}-1",
)


def url_parts(word: str) -> dict[str, str]:
    """Return the URL parts for a product with this name."""
    endings = {"name": "", "cycle_name": "-1", "category": "-kind", "tag": "-tag", "type": "-type"}
    return PUBLIC | {part: f"{word}{ending}" for part, ending in endings.items()}


SECRET = url_parts("zzqsecret")


def routes(
    patterns: Iterable[Any] = urls.urlpatterns, before: str = ""
) -> Iterator[tuple[str, Collection[str]]]:
    """Yield each URL pattern, with its parameters in braces, and the query parameters it reads."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from routes(pattern.url_patterns, route)
        elif pattern.name:  # the others are slash variants and the catch-all
            parts = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: f"{{{SAME.get(m[1], m[1])}}}", route)
            reads = getattr(pattern.callback, "page_parameters", {ALL_PARAMETERS})
            yield f"/{parts}", reads


@pytest.fixture(autouse=True)
def cards_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send cards as the SVG from which they are rendered: names can be found in it."""
    monkeypatch.setattr(card, "png", str.encode)


def ask(address: str) -> tuple[int, str, str]:
    """Return status, location and body of a response, without its random CSRF token."""
    answer = Client().get(address)
    page = re.sub(r'(?<=csrfmiddlewaretoken" value=")\w+', "", answer.content.decode())
    return answer.status_code, answer.headers.get("Location", ""), page


Answers = dict[str, tuple[int, str, str]]


def responses(url_parts: dict[str, str], queries: Iterable[str], part: str = "") -> Answers:
    """Return the responses of all URLs that contain `part`, formatted with `words`, by pattern."""
    forms = {
        f"{route}?{query}"
        for (route, reads), query in every_pair(routes(), queries)
        if part in route and (not query or (reads_queries(route) and uses_query(query, reads)))
    }
    return {form: ask(form.format_map(url_parts)) for form in sorted(forms)}


def reads_queries(route: str) -> bool:
    """Return False for URLs that ignore their query string; one of them requests many others."""
    return not re.match(r"/(api/(?!v2)|robots|sitemap)", route)


def uses_query(query: str, reads: Collection[str]) -> bool:
    """Return True if `reads` contains one of the parameters in `query`."""
    asked = {pair.partition("=")[0] for pair in query.split("&")}
    return ALL_PARAMETERS in reads or not asked.isdisjoint(reads)


def responses_about(word: str) -> Answers:
    """Return the responses of all URLs that contain `word` in their path or query.

    The word itself and values derived from the URL are removed from the responses.
    """
    every = url_parts(word)
    found = responses(every, [""], "{")
    found |= _prefixed("alias", responses(every | {"name": f"{word}-alias"}, [""], "{name}"))
    found |= _prefixed(
        "cycle", responses(PUBLIC | {"cycle_name": f"{word}-1"}, [""], "{cycle_name}")
    )
    for query in ASKED_FOR:
        found |= _prefixed(query, responses(PUBLIC, [query.format(word)]))
    hidden = re.compile(rf"{word}|urn:uuid:[\w-]+", re.IGNORECASE)
    return {
        form.replace(word, "it"): (status, place.replace(word, "it"), hidden.sub("it", page))
        for form, (status, place, page) in found.items()
    }


def _prefixed(name: str, found: Answers) -> Answers:
    return {f"{name}: {form}": answer for form, answer in found.items()}


@pytest.fixture
def public() -> Product:
    """Two public products, one of which runs on the other."""
    django = make_product(
        "django",
        category="framework",
        tags=["web"],
        aliases=["dj"],
        added_on=date(2026, 1, 1),
        checked_on=date(2026, 1, 1),
    )
    django.identifiers.create(type="purl", value="pkg:pypi/django")
    make_custom_field(django, "supportedPythonVersions")
    values = {"custom": {"supportedPythonVersions": "3.12 - 3.14"}}
    for name, release, eol in (
        ("6.1", "2026-08-05", "2027-12"),
        ("5.2", "2025-04-02", "2028-04"),
        ("4.2", "2023-04-03", "2026-04-30"),
    ):
        make_release(make_cycle(django, name, release=release, eol=eol, **values), f"{name}.1")
    make_note(django)
    make_cycle(make_product("python"), "3.14", release="2025-10-07", eol="2030-10")
    return django


def make_secrets(public: Product) -> None:
    """Create drafts of every kind next to the public rows.

    There are a complete draft product, a product that becomes public tomorrow, and draft cycles of
    a public product.
    """
    name = SECRET["name"]
    secret = make_product(
        name,
        label="zzqsecret-label",
        description="zzqsecret-text",
        category=SECRET["category"],
        tags=[SECRET["tag"], "web"],
        aliases=[f"{name}-alias"],
        featured=1,
        added_on=ON,
        checked_on=ON,
        draft=True,
    )
    for kind in ("purl", "cpe", "repology", SECRET["type"]):
        value = f"pkg:pypi/{name}" if kind == "purl" else name
        secret.identifiers.create(type=kind, value=value)
    secret.identifiers.create(type="purl", value="pkg:pypi/django")
    make_custom_field(secret, "supportedPythonVersions", description="zzqsecret-field")
    make_note(secret, title="zzqsecret-note")
    tomorrow = {"draft": True, "publish_on": ON + timedelta(days=1)}
    make_note(public, "draft", title="zzqsecret-draft-note", draft=True)
    make_note(public, "coming", title="zzqsecret-coming-note", **tomorrow)
    make_note(public, "names", title="zzqsecret-to", from_cycle="5.2", to_cycle="zzqsecret-1")
    make_note(public, "from", title="zzqsecret-from", from_cycle="zzqsecret-3")
    coming = make_product("zzqsecret-coming", category="framework", featured=1, **tomorrow)
    dates = {"release": "2001-01-01", "eoas": "2026-12-01", "eol": "2026-12-24", "lts": "yes"}
    cycles = (
        make_cycle(secret, SECRET["cycle_name"], codename="zzqsecret-code", **dates),
        make_cycle(coming, "zzqsecret-2", latest="zzqsecret-2.1", **dates),
        make_cycle(public, SECRET["cycle_name"], draft=True, position=-1, **dates),
        make_cycle(public, "zzqsecret-3", release="2026-11-30", position=-1, **tomorrow),
        make_cycle(public, "5.3", release="2026-01-01", eol="2045", draft=True, position=-1),
    )
    for cycle in cycles:
        make_release(cycle, f"{cycle}.1", date=ON)
        cycle.eol = PartialDate(date(2046, 12, 25))
        cycle.save()


def test_public_responses_do_not_depend_on_drafts(public: Product) -> None:
    """Lists, counts, change dates, site maps, feeds, images and all API versions are identical."""
    before = responses(PUBLIC, QUERIES)
    assert sum(status == 200 for status, _, _ in before.values()) > len(before) / 2
    make_secrets(public)
    after = responses(PUBLIC, QUERIES)
    assert [form for form in before if after[form] != before[form]] == []
    assert not any("zzqsecret" in page for _, _, page in after.values())


def test_draft_responses_equal_those_of_unknown_names(public: Product) -> None:
    """Names, aliases, cycles, categories, tags and identifiers are tried in paths and queries."""
    make_secrets(public)
    # Both words have the same width in images.
    secret, nowhere = responses_about("zzqsecret"), responses_about("zzqretces")
    assert [form for form in secret if secret[form] != nowhere[form]] == []


def test_draft_has_no_page(public: Product) -> None:
    make_secrets(public)
    for address in ("zzqsecret/", "zzqsecret-coming/?on=2040-01-01", "django/zzqsecret-1/"):
        assert ask(f"/{address}")[0] == 404


def test_scheduled_draft_becomes_public_on_its_day(
    public: Product, settings: Settings, time_machine: TimeMachineFixture
) -> None:
    """The page cache does not delay it, and it is not visible a day earlier."""
    settings.PAGE_CACHE_MB = 1
    pages.clear()
    make_secrets(public)
    shown = ["/", "/products/", "/django/", "/django/zzqsecret-3/", "/zzqsecret-coming/"]
    shown += ("/sitemap.xml", "/api/v1/products", "/api/v2/cycles", "/upgrade/django/?from=4.2")
    for _ in range(2):
        assert not any("zzqsecret" in ask(address)[2] for address in shown[:3] + shown[5:])
    time_machine.move_to(ON + timedelta(days=1))
    for _ in range(2):
        for address in shown:
            status, _, page = ask(address)
            assert status == 200, address
            assert "zzqsecret-" in page, address
            assert "zzqsecret-1" not in page, address


def test_tags_of_drafts_exist_for_editors_only(public: Product) -> None:
    make_secrets(public)
    assert Tag.objects.filter(name=SECRET["tag"]).exists()
    Product.objects.update(draft=False, publish_on=None)
    ReleaseCycle.objects.update(draft=False, publish_on=None)
    assert ask(f"/tags/{SECRET['tag']}/")[0] == 200
