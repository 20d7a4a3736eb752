"""Tasks, links, folders and their rules: pure values, no I/O, no clock but for expired links."""
