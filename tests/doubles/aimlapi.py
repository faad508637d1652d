"""AI/ML API: one path for create and read, any 2xx, money behind a 403, costs in headers."""

from __future__ import annotations

import secrets
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from tests.doubles.handover import Limits
from tests.doubles.schemas import complaint, unknown_fields
from tests.doubles.seller import Double
from tests.doubles.tasks import Doom, Price, Task, Wanted
from tests.doubles.wire import Answer
from tests.doubles.words import Refusal, Route, Saying

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.faults import Fault, Phase
    from tests.doubles.handover import Problem
    from tests.doubles.wire import Request

MODEL = "alibaba/wan-2-6-image-to-video-flash"
SCHEMA = ("aimlapi.openapi.json", "CreateVideoRequest")
CREDITS_PER_USD = Decimal(2_000_000)
USD_PER_S = {
    ("720p", False): Decimal("0.07"),
    ("1080p", False): Decimal("0.105"),
    ("720p", True): Decimal("0.035"),
    ("1080p", True): Decimal("0.0525"),
}
"""Made up; what 5 s at 720p with sound cost in the sample (700,000 credits) is kept."""
STATES = {"pending": "queued", "processing": "generating", "completed": "completed", "failed": "error", "cancelled": "error"}
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

SAYINGS: Mapping[Refusal, Saying] = {
    "bad_request": Saying(400, 400, "Body validation error!"),
    "wrong_key": Saying(401, 401, "Unauthorized: the API key is missing or invalid"),
    "no_money": Saying(403, 403, "You've run out of credits. Please top up your balance or update your payment method to continue."),
    "no_access": Saying(403, 403, "Forbidden: you have no access to this model"),
    "not_found": Saying(404, 404, "Not Found"),
    "gone": Saying(404, 404, "Generation not found"),
    "conflict": Saying(409, 409, "Conflict"),
    "too_large": Saying(413, 413, "Payload Too Large"),
    "rate_limited": Saying(429, 429, "Too Many Requests"),
    "server_error": Saying(500, 500, "Internal server error"),
    "filter": Saying(400, 400, "The input was rejected by the content moderation"),
}
DOOMS: Mapping[str, Doom] = {
    "filter": Doom("GenerationError", "Output or input data may contain inappropriate content."),
    "server_error": Doom("GenerationError", "The generation failed."),
    "unreachable": Doom("GenerationError", "Unable to download the media resource during the data inspection process."),
    "picture_size": Doom("GenerationError", "The image resolution is invalid: width and height must be between 240 and 8000."),
}


class AimlApi(Double):
    """AI/ML API."""

    service: ClassVar[str] = "aimlapi"
    name: ClassVar[str] = "AI/ML API"
    limits: ClassVar[Limits] = Limits()

    def __init__(self, *, created: int = 201, **options: Any) -> None:  # noqa: ANN401 - those of Double
        """As ``Double``; ``created`` is the status of a good create, 200 or 201: the documents name both."""
        super().__init__(**options)
        self.created = created

    def routes(self) -> Sequence[Route]:
        """As ``Double`` has it."""
        return (
            Route("POST", "/v2/video/generations", "create", self._create),
            Route("GET", "/v2/video/generations", "read", self._read),
            Route("GET", "/v2/billing", None, self._billing),
            Route("GET", "/v1/billing/balance", None, self._old_balance),
            Route("GET", "/v1/models", None, self._models, key=False),
        )

    def saying(self, refusal: Refusal, phase: Phase | None) -> Saying:
        """As ``Double`` has it."""
        del phase
        return SAYINGS.get(refusal, SAYINGS["bad_request"])

    def envelope(self, saying: Saying, phase: Phase | None, request: Request | None) -> object:
        """As ``Double`` has it: flat, and the status in words of its own."""
        del phase
        now = time.time()
        return {
            "message": saying.message,
            "path": request.path if request else "/v2/video/generations",
            "requestId": _uuid(),
            "statusCode": saying.code if saying.code != saying.status or saying.status != 400 else "400",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(now)) + f"{int(now * 1000) % 1000:03d}Z",
        }

    def flat(self, saying: Saying, phase: Phase | None) -> object:
        """As ``Double`` has it; here a list where a string belongs is known too."""
        del phase
        return [saying.message]

    def doom(self, why: Problem | Refusal) -> Doom:
        """As ``Double`` has it."""
        return DOOMS.get(why, Doom("GenerationError", f"The media could not be used: {why.replace('_', ' ')}."))

    async def _create(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named
        body = request.json()
        if (wrong := _wrong(body)) is not None:
            return self.refuse("bad_request", "create", request, message=wrong)
        wanted = wanted_of(body)
        price = price_of(wanted)
        if not self.affords(price):
            return self.refuse("no_money", "create", request)
        ref = request.headers.get("x-client-request-id")
        task = self.accept(Task("".join(secrets.choice(_ALPHABET) for _ in range(21)), body, wanted, price, client_ref=ref), fault)
        shown = {"id": task.id, "status": "queued", "meta": {"usage": {"credits_used": int(price.amount), "usd_spent": float(price.usd)}}}
        answer = Answer.of(self.id_less(shown) if fault is not None and fault.kind == "no_id" else shown, self.created, **self._costs(task))
        return Answer(answer.status, answer.body, {**answer.headers, **({"x-client-request-id": ref} if ref else {})})

    async def _read(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named
        task_id = request.query.get("generation_id")
        if not task_id:
            return self.refuse("bad_request", "read", request, message="generation_id: Required")
        answer = await self.show(task_id, request, fault)
        task = self.tasks.get(task_id)
        return answer if task is None else Answer(answer.status, answer.body, {**answer.headers, **self._costs(task)})

    def view(self, task: Task, fault: Fault | None = None) -> dict[str, Any]:
        """As ``Double`` has it."""
        kind = fault.kind if fault is not None else None
        shown: dict[str, Any] = {"id": task.id, "status": "moderating" if kind == "unknown_status" else STATES[task.state]}
        if task.state == "completed":
            video = {"url": self.result_url(task)}
            shown["video"] = [video] if kind == "odd_shape" else video
            shown["meta"] = {"usage": {"credits_used": int(task.price.amount)}}
        if task.state == "failed" and task.doom is not None:
            odd = {"detail": [{"loc": ["body"], "msg": task.doom.message, "type": "value_error"}]}
            shown |= {"error": odd if kind == "odd_shape" else {"name": task.doom.code, "message": task.doom.message}, "video": None}
        if kind == "string_for_object":
            shown |= {"status": "error", "error": task.doom.message if task.doom else "The generation failed.", "video": None}
        return shown

    def _costs(self, task: Task) -> dict[str, str]:
        spent = (
            {}
            if task.state in {"failed", "cancelled"}
            else {
                "x-aimlapi-credits-used": str(int(task.price.amount)),
                "x-aimlapi-usd-spent": f"{task.price.usd.normalize():f}",
            }
        )  # failed runs are not charged
        return {"x-inference-id": task.id, **spent}

    async def _billing(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del request, named, fault
        return Answer.of({"current_balance": float(self.balance_usd), "currency": "USD"})

    async def _old_balance(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del request, named, fault
        return Answer.of(
            {
                "balance": int(self.balance_usd * CREDITS_PER_USD),
                "lowBalance": self.balance_usd < 1,
                "lowBalanceThreshold": 10000,
                "lastUpdated": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "autoDebitStatus": "disabled",
                "status": "current",
                "statusExplanation": "Balance is current and up to date",
            }
        )

    async def _models(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        """The price list; its shape is that of the token models (the video models' own was never seen)."""
        del named, fault
        model: dict[str, Any] = {"id": MODEL, "type": "video", "info": {"name": "Wan 2.6 Flash", "developer": "Alibaba Cloud"}}
        if "pricing" in request.query.get("include", "").split(","):
            model["pricing"] = {
                "units": [
                    {
                        "name": "second",
                        "content": "video",
                        "origin": "generated",
                        "price": float(usd),
                        "per": 1,
                        "resolution": quality,
                        "generate_audio": not silent,
                    }
                    for (quality, silent), usd in USD_PER_S.items()
                ]
            }
        wanted = request.query.get("id", MODEL)
        return Answer.of({"object": "list", "data": [model] if wanted == MODEL else []})


def _wrong(body: Any) -> str | None:  # noqa: ANN401 - JSON
    """What is wrong with a create: by the schema, and by what the schema forgot."""
    if not isinstance(body, dict):
        return "Body validation error! Expected object"
    if (against := complaint(*SCHEMA, body)) is not None:
        return f"Body validation error!\n{against[0]}: {against[1]}"
    if unknown := unknown_fields(*SCHEMA, body):
        return f"Body validation error!\nUnrecognized key(s) in object: '{unknown[0]}'"
    if str(body.get("audio_url", "")).startswith("data:"):
        return "Body validation error!\naudio_url: Expected url, received base64"
    return None


def wanted_of(body: Mapping[str, Any]) -> Wanted:
    """A create with the service's defaults; a sound of one's own beats the switch."""
    audio = body.get("audio_url")
    return Wanted(
        prompt=body["prompt"],
        image=body["image_url"],
        audio=audio,
        duration=body.get("duration", 10),
        quality=body.get("resolution", "720p"),
        silent=audio is None and not body.get("generate_audio", True),
    )


def price_of(wanted: Wanted) -> Price:
    """By the second, in credits of which two million are a dollar."""
    usd = USD_PER_S[wanted.quality, wanted.silent] * wanted.duration
    return Price(usd, usd * CREDITS_PER_USD, "credits")


def _uuid() -> str:
    raw = secrets.token_hex(16)
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:]}"
