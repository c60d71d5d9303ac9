"""`make run` for the first time, once for all the tests here: it installs every package."""

import signal
import time
from pathlib import Path

import pytest

from tests.deploy.servers import FirstRun, copy_project, serving, started


@pytest.fixture(scope="session")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose very first run was stopped while it installed, which left half a .venv."""
    folder = copy_project(tmp_path_factory.mktemp("first") / "project")
    with started(["make", "run"], folder, TMPDIR=str(folder.parent)) as server:
        server.wait(lambda: "Installing" in server.output, seconds=120)
        time.sleep(1)
        assert server.stop(signal.SIGINT)
        assert "Traceback" not in server.output
    return folder


@pytest.fixture(scope="session")
def first_run(interrupted: Path) -> FirstRun:
    with serving(["make", "run"], interrupted, seconds=300) as server:
        pages = {path: server.get(path) for path in ("/", "/django/", "/admin/login/")}
        ended = server.stop(signal.SIGINT)
        return FirstRun(interrupted, pages, server.output, ended)
