"""Alibaba Model Studio (DashScope): the maker of the model. Temporary uploads of picture and sound live 48 h."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlsplit

from components.errors import AddressRefused, Charged, InputRefused, RateLimited, ServiceDown, TaskGone, UnclearAnswer
from components.generation.capabilities import COMMON_RULES, AudioLimits, Capabilities, DurationRange, ImageLimits, Limits, PromptLimits
from components.media.sniff import Kind
from components.services import answers
from components.services.base import Candidate, Created, Finished, Handed
from components.services.causes import ACCESS, AUDIO, BUSY, DOWN, FILTER, IMAGE, INPUT, KEY, MEDIA, MONEY, Cause
from components.services.paid import MAY_BE_THEIRS_S, PAID_FIELDS, PaidAccount, PaidService, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from components.generation.prices import PriceRow
    from components.services.answers import Said
    from components.services.base import Account, Order
    from components.services.http import Http, Reply

MODEL_NAME = "wan2.6-i2v-flash"
UPLOAD_LIVES_S = 48 * 3600.0
BAD_REQUEST = 400
CHINA = timedelta(hours=8)
"""The zone of its times is not said; probably this one, so windows are wide enough for both."""
KEY_PAGES: Mapping[str, str] = {
    "dashscope": "https://bailian.console.aliyun.com/?tab=model#/api-key",
    "dashscope-intl": "https://modelstudio.console.alibabacloud.com/?tab=model#/api-key",
}
"""Keys belong to one region; these are the pages of Beijing and Singapore."""
LONGEST_WINDOW = timedelta(hours=23, minutes=59)

_CODES: Mapping[str, Cause] = {
    "DataInspectionFailed": FILTER,
    "IPInfringementSuspect": FILTER,
    "Arrearage": MONEY,
    "AllocationQuota.FreeTierOnly": MONEY,
    "Throttling.AllocationQuota": MONEY,
    "PrepaidBillOverdue": MONEY,
    "PostpaidBillOverdue": MONEY,
    "CommodityNotPurchased": MONEY,
    "InvalidParameter.DataInspection": MEDIA,
    "InvalidURL.Timeout": MEDIA,
    "InvalidURL.ConnectionRefused": MEDIA,
    "InvalidURL": INPUT,
    "InvalidImage*": IMAGE,
    "InvalidFile*": INPUT,
    "InvalidAudio*": AUDIO,
    "InvalidParameter*": INPUT,
    "BadRequest*": INPUT,
    "UnsupportedOperation": INPUT,
    "InvalidApiKey": KEY,
    "AccessDenied*": ACCESS,
    "Model.AccessDenied": ACCESS,
    "Workspace.AccessDenied": ACCESS,
    "ModelNotFound": ACCESS,
    "Throttling*": BUSY,
    "InternalError*": DOWN,
    "SystemError": DOWN,
    "ModelServiceFailed": DOWN,
    "RequestTimeOut": DOWN,
}


class DashScopeAccount(PaidAccount):
    """One key of one region."""

    name = "DashScope"
    statuses: ClassVar[Mapping[str, str]] = {
        "pending": "pending",
        "running": "processing",
        "suspended": "processing",
        "succeeded": "completed",
        "failed": "failed",
        "canceled": "cancelled",
        "cancelled": "cancelled",
    }
    codes = _CODES
    task_codes = {name: cause for name, cause in _CODES.items() if cause is not BUSY} | {"Throttling*": DOWN}
    codes_first = True
    failed_is = Charged.NO  # billed by the second of film that came out

    async def hand_over(self, order: Order) -> Handed:
        """Upload picture and own sound to its temporary store, bound to this model and account."""
        with self._named():
            sound = None
            if order.request.sound == "own" and order.audio is not None:
                sound = await self._stored(await asyncio.to_thread(order.audio.read_bytes), order.audio.suffix or ".mp3", "audio")
            if order.known:
                return Handed(order.known.image, sound, order.known.remote_id, order.known.expires_at)
            picture = await self._picture(order, (Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.BMP))
            return Handed(
                await self._stored(picture.data, Path(picture.name).suffix, "image"), sound, None, self._http.now() + UPLOAD_LIVES_S
            )

    async def _stored(self, data: bytes, suffix: str, field: str) -> str:
        """Its ``oss://`` address, new each time: the store overwrites nothing.

        Raises:
            StudioError: No permit was given, or the store refused the file.
        """
        permit = (await self._get("/api/v1/uploads", action="getPolicy", model=MODEL_NAME)).get("data")
        host, folder = answers.text_at(permit, "upload_host"), answers.text_at(permit, "upload_dir")
        if not host or not folder:
            raise UnclearAnswer
        name = f"{secrets.token_hex(8)}{suffix}"
        key = f"{folder}/{name}"
        form = {
            "OSSAccessKeyId": answers.text_at(permit, "oss_access_key_id"),
            "policy": answers.text_at(permit, "policy"),
            "Signature": answers.text_at(permit, "signature"),
            "key": key,
            "x-oss-object-acl": answers.text_at(permit, "x_oss_object_acl"),
            "x-oss-forbid-overwrite": answers.text_at(permit, "x_oss_forbid_overwrite"),
            "success_action_status": "200",
        }
        try:
            # the fields come before the file in the body, and the key stays at home: this is another company's store
            reply = await self._http.upload("POST", host, elsewhere=True, data=form, files={"file": (name, data)})
        except AddressRefused as error:
            raise UnclearAnswer from error
        if reply.ok:
            return f"oss://{key}"
        found = re.search(r"<Code>([\w.]{1,60})</Code>", reply.text)
        if reply.status == 429:  # noqa: PLR2004 - too many
            raise RateLimited(their_code=found[1] if found else "")
        if found and found[1] in {"EntityTooLarge", "EntityTooSmall"}:
            raise InputRefused(field=field, their_code=found[1])
        raise ServiceDown(status=reply.status, their_code=found[1] if found else "")  # a late permit: the next one is fresh

    def order(self, order: Order, handed: Handed) -> tuple[str, dict[str, Any], dict[str, str]]:
        """The create call; ``oss://`` addresses need a header, and only they."""
        request = order.request
        given: dict[str, Any] = {"img_url": handed.image}
        texts = {"prompt": request.prompt, "negative_prompt": request.negative_prompt, "template": request.template}
        given |= {name: value for name, value in texts.items() if value}
        if request.sound == "own" and handed.audio:
            given["audio_url"] = handed.audio
        parameters: dict[str, Any] = {
            "resolution": request.quality.upper(),
            "duration": request.duration,
            "prompt_extend": request.prompt_extend,
            "shot_type": request.shot_type,
            "audio": request.sound in {"auto", "own"},
            "watermark": request.watermark,
        }
        if request.seed is not None:
            parameters["seed"] = request.seed
        headers = {"X-DashScope-Async": "enable"}
        if any(str(given.get(name, "")).startswith("oss://") for name in ("img_url", "audio_url")):
            headers["X-DashScope-OssResourceResolve"] = "enable"
        body = {"model": MODEL_NAME, "input": given, "parameters": parameters}
        return "/api/v1/services/aigc/video-generation/video-synthesis", body, headers

    def created(self, reply: Reply) -> Created | None:
        """``output.task_id``."""
        task_id = answers.text_at(reply.data, "output", "task_id")
        return Created(task_id) if task_id else None

    async def ask(self, task_id: str) -> Reply:
        """By path; 20 a second for an account."""
        return await self._http.read("GET", f"{self._base}/api/v1/tasks/{quote(task_id, safe='')}", headers=self._auth())

    def task(self, reply: Reply) -> Task | None:
        """``output``.

        Raises:
            TaskGone: ``UNKNOWN``: what it says of a task that it forgot or never had.
        """
        output = answers.at(reply.data, "output")
        status = answers.text_at(output, "task_status")
        if status.lower() == "unknown":
            raise TaskGone(service=self.name)
        return Task(status, output, reply) if status else None

    def finished(self, task: Task) -> Finished | None:
        """``output.video_url`` and the length that is billed."""
        link = next(answers.links(task.data.get("video_url")), None)
        if link is None:
            return None
        usage = answers.at(task.reply.data, "usage")
        seconds = answers.number_at(usage, "output_video_duration")
        if seconds is None:
            seconds = answers.number_at(usage, "duration")
        return Finished(link, None, float(seconds) if seconds is not None else None, answers.link_dies_at(link, self._http.now()))

    def failed(self, task: Task) -> Said:
        """``output.code`` and ``output.message``."""
        return answers.task_said(task.data)

    async def cancel(self, task_id: str) -> bool:
        """Possible while it waits in line; later, and for unknown tasks, the answer is no."""
        with self._named():
            reply = await self._http.read("POST", f"{self._base}/api/v1/tasks/{quote(task_id, safe='')}/cancel", headers=self._auth())
            what = answers.said(reply)
            if reply.ok:
                return what.status < BAD_REQUEST and not (what.code and what.words)
            if what.code == "UnsupportedOperation" or what.status in {400, 404}:
                return False
            raise self._error(self._cause(what), reply)

    async def candidates(self, since: float) -> tuple[Candidate, ...]:
        """Its tasks of this model around that time."""
        begin = datetime.fromtimestamp(since - MAY_BE_THEIRS_S, UTC)
        end = datetime.fromtimestamp(self._http.now(), UTC) + CHINA + timedelta(minutes=2)
        begin = max(begin, end - LONGEST_WINDOW)
        form = "%Y%m%d%H%M%S"
        data = await self._get(
            "/api/v1/tasks/", start_time=begin.strftime(form), end_time=end.strftime(form), model_name=MODEL_NAME, page_no=1, page_size=50
        )
        rows = answers.at(data, "data")
        found: list[Candidate] = []
        for row in rows if isinstance(rows, list) else []:
            task_id, made = answers.text_at(row, "task_id"), answers.number_at(row, "gmt_create")
            begun = float(made) / 1000 if made is not None else None
            if task_id and (begun is None or begun >= since - MAY_BE_THEIRS_S):
                found.append(Candidate(task_id, begun, answers.text_at(row, "status") or answers.text_at(row, "task_status")))
        return tuple(sorted(found, key=lambda each: -(each.created_at or 0)))

    async def _free_call(self) -> None:
        """It has no balance; a permit to upload costs nothing and needs the key."""
        await self._get("/api/v1/uploads", action="getPolicy", model=MODEL_NAME)


class DashScope(PaidService):
    """The maker of the model: its own sounds need no public address, and a task that waits can be stopped."""

    id = "dashscope"
    gone_is_sure = False
    name = DashScopeAccount.name
    keeps = "kept_48h"
    capabilities = Capabilities(
        prompt=PromptLimits(required=False, max=1500),
        image=ImageLimits(formats=("jpeg", "png", "webp", "bmp"), side=(240, 8000), bytes=20_000_000),
        audio=AudioLimits(formats=("mp3", "wav"), seconds=(3, 30), bytes=15_000_000, needs_public_url=False),
        duration=DurationRange(start=2, to=15),
        quality=("720p", "1080p"),
        sound=("auto", "own", "under", "silent"),
        shot_type=("single", "multi"),
        fields=dict(PAID_FIELDS),
        rules=COMMON_RULES,
        paid=True,
        cancel="pending",
        progress=False,
        balance=False,
        limits=Limits(tasks_at_once=5, creates_per_s=5, queue="films-dashscope"),
    )

    def __init__(
        self, http: Callable[[], Http], base_url: str, *, prices: tuple[PriceRow, ...] = (), jitter: Callable[[], float] = random.random
    ) -> None:
        super().__init__(http, base_url, prices=prices, jitter=jitter)
        self.key_url = KEY_PAGES[price_id_of(base_url)]

    def account(self, key: str | None) -> Account:
        """DashScope as the holder of this key sees it."""
        return DashScopeAccount(self._lines, self._base, key, self._jitter)


def price_id_of(base_url: str) -> str:
    """The list of prices for an address: Beijing's, else Singapore's (dearer, so other addresses are safe with it)."""
    host = urlsplit(base_url).hostname or ""
    return "dashscope" if host == "dashscope.aliyuncs.com" or ".cn-beijing." in host else "dashscope-intl"
