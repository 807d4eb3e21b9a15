#!/bin/sh
# Builds the rooms and the harnesses with clang's fuzzer and sanitizers in fuzz/clang below the build directory, and runs each
# harness for FUZZ_SECONDS. What it finds stays in fuzz/clang/found; what is new in coverage in fuzz/clang/corpus.
# `make fuzz` calls this with FUZZ_CC, FUZZ_FLAGS, FUZZ_LIBS and the names of the sources; FUZZ_ONLY limits it to some harnesses.
set -eu

if test -z "${FUZZ_CC:-}"; then
	echo 'make fuzz: configure found no clang with -fsanitize=fuzzer; install clang, or give FUZZ_CC=... to configure' >&2
	exit 1
fi
out=fuzz/clang
sanitize='-fsanitize=address,undefined -fno-sanitize-recover=undefined'
flags="-g -O1 -std=gnu11 -fno-omit-frame-pointer $sanitize"
targets=$(sed -n 's/^\tX(\([a-z_]*\)).*/\1/p' "$srcdir/fuzz/targets.h")
mkdir -p "$out/found"

newer=$(find "$srcdir/src" "$srcdir/fuzz" config.h -name '*.h' -newer "$out/stamp" 2>/dev/null | head -n 1 || :)
test -e "$out/stamp" -a -z "$newer" || find "$out" -name '*.o' -exec rm -f {} +
for source; do
	case $source in *.h) continue ;; esac
	object=$out/$(echo "$source" | sed 's/\//-/g; s/\.c$/.o/')
	test -n "$(find "$object" -newer "$srcdir/$source" 2>/dev/null)" || echo "$source $object"
done | xargs -r -n 2 -P "${FUZZ_JOBS:-2}" sh -c '
	echo "  FUZZ_CC  $5"
	exec $1 $2 $3 -fsanitize=fuzzer-no-link -c "$4/$5" -o "$6"' sh "$FUZZ_CC" "$FUZZ_FLAGS" "$flags" "$srcdir"
rm -f "$out/rooms.a"
ar cr "$out/rooms.a" "$out"/src-*.o
touch "$out/stamp"

failed=
for target in ${FUZZ_ONLY:-$targets}; do
	mkdir -p "$out/corpus/$target"
	$FUZZ_CC $FUZZ_FLAGS $flags -fsanitize=fuzzer "$srcdir/fuzz/$target.c" "$out/rooms.a" $FUZZ_LIBS -o "$out/$target"
	echo "== $target for ${FUZZ_SECONDS:-20} s"
	dictionary=
	test ! -e "$srcdir/fuzz/$target.dict" || dictionary=-dict=$srcdir/fuzz/$target.dict
	G_SLICE=always-malloc "$out/$target" -max_total_time="${FUZZ_SECONDS:-20}" -timeout=20 -rss_limit_mb=2048 \
		-max_len="${FUZZ_LENGTH:-4096}" -print_final_stats=1 -verbosity="${FUZZ_VERBOSITY:-0}" $dictionary \
		-artifact_prefix="$out/found/$target-" "$out/corpus/$target" "$srcdir/fuzz/corpus/$target" ||
		failed="$failed $target"
done
if test -n "$failed"; then
	echo "make fuzz: faults found by:$failed (the inputs are in $out/found; replay: fuzz/replay NAME FILE)" >&2
	exit 1
fi
