"""What the sellers have in common: keys, classified answers, the rhythm of looks, saved films."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from components.errors import (
    AddressRefused,
    Charged,
    ContentRefused,
    Doubtful,
    DownloadBroken,
    InputRefused,
    KeyRefused,
    MediaUnreachable,
    RateLimited,
    RuleBroken,
    SellerError,
    TaskGone,
    UnclearAnswer,
)
from components.generation.capabilities import AudioLimits, Extra
from components.generation.job import Stage
from components.services import answers
from components.services.base import Account, Cancelled, Created, Failed, Finished, Service, Working
from components.services.causes import (
    BY_STATUS,
    DOWN,
    FILTER,
    IMAGE,
    INPUT,
    MEDIA,
    MODEL,
    REFUSALS,
    STATUS_DECIDES,
    SURELY_REFUSED,
    Cause,
    built,
)
from components.services.http import SERVER_ERRORS, Reply, retry_after
from components.services.picture import read_picture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from components.errors import StudioError
    from components.generation.prices import PriceRow
    from components.media.sniff import Kind
    from components.services.answers import Said
    from components.services.base import Cost, Handed, Order, Passage, Reading
    from components.services.http import Http
    from components.services.picture import Picture

log = logging.getLogger(__name__)

PAID_FIELDS: Mapping[str, Extra] = {
    "negative_prompt": Extra(max=500),
    "seed": Extra(start=0, to=2_147_483_647),
    "watermark": Extra(),
    "template": Extra(max=200, advanced=True),
}
MP3 = AudioLimits(formats=("mp3",), seconds=(3, 30), bytes=15_000_000, needs_public_url=True)
MAY_BE_THEIRS_S = 120.0
"""Clocks differ: how much earlier than our intent a task of ours may seem to be made."""
STAGES = {"pending": Stage.IN_LINE, "processing": Stage.MAKING}


@dataclass(frozen=True, slots=True)
class Task:
    """A task as a service tells it: its status in the service's word, and the rest as it came."""

    status: str
    data: Mapping[str, Any]
    reply: Reply


class PaidAccount(Account):
    """One key at one seller. Subclasses say how its requests look and how its answers are read."""

    name: ClassVar[str]
    statuses: ClassVar[Mapping[str, str]]
    """The service's words, in small letters -> ``pending``, ``processing``, ``completed``, ``failed``, ``cancelled``."""
    codes: ClassVar[Mapping[str, Cause]] = {}
    """Codes of HTTP errors; a key that ends with ``*`` stands for all that begin so."""
    task_codes: ClassVar[Mapping[str, Cause]] = {}
    """Codes of failed tasks."""
    codes_first: ClassVar[bool] = False
    """Whether a code says more than the HTTP status (money behind a 400)."""
    failed_is: ClassVar[Charged] = Charged.NO
    """Whether a failed or stopped task is charged, where its answer does not say."""

    def __init__(self, http: Callable[[], Http], base_url: str, key: str | None, jitter: Callable[[], float]) -> None:
        self._lines = http
        self._base = base_url.rstrip("/")
        self._key = key or ""
        self._jitter = jitter
        self._strange: set[str] = set()

    # --- what a service is asked -------------------------------------------------------------------------------------

    @abstractmethod
    def order(self, order: Order, handed: Handed) -> tuple[str, dict[str, Any], dict[str, str]]:
        """Path, body and headers of the create call: every default said, no field that the contract lacks."""

    @abstractmethod
    def created(self, reply: Reply) -> Created | None:
        """The task that a 2xx names, or None where it names none."""

    @abstractmethod
    async def ask(self, task_id: str) -> Reply:
        """Read the task."""

    @abstractmethod
    def task(self, reply: Reply) -> Task | None:
        """The task that a 2xx tells, or None where it tells none."""

    @abstractmethod
    def finished(self, task: Task) -> Finished | None:
        """The film of a completed task, or None where there is no address yet."""

    def failed(self, task: Task) -> Said:
        """What a failed task says."""
        return answers.task_said(task.data.get("error"))

    def cost(self, task: Task) -> Cost | None:
        """What the task took, where it says so."""
        del task
        return None

    def working(self, task: Task, stage: str) -> Working:
        """How far a task at work is."""
        del task
        return Working(STAGES[stage])

    # --- the same for all --------------------------------------------------------------------------------------------

    async def create(self, order: Order, handed: Handed) -> Created:
        """Order the film, once (see ``Account``)."""
        with self._named():
            path, body, headers = await asyncio.to_thread(self.order, order, handed)
            reply = await self._http.create(
                self._base + path,
                json=body,
                headers={**self._auth(), **headers},
                refused=self._refusal,
            )
            created = self.created(reply)
            if created is None:
                raise self._refusal(reply)
            return created

    async def read(self, task_id: str) -> Reading:
        """How the task stands (see ``Account``)."""
        with self._named():
            reply = await self.ask(task_id)
            task = self.task(reply) if reply.ok else None
            if task is None:
                raise self._no_task(reply)
            stands = self.statuses.get(task.status.lower())
            if stands is None and task.status not in self._strange:
                self._strange.add(task.status)
                log.warning("%s: unknown status %r, taken as still at work", self.name, task.status[:40])
            if stands == "cancelled":
                return Cancelled(self._charged(self.cost(task)))
            if stands == "failed":
                return self._failure(task)
            if stands == "completed":
                film = self.finished(task)
                if film is None:
                    raise UnclearAnswer(status=reply.status)
                return film
            return self.working(task, stands or "processing")

    async def cancel(self, task_id: str) -> bool:
        """Most services have no way."""
        del task_id
        return False

    async def take(self, film: Finished, to: Path) -> None:
        """Bring the film here; without the key."""
        with self._named():
            try:
                await self._http.download(film.source, to)
            except AddressRefused as error:
                raise DownloadBroken(reason="address") from error

    @contextlib.asynccontextmanager
    async def passing(self, film: Finished, part: str | None = None) -> AsyncIterator[Passage]:
        """The film as it comes (see ``Account``); without the key."""
        with self._named():
            try:
                async with self._http.passing(film.source, part) as passage:
                    yield passage
            except AddressRefused as error:
                raise DownloadBroken(reason="address") from error

    def pause_s(self, age_s: float, *, called_back: bool = False) -> float:
        """DESIGN §5: first after 5 s, then 5 s ± 20 % for a minute, 10 s to five minutes, 15 s after, 60 s past 15 minutes."""
        if age_s < 5:  # noqa: PLR2004 - the table above
            return 5.0 - max(age_s, 0.0) if age_s > 1 else 5.0
        if called_back:
            return 60.0
        if age_s < 60:  # noqa: PLR2004 - the table above
            return 5.0 * (0.8 + 0.4 * self._jitter())
        return 10.0 if age_s < 300 else 15.0 if age_s < 900 else 60.0  # noqa: PLR2004 - the table above

    async def check(self) -> bool | None:
        """Try the key by a free call."""
        try:
            await self._free_call()
        except KeyRefused:
            return False
        return True

    async def _free_call(self) -> None:
        await self.balance()

    # --- helpers of the subclasses -----------------------------------------------------------------------------------

    @property
    def _http(self) -> Http:
        return self._lines()

    def _auth(self) -> dict[str, str]:
        """The key as a header.

        Raises:
            KeyRefused: No header can carry it: it is none.
        """
        if not self._key or not self._key.isascii() or not self._key.isprintable() or " " in self._key:
            raise KeyRefused(field="key")
        return {"Authorization": f"Bearer {self._key}"}

    async def _get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 - any JSON value
        """The JSON of a free read.

        Raises:
            StudioError: It was refused, or the answer is none.
        """
        with self._named():
            reply = await self._http.read("GET", self._base + path, headers=self._auth(), params=params)
            what = answers.said(reply)
            if not reply.ok or what.status >= REFUSALS or answers.at(reply.data, "success") is False:
                raise self._error(self._cause(what), reply)
            if not isinstance(reply.data, dict):
                raise UnclearAnswer(status=reply.status)
            return reply.data

    async def _picture(self, order: Order, kinds: Sequence[Kind]) -> Picture:
        """The picture in one of the kinds that the service's uploads take; PNG where it has to be turned."""
        return await asyncio.to_thread(read_picture, order, tuple(kinds))

    async def _uploaded(self, url: str, picture: Picture, **form: str) -> Reply:
        """The answer to an upload of the picture that was taken.

        Raises:
            StudioError: It was refused; where nothing else is said, it is about the picture.
        """
        file = (picture.name, picture.data, picture.mime)
        reply = await self._http.upload("POST", url, headers=self._auth(), files={"file": file}, data=form)
        what = answers.said(reply)
        if what.status >= REFUSALS or answers.at(reply.data, "success") is False:
            cause = self._cause(what) if what.status >= REFUSALS else IMAGE
            raise self._error(IMAGE if cause[0] is InputRefused else cause, reply)
        if not reply.ok:
            raise UnclearAnswer(status=reply.status)
        return reply

    def _sound_url(self, order: Order) -> str | None:
        """The public address of an own sound, for services that fetch it.

        Raises:
            RuleBroken: It needs one and there is none.
        """
        if order.request.sound != "own":
            return None
        if order.audio_url is None:
            raise RuleBroken("needs_public_url", field="audio", service=self.name)
        return order.audio_url

    def _cause(self, what: Said) -> Cause:
        """Why a call was refused."""
        by_status = DOWN if what.status >= SERVER_ERRORS else BY_STATUS.get(what.status)
        by_code = self._coded(what.code, self.codes)
        if by_code and (self.codes_first or (what.status not in STATUS_DECIDES and what.status < SERVER_ERRORS)):
            return by_code
        if by_status:
            return by_status
        if what.status >= REFUSALS:
            return FILTER if answers.FILTER_WORDS.search(what.words) else INPUT
        return (UnclearAnswer, None)

    def _task_cause(self, what: Said) -> Cause:
        """Why a task failed."""
        by_code = self._coded(what.code, self.task_codes)
        if by_code:
            return by_code
        words = f"{what.code} {what.words}"
        for pattern, cause in ((answers.FILTER_WORDS, FILTER), (answers.FETCH_WORDS, MEDIA), (answers.SERVICE_WORDS, DOWN)):
            if pattern.search(words):
                return cause
        return MODEL

    def _coded(self, code: str, table: Mapping[str, Cause]) -> Cause | None:
        if code in table:
            return table[code]
        return next((cause for name, cause in table.items() if name.endswith("*") and code.startswith(name[:-1])), None)

    def _refusal(self, reply: Reply) -> SellerError:
        """What an answer to a create means that names no task."""
        cause = self._cause(answers.said(reply))
        return self._error(cause if issubclass(cause[0], SURELY_REFUSED) else (Doubtful, None), reply)

    def _error(self, cause: Cause, reply: Reply) -> SellerError:
        what = answers.said(reply)
        wait = retry_after(reply.headers, self._http.now()) if issubclass(cause[0], RateLimited) else None
        return self._worded(cause, what, wait=wait)

    def _worded(self, cause: Cause, what: Said, *, wait: float | None = None, charged: Charged | None = None) -> SellerError:
        kind, field = cause
        params: dict[str, str | int] = {"service": self.name}
        if what.status:
            params["status"] = what.status
        if what.code:
            params["their_code"] = answers.public_words(what.code, self._key)[:80]
        if what.words:
            params["said"] = answers.public_words(what.words, self._key)
        about = field or (what.about if kind in {InputRefused, ContentRefused, MediaUnreachable} else None)
        return built(kind, about, wait, charged, params)

    def _no_task(self, reply: Reply) -> StudioError:
        """What a read that tells no task means: the task is unknown, or there is no news."""
        what = answers.said(reply)
        error = self._error(self._cause(what), reply)
        if what.status == 404 or isinstance(error, InputRefused):  # noqa: PLR2004 - not found; or not even an id
            return TaskGone(service=self.name)
        return error

    def _failure(self, task: Task) -> Failed:
        what = self.failed(task)
        return Failed(self._worded(self._task_cause(what), what, charged=self._charged(self.cost(task))))

    def _charged(self, cost: Cost | None) -> Charged:
        """Whether a task that gave no film is charged."""
        return self.failed_is if cost is None else (Charged.YES if cost.amount > 0 else Charged.NO)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the transport do not know whom they were calling."""
        try:
            yield
        except SellerError as error:
            error.params.setdefault("service", self.name)
            raise


class PaidService(Service):
    """A seller of the model.

    Args:
        http: The clients of the running loop.
        base_url: Where its API lies.
        prices: Its list prices.
        jitter: 0–1, spreads the looks at tasks.
    """

    def __init__(
        self,
        http: Callable[[], Http],
        base_url: str,
        *,
        prices: tuple[PriceRow, ...] = (),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._lines = http
        self._base = base_url.rstrip("/")
        self._jitter = jitter
        self.prices = prices

    async def close(self) -> None:
        """Nothing of its own: the clients belong to whoever made them."""

    async def _published(self, path: str, **params: str) -> Any:  # noqa: ANN401 - any JSON value
        """The JSON of a call without a key, or None where it does not come: prices are never worth an error."""
        try:
            reply = await self._lines().read("GET", self._base + path, params=params, attempts=1)
        except SellerError:
            return None
        return reply.data if reply.ok else None
