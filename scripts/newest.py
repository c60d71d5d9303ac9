"""The tests on the newest Django, with the newest Python of this machine that can run it.

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
"""Newest first. Those of which the newest Django runs on none are older."""


def main(arguments: list[str]) -> int:
    python = next(filter(None, map(find_python, PYTHONS)), None)
    if python is None:
        print(f"Nothing was tested: there is no Python {', '.join(PYTHONS)} at hand.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            programs = make_environment(python, Path(folder, "python"), newest(Path(folder)))
        except subprocess.CalledProcessError as error:
            print(error.output)
            sys.exit("The packages could not be installed; the lines above say why.")
        versions = "import django, sys; print(f'Django {django.__version__}, {sys.version}')"
        subprocess.run([programs / "python", "-c", versions], check=True)
        # pytest's cache and what Python compiles stay apart from those of .venv.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
        tests = [str(programs / "python"), "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode


def newest(folder: Path) -> Path:
    """The requirements with every pin but Django's."""
    names = ("requirements.txt", "requirements-dev.txt")
    for name in names:
        lines = (ROOT / name).read_text()
        (folder / name).write_text(re.sub(r"(?m)^Django==.*$", "Django", lines))
    return folder / names[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
