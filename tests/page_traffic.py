"""What a browser sends, hears and holds at the page: bytes of HTTP and of its websocket, seconds, its heap."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from playwright.sync_api import Browser, Locator, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_ROWS = "[class*=st-key-song-], .st-key-playlist-order li"
_STILL = "[data-testid=stApp][data-test-script-state=notRunning]"


@dataclass(frozen=True)
class Traffic:
    """Of one thing done: bytes over HTTP and the websocket, seconds until it could be seen, and rows of songs then."""

    kind: str
    http: int
    heard: int
    said: int
    seconds: float
    rows: int


class Watched:
    """A page of its own context, whose traffic is counted; what was done so far stands in `done`."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.address, self.done = address, list[Traffic]()
        self._http = self._heard = self._said = self._finished = 0
        self._protocol = self.page.context.new_cdp_session(self.page)
        self._protocol.send("Network.enable")
        self._protocol.on("Network.loadingFinished", self._loaded)
        self.page.on("websocket", self._opened)

    def _loaded(self, event: dict[str, float]) -> None:
        self._http += int(event["encodedDataLength"])

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)
        socket.on("framesent", self._say)

    def _hear(self, frame: bytes) -> None:
        self._heard += len(frame)
        self._finished += ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished"

    def _say(self, frame: bytes) -> None:
        self._said += len(frame)

    @contextmanager
    def counted(self, kind: str) -> Iterator[None]:
        """Count what happens within, until the script has run and the page stands still."""
        before, finished, start = (self._http, self._heard, self._said), self._finished, perf_counter()
        yield
        while self._finished == finished:
            self.page.wait_for_timeout(10)
        self.page.locator(_STILL).wait_for()
        seconds = perf_counter() - start
        self.page.wait_for_timeout(300)  # what is loaded besides
        rows = self.page.locator(_ROWS).count()
        after = self._http, self._heard, self._said
        self.done.append(Traffic(kind, *(a - b for a, b in zip(after, before, strict=True)), seconds, rows))

    def load(self, kind: str) -> None:
        """The first view, until the search box and a song can be seen."""
        with self.counted(kind):
            self.page.goto(self.address, wait_until="commit")
            self.page.get_by_role("searchbox", name="Find a song").wait_for()
            self.first("acts-most-").wait_for()

    def first(self, key: str) -> Locator:
        """The first thing whose key begins so."""
        return self.page.locator(f"[class*=st-key-{key}]").first

    def heap(self) -> float:
        """Megabytes of JavaScript's objects that are still used."""
        self._protocol.send("HeapProfiler.collectGarbage")
        return float(self._protocol.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def looked_around(watched: Watched, title: str, parts: Sequence[str]) -> None:
    """What `page_people.look_around` does, by mouse and keys."""
    page, first = watched.page, watched.first

    def search() -> None:
        page.get_by_role("searchbox", name="Find a song").fill(title)

    def dial() -> None:
        page.get_by_role("slider", name="Variety").focus()
        page.keyboard.press("ArrowRight")

    def opened(part: str) -> Callable[[], None]:
        return lambda: page.get_by_role("tab", name=part).click()

    def why() -> None:
        first("why-next-").get_by_role("button").first.click()

    def act_in(part: str) -> list[tuple[str, Callable[[], None]]]:
        acts = {
            "Playlist": [
                ("move a song", lambda: page.locator(".st-key-playlist-order .handle").last.press("Home")),
                ("play next", first("playlist-play").get_by_role("button").first.click),
            ],
            "Learn": [("next lesson", first("learn-next").get_by_role("button").first.click)],
        }
        return [(f"open {part}", opened(part)), *acts.get(part, [])]

    steps = [
        ("search", search),
        ("add a song", lambda: first("hit-").get_by_role("button").click()),
        ("add a song", lambda: first("next-").get_by_role("button").click()),
        ("open Why?", why),
        ("close Why?", lambda: page.keyboard.press("Escape")),
        ("like", lambda: first("up-next-").get_by_role("button").click()),
        ("unfold the dials", lambda: page.get_by_text("Shape the list").click()),
        ("turn a dial", dial),
        *(step for part in [*parts[1:], parts[0]] for step in act_in(part)),
    ]
    for kind, act in steps:
        with watched.counted(kind):
            act()
