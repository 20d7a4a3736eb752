"""The workshop: what the settings screen can have done outside of the screen."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from pan123_tui.domain.credentials import AccountSource, Credentials
from pan123_tui.settings import Settings

if TYPE_CHECKING:
    from pan123_tui.engine.service import Service

Value = str | int | float | bool
Connect = Callable[[], "Service"]


class Workshop(Struct, frozen=True, kw_only=True):
    """Functions that the composition root fills in; those that write may take their time."""

    config_file: Path
    """Where the settings are."""
    save_settings: Callable[[Mapping[str, Value | None]], Settings]
    """Write the changes (field → value; None: the default) and give what is then in force.

    Raises `SettingsInvalid` and `OSError`; nothing is written then."""
    account: Callable[[], AccountSource]
    """Tell what there is of an account."""
    save_credentials: Callable[[Credentials | None], None]
    """Keep credentials, or forget them; raises `OSError`."""
    connector: Callable[[Settings, Credentials | None], Connect] | None = None
    """Give what connects with credentials (None: those that are kept). None: the account is
    not to be changed, as in the demo."""
