"""The language to begin with: help and errors need it before the settings are read as a whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pan123_tui import i18n
from pan123_tui.paths import find_places

_KEY = b"language"


def language_option(words: Sequence[str]) -> str:
    """Return the last value of `--lang` in `words`, up to where the options end; else ""."""
    options = words[: words.index("--")] if "--" in words else words
    language = ""
    for word, following in zip(options, (*options[1:], ""), strict=False):
        name, is_given, value = word.partition("=")
        if name == "--lang":
            language = value if is_given else following
    return language


def first_language(environ: Mapping[str, str]) -> str:
    """Tell the language of `PAN123_LANG`, else of `config.toml`, else of the locale.

    A file that cannot be read says nothing here: who needs the settings complains of it.
    """
    asked = i18n.from_environment(environ)
    if environ.get("PAN123_LANG"):
        return asked
    return _written_in(find_places(environ).config_file) or asked


def _written_in(file: Path) -> str:
    """Give `ui.language` as `file` has it; empty: none, or the locale's."""
    try:
        written = file.read_bytes()
    except OSError:
        return ""
    if _KEY not in written:
        return ""
    import tomllib  # noqa: PLC0415 - start-up is felt: only where a language is written

    try:
        language = tomllib.loads(written.decode())["ui"]["language"]
    except (ValueError, LookupError, TypeError):
        return ""
    return language if isinstance(language, str) and language != "auto" else ""
