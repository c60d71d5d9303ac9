"""Python processes with exactly the variables that a test gives them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

SECRET = "of tests only, and as long as Django wants one to be: 0123456789 abcdef"
POSTGRES = "postgres://user:secret@database.example.org:5432/roadmap"

PRINT = """
import json
from config import settings
print(json.dumps({name: getattr(settings, name, None) for name in %r}, default=str))
"""


def run(command: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python <command>` in an environment with only the given variables."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONUTF8": "1"} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def settings_of(*names: str, **variables: str) -> dict[str, Any]:
    """Return the named settings, converted by JSON."""
    done = run(["-c", PRINT % (names,)], **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refusal(command: Sequence[str], **variables: str) -> str:
    """Return the one-sentence error with which a command refuses to start."""
    done = run(command, **variables)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]
