#include "config.h"
#include "kql/names.h"

#include <stddef.h>


const char *const kql_scalar_operators[] = {
	"!=", "!between", "!contains", "!contains_cs", "!endswith", "!endswith_cs", "!has", "!has_cs", "!hasprefix",
	"!hasprefix_cs", "!hassuffix", "!hassuffix_cs", "!in", "!in~", "!startswith", "!startswith_cs", "!~", "%", "*", "+", "-",
	"/", "<", "<=", "==", "=~", ">", ">=", "and", "between", "contains", "contains_cs", "endswith", "endswith_cs", "has",
	"has_all", "has_any", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "in", "in~", "matches regex",
	"or", "startswith", "startswith_cs", NULL,
};
