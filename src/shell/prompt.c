#include "config.h"
#include "shell/prompt.h"

#include <string.h>

#include <glib.h>

#include "app/settings.h"
#include "app/tenant.h"
#include "core/text.h"
#include "fleet/fleet_set.h"

static void append_sign(GString *out, char sign, const struct prompt_state *state)
{
	bool connected = state->tenant[0] != '\0';

	switch (sign) {
	case 't':
		text_append_safe(out, connected ? state->tenant : "(not connected)",
			connected ? strlen(state->tenant) : strlen("(not connected)"));
		break;
	case 'n':
		g_string_append_printf(out, "%zu%s", state->devices, state->changed ? "*" : "");
		break;
	case 'm':
		g_string_append(out, state->dry_run ? " (dry)" : "");
		g_string_append(out, state->read_only ? " (read-only)" : "");
		break;
	case 'c':
		if (state->case_id != NULL)
			text_append_safe(out, state->case_id, strlen(state->case_id));
		break;
	case 'j':
		g_string_append_printf(out, "%zu", state->jobs);
		break;
	case '%':
		g_string_append_c(out, '%');
		break;
	default:
		g_string_append_c(out, '%');
		text_append_safe(out, &sign, 1);
		break;
	}
}

char *prompt_format(const char *format, const struct prompt_state *state)
{
	GString *out = g_string_new(NULL);

	while (*format != '\0') {
		size_t plain = strcspn(format, "%");

		text_append_safe(out, format, plain);
		format += plain;
		if (format[0] == '\0')
			break;
		if (format[1] == '\0') {
			g_string_append_c(out, '%');
			break;
		}
		append_sign(out, format[1], state);
		format += 2;
	}
	return g_string_free(out, FALSE);
}

char *prompt_text(const struct session *session)
{
	const struct tenant *tenant = session->tenant;
	struct prompt_state state = {
		.tenant = session_tenant_name(session),
		.devices = session_device_count(session),
		.changed = tenant != NULL && tenant->set != NULL && fleet_set_is_changed(tenant->set),
		.dry_run = session->options->dry_run,
		.read_only = session->options->read_only,
		.case_id = session->case_id,
		.jobs = session_jobs_running(session),
	};

	return prompt_format(settings_text(session->settings, "prompt"), &state);
}

char *prompt_continued(const char *prompt)
{
	size_t width = text_width(prompt);

	if (width < 4 || width > 40)
		return g_strdup("> ");
	return g_strdup_printf("%*s> ", (int)width - 2, "...");
}
