"""The first command of the README, on a machine that has never run the project."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.deploy.servers import (
    FirstRun,
    Server,
    bind_free_port,
    copy_project,
    environment,
    serve,
)

pytestmark = pytest.mark.deploy

LOGIN = "/admin/login/"
SECOND_START = 90  # seconds; a first start takes minutes


COUNT_USERS = """
from django.contrib.auth.models import User
print(User.objects.filter(is_superuser=True).count())
"""


def count_users(folder: Path) -> int:
    shell = subprocess.run(
        [".venv/bin/python", "manage.py", "shell", "--verbosity=0", "--command", COUNT_USERS],
        cwd=folder,
        env=environment(DEBUG="1"),
        check=True,
        capture_output=True,
        text=True,
    )
    return int(shell.stdout)


def printed_passwords(output: str) -> list[str]:
    return re.findall(r"as admin with the password (\S+)", output)


def log_in(server: Server, secret: str) -> str:
    """Log in to the admin and return the page it redirects to."""
    form = server.get(LOGIN).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    answers = {
        "csrfmiddlewaretoken": token[1],
        "username": "admin",
        "password": secret,
        "next": "/admin/",
    }
    return server.get(LOGIN, answers).text


def test_first_run_serves_the_catalogue(first_run: FirstRun) -> None:
    assert {path: page.status for path, page in first_run.pages.items()} == {
        "/": 200,
        "/django/": 200,
        LOGIN: 200,
    }
    assert "Django" in first_run.pages["/"].text
    assert "5.2" in first_run.pages["/"].text


def test_first_run_prints_how_to_log_in(first_run: FirstRun) -> None:
    assert len(printed_passwords(first_run.output)) == 1
    assert "/admin/" in first_run.output


def test_ctrl_c_stops_it_quietly(first_run: FirstRun) -> None:
    assert first_run.ended
    assert "Traceback" not in first_run.output


def test_second_run_starts_quickly_and_keeps_data(first_run: FirstRun) -> None:
    assert count_users(first_run.folder) == 1
    secret = printed_passwords(first_run.output)[0]
    with serve(["make", "run"], first_run.folder, seconds=SECOND_START) as server:
        assert "Log out" in log_in(server, secret)
        assert server.get("/").status == 200
        assert server.stop(signal.SIGTERM)
        assert secret not in server.output
        assert "Installing" not in server.output
    assert count_users(first_run.folder) == 1


# ---- problems of other machines: one sentence each, without a traceback


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("clone") / "project")


def error_line(folder: Path, *variables: str, **settings: str) -> str:
    """Return the error output of a `make run` that fails, without the line of make."""
    command = ["make", "run", *variables]
    made = subprocess.run(
        command,
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode
    assert "Traceback" not in made.stdout + made.stderr
    lines = [line for line in made.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, made.stderr
    return lines[0]


def test_python_that_is_too_old(clone: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho 3.9.18\nexit 1\n")
    old.chmod(0o755)
    sentence = error_line(clone, f"PYTHON={old}")
    assert "needs Python 3.11 or newer" in sentence
    assert "3.9.18" in sentence


def test_missing_python(clone: Path) -> None:
    sentence = error_line(clone, "PYTHON=/nowhere/python3")
    assert "needs Python 3.11 or newer (found: none)" in sentence


@pytest.mark.parametrize("port", ["http", "-1", "0", "65536", "8000.5", "9" * 5000])
def test_invalid_port(clone: Path, port: str) -> None:
    assert error_line(clone, f"PORT={port}").startswith(
        "PORT must be a whole number from 1 to 65535"
    )


def test_port_in_use(clone: Path) -> None:
    with bind_free_port() as taken:
        port = taken.getsockname()[1]
        assert error_line(clone, f"PORT={port}").startswith(f"Port {port} is taken")


def test_python_without_venv(clone: Path, tmp_path: Path) -> None:
    """Debian packages ensurepip separately from python3."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = None")
    assert "apt install python3." in error_line(clone, PORT=free_port(), PYTHONPATH=str(tmp_path))


def test_missing_network(clone: Path) -> None:
    with bind_free_port() as closed:
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
    # Only that index: no pip configuration and no local packages.
    sentence = error_line(
        clone,
        PORT=free_port(),
        PIP_CONFIG_FILE="/dev/null",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_INDEX_URL=index,
        PIP_RETRIES="0",
        PIP_TIMEOUT="2",
    )
    assert sentence.startswith("The packages could not be downloaded; check the connection")


def free_port() -> str:
    with bind_free_port() as free:
        return str(free.getsockname()[1])
