"""The stack check form: accepted and rejected input, its report, and privacy."""

from __future__ import annotations

import logging
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from releases.domain.stack import MAX_PARTS
from releases.formats.stack import LIMITS, kind_of_name
from releases.formats.stack.kind import Kind
from releases.formats.stack.kinds import KINDS
from tests.factories import make_cycle, make_product
from tests.stack_samples import DOCKERFILE, FILE, make_catalogue
from tests.web.texts import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]

FILES = Path(__file__).parents[1] / "stacks"


@pytest.fixture
def stack() -> None:
    make_catalogue()


def paste(client: Client, text: str, address: str = "/check/") -> str:
    """Return the page of the result for a pasted text, after a redirect if there is one."""
    response = client.post(address, {"pasted": text}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def upload(client: Client, content: bytes, name: str = "a.txt", **more: str) -> str:
    file = SimpleUploadedFile(name, content)
    response = client.post("/check/", {"file": file, "pasted": "", **more}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def error_message(html: str) -> str:
    """Return the text of the form error."""
    found = re.search(
        r'<div class="notice bad" id="problem-file" role="alert">(.*?)</div>', html, re.DOTALL
    )
    assert found
    assert html.count('aria-describedby="problem-file kinds"') == 2
    return words_of(found[1])


def parts(html: str) -> list[str]:
    """Return the names of the rows, in order."""
    return [unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', html)]


# ---- the form


def test_form_explains_limits_and_privacy(client: Client) -> None:
    html = client.get("/check/").content.decode()
    text = words_of(html)
    for part in (
        "Paste the text of the file",
        "Or upload files",
        "requirements.txt",
        "10 MB and 20,000 components at most",
        "Nothing is stored, nothing is fetched, nothing in it is run.",
        "Addresses can appear in the logs",
    ):
        assert part in text
    assert "csrfmiddlewaretoken" in html
    assert 'aria-invalid="true"' not in html


def test_every_page_links_to_the_form(client: Client) -> None:
    """The site map does so, too."""
    assert '<a href="/check/">Check stack</a>' in client.get("/").content.decode()
    assert "<loc>http://testserver/check/</loc>" in client.get("/sitemap.xml").content.decode()


@pytest.mark.parametrize("number", range(3))
def test_examples_are_readable(client: Client, number: int) -> None:
    examples = re.findall("<code>(.*?)</code>", client.get("/check/").content.decode())
    assert len(examples) == 3
    assert "What to do" in paste(client, unescape(examples[number]))


# ---- its report


def test_recognised_file_redirects_to_its_address(client: Client) -> None:
    """Nothing is lost by it: all of the file is in the address."""
    response = client.post("/check/", {"pasted": DOCKERFILE})
    assert response.status_code == 303
    assert response["Location"] == "/stack/?of=postgresql:17.2&of=python:3.10"
    assert "no-store" in response["Cache-Control"]
    response = client.post("/check/?on=2028-05-01", {"pasted": DOCKERFILE})
    assert response["Location"] == "/stack/?of=postgresql:17.2&of=python:3.10&on=2028-05-01"


@pytest.mark.parametrize(
    ("rest", "left_out", "anchor"),
    [
        ("FROM acme/thing:1\n", "1 not recognised", "unknown"),
        ("FROM django:latest\n", "1 without a version", "unversioned"),
        ("FROM $NAME\n", "1 that could not be read", "unread"),
    ],
)
def test_result_stays_if_the_address_lacks_something(
    client: Client, rest: str, left_out: str, anchor: str
) -> None:
    """The page says what the address leaves out, and offers it."""
    response = client.post("/check/", {"pasted": DOCKERFILE + rest})
    assert response.status_code == 200
    html = response.content.decode()
    notice = html.partition('id="partial">')[2].partition("</p>")[0]
    assert f"Left out: {left_out}" in words_of(notice)
    assert f'<a href="#{anchor}">{left_out}</a>' in notice
    assert f'id="{anchor}"' in html
    assert '<a href="/stack/?of=postgresql:17.2&amp;of=python:3.10">address' in notice


def test_address_leaves_out_the_rules_of_a_stack_yaml(client: Client) -> None:
    """The result stays, and says so."""
    text = "parts:\n  - {product: python, version: 3.10}\nrules: [eol]\n"
    html = client.post("/check/", {"pasted": text}).content.decode()
    notice = html.partition('id="partial">')[2].partition("</p>")[0]
    assert "Left out: the rules and exceptions of the file" in words_of(notice)


def test_result_stays_if_a_date_cannot_be_read(client: Client) -> None:
    response = client.post("/check/?on=soon", {"pasted": DOCKERFILE})
    assert response.status_code == 200
    assert "“soon” is ignored" in response.content.decode()


def test_pasted_requirements_are_reported(client: Client) -> None:
    """The most urgent row comes first, with status, end, days left, latest release and plan."""
    html = paste(client, FILE)
    assert parts(html) == ["Django 4.2.7"]
    text = words_of(html)
    assert "1 of 1 has lost support requirements.txt, 2 components." in text
    assert (
        "Django 4.2.7 line 1 End of life Ordinary support ended 7 Apr 2026 Left —"
        " Latest patch 4.2.30"
        " Upgrade to 6.1 now. Plan an upgrade"
    ) in text
    assert 'href="/django/?version=4.2.7"' in html
    assert 'href="/upgrade/django/?from=4.2&amp;to=latest"' in html


def test_dockerfile_images_are_reported(client: Client) -> None:
    """Images need no package index; the row that ends soonest comes first."""
    html = paste(client, DOCKERFILE)
    assert parts(html) == ["Python 3.10", "PostgreSQL 17.2"]
    text = words_of(html)
    assert "Left 40 days Latest patch — Upgrade to 3.14 by 31 Dec 2026." in text
    assert "Latest patch 17.10 Install the patch 17.10." in text


def test_unknown_components_are_listed(client: Client) -> None:
    text = f"{FILE}<script>alert(1)</script>==1\nx_y==1\n"
    html = upload(client, text.encode(), "requirements.txt")
    assert '<a href="#unknown">2 not recognised</a>' in html
    assert "<li>requests 2.32.0</li>" in html
    assert "<script>alert" not in html


def test_components_without_a_version_are_listed(client: Client) -> None:
    """They are listed with their line and a link to their product."""
    text = words_of(paste(client, "requests==1\nDjango>=4\n"))
    assert "The file does not say in which version it runs. Django line 2 : Django" in text


def test_unreadable_lines_are_reported(client: Client) -> None:
    """The other lines are still read."""
    html = upload(client, f"{FILE}./here\n".encode(), "requirements.txt")
    assert parts(html) == ["Django 4.2.7"]
    assert "line 3: “./here” is no requirement such as Django==5.2.1." in unescape(html)


def test_stack_without_known_components(client: Client) -> None:
    html = paste(client, "requests==1\n")
    assert "Nothing of this is in the catalogue." in html
    assert 'id="permalink"' not in html
    assert "/stack.ics" not in html


def test_unknown_version_has_no_plan(client: Client) -> None:
    """Its row says so and has no bar."""
    text = words_of(paste(client, "Django==77\n"))
    assert "Django 77 Not known Ordinary support — Left — Latest patch — Not known here." in text
    assert "77 is newer than every release of Django that is out." in text
    assert " of 0 " not in text
    assert "Plan an upgrade" not in text


def test_extended_support_without_an_end_shows_end_of_security_support(client: Client) -> None:
    make_cycle(make_product("node"), "18", release="2022-04-19", eol="2025-04-30", eoes="no")
    text = words_of(paste(client, "FROM node:18\n"))
    assert "Extended only Ordinary support ended 30 Apr 2025" in text


def test_report_as_of_another_date(client: Client) -> None:
    """The date is kept in the URL of the form and in all links."""
    html = paste(client, FILE, "/check/?on=2026-04-07")
    assert "Showing support as of <b>7 Apr 2026</b>" in html
    assert "next deadline: Django 4.2.7, today" in words_of(html)
    assert 'href="/django/?version=4.2.7&amp;on=2026-04-07"' in html
    assert "/stack/?of=django:4.2.7&amp;on=2026-04-07" in html


def test_invalid_date_is_reported(client: Client) -> None:
    html = client.get("/check/?on=soon").content.decode()
    assert "<b>on</b>: “soon” is ignored" in html


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("requirements/pip/pip-freeze.txt", "requirements.txt"),
        ("uv-lock/project/uv.lock", "uv.lock"),
        ("poetry-lock/project/poetry.lock", "poetry.lock"),
        ("pylock/project/pylock.toml", "pylock.toml"),
        ("pyproject/project/pyproject.toml", "pyproject.toml"),
        ("package-lock/v3/package-lock.json", "package-lock.json"),
        ("cyclonedx/python/environment.cdx.json", "CycloneDX"),
    ],
)
def test_real_files_are_recognized(client: Client, path: str, kind: str) -> None:
    """Uploading and pasting give the same rows; an uploaded file is named."""
    content, name = (FILES / path).read_bytes(), (FILES / path).name
    uploaded = upload(client, content, name)
    assert f"{kind}, " in words_of(uploaded)
    assert parts(uploaded) == parts(paste(client, content.decode()))
    assert (f'<span class="small">{name}' in uploaded) is bool(parts(uploaded))


def test_python_version_file_is_recognized(client: Client) -> None:
    """All of it is in the address that it leads to."""
    content = (FILES / "python-version/uv/.python-version").read_bytes()
    uploaded = upload(client, content, "python-version")
    assert all(name.startswith("Python ") for name in parts(uploaded))
    assert parts(uploaded)
    assert "What is the file called?" in error_message(paste(client, content.decode()))


def test_permalink_contains_only_known_parts(client: Client) -> None:
    """It shows the same rows."""
    html = paste(client, f"{FILE}secret-of-ours==1\n")
    address = "http://testserver/stack/?of=django:4.2.7"
    assert f'<pre id="permalink">{address}</pre>' in html
    page = client.get("/stack/?of=django:4.2.7").content.decode()
    assert parts(page) == parts(html)


def test_too_large_stack_has_no_permalink(client: Client) -> None:
    """A sentence replaces the link, and there is no calendar, feed or badge."""
    for number in range(150):
        make_cycle(make_product(f"product-{number}"), "1")
    html = paste(client, "".join(f"FROM product-{number}:1\n" for number in range(150)))
    assert len(parts(html)) == 150
    assert "This stack is too large for an address of 2,000 characters" in words_of(html)
    assert 'id="permalink"' not in html
    assert "/stack/" not in html


def test_number_of_shown_parts_is_limited(client: Client) -> None:
    versions = "".join(f"FROM python:3.10.{number}\n" for number in range(MAX_PARTS + 2))
    text = words_of(paste(client, versions))
    assert f"Only the first {MAX_PARTS} parts are shown; 2 more are left out." in text


# ---- several files and options


def test_uploaded_files_are_one_stack(client: Client) -> None:
    """Each row has its files and lines."""
    files = [
        SimpleUploadedFile("requirements.txt", FILE.encode()),
        SimpleUploadedFile("Dockerfile", DOCKERFILE.encode()),
    ]
    html = client.post("/check/", {"file": files}).text
    assert parts(html) == ["Django 4.2.7", "Python 3.10", "PostgreSQL 17.2"]
    text = words_of(html)
    assert "Django 4.2.7 requirements.txt:1 " in text
    assert "PostgreSQL 17.2 Dockerfile:2 " in text
    assert "requirements.txt: requirements.txt, 2 components. Dockerfile: Dockerfile, 2" in text
    assert "-F file=@requirements.txt -F file=@Dockerfile -o stack.json" in text


def test_refused_file_is_named_among_several(client: Client) -> None:
    files = [SimpleUploadedFile("requirements.txt", b"a==1"), SimpleUploadedFile("Gemfile", b"x")]
    html = client.post("/check/", {"file": files}).text
    assert error_message(html) == "Gemfile: This is a Gemfile. Give Gemfile.lock."


def test_ambiguous_text_is_answered_by_a_choice(client: Client) -> None:
    """The text is kept, and the kind that was chosen counts."""
    html = paste(client, "3.10\n")
    assert error_message(html).endswith("Give its name, such as requirements.txt.")
    assert '<select id="name" name="name" aria-describedby="problem-file">' in html
    assert ">\n3.10\n</textarea>" in html
    response = client.post("/check/", {"pasted": "3.10\n", "name": ".python-version"}, follow=True)
    assert parts(response.text) == ["Python 3.10"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.files], ids=lambda kind: kind.name)
def test_each_kind_can_be_chosen(kind: Kind) -> None:
    assert kind_of_name(kind.example) is kind


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        ({"fail_on": "eol"}, "The check fails. Broken rule eol: Django 4.2.7."),
        ({"fail_on": "eol", "on": "2026-01-01"}, "The check passes."),
        (
            {"strict": "1"},
            "The check fails. Broken rule strict, not in the catalogue: requests 2.32.0.",
        ),
    ],
)
def test_options_of_the_form(client: Client, options: dict[str, str], outcome: str) -> None:
    html = client.post("/check/", {"pasted": FILE, **options}).text
    assert words_of(html.partition('id="outcome">')[2].partition("</p>")[0]) == outcome


def test_only_what_is_new_since_a_report_is_shown(client: Client) -> None:
    report = client.post("/check/", {"pasted": FILE, "format": "json"}).content
    earlier = SimpleUploadedFile("stack.json", report)
    html = client.post("/check/", {"pasted": f"{FILE}Django==5.2.1\n", "baseline": earlier}).text
    assert parts(html) == ["Django 5.2.1"]
    assert "1 known from the check of 21 Nov 2026 is not listed." in words_of(html)


@pytest.mark.parametrize(("on", "fails"), [("2027-03-31", False), ("2027-04-01", True)])
def test_exceptions_last_until_their_day(client: Client, on: str, fails: bool) -> None:
    exceptions = SimpleUploadedFile(
        "exceptions.yaml",
        b"exceptions:\n- {product: django, version: 4.2, until: 2027-03-31, reason: OPS-1}\n",
    )
    data = {"pasted": FILE, "fail_on": "eol", "on": on, "exceptions": exceptions}
    text = words_of(client.post("/check/", data).text)
    assert ("The check fails. Broken rule eol" in text) is fails
    words = "The exception ended on" if fails else "Exception until"
    assert f"{words} 31 Mar 2027: OPS-1." in text


def test_invalid_exceptions_are_rejected(client: Client) -> None:
    exceptions = SimpleUploadedFile("e.yaml", b"exceptions:\n- {product: django}\n")
    html = client.post("/check/", {"pasted": FILE, "exceptions": exceptions}).text
    assert "line 2: The exceptions: exceptions[0]: until is missing" in error_message(html)


@pytest.mark.parametrize(
    ("form", "media_type", "name"),
    [
        ("json", "application/json", "stack.json"),
        ("sarif", "application/sarif+json", "stack.sarif"),
        ("junit", "application/xml", "stack.xml"),
        ("markdown", "text/markdown", "stack.md"),
        ("table", "text/plain", "stack.txt"),
        ("github", "text/plain", "stack.txt"),
    ],
)
def test_result_as_a_file(client: Client, form: str, media_type: str, name: str) -> None:
    response = client.post("/check/", {"pasted": FILE, "format": form})
    assert response["Content-Type"] == f"{media_type}; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "Django 4.2.7" in response.text or "4.2.7" in response.text
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_cyclonedx_file_with_dates(client: Client, form: str) -> None:
    """The button of the form asks for it, whatever the field for the format says."""
    assert 'name="format" value="cyclonedx"' in client.get("/check/").text
    (path,) = (FILES / f"cyclonedx/{form}-1.6").glob(f"*.{form}")
    file = SimpleUploadedFile(path.name, path.read_bytes())
    response = client.post("/check/", {"file": file, "format": ["", "cyclonedx"]})
    assert response["Content-Type"] == f"application/vnd.cyclonedx+{form}; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="stack.cdx.{form}"'
    assert "cdx:lifecycle:milestone:endOfSupport" in response.text


def test_lifecycle_dates_need_a_cyclonedx_file(client: Client) -> None:
    """The button leaves the field for the format as it was."""
    html = client.post("/check/", {"pasted": FILE, "format": ["json", "cyclonedx"]}).text
    assert "a single CycloneDX file only" in error_message(html)
    assert re.findall("<option selected>(.*?)</option>", html) == ["json"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"fail_on": "soon"}, "Rules: “soon” is no rule: expected eol, or ends-within=90d."),
        (
            {"accept_extended": "a/b"},
            "Extended support: “a/b” is ignored: expected the name of a product, such as nodejs,"
            " or all.",
        ),
    ],
)
def test_invalid_options_are_rejected(
    client: Client, options: dict[str, str], sentence: str
) -> None:
    """What was typed is kept."""
    html = client.post("/check/", {"pasted": FILE, **options}).text
    assert error_message(html) == sentence
    assert 'value="{}"'.format(*options.values()) in html


# ---- rejected input


def test_empty_form_is_rejected(client: Client) -> None:
    sentence = "Nothing to check: paste text or choose a file."
    assert error_message(paste(client, " \n")) == sentence
    assert error_message(client.post("/check/").content.decode()) == sentence


def test_text_and_file_together_are_rejected(client: Client) -> None:
    html = upload(client, FILE.encode(), pasted=DOCKERFILE)
    assert error_message(html) == "Paste text or choose a file, but not both."
    assert "FROM postgres:17.2" in html


def test_empty_file_is_rejected(client: Client) -> None:
    assert error_message(upload(client, b"")) == "It is empty."


def test_more_than_ten_megabytes_are_rejected(client: Client) -> None:
    """The limit applies to files and texts alike; CRLF counts as one character."""
    assert error_message(upload(client, b"#" * 10_000_001)) == "It is larger than 10 MB."
    assert error_message(paste(client, "#" * 10_000_001)) == "It is larger than 10 MB."
    lines = FILE + ("#" * 20 + "\n") * 470_000
    assert parts(paste(client, lines.replace("\n", "\r\n"))) == ["Django 4.2.7"]


def test_too_large_request_is_rejected_with_413(client: Client, settings: Settings) -> None:
    """The request is rejected by its length, before its body is parsed."""
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    too_much = SimpleUploadedFile("a", b"#" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    response = client.post("/check/", {"file": too_much})
    assert response.status_code == 413
    assert "The request is larger than 12 MB, the maximum of this site." in response.text


def test_too_many_components_are_rejected(client: Client) -> None:
    lines = "".join(f"a{number}==1\n" for number in range(LIMITS.components + 1))
    assert "20,000 components" in error_message(paste(client, lines))


def test_binary_file_is_rejected(client: Client) -> None:
    assert error_message(upload(client, b"\x89PNG\r\n\x1a\n\xff")) == "It is no text in UTF-8."


def test_text_that_is_no_stack_is_rejected(client: Client) -> None:
    """The pasted text is kept for correction."""
    html = paste(client, '<b>This</b> & "that"\n')
    assert "Its kind is not known." in error_message(html)
    assert "&lt;b&gt;This&lt;/b&gt; &amp; &quot;that&quot;" in html
    assert 'aria-invalid="true"' in html


def test_invalid_toml_is_rejected_with_its_line(client: Client) -> None:
    assert error_message(paste(client, "[project]\nname = \n")) == "line 2: It is no TOML here."


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_rejected(client: Client, method: str) -> None:
    response = getattr(client, method)("/check/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"


# ---- privacy


def test_request_without_csrf_token_is_rejected() -> None:
    response = Client(enforce_csrf_checks=True).post("/check/", {"pasted": FILE})
    assert response.status_code == 403
    assert "The form was not accepted" in response.text


@pytest.mark.parametrize("data", [None, {"pasted": FILE}, {"pasted": "x y"}, {}])
def test_responses_are_never_cached(
    client: Client, settings: Settings, data: dict[str, str] | None
) -> None:
    """This applies to proxies and to the page cache."""
    settings.PAGE_CACHE_MB = 1
    for _ in range(2):
        response = client.get("/check/") if data is None else client.post("/check/", data)
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]
        assert "Cache-Status" not in response
        assert "ETag" not in response


def test_nothing_is_stored(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """The database is only read, and no upload is written to disk, whatever its size."""

    def no_file(*args: Any) -> None:
        raise AssertionError("a file was written")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", no_file)
    with django_assert_num_queries(0):
        assert "larger than 10 MB" in upload(client, b"#" * 10_000_001)
    with CaptureQueriesContext(connection) as queries:
        upload(client, FILE.encode())
    assert all(each["sql"].startswith("SELECT") for each in queries.captured_queries)


def test_nothing_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger=""):
        paste(client, "a-name-nobody-has==1\nno line\n")
        paste(client, "no line\n")
    messages = [each.getMessage() for each in caplog.records if each.name != "django.db.backends"]
    assert not any("nobody-has" in each or "no line" in each for each in messages)


# ---- query counts


@pytest.mark.parametrize("count", [0, 60])
def test_query_budget(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    """Identifiers of cycles and products, names, aliases, cycles with former names, releases.

    The count does not depend on the number of components.
    """
    for number in range(count):
        make_cycle(make_product(f"p{number}", category="os", aliases=[f"a{number}"]), "1")
    lines = DOCKERFILE + "".join(f"FROM p{number}:1\nFROM n{number}:1\n" for number in range(count))
    with django_assert_num_queries(7):
        client.post("/check/", {"pasted": lines})


def test_form_takes_no_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get("/check/")
