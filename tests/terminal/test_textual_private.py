"""Private names of Textual: used in one module of the program and in one of the tests."""

import asyncio
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from pkgutil import walk_packages

import pytest
from rich.cells import cell_len
from rich.segment import Segment, Segments
from textual.color import Color
from textual.containers import Horizontal
from textual.strip import Strip
from textual.widgets import Static

from pan123_tui import terminal, ui
from pan123_tui.terminal import textual_private
from pan123_tui.terminal.textual_private import (
    SteadyTable,
    UncutScreen,
    placed_strips,
    withdraw,
    words,
)
from tests.ui.stage import Stage, shown
from tests.ui.textual_private import Canvas, painted, painted_anew, partial_update

MADE_FOR = "8.2.8"
"""The version of Textual that the private names were taken from."""
ROOT = Path(__file__).parents[2]
PRIVATE_IMPORT = re.compile(r"^\s*(from|import) (textual|rich)(\.\w+)*\._", re.MULTILINE)


@cache
def own_names(cls: type) -> frozenset[str]:
    """Return the private names that the source of `cls` defines, or uses on `self`."""
    source = inspect.getsource(cls)
    return frozenset(re.findall(r"(?:\bself\.|\bcls\.|\bdef )(_[a-z]\w*)", source))


def our_classes() -> Iterator[type]:
    """Yield the classes outside of `textual_private` that inherit from Textual or Rich."""
    for found in chain(*(walk_packages(it.__path__, f"{it.__name__}.") for it in (terminal, ui))):
        if found.name == textual_private.__name__:
            continue
        for value in vars(import_module(found.name)).values():
            if inspect.isclass(value) and value.__module__ == found.name and library_bases(value):
                yield value


def library_bases(cls: type) -> list[type]:
    return [
        base for base in cls.__mro__ if base.__module__.partition(".")[0] in {"textual", "rich"}
    ]


def test_the_private_names_are_those_of_the_installed_version() -> None:
    installed = version("textual")
    assert installed == MADE_FOR, (
        f"pan123_tui/terminal/textual_private.py was made for Textual {MADE_FOR}, and "
        f"{installed} is installed: check there and in tests/ui/textual_private.py that each "
        f"name still means the same, then set MADE_FOR here."
    )


@pytest.mark.parametrize("folder", ["pan123_tui", "tests", "screenshots"])
def test_private_modules_are_imported_in_one_module(folder: str) -> None:
    files = [f for f in (ROOT / folder).rglob("*.py") if f.name != "textual_private.py"]
    assert not [str(f) for f in files if PRIVATE_IMPORT.search(f.read_text("utf-8"))]


def test_no_class_uses_a_private_name_that_it_inherits() -> None:
    """Names on other objects than `self` are ruff's SLF001."""
    shared = {
        cls.__qualname__: names
        for cls in our_classes()
        if (names := own_names(cls).intersection(chain(*map(own_names, library_bases(cls)))))
    }
    assert not shared


class ToastStage(Stage):
    """Shows its widgets on a screen of ours."""

    def get_default_screen(self) -> UncutScreen[None]:
        return UncutScreen()


@pytest.mark.parametrize("columns", [65, 66])  # one of them ends within a character
async def test_a_toast_keeps_its_wide_characters_where_a_widget_below_it_ends(columns: int) -> None:
    text = "一二三四五六七八九十" * 2
    left, right = Static(), Static()
    left.styles.width, right.styles.width = columns, "1fr"
    left.styles.height = right.styles.height = "100%"
    app = ToastStage([Horizontal(left, right)])
    async with app.run_test(size=(100, 8), notifications=True) as pilot:
        app.notify(text, timeout=60)
        while "一" not in shown(app):
            await pilot.pause()
        assert text in shown(app)


@pytest.mark.parametrize("start", [6, 7, 8])
async def test_what_overlaps_is_whole_and_leaves_the_rest_as_it_was(
    start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas, text = Canvas(monkeypatch), "响铃和桌面通知"
    below, upper = [Static(it) for it in ("一二三四", "a五", "六", "七八九十百千万")], Static(text)
    for widget in (*below, upper):
        widget.styles.width = cell_len(str(widget.content))
    upper.styles.overlay, upper.styles.offset = "screen", (start, 0)
    app = ToastStage([upper, Horizontal(*below)])
    async with app.run_test(size=(30, 3)) as pilot:
        upper.display = False
        await pilot.pause()
        line = painted(app)[0]
        upper.display = True
        app.screen.refresh()
        await pilot.pause()
        end = start + cell_len(text)
        for seen in (text, "知通面桌和铃响"):
            upper.update(seen)
            await pilot.pause()
            assert painted(app)[0].text == line.crop(0, start).text + seen + line.crop(end).text
            assert canvas.shows(app)
        assert canvas.partial_updates


async def test_a_table_shows_its_cursor_of_any_type_wherever_it_goes() -> None:
    table = SteadyTable()
    table.styles.height = "100%"  # with lines below the last row
    app = Stage([table])
    async with app.run_test(size=(30, 6)) as pilot:
        table.add_columns("a", "b")
        for row in range(2):
            table.add_row(*(Segments([Segment(f"{row}{column}")]) for column in range(2)))
        for kind in ("cell", "column", "row", "none", "cell"):
            painted(app)  # so that each line is cached
            table.cursor_type = kind
            await pilot.pause()
            assert painted(app) == painted_anew(app, table)
            for key in ("right", "down", "left", "up"):
                painted(app)
                await pilot.press(key)
                assert painted(app) == painted_anew(app, table), (kind, key)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("two words ", ["two ", "words "]),
        ("一二，三", ["一", "二，", "三"]),
        ("看《三体》。", ["看", "《三", "体》。"]),
        ("用 state:x 搜索", ["用 ", "state:x ", "搜索"]),
        ("3个 http://a.b/c，d", ["3", "个 ", "http://a.b/c，d"]),
    ],
)
def test_a_chinese_line_breaks_before_no_closing_sign(text: str, parts: list[str]) -> None:
    broken = list(words(text))
    assert [part for _start, _end, part in broken] == parts
    assert [text[start:end] for start, end, _part in broken] == parts


class Wide(UncutScreen[None]):
    """A screen whose classes follow its size in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]

    def compose(self) -> Iterator[Static]:
        yield Static(" ".join(sorted(self.classes)))


async def test_a_screen_has_the_classes_of_its_size_before_its_widgets() -> None:
    app = Stage([])
    async with app.run_test(size=(100, 10)) as pilot:
        await app.push_screen(screen := Wide())
        assert str(screen.query_one(Static).content) == "-low -wide"
        for size, classes in (((70, 30), {"-narrow", "-high"}), ((100, 10), {"-wide", "-low"})):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert classes <= screen.classes
            assert not {"-narrow", "-wide", "-low", "-high"} - classes & screen.classes


async def test_a_rule_that_no_longer_applies_is_gone_and_one_that_does_again_is_back() -> None:
    class Styled(Static):
        DEFAULT_CSS = "Styled { color: red; } Styled.-bad { color: blue; text-style: bold; }"

    app = Stage([styled := Styled()])
    async with app.run_test() as pilot:
        for is_bad in (True, False, True):
            styled.set_class(is_bad, "-bad", update=False)
            app.refresh_css(animate=False)
            await pilot.pause()
            assert styled.styles.color == Color.parse("blue" if is_bad else "red")
            assert bool(styled.styles.text_style.bold) is is_bad


@pytest.mark.parametrize("wait_s", [-0.001, 0.0, 1e-9, 0.01])
async def test_what_is_due_in_a_moment_is_called_once(wait_s: float) -> None:
    app, calls, has_passed = Stage([]), list[str](), asyncio.Event()
    async with app.run_test():
        app.call_in(wait_s, lambda: calls.append("cancelled")).cancel()
        app.call_in(wait_s, lambda: calls.append("kept"))
        app.call_in(0.02, has_passed.set)
        await has_passed.wait()
        assert calls == ["kept"]


async def test_all_notes_of_a_message_are_withdrawn_and_no_others() -> None:
    app = Stage([])
    async with app.run_test(notifications=True) as pilot:
        for text in ("gone", "stays", "gone"):
            app.notify(text, timeout=60)
        await pilot.pause()
        withdraw(app, "gone")
        await pilot.pause()
        assert [note.message for note in app._notifications] == ["stays"]


@pytest.mark.parametrize(("cells", "expected"), [(1, "a"), (2, "a链b"), (3, "a链")])
def test_an_update_that_ends_within_a_wide_character_paints_it(cells: int, expected: str) -> None:
    (placed,) = placed_strips(partial_update(Strip([Segment("a链b")]), cells))
    assert placed.strip.text == expected


@pytest.mark.parametrize(
    "name", ["_toast.ToastRack", "_toast.ToastHolder", "_markdown.MarkdownTableContent"]
)
def test_the_widgets_that_are_styled_by_their_names_exist(name: str) -> None:
    module, _, widget = name.partition(".")
    assert hasattr(import_module(f"textual.widgets.{module}"), widget)
