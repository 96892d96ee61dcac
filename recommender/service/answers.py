"""Answers: their forms, as OpenAPI tells them. `run` names the run that gave the whole answer."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import BaseModel, Field

from recommender.catalogue import Song
from recommender.reasons import Evidence, Reason

RUN = Field(description="Which run answered; another after a new one took its place.", examples=["5f70bf18a086"])


class Known(BaseModel):
    """What is known of a song."""

    id: int = Field(examples=[29])
    title: str = Field(examples=["Billie Jean"])
    artist: str = Field(examples=["Michael Jackson"])
    tags: list[str] = Field(examples=[["pop", "80s"]])
    plays: int = Field(description="In the training playlists.", examples=[412])

    @classmethod
    def of(cls, song: Song) -> Self:
        return cls.model_validate(song, from_attributes=True)


class Scored(BaseModel):
    """A song and its score."""

    song: Known
    score: float = Field(description="Orders the songs of one answer; compares with no other.", examples=[0.71])


class Ranking(BaseModel):
    """Songs, the best first; fewer than asked for where no more are left, none where nothing is known."""

    run: str = RUN
    answers: list[Scored]

    @classmethod
    def of(cls, run: str, answers: Iterable[tuple[Song, float]]) -> Self:
        scored = [{"song": song, "score": score} for song, score in answers]
        return cls.model_validate({"run": run, "answers": scored}, from_attributes=True)  # quicker than one by one


class Songs(BaseModel):
    """Songs in order."""

    run: str = RUN
    songs: list[Known]


class Path(BaseModel):
    """Songs from one to another; the place of each but the first after the one before it, 1 for the best."""

    run: str = RUN
    songs: list[Known]
    places: list[float]


class Speaks(BaseModel):
    """What a song asked with and an answer have to do with each other."""

    seed: Known
    share: float = Field(description="Of what speaks for the answer, by this song.")
    drop: float = Field(description="What the answer's lead loses where other songs take its place.")
    near: int = Field(description="Playlists that hold the two near each other.")
    together: int = Field(description="Playlists that hold both.")
    expected: float = Field(description="Playlists that would hold them near each other by chance.")
    same_artist: bool
    tags: list[str] = Field(description="Those that both have.")

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        return cls.model_construct(**vars(evidence) | {"seed": Known.of(evidence.seed), "tags": list(evidence.tags)})


class Why(BaseModel):
    """Why a song is, or might be, recommended."""

    song: Known
    sentence: str
    place: int | None = Field(description="Among all songs but those named; none: it cannot be recommended.")
    lead: float = Field(description="Its score less the mean score of all songs that were ever played.")
    popularity: int = Field(description="Its place among all songs by plays.")
    n_songs: int
    seeds: list[Speaks]
    earlier: float = Field(description="Share of all songs before these, together.")

    @classmethod
    def of(cls, reason: Reason) -> Self:
        told = {"song": Known.of(reason.song), "seeds": [Speaks.of(seed) for seed in reason.seeds]}
        return cls.model_construct(**vars(reason) | told, sentence=reason.sentence)


class Reasons(BaseModel):
    """A reason for each answer, in their order."""

    run: str = RUN
    reasons: list[Why]


class Card(BaseModel):
    """What the model is, what it learnt from, what it is for, and its limits."""

    run: str = RUN
    summary: str
    card: Mapping[str, Any]
    metrics: Mapping[str, Any] | None = Field(description="What its evaluation measured, if it was evaluated.")


class Alive(BaseModel):
    """The process answers."""

    status: str = "alive"


class Ready(BaseModel):
    """A run is open."""

    status: str = "ready"
    run: str = RUN
    model: str
    songs: int
    since: str = Field(description="When the run was opened.")
    refused: bool = Field(description="Whether a newer run is damaged, and this one went on; the log has more.")
