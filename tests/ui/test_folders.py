"""A folder field takes an id or a path: it suggests folders, finds them, and makes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from textual.events import Paste
from textual.widgets import Input

from pan123_tui.client.protocol import Update
from pan123_tui.client.task_model import TaskModel
from pan123_tui.config.schema import Defaults
from pan123_tui.config.settings import Settings
from pan123_tui.domain.commands import Command
from pan123_tui.domain.errors import RequestNotSent, RequestRejected
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderTree
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.status import EventPublisher
from pan123_tui.ui.folders import FolderField
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.session.live_settings import default_folder
from tests.engine_stage import execute, open_session
from tests.paper_service import Pages, PaperService
from tests.ui.dashboard_stage import Story, story, task
from tests.ui.stage import Stage, StageUser

FILMS, MUSIC, ODD = (
    Folder(7, "影视", ROOT_ID),
    Folder(8, "音乐", ROOT_ID),
    Folder(10, "[/b] 影片", ROOT_ID),
)
YEARS = [Folder(100 + year, str(year), FILMS.id) for year in (2024, 2025)]
PAGES: Pages = {
    ROOT_ID: [[ODD], [], [MUSIC, FILMS]],
    FILMS.id: [YEARS],
    MUSIC.id: [[]],
    ODD.id: [[]],
}
"""The pages of each folder."""
NO_FOLDERS = FolderTree()
REFUSALS = {5: RequestNotSent("Connection refused"), 6: RequestRejected("没有权限", code=1)}


class FolderUser(StageUser):
    """Uses a folder field of an account with the folders of `PAGES`."""

    def __init__(self, pilot: Any, drive: PaperService) -> None:
        super().__init__(pilot)
        self.drive = drive
        drive.pages, drive.refusals = PAGES, REFUSALS

    @property
    def listed(self) -> list[int]:
        """The folders that were read, at each time."""
        return [parent_id for parent_id, after in self.drive.listed if not after]

    @property
    def field(self) -> FolderField:
        return self.pilot.app.screen.query_one(FolderField)

    @property
    def suggested(self) -> list[str]:
        return [str(option.prompt) for option in self.field.suggestions.options]

    async def types(self, text: str) -> None:
        """Write `text` where the cursor is, as one paste of an input method."""
        self.field.input.insert_text_at_cursor(text)
        await self.pilot.pause()


@asynccontextmanager
async def field(known: FolderTree = NO_FOLDERS) -> AsyncIterator[FolderUser]:
    """Focus a field above another one, where some folders are `known`."""
    drive, model = PaperService(pages={}), TaskModel()
    folders = Folders(open_session(drive), EventPublisher())
    folders.tree = known
    model.apply(Update(folders=known))

    async def ask(command: Command[Any]) -> Any:
        try:
            return await execute(cast("Engine", SimpleNamespace(folders=folders)), command)
        finally:
            model.apply(Update(folders=folders.tree))

    engine = cast("EngineLink", SimpleNamespace(ask=ask, model=model))
    async with Stage([FolderField(None, engine=engine), Input()]).run_test() as pilot:
        ui = FolderUser(pilot, drive)
        ui.field.input.focus()
        await pilot.pause()
        yield ui


@asynccontextmanager
async def review(**options: Any) -> AsyncIterator[tuple[Story, FolderUser]]:
    """Open the review with one link, and focus its folder."""
    async with story([task(1)], size=(160, 30), **options) as told:
        ui = FolderUser(told.pilot, told.engine.drive)
        await ui.press("a")
        told.app.screen.post_message(Paste("https://example.com/new.zip"))
        await ui.reads("new.zip")
        ui.field.input.focus()
        await ui.pilot.pause()
        yield told, ui


def sent_to(told: Story) -> list[int | None]:
    """Return the folders of the new tasks."""
    return [it.folder_id for it in told.engine.tasks.values() if it.url.endswith("new.zip")]


async def test_a_chosen_folder_that_is_gone_is_looked_for_by_its_path_again() -> None:
    async with review() as (told, ui):
        await ui.types("音乐")
        await ui.press("enter")
        await ui.reads(f"ID {MUSIC.id}")
        told.engine.folders.note(MUSIC.id, is_gone=True)
        await ui.reads("Enter looks this up.")
        assert ui.field.folder_id is None
        again = Folder(30, MUSIC.name, ROOT_ID)
        ui.drive.pages = PAGES | {ROOT_ID: [[again]]}
        ui.pilot.app.screen.set_focus(None)
        await ui.press("ctrl+o")
        await ui.sees(lambda: ui.suggested)
        await ui.press("escape", "ctrl+s")
        await ui.sees(lambda: sent_to(told) == [30])


async def test_without_a_link_to_queue_no_folder_is_made() -> None:
    async with review() as (told, ui):
        await ui.types("影视/2027")
        await ui.press("shift+tab", "space", "ctrl+s", "ctrl+s")
        await told.hears("space keeps one")
        assert not ui.drive.made


async def test_the_suggestions_of_a_dialog_leave_its_keys_in_sight() -> None:
    async with story([task(1, TaskState.QUEUED)], size=(100, 30)) as told:
        ui = FolderUser(told.pilot, told.engine.drive)
        await ui.press("e")
        await ui.reads("Edit the link")
        await ui.press("ctrl+o")
        await ui.reads(ODD.name)
        assert "ctrl+s save" in ui.text


def test_the_settings_folder_is_known_by_its_name() -> None:
    assert default_folder(Settings(defaults=Defaults(folder_id=7, folder_name="影视"))) == FILMS
    assert default_folder(Settings(defaults=Defaults(folder_id=7))) is None
    assert default_folder(Settings()) is None


async def test_the_settings_folder_is_named_and_another_path_is_found_and_made_by_ctrl_s() -> None:
    callback = "https://cb.example/"
    defaults = Defaults(folder_id=FILMS.id, folder_name=FILMS.name, callback_url=callback)
    async with review(settings=Settings(defaults=defaults)) as (told, ui):
        await ui.reads(f"→ {FILMS.name}")
        assert ui.field.folder_id == FILMS.id
        await ui.press("ctrl+u")
        await ui.types("影视/2026")
        await ui.press("ctrl+s")
        await ui.reads("Did you mean")
        assert (ui.drive.made, sent_to(told)) == ([], [])
        await ui.press("ctrl+s")
        await ui.sees(lambda: sent_to(told) == [20])
        assert told.engine.tasks[2].callback_url == callback
        await ui.sees(lambda: told.engine.folders.tree.recent == (20,))


async def test_on_a_small_screen_nothing_hides_the_count_of_links() -> None:
    async with review() as (told, ui):
        for size in ((40, 12), (80, 24)):
            await ui.pilot.resize_terminal(*size)
            await ui.press("ctrl+o")
            await ui.reads("音乐")
            suggested = ui.field.suggestions.region
            assert told.app.screen.region.contains_region(suggested)
            for shown in (ui.field.input, told.app.screen.query_one("#add-summary")):
                assert not suggested.overlaps(shown.region)
            await ui.press("escape")
        assert told.app.screen is not told.dashboard
        await ui.types("新/2025")
        await ui.press("enter")
        await ui.reads("There is no folder “新”. Press enter")
        await ui.reads("1 link to queue")


# Suggestions


async def test_what_a_path_may_become_is_suggested_and_chosen_with_the_arrows() -> None:
    async with field() as ui:
        await ui.types("影")
        await ui.sees(lambda: ui.suggested == ["影视", "[/b] 影片"])
        await ui.press("down", "enter")
        assert ui.field.input.value == "影视"
        assert not ui.suggested
        await ui.reads("ID 7")
        await ui.press("slash")
        await ui.sees(lambda: ui.suggested == ["2024", "2025"])
        await ui.types("5")
        await ui.sees(lambda: ui.suggested == ["2025"])
        await ui.press("down", "down", "up", "enter")
        assert ui.field.input.value == "影视/2025"
        assert ui.field.folder_id == YEARS[1].id
        assert ui.listed.count(FILMS.id) == 1, "it is read once"
        await ui.press("x")
        assert ui.field.input.value == "x", "another path takes its place"
        assert not ui.field.folder_id
        await ui.press("ctrl+u")
        await ui.types("影")
        await ui.press("down", "enter")
        ui.field.input.post_message(Paste("音乐"))
        await ui.pilot.pause()
        assert ui.field.input.value == "音乐"
        await ui.press("ctrl+u")
        await ui.types("影视/2025")
        assert ui.field.folder_id == YEARS[1].id, "it is known again"


async def test_a_key_suggests_the_recent_folders_and_then_those_of_the_root() -> None:
    known = FolderTree().with_seen([FILMS, MUSIC, *YEARS, Folder(30, "far", 99)])
    for folder_id in (30, MUSIC.id, YEARS[0].id):
        known = known.with_recent(folder_id)
    async with field(known.with_gone(MUSIC.id, is_gone=True)) as ui:
        await ui.press("ctrl+o")
        await ui.sees(lambda: len(ui.suggested) == 4)
        assert ui.suggested == ["影视/2024", "[/b] 影片", "影视", "音乐"]
        await ui.pilot.click(ui.field.suggestions, offset=(2, 1))
        assert ui.field.folder_id == YEARS[0].id
        await ui.press("ctrl+o")
        assert ui.suggested
        await ui.press("ctrl+u")
        await ui.types("nowhere")
        await ui.sees(lambda: not ui.suggested)
        await ui.press("ctrl+o")
        await ui.sees(lambda: "影视" in ui.suggested)
        await ui.press("ctrl+u")
        await ui.types("/20")  # of a folder that is deeper
        await ui.sees(lambda: ui.suggested == ["影视/2024", "影视/2025"])
        await ui.press("escape")
        assert not ui.suggested
        await ui.press("ctrl+o")
        await ui.sees(lambda: ui.suggested)
        await ui.press("tab")
        await ui.sees(lambda: not ui.suggested)


async def test_without_a_connection_the_suggestions_say_so_and_a_key_tries_again() -> None:
    async with field() as ui:
        ui.drive.trouble = RequestNotSent("Connection refused")
        await ui.press("ctrl+o")
        await ui.reads("could not be reached")
        await ui.press("down", "enter")
        assert ui.field.folder_id is None
        ui.drive.trouble = None
        await ui.press("ctrl+o")
        await ui.sees(lambda: "音乐" in ui.suggested)


# Finding and making


async def test_a_typed_path_becomes_the_id_of_its_folder_or_says_what_is_missing() -> None:
    async with field() as ui:
        await ui.press("slash", "x", "enter")
        await ui.reads("There is no folder “x”.")
        await ui.press("ctrl+u")
        await ui.types("影视／2026")  # with the slash of an input method
        await ui.reads("Enter looks this up")
        await ui.press("enter")
        await ui.reads("Did you mean “影视/202")
        await ui.press("end", "backspace", "4", "enter")
        await ui.reads("ID 2124")


async def test_enter_a_second_time_makes_the_folders_that_a_path_lacks() -> None:
    async with field() as ui:
        await ui.types("影视/新/2025")
        await ui.press("enter")
        await ui.reads("Press enter again to make it.")
        assert ui.drive.made == []
        await ui.press("enter")
        await ui.reads("folder made")
        assert ui.drive.made == [Folder(20, "新", FILMS.id), Folder(21, "2025", 20)]
        ui.drive.trouble = RequestNotSent("Connection refused")
        await ui.press("backspace", "enter")
        await ui.reads("could not be reached")
        await ui.press("enter", "enter")
        assert len(ui.drive.made) == 2
        ui.drive.trouble = None
        await ui.press("enter")
        await ui.reads("There is no folder “新” in “影视”. Press enter again")
        assert len(ui.drive.made) == 2, "another path is asked for again"


async def test_the_service_is_asked_for_an_unknown_id_and_only_its_no_makes_it_unusable() -> None:
    async with field() as ui:
        await ui.press("4")
        await ui.reads("Enter looks this up.")
        await ui.press("enter")
        await ui.reads("There is no folder 4.")
        for typed, said in (("5", "could not be reached"), ("6", "rejected the request")):
            await ui.press("ctrl+u", typed, "enter")
            await ui.reads(said)
            assert "There is no folder" not in ui.text
            assert ui.field.folder_id == int(typed)
            assert not ui.field.has_error
        await ui.press("ctrl+u", *"2124", "enter")
        await ui.reads("→ 2024")


async def test_a_late_answer_leaves_the_focus_and_what_was_typed_since() -> None:
    async with field() as ui:
        ui.drive.answers.clear()
        await ui.types("影视/2024")
        await ui.press("enter")
        await ui.reads("Looking for the folder…")
        await ui.press("tab", "h")
        ui.drive.answers.set()
        await ui.reads("ID 2124")
        await ui.press("t")
        other = ui.pilot.app.screen.query(Input).last()
        assert (ui.field.input.value, other.value) == ("影视/2024", "ht")
        ui.drive.answers.clear()
        await ui.press("shift+tab", "ctrl+u")
        await ui.types("音乐/2025")
        await ui.press("enter")
        await ui.reads("Looking for the folder…")
        await ui.press("backspace")
        ui.drive.answers.set()
        await ui.sees(lambda: MUSIC.id in ui.listed)
        await ui.pilot.pause()
        assert ui.field.input.value == "音乐/202"
        assert "There is no folder" not in ui.text
