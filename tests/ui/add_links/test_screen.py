"""The add screen as a person uses it: type, paste, review, queue, leave."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.signal import Signal
from textual.widgets import Button, Input
from textual.worker import WorkerCancelled

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.client.updates import Attachment, AttachmentState, PendingUpdates
from pan123_tui.config.state_files import Draft, DraftFile
from pan123_tui.domain.commands import AddTasks, Command
from pan123_tui.domain.errors import EngineLost, Pan123Error, StoreUnwritable
from pan123_tui.domain.folders import Folder, FolderCache
from pan123_tui.domain.links.review import ReviewStatus
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.commands import execute
from pan123_tui.engine.engine import Engine
from pan123_tui.i18n import set_language
from pan123_tui.ui.add_links import link_editor
from pan123_tui.ui.add_links.common_fields import CommonFields
from pan123_tui.ui.add_links.draft import DiscardScreen
from pan123_tui.ui.add_links.link_editor import LinkEditor
from pan123_tui.ui.add_links.review_list import ReviewList
from pan123_tui.ui.add_links.screen import AddScreen
from pan123_tui.ui.dialogs.edit_link import RefusedScreen, RowScreen
from pan123_tui.ui.dialogs.prompts import ConfirmScreen
from pan123_tui.ui.task_actions import TaskActions
from pan123_tui.ui.terminal.type_ahead import TypeAhead
from pan123_tui.ui.widgets.form_fields import BatchField, FormField, LinkInput
from tests.ui.stage import Stage, resize, shown
from tests.ui.textual_private import Toast, messages

NOW = 1_000_000.0
A, B, C = (f"https://a.example/{n}.zip" for n in "123")


class AddStage(Stage):
    """Opens one `AddScreen`, and records the queued links and the results of the screen."""

    def __init__(
        self,
        text: str = "",
        *,
        tasks: Sequence[Task] = (),
        defaults: DownloadRequest = DownloadRequest(""),  # noqa: B008 - a frozen value
        draft_file: Path | None = None,
        error: Pan123Error | None = None,
        clipboard: str = "",
    ) -> None:
        super().__init__()
        self.clipboard_text = clipboard
        self.queued: list[DownloadRequest] = []
        self.engine_tasks: dict[int, Task] = {}
        """What the engine has before the links are queued, whether or not the model knows it."""
        self.used_folders: list[int] = []
        self.results: list[int | None] = []
        self.error = error
        self.gate: asyncio.Event | None = None
        self.model = TaskModel()
        self.model.apply(PendingUpdates(tasks={task.id: task for task in tasks}))
        self.changes: Signal[ModelChange] = Signal(self, "changes")
        actions = TaskActions(self, cast("EngineClient", self), self.model, keys={"links.add": "a"})
        self.add = AddScreen(
            actions,
            self.model,
            self.changes,
            defaults=defaults,
            text=text,
            draft_file=draft_file,
            read_clipboard=self.read_clipboard,
            now=lambda: NOW,
        )

    async def read_clipboard(self) -> str:
        return self.clipboard_text

    def arrive(self, *tasks: Task) -> None:
        """Apply tasks from elsewhere to the model, as the application does."""
        updates = PendingUpdates(tasks={task.id: task for task in tasks})
        self.changes.publish(self.model.apply(updates))

    def attach(self, state: AttachmentState) -> None:
        """Change how the engine is reached."""
        updates = PendingUpdates(attachment=Attachment(state))
        self.changes.publish(self.model.apply(updates))

    def on_mount(self) -> None:
        self.push_screen(self.add, self.results.append)

    async def call(self, command: Command[Any]) -> Any:
        tasks = SimpleNamespace(add=self._queue, check_store=self._check_store)
        folders = SimpleNamespace(use=self._use)
        engine = SimpleNamespace(task_service=tasks, folders=folders, tasks=self.engine_tasks)
        return await execute(cast("Engine", engine), command)

    async def _check_store(self) -> None:
        """Find the data folder as it was."""

    async def _use(self, folder_id: int) -> None:
        self.used_folders.append(folder_id)

    async def _queue(
        self, drafts: Sequence[DownloadRequest], *, request_id: str, batch: str
    ) -> tuple[Task, ...]:
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.queued.extend(drafts)
        return tuple(Task(id=n, url=it.url, created_at=0) for n, it in enumerate(drafts, 100))

    @property
    def editor(self) -> LinkEditor:
        return self.add.editor

    @property
    def review_list(self) -> ReviewList:
        return self.add.review_list

    def statuses(self) -> list[ReviewStatus]:
        return [row.status for row in self.review_list.rows]

    def kept(self) -> list[str]:
        return [row.text for row in self.review_list.rows if row.keep]

    def notes(self) -> list[str]:
        return messages(self)


async def paste(pilot: Pilot[None], text: str) -> None:
    """Paste as a terminal does: the focused widget gets the event, which may bubble up."""
    app = pilot.app
    (app.focused or app.screen).post_message(Paste(text))
    await pilot.pause()


def saved_text(draft: Path) -> str:
    return DraftFile(draft).read().text.strip()


async def fill(pilot: Pilot[None], field: str, text: str) -> None:
    pilot.app.screen.query_one(f"#{field} Input", Input).value = text
    await pilot.pause()


async def wait_for_review(pilot: Pilot[None]) -> None:
    """Wait for the reading threads, also those that replace others, and for their messages."""
    while True:
        reading = [worker for worker in pilot.app.workers if worker.group == "read-links"]
        with suppress(WorkerCancelled):
            await pilot.app.workers.wait_for_complete(reading)  # of all, if none is reading yet
            await pilot.pause()
            return


# Queuing


DOUBTFUL = "看 https://a.example/my file.zip 好"
SHORTER, LONGER = "https://a.example/my", "https://a.example/my%20file.zip"


async def test_two_ends_that_differ_in_the_query_are_told_apart() -> None:
    app = AddStage("https://a.b/g?k=a登录")
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert "g?k=a or g?k=a登录?" in shown(app)


async def test_a_link_with_a_doubtful_end_is_held_until_t_takes_the_longer_or_the_shorter() -> None:
    app = AddStage(f"{A}\n{DOUBTFUL}")
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert app.kept() == [A]
        assert "? 2 held: which end? Tab, then t" in shown(app)
        await pilot.press("tab")
        assert "? 2 held: which end? Press t" in shown(app)
        await pilot.press("shift+tab")
        assert "my or my file.zip?" in shown(app)
        assert "1 with a doubtful end" in shown(app)
        app.review_list.focus()
        await pilot.press("t")  # which goes to the link that is asked about
        await pilot.pause()
        assert app.kept() == [A, LONGER]
        await pilot.press("t")
        await pilot.pause()
        assert app.kept() == [A, SHORTER]
        await pilot.press("k", "t")
        await pilot.pause()
        assert app.kept() == [A, SHORTER]
        assert "No link's end is doubtful here." in messages(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert [request.url for request in app.queued] == [A, SHORTER]
        assert app.results == [2]


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "held: which end? Use t in the list"),
        ("zh", "待定：结尾不确定，到列表按 t 选择"),
    ],
)
async def test_a_field_below_the_list_names_the_list_for_a_doubtful_end(
    language: str, words: str, width: int
) -> None:
    set_language(language)
    try:
        app = AddStage(DOUBTFUL, defaults=DownloadRequest("", folder_id=42))
        async with app.run_test(size=(width, 40)) as pilot:
            await wait_for_review(pilot)
            assert words not in shown(app)
            await pilot.press("tab", "tab")
            await pilot.pause()
            assert isinstance(app.focused, Input)
            assert words in shown(app)
            app.editor.focus()
            await pilot.pause()
            assert words not in shown(app)
            app.screen.query_one("#common-callback Input").focus()
            await pilot.pause()
            assert words in shown(app)
    finally:
        set_language("en")


async def test_the_key_that_the_dialog_names_for_a_doubtful_end_works() -> None:
    app = AddStage(DOUBTFUL)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for_review(pilot)
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert "held: which end? Esc, then t" in shown(app)
        await pilot.press("escape", "t")
        await pilot.pause()
        assert app.kept() == [LONGER]


async def test_a_choice_for_all_brings_back_no_link_that_was_skipped() -> None:
    app = AddStage(f"{A}\n{DOUBTFUL}")
    async with app.run_test(size=(120, 30)) as pilot:
        app.review_list.focus()
        await pilot.press("t", "space")
        await pilot.pause()
        assert app.kept() == [A]
        await pilot.press("T")
        await pilot.pause()
        assert app.kept() == [A]


async def test_the_chosen_link_may_be_a_duplicate() -> None:
    known = Task(id=7, url=LONGER, created_at=0)
    app = AddStage(f"{DOUBTFUL}", tasks=[known])
    async with app.run_test(size=(120, 30)) as pilot:
        app.review_list.focus()
        await pilot.press("t")
        await pilot.pause()
        assert (app.statuses(), app.kept()) == ([ReviewStatus.KNOWN], [])
        await pilot.press("t")
        await pilot.pause()
        assert (app.statuses(), app.kept()) == ([ReviewStatus.NEW], [SHORTER])


async def test_one_key_chooses_for_all_doubtful_links() -> None:
    app = AddStage(f"{DOUBTFUL}\n看 https://a.example/b，c.zip 好\n{A}")
    async with app.run_test() as pilot:
        app.review_list.focus()
        await pilot.press("T")
        await pilot.pause()
        assert app.kept() == [LONGER, "https://a.example/b，c.zip", A]
        await pilot.press("T")
        await pilot.pause()
        assert app.kept() == [SHORTER, "https://a.example/b", A]


async def test_space_takes_the_longer_of_a_doubtful_link_and_then_skips_it() -> None:
    app = AddStage(DOUBTFUL)
    async with app.run_test() as pilot:
        app.review_list.focus()
        await pilot.press("space")
        await pilot.pause()
        assert app.kept() == [LONGER]
        await pilot.press("space")
        await pilot.pause()
        assert app.kept() == []


async def test_doubtful_links_stay_in_the_editor_when_the_others_are_queued() -> None:
    app = AddStage(f"{A}\n{DOUBTFUL}\nhello")
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A)]
        assert (app.results, app.editor.text) == ([], DOUBTFUL)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A)]
        assert any("t in the list" in note for note in app.notes())


async def test_the_name_of_a_doubtful_link_survives_the_choice() -> None:
    app = AddStage(DOUBTFUL)
    async with app.run_test(size=(120, 40)) as pilot:
        app.review_list.focus()
        await pilot.press("enter")
        await pilot.pause()
        assert SHORTER in shown(app)
        assert LONGER in shown(app)
        await fill(pilot, "row-name", "mine.zip")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.kept() == []
        await pilot.press("t", "ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(LONGER, "mine.zip")]


async def test_mere_text_is_counted_once_and_gone_after_queuing() -> None:
    app = AddStage(f"小明 12:30\n{A}\n好的\n谢谢")
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert "3 lines without a link" in shown(app)
        assert "refused" not in shown(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.results == [1]


async def test_three_links_are_queued_together_and_their_number_is_returned() -> None:
    app = AddStage()
    async with app.run_test() as pilot:
        await paste(pilot, f"{A}\n{B}\n{C}")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A), DownloadRequest(B), DownloadRequest(C)]
        assert app.results == [3]


async def test_typed_links_are_checked_with_every_key() -> None:
    app = AddStage()
    async with app.run_test() as pilot:
        await pilot.press(*"http://")
        assert "no host" in shown(app)
        await pilot.press("a")
        assert "1 link to queue" in shown(app)


async def test_rejected_lines_stay_in_the_editor_with_their_reasons_and_the_links_are_queued() -> (
    None
):
    app = AddStage(f"{A}\nftp://a.b/c\nhello\n{B}")
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A), DownloadRequest(B)]
        assert app.results == []
        assert app.editor.text == "ftp://a.b/c"
        assert "2 links queued." in app.notes()
        assert "2 links queued · left here: 1 refused: “ftp://a.b/c”: the service" in shown(app)
        await paste(pilot, C)
        assert "1 link to queue · 1 refused" in shown(app)
        assert "left here" not in shown(app)


async def test_after_queuing_the_list_has_the_focus_and_types_no_keys() -> None:
    app = AddStage(f"{A}\nftp://a.b/c")
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press("j", "R", "space")
        assert app.editor.text == "ftp://a.b/c"
        assert app.focused is app.review_list


async def test_links_queued_before_leaving_the_rest_are_counted() -> None:
    app = AddStage(f"{A}\n{B}\nftp://a.b/c")
    async with app.run_test(notifications=True) as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        await paste(pilot, C)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.notes() == ["2 links queued.", "1 link queued."]
        await pilot.press("escape", "y")
        await pilot.pause()
        assert app.results == [3]


async def test_an_error_is_shown_and_the_input_stays() -> None:
    app = AddStage(f"{A}\nhello", error=StoreUnwritable("no space left"))
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.results == []
        assert app.editor.text == f"{A}\nhello"
        assert "no space left" in shown(app)
        app.error = None
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A)]


async def test_a_second_ctrl_s_during_the_first_queues_nothing_twice() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        app.gate = asyncio.Event()
        await pilot.press("ctrl+s", "ctrl+s")
        app.gate.set()
        await pilot.pause()
        assert app.queued == [DownloadRequest(A)]
        assert app.results == [1]


async def test_after_a_lost_answer_only_links_that_did_not_arrive_are_queued_again() -> None:
    app = AddStage(f"{A}\n{B}", error=EngineLost("no answer in time"))
    async with app.run_test(size=(200, 30), notifications=True) as pilot:
        app.attach(AttachmentState.SILENT)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "The links may be queued all the same; those that appear in the list" in shown(app)
        assert "Nothing was queued" not in shown(app)
        app.error = None
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == []
        assert app.notes()[-1].startswith("Wait until the engine answers")
        app.attach(AttachmentState.ATTACHED)
        app.arrive(Task(id=7, url=A, created_at=0))
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(B)]


async def test_while_the_lost_engine_is_waited_for_escape_leaves_and_the_draft_stays(
    tmp_path: Path,
) -> None:
    app = AddStage(A, draft_file=tmp_path / "draft.json")
    async with app.run_test(size=(120, 30)) as pilot:
        app.attach(AttachmentState.LOST)
        await pilot.pause()
        assert "engine lost" in shown(app)
        app.gate = asyncio.Event()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "esc leaves and keeps a draft" in shown(app)
        async with asyncio.timeout(30):
            await cast("AddScreen", app.screen).has_acted.wait()  # keys are not held back for long
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [0]
        assert saved_text(tmp_path / "draft.json") == A
        assert app.notes()[-1].endswith("They are kept as a draft: a opens it.")
        app.gate.set()
        await pilot.pause()
        assert app.queued == []


async def test_links_that_are_queued_while_a_dialog_covers_the_screen_leave_both_open() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        app.gate = asyncio.Event()
        await pilot.press("ctrl+s")
        await pilot.pause()
        question = ConfirmScreen("Sure?", yes="Yes", no="No")
        app.push_screen(question)
        await pilot.pause()
        app.gate.set()
        async with asyncio.timeout(20):
            while app.editor.text:
                await pilot.pause(0.01)
        assert app.screen_stack[1:] == [app.add, question]
        await pilot.press("n")
        await pilot.pause()
        assert app.screen_stack[1:] == [app.add]
        assert app.editor.text == ""
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [1]


async def test_the_border_no_longer_shows_a_lost_engine_that_is_back() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        app.attach(AttachmentState.LOST)
        app.attach(AttachmentState.ATTACHED)
        await pilot.pause()
        assert "engine lost" not in shown(app)


async def test_what_is_typed_while_the_answer_is_waited_for_stays() -> None:
    app = AddStage(f"{A}\n")
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        app.attach(AttachmentState.ATTACHED)
        app.gate = asyncio.Event()
        await pilot.press("ctrl+s")
        await paste(pilot, f"{B}\nhello")
        await pilot.pause()
        assert "waiting for the engine…" in shown(app)
        app.arrive(Task(id=7, url=A, created_at=0))
        app.gate.set()
        await wait_for_review(pilot)
        assert app.queued == [DownloadRequest(A)]
        assert app.editor.text == f"{B}\nhello"
        assert app.kept() == [B]
        assert app.notes() == ["1 link queued."]
        assert app.results == []


async def test_keys_right_after_ctrl_s_are_not_typed_into_the_links() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.gate = asyncio.Event()
        keys = TypeAhead(app)
        keys.feed(Key("ctrl+s", None))
        keys.feed(Key("j", "j"))
        await pilot.pause()
        app.gate.set()
        await keys.wait_idle()
        assert app.results == [1]


class _Arriving(list[int | None]):
    """Results of a screen whose tasks arrive when it closes."""

    def __init__(self, app: AddStage) -> None:
        super().__init__()
        self._app = app

    def append(self, result: int | None) -> None:
        super().append(result)
        self._app.arrive(Task(id=7, url=A, created_at=0))


async def test_its_own_tasks_that_arrive_while_it_closes_are_not_reported_as_others() -> None:
    app = AddStage(A)
    app.results = _Arriving(app)
    async with app.run_test(notifications=True) as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.results == [1]
        assert app.notes() == ["1 link queued."]


@pytest.mark.parametrize("is_kept_by_hand", [False, True])
async def test_a_link_that_another_screen_has_queued_meanwhile_is_skipped(
    is_kept_by_hand: bool,
) -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        if is_kept_by_hand:
            await pilot.press("tab", "space", "up", "space")
        app.arrive(Task(id=7, url=A, created_at=0))
        await pilot.pause()
        assert app.kept() == [B]
        assert "same as task 7" in shown(app)
        assert app.notes() == ["1 link was added meanwhile and is skipped."]
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(B)]


async def test_own_links_that_come_into_the_list_as_the_screen_closes_are_no_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = AddStage(f"{A}\n{B}")
    add = app.add._actions.add

    async def add_and_hear_of_it(command: AddTasks) -> Any:
        added = await add(command)
        app.arrive(*added)
        return added

    monkeypatch.setattr(app.add._actions, "add", add_and_hear_of_it)
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.notes() == ["2 links queued."]
        assert app.results == [2]


@pytest.mark.parametrize("text", [A, f"{A}\n{B}"])
async def test_a_link_that_another_screen_queues_in_the_same_instant_is_named(text: str) -> None:
    app = AddStage(text)
    app.engine_tasks[7] = Task(id=7, url=A.upper().replace("1.ZIP", "1.zip"), created_at=0)
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert [it.url for it in app.queued] == text.split()[1:]
        skipped = "1 link was added meanwhile and is skipped."
        assert app.notes() == ["\n".join([*(["1 link queued."] * len(app.queued)), skipped])]
        assert app.results == [len(app.queued)]


async def test_a_duplicate_that_the_user_keeps_is_queued_though_another_screen_adds_it_too() -> (
    None
):
    app = AddStage(f"{A}\n{B}\n{B}", tasks=[Task(id=1, url=A, created_at=0)])
    app.engine_tasks |= {n: Task(id=n, url=url, created_at=0) for n, url in ((1, A), (7, A))}
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("tab", "D", "ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(url) for url in (A, B, B)]


@pytest.mark.parametrize("is_complete", [True, False])
async def test_links_of_tasks_that_are_still_on_their_way_to_the_screen_are_duplicates_too(
    is_complete: bool,
) -> None:
    app = AddStage(A)
    old, new = (Task(id=n, url=url, created_at=0) for n, url in ((1, A), (5, B)))
    app.engine_tasks |= {1: old, 5: new}
    app.model.apply(PendingUpdates(loaded=TaskCollection([new]), is_complete=False))
    if is_complete:  # without the old one, which is removed
        app.model.apply(PendingUpdates(is_complete=True))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert len(app.queued) == is_complete


async def test_links_of_the_tasks_that_another_engine_brings_are_checked_at_ctrl_s() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        loaded = TaskCollection([Task(id=1, url=A, created_at=0)])
        app.changes.publish(app.model.apply(PendingUpdates(loaded=loaded)))
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(B)]
        assert "1 link was added meanwhile and is skipped." in app.notes()


async def test_a_link_that_was_added_meanwhile_can_be_kept_like_any_duplicate() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test() as pilot:
        await pilot.pause()
        app.arrive(Task(id=7, url=A, created_at=0))
        await pilot.press("tab", "D", "ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A), DownloadRequest(B)]


async def test_a_link_that_is_added_while_a_long_paste_is_read_is_skipped() -> None:
    app = AddStage()
    lines = "\n".join(f"https://a.example/{n}.zip" for n in range(1, 2001))
    async with app.run_test() as pilot:
        await paste(pilot, lines)
        app.arrive(Task(id=7, url=A, created_at=0))
        await wait_for_review(pilot)
        assert app.statuses()[:2] == [ReviewStatus.KNOWN, ReviewStatus.NEW]


async def test_keys_that_arrive_in_one_burst_apply_in_their_order() -> None:
    app = AddStage(f"{A}\n")
    async with app.run_test() as pilot:
        await pilot.pause()
        names = {":": "colon", "/": "slash"}
        for character in "http://b":
            app.post_message(Key(names.get(character, character), character))
        app.post_message(Key("ctrl+s", None))
        await wait_for_review(pilot)
        assert app.queued == [DownloadRequest(A), DownloadRequest("http://b")]


async def test_a_toggle_right_before_ctrl_s_applies() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test() as pilot:
        await pilot.press("tab")
        app.post_message(Key("space", " "))
        app.post_message(Key("ctrl+s", None))
        await wait_for_review(pilot)
        assert app.queued == [DownloadRequest(B)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "There is no link to queue yet."), (f"{A}\n", "All links are duplicates")],
)
async def test_nothing_to_queue_is_reported_with_its_reason(text: str, reason: str) -> None:
    app = AddStage(text, tasks=[Task(id=1, url=A, created_at=0)])
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        assert app.results == []
        assert any(note.startswith(reason) for note in app.notes())


# The review


async def test_each_row_shows_its_review_status() -> None:
    tasks = [
        Task(id=12, url=A, created_at=0, state=TaskState.RUNNING),
        Task(id=13, url=B, created_at=0, state=TaskState.SUCCEEDED, finished_at=NOW - 3 * 86400),
    ]
    app = AddStage(f"{A}\n{B}\n{C}\n{C}\nmagnet:?xt=urn:btih:abc", tasks=tasks)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = shown(app)
        assert app.kept() == [C]
    for words in (
        "same as task 12, running",
        "same as task 13, succeeded 3 d ago",
        "new",
        "same as link 3 above",
        "refused: the service takes http",
    ):
        assert words in screen


async def test_a_long_refusal_takes_little_of_the_row_and_is_whole_where_the_cursor_is() -> None:
    app = AddStage(f"{A}\nmagnet:?xt=urn:btih:abc&dn=a-name-that-is-long\nthunder://x")
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("tab", "j")
        rows = shown(app).partition("Review")[2]
        assert "refused: the service …  magnet:?xt=urn:btih:abc&dn=a-name-that-is-long" in rows
        assert "refused: the service takes http/https only" in rows
        await pilot.press("j")
        assert "this thunder:// link holds no readable link" in shown(app)
        await pilot.press("k", "k")
        assert "refused: the service takes" not in shown(app).partition("Review")[2]


@pytest.mark.parametrize("columns", [50, 80, 140])
async def test_the_link_of_each_row_is_shown_at_any_width(columns: int) -> None:
    app = AddStage()
    async with app.run_test(size=(columns, 40)) as pilot:
        await paste(pilot, "https://cdn.example.com/a.zip\nhttps://b.example/get?f=c.iso&sign=9")
        rows = shown(app).partition("Review")[2]
        assert any("https://" in line and "a.zip" in line for line in rows.splitlines())
        assert "sign=9" in rows
        assert "c.iso" in rows


async def test_a_link_to_a_private_host_is_warned_of() -> None:
    app = AddStage()
    async with app.run_test(size=(120, 40)) as pilot:
        await paste(pilot, f"http://192.168.1.10/film.mkv\n{A}\nhttp://nas/c.iso")
        text = shown(app)
        assert text.count("new, but on a private host") == 2
        assert "2 on private hosts, which the service cannot reach" in text
        assert len(app.kept()) == 3


async def test_space_skips_a_link_and_keeps_it_again() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test() as pilot:
        await pilot.press("tab", "space")
        assert app.kept() == [B]
        await pilot.press("up", "space")
        assert app.kept() == [A, B]


async def test_a_skipped_link_is_called_so_and_told_from_a_duplicate() -> None:
    app = AddStage(f"http://nas/c.iso\n{A}\n{B}\n{B}")
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("tab", "space", "space")
        text = shown(app)
        assert [line.split()[1:4] for line in text.splitlines() if "│ - " in line] == [
            ["-", "1", "skipped"],
            ["-", "2", "skipped"],
            ["-", "4", "same"],
        ]
        assert "1 link to queue · 1 duplicate skipped · 2 skipped by you" in text


async def test_one_key_keeps_all_duplicates_and_skips_them_again() -> None:
    app = AddStage(f"{A}\n{A}\n{B}", tasks=[Task(id=1, url=B, created_at=0)])
    async with app.run_test() as pilot:
        await pilot.press("tab", "D")
        assert app.kept() == [A, A, B]
        await pilot.press("D")
        assert app.kept() == [A]


async def test_a_choice_in_the_list_survives_further_typing() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test() as pilot:
        await pilot.press("tab", "space", "shift+tab")
        await paste(pilot, C)
        assert app.kept() == [B, C]


async def test_enter_changes_name_and_folder_of_one_link() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test() as pilot:
        await pilot.press("tab", "j", "enter")
        await pilot.pause()
        assert isinstance(app.screen, RowScreen)
        assert B in shown(app)
        await fill(pilot, "row-name", "own.png")
        await fill(pilot, "row-folder", "77")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A), DownloadRequest(B, "own.png", 77)]


async def test_enter_on_a_refused_row_corrects_its_text_where_it_stands() -> None:
    app = AddStage("ftp://b.example/2.zip.old\nsee ftp://b.example/2.zip today")
    async with app.run_test() as pilot:
        await pilot.press("tab", "G", "enter")
        await pilot.pause()
        assert "refused: the service takes http/https only" in shown(app)
        await pilot.press("enter")
        assert isinstance(app.screen, RefusedScreen)
        await fill(pilot, "row-link", B)
        await pilot.press("enter")
        await pilot.pause()
        assert app.editor.text == f"ftp://b.example/2.zip.old\nsee {B} today"
        assert app.kept() == [B]


async def test_a_double_click_on_a_refused_row_edits_it_and_escape_changes_nothing() -> None:
    app = AddStage("www.example.com/a.zip")
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.click(ReviewList, offset=(10, 1), times=2)
        await pilot.pause()
        assert isinstance(app.screen, RefusedScreen)
        await pilot.press("escape")
        assert app.editor.text == "www.example.com/a.zip"


async def test_a_text_in_a_long_paste_is_corrected_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_editor, "MAX_INSERTED_CHARS", 20)
    app = AddStage()
    async with app.run_test() as pilot:
        await paste(pilot, f"{A}\nftp://b.example/2.zip\n{C}")
        await pilot.press("tab", "G", "enter")
        await pilot.pause()
        await fill(pilot, "row-link", B)
        await pilot.press("enter")
        await pilot.pause()
        assert app.kept() == [A, B, C]
        assert app.editor.text == ""


async def test_what_was_refused_inside_a_code_is_corrected_below_it() -> None:
    code = '{"url": "https:\\/\\/b.example:99999\\/2.zip"}'
    app = AddStage(code)
    async with app.run_test() as pilot:
        await pilot.press("tab", "enter")
        await pilot.pause()
        await fill(pilot, "row-link", B)
        await pilot.press("enter")
        await pilot.pause()
        assert app.kept() == [B]
        assert app.editor.text == f"{code}\n{B}"


async def test_a_row_is_not_saved_with_an_invalid_name() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        await pilot.press("tab", "enter")
        await pilot.pause()
        await fill(pilot, "row-name", "a/b.png")
        await pilot.press("tab", "ctrl+s")
        assert isinstance(app.screen, RowScreen)
        assert app.focused is app.screen.query_one("#row-name Input")
        assert "may be in a name" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.review_list.rows[0].name == ""


async def test_a_click_on_the_mark_skips_and_a_double_click_edits() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.click(ReviewList, offset=(2, 2))
        assert app.kept() == [A]
        await pilot.click(ReviewList, offset=(20, 1), times=2)
        await pilot.pause()
        assert isinstance(app.screen, RowScreen)


async def test_the_cursor_moves_by_keys_and_stays_in_view() -> None:
    app = AddStage("\n".join(f"https://a.example/{n}" for n in range(300)))
    async with app.run_test() as pilot:
        await pilot.press("tab", "G")
        assert app.review_list.cursor == 299
        assert "299" in shown(app)
        await pilot.press("k", "pageup")
        assert app.review_list.cursor < 298
        await pilot.press("g")
        assert app.review_list.cursor == 0
        await pilot.press("pagedown")
        page = app.review_list.cursor
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+u")
        assert app.review_list.cursor == page + page // 2


def links(count: int) -> str:
    return "\n".join(f"https://a.example/{n}" for n in range(1, count + 1))


@pytest.mark.parametrize("count", [20, 300])
async def test_the_list_spends_no_line_on_a_scroll_bar_below_it(count: int) -> None:
    app = AddStage()
    async with app.run_test(size=(100, 30)) as pilot:
        await paste(pilot, links(count))
        lines = [line for line in shown(app).splitlines() if "new" in line]
        assert len(lines) == app.review_list.size.height
        assert not app.review_list.show_horizontal_scrollbar


async def test_the_cursor_stays_in_view_when_the_terminal_is_resized() -> None:
    app = AddStage()
    async with app.run_test(size=(100, 30)) as pilot:
        await paste(pilot, links(20))
        await pilot.press("tab", "G")
        for size in ((80, 24), (60, 24), (100, 40), (80, 20)):
            await resize(pilot, *size)
            assert "https://a.example/20" in shown(app).partition("Review")[2]


@pytest.mark.parametrize("size", [(60, 20), (50, 20), (60, 16), (80, 24)])
async def test_the_focus_stays_in_view_when_the_terminal_is_resized(size: tuple[int, int]) -> None:
    app = AddStage()
    async with app.run_test(size=(100, 30)) as pilot:
        await paste(pilot, links(20))
        await pilot.press("tab", *["j"] * 10)
        for columns, rows in (size, (100, 30), size):
            await resize(pilot, columns, rows)
            assert "https://a.example/11" in shown(app)
        await pilot.press("tab")
        await resize(pilot, 100, 30)
        await resize(pilot, *size)
        assert app.focused is app.add.common_fields.name_field.input
        assert app.screen.region.contains_region(app.focused.region), shown(app)


async def test_text_from_outside_is_never_markup() -> None:
    app = AddStage(
        "[/foo] [bold]\nhttps://a.example/[Group]%1B[31mX.mkv", error=StoreUnwritable("[/x]")
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+s", "tab", "enter")
        await pilot.pause()
        assert "[Group]" in shown(app)


# Common fields


async def test_a_name_for_one_link_and_a_template_for_many() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "File name" in shown(app)
        await pilot.press("end")
        await paste(pilot, B)
        assert "Name template" in shown(app)
        await fill(pilot, "common-name", "{stem}-{n}.png")
        await fill(pilot, "common-folder", "42")
        await fill(pilot, "common-callback", "https://me.example/cb")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [
            DownloadRequest(A, "1-1.png", 42, "https://me.example/cb"),
            DownloadRequest(B, "2-2.png", 42, "https://me.example/cb"),
        ]


@pytest.mark.parametrize("columns", [70, 80, 100])
@pytest.mark.parametrize(
    ("language", "placeholders"),
    [
        ("en", ("e.g. {n}-{name}", "Default (来自:离线下载)", "https://", "time added")),
        ("zh", ("例如 {n}-{name}", "默认（来自:离线下载）", "https://", "添加时间")),
    ],
)
async def test_each_placeholder_is_shown_whole(
    language: str, placeholders: Sequence[str], columns: int
) -> None:
    set_language(language)
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(size=(columns, 40)) as pilot:
        await pilot.pause()
        fields = app.add.common_fields.region
        below = "\n".join(shown(app).splitlines()[fields.y : fields.bottom])
        assert [text for text in placeholders if text not in below] == []


async def test_a_long_name_is_cut_where_the_field_ends() -> None:
    app = AddStage("https://a.example/some-rather-long-name-of-a-film.mkv")
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.pause()
        assert "  e.g. some-rath…  " in shown(app)
        await resize(pilot, 180, 30)
        assert "  e.g. some-rather-long-name-of-a-film.mkv  " in shown(app)


async def test_the_list_shows_the_names_made_from_a_template() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(size=(100, 30)) as pilot:
        await fill(pilot, "common-name", "part {n}{ext}")
        assert "part 1.zip" in shown(app)
        assert "part 2.zip" in shown(app)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("common-folder", "0", "root folder"),
        ("common-folder", "1" * 19, "positive whole number"),
        ("common-folder", "影视/动画", "Enter finds the folder"),
        ("common-callback", "ftp://a.b", "http/https only"),
        ("common-callback", "nonsense", "begins with http"),
        ("common-name", "a|b.png", "may be in a name"),
        ("common-name", "x" * 256, "at most 255"),
        ("common-name", "same.png", "several links need"),
        ("common-name", "{what}-{n}", "a template knows"),
    ],
)
async def test_an_invalid_field_shows_its_error_and_nothing_is_queued(
    field: str, value: str, words: str
) -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(size=(200, 30)) as pilot:
        await fill(pilot, field, value)
        assert words in shown(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == []
        assert app.focused is app.add.query_one(f"#{field} Input")


@pytest.mark.parametrize("size", [(50, 20), (80, 24), (100, 30), (50, 14)])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_no_message_covers_a_field_with_an_error_or_its_note(
    size: tuple[int, int], language: str
) -> None:
    set_language(language)
    app = AddStage()
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        app.editor.insert_text(A)
        field = app.add.query_one("#add-batch", BatchField)
        await fill(pilot, "add-batch", "last")
        await pilot.press("ctrl+s")
        await pilot.pause()
        (toast,) = app.screen.query(Toast)
        assert app.focused is field.input
        assert app.screen.region.contains_region(field.region), shown(app)
        assert not toast.region.overlaps(field.region), shown(app)
        assert toast.region.height == 1


async def test_a_name_without_an_image_extension_is_warned_about_and_allowed() -> None:
    app = AddStage(A)
    async with app.run_test(size=(200, 30)) as pilot:
        await fill(pilot, "common-name", "film.mp4")
        assert "image extension" in shown(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A, "film.mp4")]


async def test_the_defaults_are_in_the_fields() -> None:
    app = AddStage(A, defaults=DownloadRequest("", folder_id=5, callback_url="https://me.example/"))
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.queued == [DownloadRequest(A, "", 5, "https://me.example/")]


# Pasting


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
async def test_a_paste_into_the_editor_is_inserted_once_with_any_line_ends(ending: str) -> None:
    app = AddStage()
    async with app.run_test() as pilot:
        await paste(pilot, ending.join([A, B, C]))
        assert app.editor.text == f"{A}\n{B}\n{C}"
        assert app.kept() == [A, B, C]


async def test_two_pastes_in_a_row_are_on_lines_of_their_own() -> None:
    app = AddStage()
    async with app.run_test() as pilot:
        await paste(pilot, A)
        await paste(pilot, B)
        assert app.editor.text == f"{A}\n{B}"


async def test_a_paste_over_the_list_is_added_to_the_editor() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        await pilot.press("tab")
        await paste(pilot, f"{B}\r{C}")
        assert app.kept() == [A, B, C]


async def test_a_link_pasted_into_the_callback_stays_and_several_go_to_the_editor() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        callback = app.add.query_one(LinkInput)
        callback.focus()
        await pilot.pause()
        await paste(pilot, "\r\n  my receiver:\r\nhttps://me.example/cb\r\n")
        assert callback.value == "https://me.example/cb"
        callback.clear()
        await paste(pilot, f"{DOUBTFUL}\r\n")
        assert callback.value == DOUBTFUL
        callback.value = "https://me.example/cb"
        await paste(pilot, f"{B}\r\n{C}")
        assert callback.value == "https://me.example/cb"
        assert app.kept() == [A, B, C]


@pytest.mark.parametrize("field", ["common-name", "common-folder", "add-batch"])
async def test_links_pasted_into_a_field_that_takes_none_go_to_the_editor(field: str) -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        typed = app.add.query_one(f"#{field}", FormField).input
        typed.focus()
        await pilot.pause()
        await paste(pilot, "12")
        await paste(pilot, f"{B}\r\n{C}")
        assert typed.value == "12"
        assert app.kept() == [A, B, C]


async def test_five_thousand_pasted_links_keep_their_order() -> None:
    urls = [f"https://a.example/{n}.zip" for n in range(5_000)]
    app = AddStage()
    async with app.run_test() as pilot:
        await paste(pilot, "\r".join(urls))
        await wait_for_review(pilot)
        assert app.kept() == urls
        assert "5,000 links pasted: see the review" in shown(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert [draft.url for draft in app.queued] == urls


@pytest.mark.parametrize("links", [5_000, pytest.param(50_000, marks=pytest.mark.slow)])
async def test_a_long_paste_does_not_block_the_screen_and_stays_out_of_the_editor(
    links: int,
) -> None:
    text = "\r".join(f"https://a.example/files/{n:08}/archive.zip" for n in range(links))
    app = AddStage()
    async with app.run_test() as pilot:
        app.editor.insert_text("http://b.examp")
        (app.focused or app.screen).post_message(Paste(text))
        await pilot.press("l", "e")
        assert app.editor.text == "http://b.example"
        await wait_for_review(pilot)
        assert len(app.kept()) == links + 1
        assert app.kept()[-1] == "http://b.example"


async def test_ctrl_s_during_a_long_paste_queues_what_is_read_in_the_end() -> None:
    app = AddStage()
    async with app.run_test() as pilot:
        app.editor.insert_text("\n".join(f"https://a.example/{n}" for n in range(3_000)))
        app.add.action_submit()
        assert app.queued == []
        await wait_for_review(pilot)
        await pilot.pause()
        assert len(app.queued) == 3_000


# Leaving, and the draft


async def test_escape_leaves_an_empty_screen_at_once() -> None:
    app = AddStage()
    async with app.run_test() as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [0]


async def test_escape_asks_when_something_is_typed() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, DiscardScreen)
        await pilot.press("n")
        await pilot.pause()
        assert app.results == []
        assert app.editor.text == A
        await pilot.press("escape", "y")
        await pilot.pause()
        assert app.results == [0]


@pytest.mark.parametrize("columns", [40, 69, 70, 120])
async def test_all_ways_to_leave_can_be_read(columns: int) -> None:
    app = AddStage(A)
    async with app.run_test(size=(columns, 12)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        for words in ("n  Keep editing", "s  Save draft", "y  Discard"):
            assert f"{words} " in shown(app)


async def test_escape_asks_before_refused_links_are_dropped(tmp_path: Path) -> None:
    app = AddStage(f"{A}\nftp://nope/x", draft_file=tmp_path / "draft.json")
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press("escape")  # what the queued links have left is known by now
        await pilot.pause()
        assert app.results == [1]
    app = AddStage("ftp://nope/x", draft_file=tmp_path / "draft.json")
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert "1 link was refused." in shown(app)
        await pilot.press("s")
        await pilot.pause()
        assert app.results == [0]
        assert saved_text(tmp_path / "draft.json") == "ftp://nope/x"


async def test_the_hint_of_the_list_names_the_way_into_it() -> None:
    app = AddStage(f"{A}\n{A}")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "tab, then D keeps the duplicates" in shown(app)
        await pilot.press("tab")
        await pilot.pause()
        assert "tab, then" not in shown(app)
        assert "D keeps the duplicates" in shown(app)
        await pilot.press("tab")
        await pilot.pause()
        assert "in this list, D keeps the duplicates" in shown(app)


@pytest.mark.parametrize("text", ["no link here", f"{A}\n{A}"])
async def test_escape_drops_a_text_without_anything_to_queue_and_says_so(
    tmp_path: Path, text: str
) -> None:
    draft = tmp_path / "draft.json"
    DraftFile(draft).write(Draft(text))
    app = AddStage(tasks=[Task(id=1, url=A, created_at=NOW)], draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [0]
        assert "There was nothing to queue: the text is dropped." in app.notes()
    assert not draft.exists()


async def test_escape_keeps_links_that_the_user_has_skipped(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    app = AddStage(A, draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("tab", "space", "escape")
        await pilot.pause()
        assert app.results == [0]
    assert saved_text(draft) == A


@pytest.mark.parametrize("way", ["s", "click"])
@pytest.mark.parametrize("columns", [40, 80])
async def test_the_draft_can_be_kept_for_the_next_time(
    tmp_path: Path, way: str, columns: int
) -> None:
    draft = tmp_path / "draft.json"
    app = AddStage(A, draft_file=draft)
    async with app.run_test(size=(columns, 12)) as pilot:
        await pilot.press("escape", "g", "j", "j", "j", "enter")
        await pilot.pause()
        assert app.results == []
        await pilot.press("escape")
        await pilot.pause()
        buttons = app.screen.query(Button)
        assert all(app.screen.region.contains_region(it.region) for it in buttons)
        await (pilot.press("s") if way == "s" else pilot.click("#draft"))
        await pilot.pause()
        assert app.results == [0]
    assert saved_text(draft) == A


async def test_what_was_rejected_beside_queued_links_does_not_come_back(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    app = AddStage(f"{A}\nmagnet:?xt=urn:btih:abc", draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        await wait_for_review(pilot)
        assert app.editor.text == "magnet:?xt=urn:btih:abc"
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [1]
    assert not draft.exists()


async def test_a_wide_blank_that_is_typed_separates_links_and_replaces_what_is_selected() -> None:
    app = AddStage(A)
    blank = Key("ideographic_space", "\u3000")  # which a pilot cannot press
    async with app.run_test() as pilot:
        app.editor.post_message(blank)
        await pilot.pause()
        await pilot.press(*B)
        await pilot.pause()
        assert app.editor.text == f"{A}\u3000{B}"
        assert app.kept() == [A, B]
        app.editor.select_all()
        app.editor.post_message(blank)
        await pilot.pause()
        await pilot.press("x")
        assert app.editor.text == "\u3000x"


async def test_a_pause_puts_the_draft_on_disk_though_a_timer_of_textual_misses_its_only_tick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AddScreen, "set_timer", Mock())
    draft = tmp_path / "draft.json"
    async with AddStage(A, draft_file=draft).run_test() as pilot:
        for _ in range(1_000):
            if saved_text(draft) == A:
                break
            await pilot.pause(0.01)
        assert saved_text(draft) == A


async def test_a_crash_keeps_what_was_typed(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    app = AddStage(A, draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
    assert saved_text(draft) == A
    again = AddStage(B, draft_file=draft)
    async with again.run_test() as pilot:
        await pilot.pause()
        assert again.kept() == [A, B]
        assert "draft restored" in shown(again)


@pytest.mark.parametrize("keys", [["ctrl+s"], ["escape", "y"]])
async def test_the_draft_is_gone_after_queuing_and_after_leaving(
    tmp_path: Path, keys: list[str]
) -> None:
    draft = tmp_path / "draft.json"
    DraftFile(draft).write(Draft(A))
    app = AddStage(draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert len(app.results) == 1
    assert not draft.exists()


FIELDS = {
    "common-name": "{n}.zip",
    "common-folder": "影视/动画",
    "common-callback": "https://cb.example/",
    "add-batch": "周末",
}


async def fill_all(pilot: Pilot[None]) -> None:
    for field, value in FIELDS.items():
        await fill(pilot, field, value)


async def sees_fields(app: AddStage, pilot: Pilot[None], values: Mapping[str, str]) -> None:
    await pilot.pause()
    assert app.add.common_fields.values == values
    assert app.kept() == [A]
    assert "draft restored" in shown(app)


@pytest.mark.parametrize("keys", [[], ["escape", "s"]], ids=["crash", "kept"])
@pytest.mark.parametrize("text", ["", A], ids=["nothing pasted", "the same pasted"])
async def test_the_fields_are_kept_with_the_draft(
    tmp_path: Path, keys: list[str], text: str
) -> None:
    draft = tmp_path / "draft.json"
    app = AddStage(A, draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
        await fill_all(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        assert len(app.results) == bool(keys)
    again = AddStage(text, draft_file=draft, defaults=DownloadRequest("", folder_id=5))
    async with again.run_test() as pilot:
        await sees_fields(again, pilot, FIELDS)
        await pilot.press("ctrl+a", "delete")
    assert not draft.exists(), "fields alone are no draft"


async def test_what_is_typed_into_a_field_is_saved_while_the_screen_is_open(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    app = AddStage(A, draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
        await fill_all(pilot)
        async with asyncio.timeout(20):
            while DraftFile(draft).read() != Draft(A, FIELDS):
                await pilot.pause(0.01)


async def test_what_is_typed_just_before_the_end_is_saved(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    app = AddStage(A, draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.add.common_fields.query_one("#add-batch", FormField).input.value = "周末"
        app.exit()  # before the screen hears of the change
    assert DraftFile(draft).read().fields["add-batch"] == "周末"


async def test_a_text_that_was_not_reviewed_yet_is_saved_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = tmp_path / "draft.json"
    monkeypatch.setattr(AddScreen, "save_draft", Mock())  # the end comes before the review
    async with AddStage(B, draft_file=draft).run_test():
        pass
    assert saved_text(draft) == B


@pytest.mark.parametrize("keys", [[], ["escape"]], ids=["end of the program", "escape"])
async def test_a_screen_that_was_always_empty_leaves_what_another_one_saves(
    tmp_path: Path, keys: list[str]
) -> None:
    draft = tmp_path / "draft.json"
    async with AddStage(draft_file=draft).run_test() as pilot:
        await pilot.pause()
        DraftFile(draft).write(Draft(A))
        await pilot.press(*keys)
        await pilot.pause()
    assert saved_text(draft) == A


async def test_the_end_just_after_the_screen_opened_keeps_the_former_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = tmp_path / "draft.json"
    DraftFile(draft).write(Draft(A, FIELDS))
    monkeypatch.setattr(AddScreen, "save_draft", Mock())  # the end comes before the review
    async with AddStage(draft_file=draft).run_test():
        pass
    assert DraftFile(draft).read() == Draft(A, FIELDS)


async def test_a_field_that_was_emptied_stays_empty_whatever_the_settings_say(
    tmp_path: Path,
) -> None:
    draft = tmp_path / "draft.json"
    defaults = DownloadRequest("", folder_id=5, callback_url="https://cb.example/")
    app = AddStage(A, draft_file=draft, defaults=defaults)
    async with app.run_test() as pilot:
        await fill(pilot, "common-folder", "")
    again = AddStage(draft_file=draft, defaults=defaults)
    async with again.run_test() as pilot:
        kept = {"common-callback": "https://cb.example/", "common-folder": ""}
        await sees_fields(again, pilot, dict.fromkeys(FIELDS, "") | kept)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert again.queued == [DownloadRequest(A, callback_url="https://cb.example/")]


async def test_the_names_of_folders_that_come_later_are_shown_at_once(tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    DraftFile(draft).write(Draft(A, {"common-folder": "42"}))
    app = AddStage(draft_file=draft)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "→ #42" in shown(app)
        films = FolderCache().with_seen([Folder(42, "films", 0)])
        app.changes.publish(app.model.apply(PendingUpdates(folders=films)))
        await pilot.pause()
        assert shown(app).count("→ films") == 2  # in the row and below the field


# Sizes and keys


@pytest.mark.parametrize("size", [(40, 12), (50, 20), (80, 24), (140, 40), (200, 60)])
async def test_every_part_can_be_reached_by_tab_at_any_size(size: tuple[int, int]) -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(6):
            focused = app.focused
            assert focused is not None
            assert focused.region.overlaps(app.screen.region)
            seen.append(focused)
            await pilot.press("tab")
        assert seen[:2] == [app.editor, app.review_list]
        assert all(widget in seen for widget in app.add.query_one(CommonFields).query(Input))


async def test_the_keys_are_in_the_footer_and_have_ids_and_tooltips() -> None:
    app = AddStage(A)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("tab")
        await pilot.pause()
        footer = shown(app).splitlines()[-1]
        for word in ("queue", "back", "keep/skip", "edit", "duplicates"):
            assert word in footer
        for binding in (*AddScreen.BINDINGS, *ReviewList.BINDINGS):
            assert binding.id  # type: ignore[union-attr]


async def test_a_narrow_screen_still_shows_the_way_back() -> None:
    app = AddStage(A)
    async with app.run_test(size=(50, 15)) as pilot:
        await pilot.pause()
        assert "esc back" in shown(app).splitlines()[-1]


async def test_nothing_blinks_while_nobody_types() -> None:
    app = AddStage(A)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not app.editor.cursor_blink
        assert not any(field.cursor_blink for field in app.add.query(Input))


@pytest.mark.parametrize("other", ["hello", "http://a.b:99999/c"])
async def test_the_links_are_below_each_other(other: str) -> None:
    app = AddStage(f"{A}\n{other}")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        rows = shown(app).partition("Review")[2].splitlines()
        first, second = (next(row for row in rows if it in row) for it in (A, other))
        assert first.index(A) == second.index(other)
