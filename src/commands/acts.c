/* The acting commands. What is common to them (plan, question, job, account) is the dispatcher's. */
#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "engine/plan.h"

#define TAG_LIMIT 200 /* characters; the limit of tags in the registry (API contract, section 4.1) */

/* ---- tags */

static bool tag_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *tag = arguments_operand(arguments, 0), *at;

	(void)check;
	for (at = tag; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7F)
			return error_set(error, ERROR_USAGE, "a tag has no control characters");
	if (*tag == '\0' || g_utf8_strlen(tag, -1) > TAG_LIMIT)
		return error_set(error, ERROR_USAGE, "a tag is 1 to %d characters long", TAG_LIMIT);
	if (g_ascii_isspace(tag[0]) || g_ascii_isspace(tag[strlen(tag) - 1]))
		return error_set(error, ERROR_USAGE, "the tag '%s' begins or ends with a blank", tag);
	return true;
}

static bool tag_add_act(struct session *session, const struct arguments *arguments, struct act *act, struct error *error)
{
	(void)session;
	(void)error;
	act->verb = ACT_TAG_ADD;
	act->value = arguments_operand(arguments, 0);
	return true;
}

static bool tag_remove_act(struct session *session, const struct arguments *arguments, struct act *act,
	struct error *error)
{
	(void)session;
	(void)error;
	act->verb = ACT_TAG_REMOVE;
	act->value = arguments_operand(arguments, 0);
	return true;
}

static const char *const tag_add_examples[] = { "tag add IR-2026-041", "tag add 'pilot ring 1' --dry-run", NULL };
const struct command command_tag_add = {
	.name = "tag add", .group = GROUP_ACT, .summary = "add a tag to the devices", .examples = tag_add_examples,
	.operands = { { "TAG", VALUE_TEXT, 1, 1, COMPLETE_TAGS, NULL, "the tag, as it is to read" } },
	.flags = COMMAND_ACTS | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .check = tag_check, .act = tag_add_act,
};

const struct command command_tag_remove = {
	.name = "tag remove", .group = GROUP_ACT, .summary = "remove a tag from the devices",
	.operands = { { "TAG", VALUE_TEXT, 1, 1, COMPLETE_TAGS, NULL, "the tag" } },
	.flags = COMMAND_ACTS | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .check = tag_check, .act = tag_remove_act,
};

/* ---- device actions: the operand is the parameter's value in lower case */

static bool value_act(struct session *session, const struct arguments *arguments, struct act *act, struct error *error)
{
	const char *word = arguments_operand(arguments, 0);
	const char *const *value;

	(void)session;
	for (value = act->kind->values; value != NULL && *value != NULL; value++)
		if (g_ascii_strcasecmp(*value, word) == 0) {
			act->value = *value;
			return true;
		}
	return error_set(error, ERROR_USAGE, "'%s' is no value of '%s'", word, act->kind->name);
}

static bool plain_act(struct session *session, const struct arguments *arguments, struct act *act, struct error *error)
{
	(void)session;
	(void)arguments;
	(void)act;
	(void)error;
	return true;
}

static const char *const scan_words[] = { "quick", "full", NULL };
static const char *const scan_examples[] = { "scan quick --comment 'possible loader on these'", NULL };
const struct command command_scan = {
	.name = "scan", .group = GROUP_ACT, .summary = "run an antivirus scan on the devices", .examples = scan_examples,
	.operands = { { "TYPE", VALUE_WORD, 1, 1, COMPLETE_WORDS, scan_words, "quick or full" } },
	.flags = COMMAND_ACTS | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .action = "scan", .act = value_act,
};

static const char *const isolate_words[] = { "full", "selective", NULL };
static const char *const isolate_help[] = {
	"full cuts the devices off from the network but for the Defender service; selective leaves Outlook, Teams and "
	"Skype connected (Windows only). 'release' ends it. Devices that the policy protects are skipped.", NULL,
};
static const char *const isolate_examples[] = { "isolate full --comment 'ransomware, INC-4711'",
	"isolate full --dry-run", "isolate full --canary 3 --comment 'INC-4711'", NULL };
const struct command command_isolate = {
	.name = "isolate", .group = GROUP_ACT, .summary = "cut the devices off from the network", .help = isolate_help,
	.examples = isolate_examples,
	.operands = { { "TYPE", VALUE_WORD, 1, 1, COMPLETE_WORDS, isolate_words, "full or selective" } },
	.flags = COMMAND_ACTS | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .action = "isolate", .act = value_act,
};

static const char *const release_aliases[] = { "unisolate", NULL };
static const char *const release_examples[] = { "release --comment 'reimaged and clean'", NULL };
const struct command command_release = {
	.name = "release", .aliases = release_aliases, .group = GROUP_ACT, .summary = "end the isolation of the devices",
	.examples = release_examples,
	.flags = COMMAND_ACTS | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .action = "release", .act = plain_act,
};
