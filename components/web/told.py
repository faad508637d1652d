"""The answers that go out (API.md §3): their shapes, for ``assets/openapi.json`` and for whoever builds them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads it
from typing import Any, Literal

from components.generation.capabilities import Capabilities  # noqa: TC001 - pydantic reads it
from components.studio.examples import ExampleView  # noqa: TC001 - pydantic reads it
from components.studio.resolve import FoundView  # noqa: TC001 - pydantic reads it
from components.studio.uploaded import UploadView  # noqa: TC001 - pydantic reads it
from components.studio.views import ErrorView, JobView, View


class ErrorAnswer(View):
    """Every failure."""

    error: ErrorView


class JobAnswer(View):
    """One film."""

    job: JobView


class FoundAnswer(View):
    """What ``resolve`` with ``check`` has read; null: the service knows no such task."""

    found: FoundView | None


class UploadAnswer(View):
    """One upload."""

    upload: UploadView


class MendView(View):
    """A mend on offer: to be sent back with its ``params`` beside the code."""

    code: str
    label: str
    params: dict[str, str | int | float]


class UnfitAnswer(ErrorAnswer):
    """An upload that is not fit as it is, and the mends that would cure it. Without ``upload`` nothing was kept."""

    upload: UploadView | None = None
    fixes: tuple[MendView, ...] | None = None


class PriceWhen(View):
    """Which films a price is for."""

    quality: str
    silent: bool


class PriceRowView(View):
    """One row of a price list; USD as decimal strings."""

    when: PriceWhen
    usd_per_s: str
    least_usd: str
    source: str
    as_of: str


class BalanceView(View):
    """What is left on the account that would pay: in USD where that is known, and in the service's own unit."""

    usd: str | None
    amount: str | None
    unit: str
    unlimited: bool


class ServiceView(View):
    """One service.

    ``ready``: a film could be ordered there now. ``key``: whose would pay. ``keeps``: code of the sentence that says where a
    picture goes and how long it stays there. ``balance`` is null where the service does not say, or where it is not for this visitor.
    """

    id: str
    name: str
    ready: bool
    key: Literal["server", "yours", "none"]
    key_url: str | None
    keeps: str | None
    capabilities: Capabilities
    prices: tuple[PriceRowView, ...]
    balance: BalanceView | None


class ServicesAnswer(View):
    """All services, in the order in which they are shown."""

    services: tuple[ServiceView, ...]


class KeyView(View):
    """A key of the visitor's own; ``tail`` is all that is ever shown of it. ``confirmed``: the service has accepted it just now."""

    service: str
    tail: str
    confirmed: bool | None = None


class KeyAnswer(View):
    """One key."""

    key: KeyView


class KeysAnswer(View):
    """All keys of the visitor's own."""

    keys: tuple[KeyView, ...]


class LeftView(View):
    """What may still be spent on the server's keys, in USD: ``usd`` now, ``spent_usd`` so far, until the UTC day is over."""

    usd: str
    spent_usd: str
    until: datetime


class MeView(View):
    """The visitor. ``claimable``: there is an owner's token to be sent. ``left`` is null where the server's keys are not for them.

    ``paid`` is false while the owner wants no paid jobs.
    """

    owner: bool
    claimable: bool
    signed_in: bool
    token: str
    paid: bool
    left: LeftView | None


class MeAnswer(View):
    """Who calls."""

    me: MeView


class DraftAnswer(View):
    """What is in the form; the page names it."""

    draft: dict[str, Any]


class ExamplesAnswer(View):
    """The examples of the first visit."""

    examples: tuple[ExampleView, ...]


class HealthAnswer(View):
    """The program answers."""

    status: Literal["ok"]
