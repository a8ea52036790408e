"""Listening on this machine alone, as every simulated venue does."""

from aiohttp import web


async def listen(app: web.Application, port: int) -> tuple[web.AppRunner, int]:
    """Serve on 127.0.0.1; return what ends it, and the port: where 0 is asked for, one that was free.

    Raises:
        OSError: the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, runner.addresses[0][1]
