"""The order of the cycles of a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from releases.domain.lifecycle.status import Lifecycle
from releases.domain.lifecycle.versions import version_key


class HasLifecycle(Protocol):
    @property
    def lifecycle(self) -> Lifecycle: ...


class HasName(HasLifecycle, Protocol):
    @property
    def name(self) -> str: ...


Cycle = TypeVar("Cycle", bound=HasName)


def in_order(cycles: Sequence[Cycle]) -> list[Cycle]:
    """Cycles in the order of their versions, the oldest first."""
    return sorted(cycles, key=lambda cycle: version_key(cycle.name))
