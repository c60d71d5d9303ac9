"""Plans by the rules of makers, the database of a plan, patches and the answer to "Should I?"."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from releases.domain.upgrade.rule_words import INFERRED, NOT_RECORDED, SIDE_BY_SIDE
from releases.models import Product
from releases.services.imports.import_products import BUNDLED, import_products
from releases.services.imports.upgrade_rules import import_upgrade_rules
from tests.conftest import ON
from tests.factories import make_cycle, make_note, make_product
from tests.web.texts import words_of

pytestmark = pytest.mark.django_db

OWN = Path(__file__).resolve().parent.parent / "upgrade_products"
"""Small files of products that are not bundled."""


def import_named(*names: str) -> None:
    """Import products, those of this project first, with the bundled rules."""
    own = [OWN / f"{name}.md" for name in names]
    paths = [path if path.exists() else BUNDLED / path.name for path in own]
    list(import_products(paths, on=ON))
    list(import_upgrade_rules())


@pytest.fixture
def django() -> None:
    import_named("django", "python", "postgresql", "mysql")


def data(client: Client, product: str, query: str) -> Any:
    return client.get(f"/upgrade/{product}.json?{query}").json()


def steps(client: Client, product: str, query: str) -> list[str]:
    """Return the steps in short: `16` of the product, `python 3.12` of another one."""
    return [
        f"{'' if step['upgrades'] == product else step['upgrades'] + ' '}{step['to']}"
        for step in data(client, product, query)["steps"]
    ]


def problem(client: Client, product: str, query: str) -> str:
    response = client.get(f"/upgrade/{product}.json?{query}")
    assert response.status_code == 400
    return " ".join(each["message"] for each in response.json()["problems"])


# ---- each kind of rule


@pytest.mark.parametrize(
    ("product", "query", "expected"),
    [
        ("amazon-linux", "from=2", ["2023"]),
        ("windows", "from=10-22h2&to=11-25h2-w", ["11-25h2-w"]),
        ("windows", "from=11-23h2-w", ["11-25h2-w"]),
        ("windows", "from=10-21h2-e-lts&to=11-24h2-e-lts", ["11-24h2-e-lts"]),
        ("mongodb", "from=4.0", ["4.2", "4.4", "5.0", "6.0", "7.0", "8.0"]),
        ("mongodb", "from=5.2&to=8.3", ["6.0", "7.0", "8.0", "8.3"]),
        ("postgresql", "from=9.6", ["18"]),
        ("postgresql", "from=12", ["18"]),
        ("ubuntu", "from=22.04", ["24.04", "26.04"]),
        ("ubuntu", "from=20.04", ["22.04", "24.04", "26.04"]),
        ("ubuntu", "from=24.10", ["26.04"]),
        ("debian", "from=11", ["12", "13"]),
        (
            "gitlab",
            "from=16.3&to=17.11",
            ["16.7", "16.11", "17.3", "17.5", "17.8", "17.11"],
        ),
        ("elasticsearch", "from=7", ["8", "9"]),
        ("rabbitmq", "from=3.12&to=4.3", ["3.13", "4.2", "4.3"]),
        ("rabbitmq", "from=4.0&to=4.3", ["4.2", "4.3"]),
        ("mysql", "from=5.7", ["8.0", "8.4", "9.7"]),
        ("mysql", "from=8.1&to=9.7", ["8.4", "9.7"]),
        ("sharepoint", "from=2016", ["subscription"]),
        ("sharepoint", "from=2013", ["2016", "subscription"]),
        ("jenkins", "from=2.504&on=2025-11-01", ["2.528"]),
        ("rhel", "from=8", ["9", "10"]),
        ("rhel", "from=8.4", ["8.10", "9", "10"]),
        ("nodejs", "from=18", ["26"]),
    ],
)
def test_plan_follows_the_rule_of_the_maker(
    client: Client, product: str, query: str, expected: list[str]
) -> None:
    import_named(product)
    assert steps(client, product, query) == expected


def test_product_and_runtime_change_together_where_none_runs_both(client: Client) -> None:
    import_named("magento", "php")
    plan = data(client, "magento", "from=2.4.4&php=8.1")
    (step,) = plan["steps"]
    assert (plan["obstacle"], step["to"], step["beside"]) == (None, "2.4.9", "on PHP 8.5")
    assert step["needs"] == "Change PHP 8.1 to 8.5 in the same step: none runs both."


def test_editions_dates_and_downgrades_are_refused(client: Client) -> None:
    import_named("windows")
    assert problem(client, "windows", "from=11-23h2-w&to=11-25h2-e") == (
        "Microsoft Windows 11-25h2-e is another edition than 11-23h2-w."
    )
    assert problem(client, "windows", "from=10-22h2&to=11-21h2-e") == (
        "Microsoft Windows 11-21h2-e was released before 10-22h2."
    )
    assert problem(client, "windows", "from=10-22h2&to=10-1507").startswith("Downgrades are not")


def test_stop_says_from_which_release_it_is_left(client: Client) -> None:
    """Stops for certain installations are named, those before the start are not."""
    import_named("gitlab")
    plan = data(client, "gitlab", "from=16.3&to=17.3")
    assert plan["steps"][0]["needs"] == "Leave GitLab 16.3 from 16.3.9 or a later release of it."
    assert "Stop at 17.1.8, if large ci_pipeline_messages, as well." in plan["rule"]["words"]
    assert "16.1" not in " ".join(plan["rule"]["words"])


def test_parallel_installation_has_its_own_tasks(client: Client) -> None:
    import_named("amazon-linux")
    plan = data(client, "amazon-linux", "from=2")
    assert plan["rule"]["words"][0] == SIDE_BY_SIDE
    assert plan["rule"]["words"][-1] == INFERRED
    (step,) = plan["steps"]
    assert step["tasks"][1]["text"] == (
        "Install Amazon Linux 2023 side by side with the old one, and migrate. The maker's way:"
        " new AMI; preupgrade-assistant (AL1 to 2, report only)."
    )


@pytest.mark.parametrize("kind", ["", "unknown"])
def test_without_a_rule_there_is_one_step_and_no_invented_ladder(client: Client, kind: str) -> None:
    product = make_product("x", rule_kind=kind)
    for name in ("3", "2", "1"):
        make_cycle(product, name, release="2020-01-01")
    assert steps(client, "x", "from=1") == ["3"]
    html = client.get("/upgrade/x/?from=1").content.decode()
    assert NOT_RECORDED in unescape(html)
    assert NOT_RECORDED in unescape(client.get("/upgrade/x.md?from=1").content.decode())


@pytest.mark.parametrize("category", ["device", "service"])
def test_product_that_nobody_upgrades_has_no_plan(client: Client, category: str) -> None:
    product = make_product(
        "phone",
        category=category,
        rule_kind="not-applicable",
        rule_summary="A new one takes its place.",
    )
    make_cycle(product, "1", release="2020-01-01")
    response = client.get("/upgrade/phone/?from=1")
    assert response.status_code == 200
    assert '<p class="lead">A new one takes its place.</p>' in response.content.decode()
    assert problem(client, "phone", "from=1") == "A new one takes its place."
    assert client.get("/upgrade/?product=phone")["Location"] == "/upgrade/phone/"


def test_rule_is_shown_with_its_guide_source_and_day(client: Client) -> None:
    import_named("postgresql")
    rule = data(client, "postgresql", "from=9.6")["rule"]
    assert rule | {"words": []} == {
        "kind": "any",
        "strength": "required",
        "basis": "documented",
        "words": [],
        "tool": "pg_upgrade, pg_dumpall, logical replication",
        "guide": "https://www.postgresql.org/docs/current/upgrading.html",
        "source": "https://www.postgresql.org/docs/current/pgupgrade.html",
        "checked_on": "2026-11-29",
    }
    html = client.get("/upgrade/postgresql/?from=9.6").content.decode()
    assert f'<a href="{rule["guide"]}" rel="noopener nofollow">Upgrade guide</a>' in html
    assert "Source, checked 29 Nov 2026" in html
    assert "Run pg_upgrade of the new version, with --check first" in html


def test_tasks_fit_the_kind_of_product(client: Client) -> None:
    """An operating system has no version control, a database is not upgraded by an image."""
    import_named("ubuntu", "postgresql")
    for product, query in (("ubuntu", "from=22.04"), ("postgresql", "from=9.6")):
        text = client.get(f"/upgrade/{product}.md?{query}").content.decode()
        assert "version control" not in text
        assert "docker" not in text
        assert "restored it once" in text


# ---- Django


@pytest.mark.usefixtures("django")
def test_patch_is_a_step(client: Client) -> None:
    plan = data(client, "django", "from=5.2.1&to=5.2")
    assert plan["summary"] == "Install 5.2.19: 14 security releases."
    (step,) = plan["steps"]
    assert (step["kind"], step["from"], step["to"]) == ("patch", "5.2.1", "5.2.19")
    assert step["tasks"][1]["command"] == 'python -m pip install "Django==5.2.19"'
    assert steps(client, "django", "from=5.2.19&to=5.2") == []
    longer = data(client, "django", "from=5.2.1&to=6.0&python=3.12")
    assert [each["to"] for each in longer["steps"]] == ["5.2.19", "6.0"]
    assert longer["summary"].startswith("Install 5.2.19: 14 security releases. Then 1 step of")


@pytest.mark.usefixtures("django")
def test_patch_names_releases_and_has_no_notes_on_cycles(client: Client) -> None:
    make_note(Product.objects.get(name="django"), key="all", title="All upgrades")
    html = client.get("/upgrade/django/?from=5.2.1&to=5.2").content.decode()
    assert "<h1>Upgrade Django 5.2.1 to 5.2.19 " in html
    assert "All upgrades" not in html
    assert (
        "<h1>Upgrade Django 5.2 <"
        in client.get("/upgrade/django/?from=5.2&to=5.2").content.decode()
    )
    assert "All upgrades" in client.get("/upgrade/django/?from=5.2.1&to=6.0").content.decode()


@pytest.mark.usefixtures("django")
def test_planned_target_is_reached_through_what_comes_before_it(client: Client) -> None:
    query = "from=6.1&to=2029&python=3.15"
    assert steps(client, "django", query) == ["6.2", "2028", "2029"]


@pytest.mark.usefixtures("django")
@pytest.mark.parametrize("query", ["from=5.2&to=4.2", "from=6.1&to=lts"])
def test_lower_target_names_the_next_lts(client: Client, query: str) -> None:
    assert problem(client, "django", query) == (
        "Downgrades are not planned here. The next LTS is 6.2, expected April 2027."
    )


@pytest.mark.usefixtures("django")
def test_old_django_on_python_2_7_has_a_way(client: Client) -> None:
    plan = data(client, "django", "from=1.0&to=5.2&python=2.7")
    assert plan["obstacle"] is None
    assert [step["to"] for step in plan["steps"]][:3] == ["1.2", "1.3", "1.4"]
    assert plan["steps"][0]["skips"] == ["1.1"]
    assert plan["remarks"] == [
        "Python 2.7 is newer than what Django 1.0 is recorded to run on (2.3 - 2.6): that they"
        " work together is assumed."
    ]


@pytest.mark.usefixtures("django")
def test_python_2_stays_until_1_11(client: Client) -> None:
    names = steps(client, "django", "from=1.6&to=5.2&python=2.6")
    assert names[0] == "python 2.7"
    at = names.index("1.11")
    assert names[at + 1 : at + 3] == ["python 3.7", "2.0"]


@pytest.mark.usefixtures("django")
def test_pair_that_does_not_work_has_no_plan(client: Client) -> None:
    plan = data(client, "django", "from=2.0&python=2.7")
    assert plan["steps"] == []
    assert plan["obstacle"] == "Django 2.0 does not run on Python 2.7: it runs on 3.4 - 3.7."


@pytest.mark.usefixtures("django")
def test_python_that_a_patch_added(client: Client) -> None:
    plan = data(client, "django", "from=6.1&python=3.15")
    assert (plan["steps"], plan["obstacle"]) == ([], None)


@pytest.mark.usefixtures("django")
def test_fewer_stops_go_from_lts_to_lts(client: Client) -> None:
    names = steps(client, "django", "from=1.8&to=5.2&python=2.7&every=lts")
    assert [name for name in names if " " not in name] == ["1.11", "2.2", "3.2", "4.2", "5.2"]
    html = client.get("/upgrade/django/?from=1.8&every=lts").content.decode()
    assert "Larger jumps work as well." in html


def test_fewer_stops_are_offered_only_where_the_maker_bears_them(client: Client) -> None:
    import_named("ubuntu")
    assert 'name="every"' not in client.get("/upgrade/ubuntu/").content.decode()
    assert steps(client, "ubuntu", "from=20.04&every=lts") == ["22.04", "24.04", "26.04"]


@pytest.mark.usefixtures("django")
@pytest.mark.parametrize("text", ["PostgreSQL 11", "postgresql 11.22", "postgres 11"])
def test_database_is_upgraded_where_a_release_needs_it(client: Client, text: str) -> None:
    query = f"from=2.2&to=5.2&python=3.7&database={text}"
    names = steps(client, "django", query)
    at = names.index("postgresql 18")
    assert names[at - 1 : at + 2] == ["4.1", "postgresql 18", "4.2"]
    plan = data(client, "django", query)
    assert plan["start"]["database"] == "11"
    step = plan["steps"][at]
    assert (step["beside"], step["from"]) == ("on Django 4.1", "11")
    texts = " ".join(f"{task['text']} {task['command']}" for task in step["tasks"])
    for part in ("backup", "dumpdata", "loaddata", "pg_upgrade"):
        assert part in texts
    assert "docker" not in texts
    assert plan["steps"][at + 1]["needs"] == "Django 4.2 needs PostgreSQL 12 or later."


@pytest.mark.usefixtures("django")
def test_mysql_takes_its_own_steps(client: Client) -> None:
    names = steps(client, "django", "from=3.2&to=6.1&python=3.10&database=MySQL 5.7")
    assert [name for name in names if "mysql" in name] == ["mysql 8.0", "mysql 8.4"]
    assert names.index("mysql 8.0") < names.index("4.2")


@pytest.mark.usefixtures("django")
def test_databases_are_stated_without_one_in_the_plan(client: Client) -> None:
    plan = data(client, "django", "from=4.1&to=4.2&python=3.11")
    assert plan["database"] is None
    assert plan["steps"][0]["needs"] == "Django 4.2 needs PostgreSQL 12 and MySQL 8 or later."


@pytest.mark.usefixtures("django")
def test_unreadable_database_is_reported_at_its_field(client: Client) -> None:
    html = client.get("/upgrade/django/?from=4.1&database=Access 97").content.decode()
    assert 'aria-describedby="problem-database"' in html
    assert "Expected a version of PostgreSQL or MySQL, such as PostgreSQL 18." in unescape(html)
    assert "known here is called “99”" in problem(client, "django", "from=4.1&database=MySQL 99")


@pytest.mark.usefixtures("django")
def test_product_without_databases_ignores_the_field(client: Client) -> None:
    assert 'name="database"' not in client.get("/upgrade/postgresql/").content.decode()
    assert steps(client, "postgresql", "from=9.6&database=MySQL 5.7") == ["18"]


@pytest.mark.usefixtures("django")
def test_obstacle_keeps_the_steps_before_it(client: Client) -> None:
    Product.objects.get(name="python").cycles.filter(name__gte="3.8").delete()
    Product.objects.get(name="python").cycles.filter(name__in=["3.10", "3.11"]).delete()
    Product.objects.get(name="python").cycles.filter(name__startswith="3.1").exclude(
        name="3.1"
    ).delete()
    plan = data(client, "django", "from=2.2&to=5.2&python=3.7")
    assert [step["to"] for step in plan["steps"]] == ["3.0", "3.1", "3.2"]
    assert plan["obstacle"].startswith("The way ends at Django 3.2 on Python 3.7: Django 4.0 runs")
    assert plan["time_plan"] == []
    html = client.get("/upgrade/django/?from=2.2&to=5.2&python=3.7").content.decode()
    assert 'id="step-3"' in html
    assert 'id="step-4"' not in html


def test_notes_for_python_2_are_shown_on_python_2_only(client: Client) -> None:
    import_named("django", "python")
    product = Product.objects.get(name="django")
    make_note(product, "two", title="For two", runtime="2", from_cycle="1.11", to_cycle="2.0")
    for python, shown in (("2.7", True), ("3.6", False)):
        html = client.get(f"/upgrade/django/?from=1.11&to=2.0&python={python}").content.decode()
        assert ("For two" in html) is shown


@pytest.mark.usefixtures("django")
def test_release_notes_are_those_of_the_first_release(client: Client) -> None:
    step = data(client, "django", "from=4.1&to=4.2&python=3.11")["steps"][0]
    assert step["release_notes"] == "https://docs.djangoproject.com/en/4.2/releases/4.2/"
    own = make_product("x", changelog_template="https://example.org/__LATEST__")
    for name in ("2", "1"):
        make_cycle(own, name, release="2020-01-01", latest=f"{name}.7.3")
    assert data(client, "x", "from=1")["steps"][0]["release_notes"] == "https://example.org/2.0.0"


@pytest.mark.usefixtures("django")
def test_calendar_and_checklist_have_the_steps_of_the_plan(client: Client) -> None:
    query = "from=2.2&to=5.2&python=3.7&database=PostgreSQL 11"
    titles = [
        f"{step['number']}. " + f"{step['from']} to {step['to']}"
        for step in data(client, "django", query)["steps"]
    ]
    text = client.get(f"/upgrade/django.md?{query}").content.decode()
    headings = re.findall(r"^## (\d+\.) \S+ (\S+ to \S+)", text, re.MULTILINE)
    assert [" ".join(each) for each in headings] == titles
    events = client.get(f"/upgrade/django.ics?{query}").content.decode()
    assert "SUMMARY:PostgreSQL 18: end of support" in events


# ---- the answer first


def answer(client: Client, product: str, query: str) -> str:
    html = client.get(f"/{product}/?{query}").content.decode()
    found = re.search(r'<h2 id="headline">(.*?)</h2>', html, re.DOTALL)
    assert found
    return words_of(found[1])


@pytest.mark.parametrize(
    ("product", "query", "expected"),
    [
        (
            "django",
            "version=5.2.19",
            "No need to upgrade. 5.2 LTS gets security fixes until 30 Apr 2028, longer than 6.1.",
        ),
        ("django", "version=5.2.17", "No need to upgrade. Install the patch 5.2.19."),
        ("django", "version=4.2", "Yes. Support ended on 7 Apr 2026."),
        ("django", "version=6.1.3", "No need to upgrade. 6.1 gets support until 31 Dec 2027."),
        ("rhel", "version=8.4", "No need to upgrade. Install the patch 8.10."),
        ("jenkins", "version=2.504&on=2025-11-01", "Yes. Support ended on 23 Jul 2025."),
        ("sharepoint", "version=2016", "Yes. Support ended on 14 Jul 2026."),
    ],
)
def test_answer_comes_first(client: Client, product: str, query: str, expected: str) -> None:
    import_named(product)
    assert answer(client, product, query) == expected


def test_recommended_cycle_counts_by_the_rule(client: Client) -> None:
    """Jenkins' weekly line is no target of its LTS lines."""
    import_named("jenkins")
    html = client.get("/jenkins/?version=2.504&on=2025-11-01").content.decode()
    assert "Plan an upgrade to 2.528" in html
