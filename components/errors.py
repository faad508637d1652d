"""Every error of the studio, in one tree.

A leaf is a cause. It carries a stable code, the input it is about and the figures for its
sentence; the sentence itself is worded at the edge from ``assets/texts``::

    StudioError
    ├── Invalid                   the call itself
    │   ├── RequestInvalid        422 invalid_request
    │   ├── MethodNotAllowed      405 method_not_allowed
    │   ├── BodyTooBig            413 body_too_big
    │   └── RuleBroken            422 (the rule's own code)
    ├── FileRefused               an upload
    │   ├── FileUnfit             422 (the fault's own code)
    │   ├── FileEmpty             422 empty_file
    │   ├── FileDamaged           422 file_damaged
    │   ├── UnknownFile           415 unknown_file
    │   ├── FileTooBig            413 file_too_big
    │   ├── NeedsChoice           422 choose
    │   ├── CannotMend            422 cannot_mend
    │   ├── AddressRefused        422 address_refused
    │   ├── FetchFailed           422 fetch_failed
    │   ├── UploadCut             400 upload_cut
    │   └── UploadStalled         408 upload_stalled
    ├── Access
    │   ├── NotFound              404 not_found
    │   ├── WrongOrigin           403 wrong_origin
    │   ├── WrongHost             421 wrong_host
    │   ├── WrongToken            403 wrong_token
    │   └── Closed                404 closed
    ├── Busy                      429
    │   ├── TooManyJobs           too_many_jobs
    │   ├── TooManyUploads        too_many_uploads
    │   └── TooManyTries          too_many_tries
    ├── Storage
    │   ├── DiskFull              507 disk_full
    │   ├── Gone                  404 gone
    │   └── Unavailable           503 unavailable
    ├── JobConflict               409
    │   ├── CannotCancel          cannot_cancel
    │   ├── CannotDelete          cannot_delete
    │   ├── CannotResolve         cannot_resolve
    │   └── TooLateToRestore      too_late_to_restore
    ├── FilmFailed                ends a job
    │   ├── PreviewDied           preview_died
    │   ├── PreviewFailed         preview_failed
    │   ├── FilmUnreadable        film_unreadable
    │   ├── InputGone             input_gone
    │   ├── NeverMade             never_made
    │   └── TaskGone              task_gone
    ├── SellerError               what a service answered, or did not
    │   ├── ServiceUnreachable    503 service_unreachable
    │   ├── ServiceDown           502 service_down
    │   ├── RateLimited           429 rate_limited
    │   ├── SellerBusy            429 busy
    │   ├── Doubtful              502 unconfirmed
    │   ├── UnclearAnswer         502 unclear_answer
    │   ├── KeyRefused            422 key_refused
    │   ├── NoAccess              422 no_access
    │   ├── NoMoney               402 no_money
    │   ├── ContentRefused        422 content_refused
    │   ├── InputRefused          422 input_refused
    │   ├── MediaUnreachable      422 media_unreachable
    │   ├── GenerationFailed      502 generation_failed
    │   ├── ResultExpired         410 result_expired
    │   └── DownloadBroken        502 download_broken
    ├── Spending
    │   ├── NeedsKey              402 needs_key
    │   ├── CapReached            402 cap_reached
    │   ├── PaidPaused            402 paid_paused
    │   └── PriceChanged          409 price_changed
    └── StartRefused              the program cannot start
        ├── PortTaken             port_taken
        ├── DataFolderUnusable    data_folder_unusable
        ├── AlreadyRunning        already_running
        ├── FfmpegMissing         ffmpeg_missing
        ├── PricesUnusable        prices_unusable
        └── CloudEngine           cloud_engine
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

Param = str | int | float


class Charged(StrEnum):
    """Whether the service took money for what failed."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class StudioError(Exception):
    """Root of the tree.

    Args:
        field: Which input it is about (``image``, ``audio``, ``prompt`` …), or None.
        retry_after: Seconds after which the same call may succeed, or None.
        **params: Figures for the sentence that the edge builds from the code.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    charged: Charged = Charged.NO
    """Of the cause; where a single answer says otherwise, of this very error."""
    retryable: ClassVar[bool] = False

    def __init__(self, *, field: str | None = None, retry_after: float | None = None, **params: Param) -> None:
        super().__init__(self.code)
        self.field = field
        self.retry_after = retry_after
        self.params: dict[str, Param] = params

    @property
    def text_code(self) -> str:
        """The stable code of this very error (a broken rule names the rule)."""
        return self.code


class Coded(StudioError):
    """An error whose code is data: a broken rule, a fault of a file.

    Args:
        code: The rule's or fault's own code.
        field: Which input it is about, or None.
        **params: Figures for the sentence.
    """

    def __init__(self, code: str, *, field: str | None = None, **params: Param) -> None:
        super().__init__(field=field)
        self.params = params
        self._text_code = code

    @property
    def text_code(self) -> str:
        """The code given at construction."""
        return self._text_code


class Invalid(StudioError):
    """The call itself is wrong."""

    status = 422


class RequestInvalid(Invalid):
    """A body or a parameter that is not of the documented shape."""

    code = "invalid_request"


class MethodNotAllowed(Invalid):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405


class BodyTooBig(Invalid):
    """A JSON body longer than any that means something here."""

    code = "body_too_big"
    status = 413


class RuleBroken(Coded, Invalid):
    """A request that the chosen service cannot take (see ``generation.rules``)."""

    code = "rule"


class FileRefused(StudioError):
    """An upload that cannot be used."""

    status = 422


class FileUnfit(Coded, FileRefused):
    """A readable file that breaks a rule of the service (see ``generation.fitness``)."""

    code = "unfit"


class FileEmpty(FileRefused):
    """No byte at all."""

    code = "empty_file"


class FileDamaged(FileRefused):
    """The right kind of file, but it cannot be decoded (cut, corrupted, or built to hurt)."""

    code = "file_damaged"


class UnknownFile(FileRefused):
    """Not a picture or a sound that we know; params ``kind`` names what it is, if known."""

    code = "unknown_file"
    status = 415


class FileTooBig(FileRefused):
    """Bigger than what is looked at (API.md §3: images 40 MB or 80 MP, sound 60 MB or 20 min)."""

    code = "file_too_big"
    status = 413


class NeedsChoice(FileRefused):
    """``auto`` would have to crop or pad: a person has to choose."""

    code = "choose"


class CannotMend(FileRefused):
    """A fix that does not apply to this upload."""

    code = "cannot_mend"


class AddressRefused(FileRefused):
    """An address that is not fetched for anybody: not https, or not a public address; params ``host``."""

    code = "address_refused"


class FetchFailed(FileRefused):
    """What lies at a public address could not be fetched; params ``status`` where there was an answer."""

    code = "fetch_failed"
    retryable = True


class UploadCut(FileRefused):
    """The connection ended before the announced length."""

    code = "upload_cut"
    status = 400
    retryable = True


class UploadStalled(FileRefused):
    """No byte for 30 s."""

    code = "upload_stalled"
    status = 408
    retryable = True


class Access(StudioError):
    """Not for this caller."""


class NotFound(Access):
    """Does not exist, or is not yours (the same answer)."""

    code = "not_found"
    status = 404


class WrongOrigin(Access):
    """A change asked for by another site's page."""

    code = "wrong_origin"
    status = 403


class WrongHost(Access):
    """A Host that this program does not answer to (DNS rebinding)."""

    code = "wrong_host"
    status = 421


class WrongToken(Access):
    """Not the owner's token, or there is none."""

    code = "wrong_token"
    status = 403


class Closed(Access):
    """A route of Gradio that this program keeps shut."""

    code = "closed"
    status = 404


class Busy(StudioError):
    """Too much at once; ``retry_after`` says when."""

    status = 429
    retryable = True


class TooManyJobs(Busy):
    """More unfinished jobs than ``STUDIO_VISITOR_ACTIVE_JOBS``."""

    code = "too_many_jobs"


class TooManyUploads(Busy):
    """Too many uploads of one visitor at once."""

    code = "too_many_uploads"


class TooManyTries(Busy):
    """Too many wrong tokens within the hour."""

    code = "too_many_tries"


class Storage(StudioError):
    """The disk or the media store."""

    status = 503


class DiskFull(Storage):
    """Not enough room for another film or upload."""

    code = "disk_full"
    status = 507


class Gone(Storage):
    """The store has no such object."""

    code = "gone"
    status = 404


class Unavailable(Storage):
    """The store or the database does not answer."""

    code = "unavailable"
    retryable = True


class JobConflict(StudioError):
    """The job is not in a state for this."""

    status = 409


class CannotCancel(JobConflict):
    """Finished, or the service has no way to stop it."""

    code = "cannot_cancel"


class CannotDelete(JobConflict):
    """The job cannot be deleted now."""

    code = "cannot_delete"


class CannotResolve(JobConflict):
    """The job is not ``unconfirmed``, or the task that was named belongs to another film here."""

    code = "cannot_resolve"


class TooLateToRestore(JobConflict):
    """Deleted longer ago than ten minutes."""

    code = "too_late_to_restore"


class FilmFailed(StudioError):
    """Ends a job in the state ``failed``."""


class PreviewDied(FilmFailed):
    """The rendering process was killed or ran out of memory."""

    code = "preview_died"


class PreviewFailed(FilmFailed):
    """The rendering process gave up on its own."""

    code = "preview_failed"


class FilmUnreadable(FilmFailed):
    """What came out is not a playable film."""

    code = "film_unreadable"


class InputGone(FilmFailed):
    """The picture or the sound of a job is not in the store any more."""

    code = "input_gone"


class NeverMade(FilmFailed):
    """A person has said that the order never reached the service."""

    code = "never_made"


class TaskGone(FilmFailed):
    """The service does not know the task (any more)."""

    code = "task_gone"


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


class Spending(StudioError):
    """Money: nothing was sent."""

    status = 402


class NeedsKey(Spending):
    """There is no key that this visitor may spend."""

    code = "needs_key"


class CapReached(Spending):
    """The daily cap of the server or of the visitor would be passed."""

    code = "cap_reached"


class PaidPaused(Spending):
    """The owner has switched paid jobs off for now."""

    code = "paid_paused"


class PriceChanged(Spending):
    """It costs more than what was shown; params ``at_most``."""

    code = "price_changed"
    status = 409


class StartRefused(StudioError):
    """The program cannot start; said in the terminal, exit code 1."""


class PortTaken(StartRefused):
    """Another program listens on the port."""

    code = "port_taken"


class DataFolderUnusable(StartRefused):
    """The data folder cannot be written."""

    code = "data_folder_unusable"


class AlreadyRunning(StartRefused):
    """Another process holds the lock on the data folder."""

    code = "already_running"


class FfmpegMissing(StartRefused):
    """Neither the wheel nor the system has an ffmpeg."""

    code = "ffmpeg_missing"


class PricesUnusable(StartRefused):
    """``STUDIO_PRICES`` names a file that is no price list; params ``path``, ``why``."""

    code = "prices_unusable"


class CloudEngine(StartRefused):
    """The environment would hand our jobs to the engine maker's cloud (``DBOS__CLOUD``)."""

    code = "cloud_engine"
