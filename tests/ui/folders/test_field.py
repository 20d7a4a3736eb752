"""A folder field takes an id or a path: it suggests folders, finds them, and makes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from textual.events import Paste
from textual.widgets import Input

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.client.updates import PendingUpdates
from pan123_tui.config.schema import Defaults
from pan123_tui.config.settings import Settings
from pan123_tui.domain.commands import Command
from pan123_tui.domain.errors import RequestNotSent, RequestRejected
from pan123_tui.domain.events import FoldersChanged
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderCache, FolderPage
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.engine import Engine
from pan123_tui.ui.folders.drive_folders import DriveFolders, default_folder, typed_path
from pan123_tui.ui.folders.field import FolderField
from tests.engine_stage import execute
from tests.ui.dashboard_stage import Story, story, task
from tests.ui.stage import Stage, StageUser

FILMS, MUSIC, ODD = (
    Folder(7, "影视", ROOT_ID),
    Folder(8, "音乐", ROOT_ID),
    Folder(10, "[/b] 影片", ROOT_ID),
)
YEARS = [Folder(100 + year, str(year), FILMS.id) for year in (2024, 2025)]
PAGES: dict[int, list[list[Folder]]] = {
    ROOT_ID: [[ODD], [], [MUSIC, FILMS]],
    FILMS.id: [YEARS],
    MUSIC.id: [[]],
    ODD.id: [[]],
}
"""The pages of each folder."""
REFUSALS = {5: RequestNotSent("Connection refused"), 6: RequestRejected("没有权限", code=1)}


class FakeFolders:
    """Lists the folders of `PAGES`, and makes more."""

    def __init__(self) -> None:
        self.pages = PAGES
        self.made: list[Folder] = []
        self.listed: list[int] = []
        self.trouble: Exception | None = None
        self.used: list[int] = []
        self.answers = asyncio.Event()
        """Whether questions are answered yet."""
        self.answers.set()

    async def page(self, parent_id: int, *, after: int) -> FolderPage:
        await self.answers.wait()
        if self.trouble:
            raise self.trouble
        if not after:
            self.listed.append(parent_id)
        pages = self.pages[parent_id]
        return FolderPage(
            tuple(pages[after]), next_id=after + 1 if after + 1 < len(pages) else None
        )

    async def find(self, folder_id: int) -> Folder | None:
        await self.answers.wait()
        if folder_id in REFUSALS:
            raise REFUSALS[folder_id]
        return YEARS[0] if folder_id == YEARS[0].id else None

    async def make(self, name: str, parent_id: int) -> Folder:
        self.made.append(Folder(20 + len(self.made), name, parent_id))
        return self.made[-1]

    def use(self, folder_id: int) -> None:
        self.used.append(folder_id)


class FolderUser(StageUser):
    """Uses a folder field above another one."""

    def __init__(self, pilot: Any, folders: FakeFolders, model: TaskModel) -> None:
        super().__init__(pilot)
        self.folders = folders
        self.model = model

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
async def field() -> AsyncIterator[FolderUser]:
    """Focus the field of an account with the folders of `PAGES`."""
    folders, model = FakeFolders(), TaskModel()

    async def call(command: Command[Any]) -> Any:
        return await execute(cast("Engine", SimpleNamespace(folders=folders)), command)

    drive = DriveFolders(cast("EngineClient", SimpleNamespace(call=call)), model)
    async with Stage([FolderField(None, folders=drive), Input()]).run_test() as pilot:
        ui = FolderUser(pilot, folders, model)
        ui.field.input.focus()
        await pilot.pause()
        yield ui


@asynccontextmanager
async def review(**options: Any) -> AsyncIterator[tuple[Story, FolderUser]]:
    """Open the review with one link, and focus its folder."""
    async with story([task(1)], size=(160, 30), **options) as told:
        ui = FolderUser(told.pilot, FakeFolders(), told.app.parts.model)
        told.engine.folders = ui.folders
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
        await ui.reads(f"#{MUSIC.id}")
        cache = FolderCache({MUSIC.id: MUSIC}).with_gone({MUSIC.id})
        told.engine.listen(FoldersChanged(cache))
        await ui.reads("Enter looks this up.")
        assert ui.field.folder_id is None
        again = Folder(30, MUSIC.name, ROOT_ID)
        ui.folders.pages = PAGES | {ROOT_ID: [[again]]}
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
        assert not ui.folders.made


async def test_the_suggestions_of_a_dialog_leave_its_keys_in_sight() -> None:
    async with story([task(1, TaskState.QUEUED)], size=(100, 30)) as told:
        ui = FolderUser(told.pilot, FakeFolders(), told.app.parts.model)
        told.engine.folders = ui.folders
        await ui.press("e")
        await ui.reads("Edit the link")
        await ui.press("ctrl+o")
        await ui.reads(ODD.name)
        assert "ctrl+s save" in ui.text


def test_a_path_is_never_typed_like_an_id_and_the_settings_folder_is_known_by_its_name() -> None:
    paths = [typed_path(names) for names in (("2024",), ("影视", "2024"), ("2024", "1"), ("a",))]
    assert paths == ["/2024", "影视/2024", "2024/1", "a"]
    assert default_folder(Settings(defaults=Defaults(folder_id=7, folder_name="影视"))) == FILMS
    assert default_folder(Settings(defaults=Defaults(folder_id=7))) is None
    assert default_folder(Settings()) is None


def test_the_latest_five_folders_and_those_with_a_part_of_a_path_are_known() -> None:
    cache = FolderCache().with_seen([Folder(n, f"Dir {n}", ROOT_ID) for n in range(1, 8)])
    for folder_id in cache.folders:
        cache = cache.with_recent(folder_id)
    model = TaskModel()
    model.apply(PendingUpdates(folders=cache))
    drive = DriveFolders(cast("EngineClient", SimpleNamespace(call=None)), model)
    assert [it.folder.id for it in drive.recent] == [7, 6, 5, 4, 3]
    assert [it.path for it in drive.containing("dIR 2")] == ["Dir 2"]
    model.apply(PendingUpdates(folders=cache.with_gone({2})))
    assert not drive.containing("Dir 2")


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
        assert (ui.folders.made, sent_to(told)) == ([], [])
        await ui.press("ctrl+s")
        await ui.sees(lambda: sent_to(told) == [20])
        assert told.engine.tasks[2].callback_url == callback
        await ui.sees(lambda: ui.folders.used == [20])


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
        await ui.reads("There is no folder “新”. Press the")
        await ui.reads("1 link to queue")


# Suggestions


async def test_what_a_path_may_become_is_suggested_and_chosen_with_the_arrows() -> None:
    async with field() as ui:
        await ui.types("影")
        await ui.sees(lambda: ui.suggested == ["影视", "[/b] 影片"])
        await ui.press("down", "enter")
        assert ui.field.input.value == "影视"
        assert not ui.suggested
        await ui.reads("#7")
        await ui.press("slash")
        await ui.sees(lambda: ui.suggested == ["2024", "2025"])
        await ui.types("5")
        await ui.sees(lambda: ui.suggested == ["2025"])
        await ui.press("down", "down", "up", "enter")
        assert ui.field.input.value == "影视/2025"
        assert ui.field.folder_id == YEARS[1].id
        assert ui.folders.listed == [ROOT_ID, FILMS.id], "each is looked into once"
        await ui.press("ctrl+u", "x")
        assert not ui.field.folder_id
        await ui.press("ctrl+u")
        await ui.types("影视/2025")
        assert ui.field.folder_id == YEARS[1].id, "it is known again"


async def test_a_key_suggests_the_recent_folders_and_then_those_of_the_root() -> None:
    async with field() as ui:
        cache = FolderCache().with_seen([FILMS, MUSIC, *YEARS, Folder(30, "far", 99)])
        for folder_id in (30, MUSIC.id, YEARS[0].id):
            cache = cache.with_recent(folder_id)
        ui.model.apply(PendingUpdates(folders=cache.with_gone({MUSIC.id})))
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
        ui.folders.trouble = RequestNotSent("Connection refused")
        await ui.press("ctrl+o")
        await ui.reads("could not be reached")
        await ui.press("down", "enter")
        assert ui.field.folder_id is None
        ui.folders.trouble = None
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
        await ui.reads("#2124")
        assert ui.field.input.value == "影视/2024"


async def test_a_path_of_an_earlier_run_is_looked_up_by_itself_but_not_made() -> None:
    async with field() as ui:
        ui.field.input.value = "影视/2024"
        ui.field.look_up_again()
        await ui.reads("#2124")
        ui.field.input.value = "影视/新"
        ui.field.look_up_again()
        await ui.pilot.app.workers.wait_for_complete()
        await ui.reads("Enter looks this up.")
        await ui.press("enter")
        await ui.reads("Press enter again to make it.")
        assert ui.folders.made == []


async def test_enter_a_second_time_makes_the_folders_that_a_path_lacks() -> None:
    async with field() as ui:
        await ui.types("影视/新/2025")
        await ui.press("enter")
        await ui.reads("Press enter again to make it.")
        assert ui.folders.made == []
        await ui.press("enter")
        await ui.reads("#21 made")
        assert ui.folders.made == [Folder(20, "新", FILMS.id), Folder(21, "2025", 20)]
        ui.folders.trouble = RequestNotSent("Connection refused")
        await ui.press("backspace", "enter")
        await ui.reads("could not be reached")
        await ui.press("enter", "enter")
        assert len(ui.folders.made) == 2
        ui.folders.trouble = None
        await ui.press("enter")
        await ui.reads("There is no folder “新” in “影视”. Press enter again")
        assert len(ui.folders.made) == 2, "another path is asked for again"


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
        ui.folders.answers.clear()
        await ui.types("影视/2024")
        await ui.press("enter")
        await ui.reads("Looking for the folder…")
        await ui.press("tab", "h")
        ui.folders.answers.set()
        await ui.reads("#2124")
        await ui.press("t")
        other = ui.pilot.app.screen.query(Input).last()
        assert (ui.field.input.value, other.value) == ("影视/2024", "ht")
        ui.folders.answers.clear()
        await ui.press("shift+tab", "ctrl+u")
        await ui.types("影视/2025")
        await ui.press("enter")
        await ui.reads("Looking for the folder…")
        await ui.press("end", "backspace", "4")
        ui.folders.answers.set()
        await ui.sees(lambda: ui.folders.listed.count(FILMS.id) > 1)
        await ui.pilot.pause()
        assert (ui.field.input.value, ui.field.folder_id) == ("影视/2024", YEARS[0].id)
