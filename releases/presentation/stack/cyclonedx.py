"""A CycloneDX file with the dates of the release cycles of its components."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from releases import selectors
from releases.domain.cyclonedx import milestones_of, properties_of
from releases.domain.lifecycle.words import count
from releases.formats.stack.content import Content
from releases.formats.stack.cyclonedx_document import CycloneDXDocument


@dataclass(frozen=True, slots=True)
class EnrichedBill:
    """A CycloneDX file with lifecycle properties.

    Attributes:
        text: The file.
        is_xml: True for XML, False for JSON.
        components: The number of its components.
        dated: The number of components with properties.
        imprecise: The number of dates that were left out, as no day is known.
    """

    text: str
    is_xml: bool
    components: int
    dated: int
    imprecise: int

    @property
    def summary(self) -> str:
        """The numbers as a sentence."""
        left_out = count(self.imprecise, "date")
        return (
            f"{self.dated} of {count(self.components, 'component')} with lifecycle dates;"
            f" {left_out} without a day left out."
        )


def enriched_bill(content: Content, on: date) -> EnrichedBill:
    """Return a CycloneDX file with lifecycle properties, in 7 queries.

    A component gets those of its release cycle. If several products share its identifier, the
    properties of their cycles must be equal.

    Args:
        content: The file.
        on: The date on which versions are resolved.

    Raises:
        FormatError: The file has an unsupported version or a signature.
    """
    document = CycloneDXDocument(content, subject=True)
    known = [(each.path, each.component) for each in document.components if each.component]
    cycles = selectors.cycles_of_components([component for _, component in known], on)
    properties, imprecise = {}, 0
    for (path, _), found in zip(known, cycles, strict=True):
        lives = [cycle.lifecycle for cycle in found]
        every = [properties_of(life) for life in lives]
        if every and all(each == every[0] for each in every):
            properties[path] = every[0]
            imprecise += len(milestones_of(lives[0])) - len(every[0])
    text = document.with_properties(properties)
    dated = sum(map(bool, properties.values()))
    return EnrichedBill(text, document.is_xml, len(document.components), dated, imprecise)
