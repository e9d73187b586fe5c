"""What a build adds to the packages: the library, checked; its description; stubs; other files."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import symbridge
from symbridge.binary import read
from symbridge.build.archives import Entry, platform_tag
from symbridge.build.compiling import compile_library
from symbridge.build.contents import matching, package_files
from symbridge.build.settings import Project
from symbridge.declarations import Description, Function, Variable, parse
from symbridge.failure import ToolError

__all__ = ["finish"]

#: The machines of libraries, as binary.MACHINES spells them, by how a platform's tag ends.
MACHINES = {
    "x86_64": "x86-64",
    "i686": "x86",
    "aarch64": "AArch64",
    "armv7l": "ARM",
    "armv6l": "ARM",
    "ppc64le": "PowerPC64",
    "s390x": "s390",
    "riscv64": "RISC-V",
    "loongarch64": "LoongArch",
}


def finish(project: Project, directory: Path) -> dict[str, Entry]:
    """Build the library in a directory; gives, by path in the wheel, what goes into it beside the
    packages' own files."""
    settings = project.settings
    description = _parse(project)  # before minutes are spent on the library
    built = compile_library(project, directory / "build")
    finished = directory / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    finished.mkdir(parents=True)
    library = finished / settings.library
    shutil.copyfile(built, library)
    if settings.check:
        _check(project, library, description)
    if settings.embed:
        _embed(project, library)

    entries = {str(project.package / settings.library): Entry(library, executable=True)}
    if settings.description and not settings.embed:
        # Beside a library that carries it the file would only be one that can differ.
        name = PurePosixPath(settings.description).name
        entries[str(project.package / name)] = Entry(project.root / settings.description)
    for source, target in sorted(settings.files.items()):
        found = matching(project.root, [source], "files")
        if len(found) > 1 and not target.endswith("/"):
            raise ToolError(
                f"pyproject.toml: tool.symbridge.files: {source!r} names {len(found)} files, so "
                f"{target!r} must be a directory",
                hint=f'"{source}" = "{target}/"',
            )
        for name in found:
            where = PurePosixPath(target)
            if target.endswith("/"):
                where /= PurePosixPath(name).name
            entries[str(where)] = Entry(project.root / name)
    if settings.stubs and description is not None:
        entries.update(_stubs(project, description, finished))
    return entries


def _stubs(project: Project, description: Description, finished: Path) -> dict[str, Entry]:
    """The package's stub files, and the marker that says that it has types."""
    from symbridge import stubs, surface

    init = project.python_root / project.package / "__init__.py"
    try:
        source = init.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"stubs are of the package, and {init}: {error}") from None
    files = stubs.write(
        surface.read(description, project.settings.into),
        source=PurePosixPath(project.settings.description).name,
        python=stubs.read_package(source, str(init)),
    )
    files.setdefault(f"{project.package.parts[0]}/py.typed", "")
    present = {name for name, _ in package_files(project)}
    entries = {}
    for name, text in files.items():
        if name in present:
            if name.endswith(".pyi"):
                raise ToolError(
                    f"{project.python_root / name} is there already, and stubs = true writes it",
                    hint="keep one of them",
                )
            continue
        path = finished / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        entries[name] = Entry(path)
    return entries


def _parse(project: Project) -> Description | None:
    """The description, whose mistakes are found here rather than where the wheel is installed."""
    if not project.settings.description:
        return None
    path = project.root / project.settings.description
    try:
        return parse(path.read_bytes(), project.settings.description)
    except symbridge.DescriptionError as error:
        place = f"{error.filename}:{error.lineno}:{error.offset}: " if error.lineno else ""
        caret = " " * max((error.offset or 1) - 1, 0) + "^"
        shown = f"\n  {error.text}\n  {caret}" if error.text else ""
        raise ToolError(f"{place}{error.msg}{shown}") from None


def _check(project: Project, library: Path, description: Description | None) -> None:
    """Compare the library's file with what the wheel says of it. None of its code is run."""
    name = project.settings.library
    binary = read(library)
    if binary.type != "shared library":
        raise ToolError(f"{name} is no shared library: its type is {binary.type}")
    if binary.soname not in (None, name):
        raise ToolError(
            f"{name} calls itself {binary.soname}, its soname; in the wheel it must have that name",
            hint=f'library = "{binary.soname}" in [tool.symbridge]',
        )
    platform = project.options.platform or platform_tag()
    machines = next((m for tag, m in MACHINES.items() if platform.endswith(f"_{tag}")), None)
    if machines is not None and binary.machine != machines:
        raise ToolError(
            f"{name} is for {binary.machine}, but the wheel would be tagged {platform}",
            hint="the config setting platform=..., or _PYTHON_HOST_PLATFORM in the environment",
        )
    if description is None:
        return
    missing = []
    described: list[Function | Variable] = [*description.functions(), *description.variables()]
    for wanted in described:
        if not wanted.optional and binary.find(wanted.symbol, wanted.version) is None:
            near = binary.near_misses(wanted.symbol)
            hint = f" (there is {', '.join(near)})" if near else ""
            version = f"@{wanted.version}" if wanted.version else ""
            missing.append(f"  {wanted.location}: {wanted.symbol}{version}{hint}")
    if missing:
        shown = "\n".join(missing)
        raise ToolError(
            f"{name} lacks symbols that are described:\n{shown}",
            hint="see that they are exported, or mark them [[optional]] in the description",
        )


def _embed(project: Project, library: Path) -> None:
    """Put the description into the library, with the facts that headers or debug data give."""
    from symbridge.embed.carry import Options, embed

    settings = project.settings
    path = project.root / settings.description
    carried = read(library).description
    if carried is not None and carried.encode() == path.read_bytes():
        return  # the library was compiled with it
    if carried is not None:
        raise ToolError(
            f"{library.name} carries a description already, which is not that in "
            f"{settings.description}",
            hint="leave out `description` and `embed`, or what puts the other one into the library",
        )
    headers = [
        str(project.root / header) if (project.root / header).is_file() else header
        for header in settings.headers
    ]
    directories = [str(project.root / each) for each in settings.include_directories]
    options = Options(include_dirs=directories, defines=list(settings.defines))
    # Whether the library has what is described was seen before, or is not to be looked at.
    embed(library, path, headers=headers, options=options, force=not settings.check)
