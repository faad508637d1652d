"""A seller that outlives kills, the processes that are killed, and what our database and the seller's ledger say afterwards."""

from __future__ import annotations

import json
import sqlite3
import struct
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos.forks import loaded
from tests.chaos.paid_worker import Plan
from tests.doubles.films import Cut, film
from tests.doubles.sellers import SELLERS, environment
from tests.workshop import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.doubles.ledger import Charge
    from tests.doubles.seller import Double
    from tests.doubles.tasks import Task

SECRET = "a-secret-of-chaos-that-signs-all-of-it"
ADMIN = "the-owners-own-token"
SERVERS_KEY = "sk-of-the-server-that-nobody-takes-0123456789"
OWN_KEY = frozenset({"evolink", "apimart"})
"""Where the visitor's own key is spent, though the server has one; at the others it is the server's."""
CUT = Cut(5, 320, 180, sound=True)
COLUMNS = "id, request, state, task_id, settled, actual, cost, video_key, poster_key, video"


@dataclass(frozen=True, slots=True)
class Seen:
    """A film as our database has it while nobody runs; ``lines`` (kind, USD) are those of the ledger."""

    state: str
    task_id: str | None
    settled: bool
    actual: str | None
    source: str | None
    video_key: str | None
    poster_key: str | None
    sha256: str | None
    lines: tuple[tuple[str, Decimal], ...]

    @property
    def spent(self) -> Decimal:
        """What it counts as, in USD."""
        return self.lines[-1][1]

    @property
    def reserved(self) -> Decimal:
        """What was set aside, in USD."""
        return self.lines[0][1]


@dataclass
class Story:
    """What happened at one seller: exit codes, and our films by their prompt as they stood after the start that followed."""

    folder: Path
    double: Double
    codes: dict[str, int] = field(default_factory=dict)
    after: dict[str, dict[str, Seen]] = field(default_factory=dict)

    def tasks(self, prompt: str) -> list[Task]:
        """The seller's tasks of a film."""
        return [task for task in self.double.tasks.values() if task.wanted.prompt == prompt]

    def charge(self, task: Task) -> Charge:
        """What the seller's ledger says of a task."""
        (charge,) = [charge for charge in self.double.ledger() if charge.task_id == task.id]
        return charge

    def seen(self) -> dict[str, Seen]:
        """Our films by their prompt."""
        found: dict[str, Seen] = {}
        lines: dict[str, list[tuple[str, Decimal]]] = {}
        with self._database() as database:
            for job, kind, usd in database.execute("SELECT job_id, kind, usd FROM ledger ORDER BY id"):
                lines.setdefault(job, []).append((kind, Decimal(usd)))
            rows = list(database.execute(f"SELECT {COLUMNS} FROM jobs"))  # noqa: S608 - ours
        for job, request, state, task_id, settled, actual, cost, video_key, poster_key, video in rows:
            found[json.loads(request)["prompt"]] = Seen(
                state,
                task_id,
                bool(settled),
                actual,
                (json.loads(cost or "null") or {}).get("source"),
                video_key,
                poster_key,
                (json.loads(video or "null") or {}).get("sha256"),
                tuple(lines.get(job, ())),
            )
        return found

    def orders(self) -> set[str]:
        """What the engine thinks of all orders."""
        with self._database() as database:
            return {status for (status,) in database.execute("SELECT DISTINCT status FROM workflow_status")}

    def film(self, seen: Seen) -> bytes:
        """The bytes that are kept."""
        return (self.media / (seen.video_key or "")).read_bytes()

    @property
    def media(self) -> Path:
        """The folder of what is kept."""
        return settings(self.folder).media_dir

    def holding_secrets(self) -> list[Path]:
        """Files of the program, its log among them, in which a key stands in clear."""
        secrets = {secret.encode() for secret in (self.double.key, SERVERS_KEY, SECRET, ADMIN)}
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        assert {"studio.sqlite3", "log.jsonl"} <= {path.name for path in files}
        return [path for path in files if any(secret in path.read_bytes() for secret in secrets)]

    def _database(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(settings(self.folder).database_file))


def of_its_own(task: Task) -> bytes:
    """A film that is no other task's: players skip the box at its end."""
    mark = task.id.encode()
    return film(CUT) + struct.pack(">I4s", 8 + len(mark), b"free") + mark


@contextmanager
def selling(service: str, folder: Path) -> Iterator[Double]:
    """A seller whose films are small and no two alike."""
    film(CUT)  # now, and not while the seller is being asked for it
    key = f"sk-{service}-of-chaos-0123456789abcdef"
    with SELLERS[service](folder=folder, key=key, time_scale=0.01) as double, pytest.MonkeyPatch.context() as patch:

        async def film_of(task: Task) -> bytes:
            return of_its_own(task)

        patch.setattr(double, "film_of", film_of)
        yield double


@contextmanager
def workers() -> Iterator[Callable[[Plan], int]]:
    """Carries plans out, one after the other, each in a process of its own; gives its exit code."""
    with loaded("tests.chaos.paid_worker") as carry_out:
        yield lambda plan: carry_out(plan.line())


def plan_of(double: Double, folder: Path, point: str, of: str, *, task_id: str | None = None, **more: int) -> Plan:
    """A plan for a process that knows this seller."""
    service = double.service
    own = service in OWN_KEY
    variables: dict[str, Any] = {
        **environment(double),
        **({f"{service.upper()}_API_KEY": SERVERS_KEY} if own else {}),
        "STUDIO_SERVER_KEY_FOR": "everyone",
        "STUDIO_SECRET_KEY": SECRET,
        "STUDIO_ADMIN_TOKEN": ADMIN,
        "STUDIO_BUDGET_USD_PER_DAY": "1000",
        "STUDIO_VISITOR_BUDGET_USD_PER_DAY": "1000",
        "STUDIO_VISITOR_ACTIVE_JOBS": "100",
        "STUDIO_PUBLIC_URL": "https://studio.example",
    }
    return Plan(
        folder=str(folder),
        log=str(folder / "log.jsonl"),
        service=service,
        point=point,
        of=of,
        ledger=str(folder / f"{service}.ledger.jsonl"),
        key=double.key if own else None,
        task_id=task_id,
        environment=variables,
        **more,
    )
