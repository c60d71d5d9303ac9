"""Make catalogues of any size for measurements: the same ones each time, of no real product.

.venv/bin/python scripts/synthetic.py write DIR
.venv/bin/python scripts/synthetic.py multiply TIMES

`write` makes 464 product files with 8,351 cycles in all, with the spread of the public ones.
`multiply` makes the catalogue in the database so many times as large, in place.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import django
import yaml
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model

ROOT = Path(__file__).resolve().parent.parent

SEED = 464
PRODUCTS, CYCLES = 464, 8351
MOST_CYCLES = 180
TODAY = date(2026, 11, 21)
"""The newest cycles of a synthetic product are around this day."""

CATEGORIES = {"os": 22, "framework": 22, "server-app": 18, "lang": 10, "device": 10}
CATEGORIES |= {"app": 8, "database": 5, "service": 3, "standard": 2}
TAGS = [f"tag-{number:02}" for number in range(40)]
SYLLABLES = [f"{one}{two}" for one in "bdfgklmnprstvz" for two in ("a", "e", "in", "o", "ux")]
WORDS = ("support", "ends", "dates", "release", "cycle", "security", "fixes", "policy", "yearly")


# ---- product files ------------------------------------------------------------------------------


def write_catalogue(folder: Path, products: int = PRODUCTS, cycles: int = CYCLES) -> None:
    """Writes so many product files to a folder, which is made where it is missing.

    They have so many cycles in all. Raises `ValueError` where not every product can have one, or
    some had to have more than `MOST_CYCLES`.
    """
    if not products <= cycles <= products * MOST_CYCLES:
        raise ValueError(f"A product has 1 to {MOST_CYCLES} cycles.")
    folder.mkdir(parents=True, exist_ok=True)
    chance = Random(SEED)
    for number, size in enumerate(_sizes(chance, products, cycles)):
        name = f"product-{number:04}"
        data, text = _product(chance, name, size), _sentences(chance, chance.randint(20, 280))
        front = yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False)
        (folder / f"{name}.md").write_text(f"---\n{front}---\n\n{text}\n", encoding="utf-8")


def _sizes(chance: Random, products: int, cycles: int) -> list[int]:
    """The numbers of cycles: most products have about ten, some have more than a hundred."""
    weights = [chance.lognormvariate(0, 0.9) for _ in range(products)]
    share = cycles / sum(weights)
    sizes = [min(MOST_CYCLES, max(1, round(weight * share))) for weight in weights]
    while missing := cycles - sum(sizes):
        place, step = chance.randrange(products), 1 if missing > 0 else -1
        sizes[place] = min(MOST_CYCLES, max(1, sizes[place] + step))
    return sizes


def _product(chance: Random, name: str, size: int) -> dict[str, Any]:
    word = "".join(chance.choices(SYLLABLES, k=3))
    columns = {"eoasColumn": 0.35, "eoesColumn": 0.12, "discontinuedColumn": 0.08}
    shown = {key: True for key, likely in columns.items() if chance.random() < likely}
    fields = chance.choices((0, 1, 3), (78, 18, 4))[0]
    kinds = chance.choices(("purl", "cpe", "repology"), (8, 1, 1), k=chance.choice((0, 1, 2, 4, 9)))
    data: dict[str, Any] = {
        "title": f"{word.title()} {name[-4:]}",
        "addedAt": TODAY - timedelta(days=chance.randint(100, 3000)),
        "category": chance.choices([*CATEGORIES], [*CATEGORIES.values()])[0],
        "tags": " ".join(chance.sample(TAGS, k=chance.choices((0, 1, 2, 4), (4, 6, 3, 1))[0])),
        "permalink": f"/{name}",
        "alternate_urls": [
            f"/{word}-{name[-4:]}-{number}" for number in range(chance.choice((0, 0, 1, 1, 2)))
        ],
        "releasePolicyLink": f"https://example.org/{name}/support",
        "changelogTemplate": f"https://example.org/{name}/__RELEASE_CYCLE__/notes/__LATEST__",
        **shown,
        "customFields": [
            {
                "name": f"field{number}",
                "display": "after-release-column",
                "label": f"Field {number}",
            }
            for number in range(fields)
        ],
        "identifiers": [{kind: f"{kind}:{word}/{number}"} for number, kind in enumerate(kinds)],
    }
    return data | {"releases": list(_cycles(chance, size, shown, fields))}


def _cycles(
    chance: Random, size: int, shown: dict[str, bool], fields: int
) -> Iterator[dict[str, Any]]:
    """The cycles of a product, the newest first, at a pace of its own."""
    newest = TODAY + timedelta(days=chance.choice((-1500, -400, -200, -100, -30, 150)))
    pace = timedelta(days=min(chance.choice((30, 90, 180, 365, 730)), 10_000 // size + 1))
    support = timedelta(days=chance.choice((180, 365, 730, 1100, 1825, 3650)))
    whole_numbers = chance.random() < 0.4
    flags = chance.choices(("", "false", "true"), (82, 10, 8))[0]
    for place in range(size):
        number = size - place
        start = newest - place * pace + timedelta(days=chance.randint(-10, 10))
        cycle: dict[str, Any] = {
            "releaseCycle": str(number) if whole_numbers else f"{number // 10}.{number % 10}",
            "releaseDate": start,
        }
        cycle |= _ends(chance, start, start + support, shown, flags)
        if chance.random() < 0.08:
            cycle["lts"] = True
        if chance.random() < 0.07:
            cycle["codename"] = "".join(chance.choices(SYLLABLES, k=3)).title()
        if start < TODAY and chance.random() < 0.65:
            cycle["latest"] = f"{cycle['releaseCycle']}.{chance.randint(0, 30)}"
            cycle["latestReleaseDate"] = min(start + support / 3, TODAY)
        if chance.random() < 0.4:
            cycle["link"] = f"https://example.org/notes/{number}"
        yield cycle | {f"field{each}": f"{number}.{each} - {number + 2}" for each in range(fields)}


def _ends(
    chance: Random, start: date, end: date, shown: dict[str, bool], flags: str
) -> dict[str, Any]:
    """The ends of a cycle; products with `flags` know of some only that they are or are not."""
    if flags == "true" and end < TODAY:
        return {"eoas": True, "eol": True} if "eoasColumn" in shown else {"eol": True}
    if flags == "false" and end >= TODAY:
        return {"eol": False}
    ends: dict[str, Any] = {"eol": end}
    if "eoasColumn" in shown and chance.random() < 0.85:
        ends["eoas"] = start + (end - start) / chance.choice((1, 2, 3))
    if "eoesColumn" in shown and chance.random() < 0.85:
        ends["eoes"] = end + timedelta(days=chance.choice((365, 1095)))
    if "discontinuedColumn" in shown and end < TODAY:
        ends["discontinued"] = start + (end - start) / 2
    return ends


def _sentences(chance: Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."


# ---- rows ---------------------------------------------------------------------------------------


def multiply(times: int) -> None:
    """Makes the catalogue in the default database `times` as large, its history too.

    The copies of `product-0123` are `product-0123-01` and so on. They were made here, are not
    featured and have titles that come last, so that the first page shows the same rows.
    """
    from releases.models import Revision  # noqa: PLC0415 - Django is set up first

    tables = list(_copied(len(str(times))))
    models = [model for model, _ in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        step = max(map(_last_key, models))
        for model, changes in tables:
            cursor.execute(_copying(model, changes, times - 1, step))
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        Revision.bump("default")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # what the server does by itself after a while


COPIED = ("Product", "HistoricalProduct", "ReleaseCycle")
"""What rows of the tables below refer to."""


def _copied(digits: int) -> Iterator[tuple[type[Model], dict[str, str]]]:
    """The tables, those that others refer to first; each with the columns in which a copy
    differs, as SQL over the row and the `number` of the copy."""
    from releases.models import (  # noqa: PLC0415
        Alias,
        CustomField,
        Identifier,
        Product,
        Release,
        ReleaseCycle,
    )

    suffix = f"substr(CAST({10**digits} + number AS text), 2)"
    name = {"name": f"name || '-' || {suffix}"}
    label = {"label": f"'Z' || {suffix} || ' ' || label", "featured": "NULL", "source": "'here'"}
    text = {"imported": "NULL", "file_text": "''", "file_digest": "''"}
    yield Product, name | label | text
    yield Product.history.model, name | label
    yield Product.history.model._meta.get_field("historicalproduct_tags").related_model, {}
    for model in (Alias, Alias.history.model):
        yield model, name
    for model in (Identifier, CustomField, ReleaseCycle, Release):
        yield model, {}
        yield model.history.model, {}
    yield Product.tags.through, {}


def _last_key(model: type[Model]) -> int:
    last: int | None = model._default_manager.aggregate(last=Max("pk"))["last"]
    return last or 0


def _copying(model: type[Model], changes: dict[str, str], copies: int, step: int) -> str:
    """The statement that copies all rows of a table; a key is moved by `step` with each copy."""
    quoted = connection.ops.quote_name
    columns = {}
    for field in model._meta.concrete_fields:
        column = quoted(field.column or "")
        of_copied = getattr(field.related_model, "__name__", "") in COPIED
        key = field.primary_key or field.name == "id" or of_copied  # a row of history has both
        columns[column] = f"{column} + number * {step}" if key else changes.get(field.name, column)
    table = quoted(model._meta.db_table)
    return (
        "WITH RECURSIVE copies(number) AS"
        f" (SELECT 1 WHERE {copies} > 0"
        f" UNION ALL SELECT number + 1 FROM copies WHERE number < {copies})"
        f" INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {', '.join(columns.values())} FROM {table} CROSS JOIN copies"
    )


def main(arguments: list[str]) -> None:
    match arguments:
        case ["write", folder]:
            write_catalogue(Path(folder))
        case ["multiply", times] if times.isdecimal() and int(times):
            sys.path.insert(0, str(ROOT))
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
            django.setup()
            multiply(int(times))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
