"""Run the command line, also with `python -m pan123_tui`."""

import sys


def main() -> None:
    """Run the program; ctrl+c ends it without a word even while it is imported."""
    if sys.platform == "win32":
        from pan123_tui.i18n import _, set_language  # noqa: PLC0415 - as below

        set_language("auto")
        sys.exit(_("pan123-tui needs Linux or macOS. On Windows, install and run it in WSL."))
    try:
        from pan123_tui.cli.main import main as run_command_line  # noqa: PLC0415 - as above

        run_command_line()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the current folder: its code is not ours
    main()
