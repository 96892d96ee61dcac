"""What a person can cause: each message says what was wrong, where, and what to do next."""


class RecommenderError(Exception):
    """A fault a person can cause and mend; the command line shows it as one line."""


class DataError(RecommenderError):
    """A file that is missing, damaged or of another format."""


class DownloadError(RecommenderError):
    """A dataset that could not be fetched."""


class UnknownSongError(RecommenderError):
    """A song that the catalogue or the model does not know."""


class ParameterError(RecommenderError, ValueError):
    """A model, or a parameter of it, that does not exist or has an impossible value."""
