"""All outputs agree on the latest release of a cycle on a date."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from releases import selectors
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Product, Release, ReleaseCycle
from releases.services.export_products import as_csv, as_json, whole_products
from releases.services.imports.import_products import BUNDLED, import_products, product_files
from releases.web import clock
from tests.conftest import CATALOGUE, ON
from tests.factories import make_cycle, make_product, make_release
from tests.product_files import cycle as file_cycle
from tests.product_files import import_files, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on")]

Ask = Callable[[str], str]
"""A function that returns the text of a response with entities resolved, for the given date."""
Json = Any

BEFORE = date(2026, 10, 20)
TOMORROW = ON + timedelta(days=1)


def from_pattern(path: str, pattern: str) -> Callable[[Ask], str]:
    """Return a function that extracts the first match of a pattern, or an empty string."""

    def read(ask: Ask) -> str:
        found = re.search(pattern, ask(path), re.DOTALL)
        return found[1] if found else ""

    return read


def from_json(path: str, pick: Callable[[Json], Json]) -> Callable[[Ask], str]:
    """Return a function that extracts a part of a JSON response, or an empty string for null."""
    return lambda ask: pick(json.loads(ask(path))) or ""


def from_csv(ask: Ask) -> str:
    rows = list(csv.DictReader(StringIO(ask("/roadmap.csv?product=django"))))
    return next(row["latest"] for row in rows if row["cycle"] == "5.2")


def find_cycle(rows: list[Json], key: str = "name") -> Json:
    return next(row for row in rows if row[key] == "5.2")


VERSION = r"(5\.2\.\d+)"
OUTPUTS: dict[str, Callable[[Ask], str]] = {
    "roadmap": from_pattern("/?pin=django:5.2&group=none", rf"latest {VERSION}"),
    "roadmap by product": from_pattern("/?product=django", rf"latest {VERSION}"),
    "roadmap.svg": from_pattern("/roadmap.svg?product=django", f"latest {VERSION}"),
    "roadmap.csv": from_csv,
    "roadmap.json": from_json(
        "/roadmap.json?product=django",
        lambda data: find_cycle(data["products"][0]["cycles"], "cycle")["latest"],
    ),
    "product page": from_pattern("/django/", rf"latest <a [^>]*releases/{VERSION}/"),
    "product.svg": from_pattern("/django.svg", f"latest {VERSION}"),
    "cycle page": from_pattern("/django/5.2/", f"Latest patch: {VERSION}"),
    "verdict": from_pattern("/django/?version=5.2.1", rf"Its latest release is {VERSION}"),
    "command of the verdict": from_pattern("/django/?version=5.2.1", rf'"Django=={VERSION}"'),
    "badge": from_pattern("/badges/django.svg?version=5.2.1", f"patch: {VERSION}"),
    "stack": from_pattern("/stack/?of=django:5.2.1", rf"Latest patch</span> {VERSION}"),
    "stack.svg": from_pattern("/stack.svg?of=django:5.2.1", f"latest {VERSION}"),
    "plan": from_pattern(
        "/upgrade/django/?from=4.2&to=5.2", rf"Latest patch\s+(?:<a [^>]*>)?{VERSION}"
    ),
    "command of the plan": from_pattern(
        "/upgrade/django/?from=4.2&to=5.2", rf'"Django=={VERSION}"'
    ),
    "first task": from_pattern("/upgrade/django/?from=5.2&to=6.0", rf"which is {VERSION}"),
    "plan.md": from_pattern("/upgrade/django.md?from=4.2&to=5.2", f"latest release {VERSION}"),
    "plan.json": from_json(
        "/upgrade/django.json?from=4.2&to=5.2",
        lambda data: next(step for step in data["steps"] if step["to"] == "5.2")["latest"],
    ),
    "v0": from_json("/api/django.json", lambda data: find_cycle(data, "cycle").get("latest")),
    "v0 cycle": from_json("/api/django/5.2.json", lambda data: data.get("latest")),
    "v1": from_json(
        "/api/v1/products/django",
        lambda data: (find_cycle(data["result"]["releases"])["latest"] or {}).get("name"),
    ),
    "v1 full": from_json(
        "/api/v1/products/full",
        lambda data: (
            find_cycle(
                next(each for each in data["result"] if each["name"] == "django")["releases"]
            )["latest"]
            or {}
        ).get("name"),
    ),
    "v2": from_json(
        "/api/v2/products/django",
        lambda data: (find_cycle(data["cycles"])["latest"] or {}).get("version"),
    ),
    "v2 cycle": from_json(
        "/api/v2/products/django/cycles/5.2",
        lambda data: (data["latest"] or {}).get("version"),
    ),
    "v2 cycles": from_json(
        "/api/v2/cycles?product=django&limit=500",
        lambda data: (find_cycle(data["items"])["latest"] or {}).get("version"),
    ),
    "v2 identify": from_json(
        "/api/v2/identify?purl=pkg:pypi/django@5.2.1",
        lambda data: (data["items"][0]["matches"][0]["cycle"]["latest"] or {}).get("version"),
    ),
    "v2 verdict": from_json(
        "/api/v2/products/django/verdict?version=5.2.1", lambda data: data["latest"]
    ),
}


def latest_releases(client: Client, on: date | None = None) -> dict[str, str]:
    """Return the latest release of Django 5.2 in each output."""

    def ask(path: str) -> str:
        day = f"{'&' if '?' in path else '?'}on={on}" if on else ""
        response = client.get(path + day)
        assert response.status_code == 200, path
        text = response.content.decode()
        return text if response.headers["Content-Type"].endswith("json") else unescape(text)

    return {name: read(ask) for name, read in OUTPUTS.items()}


def in_every_output(version: str) -> dict[str, str]:
    return dict.fromkeys(OUTPUTS, version)


@pytest.fixture
def cycle_of_both_catalogues() -> ReleaseCycle:
    """Django 5.2 after importing the bundled catalogue and then an older file."""
    list(import_products(product_files([BUNDLED]), on=ON))
    list(import_products(product_files([CATALOGUE / "products"]), on=ON))
    return ReleaseCycle.objects.get(product__name="django", name="5.2")


@pytest.mark.catalogue
def test_every_output_has_the_same_latest_release(
    client: Client, cycle_of_both_catalogues: ReleaseCycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today, on a past date, and on the day of an announced release."""
    ReleaseCycle.objects.filter(pk=cycle_of_both_catalogues.pk).update(
        latest="5.2.17", latest_date=date(2026, 8, 4)
    )
    make_release(cycle_of_both_catalogues, "5.2.20", kind="security", date=TOMORROW)
    assert latest_releases(client) == in_every_output("5.2.19")
    assert latest_releases(client, BEFORE) == in_every_output("5.2.18")
    monkeypatch.setattr(clock, "today", lambda: TOMORROW)
    assert latest_releases(client) == in_every_output("5.2.20")


@pytest.mark.catalogue
@pytest.mark.usefixtures("cycle_of_both_catalogues")
def test_older_file_does_not_replace_a_newer_release(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exports and the `check_stack` command agree."""
    assert latest_releases(client) == in_every_output("5.2.19")
    cycle = ReleaseCycle.objects.get(product__name="django", name="5.2")
    assert (cycle.latest, cycle.latest_date) == ("5.2.19", date(2026, 11, 3))
    products = whole_products().filter(name="django")
    rows = {row["cycle"]: row for row in csv.DictReader(StringIO(as_csv(products, ON)))}
    assert (rows["5.2"]["latest"], rows["5.2"]["latest_date"]) == ("5.2.19", "2026-11-03")
    assert (
        find_cycle(json.loads(as_json(products, ON))["products"][0]["cycles"])["latest"] == "5.2.19"
    )
    (tmp_path / "requirements.txt").write_text("Django==5.2.1\n")
    call_command("check_stack", str(tmp_path / "requirements.txt"), format="json")
    assert json.loads(capsys.readouterr().out)["items"][0]["latest"] == "5.2.19"


# ---- values from a file


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return tmp_path / "acme.md"


def latest_of(client: Client, on: date | None = None) -> Json:
    """Return the latest release of Acme 1.0 in API v1, or None."""
    day = f"?on={on}" if on else ""
    return client.get(f"/api/v1/products/acme/releases/1.0{day}").json()["result"]["latest"]


def latest_in_v0(client: Client, on: date | None = None) -> Json:
    """Return the latest release and its date in API v0."""
    day = f"?on={on}" if on else ""
    found = client.get(f"/api/acme/1.0.json{day}").json()
    return found.get("latest"), found.get("latestReleaseDate")


def test_future_release_is_not_shown_yet(client: Client, acme: Path) -> None:
    """Its link is hidden as well; the previous release is shown if it is recorded."""
    day = {"latest": "1.0.4", "latestReleaseDate": TOMORROW, "link": "https://acme.test/1.0.4"}
    import_files(write(acme, file_cycle("1.0", releaseDate=date(2026, 1, 1), **day)))
    assert latest_of(client) is None
    assert latest_in_v0(client) == (None, None)
    assert "1.0.4" not in client.get("/acme/1.0/").content.decode()
    make_release(ReleaseCycle.objects.get(), "1.0.3", date=BEFORE)
    assert latest_of(client) == {"name": "1.0.3", "date": BEFORE.isoformat(), "link": None}
    assert latest_in_v0(client) == ("1.0.3", BEFORE.isoformat())
    assert latest_of(client, TOMORROW)["link"] == "https://acme.test/1.0.4"


def test_past_date_shows_the_release_of_that_date(client: Client) -> None:
    cycle = make_cycle(
        make_product("acme"), "1.0", release="2026-01-01", latest="1.0.4", latest_date=ON
    )
    assert latest_of(client)["name"] == "1.0.4"
    assert latest_of(client, BEFORE) is None
    make_release(cycle, "1.0.2", date=BEFORE)
    assert latest_of(client, BEFORE)["name"] == "1.0.2"


def test_undated_release_is_known_from_today_on(client: Client) -> None:
    """It is also used for future dates, like all other current data."""
    make_cycle(make_product("acme"), "1.0", release="2026-01-01", latest="1.0.4")
    expected = {"name": "1.0.4", "date": None, "link": None}
    assert latest_of(client) == latest_of(client, TOMORROW) == expected
    assert latest_of(client, ON - timedelta(days=1)) is None


def test_link_belongs_to_its_release(client: Client) -> None:
    """A fixed URL is shown for the release it was recorded with, a template for any release."""
    product = make_product("acme", changelog_template="https://acme.test/notes/__LATEST__")
    told_of = {"latest": "1.0.4", "latest_date": BEFORE, "release": "2026-01-01"}
    cycle = make_cycle(product, "1.0", link="https://acme.test/1.0.4", **told_of)
    make_release(cycle, "1.0.5", date=ON)
    assert latest_of(client)["link"] is None
    assert latest_of(client, BEFORE)["link"] == "https://acme.test/1.0.4"
    ReleaseCycle.objects.update(link="https://acme.test/v__LATEST__")
    product.save()
    assert latest_of(client)["link"] == "https://acme.test/v1.0.5"


def test_recorded_roadmap_has_the_releases_of_its_date(client: Client) -> None:
    """Later records are left out, and an undated release counts as known on that date."""
    product = make_product("acme")
    cycle = make_cycle(product, "1.0", release="2026-01-01", latest="1.0.1")
    for model in (Product, ReleaseCycle):
        model.history.update(history_date="2026-06-01T12:00:00Z")
    make_release(cycle, "1.0.2", date=date(2026, 5, 1))
    asked = {"known_on": ["2026-06-02"], "on": ["2026-06-02"]}
    for moment, version in (("2026-07-01T12:00:00Z", "1.0.1"), ("2026-06-01T13:00:00Z", "1.0.2")):
        Release.history.update(history_date=moment)
        query = RoadmapQuery.parse(asked, ON)
        [(_, found)] = selectors.roadmap(query).cycles
        assert found.as_of(query.on).latest == version


def test_row_as_of_a_date_cannot_be_saved() -> None:
    """The copy would overwrite the recorded latest release."""
    cycle = make_cycle(make_product("acme"), "1.0", latest="1.0.1", latest_date=BEFORE)
    make_release(cycle, "1.0.2", date=ON)
    shown = cycle.as_of(ON)
    assert (shown.latest, cycle.latest) == ("1.0.2", "1.0.1")
    with pytest.raises(TypeError, match="save the row itself"):
        shown.save()
    assert cycle.as_of(BEFORE) is cycle


def test_table_in_a_description_has_the_latest_release(client: Client) -> None:
    text = '{% include table.html fields="releaseCycle,latest" rows=page.releases %}'
    product = make_product("acme", description=text, show_latest=False)
    cycle = make_cycle(product, "1.0", release="2026-01-01", latest="1.0.1", latest_date=BEFORE)
    make_release(cycle, "1.0.2", date=ON)
    html = client.get("/acme/").content.decode()
    assert "<td>1.0.2</td>" in html
    assert "<td>1.0.1</td>" not in html
