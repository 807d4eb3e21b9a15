/* All devices of a tenant as last read: a table with a row a device, and device numbers. A number is given once to an id
 * (any case) and never changes or is reused; sets of devices are bitsets over numbers. A number may have no row: a device
 * that a query named and the inventory lacks, or one that is gone. */
#ifndef FLEET_INVENTORY_H
#define FLEET_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "core/error.h"
#include "fleet/columns.h"
#include "table/bitset.h"
#include "table/column.h"
#include "table/row_reader.h"

#define DEVICE_NONE UINT32_MAX
#define INVENTORY_NO_ROW SIZE_MAX

struct inventory;

struct inventory *inventory_new(void);
void inventory_free(struct inventory *inventory);
AUTO_DEFINE(inventory_free, struct inventory *)

/* ---- numbers */
uint32_t inventory_number(struct inventory *inventory, const char *id);       /* gives one if there is none */
uint32_t inventory_find(const struct inventory *inventory, const char *id);   /* or DEVICE_NONE */
const char *inventory_id(const struct inventory *inventory, uint32_t number); /* borrowed */
uint32_t inventory_numbers(const struct inventory *inventory);                /* how many are given */
/* The numbers of a set (uint32_t) in the order of their ids; the caller unrefs. */
GArray *inventory_sorted(struct inventory *inventory, const struct bitset *set);
size_t inventory_row(const struct inventory *inventory, uint32_t number);     /* or INVENTORY_NO_ROW */
uint32_t inventory_number_of_row(const struct inventory *inventory, size_t row);

/* ---- rows: columns in the order of enum device_column_id */
const struct table *inventory_table(const struct inventory *inventory);
size_t inventory_rows(const struct inventory *inventory);
/* Rows of the table whose device is gone from the tenant: no number leads to them. */
size_t inventory_dropped(const struct inventory *inventory);
int64_t inventory_time(const struct inventory *inventory); /* ticks when it was read; 0: never */
/* Text of a column for a number; "" without a row. Borrowed. */
const char *inventory_text(const struct inventory *inventory, uint32_t number, enum device_column_id column);
/* The name for people: computerDnsName, or the id if that is empty. Hostile text. */
const char *inventory_name(const struct inventory *inventory, uint32_t number);
int64_t inventory_last_seen(const struct inventory *inventory, uint32_t number); /* ticks; 0: unknown */
bool inventory_is_onboarded(const struct inventory *inventory, uint32_t number);
bool inventory_is_active(const struct inventory *inventory, uint32_t number); /* healthStatus "Active" */
bool inventory_has_tag(const struct inventory *inventory, uint32_t number, const char *tag); /* exact */
/* A local address of the device (lastIpAddress, ipAddresses), compared as addresses: "::1" is "0:0:0:0:0:0:0:1". */
bool inventory_has_address(const struct inventory *inventory, uint32_t number, const char *address);
/* The record at the end of the chain of mergedIntoMachineId; number itself if it was not merged. DEVICE_NONE if the
 * chain leaves the inventory or is a loop. */
uint32_t inventory_survivor(const struct inventory *inventory, uint32_t number);
/* All tags in use, sorted, each once, for completion; groups likewise. The caller frees with g_strfreev. */
char **inventory_tags(const struct inventory *inventory);
char **inventory_groups(const struct inventory *inventory);
/* The machine object under the API's own names and types. A new reference; NULL without a row. */
json_t *inventory_machine(const struct inventory *inventory, uint32_t number);

/* Numbers of devices that "device" means in --all, --where, --tag ... (contract 2, rule 1); new. A merged record is no
 * device of its own: its survivor counts. */
struct bitset *inventory_scope(const struct inventory *inventory, bool unmanaged);
/* Rows (not numbers) of the members of a set, and numbers of a set of rows; new. */
struct bitset *inventory_rows_of(const struct inventory *inventory, const struct bitset *numbers);
struct bitset *inventory_numbers_of(const struct inventory *inventory, const struct bitset *rows);

/* ---- reading */
struct inventory_builder;
struct inventory_builder *inventory_builder_new(struct inventory *inventory);
void inventory_builder_free(struct inventory_builder *builder);
AUTO_DEFINE(inventory_builder_free, struct inventory_builder *)
/* Events of machine rows go here, with the builder as data. Unknown members are ignored; a known one of a wrong type is
 * read as null, except the id, whose absence is an error. */
extern const struct row_handler inventory_row_handler;
/* A page begins (from 0), with a reader of its own. The same page once more: its answer was lost in the middle, its rows so far
 * are forgotten. */
void inventory_builder_page(struct inventory_builder *builder, unsigned page);
size_t inventory_builder_rows(const struct inventory_builder *builder);
/* True if an id was seen twice: the list moved while it was read. */
bool inventory_builder_moved(const struct inventory_builder *builder);
/* Puts the rows read in place of the old ones; frees the builder. */
void inventory_replace(struct inventory *inventory, struct inventory_builder *builder, int64_t time);

/* ---- changes between readings */
/* Applies a machine object of an answer: its row is updated, or added if there was none. */
bool inventory_apply(struct inventory *inventory, const json_t *machine, struct error *error);
void inventory_tag(struct inventory *inventory, uint32_t number, const char *tag, bool add);
/* The device is gone from the tenant: it keeps its number and loses its row (the table keeps it until the next reading,
 * but no number leads to it). */
void inventory_drop(struct inventory *inventory, uint32_t number);
/* Counts changes, so that indexes can tell whether they are still right. */
uint64_t inventory_generation(const struct inventory *inventory);
/* The same, but tags and states do not count: only ids, names, addresses and merging. */
uint64_t inventory_identity(const struct inventory *inventory);

/* ---- cache file: the columns as they lie in memory, and indexes (inventory_file.c) */
#define INVENTORY_FILE_LIMIT ((size_t)2 * 1024 * 1024 * 1024) /* bytes */

/* Hands the file's bytes to put, in order. False with error set, before the first byte, if there would be more than the
 * limit. The inventory keeps the indexes that it made for it. */
bool inventory_save(struct inventory *inventory, const char *tenant,
	void (*put)(void *data, const void *bytes, size_t length), void *data, struct error *error);
/* Maps the file. False (inventory unchanged) if it is of another tenant or version, cut, or its head is damaged. Columns and
 * indexes are looked at when they are first needed: see inventory_is_damaged. */
bool inventory_open(struct inventory *inventory, const char *tenant, const char *path, struct error *error);
/* The same from bytes, which are copied; looks at everything at once and refuses what is damaged. */
bool inventory_load(struct inventory *inventory, const char *tenant, const void *bytes, size_t length,
	struct error *error);
/* True once something that was asked for has turned out to be damaged (it reads as nulls then), until the inventory is read
 * anew. Whatever was worked out of the inventory is then not to be used: to be asked before it is. */
bool inventory_is_damaged(const struct inventory *inventory);

/* Device numbers sorted by something, as kept in the file. NULL if there is none that is right for the inventory as it is. */
enum inventory_index_id {
	INVENTORY_BY_NAME,    /* uint32_t: those with a name, by folded name */
	INVENTORY_BY_ENTRA,   /* uint32_t: those with an Entra id, by that */
	INVENTORY_BY_ADDRESS, /* uint64_t: see names.c */
	INVENTORY_BY_ID,      /* the hash table of ids; not to be had from outside */
	INVENTORY_INDEXES
};
const void *inventory_index(const struct inventory *inventory, enum inventory_index_id id, size_t *count);

#endif
