# SPDX-License-Identifier: Apache-2.0
"""What an ELF file asks of the machine that it runs on, as objdump tells it."""

import os
import pathlib
import re
import subprocess

OLDEST_GLIBC = (2, 35)
# Parts of glibc: there wherever a C program runs.
C_LIBRARY = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "ld-linux-x86-64.so.2"}


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def elf_files(folder):
    return sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file() and is_elf(path))


def objdump(option, path):
    return subprocess.run(["objdump", option, str(path)], check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def needed(path):
    """Names of the libraries that the file is linked to."""
    return re.findall(r"^  NEEDED +(\S+)", objdump("-p", path), re.MULTILINE)


def search_paths(path):
    return re.findall(r"^  (?:RPATH|RUNPATH) +(\S+)", objdump("-p", path), re.MULTILINE)


def version_needs(path):
    """(library, version) of every symbol version that the file asks for."""
    found, library = [], None
    for line in objdump("-p", path).splitlines():
        if match := re.match(r"  required from (\S+):", line):
            library = match[1]
        elif library and (match := re.match(r"    0x\S+ 0x\S+ \S+ (\S+)", line)):
            found.append((library, match[1]))
    return found


def version_definitions(path):
    """Symbol versions that the library offers."""
    _, _, text = objdump("-p", path).partition("\nVersion definitions:\n")
    return set(re.findall(r"^\d+ 0x\S+ 0x\S+ (\S+)", text.split("\n\n")[0], re.MULTILINE))


def exported(path):
    """Names that the file defines for others."""
    names = set()
    for line in objdump("-T", path).splitlines():
        parts = line.split()
        if len(parts) >= 6 and "*UND*" not in parts and parts[0].strip("0123456789abcdef") == "":
            names.add(parts[-1])
    return names


def faults(path, folder):
    """One line for each thing that keeps the file from running wherever glibc 2.35 is."""
    found = []
    for library in needed(path):
        if library not in C_LIBRARY and not (folder / "lib" / library).is_file():
            found.append(f"{path.name} needs {library}")
    for library, version in version_needs(path):
        bundled = folder / "lib" / library
        if bundled.is_file():
            if version not in version_definitions(bundled):
                found.append(f"{path.name} needs {version}, which the bundled {library} has not")
        elif not re.fullmatch(r"GLIBC_\d+(\.\d+)*", version):
            found.append(f"{path.name} needs {version} of {library}")
        elif tuple(map(int, version.removeprefix("GLIBC_").split("."))) > OLDEST_GLIBC:
            found.append(f"{path.name} needs {version}, newer than GLIBC_2.35")
    for searched in search_paths(path):
        if searched != "$ORIGIN/../lib":
            found.append(f"{path.name} looks for libraries in {searched}")
    return found
