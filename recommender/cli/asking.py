"""What a person asks for on the command line: the songs that words mean, and taste, shape and repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import click

NONE_LEFT = "the filters leave no song; ask for more artists or tags, or exclude fewer"


def found(run: Any, texts: Sequence[str], quiet: bool) -> list[Any]:
    """The song that each text means, and a word on those that could mean another."""
    songs = []
    for text in texts:
        row = run.catalogue.find(text)
        songs.append(run.catalogue[row])
        if not quiet and (others := _others(run.catalogue, text, row)):
            click.echo(f"{text!r} is taken for {songs[-1]}; {others}, `recommender search` lists them")
    return songs


def _others(catalogue: Any, text: str, row: int) -> str:
    """How many other songs the words could mean; an id means no other, unless it is a title, too."""
    others = [other for other in catalogue.search(text, limit=1000) if other != row]
    if text.strip() == str(catalogue.ids[row]):
        others = [other for other in others if catalogue.titles[other].strip() == text.strip()]
    many = "more than 999" if len(others) >= 999 else len(others)
    return f"{many} other song{' matches' if many == 1 else 's match'}" if others else ""


def asked(run: Any, options: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """Taste, shape and repeats, as `Run.recommend` takes them."""
    from recommender.asking import Taste

    like, dislike = ([song.id for song in found(run, options[name], quiet)] for name in ("like", "dislike"))
    taste = Taste(like, dislike, options["artists"], options["tags"])
    return {"taste": taste, "shape": shape(run, options), "allow_repeats": options["allow_repeats"]}


def shape(run: Any, options: Mapping[str, Any]) -> Any:
    """The Shape of the options that are there."""
    from recommender.batch import songs_in
    from recommender.shaping import Shape

    given = {field.name: options[field.name] for field in fields(Shape) if field.name in options}
    listed = {name: songs_in(run, given[name]) for name in ("only", "without") if given[name]}
    return Shape(**given | {"without": ()} | listed)


def heading(seeds: Sequence[Any], options: dict[str, Any]) -> str:
    """What was asked for, without filters and dials; of many seeds the last."""
    last = " → ".join(map(str, seeds[-5:]))
    said = [f"after {len(seeds):,} songs, the last {last}" if len(seeds) > 5 else f"after {last}"] if seeds else []
    words = {"like": "liking", "dislike": "disliking", "artists": "with", "tags": "with"}
    return "; ".join([*said, *(f"{word} {', '.join(options[key])}" for key, word in words.items() if options[key])])


def nothing(run: Any, seeds: Sequence[Any], given: dict[str, Any]) -> str:
    """Why there is no answer."""
    from recommender.shaping import Shape

    if run.recommend([song.id for song in seeds], 1, **given | {"shape": Shape()}):
        return NONE_LEFT
    first = f"nothing follows {seeds[0]}: it was" if seeds else "nothing goes with that: none of it was"
    return f"{first} not played with others in training; name another song with it, or {run.remedy}"
