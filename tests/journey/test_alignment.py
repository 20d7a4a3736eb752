"""Columns stay aligned in a real terminal, at any width and with any names."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task
from tests.journey.terminal import Terminal
from tests.shell import Shell

NAMES = (
    "plain ascii name.iso",
    "三体全集.epub",
    "纪录片《蓝色星球》第二季 第3集 珊瑚礁 国英双语 内封简繁英字幕 2160p UHD BluRay x265 10bit.mkv",
    "老照片备份-2019年春节🧧全家福🎆.zip",
    "👨\u200d👩\u200d👧\u200d👦 family ❤️.jpg",
    "cafe\u0301 re\u0301sume\u0301 a\u030a.pdf",
    "①②③ “quotes” — Ωμέγα … ±½ ☆★.txt",
    "한국어 드라마 1화.mkv",
    "ｆｕｌｌｗｉｄｔｈ　ｎａｍｅ.txt",
    "ไทยภาษา เพลง.mp3",  # no vowel above a letter: pyte drops what follows one
    "\u202eexe.gpj right to left",
    "tab\there \x1b[31mred.bin",
)
"""Narrow, wide, emoji, joined, combining, ambiguous, Korean, Thai, and escaped characters."""
HEADINGS = {"en": ("note", "name"), "zh": ("说明", "文件名")}
NOW = 1_750_000_000.0


def named(task_id: int, name: str, state: TaskState) -> Task:
    task = new_task(
        DownloadRequest(f"https://example.com/{task_id}", name=name), task_id=task_id, at=NOW
    )
    is_queued = state in (TaskState.QUEUED, TaskState.SUBMITTING)
    chosen = TaskState.REJECTED if is_queued else state
    return replace(task, state=chosen, percent=37.0, task_id=None if is_queued else 7000 + task_id)


def cells(terminal: Terminal, row: int) -> list[str]:
    """Return the cells of a line; the second one of a wide character is empty."""
    line = terminal.screen.buffer[row]
    return [line[column].data for column in range(terminal.screen.columns)]


def column_of(line: list[str], word: str) -> int:
    """Return the cell at which `word` begins."""
    for start in range(len(line)):
        if "".join(line[start:]).startswith(word) and line[start]:
            return start
    raise AssertionError(f"no {word} in {''.join(line)}")


@pytest.mark.parametrize(("language", "widths"), [("en", (50, 101, 173)), ("zh", (64, 80, 120))])
def test_every_column_begins_in_the_same_cell_in_every_row(
    environ: dict[str, str], tmp_path: Path, language: str, widths: tuple[int, ...]
) -> None:
    states = [*TaskState, *TaskState]
    Shell(tmp_path).store(*(named(n, it, states[n]) for n, it in enumerate(NAMES, 1)))
    rows = len(NAMES) + 12
    environ = environ | {"PAN123_LANG": language}
    with Terminal(environ=environ, columns=widths[0], rows=rows) as terminal:
        terminal.waits(lambda: is_aligned(terminal, language), f"a column is off at {widths[0]}")
        for columns in widths[1:]:
            terminal.screen.reset()  # what is seen from now on was drawn for this width
            terminal.screen.resize(rows, columns)
            terminal.process.setwinsize(rows, columns)
            terminal.waits(lambda: is_aligned(terminal, language), f"a column is off at {columns}")


def is_aligned(terminal: Terminal, language: str) -> bool:
    """Return whether all rows are there, and every column begins under its heading."""
    note, name = HEADINGS[language]
    heading = terminal.line_with(note, name)
    if heading is None or not terminal.line_with(NAMES[0][:9]) or not terminal.line_with("tab\\t"):
        return False
    row = terminal.lines.index(heading)
    titles = cells(terminal, row)
    starts = [
        n
        for n in range(1, terminal.screen.columns)
        if titles[n].isalpha() and titles[n - 1] == " " and titles[n - 2] in (" ", "")
    ]
    place = column_of(titles, name)
    rows = [cells(terminal, row + 1 + n) for n in range(len(NAMES))]
    is_free = all(line[start - 1] == " " for line in rows for start in starts)
    return place in starts and is_free and all(line[place].strip() for line in rows)
