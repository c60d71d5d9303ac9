"""The addresses of feeds, calendars, images and tables, which `/api/` documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from django.urls import reverse

from releases import selectors
from releases.domain.history.changes import ChangeKind
from releases.domain.roadmap.events import EventKind
from releases.domain.stack import ACCEPT, ALL, OF

EXAMPLE: Final = "django"
"""The product of the examples. A catalogue without it has fewer examples."""

_PLACEHOLDERS: Final = ("{product}", "{cycle}")
_VIEW: Final = (
    "those of the roadmap: product, category, tag, status, lts=1, ends=soon, q and others"
)
_KINDS: Final = f"kind: {', '.join(EventKind)}, for upcoming dates only"
_CHANGES: Final = f"product; kind: {', '.join(ChangeKind)}"
_STACK: Final = f"{OF}: product:version, once for each part; {ACCEPT}: product or {ALL}"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of data.

    Attributes:
        route: The name of its URL.
        text: What it has.
        parameters: Its parameters in words; empty if it has none.
        example: The values of its path in the example, and its query.
    """

    route: str
    text: str
    parameters: str = ""
    example: tuple[str, ...] = ()
    query: str = ""

    @property
    def path(self) -> str:
        """The path with placeholders: `/calendar/{product}.ics`."""
        return unquote(self._reverse(*_PLACEHOLDERS[: len(self.example)]))

    @property
    def example_path(self) -> str:
        """The path and query of the example."""
        return self._reverse(*self.example) + self.query

    def _reverse(self, *values: str) -> str:
        return reverse(f"releases:{self.route}", args=values)


@dataclass(frozen=True, slots=True)
class AddressGroup:
    """A section of addresses, with a sentence about all of them."""

    id: str
    title: str
    text: str
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address, and the URL of its example; empty if the catalogue lacks the product."""

    address: Address
    url: str


GROUPS: Final = (
    AddressGroup(
        "feeds",
        "Feeds",
        "Addresses of Atom feeds. For RSS, replace .atom by .rss.",
        (
            Address(
                "roadmap_atom",
                "Ends of support and changes on the roadmap",
                f"{_VIEW}; {_KINDS}",
                query="?lts=1",
            ),
            Address("product_atom", "Releases and ends of support of a product", "", (EXAMPLE,)),
            Address(
                "changes_atom",
                "Dates that were announced, moved or withdrawn, and new releases",
                _CHANGES,
                query="?kind=moved",
            ),
            Address("new_products_atom", "Products that were added"),
            Address(
                "stack_atom",
                "Ends of support and changes of a stack",
                _STACK,
                query="?of=django:5.2",
            ),
        ),
    ),
    AddressGroup(
        "calendars",
        "Calendars",
        "Addresses of iCalendar files, which calendar programs can subscribe to.",
        (
            Address(
                "roadmap_ics",
                "Releases and ends of support on the roadmap",
                f"{_VIEW}; {_KINDS}; from and to: months",
                query="?ends=soon",
            ),
            Address(
                "product_ics",
                "Releases and ends of support of a product",
                "planned=1: with planned releases",
                (EXAMPLE,),
            ),
            Address(
                "stack_ics",
                "Releases and ends of support of a stack",
                _STACK,
                query="?of=django:5.2",
            ),
            Address(
                "upgrade_ics",
                "Steps of an upgrade plan; also as a checklist (.md) and as data (.json)",
                "from, to, python and the others of the plan",
                (EXAMPLE,),
                "?from=4.2&to=5.2",
            ),
        ),
    ),
    AddressGroup(
        "embeds",
        "Badges and embeds",
        "Addresses of SVG images, which stay current. Timelines follow the reader's light or dark"
        " theme. Each badge is also data for shields.io: replace .svg by .json.",
        (
            Address(
                "verdict_badge_svg",
                "Badge: should this version be upgraded?",
                "version",
                (EXAMPLE,),
                "?version=5.2.1",
            ),
            Address(
                "badge_svg",
                "Badge: the status of a release cycle; latest is the newest one",
                "",
                (EXAMPLE, "latest"),
            ),
            Address(
                "stack_badge_svg",
                "Badge: the most urgent part of a stack",
                _STACK,
                query="?of=django:5.2",
            ),
            Address("product_svg", "Timeline of a product", "from and to: months", (EXAMPLE,)),
            Address("roadmap_svg", "Timeline of the roadmap", _VIEW, query="?lts=1"),
            Address("stack_svg", "Timeline of a stack", _STACK, query="?of=django:5.2"),
        ),
    ),
    AddressGroup(
        "tables",
        "Tables",
        "Addresses of CSV tables. For JSON, replace .csv by .json.",
        (
            Address(
                "roadmap_csv", "Release cycles on the roadmap", _VIEW, query="?status=security"
            ),
            Address(
                "changes_csv",
                "Dates that were announced, moved or withdrawn, and new releases",
                _CHANGES,
                query="?kind=moved",
            ),
        ),
    ),
    AddressGroup(
        "openeox",
        "OpenEoX",
        "URLs of statements about the support of release cycles, in the JSON format of OASIS"
        " OpenEoX. The statement about one cycle follows OpenEoX Core 1.0; documents of several"
        " have the Shell form, which is a draft and may change. A cycle whose ends of support are"
        " not known has no statement, and documents leave it out; the response at its own URL"
        " says why.",
        (
            Address("cycle_openeox", "Statement about a release cycle", "", (EXAMPLE, "5.2")),
            Address("product_openeox", "Statements about a product (draft)", "", (EXAMPLE,)),
            Address(
                "roadmap_openeox",
                "Statements about the release cycles on the roadmap (draft)",
                _VIEW,
                query="?status=security",
            ),
        ),
    ),
)
"""The documented addresses by section. Their query strings need no escapes."""


def address_sections(absolute: Callable[[str], str]) -> list[tuple[AddressGroup, list[AddressRow]]]:
    """Return the addresses by section, with the URLs of their examples, in 1 query.

    Args:
        absolute: Converts a path to an absolute URL.
    """
    known = EXAMPLE in selectors.names_called([EXAMPLE])

    def row(address: Address) -> AddressRow:
        path = address.example_path
        return AddressRow(address, absolute(path) if known or EXAMPLE not in path else "")

    return [(group, [row(each) for each in group.addresses]) for group in GROUPS]
