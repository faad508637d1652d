"""A whole studio in a folder of its own, quick, with the local double as its service."""

from __future__ import annotations

import io
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image

from components.generation.job import FINAL
from components.generation.request import Request
from components.services.registry import Services
from components.settings import Settings
from components.studio.pace import Pace, Tempo
from components.studio.studio import Studio
from tests.doubles.local import Local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from components.services.base import Service
    from components.studio.clock import Clock
    from components.studio.views import JobView

PATIENCE_S = 30.0
QUICK = Pace(
    films_poll_s=0.05,
    local_poll_s=0.05,
    listener_s=0.05,
    tempo=Tempo(
        progress_s=0.0,
        backoff_s=0.02,
        longest_backoff_s=0.1,
        retry_s=0.05,
        refused_s=(0.02, 0.04),
        unheard_s=(0.02, 0.04),
        gap_s=0.0,
        unsaved_s=(0.02, 0.04),
    ),
)


def settings(folder: Path, **more: Any) -> Settings:  # noqa: ANN401 - whatever a setting holds
    """Settings of a studio that lives in ``folder``."""
    return Settings(_env_file=None, data_dir_set=folder / "data", **more)


@contextmanager
def studio(folder: Path, *services: Service, clock: Clock | None = None, **more: Any) -> Iterator[Studio]:  # noqa: ANN401 - as above
    """A started studio; with the local double unless services are given."""
    made = Studio(settings(folder, **more), Services(*(services or (Local(),))), clock=clock, pace=QUICK)
    made.start(examples=False)
    try:
        yield made
    finally:
        made.stop()


def picture(made: Studio, visitor: str, *, size: tuple[int, int] = (640, 360), service: str | None = None) -> str:
    """Upload a picture and return its id."""
    data = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(data, "JPEG", quality=80)
    part = made.objects.work_file()
    part.write_bytes(data.getvalue())
    made.visitors.ensure(visitor)
    outcome = made.uploads.receive(visitor, "image", "picture.jpg", part, service)
    assert outcome.error is None
    return outcome.upload.id


def request(image: str, token: str = "one", **more: Any) -> Request:  # noqa: ANN401, S107 - whatever a field holds; no secret
    """A request that the local double can make."""
    return Request.model_validate({"service": "local", "image": image, "prompt": "a boat", "client_token": token, **more})


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, however long that takes (within reason)."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.01)


def finished(made: Studio, visitor: str, job_id: str) -> JobView:
    """The job, once it is in a final state."""
    until(lambda: made.job(visitor, job_id).state in FINAL, f"{job_id} is finished")
    return made.job(visitor, job_id)
