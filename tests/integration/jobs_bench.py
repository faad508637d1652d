"""What the tests of jobs on the real engine share: two visitors, and what they do."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from components.generation.job import JobState
from tests.workshop import picture, request, until

if TYPE_CHECKING:
    from components.studio.studio import Studio
    from components.studio.views import JobView

ANN, BOB = "visitor-ann-----", "visitor-bob-----"


def order(made: Studio, visitor: str = ANN, token: str = "one", **more: Any) -> JobView:  # noqa: ANN401, S107 - whatever a field holds; no secret
    return made.submit(visitor, request(picture(made, visitor), token, **more)).job


def at_work(made: Studio, visitor: str, job: str) -> None:
    until(lambda: made.job(visitor, job).state == JobState.PROCESSING, f"{job} is at work")


def statuses(made: Studio) -> dict[str, str]:
    with sqlite3.connect(f"file:{made.settings.database_file}?mode=ro", uri=True) as connection:
        found = dict(connection.execute("SELECT workflow_uuid, status FROM workflow_status"))
    connection.close()
    return found
