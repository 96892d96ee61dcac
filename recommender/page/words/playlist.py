"""Words of Playlist, and of what people keep."""

KEPT_FAULT = "{file}: {what}; {remedy}; nothing that was kept is lost"
KEPT_FULL = "the disk may be full: make room, and do it again"
KEPT_READ_ONLY = "it must be a file that you may read and write, in a folder that you may write in"
KEPT_BUSY = "another program is writing in it: try again in a moment"
KEPT_DAMAGED = (
    "it is damaged, or of another program, and stays as it is: move it away to begin anew, or bring a copy back"
)

SONGS = "{n} songs"
SONG = "{n} song"
EMPTY = "Nothing in it yet: add songs under Discover, bring a list of your own, or open a saved one."
TOO_LONG = "a playlist on this page has at most {most} songs, this one would have {n:,}; remove some first"
UNDO, CLEAR = "Undo", "Clear"
SHOWN, RANGE = "Songs shown", "{first} to {last}"
MORE = "{n} more songs are in the playlist, and not shown here."
WORKING = "Working on the playlist …"
PROGRESS = "{done} of {n} songs found"
STOP, STOP_TOLD = "Stop", "The playlist stays as it is"

ADDED, ADDED_ONE, MISSING = "{n} songs added", "1 song added", ", {n} not found"
SAME, UNDONE, CLEARED = "Nothing changed", "Taken back", "Cleared; Undo brings it back"
PATH_FOUND, REORDERED = "A path of {n} songs", "{n} songs in a new order"
SAVED_NOW, DELETED_NOW = "**{name}** is saved.", "Deleted; it can be brought back"
OPENED, RENAMED = "**{name}** is open.", "It is called **{name}** now."
TOLD = "{what}: see below the button"

ORDER = "Songs in order"
MOVE = "Move {song}: arrow keys, Home and End; Ctrl+Z or ⌘Z takes back"
UP, DOWN, REMOVE = "Move up: {song}", "Move down: {song}", "Remove: {song}"
MOVED, REMOVED = "{song}: place {place} of {n}", "{song}: removed"

KEEP = "Save"
NAME, MINE = "Name", "My playlist"
SAVE, RENAME, OPEN, DELETE = "Save", "Rename", "Open it", "Delete it"
SAVE_TOLD = "Under this name, beside the run on this computer"
RENAME_TOLD = "Give the open playlist this name"
SAVED, FIND_SAVED = "Saved playlists", "Find a saved playlist"
SAVED_ONE = "{name} · {songs} · {changed}"
SAVED_MORE = "{n} older ones are not listed; find them by name."
SAVED_NONE = "None yet."
NOT_SAVED = "Not saved yet."
IS_SAVED = "Saved as **{name}**."
CHANGED = "**{name}** is open, with changes that are not saved."
BEHIND = "**{name}** is open, but was saved with other songs elsewhere since."
NO_LONGER = "**{name}** is not among the saved playlists any more."
UNKNOWN = "{n} of the songs of **{name}** are not in this run: they are not shown, and stay in what is saved."
DELETED = "**{name}** was deleted."
BRING_BACK = "Bring it back"
OTHER_VERSION = (
    "the playlist {name} was saved by someone else, or in another tab, since you opened it; nothing was changed"
)
GONE = "the playlist {name} is not among the saved playlists any more, it was deleted or renamed; nothing was changed"
TAKEN = "there is a saved playlist {name} already; choose another name"
NO_NAME = "a name has 1 to {most} characters, this one has {given}; write another"
CHOICES = "Save yours under another name, or choose:"
REPLACE_ANYWAY, SAVE_ANYWAY, OPEN_THEIRS = "Replace it anyway", "Save it anyway", "Open theirs"

GO_ON = "Go on"
SHAPED = "Tags and artists that you ask for, or leave out, under Discover hold for what is added here, too."
IN_ALL, CONTINUE, CONTINUE_TOLD = "Songs in all", "Continue", "The best song each time"
SPACING = "Songs between two of one artist"
RADIO = "Radio"
TO_PLAY, PLAY, PLAY_TOLD = "Songs to play", "Play next", "Adds songs, other ones each time"
TEMPERATURE, TEMPERATURE_TOLD = "Temperature", "0 plays the best song each time, 2 strays far"
PLAYED = "Played last: + for more like it, − to take it out and hear less like it."
PLUS, MINUS = "More like {song}", "Take out, and less like {song}"
STEERED = "{like} liked and {dislike} disliked songs steer it."
GAPS = "Fill gaps"
AFTER, BETWEEN = "After song number", "Songs to put there"
FILL, FILL_TOLD = "Fill in", "Songs that fit those around them"
REORDER, KEEP_FIRST = "Reorder", "Keep the first song"
REORDER_TOLD = "The same songs, so that each follows well on the one before."
PATH = "Path"
FROM, TO = "From", "To"
FIRST, LAST = "The first song, or search another", "The last song, or search another"
STEPS, FIND_PATH, LEAD_ON = "Songs, both ends counted", "Find a path", "Add at the end"
PATH_TOLD = (
    "**Find a path** replaces the playlist, and Undo brings it back. "
    "**Add at the end** keeps it, and leads on from its last song to the one under To."
)
NO_SUCH_END, LET_GO = "No song matches.", "Choose this song no more"
NO_END = "there is no song to lead to from the last one; search one under To"

LOOK = "Look at it"
MISFITS, TAGS, ALIKE = "What does not fit", "Tags", "Playlists like it"
PLACE, PLACELESS = "{better:,.0f} songs would fit better there", "nothing is known of it"
ALL_FIT = "All songs fit: the one that fits least is at place {place:,.0f} of {n:,}, given the others."
WORST, WORST_ONE = "**Fits least**, of {n:,} songs given the others:", "{number}\\. {song}: {place}"
OWN_TAGS, NO_TAGS = (
    "Tags that these songs have more than all songs:",
    "No tag that these songs have more than all songs.",
)
TAG = "**{name}**: {songs} of {of} songs, {share:.0%} of all songs"
LIKE_IT, NONE_LIKE_IT = (
    "Playlists it learnt from, by songs in both out of those in either:",
    "No playlist has any of these songs.",
)
LIKE_ONE, LIKE_MORE = "**{share:.0%}** of {n} songs, with {songs}{more}", " and {n} more"

TAKE_ALONG, FILE = "Take it along", "playlist"
BRING = "Bring a list"
PASTE, PASTE_TOLD = "Paste songs", "Artist - Title, one a line; or a CSV, JSON, M3U or JSPF"
UPLOAD = "And, or, a file"
APPEND, REPLACE = "Add these songs", "Replace the playlist"
NOTHING_BROUGHT = "there is no list yet; paste songs, or choose a file"
LONG_FILE = "the list is longer than {lines:,} lines or 2 MB; bring a part of it"
ZIP = "the list is a zip; unpack it, and bring one of its files"
THE_LIST = "the list"
FOUND, FOUND_ONE = "**{n} songs of your list found**", "**{n} song of your list found**"
NOT_FOUND, MEANT = "Not found: **{title}** · {artist}", "; did you mean:"
MORE_NOT_FOUND, LEFT_OUT = "{n:,} more were not found.", "Left out: {line}"
DISMISS = "Dismiss"
