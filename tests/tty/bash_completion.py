"""The completion file for bash: what it offers, in a bash of its own."""
import os
import shutil
import subprocess
import sys
import tempfile

FILE = os.path.join(os.environ.get("srcdir", "."), "completions", "cordon")
SCRIPT = r'''
. "$1"
COMP_WORDS=(cordon "${@:2}")
COMP_CWORD=$(($# - 1))
COMP_LINE="${COMP_WORDS[*]}"
COMP_POINT=${#COMP_LINE}
_cordon
printf '%s\n' "${COMPREPLY[@]}"
'''
CONFIG = "[profile contoso]\ntenant = x\n[policy]\n[profile fabrikam]\n"
CASES = [
    (["--pro"], ["--profile"]),
    (["--d"], ["--dry-run", "--demo"]),
    (["-p", ""], ["contoso", "fabrikam"]),
    (["--profile", "f"], ["fabrikam"]),
    (["-o", "j"], ["json"]),
    (["-f", "pla"], ["play.cordon"]),
    (["-c", ""], []),
]

if shutil.which("bash") is None:
    print("1..0 # SKIP bash is not installed")
    sys.exit(0)
print("1..%d" % len(CASES))
failed = 0
with tempfile.TemporaryDirectory(dir=os.environ.get("builddir", ".")) as place:
    os.makedirs(os.path.join(place, "cordon"))
    with open(os.path.join(place, "cordon", "config"), "w") as config:
        config.write(CONFIG)
    open(os.path.join(place, "play.cordon"), "w").close()
    for number, (words, wanted) in enumerate(CASES, 1):
        got = subprocess.run(["bash", "--norc", "-c", SCRIPT, "bash", FILE] + words, cwd=place, text=True,
                             env=dict(os.environ, XDG_CONFIG_HOME=place), capture_output=True)
        found = got.stdout.split()
        good = found == wanted and got.stderr == ""
        failed += not good
        print("%sok %d - cordon %s" % ("" if good else "not ", number, " ".join(words)))
        if not good:
            print("# wanted %r, got %r %s" % (wanted, found, got.stderr.strip()))
sys.exit(failed > 0)
