"""A film's life without the engine: the rows, a store and a service, driven step by step by a test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from components.generation.request import Request
from components.services.base import Created, Finished, Working
from components.studio.clock import SystemClock
from components.studio.database import open_engine, upgrade, write
from components.studio.film import Films
from components.studio.jobs import Jobs, NewJob, Revisions
from components.studio.objects import Objects, object_key
from components.studio.outside import Outside
from components.studio.tables import VisitorRow
from tests.doubles.local import NOTHING_HANDED, Local
from tests.workshop import QUICK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from components.services.base import Handed, Order, Reading, Service
    from components.studio.clock import Clock
    from components.studio.pace import Tempo
    from components.studio.paying import Paying
    from components.studio.tables import JobRow

VISITOR = "visitor-of-tests"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the fake look at a film finds."""

    width: int = 64
    height: int = 36
    duration_s: float = 5.0
    fps: float = 4.0


class Orders:
    """Remembers what the engine would have been told."""

    def __init__(self) -> None:
        self.given: list[tuple[str, int, str, str]] = []

    def order(  # as in the protocol
        self,
        connection: Connection,  # noqa: ARG002
        *,
        job_id: str,
        run: int,
        queue: str,
        visitor: str,
        account: str | None = None,  # noqa: ARG002
    ) -> None:
        self.given.append((job_id, run, queue, visitor))


class Instant(Local):
    """The local double without ffmpeg: a film is there at once, its bytes are made up."""

    def __init__(self) -> None:
        super().__init__()
        self.readings: list[Reading | Exception] = []
        self.events: list[str] = []

    async def create(self, order: Order, handed: Handed = NOTHING_HANDED) -> Created:  # noqa: ARG002 - as inherited
        self.events.append("create")
        if self.script.refusals:
            raise self.script.refusals.pop(0)
        self.created.append(order.job_id)
        return Created(f"task-{len(self.created)}")

    async def read(self, task_id: str) -> Reading:
        self.events.append(f"read {task_id}")
        if self.readings:
            reading = self.readings.pop(0)
            if isinstance(reading, Exception):
                raise reading
            return reading
        return Working(progress=50) if self.script.held else Finished("made up")

    async def cancel(self, task_id: str) -> bool:
        self.events.append(f"cancel {task_id}")
        return True

    async def take(self, film: Finished, to: Path) -> None:  # noqa: ARG002 - as inherited
        self.events.append("take")
        await asyncio.to_thread(to.write_bytes, b"a film")


class Paid(Instant):
    """The same, for money."""

    capabilities = Local.capabilities.model_copy(update={"paid": True})


@dataclass
class Bench:
    """All that a film needs; ``look`` and ``poster`` can be replaced by what fails."""

    folder: Path
    service: Service = field(default_factory=Instant)
    clock: Clock = field(default_factory=SystemClock)
    look: Callable[[Path], Facts] = lambda _film: Facts()
    poster: Callable[[Path, Path], object] = lambda _film, poster: poster.write_bytes(b"a poster")
    paying: Paying | None = None
    tempo: Tempo = QUICK.tempo

    def __post_init__(self) -> None:
        self.engine: Engine = open_engine(self.folder / "bench.sqlite3")
        upgrade(self.engine)
        self.revisions = Revisions()
        self.jobs = Jobs(self.engine, self.clock, self.revisions)
        self.orders = Orders()
        self.objects = Objects(self.folder / "media", self.folder / "work")
        self.films = self.new_films()
        self.visitor(VISITOR)

    def new_films(self) -> Films:
        """As after a restart: the same rows, nothing in memory."""
        outside = Outside(
            self.objects,
            look=lambda film: self.look(film),  # noqa: PLW0108 - replaced while it runs
            poster=lambda film, poster: self.poster(film, poster),  # noqa: PLW0108 - as above
            cut=lambda source, target, *_: target.write_bytes(source.read_bytes()),
            lay=lambda film, sound, target, _s: target.write_bytes(film.read_bytes() + b" with " + sound.read_bytes()),
            link=lambda key: f"/media/{key}",
        )
        return Films(self.jobs, {self.service.id: self.service}, outside, self.objects.work_dir, self.tempo, paying=self.paying)

    def visitor(self, name: str) -> None:
        """A visitor's row."""
        with write(self.engine) as connection:
            connection.execute(insert(VisitorRow).values(id=name, created_at=0.0, seen_at=0.0))

    def order(
        self,
        token: str = "one",  # noqa: S107 - no secret
        *,
        visitor: str = VISITOR,
        limit: int = 10,
        audio_key: str | None = None,
        **request: Any,  # noqa: ANN401 - whatever a field holds
    ) -> str:
        """A queued job with a picture in the store; returns its id. One that costs money has a dollar set aside."""
        key = object_key("input", "png", of=token)
        paid = self.service.capabilities.paid
        part = self.objects.work_file()
        part.write_bytes(b"a picture")
        self.objects.publish_now(part, key)
        asked = Request.model_validate({"service": self.service.id, "image": "upload-one", "client_token": token, **request})
        new = NewJob(
            id=f"job-{visitor[:4]}-{token}",
            visitor=visitor,
            client_token=token,
            service=self.service.id,
            queue="local",
            request=asked.model_dump(mode="json"),
            image_key=key,
            image_size=(640, 360),
            audio_key=audio_key,
            estimate="1" if paid else "0",
            key_from="visitor" if paid else None,
            account="account-of-tests" if paid else None,
            reserved="1" if paid else None,
        )
        row, _ = self.jobs.order(new, self.orders, limit=limit)
        return row.id

    def row(self, job_id: str) -> JobRow:
        """The row as it stands."""
        row = self.jobs.load(job_id)
        assert row is not None
        return row

    def close(self) -> None:
        """Free the database."""
        self.engine.dispose()
