"""The measurements of the first page: the bare table, the first bar, and reports of Lighthouse."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Browser
from pytest_django import DjangoAssertNumQueries, Settings

from scripts.bench_page import load
from scripts.first_bar import paint_time
from scripts.lighthouse import failing_audits, main, scores_by_category
from tests.factories import make_cycle, make_product

SIZE = (1280, 900)
LATE = """<script>setTimeout(() => document.body.innerHTML = "<p><b>late</b></p>", 400)</script>"""
ICON = "<link rel=icon href=data:,>"
SHIFTING = """<body><p>x</p><script>
fetch("https://site.test/x.woff2")
  .finally(() => document.body.prepend(document.createElement("hr")))
</script>"""
REPORT = {
    "categories": {
        "seo": {
            "title": "SEO",
            "score": 0.92,
            "auditRefs": [
                {"id": "document-title", "weight": 1},
                {"id": "meta-description", "weight": 1},
                {"id": "canonical", "weight": 1},
                {"id": "structured-data", "weight": 0},
            ],
        }
    },
    "audits": {
        "document-title": {"id": "document-title", "title": "Has a title", "score": 1},
        "meta-description": {"id": "meta-description", "title": "No description", "score": 0},
        "canonical": {"id": "canonical", "title": "Not applicable", "score": None},
        "structured-data": {"id": "structured-data", "title": "Not counted", "score": 0},
    },
}


@pytest.mark.django_db
def test_bare_table_has_the_rows_of_the_roadmap(client: Client, settings: Settings) -> None:
    make_cycle(make_product("django", label="D<jango"), "5.2", eol="2028-04-30")
    make_cycle(make_product("python"), "3.14", release="2025-10-07")
    settings.ROOT_URLCONF = "scripts.bare_table"
    bare, page = (client.get(path).content.decode() for path in ("/bare/", "/"))
    rows = re.findall("<tr>.*</tr>", bare)
    assert len(rows) == page.count('<th scope="row"') == 2
    assert "<td>D&lt;jango</td><td>5.2</td>" in rows[0]
    assert "<td>30 Apr 2028</td>" in rows[0]


@pytest.mark.django_db
def test_bare_table_is_cached_until_the_server_forgets(
    client: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.PAGE_CACHE_MB, settings.ROOT_URLCONF = 1, "scripts.bare_table"
    client.get("/forget/")
    assert "miss" in client.get("/bare/")["Cache-Status"]
    with django_assert_num_queries(1):
        assert client.get("/bare/")["Cache-Status"] == "roadmap; hit"
    assert client.get("/forget/").status_code == 204
    assert "miss" in client.get("/bare/")["Cache-Status"]


@pytest.mark.browser
def test_paint_time_waits_for_the_element(chromium: Browser) -> None:
    address = f"data:text/html,<body><p>early</p>{LATE}"
    early, late = (paint_time(chromium, address, name, SIZE) for name in ("p", "b"))
    assert 0 < early < late
    assert late >= 400


@pytest.mark.browser
def test_shift_after_a_late_font_is_seen(chromium: Browser) -> None:
    assert load(chromium, f"data:text/html,{ICON}<p>x", SIZE, 0.3).shift == 0
    assert load(chromium, f"data:text/html,{ICON}{SHIFTING}", SIZE, 0.3).shift > 0


def test_scores_and_failing_audits_of_a_report() -> None:
    """Audits that do not apply or do not count are left out."""
    assert scores_by_category([REPORT, REPORT]) == {"SEO": [92, 92]}
    assert failing_audits(REPORT) == ["No description (meta-description)"]


def test_path_without_slash_prints_the_usage() -> None:
    with pytest.raises(SystemExit, match=r"lighthouse \[PATH"):
        main(["django"])
