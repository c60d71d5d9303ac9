"""Parser for a baseline: the JSON report of an earlier check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from releases.domain.baseline import Baseline, BaselineRow
from releases.domain.upgrade.verdict import OVER
from releases.formats.errors import FormatError
from releases.formats.stack.refusals import refusal

MAX_BASELINE_BYTES: Final = 50_000_000
"""Maximum size of a baseline. A report says more of a component than its file does."""


def read_baseline(raw: bytes) -> Baseline:
    """Parse the JSON report of `check_stack` or of the API.

    Raises:
        FormatError: The text is no such report.
    """
    if len(raw) > MAX_BASELINE_BYTES:
        raise refusal(f"It is larger than {MAX_BASELINE_BYTES // 1_000_000} MB.")
    try:
        document = json.loads(raw)
        return Baseline(
            on=date.fromisoformat(document["on"]),
            rows={
                _key(item): BaselineRow(item["answer"] in OVER, _day(item["until"]))
                for item in document["items"]
            },
            unknown=frozenset(
                (str(each["name"]), str(each["version"] or "")) for each in document["unknown"]
            ),
            unversioned=frozenset(str(each["product"]) for each in document["unversioned"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _not_a_report() from None


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item["product"]), str(item["cycle"] or item["version"])


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _not_a_report() -> FormatError:
    return refusal("It is no report of an earlier check: expected the output of --format json.")
