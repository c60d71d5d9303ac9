"""Upgrade plans: the page, the checklist, the JSON and the calendar."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries, Settings

from releases.models import Identifier, Product, ReleaseCycle, UpgradeNote
from releases.services.imports.import_products import BUNDLED, import_products
from releases.services.imports.upgrade_rules import import_upgrade_rules
from releases.web.page_cache import pages
from tests.conftest import CATALOGUE, ON
from tests.factories import make_custom_field, make_cycle, make_note, make_product
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db

FEATURES = ["2.0", "2.1", "2.2", "3.0", "3.1", "3.2", "4.0", "4.1", "4.2", "5.0", "5.1", "5.2"]
WORKED = "from=1.11&to=5.2&python=2.7"
BOTH = pytest.mark.parametrize(
    "folder", [BUNDLED, pytest.param(CATALOGUE / "products", marks=pytest.mark.catalogue)]
)


def import_from(folder: Path, *names: str) -> None:
    list(import_products([folder / f"{name}.md" for name in names], on=ON))
    list(import_upgrade_rules())


@pytest.fixture
def django_and_python() -> None:
    """The bundled Django and Python with their upgrade notes."""
    import_from(BUNDLED, "django", "python")
    call_command("import_products", BUNDLED / "django.md", verbosity=0)


def data(client: Client, query: str, product: str = "django") -> Any:
    return client.get(f"/upgrade/{product}.json?{query}").json()


def step_names(client: Client, query: str, product: str = "django") -> list[str]:
    """Return the steps in short: `django 2.0`."""
    return [f"{step['upgrades']} {step['to']}" for step in data(client, query, product)["steps"]]


# ---- route


@BOTH
def test_route_from_django_1_11_to_5_2(client: Client, folder: Path) -> None:
    """12 steps of Django and 3 of Python, from Django 1.11 on Python 2.7.

    The first step moves to Python 3 on Django 1.11, and the last Python is supported.
    """
    import_from(folder, "django", "python")
    plan = data(client, WORKED)
    steps = plan["steps"]
    assert [step["to"] for step in steps if step["upgrades"] == "django"] == FEATURES
    pythons = [step for step in steps if step["upgrades"] == "python"]
    assert len(pythons) == 3
    assert steps[0] == pythons[0]
    assert steps[0]["beside"] == "on Django 1.11"
    assert steps[0]["to"].startswith("3.")
    assert plan["start"] == {"cycle": "1.11", "runtime": "2.7", "database": None}
    assert plan["end"]["cycle"] == "5.2"
    last = ReleaseCycle.objects.get(product__name="python", name=plan["end"]["runtime"])
    assert last.eol
    assert last.eol is not True
    assert pythons[-1]["to"] == "3.14"
    assert plan["obstacle"] is None


@BOTH
def test_incompatible_start_is_reported(client: Client, folder: Path) -> None:
    import_from(folder, "django", "python")
    plan = data(client, "from=1.11&to=5.2&python=3.2")
    assert plan["steps"] == []
    assert plan["obstacle"].startswith("Django 1.11 does not run on Python 3.2: it runs on 2.7")


@pytest.mark.usefixtures("django_and_python")
def test_route_from_lts_to_lts(client: Client) -> None:
    plan = data(client, "from=2.2&to=lts&python=3.7&every=lts")
    assert [(step["to"], step["skips"]) for step in plan["steps"]] == [
        ("3.2", ["3.0", "3.1"]),
        ("3.10", []),
        ("4.2", ["4.0", "4.1"]),
        ("5.2", ["5.0", "5.1"]),
        ("3.14", []),
    ]
    assert plan["rule"]["words"][-1].startswith("Larger jumps work as well.")
    assert plan["time_plan"] == [{"cycle": "5.2", "supported_until": "2028-04-30", "months": 17}]


@pytest.mark.usefixtures("django_and_python")
def test_target_is_the_latest_by_default(client: Client) -> None:
    """Planned cycles are stops on the way to a planned target only."""
    assert step_names(client, "from=5.2&python=3.14") == ["django 6.0", "django 6.1"]
    assert step_names(client, "from=6.0&to=2028&python=3.14") == [
        "django 6.1",
        "django 6.2",
        "django 2028",
    ]


@pytest.mark.usefixtures("django_and_python")
def test_route_as_of_another_date(client: Client) -> None:
    """Cycles released by then are stops."""
    assert step_names(client, "from=6.0&to=2028&python=3.14&on=2027-05-01")[1] == "django 6.2"
    assert step_names(client, "from=5.1&to=latest&python=3.12&on=2025-06-01") == ["django 5.2"]


@pytest.mark.usefixtures("django_and_python")
def test_minimum_patch_for_a_runtime_is_shown(client: Client) -> None:
    steps = data(client, WORKED)["steps"]
    assert [step["needs"] for step in steps if step["needs"]] == [
        "Python 3.7 needs Django 1.11.17 or later.",
        "Python 3.10 needs Django 3.2.9 or later.",
        "Python 3.14 needs Django 5.2.8 or later.",
    ]


def test_product_without_a_runtime(client: Client) -> None:
    import_from(BUNDLED, "postgresql")
    assert step_names(client, "from=9.6&to=11", "postgresql") == ["postgresql 11"]
    plan = data(client, "from=9.6&to=11", "postgresql")
    assert (plan["runtime"], plan["start"]["runtime"]) == (None, None)


def test_missing_runtime_is_not_asked_for(client: Client) -> None:
    import_from(BUNDLED, "django")
    assert len(step_names(client, WORKED)) == 12
    assert 'name="python"' not in client.get("/upgrade/django/").content.decode()


def test_unreadable_runtime_versions_are_no_constraint(client: Client) -> None:
    product = make_product("x")
    make_custom_field(product, "supportedPhpVersions")
    make_cycle(make_product("php"), "8", release="2020-01-01")
    for name in ("2", "1"):
        make_cycle(product, name, release="2020-01-01", custom={"supportedPhpVersions": "N/A"})
    assert step_names(client, "from=1", "x") == ["x 2"]


def test_minimum_java_version(client: Client) -> None:
    """A minimum version is supported, with a runtime found by its alias and “1.8” for Java 8."""
    server = make_product("server", rule_kind="each-cycle")
    make_custom_field(server, "minJvmVersion")
    for name, java in (("12", "17"), ("11", "11"), ("10", "1.8")):
        make_cycle(server, name, release="2020-01-01", custom={"minJvmVersion": java})
    jdk = make_product("jdk-of-somebody", aliases=["java"])
    for name in ("21", "17", "11", "8"):
        make_cycle(jdk, name, release="2020-01-01", eol="no")
    plan = data(client, "from=10&jdk-of-somebody=8", "server")
    assert plan["summary"] == (
        "2 steps of Server and 1 of Jdk-Of-Somebody, from Server 10 on Jdk-Of-Somebody 8 to"
        " Server 12 on Jdk-Of-Somebody 21."
    )


def test_stops_are_sorted_by_version(client: Client) -> None:
    """The order of the file does not matter."""
    product = make_product("x", rule_kind="each-cycle")
    for name in ("5.10", "2028", "5.9", "6.0", "5.2"):
        make_cycle(product, name, release="2020-01-01")
    assert step_names(client, "from=5.2&to=2028", "x") == ["x 5.9", "x 5.10", "x 6.0", "x 2028"]


@pytest.mark.usefixtures("django_and_python")
def test_plan_is_reproducible(client: Client) -> None:
    assert data(client, WORKED) == data(client, WORKED)


# ---- the page


@pytest.mark.usefixtures("django_and_python")
def test_form_without_a_plan(client: Client) -> None:
    html = client.get("/upgrade/django/").content.decode()
    for name in ("from", "python", "to", "every", "on"):
        assert f'name="{name}"' in html
    assert '<option value="lts">latest LTS (5.2)</option>' in html
    assert '<option value="6.2">6.2 (planned)</option>' in html
    assert "Say what you run" in html
    assert "Plan the upgrade</button>" in html
    assert "At every step" not in html


@pytest.mark.usefixtures("django_and_python")
def test_plan_page(client: Client) -> None:
    """Each step has its latest patch, release notes, dates, status and command."""
    html = client.get(f"/upgrade/django/?{WORKED}").content.decode()
    text = words_of(html)
    assert "Upgrade Django 1.11 to 5.2 LTS Save this plan" in text
    assert "12 steps of Django and 3 of Python" in text
    assert (
        "Django 1.11 lost support on 1 Apr 2020. Django 5.2 is supported until 30 Apr 2028."
    ) in text
    assert (
        "15 steps Do not stop before step 14: every Django release before 5.2 on this way has lost"
        " support."
    ) in text
    assert "Update plan</button>" in html
    step = html.partition('id="step-14"')[2].partition('id="step-15"')[0]
    assert "Django 5.1 to 5.2 LTS Security only Done" in words_of(step)
    for part in (
        'title="Long-term support">LTS</abbr>',
        "Latest patch 5.2.19",
        "https://docs.djangoproject.com/en/5.2/releases/5.2/",
        "python -m pip install &quot;Django==5.2.19&quot;",
        '<time datetime="2028-04-30">30 Apr 2028</time>',
        'aria-label="Step 14 done: Django 5.1 to 5.2"',
    ):
        assert part in step, part
    routine = html.partition('id="routine"')[2].partition("</section>")[0]
    for part in (
        "internals/deprecation/",
        "django-upgrade",
        "python -Wall manage.py check",
        "python -Wall manage.py test",
        "PYTHONWARNINGS=always python -m pytest",
        "Fix failures and deprecation warnings.",
        "python manage.py migrate",
        "Clear the cache",
        "Deploy",
    ):
        assert part in routine, part
        assert part not in step, part
    assert html.count("python -Wall manage.py check") == 1


@pytest.mark.usefixtures("django_and_python")
@pytest.mark.parametrize("query", [WORKED, "from=5.1&to=5.2&python=3.12"])
def test_routine_is_stated_once(client: Client, query: str) -> None:
    """The tasks of every step are beside the steps; a step has what differs, even the only one."""
    html = client.get(f"/upgrade/django/?{query}").content.decode()
    routine = html.partition('<h2 id="routine">')[2].partition("</ol>")[0]
    steps = html.partition('<h2 id="steps">')[2].partition("<aside")[0]
    for part in (
        "Update packages that do not work with it yet.",
        "<pre>python -Wall manage.py check</pre>",
        "<pre>python -Wall manage.py test</pre>",
        "Fix failures and deprecation warnings.",
        "Deploy, and watch it for a while.",
    ):
        assert part in routine
        assert part.removeprefix("<pre>").removesuffix("</pre>") not in steps
    assert "Django 5.2" not in routine
    assert "Read the release notes of Django 5.2" in steps


@pytest.mark.usefixtures("django_and_python")
def test_plan_can_be_saved(client: Client) -> None:
    query = "from=2.2&to=lts&python=3.7"
    html = client.get(f"/upgrade/django/?{query}").content.decode()
    for kind in ("md", "ics", "json"):
        assert f'href="/upgrade/django.{kind}?from=2.2&amp;to=lts&amp;python=3.7"' in html
    assert 'data-plan="/upgrade/django/?from=2.2&amp;to=lts&amp;python=3.7"' in html
    other = client.get("/upgrade/django/?from=2.2&to=lts&python=3.8").content.decode()
    assert 'data-plan="/upgrade/django/?from=2.2&amp;to=lts&amp;python=3.8"' in other


@pytest.mark.usefixtures("django_and_python")
def test_plan_as_of_another_date_leads_back(client: Client) -> None:
    html = client.get("/upgrade/django/?from=2.2&to=lts&on=2025-06-01").content.decode()
    assert "Showing support as of <b>1 Jun 2025</b>." in html
    assert '<a href="/upgrade/django/?from=2.2&amp;to=lts">Back to today</a>' in html


@pytest.mark.usefixtures("django_and_python")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=5.2&to=6.1", "Django 5.2 is supported until 30 Apr 2028."),
        ("from=5.2&to=6.2", "Django 6.2 is planned for Apr 2027."),
    ],
)
def test_lead_states_the_support(client: Client, query: str, sentence: str) -> None:
    assert sentence in client.get(f"/upgrade/django/?{query}").content.decode()


def test_lead_states_support_that_continues_on_terms(client: Client) -> None:
    """Support without a date, or that not everybody gets, is not said to run or to have ended."""
    product = make_product("node")
    make_cycle(product, "22", release="2024-04-24", eol="no")
    make_cycle(product, "18", release="2022-04-19", eol="2025-04-30", eoes="no")
    text = words_of(client.get("/upgrade/node/?from=18").content.decode())
    assert "Extended support continues; no end announced." in text
    assert "Node 22 gets support without an announced end." in text


@pytest.mark.usefixtures("django_and_python")
def test_notes_are_shown_at_their_steps(client: Client) -> None:
    """A note is shown in full at its first step, and a general note before all steps."""
    html = client.get("/upgrade/django/?from=1.6&to=2.1&python=2.7").content.decode()
    parts = dict(
        re.findall(r'<h[23] id="(before|steps|step-\d+)">(.*?)(?=<h[23] id=|\Z)', html, re.DOTALL)
    )
    places = {
        note: place
        for place, part in parts.items()
        for note in re.findall(r'id="note-([^"]+)"', part)
    }
    assert places == {
        "safety-net": "before",
        "third-party-packages": "before",
        "database": "before",
        "drop-south": "step-1",
        "fake-initial": "step-2",
        "python-3": "step-6",
        **{f"changes-1.{number}": f"step-{number - 6}" for number in range(7, 12)},
        "changes-2.0": "step-7",
        "changes-2.1": "step-8",
    }
    assert "<code>--fake-initial</code>" not in parts["step-1"]
    assert "Python 2.7 to 3.7" in parts["step-6"]
    assert 'See above: <a href="#note-python-3">' in parts["step-7"]


def test_note_text_is_sanitized_markdown(client: Client) -> None:
    """Headings are below that of the note and have no ids, which could be duplicates."""
    product = make_product()
    for name in ("2", "1"):
        make_cycle(product, name, release="2020-01-01")
    for key in ("a", "b"):
        make_note(product, key, title="<b>x", text="# Same\n\n*y* <script>alert(1)</script>")
    html = client.get("/upgrade/django/?from=1").content.decode()
    assert html.count("<h5>Same</h5>") == 2
    assert "<em>y</em>" in html
    assert "alert(1)" not in html
    assert "&lt;b&gt;x" in html


def test_only_django_has_manage_py_commands(client: Client) -> None:
    import_from(BUNDLED, "postgresql")
    html = client.get("/upgrade/postgresql/?from=9.6").content.decode()
    assert "manage.py" not in html
    assert "docker" not in html
    assert "There is a backup, and you have restored it once." in html


@pytest.mark.usefixtures("django_and_python")
def test_invalid_values_are_reported_at_their_fields(client: Client) -> None:
    html = client.get("/upgrade/django/?from=9&to=x&python=1.2&every=z&on=w").content.decode()
    for name in ("from", "to", "runtime", "every", "on"):
        assert f'aria-describedby="problem-{name}"' in html
        assert f'<p class="problem" id="problem-{name}">' in html
    assert "No release of Django that is known here is called “9”." in html
    assert "At every step" not in html


@pytest.mark.usefixtures("django_and_python")
def test_invalid_date_is_ignored(client: Client) -> None:
    html = client.get("/upgrade/django/?from=5.2&on=x").content.decode()
    assert "“x” is ignored" in html
    assert "At every step" in html


@pytest.mark.usefixtures("django_and_python")
def test_nothing_to_upgrade(client: Client) -> None:
    html = client.get("/upgrade/django/?from=6.1&python=3.14").content.decode()
    assert "Django 6.1 on Python 3.14: there is nothing to upgrade." in html
    assert "At every step" not in html


@pytest.mark.usefixtures("django_and_python")
def test_no_route(client: Client) -> None:
    html = client.get("/upgrade/django/?from=1.11&python=3.2").content.decode()
    assert "No upgrade path found.</b> Django 1.11 does not run on Python 3.2" in html


@pytest.mark.usefixtures("django_and_python")
def test_assumed_runtime_is_stated(client: Client) -> None:
    html = client.get("/upgrade/django/?from=1.11").content.decode()
    assert "You did not say on which Python it runs: the plan begins with 3.7." in html


@pytest.mark.usefixtures("django_and_python")
def test_ended_stops_are_not_recommended(client: Client) -> None:
    text = words_of(client.get("/upgrade/django/?from=4.2&python=3.12").content.decode())
    assert (
        "Django 5.1 to 5.2 LTS Security only Done on Python 3.12 Supported until 30 Apr 2028"
        in text
    )
    assert "Django 5.2 to 6.0 Security only Done on Python 3.12 Supported until 30 Apr 2027" in text
    assert "Do not stop before step 3: every Django release before 5.2 on this way" in text
    text = words_of(client.get("/upgrade/django/?from=5.1&python=3.12").content.decode())
    assert "Do not stop" not in text


def test_empty_parameters_are_removed_by_a_redirect(client: Client) -> None:
    make_product()
    response = client.get("/upgrade/django/?from=5.2&python=&to=")
    assert response.status_code == 302
    assert response["Location"] == "/upgrade/django/?from=5.2"


def test_alias_redirects_to_the_product(client: Client) -> None:
    make_product("postgresql", aliases=["postgres"])
    response = client.get("/upgrade/postgres/?from=9.6")
    assert response.status_code == 301
    assert response["Location"] == "/upgrade/postgresql/?from=9.6"


def test_unknown_product_is_404(client: Client) -> None:
    assert client.get("/upgrade/nope/").status_code == 404


# ---- the form for any product


@pytest.mark.parametrize("name", ["django", "Django", "DJANGO", "dj", "Django Framework"])
def test_form_leads_to_the_plan_of_a_product(client: Client, name: str) -> None:
    """The product is found by its name, its title or an alias."""
    make_product(label="Django Framework", aliases=["dj", "django-framework"])
    response = client.get("/upgrade/", {"product": name, "from": "3.2", "to": ""})
    assert response.status_code == 302
    assert response["Location"] == "/upgrade/django/?from=3.2"
    response = client.get("/upgrade/", {"product": name, "from": "<&", "to": "lts"})
    assert response["Location"] == "/upgrade/django/?from=%3C%26&to=lts"
    assert client.get("/upgrade/", {"product": name})["Location"] == "/upgrade/django/"


def test_name_takes_precedence_over_titles_and_aliases(client: Client) -> None:
    make_product("a", label="x", aliases=["y"])
    make_product("x", label="y")
    assert client.get("/upgrade/?product=x")["Location"] == "/upgrade/x/"


def test_form_offers_products_that_people_install(client: Client) -> None:
    make_product("django", featured=1)
    make_product("abc")
    make_product("phone", category="device")
    html = client.get("/upgrade/").content.decode()
    assert re.findall('<option value="([^"]*)"></option>', html) == ["Django", "Abc"]
    assert re.findall('<a class="chip" href="([^"]*)">', html) == [
        "/upgrade/django/",
        "/upgrade/abc/",
    ]
    assert "Phone" not in html
    assert 'aria-invalid="true"' not in html


def test_form_of_a_large_catalogue_lists_no_products(client: Client) -> None:
    """The field takes any name."""
    Product.objects.bulk_create(
        Product(name=f"p{number}", label=f"P{number}") for number in range(501)
    )
    html = client.get("/upgrade/").content.decode()
    assert "<datalist" not in html
    assert html.count('<a class="chip" href=') == 8
    assert client.get("/upgrade/?product=p500")["Location"] == "/upgrade/p500/"


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("product=djnago&from=3.2", "There is no product “djnago” here."),
        ("product=phone", "Nobody upgrades Phone."),
        ("product=<b>", "There is no product “&lt;b&gt;” here."),
        ("product=%00", "There is no product “\x00” here."),
        ("from=3.2", "Say which product you run."),
    ],
)
def test_unknown_product_is_reported_at_its_field(client: Client, query: str, problem: str) -> None:
    """What was entered is kept."""
    make_product()
    make_product("phone", category="device")
    response = client.get(f"/upgrade/?{query}")
    assert response.status_code == 200
    html = response.content.decode()
    assert f'<p class="problem" id="problem-product">{problem}</p>' in html
    assert 'aria-describedby="problem-product"' in html
    assert ('name="from" maxlength="100" autocomplete="off"\n      value="3.2"' in html) == (
        "from" in query
    )


def test_similar_products_are_suggested(client: Client) -> None:
    make_product()
    html = client.get("/upgrade/?product=djnago&from=3.2").content.decode()
    assert 'Did you mean <a href="/upgrade/django/?from=3.2">Django</a>?' in html


def test_query_budget_of_the_form(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The products; or the product of a name; or both, and a search for similar ones."""
    make_cycle(make_product(), "5.2")
    for query, number in (("", 1), ("?product=django", 1), ("?product=djnago", 9)):
        with django_assert_num_queries(number):
            client.get(f"/upgrade/{query}")


def test_form_is_cached(client: Client, settings: Settings) -> None:
    settings.PAGE_CACHE_MB = 1
    pages.clear()
    make_product()
    found = [client.get("/upgrade/?utm_source=x")["Cache-Status"] for _ in range(2)]
    assert found == ["roadmap; fwd=miss; stored", "roadmap; hit"]


@pytest.mark.usefixtures("django_and_python")
@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "x" * 5000, "\x00", "😀", "9" * 5000, "' OR 1=1"]
)
def test_hostile_values_are_escaped(client: Client, value: str) -> None:
    params = {"from": value, "to": value, "python": value, "every": value, "on": value}
    response = client.get("/upgrade/django/", params)
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    for kind in ("md", "json", "ics"):
        assert client.get(f"/upgrade/django.{kind}", params).status_code == 400


@pytest.mark.usefixtures("django_and_python")
def test_query_budget(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """12 queries, independent of the number of steps.

    Seven read the product with its fields, identifiers, notes, cycles, releases and former names;
    five read the runtime with its aliases, cycles, releases and former names.
    """
    for query in ("from=6.0&python=3.14", WORKED):
        for kind in ("/", ".md", ".json", ".ics"):
            with django_assert_num_queries(12):
                client.get(f"/upgrade/django{kind}?{query}")


@pytest.mark.usefixtures("django_and_python")
def test_pages_are_cached_per_runtime(client: Client) -> None:
    """The runtime's parameter is part of the cache key."""
    with override_settings(PAGE_CACHE_MB=1):
        keeping = Client()
        tags = {
            python: keeping.get(f"/upgrade/django/?from=2.2&python={python}")["ETag"]
            for python in ("3.7", "3.8")
        }
        again = keeping.get("/upgrade/django/?python=3.7&from=2.2")
    assert tags["3.7"] != tags["3.8"]
    assert again["ETag"] == tags["3.7"]


# ---- other formats


@pytest.mark.usefixtures("django_and_python")
def test_checklist(client: Client) -> None:
    response = client.get(f"/upgrade/django.md?{WORKED}")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("# Upgrade Django 1.11 to 5.2\n")
    assert f"<http://testserver/upgrade/django/?{WORKED}>" in text
    assert len(re.findall(r"^## \d+\. ", text, re.MULTILINE)) == 15
    assert text.count("- Run the tests, with all warnings on. `python -Wall manage.py test`") == 1
    assert (
        "Upgrade guide: <https://docs.djangoproject.com/en/stable/howto/upgrade-version/>" in text
    )
    assert (
        "- [ ] [Read the release notes of Django 5.2.]"
        "(<https://docs.djangoproject.com/en/5.2/releases/5.2/>)"
    ) in text
    assert "> **Change to Python 3 on 1.11** (important)" in text
    assert "LTS; latest release 5.2.19; released 2 Apr 2025; supported until 30 Apr 2028\n" in text


@pytest.mark.usefixtures("django_and_python")
def test_page_checklist_and_data_state_the_same_sentences(client: Client) -> None:
    """They are the rule, its tool, what the plan assumes, and the stops without support."""
    query = "from=1.11&to=5.2"
    page = words_of(client.get(f"/upgrade/django/?{query}").content.decode())
    text = re.sub(r"\\(.)", r"\1", client.get(f"/upgrade/django.md?{query}").content.decode())
    plan = client.get(f"/upgrade/django.json?{query}").json()
    assert plan["warning"].startswith("Do not stop before step ")
    assert plan["remarks"][0].startswith("You did not say on which Python it runs")
    sentences = [plan["summary"], plan["warning"], f"Tool: {plan['rule']['tool']}"]
    for sentence in (*sentences, *plan["remarks"], *plan["rule"]["words"]):
        assert sentence in page, sentence
        assert sentence in text, sentence


@pytest.mark.usefixtures("django_and_python")
def test_checklist_and_data_refer_to_notes_of_earlier_steps(client: Client) -> None:
    text = client.get(f"/upgrade/django.md?{WORKED}").content.decode()
    assert "See above: Change to Python 3 on 1.11." in text
    steps = client.get(f"/upgrade/django.json?{WORKED}").json()["steps"]
    assert [each["number"] for each in steps if each["see_above"] == ["python-3"]] == [2]


@pytest.mark.usefixtures("django_and_python")
def test_checklist_names_skipped_cycles(client: Client) -> None:
    text = client.get("/upgrade/django.md?from=4.2&to=5.2&every=lts").content.decode()
    assert "This skips 5.0, 5.1: read their release notes, too." in text


def test_checklist_escapes_markdown(client: Client) -> None:
    product = make_product("x", label="*x* <b> [a](b)\n# y")
    for name in ("2", "1"):
        make_cycle(product, name, release="2020-01-01")
    text = client.get("/upgrade/x.md?from=1").content.decode()
    assert text.startswith(r"# Upgrade \*x\* \<b\> \[a\](b) \# y 1 to 2")


@pytest.mark.usefixtures("django_and_python")
def test_json_plan(client: Client) -> None:
    response = client.get(f"/upgrade/django.json?{WORKED}")
    assert response["Access-Control-Allow-Origin"] == "*"
    plan = response.json()
    assert (plan["product"], plan["runtime"], plan["on"]) == ("django", "python", "2026-11-21")
    step = plan["steps"][-2]
    assert step | {"tasks": [], "notes": []} == {
        "number": 14,
        "upgrades": "django",
        "kind": "product",
        "from": "5.1",
        "to": "5.2",
        "beside": "on Python 3.10",
        "latest": "5.2.19",
        "release_notes": "https://docs.djangoproject.com/en/5.2/releases/5.2/",
        "released": "2025-04-02",
        "supported_until": "2028-04-30",
        "status": "security",
        "lts": True,
        "skips": [],
        "needs": None,
        "tasks": [],
        "notes": [],
        "see_above": [],
    }
    assert [note["key"] for note in plan["notes"]] == [
        "safety-net",
        "third-party-packages",
        "database",
    ]


@pytest.mark.usefixtures("django_and_python")
def test_calendar(client: Client) -> None:
    """It has the target's release and the ends of the current cycle, stops and last runtime."""
    response = client.get("/upgrade/django.ics?from=5.2&to=6.2&python=3.12")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.content)
    assert str(calendar["x-wr-calname"]) == "Upgrade Django 5.2 to 6.2"
    events = calendar.walk("VEVENT")
    assert [(f"{event.decoded('dtstart')}", str(event["summary"])) for event in events] == [
        ("2027-04-30", "Django 6.0: end of support"),
        ("2027-04-30", "Django 6.2: release"),
        ("2027-12-31", "Django 6.1: end of support"),
        ("2028-04-30", "Django 5.2: end of support"),
        ("2030-04-30", "Django 6.2: end of support"),
    ]
    assert len({str(event["uid"]) for event in events}) == len(events)
    known = [
        str(event["description"]).endswith("on the last day of that month.") for event in events
    ]
    assert known == [False, True, False, False, True]
    assert client.get("/upgrade/django.ics?from=5.2&to=6.2&python=3.12").content == response.content


@pytest.mark.usefixtures("django_and_python")
def test_calendar_contains_later_runtimes(client: Client) -> None:
    calendar = Calendar.from_ical(client.get(f"/upgrade/django.ics?{WORKED}").content)
    subjects = {str(event["summary"]) for event in calendar.walk("VEVENT")}
    assert "Python 3.14: end of support" in subjects
    assert "Django 1.11: end of support" in subjects


def test_calendar_escapes_hostile_titles(client: Client) -> None:
    product = make_product("x", label="a\r\nBEGIN:VEVENT\r\n;,")
    for name in ("2", "1"):
        make_cycle(product, name, release="2020-01-01", eol="9999-12-31")
    calendar = Calendar.from_ical(client.get("/upgrade/x.ics?from=1").content)
    assert len(calendar.walk("VEVENT")) == 2


@pytest.mark.usefixtures("django_and_python")
@pytest.mark.parametrize("kind", ["md", "ics"])
def test_file_without_a_plan_is_400(client: Client, kind: str) -> None:
    response = client.get(f"/upgrade/django.{kind}?from=9")
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith("from: No release of Django that is known here")
    assert client.get(f"/upgrade/django.{kind}").content.decode() == (
        "from: Say which Django you run: ?from=...\n"
    )


@pytest.mark.usefixtures("django_and_python")
def test_json_without_a_plan_is_400(client: Client) -> None:
    response = client.get("/upgrade/django.json?from=5.2&to=2.2")
    assert response.status_code == 400
    assert json.loads(response.content) == {
        "problems": [
            {
                "name": "to",
                "message": "Downgrades are not planned here."
                " The next LTS is 6.2, expected April 2027.",
            }
        ]
    }


# ---- the admin


def test_note_is_edited_in_the_admin(admin_client: Client) -> None:
    """The change is visible on the page at once."""
    product = make_product()
    for name in ("2", "1"):
        make_cycle(product, name, release="2020-01-01")
    sent = {
        "product": product.pk,
        "key": "x",
        "title": "Mind the gap",
        "text": "",
        "severity": "warning",
        "from_cycle": "2",
        "to_cycle": "1",
        "position": 0,
    }
    response = admin_client.post("/admin/releases/upgradenote/add/", sent)
    assert "The way of a note goes upwards" in response.content.decode()
    response = admin_client.post(
        "/admin/releases/upgradenote/add/", sent | {"from_cycle": "1", "to_cycle": "2"}
    )
    assert response.status_code == 302
    note = UpgradeNote.objects.get()
    assert note.history.get().history_user
    assert "Mind the gap" in admin_client.get("/upgrade/django/?from=1").content.decode()
    assert "Mind the gap" in admin_client.get("/admin/releases/upgradenote/").content.decode()


def test_install_command_of_another_package_manager(client: Client) -> None:
    product = make_product("svelte")
    Identifier.objects.create(product=product, type="purl", value="pkg:npm/svelte")
    make_cycle(product, "5", release="2024-01-01", latest="5.1.0")
    make_cycle(product, "4", release="2023-01-01", latest="4.9.0")
    step = data(client, "from=4", "svelte")["steps"][0]
    assert step["tasks"][1]["command"] == "npm install svelte@5.1.0"


def test_product_without_cycles(client: Client) -> None:
    product = make_product()
    assert isinstance(product, Product)
    assert client.get("/upgrade/django/").status_code == 200
    assert "No release of Django" in client.get("/upgrade/django/?from=1").content.decode()
