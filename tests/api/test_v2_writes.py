"""Writes to API v2 by programs with a token: what they change, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from releases.api.v2.writes import _WRITES
from releases.models import ApiToken, Product, Release, ReleaseCycle, Revision
from releases.services.editing.roles import EDITOR, RELEASE_MANAGER, VIEWER
from tests.concurrency import run_concurrently
from tests.conftest import ON
from tests.factories import make_cycle, make_product, make_release
from tests.tokens import make_token

pytestmark = pytest.mark.django_db

Send = Callable[..., Any]

FILE = """---
title: Acme
category: framework
permalink: /acme
releases:
  - releaseCycle: "1"
    releaseDate: 2026-01-01
    eol: false
    latest: "1.0"
---

> Acme is a product.
"""


@pytest.fixture
def send(client: Client) -> Send:
    """Send a request with a token and a JSON body, and return the response."""
    cache.clear()  # the throttle counts in it

    def sent(method: str, path: str, token: str, body: Any = None, **headers: str) -> Any:
        content = {} if body is None else {"data": json.dumps(body)}
        auth = {"Authorization": f"Bearer {token}"} if token else {}
        ask = getattr(client, method)
        return ask(
            f"/api/v2/products/{path}",
            content_type="application/json",
            headers=auth | headers,
            **content,
        )

    return sent


@pytest.fixture
def django() -> Product:
    product = make_product("django", label="Django")
    cycle = make_cycle(product, "5.2", release="2025-04-02", eol="2028-04-30", latest="5.2.19")
    make_release(cycle, "5.2.19", date=date(2026, 10, 7))
    make_cycle(product, "6.0", release="2025-12-03", eol="2027-04-30", latest="6.0.9")
    return product


def state(cycle: ReleaseCycle) -> str:
    return f'"{ReleaseCycle.objects.get(pk=cycle.pk).state}"'


# ---- releases -----------------------------------------------------------------------------------


def test_release_is_added_to_its_cycle(send: Send, django: Product) -> None:
    """It becomes the latest one, is dated today, and the next request for the page shows it."""
    token = make_token(EDITOR, django)
    answer = send("post", "django/releases", token, {"version": "5.2.20"})
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "product": "django",
        "cycle": "5.2",
        "version": "5.2.20",
        "kind": "patch",
        "date": ON.isoformat(),
        "latest": True,
        "notes": None,
        "page": "http://testserver/django/5.2/",
    }
    assert "5.2.20" in Client().get("/django/").text
    release = Release.objects.get(version="5.2.20")
    record = release.history.get()
    assert record.history_user.username == EDITOR
    assert record.history_change_reason == ("5.2.20 released (by API token “pipeline of editor”)")


def test_retry_has_the_same_answer(send: Send, django: Product) -> None:
    token = make_token(EDITOR)
    body = {"version": "v5.2.20", "kind": "security", "notes": "https://example.org/5.2.20"}
    first, second = (send("post", "django/releases", token, body) for _ in range(2))
    assert first.content == second.content
    assert first.json()["notes"] == "https://example.org/5.2.20"
    assert Release.objects.filter(version="5.2.20").count() == 1


def test_other_values_of_a_known_release_are_a_conflict(send: Send, django: Product) -> None:
    token = make_token(EDITOR)
    answer = send("post", "django/releases", token, {"version": "5.2.19", "date": "2026-10-08"})
    assert answer.status_code == 409
    assert answer.json()["problems"] == [
        {"name": "date", "message": "2026-10-07 is recorded, not 2026-10-08."}
    ]


def test_old_release_is_not_the_latest(send: Send, django: Product) -> None:
    token = make_token(EDITOR)
    body = {"version": "5.2.1", "date": "2025-05-07", "notes": "https://example.org/5.2.1"}
    answer = send("post", "django/releases", token, body).json()
    assert (answer["latest"], answer["notes"]) == (False, None)
    assert ReleaseCycle.objects.get(name="5.2").latest == "5.2.19"


def test_first_release_of_a_planned_cycle_has_to_start_it(send: Send, django: Product) -> None:
    """Its page would still call the cycle planned."""
    cycle = make_cycle(django, "6.2", release="2027-04")
    body: dict[str, Any] = {"version": "6.2"}
    token = make_token(EDITOR)
    refused = send("post", "django/releases", token, body)
    assert refused.status_code == 400
    (problem,) = refused.json()["problems"]
    assert problem["name"] == "starts_cycle"
    assert problem["message"].startswith("6.2 is planned for Apr 2027.")
    assert send("post", "django/releases", token, body | {"starts_cycle": True}).status_code == 200
    cycle.refresh_from_db()
    assert str(cycle.release) == "21 Nov 2026"


def test_link_of_the_former_release_is_dropped(send: Send, django: Product) -> None:
    django.cycles.filter(name="5.2").update(link="https://example.org/5.2.19")
    send("post", "django/releases", make_token(EDITOR), {"version": "5.2.20"})
    cycle = ReleaseCycle.objects.get(name="5.2")
    assert (cycle.link, cycle.no_link) == ("", True)


@pytest.mark.parametrize(
    ("body", "name", "words"),
    [
        ({"version": "9.1"}, "version", "belongs to no release cycle"),
        ({"version": "<b>"}, "version", "is not a version"),
        ({"version": "5.2.20", "kind": "beta"}, "version", "patch by its version, not beta"),
        ({"version": "5.2.20", "cycle": "6.0"}, "version", "belongs to 5.2, not to 6.0"),
        ({"version": "5.2.20", "cycle": "x\x00"}, "cycle", "has no release cycle"),
        ({"version": "5.2.20", "notes": "javascript:x"}, "notes", "begins with https://"),
        ({"version": "5.2.20", "date": "2026-02-30"}, "date", "expected a day"),
        ({"version": "5.2.20", "colour": "red"}, "colour", "Extra inputs"),
        ({}, "version", "it is missing"),
    ],
)
def test_refused_releases_name_their_field(
    send: Send, django: Product, body: dict[str, str], name: str, words: str
) -> None:
    before = Revision.objects.get().token
    answer = send("post", "django/releases", make_token(EDITOR), body)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    (problem,) = answer.json()["problems"]
    assert problem["name"] == name
    assert words in problem["message"]
    assert Revision.objects.get().token == before
    assert Release.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_pipelines_report_the_same_version(shared_database: str, django: Product) -> None:
    """There is one release, and both get the same answer."""
    tokens = [make_token(EDITOR, owner=name) for name in ("a", "b")]
    body = json.dumps({"version": "5.2.20"})

    def report(token: str) -> Any:
        return Client().post(
            "/api/v2/products/django/releases",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    first, second = run_concurrently(*(partial(report, token) for token in tokens))
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert Release.objects.filter(version="5.2.20").count() == 1


# ---- cycles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "draft"), [(EDITOR, True), (RELEASE_MANAGER, False)])
def test_cycle_of_an_editor_is_a_draft(
    send: Send, client: Client, django: Product, role: str, draft: bool
) -> None:
    body = {"name": "6.2", "milestones": {"release": "2027-04", "lts": "yes"}, "reason": "plan"}
    token = make_token(role)
    first, second = (send("post", "django/cycles", token, body) for _ in range(2))
    assert first.status_code == 200, first.content
    assert first.content == second.content
    answer = first.json()
    assert answer["draft"] is draft
    assert answer["milestones"]["release"]["date"] == "2027-04-30"
    assert answer["milestones"]["eol"] is None
    assert client.get("/django/6.2/").status_code == (404 if draft else 200)
    cycle = django.cycles.get(name="6.2")
    assert cycle.history.get().history_change_reason.startswith("plan (by API token")


def test_known_cycle_with_other_milestones_is_a_conflict(send: Send, django: Product) -> None:
    body = {"name": "5.2", "milestones": {"eol": "2029"}}
    answer = send("post", "django/cycles", make_token(EDITOR), body)
    assert answer.status_code == 409
    assert "PATCH" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"name": "6.2", "milestones": {"release": "2027", "eol": "2026"}}, "eol"),
        ({"name": "6.2", "milestones": {"eol": "soon"}}, "eol"),
        ({"name": "6.2", "milestones": {"end": "2027"}}, "end"),
        ({"name": "a/b"}, "name"),
    ],
)
def test_refused_cycles_name_their_field(
    send: Send, django: Product, body: dict[str, Any], name: str
) -> None:
    answer = send("post", "django/cycles", make_token(EDITOR), body)
    assert answer.status_code == 400, answer.content
    assert [each["name"] for each in answer.json()["problems"]] == [name]
    assert django.cycles.count() == 2


def test_milestones_change_with_the_state_that_was_read(
    send: Send, client: Client, django: Product
) -> None:
    read = client.get("/api/v2/products/django/cycles/5.2").json()
    body = {"milestones": {"eol": "2028-06-30", "eoas": None}, "reason": "announced"}
    token = make_token(EDITOR)
    match = {"If-Match": f'"{read["state"]}"'}
    answer = send("patch", "django/cycles/5.2", token, body, **match)
    assert answer.status_code == 200, answer.content
    assert answer["ETag"] == state(django.cycles.get(name="5.2"))
    assert answer.json()["milestones"]["eol"]["date"] == "2028-06-30"
    assert "30 Jun 2028" in client.get("/django/5.2/").text

    again = send("patch", "django/cycles/5.2", token, body, **match)
    assert again.status_code == 412
    assert again["ETag"] == answer["ETag"]
    refused = again.json()
    assert re.match(rf"{EDITOR} changed Django 5\.2 at {ON} \d\d:\d\d UTC", refused["detail"])
    assert {"name": "eol", "message": "it is 2028-06-30 now."} in refused["problems"]


def test_if_match_is_required(send: Send, django: Product) -> None:
    body = {"milestones": {"eol": "2028-06-30"}, "reason": "announced"}
    token = make_token(EDITOR)
    assert send("patch", "django/cycles/5.2", token, body).status_code == 428
    answer = send("patch", "django/cycles/5.2", token, body, **{"If-Match": "*"})
    assert answer.status_code == 200


def test_equal_milestones_write_nothing(send: Send, django: Product) -> None:
    cycle = django.cycles.get(name="5.2")
    body = {"milestones": {"eol": "2028-04-30"}, "reason": "checked"}
    token, before = make_token(EDITOR), cycle.history.count()
    revision = Revision.objects.get().token
    answer = send("patch", "django/cycles/5.2", token, body, **{"If-Match": state(cycle)})
    assert answer.status_code == 200
    assert cycle.history.count() == before
    assert Revision.objects.get().token == revision, "no page is outdated"


def test_reason_of_a_change_is_required(send: Send, django: Product) -> None:
    body = {"milestones": {"eol": "2028"}, "reason": ""}
    headers = {"If-Match": "*"}
    answer = send("patch", "django/cycles/5.2", make_token(EDITOR), body, **headers)
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["name"] == "reason"


# ---- files and deletions ------------------------------------------------------------------------


def put(client: Client, path: str, token: str, text: str | bytes) -> Any:
    return client.put(
        f"/api/v2/products/{path}",
        text,
        content_type="text/markdown",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_product_file_is_imported(client: Client) -> None:
    token = make_token(RELEASE_MANAGER)
    answer = put(client, "acme", token, FILE)
    assert answer.status_code == 200, answer.content
    assert answer.json()["result"] == "created"
    assert client.get("/acme/").status_code == 200
    assert put(client, "acme", token, FILE).json()["result"] == "unchanged"
    changed = put(client, "acme", token, FILE.replace('"1.0"', '"1.1"')).json()
    assert changed["result"] == "updated"
    assert changed["changes"] == ["latest of 1"]


@pytest.mark.parametrize("text", ["no file", b"\xff\xfe\xff", "---\ntitle: x\x00\n---\n", ""])
def test_unreadable_product_file_is_refused(client: Client, text: str | bytes) -> None:
    answer = put(client, "acme", make_token(RELEASE_MANAGER), text)
    assert answer.status_code == 400
    assert answer.json()["problems"]
    assert not Product.objects.exists()


def test_deletions_are_in_the_history(send: Send, django: Product) -> None:
    token = make_token(RELEASE_MANAGER)
    for path in ("django/cycles/5.2/releases/5.2.19", "django/cycles/5.2", "django"):
        answer = send("delete", f"{path}?reason=wrong", token)
        assert answer.status_code == 200, answer.content
        assert send("delete", path, token).status_code == 404
    assert not Product.objects.exists()
    last = Product.history.first()
    assert (last.history_type, last.history_user.username) == ("-", RELEASE_MANAGER)
    assert last.history_change_reason.startswith("wrong (by API token")


# ---- roles and tokens ---------------------------------------------------------------------------

WRITES: dict[str, tuple[str, str, Any, str]] = {
    "release": ("post", "django/releases", {"version": "5.2.20"}, EDITOR),
    "cycle": ("post", "django/cycles", {"name": "7.0"}, EDITOR),
    "milestones": (
        "patch",
        "django/cycles/5.2",
        {"milestones": {"eol": "2029"}, "reason": "x"},
        EDITOR,
    ),
    "file": ("put", "django", "---", RELEASE_MANAGER),
    "delete release": ("delete", "django/cycles/5.2/releases/5.2.19", None, RELEASE_MANAGER),
    "delete cycle": ("delete", "django/cycles/5.2", None, RELEASE_MANAGER),
    "delete product": ("delete", "django", None, RELEASE_MANAGER),
}
ROLES = (VIEWER, EDITOR, RELEASE_MANAGER)


def count_rows() -> dict[str, int]:
    return {model.__name__: model.history.count() for model in (Product, ReleaseCycle, Release)}


def write(send: Send, name: str, token: str, **headers: str) -> Any:
    method, path, body, _ = WRITES[name]
    return send(method, path, token, body, **{"If-Match": "*"}, **headers)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("role", ROLES)
def test_writes_require_their_role(send: Send, django: Product, role: str, name: str) -> None:
    before = count_rows()
    answer = write(send, name, make_token(role))
    least = WRITES[name][3]
    if ROLES.index(role) < ROLES.index(least):
        assert answer.status_code == 403
        assert count_rows() == before
    else:
        assert answer.status_code not in (401, 403), answer.content


@pytest.mark.parametrize("name", WRITES)
def test_invalid_tokens_write_nothing(send: Send, django: Product, name: str) -> None:
    yesterday = ON - timedelta(days=1)
    tokens = {
        "missing": "",
        "unknown": "rr_0123456789ab_" + "0" * 64,
        "malformed": "rr_é\x00",
        "expired": make_token(RELEASE_MANAGER, owner="a", expires_on=yesterday),
        "revoked": make_token(RELEASE_MANAGER, owner="b", revoked_at=timezone.now()),
        "wrong secret": make_token(RELEASE_MANAGER, owner="c")[:-1] + "x",
    }
    left = make_token(RELEASE_MANAGER, owner="d")
    get_user_model()._default_manager.filter(username="d").update(is_active=False)
    before = count_rows()
    for case, token in (tokens | {"owner left": left}).items():
        answer = write(send, name, token.encode().decode("latin-1"))
        assert answer.status_code == 401, case
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert "Access-Control-Allow-Origin" not in answer
    assert count_rows() == before


@pytest.mark.parametrize("name", WRITES)
def test_token_of_another_product_writes_nothing(send: Send, django: Product, name: str) -> None:
    other = make_product("acme")
    token = make_token(RELEASE_MANAGER, other)
    before = count_rows()
    assert write(send, name, token).status_code == 403
    other.delete()
    assert write(send, name, token).status_code == 403, "it is not a token for all products"
    assert {**before, "Product": before["Product"] + 1} == count_rows()


def test_session_of_the_admin_is_no_token(client: Client, django: Product) -> None:
    client.force_login(get_user_model()._default_manager.create_superuser("root"))
    answer = client.post("/api/v2/products/django/releases", "{}", content_type="application/json")
    assert answer.status_code == 401


def test_writes_are_throttled_per_token(
    send: Send, django: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_WRITES["throttle"], "num_requests", 2)
    first, second = make_token(EDITOR, owner="a"), make_token(EDITOR, owner="b")
    codes = [write(send, "release", first).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    refused = write(send, "release", first)
    assert int(refused["Retry-After"]) > 0
    assert refused["Content-Type"] == "application/problem+json"
    assert write(send, "release", second).status_code == 200


def test_other_sites_may_only_read(client: Client, django: Product) -> None:
    """A preflight request offers no method that writes."""
    answer = client.options("/api/v2/products/django/cycles/5.2")
    assert answer["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD"
    answer = client.options("/api/v2/products/django/releases")
    assert answer["Access-Control-Allow-Methods"] == ""
    assert client.get("/api/v2/products/django")["Access-Control-Allow-Origin"] == "*"


def test_token_is_stored_hashed_and_its_use_recorded(send: Send, django: Product) -> None:
    text = make_token(EDITOR)
    secret = text.rpartition("_")[2]
    write(send, "release", text)
    token = ApiToken.objects.get()
    assert token.last_used_at is not None
    stored = [str(getattr(token, each.attname)) for each in token._meta.concrete_fields]
    assert not any(secret in value for value in stored)
