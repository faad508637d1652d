"""Alibaba's DashScope: an async header, bad values that fail late, limits on creates and tasks, money behind any 4xx."""

from __future__ import annotations

import time
import uuid
from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.doubles.apimart import said
from tests.doubles.dashscope_oss import DashScopeUploads
from tests.doubles.handover import Limits
from tests.doubles.tasks import Doom, Price, Task, Wanted
from tests.doubles.wire import Answer
from tests.doubles.words import Refusal, Route, Saying

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.faults import Fault, Phase
    from tests.doubles.handover import Problem
    from tests.doubles.wire import Request

MODEL = "wan2.6-i2v-flash"
CREATES_PER_S = 5
TASKS_AT_ONCE = 5
READS_PER_S = 20
USD_PER_S = {
    ("720p", False): Decimal("0.05"),
    ("1080p", False): Decimal("0.075"),
    ("720p", True): Decimal("0.025"),
    ("1080p", True): Decimal("0.0375"),
}
STATES = {"pending": "PENDING", "processing": "RUNNING", "completed": "SUCCEEDED", "failed": "FAILED", "cancelled": "CANCELED"}
_CHINA_S = 8 * 3600


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Input(_Strict):
    """``input``; what is too long is cut, not refused."""

    img_url: Annotated[str, Field(pattern=r"^(https?://|oss://|data:image/)")]
    prompt: str | None = None
    negative_prompt: str | None = None
    audio_url: Annotated[str, Field(pattern=r"^(https?://|oss://)")] | None = None
    template: str | None = None


class Parameters(_Strict):
    """``parameters``: types are looked at here, values only when the task runs."""

    resolution: str = "1080P"
    duration: int = 5
    prompt_extend: bool = True
    shot_type: str = "single"
    audio: bool = True
    watermark: bool = False
    seed: int | None = None


class Create(_Strict):
    """The body of a create."""

    model: str
    input: Input
    parameters: Parameters = Parameters()


SAYINGS: Mapping[Refusal, Saying] = {
    "bad_request": Saying(400, "InvalidParameter", "The request is invalid, please check your parameters."),
    "wrong_key": Saying(401, "InvalidApiKey", "Invalid API-key provided."),
    "no_money": Saying(400, "Arrearage", "Access denied, please make sure your account is in good standing."),
    "no_access": Saying(403, "Model.AccessDenied", "Model access denied."),
    "not_found": Saying(404, "ModelNotFound", "Model can not be found."),
    "conflict": Saying(409, "Conflict", "Conflict."),
    "too_large": Saying(400, "BadRequest.TooLarge", "Payload Too Large"),
    "rate_limited": Saying(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
    "server_error": Saying(500, "InternalError", "An internal error has occured, please try again later or contact service support."),
    "filter": Saying(400, "DataInspectionFailed", "Input data may contain inappropriate content."),
}
DOOMS: Mapping[str, Doom] = {
    "filter": Doom("DataInspectionFailed", "Output data may contain inappropriate content."),
    "server_error": Doom("InternalError.Algo", "An error during model inference."),
    "unreachable": Doom("InvalidParameter.DataInspection", "Unable to download the media resource during the data inspection process."),
    "no_picture": Doom("InvalidImage.FileFormat", "Invalid image type."),
    "picture_format": Doom("InvalidImageFormat", "The image format is not supported."),
    "picture_size": Doom("InvalidImageResolution", "The size of the input image must be between 240 and 8000 pixels."),
    "picture_heavy": Doom("InvalidParameter.DataInspection", "The image is larger than 20MB."),
    "picture_clear": Doom("InvalidImageFormat", "Images with an alpha channel are not supported."),
}
_BAD_SOUND = Doom("InvalidURL", "The audio is not wav or mp3, or its length or size is out of range.")


class DashScope(DashScopeUploads):
    """DashScope of one region, and its object store under ``/oss``."""

    service: ClassVar[str] = "dashscope"
    name: ClassVar[str] = "DashScope"
    limits: ClassVar[Limits] = Limits()
    string_is_the_end: ClassVar[bool] = False
    filter_at_once: ClassVar[bool] = True

    def __init__(
        self,
        *,
        when_full: Literal["refuse", "wait"] = "refuse",
        creates_per_s: int = CREATES_PER_S,
        reads_per_s: int = READS_PER_S,
        tasks_at_once: int = TASKS_AT_ONCE,
        **options: Any,  # noqa: ANN401 - those of Double
    ) -> None:
        """As ``Double``; ``when_full``: what becomes of a sixth task is not documented."""
        super().__init__(**options)
        self.when_full = when_full
        self.creates_per_s = creates_per_s
        self.reads_per_s = reads_per_s
        self.tasks_at_once = tasks_at_once
        self._creates: deque[float] = deque()
        self._reads: deque[float] = deque()

    def routes(self) -> Sequence[Route]:
        """As ``Double`` has it."""
        return (
            Route("POST", "/api/v1/services/aigc/video-generation/video-synthesis", "create", self._create),
            Route("GET", "/api/v1/tasks/?", None, self._list),
            Route("POST", r"/api/v1/tasks/(?P<task_id>[^/]+)/cancel", None, self._cancel),
            Route("GET", r"/api/v1/tasks/(?P<task_id>[^/]+)", "read", self._read),
            *self.upload_routes(),
        )

    def saying(self, refusal: Refusal, phase: Phase | None) -> Saying:
        """As ``Double`` has it."""
        del phase
        return SAYINGS.get(refusal, SAYINGS["bad_request"])

    def envelope(self, saying: Saying, phase: Phase | None, request: Request | None) -> object:
        """As ``Double`` has it: at the top, without an envelope."""
        del phase, request
        return {"code": saying.code, "message": saying.message, "request_id": str(uuid.uuid4())}

    def flat(self, saying: Saying, phase: Phase | None) -> object:
        """As ``Double`` has it."""
        del phase
        return saying.message

    def doom(self, why: Problem | Refusal) -> Doom:
        """As ``Double`` has it."""
        return DOOMS.get(why, _BAD_SOUND)

    def id_less(self, body: dict[str, Any]) -> dict[str, Any]:
        """As ``Double`` has it."""
        return {**body, "output": {"task_status": "PENDING"}}

    def room(self, task: Task) -> bool:
        """As ``Life`` has it: the sixth waits, where it was not refused."""
        return sum(other is not task and not other.over and other.at <= task.at for other in self.tasks.values()) < self.tasks_at_once

    async def _create(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named
        if (closed := self._closed(request)) is not None:
            return closed
        try:
            body = Create.model_validate_json(request.body)
        except ValidationError as error:
            return self.refuse("bad_request", "create", request, message=said(error))
        if body.model != MODEL:
            return self.refuse("not_found", "create", request)
        refs = [ref for ref in (body.input.img_url, body.input.audio_url) if ref is not None]
        ours = [ref for ref in refs if ref.startswith("oss://")]
        resolve = request.headers.get("x-dashscope-ossresourceresolve") == "enable"
        if ours and not resolve:
            return self.refuse("bad_request", "create", request, code="InvalidURL", message="url error, please check url!")
        late = bad_value(body.parameters)
        wanted = wanted_of(body)
        price = price_of(wanted)
        if not self.affords(price):
            return self.refuse("no_money", "create", request)
        if resolve and not ours and late is None and any(ref.startswith("http") for ref in refs):
            late = DOOMS["unreachable"]  # with the header, plain addresses are said to break
        task = self.accept(Task(str(uuid.uuid4()), request.json(), wanted, price, doom=late), fault)
        shown = {"output": {"task_status": "PENDING", "task_id": task.id}, "request_id": str(uuid.uuid4())}
        return Answer.of(self.id_less(shown) if fault is not None and fault.kind == "no_id" else shown)

    def _closed(self, request: Request) -> Answer | None:
        """What is refused before the body is looked at."""
        if request.headers.get("x-dashscope-async") != "enable":
            message = "current user api does not support synchronous calls."
            return self.refuse("no_access", "create", request, code="AccessDenied", message=message)
        if too_fast(self._creates, self.creates_per_s, time.monotonic()):
            return self.refuse("rate_limited", "create", request)
        if self.when_full == "refuse" and sum(not task.over for task in self.tasks.values()) >= self.tasks_at_once:
            return self.refuse("rate_limited", "create", request, message="Too many tasks are running.")
        return None

    async def _read(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        if too_fast(self._reads, self.reads_per_s, time.monotonic()):
            return self.refuse("rate_limited", "read", request)
        task_id = named["task_id"]
        if task_id in self.tasks:
            answer = await self.show(task_id, request, fault)
            if not self.tasks[task_id].forgotten:
                return answer
        return Answer.of({"request_id": str(uuid.uuid4()), "output": {"task_id": task_id, "task_status": "UNKNOWN"}})

    def view(self, task: Task, fault: Fault | None = None) -> dict[str, Any]:
        """As ``Double`` has it."""
        kind = fault.kind if fault is not None else None
        output: dict[str, Any] = {"task_id": task.id, "task_status": "SUSPENDED" if kind == "unknown_status" else STATES[task.state]}
        output["submit_time"] = _china(task.at)
        if task.state != "pending":
            output["scheduled_time"] = _china(task.at + 1)
        if task.ended_at is not None:
            output["end_time"] = _china(task.ended_at)
        shown: dict[str, Any] = {"request_id": str(uuid.uuid4()), "output": output}
        if task.state == "completed":
            output |= {"orig_prompt": task.wanted.prompt, "video_url": self.result_url(task)}
            tier = 720 if task.wanted.quality == "720p" else 1080
            shown["usage"] = {
                "duration": task.wanted.duration,
                "input_video_duration": 0,
                "output_video_duration": task.wanted.duration,
                "video_count": 1,
                "SR": str(tier) if kind == "odd_shape" else tier,
                "audio": not task.wanted.silent,
            }
        if task.state == "failed" and task.doom is not None:
            output |= {"code": task.doom.code, "message": task.doom.message}
        return {**shown, "output": "InternalError"} if kind == "string_for_object" else shown

    async def _cancel(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del fault
        task = self.tasks.get(named["task_id"])
        if task is None or task.forgotten or task.state != "pending":
            message = "Failed to cancel the task, please confirm if the task is in PENDING status."
            return self.refuse("bad_request", None, request, code="UnsupportedOperation", message=message)
        await self.finish(task, "cancelled")
        return Answer.of({"request_id": str(uuid.uuid4())})

    async def _list(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        query = request.query
        rows = [
            {
                "task_id": task.id,
                "status": STATES[task.state],
                "model_name": MODEL,
                "region": "cn-beijing",
                "gmt_create": int(task.at * 1000),
                "start_time": int(task.at * 1000),
                "request_id": str(uuid.uuid4()),
                "api_key_id": "1",
                "caller_uid": "1",
                "caller_parent_id": "1",
                **({"end_time": int(task.ended_at * 1000)} if task.ended_at else {}),
            }
            for task in sorted(self.tasks.values(), key=lambda task: -task.at)
            if not task.forgotten
            and query.get("status", STATES[task.state]) == STATES[task.state]
            and query.get("model_name", MODEL) == MODEL
            and query.get("start_time", "0") <= _compact(task.at) <= query.get("end_time", "9")
        ]
        page, size = int(query.get("page_no", "1")), int(query.get("page_size", "10"))
        return Answer.of(
            {
                "total": len(rows),
                "data": rows[(page - 1) * size : page * size],
                "total_page": -(-len(rows) // size),
                "page_no": page,
                "page_size": size,
                "request_id": str(uuid.uuid4()),
            }
        )


def bad_value(given: Parameters) -> Doom | None:
    """What will be wrong with the values once the task runs."""
    wrong = (
        ("resolution", given.resolution not in {"720P", "1080P"}),
        ("duration", not 2 <= given.duration <= 15),
        ("shot_type", given.shot_type not in {"single", "multi"}),
        ("seed", given.seed is not None and not 0 <= given.seed <= 2_147_483_647),
    )
    return next((Doom("InvalidParameter", f"The parameter {name} is invalid.") for name, bad in wrong if bad), None)


def wanted_of(body: Create) -> Wanted:
    """A create with the service's defaults; the switch beats a sound of one's own, long prompts are cut."""
    tier = body.parameters.resolution.lower()
    return Wanted(
        prompt=(body.input.prompt or "")[:1500],
        image=body.input.img_url,
        audio=body.input.audio_url if body.parameters.audio else None,
        duration=min(15, max(2, body.parameters.duration)),
        quality=cast("Literal['720p', '1080p']", tier) if tier in {"720p", "1080p"} else "1080p",
        silent=not body.parameters.audio,
    )


def price_of(wanted: Wanted) -> Price:
    """By the second, as in Singapore."""
    usd = USD_PER_S[wanted.quality, wanted.silent] * wanted.duration
    return Price(usd, usd, "USD")


def too_fast(seen: deque[float], most: int, now: float) -> bool:
    """Whether a call at ``now`` (seconds) is one more than ``most`` within a second; one that is not is remembered."""
    while seen and now - seen[0] >= 1:
        seen.popleft()
    if len(seen) >= most:
        return True
    seen.append(now)
    return False


def _china(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at + _CHINA_S)) + f".{int(at * 1000) % 1000:03d}"


def _compact(at: float) -> str:
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(at + _CHINA_S))
