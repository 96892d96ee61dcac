"""Words: what the names in a report mean, in plain words. Names that are not known here are shown without."""

from collections.abc import Mapping

_METRICS = {
    "hit_rate": "Share of queries that find a song asked for among the first {k} answers.",
    "recall": "Share of the songs asked for that are among the first {k} answers.",
    "precision": "Share of the first {k} answers that were asked for.",
    "mrr": "Mean of 1 / place of the first song asked for: 1 if it is always first, .5 if always second.",
    "ndcg": "Counts the songs asked for among the first {k} answers, more the nearer the top; 1 is a perfect order.",
    "map": "Precision at the place of each song asked for, averaged over the songs asked for, then over the queries.",
    "r_precision": "With n songs asked for: share of them that are among the first n answers.",
    "clicks": "Pages of ten answers to turn until the first song asked for shows up. Less is better.",
    "given the song": "Mean natural logarithm of the probability of the song that came next, given the one before it. "
    "Nearer to 0 is better: .1 more is a probability a tenth higher.",
    "given the prefix": "The same, given all songs before it.",
}
_TOTALS = {
    "coverage": "Share of the songs played in training that are in any list of {k}: how much of the catalogue is used.",
    "gini": "How unevenly the songs share the places of the lists: 0 if all are shown equally often, near 1 if a "
    "few have all places.",
    "entropy": "Evenness in bits. 2 to its power is the number of <b>effective songs</b>: so many songs, shown equally "
    "often, would have the same.",
    "novelty": "How rarely played the songs shown are, in bits: one more is half as many plays.",
    "tag diversity": "How unlike each other the songs of a list are in their tags: 0 alike, 1 nothing shared.",
    "artist diversity": "Share of the pairs of songs in a list that are by two artists.",
    "popularity lift": "How much more played the songs shown are than the songs they follow: 0 as much, 1 twice as "
    "much, below 0 less.",
    "answered": "Share of queries that got any answer; of the songs of the others the model knows nothing.",
}


def of_metric(name: str) -> str | None:
    """What a metric such as "recall@100" measures, as HTML."""
    return _filled(_METRICS, name)


def of_total(name: str) -> str | None:
    """What a total such as "coverage@10" says, as HTML."""
    return _filled(_TOTALS, name)


def _filled(known: Mapping[str, str], name: str) -> str | None:
    base, _, k = name.partition("@")
    said = known.get(base)
    return said and (said.replace("{k}", k) if k else said.replace("first {k} ", "").replace(" of {k}", ""))


def family(metric: str) -> str:
    """What a metric is without its k, to be read.

    >>> family("hit_rate@10")
    'hit rate'
    """
    return metric.partition("@")[0].replace("_", " ")


READING = (
    (
        "95 % interval",
        "Had other playlists been held out, the figure would have come out somewhat different; the interval says by "
        "how much. It is drawn over whole playlists, since the queries of one playlist resemble each other.",
    ),
    (
        "Groups",
        "Letters sum up the tests of all pairs. Models that share a letter cannot be told apart; models that share "
        "none differ beyond chance. The intervals of two models may overlap and the models differ all the same, as "
        "both were asked the same questions.",
    ),
    (
        "Difference and p",
        "Of two models over the same queries. p is how often chance alone would make a difference as great; Holm’s "
        "correction raises it for the number of pairs that were tested. Below .05 the pair is told apart here.",
    ),
    (
        "Ties",
        "Songs with the same score share the place in the middle of theirs, which is their mean place in random order. "
        "At a cut-off such as 10 that place counts whole, or not at all.",
    ),
    (
        "Whole catalogue",
        "Each song asked for is ranked among all songs, never among a sample of them.",
    ),
)
