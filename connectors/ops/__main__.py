"""`python -m connectors.ops setup|test-setup|corpus|lock`; the Makefile calls it."""

from __future__ import annotations

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.ops import browser, corpus, dialogue, environments, layout
from connectors.ops.progress import Progress, StepError


@contextmanager
def one_at_a_time(progress: Progress) -> Iterator[None]:
    """Two set-ups of one checkout would build the same folders: the second waits."""
    layout.MODELS.mkdir(parents=True, exist_ok=True)
    with (layout.MODELS / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress.say("Another set-up of this checkout is running; waiting for it to finish.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def setup(progress: Progress, dev: bool) -> None:
    environments.make_application(progress, dev=dev)
    environments.make_engine(progress)
    dialogue.train(progress)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m connectors.ops", description=__doc__)
    commands = {
        "setup": "both environments and the dialogue model",
        "test-setup": "the same, with what lint, types and tests need",
        "corpus": "index the shipped corpus into the home when it changed",
        "lock": "write the locks anew from the pyproject.toml files",
    }
    listed = "; ".join(f"{name}: {meaning}" for name, meaning in commands.items())
    parser.add_argument("command", choices=list(commands), help=listed)
    command = parser.parse_args(arguments).command
    progress = Progress()
    try:
        with one_at_a_time(progress):
            if command == "corpus":
                corpus.index_corpus(progress)
            elif command == "lock":
                environments.lock(progress)
            else:
                setup(progress, dev=command == "test-setup")
                if command == "test-setup":
                    browser.provide(progress)
    except StepError as error:
        progress.say(f"{error}")
        return 1
    except KeyboardInterrupt:
        progress.say("Interrupted. Run the same command again to go on.")
        return 130
    except OSError as error:
        where, why = error.filename or "set-up", error.strerror or error
        progress.say(f"{where}: {why}. Check space and permissions, then run again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
