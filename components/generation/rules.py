"""Whether a service can make the film that is asked for: pure functions over the capabilities table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.generation.capabilities import DurationRange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.errors import Param
    from components.generation.capabilities import Capabilities, Extra
    from components.generation.request import Request


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value of a field that would satisfy the rule."""

    field: str
    value: str | int | bool | None


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: a stable code about one field, with the figures for its sentence."""

    field: str
    code: str
    params: tuple[tuple[str, Param], ...] = ()
    fix: Suggestion | None = None


_UNREACHABLE = Violation("audio", "needs_public_url", fix=Suggestion("sound", "under"))
_WITHOUT_FILE = ("auto", "silent")


def violations(request: Request, caps: Capabilities, *, reachable: bool = False) -> tuple[Violation, ...]:
    """Every rule of the table that the request breaks, in the order of the form.

    The files themselves (is the picture fit, does the sound fit) are judged by ``fitness``.

    Args:
        request: What is asked for.
        caps: What the service can do.
        reachable: Whether services can fetch files from us: we have a public address (asked only if ``needs_address``).
    """
    unreachable = () if reachable or not needs_address(request, caps) else (_UNREACHABLE,)
    return (
        *_prompt(request, caps),
        *_sound(request, caps),
        *unreachable,
        *_choices(request, caps),
        *_extras(request, caps),
        *_coupled(request, caps),
    )


def needs_address(request: Request, caps: Capabilities) -> bool:
    """Whether the service would have to fetch the sound of this film from us."""
    return request.sound == "own" and caps.audio is not None and caps.audio.needs_public_url


def remedy(broken: Violation, request: Request, caps: Capabilities, *, reachable: bool = False) -> Suggestion | None:
    """The one change that brings the request nearer to this service, or None where only a person can say.

    Where ``broken.fix`` names what satisfies the rule alone, this looks at the whole request; applied again and again it ends.
    """
    if broken.code == "prompt_control_characters":
        return Suggestion("prompt", "".join(ch for ch in request.prompt if not _control(ch)))
    if broken.code in {"sound_conflict", "needs_public_url", "own_sound_needs_file"} or broken.field == "sound":
        return _other_sound(request, caps, reachable=reachable)
    if broken.code == "text_too_long":
        return Suggestion(broken.field, None)
    if broken.code == "number_range":
        return Suggestion(broken.field, _clamped(getattr(request, broken.field), caps.fields[broken.field]))
    return broken.fix


def _other_sound(request: Request, caps: Capabilities, *, reachable: bool) -> Suggestion:
    """The nearest way to a sound that the service can make: the person's own, else under the film, else without it."""
    if request.audio is None:
        return Suggestion("sound", next(sound for sound in (*_WITHOUT_FILE, *caps.sound) if sound in caps.sound))
    own = request.model_copy(update={"sound": "own"})
    if "own" in caps.sound and (reachable or not needs_address(own, caps)):
        return Suggestion("sound", "own")
    return Suggestion("sound", "under") if "under" in caps.sound else Suggestion("audio", None)


def _clamped(value: int, extra: Extra) -> int:
    low, high = extra.start, extra.to
    return value if low is None or high is None else min(max(value, low), high)


def _prompt(request: Request, caps: Capabilities) -> Iterator[Violation]:
    if caps.prompt.required and not request.prompt.strip():
        yield Violation("prompt", "prompt_missing")
    if len(request.prompt) > caps.prompt.max:
        yield Violation("prompt", "prompt_too_long", (("length", len(request.prompt)), ("max", caps.prompt.max)))
    if any(map(_control, request.prompt)):
        yield Violation("prompt", "prompt_control_characters")


def _control(ch: str) -> bool:
    return ch < " " and ch not in "\n\r\t"


def _sound(request: Request, caps: Capabilities) -> Iterator[Violation]:
    if request.audio is not None and request.sound in {"auto", "silent"}:
        yield Violation("sound", "sound_conflict", fix=Suggestion("sound", "own"))
    if request.sound not in caps.sound:
        yield Violation("sound", "not_offered", (("value", request.sound),), Suggestion("sound", caps.sound[0]))


def _choices(request: Request, caps: Capabilities) -> Iterator[Violation]:
    if not caps.duration.allows(request.duration):
        nearest = nearest_duration(request.duration, caps)
        if isinstance(caps.duration, DurationRange):
            yield Violation(
                "duration", "duration_range", (("min", caps.duration.start), ("max", caps.duration.to)), Suggestion("duration", nearest)
            )
        else:
            *shorter, longest = map(str, caps.duration.one_of)
            allowed = " or ".join([", ".join(shorter), longest] if shorter else [longest])
            yield Violation("duration", "duration_choice", (("allowed", allowed),), Suggestion("duration", nearest))
    if request.quality not in caps.quality:
        yield Violation("quality", "not_offered", (("value", request.quality),), Suggestion("quality", caps.quality[0]))
    if request.shot_type not in caps.shot_type:
        yield Violation("shot_type", "not_offered", (("value", request.shot_type),), Suggestion("shot_type", caps.shot_type[0]))


def _extras(request: Request, caps: Capabilities) -> Iterator[Violation]:
    plain: dict[str, str | int | bool | None] = {"negative_prompt": None, "seed": None, "watermark": False, "template": None}
    for name, default in plain.items():
        value = getattr(request, name)
        if value in (default, ""):
            continue
        extra = caps.fields.get(name)
        if extra is None:
            yield Violation(name, "not_offered", (("value", str(value)),), Suggestion(name, default))
        else:
            yield from _extra(name, value, extra)


def _extra(name: str, value: str | int | bool, extra: Extra) -> Iterator[Violation]:  # noqa: FBT001 - the value of a switch
    if isinstance(value, str):
        if extra.max is not None and len(value) > extra.max:
            yield Violation(name, "text_too_long", (("length", len(value)), ("max", extra.max)))
    elif extra.start is not None and extra.to is not None and not extra.start <= value <= extra.to:
        yield Violation(name, "number_range", (("min", extra.start), ("max", extra.to)))


def _coupled(request: Request, caps: Capabilities) -> Iterator[Violation]:
    for rule in caps.rules:
        if all(_matches(request, field, wanted) for field, wanted in rule.when.items()):
            for field, wanted in rule.needs.items():
                if not _matches(request, field, wanted):
                    fix = None if wanted == "given" else Suggestion(field, wanted)
                    yield Violation(field, rule.code, fix=fix)


def _matches(request: Request, field: str, wanted: str | bool) -> bool:  # noqa: FBT001 - the value of a switch
    value = getattr(request, field)
    return value is not None if wanted == "given" else bool(value == wanted)


def nearest_duration(seconds: int, caps: Capabilities) -> int:
    """The length that the service can make which is nearest to ``seconds``; the longer one of two."""
    if isinstance(caps.duration, DurationRange):
        return min(max(seconds, caps.duration.start), caps.duration.to)
    return min(caps.duration.one_of, key=lambda s: (abs(s - seconds), -s))
