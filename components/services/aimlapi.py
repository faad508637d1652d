"""AI/ML API: https://docs.aimlapi.com. No uploads (the picture goes along as a data URI), no cancel, no callback."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from components.errors import Charged
from components.generation.capabilities import COMMON_RULES, Capabilities, DurationChoice, ImageLimits, PromptLimits
from components.generation.prices import PriceRow
from components.media.sniff import Kind
from components.services import answers
from components.services.base import Balance, Cost, Created, Finished, Handed
from components.services.causes import MONEY, Cause
from components.services.paid import MP3, PAID_FIELDS, PaidAccount, PaidService, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.services.answers import Said
    from components.services.base import Account, Order
    from components.services.http import Reply

MODEL_NAME = "alibaba/wan-2-6-image-to-video-flash"
CREDITS_A_DOLLAR = Decimal(2_000_000)
"""faq/how-can-i-track-my-funds."""
FORBIDDEN, TOO_MANY = 403, 429
PATH = "/v2/video/generations"
_OUT_OF_MONEY = re.compile(r"credit|balance|top.?up|funds", re.IGNORECASE)
_FREE_TIER = re.compile(r"free.?tier|free plan|top.?up|upgrade", re.IGNORECASE)


class AimlApiAccount(PaidAccount):
    """One key at AI/ML API."""

    name = "AI/ML API"
    statuses: ClassVar[Mapping[str, str]] = {
        "queued": "pending",
        "generating": "processing",
        "completed": "completed",
        "succeeded": "completed",
        "error": "failed",
        "failed": "failed",
    }
    failed_is = Charged.NO  # booked after ``completed``; failed runs are free

    async def hand_over(self, order: Order) -> Handed:
        """Nothing is uploaded: the picture goes along with the order."""
        sound = self._sound_url(order)
        picture = await self._picture(order, (Kind.JPEG, Kind.PNG, Kind.WEBP))
        return Handed(picture.data_uri(), sound)

    def order(self, order: Order, handed: Handed) -> tuple[str, dict[str, Any], dict[str, str]]:
        """The create call, with a name of ours by which they can find it."""
        request = order.request
        body: dict[str, Any] = {
            "model": MODEL_NAME,
            "prompt": request.prompt,
            "image_url": handed.image,
            "resolution": request.quality,
            "duration": request.duration,
            "shot_type": request.shot_type,
            "generate_audio": request.sound in {"auto", "own"},
            "enhance_prompt": request.prompt_extend,
        }
        if request.sound == "own" and handed.audio:
            body["audio_url"] = handed.audio
        if request.negative_prompt:
            body["negative_prompt"] = request.negative_prompt
        if request.seed is not None:
            body["seed"] = request.seed
        return PATH, body, {"X-Client-Request-Id": f"wan-flash-studio-{order.job_id}"[:128]}

    def created(self, reply: Reply) -> Created | None:
        """``id``, on other pages of theirs ``generation_id``."""
        task_id = answers.text_at(reply.data, "id") or answers.text_at(reply.data, "generation_id")
        return Created(task_id, _cost(reply)) if task_id else None

    async def ask(self, task_id: str) -> Reply:
        """By query parameter, not by path."""
        return await self._http.read("GET", self._base + PATH, headers=self._auth(), params={"generation_id": task_id})

    def task(self, reply: Reply) -> Task | None:
        """The body itself."""
        status = answers.text_at(reply.data, "status")
        return Task(status, reply.data, reply) if status else None

    def finished(self, task: Task) -> Finished | None:
        """``video.url``; elsewhere a list of such."""
        video = task.data.get("video")
        link = next(answers.links(answers.at(video, "url"), answers.at(video, 0, "url"), answers.at(video, 0), video), None)
        return Finished(link, self.cost(task), None, answers.link_dies_at(link, self._http.now())) if link else None

    def cost(self, task: Task) -> Cost | None:
        """From the body, else from the headers."""
        return _cost(task.reply)

    async def balance(self) -> Balance | None:
        """In dollars."""
        data = await self._get("/v2/billing")
        left = answers.number_at(data, "current_balance")
        return None if left is None else Balance(left, left, answers.text_at(data, "currency") or "USD")

    def _cause(self, what: Said) -> Cause:
        """Money hides behind a 403, and a spent free tier behind a 429: their words tell."""
        if what.status == FORBIDDEN and _OUT_OF_MONEY.search(what.words):
            return MONEY
        if what.status == TOO_MANY and _FREE_TIER.search(what.words):
            return MONEY
        return super()._cause(what)


class AimlApi(PaidService):
    """The second seller: 5, 10 or 15 s."""

    id = "aimlapi"
    name = AimlApiAccount.name
    key_url = "https://aimlapi.com/app/keys"
    keeps = "sent_with_order"
    capabilities = Capabilities(
        prompt=PromptLimits(max=1500),  # it states none; the model's own
        # it states no limits for pictures: the strictest of the others, and base64 adds a third to the bytes
        image=ImageLimits(formats=("jpeg", "png", "webp"), side=(360, 2000), bytes=6_999_999),
        audio=MP3,
        duration=DurationChoice(one_of=(5, 10, 15)),
        quality=("720p", "1080p"),
        sound=("auto", "own", "under", "silent"),
        shot_type=("single", "multi"),
        fields={name: PAID_FIELDS[name] for name in ("negative_prompt", "seed")},
        rules=COMMON_RULES,
        paid=True,
        cancel="never",
        progress=False,
        balance=True,
    )

    def account(self, key: str | None) -> Account:
        """AI/ML API as the holder of this key sees it."""
        return AimlApiAccount(self._lines, self._base, key, self._jitter)

    async def live_prices(self) -> tuple[PriceRow, ...]:
        """From its models call, where that names a price by the second.

        The shape of a film's price there is not documented; a unit that names a resolution counts for that one only.
        """
        data = await self._published("/v1/models", id=MODEL_NAME, include="pricing")
        rows = answers.at(data, "data")
        models = [row for row in (rows if isinstance(rows, list) else [data]) if answers.text_at(row, "id") == MODEL_NAME]
        units = answers.at(models, 0, "pricing", "units")
        found: dict[str, Decimal] = {}
        for unit in units if isinstance(units, list) else []:
            price, per = answers.number_at(unit, "price"), answers.number_at(unit, "per") or Decimal(1)
            words = " ".join(str(value) for value in unit.values()).lower() if isinstance(unit, dict) else ""
            if price is None or price <= 0 or per <= 0 or "second" not in words:
                continue
            named = [quality for quality in ("720p", "1080p") if quality in words] or ["720p", "1080p"]
            for quality in named:
                found[quality] = max(found.get(quality, Decimal(0)), price / per)
        today = datetime.fromtimestamp(self._lines().now(), UTC).date().isoformat()
        return tuple(
            PriceRow(quality, silent, price, Decimal(0), "its own price list", today)
            for quality, price in found.items()
            for silent in (False, True)
        )


def _cost(reply: Reply) -> Cost | None:
    used = answers.number_at(reply.data, "meta", "usage", "credits_used")
    if used is None:
        used = answers.number_at(dict(reply.headers), "x-aimlapi-credits-used")
    dollars = answers.number_at(reply.data, "meta", "usage", "usd_spent")
    if dollars is None:
        dollars = answers.number_at(dict(reply.headers), "x-aimlapi-usd-spent")
    if used is None and dollars is None:
        return None
    if dollars is None and used is not None:
        dollars = used / CREDITS_A_DOLLAR
    return Cost(dollars, used, "credits") if used is not None else Cost(dollars, dollars or Decimal(0), "USD")
