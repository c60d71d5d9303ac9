"""Export actions of the product changelist."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from releases.formats.product_files.parser import read_product
from releases.formats.tables import ROADMAP_COLUMNS
from releases.models import Product
from releases.services.editing.roles import VIEWER
from releases.services.export_products import as_json, whole_products
from releases.services.imports.import_products import BUNDLED, import_products, product_files
from tests.conftest import ON
from tests.factories import make_cycle, make_product
from tests.product_files import import_files
from tests.web.logins import log_in

pytestmark = pytest.mark.django_db


def export(client: Client, action: str, *products: Product, **data: str) -> Any:
    keys = [product.pk for product in products]
    return client.post(
        "/admin/releases/product/", {"action": action, "_selected_action": keys} | data
    )


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def viewer() -> Client:
    """A viewer, because exporting requires the view permission only."""
    return log_in(VIEWER)


@pytest.fixture
def bundled() -> list[Product]:
    list(import_products(product_files([BUNDLED]), on=ON))
    return list(Product.objects.order_by("name"))


def test_one_product_is_exported_as_one_file(viewer: Client, bundled: list[Product]) -> None:
    """The export contains everything that the imported file had."""
    django = Product.objects.get(name="django")
    answer = export(viewer, "export_files", django)
    assert answer["Content-Disposition"] == 'attachment; filename="django.md"'
    text = content(answer).decode()
    assert read_product(text, "django") == read_product(
        (BUNDLED / "django.md").read_text(), "django"
    )


def test_several_products_are_exported_as_an_archive(
    viewer: Client, bundled: list[Product], tmp_path: Path
) -> None:
    """Importing the archive changes nothing."""
    answer = export(viewer, "export_files", *bundled)
    assert answer["Content-Disposition"] == 'attachment; filename="products.zip"'
    with ZipFile(BytesIO(content(answer))) as archive:
        assert archive.namelist() == [f"{product.file_name}.md" for product in bundled]
        archive.extractall(tmp_path)
    assert all(outcome.changes == outcome.local_edits == [] for outcome in import_files(tmp_path))


def test_csv_export(viewer: Client) -> None:
    """It has the columns of the public CSV, includes drafts, and contains no formulas."""
    product = make_product("acme", draft=True)
    make_cycle(product, "=1+1", release="2025-04-02", eol="2028-04", latest="@x")
    answer = export(viewer, "export_csv", product)
    head, row = csv.reader(StringIO(content(answer).decode()))
    assert tuple(head) == ROADMAP_COLUMNS
    facts = dict(zip(head, row, strict=True))
    assert (facts["cycle"], facts["latest"]) == ("'=1+1", "'@x")
    assert (facts["security_until"], facts["status"]) == ("2028-04", "active")


def test_json_export(viewer: Client) -> None:
    """The output equals that of the export command, including unusual line separators."""
    product = make_product("acme", draft=True, description="a\u2028b\x85c\nd")
    make_cycle(product, "1", eol="2028-Q2")
    answer = export(viewer, "export_json", product, make_product("b"))
    text = content(answer).decode()
    assert text == as_json(whole_products(), ON)
    first, _ = json.loads(text)["products"]
    assert first["description"] == "a\u2028b\x85c\nd"
    assert first["cycles"][0]["eol"] == "2028-Q2"


def test_export_contains_only_selected_products(viewer: Client, bundled: list[Product]) -> None:
    """“Select all” exports every page."""
    data = json.loads(content(export(viewer, "export_json", *bundled[:2])))
    assert [each["name"] for each in data["products"]] == [each.name for each in bundled[:2]]
    answer = export(viewer, "export_json", bundled[0], select_across="1")
    assert len(json.loads(content(answer))["products"]) == len(bundled)


def test_export_requires_view_permission(client: Client) -> None:
    user = get_user_model()._default_manager.create_user("staff", is_staff=True)
    client.force_login(user)
    assert export(client, "export_csv", make_product()).status_code == 403


@pytest.mark.parametrize("action", ["export_files", "export_csv", "export_json"])
def test_export_streams_products(admin_client: Client, action: str) -> None:
    """Products are read 50 at a time with 7 queries each, so that memory use stays constant."""
    products = Product.objects.bulk_create(
        Product(name=f"p{number:03}", label="P") for number in range(200)
    )
    make_cycle(products[0])
    answer = export(admin_client, action, products[0], select_across="1")
    parts = iter(answer.streaming_content)

    def cost(most: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(list(islice(parts, most))) > 1
        return len(queries)

    assert cost(40) <= 9
    assert 10 <= cost(10_000) <= 30
