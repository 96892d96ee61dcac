"""What people keep: whole or not at all, whoever writes at once, and whatever the disk does."""

import os
import signal
import sqlite3
import threading
import time
from multiprocessing import get_context

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, select, update

from recommender.errors import RecommenderError
from recommender.page import database
from recommender.page.database import changing, kept_beside, reading

NUMBERS = Table("numbers", MetaData(), Column("number", Integer), Column("text", Text))

_FORKED = get_context("fork")  # others would import the page first, for seconds


@pytest.fixture
def run(tmp_path):
    (tmp_path / "mine").mkdir()
    with changing(tmp_path / "mine") as connection:
        make(connection)
        connection.execute(insert(NUMBERS).values(number=1, text="old"))
    return tmp_path / "mine"


def make(connection):
    NUMBERS.create(connection, checkfirst=True)


def numbers(run):
    with reading(run) as connection:
        return connection.execute(select(NUMBERS.c.number).order_by(NUMBERS.c.number)).scalars().all()


def count_up(run, times):
    for _ in range(times):
        with changing(run) as connection:
            number = connection.execute(select(NUMBERS.c.number)).scalar_one()
            connection.execute(update(NUMBERS).values(number=number + 1))


def test_the_file_is_beside_the_run_and_nothing_else_is_left(run):
    assert kept_beside(run) == run.parent / "mine.kept.sqlite"
    assert {path.name for path in run.parent.iterdir()} == {"mine", "mine.kept.sqlite"}


def test_a_link_to_a_run_has_what_is_kept_of_the_run(run):
    (run.parent / "link").symlink_to(run)
    assert numbers(run.parent / "link") == [1]


def test_reading_what_is_not_there_finds_empty_tables_and_makes_no_file(tmp_path):
    with reading(tmp_path / "run") as connection:
        for table in database.metadata.tables.values():
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0
    assert not list(tmp_path.iterdir())


def test_a_table_of_a_later_version_is_made_when_it_is_read(run, monkeypatch):
    later = MetaData()
    table = Table("later", later, Column("number", Integer))
    monkeypatch.setattr(database, "metadata", later)
    with reading(run) as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 0
    assert numbers(run) == [1]


def test_after_an_exception_nothing_is_changed(run):
    def fail():
        with changing(run) as connection:
            connection.execute(insert(NUMBERS).values(number=2))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert numbers(run) == [1]


def test_threads_that_write_at_once_lose_nothing(run):
    threads = [threading.Thread(target=count_up, args=[run, 10]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(run) == [31]


def test_processes_that_write_at_once_lose_nothing(run):
    other = _FORKED.Process(target=count_up, args=[run, 15])
    other.start()
    while numbers(run) == [1]:
        time.sleep(0.01)
    count_up(run, 15)
    other.join()
    assert numbers(run) == [31]


def test_what_is_read_is_of_one_moment(run):
    with reading(run) as connection:
        before = connection.execute(select(NUMBERS.c.number)).scalars().all()
        writer = sqlite3.connect(kept_beside(run), timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"), writer:
            writer.execute("insert into numbers values (2, '')")
        writer.close()
        assert connection.execute(select(NUMBERS.c.number)).scalars().all() == before


def test_a_process_killed_while_it_saves_leaves_what_was_kept(run):
    """Its pages are in the file already, as its cache is small; the next who reads takes them back."""
    saving = _FORKED.Process(target=save_and_die, args=[run])
    saving.start()
    saving.join()
    assert saving.exitcode == -signal.SIGKILL
    assert kept_beside(run).stat().st_size > 100_000
    assert numbers(run) == [1]


def save_and_die(run):
    with changing(run) as connection:
        connection.exec_driver_sql("PRAGMA cache_size = 1")
        for number in range(2, 1000):
            connection.execute(insert(NUMBERS).values(number=number, text="x" * 500))
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_full_disk_is_said_in_a_sentence_and_what_was_kept_stays(small_disk):
    run = small_disk / "mine"
    with changing(run) as connection:
        make(connection)
        connection.execute(insert(NUMBERS).values(number=1))

    def save():
        with changing(run) as connection:
            connection.execute(insert(NUMBERS).values(number=2, text="x" * 200_000))

    with pytest.raises(RecommenderError, match=r"mine.kept.sqlite: .* full.*make room.*nothing that was kept is lost"):
        save()
    assert numbers(run) == [1]


def test_one_who_writes_too_long_is_said_in_a_sentence(run, monkeypatch):
    monkeypatch.setattr(database, "_PATIENCE", 0.1)
    database._engine.cache_clear()
    with changing(run), pytest.raises(RecommenderError, match="locked; another program is writing"), changing(run):
        pass
    database._engine.cache_clear()
    assert numbers(run) == [1]


@pytest.mark.parametrize("use", [changing, reading])
def test_a_damaged_file_is_said_in_a_sentence_and_left_as_it_is(run, use):
    content = b"not a database " * 1000
    kept_beside(run).write_bytes(content)
    with pytest.raises(RecommenderError, match=r"not a database; it is damaged.*move it away"), use(run):
        pass
    assert kept_beside(run).read_bytes() == content


@pytest.mark.parametrize("use", [changing, reading])
def test_a_folder_in_its_place_is_said_in_a_sentence(tmp_path, use):
    (tmp_path / "mine.kept.sqlite").mkdir()
    with pytest.raises(RecommenderError, match=r"unable to open.*you may write"), use(tmp_path / "mine"):
        pass


def test_a_file_that_may_only_be_read_can_be_read(run):
    with database._faults_of(kept_beside(run)), pytest.raises(RecommenderError, match=r"readonly.*you may write in"):
        only_read(run)
    assert numbers(run) == [1]


def only_read(run):
    with changing(run) as connection:
        connection.exec_driver_sql("PRAGMA query_only = 1")
        connection.execute(insert(NUMBERS).values(number=2))
