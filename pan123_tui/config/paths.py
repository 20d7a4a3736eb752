"""Profiles: the config, data and state folders of an account, and the files in them."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pan123_tui.domain.errors import ProfileMissing, SettingsInvalid
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _, join_choices
from pan123_tui.system.private_files import insecure_mode, make_private_folder, restrict_permissions

APP = "pan123-tui"
CONFIG_VARIABLE = "PAN123_CONFIG_DIR"
DATA_VARIABLE = "PAN123_DATA_DIR"
PROFILE_VARIABLE = "PAN123_PROFILE"
DEFAULT_PROFILE = "default"
"""What the profile without a name is called."""
PROFILES_FOLDER = "profiles"
CONFIG_FILE, CREDENTIALS_FILE = "config.toml", "credentials.toml"
DEMO_PREFIX = "pan123-demo-"
"""Prefix of a demo's folder, which the demo's engine removes."""
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,31}"
"""Safe in a path, in a shell on another machine, and as the instance of a systemd unit."""
_LOGIN_FILES = ("login-*.json", ".login-*.json.*.tmp")


class AppPaths(NamedTuple):
    config_dir: Path
    """`config.toml`, `credentials.toml`, and the newest refresh token of each login."""
    data_dir: Path
    """The tasks, which must not be lost."""
    state_dir: Path
    """The token cache, the log and other files that can be created again."""
    profile: str = ""
    """Whose folders these are; empty: the default profile's."""

    @property
    def is_demo(self) -> bool:
        return self.data_dir.parent.name.startswith(DEMO_PREFIX)

    @property
    def options(self) -> str:
        """What a command must have to mean these folders."""
        profile = f"--profile {self.profile}" if self.profile else ""
        return "--demo" if self.is_demo else profile

    @property
    def folders(self) -> tuple[Path, Path, Path]:
        return self[:3]

    def of_profile(self, name: str) -> "AppPaths":
        """Return the folders of the profile `name`, inside these of the default one."""
        config, data, state = (folder / PROFILES_FOLDER / name for folder in self.folders)
        return AppPaths(config, data, state, name)

    def all_profiles(self) -> list["AppPaths"]:
        """Return these folders of the default profile, and those of each profile inside them."""
        found = (path for it in self.folders for path in it.glob(f"{PROFILES_FOLDER}/*"))
        names = {path.name for path in found if path.is_dir() and not profile_name_error(path.name)}
        return [self, *map(self.of_profile, sorted(names - {DEFAULT_PROFILE}))]

    def require_profile(self) -> None:
        """Raise `ProfileMissing` for a named profile that has no folder yet."""
        if not self.profile or any(folder.is_dir() for folder in self.folders):
            return
        text = _(
            "There is no profile “{name}” yet: “pan123-tui login” creates it. Existing "
            "profiles: {others}."
        )
        config, data, state = (folder.parents[1] for folder in self.folders)
        others = AppPaths(config, data, state).all_profiles()
        names = join_choices(it.profile or DEFAULT_PROFILE for it in others)
        raise ProfileMissing(text.format(name=self.profile, others=names))

    @property
    def config_file(self) -> Path:
        return self.config_dir / CONFIG_FILE

    @property
    def credentials_file(self) -> Path:
        return self.config_dir / CREDENTIALS_FILE

    @property
    def aria2_secret(self) -> Path:
        return self.config_dir / "aria2-secret"

    @property
    def log_file(self) -> Path:
        return self.state_dir / "pan123-tui.log"

    @property
    def token_cache(self) -> Path:
        return self.state_dir / "token.json"

    @property
    def folder_cache(self) -> Path:
        return self.state_dir / "folders.json"

    def login_files(self) -> list[Path]:
        """Return the files with refresh tokens, and what a killed process left of them."""
        return [file for pattern in _LOGIN_FILES for file in self.config_dir.glob(pattern)]

    def secret_files(self) -> list[Path]:
        """Return the files with credentials and tokens, which may not exist."""
        return [self.credentials_file, self.aria2_secret, self.token_cache, *self.login_files()]

    def forget_tokens(self) -> None:
        """Delete all tokens, and the account's name saved by earlier versions; raises `OSError`."""
        for file in (self.token_cache, self.state_dir / "account.json", *self.login_files()):
            file.unlink(missing_ok=True)

    def ensure_directories(self) -> list[str]:
        """Create missing folders, close secret files, and return what is or was open to others."""
        for folder in self.folders:
            with suppress(OSError):  # whoever writes there reports it
                make_private_folder(folder)
        return [
            *filter(None, map(_secure, (*filter(Path.is_dir, self.folders), *self.secret_files())))
        ]


def locate(environ: Mapping[str, str]) -> AppPaths:
    """Return the folders of the chosen profile; raises `SettingsInvalid` if they cannot be."""
    profile, default = chosen_profile(environ), locate_default(environ)
    return default.of_profile(profile) if profile else default


def locate_default(environ: Mapping[str, str]) -> AppPaths:
    """Return the folders that the variables name, otherwise those that are usual on this system.

    If a variable names the data folder, the state is inside it, so that two of them share nothing.
    """
    config, data = environ.get(CONFIG_VARIABLE), environ.get(DATA_VARIABLE)
    try:
        if config and data:
            return AppPaths(_folder(config), _folder(data), _folder(data) / "state")
        from platformdirs import PlatformDirs  # noqa: PLC0415 - not needed for named folders

        dirs = PlatformDirs(APP, appauthor=False)
        state = f"{data}/state" if data else dirs.user_state_dir
        usual = config or dirs.user_config_dir, data or dirs.user_data_dir, state
        config_dir, data_dir, state_dir = map(_folder, usual)
        return AppPaths(config_dir, data_dir, state_dir)
    except RuntimeError:  # of `~` for a user without a home
        text = _(
            "The home folder cannot be found: set HOME, or set {config} and {data} to absolute "
            "paths."
        )
        raise SettingsInvalid(text.format(config=CONFIG_VARIABLE, data=DATA_VARIABLE)) from None


def profile_names(environ: Mapping[str, str]) -> list[str]:
    """Return the names of all profiles, the default one first."""
    return [it.profile or DEFAULT_PROFILE for it in locate_default(environ).all_profiles()]


def chosen_profile(environ: Mapping[str, str]) -> str:
    """Return the profile that `environ` names, "" for the default; raises `SettingsInvalid`."""
    name = environ.get(PROFILE_VARIABLE, "")
    if name and (reason := profile_name_error(name)):
        raise SettingsInvalid(f"{PROFILE_VARIABLE}: {reason}")
    return "" if name == DEFAULT_PROFILE else name


def profile_name_error(name: str) -> str:
    """Return why `name` cannot be a profile and what could be one; "" if it can."""
    if re.fullmatch(_NAME, name):
        return ""
    text = _(
        "“{name}” cannot be a profile name: use 1 to 32 letters a–z, digits, - and _, as in “work”."
    )
    return text.format(name=sanitize(name, 40))


def _folder(name: str) -> Path:
    """Return the absolute path; raises `SettingsInvalid` where files with its name would break."""
    if "\n" in name or "\r" in name:
        text = _("The folder “{name}” cannot be used: its name contains a line break.")
        raise SettingsInvalid(text.format(name=sanitize(name)))
    return Path(name).expanduser().absolute()


def _secure(path: Path) -> str:
    """Restrict a file to its owner; return whether it, or a folder, was open to others."""
    text, mode = "", None
    with suppress(OSError):
        if mode := insecure_mode(path):
            text = _(
                "{path} is open to others (mode {mode}): choose a folder of your own, or restrict "
                "it with “chmod 700”."
            )
            if not path.is_dir():  # a folder that was there may be in use by others
                restrict_permissions(path)
                text = _("{path} was open to others (mode {mode}); only you can open it now.")
    return text.format(path=path, mode=f"{mode or 0:04o}")
