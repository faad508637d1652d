"""Whatever colours a picture is stored in, plain 8-bit sRGB is what leaves the house."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms

_PLAIN = ("RGB", "RGBA")
_SAME = 4  # levels of 255: a profile that moves no colour further than this is sRGB by another name
_PROBES = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 128, 0), (0, 128, 255), (128, 0, 128), (64, 64, 64), (192, 192, 192))


def needs_plain(image: Image.Image) -> bool:
    """Whether the stored colours are anything but 8-bit sRGB (a loaded picture)."""
    if image.mode not in _PLAIN:
        return True
    profile = image.info.get("icc_profile")
    return isinstance(profile, bytes) and _to_srgb_transform(profile, "RGB") is not None


def to_plain_mode(image: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """The picture in mode RGB, or RGBA where ``alpha`` (mode L) has clear pixels.

    CMYK goes through its own profile; 16-bit grey is scaled (a plain conversion clips it).
    """
    if image.mode in ("CMYK", "LAB"):
        profile = image.info.get("icc_profile")
        transform = _to_srgb_transform(profile, image.mode) if isinstance(profile, bytes) else None
        plain = image.convert("RGB") if transform is None else ImageCms.applyTransform(image, transform)
        if plain is None:
            return image.convert("RGB")
    elif image.mode.startswith("I"):
        plain = image.point(lambda value: value * (1 / 257)).convert("L").convert("RGB")
    elif image.mode in _PLAIN:
        plain = image
    else:
        # a colour key or a palette's opacity is in ``alpha`` already
        plain = image.convert("RGBA").convert("RGB") if image.mode in ("PA", "La", "RGBa") else _without_key(image).convert("RGB")
    if alpha is None or alpha.getextrema() == (255, 255):
        return plain.convert("RGB") if plain.mode != "RGB" else plain
    plain = plain.convert("RGB")
    plain.putalpha(alpha)
    return plain


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of an RGB or RGBA picture moved from ``profile`` to sRGB; untouched where that is the same or nonsense."""
    transform = _to_srgb_transform(profile, "RGB") if profile else None
    if transform is None:
        return image
    moved = ImageCms.applyTransform(image.convert("RGB"), transform)
    if moved is None:
        return image
    if image.mode == "RGBA":
        moved.putalpha(image.getchannel("A"))
    return moved


def _without_key(image: Image.Image) -> Image.Image:
    if "transparency" not in image.info:
        return image
    bare = image.copy()
    del bare.info["transparency"]
    return bare


def _to_srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """A way from ``profile`` to sRGB, or None where it changes nothing to speak of or cannot be read."""
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        if mode != "RGB":
            return transform
        probe = Image.new("RGB", (len(_PROBES), 1))
        probe.putdata(_PROBES)
        moved = ImageCms.applyTransform(probe, transform)
    except (ImageCms.PyCMSError, OSError):
        return None
    if moved is None:
        return None
    shifts = [abs(a - b) for a, b in zip(probe.tobytes(), moved.tobytes(), strict=True)]
    return transform if max(shifts) > _SAME else None
