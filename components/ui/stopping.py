"""Ctrl+C and SIGTERM: noticed from the very start on, obeyed in order."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_ASKS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Remembers that the program was asked to stop; a second asking ends it at once.

    Made in the main thread before anything is started: whoever asks during the start is obeyed when that is done.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        for number in _ASKS:
            signal.signal(number, self._note)

    def wait(self) -> None:
        """Return when the program was asked to stop."""
        while not self._asked.wait(1.0):  # a wait without an end cannot be interrupted on Windows
            pass

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        for number in _ASKS:
            signal.signal(number, signal.SIG_DFL)
        self._asked.set()
