"""A stack report as JUnit XML, which CI systems show as tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from releases.domain.lifecycle.words import one_line
from releases.presentation.stack.report import Finding, FindingKind, StackReport
from releases.presentation.stack.rows import StackRow

_SUITE: Final = "check_stack"


def junit(report: StackReport) -> str:
    """Return the report as JUnit XML: a test for each row, and for each other finding.

    A finding that fails the check is a failure; a component without a verdict is skipped.
    """
    cases = [*_row_cases(report), *map(_case, report.other_findings)]
    tests = str(len(cases))
    failures, skipped = (
        str(sum(case.find(tag) is not None for case in cases)) for tag in ("failure", "skipped")
    )
    counts = {"tests": tests, "failures": failures, "errors": "0", "skipped": skipped}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": _SUITE, **counts})
    suite.extend(cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _row_cases(report: StackReport) -> Iterator[ET.Element]:
    for row in report.rows:
        finding = report.finding(row)
        if finding:
            yield _case(finding, row.item.product.name)
        else:
            yield _passed(row)


def _passed(row: StackRow) -> ET.Element:
    case = ET.Element("testcase", {"classname": row.item.product.name, "name": one_line(row.name)})
    ET.SubElement(case, "system-out").text = one_line(row.instruction)
    return case


def _case(finding: Finding, product: str = _SUITE) -> ET.Element:
    case = ET.Element("testcase", {"classname": product, "name": one_line(finding.subject)})
    place = next((place for place in finding.places if place.file), None)
    if place:
        case.set("file", one_line(place.file))
        case.set("line", str(place.line or 1))
    details = {"message": one_line(finding.message), "type": finding.kind}
    if finding.fails:
        places = "\n".join(one_line(str(place)) for place in finding.places)
        ET.SubElement(case, "failure", details).text = places
    elif finding.kind in (FindingKind.ENDED, FindingKind.ENDS_SOON):
        ET.SubElement(case, "system-out").text = one_line(finding.message)
    else:
        ET.SubElement(case, "skipped", {"message": details["message"]})
    return case
