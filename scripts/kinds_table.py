"""Write the table of kinds in docs/stack-check.md: `python -m scripts.kinds_table`.

The registry of kinds is its source, and `tests/config/test_stack_docs.py` compares both.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from releases.formats.stack.kinds import KINDS

GUIDE: Final = Path(__file__).resolve().parent.parent / "docs" / "stack-check.md"
HEADER: Final = "| file | names | what is found |\n|---|---|---|\n"
_TABLE: Final = re.compile(re.escape(HEADER) + r"(?:\|.*\n)*")


def table() -> str:
    """Return the table of kinds in Markdown."""
    rows = (
        f"| {kind.name} | {', '.join(f'`{name}`' for name in kind.files)} | {kind.finds} |\n"
        for kind in KINDS
    )
    return HEADER + "".join(rows)


def main() -> None:
    """Replace the table of the guide."""
    text = GUIDE.read_text("utf-8")
    GUIDE.write_text(_TABLE.sub(lambda _: table(), text, count=1), "utf-8")


if __name__ == "__main__":
    main()
