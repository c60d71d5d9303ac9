"""Run the tests with the newest Django, on the newest Python of this machine.

.venv/bin/python -m scripts.newest [arguments for pytest]
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.pythons import find_python, make_environment

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.14", "3.13", "3.12")
"""Versions of Python that the newest Django supports, newest first."""


def main(arguments: list[str]) -> int:
    """Run pytest in a temporary environment, and return its exit code."""
    python = next(filter(None, map(find_python, PYTHONS)), None)
    if python is None:
        print(f"No tests were run: none of Python {', '.join(PYTHONS)} is installed.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            programs = make_environment(
                python, Path(folder, "python"), write_requirements(Path(folder))
            )
        except subprocess.CalledProcessError as error:
            print(error.output)
            sys.exit("The packages could not be installed; the lines above say why.")
        versions = "import django, sys; print(f'Django {django.__version__}, {sys.version}')"
        subprocess.run([programs / "python", "-c", versions], check=True)
        # The caches of pytest and of compiled modules must not mix with those of .venv.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
        tests = [str(programs / "python"), "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode


def write_requirements(folder: Path) -> Path:
    """Write the requirements files without the pin of Django, and return the one for tests."""
    names = ("requirements.txt", "requirements-dev.txt")
    for name in names:
        lines = (ROOT / name).read_text()
        (folder / name).write_text(re.sub(r"(?m)^Django==.*$", "Django", lines))
    return folder / names[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
