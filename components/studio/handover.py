"""Pictures and sounds in the hands of a service: given before anything is promised, given once, and taken back in the end.

A picture that a service holds for us stands in ``handed`` under the account that it was given with, and is used again as
long as it lives. A job that uses it names it in its row; when the last such job has an end, the service's copy is deleted.
What services fetch from us (a sound) lies in the media store under a name of its own for as long as the job lives.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, null, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from components.errors import StudioError
from components.generation.job import FINAL
from components.services.base import Handed
from components.studio.database import write
from components.studio.links import BASE
from components.studio.objects import object_key
from components.studio.tables import HandedRow, JobRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Engine

    from components.services.base import Account, Order, Service
    from components.studio.clock import Clock
    from components.studio.objects import Objects
    from components.studio.paying import Paying
    from components.studio.threads import Threads

log = logging.getLogger(__name__)

STILL_LIVES_S = 3600.0
"""A copy that goes sooner is not relied on: the service may fetch it late."""
LONGEST_ADDRESS = 2000
HOOK = f"{BASE}hook"


@dataclass(frozen=True, slots=True)
class Ready:
    """All that an order needs; ``hook_token`` is the secret part of its callback address, if it has one."""

    order: Order
    handed: Handed
    hook_token: str | None = None


class Handover:
    """Gives files to services and takes them back.

    Args:
        engine: The database.
        clock: UTC seconds.
        objects: The media store.
        link: Makes the signed path of an object.
        paying: Accounts, and our address from outside.
        threads: Runs what blocks.
    """

    def __init__(
        self, engine: Engine, clock: Clock, objects: Objects, *, link: Callable[[str], str], paying: Paying, threads: Threads
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._objects = objects
        self._link = link
        self._paying = paying
        self._threads = threads

    async def give(self, job: JobRow, service: Service, account: Account, order: Order) -> Ready:
        """Have everything that the order needs at the service.

        Raises:
            StudioError: The service refused a file or could not be reached; nothing was charged.
            Storage: Our own store has no room or is away.
        """
        if not service.capabilities.paid:
            return Ready(order, await account.hand_over(order))
        order, token = await self._threads(self._addressed, job, service, order)
        handed = await account.hand_over(order)
        await self._threads(self._remember, job, order, handed)
        return Ready(order, handed, token)

    async def take_back(self, job: JobRow) -> None:
        """The job has its end: what was given for it alone goes. Failing is no harm, it is tried again later."""
        try:
            await self._threads(self._objects.delete_now, (piece_key(job.id),))
            remote_id = await self._threads(self._free, job)
            if remote_id is not None:
                account = await self._threads(self._paying.accounts.of, job)
                await account.forget(remote_id)
            if job.handed:
                await self._threads(self._forgotten, job.id)
        except (StudioError, SQLAlchemyError, OSError) as error:
            log.info("job %s: what was handed over is taken back later (%s)", job.id, type(error).__name__)

    def left_behind(self) -> Sequence[JobRow]:
        """Jobs with an end whose picture the service may still hold: the program died, or the service was away."""
        holding = JobRow.handed["remote_id"].as_string().is_not(None)
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalars(select(JobRow).where(JobRow.state.in_(FINAL), holding).limit(100)).all()

    def drop_expired(self) -> int:
        """Forget copies that are gone by themselves; also in the rows of jobs."""
        with write(self._engine) as connection:
            now = self._clock.now()
            over = JobRow.handed["expires_at"].as_float() < now
            connection.execute(update(JobRow).where(JobRow.state.in_(FINAL), over).values(handed=null()))
            return connection.execute(delete(HandedRow).where(HandedRow.expires_at < now)).rowcount

    # what blocks

    def _addressed(self, job: JobRow, service: Service, order: Order) -> tuple[Order, str | None]:
        """The order with addresses of ours where the service fetches or calls, and with the copy that it holds already."""
        digest = hashlib.sha256(order.image.read_bytes()).hexdigest()
        limits = service.capabilities.audio
        audio_url = None
        if order.audio is not None and limits is not None and limits.needs_public_url:
            audio_url = self._piece_url(job.id, order.audio)
        token = job.hook_token or secrets.token_urlsafe(24)
        callback = None
        if service.calls_back:
            url = self._paying.addresses.url_for(f"{HOOK}/{job.id}/{token}")
            callback = url if url and url.startswith("https://") else None  # no service calls another: nobody may wait for it
        known = self._known(job, digest)
        told = replace(order, sha256=digest, audio_url=audio_url, callback_url=callback, known=known)
        return told, token if callback else None

    def _piece_url(self, job_id: str, sound: Path) -> str | None:
        """Lay the piece that the film hears where the service can fetch it."""
        key = piece_key(job_id)
        if not self._objects.has_now(key):
            part = self._objects.work_file()
            try:
                shutil.copyfile(sound, part)
                self._objects.publish_now(part, key)
            finally:
                part.unlink(missing_ok=True)
        return self._paying.addresses.url_for(self._link(key))

    def _known(self, job: JobRow, digest: str) -> Handed | None:
        """The copy that the account holds; from now on the job counts as one that uses it."""
        if job.account is None:
            return None
        with write(self._engine) as connection:
            alive = HandedRow.expires_at > self._clock.now() + STILL_LIVES_S
            row = connection.execute(select(HandedRow.__table__).where(*_of(job, digest), alive)).one_or_none()
            if row is None:
                return None
            handed = Handed(row.image, None, row.remote_id, row.expires_at)
            _name(connection, job.id, handed)
            return handed

    def _remember(self, job: JobRow, order: Order, handed: Handed) -> None:
        """Worth it only where the service keeps a copy: else the picture itself is in ``image``."""
        if handed.expires_at is None or len(handed.image) > LONGEST_ADDRESS or handed.image.startswith("data:"):
            return
        with write(self._engine) as connection:
            if job.account is not None and (order.known is None or order.known.image != handed.image):
                values = {"image": handed.image, "remote_id": handed.remote_id, "expires_at": handed.expires_at}
                key = {"service": job.service, "account": job.account, "sha256": order.sha256}
                connection.execute(delete(HandedRow).where(*_of(job, order.sha256)))
                connection.execute(insert(HandedRow).values(**key, **values))
            _name(connection, job.id, handed)

    def _free(self, job: JobRow) -> str | None:
        """The service's name for the job's picture, if nobody else uses it; from now on nobody will."""
        remote_id = (job.handed or {}).get("remote_id")
        if remote_id is None:
            return None
        same = (JobRow.service == job.service, JobRow.handed["remote_id"].as_string() == remote_id, JobRow.id != job.id)
        users = select(func.count()).select_from(JobRow).where(*same, JobRow.state.not_in(FINAL))
        with write(self._engine) as connection:
            if connection.execute(users).scalar_one():
                return None
            connection.execute(delete(HandedRow).where(HandedRow.service == job.service, HandedRow.remote_id == remote_id))
            return str(remote_id)

    def _forgotten(self, job_id: str) -> None:
        with write(self._engine) as connection:
            connection.execute(update(JobRow).where(JobRow.id == job_id).values(handed=null()))


def piece_key(job_id: str) -> str:
    """Where the sound of a job lies while its service may fetch it."""
    return object_key("sound", "mp3", of=f"{job_id}.piece")


def _of(job: JobRow, digest: str) -> tuple[ColumnElement[bool], ...]:
    return (HandedRow.service == job.service, HandedRow.account == job.account, HandedRow.sha256 == digest)


def _name(connection: Connection, job_id: str, handed: Handed) -> None:
    kept: dict[str, Any] = {"image": handed.image, "remote_id": handed.remote_id, "expires_at": handed.expires_at}
    connection.execute(update(JobRow).where(JobRow.id == job_id).values(handed=kept))
