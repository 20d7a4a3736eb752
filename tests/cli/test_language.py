"""The initial language: the variable, else the settings, else the locale."""

from pathlib import Path

import pytest

from pan123_tui.cli.main import initial_language, option_value


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user of an English locale."""
    return {
        "LANG": "en_GB.UTF-8",
        "PAN123_CONFIG_DIR": str(tmp_path),
        "PAN123_DATA_DIR": str(tmp_path / "data"),
    }


def test_without_settings_the_locale_decides(environ: dict[str, str]) -> None:
    assert initial_language(environ) == "en_GB.UTF-8"


def test_the_settings_go_before_the_locale(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[ui]\nlanguage = "zh"\n')
    assert initial_language(environ) == "zh"


def test_the_variable_goes_before_the_settings(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[ui]\nlanguage = "zh"\n')
    assert initial_language(environ | {"PAN123_LANG": "en"}) == "en"


@pytest.mark.parametrize(
    "text",
    [
        '[ui]\nlanguage = "auto"\n',
        '[ui]\ntheme = "dracula"\n',
        "[ui]\nlanguage = 3\n",
        'ui = "language"\n',
        "# language\n[ui\n",
        "# language \xff\n",
        "",
    ],
)
def test_a_file_that_names_none_or_cannot_be_read_leaves_it_to_the_locale(
    text: str, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(text, "latin-1")
    assert initial_language(environ) == "en_GB.UTF-8"


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("", ""),
        ("list", ""),
        ("--lang zh list", "zh"),
        ("list --lang=zh", "zh"),
        ("--lang en list --lang zh", "zh"),
        ("list --lang", ""),
        ("add -- --lang zh", ""),
    ],
)
def test_the_option_is_read_wherever_it_stands_before_the_end_of_options(
    words: str, language: str
) -> None:
    assert option_value(words.split(), "--lang") == language
