"""When news is painted: progress seldom, what the user did at once."""

from dataclasses import replace

from tests.ui.dashboard_stage import story, task

AN_AGE_S = 3600.0


async def test_progress_waits_for_the_next_paint_and_what_the_user_did_does_not() -> None:
    moving = task(1, percent=10.0)
    async with story([moving, task(2)]) as told:
        told.app.paint_interval_s = AN_AGE_S
        told.engine.tell(replace(moving, percent=20.0))
        await told.reads("20%")
        told.engine.tell(replace(moving, percent=30.0))
        await told.pilot.pause()
        assert "30%" not in told.text
        await told.press("d", "y")
        await told.sees(lambda: told.names == ["part-01.iso"])
        assert "30%" in told.text
