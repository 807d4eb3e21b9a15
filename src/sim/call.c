#include "config.h"
#include "sim/calls.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"

struct machine *call_target(struct request *request)
{
	struct machine *machine = tenant_machine(request->tenant, request->id);

	if (machine == NULL)
		answer_error(request, 404, "ResourceNotFound", "Machine %s was not found", request->id);
	return machine;
}

static bool read_count(struct request *request, const char *name, size_t least, size_t most, size_t *count)
{
	const char *text = request_query(request, name);
	char *end;
	unsigned long long value;

	if (text == NULL)
		return true;
	value = strtoull(text, &end, 10);
	if (!g_ascii_isdigit(text[0]) || *end != '\0' || value < least || value > most) {
		AUTO(g_free) char *message = g_strdup_printf("Invalid value '%s' for %s query option found. The %s query option "
			"requires an integer from %zu to %zu.", text, name, name, least, most);

		answer_odata_error(request, message);
		return false;
	}
	*count = (size_t)value;
	return true;
}

bool call_page(struct request *request, const char *const *known, size_t *top, size_t *skip)
{
	const char *name;
	json_t *value;

	*top = *skip = 0;
	json_object_foreach(request->query, name, value) {
		if (name[0] != '$' || strcmp(name, "$top") == 0 || strcmp(name, "$skip") == 0 || g_strv_contains(known, name))
			continue;
		AUTO(g_free) char *message = g_strdup_printf("Custom query option '%s' that starts with '$' is not supported.",
			name);

		answer_odata_error(request, message);
		return false;
	}
	return read_count(request, "$top", 1, PAGE_SIZE, top) && read_count(request, "$skip", 0, SIZE_MAX / 2, skip);
}

bool call_members(struct request *request, const char *const *known)
{
	const char *name;
	json_t *value;

	json_object_foreach(request->json, name, value) {
		if (g_strv_contains(known, name))
			continue;
		answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
		return false;
	}
	return true;
}

const char *call_text(struct request *request, const char *name)
{
	const json_t *value = json_object_get(request->json, name);
	const char *text = json_string_value(value);

	if (value == NULL || json_is_null(value) || (text != NULL && text[0] == '\0'))
		answer_error(request, 400, "MissingRequiredParameter", "Parameter %s is missing.", name);
	else if (text == NULL)
		answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
	return text != NULL && text[0] != '\0' ? text : NULL;
}
