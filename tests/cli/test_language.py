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
    ("words", "said"),
    [
        ("list --foo", "错误：没有选项 '--foo'。\n"),
        ("list --jso", "错误：没有选项 '--jso'。 是不是 '--json', '--sort'？\n"),
        ("lst", "错误：没有命令 'lst'。\n"),
        ("list --sort", "错误：选项 '--sort' 后面要有一个值。\n"),
        ("list --json=3", "错误：选项 '--json' 不带值。\n"),
        ("stop x", "错误：多余的参数（x）\n"),
        ("stop x y", "错误：多余的参数（x y）\n"),
        ("completions", "错误：缺少参数 '{bash|zsh|fish}'. 可选：\n\tbash,\n\tzsh,\n\tfish\n"),
        ("completions x", "值无效：'x' 不在可选值里：'bash', 'zsh', 'fish'。\n"),
        ("wait 1 --timeout 0", "错误：'--timeout' 的值无效：0.0 超出范围 x>0。\n"),
        ("wait 1 --timeout x", "'x' 不是有效的"),
        ("add -f /no/such", " '/no/such' 不存在。\n"),
        ("add -f /tmp", "'/tmp' 是目录"),
        ("--help", "用法： pan123-tui [OPTIONS]"),
        ("--help", "\n选项:\n"),
        ("--help", "\n命令:\n"),
        ("list --help", "显示本帮助。"),
        ("list --foo", "查看帮助：“pan123-tui list --help”。\n"),
    ],
)
def test_what_the_library_of_commands_says_is_chinese_too(
    tmp_path: Path, words: str, said: str
) -> None:
    ran = Shell(tmp_path, token="").call("--lang=zh", *words.split())
    assert said in ran.out + ran.err, ran.err
