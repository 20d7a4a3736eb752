"""Profiles: names for further accounts, each with config, data and state folders of its own."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _, join_choices

if TYPE_CHECKING:
    from pan123_tui.domain.errors import ProfileMissing

PROFILE_VARIABLE = "PAN123_PROFILE"
DEFAULT_PROFILE = "default"
"""How the profile without a name is called."""
PROFILES_FOLDER = "profiles"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,31}")
"""Safe in a path, in a shell on another machine, and as the instance of a systemd unit."""


def chosen_profile(environ: Mapping[str, str]) -> str:
    """Return the profile that `environ` names, "" for the default; raises `SettingsInvalid`."""
    name = environ.get(PROFILE_VARIABLE, "")
    if name and (reason := profile_name_error(name)):
        from pan123_tui.domain.errors import SettingsInvalid  # noqa: PLC0415 - imports msgspec

        raise SettingsInvalid(f"{PROFILE_VARIABLE}: {reason}")
    return "" if name == DEFAULT_PROFILE else name


def profile_name_error(name: str) -> str:
    """Return why `name` cannot be a profile and what can, "" if it can."""
    if _NAME.fullmatch(name):
        return ""
    text = _(
        "“{name}” cannot be a profile: take 1 to 32 of the letters a–z, digits, - and _, such as"
        " “work”."
    )
    return text.format(name=sanitize(name, 40))


def list_profiles(folders: Iterable[Path]) -> list[str]:
    """Return the names of the profiles below the default profile's `folders`, sorted."""
    names: set[str] = set()
    for folder in folders:
        with suppress(OSError):
            found = (path for path in (folder / PROFILES_FOLDER).iterdir() if path.is_dir())
            names.update(path.name for path in found if _NAME.fullmatch(path.name))
    return sorted(names - {DEFAULT_PROFILE})


def profile_missing(name: str, others: Iterable[str]) -> "ProfileMissing":
    """Return the error for a profile without folders; `others` are those that have some."""
    from pan123_tui.domain.errors import ProfileMissing  # noqa: PLC0415 - as above

    text = _("There is no profile “{name}” yet: “pan123-tui login” makes it. There are: {others}.")
    return ProfileMissing(text.format(name=name, others=join_choices((DEFAULT_PROFILE, *others))))
