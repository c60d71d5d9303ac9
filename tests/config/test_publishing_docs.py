"""The commands in docs/publishing.md report releases to a running site."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from releases.api.v2.tokens import RATE
from releases.models import Product, Release
from releases.services.editing.roles import EDITOR
from tests.config.processes import ROOT
from tests.factories import make_cycle, make_product
from tests.tokens import make_token

TEXT = (ROOT / "docs/publishing.md").read_text()
SNIPPETS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
LINES = re.findall(r"^    ((?:curl|STATE|python) ?.*)$", TEXT, re.MULTILINE)
EXAMPLE = "https://roadmap.example.org"


@pytest.fixture
def acme(db: None) -> Product:
    product = make_product("acme", label="Acme")
    make_cycle(product, "1", release="2026-01-01", eol="2028", latest="1.4.1")
    return product


def run(script: str, server: LiveServer, folder: Path, **variables: str) -> str:
    """Run a script in a shell with a token, and return its output, asserting success."""
    script = script.replace(EXAMPLE, server.url)
    environment = {"PATH": "/usr/bin:/bin", "ROADMAP_TOKEN": make_token(EDITOR)} | variables
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_one_line_reports_a_release(acme: Product, live_server: LiveServer, tmp_path: Path) -> None:
    line = next(each for each in LINES if "/releases" in each)
    assert '"latest":true' in run(line, live_server, tmp_path)
    assert Release.objects.get().version == "1.4.2"


def test_github_step(acme: Product, live_server: LiveServer, tmp_path: Path) -> None:
    ((step,),) = [each for each in SNIPPETS if isinstance(each, list)]
    assert step["env"] == {"ROADMAP_TOKEN": "${{ secrets.ROADMAP_TOKEN }}"}
    run(step["run"], live_server, tmp_path, GITHUB_REF_NAME="v1.4.2")
    assert Release.objects.get().version == "1.4.2"


def test_gitlab_job(acme: Product, live_server: LiveServer, tmp_path: Path) -> None:
    (job,) = [each["report-release"] for each in SNIPPETS if isinstance(each, dict)]
    (script,) = job["script"]
    run(script, live_server, tmp_path, CI_COMMIT_TAG="1.4.2")
    assert Release.objects.get().version == "1.4.2"


def test_date_is_changed(acme: Product, live_server: LiveServer, tmp_path: Path) -> None:
    reading, changing = (each for each in LINES if "/cycles/" in each)
    # jq may be missing.
    read = "python3 -c 'import json; print(json.load(open(0))[\"state\"])'"
    script = f"{reading}\n{changing}".replace("jq -r .state", read)
    run(script, live_server, tmp_path)
    assert str(acme.cycles.get().eol) == "30 Apr 2028"


@pytest.mark.parametrize("line", [each for each in LINES if each.startswith("python")])
def test_commands(acme: Product, line: str) -> None:
    call_command(*shlex.split(line.removeprefix("python manage.py ")))


def test_rate_is_documented() -> None:
    assert f"may write {RATE.removesuffix('/m')} times a minute" in TEXT
