"""Keys: key bar, help and palette agree, in the current language."""

import pytest
from textual.widgets import OptionList

from pan123_tui import i18n
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dialogs.help import key_sections, screen_commands
from pan123_tui.ui.theme import UiOptions
from tests.ui.dashboard_stage import story, task

S = TaskState


@pytest.fixture
def shouting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Translate each text to upper case."""

    class Loud:
        def gettext(self, message: str) -> str:
            return message if "{" in message else message.upper()

        def ngettext(self, one: str, many: str, count: int) -> str:
            return (one if count == 1 else many).replace("marked", "MARKED")

    monkeypatch.setattr(i18n, "_catalogue", Loud())


async def test_the_key_bar_offers_only_what_can_be_done_now() -> None:
    async with story([task(1, S.RUNNING), task(2, S.FAILED)]) as told:
        assert "r retry" in told.footer
        await told.press("j")
        assert "r retry" not in told.footer
        assert "undo" not in told.footer


async def test_on_fifty_columns_the_most_useful_keys_and_the_help_are_left() -> None:
    async with story([task(2, S.FAILED)], size=(50, 20)) as told:
        assert told.footer.startswith(" a add links  r retry  e edit")
        assert told.footer.endswith("? help")
        assert len(told.footer) <= 50


async def test_while_a_search_is_typed_the_key_bar_names_the_keys_of_the_search() -> None:
    async with story([task(1)]) as told:
        await told.press("slash")
        assert "esc cancel" in told.footer
        assert "enter keep" in told.footer
        assert "add links" not in told.footer


async def test_a_click_on_the_key_bar_presses_the_key() -> None:
    async with story([task(1)], size=(120, 30)) as told:
        column = told.footer.index("s sort")
        await told.pilot.click(offset=(column, 29))
        await told.reads("Sort by")


async def test_the_help_names_keys_that_cannot_be_used_now() -> None:
    async with story([task(1, S.RUNNING)], size=(140, 40)) as told:
        await told.press("question_mark")
        for words in ("Undo", "Retry all failed", "Clear succeeded", "Search all actions"):
            assert words in told.text
        assert "ctrl+a" in told.text
        assert "Page Left" not in told.text


async def test_the_help_names_only_keys_that_people_have_and_says_their_ids() -> None:
    async with story([task(1, S.FAILED)], size=(140, 60)) as told:
        told.dashboard.panel.detail.focus()
        for screen_key in ("", "F", "a", "slash"):
            await told.press(*([screen_key] if screen_key else []))
            entries = [e for _, es in key_sections(told.app, told.app.screen) for e in es]
            assert all(entry.id and entry.text for entry in entries)
            assert not any(word in e.keys for e in entries for word in ("super", "_", "cmd"))
            await told.press("escape")
        await told.press("question_mark")
        for words in ("? f1", "q ctrl+c", "j ↓", "tasks.retry_failed", "app.help"):
            assert words in told.text


@pytest.mark.parametrize("rows", [18, 24])
async def test_the_details_are_read_to_their_end_by_keys_alone(rows: int) -> None:
    long = f"https://example.com/{'a' * 900}"
    async with story([task(1), task(2, url=long)], size=(60, rows)) as told:
        await told.press("enter")
        detail = told.dashboard.panel.detail
        assert detail.has_focus is (rows < 20)
        await told.press(*["enter"] if rows >= 20 else [], "G")
        assert detail.has_focus
        await told.sees(lambda: detail.scroll_y == detail.max_scroll_y > 0)
        await told.reads("ID      2")
        await told.press("k")
        await told.sees(lambda: detail.scroll_y == detail.max_scroll_y - 1)
        await told.press("g", "ctrl+d", "ctrl+d", "ctrl+u")
        await told.sees(lambda: detail.scroll_y == detail.size.height // 2)
        await told.press("escape", *["escape"] if rows >= 20 else [])
        assert told.dashboard.table.has_focus
        assert not told.dashboard.panel.is_detail_open
        await told.press("j")
        assert told.dashboard.table.cursor_task_id == 1


@pytest.mark.parametrize("key", ["h", "left"])
async def test_h_and_the_left_arrow_close_the_details_wherever_the_focus_is(key: str) -> None:
    async with story([task(1), task(2)], size=(120, 30)) as told:
        panel = told.dashboard.panel
        for opened in (["l"], ["l", "enter"]):
            await told.press(*opened)
            assert panel.has_class("-detail")
            await told.press(key)
            assert not panel.has_class("-detail")
            assert told.dashboard.table.has_focus
        await told.press(key, "slash", "h")
        assert told.dashboard.panel.list_state.query.search == "h"


async def test_the_keys_of_the_details_can_be_chosen_and_stand_in_the_help() -> None:
    look = UiOptions(keymap={"detail.end": "x", "detail.down": "r"})
    long = f"https://example.com/{'a' * 900}"
    async with story([task(1, url=long)], options=look, size=(140, 24)) as told:
        await told.sees(lambda: told.toasts)
        assert "[keys] detail.down: r is the key of tasks.retry too." in told.toasts
        await told.press("enter", "enter", "x")
        detail = told.dashboard.panel.detail
        await told.sees(lambda: detail.scroll_y == detail.max_scroll_y > 0)
        await told.press("question_mark", *"detail.")
        for words in ("Details", "detail.down", "detail.up", "detail.top", "detail.end"):
            await told.reads(words)


async def test_the_help_explains_the_words_and_finds_them() -> None:
    async with story([task(1)], size=(80, 24)) as told:
        await told.press("question_mark", *"within")
        await told.reads("of no task on its way")
        assert "add links" not in told.text


async def test_where_letters_are_typed_the_key_bar_names_a_key_that_works() -> None:
    async with story([task(1)]) as told:
        await told.press("a")
        assert "f1 help" in told.footer
        assert "? help" not in told.footer


async def test_messages_details_and_the_empty_list_name_the_keys_that_were_chosen() -> None:
    chosen = {
        "tasks.undo": "z",
        "tasks.retry": "x",
        "tasks.remove": "backspace",
        "links.add": "J",
        "view.show_all": "0",
    }
    look = UiOptions(keymap=chosen)
    async with story([task(1, S.UNCONFIRMED)], options=look, size=(140, 40)) as told:
        await told.press("enter")
        await told.reads("x: send")
        await told.reads("backspace:")
        await told.press("4")
        assert "1 task is in other views: 0 shows all." in told.text
        await told.press("0", "backspace")
        await told.reads("z undoes this.")
        await told.press("y")
        await told.reads("1 task removed. z brings it back until you leave.")
        await told.reads("Press J, or simply paste links here.")


async def test_a_key_that_was_chosen_stands_in_the_place_of_a_sign() -> None:
    look = UiOptions(keymap={"view.search": "x", "app.help": "z"})
    async with story([task(1)], options=look) as told:
        assert "x search" in told.footer
        assert told.footer.endswith("z help")


async def test_the_help_of_the_input_screen_has_its_keys() -> None:
    async with story([task(1)]) as told:
        await told.press("a")
        sections = dict(key_sections(told.app, told.app.screen))
        assert "Input screen" in sections
        assert any("ctrl+s" in entry.keys for entry in sections["Input screen"])
        told.app.screen.query_one("#add-review").focus()
        await told.pilot.pause()
        assert "Review" in dict(key_sections(told.app, told.app.screen))


async def test_the_palette_has_every_action_with_its_key() -> None:
    async with story([task(1, S.FAILED)]) as told:
        titles = {command.title for command in screen_commands(told.app, told.app.screen)}
        assert {"retry  (r)", "edit  (e)", "sort  (s)", "mark all shown  (ctrl+a)"} <= titles


async def test_the_palette_finds_words_of_explanations_and_names_no_action_twice() -> None:
    async with story([task(1, S.FAILED)]) as told:
        commands = screen_commands(told.app, told.app.screen)
        titles = [command.title.partition("  ")[0] for command in commands]
        assert len(titles) == len(set(titles))
        await told.press("ctrl+p", *"queue it again")
        await told.reads("edit  (e)")
        await told.press("ctrl+u", *"zzz")
        await told.reads("No match.")


async def test_the_palette_has_what_is_not_possible_now_and_says_why() -> None:
    async with story([task(1, S.RUNNING)]) as told:
        await told.press("ctrl+p", *"hold or")
        await told.reads("hold or release  (H)")
        assert "Only links that are queued can be moved or held." in told.text
        await told.press("enter")
        await told.sees(lambda: told.toasts)
        assert told.toasts == ["Only links that are queued can be moved or held."]


async def test_help_and_palette_keep_the_order_of_their_groups_whatever_the_keys() -> None:
    look = UiOptions(keymap={"tasks.retry": "x"})
    async with story([task(1, S.FAILED)], options=look) as told:
        tasks = dict(key_sections(told.app, told.app.screen))["Tasks"]
        assert [entry.id for entry in tasks[:2]] == ["tasks.retry", "tasks.retry_failed"]
        await told.press("ctrl+p")
        await told.sees(lambda: told.app.screen.query_one(OptionList).option_count)
        options = told.app.screen.query_one(OptionList).options
        prompts = [str(option.prompt).partition("  ")[0] for option in options]
        assert prompts[:2] == ["add links", "paste"]
        assert prompts.index("retry") < prompts.index("hold or release") < prompts.index("search")


@pytest.mark.usefixtures("shouting")
async def test_key_bar_help_and_palette_are_translated() -> None:
    async with story([task(1, S.FAILED)], size=(140, 40)) as told:
        assert "r RETRY" in told.footer
        assert "a ADD LINKS" in told.footer
        titles = [command.title for command in screen_commands(told.app, told.app.screen)]
        assert "RETRY  (r)" in titles
        await told.press("f1")
        assert "RETRY ALL FAILED" in told.text


async def test_a_key_of_ones_own_works_and_is_shown() -> None:
    look = UiOptions(keymap={"tasks.retry": "x"})
    async with story([task(1, S.FAILED)], options=look) as told:
        assert "x retry" in told.footer
        await told.press("x")
        await told.sees(lambda: told.engine.tasks[1].state is S.QUEUED)
        assert told.toasts == ["1 link queued again."]


async def test_keys_of_ones_own_that_cannot_work_are_reported() -> None:
    faults = ("[keys] tasks.remove: write its keys in quotes.",)
    look = UiOptions(keymap={"tasks.retry": "d", "tasks.fly": "x"}, keymap_faults=faults)
    async with story([task(1)], options=look) as told:
        await told.sees(lambda: len(told.toasts) == 3)
        assert faults[0] in told.toasts
        assert "[keys] tasks.fly: there is no such action." in told.toasts
        assert "[keys] tasks.retry: d is the key of tasks.remove too." in told.toasts
        told.app.clear_notifications()
        await told.press("question_mark")
        await told.reads("Errors in config.toml")
        assert "[keys] tasks.fly: there is no such action." in told.text
