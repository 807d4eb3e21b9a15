#include "config.h"
#include "commands/device_find.h"

#include "app/tenant.h"
#include "engine/source.h"

static bool one_device(const struct source_result *found, const struct inventory *inventory, const char *name,
	uint32_t *number, struct error *error)
{
	size_t count = bitset_count(found->devices);
	AUTO(g_string) GString *ids = NULL;
	guint i;

	if (count == 1) {
		*number = bitset_next(found->devices, 0);
		return true;
	}
	if (found->ambiguous->len > 0) {
		const struct source_candidates *entry = g_ptr_array_index(found->ambiguous, 0);

		ids = g_string_new(NULL);
		for (i = 0; i < entry->numbers->len && i < 8; i++)
			g_string_append_printf(ids, "%s%s", i > 0 ? ", " : "",
				inventory_id(inventory, g_array_index(entry->numbers, uint32_t, i)));
		error_set(error, ERROR_FAILED, "'%s' could be %u devices", name, entry->numbers->len);
		error_hint(error, "name one by its id: %s; or --newest", ids->str);
		return false;
	}
	if (count > 1)
		return error_set(error, ERROR_FAILED, "'%s' names %zu devices", name, count);
	if (found->unresolved->len > 0) {
		const struct source_entry *entry = g_ptr_array_index(found->unresolved, 0);

		return error_set(error, ERROR_FAILED, "'%s': %s", name, entry->reason);
	}
	return error_set(error, ERROR_FAILED, "there is no device '%s'", name);
}

bool device_find(struct session *session, const struct arguments *arguments, uint32_t *number, struct error *error)
{
	const char *names[] = { arguments_operand(arguments, 0), NULL };
	bool literal = arguments_operand_quoted(arguments, 0);
	struct source_request request = { .kind = SOURCE_NAMES, .verb = VERB_SELECT, .names = names, .literal = &literal,
		.unmanaged = true,
		.newest = arguments_has(arguments, "newest"), .via = -1 };
	struct tenant *tenant = session->tenant;
	AUTO(source_result_free) struct source_result *found = NULL;

	request.members = fleet_set_members(tenant->set);
	found = source_fetch(&tenant->engine, &request, error);
	return found != NULL && one_device(found, tenant->inventory, names[0], number, error);
}
