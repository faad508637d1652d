"""EvoLink's callback: three more tries after 1, 2 and 4 seconds, unsigned, and at times twice or too late."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from tests.doubles.handover import is_loopback, reachable
from tests.loopback import NO_TLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.faults import Fault
    from tests.doubles.seller import Double
    from tests.doubles.tasks import Task

LONGEST_ADDRESS = 2048
TIMEOUT_S = 10.0
PAUSES_S = (1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Called:
    """One attempt; ``status`` None: nobody answered. ``said`` is the task's status in the body."""

    task_id: str
    url: str
    said: str
    status: int | None
    at: float


def address_problem(url: str, reach: Mapping[str, str]) -> str | None:
    """Why an address is no callback address, or None. Loopback stands for the public here, and is the only plain http."""
    parts = urlsplit(url)
    if len(url) > LONGEST_ADDRESS:
        return "callback_url: longer than 2048 characters"
    if reachable(url, reach) is not None:
        return None
    if parts.scheme != "https" or not parts.hostname:
        return "callback_url: only HTTPS is supported"
    try:
        private = not ipaddress.ip_address(parts.hostname).is_global
    except ValueError:
        private = is_loopback(parts.hostname)
    return "callback_url: internal addresses are not allowed" if private else None


async def call_back(double: Double, task: Task, url: str, fault: Fault | None) -> None:
    """Tell that a task has ended, as often as it takes, or as wrongly as was ordered."""
    kind = fault.kind if fault is not None else None
    if kind == "lost":
        return
    if fault is not None and kind == "latency":
        await asyncio.sleep(fault.seconds * double.time_scale)
    await _deliver(double, task, url)
    if kind == "duplicate":
        await _deliver(double, task, url)
    if kind == "out_of_order":
        await _deliver(double, replace(task, state="processing"), url)


async def _deliver(double: Double, task: Task, url: str) -> None:
    body = double.view(task)
    there = reachable(url, double.reach)
    for pause in (*PAUSES_S, None):
        status: int | None = None
        if there is not None:
            try:
                async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, verify=NO_TLS) as client:
                    answer = await client.post(
                        there, json=body, headers={"host": urlsplit(url).netloc, "user-agent": "EvoLink-Callback/1.0"}
                    )
                status = answer.status_code
            except httpx.HTTPError:
                status = None
        double.callbacks.append(Called(task.id, url, str(body["status"]), status, time.time()))
        if (status is not None and 200 <= status < 300) or pause is None:
            return
        await asyncio.sleep(pause * double.time_scale)
