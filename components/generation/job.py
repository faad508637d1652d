"""The life of a job: its states, the arrows between them, and what the world sees of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class JobState(StrEnum):
    """API.md §4."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    PENDING = "pending"
    PROCESSING = "processing"
    SAVING = "saving"
    UNCONFIRMED = "unconfirmed"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


S = JobState

ARROWS: Mapping[JobState, frozenset[JobState]] = {
    S.QUEUED: frozenset({S.SUBMITTING, S.CANCELLED, S.FAILED}),
    S.SUBMITTING: frozenset({S.QUEUED, S.PENDING, S.UNCONFIRMED, S.FAILED}),
    S.PENDING: frozenset({S.PROCESSING, S.SAVING, S.FAILED, S.CANCELLED}),
    S.PROCESSING: frozenset({S.SAVING, S.FAILED, S.CANCELLED}),
    S.SAVING: frozenset({S.COMPLETED, S.PROCESSING, S.FAILED}),
    S.UNCONFIRMED: frozenset({S.PENDING, S.FAILED}),
    S.COMPLETED: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
}

FINAL = frozenset({S.COMPLETED, S.FAILED, S.CANCELLED})
AT_WORK = frozenset({S.QUEUED, S.SUBMITTING, S.PENDING, S.PROCESSING, S.SAVING})


def may_move(old: JobState, new: JobState) -> bool:
    """Whether the table of API.md §4 has this arrow."""
    return new in ARROWS[old]


class Stage(StrEnum):
    """What a job at work is doing, as a code; worded for people at the edge ("Saving your film")."""

    WAITING = "waiting"
    SENDING = "sending"
    IN_LINE = "in_line"
    MAKING = "making"
    SAVING = "saving"
    DONE = "done"
