"""Programs that were written for endoflife.date read this site when their base address is changed
to it, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import norwegianblue
import pytest
import urllib3
from norwegianblue import _cache
from pytest_django.live_server_helper import LiveServer

from releases.models import Product
from releases.services.import_products import BUNDLED
from tests.conftest import CATALOGUE
from tests.product_files import run

FORMATS = ("pretty", "markdown", "html", "rst", "csv", "tsv", "yaml", "json")


@pytest.fixture
def site(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    """The site, and the client with its base address pointed to it and a cache of its own."""
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
    """Each cycle that is out has its line, with its newest release and the end of its life."""
    run(folder)
    names = norwegianblue.all_products()
    assert names == sorted(Product.objects.values_list("name", flat=True))
    assert len(names) == count
    for name in names:
        printed = str(norwegianblue.norwegianblue(name, format="pretty", color="no"))
        cycles = norwegianblue.norwegianblue(name, format=None)
        assert cycles
        # the table: a head of three lines, a line for each cycle, and one below
        assert len(printed.splitlines()) == len(cycles) + 4
        for cycle in cycles:
            assert isinstance(cycle, dict)
            for key in ("cycle", "releaseDate", "eol"):
                assert str(cycle[key]) in printed, (name, cycle)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("kind", FORMATS)
def test_norwegianblue_prints_each_format(kind: str) -> None:
    """In colour, too."""
    run(BUNDLED / "django.md")
    printed = norwegianblue.norwegianblue("Django", format=kind)
    assert isinstance(printed, str)
    assert "2027-12-31" in printed
    assert "2030" not in printed  # which is planned


@pytest.mark.usefixtures("site")
def test_norwegianblue_follows_an_alias() -> None:
    """As its other requests."""
    run(BUNDLED / "postgresql.md")
    told = norwegianblue.norwegianblue("postgres", format="json")
    assert json.loads(str(told)) == norwegianblue.norwegianblue("postgresql", format=None)


@pytest.mark.usefixtures("site")
def test_norwegianblue_suggests_what_was_meant() -> None:
    """From the list of all products."""
    run(BUNDLED / "django.md")
    with pytest.raises(ValueError, match="Did you mean: 'django'"):
        norwegianblue.norwegianblue("djnago")
