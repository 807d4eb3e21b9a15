/* Where the client secret comes from: the environment, a file that only its owner can read, or a command. */
#ifndef NET_SECRET_H
#define NET_SECRET_H

#include "net/loop.h"
#include "net/service.h"

struct secret;

/* Texts of from are copied. */
struct secret *secret_new(struct loop *loop, const struct service_secret *from);
/* A command still running is ended; its caller is not told. */
void secret_free(struct secret *secret);
AUTO_DEFINE(secret_free, struct secret *)

/* Calls done once, maybe before it returns: with the secret, borrowed until the next turn of the loop, or NULL and the
 * error (ERROR_SIGN_IN). One call at a time. */
void secret_get(struct secret *secret, void (*done)(void *data, const char *value, const struct error *error), void *data);
/* The service refused it: the file or the command is asked anew next time. */
void secret_forget(struct secret *secret);

#endif
