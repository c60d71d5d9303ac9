"""Find other Python versions on this machine, and create virtual environments with them."""

import shutil
import subprocess
from pathlib import Path


def find_python(version: str) -> str | None:
    """Return the path of a Python that can create virtual environments, or None.

    pyenv's versions come before those on PATH. A shim of pyenv does not count if its version is not
    installed.

    Args:
        version: A version such as "3.13".
    """
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
    for python in (*map(str, installed), shutil.which(f"python{version}")):
        if python and not _run(python, "-c", "import ensurepip, venv").returncode:
            return python
    return None


def make_environment(python: str, folder: Path, requirements: Path) -> Path:
    """Create a virtual environment with the packages of a requirements file.

    Args:
        python: The path of the Python to use.
        folder: The folder of the environment.
        requirements: The requirements file.

    Returns:
        The folder of its programs.

    Raises:
        CalledProcessError: pip failed; its messages are in `output`.
    """
    _run(python, "-m", "venv", str(folder)).check_returncode()
    pip = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet")
    _run(str(folder / "bin/python"), *pip, "-r", str(requirements)).check_returncode()
    return folder / "bin"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
