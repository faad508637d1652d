"""The word "Preview" in the corner of every frame, so that nobody takes a draft for the model's work."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFont

_WORD = "Preview"
_FINE = 4  # drawn this much larger, for smooth edges
_PILL, _RIM, _LETTERS = 0.46, 0.16, 0.94  # how opaque
_BLACK, _WHITE, _GREY = 16, 235, 128  # limited-range luma, and chroma of no colour


@dataclass(frozen=True, slots=True)
class Mark:
    """A dark, see-through pill with light letters, ready for each plane.

    Args:
        at: Its top left corner in the frame, px, even.
        light: Luma.
        cover: How much of the luma plane it covers.
        cover_half: The same for the chroma planes.
    """

    at: tuple[int, int]
    light: Image.Image
    cover: Image.Image
    cover_half: Image.Image

    def stamp(self, y: Image.Image, u: Image.Image, v: Image.Image) -> None:
        """Draw it into the planes of a frame, in place."""
        y.paste(self.light, self.at, self.cover)
        for plane in (u, v):
            plane.paste(_GREY, (self.at[0] // 2, self.at[1] // 2, *self._half_end()), self.cover_half)

    def _half_end(self) -> tuple[int, int]:
        return self.at[0] // 2 + self.cover_half.width, self.at[1] // 2 + self.cover_half.height


def make_mark(size: tuple[int, int]) -> Mark:
    """The mark for films of ``size`` px: top right, a twenty-fourth of the short side high."""
    height = 2 * round(min(size) / 24 / 2)
    font = ImageFont.load_default(height * 0.58 * _FINE)
    left, _, right, _ = font.getbbox(_WORD)
    width = 2 * round(((right - left) / _FINE + height * 0.9) / 2)
    fine = (width * _FINE, height * _FINE)
    pill, rim, letters = (Image.new("L", fine) for _ in range(3))
    edge = (0, 0, fine[0] - 1, fine[1] - 1)
    ImageDraw.Draw(pill).rounded_rectangle(edge, fine[1] / 2, fill=255)
    # a thin light rim keeps it visible on black
    ImageDraw.Draw(rim).rounded_rectangle(edge, fine[1] / 2, outline=255, width=max(1, round(_FINE * height / 26)))
    ImageDraw.Draw(letters).text((fine[0] / 2, fine[1] * 0.51), _WORD, fill=255, font=font, anchor="mm")
    small = [layer.resize((width, height), Image.Resampling.LANCZOS) for layer in (pill, rim, letters)]
    dark, ring, text = (
        layer.point([round(i * part) for i in range(256)]) for layer, part in zip(small, (_PILL, _RIM, _LETTERS), strict=True)
    )
    bright = ImageChops.lighter(ring, text)
    cover = ImageChops.screen(dark, bright)  # 1 - (1 - dark)(1 - bright)
    part = [b / c if c else 0.0 for b, c in zip(bright.tobytes(), cover.tobytes(), strict=True)]
    light = Image.frombytes("L", cover.size, bytes(round(_BLACK + (_WHITE - _BLACK) * p) for p in part))
    margin = 2 * round(min(size) / 36 / 2)
    return Mark((size[0] - width - margin, margin), light, cover, cover.resize((width // 2, height // 2), Image.Resampling.BOX))
