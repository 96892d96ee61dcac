"""People at the page without browsers: they say and hear over its websocket what a browser would.

A browser opens /_stcore/stream, and whenever somebody does something sends a BackMsg: the address's query, and the
states of the widgets that were touched. It hears ForwardMsgs until one says that the script has finished. All that
stands on the page comes anew each time, or all of one fragment; the names of widgets are found in what comes. A
component (see `streamlit.components.v2`) has one state, a JSON object, and asks once by a name beside its own.
"""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect

_NAME = re.compile(rb"([\x26-\x7f])(?=\$\$ID-[0-9a-f]{32}-)")  # a text stands after its length
_KEY = 38  # the place in a name where the widget's key begins
_FIELDS = {bool: "bool_value", str: "string_value"}
_ASKING = "$$STREAMLIT_INTERNAL_KEY_{name}__events"
_ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


Held = bool | str | list[float] | dict[str, Any]


@dataclass(frozen=True)
class Step:
    """What one interaction took, from the last word said to the last heard."""

    kind: str
    seconds: float
    heard: int  # bytes


@dataclass
class Person:
    """Somebody with the page open, what stands on it, and what was done so far."""

    line: ClientConnection
    think: Callable[[], float]
    query: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)  # of a key: the widget's name, and its fragment
    held: dict[str, Held] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    async def load(self) -> None:
        await asyncio.sleep(self.think())
        await self._run("first view", BackMsg())

    async def press(self, kind: str, key: str) -> None:
        """Press the first button whose key begins so."""
        await asyncio.sleep(self.think())
        said = BackMsg()
        said.rerun_script.widget_states.widgets.add(id=self._named(said, key), trigger_value=True)
        await self._run(kind, said)

    async def turn(self, kind: str, key: str, value: Held) -> None:
        """Give the first widget whose key begins so a value, which it keeps."""
        await asyncio.sleep(self.think())
        said = BackMsg()
        self.held[self._named(said, key)] = value
        await self._run(kind, said)

    async def ask(self, kind: str, key: str, **asked: int) -> None:
        """Have a component ask once."""
        await asyncio.sleep(self.think())
        said = BackMsg()
        name = _ASKING.format(name=self._named(said, key))
        asks = json.dumps([{"event": "asked", "value": asked}])
        said.rerun_script.widget_states.widgets.add(id=name, json_trigger_value=asks)
        await self._run(kind, said)

    async def open(self, part: str) -> None:
        self.query["part"] = [part]
        await self.turn(f"open {part}", "part", part)

    def _named(self, said: BackMsg, key: str) -> str:
        """The name of the widget of this key, else of the first that begins so; the fragment it stands in is told."""
        found = key if key in self.names else next(known for known in self.names if known.startswith(key))
        name, said.rerun_script.fragment_id = self.names[found]
        return name

    async def _run(self, kind: str, said: BackMsg) -> None:
        """Say it, and hear all that follows."""
        said.rerun_script.query_string = urlencode(self.query, doseq=True)
        for name, value in self.held.items():
            state = said.rerun_script.widget_states.widgets.add(id=name)
            if isinstance(value, list):
                state.double_array_value.data.extend(value)
            elif isinstance(value, dict):
                state.json_value = json.dumps(value)
            else:
                setattr(state, _FIELDS[type(value)], value)
        start, heard, more = perf_counter(), 0, True
        await self.line.send(said.SerializeToString())
        while more:
            frame = await self.line.recv()
            heard += len(frame)
            more = self._heard(frame, ForwardMsg.FromString(frame))
        seconds = perf_counter() - start
        shown = {name for name, _ in self.names.values()}
        self.held = {name: value for name, value in self.held.items() if name in shown}
        self.steps.append(Step(kind, seconds, heard))

    def _heard(self, frame: bytes, message: ForwardMsg) -> bool:
        """Whether there is more to hear."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            anew = [*message.metadata.run.fragment_ids]
            self.names = {key: named for key, named in self.names.items() if anew and named[1] not in anew}
        elif kind == "page_info_changed":
            self.query = parse_qs(message.page_info_changed.query_string, keep_blank_values=True)
        elif kind == "delta":
            if message.delta.new_element.HasField("exception"):
                raise RuntimeError(message.delta.new_element.exception.message)
            for found in _NAME.finditer(frame):
                name = frame[found.end() : found.end() + found[1][0]].decode()
                self.names[name[_KEY:]] = name, message.delta.fragment_id
        return kind != "script_finished" or message.script_finished not in _ENDS


async def arrive(lines: AsyncExitStack, address: str, seed: int, think: tuple[float, float] | None) -> Person:
    """Somebody who comes and sees the first view, and stays until the lines are closed.

    think : seconds before each thing done, at least and at most; None for nobody who thinks
    """
    url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    line = await lines.enter_async_context(connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None))
    rng = np.random.default_rng(seed)
    person = Person(line, lambda: float(rng.uniform(*think)) if think else 0.0)
    await person.load()
    return person


async def look_around(person: Person, title: str, parts: Sequence[str]) -> None:
    """Find a song and shape what follows it, then do something in each other part, and come back."""
    for letters in (title[:1], title[:3], title):
        await person.turn("search", "search", {"text": letters})
    await person.press("add a song", "hit-")
    await person.press("add a song", "next-")
    await person.turn("open Why?", "why-next-", True)
    await person.turn("close Why?", "why-next-", False)
    await person.press("like", "up-next-")
    await person.turn("unfold the dials", "shape", True)
    await person.turn("turn a dial", "dial-variety", [0.3])
    await person.press("add a song", "next-")
    acts = {"Playlist": play, "Map": choose, "Learn": learn}
    for part in parts[1:]:
        await person.open(part)
        if part in acts:
            await acts[part](person)
    await person.open(parts[0])


async def play(person: Person) -> None:
    """Move the last song to the first place, have one played after it, and take that back."""
    songs = person.query["songs"][0].split(",")
    await person.ask("move a song", "playlist-order", **{"song": int(songs[-1]), "from": len(songs) - 1, "to": 0})
    await person.press("play next", "playlist-play")
    await person.press("undo", "playlist-undo")


async def choose(person: Person) -> None:
    if "map" in person.names:
        await person.turn("choose on the map", "map", {"chosen": 3, "asked": [1, 2, 3]})


async def learn(person: Person) -> None:
    await person.press("next lesson", "learn-next")
