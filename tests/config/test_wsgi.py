"""The WSGI application starts, or explains in one sentence why it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.config.processes import POSTGRES, ROOT, SECRET, refusal, run

IMPORT = ["-c", "import config.wsgi"]
OPTIONS = """
import json
from config.wsgi import application
from django.conf import settings
print(json.dumps(settings.DATABASES["default"]["OPTIONS"]))
"""


@pytest.fixture
def collected(tmp_path: Path) -> dict[str, str]:
    """Variables of a production environment whose static files are collected."""
    code = (
        "from pathlib import Path\nfrom config.settings import *\n"
        f"STATIC_ROOT = Path({str(tmp_path)!r})\n"
    )
    (tmp_path / "staticfiles.json").write_text("{}")
    (tmp_path / "collected_settings.py").write_text(code)
    return {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": POSTGRES,
        "PYTHONPATH": f"{ROOT}:{tmp_path}",
        "DJANGO_SETTINGS_MODULE": "collected_settings",
    }


def test_missing_secret_stops_the_start() -> None:
    assert refusal(IMPORT) == (
        "Configuration: SECRET_KEY is not set; serving needs a long random one."
    )


def test_missing_database_on_a_dyno_stops_the_start() -> None:
    message = refusal(IMPORT, SECRET_KEY=SECRET, DYNO="web.1")
    assert message.startswith("Configuration: DATABASE_URL is not set, and the disk of a dyno is")


def test_missing_static_files_stop_the_start(collected: dict[str, str], tmp_path: Path) -> None:
    """Every page would be an error."""
    (tmp_path / "staticfiles.json").unlink()
    message = refusal(IMPORT, **collected)
    assert message.startswith(
        "Configuration: The static files have not been collected. Run: python"
    )


def test_check_error_stops_the_start(collected: dict[str, str]) -> None:
    """The checks are those of every command."""
    message = refusal(IMPORT, **collected | {"ADMIN_PATH": "products"})
    assert message.startswith("Configuration: ADMIN_PATH is “products”, the address of a page")


def test_gunicorn_exits_without_a_retry(tmp_path: Path) -> None:
    """It prints one sentence, for applications loaded before the workers or in them."""
    for preload in (["--preload"], []):
        command = ["-m", "gunicorn", "config.wsgi", *preload, "--bind", "127.0.0.1:0"]
        done = run(
            [*command, "--worker-tmp-dir", str(tmp_path), "--no-control-socket"], HOME=str(tmp_path)
        )
        assert done.returncode == 3, done.stderr
        assert "Configuration: SECRET_KEY is not set" in done.stderr
        assert "Traceback" not in done.stderr


def options(variables: dict[str, str]) -> dict[str, str]:
    done = run(["-c", OPTIONS], **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_pages_have_a_statement_timeout(collected: dict[str, str]) -> None:
    """A query ends before the router's timeout; options of the URL take precedence."""
    assert options(collected)["options"] == "-c statement_timeout=20s"
    url = f"{POSTGRES}?options=-c%20statement_timeout%3D5s"
    assert options(collected | {"DATABASE_URL": url})["options"] == (
        "-c statement_timeout=20s -c statement_timeout=5s"
    )


def test_commands_and_poolers_have_no_statement_timeout(collected: dict[str, str]) -> None:
    """Migrations may take longer, and a pooler rejects connections with the option."""
    assert "options" not in options(collected | {"DATABASE_POOLED": "1"})
    done = run(["-c", OPTIONS.replace("from config.wsgi import application", "")], **collected)
    assert "options" not in json.loads(done.stdout)
