#include "config.h"
#include "engine/policy.h"

#include <string.h>

#include <jansson.h>

#include "core/isotime.h"
#include "engine/sync.h"
#include "fleet/device_list.h"
#include "fleet/resolve.h"
#include "kql/predicate.h"
#include "table/sheet.h"

struct policy_predicate {
	char *text, *file;
	unsigned line;
};

struct policy {
	GPtrArray *predicates; /* struct policy_predicate */
	GPtrArray *lists;      /* char *: paths */
	uint64_t max_devices, confirm_above;
	bool restricted;
	struct error fault;    /* set: nothing disruptive may act */
};

static void policy_predicate_free(void *data)
{
	struct policy_predicate *predicate = data;

	g_free(predicate->text);
	g_free(predicate->file);
	g_free(predicate);
}

void policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	g_ptr_array_unref(policy->predicates);
	g_ptr_array_unref(policy->lists);
	g_free(policy);
}

static struct kql_predicate *policy_compile(const struct policy_predicate *predicate, struct error *error)
{
	struct error fault = ERROR_INIT;
	struct kql_predicate *compiled = kql_predicate_compile(predicate->text, device_schema(), isotime_now(), &fault);

	if (compiled != NULL)
		return compiled;
	if (fault.column > 0)
		error_prefix(&fault, "policy 'protected', character %u", fault.column);
	else
		error_prefix(&fault, "policy 'protected'");
	error_at(&fault, predicate->file != NULL ? predicate->file : "", predicate->line, 0);
	error_hint(&fault, "until this is put right, nothing disruptive acts");
	error_copy(error, &fault);
	return NULL;
}

static void policy_add(struct policy *policy, const struct policy_rules *rules)
{
	if (rules->protected != NULL) {
		struct policy_predicate *predicate = g_new0(struct policy_predicate, 1);
		struct kql_predicate *compiled;

		predicate->text = g_strdup(rules->protected);
		predicate->file = g_strdup(rules->protected_file);
		predicate->line = rules->protected_line;
		g_ptr_array_add(policy->predicates, predicate);
		compiled = policy_compile(predicate, &policy->fault);
		kql_predicate_free(compiled);
	}
	if (rules->protected_list != NULL)
		g_ptr_array_add(policy->lists, g_strdup(rules->protected_list));
	if (rules->max_devices >= 0)
		policy->max_devices = MIN(policy->max_devices, (uint64_t)rules->max_devices);
	if (rules->confirm_above >= 0)
		policy->confirm_above = MIN(policy->confirm_above, (uint64_t)rules->confirm_above);
	policy->restricted |= rules->restricted;
}

struct policy *policy_new(const struct policy_rules *rules, size_t count, struct error *error)
{
	struct policy *policy = g_new0(struct policy, 1);
	const uint64_t unsaid = UINT64_MAX;

	policy->predicates = g_ptr_array_new_with_free_func(policy_predicate_free);
	policy->lists = g_ptr_array_new_with_free_func(g_free);
	policy->max_devices = policy->confirm_above = unsaid;
	for (size_t i = 0; i < count; i++)
		policy_add(policy, &rules[i]);
	if (policy->max_devices == unsaid)
		policy->max_devices = POLICY_MAX_DEVICES;
	if (policy->confirm_above == unsaid)
		policy->confirm_above = POLICY_CONFIRM_ABOVE;
	if (policy->fault.kind != ERROR_NONE)
		error_copy(error, &policy->fault);
	return policy;
}

uint64_t policy_max_devices(const struct policy *policy)
{
	return policy->max_devices;
}

uint64_t policy_confirm_above(const struct policy *policy)
{
	return policy->confirm_above;
}

bool policy_is_restricted(const struct policy *policy)
{
	return policy->restricted;
}

bool policy_has_protection(const struct policy *policy)
{
	return policy->predicates->len > 0 || policy->lists->len > 0;
}

/* ---- judging */
struct policy_judging {
	const struct inventory *inventory;
	struct names *names;
	const struct bitset *candidates;
	struct bitset *is_protected;
	GHashTable *reasons;
};

static void policy_protect(const struct policy_judging *judging, uint32_t number, const char *why, const char *what)
{
	if (!bitset_has(judging->candidates, number) || bitset_has(judging->is_protected, number))
		return;
	bitset_add(judging->is_protected, number);
	if (judging->reasons != NULL)
		g_hash_table_insert(judging->reasons, GUINT_TO_POINTER(number), g_strconcat(why, what, NULL));
}

static bool policy_judge_predicate(const struct policy_judging *judging, const struct policy_predicate *predicate,
	struct error *error)
{
	AUTO(kql_predicate_free) struct kql_predicate *compiled = policy_compile(predicate, error);
	AUTO(bitset_free) struct bitset *rows = inventory_rows_of(judging->inventory, judging->candidates);
	AUTO(bitset_free) struct bitset *is_true = bitset_new();
	AUTO(bitset_free) struct bitset *is_null = bitset_new();

	if (compiled == NULL || !kql_predicate_eval(compiled, inventory_table(judging->inventory), rows, is_true, is_null,
			NULL, error))
		return false;
	for (uint32_t row = bitset_next(is_true, 0); row != BITSET_END; row = bitset_next(is_true, row + 1))
		policy_protect(judging, inventory_number_of_row(judging->inventory, row), "protected by policy: ",
			predicate->text);
	for (uint32_t row = bitset_next(is_null, 0); row != BITSET_END; row = bitset_next(is_null, row + 1))
		policy_protect(judging, inventory_number_of_row(judging->inventory, row),
			"protected, as the policy cannot be judged for it: ", predicate->text);
	return true;
}

static bool policy_judge_entry(const struct policy_judging *judging, const char *path,
	const struct device_entry *entry, struct error *error)
{
	const struct resolve_options options = {
		.literal = true, .all_matches = true, .unmanaged = true, .removing = true,
	};
	AUTO(resolution_free) struct resolution *found = resolution_new();

	resolve_listed(judging->names, judging->inventory, entry, &options, found);
	if (found->outcome == RESOLVED_NONE || found->numbers->len == 0) {
		error_set(error, ERROR_FAILED, "protected-list names '%s', which is no device here: %s", entry->text,
			found->reason);
		error_at(error, path, entry->line, 0);
		error_hint(error, "what is protected must be known before anything disruptive acts; correct or remove the entry");
		return false;
	}
	for (guint i = 0; i < found->numbers->len; i++)
		policy_protect(judging, g_array_index(found->numbers, uint32_t, i), "protected by the list ", path);
	return true;
}

static bool policy_judge_list(const struct policy_judging *judging, const char *path, struct error *error)
{
	AUTO(sheet_free) struct sheet *sheet = sheet_read(path, error);
	AUTO(device_list_free) struct device_list *list = NULL;

	if (sheet != NULL)
		list = device_list_read(sheet, path, NULL, error);
	if (list == NULL) {
		error_prefix(error, "protected-list");
		return false;
	}
	for (guint i = 0; i < list->entries->len; i++)
		if (!policy_judge_entry(judging, path, list->entries->pdata[i], error))
			return false;
	return true;
}

bool policy_judge(const struct policy *policy, struct engine *engine, const struct bitset *candidates,
	struct bitset *is_protected, GHashTable *reasons, struct error *error)
{
	struct policy_judging judging = {
		.inventory = engine->inventory, .names = engine->names, .candidates = candidates,
		.is_protected = is_protected, .reasons = reasons,
	};

	if (policy->fault.kind != ERROR_NONE)
		return error_copy(error, &policy->fault);
	if (!inventory_fresh(engine, POLICY_INVENTORY_MS, error)) {
		error_prefix(error, "protection cannot be judged");
		return false;
	}
	for (uint32_t number = bitset_next(candidates, 0); number != BITSET_END;
			number = bitset_next(candidates, number + 1))
		if (inventory_row(engine->inventory, number) == INVENTORY_NO_ROW)
			policy_protect(&judging, number, "not in the tenant's device list, so protection cannot be judged", "");
	for (guint i = 0; i < policy->predicates->len; i++)
		if (!policy_judge_predicate(&judging, policy->predicates->pdata[i], error))
			return false;
	for (guint i = 0; i < policy->lists->len; i++)
		if (!policy_judge_list(&judging, policy->lists->pdata[i], error))
			return false;
	return true;
}

void policy_sum(const struct policy *policy, char hex[SHA256_HEX_SIZE])
{
	AUTO(g_string) GString *text = g_string_new(NULL);

	g_string_printf(text, "max-devices %" G_GUINT64_FORMAT "\nconfirm-above %" G_GUINT64_FORMAT "\nrestricted %d\n",
		policy->max_devices, policy->confirm_above, policy->restricted);
	for (guint i = 0; i < policy->predicates->len; i++)
		g_string_append_printf(text, "protected %s\n",
			((struct policy_predicate *)policy->predicates->pdata[i])->text);
	for (guint i = 0; i < policy->lists->len; i++) {
		AUTO(g_free) char *bytes = NULL;
		char sum[SHA256_HEX_SIZE] = "unreadable";
		size_t length;

		if (file_read(policy->lists->pdata[i], SHEET_FILE_LIMIT, &bytes, &length, NULL))
			sha256_hex(bytes, length, sum);
		g_string_append_printf(text, "protected-list %s %s\n", (char *)policy->lists->pdata[i], sum);
	}
	sha256_hex(text->str, text->len, hex);
}
