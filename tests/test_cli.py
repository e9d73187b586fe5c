"""What all commands share: help, completion, colour, progress, errors, exit codes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import symbridge
from symbridge.cli import COMMANDS, main, make_parser
from symbridge.cli.terminal import Terminal
from symbridge.failure import ToolError, require


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "symbridge", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        **options,  # type: ignore[call-overload]
    )


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command prints when stdout and stderr are a terminal."""
    primary, secondary = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"} | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "symbridge", *arguments], stdout=secondary, stderr=secondary, env=env
    )
    os.close(secondary)
    output = b""
    while True:
        try:
            read = os.read(primary, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not read:
            break
        output += read
    os.close(primary)
    process.wait(60)
    return output.decode()


# ---- help


def test_help_lists_every_command_with_what_it_is_for() -> None:
    text = run("--help").stdout
    for name, (_, summary) in COMMANDS.items():
        assert re.search(rf"^ +{name}\b", text, re.MULTILINE)
        assert summary.split()[0] in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert f"symbridge {command}" in text
    assert "--color" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is_for(command: str) -> None:
    parser = make_parser([command])
    (subparsers,) = (a for a in parser._actions if hasattr(a, "choices") and a.dest == "command")
    assert subparsers.choices is not None
    actions = subparsers.choices[command]._actions  # type: ignore[index, call-overload]
    assert [a.dest for a in actions if not a.help] == []


def test_the_version_is_the_package_s() -> None:
    assert run("--version").stdout.strip() == f"symbridge {symbridge.__version__}"


def test_the_installed_command_is_the_same() -> None:
    command = Path(sys.executable).with_name("symbridge")
    if not command.exists():
        pytest.skip("symbridge is on the path of this Python without having been installed")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"symbridge {symbridge.__version__}"


def test_one_command_does_not_load_the_others() -> None:
    code = (
        "import sys; from symbridge.cli import main\n"
        "try: main(['call', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.startswith('symbridge.cli.')))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert shown.splitlines()[-1] == "['symbridge.cli.calling', 'symbridge.cli.terminal']"


# ---- errors


def test_an_unknown_command_is_an_error_of_usage() -> None:
    done = run("frobnicate")
    assert done.returncode == 2
    assert "frobnicate" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_command_is_an_error_of_usage() -> None:
    assert run().returncode == 2


def test_an_error_names_the_command_and_what_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "libm.so.6", "cos", "1", "--source", "double sin(double x)"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("symbridge call: ")
    assert "offers no function 'cos'" in error
    assert "  try: " in error


def test_a_wrong_description_shows_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "libm.so.6", "cos", "1", "--source", "double cos(dubble x)"]) == 2
    error = capsys.readouterr().err
    assert "<description>:1:" in error
    assert "double cos(dubble x);" in error
    assert "\n             ^" in error


def test_a_library_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "libnone.so.9", "f", "--source", "int f(void)"]) == 2
    assert "libnone.so.9" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "libm.so.6", "cos", "1", "--description", "none.bridge"]) == 2
    assert capsys.readouterr().err == "symbridge call: none.bridge: No such file or directory\n"


def test_whoever_reads_may_stop_early() -> None:
    command = (
        f"{sys.executable} -m symbridge completion bash | head -c 10 >&2; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout == "0\n"
    assert len(done.stderr) == 10


def test_a_missing_package_is_named_with_what_to_install() -> None:
    with pytest.raises(ToolError) as caught:
        require("no_such_package_anywhere", "no-such-package", "this test")
    assert "this test needs no-such-package" in str(caught.value)
    assert "symbridge[tools]" in caught.value.hint


# ---- colour and progress


def test_errors_are_red_on_a_terminal() -> None:
    assert "\x1b[31m" in on_a_terminal("call", "libnone.so.9", "f", "--source", "int f(void)")


def test_no_color_is_heard() -> None:
    shown = on_a_terminal("call", "libnone.so.9", "f", "--source", "int f(void)", NO_COLOR="1")
    assert "\x1b[" not in shown


def test_a_dumb_terminal_gets_no_colour() -> None:
    shown = on_a_terminal("call", "libnone.so.9", "f", "--source", "int f(void)", TERM="dumb")
    assert "\x1b[" not in shown


def test_a_pipe_gets_no_colour_unless_asked() -> None:
    arguments = ("call", "libnone.so.9", "f", "--source", "int f(void)")
    assert "\x1b[" not in run(*arguments).stderr
    assert "\x1b[31m" in run(*arguments, "--color", "always").stderr


def test_tables_have_columns(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal("never").table([("name", "size"), ("x", "1"), ("longer", "12")])
    assert capsys.readouterr().out == "name    size\nx       1\nlonger  12\n"


PROGRESS = """
import sys, time
from symbridge.cli.terminal import Terminal
with Terminal().progress("reading") as progress:
    for i in range(3):
        progress.step(i, 3, "file.h")
        time.sleep(float(sys.argv[1]))
print("done")
"""


SILENT = """
import sys, time
from symbridge.cli.terminal import Terminal
with Terminal().progress("reading"):
    time.sleep(1.5)
print("done")
"""


@pytest.mark.parametrize(
    ("script", "seconds", "shown"),
    [
        pytest.param(PROGRESS, "0.7", b"reading: 2/3 file.h", id="with steps"),
        pytest.param(SILENT, "", b"reading: ... (1 s)", id="without steps"),
        pytest.param(PROGRESS, "0.01", b"", id="soon over"),
    ],
)
def test_progress_is_shown_after_a_second_on_a_terminal(
    script: str, seconds: str, shown: bytes
) -> None:
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script, seconds], stdout=subprocess.PIPE, stderr=secondary
    )
    output, _ = process.communicate(timeout=60)
    os.close(secondary)
    assert output == b"done\n"
    os.set_blocking(primary, False)
    try:
        said = os.read(primary, 4096)
    except (BlockingIOError, OSError):
        said = b""
    os.close(primary)
    assert shown in said
    assert (said == b"") is (shown == b"")
    assert said.endswith(b"\r") or not shown


def test_progress_is_not_shown_in_a_pipe() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRESS, "0.7"], capture_output=True, text=True)
    assert done.stderr == ""


# ---- completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command_and_its_options(shell: str) -> None:
    pytest.importorskip("shtab", reason="needs shtab, of the extra tools")
    script = run("completion", shell).stdout
    assert all(name in script for name in COMMANDS)
    assert "--description" in script or "description" in script


def test_bash_completes_commands(tmp_path: Path) -> None:
    pytest.importorskip("shtab", reason="needs shtab, of the extra tools")
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").stdout)
    ask = (
        f"source {script}; COMP_WORDS=(symbridge che); COMP_CWORD=1; COMP_LINE='symbridge che'; "
        'COMP_POINT=13; _shtab_symbridge symbridge che symbridge; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True)
    assert done.stdout.strip() == "check"
