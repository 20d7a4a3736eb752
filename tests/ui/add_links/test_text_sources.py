"""Text from elsewhere on the add screen: out of a file, out of the clipboard, cut and put back."""

import asyncio
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from pan123_tui.ui.add_links.text_sources import OpenFileScreen
from tests.ui.add_links.test_screen import A, AddStage, B, C, wait_for_review
from tests.ui.stage import shown


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def _open(app: AddStage, pilot: Pilot[None], *keys: str) -> None:
    """Press `keys` in the prompt for a path, and wait until the file is read or refused."""
    await pilot.press("ctrl+r")
    await _answered(app, pilot, *keys)


async def _answered(app: AddStage, pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    async with asyncio.timeout(20):
        while any(worker.is_running and worker.group == "open-file" for worker in app.workers):
            if isinstance(app.screen, OpenFileScreen) and app.screen.field.has_error:
                break
            await asyncio.sleep(0.01)
    await pilot.pause()


async def _reads(app: AddStage, pilot: Pilot[None], words: str) -> None:
    async with asyncio.timeout(20):
        while words not in shown(app):
            await asyncio.sleep(0.01)
            await pilot.pause()


async def test_a_file_is_opened_below_what_was_typed(tmp_path: Path) -> None:
    (tmp_path / "my links.txt").write_text(f"{B}\n{C}\n")
    app = AddStage(A)
    async with app.run_test() as pilot:
        await _open(app, pilot, "m", "tab", "enter")
        assert app.editor.text.splitlines() == [A, B, C]
        assert app.kept() == [A, B, C]
        assert app.editor.has_focus
        assert "my links.txt was read: see the review." in app.notes()


async def test_tens_of_thousands_of_lines_are_taken_whole(tmp_path: Path) -> None:
    links = [f"https://a.example/{n}.zip" for n in range(20_000)]
    (tmp_path / "l").write_text("\n".join(links))
    app = AddStage(A)
    async with app.run_test() as pilot:
        await _open(app, pilot, "l", "enter")
        await wait_for_review(pilot)
        assert set(app.kept()) == {A, *links}


@pytest.mark.parametrize("key", ["delete", "ctrl+x"])
async def test_select_all_takes_a_long_text_too_and_undo_brings_it_back(key: str) -> None:
    long = "\n".join(f"https://a.example/{n}.zip" for n in range(2_500))
    app = AddStage(long)
    async with app.run_test() as pilot:
        await wait_for_review(pilot)
        await pilot.press(key)
        await wait_for_review(pilot)
        assert len(app.kept()) == 2_500, "a key alone deletes nothing that cannot be seen"
        await pilot.press("ctrl+a")
        await pilot.pause()
        assert "The long text is selected too" in app.notes()[-1]
        await pilot.press("right", key)
        await wait_for_review(pilot)
        assert len(app.kept()) == 2_500
        await pilot.press("ctrl+a", key)
        await wait_for_review(pilot)
        assert app.kept() == []
        await pilot.press("ctrl+z")
        await wait_for_review(pilot)
        assert len(app.kept()) == 2_500


async def test_a_wrong_path_stays_with_the_reason_and_tab_helps(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(B)
    (tmp_path / "o[b].txt").write_text(C)
    (tmp_path / "only").mkdir()
    app = AddStage()
    async with app.run_test(size=(90, 30)) as pilot:
        await _open(app, pilot, "o", "enter")
        assert "There is no such file in" in shown(app)
        await pilot.press("tab")
        await _reads(app, pilot, "o[b].txt  one.txt  only/")
        await _answered(app, pilot, "n", "l", "tab", "enter")
        assert "This is a folder: tab shows what is in it." in shown(app)
        await pilot.press("z", "tab")
        await _reads(app, pilot, "Nothing begins with that.")
        await pilot.press("escape")
        assert app.screen is app.add


async def test_links_pasted_over_the_prompt_are_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setattr(AddStage, "on_paste", lambda _, event: left.append(event.text), False)
    app = AddStage()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r")
        app.post_message(Paste(f"{A}\n{B}"))
        await pilot.pause()
        assert app.screen.query_one(Input).value == ""
        assert left == [f"{A}\n{B}"]
        app.screen.query_one(Input).post_message(Paste(f"'{tmp_path}/x y'"))
        await pilot.pause()
        assert app.screen.query_one(Input).value == f"'{tmp_path}/x y'"


@pytest.mark.parametrize("focus", ["add-links", "add-review"])
async def test_the_whole_text_of_the_clipboard_is_taken(focus: str) -> None:
    app = AddStage(A, clipboard=f"see:\n{B}\nand {C}")
    async with app.run_test() as pilot:
        app.add.query_one(f"#{focus}").focus()
        await pilot.press("ctrl+v")
        await pilot.pause()
        assert app.editor.text.splitlines() == [A, "see:", B, f"and {C}"]
        assert app.kept() == [A, B, C]


async def test_what_was_cut_is_put_back_and_then_the_clipboard_is_taken() -> None:
    app = AddStage(A, clipboard=B)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+a", "ctrl+x")
        assert app.editor.text == ""
        await pilot.press("ctrl+v")
        await pilot.pause()
        assert app.editor.text == A
        await pilot.press("ctrl+v")
        await pilot.pause()
        assert app.kept() == [A, B]
        app.clipboard_text = ""  # it cannot be read, which the user was told
        await pilot.press("ctrl+v")
        await pilot.pause()
        assert app.editor.text.count(A) == 2


async def test_all_is_selected_with_the_key_that_the_bar_names() -> None:
    app = AddStage(f"{A}\n{B}")
    async with app.run_test(size=(120, 30)) as pilot:
        bar = shown(app).splitlines()[-1]
        assert "^a select all" in bar
        assert "^r open file" in bar
        await pilot.press("ctrl+a", "x")
        assert app.editor.text == "x"
