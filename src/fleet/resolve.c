#include "config.h"
#include "fleet/resolve.h"

#include <string.h>

#define NAME_LIMIT 255 /* characters that a host name may have */

struct resolution *resolution_new(void)
{
	struct resolution *resolution = g_new0(struct resolution, 1);

	resolution->outcome = RESOLVED_NONE;
	resolution->numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	resolution->others = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return resolution;
}

void resolution_free(struct resolution *resolution)
{
	if (resolution == NULL)
		return;
	g_array_unref(resolution->numbers);
	g_array_unref(resolution->others);
	g_free(resolution);
}

static uint32_t number_at(const GArray *numbers, guint index)
{
	return g_array_index(numbers, uint32_t, index);
}

static bool numbers_have(const GArray *numbers, uint32_t number)
{
	for (guint i = 0; i < numbers->len; i++)
		if (number_at(numbers, i) == number)
			return true;
	return false;
}

static void numbers_add(GArray *numbers, uint32_t number)
{
	if (number != DEVICE_NONE)
		g_array_append_val(numbers, number);
}

/* Keeps the first of equal numbers, in time of their count: a name can be a hundred thousand records'. */
static void numbers_once(GArray *numbers)
{
	AUTO(bitset_free) struct bitset *seen = NULL;
	guint kept = 0;

	if (numbers->len <= 1)
		return;
	seen = bitset_new();
	for (guint i = 0; i < numbers->len; i++) {
		uint32_t number = number_at(numbers, i);

		if (bitset_has(seen, number))
			continue;
		bitset_add(seen, number);
		g_array_index(numbers, uint32_t, kept++) = number;
	}
	g_array_set_size(numbers, kept);
}

static void outcome_set(struct resolution *into, enum resolve_outcome outcome, const char *reason)
{
	into->outcome = outcome;
	g_strlcpy(into->reason, reason, sizeof into->reason);
}

/* Takes one of the devices in into->numbers; all other records that the entry could mean are told. */
static void choose(struct resolution *into, const GArray *records, uint32_t number, const char *reason)
{
	for (guint i = 0; i < records->len; i++)
		if (number_at(records, i) != number)
			numbers_add(into->others, number_at(records, i));
	for (guint i = 0; i < into->numbers->len; i++)
		if (number_at(into->numbers, i) != number)
			numbers_add(into->others, number_at(into->numbers, i));
	numbers_once(into->others);
	g_array_set_size(into->numbers, 0);
	g_array_append_val(into->numbers, number);
	outcome_set(into, RESOLVED_CHOSEN, reason);
}

/* The one last seen; DEVICE_NONE if two were seen at the same time or none ever. */
static uint32_t newest_of(const struct inventory *inventory, const GArray *numbers)
{
	uint32_t newest = DEVICE_NONE;
	int64_t time = 0;

	for (guint i = 0; i < numbers->len; i++) {
		int64_t seen = inventory_last_seen(inventory, number_at(numbers, i));

		if (seen > time) {
			time = seen;
			newest = number_at(numbers, i);
		} else if (seen == time) {
			newest = DEVICE_NONE;
		}
	}
	return newest;
}

/* The only one that is onboarded and active; DEVICE_NONE if there are more or none. */
static uint32_t only_active_of(const struct inventory *inventory, const GArray *numbers)
{
	uint32_t only = DEVICE_NONE;

	for (guint i = 0; i < numbers->len; i++) {
		uint32_t number = number_at(numbers, i);

		if (!inventory_is_onboarded(inventory, number) || !inventory_is_active(inventory, number))
			continue;
		if (only != DEVICE_NONE)
			return DEVICE_NONE;
		only = number;
	}
	return only;
}

/* For remove: every record and what it was merged into. */
static void take_every(const struct inventory *inventory, const GArray *records, struct resolution *into)
{
	for (guint i = 0; i < records->len; i++) {
		numbers_add(into->numbers, number_at(records, i));
		numbers_add(into->numbers, inventory_survivor(inventory, number_at(records, i)));
	}
	numbers_once(into->numbers);
	outcome_set(into, RESOLVED, "");
}

/* From the records that an entry means to the device taken (contract, section 2, rules 3 and 4). short_name: a dotted
 * name found records stored under its first label only. */
static void settle(const struct inventory *inventory, const GArray *records, bool short_name,
	const struct resolve_options *options, struct resolution *into)
{
	uint32_t number;

	if (options->removing) {
		take_every(inventory, records, into);
		return;
	}
	for (guint i = 0; i < records->len; i++)
		numbers_add(into->numbers, inventory_survivor(inventory, number_at(records, i)));
	numbers_once(into->numbers);
	if (into->numbers->len == 0) {
		outcome_set(into, RESOLVED_NONE, "merged into a record that the inventory lacks");
	} else if (into->numbers->len == 1) {
		number = number_at(into->numbers, 0);
		if (!numbers_have(records, number) || records->len > 1)
			choose(into, records, number, "the record that others were merged into");
		else if (short_name)
			choose(into, records, number, "known by its first label only");
		else
			outcome_set(into, RESOLVED, "");
	} else if (options->all_matches) {
		outcome_set(into, RESOLVED, "");
	} else if (options->newest) {
		number = newest_of(inventory, into->numbers);
		if (number != DEVICE_NONE)
			choose(into, records, number, "the one last seen");
		else
			outcome_set(into, RESOLVED_AMBIGUOUS, "several records, and no single one was last seen");
	} else {
		number = only_active_of(inventory, into->numbers);
		if (number != DEVICE_NONE)
			choose(into, records, number, "the only one onboarded and active");
		else
			outcome_set(into, RESOLVED_AMBIGUOUS, "several records, and not exactly one onboarded and active; "
				"--newest takes the one last seen, --all-matches all");
	}
}

static void resolve_pattern(struct names *names, const struct inventory *inventory, const char *pattern,
	const struct resolve_options *options, struct resolution *into)
{
	AUTO(g_array_unref) GArray *records = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	AUTO(bitset_free) struct bitset *scope = options->members != NULL ? bitset_copy(options->members) :
		inventory_scope(inventory, options->unmanaged);

	names_match(names, pattern, records);
	for (guint i = 0; i < records->len; i++) {
		uint32_t number = number_at(records, i);

		if (bitset_has(scope, number))
			g_array_append_val(into->numbers, number);
	}
	if (into->numbers->len != 0)
		outcome_set(into, RESOLVED, "");
	else
		outcome_set(into, RESOLVED_NONE, options->members != NULL ? "no device of the working set has such a name" :
			"no device has such a name");
}

/* Finds the records of a name: the full name, or (told as *short_name) a record stored under the bare first label; a bare
 * name matches first labels. For remove all of them. */
static void find_name(struct names *names, const char *name, bool removing, GArray *records, bool *short_name)
{
	const char *dot = strchr(name, '.');

	*short_name = false;
	if (dot == NULL || dot == name) {
		names_label(names, name, records);
		return;
	}
	names_exact(names, name, records);
	if (records->len == 0 || removing) {
		AUTO(g_free) char *label = g_strndup(name, (gsize)(dot - name));

		*short_name = records->len == 0;
		names_exact(names, label, records);
	}
}

/* An id, also of a form that only the inventory knows. */
static bool resolve_id(const struct inventory *inventory, const char *id, const struct resolve_options *options,
	GArray *records)
{
	uint32_t number = inventory_find(inventory, id);

	if (number == DEVICE_NONE)
		return false;
	/* A member of the set that the tenant lost can still be removed and kept by its id. */
	if (inventory_row(inventory, number) == INVENTORY_NO_ROW &&
		(options->members == NULL || !bitset_has(options->members, number)))
		return false;
	g_array_append_val(records, number);
	return true;
}

void resolve_entry(struct names *names, const struct inventory *inventory, const char *text,
	const struct resolve_options *options, struct resolution *into)
{
	AUTO(g_array_unref) GArray *records = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	AUTO(g_free) char *word = g_strstrip(g_strdup(text));
	AUTO(g_free) char *key = NULL;
	const char *why = NULL;
	bool short_name = false;
	enum entry_kind kind = entry_classify(word, options->literal, &key, &why);

	if (word[0] != '\0' && resolve_id(inventory, word, options, records))
		kind = ENTRY_DEVICE_ID;
	else if (kind == ENTRY_DEVICE_ID)
		resolve_id(inventory, key, options, records);
	switch (kind) {
	case ENTRY_DEVICE_ID:
		why = "no device has this id";
		break;
	case ENTRY_AAD_ID:
		names_entra(names, key, records);
		why = "no device has this Entra device id";
		break;
	case ENTRY_ADDRESS:
		names_address(names, key, records);
		why = "no device has this local address";
		break;
	case ENTRY_NAME:
		find_name(names, key, options->removing, records, &short_name);
		why = "no device has this name";
		break;
	case ENTRY_PATTERN:
		resolve_pattern(names, inventory, key, options, into);
		return;
	default:
		break;
	}
	if (records->len == 0)
		outcome_set(into, RESOLVED_NONE, why != NULL ? why : "no such device");
	else
		settle(inventory, records, short_name, options, into);
}

/* Whether a cell is a name of this record by the name rule: the full name, or one of both is bare and is the other's
 * first label. */
static bool bears_name(const struct inventory *inventory, uint32_t number, const char *key)
{
	AUTO(g_free) char *name = names_fold(inventory_text(inventory, number, DEVICE_NAME));
	AUTO(g_free) char *wanted = names_fold(key);
	size_t label = strcspn(wanted, ".");

	if (strcmp(name, wanted) == 0)
		return true;
	return label == strcspn(name, ".") && strncmp(name, wanted, label) == 0 &&
		(name[label] == '\0' || wanted[label] == '\0');
}

/* A text that a host cannot be called (a formula, a sentence) is a remark, not a name that could contradict an id. */
static bool could_be_name(const char *text)
{
	size_t length = 0;

	if (!g_utf8_validate(text, -1, NULL))
		return false;
	for (; *text != '\0'; text = g_utf8_next_char(text), length++) {
		gunichar c = g_utf8_get_char(text);

		if (!g_unichar_isalnum(c) && !g_unichar_ismark(c) && strchr("-._", (int)MIN(c, 0x7f)) == NULL)
			return false;
	}
	return length != 0 && length <= NAME_LIMIT;
}

void resolve_pair(struct names *names, const struct inventory *inventory, const char *id, const char *name,
	const struct resolve_options *options, struct resolution *into)
{
	AUTO(g_array_unref) GArray *named = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	AUTO(g_free) char *key = NULL;
	bool short_name, agree = false, known = false;
	const char *cut;

	resolve_entry(names, inventory, id, options, into);
	if (into->numbers->len == 0 || into->outcome == RESOLVED_AMBIGUOUS ||
		entry_classify(name, true, &key, NULL) != ENTRY_NAME)
		return;
	for (guint i = 0; i < into->numbers->len; i++) {
		agree = agree || bears_name(inventory, number_at(into->numbers, i), key);
		known = known || inventory_text(inventory, number_at(into->numbers, i), DEVICE_NAME)[0] != '\0';
	}
	for (guint i = 0; i < into->others->len; i++)
		agree = agree || bears_name(inventory, number_at(into->others, i), key);
	if (agree)
		return;
	find_name(names, key, options->removing, named, &short_name);
	if (named->len == 0 && (!known || !could_be_name(key)))
		return;
	g_array_set_size(into->others, 0);
	for (guint i = 0; i < named->len; i++)
		numbers_add(into->numbers, number_at(named, i));
	numbers_once(into->numbers);
	if (options->removing) {
		outcome_set(into, RESOLVED, "");
		return;
	}
	g_snprintf(into->reason, sizeof into->reason, "the id's device is called '%s', the row says '%s'",
		inventory_name(inventory, number_at(into->numbers, 0)), name);
	if (!g_utf8_validate(into->reason, -1, &cut)) /* cut within a character */
		into->reason[cut - into->reason] = '\0';
	into->outcome = RESOLVED_AMBIGUOUS;
}

void resolve_listed(struct names *names, const struct inventory *inventory, const struct device_entry *entry,
	const struct resolve_options *options, struct resolution *into)
{
	if (entry->fault != NULL)
		outcome_set(into, RESOLVED_NONE, entry->fault);
	else if (entry->name != NULL)
		resolve_pair(names, inventory, entry->text, entry->name, options, into);
	else
		resolve_entry(names, inventory, entry->text, options, into);
}
