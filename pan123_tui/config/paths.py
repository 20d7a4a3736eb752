"""Where things are: the stylesheet, and the user's config, data and state folders."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pan123_tui.config.private_files import insecure_mode, make_private_folder, restrict_permissions
from pan123_tui.i18n import _

APP = "pan123-tui"
CONFIG_VARIABLE = "PAN123_CONFIG_DIR"
DATA_VARIABLE = "PAN123_DATA_DIR"


class InsecurePermissions(NamedTuple):
    """A folder or file that others could enter or read."""

    path: Path
    mode: int
    """The mode that it had."""
    is_fixed: bool
    """False: it is not ours alone to change, so it was left as it is."""

    def __str__(self) -> str:
        if self.is_fixed:
            text = _("{path} was open to others (mode {mode}): closed.")
        else:
            text = _("{path} is open to others (mode {mode}): choose a folder of your own.")
        return text.format(path=self.path, mode=f"{self.mode:04o}")


class AppPaths(NamedTuple):
    """The user's folders."""

    config_dir: Path
    """`config.toml` and `credentials.toml`."""
    data_dir: Path
    """The tasks and the inbox: what must not be lost."""
    state_dir: Path
    """The token cache and the log: what can be made again."""

    @property
    def config_file(self) -> Path:
        """Where the settings are."""
        return self.config_dir / "config.toml"

    @property
    def token_cache(self) -> Path:
        """Where the access token is kept between runs."""
        return self.state_dir / "token.json"

    def ensure_directories(self) -> list[InsecurePermissions]:
        """Make the folders that are missing, close to others what is open, and tell what was.

        One that cannot be made is left to whoever writes there: the store goes on from memory.
        """
        found: list[InsecurePermissions] = []
        for folder in (self.config_dir, self.data_dir, self.state_dir):
            with suppress(OSError):
                make_private_folder(folder)
                found += _closed(folder)
        for file in (self.config_dir / "credentials.toml", self.token_cache):
            with suppress(OSError):
                found += _closed(file)
        return found


def locate(environ: Mapping[str, str]) -> AppPaths:
    """Tell the folders: the variables' first, else where this system keeps such things.

    With a data folder of one's own, the state is in there too: nothing is shared by accident.
    """
    config, data = environ.get(CONFIG_VARIABLE), environ.get(DATA_VARIABLE)
    if config and data:
        return AppPaths(_folder(config), _folder(data), _folder(data) / "state")
    from platformdirs import PlatformDirs  # noqa: PLC0415 - start-up is felt: only if needed

    dirs = PlatformDirs(APP, appauthor=False)
    return AppPaths(
        config_dir=_folder(config) if config else dirs.user_config_path,
        data_dir=_folder(data) if data else dirs.user_data_path,
        state_dir=_folder(data) / "state" if data else dirs.user_state_path,
    )


def stylesheet() -> Path:
    """Find `styles.tcss`: inside the installed package, or beside it in a checkout.

    Raises `FileNotFoundError` if it is in neither place: the installation is broken.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package, package.parent):
        if (path := folder / "styles.tcss").is_file():
            return path
    raise FileNotFoundError("styles.tcss")


def _folder(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _closed(path: Path) -> list[InsecurePermissions]:
    """Close `path` to others and say so; a place that is not ours alone is only reported."""
    mode = insecure_mode(path)
    if mode is None:
        return []
    is_ours = path not in (Path.home(), Path(path.anchor)) and not path.is_mount()
    if not is_ours:
        return [InsecurePermissions(path, mode, is_fixed=False)]
    try:
        restrict_permissions(path)
    except OSError:
        return [InsecurePermissions(path, mode, is_fixed=False)]
    return [InsecurePermissions(path, mode, is_fixed=True)]
