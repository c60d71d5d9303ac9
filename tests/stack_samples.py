"""A small catalogue to check stacks against, as of 21 Nov 2026."""

from __future__ import annotations

from datetime import date

from releases.models import Identifier
from tests.factories import make_cycle, make_product, make_release

QUERY = "?of=django:4.2.7&of=postgresql:17.2&of=python:3.10"
"""The canonical query string for `FILE` and `DOCKERFILE` together."""
FILE = "Django==4.2.7\nrequests==2.32.0\n"
DOCKERFILE = "FROM python:3.10-slim\nFROM postgres:17.2\n"


def make_catalogue() -> None:
    """Create three products with different outcomes.

    Django 4.2 is past its end of life, Python 3.10 ends in 40 days, and PostgreSQL 17 has security
    releases.
    """
    django = make_product("django", category="framework", aliases=["dj"])
    python = make_product("python", category="lang")
    postgresql = make_product(
        "postgresql", label="PostgreSQL", category="database", aliases=["postgres"]
    )
    Identifier.objects.create(product=django, type="purl", value="pkg:pypi/django")
    make_cycle(django, "6.2", release="2027-04")
    make_cycle(django, "6.1", release="2026-08-05", eoas="2027-04-30", eol="2027-12-31")
    make_cycle(django, "5.2", release="2025-04-02", eoas="2025-12-03", eol="2028-04-30", lts="yes")
    old = make_cycle(django, "4.2", release="2023-04-03", eol="2026-04-07", latest="4.2.30")
    make_release(old, "4.2.30")
    make_cycle(python, "3.14", release="2025-10-07", eol="2030-10-31")
    make_cycle(python, "3.10", release="2021-10-04", eol="2026-12-31")
    own = make_cycle(postgresql, "17", release="2024-09-26", eol="2029-11-08", latest="17.10")
    make_release(own, "17.10", kind="security", date=date(2026, 11, 12))
