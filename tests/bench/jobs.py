"""What the gallery's polls cost in the studio, and how quickly jobs start and stop; ratios within one run."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from components.generation.job import JobState
from components.services.preview.service import Preview
from components.services.registry import Services
from components.studio.studio import Studio
from tests.doubles.local import Local
from tests.workshop import QUICK, finished, picture, request, settings, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.services.base import Service

VISITOR = "visitor-of-bench"
CARDS = 500
POLLERS = 50
POLL_S = 2.0
WATCHED_S = 10.0
MS = 1000.0


def run() -> None:
    """Print all figures of the jobs."""
    with tempfile.TemporaryDirectory() as folder:
        _polls(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        _starts(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        _cancel(Path(folder))


def _started(folder: Path, service: Service, *, quick: bool) -> Studio:
    made = Studio(settings(folder, visitor_active_jobs=CARDS + 1), Services(service), pace=QUICK if quick else None)
    made.start(examples=False)
    return made


def _polls(folder: Path) -> None:
    """A tick with no news beside 500 cards, against one that has to read a single changed card, and against all."""
    made = _started(folder, Local(), quick=False)
    try:
        image = picture(made, VISITOR)
        for number in range(CARDS):
            job = made.submit(VISITOR, request(image, f"token-{number}")).job
            made.cancel(VISITOR, job.id)
        newest = made.revision(VISITOR)
        tick = _cpu(lambda: made.revision(VISITOR), 10_000)
        one = _cpu(lambda: made.changes(VISITOR, newest - 1, 100), 100)
        everything = _cpu(lambda: made.changes(VISITOR, 0, CARDS), 3)
        print(f"tick without news, {CARDS} cards: {tick * MS:.4f} ms CPU; one card {one * MS:.2f} ms, all {everything * MS:.1f} ms")
        idle = _watched(lambda: None)
        polled = _watched(lambda: made.revision(VISITOR))
        above = (polled - idle) * MS
        print(
            f"{POLLERS} pollers every {POLL_S:g} s, no news: {above:.2f} ms/s above idle ({idle * MS:.1f} ms/s, ratio {polled / idle:.2f})"
        )
    finally:
        made.stop()


def _starts(folder: Path) -> None:
    """From the order to the first look at the film, against the interval at which the queue is looked at."""
    made = _started(folder, Local(), quick=False)
    try:
        image = picture(made, VISITOR)
        waits = []
        for number in range(8):
            begun = time.perf_counter()
            job = made.submit(VISITOR, request(image, f"token-{number}")).job
            until(lambda job=job: made.job(VISITOR, job.id).state != JobState.QUEUED, "it has begun")  # type: ignore[misc]
            waits.append(time.perf_counter() - begun)
            finished(made, VISITOR, job.id)
        interval = 0.3
        print(f"start: {statistics.median(waits) * MS:.0f} ms in the middle, {statistics.median(waits) / interval:.2f} x the interval")
    finally:
        made.stop()


def _cancel(folder: Path) -> None:
    """From the wish to stop a Preview to the row that says so (its process is dead before that)."""
    made = _started(folder, Preview(), quick=False)
    try:
        image = picture(made, VISITOR)
        waits = []
        for number in range(5):
            asked = request(image, f"token-{number}", service="preview", duration=15)
            job = made.submit(VISITOR, asked).job
            until(lambda job=job: bool(made.job(VISITOR, job.id).progress), "it is drawn")  # type: ignore[misc]
            begun = time.perf_counter()
            made.cancel(VISITOR, job.id)
            until(lambda job=job: made.job(VISITOR, job.id).state == JobState.CANCELLED, "it is cancelled")  # type: ignore[misc]
            waits.append(time.perf_counter() - begun)
        print(f"cancel of a Preview: {statistics.median(waits) * MS:.0f} ms in the middle, {max(waits) * MS:.0f} ms at most (goal 150)")
    finally:
        made.stop()


def _cpu(work: Callable[[], object], times: int) -> float:
    """CPU seconds of this thread for one call."""
    begun = time.thread_time()
    for _ in range(times):
        work()
    return (time.thread_time() - begun) / times


def _watched(poll: Callable[[], object]) -> float:
    """CPU seconds a second of the whole process while so many threads poll."""
    end = threading.Event()

    def tab() -> None:
        while not end.wait(POLL_S):
            poll()

    tabs = [threading.Thread(target=tab) for _ in range(POLLERS)]
    for one in tabs:
        one.start()
    begun = time.process_time()
    end.wait(WATCHED_S)
    used = time.process_time() - begun
    end.set()
    for one in tabs:
        one.join()
    return used / WATCHED_S


if __name__ == "__main__":
    run()
