"""A walk through every screen and dialog; each is read for words of the wrong language."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from textual import events
from textual.screen import Screen

from pan123_tui import i18n
from pan123_tui.domain.naming import guess_name
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.screens.key_scopes import scopes_of
from screenshots.stage import Setting, StillPilot, running
from tests.ui.stage import shown

CATALOGUE = Path(i18n.LOCALE_DIR) / "zh_CN" / "LC_MESSAGES" / "messages.po"
PASTE = "paste: "
PASTED = (
    "https://cdn.example.com/photos/winter.zip "
    "https://mirror.example.org/debian-cd/13.2.0/amd64/iso-dvd/debian-13.2.0-amd64-DVD-1.iso "
    "https://cdn.example.com/photos/winter.zip\nmagnet:?xt=urn:btih:c12fe1c06bba254a9dc9\n"
    "https://:8080/nowhere\nftp://example.com/x\nthunder://broken\n"
)
FILTERS = ("state:oops", "size:9", "percent:x", "percent:>", "age:>5", 'name:"x', "-", "is:x")
WALKS: dict[str, list[str]] = {
    "views": ["2", "3", "4", "5", "6", "1", "tab", "shift+tab"],
    "details": ["enter", *["j"] * 26, "escape"],
    "marks": ["space", "v", "ctrl+a", "asterisk", "escape"],
    "search": ["slash", *"zzz", "enter", "n", "escape"],
    **{f"filter {text}": ["f", *text, "enter", "escape", "escape"] for text in FILTERS},
    "sort": ["s", "down", "enter", "S", "S", "s", "escape"],
    "help": ["question_mark", *"zzz", "escape", "escape"],
    "palette": ["ctrl+p", "down", *"zzz", "escape"],
    "add": ["a", "ctrl+s", f"{PASTE}{PASTED}", "f1", "escape", "tab", "down", "D", "enter"],
    "row": ["a", f"{PASTE}{PASTED}", "tab", "enter", "f1", "escape", "escape", "escape", "n"],
    "folders": ["a", "ctrl+o", "down", "right", "n", "enter", "escape", "f1", "escape", "escape"],
    "leave": ["a", f"{PASTE}{PASTED}", "escape", "f1", "escape", "y"],
    "remove": ["ctrl+a", "d", "n", "escape"],
    "edit": ["3", "j", "e", "ctrl+s", "escape", "escape"],
    "clear": ["c", "n", "C", "n"],
    "undo": ["3", "d", "y", "u", "u", "1"],
    "copy": ["y", "y", "escape", "Y", "Y", "escape"],
    "copy as curl": ["ctrl+p", *"curl", "enter", "escape"],
    "watch": ["w", "w"],
    "poll": ["f5"],
    "failures": ["F", *["j"] * 4, "f1", "escape", "escape"],
    "settings": ["comma", *["tab"] * 20, "enter", "escape", "f1", "escape", "escape"],
    "retry": ["ctrl+a", "r", "n", "escape"],  # the last: afterwards nothing has failed any more
}
"""Where a person can get to, and the keys that lead there from the dashboard."""
FIRST_WALKS: dict[str, list[str]] = {
    "welcome": ["down", "4", "escape"],
    "no account": ["f5", "comma", "enter", "escape", "escape"],
    "client id": ["comma", "enter", "1", "enter", "ctrl+s", *"x y", "ctrl+s", "escape", "escape"],
    "token": ["comma", "enter", "2", "enter", "ctrl+s", "escape", "escape"],
}
"""The same for somebody who has no account yet."""
_NAMES = """pan123 tui taskid id curl csv tsv json url http https svg ssh utf utc toml config
ctrl esc enter shift tab space del home end f1 f5 pgup pgdn thunder flashget qqdl magnet xt urn btih
state name host folder percent age is message retries stalled full backwards named retried failed
stem ext login xclip xsel wl clipboard wayland tmux uid gib tib mib kib osc52 datasets x6 x12"""
"""Names of the service, of keys, formats, filter fields and other programs: the same everywhere."""
SHOWN_ANYWAY = "https://www.123pan.com/developer pan123-dark pan123-light ASCII"
_IDS = "|".join(re.escape(b.id or "") for scope in scopes_of(Pan123App) for b in scope)
_CODE = re.compile(rf"PAN123_\w+|\b({_IDS})\b")
"""Variables, and the ids of bindings: they are what `config.toml` calls them."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_CUT = re.compile(r"\w*(…|\.\.\.)\w*")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


async def walk(pilot: StillPilot, keys: list[str]) -> AsyncIterator[tuple[str, str]]:
    """Press `keys`, and after each give the way so far and what the screen says."""
    for n, key in enumerate(keys):
        if key.startswith(PASTE):
            target = pilot.app.screen.focused or pilot.app.screen
            target.post_message(events.Paste(key.removeprefix(PASTE)))
            await pilot.pause(0.4)
        else:
            await pilot.press(key)
        await pilot.pause()
        yield " ".join(keys[: n + 1]), shown(pilot.app)  # type: ignore[arg-type]


async def home(pilot: StillPilot) -> None:
    """Go back to the dashboard and to all tasks."""
    for _ in range(8):
        if len(pilot.app.screen_stack) == 2:
            await pilot.press("escape", "escape", "1")
            return
        await pilot.press("y" if type(pilot.app.screen).__name__ == "ConfirmScreen" else "escape")
        await pilot.pause()
    raise AssertionError(f"no way back from {pilot.app.screen}")


def data_of(app: Pan123App) -> str:
    """Everything on the screens that comes from outside: links, names, the service's words."""
    texts = [
        PASTED,
        SHOWN_ANYWAY,
        *FILTERS,
        "zzz",
        "curl",
        "来自:离线下载",
        "小鱼",
        "中文",
        "简体中文",
        "解析失败",
    ]
    for task in app.mirror.tasks.values():
        texts += [task.url, task.name, task.fail_reason]
        problems = [task.problem, *(step.problem for step in task.steps)]
        texts += [f"{problem.message} {problem.trace_id}" for problem in problems if problem]
        texts.append(guess_name(task.url))
    texts.append("影视纪录片公开课动画系统镜像老照片音乐资料")
    return "\n".join(texts)


@lru_cache
def our_words() -> frozenset[str]:
    """The words of our English texts, lower case, but for those that stay in the Chinese ones."""
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    english = " ".join(
        " ".join(message.id) if isinstance(message.id, (tuple, list)) else str(message.id)
        for message in messages
    )
    chinese = " ".join(
        message.string if isinstance(message.string, str) else " ".join(message.string or ())
        for message in messages
    )
    words = {word.lower() for word in _WORD.findall(english)}
    return frozenset(words - {word.lower() for word in _WORD.findall(chinese)})


def english_words(screen: str, data: str) -> Iterator[str]:
    """Give the English words on `screen` that are neither data nor names."""
    whole = {word.lower() for word in _WORD.findall(data)}
    known = whole | set(_NAMES.split())
    pieces = data.lower()
    for line in screen.splitlines():
        for word in map(str.lower, _WORD.findall(_CODE.sub(" ", _CUT.sub(" ", line)))):
            is_a_piece = word in pieces and (word not in our_words() or word in "curl")
            if word not in known and not is_a_piece:
                yield f"{word!r} in {line.strip()!r}"


def chinese_words(screen: str, data: str) -> Iterator[str]:
    """Give the Chinese on `screen` that is no data."""
    for line in screen.splitlines():
        yield from (f"{run!r} in {line!r}" for run in _CHINESE.findall(line) if run not in data)


async def read_everything(language: str) -> tuple[list[str], set[str]]:
    """Walk everywhere; give the words of the wrong language and the names of the screens seen."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    usual = Setting(language=language, columns=150, rows=60, has_folder_names=True)
    first_run = replace(usual, has_tasks=False, has_account=False)
    for setting, walks in ((usual, WALKS), (first_run, FIRST_WALKS)):
        async with running(setting) as pilot:
            seen |= await read_walks(pilot, walks, found)
    return list(found.values()), seen


async def read_walks(
    pilot: StillPilot, walks: dict[str, list[str]], found: dict[str, str]
) -> set[str]:
    """Put what is wrong on the way into `found`; give the names of the screens seen."""
    app, seen = pilot.app, set()
    assert isinstance(app, Pan123App)
    strangers = english_words if i18n.language() == "zh_CN" else chinese_words
    for name, keys in walks.items():
        async for way, screen in walk(pilot, keys):
            seen.add(type(app.screen).__name__)
            for stranger in strangers(screen, data_of(app)):
                found.setdefault(stranger, f"{name} ({way}): {stranger}")
        await home(pilot)
    await pilot.resize_terminal(20, 6)
    await pilot.pause()
    for stranger in strangers(shown(app), data_of(app)):  # type: ignore[arg-type]
        found.setdefault(stranger, stranger)
    return seen | {type(app.screen).__name__}


def screens_of_ours(parent: type[Screen[object]] = Screen) -> Iterator[str]:
    for child in parent.__subclasses__():
        if child.__module__.startswith("pan123_tui") and child.__name__.endswith("Screen"):
            yield child.__name__
        yield from screens_of_ours(child)


async def test_no_english_word_of_ours_is_on_any_chinese_screen() -> None:
    strangers, seen = await read_everything("zh")
    assert not strangers, "\n".join(strangers)
    assert not set(screens_of_ours()) - seen, "a walk to this screen is missing in WALKS"


async def test_no_chinese_word_of_ours_is_on_any_english_screen() -> None:
    strangers, _seen = await read_everything("en")
    assert not strangers, "\n".join(strangers)


@pytest.mark.parametrize(
    ("screen", "found"),
    [("排队 queued", 1), ("下载 movie.mkv", 0), ("按 esc 返回", 0), ("Show me", 2)],
)
def test_the_reader_tells_words_of_ours_from_names(screen: str, found: int) -> None:
    assert len(list(english_words(screen, "movie.mkv"))) == found
