"""A job as the world sees it (API.md §4), built from its row."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

from components.generation.job import FINAL, JobState, Stage
from components.generation.prices import FREE
from components.studio.links import BASE
from components.studio.waiting import Asked

if TYPE_CHECKING:
    from components.services.registry import Services
    from components.studio.tables import JobRow
    from components.studio.wording import Wording

DAY_S = 86_400
MANY_FILMS = "many_films"
"""What a job waits for while so many others are looked at."""
NAME_WORDS = 6
NAME_CHARACTERS = 48


class View(BaseModel):
    """Frozen JSON; times are UTC, ISO 8601."""

    model_config = ConfigDict(frozen=True)


class WaitView(View):
    """What a job waits for, and until when."""

    until: datetime
    reason: str


class CostView(View):
    """USD as decimal strings; what is not known is null.

    ``source`` says where the estimate was seen; once there is an end, how ``actual`` is known: ``service`` (it said so), ``computed``
    (price list and length of the film), ``unknown`` or ``at_most`` (what was reserved counts), ``not_charged``, ``unclear``.
    ``original`` is what the service said, in its own unit.
    """

    estimate: str | None
    reserved: str | None = None
    actual: str | None = None
    source: str | None = None
    original: dict[str, str] | None = None


class ErrorView(View):
    """API.md §3 *error*."""

    code: str
    message: str
    hint: str
    field: str | None
    params: dict[str, str | int | float]
    charged: str


class VideoView(View):
    """A finished film; ``expires_at`` is when retention takes it, ``original_url`` the seller's film where a sound was laid under it."""

    url: str
    download_url: str
    poster_url: str
    width: int
    height: int
    duration_s: float
    fps: float
    bytes: int
    sha256: str
    expires_at: datetime | None
    original_url: str | None = None


class ImageView(View):
    """The first frame, in px."""

    url: str
    width: int
    height: int


class RemoteView(View):
    """The service's own name for the task; ``expires_at`` is when it deletes the film.

    While the film is finished there and not saved here, ``url`` plays it through us and ``download_url`` downloads it so.
    """

    task_id: str
    expires_at: datetime | None = None
    url: str | None = None
    download_url: str | None = None


class JobView(View):
    """One film; ``started_at`` is when its service was asked for it."""

    id: str
    revision: int
    state: JobState
    stage: str | None
    service: str
    request: dict[str, Any]
    progress: int | None
    eta_s: float | None
    asked_at: datetime | None
    started_at: datetime | None = None
    position: int | None
    wait: WaitView | None
    cost: CostView
    error: ErrorView | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    video: VideoView | None
    remote: RemoteView | None
    image: ImageView
    kept: bool
    cancel_requested: bool


class Changes(View):
    """What happened since a revision: oldest change first, ids that are gone, whether to ask again at once."""

    revision: int
    jobs: tuple[JobView, ...]
    removed: tuple[str, ...]
    more: bool
    reset: bool


class Page(View):
    """Older films, newest first."""

    revision: int
    jobs: tuple[JobView, ...]
    more: bool


class LinkMaker(Protocol):
    """Makes the address of an object in the media store."""

    def url(self, key: str, name: str = "") -> str:
        """A signed address; ``name`` is what a download is called."""
        ...


class Views:
    """Turns rows into views.

    Args:
        services: For their names and prices.
        links: Makes the addresses of films, posters and pictures.
        wording: The sentences.
        keep_days: Retention of films that carry no star; 0 = for ever.
        asked: When services were last asked; that is in no row.
    """

    def __init__(self, services: Services, links: LinkMaker, wording: Wording, keep_days: int, asked: Asked | None = None) -> None:
        self._services = services
        self._links = links
        self._wording = wording
        self._keep_s = keep_days * DAY_S
        self._asked = asked or Asked()

    def job(self, row: JobRow, position: int | None = None) -> JobView:
        """One job; ``position`` is its place in the line, if it waits in one."""
        return JobView(
            id=row.id,
            revision=row.revision,
            state=JobState(row.state),
            stage=self._stage(row),
            service=row.service,
            request=row.request,
            progress=row.progress,
            eta_s=row.eta_s,
            asked_at=moment(self._asked.at(row.id) or row.asked_at),
            started_at=moment(row.intent_at),
            position=position,
            wait=self._wait(row),
            cost=self._cost(row),
            error=ErrorView(**self._wording.worded(row.error)) if row.error else None,
            created_at=at(row.created_at),
            updated_at=at(row.updated_at),
            finished_at=moment(row.finished_at),
            video=self._video(row),
            remote=self._remote(row),
            image=ImageView(url=self._links.url(row.image_key), width=row.image_width, height=row.image_height),
            kept=row.kept,
            cancel_requested=row.cancel_requested,
        )

    def _stage(self, row: JobRow) -> str | None:
        if row.state in FINAL:
            return self._wording.stage(Stage.DONE, self._name(row)) if row.state == JobState.COMPLETED else None
        if row.state == JobState.UNCONFIRMED:
            return None
        return self._wording.stage(row.stage, self._name(row))

    def _wait(self, row: JobRow) -> WaitView | None:
        if row.retry_at is not None and row.wait_reason is not None:
            return WaitView(until=at(row.retry_at), reason=row.wait_reason)
        stretched = self._asked.stretched_until(row.id)
        return WaitView(until=at(stretched), reason=MANY_FILMS) if stretched is not None else None

    def _cost(self, row: JobRow) -> CostView:
        cost = row.cost or {}
        source = cost.get("source") or (FREE.source if row.cost is None and not self._paid(row) else None)
        return CostView(estimate=row.estimate, reserved=row.reserved, actual=row.actual, source=source, original=cost.get("original"))

    def _remote(self, row: JobRow) -> RemoteView | None:
        if row.task_id is None or not self._paid(row):
            return None
        url = f"{BASE}jobs/{row.id}/film" if row.state == JobState.SAVING else None
        return RemoteView(
            task_id=row.task_id,
            expires_at=moment(row.remote_expires_at),
            url=url,
            download_url=f"{url}?download=1" if url else None,
        )

    def _video(self, row: JobRow) -> VideoView | None:
        if row.video is None or row.video_key is None or row.poster_key is None or row.purged_at is not None:
            return None
        url = self._links.url(row.video_key, film_name(row, "mp4"))
        expires = row.finished_at + self._keep_s if row.finished_at and self._keep_s and not row.kept else None
        poster = self._links.url(row.poster_key)
        original = self._links.url(row.original_key, film_name(row, "mp4")) if row.original_key else None
        return VideoView(
            url=url, download_url=f"{url}?download=1", poster_url=poster, expires_at=moment(expires), original_url=original, **row.video
        )

    def _name(self, row: JobRow) -> str:
        service = self._services.get(row.service)
        return service.name if service else row.service

    def _paid(self, row: JobRow) -> bool:
        service = self._services.get(row.service)
        return service is not None and service.capabilities.paid


def film_name(row: JobRow, extension: str) -> str:
    """What a download is called: ``preview-a-paper-boat-drifts-5s-3f9a2c.mp4``, in whatever script the prompt is."""
    words = re.findall(r"\w+", str(row.request.get("prompt", "")).lower())[:NAME_WORDS]
    slug = "-".join(words)[:NAME_CHARACTERS].strip("-")
    seconds = f"{row.request.get('duration')}s"
    return f"{'-'.join(part for part in (row.service, slug, seconds, row.id[-6:]) if part)}.{extension}"


def at(seconds: float) -> datetime:
    """UTC seconds as a moment, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def moment(seconds: float | None) -> datetime | None:
    """The same, of what may be missing."""
    return None if seconds is None else at(seconds)
