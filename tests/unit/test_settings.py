from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.settings import Settings, environment, known_names, unknown_names

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in known_names():
        monkeypatch.delenv(name, raising=False)


def test_nothing_needs_to_be_set() -> None:
    settings = Settings()
    assert (settings.server_name, settings.server_port, settings.service) == ("127.0.0.1", 7860, "preview")
    assert settings.loopback
    assert settings.lasting


def test_a_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STUDIO_DATA_DIR", str(tmp_path / "here"))
    monkeypatch.setenv("STUDIO_KEEP_DAYS", "0")
    settings = Settings()
    assert settings.data_dir == tmp_path / "here"
    assert settings.media_dir == tmp_path / "here" / "media"
    assert settings.keep_days == 0


def test_a_setting_is_read_from_the_env_file_and_the_environment_beats_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STUDIO_KEEP_DAYS=3\nSTUDIO_KEEP_GB=4\n")
    monkeypatch.setenv("STUDIO_KEEP_GB", "5")
    settings = Settings()
    assert (settings.keep_days, settings.keep_gb) == (3, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRADIO_SERVER_PORT", "many"),
        ("GRADIO_SERVER_PORT", "70000"),
        ("STUDIO_KEEP_DAYS", "-1"),
        ("STUDIO_LOG", "loud"),
        ("STUDIO_PREVIEW_WORKERS", "0"),
        ("STUDIO_PUBLIC_URL", "films.example.org"),
        ("STUDIO_MEDIA_URL", "s3://bucket/prefix"),
    ],
)
def test_a_value_that_means_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_a_space_listens_everywhere_and_says_that_nothing_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "me/film")
    settings = Settings()
    assert settings.on_space
    assert not settings.loopback
    assert not settings.lasting
    assert settings.listens_on_space == "0.0.0.0"  # noqa: S104 - what is expected


def test_a_space_with_a_data_folder_lasts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPACE_ID", "me/film")
    monkeypatch.setenv("STUDIO_DATA_DIR", str(tmp_path))
    assert Settings().lasting


@pytest.mark.parametrize(("name", "value"), [("GRADIO_SERVER_NAME", "0.0.0.0"), ("GRADIO_SHARE", "true")])  # noqa: S104
def test_reachable_by_others_is_not_loopback(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert not Settings().loopback


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_DATA_DIR", "")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "")
    settings = Settings()
    assert settings.data_dir_set is None
    assert settings.server_port == 7860


def test_the_secret_key_is_in_no_printout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_SECRET_KEY", "very-secret")
    assert "very-secret" not in repr(Settings())


def test_the_public_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_PUBLIC_URL", "https://films.example.org/")
    assert Settings().public_url == "https://films.example.org"


def test_an_unknown_name_is_found_in_the_environment_and_in_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STUDIO_KEPT_DAYS=3\nSTUDIO_KEEP_DAYS=3\nOTHER=1\n")
    monkeypatch.setenv("STUDIO_KEY", "x")
    assert set(unknown_names(environment())) >= {"STUDIO_KEPT_DAYS", "STUDIO_KEY"}
    assert "STUDIO_KEEP_DAYS" not in unknown_names(environment())


def test_every_setting_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in sorted(known_names()) if f"`{name}`" not in text] == []
