"""What a launch claims, and what it shows of itself."""

import stat
from pathlib import Path

from tradeassist_desktop.app import Launch, claim
from tradeassist_desktop.logs import SecretMask
from tradeassist_desktop.paths import resolve


def launch(folder: Path) -> Launch:
    return Launch(
        places=resolve(folder),
        feed="demo",
        speed=None,
        symbol=None,
        bar_label="start",
        rules_file=None,
        record_file=None,
        overrides=(),
        environment={"SMTP_PASSWORD": "canary-of-the-launch"},
        is_dev=False,
        is_headless=True,
        mask=SecretMask(),
    )


def test_the_folders_of_a_new_installation_are_for_this_user_alone(tmp_path: Path) -> None:
    claim(launch(tmp_path / "new"))

    made = (tmp_path / "new", tmp_path / "new" / "logs")
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in made} == {0o700}


def test_a_folder_that_is_there_stays_as_open_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    (tmp_path / "shared").chmod(0o755)

    claim(launch(tmp_path / "shared"))

    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o755


def test_row_50_a_launch_does_not_show_the_environment(tmp_path: Path) -> None:
    assert "canary" not in repr(launch(tmp_path))
