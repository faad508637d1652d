"""A second service for tests: local, free, with other limits than the Preview, and a tiny real mp4 within moments."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.errors import PreviewFailed, TaskGone
from components.generation.capabilities import COMMON_RULES, Capabilities, DurationChoice, ImageLimits, Limits, PromptLimits
from components.generation.job import Stage
from components.media.ffmpeg import Ffmpeg, FfmpegFailed, find_ffmpeg
from components.services.base import Account, Cancelled, Created, Failed, Finished, Handed, Order, Reading, Service, Working

if TYPE_CHECKING:
    from pathlib import Path

    from components.errors import StudioError
    from components.generation.request import Request


@dataclass(slots=True)
class Task:
    """One film of the double; ``cancelled`` and ``error`` end it, ``film`` is there once it is rendered."""

    order: Order
    looks: int = 0
    cancelled: bool = False
    error: StudioError | None = None
    film: Path | None = None
    rendering: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Script:
    """How the double behaves; tests change it while it runs.

    Args:
        held: Films stay at work as long as this is true.
        refusals: Errors that the next ``create`` calls raise, one each.
        progress_step: What each look adds, in percent.
    """

    held: bool = False
    refusals: list[StudioError] = field(default_factory=list)
    progress_step: int = 25


NOTHING_HANDED = Handed("")


class Local(Service, Account):
    """Takes 5, 10 or 15 seconds, pictures of 240 to 8000 px, no seed, no sound of one's own."""

    id = "local"
    name = "Local"
    capabilities = Capabilities(
        prompt=PromptLimits(required=False, max=200),
        image=ImageLimits(formats=("jpeg", "png"), side=(240, 8000), bytes=5_000_000, alpha=True),
        audio=None,
        duration=DurationChoice(one_of=(5, 10, 15)),
        quality=("720p",),
        sound=("auto", "silent"),
        shot_type=("single", "multi"),
        fields={},
        rules=COMMON_RULES,
        paid=False,
        cancel="always",
        progress=True,
        limits=Limits(queue="local"),
    )

    def __init__(self, script: Script | None = None, ffmpeg: Ffmpeg | None = None) -> None:
        self.script = script or Script()
        self.tasks: dict[str, Task] = {}
        self.created: list[str] = []
        self._ffmpeg = ffmpeg or find_ffmpeg()

    def account(self, key: str | None) -> Local:  # noqa: ARG002 - there are no keys
        return self

    async def hand_over(self, order: Order) -> Handed:  # noqa: ARG002 - as inherited
        return NOTHING_HANDED

    async def create(self, order: Order, handed: Handed = NOTHING_HANDED) -> Created:  # noqa: ARG002 - as inherited
        if self.script.refusals:
            raise self.script.refusals.pop(0)
        self.created.append(order.job_id)
        task_id = f"local-{len(self.created)}"
        task = self.tasks[task_id] = Task(order)
        task.rendering = asyncio.create_task(self._render(task))
        return Created(task_id)

    async def read(self, task_id: str) -> Reading:
        task = self.tasks.get(task_id)
        if task is None:
            raise TaskGone
        if task.cancelled:
            return Cancelled()
        if task.error is not None:
            return Failed(task.error)
        if task.film is not None and not self.script.held:
            return Finished(str(task.film))
        task.looks += 1
        return Working(Stage.MAKING, min(99, task.looks * self.script.progress_step), eta_s=1.0)

    async def cancel(self, task_id: str) -> bool:
        task = self.tasks.get(task_id)
        if task is not None:
            task.cancelled = True
        return task is not None

    async def take(self, film: Finished, to: Path) -> None:
        await asyncio.to_thread(shutil.copyfile, film.source, to)

    def pause_s(self, age_s: float, *, called_back: bool = False) -> float:  # noqa: ARG002 - as inherited
        return 0.02

    async def close(self) -> None:
        renderings = [task.rendering for task in self.tasks.values() if task.rendering is not None]
        for rendering in renderings:
            rendering.cancel()
        await asyncio.gather(*renderings, return_exceptions=True)

    async def _render(self, task: Task) -> None:
        film = task.order.work_dir / "local.mp4"
        try:
            await asyncio.to_thread(self._ffmpeg.run, film_arguments(film, task.order.request))
        except FfmpegFailed:
            task.error = PreviewFailed()
        else:
            task.film = film


def film_arguments(film: Path, request: Request) -> list[str]:
    """Arguments of ffmpeg for a small film of the right length, 64 x 36 px, 4 frames a second."""
    size = f"color=c=teal:s=64x36:r=4:d={request.duration}"
    silence = ["-f", "lavfi", "-t", str(request.duration), "-i", "anullsrc=r=8000:cl=mono", "-c:a", "aac"]
    sound = [] if request.sound == "silent" else silence
    picture = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    return ["-f", "lavfi", "-i", size, *sound, *picture, "-f", "mp4", "-y", str(film)]
