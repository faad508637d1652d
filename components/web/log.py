"""Log lines: plain text for people, or one JSON object a line (``STUDIO_LOG=json``)."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from typing import TextIO

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_ADOPTED = ("uvicorn", "uvicorn.error", "uvicorn.access")


class JsonFormatter(logging.Formatter):
    """One object a line: ``time`` (UTC, ISO 8601), ``level``, ``logger``, ``message``, what ``extra`` gave, and ``trace``."""

    def format(self, record: logging.LogRecord) -> str:
        """Make the line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN_FIELDS and not name.startswith("_")}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def setup_log(kind: Literal["text", "json"], stream: TextIO | None = None) -> logging.Handler:
    """Send every log line to ``stream`` (default: stderr): ours from INFO on, other packages' from WARNING on.

    Returns:
        The handler, so that a test can take it away again.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if kind == "json" else logging.Formatter(_TEXT))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("components").setLevel(logging.INFO)
    return handler


def adopt_server_log() -> None:
    """The web server makes handlers of its own when it starts; its lines come to ours instead."""
    for name in _ADOPTED:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
