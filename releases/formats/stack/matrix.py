"""Matrices of CI jobs: the combinations of values that a job runs with."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

MAX_COMBINATIONS: Final = 256
"""Maximum number of combinations; GitHub has the same limit."""


def combinations(axes: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return every combination of one value of each axis; none if there are no or too many."""
    if not axes or math.prod(map(len, axes.values())) > MAX_COMBINATIONS:
        return []
    return [dict(zip(axes, each, strict=True)) for each in itertools.product(*axes.values())]
