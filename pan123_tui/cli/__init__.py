"""The command line."""

COMPLETE_VARIABLE = "_PAN123_TUI_COMPLETE"
"""Set by a shell that completes a command line; its words are then in other variables."""
