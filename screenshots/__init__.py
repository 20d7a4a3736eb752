"""The pictures of the README, drawn by running the program: `python -m screenshots`."""
