"""Shared by the tests of delivery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_outage() -> Iterator[None]:
    """End the outages of mail servers that a test has met."""
    yield
    cache.clear()
