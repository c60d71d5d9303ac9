"""The Nu Html Checker reports nothing on any kind of page."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from releases.domain.lifecycle.milestones import parse_milestone
from releases.models import Product
from releases.services.imports.import_products import import_products, product_files
from tests.conftest import CATALOGUE, ON
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.usefixtures("bundled_with_notes")

# `make test-browser` installs it from npm.
CHECKER = Path(__file__).parents[2] / ".tools/node_modules/vnu-jar/build/dist/vnu.jar"
PATHS = [
    "/",
    "/?status=security&on=2028-01-01&tag=nope&product=django&product=python",
    "/?q=nothing-has-this-name",
    "/?view=present&product=django&product=python&pin=django:5.2&on=2028-01-01&tag=nope",
    "/?view=present&product=django&product=python&pin=django:5.2",
    "/?pin=django:5.2&pin=python:3.14&group=status&sort=-eol&from=2020-01",
    "/django/",
    "/ubuntu/?on=2030-01-01",
    "/mongodb/",
    "/empty/",
    "/hostile/",
    "/django/5.2/",
    "/django/6.2/",
    "/django/?version=5.2.1",
    "/ubuntu/?version=17",
    "/upgrade/",
    "/upgrade/?product=djnago&from=3.2",
    "/upgrade/django/",
    "/upgrade/django/?from=1.6&to=lts&python=2.7",
    "/upgrade/django/?from=9&to=x&python=y&every=z&on=w",
    "/upgrade/postgresql/?from=9.6&on=2028-01-01",
    "/check/",
    "/stack/?of=django:4.2.7&of=django:77&of=python:3.12&of=nope:1&of=bad&on=2027-05-01",
    "/products/",
    "/categories/",
    "/categories/os/",
    "/tags/",
    "/calendar/",
    "/calendar/?list=ended&from=2024-01",
    "/calendar/?q=nothing&product=nope&on=2027-01-01&list=bad",
    "/changes/",
    "/changes/?product=django&product=nope",
    "/?known_on=2026-11-20&group=status",
    "/?known_on=2020-01-01&on=2020-01-01",
    "/api/",
    "/about/privacy/",
    "/subscribe/?view=/django/",
    "/subscribe/?view=/%3Fpin%3Ddjango:5.2&channel=webhook",
    "/subscribe/?view=nothing",
    "/subscribe/sent/",
    "/subscriptions/x/",
    "/search/",
    "/search/?q=djnago",
    "/nope/",
]


def test_pages_are_valid(client: Client, tmp_path: Path) -> None:
    make_product("empty")
    hostile = make_product("hostile", label='"><script>alert(1)</script>', description="<b>*x")
    make_cycle(hostile, "a+b 2024 H1", label="<i>__RELEASE_CYCLE__ & co", release="2024")
    moved = make_cycle(hostile, "b", label="<i>&", eol="2027")
    moved.eol = parse_milestone("2028-05")
    moved.save()
    assert messages_for_paths(client, tmp_path, PATHS) == set()


def test_check_responses_are_valid(client: Client, tmp_path: Path) -> None:
    """A report with known and unknown parts, and rejected texts."""
    sent = ["Django==4.2.7\nDjango==77\n<b>\nx==1\n", '</textarea><b>"&\n', ""]
    pages = {text: client.post("/check/", {"pasted": text}).content for text in sent}
    assert messages_for_pages(tmp_path, pages) == set()


@pytest.mark.catalogue
def test_catalogue_pages_are_valid(client: Client, tmp_path: Path) -> None:
    list(import_products(product_files([CATALOGUE / "products"]), on=ON))
    paths = [product.get_absolute_url() for product in Product.objects.all()]
    assert messages_for_paths(client, tmp_path, ["/", *paths]) == set()


def messages_for_paths(client: Client, folder: Path, paths: list[str]) -> set[str]:
    """Return the errors and warnings of the checker for the pages at some paths."""
    return messages_for_pages(folder, {path: client.get(path).content for path in paths})


def messages_for_pages(folder: Path, pages: dict[str, bytes]) -> set[str]:
    """Return the errors and warnings of the checker for some pages, prefixed by their names."""
    names, files = list(pages), []
    for number, page in enumerate(pages.values()):
        file = folder / f"{number}.html"
        file.write_bytes(page)
        files.append(str(file))
    command = ["java", "-jar", str(CHECKER), "--format", "json", *files]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    messages = json.loads(answer.stderr)["messages"]
    return {f"{names[int(Path(each['url']).stem)]}: {each['message']}" for each in messages}
