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
    │   ├── UploadCut             400 upload_cut
    │   └── UploadStalled         408 upload_stalled
    ├── Access
    │   ├── NotFound              404 not_found
    │   ├── WrongOrigin           403 wrong_origin
    │   ├── WrongHost             421 wrong_host
    │   └── Closed                404 closed
    ├── Busy                      429
    │   ├── TooManyJobs           too_many_jobs
    │   └── TooManyUploads        too_many_uploads
    ├── Storage
    │   ├── DiskFull              507 disk_full
    │   ├── Gone                  404 gone
    │   └── Unavailable           503 unavailable
    ├── JobConflict               409
    │   ├── CannotCancel          cannot_cancel
    │   ├── CannotDelete          cannot_delete
    │   └── TooLateToRestore      too_late_to_restore
    ├── FilmFailed                ends a job
    │   ├── PreviewDied           preview_died
    │   ├── PreviewFailed         preview_failed
    │   ├── FilmUnreadable        film_unreadable
    │   ├── InputGone             input_gone
    │   └── TaskGone              task_gone
    └── StartRefused              the program cannot start
        ├── PortTaken             port_taken
        ├── DataFolderUnusable    data_folder_unusable
        ├── AlreadyRunning        already_running
        ├── FfmpegMissing         ffmpeg_missing
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
    charged: ClassVar[Charged] = Charged.NO
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


class TaskGone(FilmFailed):
    """The service does not know the task (any more)."""

    code = "task_gone"


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


class CloudEngine(StartRefused):
    """The environment would hand our jobs to the engine maker's cloud (``DBOS__CLOUD``)."""

    code = "cloud_engine"
