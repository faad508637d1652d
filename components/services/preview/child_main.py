"""The rendering process: reads one spec from its standard input, says how far it is, leaves a film.

Each line on its standard output is JSON: ``{"frame": 12}``, at the end ``{"done": true}`` or ``{"failed": {…}}``.
Its standard input stays open as long as it is wanted: when it ends (the program asked for it to stop, or was killed
itself, even by ``kill -9``), this process and its ffmpeg end too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from components.errors import FfmpegMissing, PreviewFailed
from components.media.ffmpeg import find_ffmpeg, limit_memory
from components.services.preview.render import render
from components.services.preview.spec import Spec

if TYPE_CHECKING:
    from types import FrameType

_MEMORY_BYTES = 3 * 1024**3  # address space; 1080p needs about 0.3 GiB of real memory
_NICE = 5  # the page comes first
_NEWS_S = 0.1
_GRACE_S = 1.0
_STOPPED = 75


def main() -> int:
    """Render the one film; the exit code is 0 when it is there."""
    line = sys.stdin.readline()
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_watch, daemon=True).start()
    limit_memory(os.getpid(), _MEMORY_BYTES)
    if sys.platform != "win32":
        os.nice(_NICE)
    news = _News()
    try:
        render(Spec.from_json(line), find_ffmpeg(), news.progress)
    except PreviewFailed as failed:
        _say({"failed": {"field": failed.field, **failed.params}})
        return 1
    except FfmpegMissing:
        _say({"failed": {"reason": "encoder"}})
        return 1
    _say({"done": True})
    return 0


class _News:
    """Says how far it is, ten times a second at most."""

    def __init__(self) -> None:
        self._said_at = float("-inf")

    def progress(self, frames: int) -> None:
        now = time.monotonic()
        if now - self._said_at >= _NEWS_S:
            self._said_at = now
            _say({"frame": frames})


def _say(news: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Leave through every ``finally``: the encoder is killed and waited for there."""
    raise SystemExit(_STOPPED)


def _watch() -> None:
    """When nobody holds the other end of the standard input any more: stop, and if that hangs, die."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(_STOPPED)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # all is written: taking the interpreter down beside a thread that still reads would only take time
