"""A walk through every screen and dialog in Chinese: no text of ours is left in English."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pan123_tui import i18n, ui
from pan123_tui.ui.app import Pan123App, known_bindings
from pan123_tui.ui.dashboard.actions import ACTIONS
from screenshots.stage import Setting, StillPilot, run_program
from tests.ui.stage import shown
from tests.ui.walks import FIRST_WALKS, WALKS, data_of, home, walk

CATALOGUE = Path(i18n.LOCALE_DIR) / "zh_CN" / "LC_MESSAGES" / "messages.po"
_NAMES = """pan123 tui taskid id curl csv tsv json url http https svg ssh utf utc toml config
ctrl esc enter shift tab space del home end f1 f5 pgup pgdn thunder flashget qqdl magnet xt urn btih
state name host folder percent age is message retries stalled full backwards named retried failed
doubtful stem ext login xclip xsel wl clipboard wayland tmux uid gb tb mb kb osc52 datasets
x6 x12 per pan baidu 1abc www example cut off my file get clientid clientsecret accesstoken
refreshtoken"""
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
    {"ActionsScreen", "AddScreen", "ChoiceScreen", "EditLinksScreen", "TextScreen"},
    {"DashboardScreen", "SettingsScreen"},
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
    assert set.union(*SCREENS) == ours - {"ManualScreen", "ReplaceFolderScreen"}


@pytest.mark.parametrize(
    ("screen", "found"),
    [("排队 queued", 1), ("下载 movie.mkv", 0), ("按 esc 返回", 0), ("Show me", 2)],
)
def test_the_reader_tells_words_of_ours_from_names(screen: str, found: int) -> None:
    assert len(list(english_words(screen, "movie.mkv"))) == found
