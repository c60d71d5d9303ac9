"""The first `make run`, which installs every package, is shared by all tests in this folder."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from scripts.postgres import server as postgres_server
from tests.deploy.servers import (
    HOST,
    PASSWORD,
    SECRET_KEY,
    FirstRun,
    Site,
    copy_project,
    serve,
    start_server,
)


@pytest.fixture(scope="session")
def interrupted_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose very first run was stopped while it was installing, leaving a partial .venv."""
    folder = copy_project(tmp_path_factory.mktemp("first") / "project")
    with start_server(["make", "run"], folder, TMPDIR=str(folder.parent)) as server:
        server.wait(lambda: "Installing" in server.output, seconds=120)
        time.sleep(1)
        assert server.stop(signal.SIGINT)
        assert "Traceback" not in server.output
    return folder


@pytest.fixture(scope="session")
def first_run(interrupted_clone: Path) -> FirstRun:
    with serve(["make", "run"], interrupted_clone, seconds=300) as server:
        pages = {path: server.get(path) for path in ("/", "/django/", "/admin/login/")}
        ended = server.stop(signal.SIGINT)
        return FirstRun(interrupted_clone, pages, server.output, ended)


@pytest.fixture(scope="session")
def first_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose database is the template of the others. Nothing may connect to it."""
    folder = copy_project(tmp_path_factory.mktemp("faults") / "app")
    with postgres_server() as postgres:
        settings = {
            "DATABASE_URL": postgres.url,
            "SECRET_KEY": SECRET_KEY,
            "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        site = Site(folder, settings, postgres.data)
        site.manage("collectstatic", "--noinput")
        site.manage("migrate")
        site.manage("import_products")
        site.manage(
            *("createsuperuser", "--noinput", "--username=admin", "--email=admin@localhost"),
            DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        )
        yield site


@pytest.fixture(scope="module")
def site(first_site: Site, request: pytest.FixtureRequest) -> Site:
    """A site with a database of its own, on the one server of PostgreSQL."""
    server, _, template = first_site.settings["DATABASE_URL"].rpartition("/")
    name = request.module.__name__.rpartition(".")[2]
    with closing(psycopg2.connect(f"{server}/template1")) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    settings = first_site.settings | {"DATABASE_URL": f"{server}/{name}"}
    return replace(first_site, settings=settings)
