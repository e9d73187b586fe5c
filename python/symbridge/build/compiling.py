"""Compiling: each build system is run as its own people run it, and the library is found after it.

What a build system says is kept, and shown when it fails: a compiler's warnings do not hide among
what went well. Nothing is built in the source directory; make, which knows no other place, gets a
copy of it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from symbridge.build.contents import matching, source_files
from symbridge.build.settings import Project
from symbridge.failure import ToolError

__all__ = ["compile_library", "requirements"]

#: Bytes of a failed command's output that are shown, from its end.
SHOWN_OUTPUT = 256 * 1024

#: Seconds in which a build tool says its version.
TOOL_SECONDS = 60

#: Files that are looked at for the library after a build.
MAX_BUILT_FILES = 200_000


def requirements(project: Project) -> list[str]:
    """The distributions that bring the build tools that are not on this machine, or do not run.

    A meson that a virtual environment put on PATH cannot find its own modules in an isolated build.
    """
    tools = {"meson": ("meson", "ninja"), "cmake": ("cmake", "ninja")}
    minimum = {"meson": "meson>=1.1", "cmake": "cmake>=3.20", "ninja": "ninja>=1.10"}
    wanted = tools.get(project.settings.build_system, ())
    return [minimum[tool] for tool in wanted if not _runs(tool)]


def _runs(tool: str) -> bool:
    path = shutil.which(tool)
    if path is None:
        return False
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, timeout=TOOL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def compile_library(project: Project, directory: Path) -> Path:
    """Build the project's library in a directory, which may hold an earlier build.

    Returns the library's real file. Raises ToolError with the build system's own words.
    """
    directory.mkdir(parents=True, exist_ok=True)
    settings = project.settings
    if settings.build_system == "none":
        return _in_tree(project)
    build = _Build(project, directory)
    _SYSTEMS[settings.build_system](build)
    return _find(project, directory)


@dataclass(slots=True)
class _Build:
    """One run of a build system."""

    project: Project
    directory: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def __post_init__(self) -> None:
        # Where pip puts programs is not on the path when an environment is used without its
        # activation.
        scripts = sysconfig.get_path("scripts")
        path = self.environment.get("PATH", os.defpath)
        self.environment["PATH"] = f"{path}{os.pathsep}{scripts}"

    @property
    def source(self) -> Path:
        """The directory of the C project."""
        return self.project.root / self.project.settings.directory

    @property
    def arguments(self) -> tuple[str, ...]:
        """The project's arguments, then those of the config settings."""
        return (*self.project.settings.arguments, *self.project.options.arguments)

    def tool(self, name: str, hint: str) -> str:
        """The path of a program."""
        found = shutil.which(name, path=self.environment["PATH"])
        if found is None:
            raise ToolError(f"{name} is needed to build the library, and is not here", hint=hint)
        return found

    def run(self, *command: str | Path, directory: Path | None = None) -> None:
        """Run a command. Its output is shown when it fails, or when all is to be seen."""
        words = [str(word) for word in command]
        shown = shlex.join(words)
        verbose = self.project.options.verbose
        if verbose:
            print(f"symbridge.build: {shown}", flush=True)
        try:
            done = subprocess.run(
                words,
                cwd=directory or self.project.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=None if verbose else subprocess.PIPE,
                stderr=None if verbose else subprocess.STDOUT,
                check=False,
            )
        except OSError as error:
            raise ToolError(f"cannot run {shown}: {error}") from None
        if done.returncode:
            output = (done.stdout or b"")[-SHOWN_OUTPUT:].decode("utf-8", "replace").rstrip()
            ended = (
                f"exit code {done.returncode}"
                if done.returncode > 0
                else f"killed by signal {-done.returncode}"
            )
            where = directory or self.project.root
            text = f"{output}\n\n" if output else ""
            raise ToolError(
                f"the library was not built\n\n{text}this command failed ({ended}), in {where}:\n"
                f"  {shown}"
            )

    def prefix_maps(self) -> list[str]:
        """Compiler arguments that keep the place of the build out of what is built."""
        # The last one that fits counts, and the build directory may lie in the source.
        return [f"-ffile-prefix-map={self.source}=.", f"-ffile-prefix-map={self.directory}=build"]

    def add_flags(self) -> None:
        """Give prefix_maps() to a build system that takes CFLAGS in addition to its own."""
        flags = [*map(shlex.quote, self.prefix_maps()), self.environment.get("CFLAGS", "")]
        self.environment["CFLAGS"] = " ".join(flags).strip()


def _unless_said(arguments: Sequence[str], defaults: dict[str, str]) -> list[str]:
    """The defaults that the arguments do not set themselves."""
    return [
        default
        for name, default in defaults.items()
        if not any(name in argument for argument in arguments)
    ]


def _meson(build: _Build) -> None:
    hint = "install it from PyPI, or through the system's packages"
    meson, _ = build.tool("meson", hint), build.tool("ninja", hint)
    defaults = {
        "buildtype": "-Dbuildtype=release",
        "b_ndebug": "-Db_ndebug=if-release",
        "default_library": "-Ddefault_library=shared",
    }
    build.add_flags()
    options = [*_unless_said(build.arguments, defaults), *build.arguments]
    configured = (build.directory / "build.ninja").exists()
    if configured:
        try:
            build.run(meson, "setup", "--reconfigure", build.directory, build.source, *options)
        except ToolError:
            # Another version of meson made it, or an option is gone: from scratch, then.
            configured = False
            shutil.rmtree(build.directory)
    if not configured:
        build.run(meson, "setup", build.directory, build.source, *options)
    build.run(meson, "compile", "-C", build.directory, *build.project.settings.targets)
    if not build.project.settings.targets:
        install = build.directory / "install"
        shutil.rmtree(install, ignore_errors=True)
        build.run(meson, "install", "-C", build.directory, "--no-rebuild", "--destdir", install)


def _cmake(build: _Build) -> None:
    cmake = build.tool("cmake", "install it from PyPI, or through the system's packages")
    ninja = shutil.which("ninja", path=build.environment["PATH"])
    if ninja and not build.environment.get("CMAKE_GENERATOR"):
        build.environment["CMAKE_GENERATOR"] = "Ninja"
    build.add_flags()
    # It remembers paths of programs, which may have been in an environment that is gone.
    (build.directory / "CMakeCache.txt").unlink(missing_ok=True)
    defaults = {
        "CMAKE_BUILD_TYPE": "-DCMAKE_BUILD_TYPE=Release",
        "BUILD_SHARED_LIBS": "-DBUILD_SHARED_LIBS=ON",
        "CMAKE_BUILD_WITH_INSTALL_RPATH": "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
    }
    build.run(
        cmake, "-S", build.source, "-B", build.directory,
        *_unless_said(build.arguments, defaults), *build.arguments,
    )  # fmt: skip
    targets = build.project.settings.targets
    build.run(
        cmake, "--build", build.directory, "--config", "Release", "--parallel", str(_jobs()),
        *(["--target", *targets] if targets else []),
    )  # fmt: skip
    if not targets:
        install = build.directory / "install"
        shutil.rmtree(install, ignore_errors=True)
        build.run(cmake, "--install", build.directory, "--config", "Release", "--prefix", install)


def _make(build: _Build) -> None:
    make = build.tool("make", "install GNU make through the system's packages")
    copy = build.directory / "source"
    _mirror(build.project, copy)
    where = copy / build.project.settings.directory
    # Makefiles set CFLAGS themselves, and the environment would take that away: they get none.
    build.run(
        make, f"-j{_jobs()}", *build.arguments, *build.project.settings.targets, directory=where
    )


def _mirror(project: Project, copy: Path) -> None:
    """Make a directory hold the project's source as an sdist does, touching only what changed."""
    kept = copy / ".mirrored"
    before = set(kept.read_text().splitlines()) if kept.exists() else set()
    now: set[str] = set()
    for name, path in source_files(project):
        target, there = copy / name, path.stat()
        now.add(name)
        if target.is_file():
            here = target.stat()
            if (here.st_mtime_ns, here.st_size) == (there.st_mtime_ns, there.st_size):
                continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    for name in before - now:
        (copy / name).unlink(missing_ok=True)
    copy.mkdir(parents=True, exist_ok=True)
    kept.write_text("".join(f"{name}\n" for name in sorted(now)))


def _sources(build: _Build) -> None:
    settings = build.project.settings
    sources = matching(build.source, settings.sources, "sources")
    environment = build.environment

    def words(name: str, default: str = "") -> list[str]:
        return shlex.split(environment.get(name, default))

    compiler = words("CC", "cc") or ["cc"]
    build.tool(compiler[0], "install a C compiler, or name one: CC=...")
    compiling = [
        *("-O2", "-fPIC", *build.prefix_maps()),
        *(f"-I{directory}" for directory in settings.include_directories),
        *(f"-D{define}" for define in settings.defines),
        *words("CPPFLAGS"),
        *words("CFLAGS"),
        *build.arguments,
    ]
    objects = build.directory / "objects"
    shutil.rmtree(objects, ignore_errors=True)
    objects.mkdir()
    made = [objects / f"{number}-{Path(name).stem}.o" for number, name in enumerate(sources)]

    def compile_one(source: str, target: Path) -> None:
        build.run(*compiler, *compiling, "-c", source, "-o", target, directory=build.source)

    with ThreadPoolExecutor(_jobs()) as pool:
        list(pool.map(compile_one, sources, made))
    library = build.directory / settings.library
    build.run(
        *compiler, "-shared", f"-Wl,-soname,{settings.library}", *words("CFLAGS"),
        *words("LDFLAGS"), *made, *settings.link_arguments, "-o", library, directory=build.source,
    )  # fmt: skip


_SYSTEMS: dict[str, Callable[[_Build], None]] = {
    "meson": _meson,
    "cmake": _cmake,
    "make": _make,
    "sources": _sources,
}


def _jobs() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _in_tree(project: Project) -> Path:
    path = project.root / project.settings.built
    if not path.is_file():
        raise ToolError(
            f"pyproject.toml: tool.symbridge.built is {project.settings.built!r}, but there is no "
            "such file"
        )
    return path.resolve()


def _find(project: Project, directory: Path) -> Path:
    """The library that a build has left: installed, or somewhere in the build directory."""
    settings = project.settings
    if settings.built:
        for root in (directory / "install", directory):
            path = root / settings.built
            if path.is_file():
                return path.resolve()
        raise ToolError(
            f"pyproject.toml: tool.symbridge.built is {settings.built!r}, but the build has left "
            f"no such file in {directory}"
        )
    others: set[str] = set()
    for root in (directory / "install", directory):
        found = _named(root, settings.library, others)
        if len(found) > 1:
            shown = ", ".join(str(path.relative_to(root)) for path in sorted(found))
            raise ToolError(
                f"the build has left several files named {settings.library}: {shown}",
                hint="say which one in tool.symbridge.built",
            )
        if found:
            return found.pop()
    if others:
        hint = f"library = {sorted(others)[0]!r} in [tool.symbridge]; found {sorted(others)}"
    else:
        hint = "see that the project builds a shared library: [tool.symbridge] takes `arguments`"
    raise ToolError(f"the build went well, but left no {settings.library}", hint=hint)


def _named(root: Path, name: str, others: set[str]) -> set[Path]:
    """The real files of a name below a directory; notes other shared libraries' names."""
    found: set[Path] = set()
    looked_at = 0
    for parent, directories, files in os.walk(root):
        directories.sort()
        for file in files:
            looked_at += 1
            if looked_at > MAX_BUILT_FILES:
                raise ToolError(
                    f"the build has left over {MAX_BUILT_FILES} files",
                    hint="say where the library is in tool.symbridge.built",
                )
            path = Path(parent, file)
            if file == name and path.is_file():
                found.add(path.resolve())
            elif file.endswith(".so") or (".so." in file and file.rpartition(".")[2].isdigit()):
                others.add(file)
    return found
