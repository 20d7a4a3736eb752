"""`service`: have systemd run the engine."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import click

from pan123_tui.bootstrap import ExitCode, load_context, print_message
from pan123_tui.cli.program import command
from pan123_tui.client.starter import has_own_variables, unit_name
from pan123_tui.domain.credentials import without_account
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _
from pan123_tui.system.private_files import write_private

_UNIT = """[Unit]
Description=pan123-tui

[Service]
ExecStart="{python}" -P -m pan123_tui{profile} watch --wait-for-login
Restart=on-failure
RestartPreventExitStatus=3 4

[Install]
WantedBy=default.target
"""


@command(
    "service",
    _("Let systemd run the engine, or stop doing so."),
    "pan123-tui service install",
)
@click.argument(
    "action", type=click.Choice(("install", "remove", "status")), metavar="{install|remove|status}"
)
def service(action: str) -> ExitCode:
    paths = load_context().paths
    name = unit_name(paths)
    file = Path.home() / f".config/systemd/user/{name}.service"
    if action == "remove" and not file.exists():
        print_message(_("Nothing was installed."))
        return ExitCode.DONE
    if action == "status" and not file.exists():
        print_message(_("No service is installed: “pan123-tui service install” does that."))
        return ExitCode.SOME_FAILED
    is_there = which("systemctl") is not None
    is_reached = is_there and not _systemctl("show-environment", is_quiet=True)
    if action == "remove":
        return _remove(file, name, is_reached=is_reached)
    if not is_there:
        text = _("There is no systemd: have another program run “pan123-tui watch”.")
        raise click.ClickException(text)
    if not is_reached:
        text = _(
            "systemd cannot be reached from this session, as in a container, after su or over ssh:"
            " run “loginctl enable-linger” and log in again, or run “pan123-tui watch” in tmux."
        )
        raise click.ClickException(text)
    if action == "install":
        if has_own_variables(os.environ):
            text = _("The service would not see the PAN123_ and XDG_ variables of this shell.")
            raise click.UsageError(text)
        python = sys.executable.replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
        profile = f" --profile {paths.profile}" if paths.profile else ""
        write_private(file, _UNIT.format(python=python, profile=profile).encode())
        print_message(_("Written: {path}").format(path=sanitize(str(file))))
        print_message(_("“loginctl enable-linger” lets it run while you are not logged in."))
        return _systemctl("daemon-reload") or _systemctl("enable", "--now", name)
    return _systemctl("status", "--no-pager", "--lines=0", name)


def _remove(file: Path, name: str, *, is_reached: bool) -> ExitCode:
    code = _systemctl("disable", "--now", name) if is_reached else ExitCode.SOME_FAILED
    (file.parent / f"default.target.wants/{file.name}").unlink(missing_ok=True)
    file.unlink()
    if is_reached:
        return code or _systemctl("daemon-reload")
    text = _(
        "Removed: {path}. systemd could not be told, so the engine that it runs, if any, goes on:"
        " “pan123-tui stop” ends it. It does not start at the next login."
    )
    print_message(text.format(path=sanitize(str(file))))
    return code


def _systemctl(*words: str, is_quiet: bool = False) -> ExitCode:
    """Have systemd do it; what it says is printed, unless it is to be quiet."""
    command = ("systemctl", "--user", *words)
    out, environ = subprocess.DEVNULL if is_quiet else None, without_account(os.environ)
    ran = subprocess.run(command, env=environ, stdout=out, stderr=out, check=False)  # noqa: S603 - its words are ours
    return ExitCode.SOME_FAILED if ran.returncode else ExitCode.DONE
