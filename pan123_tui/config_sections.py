"""The tables of `config.toml`, each with its defaults and its bounds."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

DEFAULT_BASE_URL = "https://open-api.123pan.com"

Rate = Annotated[float, Meta(gt=0, le=50)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table of `config.toml`."""


class Service(Section, frozen=True):
    """`[service]`: where the open API is and how often it is asked."""

    base_url: str = DEFAULT_BASE_URL
    create_per_s: Rate = 1.0
    process_per_s: Rate = 5.0


class Defaults(Section, frozen=True):
    """`[defaults]`: what a new link gets unless it says otherwise."""

    folder_id: Annotated[int, Meta(gt=0)] | None = None
    folder_name: str = ""
    """What the folder was called when it was chosen: shown, never sent."""
    callback_url: str = ""


class Ui(Section, frozen=True):
    """`[ui]`: how it looks."""

    language: Literal["auto", "en", "zh"] = "auto"
    theme: str = ""
    """Empty: the program's own."""
    ascii: bool = False
    low_bandwidth: bool = False
    window_rows: Annotated[int, Meta(ge=50, le=20_000)] = 150
    """How many rows of a view the table holds at once."""


class Clipboard(Section, frozen=True):
    """`[clipboard]`: watching the local clipboard for links."""

    watch: bool = False
    interval_s: Seconds = 1.0
    allow_hosts: tuple[str, ...] = ()
    """Empty: every host."""
    deny_hosts: tuple[str, ...] = ()
    osc52_query: bool = True
    """Whether a terminal that is known to answer may be asked for its clipboard."""


class Notify(Section, frozen=True):
    """`[notify]`: what tells that a task has finished or failed."""

    toast: bool = True
    bell: bool = True
    desktop: bool = True
    title: bool = True
    progress: bool = True


class Callback(Section, frozen=True):
    """`[callback]`: the receiver of the service's callbacks; off while `listen` is empty."""

    listen: str = ""
    """`host:port`."""
    public_url: str = ""
    """How the service reaches it from outside."""


class Hooks(Section, frozen=True):
    """`[hooks]`: commands with their arguments, run without a shell."""

    on_success: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    timeout_s: Seconds = 30.0


class Arrival(Section, frozen=True):
    """`[arrival]`: looking into the target folder after a success."""

    check: bool = True
