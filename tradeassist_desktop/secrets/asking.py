"""Who asks the same at the same time shares the answer: keepers are asked once."""

import asyncio
from functools import partial

from tradeassist_desktop.domain.secret import KeeperSilent
from tradeassist_desktop.secrets.answers import MEMORY, Answer, Answers, Question
from tradeassist_desktop.secrets.memory import SecretMemory


class Asking:
    """One task for each question that is under way."""

    def __init__(self, *, answers: Answers, memory: SecretMemory) -> None:
        self._answers = answers
        self._memory = memory
        self._tasks: dict[Question, asyncio.Task[Answer]] = {}
        self._is_closed = False

    def is_under_way(self, question: Question) -> bool:
        """Whether somebody asks it already."""
        return question in self._tasks

    async def answer(self, question: Question, who: str) -> Answer:
        """Return the answer, of keepers that are asked already or now.

        Raises:
            KeeperError: as of ``Answers.find``, or the program is ending.
        """
        while True:
            asking = self._tasks.get(question)
            if asking is None:
                finding = self._answers.find(question, who)
                asking = asyncio.create_task(finding, name=f"secret {question.name}")
                self._tasks[question] = asking
                asking.add_done_callback(partial(self._asked, question))
            # Unlike to await it: one who asks and is cancelled leaves it to the others.
            await asyncio.wait([asking])
            if not asking.cancelled():
                return asking.result()
            if self._is_closed:
                raise KeeperSilent("the program is ending", keeper="")
            # Something was written meanwhile: what was asked for is out of date.
            found = self._memory.fresh(question.name)
            if found is not None and found.kept is not None and question.is_usable(found.kept.secret):
                return Answer(found.kept, MEMORY)

    def overtake(self, name: str) -> None:
        """Have whoever asks for that secret now be given what was written of it meanwhile."""
        for question, asking in tuple(self._tasks.items()):
            if question.name == name:
                del self._tasks[question]
                asking.cancel()

    async def close(self) -> None:
        """Wait for no answer any more."""
        self._is_closed = True
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _asked(self, question: Question, asking: asyncio.Task[Answer]) -> None:
        if self._tasks.get(question) is asking:
            del self._tasks[question]
        if not asking.cancelled():
            asking.exception()  # else it is reported as never retrieved, where nobody waits any more
