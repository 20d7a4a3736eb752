"""A text that changes is as large as what it shows."""

from textual.app import App, ComposeResult

from pan123_tui.ui.widgets.live_text import LiveText


class Stage(App[None]):
    """Shows a text alone."""

    CSS = "LiveText { width: auto; }"

    def compose(self) -> ComposeResult:
        yield LiveText("ab")


async def test_a_text_that_changes_between_its_layout_and_its_mount_is_measured_again() -> None:
    async with Stage().run_test() as pilot:
        text = pilot.app.query_one(LiveText)
        assert text.size.width == 2
        # As where the screen is laid out while it is being composed.
        text.get_content_width(pilot.app.size, pilot.app.size)
        text._is_mounted = False
        text.update("abcdef")
        text._is_mounted = True
        pilot.app.screen.refresh(layout=True)
        await pilot.pause()
        assert text.size.width == 6
