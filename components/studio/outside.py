"""What a film's life needs from outside, and the two steps that only handle files: getting ready, and looking at what came."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from components.errors import Gone, InputGone
from components.generation.request import Request
from components.services.base import Order

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from components.studio.objects import Objects
    from components.studio.tables import JobRow

HASH_PIECE = 1 << 20


class FilmFacts(Protocol):
    """What is read from a finished file; px, seconds, frames a second."""

    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def duration_s(self) -> float: ...  # noqa: D102
    @property
    def fps(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Outside:
    """Files and ffmpeg; all blocks and is for threads, but for the coroutines of ``objects``.

    Args:
        objects: The media store.
        look: Reads a film's facts, raises ``FilmUnreadable``.
        poster: Writes a film's picture into the second file.
        cut: Writes what a film hears of the first file (a sound) into the second: from a second on, for so many seconds.
        lay: Writes the first file (a film) with the second (a sound) under it into the third; so many seconds long.
        link: The signed path under which an object of the store is fetched.
    """

    objects: Objects
    look: Callable[[Path], FilmFacts]
    poster: Callable[[Path, Path], object]
    cut: Callable[[Path, Path, float, float], object]
    lay: Callable[[Path, Path, Path, float], object]
    link: Callable[[str], str]

    def ready(self, job: JobRow, folder: Path) -> Order:
        """The job's files in a folder of its own.

        Raises:
            InputGone: The picture or the sound is not in the store any more.
            FileRefused: The sound cannot be cut.
        """
        request = Request.model_validate(job.request)
        folder.mkdir(parents=True, exist_ok=True)
        audio = None
        try:
            stored = self.objects.local_now(job.image_key)
            image = folder / f"image{stored.suffix}"
            shutil.copyfile(stored, image)
            if job.audio_key is not None and request.sound != "under":
                audio = self._piece(job, request, folder)
        except Gone as gone:
            raise InputGone from gone
        return Order(job.id, request, image, (job.image_width, job.image_height), audio, folder)

    def laid(self, job: JobRow, film: Path, target: Path, seconds: float) -> None:
        """Write the film with the job's sound under it; ``seconds`` is the length of its picture.

        Raises:
            InputGone: The sound is not in the store any more.
            FileRefused: It cannot be cut.
            FilmUnreadable: The two cannot be put together.
        """
        try:
            piece = self._piece(job, Request.model_validate(job.request), target.parent)
        except Gone as gone:
            raise InputGone from gone
        self.lay(film, piece, target, seconds)

    def _piece(self, job: JobRow, request: Request, folder: Path) -> Path:
        piece = folder / "sound.mp3"
        self.cut(self.objects.local_now(job.audio_key or ""), piece, request.audio_start_s, float(request.duration))
        return piece

    def examined(self, film: Path) -> dict[str, Any]:
        """Hash, fsync and look: the facts of the very bytes that are going to be published.

        Raises:
            FilmUnreadable: It is no playable film.
        """
        digest = hashlib.sha256()
        size = 0
        with film.open("rb+") as file:
            while piece := file.read(HASH_PIECE):
                digest.update(piece)
                size += len(piece)
            os.fsync(file.fileno())
        facts = self.look(film)
        return {
            "width": facts.width,
            "height": facts.height,
            "duration_s": round(facts.duration_s, 3),
            "fps": round(facts.fps, 3),
            "bytes": size,
            "sha256": digest.hexdigest(),
        }
