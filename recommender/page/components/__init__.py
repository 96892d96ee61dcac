"""Components: what no widget of Streamlit does, each a NAME.js and a NAME.css beside this file.

They are trusted code, and what they show is text: they never make markup of what the data says.
"""

from pathlib import Path
from typing import Any

from streamlit.components import v2

_HERE = Path(__file__).parent


def component(name: str) -> Any:
    """What mounts the component NAME (see `streamlit.components.v2.component`); to be called once, by a module."""
    return v2.component(f"recommender_{name}", js=_text(f"{name}.js"), css=_text(f"{name}.css"))


def _text(file: str) -> str:
    return (_HERE / file).read_text(encoding="utf-8")
