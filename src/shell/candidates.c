#include "config.h"
#include "shell/candidates.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "app/words.h"
#include "core/text.h"

struct search {
	const struct command *const *table;
	const char *line;
	size_t cursor;
	struct context context;
	char *word; /* what is there of the word, quotes resolved */
	candidates_fn *values;
	candidates_kql_fn *kql;
	void *data;
	struct candidates *found;
};

/* The word typed so far without its open quote and escapes. */
static char *search_word(const struct search *search)
{
	const char *at = search->line + search->context.start;
	const char *end = search->line + search->cursor;
	char quote = search->context.quote;
	GString *word = g_string_new(NULL);

	if (quote != '\0' && at < end && *at == quote)
		at++;
	for (; at < end; at++) {
		if (quote == '"' && *at == '\\' && at + 1 < end && (at[1] == '"' || at[1] == '\\'))
			at++;
		g_string_append_c(word, *at);
	}
	return g_string_free(word, FALSE);
}

static bool has_prefix(const char *value, const char *prefix, bool fold)
{
	AUTO(g_free) char *folded_value = NULL;
	AUTO(g_free) char *folded_prefix = NULL;

	if (!fold)
		return g_str_has_prefix(value, prefix);
	folded_value = text_fold(value, strlen(value));
	folded_prefix = text_fold(prefix, strlen(prefix));
	return g_str_has_prefix(folded_value, folded_prefix);
}

static void found_add(struct search *search, const char *text)
{
	g_ptr_array_add(search->found->texts, g_strdup(text));
}

/* A value as a word, in the kind of quotes that the user has begun if that kind can hold it. */
static void found_add_value(struct search *search, const char *value, bool open)
{
	AUTO(g_string) GString *text = g_string_new(NULL);
	AUTO(g_free) char *safe = text_safe(value);
	char quote = search->context.quote;

	/* Names from the tenant or the file system that cannot be shown as they are cannot be typed either. */
	if (strcmp(safe, value) != 0)
		return;
	if (quote != '\0' && strpbrk(value, quote == '"' ? "\"\\$" : "'") == NULL)
		g_string_append_printf(text, "%c%s%c", quote, value, quote);
	else
		words_append_quoted(text, value);
	if (open && text->len > 0 && strchr("'\"", text->str[text->len - 1]) != NULL)
		g_string_truncate(text, text->len - 1);
	found_add(search, text->str);
}

static void add_list(struct search *search, const char *const *list, bool fold)
{
	for (; list != NULL && *list != NULL; list++)
		if (has_prefix(*list, search->word, fold))
			found_add_value(search, *list, false);
}

/* First words, or second words of those whose first is context.prefix. */
static void add_command_name(struct search *search, const char *name)
{
	const char *first = search->context.prefix;
	const char *blank = strchr(name, ' ');
	AUTO(g_free) char *part = NULL;

	if (first == NULL)
		part = blank != NULL ? g_strndup(name, (gsize)(blank - name)) : g_strdup(name);
	else if (blank != NULL && strncmp(name, first, (size_t)(blank - name)) == 0 &&
		first[blank - name] == '\0')
		part = g_strdup(blank + 1);
	if (part != NULL && g_str_has_prefix(part, search->word))
		found_add(search, part);
}

static void add_commands(struct search *search)
{
	for (size_t i = 0; search->table[i] != NULL; i++) {
		const struct command *command = search->table[i];

		add_command_name(search, command->name);
		/* An alias says nothing new to one who has not begun to type it. */
		for (size_t k = 0; search->word[0] != '\0' && command->aliases != NULL && command->aliases[k] != NULL; k++)
			add_command_name(search, command->aliases[k]);
	}
}

static bool line_has_word(const struct search *search, const char *option)
{
	AUTO(g_free) char *before = g_strndup(search->line, search->context.start);
	struct words words;
	struct word word;
	bool found = false, end = false;

	words_init(&words, before, NULL);
	while (!found && !end && words_next(&words, &word, NULL)) {
		end = word.kind == WORD_END;
		found = word.kind == WORD_TEXT && !word.quoted && g_str_has_prefix(word.text, option) &&
			(word.text[strlen(option)] == '\0' || word.text[strlen(option)] == '=');
		word_clear(&word);
	}
	return found;
}

static void add_options(struct search *search)
{
	const struct command_option *option;

	if (search->context.command == NULL)
		return;
	for (unsigned i = 0; (option = command_option_nth(search->context.command, i)) != NULL; i++) {
		AUTO(g_free) char *text = g_strconcat("--", option->name, NULL);

		if (g_str_has_prefix(text, search->word) && !line_has_word(search, text))
			found_add(search, text);
	}
	if (g_str_has_prefix("--help", search->word))
		found_add(search, "--help");
}

static void add_file(struct search *search, const char *dir, const char *shown, const char *name)
{
	AUTO(g_free) char *path = g_build_filename(dir, name, NULL);
	AUTO(g_free) char *text = g_strconcat(shown, name, NULL);
	struct stat info;

	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
		AUTO(g_free) char *open = g_strconcat(text, "/", NULL);

		search->found->open = true;
		found_add_value(search, open, true);
	} else {
		found_add_value(search, text, false);
	}
}

static void add_files(struct search *search)
{
	const char *slash = strrchr(search->word, '/');
	AUTO(g_free) char *shown = slash != NULL ? g_strndup(search->word, (gsize)(slash - search->word) + 1) : g_strdup("");
	const char *prefix = slash != NULL ? slash + 1 : search->word;
	const char *dir = shown[0] != '\0' ? shown : ".";
	DIR *entries = opendir(dir);
	const struct dirent *entry;

	while (entries != NULL && (entry = readdir(entries)) != NULL) {
		const char *name = entry->d_name;

		if (!g_str_has_prefix(name, prefix) || (name[0] == '.' && prefix[0] != '.') || strcmp(name, ".") == 0 ||
			strcmp(name, "..") == 0)
			continue;
		if (search->found->texts->len >= CANDIDATES_LIMIT) {
			search->found->more = true;
			break;
		}
		add_file(search, dir, shown, name);
	}
	if (entries != NULL)
		closedir(entries);
	/* Where a file stands beside a directory, the one that is left decides. */
	if (search->found->open && search->found->texts->len > 1)
		search->found->open = false;
}

static void add_values(struct search *search, enum completion kind)
{
	AUTO(g_ptr_array_unref) GPtrArray *values = g_ptr_array_new_with_free_func(g_free);

	search->values(search->data, kind, search->word, CANDIDATES_LIMIT + 1, values);
	for (guint i = 0; i < values->len && i < CANDIDATES_LIMIT; i++)
		found_add_value(search, values->pdata[i], false);
	search->found->more = values->len > CANDIDATES_LIMIT;
}

static void add_completion(struct search *search, enum completion kind)
{
	switch (kind) {
	case COMPLETE_NOTHING:
	case COMPLETE_PREDICATE:
	case COMPLETE_QUERY:
	case COMPLETE_PIPELINE:
		break;
	case COMPLETE_FILES:
		add_files(search);
		break;
	case COMPLETE_WORDS:
		add_list(search, search->context.words, false);
		break;
	case COMPLETE_COMMANDS:
		add_commands(search);
		break;
	default:
		add_values(search, kind);
		break;
	}
}

/* KQL is never quoted: what may stand there as it is. */
static void add_kql(struct search *search)
{
	AUTO(g_free) char *text = g_strndup(search->line + search->context.kql, search->cursor - search->context.kql);
	AUTO(g_ptr_array_unref) GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	size_t start = strlen(text), program;

	words_kql_end(text, &program);
	if (program != 0 || search->kql == NULL)
		return;
	search->kql(search->data, search->context.completion, text, texts, &start);
	search->found->start = search->context.kql + start;
	for (guint i = 0; i < texts->len; i++) {
		AUTO(g_free) char *safe = text_safe(texts->pdata[i]);

		if (i >= CANDIDATES_LIMIT)
			search->found->more = true;
		else if (strcmp(safe, texts->pdata[i]) == 0) /* what cannot be shown cannot be typed */
			found_add(search, texts->pdata[i]);
	}
}

static void add_all(struct search *search)
{
	switch (search->context.kind) {
	case CONTEXT_NOTHING:
		break;
	case CONTEXT_COMMAND:
		add_commands(search);
		break;
	case CONTEXT_OPTION:
		add_options(search);
		break;
	case CONTEXT_VALUE:
	case CONTEXT_OPERAND:
		add_completion(search, search->context.completion);
		break;
	case CONTEXT_KQL:
		add_kql(search);
		break;
	case CONTEXT_FILE:
		add_files(search);
		break;
	case CONTEXT_VARIABLE:
		add_values(search, COMPLETE_VARIABLES);
		break;
	}
}

static gint text_order(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void found_tidy(struct candidates *found)
{
	g_ptr_array_sort(found->texts, text_order);
	for (guint i = found->texts->len; i > 1; i--)
		if (strcmp(found->texts->pdata[i - 1], found->texts->pdata[i - 2]) == 0)
			g_ptr_array_remove_index(found->texts, i - 1);
	if (found->texts->len == 1) {
		const char *text = found->texts->pdata[0];

		found->open = found->open || (*text != '\0' && strchr("(=.", text[strlen(text) - 1]) != NULL);
	}
}

struct candidates *candidates_find(const struct command *const *table, const char *line, size_t cursor,
	candidates_fn *values, candidates_kql_fn *kql, void *data)
{
	struct search search = { .table = table, .line = line, .cursor = cursor, .values = values, .kql = kql, .data = data };

	search.found = g_new0(struct candidates, 1);
	search.found->texts = g_ptr_array_new_with_free_func(g_free);
	words_context(table, line, cursor, &search.context);
	/* The texts bring their own opening quote. */
	search.found->start = search.context.start;
	if (search.context.quote != '\0' && search.found->start > 0 && line[search.found->start - 1] == search.context.quote)
		search.found->start--;
	if (search.context.start <= cursor) {
		search.word = search_word(&search);
		add_all(&search);
		found_tidy(search.found);
	}
	g_free(search.word);
	return search.found;
}

void candidates_free(struct candidates *candidates)
{
	if (candidates == NULL)
		return;
	g_ptr_array_unref(candidates->texts);
	g_free(candidates);
}
