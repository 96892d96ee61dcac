"""SVG: what matplotlib saved, made part of a web page.

What is left has no style, colour or font of its own, which the page's style sheet gives, and no address. A group that
was drawn with the gid "is-KIND" has the class KIND, and "m m3" for "is-m3"; all other groups are taken apart.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

Elements = list[ET.Element]


def plain(svg: bytes, name: str) -> Elements:
    """What is in the SVG; ids start with the name.

    >>> saved = b'<svg xmlns="urn:svg"><g id="is-m3"><path d="M 1.0 2.346" style="fill: red"/></g></svg>'
    >>> [ET.tostring(one) for one in plain(saved, "chart")]
    [b'<g class="m m3"><path d="M 1 2.35" /></g>']
    """
    return _joined(_plain(ET.fromstring(svg), name))  # noqa: S314  # matplotlib has just written it


def element(tag: str, inner: Iterable[ET.Element], attributes: Mapping[str, str]) -> str:
    """An element as text."""
    whole = ET.Element(tag, dict(attributes))
    whole.extend(inner)
    return ET.tostring(whole, encoding="unicode")


def say(elements: Elements, group: str, texts: Sequence[str]) -> None:
    """Give the markers of the groups of a class their texts, in order, which are shown where one is pointed at."""
    markers = [use for each in elements if each.get("class") == group for use in each.iter("use")]
    for marker, text in zip(markers, texts, strict=True):
        ET.SubElement(marker, "title").text = text


def _plain(element: ET.Element, name: str) -> Elements:
    tag, group = element.tag.rpartition("}")[2], element.get("id", "").startswith("is-")
    inner = [child for each in element for child in _plain(each, name)]
    if tag in ("metadata", "style") or (tag == "defs" and not inner):
        return []
    if tag == "svg" or (tag == "g" and not group):
        return inner
    bare = ET.Element(tag, dict(_attributes(element, tag, name)))
    bare.text = element.text and element.text.strip()
    bare.extend(inner)
    return [bare]


def _attributes(element: ET.Element, tag: str, name: str) -> Iterator[tuple[str, str]]:
    for attribute, value in element.items():
        match attribute.rpartition("}")[2]:
            case "id" if tag == "g":
                kind = value.removeprefix("is-")
                yield "class", f"m {kind}" if re.fullmatch(r"m\d+", kind) else kind
            case "id":
                yield "id", f"{name}-{value}"
            case "href":
                yield "href", f"#{name}-{value[1:]}"
            case "style":
                yield from re.findall(r"(text-anchor|stroke-width|stroke-dasharray): ([^;]+)", value)
            case "d" | "x" | "y" as place:
                rounded = re.sub(r"-?\d+\.\d+", lambda number: f"{round(float(number[0]), 2):g}", value)
                yield place, " ".join(rounded.split())


def _joined(elements: Elements) -> Elements:
    """Groups of one class that follow one another made one."""
    joined: Elements = []
    for each in elements:
        if joined and each.tag == "g" and joined[-1].attrib == each.attrib:
            joined[-1].extend(each)
        else:
            joined.append(each)
    return joined
