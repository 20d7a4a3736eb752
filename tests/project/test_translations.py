"""The Chinese catalogue: complete, current, and with every placeholder in its place."""

import ast
import re
import string
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from pan123_tui.domain.filter import STATE_WORDS

PACKAGE = Path(__file__).parents[2] / "pan123_tui"
FILE = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.po"
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "ngettext": (1, 2)}
UPDATE = "Run the two commands under “A text” in pan123_tui/README.md, then translate what is empty"
SHOWN_BY = {"notify", "Static", "Label", "Button", "echo", "print_message", "Choice"}
"""Calls that show a text to the user."""


def forms(texts: Any) -> tuple[str, ...]:
    return tuple(texts) if isinstance(texts, (tuple, list)) else (texts,)


@lru_cache
def catalogue() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the translations by text; both may have a plural."""
    with FILE.open("rb") as file:
        messages = [message for message in read_po(file, locale="zh_CN") if message.id]
    assert not [message.id for message in messages if message.fuzzy]
    return {forms(message.id): forms(message.string) for message in messages}


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_every_text_of_the_program_is_translated_and_no_other() -> None:
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    used = {forms(message)[0] for _file, _line, message, _comments, _context in found}
    assert used ^ {texts[0] for texts, said in catalogue().items() if all(said)} == set(), UPDATE
    for texts, said in catalogue().items():
        assert STATE_WORDS.get(texts[0], said[0]) == said[0], "the words of filters"


def test_every_translation_has_the_placeholders_of_its_text_and_ends_as_it_does() -> None:
    """A full stop, a colon or a blank that is lost shows where texts are put together."""
    ends = {".": "。", ":": "：", "?": "？", " ": " "}
    for texts, said in catalogue().items():
        needed = set.intersection(*map(placeholders, texts))
        known = set.union(*map(placeholders, texts))
        assert all(needed <= placeholders(form) <= known for form in said), said
        end = ends.get(texts[0][-1])
        assert end is None or all(form.endswith(end) for form in said), said


def test_chinese_is_written_with_chinese_punctuation() -> None:
    between = re.compile(r"[\u4e00-\u9fff][,;:?!.](?=[\u4e00-\u9fff]|$)")
    said = [form.replace("来自:离线下载", "") for texts in catalogue().values() for form in texts]
    assert not list(filter(between.search, said))


def test_the_compiled_catalogue_equals_the_source() -> None:
    """Screens use the compiled file; a stale one would go unnoticed."""
    with FILE.with_suffix(".mo").open("rb") as compiled:
        translated = GNUTranslations(compiled)
    for texts, said in catalogue().items():
        heard = translated.ngettext(texts[0], texts[-1], 2)
        heard = heard if len(texts) > 1 else translated.gettext(texts[0])
        assert heard == said[0], "Run: uv run pybabel compile -d pan123_tui/locale"


@pytest.mark.parametrize("folder", ["ui", "cli", "programs"])
def test_no_text_reaches_the_user_without_gettext(folder: str) -> None:
    for file in (PACKAGE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                shown = node.args[0] if name in SHOWN_BY else None
                text = repr(shown.value) if isinstance(shown, ast.Constant) else ""
                assert not re.search(r"[^\W\d_]{2,}", text), f"{file.name}: {text}"
