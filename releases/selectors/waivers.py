"""The exceptions that apply to the parts of a stack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from releases.domain.policy import Waiver, waiver_of
from releases.domain.stack import Part
from releases.selectors.stack import StackItem, products_called


@dataclass(frozen=True, slots=True)
class AppliedWaivers:
    """The exceptions of a stack by the parts that they are for.

    Attributes:
        by_part: The exception that counts for an item by its part, ended ones included. It is the
            one that ends first, and covers all versions of the item.
        unused: Exceptions for no part of the stack.
        unknown: Exceptions for a product that is not in the catalogue.
    """

    by_part: Mapping[Part, Waiver] = field(default_factory=dict)
    unused: Sequence[Waiver] = ()
    unknown: Sequence[Waiver] = ()


def applied_waivers(waivers: Sequence[Waiver], items: Iterable[StackItem]) -> AppliedWaivers:
    """Return the exceptions that apply to the parts of a stack, in 2 queries; in none without any.

    Products are found by name or alias. An exception that is less exact than another one of the
    same part is not unused.
    """
    if not waivers:
        return AppliedWaivers()
    products = products_called(each.product for each in waivers)  # 2 queries
    by_product: defaultdict[int, list[Waiver]] = defaultdict(list)
    for waiver in waivers:
        if waiver.product in products:
            by_product[products[waiver.product].pk].append(waiver)
    by_part: dict[Part, Waiver] = {}
    used: set[Waiver] = set()
    for item in items:
        own = by_product.get(item.product.pk, [])
        versions = [item.names_of(version) for version in item.versions]
        used.update(each for each in own if any(map(each.covers, versions)))
        covering = [waiver for names in versions if (waiver := waiver_of(own, names))]
        if len(covering) == len(versions):  # That of one version does not cover another one.
            by_part[item.part] = min(covering, key=lambda each: each.until)
    known = [each for each in waivers if each.product in products]
    return AppliedWaivers(
        by_part,
        [each for each in known if each not in used],
        [each for each in waivers if each.product not in products],
    )
