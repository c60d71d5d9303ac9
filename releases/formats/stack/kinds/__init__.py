"""The kinds of files that a stack check reads, and those that it refuses by name."""

from __future__ import annotations

from typing import Final

from releases.formats.stack.kind import Kind
from releases.formats.stack.kinds import (
    cargo,
    composer,
    conda,
    cyclonedx,
    dockerfile,
    gemfile_lock,
    go_mod,
    gradle,
    ini_files,
    msbuild,
    package_json,
    package_lock,
    pdm_lock,
    pipfile,
    pnpm_lock,
    pom,
    pyproject,
    python_locks,
    python_version,
    requirements,
    setup_py,
    tool_versions,
    version_files,
    yarn_lock,
)

KINDS: Final[tuple[Kind, ...]] = (
    requirements.KIND,
    pyproject.KIND,
    *python_locks.KINDS,
    *python_version.KINDS,
    *pipfile.KINDS,
    pdm_lock.KIND,
    *ini_files.KINDS,
    setup_py.KIND,
    conda.KIND,
    package_json.KIND,
    package_lock.KIND,
    pnpm_lock.KIND,
    yarn_lock.KIND,
    gemfile_lock.KIND,
    *composer.KINDS,
    go_mod.KIND,
    *cargo.KINDS,
    *msbuild.KINDS,
    pom.KIND,
    *gradle.KINDS,
    *version_files.KINDS,
    *tool_versions.KINDS,
    cyclonedx.KIND,
    dockerfile.KIND,
)
"""Every kind. The first whose name matches a path is its kind, so special names come first."""

NOT_READ: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("gemfile", "gems.rb"), "This is a Gemfile. Give Gemfile.lock."),
)
"""Patterns of names (as in `Kind.files`) of files that are not read, with the sentence for each."""
