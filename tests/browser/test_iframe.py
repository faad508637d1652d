"""The studio as people meet it on Hugging Face: in a sandboxed frame of another site, in a browser that blocks third-party cookies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONGEST_WAIT_MS, NO_EXAMPLES
from tests.browser.desk import WORDS, jpeg_file, mp3_file
from tests.browser_setup import LAUNCH_ARGS, find_or_get_browser
from tests.doubles.tls_proxy import TlsProxy, self_signed
from tests.integration.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page

    from tests.browser.conftest import Faults

HUB, ELSEWHERE, SPACE = "huggingface.co", "films.example.org", "me-film.hf.space"
SPACE_PAGE = f"https://{HUB}/spaces/me/film"
SANDBOX = (
    "allow-downloads allow-forms allow-modals allow-pointer-lock allow-popups allow-popups-to-escape-sandbox"
    " allow-same-origin allow-scripts allow-storage-access-by-user-activation"
)
"""The permissions that Hugging Face gives the frame of a Space."""
OUTER_PAGE = (
    '<!doctype html><html lang="en"><title>me/film</title><link rel="icon" href="data:,"><body style="margin:0">'
    f'<iframe title="Space" src="https://{SPACE}/" allow="autoplay; camera; clipboard-write; fullscreen; microphone" sandbox="{SANDBOX}"'
    ' style="width:100%;height:940px;border:0"></iframe></body></html>'
)
NO_THIRD_PARTY_COOKIES = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
PLAIN = "plain=1; Path=/; Secure; SameSite=None"
"""A cookie without ``Partitioned``: that it does not come back shows that third-party cookies really are blocked."""
ASKS_THE_HUB = f"https://{HUB}/api/spaces/by-subdomain/"
"""On a host of Spaces Gradio's page asks the hub how the Space is; our policy keeps the question at home, and it goes on without."""
FILM_MS = 90_000


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsProxy]:
    """The program as a Space, behind a Space's proxy."""
    folder = tmp_path_factory.mktemp("space")
    more = {**NO_EXAMPLES, "SPACE_ID": "me/film", "SPACE_HOST": SPACE}
    with running(folder / "data", more=more) as program:
        certificate = self_signed(folder, SPACE, HUB, ELSEWHERE)
        proxy = TlsProxy(program.base, certificate, {HUB: OUTER_PAGE, ELSEWHERE: OUTER_PAGE}, planted=(PLAIN,))
        with proxy.running():
            yield proxy


@pytest.fixture
def context(browser: Browser, space: TlsProxy, tmp_path: Path, faults: Faults) -> Iterator[BrowserContext]:
    """A browser that blocks third-party cookies and for which the three hosts, and no other, are the proxy."""
    profile = tmp_path / "profile"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(NO_THIRD_PARTY_COOKIES))
    rules = [*(f"MAP {host}:443 127.0.0.1:{space.port}" for host in (HUB, ELSEWHERE, SPACE)), "MAP * ~NOTFOUND"]
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=find_or_get_browser(),
        args=[
            *LAUNCH_ARGS,
            f"--host-resolver-rules={', '.join(rules)}",
            f"--ignore-certificate-errors-spki-list={space.certificate.fingerprint}",  # ignore_https_errors leaves downloads out
        ],
        viewport={"width": 1440, "height": 960},
        reduced_motion="reduce",
        locale="en-GB",
    )
    context.set_default_timeout(LONGEST_WAIT_MS)
    faults.allow(ASKS_THE_HUB)
    context.on("console", lambda said: faults.found.append(f"{said.text} {said.location}") if said.type in {"error", "warning"} else None)
    context.on("weberror", lambda error: faults.found.append(f"pageerror: {error.error}"))
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The Space's page on the hub, with the studio ready in its frame."""
    page = context.new_page()
    page.goto(SPACE_PAGE)
    ready(page)
    return page


def ready(page: Page) -> FrameLocator:
    """The studio in the frame, once it can be used."""
    frame = page.frame_locator("iframe")
    frame.locator("#form[data-ready]").wait_for()
    frame.locator(".videos[data-ready]").wait_for()
    return frame


def order_film(frame: FrameLocator) -> None:
    """Choose a picture and an mp3, write a prompt and press Generate."""
    frame.get_by_label("First frame", exact=True).set_input_files(jpeg_file())
    expect(frame.locator(".frame")).to_have_attribute("data-state", "ready")
    frame.get_by_role("group", name="Sound").get_by_label("My mp3", exact=True).check()
    frame.get_by_label("Soundtrack", exact=True).set_input_files(mp3_file(4))
    expect(frame.locator(".track")).to_have_attribute("data-state", "ready")
    frame.get_by_label("Duration", exact=True).fill("2")
    frame.get_by_label("Prompt", exact=True).fill(WORDS)
    frame.get_by_role("button", name="Generate", exact=True).click()
    expect(frame.locator("article[data-job]")).to_have_count(1)


def test_a_film_is_ordered_made_and_played_in_the_frame(page: Page) -> None:
    frame = ready(page)
    order_film(frame)
    card = frame.locator("article[data-job]")
    expect(card).to_have_attribute("data-state", "completed", timeout=FILM_MS)
    card.get_by_role("button", name="Play").click()
    plays = "film => new Promise(done => { film.ontimeupdate = () => film.currentTime > 0.2 && done(film.videoWidth) })"
    assert frame.locator("video").evaluate(plays) == 1280
    with page.expect_download() as download:
        card.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith("preview-")


def test_the_visitor_survives_a_reload_though_third_party_cookies_are_blocked(page: Page, space: TlsProxy) -> None:
    frame = ready(page)
    order_film(frame)
    mine = frame.locator("article[data-job]").get_attribute("data-job")
    page.reload()
    frame = ready(page)
    expect(frame.locator("article[data-job]")).to_have_attribute("data-job", str(mine))
    expect(frame.get_by_label("Prompt", exact=True)).to_have_value(WORDS)
    expect(frame.locator(".frame")).to_have_attribute("data-state", "ready")
    assert "studio_visitor=" in space.cookies[-1]
    assert "plain=" not in space.cookies[-1]


def test_the_cookie_is_kept_for_frames_of_this_site_alone(page: Page, context: BrowserContext) -> None:
    [cookie] = [dict(cookie) for cookie in context.cookies() if cookie["name"] == "studio_visitor"]
    kept = {name: cookie[name] for name in ("domain", "secure", "httpOnly", "sameSite", "partitionKey")}
    assert kept == {"domain": SPACE, "secure": True, "httpOnly": True, "sameSite": "None", "partitionKey": f"https://{HUB}"}


def test_no_other_site_may_frame_it(context: BrowserContext, faults: Faults) -> None:
    faults.allow("frame-ancestors|ERR_BLOCKED_BY_RESPONSE")
    page = context.new_page()
    with context.expect_event("requestfailed") as refused:
        page.goto(f"https://{ELSEWHERE}/")
    assert refused.value.url == f"https://{SPACE}/"
    expect(page.frame_locator("iframe").locator("#form")).to_have_count(0)
