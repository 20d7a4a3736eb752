"""The form for several links: what was changed is changed in each, all else stays."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from pan123_tui.client.protocol import Update
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderTree
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.domain.links.url import Doubt, RejectionReason
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.ui.add_links.forms import CommonFields, EditLinksScreen, edit_requests
from pan123_tui.ui.folders import FolderField
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.widgets.form_fields import LinkInput
from tests.ui.stage import Stage, shown
from tests.ui.textual_private import messages

SEVERAL = [
    DownloadRequest("https://a.b/1.zip", "own.zip", 7, "https://one.example/"),
    DownloadRequest("https://a.b/2.zip"),
]
BEFORE = DownloadRequest("")


SHARED = replace(BEFORE, folder_id=7, callback_url="https://one.example/")


@pytest.mark.parametrize(
    ("before", "changed", "expected"),
    [
        (BEFORE, {"folder_id": 5}, [{"folder_id": 5}] * 2),
        (BEFORE, {"callback_url": "https://c.b/"}, [{"callback_url": "https://c.b/"}] * 2),
        (
            SHARED,
            {"folder_id": None, "callback_url": ""},
            [{"folder_id": None, "callback_url": ""}] * 2,
        ),
        (BEFORE, {"name": "{n}-{name}"}, [{"name": "1-own.zip"}, {"name": "2-2.zip"}]),
        (BEFORE, {"name": ""}, [{}, {}]),
    ],
)
def test_what_was_changed_or_emptied_is_so_in_each_and_names_come_from_a_template(
    before: DownloadRequest, changed: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    edited = edit_requests(SEVERAL, before=before, after=replace(before, **changed))
    assert edited == [replace(it, **facts) for it, facts in zip(SEVERAL, expected, strict=True)]


def engine(model: TaskModel, *, ask: Any = None) -> EngineLink:
    """Return an engine that knows the folders of `model`."""
    return cast("EngineLink", SimpleNamespace(model=model, ask=ask))


NO_FOLDERS = engine(TaskModel())


async def test_what_several_links_share_is_filled_in_and_emptied_in_each() -> None:
    one = SEVERAL[0]
    for second, folder in ((replace(one, callback_url=""), "7"), (SEVERAL[1], "")):
        async with Stage().run_test(size=(80, 24), notifications=True) as pilot:
            app = pilot.app
            results: list[list[DownloadRequest] | None] = []
            app.push_screen(EditLinksScreen([one, second], engine=NO_FOLDERS), results.append)
            await pilot.pause()
            field = app.screen.query_one(FolderField)
            assert field.input.value == folder
            assert app.screen.query_one(CommonFields).callback.url == ""
            await pilot.press("enter")
            assert (messages(app), results) == (["Nothing was changed."], [])
            field.input.value = "" if folder else "8"
            await pilot.press("ctrl+s")
            changed = None if folder else 8
            assert results == [[replace(it, folder_id=changed) for it in (one, second)]]


async def test_the_form_opens_at_its_top_and_leaving_has_a_place() -> None:
    url = SEVERAL[1].url
    app = Stage()
    async with app.run_test(size=(50, 15), notifications=True) as pilot:
        for row, note in (
            (ReviewRow(url), "Folder"),  # without a note, no line for one
            (ReviewRow(url, source="[/b] a chat"), "Pasted: [/b] a chat"),
            (ReviewRow(url, source="[/b] a chat", doubt=Doubt.CODE), "There is an access code"),
            (ReviewRow(url, source="a chat " * 30, doubt=Doubt.CODE), "There is an access code"),
        ):
            app.push_screen(EditLinksScreen([DownloadRequest(url)], engine=NO_FOLDERS, row=row))
            await pilot.pause()
            _above, below = shown(app).split("Edit the link", maxsplit=1)
            assert below.splitlines()[1].strip(" │") == "Link"
            assert note in below
            assert "^s save" in below
            assert "esc back" in below


@pytest.mark.parametrize("rows", [24, 20])
async def test_a_long_message_is_read_to_its_end_below_the_form(rows: int) -> None:
    app, row = Stage(), ReviewRow("", source="word " * 200)
    async with app.run_test(size=(80, rows), notifications=True) as pilot:
        app.push_screen(EditLinksScreen(SEVERAL[1:], engine=NO_FOLDERS, row=row))
        await pilot.pause()
        app.notify(f"{'message ' * 20}to the end")
        await pilot.pause()
        assert "to the end" in shown(app)
        assert "esc back" in shown(app)


LONG = f"https://start.example/{'x' * 100}/end.zip"


@pytest.mark.parametrize(
    ("row", "end"),
    [
        (ReviewRow(LONG), "end.zip"),
        (ReviewRow(LONG, doubt=Doubt.END), "end.zip"),
        (ReviewRow(LONG, doubt=Doubt.SCHEME), "https://start"),
        (ReviewRow(LONG, doubt=Doubt.SHARE_PAGE), "https://start"),
        (ReviewRow(LONG, reason=RejectionReason.BAD_HOST), "https://start"),
    ],
)
async def test_the_form_of_a_row_begins_where_its_link_is_doubtful(
    row: ReviewRow, end: str
) -> None:
    app = Stage()
    async with app.run_test(size=(50, 15)) as pilot:
        app.push_screen(EditLinksScreen([DownloadRequest(LONG)], engine=NO_FOLDERS, row=row))
        await pilot.pause()
        assert end in shown(app)
        await pilot.press("z")
        link = app.screen.query_one("#edit-link Input", LinkInput)
        assert link.value == (f"{LONG}z" if end == "end.zip" else f"z{LONG}")


async def test_who_saves_twice_or_leaves_while_a_folder_is_looked_for_hears_no_error() -> None:
    is_waiting = asyncio.Event()
    waiting = engine(TaskModel(), ask=lambda _: is_waiting.wait())
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bell = Mock()  # type: ignore[method-assign]
        app.push_screen(EditLinksScreen(SEVERAL, engine=waiting))
        await pilot.pause()
        app.screen.query_one(FolderField).input.value = "/films/2025"
        await pilot.press("ctrl+s", "ctrl+s", "escape")
        assert not isinstance(app.screen, EditLinksScreen)
        app.bell.assert_not_called()


async def test_a_folder_that_is_gone_would_be_made_again_if_its_path_is_known() -> None:
    model = TaskModel()
    known = {7: Folder(7, "films", ROOT_ID), 8: Folder(8, "music", ROOT_ID)}
    model.apply(Update(folders=FolderTree(known, gone=frozenset({7, 9}))))
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        for folder_id, is_said in ((7, True), (8, False), (9, False)):
            requests = [replace(it, folder_id=folder_id) for it in SEVERAL]
            app.push_screen(EditLinksScreen(requests, engine=engine(model)))
            await pilot.pause()
            field = app.screen.query_one(FolderField)
            assert ("It will be made again" in shown(app)) is is_said
            assert ("There is no folder 9." in shown(app)) is (folder_id == 9)
            assert (app.focused is field.input) is is_said
            await pilot.press("escape")
            await pilot.pause()
