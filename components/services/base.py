"""What every seller of the model is to the rest of the program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from components.generation.job import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from components.errors import StudioError
    from components.generation.capabilities import Capabilities
    from components.generation.prices import Quote
    from components.generation.request import Request


@dataclass(frozen=True, slots=True)
class Order:
    """One film to be made, with its files at hand.

    Args:
        job_id: Our name for it.
        request: What was asked for, already judged fit for this service.
        image: The first frame as it may leave the house (stripped, plain RGB).
        image_size: (width, height) in px.
        audio: The piece of sound that the film hears, from its start, or None.
        work_dir: An existing folder of this job's own; whatever is left in it is swept.
    """

    job_id: str
    request: Request
    image: Path
    image_size: tuple[int, int]
    audio: Path | None
    work_dir: Path


@dataclass(frozen=True, slots=True)
class Working:
    """Still at it. ``progress`` 0–100 or None; ``eta_s`` seconds left or None."""

    stage: Stage = Stage.MAKING
    progress: int | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The film is there; ``source`` is what ``take`` needs to bring it here (a path or an address)."""

    source: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It will not come; the error says why and whether it was charged."""

    error: StudioError


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The service stopped it."""


Reading = Working | Finished | Failed | Cancelled


class Service(ABC):
    """A seller of the model, or the Preview.

    A coroutine of a service runs on the workflows' event loop and never blocks it.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    @abstractmethod
    def quote(self, request: Request) -> Quote | None:
        """What this request costs at most, or None where nobody knows."""

    @abstractmethod
    async def create(self, order: Order) -> str:
        """Start the film and return the service's task id.

        Raises:
            StudioError: It was refused, or surely never arrived.
        """

    @abstractmethod
    async def read(self, task_id: str) -> Reading:
        """How the task stands.

        Raises:
            TaskGone: The service does not know the task (a Preview whose program was started anew).
        """

    @abstractmethod
    async def cancel(self, task_id: str) -> None:
        """Stop the task; unknown or finished tasks are no error."""

    @abstractmethod
    async def take(self, film: Finished, to: Path) -> None:
        """Bring the finished film into the file ``to``, whole or not at all."""

    @abstractmethod
    def pause_s(self, age_s: float) -> float:
        """Seconds until the next look at a task that is ``age_s`` seconds old."""

    @abstractmethod
    async def close(self) -> None:
        """Stop whatever is running and free what is held."""
