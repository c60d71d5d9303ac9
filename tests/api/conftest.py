"""Fixtures for tests of the API: the bundled catalogue in the database, and answers as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from tests.conftest import ON

Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def bundled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The bundled catalogue in the database for all tests of a module.

    Tests are marked `django_db`, so each is rolled back.
    """
    from releases.services.imports.import_products import (  # noqa: PLC0415
        BUNDLED,
        import_products,
        product_files,
    )

    with django_db_blocker.unblock(), transaction.atomic():
        list(import_products(product_files([BUNDLED]), on=ON))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def ask(client: Client) -> Ask:
    """Return the data at a URL of the API, asserting a successful response."""

    def answer(address: str) -> Any:
        response = client.get(address)
        assert response.status_code == 200, response.content
        assert response["Content-Type"] == "application/json"
        return json.loads(response.content)

    return answer
