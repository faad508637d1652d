"""A film that is finished: brought here, looked at, published, and only then ``completed``."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

from components.errors import FileRefused, FilmUnreadable, InputGone
from components.generation.job import JobState, Stage
from components.studio.disk import require
from components.studio.making import Making
from components.studio.objects import object_key

if TYPE_CHECKING:
    from pathlib import Path

    from components.services.base import Finished
    from components.studio.jobs import Changes
    from components.studio.making import Run
    from components.studio.outside import Outside
    from components.studio.tables import JobRow

log = logging.getLogger(__name__)

S = JobState
POSTER_BYTES = 4_000_000


class Saving(Making):
    """Keeps films."""

    _outside: Outside

    async def _keep(self, job: JobRow, film: Finished, run: Run) -> None:
        """Bring the film here if it is not, and make it the visitor's.

        Raises:
            FilmFailed: It is not there any more, or is no film.
            SellerError: It could not be brought.
            Storage: There is no room, or the store is away.
        """
        folder = self._folder(job.id)
        # the same run of the same job always publishes under the same names
        name = f"{job.id}.{job.run}"
        done: Changes = {"stage": Stage.DONE, "progress": 100, "video_key": object_key("video", "mp4", of=name)}
        done["poster_key"] = object_key("poster", "jpg", of=name)
        poster = folder / "poster.jpg"
        # ffmpeg could not say that the disk is full: a poster that failed for it must not fail the film
        await self._thread(require, self._work_dir, POSTER_BYTES, reserve=0)
        if run.taken is None:
            await self._thread(folder.mkdir, parents=True, exist_ok=True)
            part = folder / f"film-{secrets.token_hex(4)}.mp4"
            await (await self._account(job, run)).take(film, part)
            run.taken = part
        video = await self._thread(self._outside.examined, run.taken)
        shown = run.taken
        if job.request.get("sound") == "under" and (laid := await self._laid(job, run.taken, video)) is not None:
            shown, laid_video = laid
            video = {**laid_video, "fps": video["fps"]}
            done["original_key"] = object_key("video", "mp4", of=f"{name}.original")
        done["video"] = video
        await self._thread(self._outside.poster, shown, poster)
        await self._outside.objects.publish(poster, done["poster_key"] or "")
        if original := done.get("original_key"):
            await self._outside.objects.publish(run.taken, original)
        await self._outside.objects.publish(shown, done["video_key"] or "")
        settled, also = self._till.completed(job, film, float(video["duration_s"]))
        done |= settled
        await self._insist(lambda: self._jobs.move(job.id, frm={S.SAVING}, to=S.COMPLETED, also=also, **done))

    async def _laid(self, job: JobRow, film: Path, video: dict[str, Any]) -> tuple[Path, dict[str, Any]] | None:
        """A copy with the visitor's sound under it; None when that cannot be made: a film without sound is better than none."""
        laid = film.with_name(f"laid-{film.name}")
        try:
            await self._thread(self._outside.laid, job, film, laid, float(video["duration_s"]))
            return laid, await self._thread(self._outside.examined, laid)
        except (InputGone, FileRefused, FilmUnreadable) as error:
            log.warning("job %s: the sound could not be laid under it (%s)", job.id, error.text_code)
            return None
