"""What ends a job, and what may not be spent."""

from __future__ import annotations

from components.errors.base import StudioError


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
