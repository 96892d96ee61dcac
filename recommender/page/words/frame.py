"""Words around the parts: the frame, a first visit, the training of a run, and what goes wrong."""

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
CAME_ALONG = "Songs that came along, found here by title and artist: {came} of {n}."
LEFT_BEHIND = " The others are not in this run."
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
