"""A studio with the real sellers' modules, in a process of its own that kills itself at a chosen point of a bought film's life.

    python -m tests.chaos.paid_worker

takes plans as lines of JSON and answers each with the exit code of the process that carried it out: the program is loaded
once and every plan runs in a fork of it, from opening the data folder to the ``kill -9``. Nothing in the product knows of this.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from components.generation.job import JobState
from components.services import download
from components.services.http import Http
from components.services.paid import PaidAccount
from components.services.registry import build_services
from components.studio.database import read
from components.studio.fleet import take_back
from components.studio.studio import Studio
from components.web.log import setup_log
from tests.chaos.forks import serve
from tests.chaos.worker import VISITOR, always, die, to, wrap, wrap_async
from tests.workshop import QUICK, picture, request, settings, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.studio.tables import JobRow

    Trace = Callable[[str, object], Any]

LOOK_S = 0.05
REST = "rest"
BEAT = "beat-"
"""``beat-70``: dies at the seventieth of all things that happen: on the wire, in the rows, on the disk."""
CONNECTING = "connection.connect_tcp.started"
HEAD_SENT = "http11.send_request_body.started"
ALL_SENT = "http11.receive_response_headers.started"
HALF_ANSWERED = "http11.receive_response_body.started"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process does.

    Args:
        folder: Where the studio lives.
        log: File of everything that it says.
        service: Who makes the films.
        point: Where it dies; ``REST``: nowhere, nothing is ordered.
        of: What is said in the prompt: of the film that is ordered, or of the one that is settled.
        ledger: File of the seller's.
        number: Makes the film's picture one of its own.
        films: How many are ordered where there are fewer.
        key: The visitor's own key; None: the server's is spent.
        task_id: What the seller calls the task of the film that is settled.
        environment: Variables.
    """

    folder: str
    log: str
    service: str
    point: str
    of: str
    ledger: str
    number: int = 0
    films: int = 1
    key: str | None = None
    task_id: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """As the process takes it."""
        return json.dumps(asdict(self)) + "\n"


class Worker:
    """A started studio whose earlier films are at rest."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        told = settings(Path(plan.folder))
        self.made = Studio(told, build_services(told), pace=QUICK)
        self.service = self.made.services[plan.service]
        self.account: Any = type(self.service.account(None))

    # what it does

    def run(self) -> None:
        """Carry the plan out."""
        plan = self.plan
        if plan.point.startswith(BEAT):
            self.everywhere(int(plan.point.removeprefix(BEAT)))
            self.made.start(examples=False)
            self.order_missing()
        else:
            self.made.start(examples=False)
            self.rest()
            self.step(plan.point)
        self.rest()
        take_back(self.made.films.handover, self.made._runner)
        self.made.stop()

    def rest(self) -> None:
        """Until the engine has closed all its orders: no film is at work, and whatever was to be cleared up is."""
        until(lambda: not self.orders_left(), "all orders are closed")

    def orders_left(self) -> int:
        """How many are not closed."""
        with read(self.made.engine) as connection:
            left = text("SELECT count(*) FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')")
            return int(connection.execute(left).scalar_one())

    def step(self, point: str) -> None:
        """One film, one trap."""
        if point == REST:
            return
        self.arm(point)
        if point in SETTLING:
            SETTLING[point](self, self.row())
            return
        image = self.prepared()
        self.made.submit(VISITOR, self.asked(image, self.plan.of))
        if point in MEDDLING:
            MEDDLING[point](self)

    def order_missing(self) -> None:
        """All the films at once, with one picture."""
        image = self.prepared()
        for number in range(self.plan.films):
            self.made.submit(VISITOR, self.asked(image, f"{self.plan.of} {number}"))

    def prepared(self) -> str:
        """The visitor, the key and the picture."""
        image = picture(self.made, VISITOR, size=(640 + 2 * self.plan.number, 360), service=self.service.id)
        if self.plan.key is not None and self.service.id not in self.made.vault.tails(VISITOR):
            self.made.vault.put(VISITOR, self.service.id, self.plan.key)
        return image

    def asked(self, image: str, prompt: str) -> Any:  # noqa: ANN401 - a request
        """The same request for the same words."""
        return request(image, prompt.replace(" ", "-"), service=self.service.id, duration=5, prompt=prompt)

    def row(self) -> JobRow:
        """The film that this is about."""
        rows = (self.made.jobs.load(job.id) for job in self.made.page(VISITOR, None, 500).jobs)
        return next(row for row in rows if row is not None and row.request["prompt"] == self.plan.of)

    # where it dies

    def arm(self, point: str) -> None:
        """Lay the trap."""
        jobs, objects, account = self.made.jobs, self.made.objects, self.account
        traps: dict[str, Callable[[], None]] = {
            "inside the order": lambda: wrap(self.made._runner, "order", after=always),
            "after the order": lambda: wrap(jobs, "order", after=always),
            "with the picture at the seller": lambda: wrap_async(
                account, "_stored" if self.plan.service == "dashscope" else "_uploaded", after=always
            ),
            "before the picture is remembered": lambda: wrap_async(account, "hand_over", after=always),
            "before the intent": lambda: wrap(jobs, "move", before=to(JobState.SUBMITTING)),
            "after the intent": lambda: wrap(jobs, "move", after=to(JobState.SUBMITTING)),
            "before the seller is reached": lambda: on_wire("create", CONNECTING),
            "with half an order sent": lambda: on_wire("create", HEAD_SENT),
            "with the answer lost": lambda: on_wire("create", ALL_SENT, ready=self.charged()),
            "with half an answer": lambda: on_wire("create", HALF_ANSWERED),
            "before the task is written": lambda: wrap(jobs, "move", before=to(JobState.PENDING)),
            "after the task is written": lambda: wrap(jobs, "move", after=to(JobState.PENDING)),
            "while a busy seller is waited for": lambda: wrap(jobs, "move", after=to(JobState.QUEUED)),
            "while the seller is asked": lambda: on_wire("read", ALL_SENT, when=self.followed),
            "after the first look": lambda: wrap_async(account, "read", after=always),
            "while it is made": lambda: wrap(jobs, "move", after=to(JobState.PROCESSING)),
            "before it is known to be finished": lambda: wrap(jobs, "move", before=to(JobState.SAVING)),
            "when it is finished": lambda: wrap(jobs, "move", after=to(JobState.SAVING)),
            "with half a film": lambda: wrap_async(
                download, "_put", after=lambda _file, _waiting, progress: progress.got < (progress.total or 0)
            ),
            "before the film is looked at": lambda: wrap_async(account, "take", after=always),
            "between poster and film": lambda: wrap_async(objects, "publish", after=lambda _path, key: key.startswith("poster/")),
            "after publishing": lambda: wrap_async(objects, "publish", after=lambda _path, key: key.startswith("video/")),
            "before it is completed": lambda: wrap(jobs, "move", before=to(JobState.COMPLETED)),
            "inside the settlement": lambda: wrap(self.made.spending, "settle", after=always),
            "after it is completed": lambda: wrap(jobs, "move", after=to(JobState.COMPLETED)),
            "before the picture is deleted there": lambda: wrap(self.made.films.handover, "_free", after=always),
            "after the picture is deleted there": lambda: wrap_async(account, "forget", after=always),
            "after it was cancelled in line": lambda: wrap(jobs, "move", after=to(JobState.CANCELLED)),
            "after the wish to stop": lambda: wrap(jobs, "note", after=lambda *_, **changes: changes.get("cancel_requested") is True),
            "after the seller stopped it": lambda: wrap_async(account, "cancel", after=always),
            "when its call came": lambda: wrap(self.made.films, "wake", before=always),
            "after a task was attached": lambda: wrap(jobs, "change", after=always),
            "after its call brought it back": lambda: wrap(jobs, "change", after=always),
            "after it was never made": lambda: wrap(jobs, "move", after=to(JobState.FAILED)),
        }
        traps[point]()

    def everywhere(self, number: int) -> None:
        """Die at that many-th of all things that happen from now on."""
        beats = count(1)

        def beat(*_args: object, **_kwargs: object) -> bool:
            return next(beats) == number

        wrap(self.made.jobs, "change", before=beat, after=beat)
        wrap_async(self.made.objects, "publish", after=beat)
        wrap_async(self.account, "take", after=beat)
        wrap_async(download, "_put", after=beat)
        for call in ("create", "read", "upload"):
            listen(call, partial(_on_any, beat))

    def charged(self) -> Callable[[], bool]:
        """Says whether the seller has charged anything since now: its ledger is on the disk before its answer leaves."""
        ledger = Path(self.plan.ledger)

        def lines() -> int:
            return ledger.read_text(encoding="utf-8").count('"reserved"') if ledger.exists() else 0

        before = lines()
        return lambda: lines() > before

    def followed(self) -> bool:
        """Whether there is a task that can be asked for."""
        return any(job.state == JobState.PENDING for job in self.made.jobs.at_work())

    # what a person or the seller does meanwhile

    def stop_in_line(self) -> None:
        """Cancel a film that waits for a busy seller."""
        job = self.row().id
        until(lambda: self.row().wait_reason is not None, "the seller is busy")
        self.made.cancel(VISITOR, job)

    def stop_task(self) -> None:
        """Wish a task to be stopped that waits at the seller."""
        job = self.row().id
        until(lambda: self.row().state == JobState.PENDING, "the task is at the seller")
        self.made.cancel(VISITOR, job)

    def call(self) -> None:
        """The seller calls while the film is being made."""
        until(lambda: self.row().state == JobState.PROCESSING, "it is being made")
        row = self.row()
        self.made.hooks.called(row.id, row.hook_token or "", row.task_id)

    def task(self) -> str:
        """What the seller calls the task whose name never reached us."""
        return self.plan.task_id or ""

    def attach(self, row: JobRow) -> None:
        """A person names the task."""
        self.made.resolver.attach(VISITOR, row.id, self.task())

    def call_back(self, row: JobRow) -> None:
        """The seller's call names the task."""
        self.made.hooks.called(row.id, row.hook_token or "", self.task())

    def never_made(self, row: JobRow) -> None:
        """The owner says that there is none."""
        self.made.owners.claim(VISITOR, self.made.settings.admin_token or "")
        self.made.resolver.never_made(VISITOR, row.id)


MEDDLING: dict[str, Callable[[Worker], None]] = {
    "after it was cancelled in line": Worker.stop_in_line,
    "after the wish to stop": Worker.stop_task,
    "after the seller stopped it": Worker.stop_task,
    "when its call came": Worker.call,
}
"""Points that somebody else brings about."""
SETTLING: dict[str, Callable[[Worker, JobRow], None]] = {
    "after a task was attached": Worker.attach,
    "after its call brought it back": Worker.call_back,
    "after it was never made": Worker.never_made,
}
"""Points in the settling of a film that is ``unconfirmed``."""


def listen(call: str, trace: Trace, *, when: Callable[[], bool] = lambda: True) -> None:
    """Have ``trace`` told of everything that a kind of call does on the wire."""
    real = getattr(Http, call)

    async def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as wrapped
        if when():
            kwargs["extensions"] = {"trace": trace}
        return await real(*args, **kwargs)

    setattr(Http, call, wrapper)


def on_wire(call: str, event: str, *, ready: Callable[[], bool] = lambda: True, when: Callable[[], bool] = lambda: True) -> None:
    """Die at an event of a call, once ``ready``; until then nothing that the seller answers is read."""

    async def trace(name: str, _info: object) -> None:
        if name == event:
            while not ready():  # noqa: ASYNC110 - what is waited for stands in a file
                await asyncio.sleep(0.002)
            die()

    listen(call, trace, when=when)


async def _on_any(beat: Callable[[], bool], _name: str, _info: object) -> None:
    if beat():
        die()


def carry_out(line: str) -> None:
    """In the fork: do what the plan says, and end."""
    plan = Plan(**json.loads(line))
    os.environ.update(plan.environment)
    with Path(plan.log).open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    setup_log("json", sys.stderr)
    PaidAccount.pause_s = lambda *_, **__: LOOK_S  # type: ignore[method-assign]
    Worker(plan).run()


if __name__ == "__main__":
    serve(carry_out)
