"""The real page, with answers by hand about what paid services say: prices, rules, keys."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.browser.desk import Desk
from tests.browser.wire import Answer, Asked, by_hand

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

STUDIO = "*/gradio_api/studio"
SEEN = {"source": "list price", "as_of": "2026-10-10"}
PAID = ("evolink", "aimlapi", "apimart", "dashscope")
NAMES = {"evolink": "EvoLink", "aimlapi": "AI/ML API", "apimart": "APIMart", "dashscope": "DashScope"}
UNREACHABLE = {
    "field": "audio",
    "code": "needs_public_url",
    "message": "This service would have to fetch your mp3 from the studio, and cannot reach it.",
    "fix": {"field": "sound", "value": "under"},
    "mend": None,
}
LENGTHS = {
    "field": "duration",
    "code": "duration_choice",
    "message": "A film here is 5, 10 or 15 s long, nothing in between.",
    "fix": {"field": "duration", "value": 10},
    "mend": None,
}


def offer(name: str, at_most: str | None, *violations: dict[str, Any], key: str = "yours") -> dict[str, Any]:
    """What ``POST estimate`` says of one service."""
    price = {"at_most": at_most, **SEEN} if at_most is not None else None
    return {"id": name, "can": not violations, "violations": list(violations), "price": price, "key": key}


def body_of(route: Route) -> dict[str, Any]:
    """What was sent."""
    return dict(json.loads(route.request.post_data or "{}"))


@dataclass
class Sellers:
    """What the services say; ``asked`` are the requests that were compared, ``tried`` the keys."""

    offers: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    tails: dict[str, str] = field(default_factory=dict)
    balances: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusal: dict[str, Any] | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    tried: list[tuple[str, str]] = field(default_factory=list)

    def estimate(self, asked: Asked) -> Answer:
        self.asked.append(asked.body)
        return Answer({"services": self.offers, "cheapest": None})

    def services(self, _asked: Asked) -> Answer:
        told = [{"id": name, "key": self.keys.get(name, "none"), "balance": self.balances.get(name)} for name in ("preview", *PAID)]
        return Answer({"services": told})

    def all_keys(self, _asked: Asked) -> Answer:
        return Answer({"keys": [{"service": name, "tail": tail, "confirmed": None} for name, tail in self.tails.items()]})

    def one_key(self, asked: Asked) -> Answer:
        if asked.method == "DELETE":
            self.tails.pop(asked.name, None)
            self.keys.pop(asked.name, None)
            return Answer(status=204)
        key = asked.body["key"]
        self.tried.append((asked.name, key))
        if self.refusal is not None:
            return Answer({"error": self.refusal}, 422)
        self.tails[asked.name], self.keys[asked.name] = key[-4:], "yours"
        return Answer({"key": {"service": asked.name, "tail": key[-4:], "confirmed": True}})

    def play(self, page: Page) -> None:
        """Answer for the services from now on."""
        answers = {"estimate": self.estimate, "services": self.services, "keys": self.all_keys, "keys/*": self.one_key}
        by_hand(page, {f"{STUDIO}/{path}": answer for path, answer in answers.items()})


@dataclass(frozen=True, slots=True)
class PaidDesk(Desk):
    """A desk where films cost money."""

    sellers: Sellers

    @property
    def keys(self) -> Locator:
        return self.page.get_by_role("dialog", name="Keys")

    def row(self, service: str) -> Locator:
        """One service in the list."""
        return self.page.locator(f".svc-item:has(input[value={service}])")

    def key_row(self, service: str) -> Locator:
        return self.page.locator(f".key-row[data-service={service}]")

    def open_list(self) -> None:
        self.page.locator(".svc-btn").click()

    def take(self, service: str) -> None:
        """Choose a service by its id."""
        self.open_list()
        self.row(service).get_by_role("radio").check()
        self.page.keyboard.press("Escape")
