"""`manage.py sync_products`: its lines, its summary, its exit code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from releases.models import Product
from tests.api_v1_server import Catalogue, Server, make_api_cycle, make_api_product, serve
from tests.product_files import cycle, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> Catalogue:
    """What the other installation has."""
    return Catalogue([make_api_product(make_api_cycle("1.0"))])


@pytest.fixture
def server(there: Catalogue) -> Iterator[Server]:
    with serve(there) as server:
        yield server


def sync(source: str, **options: object) -> list[str]:
    """The lines that the command prints."""
    out = StringIO()
    call_command("sync_products", source, stdout=out, **options)
    return out.getvalue().splitlines()


def test_it_says_what_it_did(server: Server, there: Catalogue) -> None:
    """As an import does, product by product and field by field."""
    assert sync(server.address) == [
        "acme: created",
        "1 product: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]
    Product.objects.update(label="Our Acme")
    there.products = [make_api_product(make_api_cycle("1.0", eolFrom="2028-04-30"), label="ACME")]
    assert sync(server.address) == [
        "acme: updated (eol of 1.0)",
        "acme: local edits kept: label",
        "1 product: 0 created, 1 updated, 1 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_it_checks_products_today(server: Server, on: date) -> None:
    """That is what a scheduled job runs it for."""
    sync(server.address)
    assert Product.objects.get().checked_on == on


def test_nothing_new(server: Server, there: Catalogue) -> None:
    """Said, and no failure."""
    there.etag = '"a"'
    sync(server.address)
    assert sync(server.address) == [
        "Nothing is new there since the last sync.",
        "0 products: 0 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_a_dry_run_says_what_would_be_done(server: Server) -> None:
    """And that it was not."""
    assert sync(server.address, dry_run=True)[1].endswith("Nothing was written (dry run).")
    assert not Product.objects.exists()


def test_a_bad_product_makes_the_exit_code_1(server: Server, there: Catalogue) -> None:
    """It is named with address, path and reason; the others come in."""
    there.products.append(make_api_product(name="bad", label=None))
    out = StringIO()
    with pytest.raises(CommandError, match="Some products could not be imported") as caught:
        call_command("sync_products", server.address, stdout=out)
    assert caught.value.returncode == 1
    assert out.getvalue().splitlines() == [
        "acme: created",
        f"{server.address}/products/full: result[1].label: The product has no label.",
        "2 products: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 1 failed.",
    ]


def test_a_source_of_no_use_stops_it_at_once() -> None:
    """One sentence, with the address."""
    with (
        serve(lambda request: request.send(b"<html>", Content_Type="text/html")) as server,
        pytest.raises(CommandError) as caught,
    ):
        sync(server.address)
    assert str(caught.value) == (
        f"{server.address}/products/full: The answer is not JSON that can be read (text/html)."
    )


@pytest.mark.parametrize("source", ["nowhere", "x" * 9_999, "ftp://acme.test"])
def test_a_source_that_is_no_address(source: str) -> None:
    """Nor a folder."""
    with pytest.raises(CommandError, match=f"{source[:200]}: Expected a web address or a folder"):
        sync(source)


def test_one_product(server: Server, there: Catalogue) -> None:
    """And no other."""
    there.products.append(make_api_product(name="other"))
    assert sync(server.address, product=["other"])[0] == "other: created"
    assert Product.objects.count() == 1


def test_a_folder(tmp_path: Path) -> None:
    """As an import of it."""
    write(tmp_path / "acme.md", cycle("1.0"))
    assert sync(str(tmp_path))[0] == "acme: created"
