"""Fuzz the condition parser and the importer of rule files: ``python tests/fuzz/run.py --minutes 10``.

Draws texts and files by a seed. With ``--guided`` atheris (``pip install atheris``) chooses them by
the code they reach. Either way any error but the documented ones is printed with what caused it.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fuzz.checks import check_condition, check_file
from tests.fuzz.generator import KEYWORDS, MARKS, WORDS, Generator

CORPUS = 300


class Findings:
    """What went wrong, once for each place in the code."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, error: Exception, given: str | bytes) -> None:
        """Note an error; the first from its place is printed with what caused it."""
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        self.counts[place] += 1
        if self.counts[place] == 1:
            shown = repr(given)
            print(f"FOUND {place}: {str(error)[:300]}\n  given {shown[:3000]}", flush=True)


def run_seeded(seconds: float, seed: int) -> int:
    """Fuzz by the seed for so long; return how many places failed."""
    findings, tally = Findings(), Counter[str]()
    started = due = time.monotonic()
    generator = Generator(seed)
    while (now := time.monotonic()) < started + seconds:
        if now >= due:
            due = now + 60.0
            print(f"{now - started:5.0f} s  {_told(tally)}", flush=True)
        text, content = generator.condition(), generator.file()
        try:
            tally["conditions read" if check_condition(text) else "conditions refused"] += 1
        except Exception as error:
            findings.add(error, text)
        try:
            tally["files read" if check_file(content) else "files refused"] += 1
        except Exception as error:
            findings.add(error, content)
    print(f"seed {seed}, {sum(tally.values()):,} executions: {_told(tally)}")
    for place, count in findings.counts.most_common():
        print(f"  {count:,} times {place}")
    print("no finding" if not findings.counts else f"{len(findings.counts)} findings")
    return len(findings.counts)


def _told(tally: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(tally.items()))


def run_guided(seconds: float, seed: int) -> None:
    """Fuzz guided by coverage; atheris ends the process, with status 77 at a finding."""
    try:
        import atheris
    except ImportError:
        sys.exit("--guided needs atheris: pip install atheris")
    atheris.instrument_all()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    words = folder / "words.dict"
    words.write_text(
        "".join(f'"{_escaped(word)}"\n' for word in (*KEYWORDS, *MARKS, *WORDS, '"when":', '"rules":'))
    )
    corpus = folder / "corpus"
    corpus.mkdir()
    generator = Generator(seed)
    for number in range(CORPUS):
        text = generator.condition().encode("utf-8", "replace")
        (corpus / f"{number}.condition").write_bytes(text)
        (corpus / f"{number}.file").write_bytes(generator.file())
    print(f"what fails is kept in {folder}", flush=True)

    def one(content: bytes) -> None:
        if content[:1] == b"{":
            check_file(content)
        else:
            check_condition(content.decode("utf-8", "replace"))

    check_condition("last > 1")  # once more, now that it is watched
    options = (
        f"-max_total_time={seconds:.0f}",
        f"-seed={seed}",
        f"-dict={words}",
        f"-artifact_prefix={folder}/",
        "-max_len=1000",
    )
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def main() -> int:
    """Return 1 if anything was found."""
    parser = argparse.ArgumentParser(description="Fuzz the condition parser and the importer of rule files.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--guided", action="store_true", help="by coverage, with atheris")
    arguments = parser.parse_args()
    check_condition("last > 1")  # the parser is made at its first use, which may take its time
    if arguments.guided:
        run_guided(arguments.minutes * 60.0, arguments.seed)
        return 0
    return 1 if run_seeded(arguments.minutes * 60.0, arguments.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
