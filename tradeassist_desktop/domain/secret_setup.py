"""Looking through a set-up of secrets, step by step, before anything rests on it."""

from dataclasses import dataclass
from enum import StrEnum


class StepResult(StrEnum):
    """How a step went."""

    OK = "ok"
    HINT = "hint"
    """It works; there is something to know."""
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStep:
    """One thing that was tried.

    Args:
        title: What, in a few words.
        words: What was found, and where it failed what to do. Holds no secret.
    """

    title: str
    result: StepResult
    words: str
