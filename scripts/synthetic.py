"""Generate catalogues of any size for measurements. The result is the same on each run.

.venv/bin/python scripts/synthetic.py write DIR
.venv/bin/python scripts/synthetic.py multiply TIMES

`write` writes 464 product files with 8,351 cycles, distributed like those of endoflife.date.
`multiply` multiplies the catalogue in the database.
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
MAX_CYCLES = 180
"""Maximum number of cycles of a product."""

TODAY = date(2026, 11, 21)
"""The newest cycles of synthetic products are released around this date."""

CATEGORIES = {"os": 22, "framework": 22, "server-app": 18, "lang": 10, "device": 10}
CATEGORIES |= {"app": 8, "database": 5, "service": 3, "standard": 2}
TAGS = [f"tag-{number:02}" for number in range(40)]
SYLLABLES = [f"{one}{two}" for one in "bdfgklmnprstvz" for two in ("a", "e", "in", "o", "ux")]
WORDS = ("support", "ends", "dates", "release", "cycle", "security", "fixes", "policy", "yearly")


# ---- product files ------------------------------------------------------------------------------


def write_catalogue(folder: Path, products: int = PRODUCTS, cycles: int = CYCLES) -> None:
    """Write product files to a folder, which is created if it is missing.

    Args:
        folder: The folder.
        products: The number of files.
        cycles: The number of cycles in all files together.

    Raises:
        ValueError: A product would have no cycle, or more than `MAX_CYCLES`.
    """
    if not products <= cycles <= products * MAX_CYCLES:
        raise ValueError(f"A product has 1 to {MAX_CYCLES} cycles.")
    folder.mkdir(parents=True, exist_ok=True)
    chance = Random(SEED)
    for number, size in enumerate(_sizes(chance, products, cycles)):
        name = f"product-{number:04}"
        data, text = _product(chance, name, size), _sentences(chance, chance.randint(20, 280))
        front = yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False)
        (folder / f"{name}.md").write_text(f"---\n{front}---\n\n{text}\n", encoding="utf-8")


def _sizes(chance: Random, products: int, cycles: int) -> list[int]:
    """Return the numbers of cycles: most products have about 10, some more than 100."""
    weights = [chance.lognormvariate(0, 0.9) for _ in range(products)]
    share = cycles / sum(weights)
    sizes = [min(MAX_CYCLES, max(1, round(weight * share))) for weight in weights]
    while missing := cycles - sum(sizes):
        place, step = chance.randrange(products), 1 if missing > 0 else -1
        sizes[place] = min(MAX_CYCLES, max(1, sizes[place] + step))
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
    """Yield the cycles of a product, newest first, at intervals of its own."""
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
    """Return the ends of a cycle; with `flags`, some are true or false instead of a date."""
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
    """Multiply the catalogue and its history in the default database by `times`.

    The copies of `product-0123` are called `product-0123-01` and so on. Their source is this site,
    they are not featured, and their titles sort last, so that the first page shows the same rows.
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
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does after a while


COPIED = ("Product", "HistoricalProduct", "ReleaseCycle")
"""The models that rows of other copied tables refer to."""


def _copied(digits: int) -> Iterator[tuple[type[Model], dict[str, str]]]:
    """Yield the models to copy, referenced ones first, each with the columns that differ.

    The values are SQL expressions of the columns of the row and the `number` of the copy.
    """
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
    """Return the statement that copies all rows of a table; `step` is added to keys per copy."""
    quoted = connection.ops.quote_name
    columns = {}
    for field in model._meta.concrete_fields:
        column = quoted(field.column or "")
        of_copied = getattr(field.related_model, "__name__", "") in COPIED
        key = field.primary_key or field.name == "id" or of_copied  # a history record has both
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
    """Run `write` or `multiply`."""
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
