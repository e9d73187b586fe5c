"""Callbacks where an interpreter ends, forks, or is one of several."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

DESCRIPTION = (Path(__file__).parent / "native" / "callbacks.bridge").read_text("utf-8")


@pytest.fixture(scope="module")
def path(native_library: Callable[[str], Path]) -> Path:
    return native_library("callbacks")


def run_python(path: Path, code: str, *, status: int = 0) -> str:
    """Run code with the library loaded as m in an interpreter of its own; its output."""
    start = f"import symbridge\nm = symbridge.load({str(path)!r}, {DESCRIPTION!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (status, "")
    return done.stdout


class TestTheEndOfTheInterpreter:
    def test_a_thread_of_c_that_goes_on_calling(self, path):
        code = """
        import time
        m.remember(lambda n: sum(range(100)))
        m.start_ticking()
        while m.tick_count() < 20:
            time.sleep(0.001)
        print("done")
        """
        for _ in range(5):
            assert run_python(path, code) == "done\n"

    def test_a_thread_of_c_that_is_inside_may_finish(self, path):
        code = """
        import ctypes, threading, time
        inside = threading.Event()
        def slow(n):
            inside.set()
            time.sleep(0.1)
            print(m.apply(lambda n: n + 1, n))
            return n
        m.remember(slow)
        m.start_ticking()
        inside.wait()
        """
        assert run_python(path, code).splitlines()[0].isdigit()

    def test_callbacks_work_in_atexit_functions(self, path):
        code = """
        import atexit
        m.remember(lambda n: n + 1)
        atexit.register(lambda: print(m.fire(1), m.fire_in_thread(1), m.apply(abs, -3)))
        """
        assert run_python(path, code) == "2 2 3\n"

    def test_callbacks_of_the_ending_thread_work_as_long_as_python_code_runs(self, path):
        code = """
        import builtins
        class Late:
            def __del__(self, apply=m.apply, print=print, abs=abs):
                print(apply(abs, -3))
        builtins.late = Late()
        """
        assert run_python(path, code) == "3\n"

    def test_after_the_interpreter_c_gets_the_error_value(self, path):
        assert run_python(path, "m.call_me_at_the_end(lambda n: n)") == "the end: 123\n"

    def test_destroy_after_the_interpreter_is_harmless(self, path):
        code = """
        import ctypes
        m.remember(lambda n: n)
        m.later(lambda n: n)
        library = ctypes.CDLL(PATH)
        ctypes.CDLL(None).on_exit(library.forget, None)
        print("done")
        """
        assert run_python(path, f"PATH = {str(path)!r}\n" + textwrap.dedent(code)) == "done\n"

    def test_daemon_threads_in_calls(self, path):
        code = """
        import threading, time
        started = threading.Event()
        def loop(n):
            started.set()
            time.sleep(0.0005)
            return 0
        threading.Thread(target=m.repeat, args=(loop, 10**6), daemon=True).start()
        started.wait()
        print("done")
        """
        assert run_python(path, code) == "done\n"

    def test_exit_from_a_callback(self, path):
        code = """
        import sys
        m.apply(lambda n: sys.exit(n), 3)
        """
        assert run_python(path, code, status=3) == ""


class TestFork:
    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_the_child_of_a_thread_that_was_not_in_a_callback(self, path):
        code = """
        import os, sys, threading, warnings
        warnings.simplefilter("ignore")
        m.remember(lambda n: n + 1)
        inside, leave = threading.Event(), threading.Event()
        def wait(n):
            inside.set()
            leave.wait()
            return n
        m.later(wait)
        thread = threading.Thread(target=m.now, args=(1,))
        thread.start()
        inside.wait()
        child = os.fork()
        if child == 0:
            assert m.fire(1) == 2 and m.fire_in_thread(1) == 2
            sys.exit(5)
        leave.set()
        thread.join()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), m.fire_in_thread(1))
        """
        assert run_python(path, code) == "5 2\n"

    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_fork_within_a_callback(self, path):
        code = """
        import os, sys, warnings
        warnings.simplefilter("ignore")
        m.remember(lambda n: os.fork())
        child = m.fire(1)
        if child == 0:
            m.remember(lambda n: n)
            sys.exit(m.fire_in_thread(6))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
        assert run_python(path, code) == "6\n"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="per-interpreter GILs came with 3.12")
class TestSubinterpreters:
    def run(self, path: Path, script: str, main: str = "") -> str:
        code = f"""
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
start = '''
import symbridge
m = symbridge.load({str(path)!r}, DESCRIPTION)
'''
script = "DESCRIPTION = " + repr({DESCRIPTION!r}) + start + {textwrap.dedent(script)!r}
{textwrap.dedent(main)}
for _ in range(3):
    made = interpreters.create()
    failure = interpreters.run_string(made, script)
    assert failure is None, failure
    interpreters.destroy(made)
print("done")
"""
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def test_callbacks_in_their_own_thread(self, path):
        script = "assert m.apply(lambda n: n + m.apply_quickly(abs, -1), 1) == 2"
        assert self.run(path, script) == "done\n"

    def test_threads_of_c(self, path):
        script = """
        m.remember(lambda n: n + 1)
        assert m.fire_in_thread(1) == 2
        assert m.fire(1) == 2
        m.forget_in_thread()
        assert m.fire(1) == -1
        """
        assert self.run(path, script) == "done\n"

    def test_a_thread_that_goes_on_calling_as_it_ends(self, path):
        script = """
        import time
        m.remember(lambda n: sum(range(100)))
        m.start_ticking()
        before = m.tick_count()
        while m.tick_count() < before + 20:
            time.sleep(0.001)
        """
        main = f"""
import ctypes
stop = ctypes.CDLL({str(path)!r}).stop_ticking
destroy = interpreters.destroy
def destroy_and_stop(made):
    destroy(made)
    stop()
interpreters.destroy = destroy_and_stop
"""
        assert self.run(path, script, main) == "done\n"

    def test_a_callback_of_another_interpreter(self, path):
        script = "assert m.fire(1) == 101 and m.fire_quickly(1) == 101, m.fire(1)"
        main = f"""
import symbridge
main_module = symbridge.load({str(path)!r}, {DESCRIPTION!r})
main_module.remember(lambda n: n + 100)
"""
        assert self.run(path, script, main) == "done\n"
