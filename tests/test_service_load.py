"""The service under load: quick where too much is asked, in good order at its end, at ease with new runs."""

import asyncio
import json
import shutil
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import requests

from recommender import Client, RecommenderError, Run, train
from recommender.service import Settings
from recommender.service.desk import Desk
from recommender.service.guard import Guard
from recommender.service.metrics import Metrics
from recommender.service.problems import Refused
from tests.service_server import answers, in_process, in_thread, metric

HARD = {"start": 3, "end": 9, "songs": 30, "spacing": 0}  # about a tenth of a second
MANY = 24
POSTED = 'recommender_requests_total{method="POST"'


def asked(address, body, what="path"):
    return requests.post(f"{address}/v1/{what}", json=body, timeout=60)


def test_too_many_at_once_are_sent_away_at_once_and_all_is_well_after(run_folder):
    with in_thread(run_folder, Settings(at_work=1, waiting=2)) as address:
        with ThreadPoolExecutor(MANY) as crowd:
            found = list(crowd.map(lambda _: asked(address, HARD), range(MANY)))
        refused = [answer for answer in found if answer.status_code == 503]
        assert {answer.status_code for answer in found} <= {200, 503}
        assert 3 <= MANY - len(refused) < MANY
        assert all(answer.headers["Retry-After"] == "1" for answer in refused)
        assert all("too many questions" in answer.json()["detail"] for answer in refused)
        assert asked(address, {"songs": [1]}, "recommend").status_code == 200
        assert metric(address, "recommender_questions") == 0


def test_the_client_waits_as_long_as_it_is_told_and_asks_again(run_folder):
    with in_thread(run_folder, Settings(at_work=1, waiting=0)) as address, ThreadPoolExecutor() as crowd:
        first = [crowd.submit(Client(address, retries=20).path, 3, 9, 30, spacing=0) for _ in range(3)]
        assert all(len(answer.result()[0]) == 30 for answer in first)
        busy = [crowd.submit(Client(address, retries=0).path, 3, 9, 30, spacing=0) for _ in range(8)]
        with pytest.raises(RecommenderError, match="Service Unavailable: too many questions at once"):
            [answer.result() for answer in busy]


def test_a_stop_answers_what_has_begun(run_folder, tmp_path):
    with in_process(run_folder, tmp_path / "log") as (address, process), ThreadPoolExecutor(8) as crowd:
        begun = [crowd.submit(asked, address, HARD) for _ in range(8)]
        while metric(address, "recommender_questions") + metric(address, POSTED) < len(begun):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert [answer.result().status_code for answer in begun] == [200] * 8
        assert process.wait(20) in (0, -signal.SIGTERM)
        assert not answers(address)


def test_an_answer_that_takes_too_long_is_given_up_and_keeps_its_place_until_it_is_done():
    gate, desk = threading.Event(), Desk(1, 0, 0.05)

    async def ask():
        with pytest.raises(Refused, match="no answer within"):
            await desk.ask(gate.wait)
        with pytest.raises(Refused, match="too many questions"):
            await desk.ask(gate.wait)
        gate.set()
        desk.close()
        return desk.here

    assert asyncio.run(ask()) == 0


def test_a_full_desk_refuses_a_question_before_it_is_read():
    gate, desk, sent = threading.Event(), Desk(1, 0, 10), []
    guard = Guard(None, Settings(), Metrics(), desk)
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/recommend", "headers": headers}

    async def reading():
        raise AssertionError("the body was read")

    async def sending(message):
        sent.append(message)

    async def ask():
        begun = asyncio.ensure_future(desk.ask(gate.wait))
        await asyncio.sleep(0)
        await guard(scope, reading, sending)
        gate.set()
        return await begun

    assert asyncio.run(ask())
    assert (sent[0]["status"], (b"retry-after", b"1") in sent[0]["headers"]) == (503, True)
    assert b"too many questions at once" in sent[1]["body"]


def test_who_waits_too_long_is_not_worked_on():
    gate, desk, done = threading.Event(), Desk(1, 5, 0.05), []

    async def ask():
        asks = [desk.ask(gate.wait), desk.ask_together("key", 7, done.extend), desk.ask(lambda: done.append(8))]
        found = await asyncio.gather(*asks, return_exceptions=True)
        gate.set()
        desk.close()
        return found

    assert [type(error) for error in asyncio.run(ask())] == [Refused] * 3
    assert (done, desk.here) == ([], 0)


def test_questions_that_wait_are_answered_together_each_with_its_own_answer():
    gate, desk, sizes = threading.Event(), Desk(1, 100, 10), []

    def doubled(questions):
        gate.wait(5)
        sizes.append(len(questions))
        return [question * 2 for question in questions]

    async def ask():
        asks = [asyncio.ensure_future(desk.ask_together(n % 2, n, doubled)) for n in range(80)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*asks)

    assert asyncio.run(ask()) == [2 * n for n in range(80)]
    assert max(sizes) == 32
    assert sum(sizes) == 80
    assert len(sizes) <= 6


def test_questions_that_come_at_once_are_answered_together_from_the_first():
    desk, sizes = Desk(2, 100, 10), []

    def answered(questions):
        sizes.append(len(questions))
        return questions

    async def ask():
        return await asyncio.gather(*(desk.ask_together("key", n, answered) for n in range(5)))

    assert asyncio.run(ask()) == [*range(5)]
    assert sizes == [5]


def test_too_few_answers_are_a_fault_for_all_and_the_next_question_is_answered():
    desk = Desk(1, 10, 1)

    async def ask():
        lost = await asyncio.gather(
            *(desk.ask_together("key", n, lambda questions: questions[1:]) for n in range(2)), return_exceptions=True
        )
        return lost, await desk.ask_together("key", 7, list)

    lost, found = asyncio.run(ask())
    assert [type(error) for error in lost] == [ValueError, ValueError]
    assert (found, desk.here) == (7, 0)


def test_a_fault_in_the_work_is_told_to_all_who_asked_for_it():
    desk = Desk(1, 10, 10)

    def broken(questions):
        raise ValueError(f"broken on {len(questions)}")

    async def ask():
        asks = [desk.ask_together("key", number, broken) for number in range(3)]
        return await asyncio.gather(*asks, return_exceptions=True)

    assert all("broken on" in str(error) for error in asyncio.run(ask()))
    assert desk.here == 0


@pytest.fixture(scope="module")
def versions(run_folder, tmp_path_factory):
    """Two runs whose songs are called after them and that answer in another order, so that no answer fits both."""
    runs = []
    for name in ("one", "two"):
        path = tmp_path_factory.mktemp("versions") / name
        shutil.copytree(run_folder, path)
        lines = [line.split("\t") for line in (path / "songs.tsv").read_text(encoding="utf-8").splitlines()]
        songs = "".join("\t".join([*line[:2], name, *line[3:]]) + "\n" for line in lines)
        (path / "songs.tsv").write_text(songs, encoding="utf-8")
        card = json.loads((path / "card.json").read_text(encoding="utf-8"))
        (path / "card.json").write_text(json.dumps(card | {"made": name}), encoding="utf-8")
        for file in path.glob("search.*"):
            file.unlink()
        runs.append(path)
    np.save(runs[1] / "outputs.npy", -np.load(runs[0] / "outputs.npy"))
    return runs


@pytest.fixture(scope="module")
def speechless(small, tmp_path_factory):
    """A run that can be read, and fails when it is asked."""
    path = tmp_path_factory.mktemp("speechless") / "run"
    train(small, "book", {"epochs": 1, "dim": 4}).save(path)
    vectors = np.load(path / "vectors.npy")
    vectors[:, 1:] = np.nan
    np.save(path / "vectors.npy", vectors)
    return path


def put(version, place, *, damaged=False):
    """Put a copy of the run in the place as `train --force` does: by renaming folders."""
    new, old = place.with_name("new"), place.with_name("old")
    shutil.copytree(version, new)
    if damaged:
        (new / "inputs.npy").write_bytes(b"nothing")
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def test_fifty_new_runs_under_load_lose_no_request_and_no_answer_is_of_two(versions, speechless, tmp_path):
    place, stop = tmp_path / "run", threading.Event()
    put(versions[0], place)
    found = Counter()

    def keep_asking(address):
        with requests.Session() as session:
            while not stop.is_set():
                answer = session.post(f"{address}/v1/recommend", json={"songs": [1, 2, 3]}, timeout=30)
                told = answer.json()
                songs = [(scored["song"]["id"], scored["song"]["title"]) for scored in told.get("answers", [])]
                found[answer.status_code, told.get("run"), *songs] += 1

    with in_thread(place, Settings(every=0.01)) as address, ThreadPoolExecutor(4) as crowd:
        asking = [crowd.submit(keep_asking, address) for _ in range(4)]
        try:
            for number in range(1, 51):
                refused, unread = number % 5 == 0, number % 10 == 0
                result, version = "refused" if refused else "taken", versions[number % 2]
                before = metric(address, f'recommender_reloads_total{{result="{result}"')
                put(speechless if refused and not unread else version, place, damaged=unread)
                end = time.monotonic() + 20
                while metric(address, f'recommender_reloads_total{{result="{result}"') == before:
                    assert time.monotonic() < end
                    time.sleep(0.01)
                assert requests.get(f"{address}/ready", timeout=5).json()["refused"] == refused
        finally:
            stop.set()
        assert [answer.exception() for answer in asking] == [None] * 4
    whole = [[(song.id, song.title) for song, _ in Run.load(run).recommend([1, 2, 3])] for run in versions]
    assert {status for status, *_ in found} == {200}
    assert sorted(key[2:] for key in found) == sorted(map(tuple, whole))  # each run has one name, and its own answer


def test_a_run_that_is_gone_goes_on_in_use(versions, tmp_path):
    put(versions[0], tmp_path / "run")
    with in_thread(tmp_path / "run", Settings(every=0.01)) as address:
        shutil.rmtree(tmp_path / "run")
        time.sleep(0.1)
        assert Client(address).song(1).title == "one"
        put(versions[1], tmp_path / "run")
        end = time.monotonic() + 10
        while Client(address).song(1).title == "one" and time.monotonic() < end:
            time.sleep(0.02)
        assert Client(address).song(1).title == "two"
