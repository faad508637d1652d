"""What the doubles of all sellers share: hosts, keys, faults, records. Each seller adds its calls and its words."""

from __future__ import annotations

import re
import threading
from abc import abstractmethod
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from tests.doubles.faults import AT_ONCE, Fault, Kind, Phase, RetryAfter, at_creates, odd, travel
from tests.doubles.life import Life
from tests.doubles.results import STATUSES, deliver
from tests.doubles.wire import Answer, Request, Wire
from tests.doubles.words import Refusal, Route, Saying

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from tests.doubles.tasks import Pace, Task

_MAGIC = re.compile(r"fault:([a-z_0-9]+)")
"""In a prompt it orders a fault by hand, once for every different create."""
_REFUSALS: Mapping[Kind, Refusal] = {
    "rate_limited": "rate_limited",
    "server_error": "server_error",
    "integer_code": "bad_request",
    "string_for_object": "bad_request",
    "error_in_200": "bad_request",
    "wrong_key": "wrong_key",
    "no_money": "no_money",
    "no_access": "no_access",
    "not_found": "not_found",
    "filter": "filter",
    "conflict": "conflict",
}
"""Faults that are a refusal of the seller's own, in its words."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came, with what became of it; ``status`` 0: the connection was reset instead of an answer."""

    request: Request
    phase: Phase | None
    status: int
    fault: Kind | None = None

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON, or None."""
        return self.request.json()

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case."""
        return self.request.headers

    @property
    def call(self) -> str:
        """``POST /v1/videos/generations``."""
        return f"{self.request.method} {self.request.path}"


class Double(Life):
    """A seller on loopback. Use it as a context manager, from any thread.

    Args:
        folder: Where the ledger lies; None: a folder of its own that goes with it.
        key: The key that is accepted.
        pace: How fast tasks go.
        time_scale: Factor for all seconds of the double (see ``Life``).
        balance_usd: What is on the account.
        port: 0 takes a free one.
        files_port: The same for the second host, where the seller has one.
        reach: Origins on loopback that stand for public ones (see ``Life``).
        result_life_s: Seconds after which a film's address is dead and the task forgotten.
    """

    name: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]] = ("api",)
    files_host: ClassVar[str] = "api"
    """Where uploads go to and results lie."""
    turned_away: ClassVar[tuple[str, ...]] = ()
    """How a User-Agent begins that gets no film."""
    string_is_the_end: ClassVar[bool] = True
    """Whether a read with a string where the error's object belongs tells of a failed task; else it tells nothing."""
    filter_at_once: ClassVar[bool] = False
    """Whether the content filter speaks at the create; else the task fails."""

    def __init__(
        self,
        *,
        folder: Path | None = None,
        key: str | None = None,
        pace: Pace | None = None,
        time_scale: float = 1.0,
        balance_usd: Decimal = Decimal(100),
        port: int = 0,
        files_port: int = 0,
        reach: Mapping[str, str] | None = None,
        result_life_s: float = 86_400.0,
    ) -> None:
        super().__init__(folder=folder, pace=pace, time_scale=time_scale, balance_usd=balance_usd, reach=reach, result_life_s=result_life_s)
        self.key = key or f"sk-{self.service}-test-0123456789abcdef"
        self.requests: list[Recorded] = []
        self._magic: set[str] = set()
        self._lock = threading.Lock()
        results = Route("GET", r"/out/(?P<task_id>[^/]+)\.mp4", "result", self._result, host=self.files_host, key=False)
        self._routes = (*self.routes(), results, replace(results, method="HEAD"))
        ports = {name: number for name, number in (("api", port), ("files", files_port)) if name in self.hosts}
        self._wire = Wire(self._serve, self._drops, ports, name=f"{self.service}-double")

    # ------------------------------------------------------------------------------------------- for tests

    @property
    def base_url(self) -> str:
        """Address of the API, without a slash at its end."""
        return self.url("api")

    @property
    def files_url(self) -> str:
        """Address of the host that takes uploads (the API's own where there is no other)."""
        return self.url(self.files_host)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """As ``Life`` has it."""
        if self._wire.loop is None:
            raise RuntimeError("not started")
        return self._wire.loop

    def url(self, host: str) -> str:
        """Address of one of its hosts."""
        return f"http://127.0.0.1:{self._wire.ports[host]}"

    def start(self) -> Self:
        """Listen."""
        self._wire.start()
        return self

    def stop(self) -> None:
        """Go away, resetting what is open; ledger and records stay readable."""
        self._wire.stop()
        self.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def fault(
        self,
        kind: Kind,
        *,
        on: Phase = "create",
        times: int = 1,
        status: int | None = None,
        code: str | None = None,
        message: str | None = None,
        retry_after: RetryAfter = None,
        seconds: float = 1.0,
        piece: int = 1024,
        location: str = "http://10.0.0.1/film.mp4",
        accepted: bool | None = None,
        task_id: str | None = None,
        holding: bytes | None = None,
    ) -> None:
        """Order a fault for the next ``times`` calls of this kind (see ``Fault``); several wait in line.

        Raises:
            ValueError: That cannot happen at such a call.
        """
        self.ordered(
            Fault(
                kind,
                on,
                times,
                status=status,
                code=code,
                message=message,
                retry_after=retry_after,
                seconds=seconds,
                piece=piece,
                location=location,
                accepted=accepted,
                task_id=task_id,
                holding=holding,
            )
        )

    def ordered(self, fault: Fault) -> None:
        """The same, of a fault that is at hand."""
        self._orders.add(fault)

    def forgive(self, holding: bytes) -> None:
        """Forget the faults of these calls that have not happened yet."""
        self._orders.withdraw(holding)

    def calm(self) -> None:
        """Forget the faults that have not happened yet."""
        self._orders.clear()

    @property
    def faults_left(self) -> tuple[Fault, ...]:
        """Ordered and not yet happened."""
        return self._orders.left

    def calls(self, phase: Phase) -> list[Recorded]:
        """The requests of one kind, in their order."""
        return [seen for seen in self.requests if seen.phase == phase]

    @property
    def leaks(self) -> list[Recorded]:
        """Requests for films that carried a key."""
        return [seen for seen in self.calls("result") if "authorization" in seen.headers]

    # ------------------------------------------------------------------------------------ for each seller

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Its calls; the first that fits answers."""

    @abstractmethod
    def saying(self, refusal: Refusal, phase: Phase | None) -> Saying:
        """The words for a refusal."""

    @abstractmethod
    def envelope(self, saying: Saying, phase: Phase | None, request: Request | None) -> object:
        """The body of an error."""

    @abstractmethod
    def flat(self, saying: Saying, phase: Phase | None) -> object:
        """The body of an error with a string where an object belongs."""

    @abstractmethod
    def view(self, task: Task, fault: Fault | None = None) -> dict[str, Any]:
        """The body of a read; ``fault`` of the kinds ``unknown_status``, ``odd_shape``, ``string_for_object``."""

    def id_less(self, body: dict[str, Any]) -> dict[str, Any]:
        """A create's answer without the id."""
        return {key: value for key, value in body.items() if key != "id"}

    def refuse(
        self,
        refusal: Refusal,
        phase: Phase | None,
        request: Request | None = None,
        *,
        status: int | None = None,
        code: str | int | None = None,
        message: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A refusal in the seller's words, where they are not overruled."""
        usual = self.saying(refusal, phase)
        saying = Saying(status or usual.status, usual.code if code is None else code, message or usual.message, usual.kind)
        answer = Answer.of(self.envelope(saying, phase, request), saying.status)
        return replace(answer, headers={**answer.headers, **(headers or {})})

    async def show(self, task_id: str, request: Request, fault: Fault | None) -> Answer:
        """Answer a read; a fault may forget the task, end it badly, or bend the answer."""
        task = self.tasks.get(task_id)
        if task is None:
            return self.refuse("not_found", "read", request)
        if fault is not None and fault.kind == "expired":
            self.expire(task_id)
        if fault is not None and (
            fault.kind in {"filter", "late_failure"} or (fault.kind == "string_for_object" and self.string_is_the_end)
        ):
            task.doom = self.doom_of(fault)
            await self.finish(task, "failed")
        await self.advance(task)
        if task.forgotten:
            return self.refuse("gone", "read", request)
        shown = replace(task, state="pending") if fault is not None and fault.kind == "backwards" else task
        return Answer.of(self.view(shown, fault))

    # ----------------------------------------------------------------------------------------- the machine

    def _drops(self, head: Request) -> bool:
        found = self._route(head)
        if found is None or (phase := found[0].phase) is None:
            return False
        task_id = _task_of(head, found[1])
        if not self._orders.next_is("reset_before", phase, task_id, self.words_of(task_id)):
            return False
        fault = self.order(phase, task_id)
        self.requests.append(Recorded(head, found[0].phase, 0, fault.kind if fault else None))
        return True

    async def _serve(self, request: Request) -> Answer:
        found = self._route(request)
        if found is None:
            self.requests.append(Recorded(request, None, 404))
            return self.refuse("not_found", None, request)
        route, named = found
        fault = self._fault_of(route, request, named)
        answer = await self._behave(route, request, named, fault)
        self.requests.append(Recorded(request, route.phase, 0 if answer.manner.vanish else answer.status, fault.kind if fault else None))
        return answer

    def _route(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        for route in self._routes:
            if route.host == request.host and route.method == request.method and (match := re.fullmatch(route.path, request.path)):
                return route, {name: value or "" for name, value in match.groupdict().items()}
        return None

    def _fault_of(self, route: Route, request: Request, named: Mapping[str, str]) -> Fault | None:
        if route.phase is None:
            return None
        if (fault := self.order(route.phase, _task_of(request, named), request.body)) is not None:
            return fault
        if route.phase == "create" and (said := _MAGIC.search(text := request.body.decode("utf-8", "replace"))) and said[1] in at_creates():
            with self._lock:
                new = text not in self._magic
                self._magic.add(text)
            return Fault(cast("Kind", said[1]), "create") if new else None
        return None

    async def _behave(self, route: Route, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        if route.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return self.refuse("wrong_key", route.phase, request)
        if fault is None:
            return await route.handler(request, named, None)
        if self._is_refusal(fault):
            if fault.carried_out:
                await route.handler(request, named, None)
            return self._refusal(fault, request)
        if fault.kind in AT_ONCE and not fault.carried_out:
            return odd(fault, Answer()) or Answer()
        answer = await route.handler(request, named, fault)
        return odd(fault, answer) or travel(fault, answer, self.time_scale)

    def _is_refusal(self, fault: Fault) -> bool:
        """Whether a refusal stands in the right answer's place; in a read, some are the task's own bad end."""
        if fault.kind == "filter":
            return fault.on == "create" and self.filter_at_once
        return fault.kind in _REFUSALS and (fault.on, fault.kind) != ("read", "string_for_object")

    def _refusal(self, fault: Fault, request: Request) -> Answer:
        if fault.on == "result":
            return Answer(fault.status or STATUSES.get(fault.kind, 404), b"", fault.retry_headers())
        refusal = _REFUSALS[fault.kind]
        usual = self.saying(refusal, fault.on)
        status = fault.status or (200 if fault.kind == "error_in_200" else usual.status)
        if fault.kind == "string_for_object":
            return Answer.of(self.flat(usual, fault.on), status)
        code = status if fault.kind == "integer_code" else fault.code
        return self.refuse(refusal, fault.on, request, status=status, code=code, message=fault.message, headers=fault.retry_headers())

    async def _result(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        task = self.tasks.get(named["task_id"])
        signature = request.query.get("Signature", "")
        if task is not None and fault is not None and fault.kind == "expired":
            task.links[signature] = False
        if self.turned_away and request.headers.get("user-agent", "").lower().startswith(self.turned_away):
            return Answer(403, b"error code: 1010", {"content-type": "text/plain; charset=UTF-8"})
        alive = task is not None and task.state == "completed" and task.links.get(signature, False)
        return deliver(request, await self.film_of(task) if task is not None and alive else None)


def _task_of(request: Request, named: Mapping[str, str]) -> str | None:
    return named.get("task_id") or request.query.get("generation_id")
