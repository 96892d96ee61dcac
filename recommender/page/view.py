"""View: what is chosen on the page, and how the address holds it, so that a link opens the same view.

Addresses are cut, pasted and typed by people, and outlive the run that they were made with: what says nothing in this
run is told and dropped, and the rest is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from recommender.asking import Taste
from recommender.catalogue import Catalogue
from recommender.errors import UnknownSongError
from recommender.page.words import discover as words
from recommender.shaping import Shape

Address = Mapping[str, Sequence[str]]

_ANY = Shape()
_TOLD = 80  # characters of what was dropped that are told


@dataclass(frozen=True)
class Dial:
    """A number that shapes a list: its field of Shape, and its bounds, whose type is the number's."""

    field: str
    least: float
    most: float


DIALS = {
    "per_artist": Dial("max_per_artist", 1, 10),
    "spacing": Dial("artist_spacing", 0, 10),
    "popularity": Dial("popularity", -1.0, 1.0),
    "variety": Dial("variety", 0.0, 1.0),
    "one_version": Dial("collapse_versions", 0, 1),
}
CHOICES = {"tags": "only_tags", "no_tags": "without_tags", "no_artists": "without_artists"}
PARAMETERS = ("songs", "like", "dislike", "of", *DIALS, *CHOICES)


@dataclass(frozen=True)
class View:
    """What is chosen: songs in play order, those liked and disliked, all by id, and what is asked of lists.

    of : the song that others are to be like; None, or one that is no longer chosen, stands for the last
    """

    songs: tuple[int, ...] = ()
    like: tuple[int, ...] = ()
    dislike: tuple[int, ...] = ()
    shape: Shape = _ANY
    of: int | None = None

    @classmethod
    def read(cls, address: Address, catalogue: Catalogue) -> tuple[Self, list[str]]:
        """The view of an address, and a sentence about whatever was dropped.

        address : the values of each parameter, any text; of a dial that is given twice the last counts
        """
        songs, faults = _songs(address, catalogue)
        dials, off = _dials(address)
        names, unknown = _names(address, catalogue)
        return cls(**songs, shape=Shape(**(dials | names))), [*faults, *off, *unknown]

    @property
    def chosen(self) -> tuple[int, ...]:
        """The songs that others can be like, the last one first: of the playlist, then those liked."""
        return tuple(dict.fromkeys((*self.songs[::-1], *self.like[::-1])))

    @property
    def like_of(self) -> int:
        """The song that others are to be like; raises IndexError where none is chosen."""
        return self.of if self.of in self.chosen else self.chosen[0]

    def written(self) -> dict[str, list[str]]:
        """The values of each parameter of an address that says more than nothing; `read` undoes it."""
        songs = {name: ",".join(map(str, getattr(self, name))) for name in ("songs", "like", "dislike")}
        songs["of"] = "" if self.of is None else str(self.of)
        dials = {name: getattr(self.shape, dial.field) for name, dial in DIALS.items()}
        turned = {name: f"{value:g}" for name, value in dials.items() if value != getattr(_ANY, DIALS[name].field)}
        chosen = {name: sorted(getattr(self.shape, field)) for name, field in CHOICES.items()}
        return {name: [text] for name, text in (songs | turned).items() if text} | {
            n: c for n, c in chosen.items() if c
        }

    @property
    def taste(self) -> Taste:
        """What the likes and dislikes ask."""
        return Taste(like=self.like, dislike=self.dislike)

    def added(self, song: int) -> Self:
        """With one more song at the end."""
        return replace(self, songs=(*self.songs, song))

    def removed(self, place: int) -> Self:
        """Without the song at this place, from 0."""
        return replace(self, songs=self.songs[:place] + self.songs[place + 1 :])

    def taken_out(self, song: int) -> Self:
        """Without the song, wherever it stands."""
        return replace(self, songs=tuple(added for added in self.songs if added != song))

    def liked(self, song: int) -> Self:
        """With the song liked, and no longer disliked."""
        forgot = self.forgotten(song)
        return replace(forgot, like=(*forgot.like, song))

    def disliked(self, song: int) -> Self:
        """With the song disliked, and no longer liked."""
        forgot = self.forgotten(song)
        return replace(forgot, dislike=(*forgot.dislike, song))

    def forgotten(self, song: int) -> Self:
        """With the song neither liked nor disliked."""
        return replace(
            self,
            like=tuple(liked for liked in self.like if liked != song),
            dislike=tuple(disliked for disliked in self.dislike if disliked != song),
        )

    def about(self, song: int) -> Self:
        """With other songs like this one."""
        return replace(self, of=None if song == self.chosen[0] else song)

    def cleared(self) -> Self:
        """Without any song; what is asked of lists stays."""
        return type(self)(shape=self.shape)

    def shaped(self, **asked: Any) -> Self:
        """With these fields of the shape."""
        return replace(self, shape=replace(self.shape, **asked))

    def without_artist(self, artist: str) -> Self:
        """With the artist left out of lists."""
        return self.shaped(without_artists={*self.shape.without_artists, artist})

    def with_artist(self, artist: str) -> Self:
        """With the artist no longer left out of lists."""
        return self.shaped(without_artists={*self.shape.without_artists} - {artist})


def _songs(address: Address, catalogue: Catalogue) -> tuple[dict[str, Any], list[str]]:
    """The songs of each kind, and what is wrong with them."""
    found: dict[str, tuple[int, ...]] = {}
    unknown: list[str] = []
    for name in ("songs", "like", "dislike", "of"):
        given = [word for word in ",".join(address.get(name, ())).split(",") if word]
        ids = [_id(word, catalogue) for word in given]
        found[name] = tuple(song for song in ids if song is not None)
        unknown += [word for word, song in zip(given, ids, strict=True) if song is None]
    disliked = dict.fromkeys(found["dislike"])
    liked = dict.fromkeys(found["like"])
    faults = [words.NO_SONG_OF_RUN.format(songs=", ".join(unknown)[:_TOLD])] if unknown else []
    if both := [str(song) for song in liked if song in disliked]:
        faults.append(words.LIKED_AND_DISLIKED.format(songs=", ".join(both)[:_TOLD]))
    like = tuple(song for song in liked if song not in disliked)
    of = found["of"][-1] if found["of"] else None
    return {"songs": found["songs"], "like": like, "dislike": (*disliked,), "of": of}, faults


def _id(word: str, catalogue: Catalogue) -> int | None:
    try:
        return int(catalogue.ids[catalogue.row(int(word))])
    except (ValueError, UnknownSongError):
        return None


def _dials(address: Address) -> tuple[dict[str, Any], list[str]]:
    """The fields that numbers are given for, and what is wrong with them."""
    fields: dict[str, Any] = {}
    faults = []
    for name, dial in DIALS.items():
        for word in address.get(name, ())[-1:]:
            try:
                value = type(dial.least)(word)
            except ValueError:
                value = float("nan")
            if dial.least <= value <= dial.most:
                fields[dial.field] = value
            else:
                told = words.NO_WHOLE_NUMBER if isinstance(dial.least, int) else words.NO_NUMBER
                bounds = {"least": f"{dial.least:g}", "most": f"{dial.most:g}"}
                faults.append(told.format(name=name, word=repr(word[:_TOLD]), **bounds))
    return fields, faults


def _names(address: Address, catalogue: Catalogue) -> tuple[dict[str, Any], list[str]]:
    """The tags and artists of each field, and what is wrong with them."""
    asked = {field: [word for word in address.get(name, ()) if word] for name, field in CHOICES.items()}
    known = {field: catalogue.artist_plays if "artists" in field else catalogue.tag_songs for field in asked}
    faults = [
        (words.NO_ARTIST_OF_RUN if "artists" in field else words.NO_TAG_OF_RUN).format(name=repr(word[:_TOLD]))
        for field, given in asked.items()
        for word in given
        if word not in known[field]
    ]
    return {field: [word for word in given if word in known[field]] for field, given in asked.items()}, faults
