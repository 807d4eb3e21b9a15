#include "config.h"
#include "sim/tenant.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "core/file.h"
#include "core/isotime.h"
#include "sim/action.h"
#include "sim/cast.h"
#include "sim/hunt.h"
#include "sim/log.h"
#include "sim/rng.h"

#define TENANT_FILE_LIMIT (2048UL * 1024 * 1024)
#define TENANT_SECOND_DEVICES 12

static const char *keep(struct tenant *tenant, const char *text)
{
	return text != NULL ? g_string_chunk_insert_const(tenant->texts, text) : NULL;
}

static const char *member(struct tenant *tenant, const json_t *from, const char *name)
{
	return keep(tenant, json_string_value(json_object_get(from, name)));
}

static int64_t member_time(const json_t *from, const char *name)
{
	const char *text = json_string_value(json_object_get(from, name));
	int64_t ticks = 0;

	if (text != NULL)
		isotime_parse(text, strlen(text), &ticks);
	return ticks;
}

static void read_tags(struct machine *m, const json_t *source)
{
	size_t i;
	json_t *tag;

	json_array_foreach(json_object_get(source, "machineTags"), i, tag)
		if (json_is_string(tag))
			machine_add_tag(m, json_string_value(tag));
}

static bool read_machine(struct tenant *tenant, struct machine *m, json_t *source, struct error *error)
{
	json_t *joined = json_object_get(source, "isAadJoined");

	m->id = member(tenant, source, "id");
	if (m->id == NULL || m->id[0] == '\0')
		return error_set(error, ERROR_USAGE, "a machine without an id");
	m->source = json_incref(source);
	m->name = member(tenant, source, "computerDnsName");
	m->first_seen = member_time(source, "firstSeen");
	m->last_seen = member_time(source, "lastSeen");
	m->digits = 7;
	m->platform = member(tenant, source, "osPlatform");
	m->version = member(tenant, source, "version");
	m->processor = member(tenant, source, "osProcessor");
	m->architecture = member(tenant, source, "osArchitecture");
	m->agent = member(tenant, source, "agentVersion");
	m->last_ip = member(tenant, source, "lastIpAddress");
	m->external_ip = member(tenant, source, "lastExternalIpAddress");
	m->health = member(tenant, source, "healthStatus");
	m->value = member(tenant, source, "deviceValue");
	m->group = member(tenant, source, "rbacGroupName");
	m->risk = member(tenant, source, "riskScore");
	m->exposure = member(tenant, source, "exposureLevel");
	m->onboarding = member(tenant, source, "onboardingStatus");
	m->managed_by = member(tenant, source, "managedBy");
	m->aad_id = member(tenant, source, "aadDeviceId");
	m->merged_into = member(tenant, source, "mergedIntoMachineId");
	m->build = (int)json_integer_value(json_object_get(source, "osBuild"));
	m->group_id = (int)json_integer_value(json_object_get(source, "rbacGroupId"));
	m->joined = json_is_boolean(joined) ? json_is_true(joined) : -1;
	read_tags(m, source);
	return true;
}

/* A body of the machine list, a bare array of machines, or an array of such bodies. */
static void collect(const json_t *tree, GPtrArray *machines)
{
	const json_t *value = json_object_get(tree, "value");
	size_t i;
	json_t *element;

	if (json_is_array(value)) {
		collect(value, machines);
		return;
	}
	json_array_foreach(tree, i, element) {
		if (json_is_array(json_object_get(element, "value")))
			collect(element, machines);
		else if (json_is_object(element))
			g_ptr_array_add(machines, json_incref(element));
	}
}

static bool read_file(const char *path, GPtrArray *machines, struct error *error)
{
	AUTO(g_free) char *bytes = NULL;
	size_t length;
	json_error_t fault;
	json_t *tree;

	if (!file_read(path, TENANT_FILE_LIMIT, &bytes, &length, error))
		return false;
	tree = json_loadb(bytes, length, 0, &fault);
	if (tree == NULL) {
		error_set(error, ERROR_USAGE, "'%s' is not JSON: %s", path, fault.text);
		error_at(error, path, (unsigned)fault.line, (unsigned)fault.column);
		return false;
	}
	collect(tree, machines);
	json_decref(tree);
	return true;
}

static bool read_files(struct tenant *tenant, const GPtrArray *files, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *sources = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
	bool ok = true;

	for (guint i = 0; i < files->len; i++)
		if (!read_file(g_ptr_array_index(files, i), sources, error))
			return false;
	tenant->count = sources->len;
	tenant->machines = g_new0(struct machine, sources->len + 1);
	for (guint i = 0; i < sources->len && ok; i++)
		ok = read_machine(tenant, &tenant->machines[i], g_ptr_array_index(sources, i), error);
	return ok;
}

static void index_machines(struct tenant *tenant)
{
	for (size_t i = 0; i < tenant->count; i++) {
		struct machine *m = &tenant->machines[i];
		AUTO(g_free) char *id = g_ascii_strdown(m->id, -1);

		g_hash_table_insert(tenant->by_id, (char *)keep(tenant, id), m);
		m->unreachable = tenant->sim->options.merged_gone && m->merged_into != NULL;
	}
}

/* --gone: listed, but unknown to every call by id, as a device that left after the list was made. */
static bool mark_gone(struct tenant *tenant, const GPtrArray *gone, struct error *error)
{
	for (guint i = 0; i < gone->len; i++) {
		struct machine *m = tenant_find(tenant, g_ptr_array_index(gone, i));

		if (m == NULL)
			return error_set(error, ERROR_USAGE, "no device '%s' to be gone", (char *)g_ptr_array_index(gone, i));
		m->unreachable = true;
	}
	return true;
}

struct tenant *tenant_new(struct sim *sim, unsigned number, struct error *error)
{
	struct tenant *tenant = g_new0(struct tenant, 1);
	const struct sim_options *options = &sim->options;
	bool ok = true;

	tenant->sim = sim;
	tenant->identity = &sim_identities[number];
	tenant->texts = g_string_chunk_new(65536);
	tenant->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	tenant->actions = g_ptr_array_new_with_free_func((GDestroyNotify)action_free);
	tenant->actions_by_id = g_hash_table_new(g_str_hash, g_str_equal);
	tenant->limits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (number > 0)
		cast_make(tenant, number, TENANT_SECOND_DEVICES);
	else if (options->machine_files->len > 0)
		ok = read_files(tenant, options->machine_files, error);
	else
		cast_make(tenant, number, options->devices);
	index_machines(tenant);
	if (ok && number == 0)
		ok = mark_gone(tenant, options->gone, error);
	if (!ok) {
		tenant_free(tenant);
		return NULL;
	}
	return tenant;
}

void tenant_free(struct tenant *tenant)
{
	if (tenant == NULL)
		return;
	for (size_t i = 0; i < tenant->count; i++) {
		g_clear_pointer(&tenant->machines[i].tags, g_ptr_array_unref);
		g_clear_pointer(&tenant->machines[i].actions, g_ptr_array_unref);
		json_decref(tenant->machines[i].source);
	}
	hunt_free(tenant->hunt);
	g_free(tenant->machines);
	g_hash_table_unref(tenant->by_id);
	g_hash_table_unref(tenant->actions_by_id);
	g_ptr_array_unref(tenant->actions);
	g_hash_table_unref(tenant->limits);
	g_string_chunk_free(tenant->texts);
	g_free(tenant);
}

struct machine *tenant_machine(const struct tenant *tenant, const char *id)
{
	AUTO(g_free) char *lower = g_ascii_strdown(id, -1);
	struct machine *m = g_hash_table_lookup(tenant->by_id, lower);

	return m == NULL || m->gone || m->unreachable ? NULL : m;
}

struct machine *tenant_find(const struct tenant *tenant, const char *id_or_name)
{
	struct machine *found = tenant_machine(tenant, id_or_name);

	if (found != NULL)
		return found;
	for (size_t i = 0; i < tenant->count; i++) {
		struct machine *m = &tenant->machines[i];

		if (!m->gone && !m->unreachable && m->name != NULL && g_ascii_strcasecmp(m->name, id_or_name) == 0 &&
				(found == NULL || m->last_seen > found->last_seen))
			found = m;
	}
	return found;
}

void tenant_vanish(struct tenant *tenant, struct machine *machine)
{
	if (machine->gone)
		return;
	machine->gone = true;
	tenant->gone++;
	log_event_machine(tenant->sim, "vanish", machine);
}

static bool is_plain(const struct machine *m)
{
	return !m->gone && machine_is_onboarded(m) && g_strcmp0(m->health, "Active") == 0 && m->merged_into == NULL &&
		!m->duplicate;
}

void tenant_listed(struct tenant *tenant)
{
	unsigned left = tenant->sim->options.vanish_after_list;
	struct rng rng;

	if (tenant->listed < tenant->count - tenant->gone)
		return;
	for (size_t i = 0; i < tenant->count; i++)
		tenant->machines[i].listed = false;
	tenant->listed = 0;
	/* once only, and only in the tenant that the options describe */
	if (left == 0 || tenant != tenant->sim->tenants[0])
		return;
	tenant->sim->options.vanish_after_list = 0;
	rng_init(&rng, tenant->sim->options.seed, "vanish", 0);
	for (size_t tries = 0; left > 0 && tries < tenant->count * 20; tries++) {
		struct machine *m = &tenant->machines[rng_below(&rng, (unsigned)tenant->count)];

		if (is_plain(m)) {
			tenant_vanish(tenant, m);
			left--;
		}
	}
}
