"""What the examples are, as data. Their files lie under keys that follow from the version: whoever looks finds them or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from components.studio.objects import object_key

VERSION = "1"
"""Raised when a picture, a sound, a prompt or the Preview's look changes: then a new release makes them anew."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example.

    Args:
        id: Also the name of the module that paints it.
        title: One or two words.
        prompt: What happens.
        size: (width, height) of the picture in px.
        duration_s: Of the film.
        shot_type: Of the film.
        sound: Name of its sound (a function in ``sounds``), or None: the film makes its own.
    """

    id: str
    title: str
    prompt: str
    size: tuple[int, int]
    duration_s: int
    shot_type: Literal["single", "multi"] = "single"
    sound: str | None = None

    @property
    def image_key(self) -> str:
        """Where its picture lies."""
        return object_key("input", "jpg", of=self._name("picture"), word=self.id)

    @property
    def sound_key(self) -> str | None:
        """Where its sound lies, if it has one."""
        return object_key("sound", "mp3", of=self._name("sound"), word=self.sound) if self.sound else None

    @property
    def video_key(self) -> str:
        """Where its film lies."""
        return object_key("video", "mp4", of=self._name("film"), word=self.id)

    @property
    def poster_key(self) -> str:
        """Where its film's picture lies."""
        return object_key("poster", "jpg", of=self._name("poster"), word=self.id)

    @property
    def keys(self) -> tuple[str, ...]:
        """All of them, in the order in which they are made."""
        sound = (self.sound_key,) if self.sound_key else ()
        return (self.image_key, *sound, self.poster_key, self.video_key)

    def _name(self, what: str) -> str:
        return f"example {VERSION} {self.id} {what}"


EXAMPLES = (
    Example(
        "lake",
        "Boats at dusk",
        "The boats rock a little as the light goes. Slow push in across the water, small waves, a far bell.",
        (1920, 1080),
        8,
        sound="evening",
    ),
    Example(
        "lighthouse",
        "The lighthouse",
        "The beam turns once over the sea while waves break below. The camera tilts up slowly to the stars.",
        (1280, 1920),
        5,
    ),
    Example(
        "balloons",
        "Morning balloons",
        "The balloons rise out of the morning fog and drift apart. The camera pulls back slowly.",
        (1440, 1440),
        5,
        sound="morning",
    ),
)

EXAMPLE_KEYS = frozenset(key for example in EXAMPLES for key in example.keys)
"""Never swept, whoever uses or deletes them."""
