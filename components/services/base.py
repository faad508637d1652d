"""What every seller of the model is to the rest of the program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - part of public dataclasses
from typing import TYPE_CHECKING, ClassVar

from components.errors import Charged, DownloadBroken
from components.generation.job import Stage
from components.generation.prices import FREE, quote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from components.errors import StudioError
    from components.generation.capabilities import Capabilities
    from components.generation.prices import PriceRow, Quote
    from components.generation.request import Request


@dataclass(frozen=True, slots=True)
class Order:
    """One film to be made, with its files at hand.

    Args:
        job_id: Our name for it; also sent as an idempotency key or request id where the service takes one.
        request: What was asked for, already judged fit for this service.
        image: The first frame as it may leave the house (stripped, plain RGB).
        image_size: (width, height) in px.
        audio: The piece of sound that the film hears, from its start, or None.
        work_dir: An existing folder of this job's own; whatever is left in it is swept.
        image_url: A public https link to the picture, or None.
        audio_url: A public https link to the sound, or None.
        callback_url: A public https address for the service's callback, or None.
        sha256: Hash of the picture, so that it need not be handed over twice.
        known: What an earlier ``hand_over`` of the same picture with the same key gave, if its copy still lives
            (``expires_at``); then only the sound is handed over.
    """

    job_id: str
    request: Request
    image: Path
    image_size: tuple[int, int]
    audio: Path | None
    work_dir: Path
    image_url: str | None = None
    audio_url: str | None = None
    callback_url: str | None = None
    sha256: str = ""
    known: Handed | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """The files under the names by which the service knows them.

    Worth remembering only where there is an ``expires_at``: else the picture itself is in ``image`` (a data URI).

    Args:
        image: Address or data URI for the request.
        audio: Address for the request, or None.
        remote_id: The service's name for its copy of the picture, where it can be deleted.
        expires_at: UTC seconds at which that copy goes by itself, or None.
    """

    image: str
    audio: str | None = None
    remote_id: str | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What the service says it took: in USD where it says so or the rate is documented, and in its own unit."""

    usd: Decimal | None
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Created:
    """The service has the task; ``reserved`` is what it set aside, where it says so."""

    task_id: str
    reserved: Cost | None = None


@dataclass(frozen=True, slots=True)
class Working:
    """Still at it. ``progress`` 0–100 or None; ``eta_s`` seconds left or None."""

    stage: Stage = Stage.MAKING
    progress: int | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The film is there; ``source`` is what ``take`` needs to bring it here (a path or an address).

    ``seconds`` is the film's length as billed, ``expires_at`` UTC seconds at which the address dies.
    """

    source: str
    cost: Cost | None = None
    seconds: float | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """It will not come; the error says why and whether it was charged."""

    error: StudioError


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The service stopped it; ``charged`` as far as it says."""

    charged: Charged = Charged.NO


Reading = Working | Finished | Failed | Cancelled


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that the service lists and that may be an ``unconfirmed`` job's; ``created_at`` in UTC seconds."""

    task_id: str
    created_at: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on an account; ``unlimited`` keys have no figure."""

    usd: Decimal | None
    amount: Decimal | None
    unit: str
    unlimited: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A file that lies elsewhere, as it comes in.

    Args:
        status: 200 (the whole), 206 (a part of it) or 416 (it has no such part), as in HTTP.
        content_range: The header of a 206 or 416, put together here.
        length: Bytes that come, or None where nobody knows.
        pieces: What comes.
        parts: Whether other parts of it can be asked for.
    """

    status: int
    content_range: str | None
    length: int | None
    pieces: AsyncIterator[bytes]
    parts: bool = True


class Account(ABC):
    """A service as the holder of one key sees it. Its coroutines belong to one event loop and never block it."""

    @abstractmethod
    async def hand_over(self, order: Order) -> Handed:
        """Give the service the files, before anything is promised. Costs nothing.

        Raises:
            StudioError: It was refused or could not be reached; surely not charged.
        """

    @abstractmethod
    async def create(self, order: Order, handed: Handed) -> Created:
        """Order the film, once.

        Raises:
            RateLimited, ServiceUnreachable: Refused or surely never arrived; the only ones after which the same order may
                be sent again (``retryable``).
            Doubtful: The outcome is unknown (``charged`` maybe); nobody may send it again.
            StudioError: Refused in words (``charged`` no).
        """

    @abstractmethod
    async def read(self, task_id: str) -> Reading:
        """How the task stands.

        Raises:
            TaskGone: The service does not know the task: not yet (right after ``create``), or, after ``forgets_after_s``, not any more.
            StudioError: It could not be asked now: no news about the task, whatever the error is. Only ``retryable`` ones
                (``retry_after``) may pass by themselves; a refused key needs a person, and still fails no job.
        """

    @abstractmethod
    async def cancel(self, task_id: str) -> bool:
        """Ask for an end; False where the service has no way or it is too late. Unknown or finished tasks are no error."""

    @abstractmethod
    async def take(self, film: Finished, to: Path) -> None:
        """Bring the finished film into the file ``to``, whole or not at all."""

    @asynccontextmanager
    async def passing(self, film: Finished, part: str | None = None) -> AsyncIterator[Passage]:
        """The finished film as it comes, kept nowhere; what is made here is never far away.

        Args:
            film: Which.
            part: A ``Range`` of one part (``bytes=0-99``), or None for the whole.

        Raises:
            DownloadBroken: It does not come; ``reason`` as in ``Downloads``.
        """
        del film, part
        raise DownloadBroken(reason="link")
        yield  # makes it one that can be entered

    @abstractmethod
    def pause_s(self, age_s: float, *, called_back: bool = False) -> float:
        """Seconds until the next look at a task that is ``age_s`` seconds old."""

    async def forget(self, remote_id: str) -> None:  # noqa: B027 - most services keep no copy that could be deleted
        """Delete the service's copy of a picture; one that is gone is no error."""

    async def candidates(self, since: float) -> tuple[Candidate, ...]:
        """Tasks begun after ``since`` (UTC seconds), newest first; empty where the service lists none."""
        del since
        return ()

    async def balance(self) -> Balance | None:
        """What is left, or None where the service does not say."""
        return None

    async def check(self) -> bool | None:
        """Try the key by a free call: whether it works, or None where there is no free call."""
        return None


class Service(ABC):
    """A seller of the model, or the Preview."""

    id: ClassVar[str]
    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    key_url: str | None = None
    """Where a key is made."""
    keeps: ClassVar[str | None] = None
    """Code of the sentence that says where a picture goes and how long it stays there (assets/texts, ``keeps``)."""
    forgets_after_s: ClassVar[float] = 86_400.0
    """Seconds after which the service no longer knows a task."""
    gone_is_sure: ClassVar[bool] = True
    """Whether "no such task" is the end before ``forgets_after_s`` too, once it has been said for minutes."""
    calls_back: ClassVar[bool] = False
    """Whether it calls ``Order.callback_url`` when a task has an end."""
    prices: tuple[PriceRow, ...] = ()
    """Its list prices, from the price list; where no row fits, nobody knows."""

    @abstractmethod
    def account(self, key: str | None) -> Account:
        """The service seen with this key (None for a service that needs none)."""

    def quote(self, request: Request) -> Quote | None:
        """What this request costs at most by the list, or None where nobody knows."""
        return quote(request, self.prices) if self.capabilities.paid else FREE

    async def live_prices(self) -> tuple[PriceRow, ...]:
        """Prices as the service publishes them now, without a key; empty where it does not."""
        return ()

    @abstractmethod
    async def close(self) -> None:
        """Stop whatever is running and free what is held."""
