"""A rendering process seen from the program: started, listened to, stopped.

It runs in a process group of its own, so that stopping takes its ffmpeg along. Nothing here belongs to an event loop:
one thread listens to one process, and the rest blocks for milliseconds (callers use ``asyncio.to_thread``).
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from components.errors import DiskFull, PreviewDied, PreviewFailed
from components.media.ffmpeg import find_ffmpeg
from components.services.base import Cancelled, Failed, Finished, Reading, Working

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.services.preview.spec import Spec

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[3]
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONPATH")
_LEAVE_S = 0.08  # it stops by itself within so much; then it is killed
_STALLED_S = 60.0  # a frame takes 20 ms, the end of a long film a second
_SURE = 15  # frames after which the time left can be told


@dataclass(slots=True)
class _State:
    """What the listening thread knows, under its lock."""

    frames: int = 0
    started_at: float | None = None
    news_at: float = 0.0
    result: Reading | None = None
    stopped: bool = False
    said: dict[str, object] = field(default_factory=dict)


class Child:
    """One film in the making.

    Args:
        spec: What to render; the folder of its film is this child's own and goes when it fails or is stopped.
        clock: Monotonic seconds.
    """

    def __init__(self, spec: Spec, clock: Callable[[], float] = time.monotonic) -> None:
        self._spec = spec
        self._clock = clock
        self._lock = threading.Lock()
        self._state = _State(news_at=clock())
        environment = _environment()
        self._complaints = spec.film.with_name("preview.log").open("w+b")
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "components.services.preview.child_main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                cwd=_ROOT,
                env=environment,
                start_new_session=True,
            )
        except OSError:
            self._complaints.close()
            raise
        self._thread = threading.Thread(target=self._listen, name="preview", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The rendering process, which leads its group."""
        return self._process.pid

    def reading(self) -> Reading:
        """How it stands."""
        with self._lock:
            state = self._state
            if state.result is not None:
                return state.result
            now, total = self._clock(), self._spec.frames
            if now - state.news_at > _STALLED_S:
                state.result = Failed(PreviewFailed(reason="stalled"))
                self._kill()
                return state.result
            eta = None
            if state.started_at is not None and state.frames >= _SURE:
                eta = (now - state.started_at) / state.frames * (total - state.frames)
            return Working(progress=min(99, 100 * state.frames // total), eta_s=eta)

    def stop(self) -> None:
        """End it now, with its ffmpeg and its files; a finished film stays."""
        with self._lock:
            self._state.stopped = True
        self._hang_up()
        self._thread.join(_LEAVE_S)
        if self._thread.is_alive():
            self._kill()
            self._thread.join()

    def _listen(self) -> None:
        """The thread: send the spec, follow the news, settle the result."""
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise ValueError("started with pipes")
        try:
            process.stdin.write(self._spec.to_json().encode() + b"\n")
            process.stdin.flush()
        except (BrokenPipeError, ValueError):
            log.debug("preview %s ended before it began", process.pid)  # its exit code tells the rest
        for line in process.stdout:
            self._hear(line)
        code = process.wait()
        if code != 0:
            self._kill()  # what is left of its group
        self._hang_up()
        process.stdout.close()
        self._settle(code)

    def _hear(self, line: bytes) -> None:
        try:
            news = json.loads(line)
        except ValueError:
            return  # the last line of a process that was killed while it wrote
        now = self._clock()
        with self._lock:
            state = self._state
            state.news_at = now
            if "frame" in news:
                state.frames = int(news["frame"])
                state.started_at = now if state.started_at is None else state.started_at
            else:
                state.said = news

    def _settle(self, code: int) -> None:
        with self._complaints as complaints:
            complaints.seek(0)
            said = complaints.read().decode("utf-8", "replace").strip()
        film = self._spec.film
        with self._lock:
            state = self._state
            if code == 0 and state.said.get("done"):
                state.result = Finished(str(film))
                return
            if not state.stopped:
                log.warning("preview %s ended with %s: %s %s", self.pid, code, state.said, said[-1000:])
        remove(film.parent)
        with self._lock:
            state.result = state.result or (Cancelled() if state.stopped else Failed(_error(state.said)))

    def _hang_up(self) -> None:
        """Close its standard input: it takes that as the end."""
        if self._process.stdin is not None:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                return  # it is gone already

    def _kill(self) -> None:
        """Everything in its group, at once."""
        try:
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # nobody left


def remove(folder: Path) -> None:
    """Remove a folder and all in it; what cannot go is logged and left to the sweep."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError:
        log.warning("cannot remove %s", folder, exc_info=True)


def _error(said: dict[str, object]) -> PreviewDied | PreviewFailed | DiskFull:
    """The error of a process that ended without a film: what it said, or that it died without a word."""
    failed = said.get("failed")
    if not isinstance(failed, dict):
        return PreviewDied()
    if failed.get("reason") == "disk":
        return DiskFull()
    return PreviewFailed(field=failed.get("field"), reason=str(failed.get("reason")))


def _environment() -> dict[str, str]:
    """What the child needs, and none of the program's keys."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    told = {"IMAGEIO_FFMPEG_EXE": str(find_ffmpeg().exe), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # NumPy needs no threads of its own here; each would take address space from the limit
    return {**kept, **told, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
