"""What a service can do, as data: read by the form, the browser's checks, the server and the price.

The shape is that of API.md §3a; ``Capabilities.model_dump(mode="json", by_alias=True)`` is what the page gets.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Quality = Literal["720p", "1080p"]
Sound = Literal["auto", "own", "under", "silent"]
ShotType = Literal["single", "multi"]


class Table(BaseModel):
    """A frozen row of the capabilities table."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid")


class PromptLimits(Table):
    """``max`` counts Unicode code points."""

    required: bool = True
    max: int


class ImageLimits(Table):
    """``side`` is [shortest, longest] in px after EXIF rotation; ``bytes`` the largest file."""

    formats: tuple[str, ...]
    side: tuple[int, int]
    bytes: int
    alpha: bool = False

    @property
    def longest_ratio(self) -> float:
        """Long side over short side that still fits (2000/360 = 5.556)."""
        return self.side[1] / self.side[0]


class AudioLimits(Table):
    """``seconds`` is [shortest, longest]; ``bytes`` the largest file."""

    formats: tuple[str, ...]
    seconds: tuple[float, float]
    bytes: int
    needs_public_url: bool = False


class DurationRange(Table):
    """Any whole number of seconds from ``from`` to ``to``."""

    start: int = Field(alias="from")
    to: int

    def allows(self, seconds: int) -> bool:
        """Whether a film may be that long."""
        return self.start <= seconds <= self.to

    @property
    def shortest(self) -> int:
        """Seconds."""
        return self.start

    @property
    def longest(self) -> int:
        """Seconds."""
        return self.to


class DurationChoice(Table):
    """One of a few lengths, in seconds, ascending."""

    one_of: tuple[int, ...]

    def allows(self, seconds: int) -> bool:
        """Whether a film may be that long."""
        return seconds in self.one_of

    @property
    def shortest(self) -> int:
        """Seconds."""
        return self.one_of[0]

    @property
    def longest(self) -> int:
        """Seconds."""
        return self.one_of[-1]


class Extra(Table):
    """A field beyond the common ones: text (``max`` code points), whole number (``from``, ``to``) or a switch."""

    max: int | None = None
    start: int | None = Field(default=None, alias="from")
    to: int | None = None
    advanced: bool = False


class CouplingRule(Table):
    """If a request matches ``when`` (``if``), it must also match ``needs``; else it is refused with ``code``.

    A value ``"given"`` means that the field is neither null nor left out.
    """

    when: dict[str, str | bool] = Field(alias="if")
    needs: dict[str, str | bool]
    code: str


class Limits(Table):
    """How much of it at once; ``queue`` names the queue its jobs wait in."""

    tasks_at_once: int | None = None
    creates_per_s: float | None = None
    queue: str = "films"


class Capabilities(Table):
    """One service's whole table."""

    prompt: PromptLimits
    image: ImageLimits
    audio: AudioLimits | None
    duration: DurationRange | DurationChoice
    quality: tuple[Quality, ...]
    sound: tuple[Sound, ...]
    shot_type: tuple[ShotType, ...]
    fields: dict[str, Extra] = Field(default_factory=dict)
    rules: tuple[CouplingRule, ...] = ()
    paid: bool
    cancel: Literal["never", "pending", "always"]
    progress: bool
    balance: bool = False
    limits: Limits = Limits()


COMMON_RULES = (
    CouplingRule(when={"shot_type": "multi"}, needs={"prompt_extend": True}, code="multi_needs_improve"),
    CouplingRule(when={"sound": "own"}, needs={"audio": "given"}, code="own_sound_needs_file"),
    CouplingRule(when={"sound": "under"}, needs={"audio": "given"}, code="own_sound_needs_file"),
)
