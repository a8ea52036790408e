"""Packages with rotators, as pip leaves them in a folder."""

import textwrap
from pathlib import Path

WORKING = """
    async def make(self, secret):
        return {**secret, "password": secret["password"] + "-renewed"}

    async def verify(self, secret):
        assert secret["password"].endswith("-renewed")

    async def retire(self, secret):
        pass
"""


def install_rotator(
    folder: Path,
    *,
    module: str,
    methods: str,
    name: str = "",
    top: str = "",
    end: str = "",
    target: str = "Rotator",
) -> str:
    """Put a package into a folder whose ``Rotator`` has these methods; return its rotator's name.

    Args:
        name: Of the entry point; by default the module's.
        top: Above the class.
        end: Below it.
        target: What the entry point is.
    """
    body = textwrap.indent(textwrap.dedent(methods), "    ")
    (folder / f"{module}.py").write_text(f"{top}\nclass Rotator:\n{body}\n{end}\n")
    information = folder / f"{module}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        f"[tradeassist.rotators]\n{name or module} = {module}:{target}\n"
    )
    return name or module
