/* Where devices come from: the sources of the four selecting verbs (contract, section 2). A table of sources with their
 * option, argument and fetch; the verbs share it. */
#ifndef ENGINE_SOURCE_H
#define ENGINE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "core/error.h"
#include "engine/engine.h"
#include "table/bitset.h"
#include "table/column.h"

enum source_kind {
	SOURCE_NAMES, SOURCE_CSV, SOURCE_QUERY, SOURCE_RESULTS, SOURCE_WHERE, SOURCE_TAG, SOURCE_GROUP, SOURCE_IP,
	SOURCE_SET, SOURCE_ALL, SOURCE_NONE,
};

enum source_verb { VERB_ADD, VERB_REMOVE, VERB_KEEP, VERB_SELECT };

/* The last query's rows: kept by the tenant for `--results` and local KQL. */
struct hunting_rows {
	struct table *table;
	bool truncated;
};
void hunting_rows_free(struct hunting_rows *rows);
AUTO_DEFINE(hunting_rows_free, struct hunting_rows *)

/* Asks the hunting service. patience_ms bounds all waiting. NULL on error. */
struct hunting_rows *hunting_run(struct engine *engine, const char *kql, int via, int64_t patience_ms,
	struct error *error);

struct source_request {
	enum source_kind kind;
	enum source_verb verb;
	const char *const *names; /* SOURCE_NAMES: NULL-terminated words */
	const bool *literal;      /* for each of names: quoted, so never a pattern; NULL: none is */
	const char *text;         /* file, KQL, predicate, tag, group, address or saved set's name */
	const char *column;       /* --column, or NULL */
	bool newest, all_matches, unmanaged;
	int via;                  /* enum defender_hunting, or -1 */
	int64_t patience_ms;
	const char *file;         /* where the command stands, for entries typed there; or NULL */
	unsigned line;
	const struct bitset *members;     /* the working set: what remove, keep and filter judge */
	const struct hunting_rows *rows;  /* of the last query, for SOURCE_RESULTS and SOURCE_WHERE; or NULL */
	const struct bitset *saved;       /* for SOURCE_SET; or NULL: no such set */
};

struct source_entry { /* an unresolved entry */
	char *text, *file;
	unsigned line;
	char *reason;
};
struct source_candidates { /* an ambiguous one: numbers of the devices it could be */
	char *text, *file;
	unsigned line;
	GArray *numbers; /* uint32_t */
	char *reason;    /* why none was taken */
};
struct source_choice { /* one of several was taken, or a survivor, or a bare name */
	char *text, *file;
	unsigned line;
	uint32_t number;
	GArray *others; /* uint32_t */
	char *reason;
};

struct source_result {
	struct bitset *devices;
	GPtrArray *unresolved; /* struct source_entry */
	GPtrArray *ambiguous;  /* struct source_candidates */
	GPtrArray *chosen;     /* struct source_choice */
	struct bitset *doubtful; /* --where: predicate null or failed; not in devices, but for remove they are */
	size_t rows, duplicates;
	size_t blanks;         /* rows of a file without a cell in the column asked for */
	bool truncated;        /* a query cut at the service's limit */
	bool stale;            /* an old inventory was used because a new one could not be had */
	size_t failed;         /* --where: devices that could not be judged, a part of doubtful */
	bool joined;           /* --where: the last query's rows were read, too */
	size_t rowless;        /* then: devices that no row tells of, so that none passes */
	char failure[256];     /* why the first of them could not */
	char *column;          /* what a file was read by, or NULL */
	char *sha256;          /* of the file, or NULL */
	struct hunting_rows *queried; /* the rows of SOURCE_QUERY; may be stolen */
};
void source_result_free(struct source_result *result);
AUTO_DEFINE(source_result_free, struct source_result *)

/* NULL on error: nothing was fetched. What could not be resolved is no error here, it is in the result; the verb decides
 * (contract 2, rules 4 to 7). Runs the loop until done. */
struct source_result *source_fetch(struct engine *engine, const struct source_request *request, struct error *error);

#endif
