/* URLs, file paths, command lines taken apart (dataexplorer-docs, parse-url*.md, parse-path-function.md,
 * parse-command-line-function.md). */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

static void member(GString *out, const char *name, struct kql_slice value)
{
	if (out->len > 1)
		g_string_append_c(out, ',');
	kql_json_append_string(out, name, strlen(name));
	g_string_append_c(out, ':');
	kql_json_append_string(out, value.text, value.length);
}

/* What stands before the mark; rest goes on behind it. The whole, and nothing left, if the mark is not there. */
static struct kql_slice cut(struct kql_slice *rest, char mark)
{
	const char *place = rest->length != 0 ? memchr(rest->text, mark, rest->length) : NULL;
	struct kql_slice before = *rest;

	if (place == NULL) {
		*rest = (struct kql_slice){ "", 0 };
		return before;
	}
	before.length = (size_t)(place - rest->text);
	rest->length -= before.length + 1;
	rest->text = place + 1;
	return before;
}

/* What stands behind the last mark, taken off the text. */
static struct kql_slice cut_last(struct kql_slice *text, char mark, bool *found)
{
	size_t at = text->length;
	struct kql_slice after = { "", 0 };

	while (at > 0 && text->text[at - 1] != mark)
		at--;
	*found = at != 0;
	if (at == 0)
		return after;
	after = (struct kql_slice){ text->text + at, text->length - at };
	text->length = at - 1;
	return after;
}

static void append_query(GString *out, struct kql_slice query)
{
	AUTO(g_string) GString *bag = g_string_new("{");

	while (query.length != 0) {
		struct kql_slice pair = cut(&query, '&'), name = cut(&pair, '=');

		if (name.length == 0)
			continue;
		if (bag->len > 1)
			g_string_append_c(bag, ',');
		kql_json_append_string(bag, name.text, name.length);
		g_string_append_c(bag, ':');
		kql_json_append_string(bag, pair.text, pair.length);
	}
	g_string_append_c(bag, '}');
	if (out->len > 1)
		g_string_append_c(out, ',');
	g_string_append(out, "\"Query Parameters\":");
	g_string_append_len(out, bag->str, (gssize)bag->len);
}

/* scheme://user:password@host:port/path?query#fragment */
CALL(call_parse_url)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), scheme = { "", 0 }, authority, user = scheme, password, path;
	struct kql_slice query, fragment, port = scheme, whole;
	const char *mark = g_strstr_len(text.text, (gssize)text.length, "://");
	AUTO(g_string) GString *out = g_string_new("{");
	bool found;

	(void)node;
	if (mark != NULL) {
		scheme = (struct kql_slice){ text.text, (size_t)(mark - text.text) };
		text.text = mark + 3;
		text.length -= scheme.length + 3;
	}
	fragment = text;
	text = cut(&fragment, '#');
	query = text;
	path = cut(&query, '?');
	authority = mark != NULL ? cut(&path, '/') : (struct kql_slice){ "", 0 };
	whole = authority;
	authority = cut_last(&whole, '@', &found);
	if (found)
		user = whole;
	else
		authority = whole;
	password = user;
	user = cut(&password, ':');
	/* An IPv6 address stands in brackets. */
	if (authority.length != 0 && authority.text[authority.length - 1] != ']') {
		port = cut_last(&authority, ':', &found);
		if (!found)
			port = (struct kql_slice){ "", 0 };
	}
	member(out, "Scheme", scheme);
	member(out, "Host", authority);
	member(out, "Port", port);
	member(out, "Path", path);
	member(out, "Username", user);
	member(out, "Password", password);
	append_query(out, query);
	member(out, "Fragment", fragment);
	g_string_append_c(out, '}');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* What stands behind '?' in a URL, or such a text alone. */
CALL(call_parse_urlquery)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), query = text, before;
	AUTO(g_string) GString *out = g_string_new("{");

	(void)node;
	before = cut(&query, '?');
	if (before.length == text.length)
		query = text;
	query = cut(&query, '#');
	append_query(out, query);
	g_string_append_c(out, '}');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static struct kql_slice behind_slash(struct kql_slice *directory)
{
	struct kql_slice name = *directory;

	for (size_t at = directory->length; at > 0; at--)
		if (directory->text[at - 1] == '/' || directory->text[at - 1] == '\\') {
			name = (struct kql_slice){ directory->text + at, directory->length - at };
			directory->length = at - 1;
			return name;
		}
	directory->length = 0;
	return name;
}

CALL(call_parse_path)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), scheme = { "", 0 }, root = scheme, stream = scheme;
	struct kql_slice directory, parent, name, file, extension;
	const char *mark = g_strstr_len(text.text, (gssize)text.length, "://");
	AUTO(g_string) GString *out = g_string_new("{");
	bool found;

	(void)node;
	if (mark != NULL) {
		scheme = (struct kql_slice){ text.text, (size_t)(mark - text.text) };
		text.text = mark + 3;
		text.length -= scheme.length + 3;
	}
	directory = text;
	file = behind_slash(&directory);
	if (file.length != 0 && memchr(file.text, ':', file.length) != NULL && directory.length != 0) {
		stream = file;
		file = cut(&stream, ':');
	}
	/* \\?\C:\... and C:\... */
	name = text;
	if (name.length > 4 && memcmp(name.text, "\\\\?\\", 4) == 0) {
		name.text += 4;
		name.length -= 4;
	}
	if (name.length > 1 && g_ascii_isalpha(name.text[0]) && name.text[1] == ':')
		root = (struct kql_slice){ name.text, 2 };
	parent = directory;
	name = behind_slash(&parent);
	if (name.length == root.length && root.length != 0 && memcmp(name.text, root.text, 2) == 0)
		name = (struct kql_slice){ "", 0 };
	extension = cut_last(&(struct kql_slice){ file.text, file.length }, '.', &found);
	member(out, "Scheme", scheme);
	member(out, "RootPath", root);
	member(out, "DirectoryPath", directory);
	member(out, "DirectoryName", name);
	member(out, "Filename", file);
	member(out, "Extension", extension);
	member(out, "AlternateDataStreamName", stream);
	g_string_append_c(out, '}');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* One argument as Windows' CommandLineToArgvW reads it. The first one, the program, knows no backslashes. */
static void read_argument(struct kql_slice text, size_t *at, bool program, GString *out)
{
	bool quoted = false;

	while (*at < text.length && (quoted || (text.text[*at] != ' ' && text.text[*at] != '\t'))) {
		size_t slashes = 0;

		while (!program && *at + slashes < text.length && text.text[*at + slashes] == '\\')
			slashes++;
		if (slashes != 0) {
			bool quote = *at + slashes < text.length && text.text[*at + slashes] == '"';

			*at += slashes;
			for (size_t n = 0; n < (quote ? slashes / 2 : slashes); n++)
				g_string_append_c(out, '\\');
			if (quote && slashes % 2 == 1)
				g_string_append_c(out, text.text[(*at)++]);
		} else if (text.text[*at] == '"') {
			/* Two quotes within quotes are one. */
			if (!program && quoted && *at + 1 < text.length && text.text[*at + 1] == '"') {
				g_string_append_c(out, '"');
				(*at)++;
			} else {
				quoted = !quoted;
			}
			(*at)++;
		} else {
			g_string_append_c(out, text.text[(*at)++]);
		}
	}
}

CALL(call_parse_command_line)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	AUTO(g_string) GString *out = g_string_new("["), *argument = g_string_new(NULL);
	size_t at = 0;
	bool program = true;

	(void)node;
	while (at < text.length) {
		if (text.text[at] == ' ' || text.text[at] == '\t') {
			at++;
			continue;
		}
		g_string_truncate(argument, 0);
		read_argument(text, &at, program, argument);
		program = false;
		if (out->len > 1)
			g_string_append_c(out, ',');
		kql_json_append_string(out, argument->str, argument->len);
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static bool check_command_line(struct kql_scope *scope, struct kql_node *node)
{
	const char *kind = kql_constant_text(scope, node, 1);

	if (kind == NULL)
		return false;
	return g_ascii_strcasecmp(kind, "windows") == 0 ||
		kql_node_fault(scope, node->args[1], "the one kind of command line is \"windows\"");
}

const struct kql_function kql_path_functions[] = {
	{ "parse_url", "text", "s", 'B', false, call_parse_url, NULL, NULL },
	{ "parseurl", "text", "s", 'B', false, call_parse_url, NULL, NULL },
	{ "parse_urlquery", "text", "s", 'B', false, call_parse_urlquery, NULL, NULL },
	{ "parseurlquery", "text", "s", 'B', false, call_parse_urlquery, NULL, NULL },
	{ "parse_path", "text", "s", 'B', false, call_parse_path, NULL, NULL },
	{ "parse_command_line", "text, \"windows\"", "ss!", 'A', false, call_parse_command_line, NULL, check_command_line },
	{ "parse_xml", "text", "s", 'B', false, kql_call_parse_xml, NULL, NULL },
	{ .name = NULL },
};
