"""What is wrong with a call, a file, a job or the storage here."""

from __future__ import annotations

from components.errors.base import Coded, StudioError


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
