"""Desk: a few questions at work, some waiting, the rest sent away at once.

Questions that wait and want the same thing of the same run are answered together. A model of vectors reads all of them
for one playlist as for thirty, so what would be a crowd is one matrix product: the more come, the less each costs.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from recommender.service.problems import Refused

T = TypeVar("T")
TOO_MANY = "too many questions at once; ask again in a moment"
_TOGETHER = 32  # questions answered at once, at most: 10 MB of scores at 75,262 songs
_Waiting = list[tuple[Any, "Future[Any]"]]


class Desk:
    """Where questions are worked on.

    here : how many are at work or wait; one that took too long is here until it is done
    """

    def __init__(self, at_work: int, waiting: int, seconds: float) -> None:
        self._pool, self._lock = ThreadPoolExecutor(at_work, "desk"), Lock()
        self._most, self._seconds = at_work + waiting, seconds
        self._open: dict[Hashable, _Waiting] = {}
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
            group = self._open.setdefault(key, [])
            group.append((question, mine))
            first, full = len(group) == 1, len(group) == _TOGETHER
            if full:
                del self._open[key]
        if first:  # a moment later, so that whoever comes at the same time is with them
            asyncio.get_running_loop().call_soon(self._submit, key, group, work)
        return await self._answer(mine)

    def _submit(self, key: Hashable, group: _Waiting, work: Callable[[list[Any]], Sequence[Any]]) -> None:
        try:
            self._pool.submit(self._answer_all, key, group, work)
        except RuntimeError:  # closed meanwhile
            for _, theirs in group:
                if theirs.set_running_or_notify_cancel():
                    theirs.set_exception(Refused("the service is ending; ask again in a moment"))

    def _answer_all(self, key: Hashable, group: _Waiting, work: Callable[[list[Any]], Sequence[Any]]) -> None:
        with self._lock:  # from here on nobody joins the group
            if self._open.get(key) is group:
                del self._open[key]
        group = [(question, theirs) for question, theirs in group if theirs.set_running_or_notify_cancel()]
        if not group:
            return
        try:
            answers = [*zip(group, work([question for question, _ in group]), strict=True)]
        except BaseException as error:
            for _, theirs in group:
                theirs.set_exception(error)
            return
        for (_, theirs), answer in answers:
            theirs.set_result(answer)

    @property
    def full(self) -> bool:
        return self.here >= self._most

    def _enter(self) -> None:
        with self._lock:
            if self.full:
                raise Refused(TOO_MANY)
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
