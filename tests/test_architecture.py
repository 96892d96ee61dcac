"""The shape of the code: imports point down, heavy modules have one place, the public names are complete."""

import ast
import importlib
import pkgutil

import pytest

import recommender
from tests.conftest import ROOT

LAYERS = [
    {"playlists", "errors", "provenance", "search", "svg"},
    {
        "blind",
        "language_models",
        "split",
        "catalogue",
        "fetch",
        "files",
        "duplicates",
        "metrics",
        "exposure",
        "significance",
        "drawing",
        "report_text",
        "ordering",
        "page_server",
    },
    {
        "answer_files",
        "layout",
        "report_html.*",
        "protocol",
        "song_table",
        "overlay",
        "groups",
        "tuning_text",
        "evidence",
    },
    {"report_html", "reasons"},
    {"report", "ranking", "explain", "models.*", "datasets.*"},
    {"inverted"},
    {"breakdowns", "examples", "likelihood", "models", "datasets", "export", "greedy", "traits", "nearby"},
    {"shaping", "asking", "storage", "steps"},
    {"evaluation", "run", "stats", "spaces"},
    {"cleaning", "pictures", "cold", "paths", "radio", "tour"},
    {"client", "training", "batch", "questions", "hiding", "study", "editing"},
    {"comparison"},
    {"tuning"},
    {"demo"},
    {"spark", "spark.*"},
    {"page", "page.*", "service", "service.*"},
    {"cli.options", "cli.files", "cli.engines"},
    {"cli.asking", "cli.showing"},
    {"cli.sequences"},
    {"cli.data", "cli.models", "cli.comparing", "cli.songs", "cli.journeys", "cli.playlists", "cli.service"},
    {"cli"},
    {"__main__", "page.first.child"},
]
HOMES = {
    "gensim": {"models.song2vec"},
    "openTSNE": {"layout"},
    "faiss": {"inverted"},
    "implicit": {"models.factorisation"},
    "streamlit": {"page.*"},
    "requests": {"client", "fetch"},
    "fastapi": {"service.*"},
    "uvicorn": {"service.*"},
    "prometheus_client": {"service.*"},
    "click": {"cli.*"},
    "matplotlib": {"drawing"},
    "optuna": {"study"},
    "sqlalchemy": {"page.database", "page.quality.votes", "page.playlist.kept", "study"},
    "pyarrow": {"answer_files", "spark.*"},
    "pyspark": {"spark.*"},
    "py4j": {"spark.*"},
}
MODULES = sorted(
    m.name.removeprefix("recommender.") for m in pkgutil.walk_packages(recommender.__path__, "recommender.")
)


def layer(module: str) -> int:
    for name in (module, package(module)):
        for number, names in enumerate(LAYERS):
            if name in names:
                return number
    raise AssertionError(f"{module} is in no layer")


def package(module: str) -> str:
    """The name that stands for all modules of its package."""
    return f"{module.partition('.')[0]}.*"


def imports(module: str) -> set[str]:
    """All modules that a module imports, in functions too."""
    path = ROOT / "recommender" / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in inner if name.removeprefix("recommender.") in MODULES}
            found |= modules or {str(node.module)}
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    inner = {name.removeprefix("recommender.") for name in imports(module) if name.startswith("recommender.")}
    upward = {name for name in inner if layer(name) >= layer(module) and package(name) != package(module)}
    assert not upward


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_where_it_belongs(library):
    users = {module for module in MODULES if any(name.partition(".")[0] == library for name in imports(module))}
    assert {package(module) if package(module) in HOMES[library] else module for module in users} == HOMES[library]


def test_every_public_name_is_there():
    assert all(getattr(recommender, name) is not None for name in recommender.__all__)


def test_no_public_name_hides_a_module():
    assert not set(recommender.__all__) & set(MODULES)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        importlib.import_module("recommender").nonsense  # noqa: B018


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module):
    if module != "__main__" and not module.endswith(".__main__"):
        assert importlib.import_module(f"recommender.{module}").__doc__


def test_nothing_else_is_visible_at_the_top():
    allowed = {"pyproject.toml", "README.md", "LICENSE", "recommender", "tests", "notebooks", "app.py", "scripts"}
    made = {"data", "runs"}
    assert {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - made <= allowed
