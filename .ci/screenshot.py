"""Make `.github/screenshot.svg`: the real app, its real engine and a real conversation, drawn without a terminal.

Run it from the checkout: `python .ci/screenshot.py`. What she says differs each time; nothing is edited.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

os.environ["ANIMA_HOME"] = tempfile.mkdtemp(prefix="anima-screenshot-")

from anima_tui.app.app import AnimaApp
from anima_tui.app.widgets.prompt import Prompt
from anima_tui.paths import user_paths
from anima_tui.settings import load_settings

PICTURE = Path(__file__).parent.parent / ".github" / "screenshot.svg"
EVENING = ("hi", "i had a rough day at work", "/sleep")
MORNING = ("good morning", "what is the boiling point of water?", "imagine a city under the sea")


class Portrait(AnimaApp):
    async def say(self, text: str) -> None:
        """Say something and wait until she has answered, or slept."""
        self.main.prompt.post_message(Prompt.Sent(text))
        await asyncio.sleep(1.0)
        while self.session.replying or self.session.asleep or len(self.session.outbox):
            await asyncio.sleep(0.1)


async def main() -> None:
    app = Portrait(load_settings(user_paths().settings_file), user_paths())
    async with app.run_test(size=(152, 46)) as pilot:
        while not app.session.ready:
            await pilot.pause(0.1)
        for text in (*EVENING, *MORNING):
            await app.say(text)
        await pilot.pause(1.0)
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(app.export_screenshot(title="anima-tui"), encoding="utf-8")
        await app.action_quit()
    print(PICTURE)


asyncio.run(main())
