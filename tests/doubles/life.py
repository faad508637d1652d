"""The life of the tasks of a double: taken, charged, begun, ended, forgotten."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from abc import ABC, abstractmethod
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tests.doubles import films
from tests.doubles.faults import Orders
from tests.doubles.handover import Got, Limits, data_uri, fetch, judge_picture, judge_sound
from tests.doubles.ledger import Charge, Ledger
from tests.doubles.tasks import Doom, Pace, Price, State, Stored, Task

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from tests.doubles.callbacks import Called
    from tests.doubles.faults import Fault, Kind, Phase
    from tests.doubles.handover import Problem
    from tests.doubles.words import Refusal

_END_TIMEOUT_S = 60.0


class Life(ABC):
    """The tasks, their media, their money. Coroutines run on the double's own loop.

    Args:
        folder: Where the ledger lies; None: a folder of its own that goes with it.
        pace: How fast tasks go.
        time_scale: Factor for all seconds of the double: pace, delays of faults, retries of callbacks.
        balance_usd: What is on the account; creates are refused when it is spent.
        reach: Origins on loopback that stand for public ones: ``{"https://studio.example": "http://127.0.0.1:7860"}``. Nothing
            but loopback is ever contacted.
        result_life_s: Seconds after which a film's address is dead and the task forgotten.
    """

    service: ClassVar[str]
    limits: ClassVar[Limits] = Limits()

    def __init__(
        self,
        *,
        folder: Path | None,
        pace: Pace | None,
        time_scale: float,
        balance_usd: Decimal,
        reach: Mapping[str, str] | None,
        result_life_s: float,
    ) -> None:
        self.pace = pace or Pace()
        self.time_scale = time_scale
        self.balance_usd = balance_usd
        self.reach: dict[str, str] = dict(reach or {})
        self.result_life_s = result_life_s
        self.film: bytes | None = None
        """Delivered instead of a film made to order."""
        self.hold = False
        """While true no task ends by itself."""
        self.tasks: dict[str, Task] = {}
        self.files: dict[str, Stored] = {}
        self.callbacks: list[Called] = []
        """Attempts to call back, at the seller that does."""
        self._own = Path(tempfile.mkdtemp(prefix=f"{self.service}-double-")) if folder is None else None
        self._ledger = Ledger((folder or self._own or Path()) / f"{self.service}.ledger.jsonl")
        self._orders = Orders()
        self._work: set[asyncio.Task[Any]] = set()

    @property
    @abstractmethod
    def files_url(self) -> str:
        """Address of the host on which uploads and results lie."""

    @property
    @abstractmethod
    def loop(self) -> asyncio.AbstractEventLoop:
        """The double's own."""

    @abstractmethod
    def doom(self, why: Problem | Refusal) -> Doom:
        """How a task that fails for this says so."""

    async def ended(self, task: Task) -> None:
        """A task has ended and is settled (callbacks)."""
        del task

    def room(self, task: Task) -> bool:
        """Whether a task may run, or waits for others."""
        del task
        return True

    def stored(self, ref: str) -> Stored | None:
        """The upload that an address names, or None."""
        return next((file for file in self.files.values() if ref == f"{self.files_url}/{file.path}"), None)

    # ------------------------------------------------------------------------------------------- for tests

    def ledger(self) -> list[Charge]:
        """Every create that was accepted, with its charge: what the file says."""
        return self._ledger.read()

    def end(self, task_id: str, doom: Doom | None = None) -> None:
        """End a task now, well or by ``doom``. Not from the double's own thread."""
        task = self.tasks[task_id]
        task.doom = doom or task.doom
        asyncio.run_coroutine_threadsafe(self.finish(task, "completed"), self.loop).result(_END_TIMEOUT_S)

    def expire(self, task_id: str) -> None:
        """As after a day: the film's address is dead and the task forgotten."""
        self.tasks[task_id].forgotten = True
        self.kill_links(task_id)

    def kill_links(self, task_id: str) -> None:
        """The addresses given out so far are dead; a fresh read gives a fresh one."""
        self.tasks[task_id].links = dict.fromkeys(self.tasks[task_id].links, False)

    # ----------------------------------------------------------------------------------------- for sellers

    def order(self, phase: Phase, task_id: str | None = None, body: bytes = b"") -> Fault | None:
        """The next fault for a call, which is then used up."""
        return self._orders.take(phase, task_id, self.words_of(task_id) or body)

    def words_of(self, task_id: str | None) -> bytes:
        """The prompt by which a task was ordered."""
        task = self.tasks.get(task_id or "")
        return task.wanted.prompt.encode() if task is not None else b""

    def affords(self, price: Price) -> bool:
        """Whether the account has so much."""
        return self.balance_usd >= price.usd

    def accept(self, task: Task, fault: Fault | None) -> Task:
        """Take a create: into the ledger, onto the disk, and only then begin; a fault may have doomed it."""
        kind: Kind | None = fault.kind if fault is not None else None
        if fault is not None and kind in {"late_failure", "filter"}:
            task.doom = self.doom_of(fault)
        self._ledger.reserve(Charge(task.id, task.at, task.price.usd, task.price.amount, task.price.unit, task.client_ref))
        self.balance_usd -= task.price.usd
        self.tasks[task.id] = task
        task.handover = self.work(self._hand_over(task))
        if self.pace.by == "seconds":
            self.work(self._run(task))
        return task

    def doom_of(self, fault: Fault) -> Doom:
        """How a task fails by this order."""
        usual = self.doom("filter" if fault.kind == "filter" else "server_error")
        return Doom(fault.code or usual.code, fault.message or usual.message)

    async def advance(self, task: Task) -> None:
        """One read of a task: it may be a step further."""
        if task.handover is not None:
            await asyncio.shield(task.handover)
        if not task.over and not self.room(task):
            return
        task.reads += 1
        if time.time() - task.at > self.result_life_s:
            self.expire(task.id)
        state = self._due(task)
        if state == "completed":
            await self.finish(task, state)
        elif not task.over:
            task.state = state

    async def finish(self, task: Task, state: State) -> None:
        """End a task, once; a doomed one does not complete. Only a completed one costs."""
        if task.handover is not None:
            await asyncio.shield(task.handover)
        if task.over:
            return
        task.state = "failed" if task.doom is not None and state == "completed" else state
        task.ended_at = time.time()
        taken = task.price.usd if task.state == "completed" else Decimal(0)
        self.balance_usd += task.price.usd - taken
        self._ledger.settle(task.id, taken)
        await self.ended(task)

    def result_url(self, task: Task) -> str:
        """A fresh address of its film."""
        return f"{self.files_url}/out/{task.id}.mp4?Expires={int(time.time() + self.result_life_s)}&Signature={task.sign()}"

    async def film_of(self, task: Task) -> bytes:
        """The film as it was asked for, in the picture's shape."""
        if self.film is not None:
            return self.film
        width, height = films.size_of(task.wanted.quality, task.image.size if task.image else None)
        return await asyncio.to_thread(films.film, films.Cut(task.wanted.duration, width, height, not task.wanted.silent))

    def work(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the answers; it ends with the double."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    def close(self) -> None:
        """The ledger stays readable, its folder goes."""
        self._ledger.close()
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    # ------------------------------------------------------------------------------------------- inside

    def _due(self, task: Task) -> State:
        """Where it stands by its pace; by the clock it is ended elsewhere (``_run``)."""
        if task.over:
            return task.state
        if self.pace.by == "seconds":
            return "pending" if time.time() - task.at < self.pace.pending * self.time_scale else "processing"
        if task.reads <= self.pace.pending:
            return "pending"
        return "processing" if self.hold or task.reads <= self.pace.pending + self.pace.processing else "completed"

    async def _run(self, task: Task) -> None:
        """A task whose pace is the clock."""
        await asyncio.sleep((self.pace.pending + self.pace.processing) * self.time_scale)
        while self.hold or not self.room(task):  # noqa: ASYNC110 - set by a test from another thread
            await asyncio.sleep(0.05)
        await self.finish(task, "completed")

    async def _hand_over(self, task: Task) -> None:
        """Have its media, whoever has them; what is wrong with them dooms the task."""
        task.image = await self._judge(task.wanted.image, sound=False)
        if task.wanted.audio is not None:
            task.audio = await self._judge(task.wanted.audio, sound=True)
        problem = task.image.problem or (task.audio.problem if task.audio else None)
        if problem is not None and task.doom is None:
            task.doom = self.doom(problem)

    async def _judge(self, ref: str, *, sound: bool) -> Got:
        file = self.stored(ref)
        data = file.data if file is not None else data_uri(ref) if ref.startswith("data:") else await fetch(ref, self.reach)
        return await asyncio.to_thread(judge_sound if sound else judge_picture, ref, data, self.limits)
