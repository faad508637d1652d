"""The bodies that come in (API.md §3); whatever is not of these shapes is 422 ``invalid_request``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class FetchBody(Shape):
    """``POST uploads/fetch``: a picture or a sound at a public https address."""

    kind: Kind
    url: str = Field(min_length=1, max_length=4000)
    service: str | None = Field(default=None, max_length=40)


class KeyBody(Shape):
    """``PUT keys/{service}``; the longest key that is taken is shorter."""

    key: str = Field(min_length=1, max_length=2000, repr=False)


class OwnerBody(Shape):
    """``POST me/owner``."""

    token: str = Field(max_length=1000, repr=False)


class SwitchBody(Shape):
    """``PUT me/paid``."""

    on: bool


class ResolveBody(Shape):
    """``POST jobs/{id}/resolve``: either a task, or the word that there is none."""

    task_id: str | None = Field(default=None, min_length=1, max_length=200)
    check: bool = False
    none_exists: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.task_id is None) is (self.none_exists is None) or (self.check and self.task_id is None):
            raise ValueError("either a task_id or none_exists")
        return self


class DraftBody(BaseModel):
    """``PUT draft``: whatever the form holds, as the page names it."""

    model_config = ConfigDict(frozen=True, extra="allow")
