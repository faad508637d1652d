"""Which mends a person may ask for: each must be known and suit the very file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter, ValidationError

from components.errors import CannotMend, NeedsChoice
from components.generation.fitness import judge_audio, judge_image, mendable
from components.media.mend import ImageMend
from components.studio.uploaded import MEND_PARAMS, UnfitUpload, fixes_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.generation.capabilities import AudioLimits, ImageLimits
    from components.generation.fitness import Fault
    from components.media.image import ImageReport
    from components.media.sound import SoundReport
    from components.studio.uploaded import Kind

    Asked = Sequence[Mapping[str, Any]] | Literal["auto"]

_IMAGE_MEND: TypeAdapter[ImageMend] = TypeAdapter(ImageMend)
_NEVER_AUTO = frozenset({"image_too_long"})
"""Only a crop or borders would help, and that is for a person to choose."""
_SHOWN = 40


def image_mends(asked: Asked, original: ImageReport, limits: ImageLimits) -> tuple[ImageMend, ...]:
    """What is to be done to a picture.

    Args:
        asked: ``{"code", …params}`` each, in any order; ``"auto"`` is whatever the limits call for.
        original: The picture as it came.
        limits: Of the service it is for.

    Raises:
        CannotMend: A mend that is unknown, asked for twice, or does not suit this picture.
        NeedsChoice: ``auto`` would have to crop or pad.
        UnfitUpload: ``auto`` cannot help.
    """
    if asked == "auto":
        asked = _auto("image", judge_image(original, limits))
    suits = {
        "turn": original.frames == 1,
        "flatten": original.has_transparency,
        "shrink": max(original.width, original.height) > limits.side[1],
        "recompress": original.bytes > limits.bytes,
    }
    mends: list[ImageMend] = []
    for fix in asked:
        code = str(fix.get("code"))
        if not suits.get(code, False) or any(mend.code == code for mend in mends):
            raise CannotMend(field="image", fix=code[:_SHOWN])
        try:
            mends.append(_IMAGE_MEND.validate_python({**MEND_PARAMS.get(code, {}), **fix}))
        except ValidationError as cause:
            raise CannotMend(field="image", fix=code[:_SHOWN]) from cause
    return tuple(mends)


def sound_mends(asked: Asked, report: SoundReport, limits: AudioLimits) -> tuple[str, ...]:
    """What is to be done to a sound; the arguments and errors are those of ``image_mends``."""
    faults = judge_audio(report, limits)
    wanted = tuple(fix.code for fix in fixes_for(faults))
    codes = wanted if asked == "auto" else tuple(str(fix.get("code")) for fix in asked)
    if asked == "auto":
        _auto("audio", faults)
    for code in codes:
        if code not in wanted or codes.count(code) > 1:
            raise CannotMend(field="audio", fix=code[:_SHOWN])
    if faults and not codes:
        raise UnfitUpload("audio", faults)
    return codes


def require_fit(picture: ImageReport, limits: ImageLimits) -> None:
    """Do nothing if the picture breaks no rule.

    Raises:
        UnfitUpload: It does.
    """
    faults = judge_image(picture, limits)
    if faults:
        raise UnfitUpload("image", faults)


def _auto(kind: Kind, faults: tuple[Fault, ...]) -> Sequence[Mapping[str, Any]]:
    if any(fault.code in _NEVER_AUTO for fault in faults):
        raise NeedsChoice(field=kind)
    if faults and not mendable(faults):
        raise UnfitUpload(kind, faults)
    return [{"code": fix.code, **fix.params} for fix in fixes_for(faults)]
