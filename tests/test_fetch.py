"""Fetching from a real server on this machine, and unpacking what came."""

import hashlib
import io
import os
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from recommender.datasets import load, mirrors
from recommender.datasets.mirrors import ARCHIVES, download
from recommender.errors import DataError, DownloadError
from recommender.fetch import fetch, reachable

CONTENT = os.urandom(200_000)


class Handler(BaseHTTPRequestHandler):
    """/whole gives CONTENT, /cut ends early, /missing is a 404; /files/NAME gives a file of the server's folder."""

    def do_GET(self):
        if self.path.startswith("/missing"):
            self.send_error(404)
            return
        body = self.server.files.get(self.path, CONTENT)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000] if self.path == "/cut" else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.files = {}
    httpd.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, args=[0.01])
    thread.start()
    yield httpd
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def archive(folder, name="yes_small", prefix="dataset/"):
    """The bytes of an archive laid out as Cornell's, holding `folder` under the name."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, f"{prefix}{name}/{path.name}")
    return buffer.getvalue()


def test_the_bytes_arrive_whole(server, tmp_path):
    fetch([server.url + "/whole"], tmp_path / "new" / "file")
    assert hashlib.sha256((tmp_path / "new" / "file").read_bytes()).digest() == hashlib.sha256(CONTENT).digest()
    assert os.listdir(tmp_path / "new") == ["file"]


def test_the_next_source_is_asked_where_one_fails(server, tmp_path):
    good = server.url + "/whole"
    assert fetch([server.url + "/missing", good], tmp_path / "file") == good


@pytest.mark.parametrize(("path", "said"), [("/missing", "answered 404"), ("/cut", "1000 bytes read")])
def test_a_failure_says_what_each_source_said_and_leaves_nothing(server, tmp_path, path, said):
    with pytest.raises(DownloadError, match=f"nothing could be downloaded .*{said}.*--from"):
        fetch([server.url + path], tmp_path / "file")
    assert os.listdir(tmp_path) == []


def test_an_earlier_file_survives_a_failure(server, tmp_path):
    (tmp_path / "file").write_text("earlier")
    with pytest.raises(DownloadError, match="answered 404"):
        fetch([server.url + "/missing"], tmp_path / "file")
    assert (tmp_path / "file").read_text() == "earlier"


def test_a_server_that_is_not_there_cannot_be_reached(server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch([server.url + "/whole"], tmp_path / "file")


def test_reachable_knows_a_server_from_none(server):
    assert reachable([server.url])
    assert not reachable(["http://127.0.0.1:1/"])


def test_download_takes_one_dataset_out_of_the_archive(server, folder, tmp_path, monkeypatch):
    server.files["/lme/dataset.tar.gz"] = archive(folder)
    monkeypatch.setattr(mirrors, "ARCHIVES", (server.url + "/missing", server.url + "/lme/dataset.tar.gz"))
    assert download("yes_small", tmp_path) == tmp_path / "yes_small"
    assert load("yes_small", tmp_path).n_songs == 120
    assert os.listdir(tmp_path) == ["yes_small"]


def test_the_mirrors_are_the_authors_two_pages():
    assert [url.rsplit("/", 1)[1] for url in ARCHIVES] == ["dataset.tar.gz"] * 2
    assert all(url.startswith("https://") for url in ARCHIVES)


def test_yes_complete_falls_back_on_the_books_copy(server, folder, tmp_path, monkeypatch):
    for name in ("train.txt", "song_hash.txt"):
        server.files[f"/book/{name}"] = (folder / name).read_bytes()
    monkeypatch.setattr(mirrors, "ARCHIVES", (server.url + "/missing",))
    monkeypatch.setattr(mirrors, "BOOK", server.url + "/book/")
    assert load(download("yes_complete", tmp_path)).n_songs == 120


def test_what_is_there_is_not_fetched_again(tmp_path):
    (tmp_path / "yes_small").mkdir()
    assert download("yes_small", tmp_path, "http://127.0.0.1:1/") == tmp_path / "yes_small"


def test_an_archive_on_disk_may_be_given(folder, tmp_path):
    (tmp_path / "mine.tar.gz").write_bytes(archive(folder, prefix=""))
    assert load(download("yes_small", tmp_path / "data", str(tmp_path / "mine.tar.gz"))).n_songs == 120


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"not an archive", "not a whole tar archive"), (archive, "has no yes_big/train.txt"), ("cut", "not a whole tar")],
)
def test_a_damaged_or_other_archive_leaves_nothing(folder, tmp_path, content, message):
    whole = archive(folder)
    given = {"cut": whole[: len(whole) // 2], archive: whole}.get(content, content)
    (tmp_path / "mine.tar.gz").write_bytes(given)
    with pytest.raises(DataError, match=message):
        download("yes_big", tmp_path / "data", str(tmp_path / "mine.tar.gz"))
    assert os.listdir(tmp_path / "data") == []


def test_damaged_playlists_in_an_archive_are_refused(folder, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    for path in folder.iterdir():
        (inside / path.name).write_bytes(path.read_bytes()[:-30] if path.name == "train.txt" else path.read_bytes())
    (tmp_path / "mine.tar.gz").write_bytes(archive(inside))
    with pytest.raises(DataError, match=r"train.txt: line 2 states"):
        download("yes_small", tmp_path / "data", str(tmp_path / "mine.tar.gz"))
    assert os.listdir(tmp_path / "data") == []
