"""The 60 products of the shared catalogue as recorded in the history."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from releases.models import Product, ReleaseCycle

pytestmark = [
    pytest.mark.catalogue,
    pytest.mark.django_db,
    pytest.mark.usefixtures("catalogue"),
]


@pytest.mark.parametrize(
    "query", ["", "page=2", "group=status&sort=eol", "lts=1&q=s", "ends=soon", "pin=django:4.2"]
)
def test_recorded_roadmap_equals_current_one(client: Client, query: str) -> None:
    for model in (Product, ReleaseCycle):
        model.history.update(history_date=datetime(2026, 11, 20, 23, 59, tzinfo=UTC))
    present, recorded = (
        json.loads(client.get(f"/roadmap.json?{query}{known}").content)
        for known in ("", "&known_on=2026-11-20")
    )
    assert recorded.pop("known_on") == "2026-11-20"
    assert recorded == present
    assert present["products"]
