"""The Pythons of this machine, besides the one that runs this."""

import shutil
import subprocess
from pathlib import Path


def find_python(version: str) -> str | None:
    """A Python of a version such as "3.13" that can make virtual environments, pyenv's or of PATH;
    None if there is none. One of pyenv's on PATH may be no more than a sign that says so."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
    for python in (*map(str, installed), shutil.which(f"python{version}")):
        if python and not _run(python, "-c", "import ensurepip, venv").returncode:
            return python
    return None


def make_environment(python: str, folder: Path, requirements: Path) -> Path:
    """A virtual environment with the packages that a file asks for; the folder of its programs.
    Raises `CalledProcessError`, with what pip had to say in its `output`."""
    _run(python, "-m", "venv", str(folder)).check_returncode()
    pip = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet")
    _run(str(folder / "bin/python"), *pip, "-r", str(requirements)).check_returncode()
    return folder / "bin"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
