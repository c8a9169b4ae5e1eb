"""The launcher's promises that need no second machine; .ci/run runs the whole of it in a fresh clone."""

from __future__ import annotations

import socket
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest

from tools.tree import ROOT


@pytest.fixture
def go(tmp_path, monkeypatch):
    """The launcher as a module, with a folder of its own."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("launcher", str(ROOT / "go"))
    spec = spec_from_loader("launcher", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    return module


def test_a_step_is_done_again_only_when_what_it_reads_has_changed_or_its_output_is_gone(go, tmp_path):
    source, output, done = tmp_path / "in" / "茶.txt", tmp_path / "out", []

    def step():
        go.step("x", [tmp_path / "in"], lambda: done.append(1), output=output)
        output.mkdir(exist_ok=True)
        return len(done)

    source.parent.mkdir()
    source.write_text("1")
    first, unchanged = step(), step()
    source.write_text("2")
    changed = step()
    output.rmdir()
    gone = step()

    assert (first, unchanged, changed, gone) == (1, 1, 2, 3)


def test_a_step_that_failed_is_tried_again(go):
    def fail():
        raise go.SetupError("no")

    done = []
    with pytest.raises(go.SetupError):
        go.step("x", [], fail)
    go.step("x", [], lambda: done.append(1))

    assert done == [1]


def test_without_a_wish_a_free_port_is_found_and_a_taken_wish_is_refused(go):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert go.free_port(0) not in (0, port)
        with pytest.raises(go.SetupError, match=f"Port {port} is taken"):
            go.free_port(port)


def test_help_is_an_answer_and_an_unknown_command_an_error():
    codes = {
        word: subprocess.run(
            [sys.executable, ROOT / "go", *word.split()], capture_output=True, check=False
        ).returncode
        for word in ("", "help", "--help", "demmo")
    }

    assert codes == {"": 0, "help": 0, "--help": 0, "demmo": 2}
