# SPDX-License-Identifier: Apache-2.0
"""What lies in the bundle, and what its README says about it."""

import hashlib
import re
import subprocess
import tarfile

import support

MOST_BYTES = 20 * 2**20


class Tests(support.Case):
    def files(self):
        return {path.relative_to(self.bundle).as_posix() for path in self.bundle.rglob("*") if path.is_file()}

    def test_the_archive_is_smaller_than_20_mebibytes(self):
        self.assertLess(self.archive.stat().st_size, MOST_BYTES)

    def test_the_archive_holds_the_folder(self):
        with tarfile.open(self.archive) as archive:
            members = archive.getmembers()
            self.assertTrue(all(member.isfile() or member.isdir() for member in members))
            self.assertEqual({(member.uid, member.gid) for member in members}, {(0, 0)})
            held = {member.name: member for member in members if member.isfile()}
            self.assertEqual(set(held), {f"{self.bundle.name}/{name}" for name in self.files()})
            for name, member in held.items():
                data = archive.extractfile(member).read()
                self.assertEqual(data, (self.bundle.parent / name).read_bytes(), name)
            self.assertTrue(held[f"{self.bundle.name}/bin/bsfa"].mode & 0o111)

    def test_the_checksums_cover_every_file(self):
        sums = {}
        for line in (self.bundle / "SHA256SUMS").read_text().splitlines():
            digest, name = line.split("  ", 1)
            sums[name] = digest
        self.assertEqual(set(sums), self.files() - {"SHA256SUMS"})
        for name, digest in sums.items():
            self.assertEqual(hashlib.sha256((self.bundle / name).read_bytes()).hexdigest(), digest, name)

    def test_the_programs_and_the_sample_and_the_licences_are_there(self):
        files = self.files()
        wanted = {"bin/bsfa", "LICENSE", "README.md", support.SAMPLE, "kernels/include/bsfa/kernel.h",
                  "licences/onetbb", "licences/libzip", "licences/fmtlib", "licences/libhdf5-dev"}
        self.assertEqual(wanted - files, set())
        self.assertEqual([name for name in files if name.endswith((".pyc", ".o", ".a"))], [])
        self.assertEqual((self.bundle / support.SAMPLE).read_bytes(), (support.ROOT / support.SAMPLE).read_bytes())

    def test_what_was_built_with_cuda_is_packed(self):
        built = [name for name in ("lib/libbsfa.so", "bin/bsfa-test-gpu") if (support.BUILD / name).is_file()]
        if not built:
            self.skipTest("built without CUDA")
        self.assertEqual(set(built) - self.files(), set())

    def test_every_source_of_the_cuda_kernels_is_packed(self):
        sources = {path.relative_to(support.ROOT).as_posix() for path in (support.ROOT / "kernels/cuda").rglob("*")
                   if path.suffix in (".cu", ".cuh", ".h")}
        self.assertEqual(sources - self.files(), set())

    def test_the_readme_names_the_commit_and_what_is_there(self):
        text = (self.bundle / "README.md").read_text()
        version = subprocess.run([str(self.bundle / "bin/bsfa"), "--version"], check=True, capture_output=True, text=True)
        _, number, commit = version.stdout.split()
        self.assertTrue(text.startswith(f"# bsfa {number}\n"), text[:80])
        self.assertIn(f"commit `{commit.strip('()')}`", text)
        self.assertNotIn("@", text)
        named = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
        self.assertIn("bin/bsfa", named)
        self.assertEqual([name for name in named if not (self.bundle / name).exists()], [])
        undescribed = [name for name in self.files() - {"README.md"}
                       if not any(name == part or name.startswith(part + "/") for part in named)]
        self.assertEqual([name for name in undescribed if not name.startswith(("kernels/", "scripts/"))], [])


if __name__ == "__main__":
    support.main()
