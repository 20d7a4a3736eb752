"""The way in: straight to the dashboard, or through click to a command."""

import os
import sys

from pan123_tui import collector, i18n
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.first_language import first_language, language_option

FLAGS = {"--demo": "demo", "--ascii": "is_ascii", "--low-bandwidth": "low_bandwidth"}
"""What the dashboard can be opened with; all else is for click, which takes 20 ms to import."""
INTERRUPTED = 130
"""128 and the number of SIGINT."""


def main() -> None:
    """Run the program, and end it with its exit code."""
    collector.rest()  # most commands are over before there is garbage; the others have it resume
    words = sys.argv[1:]
    if language := language_option(words):
        os.environ["PAN123_LANG"] = language  # for the settings and for child processes
    i18n.use(first_language(os.environ))
    i18n.lend()
    code: int = ExitCode.DONE
    try:
        code = _run(words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        from pan123_tui.commands.giving_up import exit_code, last_words

        if (said := last_words(error)) is None:
            raise
        print(f"pan123-tui: {said}", file=sys.stderr)  # noqa: T201 - perhaps without click
        code = exit_code(error)
    sys.exit(code)


def _run(words: list[str]) -> int:
    if set(words) <= FLAGS.keys():
        from pan123_tui.commands.dashboard import open_dashboard

        return open_dashboard(**{FLAGS[word]: True for word in words})
    from pan123_tui.commands.program import program

    return program.main(words, standalone_mode=True)
