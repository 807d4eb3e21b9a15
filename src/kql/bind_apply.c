/* Checks mv-apply and partition: operators over a part of the rows at a time. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "kql/eval.h"

/* Binds the pipe over rows with these columns. */
static bool bind_part(struct kql_binder *binder, struct kql_apply *apply, const struct kql_field *fields, size_t count,
	bool serialized)
{
	struct kql_pipe *pipe = apply->pipe, *input = kql_arena_zero(binder->arena, sizeof *input);

	/* The rows are laid into the slot of a pipe without a source, before each run. */
	*input = (struct kql_pipe){ .source = KQL_FROM_INPUT, .at = pipe->at, .slot = binder->slots++, .bound = true,
		.serialized = serialized };
	input->fields = kql_arena_alloc(binder->arena, (count + 1) * sizeof *input->fields);
	memcpy(input->fields, fields, count * sizeof *input->fields);
	input->field_count = count;
	pipe->source = KQL_FROM_PIPE;
	pipe->inner = input;
	apply->first_slot = binder->slots;
	if (!kql_bind_pipe(binder, pipe))
		return false;
	apply->last_slot = binder->slots;
	return true;
}

/* The result: the input's columns but those that were expanded, and what the operators make beside them. columns[]: the
 * place in the input, or behind those the place in the operators' result. */
static void apply_fields(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	const struct kql_apply *apply = step->apply;
	const struct kql_pipe *pipe = apply->pipe;
	size_t most = count + pipe->field_count + 1;

	step->fields = kql_arena_alloc(binder->arena, most * sizeof *step->fields);
	step->columns = kql_arena_alloc(binder->arena, most * sizeof *step->columns);
	step->field_count = 0;
	for (size_t n = 0; n < count; n++) {
		bool expanded = false;

		/* A column that is expanded itself is gone; one that a value of another form is called after stays. */
		for (size_t m = 0; m < apply->expand->items.count; m++)
			expanded |= apply->expand->items.items[m].column == n &&
				apply->expand->items.items[m].node->compute == kql_compute_column;
		if (expanded)
			continue;
		step->columns[step->field_count] = n;
		step->fields[step->field_count++] = fields[n];
	}
	for (size_t n = 0; n < pipe->field_count; n++) {
		size_t place = 0;

		while (place < step->field_count && strcmp(step->fields[place].name, pipe->fields[n].name) != 0)
			place++;
		/* One of the same name takes the place of the input's. */
		step->columns[place] = count + n;
		step->fields[place] = pipe->fields[n];
		step->field_count += place == step->field_count ? 1 : 0;
	}
}

bool kql_bind_apply(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_apply *apply = step->apply;
	struct kql_step *expand = apply->expand;

	if (!kql_bind_step(binder, expand, fields, count) || !bind_part(binder, apply, expand->fields, expand->field_count, true))
		return false;
	apply_fields(binder, step, fields, count);
	return true;
}

bool kql_bind_partition(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_apply *apply = step->apply;
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, fields, count);
	if (!kql_check(&scope, &apply->key))
		return false;
	if (apply->key->type == KQL_DYNAMIC)
		return kql_node_fault(&scope, apply->key, "one cannot partition by a dynamic value");
	if (!bind_part(binder, apply, fields, count, binder->serialized))
		return false;
	step->fields = apply->pipe->fields;
	step->field_count = apply->pipe->field_count;
	return true;
}
