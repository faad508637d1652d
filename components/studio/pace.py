"""How often things are looked at and how long is waited, in seconds; tests are faster."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tempo:
    """How patient the making of one film is.

    Args:
        progress_s: Least time between two notes of progress.
        backoff_s: After the first failure in a row; doubles.
        longest_backoff_s: The most.
        retry_s: After a refusal "too busy" that does not say when to come back.
    """

    progress_s: float = 0.5
    backoff_s: float = 1.0
    longest_backoff_s: float = 60.0
    retry_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the engine looks.

    Args:
        films_poll_s: For work in queues of what is bought.
        local_poll_s: For work in queues of what is rendered here: about how long a start may take.
        listener_s: For a reason to end.
        tempo: Of each film.
    """

    films_poll_s: float = 1.0
    local_poll_s: float = 0.3
    listener_s: float = 1.0
    tempo: Tempo = field(default_factory=Tempo)
