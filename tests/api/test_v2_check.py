"""The stack check of API v2, for files and for lists of components."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled")]

PATH = "/api/v2/check"
FILES = Path(__file__).parent.parent / "formats" / "stack_files"
REQUIREMENTS = "Django==4.2.7\nrequests==2.32.0\n"


def send(client: Client, body: str | bytes, query: str = "", kind: str = "text/plain") -> Any:
    return client.post(PATH + query, data=body, content_type=kind)


def parts(client: Client, *of: str, query: str = "") -> Any:
    return send(client, json.dumps({"of": of}), query, "application/json")


def message(response: HttpResponse) -> str:
    assert response.status_code == 400
    text: str = json.loads(response.content)["detail"]
    return text


def test_file_has_verdicts_and_unknown_components(client: Client) -> None:
    """Links lead to the page of this stack."""
    response = send(client, REQUIREMENTS)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    found = response.json()
    (item,) = found["items"]
    assert (item["product"], item["version"], item["answer"]) == ("django", "4.2.7", "unsupported")
    assert (item["until"], item["days_left"], item["breaks"]) == ("2026-04-07", None, [])
    assert (item["versions"], item["places"]) == (["4.2.7"], [{"file": None, "line": 1}])
    assert (item["ordinary_until"], item["instruction"]) == ("2026-04-07", "Upgrade to 6.1 now.")
    assert found["unknown"] == [
        {
            "name": "requests",
            "version": "2.32.0",
            "line": 2,
            "places": [{"file": None, "line": 2}],
            "product": None,
        }
    ]
    assert (found["kind"], found["ok"], found["on"]) == ("requirements.txt", True, "2026-11-21")
    assert found["permalink"] == "http://testserver/stack/?of=django:4.2.7"
    for link in ("permalink", "badge", "calendar", "feed"):
        assert client.get(found[link].removeprefix("http://testserver")).status_code == 200


def test_parts(client: Client) -> None:
    found = parts(client, "python:3.12", "django:5.2.1").json()
    assert {item["product"] for item in found["items"]} == {"django", "python"}
    assert found["kind"] is None


@pytest.mark.parametrize(
    "name", [path.name for path in sorted(FILES.iterdir()) if path.name != "python-version"]
)
def test_content_type_of_a_file_is_ignored(client: Client, name: str) -> None:
    """curl sends a form's type."""
    body = (FILES / name).read_bytes()
    first = send(client, body, kind="application/x-www-form-urlencoded")
    assert first.status_code == 200, first.content
    assert first.json() == send(client, body).json()


@pytest.mark.parametrize(
    ("rule", "version", "broken"),
    [
        ("eol", "4.2.7", True),
        ("eol", "5.2.1", False),
        ("ends-within=526d", "5.2.1", True),
        ("ends-within=525d", "5.2.1", False),
    ],
)
def test_rules(client: Client, rule: str, version: str, broken: bool) -> None:
    found = parts(client, f"django:{version}", query=f"?fail_on={rule}").json()
    assert found["ok"] is not broken
    assert found["items"][0]["breaks"] == [rule] * broken


def test_on_another_day(client: Client) -> None:
    found = parts(client, "django:5.2.1", query="?fail_on=eol&on=2028-05-01").json()
    assert found["ok"] is False
    assert found["permalink"].endswith("?of=django:5.2.1&on=2028-05-01")


def test_invalid_rule_is_rejected(client: Client) -> None:
    assert "expected eol, or ends-within=90d" in message(
        parts(client, "django:5", query="?fail_on=x")
    )


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ("", "text/plain", "It is empty."),
        (b"\x00", "text/plain", "It is no text."),
        ("{", "text/plain", "It is no JSON here."),
        ("0", "application/json", "expected an object"),
        ("Django==4.2.7", "application/json", "expected an object"),
        ('{"of": "django:5"}', "application/json", "of: expected a list of texts"),
        ('{"of": ["django"]}', "application/json", "expected a product and a version"),
        ("x" * 10_000_001, "text/plain", "It is larger than 10 MB."),
    ],
)
def test_invalid_requests_are_rejected(
    client: Client, body: str | bytes, kind: str, says: str
) -> None:
    assert says in message(send(client, body, kind=kind))


def test_large_body_is_rejected_by_its_length(client: Client) -> None:
    """No view runs. The error is JSON that pages of any origin may read."""
    refused = send(client, "#" * (13 << 20))
    assert refused.status_code == 413
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert refused.json()["detail"] == (
        "The request is larger than 12 MB, the maximum of this site."
    )


def test_unreadable_lines_are_reported_beside_the_answer(client: Client) -> None:
    found = send(client, "FROM django:4.2.7\nFROM $NAME\n").json()
    assert [each["line"] for each in found["problems"]] == [2]
    assert len(found["items"]) == 1


def test_stack_too_large_for_a_url(client: Client) -> None:
    found = parts(client, *(f"django:5.2.{number}" for number in range(200))).json()
    (item,) = found["items"]
    assert len(item["versions"]) == 200
    assert found["permalink"] is found["calendar"] is None


def test_post_needs_no_csrf_token() -> None:
    """It changes nothing, and any program may send it."""
    assert send(Client(enforce_csrf_checks=True), REQUIREMENTS).status_code == 200


def test_query_count_does_not_depend_on_the_number_of_components(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Queries read identifiers with products, cycles, former names and releases."""
    many = "".join(f"package{number}==1.{number}\n" for number in range(2_000))
    with django_assert_num_queries(4):
        send(client, REQUIREMENTS + many)


@pytest.mark.parametrize("part", ["django", "django:", ":5.2", "dj ango:5.2", "django:é", "a:1\n"])
def test_part_that_does_not_match_its_pattern_is_rejected(client: Client, part: str) -> None:
    """The error names it."""
    answer = client.post(PATH, {"of": ["django:5.2.1", part]}, "application/json")
    assert answer.status_code == 400
    assert "cannot be read: expected a product and a version, such as" in answer.content.decode()
