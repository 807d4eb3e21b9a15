#include "config.h"
#include "fleet/device_list.h"

#include <string.h>

#include "fleet/list_columns.h"
#include "fleet/names.h"
#include "fleet/resolve.h"

/* A reading under way. */
struct reading {
	const struct sheet *sheet;
	struct list_columns columns;
	struct device_list *list;
	GHashTable *seen; /* what rows said: the text, and the text with its name */
	bool wanted;      /* the column was asked for */
};

static void entry_free(gpointer data)
{
	struct device_entry *entry = data;

	g_free(entry->text);
	g_free(entry->name);
	g_free(entry);
}

void device_list_free(struct device_list *list)
{
	if (list == NULL)
		return;
	g_ptr_array_unref(list->entries);
	g_free(list->column);
	g_free(list);
}

/* Whether an earlier row said the same; remembers what this one says. */
static bool said_before(struct reading *reading, const char *text, const char *name)
{
	AUTO(g_free) char *text_key = names_fold(text);
	AUTO(g_free) char *name_key = name != NULL ? names_fold(name) : NULL;
	AUTO(g_free) char *both = name != NULL ? g_strconcat(text_key, "\n", name_key, NULL) : NULL;
	bool before = g_hash_table_contains(reading->seen, both != NULL ? both : text_key);

	g_hash_table_add(reading->seen, AUTO_STEAL(text_key));
	if (both != NULL)
		g_hash_table_add(reading->seen, AUTO_STEAL(both));
	return before;
}

/* Takes text and name over. */
static void add_entry(struct reading *reading, size_t row, char *text, char *name, const char *fault)
{
	struct device_entry *entry = g_new0(struct device_entry, 1);

	entry->text = text;
	entry->name = name;
	entry->line = sheet_line(reading->sheet, row);
	entry->fault = fault;
	/* Rows that name nothing are different rows. */
	if (text[0] != '\0' && fault == NULL && said_before(reading, text, name)) {
		reading->list->duplicates++;
		entry_free(entry);
		return;
	}
	g_ptr_array_add(reading->list->entries, entry);
}

/* Without a title row a "#" behind a blank begins a comment. */
static void cut_comment(char *text)
{
	for (char *at = text; (at = strchr(at, '#')) != NULL; at++)
		if (at != text && g_ascii_isspace(at[-1])) {
			*at = '\0';
			g_strchomp(text);
			return;
		}
}

static bool is_id(const char *text)
{
	AUTO(g_free) char *key = NULL;

	return entry_classify(text, true, &key, NULL) == ENTRY_DEVICE_ID;
}

/* The title row once more: files were put one behind the other. */
static bool repeats_title(const struct reading *reading, size_t row)
{
	size_t title = reading->columns.title;

	if (title == NO_COLUMN || sheet_cells(reading->sheet, row) != sheet_cells(reading->sheet, title))
		return false;
	for (size_t i = 0; i < sheet_cells(reading->sheet, row); i++) {
		AUTO(g_free) char *cell = list_cell(reading->sheet, row, i);
		AUTO(g_free) char *first = list_cell(reading->sheet, title, i);

		if (strcmp(cell, first) != 0)
			return false;
	}
	return true;
}

/* More cells than titles: a comma without quotes may have moved them. */
static bool is_shifted(const struct reading *reading, size_t row)
{
	if (reading->columns.width == 0)
		return false;
	for (size_t i = reading->columns.width; i < sheet_cells(reading->sheet, row); i++) {
		AUTO(g_free) char *cell = list_cell(reading->sheet, row, i);

		if (cell[0] != '\0')
			return true;
	}
	return false;
}

static void read_row(struct reading *reading, size_t row)
{
	AUTO(g_free) char *text = list_cell(reading->sheet, row, reading->columns.column);
	AUTO(g_free) char *name = reading->columns.name != NO_COLUMN ?
		list_cell(reading->sheet, row, reading->columns.name) : g_strdup("");
	const char *fault = NULL;

	if (reading->columns.title == NO_COLUMN)
		cut_comment(text);
	if (is_shifted(reading, row)) {
		/* An id is one wherever it stands; what stands beside it is no longer known. */
		name[0] = '\0';
		if (!is_id(text))
			fault = "the row has more cells than the title row";
	}
	if (text[0] == '\0' && name[0] != '\0') {
		add_entry(reading, row, AUTO_STEAL(name), NULL, fault);
	} else if (text[0] == '\0' && reading->wanted) {
		reading->list->blanks++;
	} else {
		if (text[0] == '\0' && fault == NULL)
			fault = "the row names no device";
		add_entry(reading, row, AUTO_STEAL(text), name[0] != '\0' ? AUTO_STEAL(name) : NULL, fault);
	}
}

/* A list on one line. */
static void read_cells(struct reading *reading, size_t row)
{
	for (size_t i = 0; i < sheet_cells(reading->sheet, row); i++) {
		char *text = list_cell(reading->sheet, row, i);

		cut_comment(text);
		if (text[0] != '\0')
			add_entry(reading, row, text, NULL, NULL);
		else
			g_free(text);
	}
}

struct device_list *device_list_read(const struct sheet *sheet, const char *name, const char *column,
	struct error *error)
{
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct reading reading = { .sheet = sheet, .seen = seen, .wanted = column != NULL };

	if (!list_columns_find(sheet, name, column, &reading.columns, error))
		return NULL;
	reading.list = g_new0(struct device_list, 1);
	reading.list->entries = g_ptr_array_new_with_free_func(entry_free);
	reading.list->titled = reading.columns.title != NO_COLUMN;
	reading.list->column = reading.list->titled ?
		list_cell(sheet, reading.columns.title, reading.columns.column) : g_strdup("");
	for (size_t row = reading.columns.first; row < sheet_rows(sheet); row++) {
		if (list_row_is_blank(sheet, row) || repeats_title(&reading, row) ||
			(!reading.list->titled && list_row_is_comment(sheet, row)))
			continue;
		reading.list->rows++;
		if (reading.columns.column == NO_COLUMN)
			read_cells(&reading, row);
		else
			read_row(&reading, row);
	}
	return reading.list;
}
