"""The arrows between a job's states."""

from __future__ import annotations

import pytest

from components.generation.job import ARROWS, FINAL, JobState, may_move


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_leaves_a_final_state(state: JobState) -> None:
    assert not ARROWS[state]


def test_every_state_has_its_row() -> None:
    assert set(ARROWS) == set(JobState)


def test_every_state_can_reach_an_end() -> None:
    def reach(state: JobState, seen: frozenset[JobState]) -> bool:
        return state in FINAL or any(reach(n, seen | {state}) for n in ARROWS[state] if n not in seen)

    assert all(reach(state, frozenset()) for state in JobState)


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        (JobState.QUEUED, JobState.SUBMITTING, True),
        (JobState.QUEUED, JobState.PENDING, False),
        (JobState.PROCESSING, JobState.PENDING, False),
        (JobState.SAVING, JobState.PROCESSING, True),
        (JobState.UNCONFIRMED, JobState.QUEUED, False),
        (JobState.COMPLETED, JobState.FAILED, False),
    ],
)
def test_only_the_documented_arrows_exist(old: JobState, new: JobState, allowed: bool) -> None:
    assert may_move(old, new) is allowed
