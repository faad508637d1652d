"""APIMart: a list in one answer and an object in the other, 1080p unless told, integers as error codes."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.doubles.forms import parts
from tests.doubles.handover import Limits, judge_picture
from tests.doubles.seller import Double
from tests.doubles.tasks import Doom, Price, Stored, Task, Wanted
from tests.doubles.wire import Answer
from tests.doubles.words import Refusal, Route, Saying

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.faults import Fault, Phase
    from tests.doubles.handover import Problem
    from tests.doubles.wire import Request

MODEL = "wan2.6-i2v-flash"
USD_PER_S = {
    ("720p", False): Decimal("0.04"),
    ("1080p", False): Decimal("0.06"),
    ("720p", True): Decimal("0.02"),
    ("1080p", True): Decimal("0.03"),
}
"""Made up: only that 1080p costs more is known."""
_UPLOADS = Limits(picture_formats=frozenset({"jpeg", "png", "webp", "gif"}), sides=(1, 100_000), picture_bytes=20 * 1024 * 1024)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Create(BaseModel):
    """The body of a create, as the model's page has it; an unknown field is refused, which the page does not say."""

    model_config = ConfigDict(strict=True, extra="forbid")

    model: Literal["wan2.6-i2v-flash"]
    image_urls: Annotated[list[Annotated[str, Field(pattern=r"^(https?://|data:image/)")]], Field(min_length=1, max_length=1)]
    prompt: str | None = None
    negative_prompt: Annotated[str, Field(max_length=500)] | None = None
    resolution: Literal["720p", "1080p"] = "1080p"
    duration: Annotated[int, Field(ge=2, le=15)] = 5
    audio: bool = True
    audio_url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    prompt_extend: bool = True
    shot_type: Literal["single", "multi"] = "single"
    seed: Annotated[int, Field(ge=0)] | None = None
    watermark: bool = False
    template: str | None = None


SAYINGS: Mapping[Refusal, Saying] = {
    "bad_request": Saying(400, 400, "Invalid request parameters", "invalid_request_error"),
    "wrong_key": Saying(401, 401, "Invalid API key", "authentication_error"),
    "no_money": Saying(402, 402, "Insufficient balance, please top up", "payment_required"),
    "no_access": Saying(403, 403, "No access to this model", "permission_error"),
    "not_found": Saying(404, 404, "Task not found", "invalid_request_error"),
    "gone": Saying(404, 404, "Task not found", "invalid_request_error"),
    "conflict": Saying(409, 409, "Conflict", "invalid_request_error"),
    "too_large": Saying(413, 413, "File too large", "invalid_request_error"),
    "media_type": Saying(400, 400, "Unsupported file type", "invalid_request_error"),
    "rate_limited": Saying(429, 429, "Too many requests", "rate_limit_error"),
    "server_error": Saying(500, 500, "Internal server error", "server_error"),
    "filter": Saying(400, 400, "The content violates the policy", "invalid_request_error"),
}
DOOMS: Mapping[str, Doom] = {
    "filter": Doom("task_failed", "The request was rejected because of the content policy (DataInspectionFailed)."),
    "server_error": Doom("task_failed", "The task failed."),
    "unreachable": Doom("task_failed", "Failed to download the media."),
}


class ApiMart(Double):
    """APIMart."""

    service: ClassVar[str] = "apimart"
    name: ClassVar[str] = "APIMart"
    limits: ClassVar[Limits] = Limits(picture_bytes=10_000_000)

    def routes(self) -> Sequence[Route]:
        """As ``Double`` has it."""
        return (
            Route("POST", "/v1/videos/generations", "create", self._create),
            Route("GET", r"/v1/tasks/(?P<task_id>[^/]+)", "read", self._read),
            Route("POST", "/v1/uploads/images", "upload", self._upload),
            Route("GET", "/v1/balance", None, self._balance),
            Route("GET", "/v1/user/balance", None, self._balance),
            Route("GET", r"/(?P<path>up/.+)", None, self._get, key=False),
        )

    def saying(self, refusal: Refusal, phase: Phase | None) -> Saying:
        """As ``Double`` has it."""
        del phase
        return SAYINGS.get(refusal, SAYINGS["bad_request"])

    def envelope(self, saying: Saying, phase: Phase | None, request: Request | None) -> object:
        """As ``Double`` has it; a 200 that is none says so in ``code``."""
        del phase, request
        if saying.status == 200:
            return {"code": saying.code, "message": saying.message}
        return {"error": {"code": saying.code, "message": saying.message, "type": saying.kind}}

    def flat(self, saying: Saying, phase: Phase | None) -> object:
        """As ``Double`` has it."""
        del phase
        return {"error": saying.message}

    def doom(self, why: Problem | Refusal) -> Doom:
        """As ``Double`` has it."""
        return DOOMS.get(why, Doom("task_failed", f"Invalid media: {why.replace('_', ' ')}."))

    def id_less(self, body: dict[str, Any]) -> dict[str, Any]:
        """As ``Double`` has it: here the list is empty."""
        return {**body, "data": []}

    async def _create(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named
        try:
            body = Create.model_validate_json(request.body)
        except ValidationError as error:
            return self.refuse("bad_request", "create", request, message=said(error))
        wanted = wanted_of(body)
        price = price_of(wanted)
        if not self.affords(price):
            return self.refuse("no_money", "create", request)
        task_id = "task_01K5" + "".join(secrets.choice(_CROCKFORD) for _ in range(22))
        task = self.accept(Task(task_id, request.json(), wanted, price), fault)
        row = {"status": "submitted", "task_id": task.id}
        kind = fault.kind if fault is not None else None
        shown: dict[str, Any] = {"code": 200, "data": row if kind == "odd_shape" else [row]}
        return Answer.of(self.id_less(shown) if kind == "no_id" else shown)

    async def _read(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        return await self.show(named["task_id"], request, fault)

    def view(self, task: Task, fault: Fault | None = None) -> dict[str, Any]:
        """As ``Double`` has it."""
        kind = fault.kind if fault is not None else None
        status = "in_review" if kind == "unknown_status" else "submitted" if task.state == "pending" and task.reads <= 1 else task.state
        data: dict[str, Any] = {"id": task.id, "status": status, "progress": task.progress, "created": int(task.at), "estimated_time": 120}
        if task.state == "completed":
            ended = int(task.ended_at or task.at)
            url = self.result_url(task)
            data["result"] = {"videos": [{"url": url if kind == "odd_shape" else [url], "expires_at": ended + 86_400}]}
            data |= {"completed": ended, "actual_time": max(1, ended - int(task.at)), "cost": float(task.price.usd)}
        if task.state == "failed" and task.doom is not None:
            data["error"] = {"code": task.doom.code, "message": task.doom.message, "type": "task_error"}
        if kind == "string_for_object":
            data |= {"status": "failed", "error": task.doom.message if task.doom else "The task failed."}
            data.pop("result", None)
        return {"code": 200, "data": [data] if kind == "odd_shape" else data}

    async def _upload(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        files = [part for part in parts(request) or () if part.name == "file" and part.filename is not None]
        if len(files) != 1:
            return self.refuse("bad_request", "upload", request, message="file is required")
        got = judge_picture("upload", files[0].data, _UPLOADS)
        if got.problem == "picture_heavy":
            return self.refuse("too_large", "upload", request)
        if got.problem not in {None, "picture_clear"}:
            return self.refuse("media_type", "upload", request)
        file_id, name = secrets.token_hex(8), (files[0].filename or "image").replace("/", "_")
        file = Stored(file_id, name, got.data, f"image/{got.form}", f"up/{file_id}/{name}")
        self.files[file_id] = file
        return Answer.of(
            {
                "url": f"{self.files_url}/{file.path}",
                "filename": name,
                "content_type": file.mime,
                "bytes": len(file.data),
                "created_at": int(file.at),
            }
        )

    async def _get(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del fault
        file = self.stored(f"{self.files_url}/{named['path']}")
        return self.refuse("not_found", "upload", request) if file is None else Answer(200, file.data, {"content-type": file.mime})

    async def _balance(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del request, named, fault
        used = float(sum((charge.usd for charge in self.ledger()), Decimal(0)))
        return Answer.of({"success": True, "remain_balance": float(self.balance_usd), "used_balance": used, "unlimited_quota": False})


def said(error: ValidationError) -> str:
    """The first complaint of pydantic, in a line."""
    first = error.errors()[0]
    return f"{'.'.join(str(step) for step in first['loc']) or 'body'}: {first['msg']}"


def wanted_of(body: Create) -> Wanted:
    """A create with the service's defaults; the switch beats a sound of one's own."""
    return Wanted(
        prompt=body.prompt or "",
        image=body.image_urls[0],
        audio=body.audio_url if body.audio else None,
        duration=body.duration,
        quality=body.resolution,
        silent=not body.audio,
    )


def price_of(wanted: Wanted) -> Price:
    """By the second."""
    usd = USD_PER_S[wanted.quality, wanted.silent] * wanted.duration
    return Price(usd, usd, "USD")
