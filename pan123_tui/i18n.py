"""Translation: `_()` and `ngettext()` over the catalogues compiled from `locale/*.po`."""

import gettext as _gettext
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

LOCALE_DIR = Path(__file__).parent / "locale"
LANGUAGES = ("en", "zh")
"""The values of `--lang`."""

_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"
_options = ""
KEYS = {
    "actions.back": "esc",
    "add.leave": "esc",
    "add.submit": "ctrl+s",
    "add.test": "ctrl+t",
    "add.undo": "ctrl+z",
    "app.end": "Q",
    "app.settings": ",",
    "choice.cancel": "esc",
    "links.add": "a",
    "queue.pause": "P",
    "review.edit": "enter",
    "review.toggle": "space",
    "settings.copy": "y",
    "tasks.edit": "e",
    "tasks.poll": "f5",
    "tasks.remove": "d",
    "tasks.retry": "r",
    "tasks.test": "t",
    "tasks.undo": "u",
    "text.close": "esc",
    "view.back": "esc",
    "view.show_all": "1",
    "view.show_done": "4",
    "view.show_trouble": "3",
}
"""The keys that texts name as `{id of the action}`, unless the user has chosen others."""
_keys: Mapping[str, str] = KEYS
_KEY = re.compile("{(" + "|".join(map(re.escape, KEYS)) + ")}")
_KEY_NAMES = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "space": "space",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "delete": "del",
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "minus": "-",
    "plus": "+",
    "underscore": "_",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}
"""Those of Textual's keys that their sign's name in Unicode does not tell."""
_FULL_WIDTH_BRACES = str.maketrans("{}", "｛｝")  # those of a text are to be filled in


def _(message: str) -> str:
    return _filled(_catalogue.gettext(message))


def ngettext(msgid1: str, msgid2: str, n: int) -> str:
    """Return the form for `n` in the current language, with `{count}` filled in: "12,345"."""
    return _filled(_catalogue.ngettext(msgid1, msgid2, n)).replace("{count}", f"{n:,}")


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name for "mark, translate later"
    """Mark `message` for extraction; it is translated with `_()` where it is shown."""
    return message


def comma() -> str:
    """Return what separates the parts of a list in the current language."""
    return _("{former}, {latter}").format(former="", latter="")


def join_list(parts: Iterable[str]) -> str:
    """Return the non-empty `parts`, separated by the comma of the current language."""
    return comma().join(filter(None, parts))


def join_choices(words: Iterable[str]) -> str:
    comma = _("{word}, {next}").format(word="", next="")
    return comma.join(words)


def join_sentences(*parts: str) -> str:
    """Return the non-empty `parts`, separated by a blank if the current language uses them."""
    blank = _("{former} {latter}").format(former="", latter="")
    return blank.join(filter(None, parts))


def with_parenthetical(text: str, aside: str) -> str:
    """Return `text`, followed by `aside` in parentheses unless that is empty."""
    return _("{text} ({aside})").format(text=text, aside=aside) if aside else text


def language() -> str:
    """Return the current language: `en`, that of the source, or `zh_CN`."""
    return _language


def set_language(name: str) -> None:
    """Switch to Chinese for a Chinese locale (`zh`, `zh_CN.UTF-8`, …), otherwise to English.

    "auto" is the language of the environment.
    """
    global _catalogue, _language  # noqa: PLW0603 - one language per process
    name = from_environment() if name == "auto" else name
    _language = "zh_CN" if name.lower().startswith("zh") else "en"
    if _language == "en":
        _catalogue = _gettext.NullTranslations()
    else:
        _catalogue = _gettext.translation("messages", LOCALE_DIR, [_language], fallback=True)


def use_options(options: str) -> None:
    """Name `options` in every command that a text shows, which may be copied."""
    global _options  # noqa: PLW0603 - one profile per process
    _options = options


def use_keys(chosen: Mapping[str, str], *, is_ascii: bool = False) -> None:
    """Have texts name the first of the `chosen` keys of each action."""
    global _keys  # noqa: PLW0603 - one keyboard per process
    firsts = {action: keys.split(",")[0].strip() for action, keys in chosen.items()}
    _keys = KEYS | {it: key_name(key, is_ascii=is_ascii) for it, key in firsts.items() if key}


def key_name(key: str, *, is_ascii: bool = False) -> str:
    """Return Textual's `key` as printed on a keyboard: "ctrl+a", "?", "pgdn"."""
    *modifiers, last = key.split("+")
    name = _KEY_NAMES.get(last, "")
    if not name:
        with suppress(KeyError):
            name = unicodedata.lookup(last.replace("_", " "))
    # In ASCII, an arrow would become a "v", which would be read as the key v.
    if not name.isprintable() or (is_ascii and not name.isascii()):
        name = ""
    return "+".join((*modifiers, name or last))


def key_of(action: str) -> str:
    """Return the name of the key of `action`; "" for one that no text names, unless chosen."""
    return _keys.get(action, "")


def _filled(text: str) -> str:
    """Return `text` with the options in its commands, and with the names of the keys."""
    if _options:
        text = text.replace("“pan123-tui", f"“pan123-tui {_options}")
    if "{" not in text:
        return text
    return _KEY.sub(lambda found: _keys[found[1]].translate(_FULL_WIDTH_BRACES), text)


def from_environment(environ: Mapping[str, str] = os.environ) -> str:
    """Return the language that the environment names: `PAN123_LANG` or else the locale."""
    variables = ("PAN123_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    return next(filter(None, map(environ.get, variables)), "en")
