"""Real processes: they get ready, crash, come back, and never outlive the supervisor, however it ends."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.ops.progress import Progress
from connectors.supervisor import ChildFailed, ChildSpec, Supervisor

ROOT = Path(__file__).resolve().parents[2]


def alive(pid: int) -> bool:
    """True unless the process is gone or a zombie nobody has read yet."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(shown.strip()) and not shown.strip().startswith("Z")


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def child(folder: Path, name: str, code: str = "", timeout: float = 15.0) -> ChildSpec:
    """A process that writes its pid, runs `code`, and then sleeps; ready when the file of its pid is there."""
    pid_file = folder / f"{name}.pid"
    body = f"import os, pathlib, signal, sys, time\npathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
    return ChildSpec(
        name=name,
        argv=[sys.executable, "-c", body + textwrap.dedent(code) + "\ntime.sleep(600)"],
        ready=pid_file.exists,
        start_timeout=timeout,
    )


def supervisor(folder: Path, *specs: ChildSpec, out: io.StringIO | None = None, way: str = "") -> Supervisor:
    options = {"way": way} if way else {}
    return Supervisor(
        specs, logs=folder / "logs", progress=Progress(out or io.StringIO()), backoff=(0.1, 0.2), **options
    )


def test_both_are_ready_and_both_are_stopped(tmp_path: Path) -> None:
    with supervisor(tmp_path, child(tmp_path, "one"), child(tmp_path, "two")) as running:
        pids = [running.pid("one"), running.pid("two")]
        assert all(pid and alive(pid) for pid in pids)
    assert not any(alive(pid) for pid in pids if pid)


def test_a_child_that_ends_before_it_is_ready_is_told_with_its_last_words_and_the_others_stop(tmp_path: Path) -> None:
    broken = ChildSpec("broken", [sys.executable, "-c", "raise SystemExit('no such model')"], ready=lambda: False)
    with (
        pytest.raises(ChildFailed, match=r"(?s)broken ended with exit status 1 .*no such model.*Log: .*broken\.log"),
        supervisor(tmp_path, child(tmp_path, "one"), broken),
    ):
        pass
    assert not alive(int((tmp_path / "one.pid").read_text()))


def test_a_child_that_is_never_ready_is_given_up_after_its_time(tmp_path: Path) -> None:
    slow = ChildSpec("slow", [sys.executable, "-c", "import time; time.sleep(600)"], lambda: False, start_timeout=0.5)
    with pytest.raises(ChildFailed, match="slow was not ready after"), supervisor(tmp_path, slow):
        pass


def test_a_probe_that_raises_means_not_yet(tmp_path: Path) -> None:
    answers = iter([OSError("refused"), True])

    def probe() -> bool:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    spec = ChildSpec("late", [sys.executable, "-c", "import time; time.sleep(600)"], probe)
    with supervisor(tmp_path, spec) as running:
        assert running.pid("late")


@pytest.mark.parametrize("way", ["signal", "watch"] if sys.platform == "linux" else ["watch"])
def test_a_crash_is_reported_and_the_child_comes_back(tmp_path: Path, way: str) -> None:
    out = io.StringIO()
    with supervisor(tmp_path, child(tmp_path, "one"), child(tmp_path, "two"), out=out, way=way) as running:
        first, other = running.pid("one"), running.pid("two")
        assert first
        stopper = threading.Thread(
            target=lambda: (wait_for(lambda: running.pid("one") not in {None, first}), running.stop_soon())
        )
        os.kill(first, signal.SIGKILL)
        stopper.start()
        running.watch()
        stopper.join()
        assert running.pid("one") not in {None, first}
        assert running.pid("two") == other
    assert "one ended with signal SIGKILL; starting it again in 0.1 s" in out.getvalue()


def test_pauses_grow_while_a_child_keeps_crashing(tmp_path: Path) -> None:
    out = io.StringIO()
    with supervisor(tmp_path, child(tmp_path, "one", "time.sleep(0.3); sys.exit(3)"), out=out) as running:
        enough = threading.Thread(
            target=lambda: (wait_for(lambda: out.getvalue().count("starting it again") >= 3), running.stop_soon())
        )
        enough.start()
        running.watch()
        enough.join()
    pauses = [line.rsplit(" in ", 1)[1] for line in out.getvalue().splitlines() if "starting it again" in line]
    assert [pause.split(" ")[0] for pause in pauses[:3]] == ["0.1", "0.2", "0.2"]


def test_a_child_that_ignores_the_request_to_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.supervisor.GRACE", 0.3)
    deaf = child(tmp_path, "deaf", "signal.signal(signal.SIGTERM, signal.SIG_IGN); open('deaf.ready', 'w')")
    deaf = ChildSpec("deaf", deaf.argv, (tmp_path / "deaf.ready").exists, cwd=tmp_path)
    out = io.StringIO()
    with supervisor(tmp_path, deaf, out=out) as running:
        pid = running.pid("deaf")
    assert pid
    assert not alive(pid)
    assert "deaf did not end" in out.getvalue()


def test_what_a_child_started_itself_ends_with_it(tmp_path: Path) -> None:
    code = f"""
    import subprocess
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path({str(tmp_path / "grandchild.pid")!r}).write_text(str(grandchild.pid))
    """
    with supervisor(tmp_path, child(tmp_path, "one", code)):
        assert wait_for((tmp_path / "grandchild.pid").exists)
        assert wait_for(lambda: (tmp_path / "grandchild.pid").read_text().isdigit())
    assert wait_for(lambda: not alive(int((tmp_path / "grandchild.pid").read_text())))


@pytest.mark.parametrize("way", ["signal", "watch"] if sys.platform == "linux" else ["watch"])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_child_outlives_the_supervisor(tmp_path: Path, way: str, ending: signal.Signals) -> None:
    script = f"""
import sys
from pathlib import Path
from connectors.serving import _stop_on_signals
from connectors.supervisor import ChildSpec, Supervisor
folder = Path({str(tmp_path)!r})
def spec(name):
    ready = folder / (name + ".pid")
    code = f"import os, pathlib, time; pathlib.Path({{str(ready)!r}}).write_text(str(os.getpid())); time.sleep(600)"
    return ChildSpec(name, [sys.executable, "-c", code], ready.exists)
running = Supervisor([spec("one"), spec("two")], logs=folder / "logs", way={way!r})
_stop_on_signals(running)
with running:
    (folder / "ready").touch()
    running.watch()
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        assert wait_for((tmp_path / "ready").exists, 30)
        pids = [int((tmp_path / f"{name}.pid").read_text()) for name in ("one", "two")]
        assert all(alive(pid) for pid in pids)
        process.send_signal(ending)
        assert process.wait(timeout=20) == (-signal.SIGKILL if ending == signal.SIGKILL else 0)
        assert wait_for(lambda: not any(alive(pid) for pid in pids))
    finally:
        process.kill()
        process.wait()


def test_the_log_of_a_child_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.supervisor.LOG_LIMIT", 10)
    log = tmp_path / "logs" / "one.log"
    log.parent.mkdir()
    log.write_text("an earlier run said much\n")
    with supervisor(tmp_path, child(tmp_path, "one")):
        assert log.read_text() == ""
    assert log.with_suffix(".log.1").read_text() == "an earlier run said much\n"
