"""Of drafts nothing is told anywhere: every public address answers as if there were none."""

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
}
SAME = {"product": "name", "cycle": "cycle_name", "release": "cycle_name"}
"""Other names for the parts of addresses."""

# Each address reads those of them that it knows.
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


def words(word: str) -> dict[str, str]:
    """The parts of the addresses of something that is called so."""
    endings = {"name": "", "cycle_name": "-1", "category": "-kind", "tag": "-tag", "type": "-type"}
    return PUBLIC | {part: f"{word}{ending}" for part, ending in endings.items()}


SECRET = words("zzqsecret")


def routes(
    patterns: Iterable[Any] = urls.urlpatterns, before: str = ""
) -> Iterator[tuple[str, Collection[str]]]:
    """The addresses of the site, with the names of their parts in braces, and the parameters that
    each of them reads."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from routes(pattern.url_patterns, route)
        elif pattern.name:  # others are the same with a slash, and what answers that there is none
            parts = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: f"{{{SAME.get(m[1], m[1])}}}", route)
            reads = getattr(pattern.callback, "page_parameters", {ALL_PARAMETERS})
            yield f"/{parts}", reads


def ask(address: str) -> tuple[int, str, str]:
    """Status, place and page of an answer, but for the token of its form, always another one."""
    answer = Client().get(address)
    page = re.sub(r'(?<=csrfmiddlewaretoken" value=")\w+', "", answer.content.decode())
    return answer.status_code, answer.headers.get("Location", ""), page


Answers = dict[str, tuple[int, str, str]]


def answers(words: dict[str, str], queries: Iterable[str], part: str = "") -> Answers:
    """What all addresses (that have a part) say with some words in them, by their form."""
    forms = {
        f"{route}?{query}"
        for (route, reads), query in every_pair(routes(), queries)
        if part in route and (not query or (reads_queries(route) and matters(query, reads)))
    }
    return {form: ask(form.format_map(words)) for form in sorted(forms)}


def reads_queries(route: str) -> bool:
    """Not those whose answer is always the same; one of them asks many others for it."""
    return not re.match(r"/(api/(?!v2)|robots|sitemap)", route)


def matters(query: str, reads: Collection[str]) -> bool:
    """Whether an address that reads some parameters reads one of a query."""
    asked = {pair.partition("=")[0] for pair in query.split("&")}
    return ALL_PARAMETERS in reads or not asked.isdisjoint(reads)


def about(word: str) -> Answers:
    """What all addresses say that have a word, or are asked about it. The word itself, and what is
    worked out from an address, are left out of the answers."""
    every = words(word)
    found = answers(every, [""], "{")
    found |= _named("alias", answers(every | {"name": f"{word}-alias"}, [""], "{name}"))
    found |= _named("cycle", answers(PUBLIC | {"cycle_name": f"{word}-1"}, [""], "{cycle_name}"))
    for query in ASKED_FOR:
        found |= _named(query, answers(PUBLIC, [query.format(word)]))
    hidden = re.compile(rf"{word}|urn:uuid:[\w-]+")
    return {
        form.replace(word, "it"): (status, place.replace(word, "it"), hidden.sub("it", page))
        for form, (status, place, page) in found.items()
    }


def _named(name: str, found: Answers) -> Answers:
    return {f"{name}: {form}": answer for form, answer in found.items()}


@pytest.fixture
def public() -> Product:
    """Two products that everybody sees, one of which runs on the other."""
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
    """A draft with all that may belong to one, one that comes tomorrow, and a draft of a cycle in
    the middle of what is public."""
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


def test_everybody_sees_the_same_as_without_drafts(public: Product) -> None:
    """Lists, counts, dates of changes, maps, feeds, images, all versions of the API: not a letter
    differs."""
    before = answers(PUBLIC, QUERIES)
    assert sum(status == 200 for status, _, _ in before.values()) > len(before) / 2
    make_secrets(public)
    after = answers(PUBLIC, QUERIES)
    assert [form for form in before if after[form] != before[form]] == []
    assert not any("zzqsecret" in page for _, _, page in after.values())


def test_a_draft_is_as_unknown_as_what_never_was(public: Product) -> None:
    """By its name, alias, cycle, category, tag or identifier, in addresses and in questions."""
    make_secrets(public)
    secret, nowhere = about("zzqsecret"), about("zzqretces")  # as wide, where it is drawn
    assert [form for form in secret if secret[form] != nowhere[form]] == []


def test_a_draft_is_no_page(public: Product) -> None:
    make_secrets(public)
    for address in ("zzqsecret/", "zzqsecret-coming/?on=2040-01-01", "django/zzqsecret-1/"):
        assert ask(f"/{address}")[0] == 404


def test_on_its_day_it_is_there(
    public: Product, settings: Settings, time_machine: TimeMachineFixture
) -> None:
    """With nobody doing anything, though pages are kept in memory; not a day earlier."""
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


def test_tags_of_drafts_are_there_for_editors_only(public: Product) -> None:
    make_secrets(public)
    assert Tag.objects.filter(name=SECRET["tag"]).exists()
    Product.objects.update(draft=False, publish_on=None)
    ReleaseCycle.objects.update(draft=False, publish_on=None)
    assert ask(f"/tags/{SECRET['tag']}/")[0] == 200
