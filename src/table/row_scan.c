#include "config.h"
#include "table/row_scan.h"

#include <string.h>

#include "table/row_text.h"

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* Digits at *at, at least one: moves on behind them. */
static bool take_digits(const char **at, const char *end)
{
	const char *digits = *at;

	*at = skip_digits(digits, end);
	return *at != digits;
}

const char *row_number_end(const char *at, const char *end, bool *whole, const char **wrong)
{
	*whole = true;
	at += *at == '-';
	*wrong = at;
	if (at < end && *at == '0')
		at++;
	else if (!take_digits(&at, end) && at < end)
		return NULL;
	if (at < end && *at == '.') {
		*whole = false;
		*wrong = ++at;
		if (!take_digits(&at, end) && at < end)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		*whole = false;
		at++;
		at += at < end && (*at == '+' || *at == '-');
		*wrong = at;
		if (!take_digits(&at, end) && at < end)
			return NULL;
	}
	return at;
}

int64_t row_small_integer(const char *text, size_t length)
{
	int64_t value = 0;

	for (size_t n = text[0] == '-'; n < length; n++)
		value = value * 10 + (text[n] - '0');
	return text[0] == '-' ? -value : value;
}

/* A plain text; NULL if it is none. */
static const char *plain_text_end(const char *at, const char *end)
{
	bool plain = true, fault = false;
	const char *close;

	if (at == end || *at != '"')
		return NULL;
	at++;
	close = row_text_end(&at, end, &plain, &fault);
	return close != NULL && plain ? close + 1 : NULL;
}

const char *row_word_end(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(end - at) >= length && memcmp(at, word, length) == 0 ? at + length : NULL;
}

/* A value that is no array or object. */
static const char *scalar_end(const char *at, const char *end)
{
	const char *wrong, *number;
	bool whole;

	switch (at < end ? *at : '\0') {
	case '"':
		return plain_text_end(at, end);
	case 't':
		return row_word_end(at, end, "true");
	case 'f':
		return row_word_end(at, end, "false");
	case 'n':
		return row_word_end(at, end, "null");
	default:
		if (at == end || (*at != '-' && (*at < '0' || *at > '9')))
			return NULL;
		number = row_number_end(at, end, &whole, &wrong);
		return number != NULL && number < end && number - at <= 512 ? number : NULL;
	}
}

/* In an object a name and its colon stand before the value. */
static const char *name_end(const char *at, const char *end)
{
	at = plain_text_end(at, end);
	return at != NULL && at < end && *at == ':' ? at + 1 : NULL;
}

const char *row_compact_end(const char *at, const char *end, unsigned depth)
{
	uint64_t objects = 0; /* by depth: whether it is an object */
	unsigned open = 0;
	bool fresh = false;   /* a bracket was just opened */

	for (;;) {
		/* A value, or the end of what has none. */
		if (fresh && at < end && *at == ((objects & 1) != 0 ? '}' : ']')) {
			objects >>= 1;
			open--;
			at++;
		} else {
			if (open != 0 && (objects & 1) != 0)
				at = name_end(at, end);
			if (at == NULL || at == end)
				return NULL;
			fresh = *at == '[' || *at == '{';
			if (fresh) {
				if (++open > depth)
					return NULL;
				objects = objects << 1 | (*at == '{');
				at++;
				continue;
			}
			at = scalar_end(at, end);
		}
		fresh = false;
		while (at != NULL && open != 0 && at < end && *at == ((objects & 1) != 0 ? '}' : ']')) {
			objects >>= 1;
			open--;
			at++;
		}
		if (at == NULL || open == 0)
			return at;
		if (at == end || *at != ',')
			return NULL;
		at++;
	}
}
