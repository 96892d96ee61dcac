"""Desk: a few questions at work, some waiting, the rest sent away at once.

Questions that wait and want the same thing of the same run are answered together. A model of vectors reads all of them
for one playlist as for thirty, so what would be a crowd is one matrix product: the more come, the less each costs. So
while some are at work, the next gather until these are done, or until they are enough for a thread of their own.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from recommender.service.problems import Refused

T = TypeVar("T")
_TOGETHER = 32  # questions answered at once, at most: 10 MB of scores at 75,262 songs
_ENOUGH = 8  # questions that are worth a thread while others of their key are at work


@dataclass(eq=False)
class _Group:
    """Questions of one key, each with what its answer is put into."""

    work: Callable[[list[Any]], Sequence[Any]]
    waiting: list[tuple[Any, "Future[Any]"]] = field(default_factory=list)
    called: bool = False


class Desk:
    """Where questions are worked on.

    here : how many are at work or wait; one that took too long is here until it is done
    """

    def __init__(self, at_work: int, waiting: int, seconds: float) -> None:
        self._pool, self._lock = ThreadPoolExecutor(at_work, "desk"), Lock()
        self._most, self._seconds = at_work + waiting, seconds
        self._open: dict[Hashable, _Group] = {}  # that may be joined
        self._called: Counter[Hashable] = Counter()  # groups of each key that are at work, or about to be
        self.here = 0

    async def ask(self, work: Callable[[], T]) -> T:
        """What the work returns; raises Refused where too many are here, or it takes too long."""
        self._enter()
        return await self._answer(self._pool.submit(work))

    async def ask_together(self, key: Hashable, question: Any, work: Callable[[list[Any]], Sequence[T]]) -> T:
        """The answer to this question, worked out with all others of its key that wait; raises as `ask`.

        work : questions -> an answer to each
        """
        self._enter()
        mine: Future[T] = Future()
        with self._lock:
            group = self._open.setdefault(key, _Group(work))
            group.waiting.append((question, mine))
            if len(group.waiting) == _TOGETHER:
                del self._open[key]
            called = self._call(key, group)
        if called:  # a moment later, so that whoever comes at the same time is with them
            asyncio.get_running_loop().call_soon(self._pool.submit, self._answer_all, key, group)
        return await self._answer(mine)

    def _call(self, key: Hashable, group: _Group) -> bool:
        """Whether the group is to be worked on now, and was not before."""
        if group.called or (self._called[key] and len(group.waiting) < _ENOUGH):
            return False
        group.called = True
        self._called[key] += 1
        return True

    def _answer_all(self, key: Hashable, group: _Group) -> None:
        with self._lock:  # from here on nobody joins the group
            if self._open.get(key) is group:
                del self._open[key]
        _answer(group)
        with self._lock:
            self._called -= Counter([key])
            following = self._open.get(key)
            if following and self._call(key, following):
                self._pool.submit(self._answer_all, key, following)

    def _enter(self) -> None:
        with self._lock:
            if self.here >= self._most:
                raise Refused("too many questions at once; ask again in a moment")
            self.here += 1

    async def _answer(self, future: "Future[T]") -> T:
        future.add_done_callback(self._leave)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError as error:
            raise Refused(f"no answer within {self._seconds:g} seconds; ask for less, or in a moment") from error

    def _leave(self, _: object) -> None:
        with self._lock:
            self.here -= 1

    def close(self) -> None:
        """Wait for what is at work."""
        self._pool.shutdown()


def _answer(group: _Group) -> None:
    """Work on those who still wait."""
    asked = [(question, theirs) for question, theirs in group.waiting if theirs.set_running_or_notify_cancel()]
    if not asked:
        return
    try:
        answers = group.work([question for question, _ in asked])
    except BaseException as error:
        for _, theirs in asked:
            theirs.set_exception(error)
        return
    for (_, theirs), answer in zip(asked, answers, strict=True):
        theirs.set_result(answer)
