"""Imports of bundled files about existing products: upgrade notes and upgrade rules.

They are about the software, whatever source its dates have, so they are not part of product files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.parser import decode
from releases.models import Product, Source
from releases.models.history import one_change


@dataclass
class BundledOutcome:
    """The outcome for one product.

    `changed` are the names of values or the keys of notes that were created or changed,
    `local_edits` of those that differ from the file because they were edited or deleted here.
    """

    product: str
    changed: list[str] = field(default_factory=list)
    local_edits: list[str] = field(default_factory=list)
    problems: list[FormatProblem] = field(default_factory=list)


def import_bundled(
    folder: Path,
    import_file: Callable[[Product, str, BundledOutcome], None],
    *,
    dry_run: bool,
) -> Iterator[BundledOutcome]:
    """Import the files of all existing products except for those created here.

    Each product is one transaction.

    Args:
        folder: The folder of the files; each is named after its product.
        import_file: Imports the text of a file for its product, and records the outcome.
        dry_run: Do everything except for writing.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.md"))}
    products = Product.objects.filter(name__in=files).exclude(source=Source.HERE)
    for product in products.defer("imported", "file_text").order_by("name"):
        outcome = BundledOutcome(product.name)
        try:
            text = decode(files[product.name].read_bytes())
            with transaction.atomic(), one_change():
                import_file(product, text, outcome)
                if dry_run:
                    transaction.set_rollback(True)
        except FormatError as error:
            outcome.problems = error.problems
        yield outcome
