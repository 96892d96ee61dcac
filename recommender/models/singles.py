"""The models that stand on their own: name -> class."""

from recommender.models.baselines import Popularity, Random
from recommender.models.ease import EASE
from recommender.models.factorisation import ALS, BPR
from recommender.models.markov import Backoff, Markov, SkipMarkov
from recommender.models.neighbours import ItemKNN, SessionKNN
from recommender.models.rules import SequentialRules
from recommender.models.session_neighbours import VSKNN, VSTAN
from recommender.models.song2vec import Book, Song2Vec
from recommender.models.spectral import Spectral
from recommender.protocol import Recommender

SINGLES: dict[str, type[Recommender]] = {
    "random": Random,
    "popularity": Popularity,
    "book": Book,
    "markov": Markov,
    "backoff": Backoff,
    "skip_markov": SkipMarkov,
    "item_knn": ItemKNN,
    "session_knn": SessionKNN,
    "sequential_rules": SequentialRules,
    "vs_knn": VSKNN,
    "vstan": VSTAN,
    "ease": EASE,
    "als": ALS,
    "bpr": BPR,
    "spectral": Spectral,
    "song2vec": Song2Vec,
}
