"""The commands, URLs and limits in docs/stack-check.md are valid."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from django.test import Client
from django.urls import resolve, reverse

from releases.api.v2.stack import REQUEST_BODY
from releases.domain.stack import MAX_ADDRESS_LENGTH, read_rule
from releases.formats.stack import LIMITS, is_stack_name, read_stack
from releases.formats.stack.component import MAX_PROBLEMS
from releases.formats.stack.kinds import KINDS
from releases.management.commands import check_stack
from releases.presentation.stack.formats import FORMATS
from scripts.kinds_table import table
from tests.config.processes import ROOT

TEXT = (ROOT / "docs/stack-check.md").read_text()
YAML = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
SNIPPETS = [each for each in YAML if "repos" not in each]
POSTS = re.findall(r'curl\s[^"|]*"https://roadmap\.example\.org(/[^"]+)"', TEXT)


def commands(snippet: dict[str, Any]) -> list[str]:
    """Return the commands of a job of either platform."""
    job = snippet["jobs"]["stack"] if "jobs" in snippet else snippet["stack"]
    steps = [step["run"] for step in job.get("steps", ()) if "run" in step]
    return [*job.get("before_script", ()), *job.get("script", ()), *steps]


def test_each_platform_has_an_api_and_a_command_example() -> None:
    """The platforms are GitHub and GitLab."""
    ways = {
        ("jobs" in snippet, way)
        for snippet in SNIPPETS
        for way in ("/api/v2/check?", "manage.py check_stack")
        if any(way in command for command in commands(snippet))
    }
    assert len(SNIPPETS) == len(ways) == 4


def test_multi_line_command_is_folded_by_yaml() -> None:
    """A shell would end it at a line break."""
    assert not any("\n" in command for snippet in SNIPPETS for command in commands(snippet))


def test_hook_of_pre_commit_gives_the_files_to_the_command() -> None:
    (hooks,) = (each["repos"][0]["hooks"] for each in YAML if "repos" in each)
    (hook,) = hooks
    *_, command = hook["entry"].partition("manage.py check_stack ")
    parser = ArgumentParser()
    check_stack.Command().add_arguments(parser)
    options = parser.parse_args([*shlex.split(command), "Dockerfile"])
    assert options.paths == ["Dockerfile"]
    for name in ("app/Dockerfile", "uv.lock", "requirements-dev.txt", "web/package-lock.json"):
        assert re.search(hook["files"], name)
        assert is_stack_name(name)


def test_commands_have_valid_arguments() -> None:
    typed = re.findall(
        r"^(?!.*entry:).*(?<!-)python \S*manage\.py check_stack ([^|>\n]+)", TEXT, re.M
    )
    assert len(typed) == 12
    parser = ArgumentParser()
    check_stack.Command().add_arguments(parser)
    for arguments in typed:
        options = parser.parse_args(shlex.split(arguments))
        assert options.paths
        assert all(map(read_rule, options.fail_on))


@pytest.mark.django_db
def test_posts_succeed() -> None:
    """They are sent as curl does, without a cookie or token."""
    (bill,) = (each for each in POSTS if "format=cyclonedx" in each)
    others = [each for each in POSTS if each != bill]
    assert len(others) == 5
    client = Client(enforce_csrf_checks=True)
    body = b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "a"}]}'
    assert client.post(bill, body, content_type="application/x-www-form-urlencoded").content == body
    for address in others:
        assert urlsplit(address).path == reverse("releases:v2_check")
        assert all(map(read_rule, parse_qs(urlsplit(address).query)["fail_on"]))
        body = b"FROM scratch:1\n" if "name=Dockerfile" in address else b"a==1\n"
        answer = client.post(address, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200, answer.text
        assert answer.json()["ok"] is ("strict=1" not in address)


def test_example_of_a_stack_yaml_is_valid() -> None:
    lines = re.findall(r"^    (.*)$", TEXT.partition("## stack.yaml")[2].partition("|")[0], re.M)
    stack = read_stack("\n".join(lines), "stack.yaml")
    assert not stack.problems
    assert len(stack.components) + len(stack.files) >= 4
    assert (len(stack.policy.rules), stack.policy.accepted) == (2, ("ubuntu",))
    (waiver,) = stack.policy.waivers
    assert str(waiver) == "nodejs 14 (legacy host)"


def test_other_urls_exist() -> None:
    addresses = set(re.findall(r"`(/(?:check|stack|badges|api)[^`?]*)", TEXT))
    assert len(addresses) == 8
    for address in addresses:
        resolve(address)


def test_limits_match_the_code() -> None:
    assert str(LIMITS) in TEXT
    assert f"more than {MAX_PROBLEMS} of them" in TEXT
    assert f"{MAX_ADDRESS_LENGTH:,} characters" in TEXT


def test_table_of_kinds_is_that_of_the_registry() -> None:
    """`python -m scripts.kinds_table` writes it."""
    assert table() in TEXT


def test_openapi_document_names_every_kind() -> None:
    assert all(kind.name in REQUEST_BODY["description"] for kind in KINDS)


def test_options_and_formats_are_documented() -> None:
    parser = ArgumentParser()
    check_stack.Command().add_arguments(parser)
    synopsis = TEXT.partition("The synopsis:")[2].partition("- A path")[0]
    for action in parser._actions:
        name = action.option_strings[-1] if action.option_strings else str(action.metavar)
        assert name in synopsis or action.dest == "help"
    assert "|".join(FORMATS) in synopsis
    assert all(f"| `{name}` |" in TEXT for name in FORMATS)
