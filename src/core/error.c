#include "config.h"
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
	va_list args;

	if (error == NULL || error->kind != ERROR_NONE)
		return false;
	memset(error, 0, sizeof *error);
	error->kind = kind;
	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	return false;
}

bool error_set_errno(struct error *error, enum error_kind kind, int errnum, const char *format, ...)
{
	va_list args;
	size_t used;

	if (error == NULL || error->kind != ERROR_NONE)
		return false;
	memset(error, 0, sizeof *error);
	error->kind = kind;
	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	used = strlen(error->text);
	snprintf(error->text + used, sizeof error->text - used, ": %s", strerror(errnum));
	return false;
}

void error_hint(struct error *error, const char *format, ...)
{
	va_list args;

	if (error == NULL || error->kind == ERROR_NONE)
		return;
	va_start(args, format);
	vsnprintf(error->hint, sizeof error->hint, format, args);
	va_end(args);
}

void error_code(struct error *error, const char *code, const char *target)
{
	if (error == NULL || error->kind == ERROR_NONE)
		return;
	snprintf(error->code, sizeof error->code, "%s", code != NULL ? code : "");
	snprintf(error->target, sizeof error->target, "%s", target != NULL ? target : "");
}

void error_at(struct error *error, const char *file, unsigned line, unsigned column)
{
	if (error == NULL || error->kind == ERROR_NONE)
		return;
	if (file != NULL)
		snprintf(error->file, sizeof error->file, "%s", file);
	error->line = line;
	error->column = column;
}

void error_prefix(struct error *error, const char *format, ...)
{
	char old[ERROR_TEXT_SIZE];
	va_list args;
	size_t used;

	if (error == NULL || error->kind == ERROR_NONE)
		return;
	memcpy(old, error->text, sizeof old);
	va_start(args, format);
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	used = strlen(error->text);
	snprintf(error->text + used, sizeof error->text - used, ": %s", old);
}

void error_clear(struct error *error)
{
	if (error != NULL)
		memset(error, 0, sizeof *error);
}

bool error_copy(struct error *to, const struct error *from)
{
	if (to != NULL && to->kind == ERROR_NONE)
		*to = *from;
	return false;
}

int error_status(enum error_kind kind)
{
	static const int status[] = {
		[ERROR_NONE] = 0, [ERROR_FAILED] = 1, [ERROR_USAGE] = 2,
		[ERROR_SIGN_IN] = 3, [ERROR_PARTIAL] = 4, [ERROR_INTERRUPTED] = 130,
	};

	return status[kind];
}

enum error_kind error_worse(enum error_kind a, enum error_kind b)
{
	static const int rank[] = {
		[ERROR_NONE] = 0, [ERROR_PARTIAL] = 1, [ERROR_FAILED] = 2,
		[ERROR_SIGN_IN] = 3, [ERROR_USAGE] = 4, [ERROR_INTERRUPTED] = 5,
	};

	return rank[a] >= rank[b] ? a : b;
}
