"""The files-and-people half of a studio in a folder of its own, with a clock that a test moves."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from components.generation.capabilities import AudioLimits
from components.generation.job import JobState, Stage
from components.media.ffmpeg import find_ffmpeg
from components.services.preview.service import Preview
from components.services.registry import Services
from components.studio.database import open_engine, upgrade, write
from components.studio.jobs import Jobs, Revisions
from components.studio.keys import Secrets
from components.studio.library import Library
from components.studio.links import Links
from components.studio.objects import KINDS, Objects, object_key
from components.studio.sweep import Sweep
from components.studio.tables import JobRow
from components.studio.uploads import Uploads
from components.studio.views import Views
from components.studio.visitors import Visitors
from components.studio.wording import Wording
from tests.doubles.local import Local

if TYPE_CHECKING:
    from pathlib import Path

    from components.studio.uploaded import Kind, UploadOutcome

NOON = 1_800_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class HandClock:
    """A clock that only a test moves; UTC seconds."""

    time: float = NOON

    def now(self) -> float:
        return self.time


class Roomy(Local):
    """A service with other limits than the Preview: bigger pictures, longer songs."""

    id = "roomy"
    capabilities = Local.capabilities.model_copy(update={"audio": AudioLimits(formats=("mp3",), seconds=(1, 120), bytes=20_000_000)})


@dataclass
class FilesBench:
    """Everything over one SQLite file and one media folder."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    keep_days: int = 30
    keep_gb: float = 10

    def __post_init__(self) -> None:
        self.engine = open_engine(self.folder / "bench.sqlite3")
        upgrade(self.engine)
        self.objects = Objects(self.folder / "media", self.folder / "work")
        keys = Secrets((b"k" * 32,))
        self.links = Links(keys, self.clock)
        self.visitors = Visitors(self.engine, keys, self.clock)
        self.services = Services(Preview(), Roomy())
        self.uploads = Uploads(
            self.engine,
            self.objects,
            visitors=self.visitors,
            services=self.services,
            links=self.links,
            ffmpeg=find_ffmpeg(),
            clock=self.clock,
        )
        revisions = Revisions()
        views = Views(self.services, self.links, Wording.read(), self.keep_days)
        self.library = Library(Jobs(self.engine, self.clock, revisions), revisions, views, {})
        self.at_work: set[str] = set()
        self.sweep = Sweep(
            self.engine,
            self.objects,
            self.library,
            clock=self.clock,
            keep_days=self.keep_days,
            keep_gb=self.keep_gb,
            at_work=lambda: self.at_work,
        )

    def close(self) -> None:
        self.uploads.close()
        self.engine.dispose()

    def visitor(self) -> str:
        """A new one."""
        return self.visitors.new()[0]

    def part(self, data: bytes) -> Path:
        """Bytes as they lie after an upload."""
        path = self.objects.work_file()
        path.write_bytes(data)
        return path

    def bring(self, visitor: str, data: bytes, *, kind: Kind = "image", name: str = "a.jpg", service: str = "preview") -> UploadOutcome:
        return self.uploads.receive(visitor, kind, name, self.part(data), service)

    def stored(self) -> set[str]:
        """Every key in the store."""
        return {stored.key for kind in KINDS for stored in self.objects.entries_now(kind)}

    def leftovers(self) -> list[str]:
        """What lies in ``work/``."""
        return [path.name for path in self.objects.work_dir.iterdir()]

    def put(self, key: str, data: bytes = b"bytes", *, age_s: float = 0) -> str:
        """An object of a given age."""
        self.objects.publish_now(self.part(data), key)
        self.age(self.objects.local_now(key), age_s)
        return key

    def age(self, path: Path, age_s: float) -> None:
        os.utime(path, (self.clock.time - age_s,) * 2)

    def film(self, visitor: str, job_id: str, *, age_s: float = 0, size: int = 1000, image_key: str | None = None, **more: Any) -> str:  # noqa: ANN401 - whatever a column holds
        """A finished film with its files; returns its id."""
        self.visitors.ensure(visitor)
        at = self.clock.time - age_s
        row: dict[str, Any] = {
            "id": job_id,
            "visitor": visitor,
            "client_token": job_id,
            "revision": 0,
            "state": JobState.COMPLETED,
            "stage": Stage.DONE,
            "service": "preview",
            "queue": "preview",
            "request": {"service": "preview", "prompt": "a boat", "image": "upload-of-tests", "client_token": job_id},
            "image_key": image_key or self.put(object_key("input", "jpg"), age_s=age_s),
            "image_width": 640,
            "image_height": 360,
            "video_key": self.put(object_key("video", "mp4"), bytes(size), age_s=age_s),
            "poster_key": self.put(object_key("poster", "jpg"), b"", age_s=age_s),
            "created_at": at,
            "updated_at": at,
            "finished_at": at,
        }
        with write(self.engine) as connection:
            connection.execute(insert(JobRow).values(**row | more))
        return job_id
