"""The manual: a Markdown page for each subject, in each language."""

import re
from pathlib import Path

from pan123_tui.i18n import language

PAGES = (
    "links",
    "browser",
    "keys",
    "search",
    "words",
    "commands",
    "settings",
    "push",
    "callbacks",
    "profiles",
    "terminals",
    "troubleshooting",
    "changelog",
)
"""In the order in which readers need them."""
FOLDER = Path(__file__).parent
_MARKER = re.compile(r"<!-- [\w ]+ -->\n")


def page_file(name: str) -> Path:
    """Return the file of the page `name` in the current language."""
    return FOLDER / ("zh" if language() == "zh_CN" else "en") / f"{name}.md"


def page_text(name: str) -> str:
    """Return the Markdown of the page `name` in the current language, without its markers."""
    return _MARKER.sub("", page_file(name).read_text("utf-8"))


def page_title(name: str) -> str:
    with page_file(name).open(encoding="utf-8") as file:
        return file.readline().removeprefix("# ").strip()
