"""The service answers as `Run` does, and says in one way what is wrong with a question."""

import json
import re
import socket
import time
from contextlib import ExitStack

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from recommender import Client, RecommenderError, Run, Shape, Taste, train
from recommender.paths import path
from recommender.service import Settings
from tests.faulty import serving
from tests.service_server import in_process, in_thread, metric

KEY = "0123456789abcdef-key"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def service(run_folder):
    with in_thread(run_folder, Settings(body=50_000, seconds=1)) as address:
        yield address


@pytest.fixture(scope="module")
def client(service):
    return Client(service)


@pytest.fixture(scope="module")
def run(run_folder):
    return Run.load(run_folder)


def problem(answer, status):
    """What a problem says; there is no path, no traceback and nothing of Python in it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert not re.search(r"Traceback|\.py\b|/tmp|/home|site-packages", answer.text)
    return told["detail"]


def posted(service, body, what="recommend", **headers):
    return requests.post(f"{service}/v1/{what}", data=body, headers=JSON | headers, timeout=10)


def close(answers, expected):
    """The same songs, and scores up to rounding."""
    assert [song for song, _ in answers] == [song for song, _ in expected]
    assert [score for _, score in answers] == pytest.approx([score for _, score in expected], rel=1e-4)


def test_it_recommends_as_the_run_does(client, run):
    taste, shape = Taste(like=[3], dislike=[4], artists=[run.catalogue[0].artist]), Shape(max_per_artist=1, variety=0.2)
    close(client.recommend([1, 2]), run.recommend([1, 2]))
    close(client.recommend([1], 5, taste=taste, shape=shape), run.recommend([1], 5, taste=taste, shape=shape))
    close(client.recommend([1, 2], 120, allow_repeats=True), run.recommend([1, 2], 120, allow_repeats=True))


def test_similar_paths_and_reasons_are_those_of_the_run(client, run):
    close(client.similar(3, 4, shape=Shape(without=[5])), run.similar(3, 4, shape=Shape(without=[5])))
    row = run.catalogue.row
    led = path(run.model, row(3), row(9), 5, run.rotation(2))
    assert client.path(3, 9, 5) == ([run.catalogue[song] for song in led.songs], led.places)
    without = Shape(without=[run.catalogue[song].id for song in led.songs[1:-1]])
    led = path(run.model, row(3), row(9), 5, run.rotation(2, without))
    assert client.path(3, 9, 5, shape=without) == ([run.catalogue[song] for song in led.songs], led.places)
    assert client.explain([1, 2], k=3) == run.explain([1, 2], k=3)


def test_a_path_takes_filters_alone(client):
    with pytest.raises(RecommenderError, match="max_per_artist: Extra inputs are not permitted"):
        client.path(3, 9, shape=Shape(max_per_artist=1))


def test_songs_search_and_card_are_those_of_the_run(client, run):
    title = run.catalogue[7].title
    assert client.search(title, 5) == [run.catalogue[row] for row in run.catalogue.search(title, 5)]
    assert client.song(7) == run.catalogue[run.catalogue.row(7)]
    assert client.card() == run.card


def test_the_client_tells_what_the_service_says_is_wrong(client):
    with pytest.raises(RecommenderError, match="no song has the id 9999"):
        client.recommend([9999])
    with pytest.raises(RecommenderError, match="Not Found: no song has the id 9999"):
        client.song(9999)


def test_the_client_tells_that_nobody_answers():
    with pytest.raises(RecommenderError, match=r"no answer.*is the service there"):
        Client("http://127.0.0.1:9").song(1)


def test_the_client_tells_that_something_else_answers():
    with serving({"/v1/songs/1": b"<html>"}) as other, pytest.raises(RecommenderError, match=r"the answer is no JSON"):
        Client(other.url).song(1)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b'{"songs": [1', 400, "no JSON"),
        (b"\xff\xfe", 400, "no JSON"),
        (b"[" * 40_000, 400, ""),
        (b'{"songs": [' + b"1" * 5000 + b"]}", 400, ""),
        (b"[]", 422, "dictionary"),
        (b"null", 422, "body"),
        (b"", 422, "body"),
        (b'{"songs": [99999]}', 422, "no song has the id 99999"),
        (b'{"songs": [9223372036854775808]}', 422, "less than 9223372036854775808"),
        (b'{"songs": [-9223372036854775809]}', 422, "greater than or equal"),
        (b'{"songs": [1.5]}', 422, "valid integer"),
        (b'{"songs": ["1"]}', 422, "valid integer"),
        (b'{"songs": [true]}', 422, "valid integer"),
        (b'{"songs": [1], "k": 0}', 422, "greater than or equal to 1"),
        (b'{"songs": [1], "k": 1001}', 422, "less than or equal to 1000"),
        (b'{"songs": [1], "shape": {"variety": NaN}}', 422, "finite"),
        (b'{"songs": [1], "shape": {"popularity": -Infinity}}', 422, "finite"),
        (b'{"songs": [1], "shape": {"varety": 1}}', 422, "varety: Extra inputs"),
        (b'{"songs": [1], "\\ud800": 1}', 422, "unicode"),
        (b'{"songs": [1], "taste": {"tags": ["\\ud800"]}}', 422, "unicode"),
        (b'{"songs": [1], "taste": {"tags": ["no such tag"]}}', 422, "no such tag"),
        (b'{"songs": [1], "shape": {"only_artists": ["\\u0000"]}}', 422, "artist"),
        (json.dumps({"songs": [1] * 1001}).encode(), 422, "at most 1000 items"),
        (json.dumps({"songs": [1] * 10**5}).encode(), 413, "50,000 bytes"),
    ],
)
def test_a_question_that_cannot_be_answered_gets_a_problem(service, body, status, says):
    assert says in problem(posted(service, body), status)


def test_a_song_that_is_to_be_explained_twice_is_refused(service):
    assert "twice" in problem(posted(service, b'{"songs": [1], "answers": [3, 3]}', "explain"), 422)


def test_what_is_not_json_by_its_name_is_refused(service):
    answer = requests.post(f"{service}/v1/recommend", data=b'{"songs": [1]}', headers={"Content-Type": "text/plain"})
    assert "application/json" in problem(answer, 415)


def test_an_address_that_is_not_there_and_a_wrong_method_get_problems(service):
    problem(requests.get(f"{service}/v2/recommend"), 404)
    wrong = requests.get(f"{service}/v1/recommend")
    problem(wrong, 405)
    assert wrong.headers["Allow"] == "POST"
    problem(requests.get(f"{service}/v1/songs/{2**64}"), 422)


def test_a_run_without_vectors_says_that_it_cannot_tell_what_is_similar(small, tmp_path):
    train(small, "popularity").save(tmp_path / "run")
    with in_thread(tmp_path / "run") as address:
        assert "no song vectors" in problem(posted(address, b'{"song": 1}', "similar"), 422)


def raw(service, *parts):
    """What comes back for bytes that are sent as they are, until the service ends the connection."""
    host, port = service.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        for part in parts:
            wire.sendall(part)
        found = b""
        while more := wire.recv(2**16):
            found += more
    return found


HEAD = b"POST /v1/recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(service):
    assert raw(service, HEAD + b"Content-Length: 100000000000\r\n\r\n").startswith(b"HTTP/1.1 413")


def test_a_body_of_unknown_size_is_refused_once_it_is_too_large(service):
    chunk = b"ea60\r\n" + b" " * 60_000 + b"\r\n"
    assert raw(service, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk).startswith(b"HTTP/1.1 413")


def test_a_body_that_never_ends_is_given_up(service):
    assert raw(service, HEAD + b"Content-Length: 100\r\n\r\n", b'{"songs"').startswith(b"HTTP/1.1 408")


def test_all_bodies_that_never_end_are_bounded_together(run_folder):
    part = HEAD + b"Content-Length: 1000\r\n\r\n" + b" " * 999
    with in_thread(run_folder, Settings(body=1000, seconds=2)) as address, ExitStack() as open_:
        host, port = address.removeprefix("http://").split(":")
        for _ in range(64):
            open_.enter_context(socket.create_connection((host, int(port)))).sendall(part)
        time.sleep(0.2)
        assert b"too much is sent at once" in raw(address, part)
        assert b"too much is sent at once" in raw(address, part)
        time.sleep(2)
        assert raw(address, part).startswith(b"HTTP/1.1 408")


def test_who_leaves_in_the_middle_harms_nobody(service, client):
    host, port = service.removeprefix("http://").split(":")
    for _ in range(20):
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(HEAD + b"Content-Length: 100\r\n\r\n" + b'{"songs"')
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(HEAD + b"Content-Length: 15\r\n\r\n" + b'{"songs": [1]} ')
    assert client.recommend([1])
    assert metric(service, 'recommender_requests_total{method="POST",route="/v1/recommend",status="500"') == 0


def test_a_sane_request_id_is_taken_over_and_another_made(service):
    def id_(sent):
        return requests.get(f"{service}/health", headers={"X-Request-ID": sent}).headers["X-Request-ID"]

    assert id_("a-1.b_2") == "a-1.b_2"
    assert all(re.fullmatch("[0-9a-f]{32}", id_(sent)) for sent in ("", "a b", "x" * 65, '"'))


def test_metrics_count_requests_by_route(service, client):
    name = 'recommender_requests_total{method="GET",route="/v1/songs/{id}",status="200"'
    before = metric(service, name)
    client.song(5)
    assert metric(service, name) == before + 1
    assert metric(service, "recommender_questions") == 0


def test_ready_tells_which_run_answers(service, run):
    ready = requests.get(f"{service}/ready").json()
    assert (ready["model"], ready["songs"], ready["refused"]) == ("song2vec", len(run.catalogue), False)
    answer = requests.post(f"{service}/v1/recommend", json={"songs": [1]}).json()
    assert answer["run"] == ready["run"]


def test_the_docs_ask_nothing_of_other_servers(service):
    page = requests.get(f"{service}/docs").text
    assert "://" not in page.replace("window.location.protocol + '//' + window.location.host", "")
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        assert requests.get(service + address).ok


@pytest.fixture(scope="module")
def kept(run_folder):
    with in_thread(
        run_folder, Settings(keys=(KEY, "another-key-of-length"), origins=("https://ok.example",))
    ) as address:
        yield address


@pytest.mark.parametrize("sent", ["", "Bearer ", f"Bearer {KEY}x", f"Basic {KEY}", "Bearer é"])
def test_without_a_key_nothing_is_told(kept, sent):
    headers = {"Authorization": sent.encode()} if sent else {}
    for what in ("/v1/model", "/v1/songs/1", "/metrics", "/v1/nothing"):
        answer = requests.get(kept + what, headers=headers)
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_hundred_thousand_songs_are_too_many(kept):
    body = json.dumps({"songs": [1] * 10**5}).encode()
    assert "at most 1000 items" in problem(posted(kept, body, Authorization=f"Bearer {KEY}"), 422)


def test_with_a_key_all_is_told(kept):
    assert Client(kept, KEY).song(1) == Client(kept, "another-key-of-length").song(1)
    assert "HTTPBearer" in requests.get(f"{kept}/openapi.json").json()["components"]["securitySchemes"]
    assert requests.get(f"{kept}/ready").ok


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://ok.example", "https://ok.example"), ("https://no.example", None)]
)
def test_only_pages_of_a_named_origin_may_ask(kept, service, origin, allowed):
    ask = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert requests.options(f"{kept}/v1/recommend", headers=ask).headers.get("Access-Control-Allow-Origin") == allowed
    for what in ("/health", "/v1/model"):  # the second lacks a key
        answered = requests.get(kept + what, headers={"Origin": origin})
        assert answered.headers.get("Access-Control-Allow-Origin") == allowed
    assert "Access-Control-Allow-Origin" not in requests.get(f"{service}/health", headers={"Origin": origin}).headers


def test_no_question_finds_a_fault_and_every_answer_is_as_openapi_says(service):
    schema = schemathesis.openapi.from_url(f"{service}/openapi.json")
    asked = set()
    for operation in (found.ok() for found in schema.get_all_operations()):
        cases = operation.as_strategy()
        if operation.body or operation.query or operation.path_parameters:
            cases |= operation.as_strategy(schemathesis.GenerationMode.NEGATIVE)

        @settings(max_examples=25, database=None, suppress_health_check=list(HealthCheck))
        @given(case=cases)
        def ask(case):
            asked.add((case.path, case.call_and_validate(checks=CHECKS).status_code))

        ask()
    assert {status for _, status in asked} >= {200, 422}
    assert len({path for path, _ in asked}) == 10


def test_the_log_has_a_line_of_json_a_request_and_no_songs(run_folder, tmp_path):
    with in_process(run_folder, tmp_path / "log") as (address, _):
        posted(address, b'{"songs": [117]}', **{"X-Request-ID": "mine"})
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    [mine] = [line for line in lines if line.get("id") == "mine"]
    assert (mine["route"], mine["status"]) == ("/v1/recommend", 200)
    assert 0 < mine["seconds"] < 10
    assert "117" not in str({**mine, "time": "", "seconds": ""})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["nowhere"], "nowhere is not a run"),
        (["RUN", "--host", "256.0.0.1"], "cannot be used"),
        (["RUN", "--host", "127.0.0..1"], "cannot be used: encoding"),
        (["RUN", "--api-key-file", "nowhere"], "no keys can be read"),
        (["RUN", "--api-key-file", "short"], "16 characters or more"),
    ],
)
def test_what_hinders_the_service_is_said(command, run_folder, tmp_path, monkeypatch, options, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short").write_text("# a comment\nabc\n")
    code, _, err = command("serve", *(run_folder if option == "RUN" else option for option in options))
    assert code == 1
    assert says in err
    assert err.splitlines()[-1].startswith("error: ")


def test_a_port_that_is_taken_is_told(command, run_folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, _, err = command("serve", run_folder, "--port", str(other.getsockname()[1]))
    assert (code, "cannot be used: Address already in use; choose another" in err) == (1, True)


def test_without_its_libraries_the_service_says_how_to_get_them(command, run_folder, monkeypatch):
    monkeypatch.setattr("recommender.cli.service._NEEDED", ("no_such_library",))
    code, _, err = command("serve", run_folder)
    assert (code, "pip install 'playlist-recommender[serve]'" in err) == (1, True)


def test_a_key_less_service_for_other_machines_is_warned_of(command, run_folder, monkeypatch):
    monkeypatch.setattr("recommender.service.start.start", lambda *_: None)
    assert "anyone who reaches 0.0.0.0 may ask" in command("serve", run_folder, "--host", "0.0.0.0")[2]
    assert command("serve", run_folder)[2] == ""
