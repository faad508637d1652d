"""What can go wrong at a seller, and what has to come of it: for every fault, at every service.

A row orders faults at a double for one film and says how the film ends: its state, the code and the ``charged`` of its
error, how many orders (POST) the seller saw, how many of them it took (lines of its ledger), and what became of the money
that was set aside here. Whatever holds for all services stands once; where contracts differ, ``but`` names the service.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.doubles.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.faults import Kind, Phase

EVOLINK, AIMLAPI, APIMART, DASHSCOPE = SERVICES = ("evolink", "aimlapi", "apimart", "dashscope")
UPLOADING = (EVOLINK, APIMART, DASHSCOPE)
LASTING = 1_000_000
"""Times of a fault that does not pass."""
TOO_LONG_S = 100_000.0
QUICK_DRIP: dict[str, Any] = {"piece": 64, "seconds": 0.002}
SLOW_DRIP: dict[str, Any] = {"piece": 8, "seconds": 0.5}

Money = Literal["kept", "released", "settled"]
Way = Literal["runs", "cancelled", "woken", "first", "day"]
"""How a row is gone through. ``runs``: by itself. ``cancelled``, ``woken``: it waits until a person stops it, or wants to look
now. ``first``: its call is dropped before it says anything, so it is alone at the service. ``day``: it has no end until the
service forgets the task; where the film comes in the end, the task is still known then, and so still believed in."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a film ends.

    Args:
        state: Of the job.
        code: Of its error, or None.
        charged: Of its error, or None.
        posts: Orders that the seller saw.
        charges: Orders that the seller took.
        money: What was set aside: still is, was given back, or was settled.
        about: The input that the error names, or None.
    """

    state: str
    code: str | None = None
    charged: str | None = None
    posts: int = 1
    charges: int = 1
    money: Money = "settled"
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A fault and its end.

    Args:
        name: In words, unique; a part of the prompt, by which a double knows for whom the fault is.
        faults: What is ordered.
        end: What has to come of it.
        but: Where it is another.
        at: The services that have such a call.
        way: See ``Way``.
        waits: The reason that the card gives meanwhile, where there is one to be seen.
    """

    name: str
    faults: tuple[Fault, ...]
    end: Outcome
    but: Mapping[str, Outcome] = field(default_factory=dict)
    at: tuple[str, ...] = SERVICES
    way: Way = "runs"
    waits: str | None = None

    def ends(self, service: str) -> Outcome:
        """How a film ends at a service."""
        return self.but.get(service, self.end)

    @property
    def phase(self) -> Phase:
        """The call at which it goes wrong."""
        return self.faults[0].on if self.faults else "create"


def done(*, posts: int = 1) -> Outcome:
    """The film is there, paid once."""
    return Outcome("completed", posts=posts)


def doubt(charges: int) -> Outcome:
    """Nobody knows; ``charges`` is what the seller knows."""
    return Outcome("unconfirmed", "unconfirmed", "maybe", charges=charges, money="kept")


def refused(code: str, about: str | None = None, *, posts: int = 1) -> Outcome:
    """Surely nothing was made."""
    return Outcome("failed", code, "no", posts=posts, charges=0, money="released", about=about)


def failed(code: str, charged: Literal["no", "maybe", "yes"] = "no", about: str | None = None) -> Outcome:
    """It was ordered, and there is no film."""
    return Outcome("failed", code, charged, money="released" if charged == "no" else "settled", about=about)


STOPPED = Outcome("cancelled", charges=0, money="released")
AFTER_A_WAIT = done(posts=2)


def on(phase: Phase, name: str, kind: Kind, end: Outcome, *, but: Mapping[str, Outcome] | None = None, **more: Any) -> Row:  # noqa: ANN401 - of Row and Fault
    """A row of one fault; what is no field of the row is one of the fault."""
    own = {name: more.pop(name) for name in ("at", "way", "waits") if name in more}
    if phase == "upload":
        own.setdefault("at", UPLOADING)
    return Row(f"{phase}: {name}", (Fault(kind, phase, **more),), end, but or {}, **own)


def _creates() -> tuple[Row, ...]:
    return (
        on("create", "a slow answer", "latency", done(), seconds=0.2),
        on("create", "no answer in time", "latency", doubt(1), seconds=TOO_LONG_S),
        on("create", "a drip", "drip", done(), **QUICK_DRIP),
        on("create", "a drip without an end", "drip", doubt(1), **SLOW_DRIP),
        on("create", "reset before the body", "reset_before", doubt(0), way="first"),
        on("create", "reset after the body", "reset_after", doubt(1)),
        on("create", "reset within the answer", "cut", doubt(1)),
        on("create", "half an answer", "truncated", doubt(1)),
        on("create", "shorter than announced", "wrong_length", doubt(1)),
        on("create", "an answer without an end", "endless", doubt(1)),
        on("create", "answered twice", "twice", done()),
        on("create", "429 in 0 s", "rate_limited", AFTER_A_WAIT, retry_after=0),
        on("create", "429 in 100 s", "rate_limited", STOPPED, retry_after=100, way="cancelled", waits="busy"),
        on("create", "429 until a date", "rate_limited", STOPPED, retry_after="date", seconds=90, way="cancelled", waits="busy"),
        on("create", "429", "rate_limited", AFTER_A_WAIT),
        on("create", "429 in a year", "rate_limited", refused("busy"), retry_after="absurd"),
        on("create", "429 unreadable", "rate_limited", AFTER_A_WAIT, retry_after="unreadable"),
        on("create", "429 again", "rate_limited", Outcome("cancelled", posts=2, charges=0, money="released"), times=2,
           way="cancelled", waits="busy"),
        *(on("create", f"{status}, {'taken' if taken else 'not taken'}", "server_error", doubt(taken), status=status, accepted=bool(taken))
          for status in (500, 502, 503, 504) for taken in (0, 1)),
        on("create", "HTML of a gateway", "html", doubt(0)),
        on("create", "HTML in a 200", "html", doubt(1), status=200, accepted=True),
        on("create", "HTML of a firewall", "html", refused("no_access", "key"), status=403),
        on("create", "an empty body", "empty", doubt(1)),
        on("create", "no JSON", "not_json", doubt(1)),
        on("create", "another content type", "wrong_type", done()),
        on("create", "without an id", "no_id", doubt(1)),
        on("create", "another shape", "odd_shape", done()),
        on("create", "a redirect", "redirect", doubt(1)),
        on("create", "an integer for a code", "integer_code", refused("input_refused")),
        on("create", "a string for an object", "string_for_object", refused("input_refused")),
        on("create", "a refusal in a 200", "error_in_200", refused("input_refused"),
           but={AIMLAPI: doubt(0)}),  # its number stands beside no code: nothing says that nothing was made
        on("create", "such an order is here", "conflict", doubt(0)),
        on("create", "the key is wrong", "wrong_key", refused("key_refused", "key")),
        on("create", "the key has no access", "no_access", refused("no_access", "key")),
        on("create", "no such model", "not_found", refused("no_access", "key")),
        *_moneyless(),
        on("create", "the filter", "filter", failed("content_refused"),
           but={EVOLINK: failed("content_refused", about="prompt"), APIMART: failed("content_refused", "maybe"),
                DASHSCOPE: refused("content_refused")}),
        on("create", "the filter at once, of the prompt", "integer_code", refused("content_refused", "prompt"),
           message="The prompt was stopped by content moderation."),
        on("create", "the filter at once, of the picture", "integer_code", refused("content_refused", "image"),
           message="The image was stopped by content moderation."),
        on("create", "the filter at once, of the sound", "integer_code", refused("content_refused", "audio"),
           message="The audio was stopped by content moderation."),
        on("create", "it fails later", "late_failure", failed("generation_failed"),
           but={EVOLINK: failed("service_down"), APIMART: failed("generation_failed", "maybe"), DASHSCOPE: failed("service_down")}),
    )  # fmt: skip


def _moneyless() -> tuple[Row, ...]:
    """Each service's own ways to say that there is no money."""
    end = refused("no_money", "money")
    ways: tuple[tuple[str, str, int, str | None, str | None], ...] = (
        *((EVOLINK, name, 402, name, None) for name in ("insufficient_user_quota", "quota_not_enough", "key_quota_exhausted")),
        (AIMLAPI, "the free tier is spent", 429, None, "Free-tier limit reached. Upgrade your plan to continue."),
        (APIMART, "in words of its own", 402, None, "Balance too low"),
        (DASHSCOPE, "the free quota is spent", 403, "AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted."),
        *((DASHSCOPE, name, 429, name, None)
          for name in ("Throttling.AllocationQuota", "PrepaidBillOverdue", "PostpaidBillOverdue", "CommodityNotPurchased")),
    )  # fmt: skip
    return (
        on("create", "no money", "no_money", end),
        *(
            on("create", f"no money: {name}", "no_money", end, at=(service,), status=status, code=code, message=message)
            for service, name, status, code, message in ways
        ),
    )


def _reads() -> tuple[Row, ...]:
    forgotten = failed("result_expired", "maybe")
    return (
        on("read", "a slow answer", "latency", done(), seconds=0.2),
        on("read", "no answer in time", "latency", done(), seconds=TOO_LONG_S),
        on("read", "a drip", "drip", done(), **QUICK_DRIP),
        on("read", "a drip without an end", "drip", done(), **SLOW_DRIP),
        on("read", "reset before the body", "reset_before", done()),
        on("read", "reset after the body", "reset_after", done()),
        on("read", "reset again and again", "reset_after", done(), times=4),
        on("read", "reset within the answer", "cut", done()),
        on("read", "half an answer", "truncated", done()),
        on("read", "shorter than announced", "wrong_length", done()),
        on("read", "an answer without an end", "endless", done()),
        on("read", "429 in 0 s", "rate_limited", done(), retry_after=0),
        on("read", "429 in 100 s", "rate_limited", done(), retry_after=100, way="woken"),
        on("read", "429 until a date", "rate_limited", done(), retry_after="date", seconds=90, way="woken"),
        on("read", "429", "rate_limited", done(), times=3),
        on("read", "429 in a year", "rate_limited", done(), retry_after="absurd"),
        *(on("read", f"{status}", "server_error", done(), status=status, times=4) for status in (500, 502, 503, 504)),
        on("read", "503 for good", "server_error", forgotten, status=503, times=LASTING, way="day"),
        on("read", "HTML of a gateway", "html", done(), times=4),
        on("read", "HTML in a 200", "html", done(), status=200),
        on("read", "HTML of a firewall", "html", done(), status=403),
        on("read", "an empty body", "empty", done()),
        on("read", "no JSON", "not_json", done()),
        on("read", "another content type", "wrong_type", done(), times=2),
        on("read", "an integer for a code", "integer_code", done()),
        on("read", "a string for an object", "string_for_object", failed("generation_failed"),
           but={APIMART: failed("generation_failed", "maybe"), DASHSCOPE: done()}),
        on("read", "a refusal in a 200", "error_in_200", done()),
        on("read", "a redirect", "redirect", done()),
        on("read", "the key is wrong", "wrong_key", done(), times=2),
        on("read", "no money", "no_money", done()),
        on("read", "the key has no access", "no_access", done()),
        on("read", "404 right after the order", "not_found", done(), times=2),
        on("read", "404 for good", "not_found", forgotten, times=LASTING, at=(EVOLINK, AIMLAPI, APIMART)),
        on("read", "404 for good, which is not sure there", "not_found", forgotten, times=LASTING, at=(DASHSCOPE,), way="day"),
        on("read", "the task is forgotten", "expired", forgotten, at=(EVOLINK, AIMLAPI, APIMART)),
        on("read", "the task is UNKNOWN", "expired", forgotten, at=(DASHSCOPE,), way="day"),
        on("read", "a status that nobody knows", "unknown_status", done(), times=3),
        on("read", "a status that nobody knows, for days", "unknown_status", done(), times=LASTING, way="day"),
        on("read", "backwards", "backwards", done(), times=2),
        on("read", "another shape", "odd_shape", done(), times=LASTING),
        on("read", "the filter", "filter", failed("content_refused"),
           but={EVOLINK: failed("content_refused", about="prompt"), APIMART: failed("content_refused", "maybe")}),
        *(on("read", f"the filter, of the {name}", "filter", failed("content_refused", about=about),
             message=f"The {word} may contain sensitive content.", but={APIMART: failed("content_refused", "maybe", about)})
          for name, word, about in (("prompt", "prompt", "prompt"), ("picture", "input image", "image"), ("sound", "audio", "audio"))),
        on("read", "it fails", "late_failure", failed("generation_failed"),
           but={EVOLINK: failed("service_down"), APIMART: failed("generation_failed", "maybe"), DASHSCOPE: failed("service_down")}),
        on("read", "it fails for an unknown reason", "late_failure", failed("generation_failed"), code="weather", message="It rained.",
           but={APIMART: failed("generation_failed", "maybe")}),
    )  # fmt: skip


def _results() -> tuple[Row, ...]:
    unreadable = failed("film_unreadable", "yes")
    return (
        on("result", "a slow answer", "latency", done(), seconds=0.2),
        on("result", "no answer in time", "latency", done(), seconds=TOO_LONG_S),
        on("result", "a drip", "drip", done(), piece=16_384, seconds=0.002),
        on("result", "a drip without an end", "drip", done(), **SLOW_DRIP),
        on("result", "reset before the body", "reset_before", done()),
        on("result", "reset after the body", "reset_after", done(), times=4),
        on("result", "reset within the film", "cut", done(), times=2),
        on("result", "half a film", "truncated", done()),
        on("result", "half a film for good", "truncated", unreadable, times=LASTING),
        on("result", "shorter than announced", "wrong_length", done()),
        on("result", "a film without an end", "endless", done()),
        on("result", "429", "rate_limited", done(), times=4),
        on("result", "503", "server_error", done(), times=4),
        on("result", "HTML of a gateway", "html", done()),
        on("result", "HTML for a film", "html", done(), status=200),
        on("result", "HTML for a film, for good", "html", unreadable, status=200, times=LASTING),
        on("result", "an empty film", "empty", done()),
        on("result", "no film", "not_json", done()),
        on("result", "another content type", "wrong_type", done()),
        on("result", "an error with an integer", "integer_code", done()),
        on("result", "an error with a string", "string_for_object", done()),
        on("result", "an error in a 200", "error_in_200", done(), status=200),
        on("result", "a redirect to a private address", "redirect", done(), location="http://10.0.0.1/film.mp4"),
        on("result", "a redirect to this machine", "redirect", done(), location="http://localhost:9/film.mp4"),
        on("result", "a redirect to the metadata of a cloud", "redirect", done(), location="https://169.254.169.254/latest"),
        on("result", "401", "wrong_key", done(), status=401),
        on("result", "403", "no_access", done()),
        on("result", "404", "not_found", done()),
        on("result", "the link has expired", "expired", done(), times=2),
        on("result", "the link has expired, for good", "expired", failed("result_expired", "yes"), times=LASTING, way="day",
           waits="not_saved"),
    )  # fmt: skip


def _uploads() -> tuple[Row, ...]:
    """DashScope's store is another company's: it speaks XML, and what it says otherwise is trouble that passes."""
    unsent = Outcome("cancelled", posts=0, charges=0, money="released")
    picture = refused("input_refused", "image", posts=0)
    store = {DASHSCOPE: done()}
    return (
        on("upload", "a slow answer", "latency", done(), seconds=0.2),
        on("upload", "no answer in time", "latency", done(), seconds=TOO_LONG_S),
        on("upload", "a drip", "drip", done(), **QUICK_DRIP),
        on("upload", "a drip without an end", "drip", done(), **SLOW_DRIP),
        on("upload", "reset before the body", "reset_before", done(), way="first"),
        on("upload", "reset after the body", "reset_after", done()),
        on("upload", "reset within the answer", "cut", done()),
        on("upload", "half an answer", "truncated", done()),
        on("upload", "shorter than announced", "wrong_length", done()),
        on("upload", "an answer without an end", "endless", done()),
        on("upload", "429 in 0 s", "rate_limited", done(), retry_after=0),
        on("upload", "429 in 100 s", "rate_limited", unsent, retry_after=100, way="cancelled", waits="busy",
           at=(EVOLINK, APIMART)),
        on("upload", "429", "rate_limited", done()),
        on("upload", "429 in a year", "rate_limited", refused("busy", posts=0), retry_after="absurd", but={DASHSCOPE: done()}),
        on("upload", "503", "server_error", done(), status=503),
        on("upload", "HTML of a gateway", "html", done()),
        on("upload", "HTML in a 200", "html", done(), status=200, accepted=True),
        on("upload", "an empty body", "empty", done()),
        on("upload", "no JSON", "not_json", done()),
        on("upload", "another content type", "wrong_type", done()),
        on("upload", "an integer for a code", "integer_code", picture, but=store),
        on("upload", "a string for an object", "string_for_object", picture, but=store),
        on("upload", "a refusal in a 200", "error_in_200", picture,
           but={DASHSCOPE: failed("media_unreachable")}),  # the store's 200 has no words: the task cannot find the picture
        on("upload", "a redirect", "redirect", done()),
        on("upload", "the key is wrong", "wrong_key", refused("key_refused", "key", posts=0), but=store),
        on("upload", "the key has no access", "no_access", refused("no_access", "key", posts=0), but=store),
        on("upload", "404", "not_found", refused("no_access", "key", posts=0), but=store),
        on("upload", "the permit has expired", "expired", done(), at=(DASHSCOPE,)),
    )  # fmt: skip


ROWS: tuple[Row, ...] = (*_creates(), *_reads(), *_results(), *_uploads())

NOT_THERE: Mapping[tuple[Phase, str], str] = {
    ("upload", AIMLAPI): "it takes no uploads: the picture goes along with the order",
    ("callback", AIMLAPI): "it does not call back",
    ("callback", APIMART): "it does not call back",
    ("callback", DASHSCOPE): "it does not call back",
}
"""Calls that a service does not have."""

NOT_SO: Mapping[tuple[Phase, Kind, str], str] = {
    ("upload", "expired", EVOLINK): "its uploads need no permit",
    ("upload", "expired", APIMART): "its uploads need no permit",
}
"""Faults that a service cannot have."""

AT_CALLBACKS: Mapping[Kind, str] = {
    "latency": "test_a_late_call_about_a_film_that_is_there_changes_nothing",
    "lost": "test_a_lost_call_costs_time_and_nothing_else",
    "duplicate": "test_a_call_that_comes_twice_is_one_film",
    "out_of_order": "test_a_call_that_says_less_than_an_earlier_one_changes_nothing",
}
"""Faults of callbacks, and the test of each in ``test_faults_callbacks``."""
