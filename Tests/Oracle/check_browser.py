#!/usr/bin/env python3
"""Web viewers read .nii.gz through the browser's DecompressionStream, which takes one gzip member and not a byte more.

Headless Chromium inflates medfilter's outputs and hashes them; gzip's own module says what the hash must be. A file of
two members, which Chromium must refuse, shows that the check can fail. Skipped, visibly, where there is no Chromium.
usage: check_browser.py            (MEDFILTER names another program than the release build)
"""

import base64
import gzip
import hashlib
import html
import pathlib
import re
import shutil
import subprocess
import sys

from runs import Verdicts, collect_scans, output_of, run_job, scratch_folder

PAGE = """<!doctype html><pre id="answer"></pre><script>
async function inflate(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const digest = await crypto.subtle.digest("SHA-256", await new Response(stream).arrayBuffer());
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, "0")).join("");
}
inflate("%s").catch(error => "refused: " + error.message).then(text => { answer.textContent = text });
</script>"""


def browser():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for path in map(shutil.which, names) if path), None)


def inflated_by(program, compressed, folder):
    """The SHA-256 of what the browser inflates, or the reason it gives for refusing."""
    page = folder / "page.html"
    page.write_text(PAGE % base64.b64encode(compressed).decode())
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom"]
    command += [f"--user-data-dir={folder / 'profile'}", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    answer = re.search(r'<pre id="answer">(.*?)</pre>', shown, re.DOTALL)
    return html.unescape(answer[1]) if answer else "no answer"


def main():
    program = browser()
    if program is None:
        print("skipped: no Chromium on PATH")
        print("0 passed, 0 failed")
        sys.exit(0)
    verdicts = Verdicts()
    with scratch_folder() as scratch:
        folder = pathlib.Path(scratch)
        scans = collect_scans(folder / "scans")
        gaussian = {"filter": "gaussian", "fwhm_mm": 6}
        for level in (1, 6):
            outputs, process = run_job(folder, f"level{level}", folder / "scans", [gaussian], "nii.gz", level=level)
            verdicts.add(f"level {level}: the job", [] if process.returncode == 0 else [process.stderr.strip()])
            for scan in scans:
                path = output_of(scan, folder / "scans", outputs, "nii.gz")
                compressed = path.read_bytes() if path.exists() else b""
                expected = hashlib.sha256(gzip.decompress(compressed)).hexdigest()
                found = inflated_by(program, compressed, folder)
                verdicts.add(f"level {level}: {scan.name}", [] if found == expected else [found])
        two_members = gzip.compress(b"one") + gzip.compress(b"two")
        refusal = inflated_by(program, two_members, folder)
        verdicts.add("two members are refused", [] if refusal.startswith("refused") else [refusal])
    verdicts.close()


if __name__ == "__main__":
    main()
