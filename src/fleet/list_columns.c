#include "config.h"
#include "fleet/list_columns.h"

#include <string.h>

#include "core/auto.h"
#include "core/text.h"
#include "fleet/resolve.h"

/* Titles, in any case, without blanks, "_" and "-". Of several in a file the first of this table is read. */
static const char *const id_titles[] = {
	"deviceid", "machineid", "mdedeviceid", "defenderdeviceid", "mdeid", "senseid", "id", NULL,
};
static const char *const name_titles[] = {
	"devicename", "computerdnsname", "dnshostname", "fqdn", "devicefqdn", "dnsname", "computername", "machinename",
	"hostname", "servername", "endpointname", "assetname", "netbiosname", "host", "computer", "machine", "server",
	"device", "endpoint", "asset", "workstation", "name", NULL,
};
static const char *const entra_titles[] = {
	"aaddeviceid", "azureaddeviceid", "entradeviceid", "entraiddeviceid", "microsoftentradeviceid", "entraid", NULL,
};
static const char *const address_titles[] = {
	"ip", "ipaddress", "lastipaddress", "lastip", "localip", "localipaddress", "privateip", "internalip", "ipv4",
	"ipv4address", "ipv6", "ipv6address", "address", NULL,
};
static const char *const link_titles[] = { "devicelink", "deviceurl", "portallink", "link", "url", NULL };

static bool is_invisible(gunichar c)
{
	return g_unichar_isspace(c) || g_unichar_type(c) == G_UNICODE_FORMAT || c == 0xa0;
}

char *list_cell(const struct sheet *sheet, size_t row, size_t cell)
{
	const char *text = sheet_cell(sheet, row, cell), *end = text + strlen(text);

	while (text < end && is_invisible(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	while (text < end && is_invisible(g_utf8_get_char(g_utf8_prev_char(end))))
		end = g_utf8_prev_char(end);
	if (end - text >= 3 && text[0] == '=' && text[1] == '"' && end[-1] == '"') {
		text += 2;
		end--;
	} else if (end - text >= 2 && text[0] == '\'' && strchr("=+-@", text[1]) != NULL) {
		text++;
	}
	return g_strndup(text, (gsize)(end - text));
}

bool list_row_is_blank(const struct sheet *sheet, size_t row)
{
	for (size_t i = 0; i < sheet_cells(sheet, row); i++) {
		AUTO(g_free) char *cell = list_cell(sheet, row, i);

		if (cell[0] != '\0')
			return false;
	}
	return true;
}

bool list_row_is_comment(const struct sheet *sheet, size_t row)
{
	AUTO(g_free) char *cell = list_cell(sheet, row, 0);

	/* A lone "#" is the title or a value of a column of row numbers, if more stands beside it. */
	return cell[0] == '#' && (cell[1] != '\0' || sheet_cells(sheet, row) == 1);
}

/* A title as it is compared. */
static char *title_key(const struct sheet *sheet, size_t row, size_t cell)
{
	AUTO(g_free) char *text = list_cell(sheet, row, cell);
	char *key = text_fold(text, strlen(text)), *out = key;

	for (const char *at = key; *at != '\0'; at++)
		if (strchr(" _-\t\r\n", *at) == NULL)
			*out++ = *at;
	*out = '\0';
	return key;
}

/* The column with a title, NO_COLUMN if there is none; *twice is a second one. */
static size_t find_title(const struct sheet *sheet, size_t row, const char *title, size_t *twice)
{
	size_t found = NO_COLUMN;

	*twice = NO_COLUMN;
	for (size_t i = 0; i < sheet_cells(sheet, row); i++) {
		AUTO(g_free) char *key = title_key(sheet, row, i);

		if (strcmp(key, title) != 0)
			continue;
		if (found != NO_COLUMN) {
			*twice = i;
			break;
		}
		found = i;
	}
	return found;
}

static bool titles_clash(const struct sheet *sheet, const char *file, size_t row, size_t first, size_t second,
	struct error *error)
{
	AUTO(g_free) char *title = list_cell(sheet, row, first);

	error_set(error, ERROR_FAILED, "cells %zu and %zu of the title row of '%s' both say '%s'", first + 1, second + 1,
		file, title);
	error_hint(error, "give one of them another title");
	error_at(error, file, sheet_line(sheet, row), 1);
	return false;
}

/* The column whose title stands first in the list. False if that title stands twice. */
static bool find_titles(const struct sheet *sheet, const char *file, size_t row, const char *const *titles,
	size_t *column, struct error *error)
{
	size_t twice;

	*column = NO_COLUMN;
	for (size_t i = 0; titles[i] != NULL && *column == NO_COLUMN; i++) {
		*column = find_title(sheet, row, titles[i], &twice);
		if (twice != NO_COLUMN)
			return titles_clash(sheet, file, row, *column, twice, error);
	}
	return true;
}

static bool row_has_title(const struct sheet *sheet, size_t row)
{
	static const char *const *const lists[] = {
		id_titles, name_titles, entra_titles, address_titles, link_titles,
	};

	for (size_t i = 0; i < sheet_cells(sheet, row); i++) {
		AUTO(g_free) char *key = title_key(sheet, row, i);

		for (size_t list = 0; list < G_N_ELEMENTS(lists); list++)
			if (g_strv_contains(lists[list], key))
				return true;
	}
	return false;
}

/* ---- by content */

enum cell_kind { CELL_ID, CELL_FULL_NAME, CELL_NAME, CELL_ENTRA, CELL_ADDRESS, CELL_OTHER, CELL_BLANK, CELL_KINDS };

static enum cell_kind cell_kind(const char *text)
{
	AUTO(g_free) char *key = NULL;
	bool letter = false;

	switch (entry_classify(text, true, &key, NULL)) {
	case ENTRY_DEVICE_ID: return CELL_ID;
	case ENTRY_AAD_ID: return CELL_ENTRA;
	case ENTRY_ADDRESS: return CELL_ADDRESS;
	case ENTRY_NAME: break;
	default: return CELL_OTHER;
	}
	for (const char *at = key; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!g_unichar_isalnum(c) && !g_unichar_ismark(c) && c != '-' && c != '_' && c != '.')
			return CELL_OTHER;
		letter = letter || g_unichar_isalpha(c);
	}
	if (!letter)
		return CELL_OTHER;
	return strchr(key, '.') != NULL ? CELL_FULL_NAME : CELL_NAME;
}

/* How many cells of each kind a column has; blank ones do not count. */
struct kind_counts {
	size_t of[CELL_KINDS];
};

static void count_cell(const struct sheet *sheet, size_t row, size_t column, struct kind_counts *counts)
{
	AUTO(g_free) char *cell = list_cell(sheet, row, column);

	if (cell[0] != '\0')
		counts->of[cell_kind(cell)]++;
}

/* The kind of most cells. Ids may be half of them, anything else must be all. */
static enum cell_kind kind_of_most(const struct kind_counts *counts)
{
	size_t total = 0;

	for (enum cell_kind kind = 0; kind < CELL_KINDS; kind++)
		total += counts->of[kind];
	if (counts->of[CELL_ID] != 0 && counts->of[CELL_ID] * 2 >= total)
		return CELL_ID;
	if (counts->of[CELL_NAME] != 0 && counts->of[CELL_NAME] + counts->of[CELL_FULL_NAME] == total)
		return CELL_NAME;
	for (enum cell_kind kind = 0; kind < CELL_OTHER; kind++)
		if (total != 0 && counts->of[kind] == total)
			return kind;
	return total == 0 ? CELL_BLANK : CELL_OTHER;
}

static enum cell_kind column_kind(const struct sheet *sheet, size_t first, size_t column)
{
	struct kind_counts counts = { 0 };

	for (size_t row = first; row < sheet_rows(sheet); row++)
		if (!list_row_is_comment(sheet, row))
			count_cell(sheet, row, column, &counts);
	return kind_of_most(&counts);
}

/* All columns at once: one wide row must not cost its width on each row. The caller frees with g_free. */
static struct kind_counts *columns_count(const struct sheet *sheet, size_t first, size_t width)
{
	struct kind_counts *counts = g_new0(struct kind_counts, width);

	for (size_t row = first; row < sheet_rows(sheet); row++) {
		size_t cells = MIN(sheet_cells(sheet, row), width);

		if (list_row_is_comment(sheet, row))
			continue;
		for (size_t i = 0; i < cells; i++)
			count_cell(sheet, row, i, &counts[i]);
	}
	return counts;
}

/* Cells of the widest row, blank ones at its end not counted; *rows is how many rows have something. */
static size_t content_width(const struct sheet *sheet, size_t first, size_t *rows)
{
	size_t width = 0;

	*rows = 0;
	for (size_t row = first; row < sheet_rows(sheet); row++) {
		size_t cells = sheet_cells(sheet, row);

		if (list_row_is_comment(sheet, row) || list_row_is_blank(sheet, row))
			continue;
		++*rows;
		for (; cells > width; cells--) {
			AUTO(g_free) char *cell = list_cell(sheet, row, cells - 1);

			if (cell[0] != '\0')
				width = cells;
		}
	}
	return width;
}

/* A first row in a language that we do not know: no digit where all below are ids. */
static bool is_foreign_title(const struct sheet *sheet, size_t row, size_t column)
{
	AUTO(g_free) char *cell = list_cell(sheet, row, column);

	return cell[0] != '\0' && strpbrk(cell, "0123456789") == NULL && cell_kind(cell) != CELL_ID &&
		row + 1 < sheet_rows(sheet) && column_kind(sheet, row + 1, column) == CELL_ID;
}

/* All cells of a row are ids, or names, or addresses: a list on one line. */
static bool is_one_kind(const size_t found[CELL_KINDS], size_t filled)
{
	return filled > 1 && (found[CELL_ID] == filled || found[CELL_ENTRA] == filled ||
		found[CELL_ADDRESS] == filled || found[CELL_NAME] + found[CELL_FULL_NAME] == filled);
}

static bool find_by_content(const struct sheet *sheet, const char *file, struct list_columns *columns,
	struct error *error)
{
	size_t rows, width = content_width(sheet, columns->first, &rows);
	size_t found[CELL_KINDS] = { 0 }, last[CELL_KINDS] = { 0 }, filled = 0;

	columns->column = 0;
	if (width > 1) {
		AUTO(g_free) struct kind_counts *counts = columns_count(sheet, columns->first, width);

		for (size_t i = 0; i < width; i++) {
			enum cell_kind kind = kind_of_most(&counts[i]);

			filled += kind != CELL_BLANK;
			found[kind]++;
			last[kind] = i;
		}
		columns->column = NO_COLUMN;
		if (rows == 1 && is_one_kind(found, filled))
			return true;
		for (enum cell_kind kind = 0; kind < CELL_OTHER; kind++) {
			if (found[kind] == 1)
				columns->column = last[kind];
			if (found[kind] != 0)
				break;
		}
		if (columns->column == NO_COLUMN) {
			error_set(error, ERROR_FAILED, "which column of '%s' holds the devices cannot be told", file);
			error_hint(error, "put a row of titles before the first, e.g. 'DeviceName', or name the column by --column");
			error_at(error, file, sheet_line(sheet, columns->first), 1);
			return false;
		}
	}
	if (columns->column != NO_COLUMN && is_foreign_title(sheet, columns->first, columns->column))
		columns->title = columns->first++;
	return true;
}

/* ---- by title */

static bool has_ids(const struct sheet *sheet, size_t first, size_t column)
{
	for (size_t row = first; row < sheet_rows(sheet); row++) {
		AUTO(g_free) char *cell = list_cell(sheet, row, column);

		if (cell_kind(cell) == CELL_ID)
			return true;
	}
	return false;
}

/* An id column counts as one only if it holds device ids: other tools have ids of their own under the same title. */
static bool find_id_column(const struct sheet *sheet, const char *file, struct list_columns *columns,
	struct error *error)
{
	size_t twice;

	columns->column = NO_COLUMN;
	for (size_t i = 0; id_titles[i] != NULL && columns->column == NO_COLUMN; i++) {
		size_t column = find_title(sheet, columns->title, id_titles[i], &twice);
		bool first = column != NO_COLUMN && has_ids(sheet, columns->first, column);
		bool second = twice != NO_COLUMN && has_ids(sheet, columns->first, twice);

		if (first && second)
			return titles_clash(sheet, file, columns->title, column, twice, error);
		columns->column = first ? column : second ? twice : NO_COLUMN;
	}
	return true;
}

static bool find_by_titles(const struct sheet *sheet, const char *file, struct list_columns *columns,
	struct error *error)
{
	static const char *const *const others[] = { entra_titles, address_titles, link_titles, id_titles };

	if (!find_id_column(sheet, file, columns, error) ||
		!find_titles(sheet, file, columns->title, name_titles, &columns->name, error))
		return false;
	if (columns->column != NO_COLUMN)
		return true;
	columns->column = columns->name;
	columns->name = NO_COLUMN;
	for (size_t i = 0; i < G_N_ELEMENTS(others) && columns->column == NO_COLUMN; i++)
		if (!find_titles(sheet, file, columns->title, others[i], &columns->column, error))
			return false;
	return true;
}

/* The titles of a row, for a hint. */
static char *title_list(const struct sheet *sheet, size_t row)
{
	AUTO(g_string) GString *list = g_string_new(NULL);

	for (size_t i = 0; i < sheet_cells(sheet, row) && list->len < 400; i++) {
		AUTO(g_free) char *cell = list_cell(sheet, row, i);
		AUTO(g_free) char *safe = text_safe(cell);

		if (cell[0] != '\0')
			g_string_append_printf(list, "%s'%s'", list->len == 0 ? "" : ", ", safe);
	}
	return g_string_free(AUTO_STEAL(list), FALSE);
}

static bool find_wanted(const struct sheet *sheet, const char *file, const char *wanted, struct list_columns *columns,
	struct error *error)
{
	AUTO(g_free) char *folded = text_fold(wanted, strlen(wanted));
	AUTO(g_free) char *titles = title_list(sheet, columns->title);
	size_t found = 0;

	g_strstrip(folded);
	columns->column = NO_COLUMN;
	for (size_t i = 0; i < sheet_cells(sheet, columns->title); i++) {
		AUTO(g_free) char *cell = list_cell(sheet, columns->title, i);
		AUTO(g_free) char *key = text_fold(cell, strlen(cell));

		if (strcmp(key, folded) == 0 && found++ == 0)
			columns->column = i;
	}
	if (found == 1)
		return true;
	if (found == 0) {
		error_set(error, ERROR_FAILED, "'%s' has no column '%s'", file, wanted);
		error_hint(error, "it has %s", titles);
	} else {
		error_set(error, ERROR_FAILED, "'%s' has %zu columns '%s'", file, found, wanted);
	}
	error_at(error, file, sheet_line(sheet, columns->title), 1);
	return false;
}

bool list_columns_find(const struct sheet *sheet, const char *file, const char *wanted, struct list_columns *columns,
	struct error *error)
{
	size_t row = 0;

	*columns = (struct list_columns){ .title = NO_COLUMN, .column = NO_COLUMN, .name = NO_COLUMN };
	while (row < sheet_rows(sheet) && (list_row_is_blank(sheet, row) || list_row_is_comment(sheet, row)))
		row++;
	if (row == sheet_rows(sheet)) {
		error_set(error, ERROR_FAILED, sheet_rows(sheet) == 0 ? "'%s' is empty" : "'%s' holds no devices", file);
		error_at(error, file, 1, 1);
		return false;
	}
	columns->first = row;
	if (wanted == NULL && !row_has_title(sheet, row))
		return find_by_content(sheet, file, columns, error);
	columns->title = row;
	columns->first = row + 1;
	for (columns->width = sheet_cells(sheet, row); columns->width != 0; columns->width--) {
		AUTO(g_free) char *cell = list_cell(sheet, row, columns->width - 1);

		if (cell[0] != '\0')
			break;
	}
	return wanted != NULL ? find_wanted(sheet, file, wanted, columns, error) :
		find_by_titles(sheet, file, columns, error);
}
