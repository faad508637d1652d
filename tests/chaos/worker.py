"""A studio in a process of its own that kills itself, for real, at a chosen point of a film's life.

    python -m tests.chaos.worker

takes plans as lines of JSON: folder, service, point. Nothing in the product knows of this: a part of the outside world is wrapped,
and the wrapper does ``kill -9``.
"""

from __future__ import annotations

import json
import os
import signal
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from components.generation.job import AT_WORK, JobState
from components.services.preview.service import Preview
from components.services.registry import Services
from components.studio.studio import Studio
from tests.chaos.forks import serve
from tests.doubles.local import Local
from tests.workshop import QUICK, picture, request, settings, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.services.base import Finished, Service

VISITOR = "visitor-of-chaos"
STEP = "step-"
"""``step-17``: dies at the seventeenth change of any row."""


def die() -> NoReturn:
    """As if somebody had pulled the plug."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def wrap(owner: object, name: str, *, before: Callable[..., bool] | None = None, after: Callable[..., bool] | None = None) -> None:
    """Die before or after a call of ``owner.name`` whose arguments match."""
    real = getattr(owner, name)

    @wraps(real)
    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever is wrapped
        if before is not None and before(*args, **kwargs):
            die()
        result = real(*args, **kwargs)
        if after is not None and after(*args, **kwargs):
            die()
        return result

    setattr(owner, name, wrapper)


def wrap_async(owner: object, name: str, *, after: Callable[..., bool]) -> None:
    """The same for a coroutine: die when it is over, before anybody hears of it."""
    real = getattr(owner, name)

    @wraps(real)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        result = await real(*args, **kwargs)
        if after(*args, **kwargs):
            die()
        return result

    setattr(owner, name, wrapper)


def half_a_film(service: Service) -> None:
    """Die in the middle of bringing the film in."""

    async def take(_film: Finished, to: Path) -> None:
        to.write_bytes(b"half of a fi")  # noqa: ASYNC240 - nobody waits any more
        die()

    setattr(service, "take", take)  # noqa: B010 - a method cannot be assigned in the open


def to(state: JobState) -> Callable[..., bool]:
    """Matches a move into a state."""
    return lambda *_args, **kwargs: kwargs.get("to") == state


def always(*_args: object, **_kwargs: object) -> bool:
    """Matches every call."""
    return True


def arm(made: Studio, service: Service, point: str) -> None:
    """Lay the trap."""
    jobs, objects = made.jobs, made.objects
    traps: dict[str, Callable[[], None]] = {
        "inside the order": lambda: wrap(made._runner, "order", after=always),
        "after the order": lambda: wrap(jobs, "order", after=always),
        "before the intent": lambda: wrap(jobs, "move", before=to(JobState.SUBMITTING)),
        "after the intent": lambda: wrap(jobs, "move", after=to(JobState.SUBMITTING)),
        "before the reply": lambda: wrap_async(service, "create", after=always),
        "before the task is written": lambda: wrap(jobs, "move", before=to(JobState.PENDING)),
        "after the task is written": lambda: wrap(jobs, "move", after=to(JobState.PENDING)),
        "while it is made": lambda: wrap(jobs, "move", after=to(JobState.PROCESSING)),
        "when it is finished": lambda: wrap(jobs, "move", after=to(JobState.SAVING)),
        "with half a file": lambda: half_a_film(service),
        "between poster and film": lambda: wrap_async(objects, "publish", after=lambda _path, key: key.startswith("poster/")),
        "after publishing": lambda: wrap_async(objects, "publish", after=lambda _path, key: key.startswith("video/")),
        "before it is completed": lambda: wrap(jobs, "move", before=to(JobState.COMPLETED)),
        "after it is completed": lambda: wrap(jobs, "move", after=to(JobState.COMPLETED)),
        "never": lambda: None,
    }
    if point.startswith(STEP):
        left = iter(range(int(point.removeprefix(STEP)), -1, -1))
        wrap(jobs, "change", before=lambda _work: next(left) == 0)
    else:
        traps[point]()


def services() -> dict[str, Service]:
    """Who can be asked to make the films."""
    return {"preview": Preview(), "local": Local()}


def carry_out(line: str) -> None:
    """Make what is not made yet, one film if there is none; die at the point, or end when all is done."""
    folder, name, point = json.loads(line)
    service = services()[name]
    made = Studio(settings(Path(folder)), Services(service), pace=QUICK)
    image = picture(made, VISITOR)
    arm(made, service, point)
    made.start(examples=False)
    if not made.page(VISITOR, None, 1).jobs:
        order(made, image, name)
    until(lambda: all(job.state not in AT_WORK for job in made.page(VISITOR, None, 500).jobs), "all films are finished")
    made.stop()


def order(made: Studio, image: str, name: str, token: str = "one") -> None:  # noqa: S107 - no secret
    """A film as short as the service makes them."""
    duration = {"preview": 2, "local": 5}[name]
    made.submit(VISITOR, request(image, token, service=name, duration=duration, prompt="slow push in"))


if __name__ == "__main__":
    serve(carry_out)
