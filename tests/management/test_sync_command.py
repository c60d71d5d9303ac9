"""The command `sync_products`: its lines, summary and exit code."""

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
def remote() -> Catalogue:
    """The catalogue of the other installation."""
    return Catalogue([make_api_product(make_api_cycle("1.0"))])


@pytest.fixture
def server(remote: Catalogue) -> Iterator[Server]:
    with serve(remote) as server:
        yield server


def sync(source: str, **options: object) -> list[str]:
    """Return the printed lines of the command."""
    out = StringIO()
    call_command("sync_products", source, stdout=out, **options)
    return out.getvalue().splitlines()


def test_output_lists_products_and_fields_like_an_import(server: Server, remote: Catalogue) -> None:
    assert sync(server.address) == [
        "acme: created",
        "1 product: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]
    Product.objects.update(label="Our Acme")
    remote.products = [make_api_product(make_api_cycle("1.0", eolFrom="2028-04-30"), label="ACME")]
    assert sync(server.address) == [
        "acme: updated (eol of 1.0)",
        "acme: local edits kept: label",
        "1 product: 0 created, 1 updated, 1 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_sync_sets_the_date_of_the_last_check(server: Server, on: date) -> None:
    """Scheduled jobs run it for this reason."""
    sync(server.address)
    assert Product.objects.get().checked_on == on


def test_sync_without_changes_is_no_failure(server: Server, remote: Catalogue) -> None:
    remote.etag = '"a"'
    sync(server.address)
    assert sync(server.address) == [
        "Nothing is new there since the last sync.",
        "0 products: 0 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 0 failed.",
    ]


def test_dry_run_prints_the_planned_changes(server: Server) -> None:
    """The summary states that nothing was written."""
    assert sync(server.address, dry_run=True)[1].endswith("Nothing was written (dry run).")
    assert not Product.objects.exists()


def test_exit_code_1_for_an_invalid_product(server: Server, remote: Catalogue) -> None:
    """The problem has URL, path and reason. All other products are imported."""
    remote.products.append(make_api_product(name="bad", label=None))
    out = StringIO()
    with pytest.raises(CommandError, match="Some products could not be imported") as caught:
        call_command("sync_products", server.address, stdout=out)
    assert caught.value.returncode == 1
    assert out.getvalue().splitlines() == [
        "acme: created",
        f"{server.address}/products/full: result[1].label: The product has no label.",
        "2 products: 1 created, 0 updated, 0 kept in part, 0 unchanged, 0 left alone, 1 failed.",
    ]


def test_unusable_source_stops_the_sync() -> None:
    """The error is one sentence with the URL."""
    with (
        serve(lambda request: request.send(b"<html>", Content_Type="text/html")) as server,
        pytest.raises(CommandError) as caught,
    ):
        sync(server.address)
    assert str(caught.value) == (
        f"{server.address}/products/full: The answer is not JSON that can be read (text/html)."
    )


@pytest.mark.parametrize("source", ["nowhere", "x" * 9_999, "ftp://acme.test"])
def test_invalid_url_stops_the_sync(source: str) -> None:
    """A missing folder is no valid source either."""
    with pytest.raises(CommandError, match=f"{source[:200]}: Expected a web address or a folder"):
        sync(source)


def test_named_product_is_synced_alone(server: Server, remote: Catalogue) -> None:
    remote.products.append(make_api_product(name="other"))
    assert sync(server.address, product=["other"])[0] == "other: created"
    assert Product.objects.count() == 1


def test_folder_is_imported(tmp_path: Path) -> None:
    write(tmp_path / "acme.md", cycle("1.0"))
    assert sync(str(tmp_path))[0] == "acme: created"
