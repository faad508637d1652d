"""Bought films: how often a service is asked, how soon the end is seen, what a thousand waiting ones and a large one cost.

The looks are counted in a time that leaps (``leaps``) and once in real time: two films of the same length, one at a seller
that is asked again and again, one at a seller that calls back. The thousand stand in ``crowd``.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from components.media.ffmpeg import find_ffmpeg
from tests.bench import crowd, leaps
from tests.doubles.aimlapi import AimlApi
from tests.doubles.evolink import EvoLink
from tests.doubles.films import Cut, film
from tests.doubles.sellers import environment
from tests.doubles.tasks import Pace
from tests.integration.calls import FINAL, order, upload
from tests.integration.server import running
from tests.media_factory import jpeg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from tests.doubles.faults import Fault
    from tests.doubles.seller import Double
    from tests.doubles.tasks import Task
    from tests.doubles.wire import Answer, Request
    from tests.integration.server import Running

PUBLIC = "https://studio.example"
FILM_S = 40.0
POLL_S, SPREAD = 2.0, 0.1
"""How often the page asks while it waits for something, as assets/js/gallery/poll.js has it."""
LARGE_S, LARGE_BITS_A_S = 15, 28_000_000
"""A film of so many seconds and bits a second has about 50 MB."""
SAMPLE_S = 0.002
ROUNDS = 3


def run() -> None:
    """Print all figures of bought films."""
    latest = leaps.run()
    with tempfile.TemporaryDirectory() as folder:
        _followed(Path(folder), latest)
    crowd.run()
    with tempfile.TemporaryDirectory() as folder:
        _saved(Path(folder))


# --- followed ----------------------------------------------------------------------------------------------------------


class _Told:
    """When each task was first told to be completed, UTC seconds."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of Double
        super().__init__(**options)
        self.told: dict[str, float] = {}

    async def show(self, task_id: str, request: Request, fault: Fault | None) -> Answer:
        """As ``Double`` has it."""
        answer: Answer = await super().show(task_id, request, fault)  # type: ignore[misc] # of the double beside it
        if self.tasks[task_id].over:  # type: ignore[attr-defined] # as above
            self.told.setdefault(task_id, time.time())
        return answer


class _Asked(_Told, AimlApi):
    """Is asked again and again."""


class _Calling(_Told, EvoLink):
    """Calls back."""


def _followed(folder: Path, latest: float) -> None:
    """Two films in real time, watched by a page each; ``latest`` is when an end was known at the latest, in seconds."""
    pace = Pace(pending=FILM_S / 5, processing=FILM_S * 4 / 5, by="seconds")
    with ExitStack() as stack:
        asked = stack.enter_context(_Asked(folder=folder, pace=pace))
        calling = stack.enter_context(_Calling(folder=folder, pace=pace))
        asked.film = calling.film = film(Cut(5, 1280, 720, sound=True))
        more = {"STUDIO_PUBLIC_URL": PUBLIC, **_keys(asked, calling)}
        app = stack.enter_context(running(folder / "data", more=more))
        calling.reach[PUBLIC] = app.base
        with ThreadPoolExecutor() as pool:
            watched = [pool.submit(_shown, app, double.service) for double in (asked, calling)]
            shown = [each.result() for each in watched]
    took = 0.0
    print(f"a film of {FILM_S:g} s in real time:")
    for double, seen, what in ((asked, shown[0], "asked again and again"), (calling, shown[1], "with a callback")):
        task = _only(double)
        ended = task.ended_at or 0.0
        took = max(took, seen - double.told[task.id])
        looks = len(double.calls("read"))
        print(
            f"  {what}: {looks} looks, known {double.told[task.id] - ended:.2f} s after it finished, on the page after {seen - ended:.2f} s"
        )
    print(f"  from known to the page {took:.1f} s; with the latest of those that leapt {latest + took:.1f} s (goal <= 16)")


def _shown(app: Running, service: str) -> float:
    """UTC seconds at which a page that waits for the film has it."""
    with app.visitor() as web:
        made = order(web, upload(web), service=service, duration=5)
        since = 0
        while True:
            news = web.get("jobs", params={"since": since}).json()
            if any(job["id"] == made["id"] and job["state"] in FINAL for job in news["jobs"]):
                return time.time()
            since = news["revision"]
            time.sleep(POLL_S * random.uniform(1 - SPREAD, 1 + SPREAD))  # noqa: S311 - no secret


def _only(double: Double) -> Task:
    (task,) = double.tasks.values()
    return task


def _keys(*doubles: Double) -> dict[str, str]:
    """What points the program at them; everybody may buy."""
    found = {"STUDIO_SERVER_KEY_FOR": "everyone", "STUDIO_VISITOR_BUDGET_USD_PER_DAY": "100", "STUDIO_BUDGET_USD_PER_DAY": "100"}
    for double in doubles:
        found |= environment(double)
    return found


# --- saved -------------------------------------------------------------------------------------------------------------


def _saved(folder: Path) -> None:
    """What the program holds while it saves a large film, above what it held before."""
    large = _large(folder)
    with ExitStack() as stack:
        double = stack.enter_context(EvoLink(folder=folder, pace=Pace(0, 0)))
        app = stack.enter_context(running(folder / "data", more=_keys(double)))
        web = stack.enter_context(app.visitor())
        double.film = film(Cut(15, 1280, 720, sound=True))
        process = psutil.Process(app.process.pid)
        small = len(double.film) / 1e6
        _bought(web, "a small one")  # what the first one of all brings with it (modules, threads) stays for good
        again = [_peak(process, web, f"small {number}") for number in range(ROUNDS)]
        double.film = large
        more = [_peak(process, web, f"large {number}") for number in range(ROUNDS)]
    print(f"{len(large) / 1e6:.0f} MB saved: {_mb(more)} MB more at the peak than before, one after the other (goal <= 20)")
    print(f"  {small:.1f} MB saved: {_mb(again)} MB")


def _mb(figures: list[float]) -> str:
    return ", ".join(f"{figure:.1f}" for figure in figures)


def _bought(web: httpx.Client, token: str) -> None:
    """Have a film; fails where there is none."""
    made = order(web, upload(web, jpeg(640, 480)), service="evolink", duration=15, client_token=token.replace(" ", "-"))
    state: Mapping[str, Any] = made
    while state["state"] not in FINAL:
        time.sleep(0.2)
        state = web.get(f"jobs/{made['id']}").json()["job"]
    if state["state"] != "completed":
        raise RuntimeError(state)


def _peak(process: psutil.Process, web: httpx.Client, token: str) -> float:
    """MB that the process held at most while a film was bought and saved, above what it held before."""
    before = process.memory_info().rss
    with _sampled(process) as most:
        _bought(web, token)
    return (most[0] - before) / 1e6


@contextmanager
def _sampled(process: psutil.Process) -> Iterator[list[int]]:
    most, end = [0], threading.Event()

    def look() -> None:
        while not end.wait(SAMPLE_S):
            most[0] = max(most[0], process.memory_info().rss)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        end.set()
        looking.join()


def _large(folder: Path) -> bytes:
    """A film of about 50 MB: noise does not pack."""
    target = folder / "large.mp4"
    noise = ["-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=30:d={LARGE_S},noise=alls=60:allf=t"]
    rate = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", str(LARGE_BITS_A_S), "-minrate", str(LARGE_BITS_A_S)]
    size = ["-maxrate", str(LARGE_BITS_A_S), "-bufsize", str(LARGE_BITS_A_S), "-movflags", "+faststart", str(target)]
    find_ffmpeg().run([*noise, *rate, *size], timeout_s=300)
    return target.read_bytes()


if __name__ == "__main__":
    run()
