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
from components.media.ffmpeg import find_ffmpeg
from components.services.preview.service import Preview
from components.studio.objects import Objects
from components.studio.scenes.make import Maker

POLITE = 15
"""How far behind everything else it stands in the queue for the processor (of 19)."""


async def main(media_dir: Path, work_dir: Path) -> None:
    """Make what is missing, until done or told to stop."""
    loop = asyncio.get_running_loop()
    service = Preview()
    making = asyncio.ensure_future(Maker(Objects(media_dir, work_dir), find_ffmpeg(), service).make())

    def wait_for_the_end() -> None:
        # not sys.stdin: its lock would be held when the program ends
        while os.read(sys.stdin.fileno(), 1):
            pass
        loop.call_soon_threadsafe(making.cancel)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    try:
        await making
    finally:
        await service.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    if hasattr(os, "nice"):
        os.nice(POLITE)
    try:
        asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
    except asyncio.CancelledError:
        sys.exit(0)
    except (StudioError, OSError) as error:
        logging.getLogger(__name__).warning("The examples are not complete (%s); the next start goes on with them.", error)
        sys.exit(1)
