"""The part of `make` that comes before any package is there: `dev.py install` and `dev.py run`.

Needs only the standard library of the Python that dev.sh found. What can go wrong on somebody's
machine is answered by one sentence and an exit code.
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
# Is there while .venv is being changed; one that stayed tells that the change was cut short.
UNFINISHED = VENV / ".unfinished"

# What pip says when it reaches no index. As every pin exists, "from versions: none" says it too.
OFFLINE = re.compile("from versions: none|connection broken|Max retries|timed out|incomplete-dow")


def run() -> None:
    """Serve the site: database migrated, bundled catalogue imported, and somebody can log in."""
    port = free_port()
    install("requirements.txt")
    os.environ.setdefault("DEBUG", "1")
    os.environ["PORT"] = port
    for step in ("migrate --verbosity=0", "import_products", "create_first_admin"):
        if code := execute(PYTHON, "manage.py", *step.split()).returncode:
            sys.exit(code)
    free_port()
    address = f"127.0.0.1:{port}"
    admin = os.environ.get("ADMIN_PATH") or "admin"
    say(f"The site is at http://{address}/ and its admin at http://{address}/{admin}/")
    os.execv(PYTHON, [str(PYTHON), "manage.py", "runserver", address])


def free_port() -> str:
    """The port to serve on; asked for first, so that nobody waits for minutes to be refused."""
    port = os.environ.get("PORT") or "8000"
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        sys.exit(f"PORT must be a whole number from 1 to 65535, and {port!r} is not.")
    try:
        socket.create_server(("127.0.0.1", int(port))).close()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken" if taken else f"cannot be used ({os.strerror(error.errno or 0)})"
        sys.exit(f"Port {port} {reason}; choose another one, as in: make run PORT=8123")
    return port


def install_all() -> None:
    install("requirements.txt", "requirements-dev.txt")


def install(*files: str) -> None:
    """Bring .venv to what the files pin, the last of which includes the others."""
    # Two makes at once: the second waits here. The lock goes with this process, however it ends.
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    make_environment()
    wanted = hashlib.sha256(b"".join(Path(name).read_bytes() for name in files)).hexdigest()
    stamp = VENV / f".{files[-1]}.sha256"
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"Installing the packages (again only when {files[-1]} changes) ...")
        UNFINISHED.touch()
        pip_install(files[-1])
        stamp.write_text(wanted)
        UNFINISHED.unlink()
    os.close(lock)


def make_environment() -> None:
    """Make .venv, unless a whole one for this version of Python is there."""
    version = "{}.{}".format(*sys.version_info[:2])
    if not UNFINISHED.exists() and version_in_environment() == version:
        return
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} comes without its venv module; install that "
            f"(on Debian and Ubuntu: apt install python{version}-venv) and run it again."
        )
    say(f"Making .venv with Python {version} ...")
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    UNFINISHED.touch()
    # Where .venv was active, this interpreter went with it: the one behind it makes the new one.
    base = getattr(sys, "_base_executable", sys.executable)
    venv = execute(base, "-m", "venv", VENV, capture=True)
    if venv.returncode:
        sys.exit(f"{venv.stdout}\n.venv could not be made; the lines above say why.")
    UNFINISHED.unlink()


def version_in_environment() -> str:
    """Empty when there is no Python in .venv, or one that does not work, or one without pip."""
    code = "import pip, sys; print('{}.{}'.format(*sys.version_info[:2]))"
    return execute(PYTHON, "-c", code, capture=True).stdout.strip() if PYTHON.exists() else ""


def pip_install(requirements: str) -> None:
    options = ("--no-input", "--disable-pip-version-check", "--requirement", requirements)
    pip = execute(PYTHON, "-m", "pip", "install", *options, capture=True)
    if not pip.returncode:
        return
    if OFFLINE.search(pip.stdout) and "certificate" not in pip.stdout:
        UNFINISHED.unlink()  # pip downloads everything before it changes anything
        sys.exit("The packages could not be downloaded; check the connection and run it again.")
    sys.exit(f"{pip.stdout}\nThe packages could not be installed; the lines above are pip's.")


def execute(*command: str | Path, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run to the end, in a session of its own: Ctrl-C reaches only us, and we end it quietly."""
    output, errors = (subprocess.PIPE, subprocess.STDOUT) if capture else (None, None)
    return subprocess.run(
        command, check=False, text=True, stdout=output, stderr=errors, start_new_session=True
    )


def say(line: str) -> None:
    print(line, flush=True)


TASKS: dict[str, Callable[[], None]] = {"install": install_all, "run": run}

if __name__ == "__main__":
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        TASKS[sys.argv[1]]()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except OSError as error:  # a folder that must not be written to, a full disk
        sys.exit(str(error))
