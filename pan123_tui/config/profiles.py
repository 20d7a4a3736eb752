"""The names of profiles: further accounts, each with three folders of its own (`AppPaths`)."""

import re
from collections.abc import Mapping

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _

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
