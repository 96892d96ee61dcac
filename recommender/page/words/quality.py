"""Words of Quality: the report, models side by side, the blind test, and the cards."""

OPENING = "Opening the run …"
REPORT = "Report"
SIDE_BY_SIDE = "Side by side"
BLIND_TEST = "Blind test"
CARDS = "Cards"

NOT_MEASURED = "This run was not measured: it was trained on all playlists, so none was left to test it on."
TO_MEASURE = "To measure a run, let it keep some playlists aside:"
READ_REPORT = (
    "Playlists that the model never saw were asked for, a song at a time. The figures below say how often the right "
    "song was among its answers. Each stands with a 95 % interval: other playlists would have given another figure, "
    "most likely within it. **What counts is the distance to popularity**, which knows nothing of your playlist and "
    "names what is played most. A right answer is what was played there; another may be as good to the ear, and the "
    "blind test asks just that."
)
TAKE_REPORT = "Download the report"
REPORT_IN_PART = "To be quick, all pairs of models, and what was asked otherwise, are in the download alone."
COMPARE_MORE = "To measure it beside more models, which are learnt anew:"
REPORT_FRAME = "Evaluation report of this run"
DRAWING = "Drawing the report …"

THIS_RUN = "{model} (this run)"
MEMBER = "{model} (member of this run)"
FITTED = "{model} (baseline)"
OTHER_RUN = "{name} ({model})"
FITTING = "Fitting the model …"
NO_SUCH_MODEL = "There is no model {names} here, so it is left out."
NO_SUCH_SONG = "This run has no song {song}, so it is left out."

COMPARE = (
    "What several models put after the same songs. Scores of different models mean different things, so none are shown."
)
SOME_MODELS = "Two or three models"
TWO_MODELS = "Two models"
CHOOSE_MODELS = "Choose a model."
ANOTHER_SONG = "Ask about another song"
ANOTHER_SONG_HINT = "title or artist, or what you remember of them"
NO_SONG_MATCHES = "No song matches."
ASK_PLAYLIST = "Ask about your playlist"
AFTER = "After"
AFTER_MANY = "After {n} earlier songs and"
LISTS_SHARED = "{a} and {b} share **{shared} of {of}** songs."
SHARED_BY = {(2, 2): ":green-badge[both]", (2, 3): ":gray-badge[two]", (3, 3): ":green-badge[all three]"}
NO_ANSWER = "It knows nothing of these songs."

BLIND = (
    "Two lists after the same songs, by two models, in an order that chance decides. Say which you would rather hear; "
    "which was which is told afterwards, and every vote is kept."
)
CHOOSE_TWO = "Choose two models."
ASKED_ABOUT = "Asked about"
SOURCES = ("Songs drawn from playlists", "Your playlist")
UNSEEN = "The songs are of playlists that this run did not learn from."
SEEN = (
    "The songs are of playlists that this run learnt from, as no others are at hand: "
    "models that remember whole playlists have an advantage."
)
APART = "{model} learnt from other playlists than this run, these among them perhaps, which would be an advantage."
UNNAMED = ("A", "B")
CHOICES = ("A is better", "B is better", "As good")
SKIP = "Skip"
NEXT_QUESTION = "Next question"
WHICH = "Counted. A was {a}; B was {b}."
WHICH_AGAIN = "This question was answered before and counts once. A was {a}; B was {b}."
PLAYLIST_ONCE = "A playlist is asked about once. Change it, or have songs drawn, to vote again."
LISTS_ALIKE = (
    "These two models answered alike, or not at all, to all songs that were drawn: there is nothing to choose."
)
ALIKE_ON_PLAYLIST = "These two models answer your playlist alike, or not at all: there is nothing to choose."

OUTCOME = "Outcome so far"
COUNTS = "{first} **{n_first}** · {second} **{n_second}** · as good **{ties}**"
VOTE_SHARE = "{n} of the {decided} votes that prefer one prefer {model}."
VOTE_SHARE_WORKED = (
    "{share} % prefer {model} (95 % interval {low} to {high} %; sign test p = {p}, looked at after every vote "
    "p = {always})."
)
NOTHING_YET = "Nothing can be told yet: no vote prefers one. The fewest that can tell are {more} for the same model."
NOT_TOLD = (
    "Nothing can be told yet: such a difference may be chance. It would take about {more} more votes, if shares stay."
)
EVEN = "Nothing can be told yet: the votes are even, and if they stay so even, 10,000 will not tell."
BETTER = "{model} is better, beyond chance."
HOW_TO_READ = "How this is worked out"
READ_VOTES = (
    "Votes for neither are counted, and left out of the share. The interval is Clopper and Pearson’s, and agrees "
    "with the exact sign test. Both are for a number of votes that was settled before: whoever looks after every vote "
    "and stops when it pleases finds a difference where there is none. So the sentence goes by the second p, which "
    "holds however often one looks (Robbins 1970): it is the chance, at most, that fair coins ever come so unevenly. "
    "Votes of one person resemble each other; they tell of this person’s ear more than of everybody’s."
)
TAKE_VOTES = "Download the votes (CSV)"

MODEL_CARD = "Model card"
DATA_CARD = "Data card"
CARDS_AFTER = "The headings follow Mitchell et al. 2019 (model cards) and Gebru et al. 2021 (datasheets for datasets)."
WHAT = "What it is"
USE = "Meant to"
LIMITS = "Limits"
LEARNT = "Learnt from"
LEARNT_FROM = "{songs:,} songs, {playlists:,} playlists, {plays:,} plays"
TESTED = "Tested on"
TESTED_ON = "{n:,} playlists that it did not learn from; see the report"
UNTESTED = "nothing: it learnt from all playlists"
COST = "Cost to fit"
COST_SECONDS = "{seconds:,.1f} s"
COST_MEMORY = ", {memory:,.0f} MB of memory at most"
MADE = "Made"
MISUSE = (
    "Not meant to say anything about people, to rank artists, or to pay them. Popular songs come up more than their "
    "share, and songs played once or twice are known badly."
)
PARAMETERS = "Parameters"
VERSIONS = "Versions"
COMMIT = "commit"
NAME = "Name"
HOLDS = "Holds"
HOLDS_COUNTS = "{songs:,} songs, {playlists:,} playlists to learn from, {plays:,} plays in them"
CLEANED = "Removed before learning"
NOTHING_REMOVED = "nothing"
ASIDE = "Kept aside for tests"
ASIDE_SEED = "{n:,} playlists, a share of {fraction:g}, drawn by seed {seed}"
NONE_ASIDE = "none"
TERMS = "Terms, and how to cite"
DATA_LIMITS = (
    "Who made the playlists, when, and for whom stands in the card of the dataset’s own folder, if it has one; the run "
    "keeps what it learnt from, and the digests of the files, which tell whether yours are the same."
)
DIGESTS = "Digests of its files (SHA-256)"
