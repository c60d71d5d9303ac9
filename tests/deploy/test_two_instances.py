"""Two installations, each with a database and a process of its own: one follows the other."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import CATALOGUE
from tests.deploy.servers import ROOT, environment, serving

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
        """The lines that a command prints; it has to succeed."""
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
        """What an editor does, as Python."""
        self.manage("shell", "--no-imports", "-c", f"from releases.models import *\n{code}")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The one that is followed, with the 60 products."""
    instance = Instance(tmp_path_factory.mktemp("there"))
    instance.manage("migrate", "-v0")
    instance.manage("import_products", str(CATALOGUE / "products"))
    return instance


@pytest.fixture(scope="module")
def source(there: Instance) -> Iterator[str]:
    """The address of its API while it runs."""
    command = ["sh", "-c", f"exec {shlex.join(there.command('runserver', '--noreload'))} $PORT"]
    with serving(command, there.folder, seconds=30, **there.settings) as server:
        yield f"http://127.0.0.1:{server.port}/api/v1"


@pytest.fixture
def here(tmp_path: Path) -> Instance:
    """The one that follows, with nothing in it."""
    instance = Instance(tmp_path)
    instance.manage("migrate", "-v0")
    return instance


def test_one_follows_the_other(here: Instance, there: Instance, source: str) -> None:
    """All of it, then nothing, then an edit, a deleted cycle and a product that is gone."""
    lines = here.manage("sync_products", source)
    assert lines[-1].startswith("60 products: 60 created, ")
    assert here.manage("sync_products", source)[0] == "Nothing is new there since the last sync."
    there.edit(
        "ReleaseCycle.objects.filter(product__name='django', name='5.2').update(codename='X')\n"
        "ReleaseCycle.objects.get(product__name='django', name='5.1').delete()\n"
        "Product.objects.get(name='kirby').delete()"
    )
    here.edit("ReleaseCycle.objects.get(product__name='django', name='5.0').delete()")
    assert here.manage("sync_products", source) == [
        "django: updated (codename of 5.2, 5.1 gone from the source)",
        "django: kept as edited here: deletion of 5.0",
        "kirby: updated (gone from the source)",
        "60 products: 0 created, 2 updated, 1 kept in part, 58 unchanged, 0 left alone, 0 failed.",
    ]


def test_killed_half_way_it_goes_on(here: Instance, source: str) -> None:
    """A whole product or none of it; the next sync brings the rest."""
    process = subprocess.Popen(
        here.command("sync_products", source),
        cwd=here.folder,
        env=environment(PYTHONUNBUFFERED="1", **here.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout
        for _ in range(10):
            assert process.stdout.readline().endswith(": created\n")
        process.kill()
    lines = here.manage("sync_products", source)
    created = sum(line.endswith(": created") for line in lines)
    total = int(lines[-1].split()[0])
    assert 0 < created <= total - 10
    assert lines[-1].endswith(f"{created} created, " + SUMMARY.format(total - created))
    assert here.manage("sync_products", source)[0] == "Nothing is new there since the last sync."
