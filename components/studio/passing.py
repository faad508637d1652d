"""A film that is finished at its service and not saved here yet, handed on to its visitor as it comes."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, OrderedDict
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.errors import DownloadBroken, NotFound, ResultExpired, StudioError, TaskGone, Unavailable
from components.generation.job import JobState
from components.services.base import Finished
from components.studio.views import film_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from components.services.base import Account, Passage
    from components.studio.clock import Clock
    from components.studio.library import Library
    from components.studio.paying import Accounts
    from components.studio.tables import JobRow

AT_ONCE = 4
"""Films that one visitor has handed on at the same time; a browser that seeks opens a second line before it closes the first."""
ALL_AT_ONCE = 32
SOON_S = 2.0
LINK_S = 60.0
"""So long what a service has said of a finished film is not asked for again: a player asks for many parts."""
TROUBLE_S = 10.0
"""The same of trouble, as with every look that a person asks for."""
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Handed:
    """The film as it comes; ``name`` is what a download is called."""

    passage: Passage
    name: str


@dataclass(frozen=True, slots=True)
class Here:
    """It is saved by now: the path under which it lies here."""

    url: str


class Passing:
    """Hands films on. Neither the service's address of a film nor its key ever leaves: only bytes do.

    Args:
        library: Whose films they are.
        accounts: The keys that pay for them.
        clock: The time of day.
    """

    def __init__(self, library: Library, accounts: Accounts, clock: Clock) -> None:
        self._library = library
        self._accounts = accounts
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Finished | StudioError]] = OrderedDict()
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    @asynccontextmanager
    async def open(self, visitor: str, job_id: str, part: str | None = None) -> AsyncIterator[Handed | Here]:
        """The film, from its service or, once it is saved, from here.

        Args:
            visitor: Who asks.
            job_id: Which film.
            part: A ``Range`` of one part, or None for the whole.

        Raises:
            NotFound: There is no such film, or it is neither finished nor saved.
            Unavailable: Too many are handed on at the same time.
            StudioError: The service could not be asked, or the film does not come.
        """
        row = await asyncio.to_thread(self._library.row, visitor, job_id)
        if row.state == JobState.COMPLETED:
            saved = (await asyncio.to_thread(self._library.job, visitor, job_id)).video
            if saved is None:
                raise NotFound(field="job")
            yield Here(saved.url)
            return
        if row.state != JobState.SAVING or row.task_id is None:
            raise NotFound(field="job")
        with self._turn(visitor):
            account = await asyncio.to_thread(self._accounts.of, row)
            async with AsyncExitStack() as stack:
                yield Handed(await self._begun(stack, row, account, part), film_name(row, "mp4"))

    async def _begun(self, stack: AsyncExitStack, row: JobRow, account: Account, part: str | None) -> Passage:
        """The film on its way; a link that has died is read anew, once."""
        film, fresh = await self._film(row, account)
        try:
            return await stack.enter_async_context(account.passing(film, part))
        except DownloadBroken as broken:
            if fresh or broken.params.get("reason") != "link":
                raise
        with self._lock:
            self._known.pop(row.id, None)
        film, _ = await self._film(row, account)
        return await stack.enter_async_context(account.passing(film, part))

    async def _film(self, row: JobRow, account: Account) -> tuple[Finished, bool]:
        """What the service says of the film, and whether it was asked just now."""
        with self._lock:
            until, known = self._known.get(row.id, (0.0, None))
        fresh = known is None or until <= self._clock.now()
        if fresh or known is None:
            known = await _read(row, account)
            lasts = LINK_S if isinstance(known, Finished) else TROUBLE_S
            with self._lock:
                self._known[row.id] = self._clock.now() + lasts, known
                self._known.move_to_end(row.id)
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        if isinstance(known, StudioError):
            raise known.with_traceback(None)
        return known, fresh

    @contextmanager
    def _turn(self, visitor: str) -> Iterator[None]:
        with self._lock:
            if self._open[visitor] >= AT_ONCE or self._open.total() >= ALL_AT_ONCE:
                raise Unavailable(retry_after=SOON_S)
            self._open[visitor] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= Counter({visitor: 1})


async def _read(row: JobRow, account: Account) -> Finished | StudioError:
    try:
        reading = await account.read(row.task_id or "")
    except TaskGone:
        return ResultExpired(service=row.service)
    except StudioError as error:
        return error
    # it was finished: what goes backwards is not believed, but there is no address in it
    return reading if isinstance(reading, Finished) else DownloadBroken(service=row.service, reason="link")
