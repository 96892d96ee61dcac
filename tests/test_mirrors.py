"""Downloading a dataset: mirrors, archives good and malicious, the data card, and what is verified."""

import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import zipfile

import pytest
from filelock import FileLock

from recommender.datasets import check, load, mirrors, unpack
from recommender.datasets.mirrors import ARCHIVES, FILES, download
from recommender.errors import DataError, DownloadError, RecommenderError
from recommender.fetch import blob_id
from tests.conftest import ROOT
from tests.faulty import serving


@pytest.fixture
def published(folder, small, monkeypatch):
    """The small dataset as if it were the published yes_small, yes_big and yes_complete."""
    transitions = int((small.train.lengths - 1)[small.train.lengths > 0].sum())
    monkeypatch.setattr(mirrors, "COUNTS", dict.fromkeys(mirrors.COUNTS, (small.n_songs, transitions, 0)))
    ids = {file: blob_id(folder / file) for file in FILES if file != "test.txt"}
    monkeypatch.setattr(mirrors, "IDS", dict.fromkeys(mirrors.IDS, ids))
    return folder


def archive(folder, name="yes_small", prefix="dataset/") -> bytes:
    """An archive laid out as Cornell's, holding `folder` under the name."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, f"{prefix}{name}/{path.name}")
    return buffer.getvalue()


def zipped(folder, name="yes_small") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.iterdir()):
            file.write(path, f"{name}/{path.name}")
    return buffer.getvalue()


@pytest.fixture
def server(published, monkeypatch, tmp_path):
    """A server with the archive at the second mirror's path and the book's two files."""
    whole = archive(published)
    files = {f"/book/{name}": (published / name).read_bytes() for name in ("train.txt", "song_hash.txt")}
    (tmp_path / "archive").write_bytes(whole)
    with serving({"/~shuochen/lme/dataset.tar.gz": whole, "/lme/dataset.tar.gz": whole} | files) as running:
        paths = [url.split("/", 3)[3] for url in ARCHIVES]
        monkeypatch.setattr(mirrors, "ARCHIVES", tuple(f"{running.url}/{path}" for path in paths))
        monkeypatch.setattr(mirrors, "ARCHIVE_ID", blob_id(tmp_path / "archive"))
        monkeypatch.setattr(mirrors, "BOOK", running.url + "/book/")
        yield running
    (tmp_path / "archive").unlink(missing_ok=True)


def test_the_mirrors_are_the_authors_two_pages():
    assert [url.rsplit("/", 1)[1] for url in ARCHIVES] == ["dataset.tar.gz"] * 2
    assert all(url.startswith("https://") for url in ARCHIVES)


def test_one_dataset_comes_out_of_the_archive_with_a_data_card(server, tmp_path):
    data = tmp_path / "data"
    assert download("yes_small", data, http=True) == data / "yes_small"
    assert load("yes_small", data).n_songs == 120
    card = json.loads((data / "yes_small" / "data_card.json").read_text())
    assert card["source"] == mirrors.ARCHIVES[0]
    assert card["files"]["train.txt"]["git_blob_id"] == blob_id(data / "yes_small" / "train.txt")
    assert card["differs_from_published_id"] == []
    assert "research" in card["terms"]
    assert sorted(os.listdir(data)) == [".download", "yes_small"]


def test_the_second_mirror_is_asked_where_the_first_has_another_file(server, tmp_path):
    server.plan[:] = [("corrupt",)]
    download("yes_small", tmp_path / "data", http=True)
    assert [path for path, _ in server.asked] == ["/~shuochen/lme/dataset.tar.gz", "/lme/dataset.tar.gz"]


def test_the_archive_is_kept_for_the_next_dataset(server, tmp_path):
    download("yes_small", tmp_path / "data", http=True)
    with pytest.raises(DataError, match=r"has no yes_big/train\.txt"):
        download("yes_big", tmp_path / "data", http=True)
    assert len(server.asked) == 1


def test_yes_complete_falls_back_on_the_books_copy(server, tmp_path, monkeypatch):
    monkeypatch.setattr(mirrors, "ARCHIVES", (server.url + "/missing",))
    download("yes_complete", tmp_path / "data", http=True)
    card = json.loads((tmp_path / "data" / "yes_complete" / "data_card.json").read_text())
    assert card["source"] == mirrors.BOOK
    assert {"tags.txt", "tag_hash.txt"} <= set(card["missing"])


def test_when_no_mirror_answers_each_is_named_with_the_way_on(server, tmp_path):
    server.plan[:] = [("status", 404)] * 2
    with pytest.raises(DownloadError, match=r"~shuochen/lme/dataset.tar.gz: answered 404; .*--from"):
        download("yes_small", tmp_path / "data", http=True)
    assert os.listdir(tmp_path / "data") == [".download"]


def test_what_is_there_is_not_fetched_again(tmp_path):
    (tmp_path / "yes_small").mkdir()
    assert download("yes_small", tmp_path) == tmp_path / "yes_small"
    with pytest.raises(DataError, match="is there already; remove it first to take it from http"):
        download("yes_small", tmp_path, "http://127.0.0.1:1/")


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "folder", "folder of folders", "address"])
def test_it_may_be_taken_from_elsewhere(published, tmp_path, kind, server):
    mine = tmp_path / "mine"
    if kind in {"tar.gz", "zip"}:
        mine.write_bytes(archive(published, prefix="") if kind == "tar.gz" else zipped(published))
    elif kind != "address":
        (mine / "yes_small").mkdir(parents=True)
        for path in published.iterdir():
            (mine / "yes_small" / path.name).write_bytes(path.read_bytes())
        mine = mine if kind == "folder of folders" else mine / "yes_small"
    source = server.url + "/lme/dataset.tar.gz" if kind == "address" else str(mine)
    assert load(download("yes_small", tmp_path / "data", source, http=True)).n_songs == 120


def test_a_file_that_differs_but_counts_alike_is_taken_and_told(published, tmp_path):
    mine = tmp_path / "yes_small"
    mine.mkdir()
    for path in published.iterdir():
        (mine / path.name).write_bytes(path.read_bytes())
    (mine / "tags.txt").write_bytes(b"#\n" * 120)
    download("yes_small", tmp_path / "data", str(mine))
    lines = check("yes_small", tmp_path / "data")
    expected = mirrors.IDS["yes_small"]["tags.txt"]
    assert any("tags.txt: differs: its git blob id is" in line and expected in line for line in lines)
    assert any("train.txt: as published" in line for line in lines)
    assert "tags.txt differs from the published file" in mirrors.data_card(tmp_path / "data" / "yes_small")


def test_other_counts_than_the_published_are_refused(folder, tmp_path):
    with pytest.raises(DataError, match=r"has 120 songs and .* published are 3,168 and 134,431 \+ 1,191,279"):
        download("yes_small", tmp_path / "data", str(folder))


def test_check_names_what_is_missing_or_damaged(published, tmp_path):
    with pytest.raises(DataError, match=r"train.txt is missing"):
        check("yes_small", tmp_path)
    download("yes_small", tmp_path, str(published))
    (tmp_path / "yes_small" / "train.txt").write_bytes((published / "train.txt").read_bytes()[:-30])
    with pytest.raises(DataError, match="line 2 states"):
        check("yes_small", tmp_path)


@pytest.mark.parametrize(("name", "songs", "in_train"), [("yes_small", 3168, 134_431), ("yes_big", 9775, 172_510)])
def test_the_real_files_are_as_published(real, name, songs, in_train):
    assert mirrors.COUNTS[name][:2] == (songs, in_train)
    kinds = [line.rpartition(": ")[2] for line in check(name, real)]
    assert sorted(kinds) == ["as published"] * 4 + ["is missing"]


def test_two_processes_do_not_fight(server, tmp_path):
    data = tmp_path / "data"
    (data / ".download").mkdir(parents=True)
    with FileLock(data / ".download" / "lock"), pytest.raises(DownloadError, match="another process is downloading"):
        download("yes_small", data, http=True)


def test_what_a_killed_process_left_is_swept(published, tmp_path):
    (tmp_path / ".yes_small-left").mkdir()
    download("yes_small", tmp_path, str(published))
    assert sorted(os.listdir(tmp_path)) == [".download", "yes_small"]


def test_an_interrupted_download_goes_on_from_where_it_was(server, tmp_path):
    server.plan[:] = [("cut", 1000), *[("status", 404)] * 2]
    with pytest.raises(DownloadError):
        download("yes_small", tmp_path / "data", http=True)
    server.asked.clear()
    download("yes_small", tmp_path / "data", http=True)
    assert server.asked[0][1] == "bytes=1000-"


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for info, content in members:
            info.size = info.size or len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def zip_of(name: str, content: bytes, mode: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        file.writestr(info, content)
    return buffer.getvalue()


GOOD = (entry("dataset/yes_small/train.txt"), b"good")
MALICIOUS = {
    "a path upwards": (tar_of(GOOD, (entry("../evil"), b"x")), "a path outside its folder"),
    "a path upwards inside": (tar_of((entry("a/../../yes_small/train.txt"), b"x")), "a path outside its folder"),
    "an absolute path": (tar_of((entry("/tmp/evil"), b"x")), "a path outside its folder"),
    "a Windows path": (tar_of((entry("C:\\evil"), b"x")), "a path outside its folder"),
    "a symbolic link": (
        tar_of((entry("yes_small/train.txt", tarfile.SYMTYPE, "/etc/passwd"), b"")),
        "a link or a device",
    ),
    "a hard link": (tar_of((entry("yes_small/train.txt", tarfile.LNKTYPE, "/etc/passwd"), b"")), "a link or a device"),
    "a device": (tar_of((entry("yes_small/train.txt", tarfile.CHRTYPE), b"")), "a link or a device"),
    "a pipe": (tar_of((entry("yes_small/train.txt", tarfile.FIFOTYPE), b"")), "a link or a device"),
    "a file twice": (tar_of(GOOD, GOOD), "twice"),
    "a zip path upwards": (zip_of("../evil", b"x"), "a path outside its folder"),
    "a zip link": (zip_of("yes_small/train.txt", b"/etc/passwd", stat.S_IFLNK), "a link or a device"),
    "not an archive": (b"not an archive", "not a whole .tar.gz or .zip archive"),
    "an empty file": (b"", "not a whole .tar.gz or .zip archive|has no yes_small"),
    "another archive": (tar_of((entry("yes_big/train.txt"), b"x")), "has no yes_small/train.txt"),
    "a cut archive": (tar_of(GOOD)[:-20], "not a whole .tar.gz or .zip archive"),
    "a cut zip": (zip_of("yes_small/train.txt", b"x" * 999)[:-9], "not a whole .tar.gz or .zip archive"),
}


@pytest.mark.parametrize("kind", MALICIOUS)
def test_a_malicious_archive_is_refused_and_writes_nothing_outside(tmp_path, kind):
    content, message = MALICIOUS[kind]
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(DataError, match=message):
        download("yes_small", tmp_path / "data", str(tmp_path / "archive"))
    assert sorted(os.listdir(tmp_path)) == ["archive", "data"]
    assert os.listdir(tmp_path / "data") == [".download"]


@pytest.mark.parametrize("kind", ["tar", "zip", "tar header"])
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(unpack, "_BYTES", 1_000_000)
    name, zeros = "yes_small/train.txt", bytes(3_000_000)
    bombs = {
        "tar": tar_of((entry(name), zeros)),
        "zip": zip_of(name, zeros),
        "tar header": tar_of((entry("x" * 2_000_000), b"x")),  # a name of 2 MB stands in a header of its own
    }
    (tmp_path / "archive").write_bytes(bombs[kind])
    with pytest.raises(DataError, match="unpacks to more than 1,000,000 bytes"):
        download("yes_small", tmp_path / "data", str(tmp_path / "archive"))
    assert os.listdir(tmp_path / "data") == [".download"]


def test_a_million_empty_entries_are_refused(tmp_path):
    (tmp_path / "archive").write_bytes(tar_of(*((entry(f"d/{i}"), b"") for i in range(10_001))))
    with pytest.raises(DataError, match="has more than 10,000 entries"):
        download("yes_small", tmp_path / "data", str(tmp_path / "archive"))


def test_a_full_disk_leaves_nothing_half_done(published, tmp_path):
    """A file may grow to 2,000 bytes only, as on a disk that fills up."""
    line = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); from recommender.cli import main; main()"
    )
    command = [sys.executable, "-c", line, "download", "yes_small", "--from", published, "--data", tmp_path / "data"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be written: File too large" in done.stderr
    assert os.listdir(tmp_path / "data") == [".download"]


def test_an_unknown_name_is_said(tmp_path):
    for call in (download, check):
        with pytest.raises(RecommenderError, match="no dataset 'yes_tiny' to"):
            call("yes_tiny", tmp_path)
