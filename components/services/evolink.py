"""EvoLink: https://docs.evolink.ai. Its create call is the first of our documents; uploads live 72 h and can be deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from components.errors import Charged, UnclearAnswer
from components.generation.capabilities import COMMON_RULES, Capabilities, DurationRange, ImageLimits, PromptLimits
from components.media.sniff import Kind
from components.services import answers
from components.services.base import Balance, Cancelled, Candidate, Cost, Created, Failed, Finished, Handed, Working
from components.services.causes import ACCESS, AUDIO, BUSY, DOWN, FILTER, IMAGE, INPUT, KEY, MODEL, MONEY, Cause
from components.services.paid import MAY_BE_THEIRS_S, MP3, PaidAccount, PaidService, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.generation.prices import PriceRow
    from components.services.base import Account, Order, Reading
    from components.services.http import Http, Reply

MODEL_NAME = "wan2.6-image-to-video-flash"
CREDITS_A_DOLLAR = Decimal(68)
"""As its own pricing tables have it (10 credits = 1 CNY, 6.8 CNY a dollar); the credits page gives no rate."""
UPLOAD_LIVES_S = 72 * 3600.0
LONGEST_CALLBACK = 2048
"""Characters of a callback address."""


class EvoLinkAccount(PaidAccount):
    """One key at EvoLink; it works on both of its hosts."""

    name = "EvoLink"
    statuses: ClassVar[Mapping[str, str]] = {
        "pending": "pending",
        "processing": "processing",
        "completed": "completed",
        "failed": "failed",
        "cancelled": "cancelled",
        "canceled": "cancelled",
    }
    codes: ClassVar[Mapping[str, Cause]] = {
        "unauthorized": KEY,
        "key_disabled": KEY,
        "key_expired": KEY,
        "key_model_not_allowed": ACCESS,
        "ip_restricted": ACCESS,
        "model_access_denied": ACCESS,
        "permission_denied": ACCESS,
        "insufficient_quota": MONEY,
        "insufficient_user_quota": MONEY,
        "quota_exceeded": MONEY,
        "quota_not_enough": MONEY,
        "key_quota_exhausted": MONEY,
        "rate_limit_exceeded": BUSY,
        "content_policy_violation": FILTER,
        "image_processing_error": IMAGE,
        "image_dimension_mismatch": IMAGE,
        "invalid_audio": AUDIO,
        "invalid_request": INPUT,
        "invalid_parameters": INPUT,
        "internal_error": DOWN,
        "service_unavailable": DOWN,
        "no_available_channel": DOWN,
    }
    task_codes: ClassVar[Mapping[str, Cause]] = {
        "content_policy_violation": FILTER,
        "invalid_parameters": INPUT,
        "image_processing_error": IMAGE,
        "image_dimension_mismatch": IMAGE,
        "invalid_audio": AUDIO,
        "generation_failed_no_content": MODEL,
        "service_error": DOWN,
        "generation_timeout": DOWN,
        "resource_exhausted": DOWN,
        "quota_exceeded": DOWN,
        "service_unavailable": DOWN,
        "model_unavailable": DOWN,
        "upstream_error": DOWN,
        "resource_not_found": MODEL,
        "unknown_error": MODEL,
    }
    failed_is = Charged.NO  # settled on the length of the film that came out: none did

    def __init__(self, http: Callable[[], Http], base_url: str, files_url: str, key: str | None, jitter: Callable[[], float]) -> None:
        super().__init__(http, base_url, key, jitter)
        self._files = files_url.rstrip("/")

    async def hand_over(self, order: Order) -> Handed:
        """Upload the picture (its uploader takes no BMP); the sound has to lie at a public address."""
        sound = self._sound_url(order)
        if order.known:
            return Handed(order.known.image, sound, order.known.remote_id, order.known.expires_at)
        with self._named():
            picture = await self._picture(order, (Kind.JPEG, Kind.PNG, Kind.WEBP))
            reply = await self._uploaded(f"{self._files}/api/v1/files/upload/stream", picture, file_name=picture.name)
            link = next(answers.links(answers.at(reply.data, "data", "file_url"), answers.at(reply.data, "data", "download_url")), None)
            if link is None:
                raise UnclearAnswer(status=reply.status)
            return Handed(link, sound, answers.text_at(reply.data, "data", "file_id") or None, self._http.now() + UPLOAD_LIVES_S)

    def order(self, order: Order, handed: Handed) -> tuple[str, dict[str, Any], dict[str, str]]:
        """The create call; a replay of the same job is marked, though nothing is built on that."""
        request = order.request
        body: dict[str, Any] = {
            "model": MODEL_NAME,
            "prompt": request.prompt,
            "image_urls": [handed.image],
            "duration": request.duration,
            "quality": request.quality,
            "prompt_extend": request.prompt_extend,
            "model_params": {"shot_type": request.shot_type},
            "generate_audio": request.sound in {"auto", "own"},
        }
        if request.sound == "own" and handed.audio:
            body["audio_url"] = handed.audio
        callback = order.callback_url
        if callback and callback.startswith("https://") and len(callback) <= LONGEST_CALLBACK:
            body["callback_url"] = callback
        return "/v1/videos/generations", body, {"Idempotency-Key": f"wan-flash-studio-{order.job_id}"[:96]}

    def created(self, reply: Reply) -> Created | None:
        """``id`` and what was set aside."""
        task_id = answers.text_at(reply.data, "id")
        return Created(task_id, _credits(answers.number_at(reply.data, "usage", "credits_reserved"))) if task_id else None

    async def ask(self, task_id: str) -> Reply:
        """By path."""
        return await self._http.read("GET", f"{self._base}/v1/tasks/{quote(task_id, safe='')}", headers=self._auth())

    def task(self, reply: Reply) -> Task | None:
        """The body itself."""
        status = answers.text_at(reply.data, "status")
        return Task(status, reply.data, reply) if status else None

    async def read(self, task_id: str) -> Reading:
        """A task that was stopped is told as failed with a code of its own."""
        reading = await super().read(task_id)
        if isinstance(reading, Failed) and reading.error.params.get("their_code") == "request_cancelled":
            return Cancelled(reading.error.charged)
        return reading

    def working(self, task: Task, stage: str) -> Working:
        """With progress, and an estimate where there is one."""
        estimate = answers.at(task.data, "task_info", "estimated_time")
        return Working(
            super().working(task, stage).stage,
            answers.progress_of(task.data.get("progress")),
            answers.eta_of(task.data, estimate, self._http.now()),
        )

    def finished(self, task: Task) -> Finished | None:
        """``results``; ``result_data`` only where that is empty."""
        film = answers.at(task.data, "result_data", 0)
        link = next(answers.links(task.data.get("results"), answers.at(film, "video_url")), None)
        if link is None:
            return None
        seconds = answers.number_at(film, "duration")
        return Finished(
            link, self.cost(task), float(seconds) if seconds is not None else None, answers.link_dies_at(link, self._http.now())
        )

    def cost(self, task: Task) -> Cost | None:
        """Credits, and dollars as told or by the known rate."""
        used = answers.number_at(task.data, "usage", "credits_used")
        if used is None:
            used = answers.number_at(task.data, "usage", "cost", "credits")
        cost = _credits(used)
        dollars = answers.number_at(task.data, "usage", "cost", "usd")
        return Cost(dollars, cost.amount, cost.unit) if cost and dollars is not None else cost

    async def forget(self, remote_id: str) -> None:
        """Delete the uploaded picture."""
        with self._named():
            reply = await self._http.read("DELETE", f"{self._files}/api/v1/files/{quote(remote_id, safe='')}", headers=self._auth())
            what = answers.said(reply)
            if what.status >= 400 and what.status not in {400, 404, 410}:  # noqa: PLR2004 - gone is as good
                raise self._error(self._cause(what), reply)

    async def candidates(self, since: float) -> tuple[Candidate, ...]:
        """Its newest tasks of this model."""
        data = await self._get("/v1/tasks", model=MODEL_NAME, page=1, page_size=50)
        rows = next((rows for name in ("data", "tasks", "items") if isinstance(rows := answers.at(data, name), list)), [])
        found: list[Candidate] = []
        for row in rows:
            task_id, model = answers.text_at(row, "id"), answers.text_at(row, "model")
            made = answers.number_at(row, "created_at") or answers.number_at(row, "created")
            if task_id and model in {"", MODEL_NAME} and (made is None or float(made) >= since - MAY_BE_THEIRS_S):
                found.append(Candidate(task_id, float(made) if made is not None else None, answers.text_at(row, "status")))
        return tuple(sorted(found, key=lambda each: -(each.created_at or 0)))

    async def balance(self) -> Balance | None:
        """The account's credits, or the key's allowance where that is smaller."""
        data = await self._get("/v1/credits")
        account = answers.number_at(data, "data", "user", "remaining_credits")
        allowance = answers.number_at(data, "data", "token", "remaining_credits")
        unlimited = answers.at(data, "data", "token", "unlimited_credits") is True
        left = [amount for amount in (account, None if unlimited else allowance) if amount is not None]
        cost = _credits(min(left, default=None))
        if cost is None:
            return None
        return Balance(cost.usd, cost.amount, cost.unit)


class EvoLink(PaidService):
    """The first seller: any length from 2 to 15 s, its own uploads, progress, callbacks, a balance."""

    id = "evolink"
    name = EvoLinkAccount.name
    key_url = "https://evolink.ai/dashboard/keys"
    keeps = "deleted_when_final"
    calls_back = True
    capabilities = Capabilities(
        prompt=PromptLimits(max=1500),
        image=ImageLimits(formats=("jpeg", "png", "webp", "bmp"), side=(360, 2000), bytes=10_000_000),
        audio=MP3,
        duration=DurationRange(start=2, to=15),
        quality=("720p", "1080p"),
        sound=("auto", "own", "under", "silent"),
        shot_type=("single", "multi"),
        rules=COMMON_RULES,
        paid=True,
        cancel="never",
        progress=True,
        balance=True,
    )

    def __init__(
        self, http: Callable[[], Http], base_url: str, files_url: str, *, prices: tuple[PriceRow, ...], jitter: Callable[[], float]
    ) -> None:
        super().__init__(http, base_url, prices=prices, jitter=jitter)
        self._files = files_url

    def account(self, key: str | None) -> Account:
        """EvoLink as the holder of this key sees it."""
        return EvoLinkAccount(self._lines, self._base, self._files, key, self._jitter)


def _credits(amount: Decimal | None) -> Cost | None:
    if amount is None:
        return None
    return Cost((amount / CREDITS_A_DOLLAR).quantize(Decimal("0.0001")), amount, "credits")
