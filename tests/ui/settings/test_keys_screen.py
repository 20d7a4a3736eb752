"""The keys of all actions: pressed, questioned where another action has them, saved, reset."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from pan123_tui.config.credentials import save_credentials
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.settings.keys_screen import KeysScreen
from tests.ui.dashboard_stage import story, task
from tests.ui.home_stage import Home
from tests.ui.stage import Stage, shown

SCOPES = [
    [
        Binding("a", "add", "add [/b]", id="links.add"),
        Binding("r", "retry", "retry", id="tasks.retry", tooltip="Queue it once more"),
        Binding("d,delete", "remove", "remove", id="tasks.remove"),
        Binding("enter,l", "show", "details", id="table.select"),
        Binding("ctrl+p", "palette", "all actions", id="app.palette", priority=True),
    ],
    [Binding("ctrl+s", "submit", "queue", id="add.submit")],
    [Binding("escape", "cancel", "cancel", id="filter.cancel")],
]


class KeysUser:
    """Uses the screen with the keyboard."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        self.closed = asyncio.Event()

    @property
    def text(self) -> str:
        return shown(self.pilot.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def reads(self, words: str) -> None:
        async with asyncio.timeout(20):
            while words not in " ".join(self.text.split()):
                await asyncio.sleep(0.01)
                await self.pilot.pause()

    async def gives(self, action: str, key: str, *, opener: str = "enter") -> None:
        """Find `action`, and press `key` as its new one."""
        await self.press("slash", *action, "enter", opener)
        await self.reads("Press the key for")
        await self.press(key)

    async def closes(self) -> None:
        async with asyncio.timeout(20):
            await self.closed.wait()


@asynccontextmanager
async def open_keys(home: Home, *, size: tuple[int, int] = (90, 24)) -> AsyncIterator[KeysUser]:
    async with Stage().run_test(size=size) as pilot:
        user = KeysUser(pilot)
        screen = KeysScreen(home.controller(), SCOPES)
        pilot.app.push_screen(screen, lambda _: user.closed.set())
        await pilot.pause()
        yield user


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


async def test_every_action_is_listed_with_its_keys_and_its_id(home: Home) -> None:
    async with open_keys(home) as ui:
        for words in ("d del", "remove", "tasks.remove", "add [/b]", "Other screens"):
            assert words in ui.text
        assert "All keys are the default ones." in ui.text
        assert "⏎ change" in ui.text.splitlines()[-1]
        assert "/ search" in ui.text.splitlines()[-1]
        assert ui.text.splitlines()[1].strip() == "search (/)"
        await ui.press("slash", *"once")
        assert "tasks.retry" in ui.text
        assert "tasks.remove" not in ui.text
        await ui.press(*"zz")
        assert "No match." in ui.text
        await ui.press("escape")
        assert "tasks.remove" in ui.text


async def test_a_new_key_is_pressed_and_saved_with_the_comments_of_the_file(home: Home) -> None:
    home.file.write_text("# mine\n[keys]\ntable.select = 'o' # open\n")
    async with open_keys(home) as ui:
        assert "* changed: 1" in ui.text
        await ui.gives("retry", "x")
        await ui.reads("* x retry")
        await ui.press("ctrl+s")
        await ui.closes()
    expected = "# mine\n[keys]\ntable.select = 'o' # open\ntasks.retry = \"x\"\n"
    assert home.file.read_text() == expected
    assert home.applied[0][0].keys == {"table.select": "o", "tasks.retry": "x"}
    assert home.announced == 1


async def test_a_key_of_another_action_is_questioned_before_it_is_taken(home: Home) -> None:
    async with open_keys(home) as ui:
        await ui.gives("retry", "d")
        await ui.reads("d is the key of “remove” (tasks.remove), which then has")
        await ui.press("n")
        await ui.reads("All keys are the default ones.")
        await ui.press("enter")
        await ui.reads("Press the key for “retry”.")
        await ui.press("d")
        await ui.reads("which then has")
        await ui.press("y")
        await ui.reads("* d retry")
        await ui.press("escape", "escape")
        await ui.reads("Discard the changes?")
        await ui.press("n", "ctrl+s")
        await ui.closes()
    assert home.written == {"keys": {"tasks": {"retry": "d", "remove": "delete"}}}


async def test_a_key_is_added_and_a_last_key_is_not_taken(home: Home) -> None:
    async with open_keys(home) as ui:
        await ui.gives("retry", "question_mark", opener="plus")
        await ui.reads("* r ? retry")
        await ui.press("plus")
        await ui.reads("Press the key for")
        await ui.press("a")
        await ui.reads("a is the only key of “add [/b]” (links.add): give that another one first.")


async def test_escape_leaves_the_prompt_and_a_letter_beside_a_field_is_warned_of(
    home: Home,
) -> None:
    async with open_keys(home) as ui:
        await ui.gives("submit", "escape")
        await ui.reads("All keys are the default ones.")
        await ui.press("enter")
        await ui.reads("Press the key for “queue”.")
        await ui.press("x")
        await ui.reads("In a text field it types")
        await ui.press("n")
        await ui.reads("add.submit")
        await ui.press("escape")
        await ui.gives("palette", "x")
        await ui.reads("No text field takes x any more.")


async def test_the_default_keys_come_back_for_one_action_and_for_all(home: Home) -> None:
    home.file.write_text('[keys]\ntasks.retry = "x"\ntasks.remove = "z"\n')
    async with open_keys(home) as ui:
        await ui.press("slash", *"retry", "enter", "d")
        await ui.press("escape")
        assert "* changed: 1" in ui.text
        await ui.press("D")
        assert "All keys are the default ones." in ui.text
        await ui.press("ctrl+s")
        await ui.closes()
    assert home.written == {"keys": {}}


async def test_a_file_that_cannot_be_saved_keeps_the_screen_with_the_reason(home: Home) -> None:
    async with open_keys(home) as ui:
        await ui.gives("retry", "x")
        home.file.write_text("keys = 3\n")
        await ui.press("ctrl+s")
        await ui.reads("keys must be a table")
        assert not ui.closed.is_set()
    assert home.file.read_text() == "keys = 3\n"


async def test_a_saved_key_works_at_once_wherever_it_is_named(tmp_path: Path) -> None:
    save_credentials(tmp_path, AccessToken("good-token"))
    settings = Home(tmp_path).settings_store()
    async with story([task(1, TaskState.FAILED)], size=(100, 30), **settings) as told:
        await told.press("comma")
        await told.sees(lambda: told.app.screen.query("#set-keys"))
        told.app.screen.query_one("#set-keys").focus()
        await told.press("enter")
        await told.reads("tasks.remove")
        await told.press("slash", *"tasks.undo", "enter", "enter")
        await told.reads("Press the key for")
        await told.press("ctrl+p")
        await told.reads("ctrl+p is the only key of “all actions” (app.palette)")
        await told.press("enter")
        await told.reads("Press the key for")
        await told.press("z")
        await told.reads("* z")
        await told.press("ctrl+s")
        await told.sees(lambda: told.app.screen.query("#set-keys"))  # both screens say “changed”
        await told.reads("changed: 1")
        await told.press("escape")
        await told.sees(lambda: told.app.screen is told.dashboard)
        await told.press("d", "y")
        await told.reads("z brings it back")
        await told.press("z")
        await told.sees(lambda: 1 in told.engine.tasks)
