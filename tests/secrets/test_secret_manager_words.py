"""What the user is told of each failure: what is wrong, and what to do."""

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.channels.authority import Authority
from tests.secret_manager.server import key_file, secret_manager
from tests.secret_manager.trust import trusted_authority
from tests.secrets.secret_manager_desk import SecretManagerDesk, secret_manager_desk
from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperRefused, KeeperSilent
from tradeassist_desktop.secrets.secret_manager.failures import Answer, failure
from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

ROOT = Path(__file__).parents[2]
PLACE = SecretManagerPlace(project="desk-project")
EMAIL = "desk@desk-project.iam.gserviceaccount.com"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SecretManagerDesk]:
    async with secret_manager_desk(tmp_path) as desk:
        yield desk


async def test_a_certificate_of_an_unknown_authority_is_said(desk, tmp_path: Path) -> None:
    with secret_manager(Authority(folder=tmp_path)) as other:
        desk.change(endpoint=other.endpoint)

        with pytest.raises(KeeperSilent, match=r"certificate of localhost:[0-9]+ is not to be trusted"):
            await desk.keeper.read(SLACK_BOT)


async def test_a_web_server_in_place_of_secret_manager_is_said(desk) -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    try:
        await web.TCPSite(
            runner, "127.0.0.1", 0, ssl_context=trusted_authority().serving("localhost")
        ).start()
        desk.change(endpoint=f"localhost:{runner.addresses[0][1]}")

        with pytest.raises(KeeperSilent, match=r"what answers at localhost:[0-9]+ is no Secret Manager"):
            await desk.keeper.read(SLACK_BOT)
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        pytest.param(
            "PERMISSION_DENIED",
            "Permission 'secretmanager.versions.add' denied for resource 'projects/desk-project/secrets/x' "
            "(or it may not exist).",
            "permission secretmanager.versions.add is missing on projects/desk-project/secrets/x: give "
            f"{EMAIL} the role Secret Manager Secret Version Adder",
            id="a permission",
        ),
        pytest.param(
            "PERMISSION_DENIED",
            "Permission 'secretmanager.secrets.create' denied for resource 'projects/desk-project' (or it "
            "may not exist).",
            f"permission secretmanager.secrets.create is missing on projects/desk-project: give {EMAIL} the "
            "role Secret Manager Admin",
            id="a permission of the project",
        ),
        pytest.param(
            "PERMISSION_DENIED",
            "This API method requires billing to be enabled. Please enable billing on project #1",
            "project desk-project has no billing account: link one in the Google Cloud console",
            id="billing",
        ),
        pytest.param(
            "UNAVAILABLE",
            "Getting metadata from plugin failed with error: ('invalid_grant: Invalid JWT Signature.', {})",
            f"Google refused the credentials of {EMAIL}: their key may be deleted or disabled, or this "
            "computer's clock wrong. Set the clock, or choose a new key file",
            id="a token refused",
        ),
        pytest.param(
            "UNIMPLEMENTED",
            "Received http2 header with status: 404",
            "secretmanager.googleapis.com:443 is no Secret Manager: check secrets.gcp.endpoint",
            id="another service",
        ),
    ],
)
def test_a_refusal_says_what_to_do(code: str, words: str, told: str) -> None:
    failed = failure(Answer(code=code, words=words), place=PLACE, account=EMAIL)

    assert isinstance(failed, KeeperRefused)
    assert str(failed) == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(
            "Getting metadata from plugin failed with error: Failed to resolve 'oauth2.googleapis.com'",
            "Google gave no access token: is the network up?",
            id="no token server",
        ),
        pytest.param(
            "errors resolving secretmanager.googleapis.com:443: Domain name not found",
            "the name of secretmanager.googleapis.com:443 is not known: is the network up?",
            id="no name server",
        ),
        pytest.param(
            "Socket closed",
            "nobody answers at secretmanager.googleapis.com:443: is the network up?",
            id="cut",
        ),
    ],
)
def test_an_outage_says_where_to_look(words: str, told: str) -> None:
    failed = failure(Answer(code="UNAVAILABLE", words=words), place=PLACE, account=EMAIL)

    assert isinstance(failed, KeeperSilent)
    assert str(failed) == told


def test_googles_own_words_are_cut_to_a_line() -> None:
    answer = Answer(code="PERMISSION_DENIED", words="because\n" * 200)

    told = str(failure(answer, place=PLACE, account=""))

    assert told.startswith("Google refused the account: because because")
    assert len(told) < 400


# --- a process of its own: gRPC and Google's library read its environment once

READ = textwrap.dedent("""
    import asyncio, logging, random, sys
    from tradeassist_desktop.domain.secret import SLACK_BOT, KeeperError
    from tradeassist_desktop.runtime.breakers.manager import Breakers
    from tradeassist_desktop.runtime.clock import SystemClock
    from tradeassist_desktop.secrets.secret_manager.failures import NAME, SECRET_MANAGER_BREAKER
    from tradeassist_desktop.secrets.secret_manager.keeper import SecretManagerKeeper
    from tradeassist_desktop.secrets.secret_manager.place import SecretManagerPlace

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)

    async def main():
        breaker = Breakers(clock=SystemClock(), rng=random.Random()).get(NAME, SECRET_MANAGER_BREAKER)
        place = SecretManagerPlace(project="desk-project", endpoint=sys.argv[1], credentials=sys.argv[2])
        keeper = SecretManagerKeeper(place=lambda: place, breaker=breaker, clock=SystemClock())
        try:
            print(await keeper.read(SLACK_BOT))
        except KeeperError as error:
            print(type(error).__name__, error)
        await keeper.close()

    asyncio.run(main())
""")


async def read_apart(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if name != "GRPC_VERBOSITY"}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", READ, *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_gRPC_and_googles_library_write_nothing_to_standard_error(tmp_path: Path) -> None:
    with secret_manager(Authority(folder=tmp_path)) as server:
        key = str(key_file(server, tmp_path))

        done = await read_apart(server.endpoint, key, GOOGLE_SDK_PYTHON_LOGGING_SCOPE="google")

    assert done.stdout.startswith("KeeperSilent the certificate of localhost:")
    assert done.stderr == ""


async def test_without_any_credentials_it_says_so_though_no_metadata_server_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        host = f"127.0.0.1:{never_answers.getsockname()[1]}"

        done = await read_apart(
            "localhost:1",
            "",
            GCE_METADATA_IP=host,
            GCE_METADATA_HOST=host,
            GOOGLE_APPLICATION_CREDENTIALS="",
            CLOUDSDK_CONFIG=str(tmp_path),
        )

    assert done.stdout.startswith("KeeperRefused there are no Google credentials: choose a service account")
    assert done.stderr == ""


async def test_application_default_credentials_are_taken_where_no_key_file_is_set(tmp_path: Path) -> None:
    with secret_manager(trusted_authority()) as server:
        server.vault.put("tradeassist-slack-bot", '{"token": "xoxb"}')
        server.accounts.write_key_file(tmp_path / "application_default_credentials.json")

        done = await read_apart(
            server.endpoint, "", GOOGLE_APPLICATION_CREDENTIALS="", CLOUDSDK_CONFIG=str(tmp_path)
        )

    assert "source='secret manager'" in done.stdout
    assert done.stderr == ""
