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

from components.errors.base import Charged, Coded, Param, StudioError
from components.errors.films import (
    CapReached,
    FilmFailed,
    FilmUnreadable,
    InputGone,
    NeedsKey,
    NeverMade,
    PaidPaused,
    PreviewDied,
    PreviewFailed,
    PriceChanged,
    Spending,
    TaskGone,
)
from components.errors.here import (
    Access,
    AddressRefused,
    BodyTooBig,
    Busy,
    CannotCancel,
    CannotDelete,
    CannotMend,
    CannotResolve,
    Closed,
    DiskFull,
    FetchFailed,
    FileDamaged,
    FileEmpty,
    FileRefused,
    FileTooBig,
    FileUnfit,
    Gone,
    Invalid,
    JobConflict,
    MethodNotAllowed,
    NeedsChoice,
    NotFound,
    RequestInvalid,
    RuleBroken,
    Storage,
    TooLateToRestore,
    TooManyJobs,
    TooManyTries,
    TooManyUploads,
    Unavailable,
    UnknownFile,
    UploadCut,
    UploadStalled,
    WrongHost,
    WrongOrigin,
    WrongToken,
)
from components.errors.sellers import (
    ContentRefused,
    Doubtful,
    DownloadBroken,
    GenerationFailed,
    InputRefused,
    KeyRefused,
    MediaUnreachable,
    NoAccess,
    NoMoney,
    RateLimited,
    ResultExpired,
    SellerBusy,
    SellerError,
    ServiceDown,
    ServiceUnreachable,
    UnclearAnswer,
)
from components.errors.starting import (
    AlreadyRunning,
    CloudEngine,
    DataFolderUnusable,
    FfmpegMissing,
    PortTaken,
    PricesUnusable,
    StartRefused,
)

__all__ = [
    "Access",
    "AddressRefused",
    "AlreadyRunning",
    "BodyTooBig",
    "Busy",
    "CannotCancel",
    "CannotDelete",
    "CannotMend",
    "CannotResolve",
    "CapReached",
    "Charged",
    "Closed",
    "CloudEngine",
    "Coded",
    "ContentRefused",
    "DataFolderUnusable",
    "DiskFull",
    "Doubtful",
    "DownloadBroken",
    "FetchFailed",
    "FfmpegMissing",
    "FileDamaged",
    "FileEmpty",
    "FileRefused",
    "FileTooBig",
    "FileUnfit",
    "FilmFailed",
    "FilmUnreadable",
    "GenerationFailed",
    "Gone",
    "InputGone",
    "InputRefused",
    "Invalid",
    "JobConflict",
    "KeyRefused",
    "MediaUnreachable",
    "MethodNotAllowed",
    "NeedsChoice",
    "NeedsKey",
    "NeverMade",
    "NoAccess",
    "NoMoney",
    "NotFound",
    "PaidPaused",
    "Param",
    "PortTaken",
    "PreviewDied",
    "PreviewFailed",
    "PriceChanged",
    "PricesUnusable",
    "RateLimited",
    "RequestInvalid",
    "ResultExpired",
    "RuleBroken",
    "SellerBusy",
    "SellerError",
    "ServiceDown",
    "ServiceUnreachable",
    "Spending",
    "StartRefused",
    "Storage",
    "StudioError",
    "TaskGone",
    "TooLateToRestore",
    "TooManyJobs",
    "TooManyTries",
    "TooManyUploads",
    "Unavailable",
    "UnclearAnswer",
    "UnknownFile",
    "UploadCut",
    "UploadStalled",
    "WrongHost",
    "WrongOrigin",
    "WrongToken",
]
