"""What the scripts that measure share: where the data is, and text that is put between two marks of a page."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
_BESIDE = ROOT.parent / "shared" / "data"
DATA = str(_BESIDE) if _BESIDE.is_dir() else None


def put(page: Path, start: str, text: str, end: str) -> None:
    """Write the page anew with this text between the two marks, each of which it has once."""
    before, rest = page.read_text(encoding="utf-8").split(start)
    page.write_text(f"{before}{start}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")
