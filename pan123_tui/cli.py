"""The command line: commands and exit codes."""


def main() -> None:
    """Run the program."""
