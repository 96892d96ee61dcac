"""Fetching from a real server that fails in many ways: the right bytes, or one clear error."""

import os
import re
import resource
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender import fetch as module
from recommender.errors import DownloadError
from recommender.fetch import blob_id, fetch, reachable
from tests.conftest import ROOT
from tests.faulty import GOOD, serving

CONTENT = os.urandom(300_000)


@pytest.fixture(scope="module")
def _server():
    with serving({"/file": CONTENT}) as server:
        yield server


@pytest.fixture
def server(_server, monkeypatch):
    """The server, well again, and a client that soon loses patience."""
    _server.plan.clear()
    _server.asked.clear()
    monkeypatch.setattr(module, "_TIMEOUT", (1, 0.3))
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    return _server


def get(server, path, **options):
    return fetch([server.url + "/file"], path, http=True, **options)


@pytest.fixture
def id_(tmp_path_factory):
    """The git blob id of the right file."""
    path = tmp_path_factory.mktemp("right") / "file"
    path.write_bytes(CONTENT)
    return blob_id(path)


def test_the_bytes_arrive_whole_and_leave_nothing_else(server, tmp_path, id_):
    fetched = get(server, tmp_path / "new" / "file", id=id_)
    assert (tmp_path / "new" / "file").read_bytes() == CONTENT
    assert os.listdir(tmp_path / "new") == ["file"]
    assert (fetched.size, fetched.id) == (len(CONTENT), id_)


def test_the_id_is_gits(tmp_path):
    (tmp_path / "file").write_bytes(b"hello\n")
    assert blob_id(tmp_path / "file") == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object


MENDED = [
    [("cut", 0), GOOD],
    [("cut", 1000), ("cut", 1), ("cut", 70_000), GOOD],
    [("stall", 5000), GOOD],
    [("status", 503, 0), GOOD],
    [("status", 429, 3600), GOOD],
    [("status", 500), ("status", 502), GOOD],
    [("hang-up",), GOOD],
    [("cut", 1000), ("no-range",)],
    [("cut", 1000), ("etag", 1)],
    [("no-validator",), GOOD],
    [("weak",), GOOD],
    [("no-length",), GOOD],
    [("nonsense",), GOOD],
    [("redirect", "/file"), GOOD],
    [("cut", 1000), ("status", 416), GOOD],
]


@pytest.mark.parametrize("plan", MENDED, ids=str)
def test_a_passing_fault_is_mended(server, tmp_path, id_, plan):
    server.plan[:] = plan
    get(server, tmp_path / "file", id=id_)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert os.listdir(tmp_path) == ["file"]


LASTING = [
    (("status", 404), "answered 404"),
    (("status", 503, 0), "answered 503"),
    (("corrupt",), "gave another file: its git blob id is [0-9a-f]{40}, [0-9a-f]{40} is expected"),
    (("short",), "gave another file"),
    (("long",), "keeps cutting the connection"),
    (("endless",), "sends more bytes than the file may have"),
    (("compressed",), "sends the file compressed though asked not to"),
    (("part-unasked",), "sends a part that was not asked for"),
    (("redirect", "/file"), "redirects without end"),
    (("redirect", "ftp://127.0.0.1/"), "is no address of a web server"),
    (("garbage",), "cannot be reached"),
    (("hang-up",), "cannot be reached"),
    (("stall", 0), "keeps cutting the connection .0 bytes came"),
]


@pytest.mark.parametrize(("fault", "said"), LASTING, ids=str)
def test_a_lasting_fault_is_one_clear_error_and_never_a_wrong_file(server, tmp_path, id_, fault, said):
    (tmp_path / "file").write_text("earlier")
    server.plan[:] = [fault] * 200
    with pytest.raises(DownloadError, match=f"nothing could be downloaded .*({said}).*--from"):
        get(server, tmp_path / "file", id=id_, most=400_000)
    assert (tmp_path / "file").read_text() == "earlier"


def test_a_wrong_range_is_not_taken(server, tmp_path, id_):
    server.plan[:] = [("cut", 1000), ("wrong-range",)]
    with pytest.raises(DownloadError, match="sends a part that was not asked for"):
        get(server, tmp_path / "file", id=id_)
    get(server, tmp_path / "file", id=id_)


def test_a_file_larger_than_allowed_is_refused_before_it_comes(server, tmp_path):
    with pytest.raises(DownloadError, match="announces 300,000 bytes, more than the 1,000"):
        get(server, tmp_path / "file", most=1000)
    assert os.listdir(tmp_path) == []


def test_the_next_source_is_asked_where_one_fails(server, tmp_path, id_):
    server.plan[:] = [("corrupt",)]
    sources = [server.url + "/file", server.url + "/file"]
    assert fetch(sources, tmp_path / "file", id=id_, http=True).source == sources[1]


def test_only_the_missing_bytes_are_asked_for(server, tmp_path):
    server.plan[:] = [("cut", 100_000)]
    get(server, tmp_path / "file")
    assert [asked for _, asked in server.asked] == [None, "bytes=100000-"]


def test_the_next_call_goes_on_where_one_gave_up(server, tmp_path):
    server.plan[:] = [("cut", 100_000), *[("cut", 0)] * 50]
    with pytest.raises(DownloadError):
        get(server, tmp_path / "file")
    server.plan.clear()
    server.asked.clear()
    get(server, tmp_path / "file")
    assert server.asked == [("/file", "bytes=100000-")]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_damaged_note_on_the_part_starts_anew(server, tmp_path):
    (tmp_path / "file.part").write_bytes(b"x" * 1000)
    (tmp_path / "file.part.json").write_text('{"source": "htt')
    get(server, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(0, 200_000), max_size=8),
    kinds=st.lists(st.sampled_from(["cut", "cut", "etag", "no-range", "status", "no-validator"]), max_size=8),
)
def test_however_often_it_is_cut_the_bytes_are_right_or_it_is_said(server, tmp_path_factory, cuts, kinds):
    path = tmp_path_factory.mktemp("cut") / "file"
    faults = [(kind, 503 if kind == "status" else n) for kind, n in zip([*kinds, *["cut"] * 8], cuts, strict=False)]
    server.plan[:] = faults
    for _ in range(len(faults) + 1):
        try:
            get(server, path)
            break
        except DownloadError:
            assert not path.exists()
    assert path.read_bytes() == CONTENT


def test_plain_http_is_refused_unless_allowed(server, tmp_path):
    with pytest.raises(DownloadError, match=r"leads to plain http \(http://127.*allow it with --http"):
        fetch([server.url + "/file"], tmp_path / "file")
    assert server.asked == []


def test_a_redirect_to_plain_http_is_refused(monkeypatch, server, tmp_path):
    """Seen through a session whose https goes to the test server; certificates are requests' affair."""
    from requests.adapters import HTTPAdapter

    class Tls(HTTPAdapter):
        def send(self, request, *args, **kwargs):
            request.url = request.url.replace("https://mirror", server.url)
            return super().send(request, *args, **kwargs)

    made = module._session

    def session(http):
        opened = made(http)
        opened.mount("https://mirror", Tls())
        return opened

    monkeypatch.setattr(module, "_session", session)
    server.plan[:] = [("redirect", "http://127.0.0.1:{port}/file")]
    with pytest.raises(DownloadError, match="leads to plain http"):
        fetch(["https://mirror/file"], tmp_path / "file")
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_cannot_be_reached(tmp_path):
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch(["http://127.0.0.1:1/file"], tmp_path / "file", http=True)


@pytest.mark.parametrize("source", ["nonsense", "http://", "https://exa mple/", "file:///etc/passwd", ""])
def test_what_is_no_address_is_said(tmp_path, source):
    with pytest.raises(DownloadError, match="nothing could be downloaded"):
        fetch([source], tmp_path / "file", http=True)


def test_reachable_knows_a_server_from_none(server):
    assert reachable([server.url])
    assert not reachable(["http://127.0.0.1:1/"])


SCRIPT = """import sys
from pathlib import Path
from recommender.fetch import fetch
fetch([sys.argv[1]], Path(sys.argv[2]), http=True)
"""


def test_a_killed_process_leaves_what_has_come_and_the_next_goes_on(server, tmp_path):
    server.plan[:] = [("stall", 200_000)]
    with subprocess.Popen([sys.executable, "-c", SCRIPT, server.url + "/file", tmp_path / "file"], cwd=ROOT) as process:
        part = tmp_path / "file.part"
        deadline = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size > 100_000) and time.monotonic() < deadline:
            os.sched_yield()
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "file").exists()
    server.asked.clear()
    get(server, tmp_path / "file")
    assert re.fullmatch(r"bytes=\d{6}-", server.asked[0][1])
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_full_disk_is_said_and_the_next_call_goes_on(server, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that may grow no further, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, before[1]))
    try:
        with pytest.raises(DownloadError, match="cannot be written: File too large; what has come is kept"):
            get(server, tmp_path / "file")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    server.asked.clear()
    get(server, tmp_path / "file")
    assert server.asked[0][1].startswith("bytes=1")
    assert (tmp_path / "file").read_bytes() == CONTENT
