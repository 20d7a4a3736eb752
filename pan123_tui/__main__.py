"""Run the command line, also with `python -m pan123_tui`."""

import sys


def main() -> None:
    """Run the program; ctrl+c ends it without a word even while it is imported."""
    try:
        from pan123_tui.cli.main import main as run_command_line  # noqa: PLC0415 - as above

        run_command_line()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
