"""Faults on order: what shall go wrong, at which call, how often."""

from __future__ import annotations

import email.utils
import threading
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from tests.doubles.wire import Answer, Manner

if TYPE_CHECKING:
    from collections.abc import Mapping

Phase = Literal["create", "read", "result", "upload", "callback"]

WireKind = Literal["latency", "drip", "reset_before", "reset_after", "cut", "truncated", "wrong_length", "endless", "twice"]
"""How the right answer travels. ``reset_before``: before the body was read, so never accepted; ``reset_after``: accepted
(and charged), no answer; ``cut``: reset within the answer's body; ``truncated``: half a body with a length that fits it;
``wrong_length``: half a body under the whole one's length; ``endless``: a body without an end; ``twice``: the whole answer comes
once more behind itself."""

AnswerKind = Literal[
    "rate_limited",
    "server_error",
    "html",
    "empty",
    "not_json",
    "wrong_type",
    "integer_code",
    "string_for_object",
    "error_in_200",
    "redirect",
]
"""Another answer instead of the right one."""

SellerKind = Literal["wrong_key", "no_money", "no_access", "not_found", "filter", "no_id", "expired", "conflict"]
"""A refusal in the seller's own words; ``expired`` is what its file host says about a dead link, ``no_id`` a create
that was accepted and answered without an id."""

TaskKind = Literal["late_failure", "unknown_status", "backwards", "odd_shape"]
"""In the task: it fails later; a read shows a status nobody documented, or an earlier one; the read's other shape (``url``
as a string, ``video`` as a list, numbers as strings)."""

CallbackKind = Literal["lost", "duplicate", "out_of_order"]

Kind = Literal[WireKind, AnswerKind, SellerKind, TaskKind, CallbackKind]

KINDS: tuple[Kind, ...] = get_args(Kind)

RetryAfter = int | float | Literal["date", "absurd", "unreadable"] | None

ACCEPTED_ANYWAY: frozenset[Kind] = frozenset({"empty", "not_json", "wrong_type", "no_id", "redirect"})
"""Odd answers of status 200: the create behind them was taken, unless the order says otherwise."""

AT_ONCE: frozenset[Kind] = frozenset({"html"})
"""Odd answers that stand for a call that was not carried out."""

_ONLY: Mapping[Kind, frozenset[Phase]] = {
    "no_id": frozenset({"create"}),
    "conflict": frozenset({"create"}),
    "twice": frozenset({"create"}),
    "no_money": frozenset({"create", "read"}),
    "filter": frozenset({"create", "read"}),
    "late_failure": frozenset({"create", "read"}),
    "expired": frozenset({"read", "result", "upload"}),
    "unknown_status": frozenset({"read"}),
    "backwards": frozenset({"read"}),
    "odd_shape": frozenset({"create", "read"}),
    "lost": frozenset({"callback"}),
    "duplicate": frozenset({"callback"}),
    "out_of_order": frozenset({"callback"}),
}
_AT_CALLBACKS: frozenset[Kind] = frozenset({"latency", "lost", "duplicate", "out_of_order"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One order.

    Args:
        kind: What goes wrong.
        on: At which call.
        times: How often it will still happen.
        status: HTTP status of the odd answer, where it has a choice.
        code: The seller's error code, where it has a choice.
        message: The seller's words, where it has a choice.
        retry_after: Header of a 429: seconds, a date so many … in the form of HTTP, something absurd, or None for no header.
        seconds: Length of a delay, or between two drops; multiplied by the double's ``time_scale``.
        piece: Bytes of a drop.
        location: Where a redirect leads.
        accepted: Whether the call behind the odd answer was carried out (and charged); None: as the kind has it.
        task_id: Only for this task.
        holding: Only for a call whose body holds these bytes, and for the tasks that were ordered in these words. A call
            that is dropped before its body was read has none.
    """

    kind: Kind
    on: Phase
    times: int = 1
    status: int | None = None
    code: str | None = None
    message: str | None = None
    retry_after: RetryAfter = None
    seconds: float = 1.0
    piece: int = 1024
    location: str = "http://10.0.0.1/film.mp4"
    accepted: bool | None = None
    task_id: str | None = None
    holding: bytes | None = None

    def __post_init__(self) -> None:
        fits = self.kind in _AT_CALLBACKS if self.on == "callback" else self.on in _ONLY.get(self.kind, {self.on})
        if not fits or self.times < 1:
            raise ValueError(f"{self.kind} cannot happen {self.times} times at a {self.on}")

    @property
    def carried_out(self) -> bool:
        """Whether the call behind the odd answer was carried out."""
        return self.kind in ACCEPTED_ANYWAY if self.accepted is None else self.accepted

    def retry_headers(self) -> dict[str, str]:
        """The ``Retry-After`` header as ordered; a date lies ``seconds`` ahead."""
        match self.retry_after:
            case None:
                return {}
            case "date":
                return {"retry-after": email.utils.formatdate(time.time() + self.seconds, usegmt=True)}
            case "absurd":
                return {"retry-after": "31536000"}
            case "unreadable":
                return {"retry-after": "soon"}
            case seconds:
                return {"retry-after": f"{seconds:g}"}


@cache
def at_creates() -> tuple[Kind, ...]:
    """The kinds that the words of a prompt can order: those of a create whose body was read."""
    return tuple(kind for kind in KINDS if "create" in _ONLY.get(kind, {"create"}) and kind != "reset_before")


class Orders:
    """The faults that are still to come, in the order in which they were ordered. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Order one more."""
        with self._lock:
            self._coming.append(fault)

    def take(self, phase: Phase, task_id: str | None = None, told: bytes = b"") -> Fault | None:
        """The next one for this call, which is then used up; ``told`` is what the call says (see ``Fault.holding``)."""
        with self._lock:
            for at, fault in enumerate(self._coming):
                if not _is_for(fault, phase, task_id, told):
                    continue
                if fault.times <= 1:
                    del self._coming[at]
                else:
                    self._coming[at] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def next_is(self, kind: Kind, phase: Phase, task_id: str | None = None, told: bytes = b"") -> bool:
        """Whether the next one for this call is of this kind."""
        with self._lock:
            return next((fault.kind for fault in self._coming if _is_for(fault, phase, task_id, told)), None) == kind

    def withdraw(self, holding: bytes) -> None:
        """Nothing more goes wrong with these calls."""
        with self._lock:
            self._coming = [fault for fault in self._coming if fault.holding != holding]

    def clear(self) -> None:
        """Nothing more goes wrong."""
        with self._lock:
            self._coming.clear()

    @property
    def left(self) -> tuple[Fault, ...]:
        """What has not happened yet: a test that ordered a fault wants to see this empty."""
        with self._lock:
            return tuple(self._coming)


def _is_for(fault: Fault, phase: Phase, task_id: str | None, told: bytes) -> bool:
    its_task = fault.task_id is None or fault.task_id == task_id
    return fault.on == phase and its_task and (fault.holding is None or fault.holding in told)


def travel(fault: Fault, answer: Answer, scale: float) -> Answer:
    """The right answer, carried wrongly; ``scale`` shortens the waits."""
    half = answer.body[: len(answer.body) // 2]
    wait = fault.seconds * scale
    ways: Mapping[Kind, Answer] = {
        "latency": replace(answer, manner=Manner(delay_s=wait)),
        "drip": replace(answer, manner=Manner(piece=fault.piece, pause_s=wait)),
        "reset_before": replace(answer, manner=Manner(vanish=True)),
        "reset_after": replace(answer, manner=Manner(vanish=True)),
        "cut": replace(answer, manner=Manner(cut_at=len(half))),
        "truncated": replace(answer, body=half),
        "wrong_length": replace(answer, body=half, manner=Manner(announce=len(answer.body))),
        "endless": replace(answer, manner=Manner(endless=True)),
        "twice": replace(answer, manner=Manner(twice=True)),
    }
    return ways.get(fault.kind, answer)


HTML = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>"
)


def odd(fault: Fault, right: Answer) -> Answer | None:
    """An answer that no seller words itself, or None where the kind is none of these."""
    match fault.kind:
        case "html":
            return Answer(fault.status or 502, HTML, {"content-type": "text/html"})
        case "empty":
            return Answer(fault.status or 200, b"", {"content-type": "application/json"})
        case "not_json":
            return Answer(fault.status or 200, b'{"id": "task-', {"content-type": "application/json"})
        case "wrong_type":
            return replace(right, status=fault.status or right.status, headers={**right.headers, "content-type": "text/plain"})
        case "redirect":
            return Answer(fault.status or 302, b"", {"location": fault.location})
        case _:
            return None
