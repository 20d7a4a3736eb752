"""The add screen as a person uses it: type, paste, review, queue, leave."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast
from unittest.mock import AsyncMock

import pytest
from msgspec.structs import replace
from textual.events import Paste
from textual.widgets import Collapsible, Input

from pan123_tui.client.engine_client import Attachment, AttachmentState, EngineClient
from pan123_tui.client.protocol import Update
from pan123_tui.config.schema import Defaults
from pan123_tui.domain.batches import FolderRule, folder_name
from pan123_tui.domain.commands import RemoveTasks
from pan123_tui.domain.errors import EngineLost, Pan123Error, StoreUnwritable
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderSearch, FolderTree
from pan123_tui.domain.links.review import ReviewRow
from pan123_tui.domain.links.url import Doubt
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, TimelineEntry
from pan123_tui.i18n import key_name, set_language
from pan123_tui.ui.add_links.draft import Draft, DraftKeeper
from pan123_tui.ui.add_links.forms import AddressInput, EditLinksScreen
from pan123_tui.ui.add_links.review import ReviewList, failed_text
from pan123_tui.ui.add_links.screen import AddScreen
from pan123_tui.ui.dialogs.actions import offers_of
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.inputs import explanation
from tests.engine_stage import execute
from tests.ui.dashboard_stage import PaperEngine
from tests.ui.stage import Stage, resize, shown
from tests.ui.textual_private import Toast, messages

NO_DEFAULTS = Defaults()
NOWHERE = Path("/dev/null/draft.json")
A, B, C, D = (f"https://a.example/{n}.zip" for n in "1234")


class QueueingEngine(PaperEngine):
    """Records the links that are queued, once it may go on, unless there is an `error`."""

    def __init__(self, error: Pan123Error | None) -> None:
        super().__init__([])
        self.error = error
        self.gate: asyncio.Event | None = None
        self.queued: list[DownloadRequest] = []
        self.batches: list[str] = []
        self.repository.commit = self._record  # type: ignore[method-assign]

    async def _record(self, *tasks: Task) -> bool:
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.queued.extend(task.request for task in tasks)
        self.batches.extend(task.batch for task in tasks)
        return True


class AddStage(Stage):
    """Opens one `AddScreen`, and records whether it has closed."""

    def __init__(
        self,
        text: str = "",
        *,
        tasks: Sequence[Task] = (),
        defaults: Defaults = NO_DEFAULTS,
        draft_file: Path = NOWHERE,
        error: Pan123Error | None = None,
        clipboard: str = "",
        tests_from: str = "server",
    ) -> None:
        super().__init__()
        self.clipboard_text = clipboard
        self.engine = QueueingEngine(error)
        client = cast("EngineClient", SimpleNamespace(call=partial(execute, self.engine)))
        self.results: list[None] = []
        link = EngineLink(self, client)
        self.model, self.changes = link.model, link.changes
        self.model.apply(Update(news=tuple(tasks)))
        self.add = AddScreen(
            link,
            defaults=defaults,
            text=text,
            drafts=DraftKeeper(self, draft_file, lambda _count: None),
            read_clipboard=self.read_clipboard,
            tests_from=tests_from,
        )

    async def read_clipboard(self) -> str:
        return self.clipboard_text

    def arrive(self, *tasks: Task) -> None:
        """Apply tasks from elsewhere to the model, as the application does."""
        self.changes.publish(self.model.apply(Update(news=tuple(tasks))))

    def attach(self, state: AttachmentState) -> None:
        """Change how the engine is reached."""
        self.changes.publish(self.model.apply(Attachment(state)))

    def on_mount(self) -> None:
        self.push_screen(self.add, self.results.append)

    @property
    def queued(self) -> list[DownloadRequest]:
        return self.engine.queued

    @property
    def address(self) -> AddressInput:
        return self.add.address

    @property
    def review_list(self) -> ReviewList:
        return self.add.review_list

    @asynccontextmanager
    async def open(self, size: tuple[int, int] = (120, 30)) -> AsyncIterator[Self]:
        """Run until the screen is drawn."""
        async with self.run_test(size=size, notifications=True) as self.pilot:
            await self.pilot.pause()
            yield self

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def paste(self, text: str) -> None:
        """Paste as a terminal does: the focused widget gets the event, which may bubble up."""
        (self.focused or self.screen).post_message(Paste(text))
        await self.pilot.pause()

    async def fill(self, field: str, text: str) -> None:
        self.screen.query_one(f"#{field} Input", Input).value = text
        await self.pilot.pause()

    async def open_more(self) -> None:
        await self.pilot.pause()
        self.screen.query_one(Collapsible).collapsed = False
        await self.pilot.pause()

    @property
    def text(self) -> str:
        return shown(self)

    def kept(self) -> list[str]:
        return [row.text for row in self.add.review.rows if row.keep]

    def notes(self) -> list[str]:
        return messages(self)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return tmp_path / "draft.json"


def saved(draft: Path) -> list[str]:
    """Return the links and texts in the draft."""
    kept = Draft.read(draft)
    return [*(row.text for row in kept.rows), *kept.text.split()]


# Queuing


DOUBTFUL = "看 https://a.example/my file.zip 好"
LONGER = "https://a.example/my%20file.zip"
SHARED = "https://pan.baidu.com/s/1AbC"
BARE = "www.example.org/x.zip"


async def test_links_that_need_a_look_stay_as_the_draft_when_the_others_are_queued(
    draft: Path,
) -> None:
    async with AddStage(
        f"{A}\n{A}\n{DOUBTFUL}\n{SHARED}\nftp://a.b/c\nhello", draft_file=draft
    ).open() as app:
        await app.press("ctrl+s")
        assert app.queued == [DownloadRequest(A)]
        assert app.results == [None]
        left = "Left out: 1 refused, 1 duplicate. 2 wait for a look in the draft: a opens it."
        assert app.notes() == [f"1 link queued. {left}"]
    assert saved(draft) == [LONGER, SHARED]
    async with AddStage(draft_file=draft).open() as again:
        await again.paste(SHARED)
        assert again.notes() == ["These links are in the draft already."]
        assert [row.text for row in again.add.review.rows] == [LONGER, SHARED]
        assert again.kept() == []
        assert again.focused is again.review_list


async def test_space_keeps_or_skips_one_row_and_ctrl_a_all_with_its_verdict() -> None:
    other = SHARED.replace("/s/", "/s/2")
    async with AddStage(f"{SHARED}\n{A}\n{BARE}\n{other}\n{A}\n{A}").open() as app:
        await app.press("down", "ctrl+a", "up")
        assert app.kept() == [A], "what is kept anyway is not skipped by the way"
        assert app.notes() == ["These links are kept already: space skips one."]
        await app.press("ctrl+a")
        assert app.kept() == [SHARED, A, other]
        assert app.review_list.highlighted == 0, "the cursor stays"
        await app.press("end", "ctrl+a")
        assert app.kept() == [SHARED, A, other, A, A]
        await app.press("end", "ctrl+a", "home", "space", "down", "space")
        assert app.kept() == [A, f"https://{BARE}", other]
        await app.press("home", "space", "ctrl+s")
        assert [it.url for it in app.queued] == [SHARED, A, f"https://{BARE}", other]
        assert app.results == [None]


async def test_duplicates_and_skipped_links_that_are_left_out_are_counted() -> None:
    async with AddStage(f"{A}\n{B}\n{C}\n{A}").open() as app:
        await app.press("down", "space", "space", "ctrl+s")
        assert app.queued == [DownloadRequest(A)]
        assert app.notes() == ["1 link queued. Left out: 1 duplicate, 2 skipped."]


async def test_the_row_under_the_cursor_says_what_to_do_instead() -> None:
    async with AddStage(f"{A}\n{SHARED}\ncurl -H 'a: b' {B}").open() as app:
        words = "A page on Baidu Netdisk, not a file: only its own page"
        assert words not in app.text
        await app.press("down")
        assert words in app.text
        await app.press("down")
        assert "123pan gets only the link" in app.text
        await app.press("up", "space", "up")
        assert "√ kept" in app.text
        assert words in app.text, "what was overruled is still seen"
        assert "space keeps it" not in app.text
        assert "space leaves it out." in app.text
        await app.press("space")
        assert "? look: a share page" in app.text
        await app.paste(A)
        assert "- duplicate " in app.text
        assert "1 duplicate" in app.text
        await app.press("down", "space", "home")
        assert "The other row with this link is skipped: space keeps this one." in app.text
        await app.press("space")
        assert app.kept() == [A]
        assert "The other row" not in app.text


async def test_other_text_is_one_line_that_opens_and_is_gone_after_queuing() -> None:
    async with AddStage().open() as app:
        app.review_list.focus()
        await app.press("space")  # opens nothing yet
        await app.press("up")
        assert app.address.has_focus
        await app.press("down")
        assert app.review_list.has_focus
        await app.paste(f"[/b]小明 12:30\n{A}\n好的\n谢谢")
        assert "▸ 3 lines of other text" in app.text
        assert "小明" not in app.text
        await app.press("end", "enter")
        assert "[/b]小明 12:30" in app.text
        await app.press("space")
        assert "小明" not in app.text
        await app.press("ctrl+s")
        assert app.results == [None]


async def test_links_are_typed_over_the_list_and_taken_by_enter_and_ctrl_s() -> None:
    typed = [f"{it}.example/{it}" for it in ("d", "j", "kg", "G", "u")]
    async with AddStage(A).open() as app:
        for link in typed:
            assert app.focused is app.review_list
            await app.press(*link, "enter", "down")
        rows = [row.text for row in app.add.review.rows]
        assert rows == [A, *(f"https://{link}" for link in typed)], "no row was dropped"
        await app.press(*"http://d.e/1", "ctrl+s")
        assert [it.url for it in app.queued] == [A, "http://d.e/1"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "curl -k -H a:b http://192.168.1.5/c.zip"),
        ("zh", "https://drive.google.com/file/d/1/view"),
    ],
)
async def test_a_phone_shows_the_keys_of_the_list_and_the_whole_advice(
    language: str, text: str
) -> None:
    set_language(language)
    stage = AddStage(text)
    stage.get_key_display = lambda binding: key_name(binding.key)  # type: ignore[method-assign]
    async with stage.open((50, 15)) as app:
        for key in ("ctrl+s", "esc", "space", "enter"):
            assert f"{key} " in app.text.splitlines()[-1]
        advice = explanation(app.add.review.rows[0])
        assert "".join(advice.split()) in "".join(app.text.split())
        await app.press("up")
        assert "enter " in app.text.splitlines()[-1], "in the field, too"
        await app.paste("\n".join((A, B, C, D)))
        before = app.text.splitlines()[1:9]
        assert [line.split()[2] for line in before[::2]] == [f"{n}.zip" for n in "1234"]
        await app.press("down", "down")
        assert app.text.splitlines()[1:9] == before, "however long the explanation is"


@pytest.mark.parametrize(
    ("error", "language"),
    [(EngineLost(), "zh"), (StoreUnwritable("no space left on device"), "en")],
)
async def test_what_became_of_the_links_is_said_to_its_end_on_a_small_screen_and_they_stay(
    error: Pan123Error, language: str
) -> None:
    set_language(language)
    async with AddStage(f"{A}\nhello", error=error).open((50, 15)) as app:
        await app.press("ctrl+s")
        text = "".join(failed_text(error).split())
        assert text in "".join(app.text.split())
        assert "1.zip" in app.text
        assert (app.results, app.kept()) == ([], [A])
        app.engine.error = None
        await app.press("ctrl+s")
        assert app.queued == [DownloadRequest(A)]


@pytest.mark.parametrize("is_shown", [True, False])
async def test_after_a_lost_answer_only_missing_links_are_queued_again(is_shown: bool) -> None:
    async with AddStage(f"{A}\n{A}\n{B}", error=EngineLost()).open((200, 30)) as app:
        await app.press("down", "space", "ctrl+s")
        assert (
            "The links may have been queued all the same; those that appear in the list" in app.text
        )
        assert "Nothing was queued" not in app.text
        app.engine.error, arrived = None, Task(id=7, url=A, created_at=0)
        app.engine.tasks.put(arrived)
        if is_shown:
            app.arrive(arrived)
        await app.pilot.pause()
        assert app.kept() == ([B] if is_shown else [A, B]), "a duplicate is kept anew"
        await app.press("ctrl+s")
        assert app.queued == [DownloadRequest(B)]


async def test_escape_leaves_a_wait_for_the_engine_and_the_draft_stays(draft: Path) -> None:
    async with AddStage(A, draft_file=draft).open() as app:
        app.attach(AttachmentState.LOST)
        await app.pilot.pause()
        assert "lost the background process" in app.text
        app.attach(AttachmentState.ATTACHED)
        await app.pilot.pause()
        assert "lost the background process" not in app.text
        app.engine.gate = asyncio.Event()
        await app.press("ctrl+s")
        assert "esc leaves and keeps a draft" in app.text
        await app.press("escape")
        assert app.results == [None]
        assert saved(draft) == [A]
        app.engine.gate.set()
        await app.pilot.pause()
        assert app.queued == []


async def test_what_is_typed_while_the_answer_is_waited_for_stays() -> None:
    async with AddStage(f"{A}\n").open() as app:
        app.attach(AttachmentState.ATTACHED)
        app.engine.gate = asyncio.Event()
        await app.fill("common-name", "1.zip")
        await app.press("ctrl+s", "ctrl+s")  # the second one queues nothing twice
        await app.paste(f"{B}\nhello")
        await app.pilot.pause()
        assert "waiting for the engine…" in app.text
        app.arrive(Task(id=7, url=A, created_at=0))
        app.engine.gate.set()
        await app.pilot.pause()
        assert app.queued == [DownloadRequest(A, "1.zip")]
        assert app.kept() == [B]
        assert app.add.common_fields.common.name == "", "it was the former link's"
        assert app.notes() == ["1 link queued."]
        assert app.results == []
        app.engine.gate.clear()
        await app.press("ctrl+s")
        await app.fill("add-batch", "later")
        await app.paste(C)
        app.engine.gate.set()
        await app.pilot.pause()
        assert app.kept() == [C]
        assert app.add.common_fields.batch_label == "later", "it is for what comes"


@pytest.mark.parametrize("is_edited", [False, True])
async def test_a_row_that_is_queued_under_its_form_may_become_another(is_edited: bool) -> None:
    async with AddStage(A).open() as app:
        app.engine.gate = asyncio.Event()
        await app.press("ctrl+s", "enter")
        app.engine.gate.set()
        await app.pilot.pause()
        if is_edited:
            await app.fill("edit-link", B)
        await app.press("ctrl+s" if is_edited else "escape")
        await app.pilot.pause()
        assert app.queued == [DownloadRequest(A)]
        assert app.results == ([] if is_edited else [None])
        assert not is_edited or app.kept() == [B]


async def test_rows_that_are_changed_while_the_answer_is_waited_for_stay() -> None:
    async with AddStage(f"{A}\n{C}").open() as app:
        await app.press("end", "space", "home")  # the second link is skipped
        app.engine.gate = asyncio.Event()
        await app.press("ctrl+s", "enter")
        await app.fill("edit-link", B)
        await app.press("ctrl+s", "end", "space")
        app.engine.gate.set()
        await app.pilot.pause()
        assert app.queued == [DownloadRequest(A)]
        assert app.results == []
        assert app.kept() == [B, C]
        assert app.notes() == ["1 link queued."]


LEFT_OUT = "1 link is skipped: by now in the list, or sent before."


async def test_a_link_that_another_screen_has_queued_meanwhile_is_skipped() -> None:
    async with AddStage(f"{A}\n{B}").open() as app:
        app.arrive(Task(id=7, url=A, created_at=0))
        await app.pilot.pause()
        assert app.kept() == [B]
        assert "duplicate: queued" in app.text
        assert app.notes() == [LEFT_OUT]
        app.engine.tasks.put(Task(id=8, url=B, created_at=0))
        await app.press("ctrl+s")
        assert (app.queued, app.notes(), app.results) == (
            [],
            [f"{LEFT_OUT} Left out: 1 duplicate."],
            [None],
        )


NEEDS_A_LOOK = "These links need a look: space keeps one"


async def test_what_is_no_new_link_is_never_sent_and_the_reason_is_given() -> None:
    async with AddStage(tasks=[Task(id=1, url=A, created_at=0)]).open() as app:
        for text, reason in (
            ("", "There is no link to queue yet."),
            (A, "All links are duplicates or skipped"),
            (DOUBTFUL, NEEDS_A_LOOK),
            ("https://a.example/cut-\noff.zip", NEEDS_A_LOOK),
        ):
            app.add.action_empty()
            app.add.add_text(text)
            await app.press("ctrl+s")
            assert (app.queued, app.results) == ([], [])
            assert app.notes()[-1].startswith(reason)


# The review


async def test_a_doubtful_link_that_is_in_the_list_says_that_first_and_waits_for_a_look() -> None:
    done = Task(id=7, url=LONGER, created_at=0, state=TaskState.SUCCEEDED)
    other = DOUBTFUL.replace("my", "other")
    async with AddStage(f"{DOUBTFUL}\n{A}\n{other}", tasks=[done]).open() as app:
        assert "? look: duplicate" in app.text
        assert "This link is already in the list. It is unclear whether the link ends" in app.text
        assert app.kept() == [A]
        await app.press("space")
        assert "√ again" in app.text
        assert app.kept() == [LONGER, A]
        await app.press("home", "space")
        assert "- duplicate: done" in app.text
        await app.press("home", "space", "ctrl+s")
        assert [it.url for it in app.queued] == [LONGER, A]
    async with AddStage(f"{DOUBTFUL}\n{other}", tasks=[done]).open() as app:
        await app.press("end", "ctrl+a")
        assert app.kept() == [LONGER.replace("my", "other")], "not the one in the list"


async def test_a_link_that_was_sent_before_is_skipped_until_it_is_wanted_again() -> None:
    at = datetime(2020, 11, 12, 12).timestamp()
    stage = AddStage(f"{A}\n{B}")
    steps = (TimelineEntry(at, TaskState.SUCCEEDED),)
    stage.engine.tell(Task(id=9, url=A, created_at=0, state=TaskState.SUCCEEDED, timeline=steps))
    await execute(stage.engine, RemoveTasks((9,)))
    async with stage.open() as app:
        assert app.kept() == [B]
        assert "- sent 2020-11-12, done" in app.text
        assert "space sends it again" in app.text
        assert "1 link to queue, 1 sent before" in app.text
        await app.press("space")
        assert "√ again" in app.text
        await app.press("up")
        assert "This link was sent before: 2020-11-12, done." in app.text
        await app.press("ctrl+s")
        assert [it.url for it in app.queued] == [A, B]


async def test_an_engine_that_was_lost_is_asked_again_which_links_were_sent_before() -> None:
    stage = AddStage(A)
    task = Task(id=9, url=A, created_at=0, state=TaskState.SUCCEEDED)
    stage.engine.tell(replace(task, timeline=(TimelineEntry(1e9, TaskState.SUCCEEDED),)))
    await execute(stage.engine, RemoveTasks((9,)))
    lost = AsyncMock(side_effect=EngineLost())
    reached, stage.engine.repository.with_sent = stage.engine.repository.with_sent, lost
    async with stage.open() as app:
        assert app.kept() == [A]
        stage.engine.repository.with_sent = reached
        app.attach(AttachmentState.LOST)
        app.attach(AttachmentState.ATTACHED)
        await app.pilot.pause()
        assert app.kept() == []
        assert lost.call_count == 1


async def test_the_link_of_each_row_is_shown_at_any_width() -> None:
    async with AddStage("https://cdn.example.com/a.zip\nhttps://b.example/get?f=c.iso&sign=9").open(
        (50, 40)
    ) as app:
        for columns in (50, 140):
            await resize(app.pilot, columns, 40)
            rows = app.text.partition("Review")[2]
            assert ("https://cdn.example.com" in rows) is (columns == 140)
            assert "cdn.example.com/a.zip" in rows
            assert "b.example/get?f" in rows


async def test_a_row_shows_host_and_extension_and_no_password() -> None:
    long = "x" * 60
    text = f"https://ann:hunter2@cdn.example.org/{long}.tar.gz\nftp://ann:hunter2@h.example/a"
    async with AddStage(text).open((80, 30)) as app:
        assert "xx.tar.gz  https://ann:•••@cdn.ex" in app.text
        assert "ftp://ann:•••@h.example/a" in app.text
        assert "hunter2" not in app.text
        await app.press("enter")
        assert "hunter2" in app.text, "where it is edited"


async def test_the_latest_paste_is_on_top_and_what_was_there_before_is_below_a_line(
    draft: Path,
) -> None:
    rows = tuple(ReviewRow(url, number, doubt=Doubt.END) for number, url in enumerate((A, B), 1))
    Draft(rows=rows).write(draft)

    def listed() -> list[str]:
        words = app.text.replace("from an earlier paste", "|").split()
        return [it for it in words if it in (A, B, C, D, "|")]

    async with AddStage(draft_file=draft).open((160, 30)) as app:
        assert listed() == [A, B], "no line without others above it"
        await app.paste(C)
        await app.paste(D)
        assert listed() == [D, C, "|", A, B]
        for key, url in (("down", C), ("down", A), ("down", B), ("up", A), ("up", C), ("up", D)):
            await app.press(key)
            assert app.review_list.row is not None
            assert app.review_list.row.text == url, "the cursor passes over the line"
        await app.press("ctrl+s")
        assert [it.url for it in app.queued] == [C, D], "in the order of the pastes"
    assert saved(draft) == [A, B]


async def test_columns_stay_in_their_places_whatever_the_rows_say() -> None:
    stage, places = AddStage(f"{A}\n{SHARED}\n{A}\nhttps://a.example/get?f=c.iso"), set[int]()
    async with stage.open((100, 30)) as app:
        for key in ("down", "space", "up", "delete"):
            await app.press(key)
            places |= {it.index("https:") for it in app.text.splitlines() if "https:" in it}
        assert len(places) == 1
        await app.press(*["delete"] * 3)
        await app.paste(A)
        assert f"√ new{' ' * 11}1.zip" in app.text, "as wide as what is shown now"


async def test_the_folder_of_a_row_is_named_where_it_is_not_the_common_one(draft: Path) -> None:
    Draft(rows=(ReviewRow(A, 1, folder_id=77),)).write(draft)
    async with AddStage(draft_file=draft).open() as app:
        assert "→ ID 77" in app.text
        await app.fill("common-folder", "77")
        assert "→ ID 77" not in app.text


async def test_a_choice_in_the_list_survives_further_rows_and_a_dropped_one_comes_back() -> None:
    async with AddStage(f"{A}\n{B}").open() as app:
        await app.press("space")
        assert "- skipped" in app.text
        assert "1 link to queue, 1 skipped" in app.text
        await app.paste(C)
        assert app.kept() == [B, C]
        await app.press("end", "backspace")
        assert [row.text for row in app.add.review.rows] == [A, C]
        await app.press("delete")
        assert "2 dropped, ctrl+z" in app.text
        await app.press("ctrl+z", "ctrl+z", "ctrl+z")
        assert "dropped" not in app.text
        assert [row.text for row in app.add.review.rows] == [A, B, C]
        assert app.kept() == [B, C]
        await app.press("home", "delete")
        await app.paste(D)
        await app.press("ctrl+z")
        assert len({row.number for row in app.add.review.rows}) == 4, "each has its own"
        await app.press("home", "delete", "down", "delete", "ctrl+x", "ctrl+z")
        assert [row.text for row in app.add.review.rows] == [B, C], "the latest first"
        await app.press("ctrl+z")
        assert [row.text for row in app.add.review.rows] == [A, B, C]


async def test_enter_changes_any_row_even_a_refused_one_and_other_text() -> None:
    async with AddStage(f"{A}\n{DOUBTFUL}\nsee ftp://b.example/2.zip today\nhello").open(
        (120, 40)
    ) as app:
        await app.fill("common-folder", "78")
        await app.press("down", "enter")
        assert isinstance(app.screen, EditLinksScreen)
        assert DOUBTFUL in app.text
        assert app.screen.fields.folder.input.placeholder == "78"
        await app.fill("edit-link", C)
        await app.fill("common-name", "own.png")
        await app.fill("common-folder", "77")
        await app.fill("common-callback", "https://me.example/")
        await app.press("ctrl+s", "down")
        assert "Refused: 123pan's website takes these" in app.text
        await app.press("enter")
        await app.fill("edit-link", B)
        await app.press("enter", "down", "enter", "down", "enter")
        await app.fill("edit-link", f"{C}2")
        await app.press("enter", "ctrl+s")
        assert app.queued == [
            DownloadRequest(A, folder_id=78),
            DownloadRequest(C, "own.png", 77, "https://me.example/"),
            *(DownloadRequest(url, folder_id=78) for url in (B, f"{C}2")),
        ]


@pytest.mark.parametrize(
    ("text", "first", "longer"),
    [
        (f"{A}+sub", A, f"{A}+sub"),
        ("https://a.b/cut-\noff.zip", "https://a.b/cut-", "https://a.b/cut-off.zip"),
    ],
)
async def test_a_link_that_may_go_on_is_two_readings_and_the_right_arrow_takes_the_longer(
    text: str, first: str, longer: str
) -> None:
    async with AddStage(text).open((120, 40)) as app:
        (row,) = app.add.review.rows
        assert (row.text, row.longer, app.kept()) == (first, longer, [])
        assert f"It may go on with “{longer.removeprefix(first)}”" in " ".join(app.text.split())
        await app.press("space")
        assert app.kept() == [first]
        await app.press("home", "space", "enter", "right", "ctrl+s")
        assert app.kept() == [longer]


async def test_the_form_of_a_redirect_has_the_link_inside_until_the_redirect_is_kept() -> None:
    redirect = f"https://link.zhihu.com/?target={A.replace(':', '%3A')}"
    async with AddStage(f"{redirect}\n{redirect}2").open((120, 40)) as app:
        assert f"it redirects; use {A} instead" in " ".join(app.text.split())
        assert app.kept() == []
        await app.press("enter", "ctrl+s", "end", "space", "end", "enter", "ctrl+s")
        assert app.kept() == [A, f"{redirect}2"]


async def test_a_link_that_enters_the_list_while_its_row_is_edited_is_still_that_row() -> None:
    async with AddStage(f"{A}\n{B}").open((120, 40)) as app:
        await app.press("home", "enter")
        app.arrive(Task(id=7, url=A, created_at=0))
        await app.fill("edit-link", C)
        await app.press("ctrl+s")
        assert [row.text for row in app.add.review.rows] == [C, B]


async def test_of_two_equal_rows_the_one_under_the_cursor_is_edited() -> None:
    async with AddStage(f"{A}\n{A}").open((120, 40)) as app:
        for name in ("first.zip", "own.zip"):
            await app.press("end", "enter")
            await app.fill("common-name", name)
            await app.fill("common-folder", "77")
            await app.press("ctrl+s")
            assert [row.name for row in app.add.review.rows] == ["", name]
            assert "→ ID 77" in app.text
        cache = FolderTree({77: Folder(77, "[/b]影视", ROOT_ID)})
        app.changes.publish(app.model.apply(Update(folders=cache)))
        await app.pilot.pause()
        assert "→ [/b]影视" in app.text
        await app.press("enter")
        assert app.screen.query_one("#common-name Input", Input).value == "own.zip"
        await app.press("escape", "ctrl+s")
        assert app.queued == [DownloadRequest(A)], "the second one is a duplicate"


async def test_the_cursor_moves_by_keys_and_stays_in_view() -> None:
    async with AddStage("\n".join(f"https://a.example/{n}" for n in range(300))).open() as app:
        await app.press("end")
        assert app.review_list.highlighted == 299
        assert "299" in app.text
        top = app.review_list.scroll_offset
        await app.press("up", "up", "up", "delete")
        assert (app.review_list.scroll_offset, app.review_list.highlighted) == (top - (0, 1), 296)
        await app.press("up", "pageup")
        assert app.review_list.highlighted < 298
        await app.press("home")
        for row in (1, 0):
            await app.pilot.click(ReviewList, offset=(2, row + 1))
            assert (app.screen, app.review_list.highlighted) == (app.add, row)
        await app.press("up", "down", "up", "up")
        assert app.review_list.highlighted == 0, "not from one end to the other"
        await app.paste(f"{SHARED}\n{BARE}\nhello")
        assert app.review_list.row is not None
        assert app.review_list.row.text == SHARED
        assert BARE in app.text, "and what follows"


def links(count: int) -> str:
    return "\n".join(f"https://a.example/{n}" for n in range(1, count + 1))


async def test_the_focus_stays_in_view_when_the_terminal_is_resized() -> None:
    async with AddStage().open((100, 30)) as app:
        await app.paste(links(20))
        await app.press(*["down"] * 10)
        for columns, rows in ((50, 20), (100, 30), (60, 16)):
            await resize(app.pilot, columns, rows)
            assert "a.example/11" in app.text
        await app.press("tab")
        await resize(app.pilot, 100, 30)
        await resize(app.pilot, 50, 20)
        assert app.focused is app.add.common_fields.folder.input
        assert app.screen.region.contains_region(app.focused.region), app.text
        await resize(app.pilot, 40, 12)
        seen = []
        for _ in range(5):
            await app.press("tab")
            assert app.focused is not None
            assert app.focused.region.overlaps(app.screen.region)
            seen.append(app.focused)
        assert {app.address, app.review_list} <= set(seen)


# Common fields


async def test_a_name_for_one_link_and_a_template_for_many() -> None:
    async with AddStage(A).open() as app:
        await app.open_more()
        assert "File name" in app.text
        assert app.screen.query_one("#common-name").region.right == app.address.region.right
        await app.paste(B)
        assert "Name template" in app.text
        await app.press("space")
        assert "Name template" not in app.text, "one of both is kept"
        await app.press("home", "space")
        await app.fill("common-name", "{stem}-{n}.png")
        assert "2-2.png" in app.text
        await app.fill("common-folder", "42")
        await app.fill("common-callback", "https://me.example/cb")
        await app.press("ctrl+s")
        assert app.queued == [
            DownloadRequest(A, "1-1.png", 42, "https://me.example/cb"),
            DownloadRequest(B, "2-2.png", 42, "https://me.example/cb"),
        ]


@pytest.mark.parametrize("columns", [70, 80, 100])
async def test_the_review_fills_the_screen_and_no_placeholder_is_cut(columns: int) -> None:
    async with AddStage().open((columns, 24)) as app:
        await app.open_more()
        assert app.review_list.region.width == columns
        for text in ("Default (来自:离线下载)", "by default, the time"):
            assert text in app.text


@pytest.mark.parametrize("rule", ["none", "batch", "date"])
async def test_the_folder_that_a_batch_gets_is_named(rule: FolderRule) -> None:
    def below(label: str) -> str:
        name = folder_name(rule, label, time.time())
        return name and f"/{name}"

    async with AddStage(A, defaults=Defaults(batch_folders=rule)).open((50, 30)) as app:
        cache = FolderTree({77: Folder(77, "影视", ROOT_ID)})
        app.changes.publish(app.model.apply(Update(folders=cache)))
        for label in ("night", "a/b", ""):
            await app.fill("add-batch", label)
            assert (below(label) or "Default (来自:离线下载)") in app.text
        await app.press("enter")
        assert isinstance(app.screen, EditLinksScreen)
        assert (below("") or "Default (来自:离线下载)") in app.text
        await app.press("escape")
        await app.fill("common-folder", "77")
        assert f"→ 影视{below('')}\n" in app.text
        await app.fill("add-batch", "night")
        assert f"→ 影视{below('night')}\n" in app.text


WRONG = (
    ("common-folder", "影视/动画", "There is no folder"),
    ("common-callback", "nonsense", "begins with http"),
    ("common-name", "same.png", "several links need"),
)


async def test_an_invalid_field_shows_its_error_and_nothing_is_queued() -> None:
    async with AddStage(f"{A}\n{B}").open((200, 30)) as app:
        assert "Callback URL" not in app.text, "it is under “more”, which an error opens"
        for field, value, words in WRONG:
            await app.fill(field, value)
            await app.press("ctrl+s")
            assert words in app.text
            assert "Nothing was queued: see the note below the field." in app.text
            assert app.queued == []
            assert app.focused is app.add.query_one(f"#{field} Input")
            assert ("Callback URL" in app.text) is (field != "common-folder")
            await app.fill(field, "")
            assert "2 links to queue" in app.text


@pytest.mark.parametrize("size", [(50, 14), (80, 24)])
async def test_no_message_covers_a_field_with_an_error_or_its_note(size: tuple[int, int]) -> None:
    async with AddStage().open(size) as app:
        await app.press("ctrl+s")
        app.add.add_text(A)
        field = app.add.common_fields.folder
        await app.fill("common-folder", "0")
        await app.press("ctrl+s")
        (toast,) = app.screen.query(Toast)
        assert app.focused is field.input
        assert app.screen.region.contains_region(field.region), app.text
        for seen in (field, app.screen.query_one(KeyBar)):
            assert not toast.region.overlaps(seen.region), app.text
        assert toast.region.height == 1


# Pasting


async def test_a_paste_becomes_rows_wherever_it_comes_and_goes_on_with_what_was_typed() -> None:
    async with AddStage().open() as app:
        await app.press(*"https://")
        await app.paste(f"a.example/1.zip\r{B}")
        assert app.kept() == [A, B]
        assert app.address.value == ""
        assert app.focused is app.review_list
        await app.paste(f"{C}\r\n{C}?2")
        assert app.kept() == [A, B, C, f"{C}?2"]
        app.address.focus()
        await app.pilot.pause()
        await app.paste("word")
        assert app.address.value == "word"
        await app.press("ctrl+u")
        await app.open_more()
        callback = app.add.common_fields.callback.input
        callback.focus()
        await app.pilot.pause()
        await app.paste("回调 https://me.example/cb\r\n")
        await app.paste("/x")
        assert callback.value == "https://me.example/cb/x"
        await app.paste(f"{C}?3\r\n{C}?4")
        assert callback.value == "https://me.example/cb/x"
        assert app.kept() == [A, B, C, *(f"{C}?{n}" for n in "234")]


async def test_the_clipboard_is_taken_with_its_key() -> None:
    for text in (A, ""):  # the cursor is in the list, in the field
        async with AddStage(text, clipboard=f"{B}\nand {C}").open() as app:
            await app.press(*("" if text else A), "ctrl+v")
            assert app.kept() == [A, B, C]


# Leaving, and the draft


async def test_escape_keeps_the_draft_without_a_question(draft: Path) -> None:
    async with AddStage(f"{A}\n{B}", draft_file=draft).open() as app:
        await app.press("space", "escape")
        assert app.results == [None]
        assert app.notes() == ["Kept as a draft: a opens it."]
    async with AddStage(f"{A}\n{B}\n{C}", draft_file=draft).open() as again:
        assert [row.text for row in again.add.review.rows] == [A, B, C], "none is added again"
        assert again.kept() == [B, C], "what was skipped stays skipped"
        await again.paste(A)
        assert len(again.add.review.rows) == 3, "nor by another paste"
        await again.press("ctrl+x")
        await again.paste(A)
        assert again.kept() == [A], "the draft is forgotten"


async def test_one_key_empties_the_draft_and_another_brings_it_back(draft: Path) -> None:
    async with AddStage(A, draft_file=draft).open() as app:
        for _ in range(2):  # in the list, in the field
            await app.press("ctrl+x")
            assert "Draft emptied: ctrl+z brings it back." in app.text
            assert not app.add.review.rows
            assert app.address.value == ""
            await app.press("tab", "ctrl+z", "up")
            assert app.kept() == [A]
            app.address.focus()
            await app.press(*"ab", "shift+left", "ctrl+x")
            assert (app.address.value, app.kept()) == ("a", [A]), "only what is selected"
            assert "Draft emptied" not in app.text
        await app.press("ctrl+x", "escape")
        assert app.notes() == [], "on no other screen"
    assert saved(draft) == []


async def test_in_the_field_too_the_help_finds_the_key_that_empties_the_draft() -> None:
    async with AddStage(A).open() as app:
        app.address.focus()
        await app.pilot.pause()
        found = [it for it in offers_of(app, app.add) if it.contains(["discard", "draft", "clear"])]
        assert [(it.keys, it.id) for it in found] == [("^x", "add.empty")]


async def test_what_was_said_of_the_review_goes_with_it() -> None:
    async with AddStage(DOUBTFUL).open() as app:
        await app.press("ctrl+s")
        assert app.notes()[0].startswith(NEEDS_A_LOOK)
        await app.press("escape")
        assert app.notes() == ["Kept as a draft: a opens it."]


async def test_a_crash_keeps_what_was_pasted_and_typed(draft: Path) -> None:
    async with AddStage(A, draft_file=draft).open() as app:
        await app.press("up", *"http://b.c/d")
    assert saved(draft) == [A, "http://b.c/d"]
    async with AddStage(C, draft_file=draft).open() as again:
        assert again.kept() == [A, "http://b.c/d", C]
        assert again.focused is again.review_list
        await again.press(*"https://d.example/d", "enter")
        assert again.kept() == [A, "http://b.c/d", C, "https://d.example/d"], "none is dropped"


async def test_a_draft_keeps_the_batch_and_the_template_that_it_was_left_with(draft: Path) -> None:
    async with AddStage(f"{A}\n{SHARED}", draft_file=draft).open() as app:
        await app.fill("common-name", "{n}.zip")
        await app.fill("add-batch", "night")
        await app.press("ctrl+s")
    async with AddStage(draft_file=draft).open() as again:
        await again.paste(B)
        await again.press("end", "space", "ctrl+s")
        assert [it.name for it in again.queued] == ["2.zip", ""]
        assert again.engine.batches == ["night", ""]


async def test_a_template_is_for_the_links_of_its_paste(draft: Path) -> None:
    async with AddStage(f"{A}\n{SHARED}", draft_file=draft).open() as app:
        await app.press("ctrl+s")
    async with AddStage(B, draft_file=draft).open() as later:
        await later.fill("common-name", "later-{n}.zip")
        await later.press("end", "space", "ctrl+s")
        assert [it.name for it in later.queued] == ["", "later-2.zip"], "none for what was left"
    async with AddStage(f"{A}\n{SHARED}", draft_file=draft).open() as app:
        await app.fill("common-name", "old-{n}.zip")
        await app.press("escape")
    async with AddStage(draft_file=draft).open() as again:
        assert again.add.common_fields.values["common-name"] == "old-{n}.zip"
        assert "old-1.zip" in again.text
        assert not again.screen.query_one(Collapsible).collapsed, "what acts is seen"
        await again.paste(B)
        assert again.add.common_fields.values["common-name"] == ""
        await again.press("end", "space", "ctrl+s")
        assert [it.name for it in again.queued] == ["old-1.zip", "old-2.zip", ""]


async def test_a_second_ctrl_s_makes_the_folders_that_a_list_names_and_that_are_missing() -> None:
    asked: list[object] = []

    async def find(names: tuple[str, ...], *, makes_missing: bool) -> FolderSearch:
        asked.append((names, makes_missing))
        folder = Folder(len(asked), names[-1], ROOT_ID) if makes_missing or "b" in names else None
        return FolderSearch(folder, missing=() if folder else names)

    async with AddStage(f"{A}\n  dir=/a\n{B}\n  dir=b\n{C}\n  dir=a").open() as app:
        app.engine.folders = cast("Any", SimpleNamespace(find=find, use=asked.append))
        assert "→ a" in app.text
        await app.press("ctrl+s")
        assert "There is no folder “a”. ctrl+s again makes what is missing." in app.text
        assert app.queued == []
        await app.press("ctrl+s")
        assert [it.folder_id for it in app.queued] == [3, 2, 3]
        assert asked[:3] == [(("a",), False), (("b",), False), (("a",), True)]


async def test_what_is_left_is_not_for_the_folder_and_batch_of_what_was_queued(draft: Path) -> None:
    defaults = Defaults(folder_id=5)
    async with AddStage(f"{A}\n{SHARED}", draft_file=draft, defaults=defaults).open() as app:
        await app.fill("common-folder", "77")
        await app.fill("add-batch", "周末")
        await app.press("ctrl+s")
        assert app.results == [None]
    assert saved(draft) == [SHARED]
    async with AddStage(B, draft_file=draft, defaults=defaults).open() as again:
        values = again.add.common_fields.values
        assert (values["common-folder"], values["add-batch"]) == ("5", "")
        assert "→ ID 77" in again.text, "its own"
        await again.press("end", "space", "ctrl+s")
        assert [it.folder_id for it in again.queued] == [77, 5], "in the order of the pastes"


FIELDS = {
    "common-name": "{n}.zip",
    "common-folder": "影视/动画",
    "common-callback": "https://cb.example/",
    "add-batch": "周末",
}


@pytest.mark.parametrize(("keys", "text"), [([], A), (["escape"], "")], ids=["crash", "kept"])
async def test_the_fields_are_kept_with_the_draft(draft: Path, keys: list[str], text: str) -> None:
    async with AddStage(A, draft_file=draft).open() as app:
        for field, value in FIELDS.items():
            await app.fill(field, value)
        await app.press(*keys)
        assert len(app.results) == bool(keys)
        if not keys:
            app.add.common_fields.query_one("#add-batch Input", Input).value = "周末"
            app.exit()  # before the screen hears of the change
    async with AddStage(text, draft_file=draft, defaults=Defaults(folder_id=5)).open() as again:
        assert again.add.common_fields.values == FIELDS
        assert again.kept() == [A]
        initial = dict.fromkeys(FIELDS, "") | {"common-folder": "5"}
        again.review_list.focus()
        await again.press("ctrl+x")
        assert again.add.common_fields.values == initial
        await again.press("ctrl+z")
        assert (again.add.common_fields.values, again.kept()) == (FIELDS, [A])
        await again.fill("add-batch", "later")
        again.review_list.focus()
        await again.press("delete", "ctrl+z")
        assert again.add.common_fields.values == FIELDS | {"add-batch": "later"}
        await again.press("ctrl+x")
        await again.fill("common-name", "{n}.zip")
        again.address.focus()
        await again.press("ctrl+x")
        assert again.add.common_fields.values == initial, "without rows, too"
    assert saved(draft) == [], "fields alone are no draft"


@pytest.mark.parametrize("keys", [[], ["escape"]], ids=["end of the program", "escape"])
async def test_an_empty_screen_leaves_what_another_one_saves(draft: Path, keys: list[str]) -> None:
    async with AddStage(draft_file=draft).open() as app:
        Draft(A).write(draft)
        await app.press(*keys)
    assert saved(draft) == [A]


async def test_the_end_just_after_the_screen_opened_keeps_the_former_draft(draft: Path) -> None:
    Draft(A, FIELDS).write(draft)
    async with AddStage(draft_file=draft).run_test():
        pass
    assert saved(draft) == [A]
    assert Draft.read(draft).fields == FIELDS


async def test_a_field_that_was_emptied_stays_empty_whatever_the_settings_say(draft: Path) -> None:
    defaults = Defaults(folder_id=5, callback_url="https://cb.example/")
    async with AddStage(A, draft_file=draft, defaults=defaults).open() as app:
        await app.fill("common-folder", "")
    async with AddStage(draft_file=draft, defaults=defaults).open() as again:
        kept = {"common-callback": "https://cb.example/", "common-folder": ""}
        assert again.add.common_fields.values == dict.fromkeys(FIELDS, "") | kept
        assert again.kept() == [A]
        await again.press("ctrl+s")
        assert again.queued == [DownloadRequest(A, callback_url="https://cb.example/")]
    assert saved(draft) == []
