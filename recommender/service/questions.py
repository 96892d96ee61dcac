"""Questions: what may be asked, and how much of it, as OpenAPI tells it.

The limits keep a question to what is computed in a moment at 75,262 songs: a disliked song, say, costs an order of all.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from recommender.asking import Taste
from recommender.shaping import Shape

MOST_SONGS = 1000
_I64 = 2**63
Id = Annotated[int, Field(ge=-_I64, lt=_I64, strict=True, description="A song's id.", examples=[29])]
Name = Annotated[str, Field(min_length=1, max_length=300)]
Names = Annotated[list[Name], Field(max_length=50)]
K = Annotated[int, Field(ge=1, le=MOST_SONGS, strict=True, description="How many songs, at most.")]


class Question(BaseModel):
    """A question; what it does not know is an error, so that no misspelt wish is ignored."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Tasted(Question):
    """What is liked and disliked, besides the songs played."""

    like: list[Id] = Field(default=[], max_length=100, description="Songs liked, as if played earlier.")
    dislike: list[Id] = Field(default=[], max_length=20, description="Songs to keep away from, with what follows them.")
    artists: Names = Field(default=[], max_length=20, description="Artists: what goes with them.", examples=[[]])
    tags: Names = Field(default=[], max_length=20, description="Tags: what goes with them.", examples=[[]])

    def taste(self) -> Taste:
        return Taste(**dict(self))


class Filtered(Question):
    """Which songs may be answered."""

    only_tags: Names = Field(default=[], description="Songs with one of these tags.", examples=[[]])
    without_tags: Names = Field(default=[], description="Songs with none of these tags.", examples=[[]])
    only_artists: Names = Field(default=[], description="Songs by one of these.", examples=[[]])
    without_artists: Names = Field(default=[], description="Songs by none of these.", examples=[[]])
    only: list[Id] | None = Field(default=None, max_length=10_000, description="Only these songs.", examples=[None])
    without: list[Id] = Field(default=[], max_length=10_000, description="None of these songs.")
    hide_unknown: bool = Field(default=False, description="No song without a title or an artist.")

    def shape(self) -> Shape:
        return Shape(**dict(self))


class Shaped(Filtered):
    """What is asked of a list of songs: filters, and dials."""

    max_per_artist: int | None = Field(default=None, ge=1, le=MOST_SONGS, description="Songs of one artist, at most.")
    artist_spacing: int = Field(
        default=0, ge=0, le=100, description="Songs of others between two of one artist, at least."
    )
    collapse_versions: bool = Field(default=False, description="A song once, whatever its ids, live or remix.")
    popularity: float = Field(default=0.0, ge=-1, le=1, description="From -1 (the long tail) to 1 (hits).")
    variety: float = Field(default=0.0, ge=0, le=1, description="From 0 to 1: songs less alike.")


class Recommend(Question):
    """What comes next after these songs?"""

    songs: list[Id] = Field(max_length=MOST_SONGS, description="Ids in play order.", examples=[[29, 48]])
    k: K = 10
    taste: Tasted = Tasted()
    shape: Shaped = Shaped()
    allow_repeats: bool = Field(default=False, description="Songs of the question may be answered, too.")


class Similar(Question):
    """Which songs play the same role as this one?"""

    song: Id
    k: K = 10
    shape: Shaped = Shaped()


class Lead(Question):
    """Which songs lead from one to another?"""

    start: Id
    end: Id = Field(examples=[48])
    songs: int = Field(default=8, ge=3, le=30, description="With both ends.", strict=True)
    spacing: int = Field(default=2, ge=0, le=100, description="Songs between two of one artist, at least.")
    shape: Filtered = Filtered()


class Explain(Question):
    """Why does each answer come after these songs?"""

    songs: list[Id] = Field(max_length=MOST_SONGS, description="Ids in play order.", examples=[[29, 48]])
    answers: list[Id] | None = Field(
        default=None,
        max_length=50,
        description="Songs to give reasons for; those recommended where none.",
        examples=[None],
    )
    k: int = Field(default=10, ge=1, le=50, description="How many are recommended, where no answers are named.")
    taste: Tasted = Tasted()

    @field_validator("answers")
    @classmethod
    def _once(cls, answers: list[int] | None) -> list[int] | None:
        if answers and len(set(answers)) < len(answers):
            raise ValueError("a song is named twice")
        return answers
