"""The fields of `config.toml`, each declared once: type, range, default, meaning, and so on."""

import re
from collections.abc import Iterator, Mapping
from math import nan
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from pan123_tui.config.setting import About, Form, Setting, mask
from pan123_tui.domain.credentials import TOKEN_PLACEHOLDER, is_header_safe
from pan123_tui.domain.links.url import is_loopback
from pan123_tui.i18n import N_

DEFAULT_BASE_URL = "https://open-api.123pan.com"
MAX_PORT = 65535
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s?([smhd]|min|秒|分钟?|小时|天)")
_DAY_S = 86400
_UNITS_S = {"s": 1, "秒": 1, "m": 60, "分": 60, "h": 3600, "小": 3600, "d": _DAY_S, "天": _DAY_S}
"""The units by their first characters."""


def _is_url(value: str) -> bool:
    try:
        url = urlsplit(value)
        has_host = bool(url.hostname) and url.port != 0
    except ValueError:
        return False
    return has_host and url.scheme in ("http", "https") and is_header_safe(value)


def _is_encrypted(value: str) -> bool:
    """Return whether a secret may be sent to `value`: it is https, or http on this machine."""
    if not _is_url(value):
        return False
    url = urlsplit(value)
    return url.scheme == "https" or is_loopback(url.hostname or "")


def _is_base_url(value: str) -> bool:
    is_bare = not ("?" in value or "#" in value)
    return is_bare and _is_encrypted(value) and "@" not in urlsplit(value).netloc


def _is_listen_address(value: str) -> bool:
    """Return whether `value` is a `host:port` to listen on; port 0: any free one."""
    host, _colon, port = value.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and int(port) <= MAX_PORT


def _is_push_address(value: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", value, re.IGNORECASE) is not None


def duration_s(text: str) -> float:
    """Return the seconds of a duration such as "10m", "10 min" or "10 分钟"; NaN for other text."""
    found = _DURATION.fullmatch(text.strip())
    return float(found[1]) * _UNITS_S[found[2][0]] if found else nan


def _language_of(locale: str) -> str:
    """Return the language for any locale name: all but the Chinese ones mean English."""
    return "zh" if locale.lower().startswith("zh") else "en"


URL = Form(N_("an http:// or https:// address"), _is_url)
BASE_URL = Form(
    N_("an https:// address (http:// only on this machine) without a user name or query"),
    _is_base_url,
)
RENEW_URL = Form(
    N_("an https:// address (http:// only on this machine) with {refresh_token} in it"),
    lambda value: TOKEN_PLACEHOLDER in value and _is_encrypted(value),
)
LISTEN = Form(N_("a host and a port, such as 127.0.0.1:8123"), _is_listen_address)
PUSH = Form(N_("a list of addresses such as ntfy://topic, without spaces"), _is_push_address)
WAIT = Form(
    N_("a time from 10s to 1d, such as 90s, 10m or 2h"),
    lambda value: 10 <= duration_s(value) <= _DAY_S,
)
Rate = Annotated[float, Meta(gt=0, le=50)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
Texts = tuple[str, ...]


class Section(Struct, frozen=True, kw_only=True):
    """A table of `config.toml`."""


class Defaults(Section, frozen=True):
    """`[defaults]`: values for new links without values of their own."""

    folder_id: Annotated[
        Annotated[int, Meta(gt=0)] | None,
        About(N_("Folder for new links; without one, 123pan's default folder."), N_("Folder")),
    ] = None
    folder_name: Annotated[str, About(N_("Name of that folder: only shown, never sent."))] = ""
    batch_folders: Annotated[
        Literal["none", "date", "batch"],
        About(
            N_("A folder for each batch: in the folder chosen above, or else in the drive's root."),
            N_("Folder for each batch"),
            words={"none": N_("none"), "date": N_("by date"), "batch": N_("by batch name")},
        ),
    ] = "none"
    callback_url: Annotated[
        str, URL, About(N_("Address that 123pan calls when a task has ended."))
    ] = ""


class Service(Section, frozen=True):
    """`[service]`: the address of the open API, and how much it is asked to do."""

    base_url: Annotated[
        str,
        BASE_URL,
        About(
            N_("Address of 123pan's API: https, or http on this machine."),
            variable="PAN123_BASE_URL",
        ),
    ] = DEFAULT_BASE_URL
    create_per_s: Annotated[
        Rate,
        About(
            N_("Links sent per second; other programs with the same account are not counted."),
            N_("Links sent per second"),
        ),
    ] = 1.0
    process_per_s: Annotated[
        Rate,
        About(
            N_("Progress checks per second; other programs with the same account are not counted.")
        ),
    ] = 5.0
    max_running: Annotated[
        int,
        Meta(ge=0, le=1000),
        About(
            N_("Limit on simultaneous downloads; 0: as many as 123pan allows."),
            N_("Max downloads"),
            words={"0": N_("unlimited")},
        ),
    ] = 0


class Retry(Section, frozen=True):
    """`[retry]`: links that failed at the source and are sent again automatically."""

    times: Annotated[
        int,
        Meta(ge=0, le=20),
        About(
            N_("How many times a link that failed at its source is sent again; 0: never."),
            N_("Retries of a failed link"),
        ),
    ] = 0
    after: Annotated[
        str, WAIT, About(N_("Wait before the first retry, doubled for each later one."))
    ] = "10m"

    @property
    def after_s(self) -> float:
        """Seconds before the first retry."""
        return duration_s(self.after)


class Notify(Section, frozen=True):
    """`[notify]`: how the ends of tasks and batches are announced."""

    push: Annotated[
        Texts,
        PUSH,
        About(
            N_("Addresses to message when a batch ends or something needs you; keep them secret."),
            N_("Send messages to"),
            is_secret=True,
        ),
    ] = ()
    tell: Annotated[
        Literal["off", "bell", "desktop"],
        About(
            N_("How the terminal tells you that tasks ended while you were elsewhere."),
            N_("Notify me"),
            words={"off": N_("off"), "bell": N_("bell"), "desktop": N_("bell and desktop")},
        ),
    ] = "desktop"
    title: Annotated[bool, About(N_("Show counts in the window title."))] = True

    def __repr__(self) -> str:
        return f"Notify(push={[mask(address) for address in self.push]}, tell={self.tell!r})"


class Ui(Section, frozen=True):
    """`[ui]`: language and appearance."""

    language: Annotated[
        Literal["auto", "en", "zh"],
        About(
            N_("Language of all texts."),
            N_("Language"),
            words={"auto": N_("the system's language"), "en": "English", "zh": "中文"},
            variable="PAN123_LANG",
            from_variable=_language_of,
        ),
    ] = "auto"
    theme: Annotated[
        str, About(N_("pan123-dark, pan123-light, or any Textual theme."), N_("Theme"))
    ] = ""
    ascii: Annotated[
        bool,
        About(
            N_("Draw with ASCII characters only, for terminals that cannot show others."),
            N_("ASCII only"),
        ),
    ] = False


class Clipboard(Section, frozen=True):
    """`[clipboard]`: watching the local clipboard for links."""

    watch: Annotated[
        bool, About(N_("Collect the links that you copy."), N_("Watch the clipboard"))
    ] = False
    interval_s: Annotated[Seconds, About(N_("Seconds between checks of the clipboard."))] = 1.0
    osc52_query: Annotated[
        bool, About(N_("Read the clipboard through terminals that are known to allow it."))
    ] = True


class Callback(Section, frozen=True):
    """`[callback]`: the receiver of the service's callbacks; off if `listen` is empty."""

    listen: Annotated[str, LISTEN, About(N_("Host and port that receive callbacks."))] = ""
    public_url: Annotated[
        str, URL, About(N_("Address at which 123pan reaches that port from outside."))
    ] = ""


class Hooks(Section, frozen=True):
    """`[hooks]`: commands with their arguments, run without a shell."""

    on_end: Annotated[Texts, About(N_("Program and arguments, run when a task has ended."))] = ()
    on_batch_end: Annotated[
        Texts, About(N_("Program and arguments, run when a batch has ended."))
    ] = ()
    timeout_s: Annotated[
        Seconds, About(N_("Seconds after which a hook that is still running is ended."))
    ] = 30.0


class Arrival(Section, frozen=True):
    """`[arrival]`: the check of the target folder after a success."""

    check: Annotated[bool, About(N_("Look for the file in its folder once the task is done."))] = (
        True
    )


SECTIONS: Mapping[str, type[Section]] = {
    kind.__name__.lower(): kind for kind in Section.__subclasses__()
}


def _fields() -> Iterator[Setting]:
    for section, kind in SECTIONS.items():
        defaults = zip(kind.__struct_fields__, kind.__struct_defaults__, strict=True)
        for name, default in defaults:
            declared = kind.__annotations__[name]
            known = {type(it): it for it in declared.__metadata__}
            yield Setting(section, name, declared, default, known[About], known.get(Form))


SETTINGS: Mapping[str, Setting] = {field.key: field for field in _fields()}
"""All fields, by their keys."""
