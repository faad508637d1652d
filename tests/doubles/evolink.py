"""EvoLink: tasks at one host, files at another, callbacks, credits."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from tests.doubles.callbacks import address_problem, call_back
from tests.doubles.evolink_files import EvoLinkFiles
from tests.doubles.handover import Limits
from tests.doubles.schemas import complaint, unknown_fields
from tests.doubles.tasks import Doom, Price, Task, Wanted
from tests.doubles.wire import Answer
from tests.doubles.words import Refusal, Route, Saying

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.faults import Fault, Phase
    from tests.doubles.handover import Problem
    from tests.doubles.wire import Request

MODEL = "wan2.6-image-to-video-flash"
SCHEMA = ("evolink.openapi.yaml", "Wan26ImageToVideoFlashRequest")
CREDITS_PER_USD = Decimal(68)
CREDITS_PER_S = {
    ("720p", False): Decimal("2.38"),
    ("1080p", False): Decimal("3.9746"),
    ("720p", True): Decimal("1.19"),
    ("1080p", True): Decimal("1.9873"),
}
LEAST_CREDITS = Decimal(6)
_IDEMPOTENCY = re.compile(r"[A-Za-z0-9._-]{16,96}")

SAYINGS: Mapping[Refusal, Saying] = {
    "bad_request": Saying(400, "invalid_request", "Invalid request parameters", "invalid_request_error"),
    "wrong_key": Saying(401, "unauthorized", "Invalid or expired token", "authentication_error"),
    "no_money": Saying(402, "insufficient_quota", "Insufficient quota. Please top up your account.", "insufficient_quota"),
    "no_access": Saying(403, "model_access_denied", f"Token does not have access to model: {MODEL}", "invalid_request_error"),
    "not_found": Saying(404, "not_found", "Not found", "invalid_request_error"),
    "conflict": Saying(409, "idempotency_conflict", "Idempotency key was used with another request", "invalid_request_error"),
    "too_large": Saying(413, "request_too_large", "Request body too large", "invalid_request_error"),
    "rate_limited": Saying(429, "rate_limit_exceeded", "Too many requests, please try again later", "rate_limit_error"),
    "server_error": Saying(500, "internal_error", "Internal server error", "api_error"),
    "filter": Saying(400, "content_policy_violation", "The prompt was rejected by the content filter.", "invalid_request_error"),
}
READ_SAYINGS: Mapping[Refusal, Saying] = {
    "bad_request": Saying(400, "invalid_task_id", "Invalid task ID format, must start with 'task-unified-'", "invalid_request_error"),
    "wrong_key": Saying(401, "unauthorized", "Authentication required", "authentication_error"),
    "no_money": Saying(402, "quota_exceeded", "Insufficient quota. Please top up your account.", "insufficient_quota"),
    "no_access": Saying(403, "permission_denied", "You don't have permission to access this task", "invalid_request_error"),
    "not_found": Saying(404, "task_not_found", "The requested task could not be found", "invalid_request_error"),
    "gone": Saying(404, "task_not_found", "The requested task could not be found", "invalid_request_error"),
    "rate_limited": Saying(429, "rate_limit_exceeded", "Rate limit exceeded", "evo_api_error"),
    "server_error": Saying(500, "internal_error", "Failed to retrieve task status", "api_error"),
}
DOOMS: Mapping[str, Doom] = {
    "filter": Doom("content_policy_violation", "The prompt was rejected by the content filter."),
    "server_error": Doom("service_error", "The service failed to process the task."),
    "unreachable": Doom("image_processing_error", "Failed to download the image."),
    "no_picture": Doom("image_processing_error", "Failed to process the image."),
    "picture_format": Doom("image_processing_error", "Unsupported image format."),
    "picture_size": Doom("image_dimension_mismatch", "Image dimensions must be between 360 and 2000 pixels."),
    "picture_heavy": Doom("image_processing_error", "The image exceeds 10MB."),
    "picture_clear": Doom("image_processing_error", "Images with transparency are not supported."),
}


@dataclass(frozen=True, slots=True)
class _Known:
    body: bytes
    answer: Answer


class EvoLink(EvoLinkFiles):
    """EvoLink at the API host."""

    service: ClassVar[str] = "evolink"
    name: ClassVar[str] = "EvoLink"
    turned_away: ClassVar[tuple[str, ...]] = ("python-", "python/", "aiohttp")
    limits: ClassVar[Limits] = Limits(sides=(360, 2000), picture_bytes=10_000_000, sound_formats=frozenset({"mp3"}))

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of Double
        super().__init__(**options)
        self._replays: dict[str, _Known] = {}

    def routes(self) -> Sequence[Route]:
        """As ``Double`` has it."""
        return (
            Route("POST", "/v1/videos/generations", "create", self._create),
            Route("GET", "/v1/tasks", None, self._list),
            Route("POST", "/v1/tasks/batch", None, self._batch),
            Route("GET", r"/v1/tasks/(?P<task_id>.+)", "read", self._read),
            Route("GET", "/v1/credits", None, self._credits),
            Route("GET", "/v1/models", None, self._models),
            *self.file_routes(),
        )

    def saying(self, refusal: Refusal, phase: Phase | None) -> Saying:
        """As ``Double`` has it."""
        if phase == "upload":
            return self.file_saying(refusal)
        return (READ_SAYINGS if phase == "read" else SAYINGS).get(refusal) or SAYINGS[refusal]

    def envelope(self, saying: Saying, phase: Phase | None, request: Request | None) -> object:
        """As ``Double`` has it."""
        if phase == "upload" or (request is not None and request.host == "files"):
            return {"success": False, "code": saying.code if isinstance(saying.code, int) else saying.status, "msg": saying.message}
        error = {"code": saying.code, "message": saying.message, "type": saying.kind}
        return {"error": {**error, "param": "task_id"} if saying.code == "invalid_task_id" else error}

    def flat(self, saying: Saying, phase: Phase | None) -> object:
        """As ``Double`` has it."""
        return saying.message if phase == "upload" else {"error": saying.message}

    def doom(self, why: Problem | Refusal) -> Doom:
        """As ``Double`` has it; what is wrong with a sound is ``invalid_parameters``."""
        return DOOMS.get(why, Doom("invalid_parameters", f"Invalid parameters: {why.replace('_', ' ')}"))

    async def ended(self, task: Task) -> None:
        """Call back, where an address was given."""
        if task.wanted.callback is not None:
            self.work(call_back(self, task, task.wanted.callback, self.order("callback", task.id)))

    # ------------------------------------------------------------------------------------------------ calls

    async def _create(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named
        body = request.json()
        if (wrong := self._wrong(body)) is not None:
            return self.refuse("bad_request", "create", request, message=wrong)
        key = request.headers.get("idempotency-key", "")
        known = self._replays.get(key)
        if known is not None and known.body == request.body:
            return Answer(known.answer.status, known.answer.body, {**known.answer.headers, "idempotency-replayed": "true"})
        if known is not None:
            return self.refuse("conflict", "create", request)
        wanted = wanted_of(body)
        price = price_of(wanted)
        if not self.affords(price):
            return self.refuse("no_money", "create", request)
        task_id = f"task-unified-{int(time.time())}-{secrets.token_hex(4)}"
        task = self.accept(Task(task_id, body, wanted, price, client_ref=key or None), fault)
        shown = {**self.view(task), "task_info": {"can_cancel": True, "estimated_time": 120}}
        shown["usage"] = {"billing_rule": "per_second", "credits_reserved": float(price.amount), "user_group": "default"}
        answer = Answer.of(
            self.id_less(shown) if fault is not None and fault.kind == "no_id" else shown, x_request_id=f"req-{secrets.token_hex(8)}"
        )
        if _IDEMPOTENCY.fullmatch(key):
            self._replays[key] = _Known(request.body, answer)
        return answer

    def _wrong(self, body: Any) -> str | None:  # noqa: ANN401 - JSON
        """What is wrong with a create: by the schema, and by what the schema forgot."""
        if not isinstance(body, dict):
            return "Request body is not a JSON object"
        if (against := complaint(*SCHEMA, body)) is not None:
            return f"{against[0]}: {against[1]}"
        if unknown := unknown_fields(*SCHEMA, body):
            return f"Unknown parameter: {unknown[0]}"
        refs = [*body["image_urls"], *filter(None, [body.get("audio_url")])]
        gaps = (
            ("image_urls: exactly 1 image is required", len(body["image_urls"]) != 1),
            ("quality: must be one of 720p, 1080p", body.get("quality", "720p") not in {"720p", "1080p"}),
            (
                "image_urls: the URL must be directly viewable or downloadable",
                not all(ref.startswith(("http://", "https://")) for ref in refs),
            ),
            ("audio_url: conflicts with generate_audio=false", "audio_url" in body and not body.get("generate_audio", True)),
        )
        callback = address_problem(body["callback_url"], self.reach) if "callback_url" in body else None
        return next((wrong for wrong, is_so in gaps if is_so), callback)

    async def _read(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        if not named["task_id"].startswith("task-unified-"):
            return self.refuse("bad_request", "read", request)
        return await self.show(named["task_id"], request, fault)

    def view(self, task: Task, fault: Fault | None = None) -> dict[str, Any]:
        """As ``Double`` has it: also the body of a callback."""
        kind = fault.kind if fault is not None else None
        shown: dict[str, Any] = {
            "created": int(task.at),
            "id": task.id,
            "model": MODEL,
            "object": "video.generation.task",
            "progress": task.progress,
            "status": "archiving" if kind == "unknown_status" else "failed" if task.state == "cancelled" else task.state,
            "task_info": {"can_cancel": task.state == "pending"},
            "type": "video",
        }
        if task.state == "cancelled":
            shown["error"] = {"code": "request_cancelled", "message": "The request was cancelled.", "type": "task_error"}
        if task.state == "failed" and task.doom is not None:
            shown["error"] = {"code": task.doom.code, "message": task.doom.message, "type": "task_error"}
        if task.state == "completed":
            url = self.result_url(task)
            shown |= (
                {"result_data": [{"video_url": url, "duration": float(task.wanted.duration)}]}
                if kind == "odd_shape"
                else {"results": [url]}
            )
            shown["usage"] = {
                "credits_used": float(task.price.amount),
                "cost": {"credits": float(task.price.amount), "usd": float(task.price.usd)},
            }
        if kind == "string_for_object":
            shown |= {"status": "failed", "error": task.doom.message if task.doom else "The service failed to process the task."}
            shown.pop("results", None)
        return shown

    async def _list(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        rows = [
            {
                "id": task.id,
                "status": task.state,
                "model": MODEL,
                "type": "video",
                "progress": task.progress,
                "created_at": int(task.at),
                "credits_used": float(task.price.amount) if task.state == "completed" else 0,
                "has_results": task.state == "completed",
                "has_error": task.state == "failed",
            }
            for task in sorted(self.tasks.values(), key=lambda task: -task.at)
            if not task.forgotten and request.query.get("status", task.state) == task.state and request.query.get("model", MODEL) == MODEL
        ]
        page, size = int(request.query.get("page", "1")), min(50, int(request.query.get("page_size", "20")))
        return Answer.of({"data": rows[(page - 1) * size : page * size], "total": len(rows), "page": page, "page_size": size})

    async def _batch(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        body = request.json()
        ids = body.get("task_ids") if isinstance(body, dict) else None
        if not isinstance(ids, list) or not 1 <= len(ids) <= 50:
            return self.refuse("bad_request", "create", request, message="task_ids: 1 to 50 ids")
        return Answer.of({"data": [self.view(self.tasks[task_id]) for task_id in ids if task_id in self.tasks]})

    async def _credits(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del request, named, fault
        left = float(max(Decimal(0), self.balance_usd) * CREDITS_PER_USD)
        used = float(sum((charge.amount for charge in self.ledger()), Decimal(0)))
        token = {"remaining_credits": left, "unlimited_credits": False, "used_credits": used}
        return Answer.of(
            {"data": {"token": token, "user": {"remaining_credits": left, "used_credits": used}}, "message": "", "success": True}
        )

    async def _models(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del request, named, fault
        return Answer.of({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "evolink"}]})


def wanted_of(body: Mapping[str, Any]) -> Wanted:
    """A create with EvoLink's defaults."""
    return Wanted(
        prompt=body["prompt"],
        image=body["image_urls"][0],
        audio=body.get("audio_url"),
        duration=body.get("duration", 5),
        quality=body.get("quality", "720p"),
        silent=not body.get("generate_audio", True),
        callback=body.get("callback_url"),
    )


def price_of(wanted: Wanted) -> Price:
    """By the second, and at least six credits."""
    amount = max(LEAST_CREDITS, CREDITS_PER_S[wanted.quality, wanted.silent] * wanted.duration)
    return Price((amount / CREDITS_PER_USD).quantize(Decimal("0.0001")), amount, "credits")
