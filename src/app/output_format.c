/* Results as table, line, csv and json. */
#include "config.h"
#include "app/output_internal.h"

#include <string.h>

#include "core/text.h"
#include "table/sheet.h"

#define COLUMN_GAP 2
#define COLUMN_LEAST 8 /* a column that is cut keeps so many places */

static const char *cell(const struct result *result, size_t row, size_t column)
{
	return result_cell_text(result, row, column);
}

static const struct result_title *title(const struct result *result, size_t column)
{
	return &g_array_index(result->columns, struct result_title, column);
}

static size_t safe_width(GString *scratch, const char *text)
{
	g_string_truncate(scratch, 0);
	text_append_safe(scratch, text, strlen(text));
	return text_width(scratch->str);
}

static size_t total_width(const size_t *widths, size_t columns)
{
	size_t total = 0;

	for (size_t i = 0; i < columns; i++)
		total += widths[i] + (i > 0 ? COLUMN_GAP : 0);
	return total;
}

/* Takes from the widest column from `from` on that may be cut, until the row fits; from names only if they are told. */
static bool cut_widths(const struct result *result, size_t *widths, size_t from, size_t columns, bool names,
	unsigned wanted)
{
	for (size_t total = total_width(widths, columns); total > wanted; total--) {
		size_t widest = columns;

		for (size_t i = from; i < columns; i++)
			if ((title(result, i)->flags & RESULT_CUT) && widths[i] > COLUMN_LEAST &&
			    (names || !(title(result, i)->flags & RESULT_NAME)) &&
			    (widest == columns || widths[i] > widths[widest]))
				widest = i;
		if (widest == columns)
			return false;
		widths[widest]--;
	}
	return true;
}

/* Makes rows fit: other columns are cut before the first, which names the thing, and before other names; if that is not
 * enough, columns are left out from the right; names are cut only where no two columns fit whole, the first last of all.
 * Returns how many columns are shown. */
static size_t fit_widths(const struct result *result, size_t *widths, unsigned wanted)
{
	size_t all = result->columns->len, columns;
	AUTO(g_free) size_t *natural = g_memdup2(widths, (all + 1) * sizeof *widths);

	for (unsigned names = 0; names <= 1; names++)
		for (columns = all; columns > 1; columns--) {
			memcpy(widths, natural, all * sizeof *widths);
			if (cut_widths(result, widths, 1, columns, names, wanted) ||
			    (names && columns == 2 && cut_widths(result, widths, 0, columns, true, wanted)))
				return columns;
		}
	cut_widths(result, widths, 0, columns, true, wanted);
	return columns;
}

static size_t *measure(const struct result *result, unsigned wanted, size_t *shown)
{
	size_t columns = result->columns->len, rows = result_rows(result), row, i, width;
	size_t *widths = g_new0(size_t, columns + 1);
	AUTO(g_string) GString *scratch = g_string_new(NULL);

	for (i = 0; i < columns; i++)
		widths[i] = text_width(title(result, i)->title);
	for (row = 0; row < rows; row++)
		for (i = 0; i < columns; i++) {
			width = safe_width(scratch, cell(result, row, i));
			if (width > widths[i])
				widths[i] = width;
		}
	*shown = wanted > 0 ? fit_widths(result, widths, wanted) : columns;
	return widths;
}

static void pad(GString *line, size_t count)
{
	while (count-- > 0)
		g_string_append_c(line, ' ');
}

static void trim(GString *line)
{
	while (line->len > 0 && line->str[line->len - 1] == ' ')
		g_string_truncate(line, line->len - 1);
}

static void append_cell(GString *line, const struct result *result, size_t column, const char *text, size_t width,
	GString *scratch)
{
	size_t taken = safe_width(scratch, text);

	if (column > 0)
		pad(line, COLUMN_GAP);
	if (taken > width) {
		g_string_truncate(scratch, text_fit(scratch->str, width - 1));
		g_string_append_c(scratch, '~');
		taken = text_width(scratch->str);
	}
	if (title(result, column)->flags & RESULT_RIGHT)
		pad(line, width - taken);
	g_string_append(line, scratch->str);
	if (!(title(result, column)->flags & RESULT_RIGHT))
		pad(line, width - taken);
}

/* Lines of text for people, broken to the width if there is one. */
static void write_text(FILE *file, const struct output_style *style, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		AUTO(g_free) char *line = g_strndup(text, length);
		AUTO(g_free) char *wrapped = style->width > 0 ? text_wrap(line, style->width) : NULL;

		fprintf(file, "%s%s", wrapped != NULL ? wrapped : line, text[length] != '\0' ? "\n" : "");
		text += length + (text[length] != '\0');
	}
}

static void write_left_out(FILE *file, const struct output_style *style, const struct result *result, size_t shown)
{
	AUTO(g_string) GString *line = g_string_new("not shown for want of room:");
	AUTO(g_string) GString *scratch = g_string_new(NULL);

	for (size_t i = shown; i < result->columns->len; i++) {
		safe_width(scratch, title(result, i)->title);
		g_string_append_printf(line, "%s %s", i > shown ? "," : "", scratch->str);
	}
	g_string_append_c(line, '\n');
	write_text(file, style, line->str);
}

static void write_table(FILE *file, const struct output_style *style, const struct result *result)
{
	AUTO(g_string) GString *line = g_string_new(NULL), *scratch = g_string_new(NULL);
	size_t rows = result_rows(result), shown, row, i;
	AUTO(g_free) size_t *widths = measure(result, style->width, &shown);

	if (rows == 0)
		return;
	for (i = 0; i < shown; i++)
		append_cell(line, result, i, title(result, i)->title, widths[i], scratch);
	trim(line);
	if (style->bold)
		fprintf(file, "\033[1m%s\033[0m\n", line->str);
	else
		fprintf(file, "%s\n", line->str);
	for (row = 0; row < rows; row++) {
		g_string_truncate(line, 0);
		for (i = 0; i < shown; i++)
			append_cell(line, result, i, cell(result, row, i), widths[i], scratch);
		trim(line);
		g_string_append_c(line, '\n');
		fwrite(line->str, 1, line->len, file);
	}
	if (shown < result->columns->len)
		write_left_out(file, style, result, shown);
}

static void write_lines(FILE *file, const struct result *result)
{
	AUTO(g_string) GString *scratch = g_string_new(NULL);
	size_t rows = result_rows(result), row, i;

	for (row = 0; row < rows; row++) {
		if (row > 0)
			fputc('\n', file);
		for (i = 0; i < result->columns->len; i++) {
			safe_width(scratch, cell(result, row, i));
			fprintf(file, "%s: %s\n", title(result, i)->title, scratch->str);
		}
	}
}

bool output_lone_value(const struct result *result)
{
	return result->columns->len == 0 && result->lazy->len == 0 && json_object_size(result->members) == 1 &&
		json_is_integer(json_object_iter_value(json_object_iter(result->members)));
}

/* Control characters are written out: a CSV is looked at in terminals, too. */
static void write_csv(FILE *file, const struct result *result)
{
	AUTO(g_string) GString *line = g_string_new(NULL), *scratch = g_string_new(NULL);
	size_t rows = result_rows(result), row, i;

	if (output_lone_value(result)) {
		void *member = json_object_iter(result->members);

		fprintf(file, "%s\n%lld\n", json_object_iter_key(member),
			(long long)json_integer_value(json_object_iter_value(member)));
	}
	if (result->columns->len == 0)
		return;
	for (i = 0; i < result->columns->len; i++)
		sheet_append_field(line, title(result, i)->title, i == 0);
	fprintf(file, "%s\n", line->str);
	for (row = 0; row < rows; row++) {
		g_string_truncate(line, 0);
		for (i = 0; i < result->columns->len; i++) {
			safe_width(scratch, cell(result, row, i));
			sheet_append_field(line, scratch->str, i == 0);
		}
		g_string_append_c(line, '\n');
		fwrite(line->str, 1, line->len, file);
	}
}

/* ---- json */

#define JSON_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

/* Jansson escapes only C0: other characters that a terminal obeys or hides are escaped here. It hands over whole
 * characters, and these stand in strings only, so the value stays the same. */
static int dump_piece(const char *bytes, size_t length, void *data)
{
	AUTO(g_string) GString *safe = g_string_sized_new(length + 16);

	text_append_json(safe, bytes, length);
	return fwrite(safe->str, 1, safe->len, data) == safe->len ? 0 : -1;
}

static int collect_piece(const char *bytes, size_t length, void *data)
{
	text_append_json(data, bytes, length);
	return 0;
}

static void dump(FILE *file, const json_t *value)
{
	json_dump_callback(value, dump_piece, file, JSON_FLAGS);
}

static void put_text(json_t *object, const char *name, const char *text)
{
	json_t *value = *text != '\0' ? json_string(text) : json_null();

	if (value == NULL) { /* not UTF-8 */
		AUTO(g_free) char *safe = text_safe(text);

		value = json_string(safe);
	}
	json_object_set_new(object, name, value);
}

static void put_place(json_t *object, const char *name, unsigned place)
{
	json_object_set_new(object, name, place > 0 ? json_integer(place) : json_null());
}

/* All members, whatever is known (contract, section 7). */
static json_t *json_error(const struct error *error)
{
	json_t *object = json_object();

	put_text(object, "code", error->code);
	put_text(object, "message", error->text);
	put_text(object, "target", error->target);
	put_text(object, "file", error->file);
	put_place(object, "line", error->line);
	put_place(object, "column", error->column);
	put_text(object, "hint", error->hint);
	return object;
}

static void write_json_member(FILE *file, const char *name, const json_t *value)
{
	json_t *key = json_string(name);

	fputc(',', file);
	dump(file, key);
	fputc(':', file);
	dump(file, value);
	json_decref(key);
}

static void write_json_lazy(FILE *file, const struct result_lazy *lazy)
{
	size_t i;

	fprintf(file, ",\"%s\":[", lazy->name);
	for (i = 0; i < lazy->count; i++) {
		json_t *item = lazy->item(lazy->data, i);

		if (i > 0)
			fputc(',', file);
		if (item == NULL)
			fputs("null", file);
		else
			dump(file, item);
		json_decref(item);
	}
	fputc(']', file);
}

static void write_json(FILE *file, const struct output_style *style, const struct result *result)
{
	AUTO(g_string) GString *text = g_string_new(NULL);
	json_t *common = json_object(), *value;
	const char *name;
	guint i;

	json_object_set_new(common, "command", json_string(style->command != NULL ? style->command : ""));
	json_object_set_new(common, "ok", json_boolean(style->failure == NULL));
	json_object_set_new(common, "partial", json_boolean(result != NULL && result->partial));
	json_object_set_new(common, "ms", json_integer(style->ms));
	if (style->failure != NULL)
		json_object_set_new(common, "error", json_error(style->failure));
	json_dump_callback(common, collect_piece, text, JSON_FLAGS);
	json_decref(common);
	fwrite(text->str, 1, text->len - 1, file); /* the brace comes at the end */
	if (result != NULL) {
		json_object_foreach(result->members, name, value)
			write_json_member(file, name, value);
		for (i = 0; i < result->lazy->len; i++)
			write_json_lazy(file, &g_array_index(result->lazy, struct result_lazy, i));
	}
	fputs("}\n", file);
}

void output_write(FILE *file, const struct output_style *style, const struct result *result)
{
	if (style->format == OUTPUT_JSON) {
		write_json(file, style, result);
		return;
	}
	if (result == NULL)
		return;
	if (style->format == OUTPUT_CSV) {
		write_csv(file, result);
		return;
	}
	write_text(file, style, result->text->str);
	if (style->format == OUTPUT_TABLE)
		write_table(file, style, result);
	else
		write_lines(file, result);
	write_text(file, style, result->summary->str);
}
