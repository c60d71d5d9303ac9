"""Two installations with separate databases and processes: one follows the other."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import CATALOGUE
from tests.deploy.servers import ROOT, environment, serve

pytestmark = [pytest.mark.deploy, pytest.mark.catalogue]

SUMMARY = "0 updated, 0 kept in part, {} unchanged, 0 left alone, 0 failed."


@dataclass(frozen=True)
class Instance:
    """An installation: this project with a database in `folder`."""

    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        database = f"sqlite:///{self.folder / 'db.sqlite3'}"
        return {"DEBUG": "1", "DATABASE_URL": database, "PAGE_CACHE_MB": "32"}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *words]

    def manage(self, *words: str) -> list[str]:
        """Run a command that must succeed, and return the lines it prints."""
        done = subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=environment(**self.settings),
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines()

    def edit(self, code: str) -> None:
        """Run Python code that edits the catalogue."""
        self.manage("shell", "--no-imports", "-c", f"from releases.models import *\n{code}")


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The installation that is followed, with the 60 products of the shared catalogue."""
    instance = Instance(tmp_path_factory.mktemp("there"))
    instance.manage("migrate", "-v0")
    instance.manage("import_products", str(CATALOGUE / "products"))
    return instance


@pytest.fixture(scope="module")
def upstream_url(upstream: Instance) -> Iterator[str]:
    """The base URL of the upstream API while it runs."""
    command = ["sh", "-c", f"exec {shlex.join(upstream.command('runserver', '--noreload'))} $PORT"]
    with serve(command, upstream.folder, seconds=30, **upstream.settings) as server:
        yield f"http://127.0.0.1:{server.port}/api/v1"


@pytest.fixture
def follower(tmp_path: Path) -> Instance:
    """The following installation, which is empty."""
    instance = Instance(tmp_path)
    instance.manage("migrate", "-v0")
    return instance


def test_one_installation_follows_the_other(
    follower: Instance, upstream: Instance, upstream_url: str
) -> None:
    """All products first, then no changes, then an edit, a deleted cycle and a deleted product."""
    lines = follower.manage("sync_products", upstream_url)
    assert lines[-1].startswith("60 products: 60 created, ")
    assert (
        follower.manage("sync_products", upstream_url)[0]
        == "Nothing is new there since the last sync."
    )
    upstream.edit(
        "ReleaseCycle.objects.filter(product__name='django', name='5.2').update(codename='X')\n"
        "ReleaseCycle.objects.get(product__name='django', name='5.1').delete()\n"
        "Product.objects.get(name='kirby').delete()"
    )
    follower.edit("ReleaseCycle.objects.get(product__name='django', name='5.0').delete()")
    assert follower.manage("sync_products", upstream_url) == [
        "django: updated (codename of 5.2, 5.1 gone from the source)",
        "django: local edits kept: deletion of 5.0",
        "kirby: updated (gone from the source)",
        "60 products: 0 created, 2 updated, 1 kept in part, 58 unchanged, 0 left alone, 0 failed.",
    ]


def test_interrupted_sync_is_completed_by_the_next(follower: Instance, upstream_url: str) -> None:
    """Products are imported completely or not at all."""
    process = subprocess.Popen(
        follower.command("sync_products", upstream_url),
        cwd=follower.folder,
        env=environment(PYTHONUNBUFFERED="1", **follower.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout
        for _ in range(10):
            assert process.stdout.readline().endswith(": created\n")
        process.kill()
    lines = follower.manage("sync_products", upstream_url)
    created = sum(line.endswith(": created") for line in lines)
    total = int(lines[-1].split()[0])
    assert 0 < created <= total - 10
    assert lines[-1].endswith(f"{created} created, " + SUMMARY.format(total - created))
    assert (
        follower.manage("sync_products", upstream_url)[0]
        == "Nothing is new there since the last sync."
    )
