"""The exceptions that apply to the parts of a stack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from releases.domain.policy import Waiver, waivers_of
from releases.domain.stack import Part
from releases.selectors.stack import StackItem, products_called


@dataclass(frozen=True, slots=True)
class AppliedWaivers:
    """The exceptions of a stack by the parts that they are for.

    Attributes:
        by_part: The exception that counts for an item by its part, ended ones included. It is the
            one that ends first, if exceptions cover all versions and places of the item.
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
        of = {version: waivers_of(own, item.names_of(version)) for version in item.versions}
        covering = [[each for each in of[v] if each.is_at(place)] for v, place in item.spots]
        used.update(each for found in covering for each in found)
        if covering and all(covering):  # The exception of one spot does not cover another one.
            by_part[item.part] = min((found[0] for found in covering), key=lambda each: each.until)
    known = [each for each in waivers if each.product in products]
    return AppliedWaivers(
        by_part,
        [each for each in known if each not in used],
        [each for each in waivers if each.product not in products],
    )
