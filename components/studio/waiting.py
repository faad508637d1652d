"""How long is waited and for what: after refusals, between creates, between looks; and when a service was last asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.errors import StudioError
    from components.studio.pace import Tempo

LOOKS_PER_S = 50.0
"""Looks at tasks a second in the whole process; beyond that intervals stretch (DESIGN §5)."""
STRETCHED_S = 1.0
"""A look that waits longer than this for its turn is told."""


def step(waits: Sequence[float], attempt: int) -> float:
    """The wait after the first (1), second … attempt in a row; the last one repeats."""
    return waits[min(attempt, len(waits)) - 1]


def patience(error: StudioError, attempt: int, refused_for_s: float, tempo: Tempo) -> float | None:
    """Seconds until an order that was refused is sent again, or None: nobody waits any longer.

    Args:
        error: The refusal; ``retry_after`` is what the service asked for.
        attempt: The first (1), second … refusal in a row.
        refused_for_s: Seconds since the first of them.
        tempo: How patient.
    """
    told = error.retry_after
    if refused_for_s >= tempo.patience_s or (told is not None and told > tempo.told_s):
        return None
    return step(tempo.refused_s, attempt) if told is None else max(told, tempo.gap_s)  # "at once" again and again is a flood


class Pacer:
    """So many a second and no more; whoever comes gets the next free moment.

    Args:
        per_s: How many a second.
    """

    def __init__(self, per_s: float) -> None:
        self._gap_s = 1.0 / per_s
        self._next = float("-inf")
        self._lock = threading.Lock()

    def wait_s(self, now: float) -> float:
        """Take the next free moment: seconds from ``now`` (monotonic) until it comes."""
        with self._lock:
            at = max(now, self._next)
            self._next = at + self._gap_s
            return at - now


class Creates:
    """Orders a second, by service and account."""

    def __init__(self) -> None:
        self._pacers: dict[tuple[str, str | None], Pacer] = {}
        self._lock = threading.Lock()

    def wait_s(self, service: str, account: str | None, per_s: float | None, now: float) -> float:
        """Seconds until this account may order again; ``per_s`` None means that it may at any time."""
        if per_s is None:
            return 0.0
        with self._lock:
            pacer = self._pacers.setdefault((service, account), Pacer(per_s))
        return pacer.wait_s(now)


class Asked:
    """When the service of each job at work was last asked, in memory: a job that waits writes nothing."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._visitor: dict[str, str] = {}
        self._by_visitor: dict[str, dict[str, float]] = {}
        self._stretched: dict[str, float] = {}

    def at(self, job_id: str) -> float | None:
        """UTC seconds of the last answer, or None."""
        return self._at.get(job_id)

    def stretched_until(self, job_id: str) -> float | None:
        """UTC seconds until which its look has to wait for the looks at other jobs, or None."""
        return self._stretched.get(job_id)

    def of(self, visitor: str) -> dict[str, float]:
        """The same of all jobs of a visitor's that are at work."""
        return dict(self._by_visitor.get(visitor, {}))

    def answered(self, job_id: str, visitor: str, now: float) -> None:
        """The service has answered."""
        self._at[job_id] = now
        self._visitor[job_id] = visitor
        self._by_visitor.setdefault(visitor, {})[job_id] = now

    def stretch(self, job_id: str, until: float | None) -> None:
        """Its look waits for its turn until then; None: not any more."""
        if until is None:
            self._stretched.pop(job_id, None)
        else:
            self._stretched[job_id] = until

    def forget(self, job_id: str) -> None:
        """Nobody asks any more."""
        self._at.pop(job_id, None)
        self._stretched.pop(job_id, None)
        visitor = self._visitor.pop(job_id, None)
        if visitor is not None:
            jobs = self._by_visitor[visitor]
            jobs.pop(job_id)
            if not jobs:
                del self._by_visitor[visitor]
