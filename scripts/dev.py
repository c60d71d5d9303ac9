"""`make install` and `make run`: set up `.venv`, and serve the site.

It runs before any package is installed, so it needs the standard library only. Failures end it with
one sentence and an exit code.
"""

import errno
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Exists while .venv is changed. If it is left over, the change was interrupted.
UNFINISHED = VENV / ".unfinished"

# Errors of pip without a connection. Every pin exists, so "from versions: none" is one of them.
OFFLINE = re.compile("from versions: none|connection broken|Max retries|timed out|incomplete-dow")


def run() -> None:
    """Migrate the database, import the bundled catalogue, create an admin, and serve the site."""
    port = free_port()
    install("requirements.txt")
    os.environ.setdefault("DEBUG", "1")
    os.environ["PORT"] = port
    for step in ("migrate --verbosity=0", "import_products", "create_first_admin"):
        if code := execute(PYTHON, "manage.py", *step.split()).returncode:
            sys.exit(code)
    free_port()
    host = f"127.0.0.1:{port}"
    admin = os.environ.get("ADMIN_PATH") or "admin"
    say(f"The site is at http://{host}/, and its admin at http://{host}/{admin}/")
    os.execv(PYTHON, [str(PYTHON), "manage.py", "runserver", host])


def free_port() -> str:
    """Return the port to serve on, after checking that it is free.

    It is checked before the installation, which may take minutes.
    """
    port = os.environ.get("PORT") or "8000"
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        sys.exit(f"PORT must be a whole number from 1 to 65535, but is {port!r}.")
    try:
        socket.create_server(("127.0.0.1", int(port))).close()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken" if taken else f"cannot be used ({os.strerror(error.errno or 0)})"
        sys.exit(f"Port {port} {reason}; choose another one, for example: make run PORT=8123")
    return port


def install_all() -> None:
    """Install the packages of production and development."""
    install("requirements.txt", "requirements-dev.txt")


def install(*files: str) -> None:
    """Install pinned packages into .venv, unless they are installed.

    Args:
        files: Names of requirements files; the last one includes the others.
    """
    # A second `make` waits here. The lock ends with this process.
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    make_environment()
    wanted = hashlib.sha256(b"".join(Path(name).read_bytes() for name in files)).hexdigest()
    stamp = VENV / f".{files[-1]}.sha256"
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"Installing the packages (needed again only if {files[-1]} changes) ...")
        UNFINISHED.touch()
        pip_install(files[-1])
        stamp.write_text(wanted)
        UNFINISHED.unlink()
    os.close(lock)


def make_environment() -> None:
    """Create .venv, unless it exists, is complete and has this version of Python."""
    version = "{}.{}".format(*sys.version_info[:2])
    if not UNFINISHED.exists() and version_in_environment() == version:
        return
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} has no venv module; install it "
            f"(on Debian and Ubuntu: apt install python{version}-venv), and try again."
        )
    say(f"Creating .venv with Python {version} ...")
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    UNFINISHED.touch()
    # If .venv was active, its interpreter is deleted now; use the one that it was made from.
    base = getattr(sys, "_base_executable", sys.executable)
    venv = execute(base, "-m", "venv", VENV, capture=True)
    if venv.returncode:
        sys.exit(f"{venv.stdout}\n.venv could not be created; the lines above say why.")
    UNFINISHED.unlink()


def version_in_environment() -> str:
    """Return the version of Python in .venv, or "" if it is missing, broken or without pip."""
    code = "import pip, sys; print('{}.{}'.format(*sys.version_info[:2]))"
    return execute(PYTHON, "-c", code, capture=True).stdout.strip() if PYTHON.exists() else ""


def pip_install(requirements: str) -> None:
    """Install the packages of a requirements file, or exit with a message."""
    options = ("--no-input", "--disable-pip-version-check", "--requirement", requirements)
    pip = execute(PYTHON, "-m", "pip", "install", *options, capture=True)
    if not pip.returncode:
        return
    if OFFLINE.search(pip.stdout) and "certificate" not in pip.stdout:
        UNFINISHED.unlink()  # pip downloads everything before it changes anything
        sys.exit("The packages could not be downloaded; check the connection, and try again.")
    sys.exit(f"{pip.stdout}\nThe packages could not be installed; the lines above say why.")


def execute(*command: str | Path, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command in a session of its own, so that Ctrl-C interrupts this process only."""
    output, errors = (subprocess.PIPE, subprocess.STDOUT) if capture else (None, None)
    return subprocess.run(
        command, check=False, text=True, stdout=output, stderr=errors, start_new_session=True
    )


def say(line: str) -> None:
    """Print a line immediately."""
    print(line, flush=True)


TASKS: dict[str, Callable[[], None]] = {"install": install_all, "run": run}

if __name__ == "__main__":
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        TASKS[sys.argv[1]]()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except OSError as error:  # for example a read-only folder, or a full disk
        sys.exit(str(error))
