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

# Map

# Quality
USE = "**Meant to** {use}."
LIMITS = "**Limits:** {limits}."
DATA = "**Data:** {name}; {licence}."
