/* The table of scalar functions. */
#ifndef KQL_FUNCTIONS_H
#define KQL_FUNCTIONS_H

#include <stddef.h>

#include "kql/check.h"
#include "kql/eval.h"

#define KQL_ARGS_MAX 64

typedef void kql_call(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result);

struct kql_function {
	const char *name;
	const char *usage; /* what stands in the brackets: "text, start [, length]" */
	/* One letter a parameter: a any, s text (S: or any dynamic; v: or an array), i whole number (j: or an array), n number
	 * (f: but no decimal), b bool, t datetime, p timespan, d array, k bag, u number, datetime or timespan, g guid, o anything but
	 * dynamic (O: and guid), T typeof(...). After it ! for a constant, ? for
	 * optional (and all that follow), * for the last one: any number more. */
	const char *params;
	/* The type of the result: b, l, i, r, m decimal, t, p, g, s, d, A array, B bag; 1 that of the first argument, w the widest number;
	 * 0: set by check. */
	char result;
	bool strict;  /* null if an argument is null: call is not asked */
	kql_call *call;
	kql_compute *compute; /* instead of call: computes its arguments itself */
	bool (*check)(struct kql_scope *scope, struct kql_node *node); /* may be NULL */
};

/* In functions_*.c; each ends with a NULL name. */
extern const struct kql_function kql_text_functions[], kql_pattern_functions[], kql_time_functions[],
	kql_convert_functions[], kql_number_functions[], kql_dynamic_functions[], kql_set_functions[], kql_net_functions[],
	kql_choice_functions[], kql_code_functions[], kql_window_functions[],
	kql_path_functions[], kql_array_functions[], kql_net6_functions[], kql_chance_functions[], kql_unicode_functions[];

kql_call kql_call_parse_xml; /* functions_xml.c */

const struct kql_function *kql_function_find(const char *name);

/* Checks the arguments (themselves checked) against the parameters of node->function; the type of its result. */
bool kql_check_arguments(struct kql_scope *scope, struct kql_node *node);
enum kql_type kql_result_type(const struct kql_node *node);
enum kql_shape kql_result_shape(const struct kql_node *node);

/* For implementations. */
struct kql_slice kql_arg_text(struct kql_context *context, const struct kql_value *arg);
/* Copies out into the context's arena as a value; fails the row if it is over KQL_VALUE_LIMIT. */
struct kql_value kql_result_text(struct kql_context *context, enum kql_type type, const GString *out);
bool kql_arg_is_array(const struct kql_value *arg);
bool kql_arg_is_bag(const struct kql_value *arg);
/* The constant text of an argument; NULL with error set if it is none. */
const char *kql_constant_text(struct kql_scope *scope, const struct kql_node *node, size_t arg);

#endif
