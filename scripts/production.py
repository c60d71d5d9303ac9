"""Run commands and servers of the project with production settings in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SETTINGS = """\
from pathlib import Path
from config.settings import *
STATIC_ROOT = Path(__file__).parent / "static"
"""

# As in tests/browser: no sandbox, because CI runs as root, and no background requests.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)


def set_environment(folder: Path, database_url: str, *, workers: int, settings: str = "") -> None:
    """Set the environment of this process and its children to production settings.

    Args:
        folder: A folder for the settings module and the static files.
        database_url: The URL of the database.
        workers: The number of gunicorn workers.
        settings: Python source to append to the production settings.
    """
    (folder / "bench_settings.py").write_text(SETTINGS + settings)
    os.environ |= {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]),
        "DJANGO_SETTINGS_MODULE": "bench_settings",
        "DATABASE_URL": database_url,
        "DEBUG": "0",
        "SECRET_KEY": "of this measurement only, and as long as Django wants it to be: 0123456789",
        "WEB_CONCURRENCY": str(workers),
    }
    manage("migrate", "--verbosity=0")
    manage("collectstatic", "--noinput", "--verbosity=0")
    manage("import_products", "--verbosity=0")


def manage(*arguments: str) -> str:
    """Run a command of manage.py and return its output. A failure ends the program."""
    return run(sys.executable, "manage.py", *arguments)


def run(*command: str) -> str:
    """Run a command in the project's folder and return its output. A failure ends the program."""
    ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{ran.stdout}{ran.stderr}\n{command[-1]} failed; the lines above say why.")
    return ran.stdout


@contextmanager
def serving(folder: Path, application: str = "config.wsgi") -> Iterator[int]:
    """Run gunicorn with the production configuration. Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    log = folder / f"{application}.log"
    command = [sys.executable, "-m", "gunicorn", application, "-c", "config/gunicorn.conf.py"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PORT": str(port)}, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 60
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(
                    f"{log.read_text()}\n{application} did not start; the lines above say why."
                )
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
