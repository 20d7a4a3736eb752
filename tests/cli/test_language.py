"""The initial language: the variable, else the settings, else the locale."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from pan123_tui import i18n
from pan123_tui.cli import commands
from pan123_tui.cli.main import common_options, initial_language
from pan123_tui.i18n import N_
from tests.shell import Shell


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user of an English locale."""
    return {
        "LANG": "en_GB.UTF-8",
        "PAN123_CONFIG_DIR": str(tmp_path),
        "PAN123_DATA_DIR": str(tmp_path / "data"),
    }


@pytest.mark.parametrize(
    ("text", "variable", "language"),
    [
        ("", "", "en_GB.UTF-8"),
        ('[ui]\nlanguage = "zh"\n', "", "zh"),
        ('[ui]\nlanguage = "zh"\n', "en", "en"),
        ('[ui]\nlanguage = "auto"\n', "", "en_GB.UTF-8"),
        ("[ui]\nlanguage = 3\n", "", "en_GB.UTF-8"),
        ("[ui\n", "", "en_GB.UTF-8"),
        ("# \xff\n", "", "en_GB.UTF-8"),
    ],
)
def test_the_variable_goes_before_the_settings_and_these_before_the_locale(
    text: str, variable: str, language: str, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(text, "latin-1")
    assert initial_language(environ | {"PAN123_LANG": variable}) == language


@pytest.mark.parametrize(
    ("words", "language", "moved"),
    [
        ("list", None, "list"),
        ("list x --lang zh", "zh", "--lang=zh list x"),
        ("list --lang=zh -h", "zh", "--lang=zh list -h"),
        ("--lang en list --lang zh", "zh", "--lang=zh list"),
        ("list --lang", "", "--lang= list"),
        ("add -- --lang zh", None, "add -- --lang zh"),
    ],
)
def test_the_option_is_read_wherever_it_stands_before_the_end_of_options(
    words: str, language: str | None, moved: str
) -> None:
    values, arguments = common_options(words.split())
    assert values.get("--lang") == language
    assert " ".join(arguments) == moved


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("list --foo", N_("No such option {name!r}.")),
        ("list --foo", N_("Try '{command} {option}' for help.")),
        ("list --foo", N_("Error: {message}")),
        ("list --jso", N_("Did you mean {names}?")),
        ("lst", N_("Did you mean {names}?")),
        ("lst", N_("No such command {name!r}.")),
        ("list --sort", N_("Option {name!r} requires an argument.")),
        ("list --json=3", N_("Option {name!r} does not take a value.")),
        ("stop x", N_("Got unexpected extra argument ({args})")),
        ("completions", N_("Which shell: bash, zsh or fish?")),
        ("completions x", N_("{value!r} is not {choice}.")),
        ("completions x", N_("Invalid value for {param_hint}: {message}")),
        ("wait 1 --timeout 0", N_("{value} is not in the range {range}.")),
        ("wait 1 --timeout x", N_("{value!r} is not a valid {number_type}.")),
        ("add -f /no/such", N_("{name} {filename!r} does not exist.")),
        ("add -f /tmp", N_("{name} {filename!r} is a directory.")),
        ("--help", N_("Usage:")),
        ("--help", N_("Options")),
        ("--help", N_("Commands")),
        ("list --help", N_("Show this message and exit.")),
    ],
)
def test_what_click_says_is_chinese_too(idle: Shell, words: str, text: str) -> None:
    # In one process, click keeps the first language of a command's `--help`.
    ran = (idle.run if words == "list --help" else idle.call)("--lang=zh", *words.split())
    i18n.set_language("zh")
    translated = i18n.ngettext(text, "", 1) if i18n._(text) == text else i18n._(text)
    assert not translated.isascii()
    pattern = re.sub(r"\\{.*?\\}", "(?s:.+)", re.escape(translated))
    assert re.search(pattern, ran.out + ran.err), ran.err


@pytest.mark.parametrize(
    ("language", "starts"),
    [("en", ("Usage: pan123-tui ", "Options:")), ("zh", ("用法：pan123-tui ", "选项："))],
)
def test_help_has_its_languages_colons(idle: Shell, language: str, starts: Sequence[str]) -> None:
    ran = idle.call(f"--lang={language}", "list", "--help")
    assert all(any(line.startswith(it) for line in ran.out.splitlines()) for it in starts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("lst", "Error: No such command 'lst'. Did you mean list?"),
        ("--lang=zh lst", "没有命令“lst”。你是不是想用 list？"),
        ("list --jso", "Error: No such option '--jso'. Did you mean --json or --sort?"),
        ("--lang=zh add --bach", "没有选项“--bach”。你是不是想用 --batch 或 --callback？"),
        ("xyzzy", "Error: No such command 'xyzzy'. “pan123-tui -h” lists all."),
        ("engine --foo", "Error: No such command 'engine'. “pan123-tui -h” lists all."),
        *((it, "'cn' is not one of 'en', 'zh'.") for it in ("list --lang cn", "--lang=cn -h")),
    ],
)
def test_a_mistyped_name_is_answered_with_those_like_it(idle: Shell, words: str, said: str) -> None:
    ran = idle.call(*words.split())
    assert ran.code == 2
    assert ran.err.splitlines()[-1].endswith(said)


def test_other_programs_keep_their_language(idle: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}
    monkeypatch.setattr(commands.program, "main", lambda *_, **__: seen.update(os.environ))
    idle.call("--lang=zh", "list")
    assert seen["PAN123_LANG"] == "zh"
    assert "LANGUAGE" not in seen
