"""Whether a picture or a sound is fit for a service, and what would mend it.

Pure functions over a report and the capabilities table; ``assets/js/checks/fitness.js`` is its twin and one table
of cases (``tests/cases/fitness.json``) holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from components.errors import Param
    from components.generation.capabilities import AudioLimits, ImageLimits


class Picture(Protocol):
    """The facts about a picture that rules look at; ``width`` and ``height`` in px, turned upright."""

    @property
    def format(self) -> str: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def bytes(self) -> int: ...  # noqa: D102
    @property
    def has_transparency(self) -> bool: ...  # noqa: D102
    @property
    def frames(self) -> int: ...  # noqa: D102


class Recording(Protocol):
    """The facts about a sound that rules look at."""

    @property
    def format(self) -> str: ...  # noqa: D102
    @property
    def duration_s(self) -> float: ...  # noqa: D102
    @property
    def bytes(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that a file breaks; ``fix`` is the code of the mend that cures it, None where there is none."""

    code: str
    params: tuple[tuple[str, Param], ...] = ()
    fix: str | None = None


def judge_image(picture: Picture, limits: ImageLimits) -> tuple[Fault, ...]:
    """All faults of a picture, in the order in which they are said.

    A picture whose shape no scaling can fit has only that fault of size (``media.md`` §2: 2000/360 = 5.556).
    """
    faults: list[Fault] = []
    shortest, longest = limits.side
    short, long = sorted((picture.width, picture.height))
    if picture.frames > 1:
        faults.append(Fault("image_animated"))
    if long > short * limits.longest_ratio:
        faults.append(Fault("image_too_long", (("ratio", round(long / short, 2)), ("max", round(limits.longest_ratio, 2)))))
    elif short < shortest:
        faults.append(Fault("image_too_small", (("width", picture.width), ("height", picture.height), ("min", shortest))))
    elif long > longest:
        size = (("width", picture.width), ("height", picture.height), ("max", longest))
        faults.append(Fault("image_too_large", size, "shrink"))
    if picture.has_transparency and not limits.alpha:
        faults.append(Fault("image_transparent", fix="flatten"))
    if picture.bytes > limits.bytes and not any(f.fix for f in faults):
        # any other mend writes a new, smaller file anyway
        faults.append(Fault("image_too_heavy", (("bytes", picture.bytes), ("max", limits.bytes)), "recompress"))
    return tuple(faults)


def judge_audio(recording: Recording, limits: AudioLimits) -> tuple[Fault, ...]:
    """All faults of a sound as an upload: longer or heavier than the service takes is mended by hearing a part."""
    shortest, longest = limits.seconds
    if recording.duration_s < shortest:
        return (Fault("audio_too_short", (("seconds", recording.duration_s), ("min", shortest))),)
    if recording.duration_s > longest:
        return (Fault("audio_too_long", (("seconds", recording.duration_s), ("max", longest)), "part"),)
    if recording.bytes > limits.bytes:
        return (Fault("audio_too_heavy", (("bytes", recording.bytes), ("max", limits.bytes)), "part"),)
    return ()


def mendable(faults: tuple[Fault, ...]) -> bool:
    """Whether every fault has a mend."""
    return bool(faults) and all(fault.fix for fault in faults)
