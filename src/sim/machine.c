#include "config.h"
#include "sim/machine.h"

#include <string.h>

#include "sim/jsonout.h"

#define MACHINE_CONTEXT "https://api.securitycenter.microsoft.com/api/$metadata#Machines/$entity"

const struct odata_property machine_properties[] = {
	{ "id", ODATA_STRING }, { "computerDnsName", ODATA_STRING }, { "version", ODATA_STRING },
	{ "deviceValue", ODATA_STRING }, { "aadDeviceId", ODATA_STRING }, { "machineTags", ODATA_LIST },
	{ "lastSeen", ODATA_TIME }, { "exposureLevel", ODATA_STRING }, { "onboardingStatus", ODATA_STRING },
	{ "lastIpAddress", ODATA_STRING }, { "healthStatus", ODATA_STRING }, { "osPlatform", ODATA_STRING },
	{ "riskScore", ODATA_STRING }, { "rbacGroupId", ODATA_NUMBER }, { NULL, ODATA_NULL },
};

void machine_property(const void *object, size_t index, struct odata_value *value)
{
	const struct machine *m = object;
	const char *const texts[] = { m->id, m->name, m->version, m->value, m->aad_id, NULL, NULL, m->exposure,
		m->onboarding, m->last_ip, m->health, m->platform, m->risk };

	value->type = machine_properties[index].type;
	if (value->type == ODATA_LIST) {
		value->list = m->tags;
	} else if (value->type == ODATA_TIME) {
		value->time = m->last_seen;
	} else if (value->type == ODATA_NUMBER) {
		value->number = m->group_id;
	} else {
		value->text = texts[index];
		if (value->text == NULL)
			value->type = ODATA_NULL;
	}
}

static void print_tags(GString *out, const struct machine *m)
{
	g_string_append(out, ",\"machineTags\":[");
	for (guint i = 0; m->tags != NULL && i < m->tags->len; i++) {
		if (i > 0)
			g_string_append_c(out, ',');
		jsonout_text(out, g_ptr_array_index(m->tags, i));
	}
	g_string_append_c(out, ']');
}

static void print_address(GString *out, const char *ip, const char *mac, const char *type)
{
	if (out->str[out->len - 1] != '[')
		g_string_append_c(out, ',');
	g_string_append_c(out, '{');
	jsonout_member(out, "ipAddress", ip);
	jsonout_member(out, "macAddress", mac);
	jsonout_member(out, "type", type);
	jsonout_member(out, "operationalStatus", "Up");
	g_string_append_c(out, '}');
}

static void print_addresses(GString *out, const struct machine *m)
{
	g_string_append(out, ",\"ipAddresses\":[");
	if (m->last_ip != NULL) {
		print_address(out, m->last_ip, m->mac, "Ethernet");
		print_address(out, "127.0.0.1", NULL, "SoftwareLoopback");
		print_address(out, "::1", NULL, "SoftwareLoopback");
	}
	g_string_append_c(out, ']');
}

static void print_bool(GString *out, const char *name, bool value)
{
	g_string_append_printf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void print_names(GString *out, const struct machine *m)
{
	jsonout_member(out, "id", m->id);
	jsonout_member(out, "mergedIntoMachineId", m->merged_into);
	print_bool(out, "isPotentialDuplication", m->duplicate);
	print_bool(out, "isExcluded", false);
	jsonout_member(out, "exclusionReason", NULL);
	jsonout_member(out, "computerDnsName", m->name);
	g_string_append(out, ",\"firstSeen\":");
	jsonout_time(out, m->first_seen, m->digits);
	g_string_append(out, ",\"lastSeen\":");
	jsonout_time(out, m->last_seen, m->digits);
}

static void print_rest(GString *out, const struct machine *m)
{
	jsonout_member(out, "osPlatform", m->platform);
	jsonout_member(out, "osVersion", NULL);
	jsonout_member(out, "osProcessor", m->processor);
	jsonout_member(out, "version", m->version);
	jsonout_member(out, "lastIpAddress", m->last_ip);
	jsonout_member(out, "lastExternalIpAddress", m->external_ip);
	jsonout_member(out, "agentVersion", m->agent);
	if (m->build != 0)
		g_string_append_printf(out, ",\"osBuild\":%d", m->build);
	else
		g_string_append(out, ",\"osBuild\":null");
	jsonout_member(out, "healthStatus", m->health);
	jsonout_member(out, "deviceValue", m->value);
	g_string_append_printf(out, ",\"rbacGroupId\":%d", m->group_id);
	jsonout_member(out, "rbacGroupName", m->group);
	jsonout_member(out, "riskScore", m->risk);
	jsonout_member(out, "exposureLevel", m->exposure);
	if (m->joined < 0)
		g_string_append(out, ",\"isAadJoined\":null");
	else
		print_bool(out, "isAadJoined", m->joined == 1);
	jsonout_member(out, "aadDeviceId", m->aad_id);
	print_tags(out, m);
	jsonout_member(out, "onboardingStatus", m->onboarding);
	jsonout_member(out, "osArchitecture", m->architecture);
	jsonout_member(out, "managedBy", m->managed_by);
	jsonout_member(out, "managedByStatus", "Unknown");
	print_addresses(out, m);
	g_string_append(out, ",\"vmMetadata\":null");
	if (m->extra != NULL)
		g_string_append(out, m->extra);
}

/* A record read from a file keeps its members, whatever they are, but shows what calls have changed. */
static void print_source(GString *out, const struct machine *m, bool with_context)
{
	json_t *copy = json_copy(m->source), *tags = json_array();

	for (guint i = 0; m->tags != NULL && i < m->tags->len; i++)
		json_array_append_new(tags, json_string(g_ptr_array_index(m->tags, i)));
	json_object_set_new(copy, "machineTags", tags);
	if (m->value != NULL)
		json_object_set_new(copy, "deviceValue", json_string(m->value));
	if (with_context)
		json_object_set_new(copy, "@odata.context", json_string(MACHINE_CONTEXT));
	jsonout_tree(out, copy);
	json_decref(copy);
}

void machine_print(GString *out, const struct machine *machine, bool with_context)
{
	if (machine->source != NULL) {
		print_source(out, machine, with_context);
		return;
	}
	g_string_append_c(out, '{');
	if (with_context)
		jsonout_member(out, "@odata.context", MACHINE_CONTEXT);
	print_names(out, machine);
	print_rest(out, machine);
	g_string_append_c(out, '}');
}

static bool find_tag(const struct machine *machine, const char *tag, guint *index)
{
	return machine->tags != NULL && g_ptr_array_find_with_equal_func(machine->tags, tag, g_str_equal, index);
}

bool machine_has_tag(const struct machine *machine, const char *tag)
{
	return find_tag(machine, tag, NULL);
}

bool machine_add_tag(struct machine *machine, const char *tag)
{
	if (find_tag(machine, tag, NULL))
		return false;
	if (machine->tags == NULL)
		machine->tags = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(machine->tags, g_strdup(tag));
	return true;
}

bool machine_remove_tag(struct machine *machine, const char *tag)
{
	guint index;

	if (!find_tag(machine, tag, &index))
		return false;
	g_ptr_array_remove_index(machine->tags, index);
	return true;
}

bool machine_is_onboarded(const struct machine *machine)
{
	return g_strcmp0(machine->onboarding, "Onboarded") == 0;
}

static bool platform_begins(const struct machine *machine, const char *const *prefixes)
{
	for (; *prefixes != NULL && machine->platform != NULL; prefixes++)
		if (g_str_has_prefix(machine->platform, *prefixes))
			return true;
	return false;
}

bool machine_is_windows(const struct machine *machine)
{
	return platform_begins(machine, (const char *const[]){ "Windows", NULL });
}

bool machine_is_server(const struct machine *machine)
{
	return platform_begins(machine, (const char *const[]){ "WindowsServer", NULL });
}

bool machine_is_linux(const struct machine *machine)
{
	return platform_begins(machine, (const char *const[]){ "Linux", "Ubuntu", "RedHat", "Debian", "CentOS", "SUSE",
		"Oracle", "AmazonLinux", "Fedora", "Rocky", "Alma", NULL });
}

bool machine_is_mac(const struct machine *machine)
{
	return platform_begins(machine, (const char *const[]){ "macOS", NULL });
}
