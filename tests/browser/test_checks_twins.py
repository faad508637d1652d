"""The checks in the browser find what the server finds: one table of rules, one folder of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import StudioError
from components.media import mp3
from components.media.image import inspect_image
from components.media.sniff import Kind, sniff
from tests import media_cases, media_factory
from tests.browser.boxes_stage import Stage, payload, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

RULES = json.loads((Path(__file__).parents[1] / "cases" / "fitness.json").read_text(encoding="utf-8"))
MILLISECOND = 0.001
CHECK = """async (input) => {
  const [file] = input.files;
  const { checks } = window.boxes;
  const seen = [];
  const ways = { signal: new AbortController().signal, onHeader: (report) => seen.push(report) };
  const verdict = input.dataset.kind === 'image' ? await checks.checkPicture(file, ways) : await checks.checkSound(file);
  return { ...verdict, early: seen };
}"""
COUNT_DECODES = """() => {
  const real = window.createImageBitmap;
  window.decoded = 0;
  window.createImageBitmap = (...all) => { window.decoded += 1; return real(...all); };
}"""
FAULTS = """([kind, report, limits]) => {
  const { fitness } = window.boxes;
  return kind === 'image' ? fitness.judgeImage(report, limits) : fitness.judgeAudio(report, limits);
}"""


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    with staged(browser) as opened:
        opened.page.evaluate("document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'look' }))")
        yield opened


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[media_cases.Case]]:
    folder = tmp_path_factory.mktemp("files")
    return folder, media_cases.write_cases(folder)


def look(stage: Stage, kind: str, name: str, data: bytes) -> dict[str, Any]:
    """What the browser finds out about a file."""
    box = stage.page.locator("#look")
    box.evaluate("(input, kind) => { input.dataset.kind = kind; }", kind)
    box.set_input_files(payload(name, data, "application/octet-stream"))
    return dict(box.evaluate(CHECK))


def test_finds_the_faults_of_the_table(stage: Stage) -> None:
    found = [stage.page.evaluate(FAULTS, [case["kind"], case["report"], case["limits"]]) for case in RULES]
    assert found == [case["faults"] for case in RULES]


@pytest.fixture(scope="module")
def looks(stage: Stage, cases: tuple[Path, list[media_cases.Case]]) -> dict[str, dict[str, Any]]:
    """What the browser finds out about each file of the table."""
    folder, table = cases
    return {case.name: look(stage, case.kind, case.name, (folder / case.name).read_bytes()) for case in table}


def test_says_of_every_file_what_the_table_of_files_says(
    looks: dict[str, dict[str, Any]], cases: tuple[Path, list[media_cases.Case]]
) -> None:
    differs: dict[str, object] = {}
    for case in cases[1]:
        found = looks[case.name]
        if case.error is not None:
            codes = [(fault["code"], fault["params"].get("kind") if case.found else None) for fault in found["faults"]]
            if codes != [(case.error, case.found)]:
                differs[case.name] = (codes, found["report"])
        elif found["report"] is None or not same(found["report"], case.report or {}):
            differs[case.name] = (found, case.report)
    assert differs == {}


def test_says_of_every_file_what_the_server_says(looks: dict[str, dict[str, Any]], cases: tuple[Path, list[media_cases.Case]]) -> None:
    folder, table = cases
    differs: dict[str, object] = {}
    for case in table:
        ours, theirs = looks[case.name], server_says(folder / case.name, case.kind)
        if isinstance(theirs, str):
            if [fault["code"] for fault in ours["faults"]] != [theirs]:
                differs[case.name] = (ours["faults"], theirs)
        elif ours["report"] is None or not same(ours["report"], theirs):
            differs[case.name] = (ours, theirs)
    assert differs == {}


def server_says(path: Path, kind: str) -> dict[str, Any] | str:
    """The server's report of a file, or the code of its refusal."""
    data = path.read_bytes()
    try:
        if kind == "image":
            return inspect_image(path).model_dump(mode="json")
        if data and sniff(data) is not Kind.MP3:
            return "unknown_file"
        facts = mp3.walk(path)
    except StudioError as refused:
        return refused.text_code
    names = ("duration_s", "bitrate_kbps", "sample_rate_hz", "channels", "vbr", "truncated")
    return {"bytes": len(data), "format": "mp3", **{name: getattr(facts, name) for name in names}}


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether all facts agree, a length to the millisecond."""
    return all(abs(ours[name] - value) <= MILLISECOND if name == "duration_s" else ours[name] == value for name, value in theirs.items())


def test_names_every_kind_of_file_as_the_server_does(stage: Stage, cases: tuple[Path, list[media_cases.Case]]) -> None:
    folder, table = cases
    more = {
        "a.zip": b"PK\3\4" + bytes(40),
        "a.mid": b"MThd" + bytes(40),
        "a.psd": b"8BPS" + bytes(40),
        "a.ts": (b"G" + bytes(187)) * 4,
        "utf16.txt": "\ufeffplaylist".encode("utf-16-le"),
        "cut.txt": ("é" * 3000).encode(),
        "cut-odd.txt": ("x" + "é" * 3000).encode(),
        "latin.txt": "é".encode("latin-1") * 20,
        "id3-flac": media_factory.id3(b"\0" * 20) + b"fLaC" + bytes(40),
        "half.id3": b"ID3\3",
    }
    contents = {case.name: (folder / case.name).read_bytes() for case in table} | more
    script = """async (input) => {
      const { sniff } = await import('/assets/js/checks/sniff.js');
      return sniff(new Uint8Array(await input.files[0].slice(0, 65536).arrayBuffer()));
    }"""
    ours = {}
    for name, data in contents.items():
        box = stage.page.locator("#look")
        box.set_input_files(payload(name, data, "application/octet-stream"))
        ours[name] = box.evaluate(script)
    assert ours == {name: sniff(data).value for name, data in contents.items()}


def test_knows_the_size_before_any_pixel_is_looked_at(stage: Stage) -> None:
    found = look(stage, "image", "clear.png", media_factory.one_clear_pixel_png())
    assert [(report["width"], report["height"], report["has_transparency"]) for report in found["early"]] == [(800, 600, False)]
    assert found["report"]["has_transparency"]


def test_never_decodes_a_picture_whose_header_says_too_much(stage: Stage) -> None:
    stage.page.evaluate(COUNT_DECODES)
    for form in ("png", "jpeg", "bmp", "webp"):
        found = look(stage, "image", f"bomb.{form}", media_factory.pixel_bomb(form))
        assert (found["faults"][0]["code"], found["early"]) == ("file_too_big", [])
    assert stage.page.evaluate("window.decoded") == 0


def test_refuses_a_picture_of_thousands_of_scans_without_showing_it(stage: Stage) -> None:
    found = look(stage, "image", "scans.jpg", media_factory.scan_bomb())
    assert (found["faults"][0]["code"], found["early"]) == ("file_damaged", [])


def test_finds_a_see_through_pixel_in_a_bmp_with_an_opacity_mask(stage: Stage) -> None:
    opaque, clear = (bmp_of_32_bits(64, 64, lowest=lowest) for lowest in (255, 254))
    assert not look(stage, "image", "opaque.bmp", opaque)["report"]["has_transparency"]
    assert look(stage, "image", "clear.bmp", clear)["report"]["has_transparency"]


def bmp_of_32_bits(width: int, height: int, *, lowest: int) -> bytes:
    """A BMP with an opacity channel (BITMAPV4), whose last pixel has the opacity ``lowest``."""
    masks = b"".join(mask.to_bytes(4, "little") for mask in (0xFF0000, 0xFF00, 0xFF, 0xFF000000))
    info = (
        (108).to_bytes(4, "little") + width.to_bytes(4, "little") + height.to_bytes(4, "little") + b"\1\0\x20\0" + b"\3\0\0\0" + bytes(20)
    )
    pixels = b"\x10\x20\x30\xff" * (width * height - 1) + b"\x10\x20\x30" + bytes([lowest])
    header = info + masks + b"BGRs" + bytes(108 - len(info) - len(masks) - 4)
    return (
        b"BM"
        + (14 + len(header) + len(pixels)).to_bytes(4, "little")
        + bytes(4)
        + (14 + len(header)).to_bytes(4, "little")
        + header
        + pixels
    )
