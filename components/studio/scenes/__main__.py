"""The program that makes the examples, beside the app and out of its way: ``python -m components.studio.scenes MEDIA WORK``.

It ends by itself when all is made, when its standard input is closed (the app ended, however), or when something fails:
the next start tries again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from pathlib import Path

from components.errors import StudioError

POLITE = 15
"""How far behind everything else it stands in the queue for the processor (of 19)."""


class Wanted:
    """Whether the examples are still wanted: until the standard input is closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None = None
        threading.Thread(target=self._wait_for_the_end, daemon=True).start()

    def now_makes(self, making: asyncio.Future[None]) -> None:
        """From now on it is this that ends; before, there is nothing to be tidied up."""
        with self._lock:
            self._making = asyncio.get_running_loop(), making

    def _wait_for_the_end(self) -> None:
        # not sys.stdin: its lock would be held when the program ends
        while os.read(sys.stdin.fileno(), 1):
            pass
        with self._lock:
            if self._making is None:
                os._exit(0)
            loop, making = self._making
            loop.call_soon_threadsafe(making.cancel)


async def main(media_dir: Path, work_dir: Path, wanted: Wanted) -> None:
    """Make what is missing, until done or told to stop."""
    # imported here, when a wish to stop is already noticed: it takes long on a busy machine
    from components.media.ffmpeg import find_ffmpeg  # noqa: PLC0415 - as said
    from components.services.preview.service import Preview  # noqa: PLC0415 - as said
    from components.studio.objects import Objects  # noqa: PLC0415 - as said
    from components.studio.scenes.make import Maker  # noqa: PLC0415 - as said

    service = Preview()
    making = asyncio.ensure_future(Maker(Objects(media_dir, work_dir), find_ffmpeg(), service).make())
    wanted.now_makes(making)
    try:
        await making
    finally:
        await service.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    wanted = Wanted()
    if hasattr(os, "nice"):
        os.nice(POLITE)
    try:
        asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), wanted))
    except asyncio.CancelledError:
        sys.exit(0)
    except (StudioError, OSError) as error:
        logging.getLogger(__name__).warning("The examples are not complete (%s); the next start goes on with them.", error)
        sys.exit(1)
