"""Measure the time of reading lock files of 2 MB: `.venv/bin/python -m scripts.bench_stack`.

Each file is read with its name, and without it, when every kind is tried. With `--profile`, the
functions that take most of the time are printed.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

from releases.formats.stack import read_stack

SIZE: Final = 2_000_000
LIMIT: Final = 1.0
"""Maximum processor time for a file with its name, in seconds."""


def main(*, profile: bool = False) -> None:
    """Print the processor time for each kind of lock file."""
    print("| file | components | seconds | limit | without its name |")
    print("|---|---:|---:|---|---:|")
    for name in FILES:
        text = file_of(name)
        if profile:
            with cProfile.Profile() as profiler:
                read_stack(text, name)
            pstats.Stats(profiler).sort_stats("tottime").print_stats(12)
        number, seconds = timed(text, name)
        _, unnamed = timed(text, "")
        holds = "holds" if seconds <= LIMIT else "MISSED"
        print(f"| {name} | {number:,} | {seconds:.2f} | <= {LIMIT} {holds} | {unnamed:.2f} |")


def timed(raw: bytes, name: str) -> tuple[int, float]:
    """Return the number of components of a file, and the processor time in seconds."""
    start = time.process_time()
    stack = read_stack(raw, name)
    return len(stack.components), time.process_time() - start


def file_of(name: str) -> bytes:
    """Return a lock file of about 2 MB."""
    before, entry, after, joint = FILES[name]

    def entries() -> Iterator[str]:
        size = number = 0
        while size < SIZE:
            yield (text := entry(number))
            size, number = size + len(text), number + 1

    return (before + joint.join(entries()) + after).encode()


def _hash(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


def _uv(number: int) -> str:
    url = f"https://files.pythonhosted.org/packages/{_hash(number)}/pkg{number}"
    wheels = "".join(
        f'    {{ url = "{url}-{each}.whl", hash = "sha256:{_hash(each)}", size = {each} }},\n'
        for each in range(6)
    )
    return f"""
[[package]]
name = "pkg{number}"
version = "1.{number}"
source = {{ registry = "https://pypi.org/simple" }}
dependencies = [
    {{ name = "other{number}", marker = "python_full_version < '3.13'" }},
]
wheels = [
{wheels}]
"""


def _npm(number: int) -> str:
    package = {
        "version": f"1.{number}.0",
        "resolved": f"https://registry.npmjs.org/pkg{number}/-/pkg{number}-1.0.0.tgz",
        "integrity": f"sha512-{_hash(number)}",
        "dependencies": {"one": "^1.0.0", "other": "~2"},
        "engines": {"node": ">=12"},
    }
    return f'"node_modules/pkg{number}": {json.dumps(package, indent=2)}'


def _pnpm(number: int) -> str:
    return f"""
  pkg{number}@1.{number}.0:
    resolution: {{integrity: sha512-{_hash(number)}==}}
    engines: {{node: '>=6.9.0'}}
    hasBin: true
"""


def _yarn(number: int) -> str:
    return f"""
pkg{number}@^1.0.0, pkg{number}@^1.1.0:
  version "1.{number}.0"
  resolved "https://registry.yarnpkg.com/pkg{number}/-/pkg{number}-1.0.0.tgz#{_hash(number)}"
  dependencies:
    other "^1.0.0"
"""


def _component(number: int) -> str:
    component = {
        "type": "library",
        "bom-ref": f"pkg:npm/pkg{number}@1.0.{number}",
        "name": f"pkg{number}",
        "version": f"1.0.{number}",
        "purl": f"pkg:npm/pkg{number}@1.0.{number}",
        "hashes": [{"alg": "SHA-256", "content": _hash(number)}],
        "licenses": [{"license": {"id": "MIT"}}],
    }
    return json.dumps(component, indent=2)


def _requirement(number: int) -> str:
    hashes = " \\\n".join(f"    --hash=sha256:{_hash(each)}" for each in (number, number + 1))
    return f"pkg{number}==1.{number} \\\n{hashes}\n"


FILES: Final[dict[str, tuple[str, Callable[[int], str], str, str]]] = {
    "uv.lock": ('version = 1\nrequires-python = ">=3.12"\n', _uv, "", ""),
    "package-lock.json": ('{"lockfileVersion": 3, "packages": {', _npm, "}}", ",\n"),
    "pnpm-lock.yaml": ("lockfileVersion: '9.0'\n\npackages:\n", _pnpm, "", ""),
    "yarn.lock": ("# yarn lockfile v1\n", _yarn, "", ""),
    "bom.json": ('{"bomFormat": "CycloneDX", "components": [', _component, "]}", ",\n"),
    "requirements.txt": ("", _requirement, "", ""),
}
"""The text before the entries of a file, an entry by its number, the text after, and between."""

if __name__ == "__main__":
    main(profile="--profile" in sys.argv)
