"""Voices travel over a local server that answers as the Hugging Face Hub does."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ttslib.cli import main as cli
from ttslib.synthesis import hub
from ttslib.synthesis.voice_files import ACOUSTIC, VOCODER, find_voice

pytest.importorskip("huggingface_hub")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """One repository, in memory: what is committed can be fetched."""

    files: dict[str, bytes]
    seen: list[str]

    def do_GET(self):
        self.answer()

    do_HEAD = do_POST = do_GET

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append(f"{self.command} {self.path}")
        path = self.path.partition("?")[0]
        if path == "/api/repos/create":
            self.send({"url": f"{self.address}/me/voice", "name": "me/voice", "id": "1"})
        elif path == "/api/validate-yaml":
            self.send({"warnings": [], "errors": []})
        elif path.endswith("/preupload/main"):
            asked = json.loads(body)["files"]
            self.send({"files": [
                {"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in asked
            ]})  # fmt: skip
        elif path.endswith("/commit/main"):
            for line in body.splitlines():
                change = json.loads(line)
                if change["key"] == "file":
                    self.files[change["value"]["path"]] = base64.b64decode(
                        change["value"]["content"]
                    )
            self.send({"commitUrl": f"{self.address}/me/voice/commit/{COMMIT}",
                       "commitOid": COMMIT, "pullRequestUrl": None})  # fmt: skip
        elif path.startswith("/api/models/me/voice/tree/"):
            self.send([
                {"type": "file", "path": name, "size": len(content), "oid": digest(content)}
                for name, content in self.files.items()
            ])  # fmt: skip
        elif path.startswith("/api/models/me/voice"):
            self.send({"id": "me/voice", "modelId": "me/voice", "sha": COMMIT, "private": False,
                       "tags": [], "siblings": [{"rfilename": n} for n in self.files]})  # fmt: skip
        elif path.startswith("/me/voice/resolve/") and path.rsplit("/", 1)[1] in self.files:
            content = self.files[path.rsplit("/", 1)[1]]
            self.send(content, {"ETag": f'"{digest(content)}"', "X-Repo-Commit": COMMIT})
        else:
            self.send({"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"}, 404)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def send(self, content, headers=(), status=200):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_):
        pass


def digest(content):
    return hashlib.sha1(content).hexdigest()


@pytest.fixture
def server(tmp_path, monkeypatch):
    handler = type("Handler", (Hub,), {"files": {}, "seen": []})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_port}"
    from huggingface_hub import constants, hf_api

    moved = address + constants.HUGGINGFACE_CO_URL_TEMPLATE.removeprefix(constants.ENDPOINT)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", moved)
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(hf_api.api, "endpoint", address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_TOKEN", "hf_of_nobody")
    yield handler
    running.shutdown()
    running.server_close()


@pytest.fixture
def voice(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / ACOUSTIC).write_bytes(b"an acoustic model")
    (folder / VOCODER).write_bytes(b"a vocoder")
    (folder / "CARD.md").write_text("# mine\n\nMade of noise.\n", encoding="utf-8")
    (folder / "secret.txt").write_text("not for everybody", encoding="utf-8")
    return folder


def test_a_voice_goes_there_and_comes_back(server, voice):
    assert hub.push_voice(voice, "me/voice").endswith(f"/me/voice/commit/{COMMIT}")
    assert sorted(server.files) == ["README.md", ACOUSTIC, VOCODER]
    card = server.files["README.md"].decode()
    assert card.startswith("---\n")
    assert "pipeline_tag: text-to-speech" in card
    assert card.endswith("# mine\n\nMade of noise.\n")
    for name in ("hf:me/voice", "hf:me/voice@main"):
        fetched = find_voice(name)
        assert fetched.read_bytes() == b"an acoustic model"
        assert fetched.with_name(VOCODER).read_bytes() == b"a vocoder"


def test_what_was_fetched_is_found_without_a_network(server, voice, monkeypatch):
    hub.push_voice(voice, "me/voice")
    fetched = find_voice("hf:me/voice")
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    server.seen.clear()
    assert find_voice("hf:me/voice") == fetched
    assert server.seen == []


def test_the_command_line_pushes(server, voice, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["voices", "push", str(voice), "me/voice"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip().endswith(COMMIT)


@pytest.mark.parametrize("name", ["hf:nobody/voice", "hf:me", "hf:", "hf:../../x", "hf:a/b/c"])
def test_what_is_not_there_is_one_line(server, name):
    with pytest.raises(
        ValueError, match=r"can't fetch the voice|is called hf:owner/name"
    ) as caught:
        find_voice(name)
    assert "\n" not in str(caught.value)


def test_a_repository_without_a_voice_is_named(server):
    server.files["README.md"] = b"nothing"
    with pytest.raises(ValueError, match="there is no voice 'hf:me/voice'"):
        find_voice("hf:me/voice")


def test_a_voice_without_a_card_stays_here(server, voice):
    (voice / "CARD.md").unlink()
    with pytest.raises(ValueError, match=r"has no CARD\.md"):
        hub.push_voice(voice, "me/voice")
    assert server.seen == []
