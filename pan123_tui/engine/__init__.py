"""Sends queued links, polls active tasks, and runs the other background workers."""
