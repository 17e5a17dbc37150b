# SPDX-License-Identifier: Apache-2.0
"""The bundle's programs and libraries ask for glibc 2.35 at most and for nothing beside it."""

import json
import shutil
import subprocess
import sys

import elf
import support


class Tests(support.Case):
    def compiled(self, source, *options):
        """A program of this machine's compiler."""
        (self.folder / "planted.cpp").write_text(source)
        program = self.folder / "planted"
        subprocess.run(["c++", str(self.folder / "planted.cpp"), "-o", str(program), *options], check=True)
        return program

    def test_no_file_needs_more_than_glibc_2_35(self):
        files = elf.elf_files(self.bundle)
        self.assertIn(self.bundle / "bin/bsfa", files)
        self.assertEqual([fault for path in files for fault in elf.faults(path, self.bundle)], [])
        for path in files:
            self.assertIn(("libc.so.6", "GLIBC_2.2.5"), elf.version_needs(path), path)

    def test_a_symbol_that_is_too_new_is_found(self):
        program = self.compiled("#include <cstdlib>\nint main() { return arc4random() == 0; }\n")
        self.assertIn("planted needs GLIBC_2.36, newer than GLIBC_2.35", elf.faults(program, self.bundle))

    def test_a_library_of_the_machine_is_found(self):
        program = self.compiled('#include <iostream>\nint main() { std::cout << "text"; }\n', "-Wl,-rpath,/opt/lib")
        faults = elf.faults(program, self.bundle)
        self.assertIn("planted needs libstdc++.so.6", faults)
        self.assertTrue(any("GLIBCXX_3.4" in fault for fault in faults), faults)
        self.assertIn("planted looks for libraries in /opt/lib", faults)

    def test_a_version_that_a_bundled_library_lacks_is_found(self):
        program = self.compiled("int main() { try { throw 1; } catch (int) { return 0; } }\n", "-static-libstdc++")
        self.assertEqual(elf.faults(program, self.bundle), [])
        other = self.folder / "other"
        (other / "lib").mkdir(parents=True)
        shutil.copy(self.bundle / "bin/bsfa", other / "lib/libgcc_s.so.1")
        self.assertIn("planted needs GCC_3.0, which the bundled libgcc_s.so.1 has not", elf.faults(program, other))

    def test_the_programs_carry_no_symbols_of_the_host(self):
        for path in elf.elf_files(self.bundle):
            sections = elf.objdump("-h", path)
            self.assertNotIn(" .debug_info", sections, path)
            self.assertIn("no symbols", elf.objdump("-t", path), path)

    def device_code(self, path):
        out = self.folder / "section"
        subprocess.run(["objcopy", "--dump-section", f".nv_fatbin={out}", str(path), str(self.folder / "copy")], check=True)
        return out.read_bytes()

    def test_stripping_left_the_device_code_and_its_line_tables_as_they_were_built(self):
        commands = json.loads((support.BUILD / "compile_commands.json").read_text())
        kernels = [entry["command"] for entry in commands if "/kernels/cuda/" in entry["file"] and entry["file"].endswith(".cu")]
        if not kernels:
            self.skipTest("the bundle was built without CUDA kernels")
        self.assertEqual([command for command in kernels if " -lineinfo" not in command], [])
        holders = [path for path in elf.elf_files(self.bundle) if " .nv_fatbin" in elf.objdump("-h", path)]
        self.assertIn(self.bundle / "lib/libbsfa.so", holders)
        # The largest part of whatever holds it: the program has it from the library.
        self.assertNotIn(self.bundle / "bin/bsfa", holders)
        for path in holders:
            code = self.device_code(path)
            self.assertGreater(len(code), 1000)
            self.assertEqual(code, self.device_code(support.BUILD / path.relative_to(self.bundle)), path)

    def test_the_library_exports_the_interface_alone(self):
        names = elf.exported(self.part("lib/libbsfa.so"))
        self.assertEqual({name for name in names if not name.startswith(("BSFA_", "bsfa_1"))}, {"bsfa_open"})

    def test_the_library_has_no_scheduler_of_its_own(self):
        self.assertNotIn(b"__TBB_make_rml_server", self.part("lib/libbsfa.so").read_bytes())
        self.assertIn(b"__TBB_make_rml_server", (self.bundle / "bin/bsfa").read_bytes())

    def test_the_library_loads_into_a_strange_process(self):
        self.part("lib/libbsfa.so")
        library = self.moved() / "lib/libbsfa.so"
        code = f"import ctypes; print(ctypes.CDLL({str(library)!r}).bsfa_open is not None)"
        done = subprocess.run([sys.executable, "-c", code], env={}, cwd="/", capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr), ("True\n", ""))


if __name__ == "__main__":
    support.main()
