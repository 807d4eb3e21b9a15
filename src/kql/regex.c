#include "config.h"
#include "kql/regex.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <glib.h>

struct kql_regex {
	pcre2_code *code;
	unsigned groups;
};

struct kql_matcher {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
};

/* Walks a pattern of KQL's dialect and writes PCRE2's. */
struct translator {
	const char *at, *end;
	GString *out;
	unsigned groups;
	const char *fault;
};

static bool refuse(struct translator *t, const char *fault)
{
	t->fault = fault;
	return false;
}

static bool looking_at(const struct translator *t, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(t->end - t->at) >= length && memcmp(t->at, text, length) == 0;
}

static void copy(struct translator *t, size_t count)
{
	g_string_append_len(t->out, t->at, (gssize)count);
	t->at += count;
}

/* \x7F \x{7F} \u007F \u{7F} \U0000007F; at is on the letter. */
static bool translate_code_point(struct translator *t)
{
	size_t count = *t->at == 'x' ? 2 : *t->at == 'u' ? 4 : 8, n = 0;
	bool braces = t->end - t->at > 1 && t->at[1] == '{';

	t->at += braces ? 2 : 1;
	g_string_append(t->out, "\\x{");
	while (t->at < t->end && g_ascii_isxdigit(*t->at) && n < (braces ? 8 : count)) {
		g_string_append_c(t->out, *t->at++);
		n++;
	}
	g_string_append_c(t->out, '}');
	if (n == 0 || (!braces && n != count) || (braces && (t->at == t->end || *t->at++ != '}')))
		return refuse(t, "a code point is written \\x7F, \\x{7F}, \\u007F or \\U0000007F");
	return true;
}

/* \p{Greek}, \pL; at is on the letter. */
static bool translate_property(struct translator *t)
{
	const char *close = t->end - t->at > 1 && t->at[1] == '{' ? memchr(t->at, '}', (size_t)(t->end - t->at)) : NULL;

	g_string_append_c(t->out, '\\');
	if (close != NULL) {
		copy(t, (size_t)(close - t->at) + 1);
		return true;
	}
	if (t->end - t->at < 2 || !g_ascii_isalpha(t->at[1]))
		return refuse(t, "a property is written \\pL or \\p{Greek}");
	copy(t, 2);
	return true;
}

static bool translate_escape(struct translator *t, bool in_class)
{
	char c;

	t->at++;
	if (t->at == t->end)
		return refuse(t, "the pattern ends in a backslash");
	c = *t->at;
	if (c == 'x' || c == 'u' || c == 'U')
		return translate_code_point(t);
	if (c == 'p' || c == 'P')
		return translate_property(t);
	if (g_ascii_isdigit(c))
		return refuse(t, "back references are not part of KQL's regular expressions");
	if (c == 'v') {
		g_string_append(t->out, "\\x0B");
		t->at++;
		return true;
	}
	if ((c == 'b' || c == 'B') && t->end - t->at > 1 && t->at[1] == '{')
		return refuse(t, "\\b{...} is not supported");
	if (g_ascii_isalpha(c) && strchr(in_class ? "dDwWsSafnrt" : "dDwWsSbBAzafnrt", c) == NULL)
		return refuse(t, "this escape is not part of KQL's regular expressions");
	if ((c == '<' || c == '>') && !in_class)
		return refuse(t, "\\< and \\> are not supported: write \\b");
	g_string_append_c(t->out, '\\');
	copy(t, (size_t)g_utf8_skip[(unsigned char)c] <= (size_t)(t->end - t->at) ? g_utf8_skip[(unsigned char)c] : 1);
	return true;
}

static bool translate_class(struct translator *t)
{
	copy(t, 1);
	if (t->at < t->end && *t->at == '^')
		copy(t, 1);
	if (t->at < t->end && *t->at == ']') {
		g_string_append(t->out, "\\]");
		t->at++;
	}
	while (t->at < t->end && *t->at != ']') {
		if (*t->at == '\\') {
			if (!translate_escape(t, true))
				return false;
		} else if (looking_at(t, "[:")) {
			const char *close = g_strstr_len(t->at, t->end - t->at, ":]");

			if (close == NULL)
				return refuse(t, "a class such as [:alpha:] is not closed");
			copy(t, (size_t)(close - t->at) + 2);
		} else if (*t->at == '[' || looking_at(t, "&&") || looking_at(t, "--") || looking_at(t, "~~")) {
			return refuse(t, "classes within classes and && -- ~~ are not supported; a literal '[' is '\\['");
		} else {
			copy(t, 1);
		}
	}
	if (t->at == t->end)
		return refuse(t, "a '[' is not closed");
	copy(t, 1);
	return true;
}

/* (?flags) and (?flags: */
static bool translate_flags(struct translator *t)
{
	bool off = false;

	g_string_append(t->out, "(?");
	for (t->at += 2; t->at < t->end && *t->at != ')' && *t->at != ':'; t->at++) {
		if (*t->at == '-' && !off) {
			off = true;
			g_string_append_c(t->out, '-');
		} else if (strchr("imsU", *t->at) != NULL) {
			g_string_append_c(t->out, *t->at);
		} else if (*t->at == 'x') {
			g_string_append(t->out, "xx");
		} else if (*t->at != 'u' || off) {
			return refuse(t, "after '(?' stands ':', a name <n>, or flags of i m s U x; there is no look-around");
		}
	}
	if (t->at == t->end)
		return refuse(t, "a '(' is not closed");
	copy(t, 1);
	return true;
}

static bool translate_group(struct translator *t)
{
	if (looking_at(t, "(*"))
		return refuse(t, "'*' repeats nothing");
	if (!looking_at(t, "(?")) {
		t->groups++;
		copy(t, 1);
		return true;
	}
	if (looking_at(t, "(?<=") || looking_at(t, "(?<!") || looking_at(t, "(?=") || looking_at(t, "(?!"))
		return refuse(t, "look-around is not part of KQL's regular expressions");
	if (looking_at(t, "(?<") || looking_at(t, "(?P<")) {
		const char *close = memchr(t->at, '>', (size_t)(t->end - t->at));

		if (close == NULL)
			return refuse(t, "a group's name is not closed");
		t->groups++;
		copy(t, (size_t)(close - t->at) + 1);
		return true;
	}
	return translate_flags(t);
}

/* {2}, {2,}, {2,5}; a literal brace must be escaped. */
static bool translate_count(struct translator *t)
{
	const char *at = t->at + 1, *digits = at;

	while (at < t->end && g_ascii_isdigit(*at))
		at++;
	if (at == digits)
		return refuse(t, "a literal '{' is written '\\{'");
	if (at < t->end && *at == ',')
		for (at++; at < t->end && g_ascii_isdigit(*at);)
			at++;
	if (at == t->end || *at != '}')
		return refuse(t, "a repetition is written {2}, {2,} or {2,5}");
	copy(t, (size_t)(at + 1 - t->at));
	return true;
}

/* One piece; sets *repeats if it is a quantifier. */
static bool translate_piece(struct translator *t, bool *repeats)
{
	*repeats = false;
	switch (*t->at) {
	case '\\':
		return translate_escape(t, false);
	case '[':
		return translate_class(t);
	case '(':
		return translate_group(t);
	case '{':
		*repeats = true;
		return translate_count(t);
	case '*':
	case '+':
	case '?':
		*repeats = true;
		copy(t, 1);
		return true;
	default:
		copy(t, 1);
		return true;
	}
}

static bool translate(struct translator *t)
{
	bool repeated = false, repeats, lazy = false;

	while (t->at < t->end) {
		/* PCRE2 would take a++ as a possessive, a*+ likewise: not what RE2's family means. */
		if (repeated && (*t->at == '*' || *t->at == '{' || *t->at == '+' || (*t->at == '?' && lazy)))
			return refuse(t, "a repetition of a repetition is not supported: put brackets around the first");
		lazy = repeated && *t->at == '?';
		if (!translate_piece(t, &repeats))
			return false;
		repeated = repeats;
	}
	return true;
}

static pcre2_code *compile(const GString *pattern, struct error *error)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	int number;
	PCRE2_SIZE offset;
	PCRE2_UCHAR message[128];
	pcre2_code *code;

	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(context, 100);
	code = pcre2_compile((PCRE2_SPTR)pattern->str, pattern->len,
		PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &number,
		&offset, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		pcre2_get_error_message(number, message, sizeof message);
		error_set(error, ERROR_USAGE, "the regular expression is not valid: %s", (const char *)message);
		return NULL;
	}
	/* Without JIT the interpreter matches just the same. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

static struct kql_regex *regex_new(const char *pattern, size_t length, unsigned groups, struct error *error)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	struct translator t = { .at = pattern, .end = pattern + length, .out = out };
	struct kql_regex *regex;
	pcre2_code *code;

	if (length > KQL_REGEX_LENGTH) {
		error_set(error, ERROR_USAGE, "the regular expression is longer than %d bytes", KQL_REGEX_LENGTH);
		return NULL;
	}
	if (!g_utf8_validate(pattern, (gssize)length, NULL)) {
		error_set(error, ERROR_USAGE, "the regular expression is not UTF-8 text");
		return NULL;
	}
	if (!translate(&t)) {
		error_set(error, ERROR_USAGE, "the regular expression is not valid: %s", t.fault);
		return NULL;
	}
	if (t.groups > groups) {
		error_set(error, ERROR_USAGE, "the regular expression has %u groups, more than %u", t.groups, groups);
		return NULL;
	}
	code = compile(out, error);
	if (code == NULL)
		return NULL;
	regex = g_new0(struct kql_regex, 1);
	regex->code = code;
	regex->groups = t.groups;
	return regex;
}

struct kql_regex *kql_regex_new(const char *pattern, size_t length, struct error *error)
{
	return regex_new(pattern, length, KQL_REGEX_GROUPS, error);
}

struct kql_regex *kql_regex_new_wide(const char *pattern, size_t length, struct error *error)
{
	return regex_new(pattern, length, KQL_REGEX_GROUPS_WIDE, error);
}

void kql_regex_free(struct kql_regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	g_free(regex);
}

unsigned kql_regex_groups(const struct kql_regex *regex)
{
	return regex->groups;
}

unsigned kql_regex_group_named(const struct kql_regex *regex, const char *name)
{
	int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);

	return number > 0 ? (unsigned)number : 0;
}

struct kql_matcher *kql_matcher_new(void)
{
	struct kql_matcher *matcher = g_new0(struct kql_matcher, 1);

	matcher->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(matcher->context, KQL_REGEX_MATCH_LIMIT);
	pcre2_set_heap_limit(matcher->context, 16 * 1024);
	matcher->stack = pcre2_jit_stack_create(32 * 1024, 1024 * 1024, NULL);
	pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
	matcher->data = pcre2_match_data_create(KQL_REGEX_GROUPS_WIDE + 1, NULL);
	return matcher;
}

void kql_matcher_free(struct kql_matcher *matcher)
{
	if (matcher == NULL)
		return;
	pcre2_match_data_free(matcher->data);
	pcre2_match_context_free(matcher->context);
	pcre2_jit_stack_free(matcher->stack);
	g_free(matcher);
}

enum kql_found kql_regex_search(const struct kql_regex *regex, struct kql_matcher *matcher, const char *text,
	size_t length, size_t start)
{
	int count = pcre2_match(regex->code, (PCRE2_SPTR)text, length, start, 0, matcher->data, matcher->context);

	if (count >= 0)
		return KQL_FOUND;
	return count == PCRE2_ERROR_NOMATCH ? KQL_NOT_FOUND : KQL_MATCH_FAILED;
}

bool kql_matcher_group(const struct kql_matcher *matcher, unsigned group, size_t *start, size_t *end)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(matcher->data);

	if (group > KQL_REGEX_GROUPS_WIDE || offsets[2 * group] == PCRE2_UNSET)
		return false;
	*start = offsets[2 * group];
	*end = offsets[2 * group + 1];
	return *end >= *start;
}
