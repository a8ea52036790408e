import pytest

from tests.fakes import ManualClock
from tests.runtime.breakers.rig import Guarded


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def guarded(clock: ManualClock) -> Guarded:
    return Guarded(clock)
