"""The page of a stack given in a URL, and its calendar, feeds, image and badge."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.test import Client
from icalendar import Calendar
from markdown_it import MarkdownIt
from pytest_django import DjangoAssertNumQueries, Settings

from releases.domain.lifecycle.milestones import parse_milestone
from releases.domain.roadmap.query import MAX_TEXT
from releases.domain.stack import MAX_PARTS
from releases.models import ReleaseCycle
from releases.web.page_cache import pages
from tests.factories import make_cycle, make_product, make_release
from tests.stack_samples import QUERY, make_catalogue
from tests.web.texts import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]

SVG = "{http://www.w3.org/2000/svg}"
PAGE = f"/stack/{QUERY}"
FILES = ["/stack.svg", "/stack.ics", "/stack.atom", "/stack.rss"]
BADGES = ["/badges/stack.svg", "/badges/stack.json"]
WRITTEN = datetime(2026, 1, 10, 8, 30, tzinfo=UTC)


@pytest.fixture
def stack() -> None:
    make_catalogue()
    ReleaseCycle.history.update(history_date=WRITTEN)


def page(client: Client, address: str = PAGE) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def parts(html: str) -> list[str]:
    """Return the names of the rows, in order."""
    return [unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', html)]


def problems(html: str) -> list[str]:
    notices = re.findall(r'<ul class="notice warn plain"[^>]*>(.*?)</ul>', html, re.DOTALL)
    return [
        words_of(each)
        for notice in notices
        for each in re.findall("<li>(.*?)</li>", notice, re.DOTALL)
    ]


def texts(client: Client, path: str) -> list[str]:
    root = ET.fromstring(client.get(path).content)
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def events(client: Client, path: str) -> list[tuple[str, str]]:
    """Return the day and the title of each event in a calendar."""
    calendar: Any = Calendar.from_ical(client.get(path).content)
    found = [(str(each["DTSTART"].dt), str(each["SUMMARY"])) for each in calendar.walk("VEVENT")]
    return sorted(found)


# ---- the page


def test_stack_page(client: Client) -> None:
    """The most urgent row comes first, below the numbers and above a timeline of these cycles."""
    html = page(client)
    assert parts(html) == ["Django 4.2.7", "Python 3.10", "PostgreSQL 17.2"]
    assert "1 of 3 has lost support 31 Dec 2026 next deadline: Python 3.10, in 40 days" in words_of(
        html
    )
    assert "8 Nov 2029 after that: PostgreSQL 17.2, in 1083 days As of 21 Nov 2026" in words_of(
        html
    )
    assert "<title>Your stack: 1 of 3 has lost support · " in html
    timeline = html.partition('<h2 id="timeline">')[2].partition("</section>")[0]
    assert re.findall(r'href="(/[^"]+/)">', timeline) == [
        "/django/4.2/",
        "/python/3.10/",
        "/postgresql/17/",
    ]
    assert '<meta name="robots" content="noindex">' in html


def test_two_versions_of_one_cycle_have_one_bar(client: Client) -> None:
    html = page(client, "/stack/?of=django:5.2.1&of=django:5.2.2")
    assert parts(html) == ["Django 5.2.1 and 5.2.2"]
    timeline = html.partition('<h2 id="timeline">')[2]
    assert timeline.count('href="/django/5.2/"') == 1


def test_page_warns_that_urls_appear_in_logs(client: Client) -> None:
    text = words_of(page(client))
    assert "Nothing is stored on this site, unless you subscribe to reminders. Addresses" in text


def test_all_links_keep_the_date(client: Client) -> None:
    """The page states that it does not show today."""
    html = page(client, "/stack/?of=django:5.2.1&on=2028-05-01")
    assert "Showing support as of <b>1 May 2028</b>." in html
    for address in (
        "/django/?version=5.2.1&amp;on=2028-05-01",
        "/stack.ics?of=django:5.2.1&amp;on=2028-05-01",
        "/stack.atom?of=django:5.2.1&amp;on=2028-05-01",
        "/stack.svg?of=django:5.2.1&amp;on=2028-05-01",
        "/badges/stack.svg?of=django:5.2.1&amp;on=2028-05-01",
    ):
        assert f'"{address}"' in html
    assert '<a href="/stack/?of=django:5.2.1">Back to today</a>' in html


@pytest.mark.parametrize(
    "query",
    [
        "of=python:3.10&of=django:4.2.7&of=postgresql:17.2",
        "of=django:4.2.7&of=postgresql:17.2&of=python:3.10&of=django:4.2.7",
        "of=Django:4.2.7&of=PostgreSQL:17.2&of=python:%203.10",
        "of=django:4.2.7&of=postgresql:17.2&of=python:3.10&on=2026-11-21",
        "of=django:4.2.7&of=postgresql:17.2&of=python:3.10&of=&on=",
    ],
)
def test_stack_url_is_canonicalized(client: Client, query: str) -> None:
    """Spelling, order and duplicates of parts do not matter."""
    response = client.get(f"/stack/?{query}", follow=True)
    address, status = response.redirect_chain[-1]
    assert (address, status) == (PAGE, 302)


@pytest.mark.parametrize("query", [QUERY, QUERY.replace(":", "%3A"), f"{QUERY}&utm_source=x"])
def test_canonical_url_is_not_redirected(client: Client, query: str) -> None:
    assert client.get(f"/stack/{query}").status_code == 200


def test_stack_is_cached_once(client: Client, settings: Settings) -> None:
    settings.PAGE_CACHE_MB = 1
    pages.clear()
    addresses = ["of=python:3.10&of=django:4.2.7", "of=django:4.2.7&of=python:3.10&on=2026-11-21"]
    for _ in range(2):
        for address in addresses:
            response = client.get(f"/stack/?{address}", follow=True)
            assert response.status_code == 200
    assert len(pages.pages) == 1
    assert response["Cache-Status"] == "roadmap; hit"


@pytest.mark.parametrize("address", ["/stack/", "/stack/?of=", "/stack/?utm_source=x"])
def test_empty_stack_redirects_to_the_form(client: Client, address: str) -> None:
    response = client.get(address, follow=True)
    assert response.redirect_chain[-1] == ("/check/", 302)


def test_alias_is_replaced_in_the_permalink(client: Client) -> None:
    html = page(client, "/stack/?of=postgres:17.2")
    assert parts(html) == ["PostgreSQL 17.2"]
    assert '<pre id="permalink">http://testserver/stack/?of=postgresql:17.2</pre>' in html


# ---- numbers and actions


def summary(client: Client, *parts: str) -> str:
    """Return the cards of the page of a stack as text."""
    html = page(client, "/stack/?" + "&".join(f"of={part}" for part in sorted(parts)))
    return words_of(html.partition('id="summary">')[2].partition("<p ")[0])


@pytest.mark.parametrize(
    ("terms", "support"),
    [("paid", "free support"), ("contract", "ordinary support"), ("", "ordinary support")],
)
def test_lost_support_is_named_by_its_terms(client: Client, terms: str, support: str) -> None:
    """Only recorded terms say that what continues is paid."""
    node = make_product("node", extended_terms=terms)
    make_cycle(node, "18", release="2022-04-19", eol="2025-04-30", eoes="no")
    assert summary(client, "django:4.2.7", "node:18", "python:3.14").startswith(
        f"2 of 3 have lost {support}"
    )
    assert summary(client, "django:4.2.7", "python:3.14").startswith("1 of 2 has lost support")
    name = "paid extended support" if terms == "paid" else "extended support"
    assert f"Upgrade, unless you have {name}." in words_of(page(client, "/stack/?of=node:18"))


def test_free_extended_support_is_not_lost(client: Client) -> None:
    debian = make_product("debian", extended_terms="free")
    make_cycle(debian, "12", release="2023-06-10", eol="2026-06-10", eoes="2028-06-30")
    assert summary(client, "debian:12") == (
        "0 of 1 have lost support 30 Jun 2028 next deadline: Debian 12, in 587 days"
    )


def test_deadlines_are_days_on_which_support_ends(client: Client) -> None:
    """Parts that end on the same day are together; planned, ended and undated ones have none."""
    for name in ("a", "b", "c"):
        make_cycle(make_product(name), "1", release="2020-01-01", eol="2026-12-31")
    make_cycle(make_product("month"), "1", release="2020-01-01", eol="2027-02")
    make_cycle(make_product("open"), "1", release="2020-01-01", eol="no")
    assert summary(client, "a:1", "b:1", "month:1", "open:1", "django:6.2", "django:4.2") == (
        "1 of 6 has lost support 31 Dec 2026 next deadline: A 1 and B 1, in 40 days"
        " Feb 2027 after that: Month 1, in 3 months"
    )
    assert "next deadline: A 1 and 2 more, in 40 days" in summary(client, "a:1", "b:1", "c:1")
    assert "deadline" not in summary(client, "open:1")


@pytest.mark.parametrize(
    ("part", "action"),
    [
        ("django:4.2", "Upgrade to 6.1 now."),
        ("django:5.2", "Nothing to do yet."),
        ("fresh:1", "Nothing to do."),
        ("django:6.2", "Not released yet."),
        ("python:3.10", "Upgrade to 3.14 by 31 Dec 2026."),
        ("postgresql:17.2", "Install the patch 17.10."),
        ("django:77", "Not known here."),
    ],
)
def test_action_of_a_part(client: Client, part: str, action: str) -> None:
    make_cycle(make_product("fresh"), "1", release="2026-11-10", eol="2030-11-10")
    html = page(client, f"/stack/?of={part}")
    assert re.findall("<b>([^<]*[.])</b>", html.partition("<tbody>")[2]) == [action]


# ---- continuous integration


def test_ci_command_works(live_server: Any, tmp_path: Path) -> None:
    """It is run as it is shown. Its exit code is the result, and an error is no success."""
    with urlopen(f"{live_server.url}/stack/{QUERY}") as response:
        html = unescape(response.read().decode())
    command = html.partition('<pre id="ci-command">')[2].partition("</pre>")[0]
    assert f'"{live_server.url}/api/v2/check?' in command
    codes = []
    for text in ("Django==4.2.7\n", "Django==6.1\n", "\x00"):
        (tmp_path / "requirements.txt").write_text(text)
        codes.append(subprocess.run(command, shell=True, cwd=tmp_path, check=False).returncode)
    assert codes[:2] == [1, 0]
    assert codes[2] > 0


def test_ci_command_accepts_the_same_extended_support(client: Client) -> None:
    html = unescape(page(client, "/stack/?of=django:4.2.7&accept_extended=django"))
    assert "fail_on=ends-within=90d&accept_extended=django" in html


# ---- invalid input


@pytest.mark.parametrize(
    "part",
    ["django", "django:", ":5.2", "a b:5", "../etc:1", "<b>:1", "django:\x07", "django:\x00"],
)
def test_invalid_part_is_reported(client: Client, part: str) -> None:
    """The other parts are shown."""
    response = client.get("/stack/", {"of": [part, "django:4.2.7"]})
    html = response.content.decode()
    assert response.status_code == 200
    assert parts(html) == ["Django 4.2.7"]
    assert problems(html) == [
        f"of : “{' '.join(part.split())}” is ignored: expected a product and a version, such as"
        " django:5.2.1."
    ]


def test_unknown_product_is_reported(client: Client) -> None:
    html = page(client, "/stack/?of=django:4.2.7&of=djnago:5.2")
    assert parts(html) == ["Django 4.2.7"]
    assert problems(html) == ["“djnago:5.2” is ignored: there is no such product here."]
    assert '<pre id="permalink">http://testserver/stack/?of=django:4.2.7</pre>' in html


def test_stack_without_known_products(client: Client) -> None:
    html = page(client, "/stack/?of=nope:1")
    assert "Nothing of this is in the catalogue." in html
    assert 'id="permalink"' not in html


def test_invalid_date_is_reported(client: Client) -> None:
    html = page(client, "/stack/?of=django:4.2.7&on=soon")
    assert problems(html)[0].startswith("on : “soon” is ignored")
    assert parts(html) == ["Django 4.2.7"]


def test_number_of_parts_is_limited(client: Client) -> None:
    html = page(client, "/stack/?" + "&".join(f"of=python:3.10.{n}" for n in range(MAX_PARTS + 1)))
    assert problems(html) == [f"of : At most {MAX_PARTS} parts are read."]
    assert parts(html) == [f"Python 3.10.0, 3.10.1, 3.10.2 and {MAX_PARTS - 3} more"]
    assert "too large for an address of 2,000 characters" in html


def test_long_parts_are_shortened(client: Client) -> None:
    html = page(client, f"/stack/?of=django:{'9' * 5000}")
    assert "9" * (MAX_TEXT + 1) not in html


def test_hostile_versions_are_escaped(client: Client) -> None:
    html = page(client, "/stack/?of=django:<script>alert(1)</script>")
    assert parts(html) == ["Django <script>alert(1)</script>"]
    assert "<script>alert" not in html


# ---- calendar, feeds, image


def test_calendar_contains_only_this_stack(client: Client) -> None:
    assert events(client, "/stack.ics?of=django:4.2.7&of=python:3.10") == [
        ("2021-10-04", "Python 3.10: release"),
        ("2023-04-03", "Django 4.2: release"),
        ("2026-04-07", "Django 4.2: end of security support"),
        ("2026-12-31", "Python 3.10: end of security support"),
    ]


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_feed_contains_only_this_stack(client: Client, form: str) -> None:
    """Entries are soon ending cycles and moved dates; it links to the page and to itself."""
    cycle = ReleaseCycle.objects.get(product__name="postgresql")
    cycle.eol = parse_milestone("2029-11-15")
    cycle.save()
    cycle.history.filter(history_type="~").update(
        history_date=datetime(2026, 11, 1, 12, tzinfo=UTC)
    )
    feed = feedparser.parse(client.get(f"/stack.{form}{QUERY}").content)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == [
        "PostgreSQL 17: end of security support moved to 15 Nov 2029",
        "Python 3.10: end of security support on 31 Dec 2026",
    ]
    assert feed.feed.link == f"http://testserver{PAGE}"
    (own,) = [link.href for link in feed.feed.links if link.rel == "self"]
    assert own == f"http://testserver/stack.{form}{QUERY}"


def test_equivalent_urls_have_the_same_feed_id(client: Client) -> None:
    """The id, by which readers recognize a feed, is derived from the stack."""
    ids = {
        feedparser.parse(client.get(f"/stack.atom?{query}").content).feed.id
        for query in ("of=django:4.2.7&of=python:3.10", "of=Python:3.10&of=django:4.2.7")
    }
    assert len(ids) == 1
    other = feedparser.parse(client.get("/stack.atom?of=django:4.2.7").content).feed.id
    assert other not in ids


def test_image_contains_only_this_stack(client: Client) -> None:
    """Each cycle is shown with its product, the most urgent first."""
    found = texts(client, f"/stack.svg{QUERY}")
    assert [each for each in found if each in ("Django 4.2", "Python 3.10", "PostgreSQL 17")] == [
        "Django 4.2",
        "Python 3.10",
        "PostgreSQL 17",
    ]
    assert not any("5.2" in each for each in found)


def test_formats_of_an_unknown_stack_are_empty(client: Client) -> None:
    """Subscribers of a deleted product see no error."""
    assert "Nothing in this stack is known." in texts(client, "/stack.svg?of=nope:1")
    assert events(client, "/stack.ics?of=nope:1") == []
    assert feedparser.parse(client.get("/stack.atom?of=nope:1").content).entries == []


@pytest.mark.parametrize("path", [*FILES, *BADGES])
def test_formats_are_readable_cross_origin(client: Client, path: str) -> None:
    """Only GET and HEAD are allowed, and no response depends on a cookie."""
    response = client.get(path + QUERY)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies
    assert client.head(path + QUERY).status_code == 200
    assert client.post(path + QUERY).status_code == 405


@pytest.mark.parametrize("path", ["/stack/", *FILES, *BADGES])
def test_formats_are_cached(client: Client, settings: Settings, path: str) -> None:
    settings.PAGE_CACHE_MB = 1
    pages.clear()
    found = [client.get(path + QUERY)["Cache-Status"] for _ in range(2)]
    assert found == ["roadmap; fwd=miss; stored", "roadmap; hit"]


@pytest.mark.parametrize("path", ["/stack.svg", "/stack.atom", "/stack.rss", *BADGES])
def test_formats_as_of_another_date(client: Client, path: str) -> None:
    answers = {client.get(f"{path}{QUERY}{day}").content for day in ("", "&on=2030-01-01")}
    assert len(answers) == 2


def test_page_links_to_all_formats(client: Client) -> None:
    """The links are in the page and in its head."""
    html = unescape(page(client))
    for path in FILES:
        assert f'<a href="{path}{QUERY}">' in html
        assert re.search(rf'<link rel="alternate" [^>]* href="{re.escape(path + QUERY)}">', html)
    assert f'<a href="webcal://testserver/stack.ics{QUERY}">' in html


# ---- the badge


@pytest.mark.parametrize(
    ("query", "message", "colour"),
    [
        ("of=django:4.2.7&of=python:3.10&of=python:3.14", "1 of 3 end of life", "#b3261e"),
        ("of=python:3.10&of=django:5.2", "1 of 2 ending soon", "#f0b429"),
        ("of=python:3.14&of=django:5.2", "1 of 2 security fixes only", "#f0b429"),
        ("of=python:3.14&of=django:6.1", "all 2 supported", "#0b4f8a"),
        ("of=python:3.14", "supported", "#0b4f8a"),
        ("of=django:6.2", "planned", "#525c66"),
        ("of=python:3.14&on=2030-11-01", "end of life", "#b3261e"),
    ],
)
def test_badge_shows_the_worst_status(
    client: Client, query: str, message: str, colour: str
) -> None:
    """The same message is in the image and in the shields.io JSON."""
    assert texts(client, f"/badges/stack.svg?{query}") == ["stack", message]
    data: Any = client.get(f"/badges/stack.json?{query}").json()
    assert (data["label"], data["message"], data["color"]) == ("stack", message, colour)


@pytest.mark.parametrize("query", ["", "of=nope:1", "of=django:77"])
def test_badge_of_an_unknown_stack(client: Client, query: str) -> None:
    """The response is a 404 that a README can still display."""
    response = client.get(f"/badges/stack.svg?{query}")
    assert response.status_code == 404
    assert texts(client, f"/badges/stack.svg?{query}") == ["stack", "not found"]
    assert client.get(f"/badges/stack.json?{query}").json()["isError"] is True


def test_snippets_link_the_badge_to_its_page(client: Client) -> None:
    """Both render as the same linked image."""
    html = page(client)
    for name in ("markdown", "html"):
        found = re.search(f'<input id="badge-{name}" readonly value="([^"]*)">', html)
        assert found
        text = unescape(found[1])
        rendered = MarkdownIt().render(text) if name == "markdown" else text
        linked = re.search('<a href="([^"]*)"><img src="([^"]*)" alt="stack" ?/?></a>', rendered)
        assert linked
        assert [unescape(each) for each in linked.groups()] == [
            f"http://testserver{PAGE}",
            f"http://testserver/badges/stack.svg{QUERY}",
        ]


# ---- query counts


@pytest.mark.parametrize("count", [0, 40])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # product names, aliases, cycles, former names, releases
        *((path, 5) for path in ("/stack/", "/stack.svg", *BADGES)),
        # and the history
        *((path, 6) for path in ("/stack.ics", "/stack.atom", "/stack.rss")),
    ],
)
def test_query_budgets(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
    count: int,
) -> None:
    """The count does not depend on the number of parts."""
    query = QUERY
    for number in range(count):
        product = make_product(f"x{number:02}", category="os", aliases=[f"y{number:02}"])
        make_release(make_cycle(product, "1", eol="2027-01-01"), "1.1")
        query += f"&of=x{number:02}:1.0"
    with django_assert_num_queries(queries):
        client.get(path + query)
