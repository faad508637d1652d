from __future__ import annotations

import pytest

from components.web.fetching import name_in
from components.web.outside import named_task


@pytest.mark.parametrize(
    ("body", "task"),
    [
        (b'{"id": "task-1", "status": "completed"}', "task-1"),
        (b'{"task_id": "task-2", "id": "event-9"}', "task-2"),
        (b'{"request_id": "task-3"}', "task-3"),
        (b'{"id": null, "task_id": ""}', None),
        (b'{"id": 7}', None),
        (b'{"id": ["task-1"]}', None),
        (b'{"id": "' + b"x" * 300 + b'"}', None),
        (b'["task-1"]', None),
        (b"task-1", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
        (b"", None),
    ],
)
def test_a_call_names_its_task_or_none(body: bytes, task: str | None) -> None:
    assert named_task(body) == task


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/a/boats.jpg?w=9#x", "boats.jpg"),
        ("https://example.org/a/%E7%85%A7%E7%89%87.jpg", "照片.jpg"),
        ("https://example.org/a/..%2f..%2fetc%2fpasswd", "passwd"),
        ("https://example.org/", ""),
        ("https://example.org", ""),
    ],
)
def test_a_fetched_file_is_called_as_its_address_ends(url: str, name: str) -> None:
    assert name_in(url, "image") == name
