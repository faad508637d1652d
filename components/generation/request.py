"""What a person asks for."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from components.generation.capabilities import Quality, ShotType, Sound  # noqa: TC001 - pydantic reads them

UploadId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Request(BaseModel):
    """One film as ordered (API.md §3 *request*). Ids name uploads; what they may be is judged by ``rules``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: str = Field(max_length=40)
    prompt: str = Field(default="", max_length=100_000)
    image: UploadId
    audio: UploadId | None = None
    audio_start_s: float = Field(default=0, ge=0, le=1200, allow_inf_nan=False)
    sound: Sound = "auto"
    duration: int = Field(default=5, ge=1, le=600)
    quality: Quality = "720p"
    prompt_extend: bool = True
    shot_type: ShotType = "single"
    negative_prompt: str | None = Field(default=None, max_length=100_000)
    seed: int | None = None
    watermark: bool = False
    template: str | None = Field(default=None, max_length=200)
    price_at_most: str | None = Field(default=None, pattern=r"^\d{1,6}(\.\d{1,6})?$")
    client_token: str = Field(min_length=1, max_length=64)

    @model_validator(mode="before")
    @classmethod
    def _sound_follows_audio(cls, data: object) -> object:
        """``sound`` left out means ``own`` when ``audio`` is given, else ``auto`` (API.md §3)."""
        if isinstance(data, dict) and data.get("sound") is None:
            return {**data, "sound": "own" if data.get("audio") else "auto"}
        return data

    def asked(self) -> Self:
        """The request without what only this one call is about (token, price)."""
        return self.model_copy(update={"client_token": "-", "price_at_most": None})
