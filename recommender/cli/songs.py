"""Commands about songs: recommend, similar, and the page and the demo that show them."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import click

from recommender.cli.files import FROM, LINKS, REPLACE, SAVE, check_save, link, save, songs_of
from recommender.cli.options import DATA, JSON, K, cut, shape_options, taste_options
from recommender.errors import UnknownSongError

Notes = dict[str, tuple[str, Any]]
_NONE_LEFT = "the filters leave no song; ask for more artists or tags, or exclude fewer"


@click.command()
@click.argument("run")
@click.argument("songs", nargs=-1, metavar="SONG...")
@click.option("--playlists", metavar="FILE", help="Answer each line of song ids in FILE; - is standard input.")
@click.option(
    "--out",
    metavar="ANSWERS",
    help="Where the answers to --playlists go: JSON Lines, or .parquet; else standard output.",
)
@click.option(
    "--resume", is_flag=True, help="Keep in ANSWERS.part what is answered, and go on there when called again."
)
@click.option("--allow-repeats", is_flag=True, help="Songs of the query may be recommended too.")
@taste_options
@shape_options
@FROM
@SAVE
@REPLACE
@LINKS
@click.option("--why", is_flag=True, help="Say of each answer why: which song speaks for it, and what bears it out.")
@K
@JSON
def recommend(
    run: str,
    songs: Sequence[str],
    playlists: str | None,
    out: str | None,
    resume: bool,
    source: str | None,
    file: str | None,
    force: bool,
    service: str | None,
    why: bool,
    k: int,
    as_json: bool,
    **options: Any,
) -> None:
    """What comes next after SONG... (ids, or words that find a song; several make a playlist, in order).

    Quote a title of several words: recommend RUN "billie jean" 29. Scores order the songs of one answer; they are
    no percentages and compare with no other model's.

    With --like, --artist and --tag, SONG may be left out. Filters act before the list is cut: it has --k songs
    whenever so many are left. With --playlists, every option holds for every line.
    """
    from recommender.run import Run

    spoken = songs or source or options["like"] or options["artists"] or options["tags"]
    if not (spoken or playlists) or (playlists and (songs or source)):
        raise click.UsageError("give either SONG... or --from FILE, or --playlists FILE")
    if playlists and (file or service):
        raise click.UsageError("--save and --links go with SONG... or --from FILE")
    if out and not playlists:
        raise click.UsageError("--out goes with --playlists FILE")
    if why and playlists:
        raise click.UsageError("--why goes with SONG... or --from FILE")
    if resume and (not out or playlists == "-"):
        raise click.UsageError("--resume needs --out ANSWERS, and a file of playlists")
    check_save(file, force)
    opened = Run.load(run)
    quiet = as_json or bool(playlists)
    asked = _asked(opened, options, quiet)
    if playlists:
        _answer_file(opened, playlists, out, k, asked | {"resume": resume})
        return
    seeds = [*songs_of(opened.catalogue, source), *_found(opened, songs, quiet)]
    ids = [song.id for song in seeds]
    found = opened.recommend(ids, k, **asked)
    if not found:
        raise UnknownSongError(_nothing(opened, seeds, asked))
    heading = _heading(seeds, options)
    said = save(file, found, heading, force)
    reasons = opened.explain(ids, [song.id for song, _ in found], taste=asked["taste"]) if why else []
    _show(heading, seeds, found, as_json, _notes(found, service, reasons), said)


@click.command()
@click.argument("run")
@click.argument("song")
@shape_options
@SAVE
@REPLACE
@LINKS
@K
@JSON
def similar(
    run: str,
    song: str,
    file: str | None,
    force: bool,
    service: str | None,
    k: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Songs that play the same role as SONG (cosine of the vectors), which is not what comes next."""
    from recommender.run import Run

    check_save(file, force)
    opened = Run.load(run)
    (asked,) = _found(opened, [song], quiet=as_json)
    found = opened.similar(asked.id, k, shape=_shape(opened, options))
    if not found:
        raise UnknownSongError(_NONE_LEFT)
    said = save(file, found, f"like {asked}", force)
    _show(f"like {asked}", [asked], found, as_json, _notes(found, service), said)


@click.command()
@click.argument("run", required=False)
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Where the page listens.")
def app(run: str | None, port: int) -> None:
    """Open the web page on RUN, else on the newest in ./runs; Ctrl-C stops it."""
    from recommender.page.start import start
    from recommender.run import Run

    if run:
        Run.load(run)
    start(run, port)


@click.command()
@click.option("--dataset", help="A dataset instead of yes_complete or toy.")
@click.option("--no-app", is_flag=True, help="End after the report, without the web page.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Where the page listens.")
@DATA
def demo(dataset: str | None, no_app: bool, port: int, data: str | None) -> None:
    """The main job in one go: get playlists, train, evaluate, save, open the web page."""
    from recommender.demo import demo as run_demo

    run = run_demo(dataset, data, click.echo)
    if not no_app:
        from recommender.page.start import start

        start(str(run), port)


def _found(run: Any, texts: Sequence[str], quiet: bool) -> list[Any]:
    """The song that each text means, and a word on those that could mean another."""
    songs = []
    for text in texts:
        row = run.catalogue.find(text)
        songs.append(run.catalogue[row])
        others = len(set(run.catalogue.search(text, limit=1000)) - {row})
        if others and not quiet:
            many = "more than 999" if others >= 999 else others
            click.echo(f"{text!r} is taken for {songs[-1]}; {many} other songs match, `recommender search` lists them")
    return songs


def _asked(run: Any, options: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """Taste, shape and repeats, as `Run.recommend` takes them."""
    from recommender.asking import Taste

    like, dislike = ([song.id for song in _found(run, options[name], quiet)] for name in ("like", "dislike"))
    taste = Taste(like, dislike, options["artists"], options["tags"])
    return {"taste": taste, "shape": _shape(run, options), "allow_repeats": options["allow_repeats"]}


def _shape(run: Any, options: dict[str, Any]) -> Any:
    from recommender.batch import songs_in
    from recommender.shaping import Shape

    asked = {field.name: options[field.name] for field in fields(Shape)}
    listed = {name: songs_in(run, asked[name]) for name in ("only", "without") if asked[name]}
    return Shape(**asked | {"without": ()} | listed)


def _heading(seeds: Sequence[Any], options: dict[str, Any]) -> str:
    """What was asked for, without filters and dials."""
    said = [f"after {_listed(seeds)}"] if seeds else []
    words = {"like": "liking", "dislike": "disliking", "artists": "with", "tags": "with"}
    return "; ".join([*said, *(f"{word} {', '.join(options[key])}" for key, word in words.items() if options[key])])


def _nothing(run: Any, seeds: Sequence[Any], asked: dict[str, Any]) -> str:
    """Why there is no answer."""
    from recommender.shaping import Shape

    if run.recommend([song.id for song in seeds], 1, **asked | {"shape": Shape()}):
        return _NONE_LEFT
    first = f"nothing follows {seeds[0]}: it was" if seeds else "nothing goes with that: none of it was"
    return f"{first} not played with others in training; name another song with it, or {run.remedy}"


def _answer_file(run: Any, playlists: str, out: str | None, k: int, asked: dict[str, Any]) -> None:
    from recommender.batch import answer_file

    empty = answer_file(run, playlists, out, k, **asked)
    if empty:
        click.echo(f"{empty} of the lines had no known song, or every one, and got an empty answer", err=True)


def _listed(seeds: Sequence[Any]) -> str:
    """The seeds in order, of many the last."""
    last = " → ".join(map(str, seeds[-5:]))
    return f"{len(seeds):,} songs, the last {last}" if len(seeds) > 5 else last


def _notes(found: Sequence[tuple[Any, float]], service: str | None, reasons: Sequence[Any] = ()) -> list[Notes]:
    """What is said of each answer besides: by its name in JSON, the line and the value."""
    notes: list[Notes] = [{} for _ in found]
    for note, (song, _) in zip(notes, found, strict=True):
        if address := link(song, service):
            note["link"] = (address, address)
    for note, reason in zip(notes, reasons, strict=False):
        note["why"] = (reason.sentence, reason.figures())
    return notes


def _show(
    heading: str,
    seeds: Sequence[Any],
    found: Sequence[tuple[Any, float]],
    as_json: bool,
    notes: Sequence[Notes],
    said: str,
) -> None:
    if as_json:
        songs = [
            vars(song) | {"score": score} | {name: value for name, (_, value) in note.items()}
            for (song, score), note in zip(found, notes, strict=True)
        ]
        answer = {"seeds": [vars(song) for song in seeds], "songs": songs}
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    click.secho(heading, bold=True)
    click.echo("rank      score      id  song")
    for place, (song, score) in enumerate(found, 1):
        tags = cut(", ".join(song.tags), 40)
        click.echo(f"{place:>3}  {score:>9.3f}  {song.id:>6}  {cut(str(song), 56):56}  {tags}".rstrip())
        for line, _ in notes[place - 1].values():
            click.echo(f"{'':24}{line}")
    click.echo(said, nl=bool(said))
