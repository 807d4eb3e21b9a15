/* A command as data. `src/commands/NAME.c` holds one constant entry a command, `src/commands/table.c` lists them. Usage,
 * parsing, help, the manual page, completion, confirmation, logging, JSON and exit status follow from the entry. */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct act;       /* engine/plan.h */
struct arguments; /* app/arguments.h */
struct check;     /* app/check.h */
struct result;    /* app/result.h */
struct session;   /* app/session.h */

/* What the words of an option or operand are. The parser checks them, so that run() finds them well formed. */
enum value_kind {
	VALUE_NONE,      /* an option without a value */
	VALUE_TEXT,      /* one word */
	VALUE_NUMBER,    /* a whole number, 0 or more */
	VALUE_RANGE,     /* N or LOW..HIGH */
	VALUE_DURATION,  /* 30, 30s, 15m, 2h: milliseconds */
	VALUE_WORD,      /* one of .words */
	VALUE_FILE,      /* a path */
	VALUE_QUERY,     /* a query: the rest of the line, `@FILE` reads a file */
	VALUE_PREDICATE, /* a KQL predicate over devices: the rest of the line; checked before anything runs */
	VALUE_REST,      /* the rest of the line as text; one quoted word is unquoted if the whole is one */
};

/* What completes a value that is being typed. */
enum completion {
	COMPLETE_NOTHING,
	COMPLETE_FILES,
	COMPLETE_DEVICES,
	COMPLETE_TAGS,
	COMPLETE_GROUPS,
	COMPLETE_SETS,      /* saved sets */
	COMPLETE_JOBS,
	COMPLETE_PROFILES,
	COMPLETE_COLUMNS,   /* of a device, under the API's names */
	COMPLETE_COMMANDS,
	COMPLETE_SETTINGS,
	COMPLETE_VARIABLES,
	COMPLETE_WORDS,     /* .words */
	COMPLETE_PREDICATE, /* columns and operators of KQL */
	COMPLETE_QUERY,     /* KQL of the hunting service */
	COMPLETE_PIPELINE,  /* KQL over local tables */
	COMPLETE_TABLES,    /* tables that `load` made */
};

struct command_option {
	const char *name;     /* without dashes; NULL ends an array of options */
	char letter;          /* the short form, or '\0' */
	enum value_kind kind;
	const char *argument; /* the value's name in usage texts: "FILE" */
	enum completion completion;
	const char *const *words; /* for VALUE_WORD and COMPLETE_WORDS, NULL-terminated */
	const char *help;     /* one line, lower case, no full stop */
};

struct command_operand {
	const char *name; /* "NAME"; NULL ends the array */
	enum value_kind kind;
	unsigned min, max; /* how many of it; max COMMAND_MANY: any number (only for the last operand) */
	enum completion completion;
	const char *const *words;
	const char *help;
};

#define COMMAND_MANY 0xffffffffu
#define COMMAND_OPERANDS 4 /* NULL-terminated array inside the entry */

enum command_flags {
	COMMAND_SIGN_IN = 1 << 0,        /* run() finds a tenant that is signed in */
	COMMAND_DEVICES = 1 << 1,        /* an empty working set is an error */
	COMMAND_CHANGES_SET = 1 << 2,    /* a selecting command: its failure bars acting (contract, section 2, rule 7) */
	COMMAND_REPLACES_SET = 1 << 3,   /* its success lifts the bar: select, query */
	COMMAND_ACTS = 1 << 4,           /* has act() instead of run(); gets the acting options by itself */
	COMMAND_CHANGES_TENANT = 1 << 5, /* refused by --read-only; ACTS implies it */
	COMMAND_CONFIRMS = 1 << 6,       /* asks as an act does: in batch needs -y or a terminal; ACTS implies it */
	COMMAND_SHELL = 1 << 7,          /* starts other programs: refused under `restricted` */
	COMMAND_PROMPT_ONLY = 1 << 8,    /* needs a person at the prompt */
	COMMAND_LEAVES_LOGS = 1 << 10,   /* must see the logs as they are: torn ones are not set aside before it */
	COMMAND_TELLS_JOB = 1 << 11,     /* its JSON is a job's, as that of ACTS */
	COMMAND_SHOWS = 1 << 12,         /* its JSON is a schema and rows */
	COMMAND_ENDS = 1 << 9,           /* commands after it in the same file do not run: quit */
};

enum command_group {
	GROUP_SESSION, /* connect, quit, help, set, let, ... */
	GROUP_SELECT,
	GROUP_LOOK,
	GROUP_ACT,
	GROUP_JOBS,
	GROUP_LOG,
	GROUP_COUNT
};
extern const char *const command_group_titles[GROUP_COUNT];

struct command {
	const char *name;              /* one or two words: "tag add" */
	const char *const *aliases;    /* NULL-terminated or NULL */
	enum command_group group;
	const char *summary;           /* one line for `help` */
	const char *const *help;       /* paragraphs, NULL-terminated, or NULL */
	const char *const *examples;   /* command lines, NULL-terminated, or NULL */
	const struct command_option *options; /* ends with a NULL name, or NULL */
	struct command_operand operands[COMMAND_OPERANDS];
	unsigned flags;
	const char *action; /* of ACTS: name in defender's table of actions; NULL for tags (no comment, not disruptive) */

	/* Checks what the table cannot say (exactly one source, a setting's value), before the first command of a batch runs
	 * and again before run(). NULL: nothing more to check. Must not look at the tenant. */
	bool (*check)(struct check *check, const struct arguments *arguments, struct error *error);
	/* False with error set if it failed; result->partial if not everything was done. */
	bool (*run)(struct session *session, const struct arguments *arguments, struct result *result,
		struct error *error);
	/* Fills what is to be done to the working set; the dispatcher plans, asks, runs and accounts. */
	bool (*act)(struct session *session, const struct arguments *arguments, struct act *act, struct error *error);
};

/* The options that every command with COMMAND_ACTS has: --comment, --yes, --dry-run, --wait, ... */
extern const struct command_option command_act_options[];

/* The table is NULL-terminated. Looks up a name or alias of one or two words; *words is how many it took. */
const struct command *command_find(const struct command *const *table, const char *first, const char *second,
	unsigned *words);
/* Whether word begins a command of two words ("tag"). */
bool command_is_prefix(const struct command *const *table, const char *word);
const struct command_option *command_option_find(const struct command *command, const char *name);
/* The nth option of a command, acting options included; NULL after the last. */
const struct command_option *command_option_nth(const struct command *command, unsigned index);
bool command_is_disruptive(const struct command *command);
bool command_needs_comment(const struct command *command);

/* Names and first words of all commands, nearest to word; NULL if none is near. Borrowed. */
const char *command_nearest(const struct command *const *table, const char *word);

#endif
