"""APIMart: https://docs.apimart.ai. Its own uploads live 72 h; pictures up to 8000 px; wav too."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from components.errors import Charged, UnclearAnswer
from components.generation.capabilities import COMMON_RULES, AudioLimits, Capabilities, DurationRange, ImageLimits, PromptLimits
from components.generation.prices import PriceRow
from components.media.sniff import Kind
from components.services import answers
from components.services.base import Balance, Cost, Created, Finished, Handed, Working
from components.services.causes import BUSY, DOWN, FILTER, IMAGE, INPUT, KEY, MONEY, Cause
from components.services.paid import PAID_FIELDS, PaidAccount, PaidService, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.services.base import Account, Order
    from components.services.http import Reply

MODEL_NAME = "wan2.6-i2v-flash"
UPLOAD_LIVES_S = 72 * 3600.0


class ApiMartAccount(PaidAccount):
    """One key at APIMart."""

    name = "APIMart"
    statuses: ClassVar[Mapping[str, str]] = {
        "submitted": "pending",
        "pending": "pending",
        "processing": "processing",
        "completed": "completed",
        "success": "completed",
        "failed": "failed",
        "error": "failed",
        "cancelled": "cancelled",
        "canceled": "cancelled",
    }
    codes: ClassVar[Mapping[str, Cause]] = {
        "authentication_error": KEY,
        "payment_required": MONEY,
        "rate_limit_error": BUSY,
        "server_error": DOWN,
        "invalid_duration": (INPUT[0], "duration"),
        "invalid_resolution": (INPUT[0], "quality"),
        "unsupported_image_count": IMAGE,
    }
    task_codes: ClassVar[Mapping[str, Cause]] = {
        "content_policy_violation": FILTER,
        "invalid_duration": (INPUT[0], "duration"),
        "invalid_resolution": (INPUT[0], "quality"),
        "unsupported_image_count": IMAGE,
        "invalid_request_error": INPUT,
        "server_error": DOWN,
    }
    failed_is = Charged.MAYBE  # nothing is said about it anywhere

    async def hand_over(self, order: Order) -> Handed:
        """Upload the picture (no BMP there); the sound has to lie at a public address."""
        sound = self._sound_url(order)
        if order.known:
            return Handed(order.known.image, sound, order.known.remote_id, order.known.expires_at)
        with self._named():
            picture = await self._picture(order, (Kind.JPEG, Kind.PNG, Kind.WEBP))
            reply = await self._uploaded(f"{self._base}/v1/uploads/images", picture)
            link = next(answers.links(answers.at(reply.data, "url"), answers.at(reply.data, "data", "url")), None)
            if link is None:
                raise UnclearAnswer(status=reply.status)
            return Handed(link, sound, None, self._http.now() + UPLOAD_LIVES_S)

    def order(self, order: Order, handed: Handed) -> tuple[str, dict[str, Any], dict[str, str]]:
        """The create call; the resolution is always said, for theirs would be the dearer one."""
        request = order.request
        body: dict[str, Any] = {
            "model": MODEL_NAME,
            "image_urls": [handed.image],
            "resolution": request.quality,
            "duration": request.duration,
            "audio": request.sound in {"auto", "own"},
            "prompt_extend": request.prompt_extend,
            "shot_type": request.shot_type,
            "watermark": request.watermark,
        }
        extras = {"prompt": request.prompt, "negative_prompt": request.negative_prompt, "template": request.template}
        body |= {name: value for name, value in extras.items() if value}
        if request.sound == "own" and handed.audio:
            body["audio_url"] = handed.audio
        if request.seed is not None:
            body["seed"] = request.seed
        return "/v1/videos/generations", body, {}

    def created(self, reply: Reply) -> Created | None:
        """``data`` is a list there; an object is taken too."""
        data = answers.at(reply.data, "data")
        first = answers.at(data, 0) if isinstance(data, list) else data
        task_id = answers.text_at(first, "task_id") or answers.text_at(first, "id")
        return Created(task_id) if task_id else None

    async def ask(self, task_id: str) -> Reply:
        """By path."""
        return await self._http.read(
            "GET", f"{self._base}/v1/tasks/{quote(task_id, safe='')}", headers=self._auth(), params={"language": "en"}
        )

    def task(self, reply: Reply) -> Task | None:
        """``data``: an object here; a list is taken too."""
        data = answers.at(reply.data, "data")
        first = answers.at(data, 0) if isinstance(data, list) else data
        status = answers.text_at(first, "status")
        return Task(status, first, reply) if status else None

    def working(self, task: Task, stage: str) -> Working:
        """With progress, and an estimate where there is one."""
        left = answers.eta_of(task.data, task.data.get("estimated_time"), self._http.now())
        return Working(super().working(task, stage).stage, answers.progress_of(task.data.get("progress")), left)

    def finished(self, task: Task) -> Finished | None:
        """``result.videos[0].url``: a list or a text; of other models the result is a list or JSON in a text."""
        result = task.data.get("result")
        if isinstance(result, str) and result.lstrip().startswith(("{", "[")):
            try:
                result = json.loads(result)
            except (ValueError, RecursionError):
                result = None
        first = answers.at(result, 0) if isinstance(result, list) else result
        video = answers.at(first, "videos", 0) or first
        link = next(answers.links(answers.at(video, "url"), answers.at(video, "video_url"), video), None)
        if link is None:
            return None
        dies = answers.number_at(video, "expires_at")
        return Finished(link, self.cost(task), None, float(dies) if dies is not None else answers.link_dies_at(link, self._http.now()))

    def cost(self, task: Task) -> Cost | None:
        """Its own figure; what that is in dollars is not documented."""
        for name, unit in (("credits_cost", "credits"), ("cost", "units")):
            amount = answers.number_at(task.data, name)
            if amount is not None:
                return Cost(None, amount, unit)
        return None

    async def balance(self) -> Balance | None:
        """The account's; −1 where there is no end."""
        data = await self._get("/v1/user/balance")
        left = answers.number_at(data, "remain_balance")
        if answers.at(data, "unlimited_quota") is True or (left is not None and left < 0):
            return Balance(None, None, "", unlimited=True)
        return None if left is None else Balance(None, left, "units")


class ApiMart(PaidService):
    """The third seller: the widest range of pictures, and every field of the model."""

    id = "apimart"
    name = ApiMartAccount.name
    key_url = "https://apimart.ai/keys"
    keeps = "kept_72h"
    capabilities = Capabilities(
        prompt=PromptLimits(required=False, max=1500),  # it states none; the model's own
        image=ImageLimits(formats=("jpeg", "png", "webp", "bmp"), side=(240, 8000), bytes=10_000_000),
        audio=AudioLimits(formats=("mp3", "wav"), seconds=(3, 30), bytes=15_000_000, needs_public_url=True),
        duration=DurationRange(start=2, to=15),
        quality=("720p", "1080p"),
        sound=("auto", "own", "under", "silent"),
        shot_type=("single", "multi"),
        fields=dict(PAID_FIELDS),
        rules=COMMON_RULES,
        paid=True,
        cancel="never",
        progress=True,
        balance=True,
    )

    def account(self, key: str | None) -> Account:
        """APIMart as the holder of this key sees it."""
        return ApiMartAccount(self._lines, self._base, key, self._jitter)

    async def live_prices(self) -> tuple[PriceRow, ...]:
        """From its price list, where that is by the second and by resolution; discounts are not counted on."""
        data = answers.at(await self._published("/api/pricing/model", model=MODEL_NAME), "data")
        if "second" not in answers.text_at(data, "billing_type").lower():
            return ()
        prices = answers.at(data, "resolution_prices")
        found = {str(name).lower(): answers.number_at(prices, name) for name in prices} if isinstance(prices, dict) else {}
        today = datetime.fromtimestamp(self._lines().now(), UTC).date().isoformat()
        return tuple(
            PriceRow(quality, silent, price, Decimal(0), "APIMart's published price list", today)
            for quality in ("720p", "1080p")
            for silent in (False, True)
            if (price := found.get(quality)) is not None and price > 0
        )
