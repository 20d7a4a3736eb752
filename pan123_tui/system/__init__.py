"""Files, processes and the log on this machine."""
