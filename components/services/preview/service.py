"""Preview as a service like the others: free, always there, and never to be mistaken for Wan."""

from __future__ import annotations

import asyncio
import errno
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from components.errors import DiskFull, TaskGone
from components.generation.capabilities import (
    COMMON_RULES,
    AudioLimits,
    Capabilities,
    DurationRange,
    Extra,
    ImageLimits,
    Limits,
    PromptLimits,
)
from components.services.base import Account, Created, Finished, Handed, Reading, Service, Working
from components.services.preview.child import Child, remove
from components.services.preview.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.services.base import Order

_REMEMBERED_S = 3600.0  # how long the end of a task is known
NOTHING_HANDED = Handed("")
"""The files stay where they are."""


@dataclass(frozen=True, slots=True)
class _Task:
    child: Child
    begun_at: float


class Preview(Service, Account):
    """Films rendered here, each by a process of its own. There are no keys, so it is its own only account.

    Args:
        clock: Monotonic seconds.
    """

    id: ClassVar[str] = "preview"
    name: ClassVar[str] = "Preview"
    capabilities: ClassVar[Capabilities] = Capabilities(
        prompt=PromptLimits(required=True, max=1500),
        image=ImageLimits(formats=("jpeg", "png", "webp", "bmp"), side=(360, 2000), bytes=10_000_000, alpha=False),
        audio=AudioLimits(formats=("mp3",), seconds=(3, 30), bytes=15_000_000, needs_public_url=False),
        duration=DurationRange(start=2, to=15),
        quality=("720p", "1080p"),
        sound=("auto", "own", "silent"),
        shot_type=("single", "multi"),
        fields={"seed": Extra(start=0, to=2_147_483_647)},
        rules=COMMON_RULES,
        paid=False,
        cancel="always",
        progress=True,
        limits=Limits(queue="preview"),
    )

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tasks: dict[str, _Task] = {}

    def account(self, key: str | None) -> Preview:  # noqa: ARG002 - the same for all
        """Itself."""
        return self

    async def hand_over(self, order: Order) -> Handed:  # noqa: ARG002 - as inherited
        """Nothing to do."""
        return NOTHING_HANDED

    async def create(self, order: Order, handed: Handed = NOTHING_HANDED) -> Created:  # noqa: ARG002 - as inherited
        """Start the process that renders the film; one that nobody waits for any more is stopped again."""
        self._forget_old()
        task_id = f"preview-{uuid4().hex}"
        starting = asyncio.ensure_future(asyncio.to_thread(self._start, order, task_id))
        try:
            child = await asyncio.shield(starting)
        except asyncio.CancelledError:
            child = await starting  # a thread cannot be called back
            await asyncio.to_thread(child.stop)
            raise
        self._tasks[task_id] = _Task(child, self._clock())
        return Created(task_id)

    def _start(self, order: Order, task_id: str) -> Child:
        folder = order.work_dir / task_id
        try:
            folder.mkdir()
            return Child(Spec.of(order, folder / "film.mp4"), self._clock)
        except OSError as failed:
            remove(folder)
            if failed.errno == errno.ENOSPC:
                raise DiskFull from failed
            raise

    async def read(self, task_id: str) -> Reading:
        """How the film stands; progress is frames written over frames.

        Raises:
            TaskGone: It was taken, or the program was started anew since.
        """
        task = self._tasks.get(task_id)
        if task is None:
            raise TaskGone
        return task.child.reading()

    async def cancel(self, task_id: str) -> bool:
        """Stop the process and its encoder; nothing is left of the film."""
        task = self._tasks.get(task_id)
        if task is not None:
            await asyncio.to_thread(task.child.stop)
        return task is not None

    async def take(self, film: Finished, to: Path) -> None:
        """Move the film into the file ``to``.

        Raises:
            TaskGone: It is not there any more.
        """
        source = Path(film.source)
        await asyncio.to_thread(_move, source, to)
        self._tasks.pop(source.parent.name, None)

    def pause_s(self, age_s: float, *, called_back: bool = False) -> float:  # noqa: ARG002 - as inherited
        """Quick at first, so that a short film shows its progress; seconds."""
        return 0.1 if age_s < 10 else 0.25  # noqa: PLR2004 - most films are done by then

    async def close(self) -> None:
        """Stop every film that is in the making."""
        tasks, self._tasks = self._tasks, {}
        await asyncio.gather(*(asyncio.to_thread(task.child.stop) for task in tasks.values()))

    def _forget_old(self) -> None:
        """Ends that nobody came back for."""
        now = self._clock()
        for task_id, task in list(self._tasks.items()):
            if now - task.begun_at > _REMEMBERED_S and not isinstance(task.child.reading(), Working):
                del self._tasks[task_id]


def _move(source: Path, to: Path) -> None:
    try:
        source.replace(to)
    except FileNotFoundError as gone:
        raise TaskGone from gone
    except OSError as other:
        if other.errno != errno.EXDEV:
            raise
        part = to.with_name(f"{to.name}.part")  # another disk: whole or not at all
        shutil.copyfile(source, part)
        part.replace(to)
    remove(source.parent)
