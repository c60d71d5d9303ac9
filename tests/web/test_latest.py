"""One latest release of a cycle on a date, in every output."""

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
"""The text of an answer, markup resolved; the date of the answer is added to the address."""
Json = Any

BEFORE = date(2026, 10, 20)
TOMORROW = ON + timedelta(days=1)


def of_pattern(path: str, pattern: str) -> Callable[[Ask], str]:
    """What the first match of a pattern in an answer says; empty where there is none."""

    def read(ask: Ask) -> str:
        found = re.search(pattern, ask(path), re.DOTALL)
        return found[1] if found else ""

    return read


def of_json(path: str, pick: Callable[[Json], Json]) -> Callable[[Ask], str]:
    """What a part of an answer says; empty for null."""
    return lambda ask: pick(json.loads(ask(path))) or ""


def of_csv(ask: Ask) -> str:
    rows = list(csv.DictReader(StringIO(ask("/roadmap.csv?product=django"))))
    return next(row["latest"] for row in rows if row["cycle"] == "5.2")


def named(rows: list[Json], key: str = "name") -> Json:
    return next(row for row in rows if row[key] == "5.2")


VERSION = r"(5\.2\.\d+)"
OUTPUTS: dict[str, Callable[[Ask], str]] = {
    "roadmap": of_pattern("/?pin=django:5.2&group=none", rf"Latest</span> {VERSION}"),
    "roadmap by product": of_pattern("/?product=django", rf"Latest</span> {VERSION}"),
    "roadmap.svg": of_pattern("/roadmap.svg?product=django", f"latest {VERSION}"),
    "roadmap.csv": of_csv,
    "roadmap.json": of_json(
        "/roadmap.json?product=django",
        lambda data: named(data["products"][0]["cycles"], "cycle")["latest"],
    ),
    "product page": of_pattern("/django/", rf"Latest</span> <a [^>]*releases/{VERSION}/"),
    "product.svg": of_pattern("/django.svg", f"latest {VERSION}"),
    "cycle page": of_pattern("/django/5.2/", rf'id="latest".*?>{VERSION}</a>'),
    "verdict": of_pattern("/django/?version=5.2.1", rf"Its latest release is {VERSION}"),
    "command of the verdict": of_pattern("/django/?version=5.2.1", rf'"Django=={VERSION}"'),
    "badge": of_pattern("/badges/django.svg?version=5.2.1", f"patch: {VERSION}"),
    "stack": of_pattern("/stack/?of=django:5.2.1", rf"Latest</span> {VERSION}"),
    "stack.svg": of_pattern("/stack.svg?of=django:5.2.1", f"latest {VERSION}"),
    "plan": of_pattern("/upgrade/django/?from=4.2&to=5.2", rf"Latest</span> {VERSION}"),
    "command of the plan": of_pattern("/upgrade/django/?from=4.2&to=5.2", rf'"Django=={VERSION}"'),
    "first task": of_pattern("/upgrade/django/?from=5.2&to=6.0", rf"which is {VERSION}"),
    "plan.md": of_pattern("/upgrade/django.md?from=4.2&to=5.2", f"latest release {VERSION}"),
    "plan.json": of_json(
        "/upgrade/django.json?from=4.2&to=5.2",
        lambda data: next(step for step in data["steps"] if step["to"] == "5.2")["latest"],
    ),
    "v0": of_json("/api/django.json", lambda data: named(data, "cycle").get("latest")),
    "v0 cycle": of_json("/api/django/5.2.json", lambda data: data.get("latest")),
    "v1": of_json(
        "/api/v1/products/django",
        lambda data: (named(data["result"]["releases"])["latest"] or {}).get("name"),
    ),
    "v1 full": of_json(
        "/api/v1/products/full",
        lambda data: (
            named(next(each for each in data["result"] if each["name"] == "django")["releases"])[
                "latest"
            ]
            or {}
        ).get("name"),
    ),
    "v2": of_json(
        "/api/v2/products/django",
        lambda data: (named(data["cycles"])["latest"] or {}).get("version"),
    ),
    "v2 cycle": of_json(
        "/api/v2/products/django/cycles/5.2",
        lambda data: (data["latest"] or {}).get("version"),
    ),
    "v2 cycles": of_json(
        "/api/v2/cycles?product=django&limit=500",
        lambda data: (named(data["items"])["latest"] or {}).get("version"),
    ),
    "v2 identify": of_json(
        "/api/v2/identify?purl=pkg:pypi/django@5.2.1",
        lambda data: (data["items"][0]["matches"][0]["cycle"]["latest"] or {}).get("version"),
    ),
    "v2 verdict": of_json(
        "/api/v2/products/django/verdict?version=5.2.1", lambda data: data["latest"]
    ),
}


def told(client: Client, on: date | None = None) -> dict[str, str]:
    """What each output says that the latest release of Django 5.2 is."""

    def ask(path: str) -> str:
        day = f"{'&' if '?' in path else '?'}on={on}" if on else ""
        response = client.get(path + day)
        assert response.status_code == 200, path
        text = response.content.decode()
        return text if response.headers["Content-Type"].endswith("json") else unescape(text)

    return {name: read(ask) for name, read in OUTPUTS.items()}


def everywhere(version: str) -> dict[str, str]:
    return dict.fromkeys(OUTPUTS, version)


@pytest.fixture
def both_catalogues() -> ReleaseCycle:
    """Django 5.2 after an import of the bundled catalogue and then of an older file."""
    list(import_products(product_files([BUNDLED]), on=ON))
    list(import_products(product_files([CATALOGUE / "products"]), on=ON))
    return ReleaseCycle.objects.get(product__name="django", name="5.2")


@pytest.mark.catalogue
def test_every_output_has_the_same_latest_release(
    client: Client, both_catalogues: ReleaseCycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today, on a past date, and on the day of a release that was announced."""
    ReleaseCycle.objects.filter(pk=both_catalogues.pk).update(
        latest="5.2.17", latest_date=date(2026, 8, 4)
    )
    make_release(both_catalogues, "5.2.20", kind="security", date=TOMORROW)
    assert told(client) == everywhere("5.2.19")
    assert told(client, BEFORE) == everywhere("5.2.18")
    monkeypatch.setattr(clock, "today", lambda: TOMORROW)
    assert told(client) == everywhere("5.2.20")


@pytest.mark.catalogue
@pytest.mark.usefixtures("both_catalogues")
def test_an_older_file_leaves_the_newer_release(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also in exports and in the check of a stack on the command line."""
    assert told(client) == everywhere("5.2.19")
    cycle = ReleaseCycle.objects.get(product__name="django", name="5.2")
    assert (cycle.latest, cycle.latest_date) == ("5.2.19", date(2026, 11, 3))
    products = whole_products().filter(name="django")
    rows = {row["cycle"]: row for row in csv.DictReader(StringIO(as_csv(products, ON)))}
    assert (rows["5.2"]["latest"], rows["5.2"]["latest_date"]) == ("5.2.19", "2026-11-03")
    assert named(json.loads(as_json(products, ON))["products"][0]["cycles"])["latest"] == "5.2.19"
    (tmp_path / "requirements.txt").write_text("Django==5.2.1\n")
    call_command("check_stack", str(tmp_path / "requirements.txt"), format="json")
    assert json.loads(capsys.readouterr().out)["items"][0]["latest"] == "5.2.19"


# ---- what a file alone tells


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return tmp_path / "acme.md"


def latest_of(client: Client, on: date | None = None) -> Json:
    """The latest release of Acme 1.0 in v1; None where none is known."""
    day = f"?on={on}" if on else ""
    return client.get(f"/api/v1/products/acme/releases/1.0{day}").json()["result"]["latest"]


def raw_of(client: Client, on: date | None = None) -> Json:
    """The same with its day as v0 has it."""
    day = f"?on={on}" if on else ""
    found = client.get(f"/api/acme/1.0.json{day}").json()
    return found.get("latest"), found.get("latestReleaseDate")


def test_a_release_of_a_coming_day_is_not_shown_yet(client: Client, acme: Path) -> None:
    """Nor is its link; the one before is, where it is recorded."""
    day = {"latest": "1.0.4", "latestReleaseDate": TOMORROW, "link": "https://acme.test/1.0.4"}
    import_files(write(acme, file_cycle("1.0", releaseDate=date(2026, 1, 1), **day)))
    assert latest_of(client) is None
    assert raw_of(client) == (None, None)
    assert "1.0.4" not in client.get("/acme/1.0/").content.decode()
    make_release(ReleaseCycle.objects.get(), "1.0.3", date=BEFORE)
    assert latest_of(client) == {"name": "1.0.3", "date": BEFORE.isoformat(), "link": None}
    assert raw_of(client) == ("1.0.3", BEFORE.isoformat())
    assert latest_of(client, TOMORROW)["link"] == "https://acme.test/1.0.4"


def test_a_past_date_shows_what_was_out_then_or_nothing(client: Client) -> None:
    cycle = make_cycle(
        make_product("acme"), "1.0", release="2026-01-01", latest="1.0.4", latest_date=ON
    )
    assert latest_of(client)["name"] == "1.0.4"
    assert latest_of(client, BEFORE) is None
    make_release(cycle, "1.0.2", date=BEFORE)
    assert latest_of(client, BEFORE)["name"] == "1.0.2"


def test_an_undated_release_is_known_for_today_only(client: Client) -> None:
    """And for the days to come, as everything that is known today."""
    make_cycle(make_product("acme"), "1.0", release="2026-01-01", latest="1.0.4")
    expected = {"name": "1.0.4", "date": None, "link": None}
    assert latest_of(client) == latest_of(client, TOMORROW) == expected
    assert latest_of(client, ON - timedelta(days=1)) is None


def test_no_latest_release_goes_with_the_link_of_another(client: Client) -> None:
    """An address is of the release that it was given for, a template of any."""
    product = make_product("acme", changelog_template="https://acme.test/notes/__LATEST__")
    told_of = {"latest": "1.0.4", "latest_date": BEFORE, "release": "2026-01-01"}
    cycle = make_cycle(product, "1.0", link="https://acme.test/1.0.4", **told_of)
    make_release(cycle, "1.0.5", date=ON)
    assert latest_of(client)["link"] is None
    assert latest_of(client, BEFORE)["link"] == "https://acme.test/1.0.4"
    ReleaseCycle.objects.update(link="https://acme.test/v__LATEST__")
    product.save()
    assert latest_of(client)["link"] == "https://acme.test/v1.0.5"


def test_the_recorded_catalogue_has_the_releases_of_its_day(client: Client) -> None:
    """What was recorded since is left out, and an undated release was known on that day."""
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


def test_what_is_shown_cannot_be_saved() -> None:
    """A copy with the latest release of a date does not overwrite what its source told."""
    cycle = make_cycle(make_product("acme"), "1.0", latest="1.0.1", latest_date=BEFORE)
    make_release(cycle, "1.0.2", date=ON)
    shown = cycle.as_of(ON)
    assert (shown.latest, cycle.latest) == ("1.0.2", "1.0.1")
    with pytest.raises(TypeError, match="save the row itself"):
        shown.save()
    assert cycle.as_of(BEFORE) is cycle


def test_a_table_in_a_description_has_the_latest_release(client: Client) -> None:
    text = '{% include table.html fields="releaseCycle,latest" rows=page.releases %}'
    product = make_product("acme", description=text, show_latest=False)
    cycle = make_cycle(product, "1.0", release="2026-01-01", latest="1.0.1", latest_date=BEFORE)
    make_release(cycle, "1.0.2", date=ON)
    html = client.get("/acme/").content.decode()
    assert "<td>1.0.2</td>" in html
    assert "<td>1.0.1</td>" not in html
