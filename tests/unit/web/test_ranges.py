from __future__ import annotations

import pytest

from components.web.ranges import Span, Unsatisfiable, parse_range


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("bytes=0-99", Span(0, 100, 1000)),
        ("bytes=100-", Span(100, 1000, 1000)),
        ("bytes=-100", Span(900, 1000, 1000)),
        ("bytes=-5000", Span(0, 1000, 1000)),
        ("bytes=990-5000", Span(990, 1000, 1000)),
        ("bytes=999-999", Span(999, 1000, 1000)),
        ("Bytes = 1 - 2 ", Span(1, 3, 1000)),
        ("bytes=0-1,5-6", None),
        ("bytes=5-1", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("items=0-1", None),
        ("", None),
    ],
)
def test_a_range_header_means_these_bytes(text: str | None, expected: Span | None) -> None:
    assert parse_range(text, 1000) == expected


@pytest.mark.parametrize("text", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999-"])
def test_a_range_behind_the_end_cannot_be_satisfied(text: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(text, 1000)


@pytest.mark.parametrize("text", ["bytes=0-", "bytes=-1"])
def test_no_range_fits_an_empty_file(text: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(text, 0)


def test_a_span_words_its_header() -> None:
    assert Span(5, 10, 100).header == "bytes 5-9/100"
