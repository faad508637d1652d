"""Services seen with the key that pays: the only place where a key meets a service."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from components.errors import KeyRefused, NeedsKey, NoAccess, NoMoney, RequestInvalid, StudioError
from components.studio.spending import KeyFrom
from components.studio.vault import tidy

if TYPE_CHECKING:
    from components.services.base import Account, Balance, Service
    from components.services.registry import Services
    from components.settings import Settings
    from components.studio.clock import Clock
    from components.studio.tables import JobRow
    from components.studio.vault import Vault

log = logging.getLogger(__name__)

BALANCE_S = 10.0
"""A balance is asked for at most this often."""
PATIENCE_S = 2.0
"""A form waits no longer for one."""
REMEMBERED = 1000


class Accounts:
    """Finds the account of a job or a visitor. A key is looked up each time and kept by nobody.

    Args:
        services: By id.
        settings: The server's keys.
        vault: The visitors' keys.
        clock: The time of day.
    """

    def __init__(self, services: Services, settings: Settings, vault: Vault, clock: Clock) -> None:
        self._services = services
        self._settings = settings
        self._vault = vault
        self._clock = clock
        self._balances: OrderedDict[str, tuple[float, Balance | None]] = OrderedDict()

    def of(self, job: JobRow) -> Account:
        """The account that pays for a job, as was settled when it was ordered.

        Raises:
            NeedsKey: Its key is gone (removed by the visitor, or from the settings), or the service is.
        """
        service = self._services.get(job.service)
        if service is None:
            raise NeedsKey(field="key", service=job.service)
        if not service.capabilities.paid:
            return service.account(None)
        key = self._key(job.visitor, job.service, job.key_from)
        if key is None:
            raise NeedsKey(field="key", service=service.name)
        return service.account(key)

    def for_key(self, service: str, key: str) -> Account:
        """A service seen with a key at hand.

        Raises:
            RequestInvalid: There is no such service, or it takes no keys.
        """
        return self._paid(service).account(key)

    async def balance(self, visitor: str, service: str, key_from: str | None) -> Balance | None:
        """What is left on the account that would pay; None where there is none, or the service does not say (now)."""
        key = await asyncio.to_thread(self._key, visitor, service, key_from)
        if key is None or service not in self._services:
            return None
        account = self._vault.fingerprint(service, key)
        at, known = self._balances.get(account, (0.0, None))
        if at + BALANCE_S > self._clock.now():
            return known
        try:
            told = await asyncio.wait_for(self._services[service].account(key).balance(), PATIENCE_S)
        except (StudioError, TimeoutError) as error:
            log.info("no balance from %s now: %s", service, type(error).__name__)
            told = None
        self._balances[account] = (self._clock.now(), told)
        self._balances.move_to_end(account)
        if len(self._balances) > REMEMBERED:
            self._balances.popitem(last=False)
        return told

    def fingerprint(self, visitor: str, service: str, key_from: str | None) -> str | None:
        """What stands for the account in queues and among pictures handed over; None where there is no key."""
        key = self._key(visitor, service, key_from)
        return self._vault.fingerprint(service, key) if key is not None else None

    async def tried(self, service: str, key: str) -> tuple[str, bool]:
        """Try a key by a free call, before it is kept.

        Returns:
            The key as it was meant, and whether the service has confirmed it (it has no free call otherwise).

        Raises:
            KeyRefused: The service does not take it.
            RequestInvalid: There is no such service, or it takes no keys.
            StudioError: The service could not be asked now.
        """
        bare = tidy(key)
        try:
            works = await self.for_key(service, bare).check()
        except NoMoney:  # it is a key all the same
            works = True
        except NoAccess:  # it may not ask that; whether it may order shows when it does
            works = None
        if works is False:
            raise KeyRefused(field="key", service=self._services[service].name)
        return bare, works is True

    def _paid(self, service: str) -> Service:
        found = self._services.get(service)
        if found is None or not found.capabilities.paid:
            raise RequestInvalid(field="service", service=service)
        return found

    def _key(self, visitor: str, service: str, key_from: str | None) -> str | None:
        if key_from == KeyFrom.VISITOR:
            return self._vault.reveal(visitor, service)
        return self._settings.server_key(service) if key_from == KeyFrom.SERVER else None
