"""The way in: straight to the dashboard, or through click to a command."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pan123_tui import i18n
from pan123_tui.cli.errors import ExitCode
from pan123_tui.config import gc_pause
from pan123_tui.config.paths import locate

_KEY = b"language"


def language_option(words: Sequence[str]) -> str:
    """Return the last value of `--lang` in `words`, up to where the options end; else ""."""
    options = words[: words.index("--")] if "--" in words else words
    language = ""
    for word, following in zip(options, (*options[1:], ""), strict=False):
        name, is_given, value = word.partition("=")
        if name == "--lang":
            language = value if is_given else following
    return language


def first_language(environ: Mapping[str, str]) -> str:
    """Tell the language of `PAN123_LANG`, else of `config.toml`, else of the locale.

    A file that cannot be read says nothing here: who needs the settings complains of it.
    """
    asked = i18n.from_environment(environ)
    if environ.get("PAN123_LANG"):
        return asked
    return _written_in(locate(environ).config_file) or asked


def _written_in(file: Path) -> str:
    """Give `ui.language` as `file` has it; empty: none, or the locale's."""
    try:
        written = file.read_bytes()
    except OSError:
        return ""
    if _KEY not in written:
        return ""
    import tomllib

    try:
        language = tomllib.loads(written.decode())["ui"]["language"]
    except (ValueError, LookupError, TypeError):
        return ""
    return language if isinstance(language, str) and language != "auto" else ""


FLAGS = {"--demo": "demo", "--ascii": "is_ascii", "--low-bandwidth": "low_bandwidth"}
"""What the dashboard can be opened with; all else is for click, which takes 20 ms to import."""
INTERRUPTED = 130
"""128 and the number of SIGINT."""


def main() -> None:
    """Run the program, and end it with its exit code."""
    gc_pause.pause()  # most commands are over before there is garbage; the others have it resume
    words = sys.argv[1:]
    if language := language_option(words):
        os.environ["PAN123_LANG"] = language  # for the settings and for child processes
    i18n.set_language(first_language(os.environ))
    i18n.bind_gettext_domain()
    code: int = ExitCode.DONE
    try:
        code = _run(words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        from pan123_tui.cli.errors import error_message, exit_code

        if (said := error_message(error)) is None:
            raise
        print(f"pan123-tui: {said}", file=sys.stderr)  # noqa: T201 - perhaps without click
        code = exit_code(error)
    sys.exit(code)


def _run(words: list[str]) -> int:
    if set(words) <= FLAGS.keys():
        from pan123_tui.cli.dashboard import open_dashboard

        return open_dashboard(**{FLAGS[word]: True for word in words})
    from pan123_tui.cli.commands import program

    return program.main(words, standalone_mode=True)
