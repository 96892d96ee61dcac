"""The page's words stand in one place."""

import ast
import re

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "recommender" / "page"
MODULES = [path for path in sorted(PAGE.rglob("*.py")) if path.parent.name != "words"]
NO_WORDS = re.compile('recommender |("?>)?<div|how to read$')  # a command, markup, a key of an evaluation's facts


def sentences(source: str) -> list[str]:
    """Strings of two words or more that are no docstring: what a person might read."""
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    told = [node.value.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr) and is_text(node)]
    return [text for text in strings if isinstance(text, str) and text not in told and re.search("[a-z] [a-z]", text)]


def is_text(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Constant)


def test_a_label_is_found_and_a_docstring_is_not():
    assert sentences('"""Of two words."""\nlabel, key = "Find a song", "find-a-song"') == ["Find a song"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PAGE)))
def test_no_sentence_stands_anywhere_else(path):
    assert not [text for text in sentences(path.read_text(encoding="utf-8")) if not NO_WORDS.match(text)]
