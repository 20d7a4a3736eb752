"""A walk through every screen and dialog in Chinese: no text of ours is left in English."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from textual import events

from pan123_tui import i18n, ui
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.dashboard.actions import ACTIONS
from pan123_tui.ui.dashboard.screen import known_bindings
from screenshots.stage import Setting, StillPilot, run_program
from tests.ui.stage import shown

PASTE = "paste: "
PASTED = (
    "https://cdn.example.com/photos/winter.zip "
    "https://mirror.example.org/debian-cd/13.2.0/amd64/iso-dvd/debian-13.2.0-amd64-DVD-1.iso "
    "https://cdn.example.com/photos/winter.zip\nmagnet:?xt=urn:btih:c12fe1c06bba254a9dc9\n"
    "https://:8080/nowhere\nftp://example.com/x\nthunder://broken\n"
)
FILTERS = ("state:oops", "percent:x", 'name:"x')
LOOKS = """https://pan.baidu.com/s/1AbC
www.example.org/x.zip
https://example.org/cut-
off.zip
看 https://example.org/my file.zip 好
https://example.org/get/1 提取码 1234"""
WALKS: dict[str, list[str]] = {
    "views": ["2", "3", "4", "1"],
    "details": ["enter", "j j j", "end", "escape"],
    "marks": ["space", "v", "ctrl+a", "asterisk", "escape"],
    "search": ["slash", "z z z", "enter", "escape"],
    "faults": ["slash", *(key for text in FILTERS for key in (f"{PASTE}{text}", "enter ctrl+a"))],
    "batch": ["b", "b"],
    "sort": ["s", "down", "enter", "S", "S", "s", "escape"],
    "help": ["question_mark", "z z z", "escape", "escape"],
    "run an action": ["ctrl+p", "v i e w full_stop s o r t", "enter", "escape"],
    "add": [
        *("a", "ctrl+s", f"{PASTE}{PASTED}", "f1", "escape", "down space", "enter", "f1"),
        *("escape escape", "end enter", "ctrl+s", "escape", "ctrl+x", "escape"),
    ],
    "looks": ["a", f"{PASTE}{LOOKS}", "down", "down", "down", "ctrl+s", "ctrl+x", "escape"],
    "folders": ["a", "ctrl+o", "down", "enter", "slash", "enter", "f1", "escape", "escape escape"],
    "leave": ["a", f"{PASTE}{PASTED}", "escape", "a", "f1", "escape ctrl+x", "escape"],
    "nothing to queue": ["a", f"{PASTE}magnet:?xt=urn:btih:c1", "ctrl+s", "ctrl+x", "escape"],
    "edit": ["3", "G", "e", "ctrl+s", "escape", "escape"],
    "edit many": ["3", "ctrl+a", "e", "escape", "escape"],
    "clear": ["c", "u"],
    "undo": ["3", "d", "u", "u", "1"],
    "copy": ["y", "y", "escape", "L"],
    "watch": ["w", "w"],
    "poll": ["f5"],
    "link test": ["3", "t", "enter", "escape"],
    "log out": ["comma", "enter", "end", "enter", "enter", "escape"],
    "settings": ["comma", "up", "enter", "escape", "f1", "escape", "escape"],
    "retry": ["ctrl+a", "r", "enter", "escape"],  # the last: afterwards nothing has failed any more
}
"""The screens and the keys that lead there from the dashboard; keys in one text are read once."""
FIRST_WALKS: dict[str, list[str]] = {
    "welcome": ["end", "up", "enter", "escape"],
    "no account": ["f5", "comma", "enter", "escape", "escape"],
    "client id": [
        "comma",
        "enter",
        "enter",
        "enter",
        "ctrl+s",
        "x space y",
        "ctrl+s",
        "escape escape",
    ],
    "openlist": ["comma", "enter", "down", "enter", "ctrl+s", "escape", "escape"],
    "token": ["comma", "enter", "end", "enter", "enter", "ctrl+s", "escape", "escape"],
}
"""The same for somebody who has no account yet."""
SHOWN_ANYWAY = (
    "{refresh_token} https://www.123pan.com/developer pan123-dark pan123-light ASCII ~/urls.txt"
)


async def walk(pilot: StillPilot, keys: list[str]) -> AsyncIterator[tuple[str, str]]:
    """Press `keys` and yield after each the keys so far and the text on the screen."""
    for n, key in enumerate(keys):
        if key.startswith(PASTE):
            target = pilot.app.screen.focused or pilot.app.screen
            target.post_message(events.Paste(key.removeprefix(PASTE)))
        else:
            await pilot.press(*key.split())
        await pilot.pause()
        yield " ".join(keys[: n + 1]), shown(pilot.app)


async def home(pilot: StillPilot) -> None:
    """Go back to the dashboard and to all tasks."""
    for _ in range(8):
        if len(pilot.app.screen_stack) == 1:
            await pilot.press("escape", "escape", "1")
            return
        await pilot.press("escape")
    raise AssertionError(f"no way back from {pilot.app.screen}")


def data_of(app: Pan123App) -> str:
    """Return all texts on the screens that are data: links, names, the service's messages."""
    texts = [PASTED, SHOWN_ANYWAY, *FILTERS, "zzz", "sort", "curl"]
    for task in app.model.tasks.values():
        texts += [task.url, task.name, task.fail_reason, task.arrival.name if task.arrival else ""]
        problems = [task.problem, *(step.problem for step in task.timeline)]
        texts += [f"{problem.message} {problem.trace_id}" for problem in problems if problem]
        texts.append(guess_name(task.url))
    return "\n".join(texts)


CATALOGUE = Path(i18n.LOCALE_DIR) / "zh_CN" / "LC_MESSAGES" / "messages.po"
_NAMES = """pan123 tui taskid id curl csv tsv json url http https svg ssh dns utf utc toml config
ctrl esc enter shift tab space del home end f1 f5 pgup pgdn thunder flashget qqdl magnet xt urn btih
state name host folder percent age is message retries stalled full backwards named retried failed
doubtful stem ext login xclip xsel wl clipboard wayland tmux uid gb tb mb kb osc52 datasets
x6 x12 per pan baidu 1abc www example cut off my file get clientid clientsecret accesstoken
refreshtoken openlist api oplist aria2"""
"""Names of the service, of keys, formats, filter fields and other programs: the same everywhere."""
_BINDING_IDS = {binding.id or "" for binding in known_bindings()}
_IDS = "|".join(map(re.escape, {*_BINDING_IDS, *ACTIONS}))
_CALL = r"POST\b|/api/v1/access_token"
_CODE = re.compile(rf"PAN123_\w*|https://open-api\.123pan\.com|{_CALL}|\[keys\]|\b({_IDS})\b")
"""Variables, the service's address and call, and `[keys]` with the ids of `config.toml`."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_SCREEN = re.compile(r"^class (\w+Screen)\(", re.MULTILINE)
_CUT = re.compile(r"\w*(…|\.\.\.)\w*")


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
    """Yield the English words on `screen` that are neither data nor names."""
    whole = {word.lower() for word in _WORD.findall(data)}
    known = whole | set(_NAMES.split())
    pieces = data.lower()
    for line in screen.splitlines():
        for word in map(str.lower, _WORD.findall(_CODE.sub(" ", _CUT.sub(" ", line)))):
            is_a_piece = word in pieces and (word not in our_words() or word in "curl")
            if word not in known and not is_a_piece:
                yield f"{word!r} in {line.strip()!r}"


async def read_walks(
    pilot: StillPilot, walks: dict[str, list[str]], found: dict[str, str]
) -> set[str]:
    """Add our English words to `found`; return the names of the screens seen."""
    app, seen, lines = pilot.app, set(), set[str]()
    assert isinstance(app, Pan123App)
    for name, keys in walks.items():
        async for way, screen in walk(pilot, keys):
            seen.add(type(app.screen).__name__)
            new = dict.fromkeys(line for line in screen.splitlines() if line not in lines)
            lines.update(new)
            for stranger in english_words("\n".join(new), data_of(app)):
                found.setdefault(stranger, f"{name} ({way}): {stranger}")
        await home(pilot)
    await pilot.resize_terminal(20, 6)
    await pilot.pause()
    for stranger in english_words(shown(app), data_of(app)):
        found.setdefault(stranger, stranger)
    return seen | {type(app.screen).__name__}


USUAL = Setting(language="zh", columns=150, rows=60)
FIRST = replace(USUAL, has_tasks=False, has_account=False)
PARTS = 2
SCREENS: tuple[set[str], ...] = (
    {"ActionsScreen", "AddScreen", "ChoiceScreen", "EditFailedScreen", "TextScreen"},
    {"DashboardScreen", "EditLinksScreen", "SettingsScreen"},
    {"AccountScreen"},
)
"""The screens that each of the walks must reach.

The manual's pages have English commands, and of the demo's folders none is missing.
"""


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS + 1))
async def test_no_english_word_of_ours_is_on_any_chinese_screen(part: int) -> None:
    is_first = part == PARTS
    walks = FIRST_WALKS if is_first else dict(list(WALKS.items())[part::PARTS])
    found: dict[str, str] = {}
    async with run_program(FIRST if is_first else USUAL) as pilot:
        seen = await read_walks(pilot, walks, found)
    assert not found, "\n".join(found.values())
    assert SCREENS[part] <= seen


def test_the_walks_lead_to_every_screen() -> None:
    sources = Path(ui.__file__).parent.rglob("*.py")
    ours = {it for path in sources for it in _SCREEN.findall(path.read_text("utf-8"))}
    assert set.union(*SCREENS) == ours - {"ManualScreen"}


@pytest.mark.parametrize(
    ("screen", "found"),
    [("排队 queued", 1), ("下载 movie.mkv", 0), ("按 esc 返回", 0), ("Show me", 2)],
)
def test_the_reader_tells_words_of_ours_from_names(screen: str, found: int) -> None:
    assert len(list(english_words(screen, "movie.mkv"))) == found
