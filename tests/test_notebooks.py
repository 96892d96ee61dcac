"""The notebooks run top to bottom on the toy, show something, store nothing and define nothing."""

import ast

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path):
    notebook = nbformat.read(path, as_version=4)
    return notebook, [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_a_notebook_runs_top_to_bottom_and_shows_pictures_and_tables(path, tmp_path, monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # set by streamlit, where its tests ran before
    notebook, code = cells(path)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=False, resources=resources).execute()
    shown = {kind for cell in code for output in cell.outputs for kind in output.get("data", {})}
    assert {"image/png", "text/html"} <= shown


def test_a_notebook_stores_no_outputs(path):
    _, code = cells(path)
    assert [cell.source for cell in code if cell.outputs or cell.execution_count] == []


def test_a_notebook_defines_nothing(path):
    _, code = cells(path)
    found = [node for cell in code for node in ast.walk(ast.parse(cell.source)) if isinstance(node, DEFINITIONS)]
    assert [ast.unparse(node) for node in found] == []
