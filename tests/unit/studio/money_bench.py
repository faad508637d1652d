"""The money half of a studio in a folder of its own: keys, caps, prices, with a clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from components.errors import StudioError
from components.generation.capabilities import (
    COMMON_RULES,
    AudioLimits,
    Capabilities,
    DurationChoice,
    DurationRange,
    Extra,
    ImageLimits,
    PromptLimits,
)
from components.generation.prices import PriceRow
from components.generation.request import Request
from components.services.pricelist import PriceList
from components.services.registry import Services
from components.settings import Settings
from components.studio.accounts import Accounts
from components.studio.database import open_engine, upgrade, write
from components.studio.keys import Secrets
from components.studio.owner import Owners
from components.studio.pricing import Prices
from components.studio.spending import KeyFrom, Spending
from components.studio.switches import Switches
from components.studio.vault import Vault
from components.studio.visitors import Visitors
from tests.doubles.local import Local
from tests.unit.studio.files_bench import HandClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from components.services.base import Balance

SERVER_KEY = "sk-server-0123456789-SRVR"
OWN_KEY = "sk-visitor-9876543210-MINE"
TOKEN = "the-token-of-the-owner"


def rows(per_s: str, least: str = "0", source: str = "list price") -> tuple[PriceRow, ...]:
    """A price list with one price for everything."""
    return tuple(
        PriceRow(quality, silent, Decimal(per_s), Decimal(least), source, "2026-10-10")
        for quality in ("720p", "1080p")
        for silent in (False, True)
    )


class Seller(Local):
    """A seller that says what a test has set, and remembers with which key it was asked."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        prompt=PromptLimits(max=1500),
        image=ImageLimits(formats=("jpeg", "png"), side=(360, 2000), bytes=10_000_000),
        audio=AudioLimits(formats=("mp3",), seconds=(3, 30), bytes=15_000_000, needs_public_url=True),
        duration=DurationRange.model_validate({"from": 2, "to": 15}),
        quality=("720p", "1080p"),
        sound=("auto", "own", "under", "silent"),
        shot_type=("single", "multi"),
        rules=COMMON_RULES,
        paid=True,
        cancel="never",
        progress=True,
    )

    def __init__(self, service_id: str, prices: tuple[PriceRow, ...] = (), **capabilities: object) -> None:
        super().__init__()
        # one class plays several services
        vars(self).update(id=service_id, name=service_id.title(), capabilities=type(self).capabilities.model_copy(update=capabilities))
        self.prices = prices
        self.keys: list[str | None] = []
        self.works: bool | Exception | None = True
        self.balances: list[Balance | Exception] = []
        self.published: Callable[[], Awaitable[tuple[PriceRow, ...]]] | None = None

    def account(self, key: str | None) -> Seller:
        self.keys.append(key)
        return self

    async def check(self) -> bool | None:
        if isinstance(self.works, Exception):
            raise self.works
        return self.works

    async def balance(self) -> Balance | None:
        if not self.balances:
            return None
        told = self.balances.pop(0)
        if isinstance(told, Exception):
            raise told
        return told

    async def live_prices(self) -> tuple[PriceRow, ...]:
        return await self.published() if self.published else ()


def choosy(service_id: str, prices: tuple[PriceRow, ...] = ()) -> Seller:
    """One that makes 5, 10 and 15 s only, takes larger pictures and a seed, and fetches nothing from us."""
    return Seller(
        service_id,
        prices,
        duration=DurationChoice(one_of=(5, 10, 15)),
        image=ImageLimits(formats=("jpeg", "png"), side=(240, 8000), bytes=20_000_000),
        audio=AudioLimits(formats=("mp3",), seconds=(3, 30), bytes=15_000_000),
        fields={"seed": Extra(start=0, to=2_147_483_647)},
    )


@dataclass
class MoneyBench:
    """Everything about money over one SQLite file; ``more`` are settings."""

    folder: Path
    more: dict[str, Any] = field(default_factory=dict)
    sellers: tuple[Seller, ...] = ()
    clock: HandClock = field(default_factory=HandClock)
    secrets: Secrets = field(default_factory=lambda: Secrets((b"k" * 32,)))

    def __post_init__(self) -> None:
        self.engine = open_engine(self.folder / "money.sqlite3")
        upgrade(self.engine)
        self.visitors = Visitors(self.engine, self.secrets, self.clock)
        self.switches = Switches(self.engine)
        self.vault = Vault(self.engine, self.secrets, self.clock)
        self.services = Services(*(self.sellers or (Local(), Seller("evolink", rows("0.035")))))
        self.use(**self.more)

    def use(self, **more: Any) -> None:  # noqa: ANN401 - whatever a setting holds
        """Start anew with other settings."""
        self.settings = Settings(_env_file=None, **{"evolink_api_key": SERVER_KEY, **more})
        self.owners = Owners(self.engine, self.secrets, self.clock, self.settings.admin_token)
        self.spending = Spending(self.engine, self.settings, vault=self.vault, owners=self.owners, clock=self.clock)
        self.accounts = Accounts(self.services, self.settings, self.vault, self.clock)
        self.prices = Prices(self.services, PriceList.read(self.settings.prices_file), self.clock, patience_s=0.05)

    def visitor(self) -> str:
        """A new one, with a row."""
        visitor, _ = self.visitors.new()
        self.visitors.ensure(visitor)
        return visitor

    def reserve(self, job: str, usd: str, *, visitor: str, key_from: KeyFrom = KeyFrom.SERVER) -> StudioError | None:
        """Set money aside for a job; returns why not."""
        try:
            with write(self.engine) as connection:
                self.spending.reserve(connection, job, visitor, "evolink", Decimal(usd), key_from)
        except StudioError as error:
            return error
        return None

    def settle(self, job: str, usd: str) -> None:
        with write(self.engine) as connection:
            self.spending.settle(connection, job, Decimal(usd))

    def release(self, job: str) -> None:
        with write(self.engine) as connection:
            self.spending.release(connection, job)

    def close(self) -> None:
        self.engine.dispose()


def ask(**more: Any) -> Request:  # noqa: ANN401 - whatever a field holds
    """A request that every seller here can make."""
    plain = {"service": "evolink", "prompt": "a boat", "image": "no-picture-yet", "client_token": "one"}
    return Request.model_validate({**plain, **more})
