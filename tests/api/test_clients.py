"""Clients written for endoflife.date work with this site when only their base URL is changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import norwegianblue
import pytest
import urllib3
from norwegianblue import _cache
from pytest_django.live_server_helper import LiveServer

from releases.models import Product
from releases.services.imports.import_products import BUNDLED
from tests.conftest import CATALOGUE
from tests.product_files import import_files

FORMATS = ("pretty", "markdown", "html", "rst", "csv", "tsv", "yaml", "json")

PUBLIC = "https://endoflife.date"
"""The base URL of the clients."""

EOL_CHECK = ("eol-check==0.2.1", "toml==0.10.2")
"""Packages that the test installs itself.

As a requirement, eol-check would bring numpy below 2 and streamlit for a page that is not used.
"""


@pytest.fixture
def site(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    """Yield the site's URL and the client, which has that base URL and its own cache."""
    # The client keeps its lines open, and with them the server its threads and their connections
    # to the database: lines that can be closed when it is done.
    lines = urllib3.PoolManager()
    monkeypatch.setattr(urllib3, "request", lines.request)
    monkeypatch.setattr(norwegianblue, "BASE_URL", f"{live_server.url}/api/")
    monkeypatch.setattr(_cache, "CACHE_DIR", tmp_path)
    norwegianblue.suggest_product.cache_clear()
    yield
    norwegianblue.suggest_product.cache_clear()
    lines.clear()


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("folder", "count"),
    [
        pytest.param(BUNDLED, len(list(BUNDLED.iterdir())), id="bundled"),
        pytest.param(CATALOGUE / "products", 60, id="shared", marks=pytest.mark.catalogue),
    ],
)
def test_norwegianblue_prints_every_product(folder: Path, count: int) -> None:
    """Each released cycle has a row with its latest release and its end of life."""
    import_files(folder)
    names = norwegianblue.all_products()
    assert names == sorted(Product.objects.values_list("name", flat=True))
    assert len(names) == count
    for name in names:
        run_client = str(norwegianblue.norwegianblue(name, format="pretty", color="no"))
        cycles = norwegianblue.norwegianblue(name, format=None)
        assert cycles
        # the table: a head of three lines, a line for each cycle, and one below
        assert len(run_client.splitlines()) == len(cycles) + 4
        for cycle in cycles:
            assert isinstance(cycle, dict)
            for key in ("cycle", "releaseDate", "eol"):
                assert str(cycle[key]) in run_client, (name, cycle)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("kind", FORMATS)
def test_norwegianblue_prints_each_format(kind: str) -> None:
    """Colored output is included."""
    import_files(BUNDLED / "django.md")
    run_client = norwegianblue.norwegianblue("Django", format=kind)
    assert isinstance(run_client, str)
    assert "2027-12-31" in run_client
    assert "2030" not in run_client  # which is planned


@pytest.mark.usefixtures("site")
def test_norwegianblue_follows_an_alias() -> None:
    import_files(BUNDLED / "postgresql.md")
    told = norwegianblue.norwegianblue("postgres", format="json")
    assert json.loads(str(told)) == norwegianblue.norwegianblue("postgresql", format=None)


@pytest.mark.usefixtures("site")
def test_norwegianblue_suggests_similar_names() -> None:
    """It reads the list of all products."""
    import_files(BUNDLED / "django.md")
    with pytest.raises(ValueError, match="Did you mean: 'django'"):
        norwegianblue.norwegianblue("djnago")


def copy_with_base_url(package: Path, to: Path, url: str) -> None:
    """Copy the package of a client into the folder `to`, and set its base URL to `url`."""
    copy = to / package.name
    # Compiled files would seem fresh if a changed file had the same size and second.
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    changed = 0
    for path in copy.rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        changed += code.count(PUBLIC)
        path.write_text(code.replace(PUBLIC, url), encoding="utf-8")
    assert changed


def run_client(client: str, *arguments: str, folder: Path) -> tuple[int, str]:
    """Return the exit status and the output of a client.

    Its package is in `folder`, its home. It finds no pip and no npm, from which it would read
    installed packages.
    """
    own = dict.fromkeys(("PYTHONPATH", "HOME", "PATH"), str(folder))
    result = subprocess.run(
        [sys.executable, "-m", client, *arguments],
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.mark.clients
def test_eol_check_prints_the_end_of_life(live_server: LiveServer, tmp_path: Path) -> None:
    """It exits with its status 2 for ended cycles.

    It requests `/api/nodejs` without `.json`, and treats a 404 as no data.
    """
    import_files(BUNDLED / "nodejs.md", BUNDLED / "django.md")
    downloaded = tmp_path / "downloaded"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        downloaded,
    ]
    subprocess.run([*pip, *EOL_CHECK], check=True)
    home = tmp_path / "home"
    shutil.copytree(downloaded / "toml", home / "toml")
    copy_with_base_url(downloaded / "eol_check", home, live_server.url)
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text(json.dumps({"dependencies": {"node": "14.21.3"}}))
    (project / "requirements.txt").write_text("django==1.11.29\n")
    # One request at a time: the server of the tests has one connection to its database.
    status, output = run_client("eol_check", str(project), "--max-workers", "1", folder=home)
    assert "node 14.21.3 - EOL since 2023-04-30" in output
    assert "django 1.11.29 - EOL since 2020-04-01" in output
    assert status == 2


@pytest.mark.parametrize(
    ("python", "django", "status", "told"),
    [
        (">=3.8", ">=5.1", 3, ["Specified version >=3.8 too low", "django>=5.1 too low"]),
        (">=3.11", ">=5.2", 0, ["", ""]),
    ],
)
def test_repo_review_endoflife_reports_ended_versions(
    live_server: LiveServer, tmp_path: Path, python: str, django: str, status: int, told: list[str]
) -> None:
    """It checks the versions that a project allows, and requests `//api/v1/products/python/`."""
    import_files(BUNDLED / "python.md", BUNDLED / "django.md")
    spec = find_spec("repo_review_endoflife")
    assert spec
    assert spec.origin
    home = tmp_path / "home"
    copy_with_base_url(Path(spec.origin).parent, home, live_server.url)
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        f'[project]\nname = "acme"\nrequires-python = "{python}"\n'
        f'dependencies = ["django{django}"]\n'
    )
    ended, output = run_client("repo_review", str(project), "--format", "json", folder=home)
    checks = json.loads(output)["checks"]
    for name, words in zip(("EOL001", "EOL002"), told, strict=True):
        assert checks[name]["result"] is (not words)
        assert words in checks[name]["err_msg"]
    assert ended == status
