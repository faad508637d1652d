"""How often things are looked at and how long is waited, in seconds; tests are faster."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tempo:
    """How patient the making of one film is. API.md §4, DESIGN §5.

    Args:
        progress_s: Least time between two notes of progress.
        backoff_s: After the first failure in a row; doubles.
        longest_backoff_s: The most.
        retry_s: After a refusal "too busy" of a free service that does not say when to come back.
        refused_s: After the first, second … refusal of a seller that does not say when to come back; the last one repeats.
        told_s: The longest wish of a seller that is obeyed.
        patience_s: Since the first refusal in a row; then the job has failed.
        unheard_s: After the first, second … look in a row that brought no news.
        gone_s: How long a service has to say "no such task" of a task until it is believed.
        gap_s: Least time between two looks at one task, however often somebody asks for one.
        unsaved_s: After the first, second … attempt to bring a film here that failed.
        quiet_s: How long such attempts are made before the card speaks of them.
    """

    progress_s: float = 0.5
    backoff_s: float = 1.0
    longest_backoff_s: float = 60.0
    retry_s: float = 5.0
    refused_s: tuple[float, ...] = (5.0, 10.0, 20.0, 40.0, 60.0)
    told_s: float = 120.0
    patience_s: float = 900.0
    unheard_s: tuple[float, ...] = (5.0, 10.0, 20.0, 40.0, 60.0)
    gone_s: float = 300.0
    gap_s: float = 1.0
    unsaved_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
    quiet_s: float = 30.0


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
