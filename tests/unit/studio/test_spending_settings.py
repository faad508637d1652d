from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from components.settings import SELLERS, Settings, known_names

KEYS = {
    "EVOLINK_API_KEY": "sk-evo-1234",
    "AIMLAPI_API_KEY": "sk-aim-1234",
    "APIMART_API_KEY": "sk-apm-1234",
    "DASHSCOPE_API_KEY": "sk-das-1234",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*known_names(), "SPACE_AUTHOR_NAME"):
        monkeypatch.delenv(name, raising=False)


def read() -> Settings:
    return Settings(_env_file=None)


def test_without_a_key_the_page_opens_with_the_preview() -> None:
    assert read().service == "preview"


def test_the_page_opens_with_the_first_service_that_has_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-das")
    monkeypatch.setenv("APIMART_API_KEY", "sk-apm")
    assert read().service == "apimart"


def test_the_page_opens_with_what_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APIMART_API_KEY", "sk-apm")
    monkeypatch.setenv("STUDIO_SERVICE", "preview")
    assert read().service == "preview"


def test_every_seller_has_its_key_and_no_key_is_in_a_printout(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in {**KEYS, "STUDIO_ADMIN_TOKEN": "sk-adm-1234"}.items():
        monkeypatch.setenv(name, f" {key}\n")
    settings = read()
    assert [settings.server_key(seller) for seller in SELLERS] == list(KEYS.values())
    assert settings.admin_token == "sk-adm-1234"
    assert "1234" not in f"{settings!r} {settings}"


def test_a_service_that_is_none_has_no_key() -> None:
    assert read().server_key("secret_key") is None


def test_the_owner_of_a_space_is_its_author_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_AUTHOR_NAME", "ada")
    assert read().owner == "ada"
    monkeypatch.setenv("STUDIO_OWNER", "grace")
    assert read().owner == "grace"


def test_the_caps_are_ten_and_two_dollars() -> None:
    assert (read().budget_usd_per_day, read().visitor_budget_usd_per_day) == (Decimal(10), Decimal(2))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDIO_BUDGET_USD_PER_DAY", "-1"),
        ("STUDIO_BUDGET_USD_PER_DAY", "NaN"),
        ("STUDIO_VISITOR_BUDGET_USD_PER_DAY", "Infinity"),
        ("STUDIO_SERVER_KEY_FOR", "friends"),
        ("EVOLINK_BASE_URL", "api.evolink.ai"),
        ("DASHSCOPE_BASE_URL", "ftp://dashscope.aliyuncs.com"),
    ],
)
def test_a_value_that_means_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        read()


def test_a_base_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVOLINK_FILES_BASE_URL", "http://127.0.0.1:8123/")
    assert read().evolink_files_base_url == "http://127.0.0.1:8123"
