/* Calls of functions that the text defines. A call stands for the function's body with the arguments in it, as in the
 * service: nothing is left to call when rows are read. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "kql/functions.h"

#define CALLS_LIMIT 64                     /* functions that call functions */
#define EXPANDED_LIMIT (4U * 1024 * 1024)  /* bytes of bodies that calls stand for, in one query */

struct expansion {
	struct kql_binder *binder;
	const struct kql_let *let;
	struct kql_node *call;
	struct kql_pipe *input;         /* of invoke: the first argument */
	struct kql_let *lets;           /* what the body sees */
	struct kql_statements body;
};

bool kql_bind_function(struct kql_binder *binder, struct kql_let *let)
{
	struct kql_function_body *body = let->body;
	struct kql_statements statements = { .lets = NULL };
	struct kql_parser parser;
	struct kql_scope scope;
	struct error ignored = ERROR_INIT;

	kql_bind_scope(binder, &scope, NULL, 0);
	for (size_t n = 0; n < body->parameter_count; n++) {
		struct kql_parameter *parameter = &body->parameters[n];

		if (parameter->value == NULL)
			continue;
		if (!kql_check(&scope, &parameter->value))
			return false;
		if (!kql_node_is_constant(parameter->value))
			return kql_bind_fault(binder, parameter->at, "the default of '%s' must be a constant", parameter->name);
		if (parameter->value->type != parameter->type &&
			!(kql_type_is_number(parameter->type) && kql_type_is_number(parameter->value->type)))
			return kql_bind_fault(binder, parameter->value->at, "the default of '%s' is of type %s, not %s",
				parameter->name, kql_type_name(parameter->value->type), kql_type_name(parameter->type));
	}
	/* Whether it gives a table shows at the body's end; names there may be its own. */
	kql_parser_continue(&parser, body->text, body->start, binder->arena, binder->now_ticks, &ignored);
	parser.parse_pipe = kql_parse_pipe;
	if (!kql_parse_statements(&parser, &statements))
		return error_copy(binder->error, &ignored);
	body->tabular = statements.pipe != NULL;
	if (statements.pipe == NULL && (statements.node->kind == KQL_NODE_NAME || statements.node->kind == KQL_NODE_CALL)) {
		const char *name = statements.node->name;

		for (const struct kql_let *own = statements.lets; own != NULL; own = own->next)
			if (strcmp(own->name, name) == 0) {
				body->tabular = own->pipe != NULL || (own->body != NULL &&
					kql_bind_function(binder, (struct kql_let *)own) && own->body->tabular);
				return true;
			}
		for (size_t n = 0; n < body->parameter_count; n++)
			if (strcmp(body->parameters[n].name, name) == 0) {
				body->tabular = body->parameters[n].table;
				return true;
			}
		body->tabular = kql_bind_as_table(binder, statements.node) != NULL;
	}
	return true;
}

static bool call_fault(struct expansion *expansion, const char *what)
{
	struct kql_binder *binder = expansion->binder;
	const struct kql_function_body *body = expansion->let->body;
	AUTO(g_string) GString *usage = g_string_new(NULL);

	for (size_t n = expansion->input != NULL ? 1 : 0; n < body->parameter_count; n++)
		g_string_append_printf(usage, "%s%s", usage->len != 0 ? ", " : "", body->parameters[n].name);
	kql_bind_fault(binder, expansion->call->at, "%s() %s", expansion->let->name, what);
	error_hint(binder->error, "write %s(%s)", expansion->let->name, usage->str);
	return false;
}

/* The argument for a parameter: by name, or by place; NULL if there is none. */
static struct kql_node *find_argument(const struct expansion *expansion, size_t parameter)
{
	const struct kql_node *call = expansion->call;
	size_t place = parameter - (expansion->input != NULL ? 1 : 0);

	for (size_t n = 0; n < call->count; n++)
		if (call->args[n]->kind == KQL_NODE_NAMED &&
			strcmp(call->args[n]->name, expansion->let->body->parameters[parameter].name) == 0)
			return call->args[n]->args[0];
	if (place < call->count && call->args[place]->kind != KQL_NODE_NAMED)
		return call->args[place];
	return NULL;
}

static bool check_count(struct expansion *expansion)
{
	const struct kql_function_body *body = expansion->let->body;
	size_t room = body->parameter_count - (expansion->input != NULL ? 1 : 0);
	bool moved = false; /* a name stands elsewhere than its parameter does */

	if (expansion->input != NULL && (body->parameter_count == 0 || !body->parameters[0].table))
		return call_fault(expansion, "takes no table as its first argument");
	if (expansion->call->count > room)
		return call_fault(expansion, "has too many arguments");
	for (size_t n = 0; n < expansion->call->count; n++) {
		const struct kql_node *arg = expansion->call->args[n];
		bool known = arg->kind != KQL_NODE_NAMED;

		if (known && moved)
			return call_fault(expansion, "takes arguments with names after those without");
		for (size_t m = 0; m < body->parameter_count && arg->kind == KQL_NODE_NAMED; m++) {
			bool same = strcmp(body->parameters[m].name, arg->name) == 0;

			known |= same;
			moved |= same && m != n + (expansion->input != NULL ? 1 : 0);
		}
		if (!known)
			return kql_bind_fault(expansion->binder, arg->at, "%s() has no parameter '%s'", expansion->let->name, arg->name);
	}
	return true;
}

/* Whether a table has the columns that its parameter asks for. */
static bool check_table_argument(struct expansion *expansion, const struct kql_parameter *parameter,
	const struct kql_pipe *pipe)
{
	for (size_t n = 0; n < parameter->field_count; n++) {
		const struct kql_field *wanted = &parameter->fields[n], *found = NULL;

		for (size_t m = 0; m < pipe->field_count && found == NULL; m++)
			if (strcmp(pipe->fields[m].name, wanted->name) == 0)
				found = &pipe->fields[m];
		if (found == NULL)
			return kql_bind_fault(expansion->binder, expansion->call->at, "the table given to %s() has no column '%s'",
				expansion->let->name, wanted->name);
		if (found->type != wanted->type)
			return kql_bind_fault(expansion->binder, expansion->call->at,
				"the column '%s' of the table given to %s() is of type %s, not %s", wanted->name, expansion->let->name,
				kql_type_name(found->type), kql_type_name(wanted->type));
	}
	return true;
}

static bool bind_table_argument(struct expansion *expansion, const struct kql_parameter *parameter, struct kql_node *arg,
	bool first, struct kql_let *let)
{
	struct kql_binder *binder = expansion->binder;

	let->pipe = first && expansion->input != NULL ? expansion->input : arg != NULL ? kql_bind_as_table(binder, arg) : NULL;
	if (let->pipe == NULL)
		return kql_bind_fault(binder, arg != NULL ? arg->at : expansion->call->at, "the argument '%s' of %s() is a table",
			parameter->name, expansion->let->name);
	if (!kql_bind_pipe(binder, let->pipe))
		return false;
	if (let->pipe->slot == SIZE_MAX)
		let->pipe->slot = binder->slots++;
	return check_table_argument(expansion, parameter, let->pipe);
}

/* Brings a value to the parameter's type where it is of another one. */
static bool convert(struct kql_scope *scope, enum kql_type type, struct kql_node **place)
{
	static const char *const functions[] = {
		[KQL_BOOL] = "tobool", [KQL_INT] = "toint", [KQL_LONG] = "tolong", [KQL_REAL] = "toreal",
		[KQL_DECIMAL] = "todecimal", [KQL_DATETIME] = "todatetime", [KQL_TIMESPAN] = "totimespan",
		[KQL_GUID] = "toguid", [KQL_STRING] = "tostring", [KQL_DYNAMIC] = "todynamic",
	};
	struct kql_node *call, *value = *place;
	const char *name = functions[type];

	if (value->type == type)
		return true;
	if (type == KQL_GUID && !kql_type_is_text(value->type))
		return kql_node_fault(scope, value, "a value of type %s is no guid", kql_type_name(value->type));
	/* A text stays a text among dynamic values; it is not read as JSON. */
	if (type == KQL_DYNAMIC && kql_node_is_constant(value)) {
		AUTO(g_string) GString *json = g_string_new(NULL);

		kql_value_append_json(json, &value->value);
		value->type = KQL_DYNAMIC;
		value->value = kql_dynamic((struct kql_slice){ kql_arena_copy(scope->arena, json->str, json->len), json->len });
	}
	if (type == KQL_DYNAMIC)
		return true;
	call = kql_arena_zero(scope->arena, sizeof *call);
	*call = (struct kql_node){ .kind = KQL_NODE_CALL, .at = value->at, .length = value->length, .name = name, .count = 1 };
	call->args = kql_arena_alloc(scope->arena, sizeof *call->args);
	call->args[0] = value;
	*place = call;
	return kql_check_builtin(scope, place);
}

static bool bind_value_argument(struct expansion *expansion, struct kql_scope *scope,
	const struct kql_parameter *parameter, struct kql_node *arg, struct kql_let *let)
{
	if (arg == NULL && parameter->value == NULL) {
		call_fault(expansion, "has too few arguments");
		return false;
	}
	if (arg == NULL) {
		let->node = parameter->value;
		return convert(scope, parameter->type, &let->node);
	}
	/* What invoke gives a function of the source may be a column's name, for the name. */
	if (expansion->input != NULL && expansion->let->body->text != expansion->binder->text && arg->kind == KQL_NODE_NAME &&
		parameter->type == KQL_STRING && kql_bind_find(expansion->binder, arg->name) == NULL) {
		arg->kind = KQL_NODE_LITERAL;
		arg->value = kql_text(KQL_STRING, arg->name, strlen(arg->name));
	}
	let->node = arg;
	if (!kql_check(scope, &let->node))
		return false;
	if (let->node->kind == KQL_NODE_TYPEOF)
		return kql_node_fault(scope, let->node, "a type is no value");
	let->node->shape = KQL_SHAPE_UNKNOWN; /* to the body it is any dynamic value */
	return convert(scope, parameter->type, &let->node);
}

static bool bind_arguments(struct expansion *expansion, struct kql_scope *scope)
{
	const struct kql_function_body *body = expansion->let->body;
	struct kql_binder *binder = expansion->binder;

	expansion->lets = expansion->let->next;
	if (!check_count(expansion))
		return false;
	for (size_t n = 0; n < body->parameter_count; n++) {
		const struct kql_parameter *parameter = &body->parameters[n];
		struct kql_let *let = kql_arena_zero(binder->arena, sizeof *let);
		bool given = n == 0 && expansion->input != NULL;
		struct kql_node *arg = given ? NULL : find_argument(expansion, n);

		*let = (struct kql_let){ .name = parameter->name, .at = parameter->at, .level = binder->level,
			.next = expansion->lets };
		if (!(parameter->table ? bind_table_argument(expansion, parameter, arg, n == 0, let) :
			bind_value_argument(expansion, scope, parameter, arg, let)))
			return false;
		expansion->lets = let;
	}
	return true;
}

/* Parses the body anew: a tree can be checked but once. */
static bool parse_body(struct expansion *expansion)
{
	struct kql_binder *binder = expansion->binder;
	const struct kql_function_body *body = expansion->let->body;
	struct kql_parser parser;

	binder->expanded += body->end - body->start + 64;
	if (binder->calls >= CALLS_LIMIT || binder->expanded > EXPANDED_LIMIT)
		return kql_bind_fault(binder, expansion->call->at, "functions are called within functions too often");
	kql_parser_continue(&parser, body->text, body->start, binder->arena, binder->now_ticks, binder->error);
	parser.parse_pipe = kql_parse_pipe;
	expansion->body.lets = expansion->lets;
	return kql_parse_statements(&parser, &expansion->body);
}

static bool bind_result(struct expansion *expansion, struct kql_scope *outer)
{
	struct kql_binder *binder = expansion->binder;
	struct kql_scope scope;

	if (!kql_bind_lets(binder, expansion->body.lets, expansion->lets))
		return false;
	binder->lets = expansion->body.lets;
	if (expansion->let->body->tabular) {
		if (expansion->body.pipe == NULL)
			expansion->body.pipe = kql_bind_as_table(binder, expansion->body.node);
		return expansion->body.pipe != NULL && kql_bind_pipe(binder, expansion->body.pipe);
	}
	/* The body sees its parameters, not the caller's columns. */
	kql_bind_scope(binder, &scope, NULL, 0);
	scope.depth = outer->depth;
	return kql_check(&scope, &expansion->body.node);
}

/* A function of the source has its faults where the query calls it. */
static bool bind_body(struct expansion *expansion, struct kql_scope *scope)
{
	struct kql_binder *binder = expansion->binder;
	const char *text = binder->text;
	struct error *error = binder->error, fault = ERROR_INIT;
	struct kql_let *lets = binder->lets;
	bool foreign = expansion->let->body->text != text, fine;

	if (foreign) {
		binder->text = expansion->let->body->text;
		binder->error = &fault;
	}
	binder->calls++;
	fine = parse_body(expansion) && bind_result(expansion, scope);
	binder->calls--;
	binder->lets = lets;
	binder->text = text;
	binder->error = error;
	if (!fine && foreign)
		kql_bind_fault(binder, expansion->call->at, "%s(): %s", expansion->let->name, fault.text);
	return fine;
}

static bool expand(struct expansion *expansion, struct kql_scope *scope)
{
	return bind_arguments(expansion, scope) && bind_body(expansion, scope);
}

/* What stands for an argument while there is none: a value that nothing is known of, or a table without rows. */
static struct kql_let *stand_in(struct kql_binder *binder, const struct kql_parameter *parameter)
{
	struct kql_let *let = kql_arena_zero(binder->arena, sizeof *let);

	*let = (struct kql_let){ .name = parameter->name, .at = parameter->at, .level = binder->level };
	if (parameter->table) {
		let->pipe = kql_arena_zero(binder->arena, sizeof *let->pipe);
		*let->pipe = (struct kql_pipe){ .at = parameter->at, .fields = parameter->fields,
			.field_count = parameter->field_count, .slot = binder->slots++, .bound = true };
		return let;
	}
	let->node = kql_arena_zero(binder->arena, sizeof *let->node);
	*let->node = (struct kql_node){ .kind = KQL_NODE_SCALAR, .at = parameter->at, .type = parameter->type,
		.value = kql_null(parameter->type), .compute = kql_compute_literal, .depends = KQL_DEPENDS_NONE, .unstable = true,
		.height = 1 };
	return let;
}

static const struct kql_relation *run_nothing(struct kql_binder *binder, struct kql_pipe *pipe)
{
	(void)pipe;
	error_set(binder->error, ERROR_FAILED, "nothing is run while a function is only looked at");
	return NULL;
}

/* Other faults than of names depend on the arguments: they show when the function is called. */
bool kql_bind_names(struct kql_binder *binder, struct kql_let *let)
{
	const struct kql_function_body *body = let->body;
	struct expansion expansion = { .binder = binder, .let = let, .lets = let->next };
	struct kql_node call = { .kind = KQL_NODE_CALL, .at = let->at, .name = let->name };
	struct error *error = binder->error, fault = ERROR_INIT;
	const struct kql_render *render = binder->render;
	const struct kql_relation *(*run)(struct kql_binder *, struct kql_pipe *) = binder->run;
	guint scalars = binder->scalars->len;
	struct kql_scope scope;
	bool fine;

	if (binder->naming || body->text != binder->text)
		return true;
	for (size_t n = 0; n < body->parameter_count; n++) {
		struct kql_let *argument;

		if (body->parameters[n].any)
			return true;
		argument = stand_in(binder, &body->parameters[n]);
		argument->next = expansion.lets;
		expansion.lets = argument;
	}
	expansion.call = &call;
	binder->error = &fault;
	binder->naming = true;
	binder->unknown = false;
	binder->run = run_nothing;
	kql_bind_scope(binder, &scope, NULL, 0);
	fine = bind_body(&expansion, &scope);
	binder->error = error;
	binder->naming = false;
	binder->run = run;
	binder->render = render;
	g_ptr_array_set_size(binder->scalars, (gint)scalars);
	return fine || !binder->unknown || error_copy(error, &fault);
}

bool kql_bind_call(void *data, struct kql_scope *scope, struct kql_node **place, bool *taken)
{
	struct kql_binder *binder = data;
	struct expansion expansion = { .binder = binder, .call = *place };

	expansion.let = kql_bind_find(binder, (*place)->name);
	if (expansion.let == NULL || expansion.let->body == NULL)
		return true;
	*taken = true;
	if (expansion.let->body->tabular) {
		kql_node_fault(scope, *place, "'%s' gives a table, not a value", (*place)->name);
		error_hint(scope->error, "toscalar(%s(...)) is the value in its first cell", (*place)->name);
		return false;
	}
	if (!expand(&expansion, scope))
		return false;
	*place = expansion.body.node;
	return true;
}

/* Gives a pipe the function's table as its source. */
static bool bind_as_source(struct expansion *expansion, struct kql_pipe *pipe)
{
	struct kql_scope scope;

	kql_bind_scope(expansion->binder, &scope, NULL, 0);
	if (!expansion->let->body->tabular)
		return kql_bind_fault(expansion->binder, expansion->call->at, "'%s' gives a value, not a table",
			expansion->let->name);
	if (!expand(expansion, &scope))
		return false;
	pipe->source = KQL_FROM_PIPE;
	pipe->inner = expansion->body.pipe;
	pipe->source_fields = pipe->inner->fields;
	pipe->source_count = pipe->inner->field_count;
	pipe->serialized = pipe->inner->serialized;
	return true;
}

static bool unknown_function(struct kql_binder *binder, const struct kql_node *call)
{
	static const char *const elsewhere[] = { "cluster", "database", "workspace", "app", "resource", "external_table",
		"materialized_view", "stored_query_result", "externaldata", "external_data", "entity_group", "graph" };

	for (size_t n = 0; n < G_N_ELEMENTS(elsewhere); n++)
		if (strcmp(elsewhere[n], call->name) == 0)
			return kql_bind_fault(binder, call->at, "%s(): data of elsewhere cannot be read here", call->name);
	if (kql_function_find(call->name) != NULL)
		return kql_bind_fault(binder, call->at, "%s() gives a value, not a table", call->name);
	binder->unknown = true;
	return kql_bind_fault(binder, call->at, "unknown function '%s'", call->name);
}

bool kql_bind_table_call(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct expansion expansion = { .binder = binder, .call = pipe->call };

	expansion.let = kql_bind_find(binder, pipe->call->name);
	if (expansion.let == NULL || expansion.let->body == NULL)
		return unknown_function(binder, pipe->call);
	return bind_as_source(&expansion, pipe);
}

bool kql_bind_invoke(struct kql_binder *binder, struct kql_pipe *before, struct kql_step *step, struct kql_pipe *after)
{
	struct expansion expansion = { .binder = binder, .call = step->node, .input = before };

	expansion.let = kql_bind_find(binder, step->node->name);
	if (expansion.let == NULL || expansion.let->body == NULL)
		return unknown_function(binder, step->node);
	return bind_as_source(&expansion, after);
}
