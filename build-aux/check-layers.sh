#!/bin/sh
# Who may include whom (doc/DESIGN.md, "Rooms"): fails on an include that points up or at a sibling, on a library used
# outside its room, and on banned calls. TAP on standard output.
src=${srcdir:-.}/src
count=0
failed=0

report()
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		failed=1
		echo "not ok $count - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

# room ROOM ALLOWED...: files of ROOM include only headers of ROOM and of ALLOWED.
room()
{
	pattern=$(echo "$@" | tr ' ' '|')
	report "$1 includes only: $*" \
		"$(grep -rnE '^#include "[a-z]+/' "$src/$1" | grep -vE "#include \"($pattern)/" | sed "s|$src/||")"
}

room core
room table core
room kql table core
room net table core
room defender net table core
room fleet kql table core
room journal table core
room engine defender net fleet kql journal table core
room app engine defender net fleet kql journal table core
room commands app engine defender net fleet kql journal table core
room shell commands app engine defender net fleet kql journal table core
room sim kql table core

# only HEADER WHERE...: a library's header is included only by the files given.
only()
{
	header=$1
	shift
	pattern=$(echo "$@" | tr ' ' '|')
	report "$header only in $*" \
		"$(grep -rnE "^#include <$header" "$src" | sed "s|$src/||" | grep -vE "^($pattern)")"
}

only readline shell/input.c shell/complete.c
only curl net/
only csv.h table/
only microhttpd sim/
only pcre2 kql/

# calls PATTERN: where a call stands, words inside string literals left out.
calls()
{
	find "$src" -name '*.[ch]' | sort | while read -r file; do
		sed 's/"[^"]*"/""/g' "$file" | grep -nE "$1" | sed "s|^|${file#"$src"/}:|"
	done
}

report "banned calls" "$(calls \
	'(^|[^a-z_])(sprintf|strcpy|strcat|strncpy|strtok|atoi|gets|system|alloca|localtime|gmtime)[[:space:]]*\(')"
report "standard output only in app/output, the program's own help and the simulator" \
	"$(grep -rnE '(^|[^a-z_f])(printf|puts|putchar)[[:space:]]*\(|[(, ]stdout[,; )]' "$src" --include='*.c' |
		sed "s|$src/||" | grep -vE '^(app/output|main\.c|sim/)')"
report "typedef'd structs" "$(grep -rnE '^typedef struct' "$src" | sed "s|$src/||")"

echo "1..$count"
exit $failed
