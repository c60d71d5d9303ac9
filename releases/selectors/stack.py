"""The products and cycles that the components of a stack check belong to.

A product is found by package URL or CPE name. Components whose type has no index of its own
(official images, operating systems) are also found by name. A PyPI package never is: the client of
Redis is not Redis.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Final

from django.db.models import Q

from releases.domain.identifiers import read_cpe, read_purl, versioned_purl
from releases.domain.lifecycle.resolver import Resolution, Resolver
from releases.domain.lifecycle.versions import release_key
from releases.domain.names import NAME
from releases.domain.ranges import Range, cycle_in_range
from releases.domain.stack import ALL, MAX_PARTS, NO_PLACE, Part, Place, urgency
from releases.domain.upgrade.verdict import Verdict
from releases.formats.stack import Component
from releases.formats.stack.images import product_of_image
from releases.models import Alias, Product, ReleaseCycle
from releases.selectors.identifiers import (
    Lookup,
    first_match,
    identified_cycles,
    identified_products,
)
from releases.selectors.resolver import read_cycles, resolver_of
from releases.selectors.upgrade import verdict_on

_CALLED: Final = re.compile(r"pkg:(?:docker/library|generic)/(?P<name>[^/?]+)(?:\?.*)?")
"""Package URLs that name the software itself: official images and packages of no index."""

_PACKAGED: Final = re.compile(r"pkg:(?:alpm|apk|deb|rpm)/")
"""Package URLs of packages of distributions."""
_Key = tuple[str, str, bool, Range | None]
_Identity = tuple[str, tuple[str, ...], str]
"""The package URL, the CPE names and the version of a component."""
_Owners = Mapping[Product, Sequence[str]]
"""Products that share an identifier, each with the names of its cycles that have it."""
_Wanted = dict[tuple[Product, str], list[Place]]
"""Versions of products, each with its places."""


@dataclass(frozen=True, slots=True)
class LocatedComponent:
    """A component and the places that name it."""

    component: Component
    places: tuple[Place, ...] = ()

    def __str__(self) -> str:
        return str(self.component)


@dataclass(frozen=True, slots=True)
class StackItem:
    """A release cycle of a product in a stack, or a version whose cycle is not known.

    The category and the cycles of the product are prefetched.

    Attributes:
        product: The product.
        version: The version with the most urgent verdict.
        verdict: The verdict on `version`.
        versions: All versions of the cycle in the stack; `version` is the first.
        places: The places that name one of them, sorted.
        spots: Each version with each place that names it.
    """

    product: Product
    version: str
    verdict: Verdict[ReleaseCycle]
    versions: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    spots: tuple[tuple[str, Place], ...] = ()

    @property
    def part(self) -> Part:
        return Part(self.product.name, self.version)

    @property
    def parts(self) -> list[Part]:
        """The parts of all versions."""
        return [Part(self.product.name, version) for version in self.versions]

    def names_of(self, version: str) -> list[str]:
        """Return a version of the cycle, and the name and codename of the cycle, if it is known."""
        cycle = self.verdict.cycle
        return list(filter(None, [version, *((cycle.name, cycle.codename) if cycle else ())]))


@dataclass(frozen=True, slots=True)
class StackCheck:
    """The result of a stack check.

    Attributes:
        items: The cycles in the stack, the most urgent first.
        unknown: Components that are not in the catalogue.
        unversioned: Components that are in the catalogue, but name no version.
        missing: Parts of an address whose product does not exist.
        left_out: The number of parts beyond the maximum.
        not_accepted: Names of no product among those whose extended support is accepted.
    """

    items: list[StackItem]
    unknown: list[LocatedComponent] = field(default_factory=list)
    unversioned: list[tuple[LocatedComponent, Product]] = field(default_factory=list)
    missing: list[Part] = field(default_factory=list)
    left_out: int = 0
    not_accepted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Accepted:
    """The products whose extended support the user has; `unknown` are names of no product."""

    every: bool = False
    products: Collection[int] = ()
    unknown: list[str] = field(default_factory=list)

    def __contains__(self, product: Product) -> bool:
        return self.every or product.pk in self.products


def check_components(
    components: Sequence[Component], on: date, accepted: Collection[str] = ()
) -> StackCheck:
    """Check the components of one file without a name, as `check_files` does."""
    return check_files([("", components)], on, accepted)


def check_files(
    files: Iterable[tuple[str, Iterable[Component]]], on: date, accepted: Collection[str] = ()
) -> StackCheck:
    """Check the components of files, in 7 queries, however many there are.

    A component whose package URL or CPE name is that of cycles belongs to their products. Any other
    component belongs to the products that have its package URL, without version and qualifiers,
    or else its CPE name; if there are none, official images and the like belong to the product of
    that name. If several
    products share an identifier, the component belongs to those with a cycle for its version, or to
    the first if none has one.

    Args:
        files: The names of files, empty for a file without one, and their components.
        on: The day of the verdicts.
        accepted: Names of products whose extended support is accepted, in 2 more queries.
    """
    located = _located(files)
    owners = _owners(each.component for each in located)  # 4 queries
    found_products = (product for every in owners.values() for product in every)
    assessor = _Assessor(found_products, on)  # 3 queries
    unknown, unversioned = [], []
    wanted: _Wanted = {}
    for each in located:
        component = each.component
        products = owners[_identity(component)]
        if not products:
            unknown.append(each)
        elif versions := assessor.versions(component, products):
            for key in versions:
                wanted.setdefault(key, []).extend(each.places)
        else:
            unversioned.append((each, next(iter(products))))
    versioned = {product.pk for product, _ in wanted}
    unversioned = [each for each in unversioned if each[1].pk not in versioned]
    having = _accepted(accepted)  # 2 queries, or none
    return StackCheck(
        assessor.items(dict(islice(wanted.items(), MAX_PARTS)), having),
        unknown,
        unversioned,
        left_out=max(0, len(wanted) - MAX_PARTS),
        not_accepted=having.unknown,
    )


def cycles_of_components(components: Sequence[Component], on: date) -> list[list[ReleaseCycle]]:
    """Return the release cycles of each component, in 7 queries; none if they are not known.

    They are found as by `check_files`, but a version that stands for several cycles, such as a
    range or the tag `3` of an image, has none. A component has several cycles if several products
    share its identifier.
    """
    owners = _owners(components)  # 4 queries
    assessor = _Assessor((product for every in owners.values() for product in every), on)
    return [assessor.cycles(each, owners[_identity(each)]) for each in components]


def products_of_components(components: Sequence[Component]) -> list[_Owners]:
    """Return the products of each component, in 4 queries, as `check_files` finds them.

    Each has the names of its cycles that have an identifier of the component.
    """
    owners = _owners(components)
    return [owners[_identity(each)] for each in components]


def _located(files: Iterable[tuple[str, Iterable[Component]]]) -> list[LocatedComponent]:
    """Return the distinct components of files in order, each with all of its places."""
    found: dict[tuple[str, str, bool, Range | None], tuple[Component, list[Place]]] = {}
    for name, components in files:
        for each in components:
            identity = each.purl or " ".join(each.cpes) or each.name
            key = identity, each.version, each.moving, each.wanted
            _, places = found.setdefault(key, (each, []))
            if name or each.lines:
                places += [Place(name, line) for line in each.lines or (0,)]
    return [LocatedComponent(each, tuple(places)) for each, places in found.values()]


def stack(parts: Sequence[Part], on: date, accepted: Collection[str] = ()) -> StackCheck:
    """Check the parts that an address names, by names or aliases of products, in 5 queries.

    Args:
        parts: The parts that the address names.
        on: The day of the verdicts.
        accepted: Names of products whose extended support is accepted, in 2 more queries.
    """
    by_name = products_called(part.product for part in parts)  # 2 queries
    assessor = _Assessor(by_name.values(), on)  # 3 queries
    wanted: _Wanted = {
        (by_name[part.product], part.version): [] for part in parts if part.product in by_name
    }
    missing = [part for part in parts if part.product not in by_name]
    having = _accepted(accepted)  # 2 queries, or none
    items = assessor.items(wanted, having)
    return StackCheck(items, missing=missing, not_accepted=having.unknown)


def _accepted(names: Collection[str]) -> _Accepted:
    """Return the products with these names or aliases, in 2 queries; all if a name is `all`."""
    if ALL in names or not names:
        return _Accepted(every=ALL in names)
    found = products_called(names)
    return _Accepted(
        products={product.pk for product in found.values()},
        unknown=[name for name in names if name not in found],
    )


def _owners(components: Iterable[Component]) -> Mapping[_Identity, _Owners]:
    """Return the products by the identifiers of components, in 4 queries.

    A package of a distribution is no operating system, even if that has its package URL in the
    catalogue: many have those of their libraries.
    """
    lookups = {_identity(each): _lookups(each) for each in components}
    own = _cycles_of_their_own(lookups)
    found = identified_products([each for every in lookups.values() for each in every])
    owners: dict[_Identity, _Owners] = {
        identity: own.get(identity) or dict.fromkeys(first_match(found, every), ())
        for identity, every in lookups.items()
    }
    for identity, products in owners.items():
        if _PACKAGED.match(identity[0]):
            owners[identity] = {
                each: names for each, names in products.items() if not _is_system(each)
            }
    names = {
        identity: _names_of(identity[0]) for identity, products in owners.items() if not products
    }
    called = products_called(name for every in names.values() for name in every)
    for identity, every in names.items():
        best = [called[name] for name in every if name in called][:1]
        owners[identity] = dict.fromkeys(best, ())
    return owners


def _cycles_of_their_own(
    lookups: Mapping[_Identity, list[Lookup]],
) -> dict[_Identity, dict[Product, list[str]]]:
    """Return the names of the cycles that have an identifier, by product, in 1 query."""
    cycles = identified_cycles([each for every in lookups.values() for each in every])
    found: dict[_Identity, dict[Product, list[str]]] = {}
    for identity, every in lookups.items() if cycles else ():
        for cycle in first_match(cycles, every):
            found.setdefault(identity, {}).setdefault(cycle.product, []).append(cycle.name)
    return found


def _names_of(purl: str) -> list[str]:
    """Return the names that the product of a package URL may have, best first."""
    found = _CALLED.fullmatch(purl)
    return list(filter(None, [product_of_image(purl), found["name"] if found else ""]))


def _is_system(product: Product) -> bool:
    return product.category is not None and product.category.name == "os"


def _identity(component: Component) -> _Identity:
    return component.purl, component.cpes, component.version


def _lookups(component: Component) -> list[Lookup]:
    """Return the identifiers to look up for a component: its package URL, then its CPE names."""
    purl = versioned_purl(component.purl, component.version)
    purls = [("purl", read_purl(purl))] if purl else []
    return [*purls, *(("cpe", read_cpe(cpe)) for cpe in component.cpes)]


def products_called(names: Iterable[str]) -> Mapping[str, Product]:
    """Return the products by these names or aliases, in 2 queries."""
    wanted = {name for name in names if NAME.fullmatch(name)}
    aliased = Alias.objects.filter(name__in=wanted).order_by().values("product")
    products = Product.objects.public().filter(Q(name__in=wanted) | Q(pk__in=aliased))
    products = (
        products.select_related("category").without_large_columns().prefetch_related("aliases")
    )
    by_alias = {alias.name: product for product in products for alias in product.aliases.all()}
    return by_alias | {product.name: product for product in products}


class _Assessor:
    """Verdicts on versions of some products.

    Reads their cycles with former names and releases, in 3 queries.
    """

    def __init__(self, products: Iterable[Product], on: date) -> None:
        self.on = on
        read_cycles(products)
        self._resolvers: dict[int, Resolver[ReleaseCycle]] = {}
        self._resolutions: dict[tuple[int, str], Resolution[ReleaseCycle]] = {}

    def versions(self, component: Component, products: _Owners) -> list[tuple[Product, str]]:
        """Return the products of a component that may have its version, each with that version.

        If only one cycle of a product has the identifier of the component, and the version is not
        one of that, the name of the cycle stands for the version.

        A range means the cycle that `cycle_in_range` finds. A word such as `latest` or `slim` is no
        version.
        """
        version, wanted = component.version, component.wanted
        if any(products.values()):
            return [
                (product, self._text_in(names, product, component))
                for product, names in products.items()
                if len(names) == 1 or (version and self._name(product, version) in names)
            ]
        if not version and wanted:
            cycles = (
                (each, cycle_in_range(wanted, self._resolver(each).cycles, self.on))
                for each in products
            )
            return [(product, cycle.name) for product, cycle in cycles if cycle]
        having = [each for each in products if version and self._cycle(each, version)]
        if not having and version[:1].isdigit():
            having = [next(iter(products))]
        return [(each, self._address_text(each, component)) for each in having]

    def cycles(self, component: Component, products: _Owners) -> list[ReleaseCycle]:
        """Return the cycles of the version of a component, each of one of the products."""
        if not products or not (component.version or any(products.values())):
            return []
        found = (self._resolution(*each) for each in self.versions(component, products))
        return [each.cycle for each in found if each.cycle and not each.line]

    def _text_in(self, names: Sequence[str], product: Product, component: Component) -> str:
        """Return the version of a component as in an address, or the name of its only cycle."""
        if component.version and self._name(product, component.version) in names:
            return self._address_text(product, component)
        return names[0]

    def _name(self, product: Product, version: str) -> str:
        cycle = self._cycle(product, version)
        return cycle.name if cycle else ""

    def _address_text(self, product: Product, component: Component) -> str:
        """Return the version of a component as it is written in the address of a stack."""
        resolver = self._resolver(product)
        text = resolver.line_text if component.moving else resolver.release_text
        return text(component.version, self.on)

    def items(self, wanted: _Wanted, accepted: _Accepted) -> list[StackItem]:
        """Return one item for each cycle of the versions of products, the most urgent first."""
        by_cycle: defaultdict[tuple[int, str | int], list[StackItem]] = defaultdict(list)
        for (product, version), places in wanted.items():
            cycle = self._cycle(product, version)
            item = StackItem(
                product, version, self._verdict(product, version, accepted), places=tuple(places)
            )
            by_cycle[product.pk, cycle.pk if cycle else version].append(item)
        return sorted(
            (self._joined(every) for every in by_cycle.values()),
            key=lambda each: (self._urgency(each), each.product.label, each.part),
        )

    def _verdict(
        self, product: Product, version: str, accepted: _Accepted
    ) -> Verdict[ReleaseCycle]:
        return verdict_on(
            product,
            self._resolver(product).cycles,
            self._resolution(product, version),
            self.on,
            accept_extended=product in accepted,
        )

    def _joined(self, items: list[StackItem]) -> StackItem:
        """Return the item of a cycle that has all of these versions."""
        items.sort(key=lambda each: (self._urgency(each), release_key(each.version)))
        spots = [(each.version, place) for each in items for place in each.places or (NO_PLACE,)]
        places = {place for each in items for place in each.places}
        versions = tuple(each.version for each in items)
        return replace(
            items[0], versions=versions, places=tuple(sorted(places)), spots=tuple(spots)
        )

    def _urgency(self, item: StackItem) -> tuple[int, date]:
        return urgency(item.verdict, self.on)

    def _cycle(self, product: Product, version: str) -> ReleaseCycle | None:
        return self._resolution(product, version).cycle if version else None

    def _resolution(self, product: Product, version: str) -> Resolution[ReleaseCycle]:
        key = product.pk, version
        if key not in self._resolutions:
            self._resolutions[key] = self._resolver(product).resolve(version, self.on)
        return self._resolutions[key]

    def _resolver(self, product: Product) -> Resolver[ReleaseCycle]:
        if product.pk not in self._resolvers:
            self._resolvers[product.pk] = resolver_of(product)
        return self._resolvers[product.pk]
