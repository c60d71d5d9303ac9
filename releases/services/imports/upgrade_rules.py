"""Imports of the bundled upgrade rules, merged with local edits.

The merge is that of upgrade notes: values that were edited here stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from releases.formats.product_files.upgrade_rules import read_upgrade_rule
from releases.models import Product
from releases.models.history import set_change_reason
from releases.services.imports.bundled import BundledOutcome, import_bundled
from releases.services.imports.merge import merge
from releases.services.imports.store import set_product_value
from releases.services.imports.values import rule_values

BUNDLED_RULES = Path(__file__).resolve().parents[2] / "data" / "upgrade_rules"
"""The folder of the bundled rules: a file for each product, named after it."""
FROM_RULES = "import of upgrade rules"
"""The history reason of imported rules."""


def import_upgrade_rules(
    folder: Path = BUNDLED_RULES, *, dry_run: bool = False
) -> Iterator[BundledOutcome]:
    """Import the rules of all existing products, as `import_bundled` does."""
    return import_bundled(folder, _import_rule, dry_run=dry_run)


def _import_rule(product: Product, text: str, outcome: BundledOutcome) -> None:
    values = rule_values(read_upgrade_rule(text))
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
