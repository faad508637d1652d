"""Every setting: its environment variable, its type, its default (API.md §1)."""

from __future__ import annotations

import os
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from dotenv import dotenv_values
from pydantic import AliasChoices, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "STUDIO_"
SELLERS = ("evolink", "aimlapi", "apimart", "dashscope")
"""The services that are paid, by id, in the order in which they are shown."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

ServerKeyFor = Literal["owner", "signed-in", "everyone", "nobody"]


def _env(*names: str) -> AliasChoices:
    return AliasChoices(*(spelt for name in names for spelt in (name, name.lower())))


class Settings(BaseSettings):
    """Read once at the start from the environment and a ``.env`` file, then passed to whoever needs it."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True)

    service_set: Annotated[str | None, Field(validation_alias=_env("STUDIO_SERVICE"))] = None
    """The service that is chosen when the page opens; default: the first with a key, else ``preview``."""

    evolink_api_key: Annotated[str | None, Field(validation_alias=_env("EVOLINK_API_KEY"), repr=False)] = None
    """The server's own key for EvoLink."""

    aimlapi_api_key: Annotated[str | None, Field(validation_alias=_env("AIMLAPI_API_KEY"), repr=False)] = None
    """The server's own key for AI/ML API."""

    apimart_api_key: Annotated[str | None, Field(validation_alias=_env("APIMART_API_KEY"), repr=False)] = None
    """The server's own key for APIMart."""

    dashscope_api_key: Annotated[str | None, Field(validation_alias=_env("DASHSCOPE_API_KEY"), repr=False)] = None
    """The server's own key for DashScope; it belongs to one region."""

    evolink_base_url: Annotated[str, Field(validation_alias=_env("EVOLINK_BASE_URL"))] = "https://api.evolink.ai"
    """EvoLink's address, for proxies and tests."""

    evolink_files_base_url: Annotated[str, Field(validation_alias=_env("EVOLINK_FILES_BASE_URL"))] = "https://files-api.evolink.ai"
    """Where EvoLink takes files."""

    aimlapi_base_url: Annotated[str, Field(validation_alias=_env("AIMLAPI_BASE_URL"))] = "https://api.aimlapi.com"
    """AI/ML API's address."""

    apimart_base_url: Annotated[str, Field(validation_alias=_env("APIMART_BASE_URL"))] = "https://api.apimart.ai"
    """APIMart's address."""

    dashscope_base_url: Annotated[str, Field(validation_alias=_env("DASHSCOPE_BASE_URL"))] = "https://dashscope.aliyuncs.com"
    """DashScope's address, by region: Beijing, or ``https://dashscope-intl.aliyuncs.com`` for Singapore."""

    server_key_for: Annotated[ServerKeyFor | None, Field(validation_alias=_env("STUDIO_SERVER_KEY_FOR"))] = None
    """Who may spend the server's keys; default: ``everyone`` where only this machine reaches the page, else ``owner``."""

    owner: Annotated[str | None, Field(validation_alias=_env("STUDIO_OWNER", "SPACE_AUTHOR_NAME"))] = None
    """The owner's name at Hugging Face."""

    admin_token: Annotated[str | None, Field(validation_alias=_env("STUDIO_ADMIN_TOKEN"), repr=False)] = None
    """Whoever sends it is the owner for 30 days."""

    budget_usd_per_day: Annotated[Decimal, Field(validation_alias=_env("STUDIO_BUDGET_USD_PER_DAY"), ge=0, allow_inf_nan=False)] = Decimal(
        10
    )
    """The most that all together spend on the server's keys in a UTC day, in USD; 0 = nothing."""

    visitor_budget_usd_per_day: Annotated[
        Decimal, Field(validation_alias=_env("STUDIO_VISITOR_BUDGET_USD_PER_DAY"), ge=0, allow_inf_nan=False)
    ] = Decimal(2)
    """The most that one visitor spends on the server's keys in a UTC day, in USD; 0 = nothing."""

    prices_file: Annotated[Path | None, Field(validation_alias=_env("STUDIO_PRICES"))] = None
    """A JSON file of prices that stand above the built-in ones."""

    data_dir_set: Annotated[Path | None, Field(validation_alias=_env("STUDIO_DATA_DIR"))] = None
    """Database, work files, films and secret key; always a local disk."""

    media_url: Annotated[str | None, Field(validation_alias=_env("STUDIO_MEDIA_URL"))] = None
    """Another folder for films and uploads; default: ``media`` in the data folder."""

    secret_key: Annotated[str | None, Field(validation_alias=_env("STUDIO_SECRET_KEY"), repr=False)] = None
    """Signs visitors and links; a comma list rotates it: the first signs, all are accepted. Default: made once, kept in the data folder."""

    public_url: Annotated[str | None, Field(validation_alias=_env("STUDIO_PUBLIC_URL"))] = None
    """The https address under which people reach the page, where it cannot be seen from the request."""

    visitor_active_jobs: Annotated[int, Field(validation_alias=_env("STUDIO_VISITOR_ACTIVE_JOBS"), ge=1)] = 10
    """Unfinished jobs that one visitor may have."""

    keep_days: Annotated[int, Field(validation_alias=_env("STUDIO_KEEP_DAYS"), ge=0)] = 30
    """Days a film is kept; 0 = for ever."""

    keep_gb: Annotated[float, Field(validation_alias=_env("STUDIO_KEEP_GB"), ge=0)] = 10
    """Room for films in GB, oldest go first; 0 = without end."""

    preview_workers: Annotated[int, Field(validation_alias=_env("STUDIO_PREVIEW_WORKERS"), ge=1)] = max(1, (os.cpu_count() or 2) - 1)
    """Preview films rendered at once; default: cores − 1."""

    examples: Annotated[bool, Field(validation_alias=_env("STUDIO_EXAMPLES"))] = True
    """Whether the examples of the first visit are made at the first start."""

    log: Annotated[Literal["text", "json"], Field(validation_alias=_env("STUDIO_LOG"))] = "text"
    """How log lines look."""

    server_name: Annotated[str, Field(validation_alias=_env("GRADIO_SERVER_NAME"))] = "127.0.0.1"
    """The address to listen on; a Space listens on 0.0.0.0."""

    server_port: Annotated[int, Field(validation_alias=_env("GRADIO_SERVER_PORT"), ge=1, le=65535)] = 7860
    """The port to listen on."""

    share: Annotated[bool, Field(validation_alias=_env("GRADIO_SHARE"))] = False
    """A public link through Gradio's servers."""

    space_id: Annotated[str | None, Field(validation_alias=_env("SPACE_ID"))] = None
    """Set by Hugging Face: this runs as a Space."""

    space_host: Annotated[str | None, Field(validation_alias=_env("SPACE_HOST"))] = None
    """Set by Hugging Face: the Space's host names, comma separated."""

    @field_validator(*(f"{service}_api_key" for service in SELLERS), "admin_token", "owner", "service_set", mode="after")
    @classmethod
    def _bare(cls, value: str | None) -> str | None:
        """Copied keys often carry a line end; an empty one is none."""
        return (value or "").strip() or None

    @field_validator("public_url", *(f"{service}_base_url" for service in SELLERS), "evolink_files_base_url")
    @classmethod
    def _web_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value and info.field_name == "public_url":
            return None
        value = value or ""
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("it has to be an address like https://films.example.org")
        return value.rstrip("/")

    @field_validator("media_url")
    @classmethod
    def _folder(cls, value: str | None) -> str | None:
        if value and "://" in value:
            raise ValueError("it has to be a folder")
        return value or None

    @property
    def service(self) -> str:
        """The id of the service that is chosen when the page opens."""
        return self.service_set or next((seller for seller in SELLERS if self.server_key(seller)), "preview")

    def server_key(self, service: str) -> str | None:
        """The server's own key for a service, or None."""
        key: str | None = getattr(self, f"{service}_api_key") if service in SELLERS else None
        return key

    @property
    def on_space(self) -> bool:
        """Whether this runs as a Hugging Face Space (then the proxy's forwarded headers are trusted)."""
        return self.space_id is not None

    @property
    def data_dir(self) -> Path:
        """The data folder, not yet made."""
        if self.data_dir_set is not None:
            return self.data_dir_set.expanduser().absolute()
        if self.on_space:
            return Path(tempfile.gettempdir()) / "wan-flash-studio"
        return Path(platformdirs.user_data_dir("wan-flash-studio", appauthor=False))

    @property
    def lasting(self) -> bool:
        """Whether what is kept outlives a restart: false on a Space without a data folder of its own."""
        return not self.on_space or self.data_dir_set is not None

    @property
    def media_dir(self) -> Path:
        """The folder of films, posters, pictures and sounds."""
        return Path(self.media_url).expanduser().absolute() if self.media_url else self.data_dir / "media"

    @property
    def work_dir(self) -> Path:
        """Unfinished files; whatever is left here is swept."""
        return self.data_dir / "work"

    @property
    def database_file(self) -> Path:
        """The SQLite file: our tables and the engine's."""
        return self.data_dir / "studio.sqlite3"

    @property
    def listens_on_space(self) -> str:
        """The address to listen on, on a Space too."""
        return "0.0.0.0" if self.on_space else self.server_name  # noqa: S104 - a Space's container is reached by its proxy alone

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        return not self.on_space and not self.share and self.server_name in LOOPBACK


def known_names() -> frozenset[str]:
    """The environment variables that mean something here."""
    names: set[str] = set()
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            names.update(str(choice).upper() for choice in alias.choices)
    return frozenset(names)


def environment(env_file: Path = Path(".env")) -> dict[str, str]:
    """Everything that settings are read from: the ``.env`` file, and above it the environment."""
    return {name: value or "" for name, value in dotenv_values(env_file).items()} | dict(os.environ)


def unknown_names(names: Iterable[str]) -> tuple[str, ...]:
    """``STUDIO_…`` variables that nobody reads: probably typing errors, to be warned about at the start."""
    return tuple(sorted(name for name in names if name.startswith(PREFIX) and name not in known_names()))
