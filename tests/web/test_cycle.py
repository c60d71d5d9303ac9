"""The page of a release cycle."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.models import Product
from tests.factories import make_custom_field, make_cycle, make_product, make_release
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def django() -> Product:
    product = make_product(
        aliases=["dj"], show_eoas=True, eoas_label="Full <b>&amp;</b> fast support"
    )
    product.identifiers.create(type="purl", value="pkg:pypi/django")
    make_custom_field(product, "python", label="Python", description="Which Pythons it runs on.")
    make_cycle(product, "6.2", release="2027-04", lts="yes")
    make_cycle(product, "6.0", release="2025-12-03", eoas="2026-08-04", eol="2027-04-30")
    make_cycle(
        product,
        "5.2",
        release="2025-04-02",
        eoas="2025-12-03",
        eol="2028-04-30",
        lts="yes",
        custom={"python": "3.10 - 3.14"},
        latest="5.2.19",
    )
    make_cycle(product, "5.1", release="2024-08-07", eol="2025-12-03")
    make_cycle(product, "4.2", release="2023-04-03", eol="2026-04-07", lts="yes")
    return product


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def milestones(client: Client, path: str) -> list[str]:
    """Return the milestones of a page as text; those to come begin with `…`."""
    items = text_of(client, path).partition('<ol class="miles"')[2].partition("</ol>")[0]
    found = re.findall(r'<li( class="to-come")?>(.*?)</li>', items, re.DOTALL)
    return [f"{'… ' if to_come else ''}{words_of(item)}" for to_come, item in found]


def section(client: Client, path: str, id: str) -> str:
    """Return the text of the section with a heading of this id."""
    page = text_of(client, path)
    return words_of(page.partition(f'aria-labelledby="{id}">')[2].partition("</section>")[0])


# ---- support -------------------------------------------------------------------------------------


def test_title_status_and_lead_say_the_same(client: Client, django: Product) -> None:
    """Distances are in words; days are in brackets only."""
    page = text_of(client, "/django/5.2/")
    assert "<title>Django 5.2 LTS: supported until 30 Apr 2028 · Release Roadmap</title>" in page
    words = words_of(page)
    assert "Django 5.2 LTS Security fixes only" in words
    lead = "Security fixes until 30 Apr 2028, in 17 months. Bug fixes ended 3 Dec 2025."
    assert lead in words
    assert f'<meta name="description" content="Django 5.2: {lead}">' in page
    assert "days left" not in words


@pytest.mark.parametrize(
    ("milestones", "title", "status"),
    [
        ({"release": "2027-04"}, "planned for Apr 2027", "Planned"),
        ({"eol": "no"}, "supported, no end announced", "Active"),
        ({}, "supported", "Active"),
        ({"eol": "2026-01-01"}, "end of life since 1 Jan 2026", "End of life"),
        (
            {"eol": "2026-01-01", "eoes": "2028"},
            "security support ended on 1 Jan 2026",
            "Paid only",
        ),
    ],
)
def test_title_is_true_for_every_status(
    client: Client, milestones: dict[str, str], title: str, status: str
) -> None:
    make_cycle(make_product("acme", extended_terms="paid"), "1", **milestones)
    page = text_of(client, "/acme/1/")
    assert f"<title>Acme 1: {title} · Release Roadmap</title>" in page
    assert words_of(page.partition("<h1>")[2]).startswith(f"Acme 1 {status}")


def test_dates_of_the_lead_are_not_broken_over_a_line(client: Client, django: Product) -> None:
    lead = text_of(client, "/django/5.2/").partition('<p class="lead">')[2].partition("</p>")[0]
    assert "30\xa0Apr\xa02028" in lead
    assert "3\xa0Dec\xa02025" in lead


def test_unconfirmed_dates_are_marked(client: Client) -> None:
    make_cycle(make_product(), "5.2", eol="2028", unconfirmed=True)
    assert "The dates are to be confirmed." in text_of(client, "/django/5.2/")


def test_other_date_and_old_data_are_notices(client: Client, django: Product) -> None:
    page = text_of(client, "/django/5.2/?on=2028-05-01&from=x")
    assert "Showing support as of 1 May 2028" in words_of(page)
    assert '<a href="/django/5.2/">Back to today</a>' in page
    assert re.search(r'<p class="notice[^"]*" id="data-age">', page)
    assert '<ul class="notice warn plain" id="problems">' in page
    assert "Support ended 30 Apr 2028, 1 day ago." in words_of(page)


# ---- milestones ----------------------------------------------------------------------------------


def test_milestones_are_dates_with_distances(client: Client, django: Product) -> None:
    """The product's own labels are in brackets, without markup."""
    assert milestones(client, "/django/5.2/") == [
        "Released 2 Apr 2025 19 months ago",
        "Bug fixes until (Full & fast support) 3 Dec 2025 ended 11 months ago",
        "… Security fixes until 30 Apr 2028 in 17 months (526 days)",
    ]


def test_milestones_are_sorted_by_date(client: Client) -> None:
    """Imprecise dates have no days in brackets; undated milestones come last."""
    product = make_product("node", show_eoas=True, extended_terms="paid")
    make_cycle(
        product,
        "26",
        release="2026-05-05",
        lts="2026-12-01",
        eoas="2027-10",
        eol="no",
        eoes="no",
        discontinued="yes",
    )
    assert milestones(client, "/node/26/") == [
        "Released 5 May 2026 6 months ago",
        "… LTS from 1 Dec 2026 in 10 days",
        "… Bug fixes until Oct 2027 in 11 months",
        "… Security fixes no end announced",
        "… Paid extended support no end announced",
        "Discontinued yes, date not known",
    ]


def test_one_phase_of_support_has_one_end(client: Client) -> None:
    """The label “Support Status” adds nothing to it."""
    product = make_product("acme", show_eol=True, eol_label="Support Status")
    make_cycle(product, "1", release="no", eol="2028")
    assert milestones(client, "/acme/1/") == [
        "… Supported until 2028 in 2 years and 1 month",
        "… Expected not announced",
    ]


def test_undated_milestones_have_the_words_of_the_support_table(client: Client) -> None:
    product = make_product("phone", show_discontinued=True)
    make_cycle(product, "se", release="2016-03-31", discontinued="yes", eol="2022-09-12")
    words = "yes, date not known"
    assert words in text_of(client, "/phone/")
    assert words in text_of(client, "/phone/se/")


# ---- lifeline ------------------------------------------------------------------------------------


def test_cycle_without_dates_has_no_lifeline(client: Client) -> None:
    make_cycle(make_product("acme"), "1")
    page = text_of(client, "/acme/1/")
    assert "No dates are recorded." in page
    assert "Supported; no end is recorded." in page
    assert 'class="card life"' not in page


def test_legend_has_only_what_the_lifeline_shows(client: Client, django: Product) -> None:
    cycle = django.cycles.get(name="5.2")
    make_release(cycle, "5.2.1", kind="security", date="2025-05-07")
    make_release(cycle, "5.2.2", kind="patch")
    life = text_of(client, "/django/5.2/").partition('class="card life"')[2]
    legend = life.partition('<ul class="legend"')[2].partition("</ul>")[0]
    assert [words_of(each) for each in re.findall("<li>(.*?)</li>", legend, re.DOTALL)] == [
        "Active: bug and security fixes",
        "Security fixes only",
        "Security release",
    ]


def test_drawing_is_hidden_from_screen_readers(client: Client, django: Product) -> None:
    make_release(django.cycles.get(name="5.2"), "5.2", kind="final", date="2025-04-02")
    life = text_of(client, "/django/5.2/").partition('class="card life"')[2]
    lane = life.partition('<ul class="legend"')[0]
    assert lane.count('aria-hidden="true"') == 3


def test_releases_to_come_are_drawn_as_planned(client: Client, django: Product) -> None:
    cycle = django.cycles.get(name="6.2")
    make_release(cycle, "6.2a1", kind="alpha", date="2026-11-01")
    make_release(cycle, "6.2b1", kind="beta", date="2027-02-01")
    make_release(cycle, "6.2rc1", kind="rc", date="2027-03-31", precision="month")
    life = text_of(client, "/django/6.2/").partition('class="card life"')[2]
    lane, _, legend = life.partition('<ul class="legend"')
    assert lane.count('class="dot pre-release"') == 1
    assert lane.count('class="dot pre-release to-come"') == 2
    assert "To come" in legend.partition("</ul>")[0]


# ---- releases ------------------------------------------------------------------------------------


def test_latest_patch_has_notes_date_and_command(client: Client, django: Product) -> None:
    django.changelog_template = "https://example.org/__LATEST__/"
    django.save()
    cycle = django.cycles.get(name="5.2")
    make_release(cycle, "5.2.19", kind="security", date="2026-11-03")
    assert section(client, "/django/5.2/", "latest") == (
        "Latest patch: 5.2.19 Security release of 3 Nov 2026 , 18 days ago. Release notes"
        ' python -m pip install "Django==5.2.19" Copy'
    )
    assert 'href="https://example.org/5.2.19/"' in text_of(client, "/django/5.2/")


def test_unknown_date_and_kind_of_the_latest_release_are_not_claimed(client: Client) -> None:
    product = make_product("acme")
    make_cycle(product, "1", latest="1.0.4")
    make_cycle(product, "2", latest="2", latest_date="2026-11-20")
    assert section(client, "/acme/1/", "latest") == "Latest patch: 1.0.4 Its date is not known."
    assert section(client, "/acme/2/", "latest") == (
        "Latest release: 2 Released 20 Nov 2026 , 1 day ago."
    )


def test_hidden_latest_release_is_not_shown(client: Client, django: Product) -> None:
    Product.objects.update(show_latest=False)
    assert "5.2.19" not in text_of(client, "/django/5.2/")


def test_custom_fields_are_shown(client: Client, django: Product) -> None:
    assert section(client, "/django/5.2/", "own") == (
        "Works with Python 3.10 - 3.14 Which Pythons it runs on."
    )
    assert "Works with" not in text_of(client, "/django/6.0/")


def test_planned_cycle_shows_its_schedule(client: Client, django: Product) -> None:
    cycle = django.cycles.get(name="6.2")
    make_release(cycle, "6.2a1", kind="alpha", date="2027-01-13")
    make_release(cycle, "6.2rc1", kind="rc", date="2027-03-31", precision="month")
    make_release(cycle, "6.2", kind="final")
    assert "Planned for Apr 2027, in 5 months." in words_of(text_of(client, "/django/6.2/"))
    assert section(client, "/django/6.2/", "releases") == (
        "Schedule of 6.2 Version Kind Date"
        " 6.2 First release date not known"
        " 6.2rc1 Release candidate Mar 2027 in 4 months"
        " 6.2a1 Alpha 13 Jan 2027 in 53 days"
    )


def test_releases_are_sorted_newest_first_and_earlier_ones_folded(
    client: Client, django: Product
) -> None:
    cycle = django.cycles.get(name="5.2")
    for number in range(11):
        version = f"5.2.{number}" if number else "5.2"
        make_release(cycle, version, kind="patch" if number else "final", date="2025-05-07")
    page = text_of(client, "/django/5.2/").partition('id="releases"')[2]
    visible, _, folded = page.partition("<details")
    places = [visible.index(f">5.2.{number}<") for number in range(10, 2, -1)]
    assert places == sorted(places)
    assert ">5.2.2<" not in visible
    assert "3 earlier" in words_of(folded)
    assert all(f">{version}<" in folded for version in ("5.2.2", "5.2.1", "5.2"))


def test_badge_of_the_latest_cycle_is_mentioned(client: Client, django: Product) -> None:
    words = words_of(text_of(client, "/django/5.2/"))
    assert "With latest in the place of 5.2 , it is the badge of the newest release cycle" in words


# ---- links ---------------------------------------------------------------------------------------


def test_neighbours_are_linked(client: Client, django: Product) -> None:
    """The adjacent cycles, and the previous and next LTS."""
    html = text_of(client, "/django/5.2/").partition('<nav class="section turns"')[2]
    cards = re.findall(r'href="([^"]*)"><small>([^<]*)</small>\s*([^<]*)</a>', html)
    assert [tuple(map(str.strip, card)) for card in cards] == [
        ("/django/5.1/", "Older", "Django 5.1"),
        ("/django/6.0/", "Newer", "Django 6.0"),
        ("/django/4.2/", "LTS before", "Django 4.2"),
        ("/django/6.2/", "Next LTS", "Django 6.2"),
    ]


def test_each_neighbour_is_linked_once(client: Client, django: Product) -> None:
    html = text_of(client, "/django/5.1/").partition('<nav class="section turns"')[2]
    assert html.count('href="/django/4.2/"') == 1


@pytest.mark.parametrize(
    ("cycle", "on", "query"),
    [
        ("5.2", "", "from=5.2&amp;to=latest"),
        ("4.2", "", "from=4.2&amp;to=lts"),
        ("5.1", "", "from=5.1&amp;to=latest"),
        ("6.0", "", "to=6.0"),
        ("6.2", "", "to=6.2"),
        ("5.2", "?on=2027-06-01", "from=5.2&amp;to=lts&amp;on=2027-06-01"),
    ],
)
def test_plan_leads_to_a_newer_supported_cycle(
    client: Client, django: Product, cycle: str, on: str, query: str
) -> None:
    """The plan from LTS leads to LTS; without a newer cycle it leads to the cycle of the page."""
    page = text_of(client, f"/django/{cycle}/{on}")
    address = f"/upgrade/django/?{query}"
    assert f'<a class="button" href="{address}">' in page
    assert client.get(unescape(address)).context["problems"] == {}


def test_products_that_nobody_upgrades_have_no_plan(client: Client) -> None:
    make_cycle(make_product("phone", category="device"), "se")
    assert "Plan an upgrade" not in text_of(client, "/phone/se/")


def test_alias_redirects_to_the_cycle(client: Client, django: Product) -> None:
    response = client.get("/dj/5.2/")
    assert (response.status_code, response["Location"]) == (301, "/django/5.2/")


@pytest.mark.parametrize("name", ["a+", "a_b", "8.0-lts", "2024 H1", "ü"])
def test_any_cycle_name_works_in_urls(client: Client, name: str) -> None:
    cycle = make_cycle(make_product(), name)
    assert client.get(cycle.get_absolute_url()).status_code == 200


def test_unknown_cycle_is_404_with_suggestions(client: Client, django: Product) -> None:
    response = client.get("/django/5.3/")
    assert response.status_code == 404
    assert b'href="/django/">Django' in response.content


def test_headings_are_in_order(client: Client, django: Product) -> None:
    make_release(django.cycles.get(name="5.2"), "5.2", kind="final", date="2025-04-02")
    main = text_of(client, "/django/5.2/").partition("<main")[2].partition("</main>")[0]
    levels = [int(level) for level in re.findall(r"<h(\d)", main)]
    assert levels[0] == 1
    assert all(later <= level + 1 for level, later in pairwise(levels))


def test_vendor_range_and_identifiers(client: Client, django: Product) -> None:
    django.vendor, django.vendor_link = "DSF <b>", "https://www.djangoproject.com/foundation/"
    django.save()
    django.cycles.get(name="5.2").identifiers.create(type="cpe", value="cpe:2.3:a:x:django:5.2")
    page = text_of(client, "/django/5.2/")
    facts = page.partition('<h2 id="identifiers">')[2].partition("</dl>")[0]
    assert words_of(facts) == (
        "Identifiers Vendor DSF <b> Versions vers:pypi/>=5.2|<5.3 Version range (vers)"
        " Django 5.2 cpe: cpe:2.3:a:x:django:5.2 Django purl: pkg:pypi/django"
    )
    assert 'href="https://www.djangoproject.com/foundation/"' in facts
    # A planned cycle whose versions the name tells.
    assert "vers:pypi/&gt;=6.2|&lt;6.3" in text_of(client, "/django/6.2/")


def test_unknown_vendor_range_and_identifiers_are_not_shown(client: Client) -> None:
    make_cycle(make_product("debian"), "jessie", eol="2020-06-30")
    page = text_of(client, "/debian/jessie/")
    for word in ("identifiers", "Vendor", "vers:"):
        assert word not in page


def test_query_budget(
    client: Client, django: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # product, tags, aliases, custom fields, identifiers, cycles, releases of the cycle, its
    # identifiers
    with django_assert_num_queries(8):
        client.get("/django/5.2/")
