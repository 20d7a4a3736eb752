"""`simulate`: run the simulated service on its own."""

import click

from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.output import print_data
from pan123_tui.config import gc_pause
from pan123_tui.i18n import _


@click.command(
    "simulate",
    help=_(
        "Run the simulated service alone, to point a client at it.\n\n"
        "It prints the variables that do so."
    ),
    epilog=example("pan123-tui simulate --speed 10"),
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    default=0,
    help=_("The port on 127.0.0.1; 0: any free one."),
)
@click.option(
    "--speed",
    metavar="FACTOR",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help=_("How fast its tasks move."),
)
@language_option
def simulate(*, port: int, speed: float) -> None:
    """Run until ctrl+c."""
    from pan123_tui.simulator.accounts import ACCESS_TOKEN
    from pan123_tui.simulator.server import serve

    gc_pause.resume()
    serve(
        port=port,
        speed=speed,
        on_ready=lambda base_url: print_data(
            f"PAN123_BASE_URL={base_url} PAN123_ACCESS_TOKEN={ACCESS_TOKEN} pan123-tui"
        ),
    )
