"""The engine as a screen or a command sees it: messages on its socket, and a copy of its tasks."""
