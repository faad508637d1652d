"""Work for threads that is not forgotten: who ends waits for what has begun."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Threads:
    """Runs what blocks, from coroutines of one event loop."""

    def __init__(self) -> None:
        self._begun: set[asyncio.Future[Any]] = set()

    async def __call__(self, work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:  # noqa: ANN401 - as asyncio.to_thread
        """As ``asyncio.to_thread``; what has begun ends even when nobody waits for it any more."""
        future = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
        self._begun.add(future)
        future.add_done_callback(self._begun.discard)
        return await asyncio.shield(future)

    async def ended(self) -> None:
        """Wait for all that has begun."""
        await asyncio.gather(*self._begun, return_exceptions=True)
