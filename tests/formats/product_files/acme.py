"""A product file with every key of the format, and helpers that parse variations of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from releases.formats.errors import FormatError
from releases.formats.product_files.parser import read_product
from releases.formats.product_files.records import CycleRecord, ProductRecord

FULL = """\
---
title: Acme
permalink: /acme
category: framework
tags: web acme-corp
alternate_urls:
  - /acme-framework
  - /ACME2
addedAt: 2024-05-06
checkedOn: 2026-11-20
featured: 3
patchesOnlyFix: true
iconSlug: acme
versionCommand: acme --version
vendor: Acme Inc.
vendorLink: https://acme.test/
releasePolicyLink: https://acme.test/policy
releasePolicyImage: https://acme.test/policy.svg
changelogTemplate: https://acme.test/__RELEASE_CYCLE__/{{"__LATEST__" | replace:'.','-'}}
releaseLabel: "Acme __RELEASE_CYCLE__"
LTSLabel: "<abbr title='Long'>L</abbr>"
staleReleaseThresholdDays: 700
eoasColumn: true
eolColumn: Bug fixes
eoesColumn: false
latestColumn: false
sortReleasesBy: releaseDate
identifiers:
  - purl: pkg:generic/acme
  - cpe: cpe:2.3:a:acme:acme
    repology: acme
  - purl: pkg:generic/acme
mainIdentifier:
  cpe: cpe:2.3:a:acme:acme
customFields:
  - name: java
    display: after-release-column
    label: Java
    description: The oldest Java.
    link: https://acme.test/java
  - name: notes
releases:
  - releaseCycle: "2.0"
    codename: Zwei
    releaseLabel: "__RELEASE_CYCLE__ '__CODENAME__'"
    releaseDate: 2025-04-02
    lts: 2025-10-01
    eoas: 2026-12-31
    eol: 2028-04-30
    eoes: false
    discontinued: true
    precision: {eoas: month, eol: quarter}
    latest: "2.0.7"
    latestReleaseDate: 2026-11-03
    link: https://acme.test/two
    staleReleaseThresholdDays: 30
    versionRange: vers:generic/<3|>=2
    identifiers:
      - cpe: cpe:2.3:a:acme:acme:2
    java: 17
    notes: true
    releases:
      - {version: "2.0.7", kind: patch, date: 2026-11-03}
      - {version: "2.0.8", kind: security, date: 2027-01-01, precision: month}
      - {version: "2.0.9", kind: patch}
  - releaseCycle: "1.0"
    eol: true
    link: null
---

# About Acme
"""

HEAD = "title: Acme\npermalink: /acme\n"
CYCLES = "releases:\n  - releaseCycle: '1.0'\n"


def read(yaml_text: str, body: str = "", file_name: str = "acme") -> ProductRecord:
    return read_product(f"---\n{yaml_text}\n---\n{body}", file_name)


def read_cycle(keys: str) -> CycleRecord:
    """Return the only cycle of a file with these keys (one per line) besides its name."""
    lines = "".join(f"    {line}\n" for line in keys.splitlines())
    (cycle,) = read(HEAD + CYCLES + lines).cycles
    return cycle


def refused(call: Callable[[], object]) -> list[str]:
    """Return the problems with which a call is refused, as text."""
    with pytest.raises(FormatError) as error:
        call()
    return [str(problem) for problem in error.value.problems]
