"""Words: every sentence and label of the page, in English, a section a part; `{name}` is filled in where it is used.

Those of Learn, a text of its own, are in `lessons`.
"""

# the frame
TITLE = "Playlist recommender"
ICON = "🎧"
OPENING = "Opening the run …"
UNEXPECTED = (
    "Something went wrong that nobody foresaw. Reload the page; if it stays, the terminal that serves it says why."
)
REPLACED = "{folder} is being replaced; look again in a moment"
RUN = "Run"
RUN_CHOICE = "{name} ({model}, {dataset})"
NO_SUCH_RUN = "There is no run {name} here; this is the newest."
NO_RUN = "There is no run yet: nothing has learnt from playlists here. Choose what to learn from, and what learns."
PLAYLISTS = "Playlists"
TOY = "made-up songs on made-up stations, built in"
DATASET_IN = "in {folder}"
MODEL = "Model"
MODELS = {
    "song2vec": "Word2Vec on playlists, as in the book: songs are words. Seconds to minutes.",
    "blend": "Four models in one, the best answers. Up to ten times as long.",
    "vstan": "Playlists like yours are looked up. Learns at once.",
}
TRAIN = "Train"
TRAINING = "Training {run}"
STAGES = {"": "Reading the playlists and learning from them …", "epochs": "Learning"}
MEASURING = "Measuring on playlists kept aside: {what}"
STEP = "{stage}, {share:.0%}"
ELAPSED = "{seconds:.0f} s so far. It goes on when this page is closed, and ends with the server."
CANCEL = "Cancel"
CANCEL_HELP = "Stop the training; nothing of it is kept"
CANCELLED = "The training was stopped; nothing of it is kept."
FAILED = "The training failed: {error}"
DIED = "it was ended from outside, as happens when memory runs out; take fewer playlists, or another model."
SAME_COMMAND = "The same in a terminal:"
OWN = "Playlists of your own, or the real radio playlists"
OWN_HOW = "Files of your own (CSV, JSON, M3U, JSPF or a folder of them) become a dataset; then reload this page:"
OWN_COMMAND = "recommender import my-music data/mine"
REAL_HOW = "Thousands of songs as US radio played them, as in the book:"
REAL_COMMAND = "recommender download yes_complete"

# Discover
WELCOME = "Find a song you know: here is what playlists play after it, and what is like it, and why."
FIND = "Find a song"
FIND_HINT = "title, artist, or what you recall"
FOUND = "{n} songs found"
FOUND_ONE = "1 song found"
FOUND_MOST = "The first {n} songs found"
NEAR = "No song matches exactly; these come near:"
NONE_FOUND = "No song matches. Try fewer words, or the beginning of a word."
START = "Start with one of these"
PLAYED_MOST = "Played most"
PLAYED = "{n:,} plays"
PLAYED_ONCE = "1 play"
JUMP = "Go to: [{yours}](#yours) · [{next}](#next) · [{alike}](#alike)"
YOURS = "Your playlist"
YOURS_EMPTY = "Nothing in it yet."
EARLIER = "{n:,} earlier songs count too, and are not shown."
LIKED = "Liked"
DISLIKED = "Disliked"
LAST_OF = "{opinion}, the last {shown} of {n}"
ADD, ADD_TOLD = "Add {song}", "Add {song} to the end of your playlist"
LIKE, LIKE_TOLD = "Like {song}", "Like {song}: more of what follows it"
DISLIKE, DISLIKE_TOLD = "Dislike {song}", "Dislike {song}: less of what follows it, and never the song itself"
REMOVE = "Remove {song}"
FORGET = "Forget {song}"
CLEAR = "Clear"
CLEAR_TOLD = "Take all songs, likes and dislikes away"
SHARE = "Copy link"
SHARED = "Copied: it opens what you see here"
SHARE_REFUSED = "The browser does not let the page copy. The link is marked: copy it yourself."
SHARE_ADDRESS = "Link to what you see here"
NEXT = "Comes next"
NEXT_TOLD = "What the playlists would play after yours. A bar compares a song with the best of this list."
ALIKE = "Is like it"
ALIKE_TOLD = "What plays the same role as {song}. A bar is a cosine's share of the best in this list."
ALIKE_OF = "Like which of your songs"
SHARE_OF_BEST = "Share of the best in this list"
NO_NEXT = "Here is nothing: nothing is known of these songs, as they were never played in training; add another."
NO_ALIKE = "Here is nothing: nothing is known to be like it."
NONE_LEFT = "Here is nothing: no song is left by what you ask of the list: take a tag or an artist back."
WHY = "Why?"
WHY_TOLD = "Why {song} is here, and where to hear it"
HEAR = "Hear"
HEAR_TOLD = "Where to hear {song}"
SPEAKING = "What speaks for it, by song:"
SPEAKING_EARLIER = "all songs before these"
SHARE_OF_REASONS = "Share of what speaks for it"
SCORE = "Score {score:.3g}, which orders this list only."
COSINE = "Its vector has a cosine of {cosine:.2f} with that of {song}; 1 is the same direction, 0 is none."
LINKS = "Search for it at {links}"
SHAPE = "Shape the list"
SHAPE_IN_USE = "Shape the list (in use)"
SHAPE_BACK = "Take all back"
PER_ARTIST = "Songs per artist"
PER_ARTIST_TOLD = "At most so many songs of one artist in a list"
SPACING = "Songs in between"
SPACING_TOLD = "At least so many songs of others between two of one artist, those of your playlist too"
POPULARITY = "Popularity"
POPULARITY_TOLD = "Below 0 rare songs come earlier, above 0 those played most"
VARIETY = "Variety"
VARIETY_TOLD = "How unlike the songs before it each song is to be: 0 leaves the list as it is, 1 asks for nothing else"
ONE_VERSION = "One version of each song"
ONLY_TAGS = "Only with a tag"
WITHOUT_TAGS = "Without a tag"
ANY = "any"
NONE = "none"
ARTIST_OUT = "Leave an artist out"
ARTIST_HINT = "a name, or how it begins"
NO_ARTIST = "No other artist matches."
LEAVE_OUT = "Leave {artist} out"
LET_IN = "Let {artist} in again"
NO_SONG_OF_RUN = "This run has no song {songs}, so it is left out."
LIKED_AND_DISLIKED = "The address both likes and dislikes song {songs}; the dislike counts."
NO_NUMBER = "{name} must be a number from {least} to {most}, not {word}, so it is left out."
NO_WHOLE_NUMBER = "{name} must be a whole number from {least} to {most}, not {word}, so it is left out."
NO_TAG_OF_RUN = "This run has no tag {name}, so it is left out."
NO_ARTIST_OF_RUN = "This run has no artist {name}, so it is left out."

# Playlist
KEPT_FAULT = "{file}: {what}; {remedy}; nothing that was kept is lost"
KEPT_FULL = "the disk may be full: make room, and do it again"
KEPT_READ_ONLY = "it must be a file that you may read and write, in a folder that you may write in"
KEPT_BUSY = "another program is writing in it: try again in a moment"
KEPT_DAMAGED = (
    "it is damaged, or of another program, and stays as it is: move it away to begin anew, or bring a copy back"
)

LIST_SONGS = "{n} songs"
LIST_SONG = "{n} song"
LIST_EMPTY = "Nothing in it yet: add songs under Discover, bring a list of your own, or open a saved one."
LIST_TOO_LONG = "a playlist on this page has at most {most} songs, this one would have {n:,}; remove some first"
LIST_UNDO, LIST_CLEAR = "Undo", "Clear"
LIST_SHOWN, LIST_RANGE = "Songs shown", "{first} to {last}"
LIST_MORE = "{n} more songs are in the playlist, and not shown here."
LIST_WORKING = "Working on the playlist …"
LIST_PROGRESS = "{done} of {n} songs found"
LIST_STOP, LIST_STOP_TOLD = "Stop", "The playlist stays as it is"

LIST_ORDER = "Songs in order"
LIST_MOVE = "Move {song}: arrow keys, Home and End"
LIST_UP, LIST_DOWN, LIST_REMOVE = "Move up: {song}", "Move down: {song}", "Remove: {song}"
LIST_MOVED, LIST_REMOVED = "{song}: place {place} of {n}", "{song}: removed"

LIST_KEEP = "Save"
LIST_NAME, LIST_MINE = "Name", "My playlist"
LIST_SAVE, LIST_RENAME, LIST_OPEN, LIST_DELETE = "Save", "Rename", "Open it", "Delete it"
LIST_SAVE_TOLD = "Under this name, beside the run on this computer"
LIST_RENAME_TOLD = "Give the open playlist this name"
LIST_SAVED, LIST_FIND_SAVED = "Saved playlists", "Find a saved playlist"
LIST_SAVED_ONE = "{name} · {n} songs · {changed}"
LIST_SAVED_MORE = "{n} older ones are not listed; find them by name."
LIST_SAVED_NONE = "None yet."
LIST_NOT_SAVED = "Not saved yet."
LIST_IS_SAVED = "Saved as **{name}**."
LIST_CHANGED = "**{name}** is open, with changes that are not saved."
LIST_BEHIND = "**{name}** is open, but was saved with other songs elsewhere since."
LIST_NO_LONGER = "**{name}** is not among the saved playlists any more."
LIST_UNKNOWN = "{n} of the songs of **{name}** are not in this run: they are not shown, and stay in what is saved."
LIST_DELETED = "**{name}** was deleted."
LIST_BRING_BACK = "Bring it back"
LIST_OTHER_VERSION = "{name} was saved by someone else, or in another tab, since you opened it; nothing was changed"
LIST_GONE = "{name} is not among the saved playlists any more, it was deleted or renamed; nothing was changed"
LIST_TAKEN = "there is a saved playlist {name} already; choose another name"
LIST_NO_NAME = "a name has 1 to {most} characters, this one has {given}; write another"
LIST_CHOICES = "Save yours under another name, or choose:"
LIST_REPLACE_ANYWAY, LIST_SAVE_ANYWAY, LIST_OPEN_THEIRS = "Replace it anyway", "Save it anyway", "Open theirs"

LIST_GO_ON = "Go on"
LIST_IN_ALL, LIST_CONTINUE, LIST_CONTINUE_TOLD = "Songs in all", "Continue", "The best song each time"
LIST_SPACING = "Songs between two of one artist"
LIST_RADIO = "Radio"
LIST_TO_PLAY, LIST_PLAY, LIST_PLAY_TOLD = "Songs to play", "Play next", "Adds songs, other ones each time"
LIST_TEMPERATURE, LIST_TEMPERATURE_TOLD = "Temperature", "0 plays the best song each time, 2 strays far"
LIST_PLAYED = "Played last: + for more like it, − to take it out and hear less like it."
LIST_PLUS, LIST_MINUS = "More like {song}", "Take out, and less like {song}"
LIST_STEERED = "{like} liked and {dislike} disliked songs steer it."
LIST_GAPS = "Fill gaps"
LIST_AFTER, LIST_BETWEEN = "After song number", "Songs to put there"
LIST_FILL, LIST_FILL_TOLD = "Fill in", "Songs that fit those around them"
LIST_PATH = "Path"
LIST_FROM, LIST_TO, LIST_FIRST, LIST_LAST = "From", "To", "The first song", "The last song"
LIST_STEPS, LIST_FIND_PATH, LIST_PATH_TOLD = "Songs, both ends counted", "Find a path", "It replaces the playlist"

LIST_LOOK = "Look at it"
LIST_REORDER, LIST_REORDER_TOLD = "Reorder", "For smooth steps"
LIST_MISFITS, LIST_TAGS, LIST_ALIKE = "What does not fit", "Tags", "Playlists like it"
LIST_PLACE, LIST_PLACELESS = "fits at place {place:,.0f}", "nothing is known of it"
LIST_WORST, LIST_WORST_ONE = "**Fits least**, of {n:,} songs given the others:", "{number}\\. {song}: {place}"
LIST_OWN_TAGS, LIST_NO_TAGS = (
    "Tags that these songs have more than all songs:",
    "No tag that these songs have more than all songs.",
)
LIST_TAG = "**{name}**: {songs} of {of} songs, {share:.0%} of all songs"
LIST_LIKE_IT, LIST_NONE_LIKE_IT = (
    "Playlists it learnt from, by songs in both out of those in either:",
    "No playlist has any of these songs.",
)
LIST_LIKE_ONE, LIST_LIKE_MORE = "**{share:.0%}** of {n} songs, with {songs}{more}", " and {n} more"

LIST_TAKE_ALONG, LIST_FILE = "Take it along", "playlist"
LIST_BRING = "Bring a list"
LIST_PASTE, LIST_PASTE_TOLD = "Paste songs", "Artist - Title, one a line; or a CSV, JSON, M3U or JSPF"
LIST_UPLOAD = "Or a file"
LIST_APPEND, LIST_REPLACE = "Add these songs", "Replace the playlist"
LIST_ONE_OF_TWO, LIST_EMPTY_OTHER = "give either songs pasted or a file", ", and empty the other"
LIST_LONG_FILE = "the list is longer than {lines:,} lines or 2 MB; bring a part of it"
LIST_ZIP = "the list is a zip; unpack it, and bring one of its files"
LIST_THE_LIST = "the list"
LIST_FOUND, LIST_FOUND_ONE = "**{n} songs of your list found**", "**{n} song of your list found**"
LIST_NOT_FOUND, LIST_MEANT = "Not found: **{title}** · {artist}", "; did you mean:"
LIST_MORE_NOT_FOUND, LIST_LEFT_OUT = "{n:,} more were not found.", "Left out: {line}"
LIST_DISMISS = "Dismiss"

# Map
NO_MAP = "This run has no map: it was trained with --no-map, or by an earlier version. Train it anew:"
MAP_COLOUR = "Colour by"
MAP_COLOURS = {"group": "Group", "tag": "Tag", "plays": "Popularity"}
MAP_FIND = "Show a song on the map"
MAP_FIND_HINT = "title or artist"
MAP_NOT_FOUND = "No song matches. Try fewer words, or the beginning of a word."
MAP_NO_PLACE = "{song} has no place: it never stood beside another song in training."
MAP_SHOW = "Show {song} on the map"
MAP_PLAYS = "{plays:,} plays and more"
MAP_PLAYED = "played {plays:,} times"
MAP_CHOOSE = "Choose a point, or a song of the list, to add it to your playlist."
MAP_ADD = "Add"
MAP_ADD_HELP = "Add it to the end of your playlist"
MAP_PLAY = "Play from here"
MAP_PLAY_HELP = "Make your playlist this song and the nine that best follow"
MAP_UNDO = "Undo"
MAP_PATH = "The line joins the {songs} songs of your playlist, in order."
MAP_TRUTH = "Made by {by}. Of the ten songs most like a song, {kept:.0%} are among its fifty nearest here."
MAP_WORDS = {
    "map": "Map of all songs",
    "hint": "Drag or use the arrow keys to move, the wheel, two fingers or + and − to zoom, 0 for the whole map, "
    "Enter to choose the song in the middle.",
    "nearer": "Zoom in",
    "farther": "Zoom out",
    "whole": "The whole map",
    "listed": "Songs in view, most played first",
    "legend": "Colours",
    "other": "none of these",
}

# Quality
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
ANOTHER_SONG_HINT = "title, artist, or what you remember of them"
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
VOTE_SHARE = (
    "Of the votes that prefer one ({decided}), {share} % prefer {model} (95 % interval {low} to {high} %; "
    "sign test p = {p}, looked at after every vote p = {always})."
)
NOTHING_YET = "Nothing can be told yet: no vote prefers one. The fewest that can tell are {more} for the same model."
NOT_TOLD = (
    "Nothing can be told yet: such a difference may be chance. It would take about {more} more votes, if shares stay."
)
EVEN = "Nothing can be told yet: the votes are even, and if they stay so even, 10,000 will not tell."
BETTER = "{model} is better, beyond chance."
HOW_TO_READ = "How to read this"
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

# Learn
