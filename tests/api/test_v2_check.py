"""The stack check of API v2, for files and for lists of components."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled")]

PATH = "/api/v2/check"
FILES = Path(__file__).parents[1] / "stacks"
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
    assert (item["versions"], item["places"]) == (
        ["4.2.7"],
        [{"file": None, "line": 1, "part": None}],
    )
    assert (item["ordinary_until"], item["instruction"]) == ("2026-04-07", "Upgrade to 6.1 now.")
    assert found["unknown"] == [
        {
            "name": "requests",
            "version": "2.32.0",
            "line": 2,
            "places": [{"file": None, "line": 2, "part": None}],
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
    "path",
    [
        "requirements/pip/pip-freeze.txt",
        "uv-lock/project/uv.lock",
        "pyproject/project/pyproject.toml",
        "package-lock/v3/package-lock.json",
        "cyclonedx/python/environment.cdx.json",
    ],
)
def test_content_type_of_a_file_is_ignored(client: Client, path: str) -> None:
    """curl sends a form's type."""
    body = (FILES / path).read_bytes()
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
    with django_assert_num_queries(5):
        send(client, REQUIREMENTS + many)


@pytest.mark.parametrize("part", ["django", "django:", ":5.2", "dj ango:5.2", "django:é", "a:1\n"])
def test_part_that_does_not_match_its_pattern_is_rejected(client: Client, part: str) -> None:
    """The error names it."""
    answer = client.post(PATH, {"of": ["django:5.2.1", part]}, "application/json")
    assert answer.status_code == 400
    assert "cannot be read: expected a product and a version, such as" in answer.content.decode()


# ---- several files, formats and options


def form(client: Client, query: str = "", **files: Any) -> Any:
    """Send a form with files by field: pairs of a name and a text, or lists of them."""
    data = {
        field: [
            SimpleUploadedFile(name, text.encode())
            for name, text in (given if isinstance(given, list) else [given])
        ]
        for field, given in files.items()
    }
    return client.post(PATH + query, data)


def test_name_tells_the_kind_of_a_file(client: Client) -> None:
    """Without it, an ambiguous content is refused with a question."""
    assert "What is the file called?" in message(send(client, "3.2.2\n"))
    found = send(client, "3.2.2\n", "?name=.ruby-version").json()
    (ruby,) = found["unknown"]
    assert (found["kind"], ruby["name"], ruby["version"]) == (".ruby-version", "ruby", "3.2.2")
    assert ruby["places"] == [{"file": ".ruby-version", "line": 1, "part": None}]


def test_form_of_files_is_one_stack(client: Client) -> None:
    files = [("requirements.txt", "Django==4.2.7\n"), ("Dockerfile", "FROM python:3.12\n")]
    found = form(client, "?fail_on=eol", file=files).json()
    assert [(each["product"], each["places"]) for each in found["items"]] == [
        ("django", [{"file": "requirements.txt", "line": 1, "part": None}]),
        ("python", [{"file": "Dockerfile", "line": 1, "part": None}]),
    ]
    assert found["files"] == [
        {"name": "requirements.txt", "kind": "requirements.txt"},
        {"name": "Dockerfile", "kind": "Dockerfile"},
    ]
    assert (found["ok"], found["kind"]) == (False, None)


def test_invalid_forms_are_rejected(client: Client) -> None:
    """The error names the file or the field."""
    good = ("requirements.txt", "Django==4.2.7\n")
    assert message(form(client, file=[])) == "file: it is missing."
    assert message(form(client, file=[good, ("Gemfile", "gem 'rails'")])).startswith(
        "Gemfile: This is a Gemfile."
    )
    assert message(form(client, file=good, baseline=("b.json", "{}"))).startswith(
        "baseline: It is no report of an earlier check"
    )


EXCEPTION = """exceptions:
  - product: django
    version: 4.2
    until: {}
    reason: OPS-311.
"""


@pytest.mark.parametrize(("until", "ok"), [("2026-11-21", True), ("2026-11-20", False)])
def test_exceptions_count_until_their_last_day(client: Client, until: str, ok: bool) -> None:
    """They are in a file beside the others, or in a stack.yaml."""
    text = EXCEPTION.format(until)
    file = ("requirements.txt", "Django==4.2.7\n")
    for found in (
        form(client, "?fail_on=eol", file=file, exceptions=("exceptions.yaml", text)).json(),
        form(client, file=[file, ("stack.yaml", f"rules: eol\n{text}")]).json(),
    ):
        (item,) = found["items"]
        assert (found["ok"], item["breaks"]) == (ok, [] if ok else ["eol"])
        exception = item["exception"]
        assert (exception["until"], exception["ended"]) == (until, not ok)
        assert exception["reason"] == "OPS-311."


def test_mistake_in_exceptions_is_rejected(client: Client) -> None:
    file, wrong = ("requirements.txt", "Django==4.2.7\n"), EXCEPTION.format("soon")
    answer = form(client, file=file, exceptions=("e.yaml", wrong))
    assert "line 4: exceptions[0].until: “soon” is no date" in message(answer)


def test_file_that_a_stack_yaml_names_is_sent_with_it(client: Client) -> None:
    """Nothing is read from the server."""
    text = "parts:\n  - file: requirements.txt\n  - image: python:3.12\n"
    found = send(client, text, "?name=stack.yaml").json()
    (problem,) = found["problems"]
    assert (problem["line"], problem["message"]) == (
        2,
        "“requirements.txt” was not given. Give it, too.",
    )
    files = [("stack.yaml", text), ("requirements.txt", "Django==4.2.7\n")]
    found = form(client, file=files).json()
    assert (found["problems"], len(found["items"])) == ([], 2)


def test_answer_is_a_baseline_of_a_later_one(client: Client) -> None:
    file = ("requirements.txt", "Django==4.2.7\nrequests==1\n")
    first = form(client, "?fail_on=eol&strict=1", file=file)
    assert first.json()["ok"] is False
    later = form(
        client, "?fail_on=eol&strict=1", file=file, baseline=("stack.json", first.text)
    ).json()
    assert (later["ok"], later["items"], later["known"]) == (True, [], 1)


@pytest.mark.parametrize(("strict", "ok"), [("0", True), ("1", False)])
def test_strict_check_fails_for_components_that_are_not_recorded(
    client: Client, strict: str, ok: bool
) -> None:
    found = send(client, REQUIREMENTS, f"?strict={strict}").json()
    assert found["ok"] is ok
    assert found["counts"] == {"judged": 1, "not_recorded": 1, "not_pinned": 0}
    assert found["summary"] == "1 judged, 1 not recorded, 0 not pinned, as of 2026-11-21."


@pytest.mark.parametrize(
    ("form_name", "media_type", "start"),
    [
        ("table", "text/plain", "You run "),
        ("markdown", "text/markdown", "| You run |"),
        ("github", "text/plain", "::error file=requirements.txt,line=1,"),
        ("sarif", "application/sarif+json", '{\n  "$schema"'),
        ("junit", "application/xml", "<?xml"),
    ],
)
def test_formats(client: Client, form_name: str, media_type: str, start: str) -> None:
    """A format is asked for by the parameter or by its media type."""
    query = "?fail_on=eol&name=requirements.txt"
    answer = send(client, REQUIREMENTS, f"{query}&format={form_name}")
    assert answer["Content-Type"] == f"{media_type}; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert answer.text.startswith(start)
    if form_name != "github":
        accepted = client.post(
            PATH + query, REQUIREMENTS, content_type="text/plain", headers={"Accept": media_type}
        )
        assert accepted.text == answer.text


@pytest.mark.parametrize("form", ["json", "xml"])
def test_cyclonedx_file_with_dates(client: Client, form: str) -> None:
    """The answer has the media type of the file, by the parameter or by the header."""
    (path,) = (FILES / f"cyclonedx/{form}-1.6").glob(f"*.{form}")
    answer = send(client, path.read_bytes(), "?format=cyclonedx")
    assert answer["Content-Type"] == f"application/vnd.cyclonedx+{form}; charset=utf-8"
    assert "cdx:lifecycle:milestone:endOfSupport" in answer.text
    assert "with lifecycle dates; 0 dates without a day left out." in answer["X-Lifecycle-Dates"]
    asked = {"Accept": f"application/vnd.cyclonedx+{form}"}
    accepted = client.post(PATH, path.read_bytes(), content_type="text/plain", headers=asked)
    assert accepted.text == answer.text
    assert "a single CycloneDX file only" in message(
        send(client, REQUIREMENTS, "?format=cyclonedx")
    )


@pytest.mark.parametrize("accept", ["*/*", "", "image/png", "text/html, */*;q=0.1"])
def test_json_is_the_usual_format(client: Client, accept: str) -> None:
    answer = client.post(PATH, REQUIREMENTS, content_type="text/plain", headers={"Accept": accept})
    assert answer.json()["items"]


def test_unknown_format_is_rejected(client: Client) -> None:
    assert "format: expected" in message(send(client, REQUIREMENTS, "?format=pdf"))
