"""Made-up radio: songs, stations and playlists from a seeded generator, for where no real data is at hand.

A song has a style: the sum of vectors for its genre, sub-genre, era, mood and artist, so that what the
playlists teach agrees with its tags. A station has a taste, a library near it, and a rotation: a few songs of
the library repeated often, a window that moves on from week to week. A playlist is a stretch of one station's
broadcast in one week. All names are combined from word lists of our own; any likeness is chance.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.playlists import Playlists

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SUBGENRES = {
    "rock": "garage rock, heartland rock, arena rock, psychedelic rock",
    "pop": "dance pop, dream pop, synth pop, bubblegum pop",
    "country": "honky tonk, outlaw country, bluegrass, country pop",
    "hip hop": "boom bap, southern rap, conscious rap, lo-fi hip hop",
    "soul": "neo soul, quiet storm, funk, northern soul",
    "electronic": "deep house, downtempo, trance, electro",
    "folk": "folk revival, indie folk, chamber folk, sea songs",
    "jazz": "cool jazz, vocal jazz, swing, big band",
    "latin": "salsa, bachata, bossa nova, cumbia",
    "metal": "thrash metal, doom metal, power metal, glam metal",
}
_GENRES = list(_SUBGENRES)
# In these patterns and those of titles capitals stand for a word of _WORDS, OWN for one of the genre's own.
_ARTISTS = {
    "rock": "The ADJ NOUNs, NOUN Parade, FIRST LAST, The LAST Brothers, Radio PLACE",
    "pop": "FIRST, FIRST LAST, FIRST & FIRST, Hotel PLACE, FIRST and the NOUNs",
    "country": "FIRST LAST, FIRST Jo LAST, The LAST Family, FIRST LAST & the NOUNs, The PLACE Ramblers",
    "hip hop": "MC NOUN, Lil NOUN, FIRST Verse, ADJ NOUN Crew, Young LAST",
    "soul": "FIRST LAST, FIRST LAST, The LAST Sisters, FIRST LAST & the NOUNs, ADJ NOUN Revue",
    "electronic": "DJ FIRST, OWN System, FIRST K, ADJ OWN, Studio PLACE",
    "folk": "FIRST LAST, FIRST LAST, The ADJ NOUN Band, LAST and Daughters, FIRST of PLACE",
    "jazz": "FIRST LAST, The FIRST LAST Trio, The LAST Quartet, The LAST Orchestra, The PLACE Seven",
    "latin": "FIRST LATIN, FIRST LATIN, Los Hermanos LATIN, Grupo LATIN, Orquesta LATIN",
    "metal": "NOUN Reaper, ADJ OWN, Hex of PLACE, OWN of PLACE, Sons of LAST",
}
_OWN = {
    "rock": "Engine, Thunder, Gasoline, Alley, Matchbox, Levee, Skyline, Voltage",
    "pop": "Sugar, Neon, Ribbon, Lipstick, Polaroid, Weekend, Daydream, Glitter",
    "country": "Tailgate, Porch, Creek, Gravel, Whiskey, Rodeo, Barn, Fiddle",
    "hip hop": "Corner, Cipher, Payday, Rooftop, Concrete, Hustle, Bassline, Hallway",
    "soul": "Velvet, Candle, Honey, Silk, Telephone, Slow Dance, Perfume, Saxophone",
    "electronic": "Signal, Circuit, Pulse, Laser, Orbit, Static, Prism, Subway",
    "folk": "Orchard, Kettle, Sparrow, Harvest, Lantern, Willow, Quilt, Ferry",
    "jazz": "Taxi, Martini, Serenade, Trumpet, Boulevard, Waltz, Umbrella, Cigarette",
    "latin": "Corazón, Guitarra, Luna, Verano, Canción, Jardín, Fiesta, Mañana, Lluvia, Azúcar, Camino",
    "metal": "Iron, Ashes, Throne, Raven, Warhorse, Tempest, Gallows, Wolf",
}
_ERAS = ["60s", "70s", "80s", "90s", "00s", "10s"]
_MOODS = ["mellow", "dreamy", "sunny", "driving", "fierce", "bittersweet"]
_FIRST_ERA = np.array([0, 0, 0, 2, 0, 2, 0, 0, 0, 1])  # of each genre: nobody rapped in the sixties
_FIRST_MOOD = np.array([2, 1, 5, 3, 5, 1, 5, 0, 1, 3])  # of each genre: it has this one and the next two
_TITLES = (
    "ADJ OWN, ADJ NOUN, My ADJ OWN, OWN, OWN and NOUN, ING in PLACE, TIME in PLACE, NUMBER Miles to PLACE, "
    "FIRST, Don't VERB the OWN, VERB Me Before TIME, Nobody VERBs Like FIRST, If the OWN Could Talk, "
    "ING With FIRST, Not ING Without FIRST, What the NOUN Said, TIME OWN, NUMBER NOUNs, I'd VERB You Again, "
    "OWN for FIRST, OWN (VERB It All), The NOUN and the OWN, Who's ING Now?, VERB the NOUN, PLACE OWN"
)
_LATIN_TITLES = (
    "Mi OWN, OWN de PLACE, OWN Sin Ti, OWN y OWN, Baila FIRST, OWN Para FIRST, Sin OWN, Tu OWN y Yo, "
    "OWN (Otra Vez), Entre OWN y OWN, Adiós FIRST, Vuelve a PLACE, Solo OWN"
)
_WORDS = {
    "ADJ": "Paper, Hollow, Crooked, Golden, Silent, Reckless, Faded, Crimson, Restless, Borrowed, Lonesome, "
    "Painted, Secret, Winter, Broken, Gentle, Distant, Marble, Tangled, Emerald, Wandering, Sleepless",
    "NOUN": "Heron, Lighthouse, Mirror, Comet, Piano, River, Magnolia, Cathedral, Tiger, Window, Carousel, "
    "Satellite, Harbor, Kite, Pilot, Ghost, Garden, Island, Anchor, Meadow, Cricket, Statue, Compass Rose",
    "FIRST": "Odette, Marlon, Inés, Clyde, Tamsin, Rufus, Zoë, Delphine, Augustin, Wanda, Björn, Lorna, "
    "Cassius, Maeve, Thaddeus, Ramona, Silas, Noémie, Otis, Pilar, Jasper, Ottilie, Lionel, Vera, Renée",
    "LAST": "Ashwell, Brookmore, Caldwick, Dunstone, Ellworth, Fairlow, Hartsby, Kirkden, Langmoor, Morwick, "
    "Pembrey, Radstone, Thornley, Wakelow, Winsford, Abelard, Bellweather, Carrigan, Delacourt, Easterling, "
    "Farquhar, Grimshaw, Halloran, Ivers, Jessop, Kowalczyk, Lindqvist, Månsson, Nakagawa, Oyelaran, Pruitt",
    "LATIN": "Peñalba, Montería, Quiroga, del Valle, Ibáñez, Salcedo, Villarreal, Urrutia, Cordero, Zubiría",
    "PLACE": "Åsbergen, Vérane, São Lirio, Córdoba Bay, Königsau, Port Maren, Santa Dalia, Ostrovy, "
    "Lake Illary, Kirkstone, East Calder, Marrow Falls, Tansy County, Bellamy, Vallarosa, Dunmere, Cape Loma",
    "VERB": "Find, Follow, Remember, Forget, Steal, Hold, Leave, Trust, Borrow, Chase, Wake, Call",
    "ING": "Dancing, Waiting, Driving, Falling, Dreaming, Running, Laughing, Whispering, Drifting, Calling",
    "TIME": "Midnight, Sunday, August, Closing Time, Last Light, New Year, Rush Hour, Tomorrow, Daybreak",
    "NUMBER": "Two, Seven, Nine, Eleven, Forty, Ninety, A Hundred, A Thousand",
}


def toy(n_songs: int = 2000, n_playlists: int = 10_000, seed: int = 0) -> tuple[Catalogue, Playlists]:
    """A made-up catalogue and its playlists, shaped like radio; the same arguments give the same result.

    Ids are rows; one song in five has no tags. A playlist has 1 to 60 songs, about 11 on average, and fewer
    where there are few songs to choose from. Every song is played if there are as many plays as songs.
    """
    if n_songs < 20:
        raise ValueError(f"n_songs must be at least 20, got {n_songs}")
    if n_playlists < 1:
        raise ValueError(f"n_playlists must be at least 1, got {n_playlists}")
    rng = np.random.default_rng(seed)
    songs = _songs(n_songs, rng)
    playlists = _everyone_heard(_broadcast(songs, n_playlists, rng), songs, rng)
    plays = playlists.counts(n_songs)
    return Catalogue(np.arange(n_songs), *_names(songs, rng), _tags(songs, rng), plays), playlists


@dataclass(frozen=True)
class _Songs:
    """Columns with an entry a song; sub-genres count through all genres, four each."""

    artist: Ints
    home: Ints  # its artist's sub-genre
    sub: Ints
    bridge: Ints  # a second sub-genre; for most songs the same again
    era: Ints
    mood: Ints
    fame: Floats
    style: Floats  # (n_songs, 16)


def _songs(n: int, rng: np.random.Generator) -> _Songs:
    n_artists, n_subs = n // 5, 4 * len(_SUBGENRES)
    share = rng.lognormal(0, 1, n_artists)
    more = rng.choice(n_artists, n - n_artists, p=share / share.sum())
    artist = rng.permutation(np.concatenate([np.arange(n_artists), more]))
    home = rng.choice(n_subs, n_artists, p=rng.dirichlet(np.full(n_subs, 5)))[artist]
    sub = np.where(rng.random(n) < 0.7, home, home // 4 * 4 + rng.integers(4, size=n))
    strays = rng.random((2, n)) < [[0.04], [0.12]]
    sub, bridge = (np.where(stray, rng.integers(n_subs, size=n), sub) for stray in strays)
    debut = rng.integers(len(_ERAS), size=n_artists)[artist]
    era = np.clip(debut + rng.integers(2, size=n), _FIRST_ERA[sub // 4], len(_ERAS) - 1)
    mood = (_FIRST_MOOD[sub // 4] + rng.integers(3, size=n)) % len(_MOODS)
    genres, subs, eras, moods, artists, own = (
        rng.normal(0, scale, (size, 16))
        for scale, size in [(1, n_subs // 4), (0.7, n_subs), (0.5, 6), (0.4, 6), (0.3, n_artists), (0.3, n)]
    )
    kinds = np.repeat(genres, 4, axis=0) + subs
    style = (kinds[sub] + kinds[bridge]) / 2 + eras[era] + moods[mood] + artists[artist] + own
    fame = rng.normal(0, 0.5, n_artists)[artist] + rng.normal(0, 1.2, n)
    return _Songs(artist, home, sub, bridge, era, mood, fame, style)


def _broadcast(songs: _Songs, n_playlists: int, rng: np.random.Generator) -> Playlists:
    """Playlists grown a song at a time, all at once: each song the best of a few candidates."""
    libraries, hits = _stations(songs, rng)
    size, window = libraries.shape[1], max(hits.shape[1] // 8, 5)
    longest = min(60, size // 3)
    lengths = np.minimum(1 + rng.lognormal(1.6, 1.3, n_playlists), longest).astype(int)
    station = rng.integers(len(hits), size=(n_playlists, 1))
    week = rng.integers(hits.shape[1] - window + 1, size=(n_playlists, 1))
    aired = np.full((n_playlists, longest), -1)
    for t in range(longest):
        on = np.flatnonzero(lengths > t)
        new, old, kind = rng.random((3, len(on), 6))
        hit = hits[station[on], week[on] + (new * window).astype(int)]
        candidates = np.where(kind < 0.7, hit, libraries[station[on], (old * size).astype(int)])
        appeal = 0.4 * songs.fame[candidates] + rng.gumbel(size=candidates.shape)
        if t:
            last, segue = aired[on, t - 1], rng.random(len(on)) < 0.1
            candidates[segue, 0] = _segue(songs, last[segue], rng)
            appeal[segue, 0] += 9
            appeal += _flow(songs, last[:, None], candidates)
        appeal[(candidates[:, :, None] == aired[on, None, :t]).any(axis=2)] -= 99
        aired[on, t] = candidates[np.arange(len(on)), appeal.argmax(axis=1)]
    return Playlists.joined(aired[aired >= 0], lengths)


def _stations(songs: _Songs, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """A row a station: its library, best fitting first, and its hits in the order of the weeks."""
    n = len(songs.fame)
    n_stations, size = round((n / 2) ** 0.5), min(n, n // 6 + 20)
    tastes = songs.style[rng.integers(n, size=(n_stations, 2))].mean(axis=1)
    appeal = 0.3 * tastes @ songs.style.T + songs.fame + rng.gumbel(size=(n_stations, n)) * 0.5
    libraries = np.argsort(-appeal, axis=1)[:, :size]
    hits = libraries[:, : size // 2]
    release = rng.random(n)
    return libraries, np.take_along_axis(hits, release[hits].argsort(axis=1), axis=1)


def _segue(songs: _Songs, last: Ints, rng: np.random.Generator) -> Ints:
    """One of the three songs that habitually follow each: those of its sub-genre a little better known."""
    order = np.lexsort((songs.fame, songs.sub))
    following: Ints = order[(order.argsort()[last] + rng.integers(1, 4, len(last))) % len(order)]
    return following


def _flow(songs: _Songs, last: Ints, candidates: Ints) -> Floats:
    """How well each candidate follows: alike in style, the mood the same or a step on, another artist."""
    alike = np.einsum("ijk,ijk->ij", songs.style[candidates], songs.style[last])
    step = (songs.mood[candidates] - songs.mood[last]) % len(_MOODS)
    fit: Floats = 0.02 * alike + (step < 2) - 50 * (songs.artist[candidates] == songs.artist[last])
    return fit


def _everyone_heard(playlists: Playlists, songs: _Songs, rng: np.random.Generator) -> Playlists:
    """The same playlists with unheard songs in place of a few spare plays of songs like them."""
    heard, firsts = np.unique(playlists.songs, return_index=True)
    missing = np.setdiff1d(np.arange(len(songs.sub)), heard)
    spare = rng.permutation(np.setdiff1d(np.arange(playlists.n_plays), firsts))
    new = np.concatenate([missing, rng.choice(missing, 3 * len(missing))])[: len(spare)]
    new = new[songs.sub[new].argsort(kind="stable")]
    spare = spare[songs.sub[playlists.songs[spare]].argsort(kind="stable")]
    plays = playlists.songs.copy()
    plays[spare[np.linspace(0, len(spare) - 1, len(new)).astype(int)]] = new
    return Playlists(plays, playlists.offsets)


def _names(songs: _Songs, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """A title and an artist for each song; no pair comes twice."""
    artists: dict[int, str] = {}
    taken: set[str] = set()
    titles, of_artist = [], defaultdict[int, set[str]](set)
    for artist, home, own in np.stack([songs.artist, songs.home // 4, songs.sub // 4], axis=1).tolist():
        if artist not in artists:
            artists[artist] = _fresh(_ARTISTS[_GENRES[home]], _OWN[_GENRES[home]], taken, rng)
        patterns = _LATIN_TITLES if _GENRES[own] == "latin" else _TITLES
        titles.append(_fresh(patterns, _OWN[_GENRES[own]], of_artist[artist], rng))
    return titles, [artists[artist] for artist in songs.artist.tolist()]


def _fresh(patterns: str, own: str, taken: set[str], rng: np.random.Generator) -> str:
    """A phrase not yet `taken`, and from now on taken; with a number where the words run short."""
    words = _WORDS | {"OWN": own}
    for attempt in count():
        phrase = re.sub("[A-Z]{3,}", lambda capitals: _pick(words[capitals[0]], rng), _pick(patterns, rng))
        phrase += f" {attempt // 20 + 1}" if attempt >= 20 else ""
        if phrase not in taken:
            break
    taken.add(phrase)
    return phrase


def _pick(words: str, rng: np.random.Generator) -> str:
    choices = words.split(", ")
    return choices[rng.integers(len(choices))]


def _tags(songs: _Songs, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """Genre, the genre it bridges to, sub-genre, era and mood; nothing for one song in five."""
    subs = ", ".join(_SUBGENRES.values()).split(", ")
    rows = np.stack([songs.sub, songs.bridge, songs.era, songs.mood], axis=1).tolist()
    tags = [(_GENRES[s // 4], _GENRES[b // 4], subs[s], _ERAS[e], _MOODS[m]) for s, b, e, m in rows]
    hidden = rng.random(len(tags)) < 0.2
    return [() if hide else tuple(dict.fromkeys(names)) for names, hide in zip(tags, hidden, strict=True)]
