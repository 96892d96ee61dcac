"""Client: the HTTP service (`recommender serve`) asked from Python, in the words of `Run`.

    Client("http://127.0.0.1:8000").recommend([29, 48], k=10)   ->   [(song, score), …]

What the service says went wrong is raised as RecommenderError. Where it has too much to do it is asked again after as
long as it says.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import requests

from recommender.asking import Taste
from recommender.catalogue import Song
from recommender.errors import RecommenderError
from recommender.reasons import Evidence, Reason
from recommender.shaping import Shape

_BUSY = (429, 503)
_LONGEST = 30.0  # seconds that are waited on the word of the service
_ANY, _NONE = Shape(), Taste()


class Client:
    """A service; its connections are kept open, so it is for one thread."""

    def __init__(self, address: str, key: str | None = None, *, timeout: float = 30.0, retries: int = 3) -> None:
        """`key` is one of those in the service's --api-key-file; a busy service is asked `retries` times more."""
        self._address, self._timeout, self._retries = address.rstrip("/"), timeout, retries
        self._session = requests.Session()
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def recommend(
        self,
        songs: Sequence[int],
        k: int = 10,
        *,
        taste: Taste = _NONE,
        shape: Shape = _ANY,
        allow_repeats: bool = False,
    ) -> list[tuple[Song, float]]:
        """As `Run.recommend`."""
        asked = {"songs": list(songs), "k": k, "taste": asdict(taste), "shape": _plain(shape)}
        return _scored(self._ask("recommend", asked | {"allow_repeats": allow_repeats}))

    def similar(self, song: int, k: int = 10, *, shape: Shape = _ANY) -> list[tuple[Song, float]]:
        """As `Run.similar`."""
        return _scored(self._ask("similar", {"song": song, "k": k, "shape": _plain(shape)}))

    def path(
        self, start: int, end: int, songs: int = 8, *, spacing: int = 2, shape: Shape = _ANY
    ) -> tuple[list[Song], list[float]]:
        """Songs that lead from one to another, both with them, and the places of all but the first.

        shape : filters alone; a path has no dials
        """
        asked = {"start": start, "end": end, "songs": songs, "spacing": spacing}
        led = self._ask("path", asked | {"shape": _plain(shape)})
        return [_song(song) for song in led["songs"]], led["places"]

    def explain(
        self, songs: Sequence[int], answers: Sequence[int] | None = None, k: int = 10, *, taste: Taste = _NONE
    ) -> list[Reason]:
        """As `Run.explain`."""
        named = None if answers is None else list(answers)
        asked = {"songs": list(songs), "answers": named, "k": k, "taste": asdict(taste)}
        return [_reason(reason) for reason in self._ask("explain", asked)["reasons"]]

    def search(self, text: str, limit: int = 20) -> list[Song]:
        """Songs that hold the words or, where none does, come near; best first."""
        return [_song(song) for song in self._ask("search", params={"q": text, "limit": limit})["songs"]]

    def song(self, id: int) -> Song:
        """What is known of a song."""
        return _song(self._ask(f"songs/{id}"))

    def card(self) -> Mapping[str, Any]:
        """The card of the model."""
        card: Mapping[str, Any] = self._ask("model")["card"]
        return card

    def _ask(self, what: str, body: Mapping[str, Any] | None = None, params: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON; raises RecommenderError."""
        method = "GET" if body is None else "POST"
        address = f"{self._address}/v1/{what}"
        for left in range(self._retries, -1, -1):
            try:
                answer = self._session.request(method, address, params=params, json=body, timeout=self._timeout)
            except requests.RequestException as error:
                raise RecommenderError(f"{self._address}: no answer: {error}; is the service there?") from error
            if answer.status_code not in _BUSY or not left:
                break
            time.sleep(_pause(answer))
        if not answer.ok:
            raise RecommenderError(f"{self._address}: {_problem(answer)}")
        try:
            return answer.json()
        except ValueError as error:
            raise RecommenderError(f"{self._address}: the answer is no JSON; is it the service's address?") from error


def _pause(answer: requests.Response) -> float:
    """Seconds that the service asks to wait; 1 where it does not say."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), _LONGEST) if said.isdecimal() else 1.0


def _problem(answer: requests.Response) -> str:
    try:
        told = answer.json()
        return f"{told['title']}: {told['detail']}"
    except (ValueError, LookupError, TypeError):  # of a proxy, say
        return f"{answer.status_code} {answer.reason}"


def _plain(shape: Shape) -> dict[str, Any]:
    """What the shape asks for."""
    asked = {name: value for name, value in vars(shape).items() if value != getattr(_ANY, name)}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asked.items()}


def _song(told: Mapping[str, Any]) -> Song:
    return Song(**{**told, "tags": tuple(told["tags"])})


def _scored(told: Mapping[str, Any]) -> list[tuple[Song, float]]:
    return [(_song(answer["song"]), answer["score"]) for answer in told["answers"]]


def _reason(told: Mapping[str, Any]) -> Reason:
    seeds = tuple(
        Evidence(**{**seed, "seed": _song(seed["seed"]), "tags": tuple(seed["tags"])}) for seed in told["seeds"]
    )
    kept = {name: value for name, value in told.items() if name != "sentence"}
    return Reason(**{**kept, "song": _song(told["song"]), "seeds": seeds})
