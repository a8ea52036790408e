"""Where in Google Cloud this desk's secrets are, and what they are called there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

GLOBAL_ENDPOINT: Final = "secretmanager.googleapis.com:443"
_PLAIN: Final = re.compile(r"[A-Za-z0-9]")
_LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretManagerPlace:
    """Settings of Secret Manager.

    Args:
        project: Its id; empty where no secret is kept in Secret Manager.
        location: The region of regional secrets, such as ``europe-west3``; empty for global ones.
        endpoint: ``host:port``. Where it is the global one, a location has that of its region.
        credentials: A service account's key file; empty for the application default credentials.
        prefix: Of each secret's id, so that several desks can share a project.
    """

    project: str = ""
    location: str = ""
    endpoint: str = GLOBAL_ENDPOINT
    credentials: str = ""
    prefix: str = "tradeassist-"

    @classmethod
    def of(cls, text: Callable[[str], str]) -> Self:
        """Return the place that the settings name; ``text`` returns one of them."""
        return cls(
            project=text("secrets.gcp.project"),
            location=text("secrets.gcp.location"),
            endpoint=text("secrets.gcp.endpoint"),
            credentials=text("secrets.gcp.credentials"),
            prefix=text("secrets.gcp.prefix"),
        )

    @property
    def is_set(self) -> bool:
        """Whether secrets are kept in Secret Manager at all."""
        return bool(self.project)

    @property
    def host(self) -> str:
        """Where its calls go, ``host:port``; with a location only that region's own endpoint answers."""
        if self.location and self.endpoint == GLOBAL_ENDPOINT:
            return f"secretmanager.{self.location}.rep.googleapis.com:443"
        return self.endpoint

    @property
    def parent(self) -> str:
        """What all its secrets belong to."""
        region = f"/locations/{self.location}" if self.location else ""
        return f"projects/{self.project}{region}"

    def secret_id(self, name: str) -> str:
        """Return what a secret is called in the project: ``tradeassist-slack-bot`` for ``slack.bot``.

        Two names never share an id: what is no letter, digit or dot is written as ``_2d``.

        Raises:
            ValueError: it would be longer than an id can be.
        """
        written = "".join(map(_written, name))
        if not written or len(self.prefix + written) > _LONGEST_ID:
            raise ValueError(f"a secret's name must have 1 to {_LONGEST_ID} characters, was {name[:40]!r}")
        return self.prefix + written

    def secret(self, name: str) -> str:
        """Return a secret's whole name."""
        return f"{self.parent}/secrets/{self.secret_id(name)}"

    def version(self, name: str, version: str) -> str:
        """Return the whole name of a version: a number, or ``latest``."""
        return f"{self.secret(name)}/versions/{version}"


def _written(character: str) -> str:
    if character == ".":
        return "-"
    if _PLAIN.fullmatch(character):
        return character
    return "".join(f"_{byte:02x}" for byte in character.encode())
