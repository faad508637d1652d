"""The box First frame: what is refused without a request, what is said, and mending by consent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests import media_factory as make
from tests.browser.boxes_stage import Stage, staged
from tests.browser.boxes_studio import Answer, Call, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    with staged(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def same_stage(browser: Browser) -> Iterator[Stage]:
    """One page for all that is refused, one file after the other."""
    with staged(browser) as opened:
        yield opened


def cut_out(width: int, height: int) -> bytes:
    """A PNG whose corners are see-through."""
    image = make.picture(width, height, mode="RGBA")
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, width - 1, height - 1), fill=255)
    image.putalpha(mask)
    return make.saved(image, "PNG", compress_level=1)


def words(stage: Stage) -> str:
    """What the box says, in one line."""
    return " ".join(stage.frame.locator(".why").inner_text().split())


REFUSED = {
    "empty": (b"", "x.jpg is empty There is not a single byte in it."),
    "heic": (make.heic_head(), "x.jpg is an iPhone HEIC picture A film starts from a JPEG, PNG, WebP or BMP. Export it as a JPEG"),
    "avif": (make.saved(make.picture(64, 64), "AVIF"), "x.jpg is an AVIF picture"),
    "gif": (make.animated("GIF"), "x.jpg is a GIF"),
    "tiff": (make.saved(make.picture(64, 64), "TIFF"), "x.jpg is a TIFF picture"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.jpg is an SVG drawing"),
    "pdf": (b"%PDF-1.7\n", "x.jpg is a PDF"),
    "video": (b"\0\0\0\x20ftypisom" + bytes(40), "x.jpg is a video"),
    "text": (b"not a picture", "x.jpg is a text, not a picture"),
    "sound": (
        b"RIFF\x10\0\0\0WAVEfmt " + bytes(40),
        "x.jpg is a sound A film starts from a JPEG, PNG, WebP or BMP. Add it under Sound, My mp3.",
    ),
    "unknown": (bytes(range(256)), "x.jpg is not a picture that we know"),
    "damaged": (make.jpeg()[:4000], "x.jpg cannot be read It may be damaged or cut off."),
    "pixel bomb": (make.pixel_bomb("png"), "x.jpg is too big to be looked at Pictures up to 80 million pixels are looked at."),
    "too small": (make.jpeg(359, 500), "x.jpg is too small It is 359 × 500 px. The shortest side must be 360 px or more."),
    "too wide": (
        make.jpeg(4000, 400),
        "x.jpg is too wide for Preview Its sides are 10 to 1. They may be 5.55 to 1. It is 4000 × 400 px. The longest side may be 2000 px.",
    ),
    "just too wide": (make.jpeg(2001, 360), "x.jpg is too wide for Preview Its sides are 5.56 to 1. They may be 5.55 to 1."),
    "too tall": (make.jpeg(200, 1500), "x.jpg is too tall for Preview"),
    "moves": (make.animated("WEBP"), "x.jpg moves A first frame stands still."),
    "too large": (
        make.jpeg(2001, 1000),
        "x.jpg needs one change It is 2001 × 1000 px. The longest side may be 2000 px. Shrink to 2000 px Choose another",
    ),
    "one clear pixel": (
        make.one_clear_pixel_png(),
        "x.jpg needs one change Parts of it are see-through. A film has no see-through parts. White behind",
    ),
}


@pytest.mark.parametrize(("data", "said"), REFUSED.values(), ids=REFUSED)
def test_a_bad_picture_is_refused_in_words_and_causes_no_request(same_stage: Stage, data: bytes, said: str) -> None:
    same_stage.page.evaluate("window.boxes.clearPicture()")
    same_stage.choose("x.jpg", data)
    same_stage.is_at(same_stage.frame, "refused")
    assert said in words(same_stage)
    assert same_stage.studio.calls == []
    assert same_stage.slice("image")["state"] == "refused"


def test_one_byte_too_heavy_is_never_said_to_weigh_as_much_as_it_may(stage: Stage) -> None:
    body = make.jpeg()
    stage.choose("x.jpg", body + bytes(10_000_001 - len(body)))
    stage.is_at(stage.frame, "refused")
    assert "x.jpg needs one change It is 10.000001 MB. It may be 10 MB. Make it smaller" in words(stage)


def test_a_good_picture_is_sent_as_it_is_under_its_name_in_any_script(stage: Stage) -> None:
    data = make.jpeg()
    stage.choose("照片 & more.png", data)
    stage.is_at(stage.frame, "ready")
    (call,) = stage.studio.calls
    assert (call.path, call.query, call.body) == ("uploads", {"kind": "image", "service": "preview"}, data)
    assert call.headers["x-filename"] == "%E7%85%A7%E7%89%87%20%26%20more.png"
    expect(stage.frame.locator(".under .facts")).to_have_text(f"800 × 600 · {round(len(data) / 1000)} KB")
    box = stage.slice("image")
    assert (box["state"], box["name"], box["upload"]["id"], box["report"]["width"]) == ("ready", "照片 & more.png", "upload-1", 800)


def test_all_faults_stand_there_together_before_any_request(stage: Stage) -> None:
    stage.choose("evening-table.png", cut_out(1600, 2100))
    stage.is_at(stage.frame, "refused")
    assert words(stage) == (
        "evening-table.png needs two changes It is 1600 × 2100 px. The longest side may be 2000 px. "
        "Parts of it are see-through. A film has no see-through parts. Fix both Choose another Or only Shrink to 2000 px or White behind"
    )
    assert stage.studio.calls == []


def test_one_press_mends_everything_and_says_what_was_done(stage: Stage) -> None:
    data = cut_out(1600, 2100)
    stage.choose("evening-table.png", data)
    stage.page.get_by_role("button", name="Fix both").click()
    stage.is_at(stage.frame, "ready")
    assert stage.studio.sent() == ["uploads", "uploads/upload-1/fix"]
    assert stage.studio.calls[0].body == data
    assert stage.studio.calls[1].json == {"fixes": [{"code": "flatten", "color": "#ffffff"}, {"code": "shrink"}], "service": "preview"}
    expect(stage.frame.locator(".under .facts")).to_contain_text("1524 × 2000")
    expect(stage.frame.locator(".under .facts")).to_contain_text("· shrunk, white behind · Undo")
    assert stage.slice("image")["upload"]["id"] == "upload-2"
    assert stage.slice("image")["preview"] == "/media/upload-2"


def test_one_of_two_mends_leaves_the_other_to_be_asked_about_without_a_request(stage: Stage) -> None:
    stage.choose("evening-table.png", cut_out(1600, 2100))
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    assert words(stage).startswith("evening-table.png needs one change Parts of it are see-through.")
    expect(stage.frame.locator(".under")).to_have_text("shrunk · Undo")
    assert stage.studio.calls == []
    stage.page.get_by_role("button", name="White behind").click()
    stage.is_at(stage.frame, "ready")
    assert [fix["code"] for fix in stage.studio.calls[1].json["fixes"]] == ["flatten", "shrink"]


def test_undo_goes_back_to_the_refusal_and_the_second_mending_sends_no_bytes_again(stage: Stage) -> None:
    stage.choose("evening-table.png", cut_out(1600, 2100))
    stage.page.get_by_role("button", name="Fix both").click()
    stage.page.get_by_role("button", name="Undo").click()
    stage.is_at(stage.frame, "refused")
    assert words(stage).startswith("evening-table.png needs two changes")
    assert stage.slice("image")["upload"] is None
    stage.page.get_by_role("button", name="Fix both").click()
    stage.is_at(stage.frame, "ready")
    assert stage.studio.sent() == ["uploads", "uploads/upload-1/fix", "uploads/upload-1/fix"]


def test_see_through_parts_lie_on_a_checkerboard_until_they_are_filled(stage: Stage) -> None:
    stage.choose("cut-out.png", cut_out(700, 700))
    stage.is_at(stage.frame, "refused")
    expect(stage.frame.locator(".pic")).to_have_css("background-image", re.compile("repeating-conic-gradient"))
    stage.page.get_by_role("button", name="White behind").click()
    stage.is_at(stage.frame, "ready")
    expect(stage.frame.locator(".pic")).to_have_css("background-image", "none")


def test_a_picture_turned_upright_can_be_laid_back_and_turned_again(stage: Stage) -> None:
    stage.choose("phone.jpg", make.jpeg(640, 400, orientation=6))
    facts = stage.frame.locator(".under .facts")
    expect(facts).to_contain_text("400 × 640")
    expect(facts).to_contain_text("turned upright · Undo")
    stage.page.get_by_role("button", name="Undo: turned upright").click()
    expect(facts).to_contain_text("640 × 400")
    assert stage.studio.calls[-1].json["fixes"] == [{"code": "turn", "degrees": 270}]
    stage.page.get_by_role("button", name="Undo: laid back").click()
    expect(facts).to_contain_text("400 × 640")


def test_laying_a_mended_picture_back_keeps_what_was_agreed(stage: Stage) -> None:
    stage.choose("phone.jpg", make.jpeg(2400, 1500, orientation=6))
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    stage.page.get_by_role("button", name="Undo: turned upright").click()
    expect(stage.frame.locator(".under .facts")).to_contain_text("2000 × 1250")
    assert stage.studio.calls[-1].json["fixes"] == [{"code": "turn", "degrees": 270}, {"code": "shrink"}]


def test_what_the_server_finds_beyond_our_checks_is_said_in_its_words(stage: Stage) -> None:
    stage.studio.script.append(refusal(422, "too_grim", "This picture is too grim.", "Choose a merrier one."))
    stage.choose("x.jpg", make.jpeg())
    stage.is_at(stage.frame, "refused")
    assert words(stage) == "x.jpg cannot be used This picture is too grim. Choose a merrier one. Choose another"


def test_a_mend_that_nobody_agreed_to_is_asked_about_though_another_was_agreed_to(stage: Stage) -> None:
    def also_clear(_: Call) -> Answer:
        report = {"format": "jpeg", "width": 2001, "height": 1000, "bytes": 5000, "orientation": 1, "has_transparency": True, "frames": 1}
        upload = stage.studio.store("image", "x.jpg", report, b"", original=b"", fit=False)
        return refusal(422, "image_too_large", upload=upload, fixes=[{"code": "shrink", "params": {}}, {"code": "flatten", "params": {}}])

    stage.studio.script.append(also_clear)
    stage.choose("x.jpg", make.jpeg(2001, 1000))
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    stage.page.get_by_role("button", name="Fix both").wait_for()
    assert stage.studio.sent() == ["uploads"]


def test_another_service_judges_at_once_the_file_that_was_refused(stage: Stage) -> None:
    stage.choose("large.jpg", make.jpeg(2400, 1200))
    stage.is_at(stage.frame, "refused")
    stage.service("other")
    stage.is_at(stage.frame, "ready")
    assert [call.query.get("service") for call in stage.studio.calls] == ["other"]


def test_another_service_judges_at_once_the_upload_that_was_fit(stage: Stage) -> None:
    stage.service("other")
    stage.choose("large.jpg", make.jpeg(2400, 1200))
    stage.is_at(stage.frame, "ready")
    stage.service("preview")
    stage.is_at(stage.frame, "refused")
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    stage.is_at(stage.frame, "ready")
    assert stage.studio.sent() == ["uploads", "uploads/upload-1/fix"]


def test_a_mended_picture_is_taken_as_it_came_where_the_mended_one_does_not_fit(stage: Stage) -> None:
    stage.choose("large.jpg", make.jpeg(2400, 500))
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    stage.is_at(stage.frame, "ready")
    stage.page.evaluate("() => { window.limits.image.side = [450, 8000]; }")
    stage.service("other")
    expect(stage.frame.locator(".under .facts")).to_contain_text("2400 × 500")
    assert stage.studio.calls[-1].json["fixes"] == "auto"


def test_limits_of_the_empty_box_are_those_of_the_service(stage: Stage) -> None:
    rules = stage.frame.locator(".rules")
    expect(rules).to_have_text("JPEG, PNG, WebP or BMP · 360 to 2000 px a side · up to 10 MB")
    stage.service("other")
    expect(rules).to_have_text("JPEG or PNG · 240 to 8000 px a side · up to 20 MB")


def test_an_upload_that_the_server_holds_is_taken_back_with_its_undo(stage: Stage) -> None:
    stage.choose("large.jpg", make.jpeg(2400, 1200))
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    stage.is_at(stage.frame, "ready")
    upload = stage.slice("image")["upload"]
    stage.page.evaluate("window.boxes.clearPicture()")
    stage.is_at(stage.frame, "empty")
    stage.page.evaluate("(upload) => { window.boxes.adoptPicture(upload); }", upload)
    expect(stage.frame.locator(".under .facts")).to_contain_text("2000 × 1000")
    stage.page.get_by_role("button", name="Undo").click()
    assert words(stage).startswith("large.jpg needs one change It is 2400 × 1200 px.")
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    stage.is_at(stage.frame, "ready")


def test_a_dead_link_of_the_preview_is_asked_for_anew(stage: Stage) -> None:
    stage.choose("x.jpg", make.jpeg())
    stage.is_at(stage.frame, "ready")
    upload = dict(stage.slice("image")["upload"])
    stage.page.evaluate("(upload) => { window.boxes.adoptPicture({ ...upload, url: '/media/dead' }); }", upload)
    expect(stage.frame.locator(".pic")).to_have_attribute("src", "/media/upload-1")


def test_an_upload_that_is_gone_empties_the_box_and_says_so(stage: Stage) -> None:
    stage.choose("x.jpg", make.jpeg())
    stage.is_at(stage.frame, "ready")
    upload = dict(stage.slice("image")["upload"])
    stage.page.evaluate("(upload) => { window.boxes.adoptPicture({ ...upload, id: 'nobody', url: '/media/dead' }); }", upload)
    stage.is_at(stage.frame, "empty")
    expect(stage.frame.get_by_role("status")).to_have_text("The picture is not kept here any more. Choose it again.")


def test_remove_empties_the_box_and_lets_go_of_the_file(stage: Stage) -> None:
    stage.choose("x.jpg", make.jpeg())
    stage.is_at(stage.frame, "ready")
    preview = stage.slice("image")["preview"]
    stage.page.get_by_role("button", name="Remove").click()
    shown = {"state": "empty", "name": "", "report": None, "upload": None, "preview": "", "trouble": False, "mending": False}
    assert stage.slice("image") == shown
    assert preview.startswith("blob:")
    assert stage.page.evaluate("(url) => fetch(url).then(() => 'held', () => 'let go')", preview) == "let go"


def test_a_file_name_is_shown_as_it_is_and_never_run(stage: Stage) -> None:
    stage.choose("<img src=x onerror=alert(1)>${alert(1)}.jpg", b"")
    expect(stage.frame.locator(".name")).to_have_text("<img src=x onerror=alert(1)>${alert(1)}.jpg")
    assert stage.frame.locator("img").count() == 1
