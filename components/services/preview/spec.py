"""What the rendering process is told, as one line of JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from components.services.base import Order

FPS = 30


@dataclass(frozen=True, slots=True)
class Spec:
    """One film to render.

    Args:
        image: The first frame, opaque RGB.
        audio: The mp3 to lay under it (``sound`` is ``own``), or None.
        film: Where the finished mp4 goes; its folder is the process's own.
        prompt: The person's words.
        seed: 0–2147483647; None takes one from the content, so the same order gives the same film.
        duration: Seconds.
        quality: 720p or 1080p.
        shot_type: One shot, or several with cuts.
        sound: A made sound, the own mp3, or none.
    """

    image: Path
    audio: Path | None
    film: Path
    prompt: str
    seed: int | None
    duration: int
    quality: Literal["720p", "1080p"]
    shot_type: Literal["single", "multi"]
    sound: Literal["auto", "own", "silent"]

    @classmethod
    def of(cls, order: Order, film: Path) -> Self:
        """The spec of an order that was judged fit."""
        request = order.request
        return cls(
            image=order.image,
            audio=order.audio if request.sound == "own" else None,
            film=film,
            prompt=request.prompt,
            seed=request.seed,
            duration=request.duration,
            quality=request.quality,
            shot_type=request.shot_type,
            sound="auto" if request.sound == "auto" else "own" if request.sound == "own" else "silent",
        )

    @property
    def frames(self) -> int:
        """Frames of the whole film."""
        return round(self.duration * FPS)

    def settled_seed(self) -> int:
        """The seed asked for, or one that follows from picture, words, length and shots."""
        if self.seed is not None:
            return self.seed
        digest = hashlib.sha256(self.image.read_bytes())
        digest.update(json.dumps([self.prompt, self.duration, self.shot_type]).encode())
        return int.from_bytes(digest.digest()[:4], "big") & 0x7FFFFFFF

    def to_json(self) -> str:
        """One line."""
        return json.dumps({key: str(value) if isinstance(value, Path) else value for key, value in asdict(self).items()})

    @classmethod
    def from_json(cls, line: str) -> Self:
        """The reverse of ``to_json``."""
        told = json.loads(line)
        return cls(
            **{
                **told,
                "image": Path(told["image"]),
                "audio": Path(told["audio"]) if told["audio"] else None,
                "film": Path(told["film"]),
            }
        )
