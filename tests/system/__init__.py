"""Private files, child processes, the log and the garbage collection."""
