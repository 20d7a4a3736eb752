"""The READMEs: short, their commands work, both languages say the same."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pan123_tui.cli.program import program
from pan123_tui.manual import PAGES

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")
MAX_LINES, MAX_BYTES, MAX_CHARS = 110, 8_000, 220
SET_UP = "python3 -m venv .venv && .venv/bin/pip install -q uv"
BOTH = pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
EACH = pytest.mark.parametrize(
    "file",
    [
        "README.md",
        "README.zh-CN.md",
        "pan123_tui/README.md",
        "pan123_tui/terminal/README.md",
        "tests/service/README.md",
        "tests/README.md",
    ],
)
_IN_CHINESE_ONLY = {"PAN123_LANG=zh", "PIP_INDEX_URL", "UV_DEFAULT_INDEX"}
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
_WORD = re.compile(r"[^\s|;&`)\"']+")
COMMENT = re.compile(r"^# .*\n| +# .*", re.MULTILINE)
_MODULE = re.compile(r"python -m ([\w.]+)")
_ROW = re.compile(r"\||- |  - |\d\. ")
_TEST_FILE = re.compile(r"`(tests/\w+/[\w/]*\.py)`")


def sections(text: str) -> list[tuple[str, str]]:
    """Return the level-two sections as (heading, body), the text before them first."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]


def blocks(text: str) -> list[str]:
    return [body for _language, body in _BLOCK.findall(text)]


def rows(text: str) -> list[str]:
    """Return the rows of the tables and the items of the lists."""
    return [line for line in text.splitlines() if _ROW.match(line)]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words after each `pan123-tui`, up to a pipe, an end or a comment."""
    sources = [*SPAN.findall(_BLOCK.sub("", text)), *"\n".join(blocks(text)).splitlines()]
    for source in sources:
        for found in re.finditer(r"(?:^|[\s(])pan123-tui((?: [^|;&#)]*)?)", source):
            yield _WORD.findall(found[1])


def context() -> click.Context:
    return click.Context(program, info_name="pan123-tui")


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in option.opts} | {"--help", "-h"}


@BOTH
def test_the_first_command_and_the_tests_set_up_all_that_they_need(text: str) -> None:
    assert blocks(text)[0] == f"{SET_UP} && .venv/bin/uv run pan123-tui --demo\n"
    assert blocks(text)[-1] == f"{SET_UP} && .venv/bin/uv run pytest\n"


def test_what_is_checked_before_a_merge_runs_the_tests_as_the_readme_does() -> None:
    assert blocks(ENGLISH)[-1].strip() in (ROOT / ".ci/run").read_text("utf-8").splitlines()


@BOTH
def test_the_readme_is_short(text: str) -> None:
    assert len(text.splitlines()) <= MAX_LINES
    assert len(text.encode()) <= MAX_BYTES
    assert [line for line in text.splitlines() if len(line) > MAX_CHARS] == []


@BOTH
def test_the_readme_leads_to_the_manual_in_its_language(text: str) -> None:
    language = "en" if text is ENGLISH else "zh"
    linked = re.findall(r"\]\(pan123_tui/manual/(\w+)/(\w+)\.md\)", text)
    assert {name for name, _page in linked} == {language}
    assert {page for _name, page in linked} == set(PAGES)


@EACH
def test_every_module_that_is_run_is_there(file: str) -> None:
    for module in _MODULE.findall((ROOT / file).read_text("utf-8")):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@EACH
def test_every_picture_and_file_that_is_linked_is_there(file: str) -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", (ROOT / file).read_text("utf-8"))
    files = [link for link in linked if "://" not in link]
    assert [link for link in files if not ((ROOT / file).parent / link).exists()] == []


def test_every_promise_names_tests_that_are_there() -> None:
    text = (ROOT / "tests/README.md").read_text("utf-8")
    promises = [row for row in rows(text) if row.startswith("|") and ".py`" in row]
    assert len(promises) >= 12
    named = [file for row in promises for file in _TEST_FILE.findall(row)]
    assert sum(row.count(".py`") for row in promises) == len(named)
    assert [file for file in named if not (ROOT / file).exists()] == []


def pairs() -> Iterator[tuple[str, str, str]]:
    """Yield each section as (Chinese heading, English text, Chinese text)."""
    english, chinese = sections(ENGLISH), sections(CHINESE)
    for (_heading, ours), (heading, theirs) in zip(english, chinese, strict=True):
        yield heading, ours, theirs


def test_both_have_the_same_commands_rows_keys_and_files_in_each_section() -> None:
    for heading, english, chinese in pairs():
        ours_run, theirs_run = (
            [COMMENT.sub("", block) for block in blocks(it)] for it in (english, chinese)
        )
        assert ours_run == theirs_run, heading
        for row, its_like in zip(rows(english), rows(chinese), strict=True):
            assert sorted(SPAN.findall(row)) == sorted(SPAN.findall(its_like)), heading
        theirs = set(SPAN.findall(_BLOCK.sub("", chinese)))
        ours = set(SPAN.findall(_BLOCK.sub("", english)))
        assert theirs - _IN_CHINESE_ONLY == ours, heading
