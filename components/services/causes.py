"""Why a service refuses or fails, as data: each seller's codes stand for one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import (
    ContentRefused,
    GenerationFailed,
    InputRefused,
    KeyRefused,
    MediaUnreachable,
    NoAccess,
    NoMoney,
    RateLimited,
    SellerError,
    ServiceDown,
)
from components.services.http import RATE_LIMITED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.errors import Charged

Cause = tuple[type[SellerError], str | None]
"""A cause, and which input it is about (None: what the words say)."""

KEY: Cause = (KeyRefused, "key")
ACCESS: Cause = (NoAccess, "key")
MONEY: Cause = (NoMoney, "money")
INPUT: Cause = (InputRefused, None)
IMAGE: Cause = (InputRefused, "image")
AUDIO: Cause = (InputRefused, "audio")
FILTER: Cause = (ContentRefused, None)
MEDIA: Cause = (MediaUnreachable, None)
BUSY: Cause = (RateLimited, None)
DOWN: Cause = (ServiceDown, None)
MODEL: Cause = (GenerationFailed, None)

BY_STATUS: Mapping[int, Cause] = {401: KEY, 402: MONEY, 403: ACCESS, 404: ACCESS, 413: IMAGE, 415: IMAGE, 429: BUSY}
SURELY_REFUSED = (KeyRefused, NoAccess, NoMoney, InputRefused, ContentRefused, MediaUnreachable, RateLimited)
"""What the answer to a create must say for it to be called refused; with anything else it is in doubt."""
STATUS_DECIDES = frozenset({401, 402, RATE_LIMITED})
REFUSALS = 400


def built(
    kind: type[SellerError], field: str | None, wait: float | None, charged: Charged | None, params: dict[str, str | int]
) -> SellerError:
    """The error of a cause; ``params`` are the figures of its sentence."""
    error = kind(field=field, retry_after=wait, charged=charged)
    error.params.update(params)
    return error
