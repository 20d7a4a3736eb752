"""The language in use: `_()` and `ngettext()` over catalogues compiled from `locale/*.po`."""

import gettext as _gettext
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

LOCALE_DIR = Path(__file__).parent / "locale"

_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def _(message: str) -> str:
    """Give `message` in the language in use."""
    return _catalogue.gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Give the form that fits `count` in the language in use; fill `{count}` yourself."""
    return _catalogue.ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name for "mark, translate later"
    """Mark `message` for extraction; translate it with `_()` where it is shown."""
    return message


def join_list(parts: Iterable[str]) -> str:
    """Put `parts` one after the other as the language in use does; empty ones are left out."""
    comma = _("{former}, {latter}").format(former="", latter="")
    return comma.join(filter(None, parts))


def with_parenthetical(text: str, aside: str) -> str:
    """Put `aside` behind `text` in the parentheses of the language in use, if there is any."""
    return _("{text} ({aside})").format(text=text, aside=aside) if aside else text


def language() -> str:
    """Return the language in use: `en`, that of the source, or `zh_CN`."""
    return _language


def set_language(name: str) -> None:
    """Switch to the language that `name` means (`en`, `zh`, `zh_CN.UTF-8`, …), else English."""
    global _catalogue, _language  # noqa: PLW0603 - one process speaks one language
    _language = "zh_CN" if name.lower().startswith("zh") else "en"
    if _language == "en":
        _catalogue = _gettext.NullTranslations()
    else:
        _catalogue = _gettext.translation("messages", LOCALE_DIR, [_language], fallback=True)


def bind_gettext_domain() -> None:
    """Let libraries that ask gettext themselves, as click does, find our catalogue."""
    _gettext.bindtextdomain("messages", LOCALE_DIR)
    os.environ["LANGUAGE"] = _language


def from_environment(environ: Mapping[str, str] = os.environ) -> str:
    """Tell the language that the environment asks for: `PAN123_LANG`, else the locale."""
    for variable in ("PAN123_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(variable):
            return value
    return "en"
