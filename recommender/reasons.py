"""Reasons: what is known of why a song was recommended, as numbers, and as one honest sentence for people."""

from dataclasses import asdict, dataclass
from typing import Any

from recommender.catalogue import Song
from recommender.evidence import WINDOW

_FEW = 5  # playlists below which a ratio to chance says nothing yet
_CLEAR = 1.5  # times what chance would give from which, or below the inverse of which, it is told
_TAGS = 3
_HIT = 0.01  # of all songs: those played most, of which a sentence says so


@dataclass(frozen=True)
class Evidence:
    """What a seed and an answer have to do with each other.

    share : of what speaks for the answer, by this seed; 0 where the seed says nothing, or speaks against it
    drop : what the answer's lead loses where the seed gives way to other songs; below 0, the seed speaks against it
    near, together, expected : playlists that hold the two near each other, at all, and near each other by chance (see
        `recommender.evidence.Counts`)
    same_artist : whether both are by one known artist
    tags : those that both have
    """

    seed: Song
    share: float
    drop: float
    near: int
    together: int
    expected: float
    same_artist: bool
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Why a song is, or might be, recommended; shares sum to 1, or to 0 where nothing speaks for it.

    place : its place among all songs but those named, 1 for the best, before filters and dials; None where the model
        cannot recommend it
    lead : its score less the mean score of all songs that were ever played
    popularity : its place among all songs by plays, 1 for the most played
    n_songs : how many songs there are
    seeds : the latest ones, the greatest share first
    earlier : share of all songs before those, together
    """

    song: Song
    place: int | None
    lead: float
    popularity: int
    n_songs: int
    seeds: tuple[Evidence, ...]
    earlier: float = 0.0

    @property
    def sentence(self) -> str:
        """What can be said of it in one sentence, and nothing that the numbers do not bear."""
        if self.place is None:
            return "the model cannot suggest it after these songs"
        main = [seed for seed in self.seeds if seed.share > 0][:1]
        if not main or self.earlier > main[0].share:
            return self._without_a_song()
        (seed,) = main
        beginning = _beginning(seed, len(self.seeds) == 1 and not self.earlier)
        if seed.seed.id == self.song.id:
            return beginning + "the song itself, which was asked with"
        inferred = [] if seed.near else self._instead()
        return "; ".join([beginning + _met(seed), *inferred, *_in_common(seed)])

    def figures(self) -> dict[str, Any]:
        """All of it but the song, for JSON."""
        return {"sentence": self.sentence} | {name: value for name, value in asdict(self).items() if name != "song"}

    def _without_a_song(self) -> str:
        if self.earlier:
            return f"because of the songs before the last {len(self.seeds)} ({100 * self.earlier:.0f} %)"
        if any(seed.drop < 0 for seed in self.seeds):
            return f"no song asked with speaks for it{self._hit()}"
        return f"not because of the songs asked with: the model suggests it whatever was played{self._hit()}"

    def _instead(self) -> list[str]:
        """What there is besides, for a song never played near the seed that speaks most for it."""
        others = sorted((seed for seed in self.seeds if seed.near), key=lambda seed: -seed.near)
        if others:
            return [f"it was so near {others[0].seed} in {_playlists(others[0].near)}"]
        nor = ["nor was it near another song asked with"] if len(self.seeds) > 1 else []
        return [*nor, f"the model infers it{self._hit()}"]

    def _hit(self) -> str:
        if self.popularity > self.n_songs * _HIT:
            return ""
        return f"; it is among the most played songs, number {self.popularity:,} of {self.n_songs:,}"


def _beginning(seed: Evidence, only: bool) -> str:
    share = f"{100 * seed.share:.0f} %"
    if only:
        return f"because of {seed.seed}: "
    if share == "100 %":
        return f"because of {seed.seed} alone: "
    if seed.share >= 0.5:
        return f"mostly because of {seed.seed} ({share}): "
    return f"because of {seed.seed} more than of any other song asked with ({share}): "


def _met(seed: Evidence) -> str:
    """How often the two were played near each other."""
    if not seed.near:
        never = f"never played within {WINDOW} songs of each other"
        return f"{never}, but {_playlists(seed.together)} hold both" if seed.together > 1 else never
    return f"played within {WINDOW} songs of each other in {_playlists(seed.near)}, {_chance(seed)}"


def _chance(seed: Evidence) -> str:
    """The count against what chance would give.

    A ratio is only told of enough playlists: two where chance gives 0.01 are not "200 times".
    """
    times = seed.near / seed.expected if seed.expected > 0 else float("inf")
    if seed.near < _FEW or times > 1e6:
        return f"where chance would give {seed.expected:.2g}"
    if times >= _CLEAR:
        return f"{times:,.{0 if times >= 10 else 1}f} times what chance would give"
    return "about what chance would give" if times > 1 / _CLEAR else "less than chance would give"


def _in_common(seed: Evidence) -> list[str]:
    artist = ["both by the same artist"] if seed.same_artist else []
    return artist + ([f"both tagged {', '.join(seed.tags[-_TAGS:])}"] if seed.tags else [])


def _playlists(n: int) -> str:
    return f"{n:,} playlist{'' if n == 1 else 's'}"
