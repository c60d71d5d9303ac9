"""The error for a stack file that cannot be used."""

from __future__ import annotations

from releases.formats.errors import FormatError, FormatProblem


def refusal(message: str, line: int = 0) -> FormatError:
    """Return the error for a rejected file; `line` is 0 for the whole file."""
    return FormatError([FormatProblem(line, "", message)])
