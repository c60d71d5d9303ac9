"""The lines of the Procfile, run as a platform runs them."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.deploy.servers import ROOT, FirstRun, environment, serving

pytestmark = pytest.mark.deploy

PROCESSES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def test_gunicorn_serves_what_a_release_prepared(first_run: FirstRun, tmp_path: Path) -> None:
    folder = first_run.folder  # which has exactly the packages of requirements.txt
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'production.sqlite3'}",
        "SECRET_KEY": "of this test only, and as long as Django wants it to be: 0123456789",
        "PATH": f"{folder / '.venv/bin'}:{environment()['PATH']}",
    }
    for step in ("python manage.py collectstatic --noinput", PROCESSES["release"]):
        subprocess.run(["sh", "-c", step], cwd=folder, env=environment(**settings), check=True)

    web = ["sh", "-c", f"exec {PROCESSES['web']}"]
    with serving(web, folder, seconds=60, **settings) as server:
        assert server.get("/", X_Forwarded_Proto="https").status == 200
        page = server.get("/", X_Forwarded_Proto="https", Accept_Encoding="gzip")
        assert page.headers["Content-Encoding"] == "gzip"

        page = server.get("/", X_Forwarded_Proto="https")
        hashed = re.search(r'"(/static/[^"]+\.[0-9a-f]{12}\.css)"', page.text)
        assert hashed
        style = server.get(hashed[1], X_Forwarded_Proto="https", Accept_Encoding="br")
        assert style.status == 200
        assert style.headers["Content-Encoding"] == "br"
        assert "immutable" in style.headers["Cache-Control"]

        assert server.stop(signal.SIGTERM)
        assert "Traceback" not in server.output
