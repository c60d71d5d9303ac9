"""Builders for product files: `write(path, cycle("5.2"), tags="a b")`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from releases.services.imports.import_products import import_products, product_files
from releases.services.imports.import_run import Outcome
from tests.conftest import ON


def cycle(name: str = "1.0", **keys: Any) -> dict[str, Any]:
    """Return a release cycle with the keys of the file format."""
    return {"releaseCycle": name, "releaseDate": date(2025, 1, 1)} | keys


def product_text(*cycles: dict[str, Any], body: str = "", **keys: Any) -> str:
    """Return the text of a product file, without the keys whose value is None."""
    data = {"title": "Acme", "permalink": "/acme"} | keys | {"releases": list(cycles)}
    given = {key: value for key, value in data.items() if value is not None}
    return f"---\n{yaml.safe_dump(given, sort_keys=False)}---\n{body}"


def write(path: Path, *cycles: dict[str, Any], body: str = "", **keys: Any) -> Path:
    path.write_text(product_text(*cycles, body=body, **keys), encoding="utf-8")
    return path


def import_files(*paths: Path, on: date = ON, dry_run: bool = False) -> list[Outcome]:
    """Import files and folders in a single run."""
    return list(import_products(product_files(paths), on=on, dry_run=dry_run))
