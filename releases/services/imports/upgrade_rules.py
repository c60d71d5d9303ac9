"""Imports of the bundled upgrade rules, merged with local edits.

Rules are about the software, whatever source its dates have. The merge is that of upgrade notes:
values that were edited here stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from releases.formats.errors import FormatError, FormatProblem
from releases.formats.product_files.parser import decode
from releases.formats.product_files.upgrade_rules import read_upgrade_rule
from releases.models import Product, Source
from releases.models.history import one_change, set_change_reason
from releases.services.imports.merge import merge
from releases.services.imports.store import set_product_value
from releases.services.imports.values import Values, rule_values

BUNDLED_RULES = Path(__file__).resolve().parents[2] / "data" / "upgrade_rules"
"""The folder of the bundled rules: a file for each product, named after it."""
FROM_RULES = "import of upgrade rules"
"""The history reason of imported rules."""


@dataclass
class RuleOutcome:
    """The outcome for the rule of one product: names of changed values, and of local edits."""

    product: str
    changed: list[str] = field(default_factory=list)
    local_edits: list[str] = field(default_factory=list)
    problems: list[FormatProblem] = field(default_factory=list)


def import_upgrade_rules(
    folder: Path = BUNDLED_RULES, *, dry_run: bool = False
) -> Iterator[RuleOutcome]:
    """Import the rules of all existing products except for those created here.

    Each product is one transaction.

    Args:
        folder: The folder of the files.
        dry_run: Do everything except for writing.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.md"))}
    products = Product.objects.filter(name__in=files).exclude(source=Source.HERE)
    for product in products.defer("imported", "file_text").order_by("name"):
        outcome = RuleOutcome(product.name)
        try:
            values = rule_values(read_upgrade_rule(decode(files[product.name].read_bytes())))
            with transaction.atomic(), one_change():
                _merge_rule(product, values, outcome)
                if dry_run:
                    transaction.set_rollback(True)
        except FormatError as error:
            outcome.problems = error.problems
        yield outcome


def _merge_rule(product: Product, values: Values, outcome: RuleOutcome) -> None:
    here = rule_values(product.rule_values)
    new = not product.rule_kind and product.imported_rule is None
    merged = merge(here if new else product.imported_rule, here, values)
    outcome.local_edits = list(merged.local_edits)
    outcome.changed = list(merged.changes)
    for name, value in merged.changes.items():
        set_product_value(product, name, value)
    if merged.changes:
        set_change_reason(product, FROM_RULES).save()
    if product.imported_rule != values and (new or product.imported_rule is not None):
        Product.objects.filter(pk=product.pk).update(imported_rule=values)
