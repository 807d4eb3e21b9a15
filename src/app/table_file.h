/* Files that become local tables (`load NAME FILE`): CSV in all the dialects of table/sheet.h, JSON, JSON lines. */
#ifndef APP_TABLE_FILE_H
#define APP_TABLE_FILE_H

#include "core/error.h"
#include "table/column.h"
#include "table/sheet.h"

#define TABLE_FILE_LIMIT SHEET_FILE_LIMIT         /* bytes */
#define TABLE_FILE_ROWS 1000000
#define TABLE_FILE_COLUMNS 1000
#define TABLE_FILE_CELLS 20000000                  /* rows times columns */
#define TABLE_FILE_NAME_LIMIT 1024                 /* bytes of a column's name, as in KQL */

/* path "-" is standard input. A file that is called .json, .jsonl or .ndjson, or that begins with '[' or '{' and is not called
 * .csv, .tsv or .txt, is JSON: an array of objects, an object that holds one as value, results, rows or devices (any case),
 * or objects one after another (JSON lines).
 *
 * A CSV's first row gives the names, its columns are strings. In JSON a column's type is that of its values: bool; long;
 * real, if one of its numbers is; string; dynamic for arrays, objects and values of different kinds, and where all are null.
 * A missing value is null, of a string "". Errors: ERROR_FAILED with file and line. */
struct table *table_file_read(const char *name, const char *path, struct error *error);

/* Reads bytes that are there; path is for its ending, and for errors. */
struct table *table_file_parse(const char *name, const char *path, const char *bytes, size_t length, struct error *error);

/* In table_json.c. The text is UTF-8. */
struct table *table_json_parse(const char *name, const char *path, const char *text, size_t length, struct error *error);

#endif
