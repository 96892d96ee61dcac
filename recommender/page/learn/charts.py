"""Charts: what Vega-Lite is told to draw, for pages light and dark; colours are told apart by shape or place, too."""

from typing import Any

_ABOVE, _BELOW = "#0072b2", "#d55e00"  # Okabe and Ito's, seen on white and on black
_MARK = "#888888"
_BARE: dict[str, Any] = {"axis": None}

Spec = dict[str, Any]


def strip() -> Spec:
    """Bars above and below a line, of columns "place" and "number"."""
    return {
        "height": 56,
        "padding": 0,
        "mark": {"type": "bar", "cornerRadius": 1},
        "encoding": {
            "x": _field("place", "ordinal") | _BARE,
            "y": _field("number") | _BARE,
            "color": {"condition": {"test": "datum.number < 0", "value": _BELOW}, "value": _ABOVE},
            "tooltip": [_field("place", "ordinal"), _field("number") | {"format": ".3f"}],
        },
    }


def curves(x: str, y: str, at: int) -> Spec:
    """Lines of columns "top" (logarithmic), "share" and "kind", dashed one from the other, and a mark at one "top"."""
    across = _field("top") | {
        "title": x,
        "scale": {"type": "log", "nice": False},
        "axis": {"format": "~s", "grid": False},
    }
    marks: Spec = {"mark": {"type": "rule", "strokeDash": [2, 2], "color": _MARK}, "encoding": {"x": {"datum": at}}}
    lines: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.5, "point": True},
        "encoding": {
            "x": across,
            "y": _field("share") | {"title": y, "axis": {"format": "%"}},
            "strokeDash": _field("kind", "nominal") | {"title": None, "sort": None},
            "color": _field("kind", "nominal")
            | {
                "title": None,
                "sort": None,
                "scale": {"range": [_ABOVE, _BELOW]},
                "legend": {"orient": "top", "symbolType": "stroke"},
            },
            "tooltip": [_field("kind", "nominal"), _field("top"), _field("share") | {"format": ".1%"}],
        },
    }
    return {"height": 230, "layer": [lines, marks]}


def intervals(x: str) -> Spec:
    """A dot for each of the column "name", at "mean", and its interval from "low" to "high"."""
    along = _field("name", "nominal") | {"title": None, "sort": None, "axis": {"labelLimit": 110}}
    across = {"title": x, "scale": {"zero": True}}
    return {
        "height": 120,
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2.5, "color": _ABOVE},
                "encoding": {"y": along, "x": _field("low") | across, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "color": _BELOW, "opacity": 1},
                "encoding": {"y": along, "x": _field("mean") | across},
            },
        ],
    }


def _field(name: str, kind: str = "quantitative") -> Spec:
    return {"field": name, "type": kind}
