"""The input screen as a person uses it: type, paste, review, queue, leave."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input

from pan123_tui.domain.errors import Pan123Error, StoreUnwritable
from pan123_tui.domain.links.review import ReviewStatus
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.ui.add_links.common_fields import CommonFields
from pan123_tui.ui.add_links.link_editor import LinkEditor
from pan123_tui.ui.add_links.review_list import ReviewList
from pan123_tui.ui.add_links.row_dialog import RowScreen
from pan123_tui.ui.add_links.screen import AddScreen
from pan123_tui.ui.dialogs.confirm import ConfirmScreen
from pan123_tui.ui.engine_bridge import EngineBridge, PendingUpdates
from pan123_tui.ui.task_actions import TaskActions as TaskDesk
from pan123_tui.ui.task_model import TaskModel
from pan123_tui.ui.widgets.form_fields import LinkInput
from tests.ui.stage import Stage, shown
from tests.ui.textual_private import messages

NOW = 1_000_000.0
A, B, C = (f"https://a.example/{n}.zip" for n in "123")


class Desk(Stage):
    """Opens one `AddScreen`; keeps what was queued and what the screen gave."""

    def __init__(
        self,
        text: str = "",
        *,
        tasks: Sequence[Task] = (),
        defaults: DownloadRequest = DownloadRequest(""),  # noqa: B008 - a frozen value
        draft_file: Path | None = None,
        trouble: Pan123Error | None = None,
    ) -> None:
        super().__init__()
        self.queued: list[DownloadRequest] = []
        self.used: list[int] = []
        self.given: list[int | None] = []
        self.trouble = trouble
        self.gate: asyncio.Event | None = None
        model = TaskModel()
        model.apply(PendingUpdates(tasks={task.id: task for task in tasks}))
        desk = TaskDesk(self, cast("EngineBridge", self), model, keys={})
        self.add = AddScreen(
            desk,
            model,
            defaults=defaults,
            text=text,
            draft_file=draft_file,
            now=lambda: NOW,
        )

    def on_mount(self) -> None:
        self.push_screen(self.add, self.given.append)

    async def call(self, command: Callable[[Any], Any]) -> Any:
        tasks, folders = SimpleNamespace(add=self._queue), SimpleNamespace(use=self._use)
        return await command(SimpleNamespace(task_service=tasks, folders=folders))

    async def _use(self, folder_id: int) -> None:
        self.used.append(folder_id)

    async def _queue(self, drafts: Sequence[DownloadRequest]) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        self.queued.extend(drafts)

    @property
    def box(self) -> LinkEditor:
        return self.add.box

    @property
    def review_list(self) -> ReviewList:
        return self.add.review_list

    def verdicts(self) -> list[ReviewStatus]:
        return [row.status for row in self.review_list.rows]

    def kept(self) -> list[str]:
        return [row.text for row in self.review_list.rows if row.keep]

    def notes(self) -> list[str]:
        return messages(self)


async def paste(pilot: Pilot[None], text: str) -> None:
    """Paste as a terminal does: the focused widget gets it, and it may go on to the screen."""
    app = pilot.app
    (app.focused or app.screen).post_message(Paste(text))
    await pilot.pause()


async def fill(pilot: Pilot[None], field: str, text: str) -> None:
    pilot.app.screen.query_one(f"#{field} Input", Input).value = text
    await pilot.pause()


async def settle(pilot: Pilot[None]) -> None:
    """Wait for the reading threads and for what they post."""
    await pilot.app.workers.wait_for_complete(
        [worker for worker in pilot.app.workers if worker.group == "read-links"]
    )
    await pilot.pause()


# Queuing


async def test_a_link_that_a_blank_may_have_cut_is_told_in_the_review() -> None:
    desk = Desk("https://example.com/fast/中文 名.zip")
    async with desk.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "cut at a blank? write %20 for it" in shown(desk)


async def test_three_links_are_queued_at_once_and_their_number_is_given() -> None:
    desk = Desk()
    async with desk.run_test() as pilot:
        await paste(pilot, f"{A}\n{B}\n{C}")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == [DownloadRequest(A), DownloadRequest(B), DownloadRequest(C)]
        assert desk.given == [3]


async def test_typed_links_are_checked_with_every_key() -> None:
    desk = Desk()
    async with desk.run_test() as pilot:
        await pilot.press(*"http://")
        assert "no host" in shown(desk)
        await pilot.press("a")
        assert "1 link to queue" in shown(desk)


async def test_bad_lines_stay_in_the_box_with_their_reasons_and_the_good_ones_go() -> None:
    desk = Desk(f"{A}\nftp://a.b/c\nhello\n{B}")
    async with desk.run_test(size=(120, 30)) as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == [DownloadRequest(A), DownloadRequest(B)]
        assert desk.given == []
        assert desk.box.text == "ftp://a.b/c\nhello"
        assert "2 links queued" in desk.notes()
        assert "the service takes http/https only" in shown(desk)
        assert "no link in this line" in shown(desk)


async def test_what_was_queued_before_counts_when_the_rest_is_left() -> None:
    desk = Desk(f"{A}\nhello")
    async with desk.run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press("escape", "y")
        await pilot.pause()
        assert desk.given == [1]


async def test_an_error_leaves_everything_in_place_and_is_shown() -> None:
    desk = Desk(f"{A}\nhello", trouble=StoreUnwritable("no space left"))
    async with desk.run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.given == []
        assert desk.box.text == f"{A}\nhello"
        assert "no space left" in shown(desk)
        desk.trouble = None
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == [DownloadRequest(A)]


async def test_a_second_ctrl_s_while_the_first_is_under_way_queues_nothing_twice() -> None:
    desk = Desk(A)
    async with desk.run_test() as pilot:
        desk.gate = asyncio.Event()
        await pilot.press("ctrl+s", "ctrl+s", "escape")
        desk.gate.set()
        await pilot.pause()
        assert desk.queued == [DownloadRequest(A)]
        assert desk.given == [1]


async def test_keys_that_come_in_one_burst_count_in_their_order() -> None:
    desk = Desk(f"{A}\n")
    async with desk.run_test() as pilot:
        await pilot.pause()
        names = {":": "colon", "/": "slash"}
        for character in "http://b":
            desk.post_message(Key(names.get(character, character), character))
        desk.post_message(Key("ctrl+s", None))
        await settle(pilot)
        assert desk.queued == [DownloadRequest(A), DownloadRequest("http://b")]


async def test_a_toggle_right_before_ctrl_s_counts() -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test() as pilot:
        await pilot.press("tab")
        desk.post_message(Key("space", " "))
        desk.post_message(Key("ctrl+s", None))
        await settle(pilot)
        assert desk.queued == [DownloadRequest(B)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "There is no link to queue yet."), (f"{A}\n", "All links are duplicates")],
)
async def test_nothing_to_queue_is_said_with_its_reason(text: str, reason: str) -> None:
    desk = Desk(text, tasks=[Task(id=1, url=A, created_at=0)])
    async with desk.run_test() as pilot:
        await pilot.press("ctrl+s")
        assert desk.given == []
        assert any(note.startswith(reason) for note in desk.notes())


# The review


async def test_each_row_tells_its_verdict() -> None:
    tasks = [
        Task(id=12, url=A, created_at=0, state=TaskState.RUNNING),
        Task(id=13, url=B, created_at=0, state=TaskState.SUCCEEDED, finished_at=NOW - 3 * 86400),
    ]
    desk = Desk(f"{A}\n{B}\n{C}\n{C}\nmagnet:?xt=urn:btih:abc", tasks=tasks)
    async with desk.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = shown(desk)
        assert desk.kept() == [C]
    for words in (
        "same as task 12, running",
        "same as task 13, succeeded 3 d ago",
        "new",
        "same as link 3 above",
        "refused: the service takes http/https only",
    ):
        assert words in screen


async def test_space_skips_a_link_and_takes_it_in_again() -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test() as pilot:
        await pilot.press("tab", "space")
        assert desk.kept() == [B]
        await pilot.press("up", "space")
        assert desk.kept() == [A, B]


async def test_one_key_keeps_all_duplicates_and_skips_them_again() -> None:
    desk = Desk(f"{A}\n{A}\n{B}", tasks=[Task(id=1, url=B, created_at=0)])
    async with desk.run_test() as pilot:
        await pilot.press("tab", "D")
        assert desk.kept() == [A, A, B]
        await pilot.press("D")
        assert desk.kept() == [A]


async def test_a_choice_in_the_list_survives_further_typing() -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test() as pilot:
        await pilot.press("tab", "space", "shift+tab")
        await paste(pilot, C)
        assert desk.kept() == [B, C]


async def test_enter_changes_name_and_folder_of_one_link() -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test() as pilot:
        await pilot.press("tab", "j", "enter")
        await pilot.pause()
        assert isinstance(desk.screen, RowScreen)
        assert B in shown(desk)
        await fill(pilot, "row-name", "own.png")
        await fill(pilot, "row-folder", "77")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == [DownloadRequest(A), DownloadRequest(B, "own.png", 77)]


async def test_a_row_is_not_saved_with_a_name_that_the_service_forbids() -> None:
    desk = Desk(A)
    async with desk.run_test() as pilot:
        await pilot.press("tab", "enter")
        await pilot.pause()
        await fill(pilot, "row-name", "a/b.png")
        await pilot.press("ctrl+s")
        assert isinstance(desk.screen, RowScreen)
        assert "none of these may be in a name" in shown(desk)
        await pilot.press("escape")
        await pilot.pause()
        assert desk.review_list.rows[0].name == ""


async def test_a_click_on_the_mark_skips_and_a_double_click_edits() -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.click(ReviewList, offset=(2, 2))
        assert desk.kept() == [A]
        await pilot.click(ReviewList, offset=(20, 1), times=2)
        await pilot.pause()
        assert isinstance(desk.screen, RowScreen)


async def test_the_cursor_moves_by_keys_and_stays_in_view() -> None:
    desk = Desk("\n".join(f"https://a.example/{n}" for n in range(300)))
    async with desk.run_test() as pilot:
        await pilot.press("tab", "G")
        assert desk.review_list.cursor == 299
        assert "299" in shown(desk)
        await pilot.press("k", "pageup")
        assert desk.review_list.cursor < 298
        await pilot.press("g")
        assert desk.review_list.cursor == 0


async def test_text_from_outside_is_never_markup() -> None:
    desk = Desk(
        "[/foo] [bold]\nhttps://a.example/[Group]%1B[31mX.mkv", trouble=StoreUnwritable("[/x]")
    )
    async with desk.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+s", "tab", "enter")
        await pilot.pause()
        assert "[Group]" in shown(desk)


# What goes for all


async def test_a_name_for_one_link_and_a_template_for_many() -> None:
    desk = Desk(A)
    async with desk.run_test() as pilot:
        await pilot.pause()
        assert "File name" in shown(desk)
        await pilot.press("end")
        await paste(pilot, B)
        assert "Name template" in shown(desk)
        await fill(pilot, "common-name", "{stem}-{n}.png")
        await fill(pilot, "common-folder", "42")
        await fill(pilot, "common-callback", "https://me.example/cb")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == [
            DownloadRequest(A, "1-1.png", 42, "https://me.example/cb"),
            DownloadRequest(B, "2-2.png", 42, "https://me.example/cb"),
        ]


async def test_the_list_shows_the_names_that_a_template_makes() -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test(size=(100, 30)) as pilot:
        await fill(pilot, "common-name", "part {n}{ext}")
        assert "part 1.zip" in shown(desk)
        assert "part 2.zip" in shown(desk)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("common-folder", "0", "root folder"),
        ("common-folder", "12a", "positive whole number"),
        ("common-callback", "ftp://a.b", "http/https only"),
        ("common-callback", "nonsense", "begins with http"),
        ("common-name", "a|b.png", "none of these"),
        ("common-name", "x" * 256, "at most 255"),
        ("common-name", "same.png", "several links need"),
        ("common-name", "{what}-{n}", "a template knows"),
    ],
)
async def test_a_field_that_cannot_be_used_says_so_and_holds_everything_back(
    field: str, value: str, words: str
) -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test(size=(200, 30)) as pilot:
        await fill(pilot, field, value)
        assert words in shown(desk)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == []
        assert desk.focused is desk.add.query_one(f"#{field} Input")


async def test_a_name_without_an_image_extension_is_warned_about_and_allowed() -> None:
    desk = Desk(A)
    async with desk.run_test(size=(200, 30)) as pilot:
        await fill(pilot, "common-name", "film.mp4")
        assert "image extension" in shown(desk)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == [DownloadRequest(A, "film.mp4")]


async def test_the_defaults_are_in_the_fields() -> None:
    desk = Desk(A, defaults=DownloadRequest("", folder_id=5, callback_url="https://me.example/"))
    async with desk.run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert desk.queued == [DownloadRequest(A, "", 5, "https://me.example/")]


# Pasting


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
async def test_a_paste_into_the_box_is_added_once_whatever_ends_its_lines(ending: str) -> None:
    desk = Desk()
    async with desk.run_test() as pilot:
        await paste(pilot, ending.join([A, B, C]))
        assert desk.box.text == f"{A}\n{B}\n{C}"
        assert desk.kept() == [A, B, C]


async def test_two_pastes_in_a_row_stand_in_lines_of_their_own() -> None:
    desk = Desk()
    async with desk.run_test() as pilot:
        await paste(pilot, A)
        await paste(pilot, B)
        assert desk.box.text == f"{A}\n{B}"


async def test_a_paste_over_the_list_adds_to_the_box() -> None:
    desk = Desk(A)
    async with desk.run_test() as pilot:
        await pilot.press("tab")
        await paste(pilot, f"{B}\r{C}")
        assert desk.kept() == [A, B, C]


async def test_a_paste_into_the_callback_takes_its_link_and_several_go_to_the_box() -> None:
    desk = Desk(A)
    async with desk.run_test() as pilot:
        callback = desk.add.query_one(LinkInput)
        callback.focus()
        await pilot.pause()
        await paste(pilot, "\r\n  my receiver:\r\nhttps://me.example/cb\r\n")
        assert callback.value == "https://me.example/cb"
        await paste(pilot, f"{B}\r\n{C}")
        assert callback.value == "https://me.example/cb"
        assert desk.kept() == [A, B, C]


async def test_five_thousand_links_come_in_by_one_paste_in_their_order() -> None:
    urls = [f"https://a.example/{n}.zip" for n in range(5_000)]
    desk = Desk()
    async with desk.run_test() as pilot:
        await paste(pilot, "\r".join(urls))
        await settle(pilot)
        assert desk.kept() == urls
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert [draft.url for draft in desk.queued] == urls


async def test_while_megabytes_are_read_the_screen_goes_on_and_they_stay_out_of_the_box() -> None:
    text = "\r".join(f"https://a.example/files/{n:08}/archive.zip" for n in range(25_000))
    desk = Desk()
    async with desk.run_test() as pilot:
        (desk.focused or desk.screen).post_message(Paste(text))
        await pilot.press(*"http://b.example")
        assert desk.box.text == "http://b.example"
        await settle(pilot)
        assert len(desk.kept()) == 25_001
        assert desk.kept()[-1] == "http://b.example"


async def test_ctrl_s_during_a_long_paste_queues_what_is_read_in_the_end() -> None:
    desk = Desk()
    async with desk.run_test() as pilot:
        desk.box.add("\n".join(f"https://a.example/{n}" for n in range(3_000)))
        desk.add.action_submit()
        assert desk.queued == []
        await settle(pilot)
        await pilot.pause()
        assert len(desk.queued) == 3_000


# Leaving, and the draft


async def test_escape_leaves_an_empty_screen_at_once() -> None:
    desk = Desk()
    async with desk.run_test() as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert desk.given == [0]


async def test_escape_asks_when_something_is_typed() -> None:
    desk = Desk(A)
    async with desk.run_test() as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(desk.screen, ConfirmScreen)
        await pilot.press("n")
        await pilot.pause()
        assert desk.given == []
        assert desk.box.text == A
        await pilot.press("escape", "y")
        await pilot.pause()
        assert desk.given == [0]


async def test_a_crash_keeps_what_was_typed(tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    desk = Desk(A, draft_file=draft)
    async with desk.run_test() as pilot:
        await pilot.pause()
    assert draft.read_text().strip() == A
    again = Desk(B, draft_file=draft)
    async with again.run_test() as pilot:
        await pilot.pause()
        assert again.kept() == [A, B]
        assert "What you had typed before is back." in again.notes()


@pytest.mark.parametrize("keys", [["ctrl+s"], ["escape", "y"]])
async def test_the_draft_is_gone_after_queuing_and_after_leaving(
    tmp_path: Path, keys: list[str]
) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text(A)
    desk = Desk(draft_file=draft)
    async with desk.run_test() as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert len(desk.given) == 1
    assert not draft.exists()


# Room and keys


@pytest.mark.parametrize("size", [(40, 12), (50, 20), (80, 24), (140, 40), (200, 60)])
async def test_every_part_can_be_reached_by_tab_at_any_size(size: tuple[int, int]) -> None:
    desk = Desk(f"{A}\n{B}")
    async with desk.run_test(size=size) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(5):
            focused = desk.focused
            assert focused is not None
            assert focused.region.overlaps(desk.screen.region)
            seen.append(focused)
            await pilot.press("tab")
        assert seen[:2] == [desk.box, desk.review_list]
        assert all(widget in seen for widget in desk.add.query_one(CommonFields).query(Input))


async def test_the_keys_are_in_the_footer_and_have_ids_and_tooltips() -> None:
    desk = Desk(A)
    async with desk.run_test(size=(100, 30)) as pilot:
        await pilot.press("tab")
        await pilot.pause()
        footer = shown(desk).splitlines()[-1]
        for word in ("queue", "back", "keep/skip", "edit", "duplicates"):
            assert word in footer
        for binding in (*AddScreen.BINDINGS, *ReviewList.BINDINGS):
            assert binding.id  # type: ignore[union-attr]


async def test_nothing_blinks_while_nobody_types() -> None:
    desk = Desk(A)
    async with desk.run_test() as pilot:
        await pilot.pause()
        assert not desk.box.cursor_blink
        assert not any(field.cursor_blink for field in desk.add.query(Input))
