"""The studio: what the page and the HTTP calls ask, and the only thing that they know of this room.

Everything here is sync and for threads. Whoever holds a ``Studio`` holds its data folder: no second process gets it.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout
from sqlalchemy.exc import DBAPIError

from components.errors import AlreadyRunning, CannotCancel, Charged, DataFolderUnusable, FileUnfit, NotFound, RequestInvalid, RuleBroken
from components.generation.job import JobState
from components.generation.rules import needs_address, violations
from components.media.ffmpeg import find_ffmpeg
from components.media.laid import lay_under
from components.media.sound import heard_piece
from components.media.video import look_at, poster
from components.services.pricelist import PriceList
from components.studio.accounts import Accounts
from components.studio.clock import Clock, SystemClock
from components.studio.database import open_engine, upgrade
from components.studio.disk import require
from components.studio.estimate import Estimates
from components.studio.examples import Examples
from components.studio.film import Films
from components.studio.fleet import DAY_S, HOUR_S, MINUTE_S, Chore, Fleet, Repair, forget_finished, take_back
from components.studio.hooks import Hooks
from components.studio.jobs import Jobs, NewJob, Revisions, new_job_id
from components.studio.keys import Secrets
from components.studio.library import Library
from components.studio.links import Links
from components.studio.objects import Objects
from components.studio.outside import Outside
from components.studio.owner import Owners
from components.studio.pace import Pace
from components.studio.passing import Passing
from components.studio.paying import Paying
from components.studio.pricing import Prices
from components.studio.proof import PublicAddress
from components.studio.resolve import Resolver
from components.studio.runner import DbosRunner, lines
from components.studio.spending import Spending, said
from components.studio.sweep import Sweep
from components.studio.switches import Switches
from components.studio.till import Till
from components.studio.tries import ALL_KEY_TRIES, KEY_TRIES, Tries
from components.studio.uploads import Uploads
from components.studio.vault import Vault
from components.studio.views import Views
from components.studio.visitors import Visitors
from components.studio.wording import Wording

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from components.generation.request import Request
    from components.services.base import Service
    from components.services.registry import Services
    from components.settings import Settings
    from components.studio.tables import JobRow
    from components.studio.uploaded import Kind, Usable
    from components.studio.views import Changes, JobView, Page

__all__ = ["Pace", "Studio", "Submitted"]

FILM_BYTES = 64_000_000
"""Room that must be free (beside the disk's reserve) before a film is begun."""
LOCK = "studio.lock"
STOPPABLE = frozenset({JobState.SUBMITTING, JobState.PENDING, JobState.PROCESSING})


class Submitted(NamedTuple):
    """The answer to an order; ``created`` is false when the same ``client_token`` was sent before."""

    job: JobView
    created: bool


class Studio:
    """The application.

    Args:
        settings: Where data lies and what is allowed.
        services: Who makes films.
        clock: UTC seconds.
        pace: How often things are looked at.

    Raises:
        AlreadyRunning: Another process holds the data folder.
        DataFolderUnusable: It cannot be made or written.
        FfmpegMissing: There is none.
        CloudEngine: The environment switches the engine to somebody's cloud.
    """

    def __init__(self, settings: Settings, services: Services, *, clock: Clock | None = None, pace: Pace | None = None) -> None:
        self.settings = settings
        self.services = services
        self.clock = clock or SystemClock()
        pace = pace or Pace()
        self._lock = _locked(settings.data_dir)
        try:
            self._compose(pace)
        except BaseException:
            self._lock.release()
            raise

    def _compose(self, pace: Pace) -> None:
        settings = self.settings
        ffmpeg = find_ffmpeg()
        queues = lines(
            tuple(self.services.values()),
            workers=settings.preview_workers,
            films_poll_s=pace.films_poll_s,
            local_poll_s=pace.local_poll_s,
        )
        keys = Secrets.load(settings.data_dir, settings.secret_key)
        self.wording = Wording.read()
        self.objects = Objects(settings.media_dir, settings.work_dir)
        self.engine = _database(settings.database_file)
        self.links = Links(keys, self.clock)
        self.visitors = Visitors(self.engine, keys, self.clock)
        self.uploads = Uploads(
            self.engine, self.objects, visitors=self.visitors, services=self.services, links=self.links, ffmpeg=ffmpeg, clock=self.clock
        )
        self._compose_money(keys)
        revisions = Revisions()
        self.jobs = Jobs(self.engine, self.clock, revisions)
        self._runner = DbosRunner(self.engine, queues, pace.listener_s)
        outside = Outside(
            self.objects,
            look=partial(look_at, ffmpeg=ffmpeg),
            poster=partial(poster, ffmpeg=ffmpeg),
            cut=lambda source, target, start_s, seconds: heard_piece(source, target, start_s=start_s, seconds=seconds, ffmpeg=ffmpeg),
            lay=lambda film, sound, target, seconds: lay_under(film, sound, target, seconds=seconds, ffmpeg=ffmpeg),
            link=self.links.url,
        )
        paying = Paying(self.accounts, self.spending, self.address)
        self.till = Till(self.services, self.spending, self.prices.rows)
        self.films = Films(self.jobs, self.services, outside, settings.work_dir, pace.tempo, paying=paying, till=self.till)
        views = Views(self.services, self.links, self.wording, settings.keep_days, self.films.asked)
        self.library = Library(self.jobs, revisions, views, {line.name: line.at_once for line in queues})
        self.resolver = Resolver(
            self.jobs,
            self.library,
            films=self.films,
            accounts=self.accounts,
            orders=self._runner,
            till=self.till,
            answers_for=self.spending.answers_for,
            call=self._runner.call,
        )
        self.passing = Passing(self.library, self.accounts, self.clock)
        self.hooks = Hooks(self.jobs, self.films, self.resolver.attach)
        self.examples = Examples(self.objects, self.links, self.uploads)
        self._sweep = Sweep(
            self.engine,
            self.objects,
            self.library,
            clock=self.clock,
            keep_days=settings.keep_days,
            keep_gb=settings.keep_gb,
            at_work=lambda: self.films.running,
        )
        repair = Repair(self.jobs, self.films, self._runner)
        self._fleet = Fleet(
            (
                Chore("repair", repair.run, every_s=MINUTE_S, first_s=MINUTE_S),
                Chore("sweep", self._sweep.run, every_s=HOUR_S, first_s=2 * MINUTE_S),
                Chore("what services hold", partial(take_back, self.films.handover, self._runner), every_s=10 * MINUTE_S, first_s=MINUTE_S),
                Chore("retention of the engine", forget_finished, every_s=DAY_S, first_s=5 * MINUTE_S),
            )
        )

    def _compose_money(self, keys: Secrets) -> None:
        """Whose keys there are, what films cost, and who may spend how much."""
        settings = self.settings
        self.vault = Vault(self.engine, keys, self.clock)
        self.owners = Owners(self.engine, keys, self.clock, settings.admin_token)
        self.key_tries = Tries(self.clock, each=KEY_TRIES, every=ALL_KEY_TRIES)
        self.switches = Switches(self.engine)
        self.spending = Spending(self.engine, settings, vault=self.vault, owners=self.owners, clock=self.clock)
        self.accounts = Accounts(self.services, settings, self.vault, self.clock)
        self.prices = Prices(self.services, PriceList.read(settings.prices_file), self.clock)
        self.address = PublicAddress(settings, keys, self.clock)
        self.estimates = Estimates(
            self.services,
            prices=self.prices,
            spending=self.spending,
            uploads=self.uploads,
            address=self.address,
            wording=self.wording,
        )

    def start(self, *, examples: bool = True) -> None:
        """Begin to make films, the unfinished ones of the last time first. From a thread without an event loop.

        Args:
            examples: Have the examples of the first visit made, where they are missing.
        """
        self._sweep.at_start()
        self._runner.start(self.films.make_film)
        self._fleet.start()
        if examples:
            self.examples.start()

    def stop(self) -> None:
        """Let go of everything; films at work begin again at the next start."""
        self.examples.stop()
        self._fleet.stop()
        self._runner.stop(self._park)
        self.close()

    async def _park(self) -> None:
        """The end, where films are made."""
        await self.films.park()
        await self.services.close()

    def close(self) -> None:
        """Give the data folder free; for a studio that was never started (``stop`` does it by itself)."""
        self.uploads.close()
        self.engine.dispose()
        self._lock.release()

    # orders

    def submit(self, visitor: str, request: Request) -> Submitted:
        """Order a film; the same ``client_token`` again gives the same job.

        Args:
            visitor: Who orders.
            request: What.

        Raises:
            RequestInvalid: There is no such service.
            RuleBroken: The service cannot make that.
            NotFound: The picture or the sound is not there, or somebody else's.
            FileUnfit: It is not fit for the service.
            DiskFull: There is no room for another film.
            TooManyJobs: The visitor has enough unfinished ones.
            Spending: There is no key, the price has changed, a cap would be passed, or nothing is bought now.
        """
        self.visitors.ensure(visitor)
        known = self.jobs.named(visitor, request.client_token)
        if known is not None:
            return Submitted(self.library.show(known), created=False)
        service = self._service(request)
        image = self._usable(visitor, request.image, "image", service)
        sound = self._heard(visitor, request.audio, request.audio_start_s, service) if request.audio else None
        require(self.settings.media_dir, FILM_BYTES)
        paid = service.capabilities.paid
        usd = self.prices.agreed(request) if paid else Decimal(0)
        key_from = self.spending.required(visitor, service.id) if paid else None
        quote = self.prices.quote(service.id, request)
        new = NewJob(
            id=new_job_id(self.clock.now()),
            visitor=visitor,
            client_token=request.client_token,
            service=service.id,
            queue=service.capabilities.limits.queue,
            request=request.model_dump(mode="json"),
            image_key=image.key,
            image_size=image.size or (0, 0),
            audio_key=sound.key if sound else None,
            estimate=(said(quote.at_most) if paid else str(quote.at_most)) if quote else None,
            key_from=key_from,
            account=self.accounts.fingerprint(visitor, service.id, key_from),
            reserved=said(usd) if paid else None,
            cost={"source": quote.source} if quote else None,
        )

        def reserve(connection: Connection) -> None:
            if key_from is not None:
                self.spending.reserve(connection, new.id, visitor, service.id, usd, key_from)

        row, created = self.jobs.order(new, self._runner, limit=self.settings.visitor_active_jobs, reserve=reserve)
        return Submitted(self.library.show(row), created)

    def _service(self, request: Request) -> Service:
        service = self.services.get(request.service)
        if service is None:
            raise RequestInvalid(field="service", service=request.service)
        reachable = needs_address(request, service.capabilities) and self.address.prove() is not None
        for broken in violations(request, service.capabilities, reachable=reachable):
            raise RuleBroken(broken.code, field=broken.field, **dict(broken.params))
        return service

    def _usable(self, visitor: str, upload: str, kind: Kind, service: Service) -> Usable:
        try:
            return self.uploads.usable(visitor, upload, kind, service.id)
        except NotFound:
            raise NotFound(field=kind) from None

    def _heard(self, visitor: str, upload: str, start_s: float, service: Service) -> Usable:
        """The sound of an order; from ``start_s`` on there must be enough of it left."""
        sound = self._usable(visitor, upload, "audio", service)
        limits = service.capabilities.audio
        rest = float(sound.report["duration_s"]) - start_s
        if limits is not None and rest < limits.seconds[0]:
            raise FileUnfit("audio_too_short", field="audio_start_s", seconds=round(max(0.0, rest), 3), min=limits.seconds[0])
        return sound

    def cancel(self, visitor: str, job_id: str) -> JobView:
        """Stop a film: at once while it waits, else as soon as its service can. Asking twice is no error.

        Raises:
            NotFound: There is no such film.
            CannotCancel: It is finished, nearly so, or its service has no way to stop it.
        """
        row = self.library.row(visitor, job_id)
        if row.state == JobState.QUEUED and self._taken_out(row):
            if job_id in self.films.running:
                self.films.wake(job_id)
            else:
                self._runner.cancel_queued(job_id, row.run)
            return self.library.job(visitor, job_id)
        row = self.library.row(visitor, job_id)
        if row.state != JobState.CANCELLED and not row.cancel_requested:
            if not self._stoppable(row.service, JobState(row.state)) or not self.jobs.note(job_id, frm=STOPPABLE, cancel_requested=True):
                raise self._cannot_cancel(row)
            self.films.wake(job_id)
        return self.library.job(visitor, job_id)

    def _taken_out(self, row: JobRow) -> bool:
        """Out of the line, and what was set aside is free; False when it has begun meanwhile."""
        settled, also = self.till.ended(row, Charged.NO)
        return self.jobs.move(row.id, frm={JobState.QUEUED}, to=JobState.CANCELLED, also=also, **settled)

    def _cannot_cancel(self, row: JobRow) -> CannotCancel:
        """With the word whether it is charged all the same."""
        error = CannotCancel(field="job")
        if self.till.paid(row) and row.state not in {JobState.FAILED, JobState.CANCELLED}:
            error.charged = Charged.MAYBE if row.state == JobState.UNCONFIRMED else Charged.YES
        return error

    def _stoppable(self, service: str, state: JobState) -> bool:
        how = self.services[service].capabilities.cancel if service in self.services else "never"
        return how == "always" or (how == "pending" and state is not JobState.PROCESSING)

    # films

    def job(self, visitor: str, job_id: str) -> JobView:
        """One film."""
        return self.library.job(visitor, job_id)

    def changes(self, visitor: str, since: int, limit: int) -> Changes:
        """What changed since a revision, oldest change first."""
        return self.library.changes(visitor, since, limit)

    def page(self, visitor: str, before: str | None, limit: int) -> Page:
        """Older films, newest first."""
        return self.library.page(visitor, before, limit)

    def revision(self, visitor: str) -> int:
        """The newest revision, from memory: a poll with no news costs no more."""
        return self.library.revision(visitor)

    def keep(self, visitor: str, job_id: str, *, kept: bool) -> JobView:
        """Set or take the star."""
        return self.library.keep(visitor, job_id, kept=kept)

    def delete(self, visitor: str, job_id: str) -> None:
        """Throw a film away; ``restore`` undoes it for ten minutes."""
        self.library.delete(visitor, job_id)

    def restore(self, visitor: str, job_id: str) -> JobView:
        """Bring a deleted film back."""
        return self.library.restore(visitor, job_id)


def _locked(data_dir: Path) -> FileLock:
    lock = FileLock(data_dir / LOCK, timeout=0)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(path=str(data_dir)) from None
    except OSError as cause:
        raise DataFolderUnusable(path=str(data_dir)) from cause
    return lock


def _database(file: Path) -> Engine:
    engine = open_engine(file)
    try:
        upgrade(engine)
    except DBAPIError as cause:
        engine.dispose()
        raise DataFolderUnusable(path=str(file)) from cause
    return engine
