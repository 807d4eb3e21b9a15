/* render and its properties. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "core/text.h"

/* The value of a property: the text of a literal, else its words up to the next ',' or ')'. */
static bool render_value(struct kql_parser *parser, GPtrArray *values)
{
	size_t start = parser->token.start, end = start;
	struct kql_slice text;
	int depth = 0;

	if (parser->token.kind == KQL_TOKEN_STRING) {
		if (!kql_parse_string(parser, &text))
			return false;
		g_ptr_array_add(values, (void *)text.text);
		return true;
	}
	if (kql_parser_at(parser, "[")) {
		const char *name = kql_parse_name(parser, "a column");

		g_ptr_array_add(values, (void *)name);
		return name != NULL;
	}
	while (depth > 0 || (!kql_parser_at(parser, ",") && !kql_parser_at(parser, ")"))) {
		if (parser->token.kind == KQL_TOKEN_END)
			return kql_parser_unexpected(parser, "')'");
		depth += kql_parser_at(parser, "(") ? 1 : kql_parser_at(parser, ")") ? -1 : 0;
		end = parser->token.start + parser->token.length;
		if (!kql_parser_next(parser))
			return false;
	}
	if (end == start)
		return kql_parser_unexpected(parser, "a value");
	g_ptr_array_add(values, (void *)kql_arena_copy(parser->arena, parser->lexer.text + start, end - start));
	return true;
}

static bool is_one_of(const char *word, const char *list)
{
	AUTO(g_strfreev) char **words = g_strsplit(list, " ", -1);

	return g_strv_contains((const char *const *)words, word);
}

/* What stands in the place of a word of the list: the nearest one, else all. */
static void hint_words(struct kql_parser *parser, const char *word, const char *list)
{
	AUTO(g_strfreev) char **words = g_strsplit(list, " ", -1);
	const char *near = text_nearest(word, (const char *const *)words);

	if (near != NULL)
		error_hint(parser->error, "did you mean '%s'?", near);
	else
		error_hint(parser->error, "it is one of: %s", list);
}

/* Which properties there are, and of some which values (Microsoft's parser). */
static bool check_property(struct kql_parser *parser, const struct kql_render_property *property, bool text)
{
	static const struct {
		const char *name, *values;
	} known[] = {
		{ "kind", "default unstacked stacked stacked100 map" }, { "legend", "visible hidden" },
		{ "ysplit", "none axes panels" }, { "xaxis", "linear log" }, { "yaxis", "linear log" },
		{ "accumulate", "true false True False TRUE FALSE" }, { "title", NULL }, { "xtitle", NULL }, { "ytitle", NULL },
		{ "xcolumn", NULL }, { "ycolumns", NULL }, { "series", NULL }, { "anomalycolumns", NULL }, { "ymin", NULL },
		{ "ymax", NULL }, { "xmin", NULL }, { "xmax", NULL },
	};

	for (size_t n = 0; n < G_N_ELEMENTS(known); n++) {
		if (strcmp(known[n].name, property->name) != 0)
			continue;
		/* A title is no number, and a bound of an axis no text. */
		if (text ? strlen(property->name) == 4 && strchr("xy", *property->name) != NULL && property->name[1] == 'm' :
			g_str_has_suffix(property->name, "title") && g_ascii_isdigit(property->values[0][0]))
			return kql_parser_fault(parser, property->at, "the property '%s' of render is %s", property->name,
				text ? "no text" : "a text");
		if (known[n].values == NULL || is_one_of(property->values[0], known[n].values))
			return true;
		kql_parser_fault(parser, property->at, "'%.40s' is no value of the property '%s'", property->values[0], property->name);
		hint_words(parser, property->values[0], known[n].values);
		return false;
	}
	return kql_parser_fault(parser, property->at, "unknown property '%.40s' of render", property->name);
}

/* name = value [, value ...]: what has no '=' behind it is one more value. */
static bool render_property(struct kql_parser *parser, struct kql_render_property *property)
{
	AUTO(g_ptr_array_unref) GPtrArray *values = g_ptr_array_new();
	const char **copy;
	bool fine, text;

	if (parser->token.kind != KQL_TOKEN_NAME)
		return kql_parser_unexpected(parser, "a property");
	property->at = parser->token.start;
	property->name = kql_parser_word(parser, &parser->token);
	fine = kql_parser_next(parser) && kql_parser_expect(parser, "=");
	text = parser->token.kind == KQL_TOKEN_STRING;
	fine = fine && render_value(parser, values);
	while (fine && kql_parser_at(parser, ",")) {
		struct kql_parser ahead = *parser;

		if (!kql_parser_next(&ahead))
			return kql_parser_next(parser);
		if (ahead.token.kind == KQL_TOKEN_NAME && kql_parser_peek(&ahead).kind == KQL_TOKEN_OPERATOR) {
			struct kql_token sign = kql_parser_peek(&ahead);

			if (kql_token_is(&ahead.lexer, &sign, "="))
				break;
		}
		fine = kql_parser_next(parser) && render_value(parser, values);
	}
	copy = kql_arena_zero(parser->arena, (values->len + 1) * sizeof *copy);
	for (guint n = 0; n < values->len; n++)
		copy[n] = values->pdata[n];
	property->values = copy;
	return fine && check_property(parser, property, text);
}

static bool render_properties(struct kql_parser *parser, struct kql_render *render)
{
	AUTO(g_array_unref) GArray *properties = g_array_new(FALSE, FALSE, sizeof(struct kql_render_property));
	struct kql_render_property *copy;

	if (!kql_parser_expect(parser, "("))
		return false;
	while (!kql_parser_at(parser, ")")) {
		struct kql_render_property property;

		if (!render_property(parser, &property))
			return false;
		g_array_append_val(properties, property);
		if (!kql_parser_take(parser, ","))
			break;
	}
	render->count = properties->len;
	render->properties = copy = kql_arena_alloc(parser->arena, (properties->len + 1) * sizeof *copy);
	if (properties->len != 0)
		memcpy(copy, properties->data, properties->len * sizeof *copy);
	return kql_parser_expect(parser, ")");
}

static const char charts[] = "table list barchart piechart ladderchart timechart linechart anomalychart pivotchart areachart "
	"stackedareachart scatterchart timepivot columnchart timeline 3Dchart card treemap plotly graph sankey";

/* render KIND [with (...)]: how to draw is left to who shows the result. */
bool kql_parse_render(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_render *render = kql_arena_zero(parser->arena, sizeof *render);

	if (parser->token.kind != KQL_TOKEN_NAME)
		return kql_parser_unexpected(parser, "a kind of chart");
	render->at = parser->token.start;
	render->kind = kql_parser_word(parser, &parser->token);
	if (!is_one_of(render->kind, charts)) {
		kql_parser_fault(parser, render->at, "unknown kind of chart '%.40s'", render->kind);
		hint_words(parser, render->kind, charts);
		return false;
	}
	step->render = render;
	return kql_parser_next(parser) && (!kql_parser_take(parser, "with") || render_properties(parser, render));
}
