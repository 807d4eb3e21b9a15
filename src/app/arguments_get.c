#include "config.h"
#include "app/arguments_internal.h"

#include <string.h>

static void value_clear(void *data)
{
	struct value *value = data;

	g_free(value->text);
}

struct arguments *arguments_make(const char *line)
{
	struct arguments *arguments = g_new0(struct arguments, 1);

	arguments->line = g_strdup(line);
	arguments->options = g_array_new(FALSE, TRUE, sizeof(struct value));
	arguments->operands = g_array_new(FALSE, TRUE, sizeof(struct value));
	arguments->kql_shifts = g_array_new(FALSE, TRUE, sizeof(struct kql_shift));
	g_array_set_clear_func(arguments->options, value_clear);
	g_array_set_clear_func(arguments->operands, value_clear);
	return arguments;
}

void arguments_free(struct arguments *arguments)
{
	if (arguments == NULL)
		return;
	g_free(arguments->line);
	g_array_unref(arguments->options);
	g_array_unref(arguments->operands);
	g_array_unref(arguments->kql_shifts);
	g_free(arguments->kql);
	g_free(arguments->kql_raw);
	g_free(arguments->kql_file);
	g_free(arguments->rest);
	g_free(arguments->file);
	g_free(arguments->program);
	g_free(arguments);
}

const struct command *arguments_command(const struct arguments *arguments)
{
	return arguments->command;
}

bool arguments_wants_help(const struct arguments *arguments)
{
	return arguments->help;
}

static const struct value *option_value(const struct arguments *arguments, const char *name)
{
	guint i;

	for (i = 0; i < arguments->options->len; i++) {
		const struct value *value = &g_array_index(arguments->options, struct value, i);

		if (strcmp(value->option->name, name) == 0)
			return value;
	}
	return NULL;
}

static const struct value *operand_value(const struct arguments *arguments, size_t index)
{
	return index < arguments->operands->len ? &g_array_index(arguments->operands, struct value, index) : NULL;
}

bool arguments_has(const struct arguments *arguments, const char *option)
{
	return option_value(arguments, option) != NULL;
}

const char *arguments_text(const struct arguments *arguments, const char *option)
{
	const struct value *value = option_value(arguments, option);

	return value != NULL ? value->text : NULL;
}

int64_t arguments_number(const struct arguments *arguments, const char *option, int64_t fallback)
{
	const struct value *value = option_value(arguments, option);

	return value != NULL ? value->number : fallback;
}

bool arguments_range(const struct arguments *arguments, const char *option, uint64_t *low, uint64_t *high)
{
	const struct value *value = option_value(arguments, option);

	if (value == NULL)
		return false;
	*low = value->low;
	*high = value->high;
	return true;
}

unsigned arguments_column(const struct arguments *arguments, const char *option)
{
	const struct value *value = option_value(arguments, option);

	return value != NULL ? value->column : 0;
}

size_t arguments_count(const struct arguments *arguments)
{
	return arguments->operands->len;
}

const char *arguments_operand(const struct arguments *arguments, size_t index)
{
	const struct value *value = operand_value(arguments, index);

	return value != NULL ? value->text : NULL;
}

bool arguments_operand_quoted(const struct arguments *arguments, size_t index)
{
	const struct value *value = operand_value(arguments, index);

	return value != NULL && value->quoted;
}

unsigned arguments_operand_column(const struct arguments *arguments, size_t index)
{
	const struct value *value = operand_value(arguments, index);

	return value != NULL ? value->column : 0;
}

int64_t arguments_operand_number(const struct arguments *arguments, size_t index)
{
	const struct value *value = operand_value(arguments, index);

	return value != NULL ? value->number : 0;
}

bool arguments_operand_range(const struct arguments *arguments, size_t index, uint64_t *low, uint64_t *high)
{
	const struct value *value = operand_value(arguments, index);

	if (value == NULL)
		return false;
	*low = value->low;
	*high = value->high;
	return true;
}

const char *arguments_kql(const struct arguments *arguments)
{
	return arguments->kql;
}

static size_t offset_of(const char *text, unsigned line, unsigned column)
{
	const char *at = text;

	while (line > 1 && (at = strchr(at, '\n')) != NULL) {
		at++;
		line--;
	}
	if (at == NULL)
		return strlen(text);
	while (column > 1 && *at != '\0' && *at != '\n') {
		/* By lead bytes: a text that is not UTF-8 must not lead beyond its end. */
		do
			at++;
		while (((unsigned char)*at & 0xc0) == 0x80);
		column--;
	}
	return (size_t)(at - text);
}

void arguments_kql_error(const struct arguments *arguments, struct error *error)
{
	size_t offset, base;
	unsigned line, column;
	guint i;

	if (error == NULL || error->kind == ERROR_NONE || error->line == 0 || arguments->kql == NULL)
		return;
	offset = base = offset_of(arguments->kql, error->line, error->column);
	for (i = 0; i < arguments->kql_shifts->len; i++) {
		const struct kql_shift *shift = &g_array_index(arguments->kql_shifts, struct kql_shift, i);

		if (shift->at <= base)
			offset = base - shift->minus + shift->plus;
	}
	if (i > 0) { /* inside a replaced value: its '$NAME' */
		for (i = 0; i + 1 < arguments->kql_shifts->len; i += 2) {
			const struct kql_shift *in = &g_array_index(arguments->kql_shifts, struct kql_shift, i);
			const struct kql_shift *after = in + 1;

			if (in->at <= base && base < after->at)
				offset = in->plus;
		}
	}
	if (arguments->kql_file != NULL) {
		words_position(arguments->kql_raw, offset, &line, &column);
		error_at(error, arguments->kql_file, line + 1, column);
		return;
	}
	words_position(arguments->line, arguments->kql_start + offset, &line, &column);
	error_at(error, NULL, line + 1, column);
}

const char *arguments_rest(const struct arguments *arguments)
{
	return arguments->rest;
}

const char *arguments_file(const struct arguments *arguments, bool *append)
{
	if (append != NULL)
		*append = arguments->append;
	return arguments->file;
}

const char *arguments_program(const struct arguments *arguments)
{
	return arguments->program;
}

bool arguments_background(const struct arguments *arguments)
{
	return arguments->background;
}
