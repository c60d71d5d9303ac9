"""The kinds of files that a stack check reads, and those that it refuses by name."""

from __future__ import annotations

from typing import Final

from releases.formats.stack.kind import Kind
from releases.formats.stack.kinds import (
    cyclonedx,
    dockerfile,
    package_lock,
    pyproject,
    python_locks,
    python_version,
    requirements,
)

KINDS: Final[tuple[Kind, ...]] = (
    requirements.KIND,
    pyproject.KIND,
    *python_locks.KINDS,
    *python_version.KINDS,
    package_lock.KIND,
    cyclonedx.KIND,
    dockerfile.KIND,
)
"""Every kind. The first whose name matches a path is its kind, so special names come first."""

NOT_READ: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("gemfile", "gems.rb"), "This is a Gemfile. Give Gemfile.lock."),
    (("cargo.lock",), "This is a Cargo.lock, whose packages are not in the catalogue."),
)
"""Patterns of names (as in `Kind.files`) of files that are not read, with the sentence for each."""
