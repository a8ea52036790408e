"""The one authority that gRPC clients in this process trust.

gRPC reads the file that ``GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`` names once, when the first client connects:
so all tests of a run share an authority, and the client is built as for Google's own servers.
"""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.channels.authority import Authority


@cache
def trusted_authority() -> Authority:
    folder = Path(tempfile.mkdtemp(prefix="tradeassist-authority-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    authority = Authority(folder=folder)
    os.environ["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = str(authority.file)
    os.environ["no_grpc_proxy"] = "localhost,127.0.0.1"  # noqa: SIM112 - so gRPC names it
    return authority
