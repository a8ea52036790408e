"""Prints the licence of every package of the environment it runs in, as one JSON object."""

import json
import sys
from importlib.metadata import PackageMetadata, distributions

from locked import canonical

_LONGEST = 100  # some put the whole text there
_PREFIX = "License :: OSI Approved :: "


def licence_of(metadata: PackageMetadata) -> str:
    """Return an SPDX expression where the package gives one, else its own words; empty if it has none."""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = metadata.get_all("Classifier") or []
    named = [text.removeprefix(_PREFIX) for text in classifiers if text.startswith(_PREFIX)]
    said = str(metadata.get("License") or "").strip()
    if said and len(said) <= _LONGEST and "\n" not in said:
        return said
    return " OR ".join(named)


def main() -> None:
    """Print them."""
    found = {canonical(each.metadata["Name"]): licence_of(each.metadata) for each in distributions()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
