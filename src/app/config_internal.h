/* Only for config_file.c and profile.c. */
#ifndef APP_CONFIG_INTERNAL_H
#define APP_CONFIG_INTERNAL_H

#include "app/profile.h"

struct config {
	char *path;
	struct keyfile *keyfile;
};

/* Adds file and line to the error; false. */
bool config_fault(const struct config *config, unsigned line, struct error *error);
char *config_relative(const struct config *config, const char *path);
bool config_check_profile(const struct config *config, const char *name, struct error *error);

#endif
