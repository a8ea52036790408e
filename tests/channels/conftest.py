from pathlib import Path

import pytest

from tests.channels.authority import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(folder=tmp_path)
