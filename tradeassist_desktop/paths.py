"""Where the program keeps what is its own, and where its resources are. Nobody else knows."""

import sys
from dataclasses import dataclass
from pathlib import Path

_APP = "tradeassist"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one run; with ``--data-dir`` all of them lie within that folder.

    ``is_default`` says that they are the user's usual ones.
    """

    data: Path
    config: Path
    logs: Path
    is_default: bool = True

    @property
    def database(self) -> Path:
        """The SQLite file: rules, alerts, outbox, ticks, bars."""
        return self.data / "tradeassist.db"

    @property
    def recordings(self) -> Path:
        """The folder of recorded sessions."""
        return self.data / "recordings"

    @property
    def settings(self) -> Path:
        """The settings that differ from their defaults, as JSON."""
        return self.config / "settings.json"

    @property
    def layout(self) -> Path:
        """Window geometry and dock layout."""
        return self.config / "layout.ini"

    @property
    def templates(self) -> Path:
        """The trader's own templates of rules."""
        return self.config / "templates.json"

    @property
    def lock(self) -> Path:
        """Held by the one running instance."""
        return self.data / "tradeassist.lock"

    @property
    def sign_in(self) -> Path:
        """Folder of the sign-in's certificate, for this user alone."""
        return self.data / "sign-in"

    @property
    def secrets(self) -> Path:
        """Folder of the encrypted copies of remote secrets, for this user alone."""
        return self.data / "secrets"

    @property
    def log(self) -> Path:
        """The current log file, JSON lines."""
        return self.logs / "tradeassist.log"


def resolve(data_dir: Path | None) -> Paths:
    """Return the folders for this run; creates nothing."""
    if data_dir is not None:
        home = data_dir.expanduser().absolute()
        return Paths(data=home, config=home, logs=home / "logs", is_default=False)
    from platformdirs import PlatformDirs

    dirs = PlatformDirs(appname=_APP, appauthor=False)
    return Paths(data=dirs.user_data_path, config=dirs.user_config_path, logs=dirs.user_log_path)


def resources() -> Path:
    """Return the folder of icons, tones, themes and samples that came with the program."""
    frozen = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's bootloader
    return Path(frozen) / "resources" if frozen else Path(__file__).parent.parent / "resources"
