"""Words: every sentence and label of the page, in English, a section a part; `{name}` is filled in where it is used.

Those of Learn, a text of its own, are in `lessons`.
"""

# the frame
TITLE = "Playlist recommender"
OPENING = "Opening the run …"
NO_RUN = "There is no run yet. Train one, then open this page again:"
NO_RUN_OWN = "or, with a dataset of your own:"

# Discover

# Playlist
KEPT_FAULT = "{file}: {what}; {remedy}; nothing that was kept is lost"
KEPT_FULL = "the disk may be full: make room, and do it again"
KEPT_READ_ONLY = "it must be a file that you may read and write, in a folder that you may write in"
KEPT_BUSY = "another program is writing in it: try again in a moment"
KEPT_DAMAGED = (
    "it is damaged, or of another program, and stays as it is: move it away to begin anew, or bring a copy back"
)

# Map

# Quality
USE = "**Meant to** {use}."
LIMITS = "**Limits:** {limits}."
DATA = "**Data:** {name}; {licence}."
