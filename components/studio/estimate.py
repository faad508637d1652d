"""All services side by side for one request: who can make it, what would have to change, and what it costs (API.md §3)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from components.errors import NotFound, RequestInvalid
from components.generation.request import Request
from components.generation.rules import Suggestion, Violation, needs_address, remedy, violations
from components.studio.spending import KeyFrom, said
from components.studio.views import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from components.generation.capabilities import Capabilities
    from components.generation.fitness import Fault
    from components.generation.prices import Quote
    from components.services.base import Service
    from components.services.registry import Services
    from components.studio.pricing import Prices
    from components.studio.proof import PublicAddress
    from components.studio.spending import Spending
    from components.studio.uploaded import Kind
    from components.studio.uploads import Uploads
    from components.studio.wording import Wording

NO_PICTURE = "no-picture-yet"
KEY_WORDS = {KeyFrom.SERVER: "server", KeyFrom.VISITOR: "yours", None: "none"}
"""What ``key`` says in answers."""


class FixView(View):
    """A value that would satisfy the rule."""

    field: str
    value: str | int | float | bool | None


class ViolationView(View):
    """A rule of a service that the request breaks; ``mend`` is the code of an upload's fix (``uploads/{id}/fix``) that cures it."""

    field: str
    code: str
    message: str
    fix: FixView | None = None
    mend: str | None = None


class PriceView(View):
    """USD as a decimal string, where it was seen and when; a free one has no date."""

    at_most: str
    source: str
    as_of: str


class Offer(View):
    """One service for the request; ``key`` is whose would pay: ``server``, ``yours`` or ``none``."""

    id: str
    can: bool
    violations: tuple[ViolationView, ...]
    price: PriceView | None
    key: str


class Estimate(View):
    """All of them; ``cheapest`` is the id of the paid service that can make it for least, null where no price is known."""

    services: tuple[Offer, ...]
    cheapest: str | None


class Estimates:
    """Compares the services.

    Args:
        services: All of them.
        prices: What they cost.
        spending: Whose key would pay.
        uploads: Judges the files.
        address: Whether services could fetch the sound from us.
        wording: The sentences.
    """

    def __init__(
        self,
        services: Services,
        *,
        prices: Prices,
        spending: Spending,
        uploads: Uploads,
        address: PublicAddress,
        wording: Wording,
    ) -> None:
        self._services = services
        self._prices = prices
        self._spending = spending
        self._uploads = uploads
        self._address = address
        self._wording = wording

    async def estimate(self, request: Request, visitor: str) -> Estimate:
        """All services for this request. The request goes nowhere; prices are asked for only where there is a key to buy with.

        Raises:
            NotFound: The picture or the sound is not there, or somebody else's.
        """
        keys = await asyncio.to_thread(self._keys, visitor)
        await self._prices.refresh([name for name, key in keys.items() if key is not None])
        if any(needs_address(request, service.capabilities) for service in self._services.values()):
            await self._address.proved()
        return await asyncio.to_thread(self._compare, request, visitor, keys)

    def _keys(self, visitor: str) -> dict[str, KeyFrom | None]:
        return {name: self._spending.source(visitor, name) for name, service in self._services.items() if service.capabilities.paid}

    def _compare(self, request: Request, visitor: str, keys: Mapping[str, KeyFrom | None]) -> Estimate:
        files = self._files(request, visitor)
        offers: list[Offer] = []
        known: list[tuple[Decimal, str]] = []
        for name, service in self._services.items():
            here = request.model_copy(update={"service": name})
            broken = (*self._rules(here, service.capabilities), *files.get(name, ()))
            quote = self._prices.quote(name, here)
            offers.append(
                Offer(id=name, can=not broken, violations=broken, price=_price(quote), key=KEY_WORDS[keys.get(name)]),
            )
            if quote is not None and not broken and service.capabilities.paid:
                known.append((quote.at_most, name))
        cheapest = min(known, key=lambda offer: offer[0])[1] if known else None
        return Estimate(services=tuple(offers), cheapest=cheapest)

    def _rules(self, request: Request, caps: Capabilities) -> tuple[ViolationView, ...]:
        reachable = self._address.base is not None
        return tuple(
            self._view(broken, remedy(broken, request, caps, reachable=reachable))
            for broken in violations(request, caps, reachable=reachable)
        )

    def _files(self, request: Request, visitor: str) -> dict[str, tuple[ViolationView, ...]]:
        """What is wrong with the files, by service."""
        found: dict[str, list[ViolationView]] = {name: [] for name in self._services}
        if request.image != NO_PICTURE:
            _, faults = self._judged(visitor, request.image, "image", self._services)
            for name in self._services:
                found[name] += [self._fault("image", fault) for fault in faults[name]]
        if request.audio is not None:
            hearing = [name for name, service in self._services.items() if service.capabilities.audio is not None]
            report, faults = self._judged(visitor, request.audio, "audio", hearing)
            for name in hearing:
                found[name] += [self._fault("audio", fault) for fault in faults[name]]
                found[name] += self._rest(request, float(report["duration_s"]), self._services[name])
        return {name: tuple(views) for name, views in found.items()}

    def _judged(
        self, visitor: str, upload: str, kind: Kind, services: Iterable[str]
    ) -> tuple[dict[str, Any], dict[str, tuple[Fault, ...]]]:
        try:
            return self._uploads.faults(visitor, upload, kind, services)
        except NotFound:
            raise NotFound(field=kind) from None

    def _rest(self, request: Request, seconds: float, service: Service) -> list[ViolationView]:
        """From ``audio_start_s`` on there must be enough left to hear."""
        limits = service.capabilities.audio
        if limits is None or not limits.seconds[0] <= seconds or seconds - request.audio_start_s >= limits.seconds[0]:
            return []
        params = (("seconds", round(max(0.0, seconds - request.audio_start_s), 3)), ("min", limits.seconds[0]))
        latest = FixView(field="audio_start_s", value=int((seconds - limits.seconds[0]) * 10) / 10)
        message, _ = self._wording.error("audio_too_short", dict(params))
        return [ViolationView(field="audio_start_s", code="audio_too_short", message=message, fix=latest)]

    def _fault(self, kind: Kind, fault: Fault) -> ViolationView:
        message, _ = self._wording.error(fault.code, dict(fault.params))
        return ViolationView(field=kind, code=fault.code, message=message, mend=fault.fix)

    def _view(self, broken: Violation, fix: Suggestion | None) -> ViolationView:
        message, _ = self._wording.error(broken.code, dict(broken.params))
        shown = FixView(field=fix.field, value=fix.value) if fix else None
        return ViolationView(field=broken.field, code=broken.code, message=message, fix=shown)


def sketched(body: Mapping[str, Any]) -> Request:
    """A request that may lack what a form has not yet: the service, the picture, the token.

    Raises:
        RequestInvalid: It is none all the same; ``field`` names the first that is wrong.
    """
    plain = {"service": "", "client_token": "-", "image": NO_PICTURE}
    given = {name: value for name, value in body.items() if not (name in plain and value in (None, ""))}
    try:
        return Request.model_validate({**plain, **given})
    except ValidationError as cause:
        where = cause.errors()[0]["loc"]
        raise RequestInvalid(field=str(where[0]) if where else None) from cause


def _price(quote: Quote | None) -> PriceView | None:
    return PriceView(at_most=said(quote.at_most), source=quote.source, as_of=quote.as_of) if quote else None
