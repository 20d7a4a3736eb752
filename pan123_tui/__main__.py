"""Lets `python -m pan123_tui` run the command line."""

from pan123_tui.cli.main import main

if __name__ == "__main__":
    main()
