"""Keys: what a key is, where it is made, tried at once, kept, shown by its last characters, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.paid_desk import NAMES, PaidDesk, Sellers, offer
from tests.browser.paid_fixtures import desk, sellers

if TYPE_CHECKING:
    from tests.browser.conftest import Faults

__all__ = ["desk", "sellers"]

SECRET = "sk-of-mine-9z8y7x"


@pytest.fixture
def bare(desk: PaidDesk, sellers: Sellers) -> PaidDesk:
    """Nobody has a key."""
    sellers.keys.clear()
    sellers.tails.clear()
    desk.page.reload()
    desk.page.locator("#form[data-ready]").wait_for()
    desk.page.locator(".keys-btn").click()
    return desk


def put(desk: PaidDesk, key: str) -> None:
    desk.page.get_by_label("Key for EvoLink", exact=True).fill(key)
    desk.page.get_by_role("button", name="Try and keep the key for EvoLink").click()


def test_each_paid_service_has_a_row_with_the_place_where_keys_are_made(bare: PaidDesk) -> None:
    expect(bare.keys).to_contain_text("A key is a long password that a service gives you")
    for service, name in NAMES.items():
        expect(bare.key_row(service)).to_contain_text("No key")
        link = bare.key_row(service).get_by_role("link", name=f"Where {name} makes keys")
        expect(link).to_have_attribute("rel", "noopener noreferrer")
        assert str(link.get_attribute("href")).startswith("https://")
    expect(bare.keys.locator(".key-row")).to_have_count(len(NAMES))


def test_a_key_is_tried_kept_and_shown_by_its_end_alone(bare: PaidDesk, sellers: Sellers) -> None:
    put(bare, f"  {SECRET} ")
    expect(bare.key_row("evolink")).to_contain_text("EvoLink has accepted it.")
    expect(bare.key_row("evolink")).to_contain_text("Your key … 8y7x")
    expect(bare.page.get_by_label("Key for EvoLink", exact=True)).to_have_value("")
    assert sellers.tried == [("evolink", SECRET)]
    assert SECRET not in bare.page.content()


def test_a_key_that_is_refused_stays_in_the_field_and_is_said(bare: PaidDesk, sellers: Sellers, faults: Faults) -> None:
    faults.allow("status of 422")
    sellers.refusal = {"code": "key_refused", "message": "EvoLink does not accept the key.", "hint": "Check it.", "field": "key"}
    put(bare, SECRET)
    expect(bare.key_row("evolink").get_by_role("status")).to_have_text(
        "EvoLink does not accept the key. It may be mistyped, switched off, or of another region."
    )
    field = bare.page.get_by_label("Key for EvoLink", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(bare.key_row("evolink")).to_contain_text("No key")


def test_an_empty_field_is_not_tried(bare: PaidDesk, sellers: Sellers) -> None:
    put(bare, " ")
    expect(bare.key_row("evolink")).to_contain_text("Paste a key first.")
    assert sellers.tried == []


def test_a_key_is_taken_away(desk: PaidDesk, sellers: Sellers) -> None:
    desk.page.locator(".keys-btn").click()
    expect(desk.key_row("evolink")).to_contain_text("Your key … a1b2")
    desk.page.get_by_role("button", name="Remove the key for EvoLink").click()
    expect(desk.key_row("evolink")).to_contain_text("The key for EvoLink is removed.")
    expect(desk.key_row("evolink")).to_contain_text("No key")
    assert "evolink" not in sellers.tails


def test_the_key_of_the_studio_is_said_as_such_and_cannot_be_removed(bare: PaidDesk, sellers: Sellers) -> None:
    sellers.keys["apimart"] = "server"
    bare.page.keyboard.press("Escape")
    bare.page.locator(".keys-btn").click()
    expect(bare.key_row("apimart")).to_contain_text("The key of this studio is used")
    expect(bare.page.get_by_role("button", name="Remove the key for APIMart")).to_be_hidden()


def test_what_was_typed_is_gone_when_the_dialog_is_closed(bare: PaidDesk) -> None:
    field = bare.page.get_by_label("Key for EvoLink", exact=True)
    expect(field).to_have_attribute("type", "password")
    field.fill(SECRET)
    bare.page.keyboard.press("Escape")
    expect(bare.keys).to_be_hidden()
    expect(bare.page.locator(".keys-btn")).to_be_focused()
    bare.page.locator(".keys-btn").click()
    expect(field).to_have_value("")


def test_a_new_key_is_asked_about_at_once(bare: PaidDesk, sellers: Sellers) -> None:
    sellers.offers[1] = offer("evolink", "0.4680", key="none")
    bare.page.keyboard.press("Escape")
    bare.take("evolink")
    expect(bare.generate).to_have_attribute("data-missing", "image prompt key")
    sellers.offers[1] = offer("evolink", "0.4680")
    bare.page.locator(".keys-btn").click()
    put(bare, SECRET)
    bare.page.get_by_role("button", name="Close").click()
    expect(bare.generate).to_have_attribute("data-missing", "image prompt")


def test_the_note_of_the_draft_leads_to_keys_while_there_are_none(bare: PaidDesk) -> None:
    bare.page.keyboard.press("Escape")
    note = bare.page.get_by_role("complementary", name="About Preview")
    expect(note).to_contain_text("For real Wan films, add a key from any of four services.")
    note.get_by_role("button", name="add a key").click()
    expect(bare.keys).to_be_visible()


def test_with_a_key_the_note_says_nothing_of_keys(desk: PaidDesk) -> None:
    expect(desk.page.get_by_role("complementary", name="About Preview")).not_to_contain_text("add a key", use_inner_text=True)
