"""Logging: lines for people, or JSON objects for programs.

Tokens of subscriptions, which are part of the URLs of their pages, are removed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from logging import Formatter, LogRecord
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

from releases.web.request_ids import REQUEST_ID

LINE: Final = "%(levelname)s %(name)s: %(message)s"
FIELDS: Final = {"levelname": "level", "name": "logger", "message": "message"}
ACCESS: Final = {"m": "method", "U": "path", "s": "status", "B": "bytes", "D": "microseconds"}
"""Fields of gunicorn's access log by their letters. The query is in the message alone."""

TASK_LOGGERS: Final = ("django.tasks", "django_tasks", "django_tasks_db")
"""The loggers that report the start and end of each task at level INFO."""


_TOKEN = re.compile(r"""(/subscriptions/+(?:confirm/+)?)[^/\s?#"'\\]+""")


def without_tokens(value: Any) -> Any:
    """Remove tokens of subscriptions from a text, or from the texts in lists and dictionaries."""
    if isinstance(value, str):
        return _TOKEN.sub(r"\1...", value)
    if isinstance(value, dict):
        return {key: without_tokens(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_tokens(each) for each in value]
    return value


class LineFormatter(Formatter):
    """Format records as lines, without tokens."""

    def format(self, record: LogRecord) -> str:
        return str(without_tokens(super().format(record)))


class RequestFormatter(LineFormatter, JsonFormatter):
    """Format records as JSON without tokens, with request id and fields of the access log."""

    def __init__(self) -> None:
        super().__init__(list(FIELDS), rename_fields=FIELDS, timestamp="time")

    def add_fields(
        self, log_data: dict[str, Any], record: LogRecord, message_dict: dict[str, Any]
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        if request_id := REQUEST_ID.get():
            log_data["request_id"] = request_id
        if record.name == "gunicorn.access" and isinstance(record.args, Mapping):
            log_data |= {name: record.args[letter] for letter, name in ACCESS.items()}


def logging_config(*, form: str, level: str) -> dict[str, Any]:
    """Return the setting LOGGING.

    Args:
        form: "text" or "json".
        level: The lowest level that is logged.
    """
    json = form == "json"
    own = {"handlers": ["console"], "level": level.upper(), "propagate": False}
    loggers: dict[str, Any] = {
        "django": {"handlers": [], "level": level.upper()},
        "axes": {"level": "WARNING"},  # its messages on each login hold no names
        **{name: {"level": "WARNING"} for name in TASK_LOGGERS},
        # Anybody can send any Host. The response is a 400, which is in the access log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Django leaves it to the server to drop the body of a response to HEAD.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    }
    access = own if json else own | {"level": "INFO"}
    loggers["gunicorn.access"] = access | {"handlers": ["access"]}
    if json:
        loggers["gunicorn.error"] = own
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "config.logs.LineFormatter", "fmt": LINE},
            "access": {"()": "config.logs.LineFormatter", "fmt": "%(message)s"},
            "json": {"()": "config.logs.RequestFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if json else "line",
            },
            "access": {
                "class": "logging.StreamHandler",
                "formatter": "json" if json else "access",
                "stream": "ext://sys.stdout",
            },
        },
        "loggers": loggers,
        "root": {"handlers": ["console"], "level": level.upper()},
    }
