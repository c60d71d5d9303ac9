"""What is logged, and how: lines for people, or JSON objects for programs."""

from __future__ import annotations

from collections.abc import Mapping
from logging import LogRecord
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

from releases.web.request_ids import REQUEST_ID

LINE: Final = "%(levelname)s %(name)s: %(message)s"
FIELDS: Final = {"levelname": "level", "name": "logger", "message": "message"}
ACCESS: Final = {"m": "method", "U": "path", "s": "status", "B": "bytes", "D": "microseconds"}
"""Of what gunicorn's access log knows, by its letters; the query stays in the message."""


class RequestFormatter(JsonFormatter):
    """JSON with the request's id, and of an access log's line its parts."""

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
    """The setting LOGGING; `form` is text or json, `level` the least that is said."""
    json = form == "json"
    own = {"handlers": ["console"], "level": level.upper(), "propagate": False}
    loggers: dict[str, Any] = {
        "django": {"handlers": [], "level": level.upper()},
        "axes": {"level": "WARNING"},  # without the names, what it says of each login is nothing
        # Anybody can send any Host; it is answered with 400, which is in the access log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # Django leaves it to the server to drop the body of an answer to HEAD.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    }
    if json:
        loggers |= {"gunicorn.access": own | {"handlers": ["access"]}, "gunicorn.error": own}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": LINE}, "json": {"()": "config.logs.RequestFormatter"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if json else "line",
            },
            "access": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stdout",
            },
        },
        "loggers": loggers,
        "root": {"handlers": ["console"], "level": level.upper()},
    }
