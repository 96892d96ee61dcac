"""The HTTP service: parse, call, show. OpenAPI at /docs, without a request to another server.

    start     the server process               application  its parts put together
    routes    what can be asked                questions, answers  of which form (their OpenAPI)
    guard     around every request: key, size, time, id, log, metrics        problems  what went wrong, as RFC 9457
    desk      a few at work, some waiting, the rest sent away at once        opening   the run in use, and the next one

A question is answered by one run from beginning to end. Needs the extra `[serve]`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """How the service is run.

    at_work, waiting : questions computed at once, and those that may wait; more are sent away
    seconds : the longest that an answer, or the sending of a question, may take
    body : bytes of a question, at most
    keys : of which a caller must show one; none: all may ask
    origins : web pages that browsers let ask; "*" for all
    every : seconds between two looks at whether the run was replaced
    """

    at_work: int = 2
    waiting: int = 64
    seconds: float = 10.0
    body: int = 2**20
    keys: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    every: float = 1.0
