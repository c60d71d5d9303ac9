"""The order of the cycles of a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from releases.domain.lifecycle.status import Lifecycle
from releases.domain.lifecycle.versions import version_key


class HasLifecycle(Protocol):
    """Anything that has milestones."""

    @property
    def lifecycle(self) -> Lifecycle: ...


class HasName(HasLifecycle, Protocol):
    """A cycle with its name."""

    @property
    def name(self) -> str: ...


Cycle = TypeVar("Cycle", bound=HasName)


def in_order(cycles: Sequence[Cycle]) -> list[Cycle]:
    """Return cycles in version order, oldest first."""
    return sorted(cycles, key=lambda cycle: version_key(cycle.name))
