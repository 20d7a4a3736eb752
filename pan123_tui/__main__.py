"""Run the command line with `python -m pan123_tui`."""

from pan123_tui.cli.main import main

if __name__ == "__main__":
    main()
