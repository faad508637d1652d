"""Who guesses secrets is counted by where they are, and shut out for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from components.errors import TooManyTries

if TYPE_CHECKING:
    from components.studio.clock import Clock

HOUR_S = 3600.0
TRIES = 5
"""Wrong tokens within an hour from one place."""
ALL_TRIES = 100
"""The same from everywhere: who has many addresses gains little, and nobody shuts the owner out with a few."""
KEY_TRIES = 10
"""The same of services' keys: whoever has found many must not learn here which of them work."""
ALL_KEY_TRIES = 200
REMEMBERED_PLACES = 10_000


class Tries:
    """Wrong tries within the last hour, in memory.

    Args:
        clock: The time of day.
        each: So many from one place.
        every: So many from everywhere.
    """

    def __init__(self, clock: Clock, *, each: int = TRIES, every: int = ALL_TRIES) -> None:
        self._clock = clock
        self._each = each
        self._every = every
        self._lock = threading.Lock()
        self._all: deque[float] = deque()
        self._by_place: OrderedDict[str, deque[float]] = OrderedDict()

    def count(self, place: str) -> None:
        """Count a try before it is looked at, so that many at once are not more than one after the other.

        Raises:
            TooManyTries: There were too many.
        """
        now = self._clock.now()
        with self._lock:
            here = self._by_place.setdefault(place, deque())
            self._by_place.move_to_end(place)
            if len(self._by_place) > REMEMBERED_PLACES:
                self._by_place.popitem(last=False)
            for tries, most in ((here, self._each), (self._all, self._every)):
                while tries and tries[0] <= now - HOUR_S:
                    tries.popleft()
                if len(tries) >= most:
                    raise TooManyTries(retry_after=tries[0] + HOUR_S - now, max=most)
            here.append(now)
            self._all.append(now)

    def forgive(self, place: str) -> None:
        """The last one was right: whoever is there knows what they are asked for."""
        self.take_back(place)
        with self._lock:
            self._by_place.pop(place, None)

    def take_back(self, place: str) -> None:
        """The last one was not wrong; those before it were."""
        with self._lock:
            for tries in (self._by_place.get(place), self._all):
                if tries:
                    tries.pop()
