"""What a service answered, or did not."""

from __future__ import annotations

from components.errors.base import Charged, Param, StudioError


class SellerError(StudioError):
    """What a service answered, or did not.

    Params: ``service`` its name, ``their_code`` and ``said`` its own code and words (cut, the key blotted out), where there are any.

    Args:
        field: Which input it is about (``image``, ``audio``, ``prompt``, ``key``, ``money`` …), or None.
        retry_after: Seconds after which the same call may succeed, or None.
        charged: Where this very answer says more than its cause does.
        **params: Figures for the sentence.
    """

    status = 502

    def __init__(
        self, *, field: str | None = None, retry_after: float | None = None, charged: Charged | None = None, **params: Param
    ) -> None:
        super().__init__(field=field, retry_after=retry_after, **params)
        if charged is not None:
            self.charged = charged


class ServiceUnreachable(SellerError):
    """Nobody answered; what was sent surely never arrived."""

    code = "service_unreachable"
    status = 503
    retryable = True


class ServiceDown(SellerError):
    """A 5xx to a call that may be repeated."""

    code = "service_down"
    status = 502
    retryable = True


class RateLimited(SellerError):
    """429: too fast; ``retry_after`` as told (at most 120 s), or None."""

    code = "rate_limited"
    status = 429
    retryable = True


class SellerBusy(SellerError):
    """429 for longer than is waited for; nothing was made."""

    code = "busy"
    status = 429


class Doubtful(SellerError):
    """A create whose outcome is unknown: never sent again by itself."""

    code = "unconfirmed"
    status = 502
    charged = Charged.MAYBE


class UnclearAnswer(SellerError):
    """An answer that nobody can make sense of (HTML, empty, another shape)."""

    code = "unclear_answer"
    status = 502
    retryable = True


class KeyRefused(SellerError):
    """The key is wrong, disabled, expired, or of another region."""

    code = "key_refused"
    status = 422


class NoAccess(SellerError):
    """The key may not use this model."""

    code = "no_access"
    status = 422


class NoMoney(SellerError):
    """The account has not enough left."""

    code = "no_money"
    status = 402


class ContentRefused(SellerError):
    """The service's filter stopped the picture or the words; ``field`` says which, where it does."""

    code = "content_refused"
    status = 422


class InputRefused(SellerError):
    """The service does not take a value; ``field`` says which, where it does."""

    code = "input_refused"
    status = 422


class MediaUnreachable(SellerError):
    """The service could not fetch the picture or the sound."""

    code = "media_unreachable"
    status = 422


class GenerationFailed(SellerError):
    """The model or the service failed while the film was made."""

    code = "generation_failed"
    status = 502


class ResultExpired(SellerError):
    """The service forgot the film before it could be saved."""

    code = "result_expired"
    status = 410
    charged = Charged.YES


class DownloadBroken(SellerError):
    """The film could not be fetched now; it is tried again."""

    code = "download_broken"
    status = 502
    retryable = True
