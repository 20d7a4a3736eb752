"""The initial language: the variable, else the settings, else the locale."""

from pathlib import Path

import pytest

from pan123_tui.cli.main import common_options, initial_language
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
        ("", "", "auto"),
        ('[ui]\nlanguage = "zh"\n', "", "zh"),
        ('[ui]\nlanguage = "zh"\n', "en", "en"),
        ('[ui]\nlanguage = "auto"\n', "", "auto"),
        ("[ui]\nlanguage = 3\n", "", "auto"),
        ("[ui\n", "", "auto"),
        ("# \xff\n", "", "auto"),
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
    ("words", "said"),
    [
        ("lst", "Error: No such command 'lst'. Did you mean 'list'?"),
        ("wait 1 --timeout soon", "'soon' is not a valid number."),
        ("xyzzy", "Error: No such command 'xyzzy'."),
        ("engine --foo", "Error: No such command 'engine'."),
        *((it, "'cn' is not one of 'en', 'zh'.") for it in ("list --lang cn", "--lang=cn -h")),
    ],
)
def test_a_mistyped_name_is_answered_with_those_like_it(idle: Shell, words: str, said: str) -> None:
    ran = idle.call(*words.split())
    assert ran.code == 2
    assert ran.err.splitlines()[-1].endswith(said)
