#include "config.h"
#include "app/arguments_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "core/text.h"

bool range_parse(const char *text, uint64_t *low, uint64_t *high)
{
	char *end;

	if (!g_ascii_isdigit(*text))
		return false;
	*low = *high = g_ascii_strtoull(text, &end, 10);
	if (strncmp(end, "..", 2) == 0) {
		if (!g_ascii_isdigit(end[2]))
			return false;
		*high = g_ascii_strtoull(end + 2, &end, 10);
	}
	return *end == '\0' && *low <= *high && *high < G_MAXINT64;
}

static bool word_check(const char *text, const char *const *words, const char *what, struct error *error)
{
	const char *const *word;
	const char *near;

	for (word = words; *word != NULL; word++)
		if (strcmp(*word, text) == 0)
			return true;
	AUTO(g_free) char *all = g_strjoinv(", ", (char **)words);
	near = text_nearest(text, words);
	error_set(error, ERROR_USAGE, "%s '%s' is none of %s", what, text, all);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
	return false;
}

bool value_read(struct value *value, enum value_kind kind, const char *const *words, const char *what,
	struct error *error)
{
	char *end;

	switch (kind) {
	case VALUE_NUMBER:
		value->number = (int64_t)g_ascii_strtoull(value->text, &end, 10);
		if (!g_ascii_isdigit(value->text[0]) || *end != '\0' || value->number < 0 || value->number == G_MAXINT64)
			return error_set(error, ERROR_USAGE, "%s '%s' is not a whole number", what, value->text);
		return true;
	case VALUE_RANGE:
		if (!range_parse(value->text, &value->low, &value->high))
			return error_set(error, ERROR_USAGE, "%s '%s' is neither a number nor LOW..HIGH", what, value->text);
		return true;
	case VALUE_DURATION:
		if (!duration_parse(value->text, &value->number))
			return error_set(error, ERROR_USAGE, "%s '%s' is not a duration such as 30s, 15m or 2h", what,
				value->text);
		return true;
	case VALUE_WORD:
		return word_check(value->text, words, what, error);
	case VALUE_FILE:
		if (value->text[0] == '\0')
			return error_set(error, ERROR_USAGE, "%s is empty", what);
		return true;
	default:
		return true;
	}
}
