"""Keys: the key bar, and the search of all actions, in the current language."""

import pytest
from textual.events import Key, Paste
from textual.widgets import Input

from pan123_tui.config.settings import Settings
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.send_queue import in_send_order
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dashboard.actions import ACTIONS
from pan123_tui.ui.dialogs.actions import ActionsScreen, Offer, offers_of
from tests.ui.dashboard_stage import Story, story, task

S = TaskState


def offers(told: Story) -> list[Offer]:
    """Return what the search of actions has on the present screen."""
    return offers_of(told.app, told.app.screen)


def test_no_two_actions_have_a_key_in_common() -> None:
    keys = [key for it in ACTIONS.values() for key in it.key.split(",") if key]
    assert len(keys) == len(set(keys))


async def test_the_key_bar_offers_only_what_can_be_done_now() -> None:
    async with story([task(1, S.RUNNING), task(2, S.FAILED)]) as told:
        await told.press("ctrl+a")
        words = " ".join(told.footer.split())
        assert words == "r retry 1 e edit 1 d remove 2 y copy 2 esc unmark ? help q leave"
        await told.press("escape")
        assert "a add" in told.footer
        await told.press("j")
        assert "r retry" not in told.footer
        told.engine.end(1, S.FAILED)
        await told.sees(lambda: "r retry" in told.footer)
        await told.press("slash")
        assert "esc clear" in told.footer
        assert "enter keep" in told.footer
        assert "a add" not in told.footer


async def test_the_help_names_only_keys_that_people_have() -> None:
    async with story([task(1, S.FAILED)], size=(140, 60)) as told:
        told.dashboard.panel.detail.focus()
        for screen_key in ("", "a", "slash"):
            await told.press(*([screen_key] if screen_key else []))
            for offer in offers(told):
                assert offer.words
                assert not any(it in offer.keys for it in ("super", "_", "cmd"))
            await told.press("escape")
        keys = {offer.id: offer.keys for offer in offers(told)}
        assert keys["app.help"] == "? f1"
        assert keys["app.interrupt"] == "ctrl+c"
        assert keys["table.down"] == "j ↓"


@pytest.mark.parametrize("words", ["browser", "浏览器"])
async def test_the_settings_are_found_by_what_can_be_set_there(words: str) -> None:
    async with story() as told:
        await told.press("question_mark", *words)
        await told.reads("settings Settings: log in")


@pytest.mark.parametrize("rows", [18, 24])
async def test_the_details_are_read_to_their_end_by_keys_alone(rows: int) -> None:
    long = f"https://example.com/{'a' * 900}"
    async with story([task(1), task(2, url=long)], size=(60, rows)) as told:
        await told.press("enter")
        detail = told.dashboard.panel.detail
        assert detail.has_focus is (rows < 20)
        next_keys = "enter close" if rows < 20 else "enter scroll"
        await told.sees(lambda: next_keys in told.footer)
        await told.press(*["enter"] if rows >= 20 else [])
        assert detail.has_focus
        await told.sees(lambda: "enter close  d remove  ↑ ↓ scroll" in told.footer)
        assert "details" not in told.footer
        await told.press("G")
        await told.sees(lambda: detail.scroll_y == detail.max_scroll_y > 0)
        await told.reads("ID      2")
        await told.press("k")
        await told.sees(lambda: detail.scroll_y == detail.max_scroll_y - 1)
        await told.press("g")
        await told.sees(lambda: detail.scroll_y == 0)
        await told.press(*["enter"] if rows < 20 else ["escape"])
        assert told.dashboard.table.has_focus
        assert not told.dashboard.panel.is_detail_open
        await told.sees(lambda: "enter details" in told.footer)
        await told.press("j")
        assert told.dashboard.table.cursor_id == 1


async def test_all_that_names_keys_names_those_that_were_chosen_and_their_faults_are_said() -> None:
    chosen = {
        "tasks.undo": "z",
        "tasks.retry": "percent_sign",
        "tasks.remove": "backspace",
        "links.add": "J",
        "view.show_all": "0",
        "tasks.fly": "f",
        "review.toggle": "f7",
        "add.undo": "f8",
    }
    settings = Settings(warnings=("No such thing.",), keys=chosen)
    async with story([task(1, S.UNCONFIRMED)], settings=settings, size=(140, 40)) as told:
        await told.sees(lambda: told.toasts)
        (toast,) = told.toasts  # of several only the newest would be seen
        assert toast.splitlines() == [
            "No such thing.",
            "[keys] tasks.fly: there is no such action.",
        ]
        assert "% resolve" in told.footer
        await told.press("enter")
        await told.reads("%: it arrived")
        await told.reads("backspace:")
        await told.press("4")
        assert "1 task is in another tab: 0 shows all." in told.text
        await told.press("0", "backspace")
        await told.reads("1 task removed. z undoes this.")
        await told.reads("Press J, or simply paste links here.")
        await told.press("J")
        told.app.post_message(Paste("https://a.example/1.zip\n" * 2))
        await told.press("end")
        await told.reads("f7 keeps it.")
        await told.press("delete")
        await told.reads("1 dropped, f8")


async def test_other_words_find_an_action_in_any_language() -> None:
    async with story([task(1, S.RUNNING)]) as told:
        await told.press("question_mark")
        for words, first in {
            "quit": "leave",
            "delete": "remove",
            "stop": "remove",
            "cancel": "remove",
            "退出": "leave",
            "取消": "remove",
            "暂停": "pause or resume",
            "demo": "words on the screen",
            "draft": "words on the screen",
            "状态栏": "words on the screen",
            "find": "search",
        }.items():
            told.app.screen.query_one(Input).value = words
            await told.pilot.pause()
            screen = told.app.screen
            assert isinstance(screen, ActionsScreen)
            assert next(iter(screen._shown.values())).words == first
        assert "查找" not in told.text, "these words are hidden"
        await told.press("enter")
        await told.reads("words, or state:failed")


async def test_what_is_not_possible_now_has_its_reason_in_the_help_and_says_it() -> None:
    async with story([task(1, S.RUNNING)], size=(50, 15)) as told:
        await told.press("ctrl+p", *"queue.front")
        await told.reads("Move queued links to the front: they are ")
        await told.reads("Only queued links can be sent next.")
        await told.press("enter")
        await told.sees(lambda: told.toasts == ["Only queued links can be sent next."])


async def test_the_signs_of_a_chinese_input_method_are_the_keys_that_were_meant() -> None:
    search = "words, or state:failed"
    async with story([task(1, S.FAILED)]) as told:
        for key, word in {
            "？": "Help: actions and keys",
            "、": search,
            "／": search,
            "ｓ": "Sort by",
        }.items():
            told.app.post_message(Key(f"as {key}", key))
            await told.reads(word)
            await told.press("escape")
            assert word not in told.text


ONLINE = Status(Connection.ONLINE)
QUEUED = [task(number, S.QUEUED) for number in (1, 2, 3)]


def numbers(told: Story) -> list[int]:
    return [int(name[5:7]) for name in told.names]


def queue(told: Story) -> list[int]:
    return [it.id for it in in_send_order(told.engine.tasks.values())]


def oldest_first(told: Story) -> None:
    told.dashboard.panel.update_query(reverse=True)


async def test_p_pauses_and_resumes_and_links_at_the_front_are_said_once_to_be_there() -> None:
    async with story(QUEUED, status=ONLINE, size=(140, 30)) as told:
        await told.press("P")
        await told.reads("sending paused · P resumes")
        await told.press("P")
        await told.sees(lambda: "paused" not in told.text)
        assert not told.engine.status.is_paused
        oldest_first(told)
        await told.press("g", *["less_than_sign"] * 3)
        await told.sees(lambda: told.toasts == ["Already at the front."])
        told.app.clear_notifications()
        await told.press("space", "space", "less_than_sign")
        await told.sees(lambda: told.toasts == ["Already at the front."])


async def test_the_order_of_sending_can_be_changed() -> None:
    async with story([*QUEUED, task(4)], status=ONLINE, size=(140, 30)) as told:
        assert numbers(told) == [4, 3, 2, 1]
        oldest_first(told)
        await told.sees(lambda: numbers(told) == [1, 2, 3, 4])
        await told.reads("next")
        await told.press("G", "k", "less_than_sign")
        await told.sees(lambda: queue(told) == [3, 1, 2])
        assert told.toasts == ["1 link moved to the front."]
        await told.press("g", "j", "less_than_sign")
        await told.sees(lambda: queue(told) == [2, 3, 1])
