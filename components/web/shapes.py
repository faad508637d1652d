"""The bodies that come in (API.md §3); whatever is not of these shapes is 422 ``invalid_request``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

JobId = Annotated[str, Field(max_length=200)]
UploadId = Annotated[str, Field(max_length=200)]
"""Whatever is no id of ours is simply not there."""
Kind = Literal["image", "audio"]


class Shape(BaseModel):
    """Frozen; a name that nobody knows is refused, so that a typing error is not silently nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FixShape(BaseModel):
    """One mend: its code, and whatever else it takes."""

    model_config = ConfigDict(frozen=True, extra="allow")

    code: str = Field(min_length=1, max_length=40)

    @property
    def params(self) -> dict[str, Any]:
        """What stands beside the code."""
        return dict(self.model_extra or {})


class FixBody(Shape):
    """``POST uploads/{id}/fix``."""

    fixes: Annotated[list[FixShape], Field(min_length=1, max_length=10)] | Literal["auto"]
    service: str | None = Field(default=None, max_length=40)


class KeepBody(Shape):
    """``POST jobs/{id}/keep``."""

    keep: bool


class DraftBody(BaseModel):
    """``PUT draft``: whatever the form holds, as the page names it."""

    model_config = ConfigDict(frozen=True, extra="allow")
