"""The pictures in the README, made by driving the real program; `python -m screenshots`."""
