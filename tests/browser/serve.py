"""The real program with a second service beside the Preview, for the browser tests: ``python -m tests.browser.serve``.

Two files in the data folder tell the second service what to do: while ``hold`` lies there its films stay at work at 62 %,
and ``refuse`` makes its next film fail.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from app import build
from components.errors import PreviewFailed
from components.generation.job import Stage
from components.services.base import Failed, Working
from components.services.registry import Services, build_services
from components.settings import Settings
from components.ui.stopping import Stopping
from tests.doubles.local import Local

if TYPE_CHECKING:
    from pathlib import Path

    from components.services.base import Reading

HELD = Working(Stage.MAKING, 62, eta_s=50)


class Told(Local):
    """The double, told by files."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._hold = folder / "hold"
        self._refuse = folder / "refuse"

    async def read(self, task_id: str) -> Reading:
        if await asyncio.to_thread(self._hold.exists):
            return HELD
        if await asyncio.to_thread(self._refuse.exists):
            await asyncio.to_thread(self._refuse.unlink)
            return Failed(PreviewFailed())
        return await super().read(task_id)


def main() -> int:
    """Serve until asked to stop."""
    stopping = Stopping()
    settings = Settings(_env_file=None)
    services = Services(*build_services(settings).values(), Told(settings.data_dir), default=settings.service)
    with build(settings, services).run():
        stopping.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
