"""The sentences that the journeys wait for are the program's, which CI alone would notice late."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.project.test_translations import messages

FOLDER = Path(__file__).parents[1] / "journey"
LEAST_WORDS = 3


def expected(tree: ast.Module) -> Iterator[str]:
    """Yield the sentences that `sees` and `misses` are called with, by name or as they are."""
    constants = {
        ast.unparse(node.targets[0]): node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("sees", "misses"):
            for node in (constants.get(ast.unparse(word), word) for word in call.args):
                if isinstance(node, ast.Constant) and len(str(node.value).split()) >= LEAST_WORDS:
                    yield str(node.value)


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?]) ", text)


@cache
def patterns() -> list[re.Pattern[str]]:
    """Return what finds each sentence of the program, with anything for its placeholders."""
    texts = [text for it in messages() for text in ([it.id] if isinstance(it.id, str) else it.id)]
    return [
        re.compile(re.sub(r"\\{.*?\\}", ".+", re.escape(sentence)))
        for text in texts
        for sentence in sentences(text)
        if len(re.findall(r"(?<!\{)\b[a-z]+", sentence)) > 1
    ]


def is_known(sentence: str) -> bool:
    """Return whether a sentence of the program is in this one, or this one in it."""
    return any(it.search(sentence) or re.escape(sentence) in it.pattern for it in patterns())


@pytest.mark.parametrize("file", sorted(FOLDER.glob("test_*.py")), ids=lambda file: file.stem)
def test_every_sentence_that_a_journey_waits_for_is_of_the_program_or_its_own(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    own = [str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert not [
        text
        for text in expected(tree)
        if not all(map(is_known, sentences(text)))
        and not any(text in other and text != other for other in own)
    ]
