"""Unique secrets, and a search for them in everything a run leaves behind or shows.

The shapes are worked out here anew, the plain way: the program's own mask is what is tested.
"""

import base64
import gzip
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import psutil


def made(begin: str = "") -> str:
    """A secret that is in no other text, its first twelve letters neither."""
    return begin + secrets.token_urlsafe(30).replace("-", "x").replace("_", "y")


@dataclass
class Canaries:
    """One secret of each kind, by the name of what it is."""

    texts: dict[str, str] = field(
        default_factory=lambda: {
            "slack token": f"xoxb-{secrets.randbelow(10**12)}-{made()}",
            "webhook path": made(),
            "webhook key": f"whsec_{base64.b64encode(secrets.token_bytes(30)).decode()}",
            "webhook header": made(),
            "smtp password": made() + '+/=&"\\',
            "app key": made(),
            "app secret": made(),
            "refresh token": made("I0."),
            "typed password": made(),
            "typed token": made(),
        }
    )

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    def found_in(self, contents: Mapping[str, bytes], *, but: tuple[str, ...] = ()) -> list[str]:
        """Say where a secret is, which, and in what shape; of those named in ``but`` nothing."""
        sought = [
            (name, shape, text)
            for name, secret in self.texts.items()
            if name not in but
            for shape, text in shapes_of(secret)
        ]
        return [
            f"{place}: {name}, {shape}: …{content[max(0, content.find(text) - 60) : content.find(text)]!r}"
            for place, content in contents.items()
            for name, shape, text in sought
            if text in content
        ]


def shapes_of(secret: str) -> Iterator[tuple[str, bytes]]:
    """Yield a secret as it is, its beginning, URL-encoded, and in base64 at each of the three alignments."""
    raw = secret.encode()
    # A kind's own beginning is no secret, and is in the mask's place.
    begin = re.match(r"(xoxb-|I0\.|whsec_)?", secret)
    assert begin is not None
    skipped = len(begin.group().encode()) if len(begin.group()) > 3 else 0
    yield "raw", raw
    yield "first 12", raw[: 12 + skipped]
    yield "URL-encoded", quote(secret, safe="").encode()
    yield "as a form", quote_plus(secret).encode()
    for before in range(3):
        encoded = base64.b64encode(b"?" * before + raw).decode()
        # What the bytes before and after have a part in is left out.
        certain = encoded[(0, 2, 3)[before] : (before + len(raw)) * 8 // 6]
        yield f"base64 at {before}", certain[:24].encode()
        yield f"base64 at {before}, end", certain[-24:].encode()


def files_under(*folders: Path, but: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Return the bytes of every file, those that are packed unpacked too."""
    contents: dict[str, bytes] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if not path.is_file() or path.is_symlink() or any(part in path.parts for part in but):
                continue
            contents[str(path)] = content = path.read_bytes()
            if content.startswith(b"\x1f\x8b"):
                contents[f"{path} unpacked"] = gzip.decompress(content)
    return contents


class ProcessWatch:
    """Reads the arguments of a running process and all its children, and the children's environment."""

    def __init__(self, pid: int) -> None:
        self.seen: dict[str, bytes] = {}
        self.children: set[str] = set()
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "ProcessWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for_child(self, word: str, *, seconds: float = 60) -> None:
        """Wait until a child with that word among its arguments was looked at."""
        end = time.monotonic() + seconds
        while not any(word in each for each in self.children):
            assert time.monotonic() < end, f"no child {word!r}, only {self.children}"
            self._stop.wait(0.02)

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self._look(self._pid, with_environment=False)
            try:
                children = psutil.Process(self._pid).children(recursive=True)
            except psutil.Error:
                return
            for child in children:
                self._look(child.pid, with_environment=True)

    def _look(self, pid: int, *, with_environment: bool) -> None:
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
            self.seen[f"arguments of {pid}"] = arguments
            # One that has the parent's own is its fork, which has not begun yet to be another program.
            if with_environment and arguments != self.seen.get(f"arguments of {self._pid}"):
                self.seen[f"environment of {arguments!r}"] = Path(f"/proc/{pid}/environ").read_bytes()
                self.children.add(arguments.decode(errors="replace"))
        except OSError:
            return  # it has ended
