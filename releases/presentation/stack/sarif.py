"""A stack report as SARIF 2.1.0, which code scanning shows at files and lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from releases.domain.stack import Place
from releases.presentation.stack.report import (
    FINDING_TITLES,
    Finding,
    FindingKind,
    StackReport,
)

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_RULES: Final = list(FindingKind)


def sarif(report: StackReport) -> str:
    """Return the findings as SARIF. A finding at several places has a result for each of them."""
    run = {
        "tool": {"driver": {"name": "check_stack", "rules": list(map(_rule, _RULES))}},
        "results": [result for each in report.findings if each.shown for result in _results(each)],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=2)


def _rule(kind: FindingKind) -> dict[str, Any]:
    title = FINDING_TITLES[kind]
    return {"id": kind, "name": title.title().replace(" ", ""), "shortDescription": {"text": title}}


def _results(finding: Finding) -> Iterator[dict[str, Any]]:
    for place in finding.places or (Place(""),):
        identity = f"{finding.kind} {finding.subject} {place.file}"
        result: dict[str, Any] = {
            "ruleId": finding.kind,
            "ruleIndex": _RULES.index(finding.kind),
            "level": "error" if finding.fails else "warning",
            "message": {"text": finding.message},
            "partialFingerprints": {"subject/v1": sha256(identity.encode()).hexdigest()},
        }
        if place.file:
            result["locations"] = [{"physicalLocation": _location(place)}]
        if finding.waiver:
            reason = finding.waiver.reason
            result["suppressions"] = [{"kind": "external", "justification": reason}]
        yield result


def _location(place: Place) -> dict[str, Any]:
    path = PurePosixPath(place.file)
    uri = path.as_uri() if path.is_absolute() else quote(str(path))
    region = {"region": {"startLine": place.line}} if place.line else {}
    return {"artifactLocation": {"uri": uri}, **region}
