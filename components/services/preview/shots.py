"""The film as shots: how long each is, and what the camera sees in each of its frames.

The first frame of a film is the whole picture. A camera can only look where there is picture, so a pan or tilt first
draws in a little and then travels; a pull sees the edges mirrored and softened.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

from components.services.preview.motion import Kind, Move
from components.services.preview.planes import View

Focus = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pose:
    """A place of the camera. ``ax``, ``ay`` 0–1: where the view lies in the room that its share leaves (0.5: the middle)."""

    share: float
    ax: float = 0.5
    ay: float = 0.5
    roll: float = 0.0
    keystone: float = 0.0

    def view(self) -> View:
        """What it sees; whatever ``ax`` and ``ay`` are, a share up to 1 stays within the picture."""
        left, top = (1 - self.share) * self.ax, (1 - self.share) * self.ay
        return View(left + self.share / 2, top + self.share / 2, self.share, self.roll, self.keystone)


WHOLE = Pose(1.0)


@dataclass(frozen=True, slots=True)
class Path:
    """From one pose to another.

    Args:
        start: At the first frame.
        end: At the last.
        ramps: Parts of the time spent speeding up and slowing down.
        zoomed: Part of the time after which the share has arrived.
        sway: Seed of a hand's unrest, or None.
    """

    start: Pose
    end: Pose
    ramps: tuple[float, float] = (0.25, 0.25)
    zoomed: float = 1.0
    sway: int | None = None

    def views(self, frames: int) -> list[View]:
        """One view a frame."""
        return [self._at(i / max(1, frames - 1), i) for i in range(frames)]

    def _at(self, t: float, frame: int) -> View:
        go, zoom = ease(t, *self.ramps), ease(min(1.0, t / self.zoomed), *self.ramps)
        a, b = self.start, self.end
        pose = Pose(
            share=a.share * (b.share / a.share) ** zoom,  # a steady zoom is geometric
            ax=a.ax + (b.ax - a.ax) * go,
            ay=a.ay + (b.ay - a.ay) * go,
            roll=a.roll + (b.roll - a.roll) * go,
            keystone=a.keystone + (b.keystone - a.keystone) * go,
        )
        return (pose if self.sway is None else _swayed(pose, self.sway, frame)).view()


def ease(t: float, ramp_in: float, ramp_out: float) -> float:
    """0–1 over 0–1 at an even speed, reached and left without a jerk within the ramps."""
    speed = 1 / (1 - (ramp_in + ramp_out) / 2)
    if t < ramp_in:
        return speed * t * t / (2 * ramp_in)
    if t > 1 - ramp_out:
        return 1 - speed * (1 - t) ** 2 / (2 * ramp_out)
    return speed * (t - ramp_in / 2)


def _swayed(pose: Pose, seed: int, frame: int) -> Pose:
    rng = random.Random(seed)  # noqa: S311 - a look, not a secret
    seconds = frame / 30

    def wander() -> float:
        return sum(math.sin(rng.uniform(0.5, 1.1) * (k + 1) * seconds * 2 + rng.uniform(0, 6.28)) / (k + 1) for k in range(3)) / 1.83

    return replace(pose, ax=0.5 + 0.45 * wander(), ay=0.5 + 0.45 * wander())


def plan(move: Move, *, frames: int, duration: float, multi: bool, foci: list[Focus], closest: float, seed: int) -> list[list[View]]:
    """The views of each shot; the first view of all is the whole picture.

    Args:
        move: What the camera does.
        frames: Of the whole film.
        duration: Seconds.
        multi: Several shots with cuts.
        foci: At least two places worth looking at, best first.
        closest: The smallest share that still looks sharp.
        seed: Chooses what the words leave open.
    """
    if not multi:
        return [single_path(move, duration, foci[0], seed).views(frames)]
    lengths = shot_lengths(frames, duration)
    paths = _multi_paths(move, duration, foci, closest, seed)
    return [path.views(length) for path, length in zip(paths, lengths, strict=False)]


def single_path(move: Move, duration: float, focus: Focus, seed: int) -> Path:
    """The one move of a single shot: longer films go further, at a calmer pace."""
    k, (fx, fy) = move.strength, focus
    deep = 1 - k * min(0.32, 0.09 + 0.014 * duration)
    side = 1 - min(0.32, (0.12 + 0.012 * duration) * (0.6 + 0.4 * k))
    ax, ay = 0.5 + 0.6 * (fx - 0.5), 0.5 + 0.6 * (fy - 0.5)
    paths = {
        Kind.STATIC: Path(WHOLE, WHOLE),
        Kind.PUSH: Path(Pose(1.0, fx, fy), Pose(deep, fx, fy)),
        Kind.PULL: Path(WHOLE, Pose(1 + min(0.14, k * (0.06 + 0.006 * duration)))),
        Kind.PAN_LEFT: _travel(Pose(1.0, 0.62, ay), Pose(side, 0.0, ay)),
        Kind.PAN_RIGHT: _travel(Pose(1.0, 0.38, ay), Pose(side, 1.0, ay)),
        Kind.TILT_UP: _travel(Pose(1.0, ax, 0.62), Pose(side, ax, 0.0)),
        Kind.TILT_DOWN: _travel(Pose(1.0, ax, 0.38), Pose(side, ax, 1.0)),
        Kind.ORBIT_LEFT: Path(WHOLE, Pose(0.86, 0.1, ay, keystone=0.07 * k), zoomed=0.9),
        Kind.ORBIT_RIGHT: Path(WHOLE, Pose(0.86, 0.9, ay, keystone=-0.07 * k), zoomed=0.9),
        Kind.ROLL: Path(WHOLE, Pose(0.88, roll=3.5 * k)),
        Kind.HANDHELD: Path(WHOLE, Pose(0.93), zoomed=0.3, sway=seed),
    }
    return paths[move.kind]


def _travel(start: Pose, end: Pose) -> Path:
    """A pan or a tilt: drawn in first, so that there is somewhere to go."""
    return Path(start, end, ramps=(0.22, 0.3), zoomed=0.8)


def shot_lengths(frames: int, duration: float) -> list[int]:
    """Two to four shots, the first one longest; together exactly ``frames``."""
    count = 2 if duration < 4 else 3 if duration < 9 else 4  # noqa: PLR2004 - seconds at which one more shot still breathes
    first = round(frames * (1.25 / (count + 0.25)))
    rest, extra = divmod(frames - first, count - 1)
    return [first, *(rest + (i < extra) for i in range(count - 1))]


def _multi_paths(move: Move, duration: float, foci: list[Focus], closest: float, seed: int) -> list[Path]:
    """Wide, medium on the first focus, detail on the second, and wide again from another corner."""
    rng = random.Random(seed)  # noqa: S311 - a look, not a secret
    still = move.kind is Kind.STATIC
    k = move.strength
    wide = single_path(move, duration * 0.4, foci[0], seed)
    drift = rng.choice((-1, 1)) * 0.02

    def on(focus: Focus, share: float, dx: float = 0.0) -> Pose:
        share = max(share, closest)
        x, y = focus[0] + dx, focus[1] + 0.05 * share  # what matters stands a little above the middle
        return Pose(share, *(min(1.0, max(0.0, (c - share / 2) / (1 - share))) for c in (x, y)))

    def between(a: Pose, b: Pose) -> Path:
        return Path(a, a if still else b, ramps=(0.0, 0.12))

    medium = between(on(foci[0], 0.64, -drift), on(foci[0], 0.64 - 0.06 * k, drift))
    detail = between(on(foci[1], 0.42, drift), on(foci[1], 0.42 + 0.04 * k, -drift))
    corner = 0.0 if foci[0][0] > 0.5 else 1.0  # noqa: PLR2004 - the middle
    last = between(Pose(0.8, corner, 0.3), Pose(0.8 + 0.1 * k, 0.5, 0.4))
    return [replace(wide, ramps=(0.25, 0.0)) if not still else wide, medium, detail, last]
