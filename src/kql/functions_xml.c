/* parse_xml(text): elements, attributes and texts as JSON; everything else is passed over (dataexplorer-docs,
 * parse-xml-function.md). A null where the text is no XML or over a megabyte, as documented. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define XML_SIZE_LIMIT (1024 * 1024) /* bytes */

/* An element that is open. */
struct xml_element {
	GPtrArray *names;   /* of members, in the order in which they came first */
	GHashTable *values; /* name: GPtrArray of JSON texts (GString) */
	GString *text;      /* what stands between the other elements */
};

struct xml_reading {
	GPtrArray *open; /* struct xml_element; the first holds the root alone */
};

static void xml_value_free(gpointer data)
{
	g_string_free(data, TRUE);
}

static void xml_values_free(gpointer data)
{
	g_ptr_array_unref(data);
}

static struct xml_element *xml_element_new(void)
{
	struct xml_element *element = g_new0(struct xml_element, 1);

	element->names = g_ptr_array_new_with_free_func(g_free);
	element->values = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, xml_values_free);
	element->text = g_string_new(NULL);
	return element;
}

static void xml_element_free(gpointer data)
{
	struct xml_element *element = data;

	g_hash_table_destroy(element->values);
	g_ptr_array_unref(element->names);
	g_string_free(element->text, TRUE);
	g_free(element);
}

/* Takes the name and the value over; a new name comes at the place. */
static void xml_add(struct xml_element *element, guint place, char *name, GString *value)
{
	GPtrArray *values = g_hash_table_lookup(element->values, name);

	if (values == NULL) {
		values = g_ptr_array_new_with_free_func(xml_value_free);
		g_ptr_array_insert(element->names, (gint)place, name);
		g_hash_table_insert(element->values, name, values);
	} else {
		g_free(name);
	}
	g_ptr_array_add(values, value);
}

static GString *xml_string(const char *text, size_t length)
{
	GString *json = g_string_new(NULL);

	kql_json_append_string(json, text, length);
	return json;
}

static void xml_append_values(GString *out, const GPtrArray *values)
{
	if (values->len > 1)
		g_string_append_c(out, '[');
	for (guint n = 0; n < values->len; n++) {
		const GString *value = g_ptr_array_index(values, n);

		if (n != 0)
			g_string_append_c(out, ',');
		g_string_append_len(out, value->str, (gssize)value->len);
	}
	if (values->len > 1)
		g_string_append_c(out, ']');
}

/* An element without members is its text, or null. */
static GString *xml_element_json(struct xml_element *element)
{
	GString *out;
	guint attributes = 0;

	g_strstrip(element->text->str);
	element->text->len = strlen(element->text->str);
	if (element->names->len == 0)
		return element->text->len != 0 ? xml_string(element->text->str, element->text->len) : g_string_new("null");
	while (attributes < element->names->len && *(const char *)g_ptr_array_index(element->names, attributes) == '@')
		attributes++;
	if (element->text->len != 0)
		xml_add(element, attributes, g_strdup("#text"), xml_string(element->text->str, element->text->len));
	out = g_string_new("{");
	for (guint n = 0; n < element->names->len; n++) {
		const char *name = g_ptr_array_index(element->names, n);

		if (n != 0)
			g_string_append_c(out, ',');
		kql_json_append_string(out, name, strlen(name));
		g_string_append_c(out, ':');
		xml_append_values(out, g_hash_table_lookup(element->values, name));
	}
	g_string_append_c(out, '}');
	return out;
}

static void xml_start(GMarkupParseContext *context, const char *name, const char **names, const char **values, void *data,
	GError **error)
{
	struct xml_reading *reading = data;
	struct xml_element *element;

	(void)context;
	(void)name;
	/* An array of elements of one name nests once more than they do. */
	if (reading->open->len >= KQL_JSON_DEPTH / 2) {
		g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "nested too deep");
		return;
	}
	element = xml_element_new();
	for (size_t n = 0; names[n] != NULL; n++)
		xml_add(element, (guint)n, g_strconcat("@", names[n], NULL), xml_string(values[n], strlen(values[n])));
	g_ptr_array_add(reading->open, element);
}

static void xml_end(GMarkupParseContext *context, const char *name, void *data, GError **error)
{
	struct xml_reading *reading = data;
	struct xml_element *element = g_ptr_array_index(reading->open, reading->open->len - 1);
	struct xml_element *parent = g_ptr_array_index(reading->open, reading->open->len - 2);

	(void)context;
	(void)error;
	xml_add(parent, parent->names->len, g_strdup(name), xml_element_json(element));
	g_ptr_array_set_size(reading->open, (gint)reading->open->len - 1);
}

static void xml_text(GMarkupParseContext *context, const char *text, gsize length, void *data, GError **error)
{
	struct xml_reading *reading = data;
	struct xml_element *element = g_ptr_array_index(reading->open, reading->open->len - 1);

	(void)context;
	(void)error;
	g_string_append_len(element->text, text, (gssize)length);
}

void kql_call_parse_xml(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	static const GMarkupParser parser = { .start_element = xml_start, .end_element = xml_end, .text = xml_text };
	struct kql_slice text = kql_arg_text(context, &args[0]);
	struct xml_reading reading = { g_ptr_array_new_with_free_func(xml_element_free) };
	GMarkupParseContext *markup;

	(void)node;
	g_ptr_array_add(reading.open, xml_element_new());
	markup = g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reading, NULL);
	if (text.length <= XML_SIZE_LIMIT && g_markup_parse_context_parse(markup, text.text, (gssize)text.length, NULL) &&
		g_markup_parse_context_end_parse(markup, NULL)) {
		AUTO(g_string) GString *json = xml_element_json(g_ptr_array_index(reading.open, 0));

		if (json->str[0] == '{')
			*result = kql_result_text(context, KQL_DYNAMIC, json);
	}
	g_markup_parse_context_free(markup);
	g_ptr_array_unref(reading.open);
}
