import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tradeassist_desktop.runtime.clock import SystemClock
from tradeassist_desktop.services.sign_in.browser import open_in_browser

ROOT = Path(__file__).parents[2]


async def test_without_a_desktop_no_browser_is_asked() -> None:
    assert not await open_in_browser("https://schwab", clock=SystemClock(), environment={"DISPLAY": ""})


def test_the_desktop_s_browser_gets_the_address(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    script = textwrap.dedent("""
        import asyncio
        from tradeassist_desktop.runtime.clock import SystemClock
        from tradeassist_desktop.services.sign_in.browser import open_in_browser
        print(asyncio.run(open_in_browser("https://schwab/page?a=1&b=2", clock=SystemClock())))
    """)

    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DISPLAY": ":nowhere", "BROWSER": str(browser)},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
        check=True,
    )

    assert done.stdout == "True\n"
    assert (tmp_path / "opened").read_text() == "https://schwab/page?a=1&b=2\n"
