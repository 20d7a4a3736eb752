"""Tasks, links, folders and their rules: pure values, no clock and no I/O."""
