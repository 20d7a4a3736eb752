"""Download links of files: fetched once where all came, asked for again where one did not."""

from typing import Any, cast
from unittest.mock import AsyncMock, Mock

from msgspec.structs import replace

from pan123_tui.domain.commands import DownloadLink
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.ui.file_actions import FileActions
from tests.ui.stage import Stage

DONE = Task(id=1, url="https://a.b/1.iso", created_at=1.0, state=TaskState.SUCCEEDED, file_id=7)
FETCHED = DownloadLink(1, "1.iso", "https://cdn.example/1.iso")
OTHER = DownloadLink(2, "2.iso", "https://cdn.example/2.iso")
REFUSED = DownloadLink(1, "1.iso", problem=Problem(ProblemKind.REQUEST_NOT_SENT))


async def test_a_link_that_did_not_come_is_asked_for_again_and_one_that_came_is_not() -> None:
    client = Mock(call=AsyncMock(side_effect=[(REFUSED,), (FETCHED,), (OTHER,)]))
    copied: list[str] = []

    async def copy(text: str, _what: str, _also: str) -> None:
        copied.append(text)

    app = Stage()
    async with app.run_test():
        files = FileActions(app, client, cast("Any", Mock()), {}, lambda: 1.0)
        for _ in range(3):
            await files.copy_links([DONE], copy)
        assert copied == [FETCHED.url] * 2
        assert client.call.await_count == 2
        await files.copy_links([replace(DONE, id=2)], copy)
        assert copied[2:] == [OTHER.url], "it is another file's"
