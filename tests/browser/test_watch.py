"""What the other tests lean on: whatever goes wrong in a page is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Faults


@pytest.mark.parametrize("address", ["https://elsewhere.example/font.woff2", "http://192.0.2.1/pixel.png"])
def test_a_request_to_another_machine_is_a_fault(blank_page: Page, faults: Faults, address: str) -> None:
    with blank_page.expect_console_message():
        blank_page.evaluate("address => { new Image().src = address; }", address)
    assert [fault for fault in faults.unmeant if address in fault] == faults.found != []
    faults.allow("ERR_NAME_NOT_RESOLVED")
